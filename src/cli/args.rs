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
use crate::codec::Charset;
use crate::codec::append::Step;
use crate::codec::frame::Framing;
use crate::export::Format;
use crate::model::{Endpoint, Stamp};

pub(super) use answers::{Answers, Sent, Steps};
pub(super) use files::Files;
use options::{OfAny, OfClient, OfServer, OfUdp, OptionFlags};

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
        "A framing cuts each direction of a connection, and each datagram, into messages. One ends with LF, \
         CR LF or CR (line), with certain bytes (delimiter:0D0A), after N bytes (fixed:16), after a pause \
         (idle:20ms), or says how long it is: length:4:2:be is a number of two bytes, the high one first, \
         behind four others. It counts what follows it, or with :whole all of the message; :-2 corrects it \
         by two bytes; what it says is no message if that had more bytes than :max=N, 1048576 if not said.\
         \n\n\
         Durations are a number and a unit: 500us, 20ms, 1.5s, 2m, 1h.\n"
    };
}

macro_rules! close {
    () => {
        "Ctrl-C and SIGTERM close in order; a second one at once.\n\n"
    };
}

macro_rules! appends {
    () => {
        "What --append adds to a message: cr, lf, crlf, fixed bytes (hex:03), or a checksum of what stands \
         before it by its name in the catalogue of CRCs (CRC-16/MODBUS, CRC-32, ...), SUM-8, LRC, XOR-8, \
         FLETCHER-16 or ADLER-32. It leaves out the first bytes with :from=1 and the last with :to=-1, and \
         is written low byte first (:le) or high byte first (:be) instead of as is usual for it, or as hex \
         digits (:text). length:0:2:be puts the length in front, such that --framing length:0:2:be reads the \
         message.\n\n"
    };
}

macro_rules! output {
    () => {
        "Standard output carries data only; everything else goes to standard error.\n"
    };
}

macro_rules! status {
    () => {
        "Exit status: 0 done, 1 network or file error, 2 the command line makes no sense."
    };
}

const STATUS: &str = concat!(output!(), status!());

const SESSION_HELP: &str = concat!(
    "Standard input, when it is not a terminal, is sent as raw bytes once there is a peer; at its end the \
     sending side is closed, and the session goes on until the peer closes or a limit holds. A peer that \
     has closed its own sending side is sent the rest, until standard input pauses for half a second.\n",
    close!(),
    appends!(),
    framings!(),
    status!()
);

const SERVER_HELP: &str = concat!(
    "Standard input, when it is not a terminal, is sent as raw bytes to every client there is, once there \
     is one; at its end the sending side is closed to them, unless it was empty. A client that has closed \
     its own sending side is sent the rest, until standard input pauses for half a second.\n",
    close!(),
    appends!(),
    framings!(),
    status!()
);

const UDP_HELP: &str = concat!(
    "Standard input, when it is not a terminal, is sent as raw bytes to --remote, or without that to the \
     first peer from which a datagram comes. Each read becomes a datagram of at most 1,400 bytes, which \
     goes through any usual path in one piece; use --send and --send-hex for datagrams of your own size.\n",
    close!(),
    appends!(),
    framings!(),
    status!()
);

const RUN_HELP: &str = concat!(
    "A workspace is TOML: [[session]] with name, protocol (udp, tcp-client, tcp-server), local, remote, framing, \
     charset, [session.options], and its [[session.quick]] and [[session.rule]]. A key that is not known is an \
     error that names it and its line.\n\
     Standard input, when it is not a terminal, is sent as with tcp-client, tcp-server and udp.\n",
    close!(),
    appends!(),
    framings!(),
    status!()
);

const EXPORT_HELP: &str = concat!(
    "What is saved is all of the capture, record by record, unless --framing, --only, --peer, --find and the \
     like say otherwise; what is named by several of them must fit all. A capture of another program is \
     first imported into a temporary file, about as large, in $TMPDIR, else in /var/tmp where there is \
     that. What a torn capture holds up to its last whole packet is saved.\n\n",
    framings!(),
    output!(),
    status!()
);

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    /// Open the window on captures of any program (.pcapng, .pcap) and on workspaces (.toml)
    Open {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Call a server
    #[command(after_help = SESSION_HELP, mut_arg("short", |arg| {
        arg.conflicts_with_all(["reconnect", "expect", "pause", "loops", "echo"])
    }))]
    TcpClient(TcpClient),
    /// Open a session that stands in a workspace file, without a window
    ///
    /// What it opens, its charset, its framing and the options of its sockets stand in the file; the options here
    /// are those of every session. One that is told in both places counts as it is told here.
    #[command(after_help = RUN_HELP)]
    Run(RunFile),
    /// Accept clients
    #[command(after_help = SERVER_HELP)]
    TcpServer(TcpServer),
    /// Send and receive datagrams
    #[command(after_help = UDP_HELP)]
    Udp(Udp),
    /// Save a capture of any program, or a part of it, as a log, a hex dump, a table, lines of JSON or bare bytes
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
    /// Print an example of rules, or list them all: netassist examples chat > chat.toml
    Examples {
        /// Which one
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

/// `tcp-client`.
#[derive(Debug, Args)]
pub(super) struct TcpClient {
    /// Whom to call: a name or an address, and a port
    #[arg(value_name = "HOST:PORT")]
    pub(super) remote: Endpoint,
    /// Bind our own address
    #[arg(long, value_name = "ADDR:PORT", value_parser = values::local)]
    pub(super) local: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) options: OptionFlags<OfClient>,
    #[command(flatten)]
    pub(super) session: Session,
}

