//! The options of a session's sockets: what the worker reads, and the one table that says how each is called, typed,
//! limited and explained. Files, flags, the window and the documentation take theirs from it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::problem::duration_in;
use super::websocket::close_as_typed;
use super::zone;
use super::{
    Backoff, ClientCertificates, Expected, Fault, Format, Group, Layers, Legs, Protocol, Proxy, RelayFaults,
    Rotation, SendAs, Short, ShortUntil, Tls, WebSocket,
};
use crate::codec::number;

/// Options of the sockets of one session.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the system's own")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `TCP_NODELAY`: small writes go at once.
    pub nodelay: bool,
    /// `SO_KEEPALIVE`; `None` for [`KeepAlive::USUAL`] with a server, and off with a client.
    pub keepalive: Option<KeepAlive>,
    /// `SO_SNDBUF` in bytes, `None` for the system's default.
    pub send_buffer: Option<u32>,
    /// `SO_RCVBUF` in bytes, `None` for the default: the system's for TCP, 8 MiB for UDP.
    pub receive_buffer: Option<u32>,
    /// Close with RST instead of FIN (`SO_LINGER` 0).
    pub abort_on_close: bool,
    /// Keep the connection for sending after the peer's FIN, until it is closed on demand. Without it
    /// our side closes as well, once all that waits is sent.
    pub half_open: bool,
    /// How long one attempt to connect may take, and each handshake.
    pub connect_timeout: Duration,
    /// Connect to the upstream server once the client has sent something (TCP relay).
    pub connect_on_data: bool,
    /// Call again when there was no connection to be made or when it was lost, until the session is
    /// closed (TCP client); `None` to end the session then.
    pub reconnect: Option<Backoff>,
    /// Keep no connection: make one for each message (TCP client); `None` to keep one. Then nothing is called
    /// before there is something to send, and `reconnect` is of no meaning.
    pub short: Option<Short>,
    /// How long a relay with rules that decide withholds what is no message yet (TCP relay).
    pub pass_after: Duration,
    /// The longest answer of a rule, in bytes.
    pub max_answer: usize,
    /// Bytes that unfinished messages and waiting answers may take in memory together, over all peers.
    pub rule_memory: u64,
    /// The most answers of rules in a second, over all peers; further ones wait.
    pub answer_rate: Option<NonZeroU32>,
    /// Drop answers for a peer that reads too slowly instead of resetting its connection (TCP).
    pub keep_slow: bool,
    /// `SO_BROADCAST`: sending to broadcast addresses is allowed.
    pub broadcast: bool,
    /// Time to live, or hop limit, of multicast datagrams sent, 0 to 255.
    pub multicast_ttl: u8,
    /// Multicast datagrams sent are also seen by this machine.
    pub multicast_loopback: bool,
    /// When the capture goes on in another file; `None` for never.
    pub rotate: Option<Rotation>,
    /// The format of the log that is written beside the capture.
    pub log_format: Format,
    /// By which interface multicast datagrams leave: an address of it (IPv4).
    pub multicast_interface: Option<Ipv4Addr>,
    /// By which interface multicast datagrams leave: its index (IPv6), 0 for the system's choice.
    pub multicast_scope: u32,
    /// How connections are encrypted (TCP).
    pub tls: Tls,
    /// How connections speak WebSocket (TCP).
    pub ws: WebSocket,
    /// What is recorded of connections with TLS or WebSocket.
    pub layers: Layers,
    /// The proxy through which connections are made (TCP client, TCP relay).
    pub proxy: Option<Proxy>,
}

/// Whether and when idle connections are probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAlive {
    /// Never.
    Off,
    /// At the system's intervals.
    System,
    /// The idle time before the first probe, the interval of further ones, and how many unanswered ones mean a lost peer.
    Probes(Duration, Duration, u8),
}

impl KeepAlive {
    /// Notices a lost peer within two minutes.
    pub const USUAL: Self = Self::Probes(Duration::from_mins(1), Duration::from_secs(10), 5);

    /// What is in force in a session of this protocol.
    pub fn of(options: &Options, protocol: Protocol) -> Self {
        options.keepalive.unwrap_or(if protocol.accepts() { Self::USUAL } else { Self::Off })
    }

