//! What is added to a message before it goes: a line end, fixed bytes, a checksum, and in front the length.
//! Knows not where the message comes from.

mod syntax;

use std::fmt;

use super::checksum::Checksum;
use super::frame::{ByteOrder, LengthField};
use super::hex;

pub use syntax::{StepError, StepProblem};

/// The most fixed bytes that one step appends.
pub const MAX_BYTES: usize = 1024;

/// One thing that is added. Its text, as the command line and the settings write it, is read and
/// printed by [`FromStr`](std::str::FromStr) and [`Display`](fmt::Display).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The bytes that end a line, whatever the charset.
    LineEnd(LineEnd),
    /// These bytes, 1 to [`MAX_BYTES`].
    Bytes(Vec<u8>),
    /// A checksum of what stands there so far.
    Check(Check),
    /// The length of the whole message, as it goes, so that the framing by the same field reads it. The
    /// field is put in before anything is appended.
    Length(LengthField),
}

/// The end of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// `0D`.
    Cr,
    /// `0A`.
    Lf,
    /// `0D 0A`.
    #[default]
    CrLf,
}

impl LineEnd {
    /// All of them, in the order of a list.
    pub const ALL: [Self; 3] = [Self::Cr, Self::Lf, Self::CrLf];

    /// The bytes.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Cr => b"\r",
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
        }
    }
}

/// A checksum that is appended: which one, of what, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Check {
    /// How it is computed.
    pub checksum: Checksum,
    /// So many bytes of the head are left out.
    pub from: u32,
    /// So many bytes of the tail are left out.
    pub until: u32,
    /// Which of its bytes comes first.
    pub order: ByteOrder,
    /// How its bytes are written.
    pub written: Written,
}

/// How the bytes of a checksum are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Written {
    /// As they are.
    #[default]
    Bytes,
    /// Each as two upper-case hex digits in ASCII.
    Hex,
}

impl Check {
    /// The checksum of all that stands there, written as bytes in its
    /// [usual order](Checksum::usual_order).
    pub fn new(checksum: Checksum) -> Self {
        Self { checksum, from: 0, until: 0, order: checksum.usual_order(), written: Written::Bytes }
    }

    fn len(self) -> u64 {
        let n_bytes = u64::from(self.checksum.bits().div_ceil(8));
        match self.written {
            Written::Bytes => n_bytes,
            Written::Hex => n_bytes * 2,
        }
    }

    /// Whether `message` ends with what this check appends. Hex digits may be of either case.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::append::Check;
    /// let modbus = Check::new("CRC-16/MODBUS".parse().unwrap());
    /// assert!(modbus.holds(b"\x01\x03\0\0\0\x02\xC4\x0B"));
    /// assert!(!modbus.holds(b"\x01\x03\0\0\0\x03\xC4\x0B"));
    /// ```
    pub fn holds(self, message: &[u8]) -> bool {
        let split = usize::try_from(self.len()).ok().and_then(|len| message.len().checked_sub(len));
        let Some((body, end)) = split.and_then(|at| message.split_at_checked(at)) else { return false };
        let Ok(expected) = self.of(body) else { return false };
        match self.written {
            Written::Bytes => expected == end,
            Written::Hex => expected.eq_ignore_ascii_case(end),
        }
    }

    /// What is appended to `message`.
    fn of(self, message: &[u8]) -> Result<Vec<u8>, AppendFault> {
        let len = message.len();
        let too_short = AppendFault::NothingToCheck { len, from: self.from, until: self.until };
        let covered = offset(self.from)
            .zip(offset(self.until))
            .and_then(|(from, until)| message.get(from..len.checked_sub(until)?))
            .ok_or(too_short)?;
        let value = self.checksum.compute(covered).to_bytes(self.order);
        Ok(match self.written {
            Written::Bytes => value,
            // The digits are ASCII.
            Written::Hex => value.into_iter().flat_map(hex::digits).map(|digit| digit as u8).collect(),
        })
    }
}

fn offset(n: u32) -> Option<usize> {
    usize::try_from(n).ok()
}

/// Why something cannot be added to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppendFault {
    /// A message of `len` bytes, of which the checksum leaves out more.
    NothingToCheck {
        /// Bytes of the message.
        len: usize,
        /// Bytes of the head to leave out.
        from: u32,
        /// Bytes of the tail to leave out.
        until: u32,
    },
    /// A message of `len` bytes is shorter than what shall stand before its length field.
    NoPlaceForLength {
        /// Bytes of the message.
        len: usize,
        /// Bytes before the field.
        offset: u32,
    },
    /// The value of the length field, which does not fit into its `width` bytes.
    LengthDoesNotFit {
        /// The value.
        value: i64,
        /// Bytes of the field.
        width: u8,
    },
    /// The message would have `len` bytes, and the length field allows `max`.
    TooLong {
        /// Bytes of the message.
        len: u64,
        /// The longest that is allowed.
        max: u32,
    },
    /// There is a second length field.
    TwoLengths,
}

