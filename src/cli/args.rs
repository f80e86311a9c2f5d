//! The command line as clap reads it: names, help, and which options go together. What the values
//! mean together is `plan`.

mod answers;
mod files;
mod options;

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};

use super::values;
use crate::codec::append::Step;
use crate::codec::frame::Framing;
use crate::codec::{Charset, LineBreak};
use crate::export::{Body, Format};
use crate::model::{Endpoint, Local, Protocol, Stamp};
use crate::workspace::Address;

pub(super) use answers::{Answers, RowWords, Sent, Steps};
pub(super) use files::Files;
use options::{ALL, OptionFlags, RELAY};

/// A network debugging assistant: TCP client, TCP server, UDP. Every byte is recorded as pcapng.
///
/// Without a subcommand it opens its window.
#[derive(Debug, Parser)]
#[command(name = "netassist", version, after_help = STATUS)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) logging: super::logging::Logging,
    #[command(subcommand)]
    pub(super) command: Option<Subcommand>,
}

// The help behind the options. A paragraph is one line, which clap wraps; macros, since `concat!` takes
// nothing else.

macro_rules! framings {
    () => {
        "A framing splits each direction of a connection, and each datagram, into messages. A message ends with \
         LF, CR LF or CR (line), with certain bytes (delimiter:0D0A), after N bytes (fixed:16) or after a pause \
         (idle:20ms), or it contains its length: length:4:2:be is a big-endian number of two bytes after four \
         other bytes. The length counts the bytes after it, or with :whole the whole message; :-2 subtracts two \
         from it. A length above :max=N is invalid (default: 1048576).\
         \n\n\
         Durations are a number and a unit: 500us, 20ms, 1.5s, 2m, 1h.\n"
    };
}

macro_rules! status {
    () => {
        "Exit status: 0 success, 1 network or file error, 2 usage error."
    };
}

macro_rules! output {
    () => {
        "Standard output carries only data; all other output goes to standard error.\n"
    };
}

macro_rules! session_help {
    ($input:literal) => {
        concat!(
            $input,
            "Ctrl-C and SIGTERM close the session after sending what is queued; a second one ends it at once.\n\n",
            "--append adds a line end (cr, lf, crlf), fixed bytes (hex:03) or a checksum of everything before it: a \
         CRC by its name in the catalogue (CRC-16/MODBUS, CRC-32, ...), SUM-8, LRC, XOR-8, FLETCHER-16 or \
         ADLER-32. The checksum skips leading bytes with :from=1 and trailing bytes with :to=-1. It has its \
         usual byte order unless :le or :be sets one; :text writes it as hex digits. length:0:2:be prefixes \
         the length that --framing length:0:2:be reads.\n\n",
            framings!(),
            status!()
        )
    };
}

const STATUS: &str = concat!(output!(), status!());

const SESSION_HELP: &str = session_help!(
    "Standard input, unless it is a terminal or the null device, is sent as raw bytes once the connection is open. \
     At its end the sending side is closed (--stdin keep: stays open), and the session continues until the peer \
     closes or a limit is reached. If the peer has closed its own sending side, input is sent until it pauses for \
     half a second.\n"
);

const SERVER_HELP: &str = session_help!(
    "Standard input, unless it is a terminal or the null device, is sent as raw bytes to all connected clients, once \
     there is one. At its end the sending side is closed, unless the input was empty (--stdin keep: stays open). If a client has closed its own sending \
     side, input is sent until it pauses for half a second.\n"
);

const UDP_HELP: &str = session_help!(
    "Standard input, unless it is a terminal or the null device, is sent as raw bytes to --remote, or without it to the first peer \
     that sends a datagram. Each read becomes a datagram of at most 1,400 bytes, to avoid fragmentation; use \
     --send and --send-hex for datagrams of other sizes.\n"
);

