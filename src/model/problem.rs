//! What is wrong with a value typed in a file, a field or a flag, and what is accepted.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::Protocol;
use crate::codec::append::{AppendFault, StepError};
use crate::codec::compose::ComposeError;
use crate::codec::duration;
use crate::codec::frame::{FramingError, FramingFault};
use crate::codec::hex::HexError;
use crate::codec::matcher::MatcherError;
use crate::codec::number::NumberFault;
use crate::codec::template::TemplateError;

/// A fault and the place where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The keys that lead to the value, with dots between: `options.connect-timeout`, `rule.2.pattern`. Tables in
    /// lists are counted from 0. Relative to the form that was checked.
    pub path: Cow<'static, str>,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    /// A problem of the field at `path`.
    pub fn new(path: impl Into<Cow<'static, str>>, fault: impl Into<Fault>) -> Self {
        Self { path: path.into(), fault: fault.into() }
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
        if self.path.is_empty() { self.fault.fmt(f) } else { write!(f, "{}: {}", self.path, self.fault) }
    }
}

impl std::error::Error for Problem {}

/// Makes a closure that turns a fault into a problem of the field at `path`.
pub fn at<F: Into<Fault>>(path: impl Into<Cow<'static, str>>) -> impl FnOnce(F) -> Problem {
    |fault| Problem::new(path, fault)
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A value is required.
    Missing,
    /// The value is not a whole number in this range, both ends included.
    Number(i64, i64),
    /// The value is not a duration in this range, both ends included.
    Duration(Duration, Duration),
    /// The value is not of this kind.
    Expected(Expected),
    /// The value is not one of these words.
    OneOf(&'static [&'static str]),
    /// The value is not hex.
    Hex(HexError),
    /// The text cannot be encoded.
    Typed(ComposeError),
    /// The text with placeholders is invalid.
    Template(TemplateError),
    /// The value is not a pattern.
    Pattern(MatcherError),
    /// The value is not a framing.
    Framing(FramingError),
    /// A value of a framing is out of range.
    Limit(FramingFault),
    /// The value is not a step to append.
    Step(StepError),
    /// The step cannot be appended to the message.
    Append(AppendFault),
    /// More than this many bytes.
    TooLong(usize),
    /// A session of this protocol does not use the value.
    Unused(Protocol),
    /// No such key: the most similar known one, if there is one, and all known ones.
    UnknownKey(Option<String>, Vec<String>),
    /// Anything else, in English, such as the message of a parser.
    Other(String),
}

/// Kinds of values with a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// An address of this machine.
    LocalHost,
    /// An address or a host name.
    Host,
    /// A multicast group.
    Group,
    /// A network interface.
    Interface,
    /// `off`, `system`, or two times and a number.
    KeepAlive,
    /// An address, with or without a port.
    Peer,
    /// A number of bytes, or a range of them.
    Lengths,
    /// A duration of up to a day, or a range of them.
    Delay,
    /// Bytes per second.
    Rate,
    /// A checksum.
    Checksum,
    /// A key of the keyboard.
    Key,
    /// Modbus addresses and bits.
    Bits,
    /// Modbus addresses and registers.
    Registers,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LocalHost => "expected an address of this machine, e.g. 127.0.0.1, 0.0.0.0 or ::1",
            Self::Host => "expected an address or a host name, e.g. 192.0.2.1, ::1 or example.org",
            Self::Group => "expected a multicast address, e.g. 239.1.2.3 or ff02::1",
            Self::Interface => "expected an IPv4 address of this machine, or the index of an interface",
            Self::KeepAlive => {
                "expected off, system, or idle time, interval and number of probes, e.g. 60s 10s 5"
            }
            Self::Peer => {
                "expected an address, with or without a port, e.g. 192.0.2.1, 192.0.2.1:80 or [::1]:80"
            }
            Self::Lengths => "expected a number of bytes or a range, e.g. 8, 2..20, 2.. or ..20",
            Self::Delay => "expected a duration of up to a day, or a range, e.g. 20ms, 1.5s or 5ms..20ms",
            Self::Rate => "expected bytes per second, e.g. 9600, 100k or 1.5M",
            Self::Checksum => "expected a checksum, e.g. CRC-16/MODBUS or XOR-8:from=1",
            Self::Key => "expected F1 to F12, with Ctrl+, Alt+ or Shift+ if wanted, or Alt+1",
            Self::Bits => "expected an address and bits, e.g. 0: 1 0 1; 100-199: 0",
            Self::Registers => {
                "expected an address and numbers from -32768 to 65535 or 0xFFFF, e.g. 0: 100 0x1F; 40-49: 0"
            }
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("required"),
            Self::Number(least, most) => NumberFault::NotInRange(least, most).fmt(f),
            Self::Duration(least, most) => {
                let (least, most) = (duration::to_text(*least), duration::to_text(*most));
                write!(f, "expected a duration from {least} to {most}, e.g. 20ms or 1.5s")
            }
            Self::Expected(expected) => expected.fmt(f),
            Self::OneOf(words) => write!(f, "expected one of {}", words.join(", ")),
            Self::Hex(error) => error.fmt(f),
            Self::Typed(error) => error.fmt(f),
            Self::Template(error) => error.fmt(f),
            Self::Pattern(error) => error.fmt(f),
            Self::Framing(error) => error.fmt(f),
            Self::Limit(fault) => fault.fmt(f),
            Self::Step(error) => error.fmt(f),
            Self::Append(fault) => fault.fmt(f),
            Self::TooLong(most) => write!(f, "too long: expected at most {most} bytes"),
            Self::Unused(protocol) => write!(f, "not used by a {} session", protocol.name()),
            Self::UnknownKey(Some(nearest), _) => write!(f, "unknown key; did you mean ‘{nearest}’?"),
            Self::UnknownKey(None, known) => write!(f, "unknown key; expected one of {}", known.join(", ")),
            Self::Other(why) => f.write_str(why),
        }
    }
}

macro_rules! fault_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Fault {
            fn from(error: $from) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

fault_from! {
    Expected => Expected,
    HexError => Hex,
    ComposeError => Typed,
    TemplateError => Template,
    MatcherError => Pattern,
    FramingError => Framing,
    FramingFault => Limit,
    StepError => Step,
    AppendFault => Append,
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
