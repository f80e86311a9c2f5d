//! A session, as typed, and what to open for it.

use std::path::Path;

use super::address::{Address, WsUrl};
use super::form::form;
use super::nonblank;
use super::options::TypedOptions;
use super::peer_names::PeerNames;
use super::quick::QuickSend;
use super::rule::{FaultsForm, RuleForm, unused_rules};
use super::send::{CycleForm, Draft, FileForm};
use super::send_to::SendTo;
use super::view::{FilterForm, View};
use crate::codec::frame::Framing;
use crate::codec::{Charset, Checksum, number};
use crate::model::{
    FAULT_KEYS, Fault, Group, Leg, LegFaults, Link, Options, Problem, Protocol, RelayFaults, SendAs, at,
    groups, split_faults,
};

form! {
    /// A session, as typed.
    pub struct Session {
        /// The name; if it is empty, the protocol and address are shown.
        pub name: String,
        /// The protocol.
        pub protocol: Protocol = Protocol::default(),
        /// Our address and port. A TCP client uses it only if it [binds](Self::binds) it.
        pub local: Address,
        /// The peer's host and port.
        pub remote: Address,
        /// Whether a TCP client binds the local address; `None` to bind it if there is one.
        pub bind: Option<bool>,
        /// The session is opened when the file is loaded.
        pub start: bool,
        /// How the byte stream is split into messages, in the syntax of `--framing`; empty for not at all.
        pub framing: String,
        /// The charset of text received.
        pub charset: Charset,
        /// The charset of text sent; `None` for that of text received.
        pub send_charset: Option<Charset>,
        /// How many times the ticked quick sends are sent as a sequence; empty for no limit, `None` for once.
        #[serde(deserialize_with = "loops")]
        pub loops: Option<String>,
        /// The checksum in the inspector.
        pub checksum: Checksum,
        /// The widths of the table's columns, in points; empty for the default.
        pub columns: Vec<u16>,
        /// How the log is shown.
        pub view: View,
        /// The filter of the log.
        pub filter: FilterForm,
        /// The socket options.
        pub options: TypedOptions,
        /// The names of peers.
        pub names: PeerNames,
        /// Whom the send box addresses.
        pub send_to: SendTo,
        /// The send box.
        pub send: Draft,
        /// How the contents of the send box are repeated.
        pub cycle: CycleForm,
        /// How a file is sent.
        pub file: FileForm,
        /// The quick sends.
        pub quick: Vec<QuickSend>,
        /// The rules.
        #[serde(rename = "rule")]
        pub rules: Vec<RuleForm>,
        /// The faults injected into answers.
        pub faults: FaultsForm,
    }
}

/// The charsets of a session's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Charsets {
    /// Of text received.
    pub received: Charset,
    /// Of text sent.
    pub sent: Charset,
}

impl From<Charset> for Charsets {
    fn from(charset: Charset) -> Self {
        Self { received: charset, sent: charset }
    }
}

/// A problem of what the address of a WebSocket sets is one of that address.
fn of_url(problem: Problem) -> Problem {
    if problem.path == "options.ws-path" {
        Problem { path: "remote.host".into(), ..problem }
    } else {
        problem
    }
}

/// The address that a new tab begins with.
fn suggested() -> Address {
    Address::new("127.0.0.1", "8080")
}

fn loops<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    super::typed(from).map(Some)
}

/// What to open for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Protocol and addresses.
    pub link: Link,
    /// The socket options.
    pub options: Options,
    /// How the byte stream is split into messages.
    pub framing: Framing,
}

impl Session {
    /// Whether text is sent in text messages of WebSocket.
    pub fn sends_ws_text(&self) -> bool {
        let is_binary = self.options.text("ws-send") == SendAs::Binary.name();
        self.protocol.is_stream() && self.options.is_on("ws") && !is_binary
    }

    /// The charsets of text typed: of what is expected to be received, and of what is sent. Text messages of WebSocket are
    /// in UTF-8 (RFC 6455, 5.6).
    pub fn charsets(&self) -> Charsets {
        if self.sends_ws_text() {
            return Charset::Utf8.into();
        }
        Charsets { received: self.charset, sent: self.send_charset.unwrap_or(self.charset) }
    }

    /// The session of a new tab: a UDP socket on the loopback address, which answers whoever sent last.
    pub fn for_tab() -> Self {
        let send = Draft { append: vec!["crlf".to_owned()], append_off: true, ..Draft::default() };
        Self { local: suggested(), bind: Some(false), send, ..Self::default() }
    }

    /// Chooses the protocol. To one that connects a remote is suggested; to the others it would be their own address.
    pub fn choose(&mut self, protocol: Protocol) {
        let before = std::mem::replace(&mut self.protocol, protocol);
        // The peers of another protocol are others.
        self.send_to = SendTo::All;
        if protocol.connects() && self.remote.is_blank() {
            self.remote = suggested();
        } else if before.connects() && !protocol.connects() && self.remote == suggested() {
            self.remote = Address::default();
        }
    }