    /// Parses what [`Display`](fmt::Display) writes; `true` and `false` are the former names of `system` and `off`.
    fn parse(text: &str) -> Result<Self, Fault> {
        // Within the limits of every system.
        const TIMES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(9);
        match text {
            "off" | "false" => return Ok(Self::Off),
            "system" | "true" => return Ok(Self::System),
            _ => {}
        }
        let parts: Vec<&str> = text.split([' ', ',']).filter(|part| !part.is_empty()).collect();
        let &[idle, interval, count] = parts.as_slice() else { return Err(Expected::KeepAlive.into()) };
        let time = |text| duration_in(text, TIMES);
        Ok(Self::Probes(time(idle)?, time(interval)?, number::parse_in(count, 1..=100)?))
    }
}

impl fmt::Display for KeepAlive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::System => f.write_str("system"),
            Self::Probes(idle, interval, count) => {
                write!(f, "{}s {}s {count}", idle.as_secs_f64(), interval.as_secs_f64())
            }
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodelay: true,
            keepalive: None,
            send_buffer: None,
            receive_buffer: None,
            abort_on_close: false,
            half_open: false,
            connect_timeout: Duration::from_secs(5),
            connect_on_data: false,
            reconnect: None,
            short: None,
            pass_after: Duration::from_secs(1),
            max_answer: 16 << 20,
            rule_memory: 256 << 20,
            answer_rate: None,
            keep_slow: false,
            broadcast: true,
            rotate: None,
            log_format: Format::Text,
            multicast_ttl: 1,
            multicast_loopback: true,
            multicast_interface: None,
            multicast_scope: 0,
            tls: Tls::default(),
            ws: WebSocket::default(),
            layers: Layers::Both,
            proxy: None,
        }
    }
}

/// How an option is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// On or off.
    Flag {
        /// Whether it is on unless it is set.
        usual: bool,
    },
    /// One of these words, or nothing.
    Choice(&'static [&'static str]),
    /// A text.
    Text {
        /// What it stands for, as the help shows it: `DURATION`.
        value: &'static str,
        /// What is in force while nothing is typed; may be empty.
        usual: &'static str,
        /// Another value.
        example: &'static str,
    },
}

/// Where the window shows an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Under Options, which is folded at first.
    Options,
    /// Under Options, among what concerns multicast; it can be changed while the session is open.
    Multicast,
    /// Beside the send box.
    Send,
    /// In the panel of faults; it can be changed while the session is open.
    Faults,
    /// Beside the head of more options; all but the first are shown while TLS is on.
    Tls,
    /// The same with WebSocket.
    WebSocket,
    /// In place of the upstream address of a relay.
    Upstream,
}

/// One option: how it is called, typed and explained, and what it sets.
#[derive(Debug)]
pub struct OptionSpec {
    /// Its key in files and its long flag. Language files have its words under the same name.
    pub name: &'static str,
    /// How it is typed.
    pub typed: Typed,
    /// The protocols that use it.
    pub protocols: &'static [Protocol],
    /// What it does, for `--help` and the documentation.
    pub help: &'static str,
    set: fn(&mut Options, &str) -> Result<(), Fault>,
}