const RELAY_HELP: &str = session_help!(
    "Each client gets a connection of its own to the server. What either sends, its FIN and its RST go to the other; a \
     slow reader slows the writer. If the server cannot be reached, the client is reset. With udp:, each client gets a socket \
     of its own towards the server, and is forgotten after 60 s without a datagram; 4,096 clients at most. Both sides are \
     recorded, each with its own addresses. --send and, with --stdin, standard input go to each client.\n\n\
     With --socks, it is a proxy, so that a program can be looked at without changing the addresses that it connects to:\n\n    \
     netassist relay --socks 127.0.0.1:1080\n    \
     curl --proxy socks5h://127.0.0.1:1080 http://example.org/\n"
);

const RUN_HELP: &str = session_help!(
    "A workspace is TOML: [[session]] with name, protocol (udp, tcp-client, tcp-server, tcp-relay, udp-relay), local, remote, framing, \
     charset, [session.options], [[session.quick]] and [[session.rule]]. An unknown key is an error with its \
     line number.\n\
     Standard input, unless it is a terminal or the null device, is sent as with tcp-client, tcp-server and udp.\n"
);

const EXPORT_HELP: &str = concat!(
    "The whole capture is exported, one entry per record, unless --framing, --only, --peer, --find and the like \
     select a part; an entry must match all of them. A capture of another program is first imported into a \
     temporary file of about the same size in $TMPDIR, or /var/tmp. A truncated capture is exported up to its \
     last complete packet.\n\n",
    framings!(),
    output!(),
    status!()
);

#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    /// Open the window on captures of any program (.pcapng, .pcap) and on workspaces (.toml)
    Open {
        /// The files; without any, the window opens as usual
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    #[command(flatten)]
    Session(Box<SessionCommand>),
    /// Export a capture, or a part of it, as a log, a hex dump, a table, JSON lines or raw bytes
    #[command(after_help = EXPORT_HELP)]
    Export(Box<Export>),
    /// Print an example rule file, or list all: netassist examples chat > chat.toml
    Examples {
        /// The name of the example
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

/// The subcommands that open a session.
#[derive(Debug, clap::Subcommand)]
pub(super) enum SessionCommand {
    /// Connect to a TCP server
    #[command(after_help = SESSION_HELP, mut_arg("short", |arg| {
        arg.conflicts_with_all(["reconnect", "expect", "pause", "loops", "echo"])
    }))]
    TcpClient(TcpClient),
    /// Listen for TCP clients
    #[command(after_help = SERVER_HELP)]
    TcpServer(TcpServer),
    /// Send and receive UDP datagrams
    #[command(after_help = UDP_HELP)]
    Udp(Udp),
    /// Stand between clients and a server, and record both sides
    #[command(after_help = RELAY_HELP)]
    Relay(Relay),
    /// Open a session of a workspace file without a window
    ///
    /// The file sets the addresses, the charset, the framing and the socket options. Options on the command line
    /// override those in the file.
    #[command(after_help = RUN_HELP)]
    Run(RunFile),
}

#[derive(Debug, Args)]
pub(super) struct TcpClient {
    /// The server: a host name or an address, and a port, or ws://HOST:PORT/PATH or wss://… for WebSocket
    #[arg(value_name = "HOST:PORT", value_parser = values::remote)]
    pub(super) remote: Address,
    /// Bind to this local address
    #[arg(long, value_name = "ADDR:PORT", value_parser = values::source)]
    pub(super) local: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) options: OptionFlags<{ Protocol::TcpClient as usize }>,
    #[command(flatten)]
    pub(super) session: SessionFlags,
}

impl SessionCommand {
    /// Why its workspace cannot be read, if it has one that is not there.
    pub(super) fn missing(&self) -> Option<String> {
        let Self::Run(RunFile { file, .. }) = self else { return None };
        let error = file.metadata().err()?;
        Some(format!("{}: {error}", file.display()))
    }
}