/// `run`.
#[derive(Debug, Args)]
pub(super) struct RunFile {
    /// The workspace file
    #[arg(value_name = "FILE.toml")]
    pub(super) file: PathBuf,
    /// The session of this name; needed if there are several
    #[arg(long = "session", value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Send the quick send of this name, as often as it stands here, among what the other --send options name
    #[arg(long, value_name = "NAME")]
    pub(super) send_quick: Vec<String>,
    /// Send the ticked quick sends of this page in order, each after the delay of the one before or its answer, as
    /// ‘Run the ticked’ of the window does; '' is the page without a name. With --loops so many times. When an
    /// answer does not come, the exit status is 1
    #[arg(long, value_name = "PAGE", conflicts_with = "every")]
    pub(super) send_page: Option<String>,
    /// Accept this many clients, and end when they are gone (TCP server)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_connections: Option<u64>,
    #[command(flatten)]
    pub(super) options: OptionFlags<OfAny>,
    #[command(flatten)]
    pub(super) session: Session,
}

/// `tcp-server`.
#[derive(Debug, Args)]
pub(super) struct TcpServer {
    /// Where to listen; with port 0 the system picks one
    #[arg(value_name = "ADDR:PORT", value_parser = values::local)]
    pub(super) local: SocketAddr,
    /// Accept this many clients, and end when they are gone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_connections: Option<u64>,
    #[command(flatten)]
    pub(super) options: OptionFlags<OfServer>,
    #[command(flatten)]
    pub(super) session: Session,
}

/// `udp`.
#[derive(Debug, Args)]
pub(super) struct Udp {
    /// Where to bind; with port 0 the system picks one
    #[arg(value_name = "ADDR:PORT", value_parser = values::local)]
    pub(super) local: SocketAddr,
    /// Where to send; without it, what is to be sent goes to each peer from which a datagram comes
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) remote: Option<Endpoint>,
    #[command(flatten)]
    pub(super) options: OptionFlags<OfUdp>,
    #[command(flatten)]
    pub(super) session: Session,
}

/// The options of every session.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Debug, Args)]
pub(super) struct Session {
    /// Send this text once there is a peer. The --send options may be repeated and mixed; what they name is
    /// sent in the order given, by a server to each client
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) send: Vec<String>,
    /// Send these bytes: 48 65 6c, 48656C, 0x48,0x65, a hex dump with offsets, a list of source code …
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    pub(super) send_hex: Vec<String>,
    // Not as a doc comment, which would take the brackets for links.
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help = "Send this text, in which hex stands between brackets: AT[0D 0A]; [[ is a bracket"
    )]
    pub(super) send_mixed: Vec<String>,
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    pub(super) answers: Answers,
    // Not as a doc comment, which would take the brackets for links.
    #[arg(long, value_name = "WHAT", value_parser = values::step,
        help = "Add this to each message of --send, --send-hex, --send-mixed and --file-lines; repeatable, added in the order given: cr, lf, \
                crlf, hex:BYTES, a checksum by its name with [:from=N][:to=-N][:be|le][:text], or in front \
                length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N]")]
    pub(super) append: Vec<Step>,
    // Not as a doc comment, which would take the brackets for links.
    #[arg(
        long,
        help = "Fill these in --send, --send-hex and --send-mixed, each time anew: {time[:FORMAT]} as strftime, \
                {unix}, {unix_ms}, a counter {n[:START[:STEP[:WIDTH[:be|le]]]]}, {random:N} bytes, \
                {number:A-B}, {peer}, {length[+K|-K][:WIDTH[:be|le]]} of the whole message, {rest…} of what \
                follows; {{ is a brace"
    )]
    pub(super) placeholders: bool,
    /// Send it all again and again, from beat to beat after this time: 100us at least
    #[arg(long, value_name = "DURATION", value_parser = values::period)]
    pub(super) every: Option<Duration>,
    /// Send it all so many times, to each peer
    #[arg(long, value_name = "N", requires = "every", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) count: Option<u64>,
    /// The charset of --send, --send-mixed and --print text: utf-8, gbk, gb18030, big5, euc-kr, latin1 …
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) charset: Charset,
    /// Heed \r \n \t \0 \\ \xHH \u{…} in --send and --send-mixed (the default)
    #[arg(long, overrides_with = "no_escapes")]
    pub(super) escapes: bool,
    /// Send a backslash in --send and --send-mixed as it is
    #[arg(long, overrides_with = "escapes")]
    pub(super) no_escapes: bool,
    /// Send back whatever arrives, to whom it came from
    #[arg(long)]
    pub(super) echo: bool,
    /// Send whatever arrives to all the other peers
    #[arg(long, conflicts_with = "echo")]
    pub(super) relay: bool,
    // Not as a doc comment, which would take the brackets for links.
    #[arg(
        long,
        value_name = "FILE.toml",
        conflicts_with_all = ["echo", "relay"],
        help = "Answer by the [[rule]] tables of this file, or those of its session if it has but one; without \
                --framing messages are cut as that session says. 'netassist examples' lists some"
    )]
    pub(super) rules: Option<PathBuf>,
    /// What goes to standard output [default: text on a terminal, else raw]
    #[arg(long, value_name = "WHAT")]
    pub(super) print: Option<Print>,
    // Not as a doc comment, which would take the brackets for links.
    #[arg(long = "framing", alias = "frame", value_name = "FRAMING", value_parser = values::framing,
        help = "How bytes are cut into messages, for --rules, --expect, --short, --print hex and log: none, line, delimiter:HEX, fixed:N, \
                length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N], idle:DURATION")]
    pub(super) frame: Option<Framing>,
    /// Keep the capture in this file, which must not exist
    #[arg(long, value_name = "FILE.pcapng")]
    pub(super) capture: Option<PathBuf>,
    /// Replace the file of --capture if it exists
    #[arg(long, requires = "capture")]
    pub(super) overwrite: bool,
    /// End after this time
    #[arg(long = "for", value_name = "DURATION", value_parser = values::duration)]
    pub(super) lasting: Option<Duration>,
    /// End when no byte came or went for this time
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub(super) idle: Option<Duration>,
    /// End when this many bytes were received, or a few more
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_bytes: Option<u64>,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Print {
    /// Received bytes as text; on a terminal, control characters are shown instead of obeyed
    Text,
    /// Received bytes as hex, a line for each read or datagram, or with --framing each message
    Hex,
    /// A log of everything: sent, received, events
    Log,
    /// Received bytes as they are
    Raw,
    /// Nothing
    None,
}

