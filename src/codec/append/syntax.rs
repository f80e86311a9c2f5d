//! The text form of a step: `crlf`, `hex:0D`, `CRC-16/MODBUS:from=1`, `length:0:2:be`.

use std::fmt;
use std::str::FromStr;

use super::{Check, MAX_BYTES, Step, Written};
use crate::codec::frame::{ByteOrder, Framing, FramingProblem};
use crate::codec::hex::{self, HexProblem};
use crate::codec::text_error::TextError;
use crate::codec::{Checksum, LineBreak, worded_enum};

worded_enum! {
    /// Why a text is not a step.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum StepProblem {
        Unknown = "unknown item; expected cr, lf, crlf, hex:BYTES, a checksum such as CRC-16/MODBUS, CRC-32, LRC or \
             XOR-8 with [:from=N][:to=-N][:be|le][:text], or \
             length:OFFSET:WIDTH:be|le[:ADJUST][:whole][:max=N]";
        /// The fixed bytes are not hex.
        Hex(HexProblem) = "{0}";
        Count(usize) = "expected 1 to {MAX_BYTES} bytes, found {0}";
        /// An unknown option of a checksum.
        Option = "expected from=N (skip the first N bytes), to=-N (skip the last N), be or le (high or low byte \
             first), or text (as hex digits)";
        Twice = "given more than once";
        /// Not a whole number, or one that is far too large.
        Number = "expected a whole number, e.g. from=1 or to=-2";
        /// An invalid length field.
        Length(FramingProblem) = "{0}";
    }
}

/// Where and why a text is not a step.
pub type StepError = TextError<StepProblem>;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineEnd(end) => f.write_str(end.name()),
            Self::Bytes(bytes) => write!(f, "hex:{}", ::hex::encode_upper(bytes)),
            Self::Check(check) => check.fmt(f),
            Self::Length(field) => write!(f, "length:{field}"),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.checksum.fmt(f)?;
        if self.from > 0 {
            write!(f, ":from={}", self.from)?;
        }
        if self.until > 0 {
            write!(f, ":to=-{}", self.until)?;
        }
        if self.order != self.checksum.usual_order() {
            write!(f, ":{}", self.order.name())?;
        }
        match self.written {
            Written::Bytes => Ok(()),
            Written::Hex => f.write_str(":text"),
        }
    }
}

impl FromStr for Step {
    type Err = StepError;

    /// Reads what [`Display`](fmt::Display) writes. Names may be in either case, options in any order.
    fn from_str(text: &str) -> Result<Self, StepError> {
        let name = text.split(':').next().unwrap_or_default();
        if let Some(end) = LineBreak::ALL.into_iter().find(|end| text.eq_ignore_ascii_case(end.name())) {
            return Ok(Self::LineEnd(end));
        }
        let rest = text.get(name.len() + 1..);
        match (name.to_ascii_lowercase().as_str(), rest) {
            ("hex", Some(digits)) => bytes(digits, name.len() + 1),
            ("hex", None) => Err(StepError { at: 0, len: text.len(), why: StepProblem::Count(0) }),
            ("length", _) => length(text),
            _ => check(text, name).map(Self::Check),
        }
    }
}

fn bytes(digits: &str, start: usize) -> Result<Step, StepError> {
    let bytes = hex::parse(digits).map_err(|error| error.within(start, StepProblem::Hex))?;
    let n = bytes.len();
    if (1..=MAX_BYTES).contains(&n) {
        Ok(Step::Bytes(bytes))
    } else {
        Err(StepError { at: start, len: digits.len(), why: StepProblem::Count(n) })
    }
}

fn length(text: &str) -> Result<Step, StepError> {
    // The name of the framing is in lower case.
    let lower = text.to_ascii_lowercase();
    match lower.parse() {
        Ok(Framing::Length(field)) => Ok(Step::Length(field)),
        Ok(_) => Err(StepError { at: 0, len: text.len(), why: StepProblem::Unknown }),
        Err(error) => Err(error.within(0, StepProblem::Length)),
    }
}

fn check(text: &str, name: &str) -> Result<Check, StepError> {
    let unknown = StepError { at: 0, len: name.len(), why: StepProblem::Unknown };
    let mut check = Check::new(name.parse::<Checksum>().map_err(|_no_name| unknown)?);
    let (mut from, mut until, mut order, mut written) = (None, None, None, None);
    let mut at = name.len() + 1;
    for word in text.get(at..).into_iter().flat_map(|rest| rest.split(':')) {
        let wrong = |why| StepError { at, len: word.len(), why };
        let number = |digits: &str| digits.parse().map_err(|_no_number| wrong(StepProblem::Number));
        let lower = word.to_ascii_lowercase();
        let slot = if let Some(digits) = lower.strip_prefix("from=") {
            check.from = number(digits)?;
            &mut from
        } else if let Some(digits) = lower.strip_prefix("to=") {
            let digits = digits.strip_prefix('-').ok_or_else(|| wrong(StepProblem::Number))?;
            check.until = number(digits)?;
            &mut until
        } else if let Some(byte_order) = ByteOrder::named(&lower) {
            check.order = byte_order;
            &mut order
        } else if lower == "text" {
            check.written = Written::Hex;
            &mut written
        } else {
            return Err(wrong(StepProblem::Option));
        };
        if slot.replace(()).is_some() {
            return Err(wrong(StepProblem::Twice));
        }
        at += word.len() + 1;
    }
    Ok(check)
}