#[derive(Debug, Args)]
pub(super) struct RunFile {
    /// The workspace file
    #[arg(value_name = "FILE.toml")]
    pub(super) file: PathBuf,
    /// The name of the session; required if the file has several
    #[arg(long = "session", value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Send the quick send of this name; repeatable, in order with the other --send options
    #[arg(long, value_name = "NAME")]
    pub(super) send_quick: Vec<String>,
    /// Send the ticked quick sends of this page in order, with their delays and answers, as ‘Run ticked rows’ in the
    /// window does; '' is the page without a name. --loops repeats it. If an answer is missing, the exit status is 1
    #[arg(long, value_name = "PAGE", conflicts_with = "every")]
    pub(super) send_page: Option<String>,
    /// Exit after this many clients have connected and left (TCP server and relay)
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) max_connections: Option<u64>,
    #[command(flatten)]
    pub(super) options: OptionFlags<ALL>,
    #[command(flatten)]
    pub(super) session: SessionFlags,
}

#[derive(Debug, Args)]
pub(super) struct TcpServer {
    /// The address to listen on; with port 0 the system picks a port
    #[arg(value_name = "ADDR:PORT", value_parser = values::local)]
    pub(super) local: Local,
    /// Exit after this many clients have connected and left
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) max_connections: Option<u64>,
    #[command(flatten)]
    pub(super) options: OptionFlags<{ Protocol::TcpServer as usize }>,
    #[command(flatten)]
    pub(super) session: SessionFlags,
}

#[derive(Debug, Args)]
pub(super) struct Relay {
    /// The address to listen on, with udp: before it for datagrams; with port 0 the system picks a port
    #[arg(value_name = "[udp:]ADDR:PORT", value_parser = values::relayed)]
    pub(super) local: (Protocol, Local),
    /// The server to connect each client to: a host name or an address, and a port, or ws://HOST:PORT/PATH or wss://…
    #[arg(long, value_name = "HOST:PORT", value_parser = values::remote, required_unless_present = "socks", conflicts_with = "socks")]
    pub(super) to: Option<Address>,
    /// Exit after this many clients have connected and left
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) max_connections: Option<u64>,
    #[command(flatten)]
    pub(super) options: OptionFlags<RELAY>,
    #[command(flatten)]
    pub(super) session: SessionFlags,
}

#[derive(Debug, Args)]
pub(super) struct Udp {
    /// The address to bind to; with port 0 the system picks a port
    #[arg(value_name = "ADDR:PORT", value_parser = values::local)]
    pub(super) local: Local,
    /// Where to send; without it, data is sent to each peer that sends a datagram
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) remote: Option<Endpoint>,
    #[command(flatten)]
    pub(super) options: OptionFlags<{ Protocol::Udp as usize }>,
    #[command(flatten)]
    pub(super) session: SessionFlags,
}