impl fmt::Display for AppendFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToCheck { len, from, until } => {
                write!(f, "the checksum leaves out {from} + {until} bytes of a message of length {len}")
            }
            Self::NoPlaceForLength { len, offset } => {
                write!(f, "the length shall stand behind {offset} bytes of a message of length {len}")
            }
            Self::LengthDoesNotFit { value, width } => {
                write!(f, "the length would be {value}, which does not fit into a field of width {width}")
            }
            Self::TooLong { len, max } => {
                write!(f, "the message would be {len} bytes long; its length field allows {max}")
            }
            Self::TwoLengths => f.write_str("a message has one length field, not two"),
        }
    }
}

impl std::error::Error for AppendFault {}

/// Adds to `message` what `steps` say, in their order, but the length first of all.
///
/// # Errors
/// If the message is too short for a step, or too long for the length field.
///
/// # Example
/// ```
/// use netassist::codec::append::{Step, apply};
/// let steps: Vec<Step> = ["CRC-16/MODBUS", "crlf"].map(|step| step.parse().unwrap()).into();
/// assert_eq!(apply(&steps, vec![1, 3, 0, 0, 0, 2]).unwrap(), b"\x01\x03\0\0\0\x02\xC4\x0B\r\n");
/// ```
pub fn apply(steps: &[Step], mut message: Vec<u8>) -> Result<Vec<u8>, AppendFault> {
    let mut lengths = steps.iter().filter_map(|step| match step {
        Step::Length(field) => Some(*field),
        Step::LineEnd(_) | Step::Bytes(_) | Step::Check(_) => None,
    });
    if let Some(field) = lengths.next() {
        if lengths.next().is_some() {
            return Err(AppendFault::TwoLengths);
        }
        let appended: u64 = steps.iter().map(appended).sum();
        insert_length(&mut message, field, appended)?;
    }
    for step in steps {
        match step {
            Step::LineEnd(end) => message.extend(end.bytes()),
            Step::Bytes(bytes) => message.extend(bytes),
            Step::Check(check) => message.extend(check.of(&message)?),
            Step::Length(_) => {}
        }
    }
    Ok(message)
}

/// How much steps add to a message, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Added {
    /// At its end.
    pub(super) behind: usize,
    /// The length field: so many bytes stand before it, and so many it has itself.
    pub(super) front: Option<(usize, usize)>,
}

impl Added {
    /// What these steps add.
    pub(super) fn by(steps: &[Step]) -> Self {
        let field = steps.iter().find_map(|step| match step {
            Step::Length(field) => Some((offset(field.offset)?, usize::from(field.width))),
            Step::LineEnd(_) | Step::Bytes(_) | Step::Check(_) => None,
        });
        let behind: u64 = steps.iter().map(appended).sum();
        Self { behind: usize::try_from(behind).unwrap_or(usize::MAX), front: field }
    }
}

/// How many bytes a step appends at the end.
fn appended(step: &Step) -> u64 {
    match step {
        Step::LineEnd(end) => end.bytes().len() as u64,
        Step::Bytes(bytes) => bytes.len() as u64,
        Step::Check(check) => check.len(),
        Step::Length(_) => 0,
    }
}

/// Puts the field into the message, which will grow by so many bytes more.
fn insert_length(message: &mut Vec<u8>, field: LengthField, appended: u64) -> Result<(), AppendFault> {
    let LengthField { offset: before, width, order, adjust, includes_header, max } = field;
    let no_place = AppendFault::NoPlaceForLength { len: message.len(), offset: before };
    let place = offset(before).filter(|place| *place <= message.len()).ok_or(no_place)?;
    let len = message.len() as u64 + u64::from(width) + appended;
    if len > u64::from(max) {
        return Err(AppendFault::TooLong { len, max });
    }
    let counted = if includes_header { len } else { len - u64::from(field.header()) };
    let value = i64::try_from(counted).unwrap_or(i64::MAX).saturating_sub(adjust);
    let width_bytes = usize::from(width);
    let does_not_fit = AppendFault::LengthDoesNotFit { value, width };
    let mut bytes = u64::try_from(value).map_err(|_negative| does_not_fit)?.to_le_bytes().to_vec();
    if bytes.get(width_bytes..).is_none_or(|rest| rest.iter().any(|byte| *byte != 0)) {
        return Err(does_not_fit);
    }
    bytes.truncate(width_bytes);
    match order {
        ByteOrder::Little => {}
        ByteOrder::Big => bytes.reverse(),
    }
    message.splice(place..place, bytes);
    Ok(())
}

#[cfg(test)]
mod tests;