impl OptionSpec {
    /// The option of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        OPTIONS.iter().find(|spec| spec.name == name)
    }

    /// Whether sessions of `protocol` use it.
    pub fn is_for(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }

    /// Where the window shows it.
    pub fn place(&self) -> Place {
        match self.name {
            "short" | "short-wait" => Place::Send,
            "fault" | "seed" => Place::Faults,
            "join" | "interface" => Place::Multicast,
            "socks" => Place::Upstream,
            "tls-min" => Place::Options,
            name if name == "tls" || name.starts_with("tls-") => Place::Tls,
            name if name == "ws" || name.starts_with("ws-") => Place::WebSocket,
            _ => Place::Options,
        }
    }

    /// The options of which one must be set, so that it has an effect in a session of `protocol`; none if it always has.
    pub fn needs(&self, protocol: Protocol) -> &'static [&'static str] {
        match self.name {
            "tls-key" => &["tls-cert"],
            "tls-ca" if protocol == Protocol::TcpServer => &["tls-clients"],
            "keylog" => &["tls"],
            "record" => &["tls", "ws"],
            "connect-timeout" if protocol == Protocol::TcpServer => &["tls", "ws"],
            "short-wait" => &["short"],
            "seed" => &["fault"],
            "keep" => &["rotate"],
            "log-format" => &["log-file"],
            name if name.starts_with("tls-") => &["tls"],
            name if name.starts_with("ws-") => &["ws"],
            _ => &[],
        }
    }

    /// The option with which it has no effect, or an option and its value.
    pub fn gives_way_to(&self) -> Option<&'static str> {
        match self.name {
            "half-open" => Some("ws"),
            "reconnect" => Some("short"),
            "connect-on-data" => Some("socks"),
            "tls-name" | "tls-insecure" => Some("tls-legs clients"),
            "tls-clients" => Some("tls-legs upstream"),
            "ws-path" | "ws-origin" | "ws-header" => Some("ws-legs clients"),
            _ => None,
        }
    }

    /// The rules of a session without which it has no effect: any, or those that decide on messages of a relay. `None` if it
    /// has one without.
    pub fn needs_rules(&self, protocol: Protocol) -> Option<&'static [&'static str]> {
        match self.name {
            "max-answer" | "answer-rate" | "rule-memory" => Some(&[Self::RULES]),
            "keep-slow" if !protocol.relays() => Some(&[Self::RULES]),
            "pass-after" => Some(&[Self::DECIDING, "fault"]),
            _ => None,
        }
    }

    /// Stands for rules of any kind among what an option needs.
    pub const RULES: &str = "[[rule]]";

    /// Stands for rules that decide what a relay passes on.
    pub const DECIDING: &str = "[[rule]] with then = replace, drop or hold";

    /// The flag as the help shows it.
    pub fn flag(&self) -> String {
        match self.typed {
            Typed::Flag { .. } | Typed::Choice(_) => format!("--{}", self.name),
            Typed::Text { value, .. } => format!("--{} <{value}>", self.name),
        }
    }

    /// What is in force while nothing is typed.
    pub fn usual(&self) -> &'static str {
        match self.typed {
            Typed::Flag { usual: true } => "true",
            Typed::Flag { usual: false } => "false",
            Typed::Choice(_) => "",
            Typed::Text { usual, .. } => usual,
        }
    }

    /// A value other than the usual one, for the documentation.
    pub fn example(&self) -> &'static str {
        match self.typed {
            Typed::Flag { usual: true } => "false",
            Typed::Flag { usual: false } => "true",
            Typed::Choice(words) => words.last().copied().unwrap_or_default(),
            Typed::Text { example, .. } => example,
        }
    }

    /// Sets the option from what was typed; a blank text changes nothing.
    ///
    /// # Errors
    /// When the text is not a value of this option.
    pub fn set(&self, options: &mut Options, text: &str) -> Result<(), Fault> {
        let text = text.trim();
        if text.is_empty() { Ok(()) } else { (self.set)(options, text).map_err(|fault| fault.of_text(text)) }
    }

    /// What is wrong with a text as the value of this option.
    ///
    /// # Errors
    /// When the text is not a value of this option.
    pub fn check(&self, text: &str) -> Result<(), Fault> {
        self.set(&mut Options::default(), text)
    }
}

const TCP: &[Protocol] = &[Protocol::TcpClient, Protocol::TcpServer, Protocol::TcpRelay];
const ENDS: &[Protocol] = &[Protocol::TcpClient, Protocol::TcpServer];
const CALLERS: &[Protocol] = &[Protocol::TcpClient, Protocol::TcpRelay];
const RELAYS: &[Protocol] = &[Protocol::TcpRelay, Protocol::UdpRelay];
const TCP_RELAY: &[Protocol] = &[Protocol::TcpRelay];
const CLIENT: &[Protocol] = &[Protocol::TcpClient];
const ACCEPTORS: &[Protocol] = &[Protocol::TcpServer, Protocol::TcpRelay];
const UDP: &[Protocol] = &[Protocol::Udp];
const ALL: &[Protocol] = &Protocol::ALL;

const OFF: Typed = Typed::Flag { usual: false };
const ON: Typed = Typed::Flag { usual: true };
const DURATION: Typed = Typed::Text { value: "DURATION", usual: "5s", example: "250ms" };
const KIB: Typed = Typed::Text { value: "KIB", usual: "", example: "64" };
const PEM: Typed = Typed::Text { value: "FILE", usual: "", example: "file.pem" };

/// The formats of a log that is written while the session runs.
const LOG_FORMATS: &[&str] =
    &["text", "netassist", "netassist5", "hexdump", "csv", "jsonl", "raw-rx", "raw-tx"];

