//! What is wrong with a value typed in a file, a field or a flag, and what is accepted.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Protocol, Proxy};
use crate::codec::append::{AppendFault, StepError};
use crate::codec::compose::ComposeError;
use crate::codec::duration::{self, to_text};
use crate::codec::frame::{FramingError, FramingFault};
use crate::codec::hex::HexError;
use crate::codec::matcher::MatcherError;
use crate::codec::number::NumberFault;
use crate::codec::template::TemplateError;

/// A fault and the place where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The keys that lead to the value, with dots between: `options.connect-timeout`, `rule.2.pattern`. Tables in
    /// lists are counted from 0 here, and from 1 for people. Relative to the form that was checked.
    pub path: Cow<'static, str>,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    /// A problem of the field at `path`.
    pub fn new(path: impl Into<Cow<'static, str>>, fault: impl Into<Fault>) -> Self {
        Self { path: path.into(), fault: fault.into() }
    }

    /// The path for people, with what is in a list by its place from 1: `rule 3, pattern`.
    pub fn place(&self) -> String {
        let mut place = String::new();
        let (mut list, mut dot) = ("", "");
        for part in self.path.split('.') {
            match part.parse::<u64>() {
                Ok(n) if ["session", "rule", "quick"].contains(&list) => {
                    place.extend([" ", &n.saturating_add(1).to_string()]);
                    dot = ", ";
                }
                Ok(_) | Err(_) => {
                    place.push_str(dot);
                    place.push_str(part);
                    dot = ".";
                }
            }
            list = part;
        }
        place
    }

    /// The same problem, seen from the table that holds the form under `prefix`.
    #[must_use]
    pub fn within(self, prefix: impl fmt::Display) -> Self {
        let path = if self.path.is_empty() { prefix.to_string() } else { format!("{prefix}.{}", self.path) };
        Self { path: path.into(), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { self.fault.fmt(f) } else { write!(f, "{}: {}", self.place(), self.fault) }
    }
}

impl std::error::Error for Problem {}