    /// Takes apart what stands as a host: one with its port, or a remote address like `wss://host:port/path`, which says what
    /// to connect to, and how. In a relay, TLS is then on the leg to the server.
    pub fn take_url(&mut self) {
        self.local.take_port();
        self.remote.take_port();
        let Some(url) = self.url() else { return };
        self.remote = url.address;
        self.options.set("ws", "true");
        if let Some(path) = url.path {
            self.options.set("ws-path", path);
        }
        if url.tls && !self.options.is_on("tls") && self.protocol.relays() {
            self.options.set("tls-legs", "upstream");
        }
        if url.tls {
            self.options.set("tls", "true");
        }
    }

    fn url(&self) -> Option<WsUrl> {
        let speaks = self.protocol.is_stream() && self.uses_remote();
        WsUrl::read(&self.remote.host).filter(|_| speaks)
    }

    /// The same without such an address, if it has one.
    fn without_url(&self) -> Option<Self> {
        self.url().map(|_| {
            let mut taken = self.clone();
            taken.take_url();
            taken
        })
    }

    /// The code and the reason with which a WebSocket is closed; the usual ones if they are invalid.
    pub fn ws_close(&self) -> (u16, String) {
        let typed = crate::model::close_as_typed(self.options.text("ws-close").trim());
        typed.unwrap_or((1000, String::new()))
    }

    /// Whether a TCP client binds the local address.
    pub fn binds(&self) -> bool {
        self.bind.unwrap_or(!self.local.is_blank())
    }

    /// Whether the local address is used.
    pub fn uses_local(&self) -> bool {
        !self.protocol.connects() || self.binds()
    }

    /// Whether it is a SOCKS5 proxy, whose clients name the servers that they want.
    pub fn is_proxy(&self) -> bool {
        self.protocol == Protocol::TcpRelay && self.options.is_on("socks")
    }

    /// Whether the remote address is used.
    pub fn uses_remote(&self) -> bool {
        !self.protocol.accepts() || self.protocol.relays() && !self.is_proxy()
    }

    /// Whether the remote address is required.
    fn needs_remote(&self) -> bool {
        self.uses_remote() && self.protocol != Protocol::Udp
    }

    /// What to open.
    ///
    /// # Errors
    /// The first invalid field of those that the protocol uses.
    pub fn build(&self) -> Result<Opening, Problem> {
        let (link, options) = self.link()?;
        Ok(Opening { link, options, framing: self.framing()? })
    }

    /// Protocol, addresses and socket options.
    ///
    /// # Errors
    /// The first invalid field of those that the protocol uses.
    pub fn link(&self) -> Result<(Link, Options), Problem> {
        if let Some(taken) = self.without_url() {
            return taken.link().map_err(of_url);
        }
        let local = || self.local.local().map_err(|problem| problem.within("local"));
        let source = || self.local.source().map_err(|problem| problem.within("local"));
        let remote = || self.remote.remote().map_err(|problem| problem.within("remote"));
        let required = || remote()?.ok_or(Problem::new("remote.host", Fault::Missing));
        let options = self.options.build(self.protocol).map_err(|problem| problem.within("options"))?;
        let link = match self.protocol {
            Protocol::TcpServer => Link::TcpServer { local: local()? },
            Protocol::TcpClient => {
                Link::TcpClient { remote: required()?, local: self.binds().then(source).transpose()? }
            }
            Protocol::UdpRelay => Link::UdpRelay { local: local()?, remote: required()? },
            Protocol::TcpRelay if self.is_proxy() => Link::TcpRelay { local: local()?, remote: None },
            Protocol::TcpRelay => Link::TcpRelay { local: local()?, remote: Some(required()?) },
            Protocol::Udp => Link::Udp { local: local()?, remote: remote()?, groups: self.groups()? },
        };
        Ok((link, options))
    }

    /// The faults of a relay.
    ///
    /// # Errors
    /// When they are invalid.
    pub fn relay_faults(&self) -> Result<RelayFaults, Problem> {
        if !self.protocol.relays() {
            return Ok(RelayFaults::default());
        }
        let seed = number::parse_if(self.options.text("seed"), 0..=i64::MAX).map_err(at("options.seed"))?;
        let seed = seed.unwrap_or(0).unsigned_abs();
        RelayFaults::parse(self.options.text("fault"), seed).map_err(at("options.fault"))
    }

    /// The multicast groups to join.
    ///
    /// # Errors
    /// When one is not a multicast address, or the interface is invalid.
    pub fn groups(&self) -> Result<Vec<Group>, Problem> {
        let options = self.options.build(Protocol::Udp).map_err(|problem| problem.within("options"))?;
        let interface = (options.multicast_interface, options.multicast_scope);
        groups(self.options.text("join"), interface).map_err(at("options.join"))
    }