/// Every option, in the order in which the window and the help list them.
pub static OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "tls",
        typed: OFF,
        protocols: TCP,
        help: "Encrypt with TLS 1.2 or 1.3. A server without --tls-cert issues certificates by an authority of your own, \
               which is made at the first use",
        set: |options, text| flag(text).map(|on| options.tls.on = on),
    },
    OptionSpec {
        name: "tls-legs",
        typed: Typed::Text { value: "LEGS", usual: "both", example: "clients" },
        protocols: TCP_RELAY,
        help: "Which legs of a relay --tls encrypts: both, clients (the client's side) or upstream (the server's side)",
        set: |options, text| one_of(text, &Legs::ALL, Legs::NAMES).map(|legs| options.tls.legs = legs),
    },
    OptionSpec {
        name: "tls-name",
        typed: Typed::Text { value: "NAME", usual: "", example: "example.org" },
        protocols: CALLERS,
        help: "Server name to ask for (SNI) and to check in its certificate; unless set, the host that is connected to",
        set: |options, text| {
            options.tls.name = Some(is_name(text).then(|| text.to_owned()).ok_or(Expected::Host)?);
            Ok(())
        },
    },
    OptionSpec {
        name: "tls-insecure",
        typed: OFF,
        protocols: CALLERS,
        help: "Go on if the server's certificate is not trusted, and note what is wrong with it",
        set: |options, text| flag(text).map(|on| options.tls.insecure = on),
    },
    OptionSpec {
        name: "tls-ca",
        typed: PEM,
        protocols: TCP,
        help: "Trusted authorities (PEM) instead of those of the system; of a server, those of its clients",
        set: |options, text| file(&mut options.tls.ca, text),
    },
    OptionSpec {
        name: "tls-cert",
        typed: PEM,
        protocols: TCP,
        help: "Own certificate with its chain (PEM)",
        set: |options, text| file(&mut options.tls.cert, text),
    },
    OptionSpec {
        name: "tls-key",
        typed: PEM,
        protocols: TCP,
        help: "Private key of --tls-cert (PEM); unless set, in the same file",
        set: |options, text| file(&mut options.tls.key, text),
    },
    OptionSpec {
        name: "tls-alpn",
        typed: Typed::Text { value: "PROTOCOLS", usual: "", example: "h2 http/1.1" },
        protocols: TCP,
        help: "Application protocols to agree on (ALPN), separated by spaces, the preferred one first",
        set: |options, text| {
            let names = text.split([' ', ',']).filter(|name| !name.is_empty());
            options.tls.alpn = names.map(str::to_owned).collect();
            let fits = |name: &String| u8::try_from(name.len()).is_ok();
            if options.tls.alpn.iter().all(fits) { Ok(()) } else { Err(Fault::TooLong(255)) }
        },
    },
    OptionSpec {
        name: "tls-min",
        typed: Typed::Text { value: "VERSION", usual: "1.2", example: "1.3" },
        protocols: TCP,
        help: "Lowest version of TLS: 1.2 or 1.3",
        set: |options, text| {
            one_of(text, &[false, true], &["1.2", "1.3"]).map(|only_1_3| options.tls.only_1_3 = only_1_3)
        },
    },
    OptionSpec {
        name: "tls-clients",
        typed: Typed::Text { value: "WHETHER", usual: "no", example: "ask" },
        protocols: ACCEPTORS,
        help: "Ask clients for certificates: no, ask (and note what is wrong with one) or require (one that --tls-ca trusts)",
        set: |options, text| {
            let clients = one_of(text, &ClientCertificates::ALL, ClientCertificates::NAMES)?;
            options.tls.clients = clients;
            Ok(())
        },
    },
    OptionSpec {
        name: "ws",
        typed: OFF,
        protocols: TCP,
        help: "Speak WebSocket, over TCP or, with --tls, over TLS; ws://HOST:PORT/PATH or wss:// in place of an address sets it",
        set: |options, text| flag(text).map(|on| options.ws.on = on),
    },
    OptionSpec {
        name: "ws-legs",
        typed: Typed::Text { value: "LEGS", usual: "both", example: "clients" },
        protocols: TCP_RELAY,
        help: "Which legs of a relay speak WebSocket: both, clients (the client's side) or upstream (the server's side)",
        set: |options, text| one_of(text, &Legs::ALL, Legs::NAMES).map(|legs| options.ws.legs = legs),
    },
    OptionSpec {
        name: "ws-path",
        typed: Typed::Text { value: "PATH", usual: "", example: "/chat?room=1" },
        protocols: CALLERS,
        help: "Path and query to ask for; unless set, / or, in a relay, what the client asks for",
        set: |options, text| {
            let is_path = text.starts_with('/') && text.chars().all(|c| c.is_ascii_graphic() && c != '#');
            options.ws.path = Some(is_path.then(|| text.to_owned()).ok_or(Expected::Path)?);
            Ok(())
        },
    },
    OptionSpec {
        name: "ws-protocol",
        typed: Typed::Text { value: "PROTOCOLS", usual: "", example: "chat superchat" },
        protocols: TCP,
        help: "Subprotocols to offer or, as a server, to choose from, separated by spaces, the preferred one first",
        set: |options, text| {
            let names = text.split([' ', ',']).filter(|name| !name.is_empty());
            options.ws.protocols = names.map(str::to_owned).collect();
            if options.ws.protocols.iter().all(|name| is_token(name)) {
                Ok(())
            } else {
                Err(Expected::Token.into())
            }
        },
    },
    OptionSpec {
        name: "ws-origin",
        typed: Typed::Text { value: "ORIGIN", usual: "", example: "https://example.org" },
        protocols: CALLERS,
        help: "Origin to state, as a browser would",
        set: |options, text| {
            let is_origin =
                text == "null" || text.contains("://") && text.chars().all(|c| c.is_ascii_graphic());
            options.ws.origin = Some(is_origin.then(|| text.to_owned()).ok_or(Expected::Origin)?);
            Ok(())
        },
    },
    OptionSpec {
        name: "ws-header",
        typed: Typed::Text { value: "HEADER", usual: "", example: "X-Token: abc" },
        protocols: CALLERS,
        help: "A header field to add to the request, NAME: VALUE; repeatable, in a file one line each or with | between",
        set: |options, text| {
            options.ws.headers = text
                .lines()
                .flat_map(|line| line.split(" | "))
                .filter(|line| !line.trim().is_empty())
                .map(header)
                .collect::<Result<_, _>>()?;
            Ok(())
        },
    },
    OptionSpec {
        name: "ws-send",
        typed: Typed::Text { value: "KIND", usual: "auto", example: "binary" },
        protocols: TCP,
        help: "What messages are sent as: text (what is not UTF-8, as binary), binary or auto: as text if they are UTF-8, were not \
               typed in hex and are no file",
        set: |options, text| one_of(text, &SendAs::ALL, SendAs::NAMES).map(|send| options.ws.send = send),
    },
    OptionSpec {
        name: "ws-close",
        typed: Typed::Text { value: "CODE", usual: "", example: "1001 going away" },
        protocols: TCP,
        help: "Code and reason with which this side closes a WebSocket; 1000 unless set",
        set: |options, text| close_as_typed(text).map(|close| options.ws.close = Some(close)),
    },
    OptionSpec {
        name: "ws-ping",
        typed: Typed::Text { value: "DURATION", usual: "", example: "20s" },
        protocols: TCP,
        help: "Send a ping over each WebSocket at this interval",
        set: |options, text| wait(text).map(|every| options.ws.ping = Some(every)),
    },
    OptionSpec {
        name: "record",
        typed: Typed::Text { value: "WHAT", usual: "both", example: "plain" },
        protocols: TCP,
        help: "What is recorded of TLS and WebSocket: both (the bytes on the wire with their keys, and what they carry), wire or plain",
        set: |options, text| one_of(text, &Layers::ALL, Layers::NAMES).map(|layers| options.layers = layers),
    },
    OptionSpec {
        name: "keylog",
        typed: Typed::Text { value: "FILE", usual: "", example: "keys.log" },
        protocols: TCP,
        help: "Also append the TLS keys to this file (NSS key log format)",
        set: |options, text| file(&mut options.tls.keylog, text),
    },
    OptionSpec {
        name: "nodelay",
        typed: ON,
        protocols: TCP,
        help: "Send small writes immediately (TCP_NODELAY)",
        set: |options, text| flag(text).map(|on| options.nodelay = on),
    },
    OptionSpec {
        name: "keep-alive",
        typed: Typed::Text { value: "PROBES", usual: "", example: "30s 5s 3" },
        protocols: TCP,
        help: "Probe idle connections to detect lost peers (SO_KEEPALIVE): off, at the system's intervals, or idle time, \
               interval and number of probes; unless set, off for a client, and 60s 10s 5 for a server",
        set: |options, text| KeepAlive::parse(text).map(|keep| options.keepalive = Some(keep)),
    },
    OptionSpec {
        name: "abort-on-close",
        typed: OFF,
        protocols: TCP,
        help: "Close with RST instead of FIN (SO_LINGER 0); unsent data is discarded",
        set: |options, text| flag(text).map(|on| options.abort_on_close = on),
    },
    OptionSpec {
        name: "half-open",
        typed: OFF,
        protocols: ENDS,
        help: "Keep a connection open for sending after the peer has closed its side (FIN)",
        set: |options, text| flag(text).map(|on| options.half_open = on),
    },
    OptionSpec {
        name: "reconnect",
        typed: OFF,
        protocols: CLIENT,
        help: "Reconnect after 1, 2, 4, 8, 16, then every 30 seconds when the connection fails or is lost. On the \
               command line, --send starts over, and the end of standard input does not close the connection",
        set: |options, text| flag(text).map(|on| options.reconnect = on.then(Backoff::default)),
    },
    OptionSpec {
        name: "connect-timeout",
        typed: DURATION,
        protocols: TCP,
        help: "Time limit for one connection attempt, and for each handshake with a proxy, TLS or WebSocket after it; as a \
               server, for those of clients",
        set: |options, text| wait(text).map(|wait| options.connect_timeout = wait),
    },
    OptionSpec {
        name: "connect-on-data",
        typed: OFF,
        protocols: TCP_RELAY,
        help: "Connect to the upstream server once the client has sent something, instead of as soon as it comes (not with \
               --socks)",
        set: |options, text| flag(text).map(|on| options.connect_on_data = on),
    },
    OptionSpec {
        name: "proxy",
        typed: Typed::Text { value: "URL", usual: "", example: "socks5h://127.0.0.1:1080" },
        protocols: CALLERS,
        help: "Connect through a proxy: socks5h://HOST:PORT (the proxy looks up names), socks5:// (names are looked up here) or \
               http:// (CONNECT), with USER@ before HOST if it wants one; the password is read from the environment variable \
               NETASSIST_PROXY_PASSWORD",
        set: |options, text| text.parse().map(|proxy| options.proxy = Some(proxy)),
    },
    OptionSpec {
        name: "socks",
        typed: OFF,
        protocols: TCP_RELAY,
        help: "Be a SOCKS5 proxy, also for CONNECT of HTTP: each client names the server that it wants. For everybody who can reach \
               the address; no password is asked",
        set: |_options, text| flag(text).map(drop),
    },
    OptionSpec {
        name: "fault",
        typed: Typed::Text { value: "FAULTS", usual: "", example: "down:delay=100ms~20ms,loss=5%" },
        protocols: RELAYS,
        help: "Faults in what a relay passes on, up: or down: or both, e.g. down:delay=100ms~20ms,loss=5%; repeatable, one line \
               each in a file. delay=D[~JITTER], rate=BYTES, loss=P%, burst=N, corrupt=P%, bits=N, duplicate=P%, and for TCP \
               cut=P%, join=P%, slice=N, pause=N:TIME, stall=N, close=N or TIME, reset=N or TIME, for UDP reorder=P%, size=N; \
               last match=REGEX",
        set: |_options, text| RelayFaults::parse(text, 0).map(drop),
    },
    OptionSpec {
        name: "seed",
        typed: Typed::Text { value: "N", usual: "0", example: "7" },
        protocols: RELAYS,
        help: "Seed of --fault: the same messages are lost, delayed and so on in each run with the same seed",
        set: |_options, text| number::parse_in(text, 0..=i64::MAX).map(drop).map_err(Fault::from),
    },
    OptionSpec {
        name: "pass-after",
        typed: Typed::Text { value: "DURATION", usual: "1s", example: "250ms" },
        protocols: TCP_RELAY,
        help: "With rules that replace or drop messages, pass on what is no whole message under the framing after this time \
               without more of it",
        set: |options, text| wait(text).map(|wait| options.pass_after = wait),
    },
    OptionSpec {
        name: "short",
        typed: Typed::Choice(ShortUntil::NAMES),
        protocols: CLIENT,
        help: "Use a new connection for each message: connect, send, wait for the first message of the response \
               (answer), for the peer to close (close) or for nothing (sent), then close",
        set: |options, text| {
            let until = one_of(text, &ShortUntil::ALL, ShortUntil::NAMES)?;
            options.short = Some(Short { until, ..options.short.unwrap_or_default() });
            Ok(())
        },
    },
    OptionSpec {
        name: "short-wait",
        typed: DURATION,
        protocols: CLIENT,
        help: "Time limit for that wait on a short connection",
        set: |options, text| {
            let within = wait(text)?;
            options.short = options.short.map(|short| Short { within, ..short });
            Ok(())
        },
    },
    OptionSpec {
        name: "max-answer",
        typed: Typed::Text { value: "MIB", usual: "16", example: "1" },
        protocols: ALL,
        help: "Longest answer of a rule in MiB, 1 to 64; a longer one is an error and is not sent",
        set: |options, text| {
            options.max_answer = usize::from(number::parse_in(text, 1..=64_u8)?) << 20;
            Ok(())
        },
    },
    OptionSpec {
        name: "rule-memory",
        typed: Typed::Text { value: "MIB", usual: "256", example: "64" },
        protocols: ALL,
        help: "Memory in MiB for what rules and sequences keep of the messages of all peers, 1 to 65536; beyond it, \
               the longest unfinished message is not passed to them",
        set: |options, text| {
            options.rule_memory = u64::from(number::parse_in(text, 1..=65_536_u32)?) << 20;
            Ok(())
        },
    },
    OptionSpec {
        name: "answer-rate",
        typed: Typed::Text { value: "N", usual: "", example: "100" },
        protocols: ALL,
        help: "Most answers of rules per second, over all peers; further ones wait. Unlimited unless set",
        set: |options, text| {
            options.answer_rate = NonZeroU32::new(number::parse_in(text, 1..=1_000_000_u32)?);
            Ok(())
        },
    },
    OptionSpec {
        name: "keep-slow",
        typed: OFF,
        protocols: TCP,
        help: "Keep the connection to a peer that reads too slowly for the answers and relayed messages to it, and drop \
               and count those; otherwise it is reset",
        set: |options, text| flag(text).map(|on| options.keep_slow = on),
    },
    OptionSpec {
        name: "broadcast",
        typed: ON,
        protocols: UDP,
        help: "Allow sending to broadcast addresses (SO_BROADCAST)",
        set: |options, text| flag(text).map(|on| options.broadcast = on),
    },
    OptionSpec {
        name: "send-buffer",
        typed: KIB,
        protocols: ALL,
        help: "Socket send buffer (SO_SNDBUF); the system's default unless set",
        set: |options, text| kib(text).map(|size| options.send_buffer = Some(size)),
    },
    OptionSpec {
        name: "receive-buffer",
        typed: KIB,
        protocols: ALL,
        help: "Socket receive buffer (SO_RCVBUF); unless set, the system's default for TCP, and up to 8 MiB for UDP, as \
               far as the system allows",
        set: |options, text| kib(text).map(|size| options.receive_buffer = Some(size)),
    },
    OptionSpec {
        name: "join",
        typed: Typed::Text { value: "GROUP[@INTERFACE]", usual: "", example: "239.1.2.3" },
        protocols: UDP,
        help: "Multicast groups to join, separated by spaces; the interface is its name, its index or its IPv4 \
               address",
        set: |_options, text| groups(text, (None, 0)).map(drop),
    },
    OptionSpec {
        name: "interface",
        typed: Typed::Text { value: "INTERFACE", usual: "", example: "127.0.0.1" },
        protocols: UDP,
        help: "Interface for sending multicast and joining groups: its name, its index or its IPv4 address",
        set: |options, text| {
            (options.multicast_interface, options.multicast_scope) = interface(text)?;
            Ok(())
        },
    },
    OptionSpec {
        name: "ttl",
        typed: Typed::Text { value: "N", usual: "1", example: "7" },
        protocols: UDP,
        help: "Time to live (hop limit) of multicast datagrams sent, 0 to 255",
        set: |options, text| {
            options.multicast_ttl = number::parse_in(text, 0..=u8::MAX)?;
            Ok(())
        },
    },
    OptionSpec {
        name: "loopback",
        typed: ON,
        protocols: UDP,
        help: "Also deliver sent multicast datagrams to this machine",
        set: |options, text| flag(text).map(|on| options.multicast_loopback = on),
    },
    OptionSpec {
        name: "rotate",
        typed: Typed::Text { value: "WHEN", usual: "", example: "100M 00:00" },
        protocols: ALL,
        help: "Continue the capture, and the log of --log-file, in another file at this size (100M), after this time (1h) or at \
               this time of day (00:00), whichever comes first: NAME_00001_20261129094032.pcapng and so on",
        set: |options, text| Rotation::parse(text).map(|rotation| options.rotate = Some(rotation)),
    },
    OptionSpec {
        name: "keep",
        typed: Typed::Text { value: "N", usual: "", example: "20" },
        protocols: ALL,
        help: "With --rotate, keep the last N files of this name, 1 to 1000000, and remove older ones; all are kept unless set",
        set: |options, text| {
            let keep = NonZeroU32::new(number::parse_in(text, 1..=1_000_000_u32)?);
            options.rotate = options.rotate.map(|rotation| Rotation { keep, ..rotation });
            Ok(())
        },
    },
    OptionSpec {
        name: "log-file",
        typed: Typed::Text { value: "FILE", usual: "", example: "log.txt" },
        protocols: ALL,
        help: "Also write a log to this file, which must not exist, while the session runs",
        set: |_options, _text| Ok(()),
    },
    OptionSpec {
        name: "log-format",
        typed: Typed::Text { value: "FORMAT", usual: "text", example: "csv" },
        protocols: ALL,
        help: "Format of --log-file: text, netassist, netassist5, hexdump, csv, jsonl, raw-rx or raw-tx",
        set: |options, text| {
            let format = text.parse::<Format>().ok().filter(|_| LOG_FORMATS.contains(&text));
            options.log_format = format.ok_or_else(|| Fault::one_of(LOG_FORMATS))?;
            Ok(())
        },
    },
];