/// Makes a closure that turns a fault into a problem of the field at `path`.
pub fn at<F: Into<Fault>>(path: impl Into<Cow<'static, str>>) -> impl FnOnce(F) -> Problem {
    |fault| Problem::new(path, fault)
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A value is required.
    #[error("required")]
    Missing,
    /// The value is not a whole number in this range, both ends included.
    #[error("{}", NumberFault::NotInRange(.0, .1))]
    Number(i64, i64),
    /// The value is not a duration in this range, both ends included.
    #[error("expected a duration from {} to {}, e.g. 20ms or 1.5s", to_text(*.0), to_text(*.1))]
    Duration(Duration, Duration),
    /// The value is not of this kind.
    #[error("{0}")]
    Expected(#[from] Expected),
    /// The value is not one of these words.
    #[error("expected one of {}", .0.join(", "))]
    OneOf(&'static [&'static str]),
    /// This machine has no such interface, but these.
    #[error("no such interface; expected one of {}", .0.join(", "))]
    Zone(Vec<String>),
    /// The value is not hex.
    #[error("{0}")]
    Hex(#[from] HexError),
    /// The text cannot be encoded.
    #[error("{0}")]
    Typed(#[from] ComposeError),
    /// The text with placeholders is invalid.
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// The value is not a pattern.
    #[error("{0}")]
    Pattern(#[from] MatcherError),
    /// The value is not a framing.
    #[error("{0}")]
    Framing(#[from] FramingError),
    /// A value of a framing is out of range.
    #[error("{0}")]
    Limit(#[from] FramingFault),
    /// The value is not a step to append.
    #[error("{0}")]
    Step(#[from] StepError),
    /// The step cannot be appended to the message.
    #[error("{0}")]
    Append(#[from] AppendFault),
    /// More than this many bytes.
    #[error("too long: expected at most {0} bytes")]
    TooLong(u64),
    /// A password where it would be kept.
    #[error("a password is not kept here; set it in the environment variable {}", Proxy::PASSWORD)]
    PasswordTyped,
    /// A session of this protocol does not use the value.
    #[error("not used by a {} session", .0.name())]
    Unused(Protocol),
    /// The value has an effect only with one of these options.
    #[error("has no effect without {}", .0.join(" or "))]
    Needs(&'static [&'static str]),
    /// The value has no effect with this option.
    #[error("has no effect with {0}")]
    GivesWay(&'static str),
    /// A value is required with this option.
    #[error("required with {0}")]
    NeededFor(&'static str),
    /// A session of this protocol has no such faults.
    #[error("{} is not used by a {} session", .0, .1.name())]
    UnusedFault(String, Protocol),
    /// The fault acts on messages, and there is no framing.
    #[error("{0} acts on messages; without a framing, whatever a read returns is one")]
    Unframed(String),
    /// The value is not one of these words.
    #[error("expected one of {}", .0.join(", "))]
    NotOneOf(Vec<String>),
    /// What is wrong with this one of several values.
    #[error("{0}: {1}")]
    Of(String, Box<Self>),
    /// The bytes are not text.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// The file is not a list of quick sends.
    #[error(
        "unknown format; expected a workspace of netassist (.toml), packets of Packet Sender (.ini, .json) or \
         settings of SSCOM (sscom.ini, sscom51.ini)"
    )]
    NotAList,
    /// The key is there twice.
    #[error("duplicate key")]
    Duplicate,
    /// The text is not TOML: what the parser says.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// No such key: the most similar known one, if there is one, and all known ones.
    #[error("{}", unknown_key(.0.as_deref(), .1))]
    UnknownKey(Option<String>, Vec<String>),
    /// Anything else, in English, such as the message of a parser.
    #[error("{0}")]
    Other(String),
}

/// Kinds of values with a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Expected {
    /// An address of this machine.
    #[error("expected an address of this machine, e.g. 127.0.0.1 or *")]
    LocalHost,
    /// An address or a host name.
    #[error("expected an address or a host name, e.g. example.org")]
    Host,
    /// A host without a user.
    #[error(
        "expected a host without user and password; for WebSocket, --ws-header 'Authorization: Basic …' logs in"
    )]
    NoUser,
    /// A proxy.
    #[error(
        "expected socks5h://HOST:PORT, socks5://HOST:PORT or http://HOST:PORT, with USER@ before HOST if needed"
    )]
    Proxy,
    /// A multicast group.
    #[error("expected a multicast address, e.g. 239.1.2.3 or ff02::1")]
    Group,
    /// A network interface.
    #[error("expected the name, the index or the IPv4 address of an interface")]
    Interface,
    /// `off`, `system`, or two times and a number.
    #[error("expected off, system, or idle time, interval and number of probes, e.g. 60s 10s 5")]
    KeepAlive,
    /// An address, with or without a port.
    #[error(
        "expected an address, with or without a port, e.g. 192.0.2.1, 192.0.2.1:80 or [::1]:80, or in a relay client \
         or upstream"
    )]
    Peer,
    /// A number of bytes, or a range of them.
    #[error("expected a number of bytes or a range, e.g. 8, 2..20, 2.. or ..20")]
    Lengths,
    /// A duration of up to a day, or a range of them.
    #[error("expected a duration of up to a day, or a range, e.g. 20ms, 1.5s or 5ms..20ms")]
    Delay,
    /// When a capture goes on in another file.
    #[error("expected a size, a duration or a time of day, e.g. 100M, 1h or 00:00")]
    Rotation,
    /// A share of messages.
    #[error("expected a percentage from 0% to 100%, e.g. 5% or 0.25%")]
    Percentage,
    /// A number of bytes, and how long to pause after them.
    #[error("expected a number of bytes and a time, e.g. 1000:2s")]
    PauseAfter,
    /// The code and the reason of a close of WebSocket.
    #[error(
        "expected a code from 1000 to 4999 that may be sent, and a reason if wanted, e.g. 1001 going away"
    )]
    CloseCode,
    /// A path of HTTP.
    #[error("expected a path that begins with /, e.g. /chat?room=1")]
    Path,
    /// An origin of the web.
    #[error("expected an origin, e.g. https://example.org")]
    Origin,
    /// Names of HTTP.
    #[error("expected names of letters, digits and -._~, separated by spaces")]
    Token,
    /// A header field of HTTP.
    #[error("expected NAME: VALUE on one line")]
    Header,
    /// Bytes per second.
    #[error("expected bytes per second, e.g. 9600, 100k or 1.5M")]
    Rate,
    /// A checksum.
    #[error("expected a checksum, e.g. CRC-16/MODBUS or XOR-8:from=1")]
    Checksum,
    /// A key of the keyboard.
    #[error("expected F1 to F12, with Ctrl+ or Shift+ if wanted, or Alt+1")]
    Key,
    /// True or false.
    #[error("expected true or false")]
    Boolean,
    /// A list.
    #[error("expected a list, e.g. [1, 2]")]
    List,
    /// A table.
    #[error("expected a table, e.g. {{ key = \"value\" }}")]
    Table,
    /// Text.
    #[error("expected text in quotes")]
    Text,
    /// An action of a rule that does without a message.
    #[error("this action needs a message; a rule for silence has none")]
    MessageOfRule,
    /// The name of a command in the settings.
    #[error("no such command in the settings")]
    Command,
    /// Modbus addresses and bits.
    #[error("expected an address and bits, e.g. 0: 1 0 1; 100-199: 0")]
    Bits,
    /// Modbus addresses and registers.
    #[error("expected an address and numbers from -32768 to 65535 or 0xFFFF, e.g. 0: 100 0x1F; 40-49: 0")]
    Registers,
}

fn unknown_key(near: Option<&str>, known: &[String]) -> String {
    match near {
        Some(near) => format!("unknown key; did you mean ‘{near}’?"),
        None => format!("unknown key; expected one of {}", known.join(", ")),
    }
}

impl<T: Into<i64>> From<NumberFault<T>> for Fault {
    fn from(fault: NumberFault<T>) -> Self {
        match fault {
            NumberFault::Missing => Self::Missing,
            NumberFault::NotInRange(least, most) => Self::Number(least.into(), most.into()),
        }
    }
}

/// Reads a duration as typed; a number without a unit is in milliseconds.
///
/// # Errors
/// When it is not a duration, or outside `range`.
pub fn duration_in(text: &str, range: RangeInclusive<Duration>) -> Result<Duration, Fault> {
    let (least, most) = (*range.start(), *range.end());
    duration::parse_span(text, range).map_err(|_why| Fault::Duration(least, most))
}