/// The options of every session. A help text with brackets is no doc comment, which would take them for links.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Debug, Args)]
pub(super) struct SessionFlags {
    /// Send this text to each peer. The --send options can be repeated and mixed; their data is sent in the order
    /// given
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) send: Vec<String>,
    /// Send these bytes: 48 65 6c, 48656C, 0x48,0x65, a hex dump with offsets, an array from source code …
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    pub(super) send_hex: Vec<String>,
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help = "Send this text, with hex in brackets: AT[0D 0A]; [[ is a literal bracket"
    )]
    pub(super) send_mixed: Vec<String>,
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    pub(super) answers: Answers,
    #[arg(long, value_name = "WHAT", value_parser = values::step,
        help = "Add this to each message of --send, --send-hex, --send-mixed and --file-lines; repeatable, in the order given: cr, lf, \
                crlf, hex:BYTES, a checksum name with [:from=N][:to=-N][:be|le][:text], or as a prefix \
                length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N]")]
    pub(super) append: Vec<Step>,
    #[arg(
        long,
        help = "Expand placeholders in --send, --send-hex and --send-mixed for each message: {time[:FORMAT]} as strftime, \
                {unix}, {unix_ms}, a counter {n[:START[:STEP[:WIDTH[:be|le]]]]}, {random:N} bytes, \
                {number:A-B}, {peer}, {length[+K|-K][:WIDTH[:be|le]]} of the whole message, {rest…} of what \
                follows; {{ is a literal brace"
    )]
    pub(super) placeholders: bool,
    /// Repeat everything with this period: 100us at least
    #[arg(long, value_name = "DURATION", value_parser = values::period)]
    pub(super) every: Option<Duration>,
    /// Stop repeating after this many times, for each peer
    #[arg(long, value_name = "N", requires = "every", value_parser = values::count)]
    pub(super) count: Option<u64>,
    /// The charset of --send, --send-mixed and --print text: utf-8, gbk, gb18030, big5, euc-kr, latin1 …
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) charset: Charset,
    /// The charset of --send and --send-mixed, if it is not that of --charset
    #[arg(long, value_name = "NAME")]
    pub(super) send_charset: Option<Charset>,
    /// Send each line break of --send, --send-mixed and standard input as lf, crlf or cr [default: as it is]
    #[arg(long, value_name = "WHAT", value_parser = values::line_break)]
    pub(super) line_break: Option<LineBreak>,
    /// Interpret \r \n \t \0 \\ \xHH \u{…} in --send and --send-mixed (default)
    #[arg(long, overrides_with = "no_escapes")]
    pub(super) escapes: bool,
    /// Send backslashes in --send and --send-mixed literally
    #[arg(long, overrides_with = "escapes")]
    pub(super) no_escapes: bool,
    /// Send received data back to its sender
    #[arg(long)]
    pub(super) echo: bool,
    /// Forward received data to all other peers
    #[arg(long, conflicts_with = "echo")]
    pub(super) relay: bool,
    #[arg(
        long,
        value_name = "FILE.toml",
        conflicts_with_all = ["echo", "relay"],
        help = "Answer with the [[rule]] tables of this file, or those of its only session, whose framing is used \
                unless --framing is given. 'netassist examples' lists example files"
    )]
    pub(super) rules: Option<PathBuf>,
    /// Let rules send files from this folder and save files into it, and below it; repeatable. Without it they can do
    /// neither
    #[arg(long, value_name = "DIR", value_parser = values::folder)]
    pub(super) allow_folder: Vec<PathBuf>,
    /// Define a command that rules may run by its name, besides those of the settings file; repeatable
    #[arg(long, value_name = "NAME=COMMAND", value_parser = values::command)]
    pub(super) alert_command: Vec<(String, String)>,
    /// What to do with standard input [default: close; none if it is a terminal or the null device, and with relay]
    #[arg(long, value_name = "WHAT")]
    pub(super) stdin: Option<Stdin>,
    /// What to write to standard output [default: text on a terminal, otherwise raw; log with relay]
    #[arg(long, value_name = "WHAT")]
    pub(super) print: Option<Print>,
    /// How --print log shows data: text, hex or dump [default: text; of a workspace, as its view]
    #[arg(long, value_parser = values::body)]
    pub(super) body: Option<Body>,
    #[arg(long = "framing", alias = "frame", value_name = "FRAMING", value_parser = values::framing,
        help = "How the byte stream is split into messages, for --rules, --expect, --short, --print hex and log: none, line, delimiter:HEX, fixed:N, \
                length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N], idle:DURATION")]
    pub(super) frame: Option<Framing>,
    /// Write the capture to this file, which must not exist, or to a pipe, a device or standard output (-), with
    /// --print none
    #[arg(long, value_name = "FILE.pcapng")]
    pub(super) capture: Option<PathBuf>,
    /// Overwrite the file of --capture
    #[arg(long, requires = "capture")]
    pub(super) overwrite: bool,
    /// Exit after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = values::duration)]
    pub(super) lasting: Option<Duration>,
    /// Exit when no data was sent or received for this time
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub(super) idle: Option<Duration>,
    /// Exit when at least this many bytes were received
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) max_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Stdin {
    /// Do not read it
    None,
    /// Send it, and close the sending side at its end
    Close,
    /// Send it, and keep the sending side open at its end
    Keep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Print {
    /// Received bytes as text; on a terminal, control characters are made visible
    Text,
    /// Received bytes as hex, one line per read or datagram, or with --framing per message
    Hex,
    /// A log of everything: sent, received, events
    Log,
    /// Received bytes unchanged
    Raw,
    /// Nothing
    None,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The capture: pcapng or pcap, of this program or another
    #[arg(value_name = "CAPTURE")]
    pub(super) capture: PathBuf,
    /// The output format: text, netassist, netassist5, hexdump, csv, jsonl, raw-rx, raw-tx, pcapng
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Format,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
    /// Overwrite the output file
    #[arg(long, requires = "output")]
    pub(super) overwrite: bool,
    /// The charset of the data, for logs, csv and --find
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) charset: Charset,
    /// How data is shown in logs: text, hex or dump
    #[arg(long, value_parser = values::body, default_value = "text")]
    pub(super) body: Body,
    /// Export the packets inside VXLAN and Geneve (UDP ports 4789, 8472, 6081) instead of these datagrams
    #[arg(long)]
    pub(super) inner: bool,
    /// Of TLS connections, export the bytes on the wire instead of what they carry, without keys
    #[arg(long)]
    pub(super) wire: bool,
    /// Of TLS connections, export only what they carry to pcapng; other formats have nothing else
    #[arg(long, conflicts_with = "wire")]
    pub(super) plain: bool,
    /// Decrypt TLS in a capture of another program with the secrets in this file (NSS key log format), as with those in the
    /// capture; tshark does it, and must be installed
    #[arg(long, value_name = "FILE", conflicts_with = "wire")]
    pub(super) keylog: Option<PathBuf>,
    /// Unpack a compressed capture of up to this size, e.g. 20G, instead of 100 times the packed one and 4 GiB
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    pub(super) max_unpacked: Option<u64>,
    #[command(flatten)]
    pub(super) part: Part,
}