/// The choice of this name.
fn one_of<T: Copy>(text: &str, all: &[T], names: &'static [&'static str]) -> Result<T, Fault> {
    let found = all.iter().zip(names).find(|(_, name)| **name == text);
    found.map(|(choice, _)| *choice).ok_or_else(|| Fault::one_of(names))
}

fn flag(text: &str) -> Result<bool, Fault> {
    one_of(text, &[true, false], &["true", "false"])
}

/// Whether a certificate may have this name: an address, or labels of a DNS name, the last one not of digits alone.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let of_label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len())
            && label.chars().all(of_label)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_dns = text.len() <= 253
        && text.split('.').all(is_label)
        && !text.split('.').next_back().is_some_and(is_number);
    is_dns || text.parse::<std::net::IpAddr>().is_ok()
}

/// Whether it is a token of HTTP (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

/// A header field as typed.
fn header(text: &str) -> Result<(String, String), Fault> {
    let (name, value) = text.split_once(':').ok_or(Expected::Header)?;
    let (name, value) = (name.trim(), value.trim());
    let is_field = is_token(name) && !value.chars().any(char::is_control);
    if is_field { Ok((name.to_owned(), value.to_owned())) } else { Err(Expected::Header.into()) }
}

/// A file as typed.
#[expect(clippy::unnecessary_wraps, reason = "as the other values")]
fn file(into: &mut Option<PathBuf>, text: &str) -> Result<(), Fault> {
    *into = Some(PathBuf::from(text));
    Ok(())
}