    /// Every invalid field that prevents opening the session in a tab, each once. The framing is not included, since
    /// the last valid one stays in effect.
    pub fn problems(&self) -> Vec<Problem> {
        if let Some(taken) = self.without_url() {
            return taken.problems().into_iter().map(of_url).collect();
        }
        let mut all = Vec::new();
        if self.uses_local() {
            let connects = self.protocol.connects();
            let error = if connects { self.local.source().err() } else { self.local.local().err() };
            all.extend(error.map(|problem| problem.within("local")));
        }
        match self.remote.remote() {
            Ok(None) if self.needs_remote() => {
                all.push(Problem::new("remote.host", Fault::Missing));
            }
            Err(problem) if self.uses_remote() => all.push(problem.within("remote")),
            Ok(_) | Err(_) => {}
        }
        all.extend(self.options.problems(self.protocol).map(|problem| problem.within("options")));
        all
    }

    /// The fields that are set without effect.
    pub fn unused(&self) -> Vec<Problem> {
        if let (Some(taken), Some(url)) = (self.without_url(), self.url()) {
            let is_other = |name: &&str| match *name {
                "ws-path" => url.path.is_some(),
                _ => url.tls && !self.options.is_on("tls"),
            };
            let others =
                ["ws-path", "tls-legs"].into_iter().filter(|name| self.options.has(name)).filter(is_other);
            let others =
                others.map(|name| Problem::new(format!("options.{name}"), Fault::GivesWay("remote")));
            return others.chain(taken.unused()).collect();
        }
        let unused = |path: String| Problem::new(path, Fault::Unused(self.protocol));
        let mut all = Vec::new();
        if !self.uses_remote() && !self.remote.is_blank() {
            all.push(unused("remote".into()));
        }
        if self.protocol != Protocol::TcpClient && self.bind.is_some() {
            all.push(unused("bind".into()));
        }
        let options = self.options.unused(self.protocol);
        all.extend(options.map(|(name, fault)| Problem::new(format!("options.{name}"), fault)));
        all.extend(self.unused_faults().map(at("options.fault")));
        all.extend(unused_rules(&self.rules, self.protocol));
        all
    }

    /// Faults of a relay that have no effect, or an unexpected one.
    fn unused_faults(&self) -> Option<Fault> {
        if !self.protocol.relays() {
            return None;
        }
        let is_stream = self.protocol.is_stream();
        let unframed = is_stream && !self.options.is_on("ws") && self.framing() == Ok(Framing::AsReceived);
        let all = split_faults(self.options.text("fault"));
        all.iter().find_map(|&(leg, key, _)| {
            let (_, of_stream, of_datagrams) = FAULT_KEYS.into_iter().find(|(known, ..)| *known == key)?;
            if !(if is_stream { of_stream } else { of_datagrams }) {
                return Some(Fault::UnusedFault(key.to_owned(), self.protocol));
            }
            let needs = LegFaults::needs(key);
            let is_there =
                |of: Option<Leg>, key| needs.contains(key) && (leg.is_none() || of.is_none() || of == leg);
            if !needs.is_empty() && !all.iter().any(|(of, key, _)| is_there(*of, key)) {
                return Some(Fault::Of(key.to_owned(), Fault::Needs(needs).into()));
            }
            (unframed && LegFaults::ON_MESSAGES.contains(&key)).then(|| Fault::Unframed(key.to_owned()))
        })
    }

    /// The log that is written while the session is open.
    pub fn log_file(&self) -> Option<&str> {
        nonblank(self.options.text("log-file"))
    }

    /// What is written in folders of its own while the session is open: the options with the files, and the folders.
    pub fn written(&self) -> impl Iterator<Item = (&'static str, &str)> {
        ["log-file", "keylog"].into_iter().filter(|name| self.options.is_for(name, self.protocol)).filter_map(
            |name| {
                let folder = Path::new(nonblank(self.options.text(name))?).parent()?.to_str()?;
                Some((name, nonblank(folder)?))
            },
        )
    }

    /// The session without the fields that its protocol does not use.
    #[must_use]
    pub fn only_used(mut self) -> Self {
        if !self.uses_local() {
            self.local = Address::default();
        }
        if !self.uses_remote() {
            self.remote = Address::default();
        }
        if self.send_to.is_upstream() && !self.protocol.relays() {
            self.send_to = SendTo::All;
        }
        self.bind = None;
        self.options = self.options.only_used(self.protocol);
        self
    }

    /// How the byte stream is split into messages.
    ///
    /// # Errors
    /// When there is no such framing.
    pub fn framing(&self) -> Result<Framing, Problem> {
        nonblank(&self.framing).map_or(Ok(Framing::AsReceived), str::parse).map_err(at("framing"))
    }
}

#[cfg(test)]
mod tests;