/// `export`.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The capture: of this program, or any other that is pcapng or pcap
    #[arg(value_name = "CAPTURE")]
    pub(super) capture: PathBuf,
    /// As what: text, netassist, netassist5, hexdump, csv, jsonl, raw-rx, raw-tx, pcapng
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Format,
    /// Where to; standard output if not given
    #[arg(long, short, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
    /// Replace the output if it exists
    #[arg(long, requires = "output")]
    pub(super) overwrite: bool,
    /// The charset of the data, for logs, csv and what is searched for
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) charset: Charset,
    /// How the data are shown in logs
    #[arg(long, value_enum, default_value_t)]
    pub(super) body: Body,
    #[command(flatten)]
    pub(super) part: Part,
}

/// What of a capture.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(super) struct Part {
    // Not as a doc comment, which would take the brackets for links.
    #[arg(long = "framing", alias = "frame", value_name = "FRAMING", value_parser = values::framing,
        help = "How bytes are cut into messages, each saved as one entry: none, line, delimiter:HEX, fixed:N, \
                length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N], idle:DURATION")]
    pub(super) frame: Option<Framing>,
    /// Only data that went this way
    #[arg(long, value_name = "DIRECTION")]
    pub(super) only: Option<Only>,
    /// Only what this peer sent, was sent or did; repeatable
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = values::peer)]
    pub(super) peer: Vec<values::Peer>,
    /// Only what contains this text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, group = "query")]
    pub(super) find: Option<String>,
    /// Only what contains these bytes; ?? stands for any byte: 48 65 ?? 6c
    #[arg(long, value_name = "HEX", allow_hyphen_values = true, group = "query")]
    pub(super) find_hex: Option<String>,
    /// Only what this regular expression over bytes matches
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true, group = "query")]
    pub(super) find_regex: Option<String>,
    /// Take no account of upper and lower case in --find and --find-regex
    #[arg(long, requires = "query", conflicts_with = "find_hex")]
    pub(super) ignore_case: bool,
    /// Only from this time on, e.g. 2026-11-20T22:51:15.5; without an offset such as +08:00 or Z in the
    /// zone of this machine
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    pub(super) from: Option<Stamp>,
    /// Only up to this time
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    pub(super) to: Option<Stamp>,
    /// Only the records of these numbers (100-200, 100- or 100), and messages that begin in one of them;
    /// numbers are those that jsonl and csv give
    #[arg(long, value_name = "A-B", value_parser = values::numbers)]
    pub(super) records: Option<RangeInclusive<u64>>,
}

/// A direction, seen from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Only {
    /// What the peer sent
    Received,
    /// What was sent to the peer
    Sent,
}

/// How the data are shown in logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Body {
    /// As text
    #[default]
    Text,
    /// As hex
    Hex,
    /// As hex and printable ASCII, 16 bytes a row
    Dump,
}