/// A duration for which something is waited.
fn wait(text: &str) -> Result<Duration, Fault> {
    const WAITS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(1);
    duration_in(text, WAITS)
}

/// KiB as typed → bytes. A GiB is more than any system grants.
fn kib(text: &str) -> Result<u32, Fault> {
    Ok(number::parse_in(text, 1..=1_u32 << 20)? * 1024)
}

/// A multicast interface: its IPv4 address, its index, or its name.
fn interface(text: &str) -> Result<(Option<Ipv4Addr>, u32), Fault> {
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '?') {
        return Err(Expected::Interface.into());
    }
    zone::interface(text)
}

/// Multicast groups as typed, with spaces or commas between: `239.1.2.3 ff02::1@2`. A group without an interface takes
/// `usual`.
///
/// # Errors
/// When one is not a multicast address, or its interface is not one.
pub fn groups(text: &str, usual: (Option<Ipv4Addr>, u32)) -> Result<Vec<Group>, Fault> {
    let read = |text: &str| {
        let (address, at) = text.split_once('@').map_or((text, None), |(group, at)| (group, Some(at)));
        // `ff02::1%eth0` is the same as `ff02::1@eth0`.
        let (address, at) =
            address.split_once('%').map_or((address, at), |(group, zone)| (group, Some(zone)));
        let address = address.parse().ok().filter(IpAddr::is_multicast).ok_or(Expected::Group)?;
        let (interface, scope) = at.map_or(Ok(usual), interface)?;
        Ok(Group { address, interface, scope })
    };
    text.split([' ', ',']).filter(|text| !text.is_empty()).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keep_alive_is_read_and_written() {
        for (text, written) in
            [("true", "system"), ("off", "off"), ("1min 10s 5", "60s 10s 5"), ("2s,1s,3", "2s 1s 3")]
        {
            assert_eq!(KeepAlive::parse(text).unwrap().to_string(), written);
            assert_eq!(KeepAlive::parse(written), KeepAlive::parse(text));
        }
        assert!(KeepAlive::parse("60s 10s").is_err() && KeepAlive::parse("10ms 10s 5").is_err());
    }
}