#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(super) struct Part {
    #[arg(long = "framing", alias = "frame", value_name = "FRAMING", value_parser = values::framing,
        help = "How the byte stream is split into messages, each exported as one entry: none, line, delimiter:HEX, fixed:N, \
                length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N], idle:DURATION")]
    pub(super) frame: Option<Framing>,
    /// Only data in this direction
    #[arg(long, value_name = "DIRECTION")]
    pub(super) only: Option<Only>,
    /// Only data and events of this peer; repeatable
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = values::peer)]
    pub(super) peer: Vec<values::Peer>,
    /// Only data and events of the flow with this number, as in jsonl and csv; repeatable
    #[arg(long, value_name = "N", value_parser = values::flow)]
    pub(super) flow: Vec<u32>,
    /// Only entries that contain this text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, group = "query")]
    pub(super) find: Option<String>,
    /// Only entries that contain these bytes; ?? matches any byte: 48 65 ?? 6c
    #[arg(long, value_name = "HEX", allow_hyphen_values = true, group = "query")]
    pub(super) find_hex: Option<String>,
    /// Only entries that match this regular expression over bytes
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true, group = "query")]
    pub(super) find_regex: Option<String>,
    /// Ignore case in --find and --find-regex
    #[arg(long, requires = "query", conflicts_with = "find_hex")]
    pub(super) ignore_case: bool,
    /// Only from this time on, e.g. 2026-11-20T22:51:15.5; local time unless it has an offset such as +08:00 or Z
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    pub(super) from: Option<Stamp>,
    /// Only up to this time
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    pub(super) to: Option<Stamp>,
    /// Only records with these numbers (100-200, 100- or 100), as in jsonl and csv, and messages that begin in one
    #[arg(long, value_name = "A-B", value_parser = values::numbers)]
    pub(super) records: Option<RangeInclusive<u64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Only {
    /// Sent by the peer
    Received,
    /// Sent to the peer
    Sent,
}
