//! Errors in messages with placeholders.

use std::fmt;

use super::{MAX_DIGITS, MAX_RANDOM};
use crate::codec::compose::ComposeProblem;
use crate::codec::text_error::TextError;

/// Why a message with placeholders cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateProblem {
    /// The text between the placeholders is invalid.
    Typed(ComposeProblem),
    /// A brace that is never closed.
    OpenBrace,
    /// An unknown placeholder.
    Unknown,
    /// An invalid time format, or one with characters that the charset lacks.
    Time,
    /// An invalid counter.
    Counter,
    /// An invalid number of random bytes.
    Random,
    /// An invalid range of numbers.
    Number,
    /// An invalid length.
    Length,
    /// An unknown group of the regular expression.
    Group,
    /// An invalid position of a byte.
    Byte,
    /// An invalid range of bytes.
    Bytes,
    /// An invalid path to a member of JSON.
    Json,
}

/// Where and why a message with placeholders cannot be read.
pub type TemplateError = TextError<TemplateProblem>;

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed(why) => why.fmt(f),
            Self::OpenBrace => f.write_str("unclosed brace; write {{ for a literal brace"),
            Self::Unknown => f.write_str(
                "unknown placeholder; expected one of {time[:FORMAT]}, {unix}, {unix_ms}, \
                 {n[:START[:STEP[:WIDTH[:be|le]]]]}, {random:N}, {number:A-B}, {peer}, \
                 {length[+K|-K][:WIDTH[:be|le]]}, {rest[+K|-K][:WIDTH[:be|le]]}; write {{ for a literal brace",
            ),
            Self::Time => f.write_str("expected a strftime format, e.g. {time:%H:%M:%S%.3f}"),
            Self::Counter => write!(
                f,
                "expected a start, a step and at most {MAX_DIGITS} digits, e.g. {{n:1:1:4}}, or up to eight bytes \
                 and their order, e.g. {{n:0:1:2:be}}"
            ),
            Self::Random => write!(f, "expected a number of bytes from 1 to {MAX_RANDOM}, e.g. {{random:8}}"),
            Self::Number => f.write_str("expected the least and the greatest number, e.g. {number:1-100}"),
            Self::Length => write!(
                f,
                "expected a number to add and at most {MAX_DIGITS} digits, e.g. {{length-2:4}}, or up to eight \
                 bytes and their order, e.g. {{length:2:be}}"
            ),
            Self::Group => f.write_str(
                "the pattern has no such group; {0} is the whole message, {1} the first group of a regular \
                 expression",
            ),
            Self::Byte => f.write_str(
                "expected a position from the start or the end, and a number to add, e.g. {byte:3}, {byte:-1}, \
                 {byte:3+1}",
            ),
            Self::Bytes => f.write_str("expected the first byte and the end, e.g. {bytes:2..6}, {bytes:-2..}"),
            Self::Json => f.write_str("expected names or numbers separated by dots, e.g. {json:user.name}"),
        }
    }
}
