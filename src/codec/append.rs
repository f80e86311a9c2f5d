//! What is added to a message before it is sent: a line end, fixed bytes, a checksum, and a length in front.

mod syntax;

use super::checksum::Checksum;
use super::frame::{ByteOrder, LengthField};
use super::hex;
use super::{LineBreak, worded_enum};

pub use syntax::{StepError, StepProblem};

/// The most fixed bytes that one step may append.
pub const MAX_BYTES: usize = 1024;

/// One thing that is added. The command line and the settings use its text form
/// ([`FromStr`](std::str::FromStr), [`Display`](std::fmt::Display)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The same bytes in every charset.
    LineEnd(LineBreak),
    /// Fixed bytes, 1 to [`MAX_BYTES`].
    Bytes(Vec<u8>),
    /// A checksum of the message so far.
    Check(Check),
    /// The length of the whole message as it is sent, so that a framing by the same field reads it. The field
    /// is inserted before anything is appended.
    Length(LengthField),
}

impl Step {
    fn length(&self) -> Option<LengthField> {
        if let Self::Length(field) = self { Some(*field) } else { None }
    }
}

/// A checksum to append: which one, of which bytes, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Check {
    /// The algorithm.
    pub checksum: Checksum,
    /// How many bytes at the start to skip.
    pub from: u32,
    /// How many bytes at the end to skip.
    pub until: u32,
    /// The byte order.
    pub order: ByteOrder,
    /// In binary or as text.
    pub written: Written,
}

/// How a checksum is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Written {
    /// In binary.
    #[default]
    Bytes,
    /// Two upper-case hex digits (ASCII) for each byte.
    Hex,
}

impl Check {
    /// A checksum of the whole message, in binary, in its [usual order](Checksum::usual_order).
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

    /// Whether `message` ends with what this check would append. The case of hex digits is ignored.
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

    /// What to append to `message`.
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
            // Hex digits are ASCII.
            Written::Hex => value.into_iter().flat_map(hex::digits).map(|digit| digit as u8).collect(),
        })
    }
}

fn offset(n: u32) -> Option<usize> {
    usize::try_from(n).ok()
}

worded_enum! {
    /// Why a step cannot be applied to a message.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, thiserror::Error)]
    #[serde(rename_all = "kebab-case")]
    pub enum AppendFault {
        NothingToCheck {
            /// Length of the message in bytes.
            len: usize,
            /// Bytes to skip at the start.
            from: u32,
            /// Bytes to skip at the end.
            until: u32,
        } = "the checksum skips {from} + {until} bytes, but the message has only {len}";
        NoPlaceForLength {
            /// Length of the message in bytes.
            len: usize,
            /// Offset of the field in bytes.
            offset: u32,
        } = "the length field is at offset {offset}, but the message has only {len} bytes";
        LengthDoesNotFit {
            /// The value to write.
            value: i64,
            /// Width of the field in bytes.
            width: u8,
        } = "the length {value} does not fit into a field of {width} bytes";
        TooLong {
            /// Length of the message in bytes.
            len: u64,
            /// The longest message allowed, in bytes.
            max: u32,
        } = "the message would have {len} bytes; its length field allows {max}";
        OverLimit {
            /// Length of the message in bytes, as far as it is known.
            len: u64,
            /// The longest message allowed, in bytes.
            limit: u64,
        } = "the message would have {len} bytes, the limit is {limit}";
        TwoLengths = "a message can have only one length field";
    }
}

/// Applies `steps` to `message` in order, the length field first.
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
    let mut lengths = steps.iter().filter_map(Step::length);
    if let Some(field) = lengths.next() {
        if lengths.next().is_some() {
            return Err(AppendFault::TwoLengths);
        }
        let appended: u64 = steps.iter().map(appended).sum();
        insert_length(&mut message, field, appended)?;
    }
    for step in steps {
        match step {
            Step::LineEnd(end) => message.extend(end.text().bytes()),
            Step::Bytes(bytes) => message.extend(bytes),
            Step::Check(check) => message.extend(check.of(&message)?),
            Step::Length(_) => {}
        }
    }
    Ok(message)
}

/// How many bytes steps add to a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Added {
    /// At the end.
    pub(super) behind: usize,
    /// The length field: its offset and width.
    pub(super) front: Option<(usize, usize)>,
}

impl Added {
    /// What these steps add.
    pub(super) fn by(steps: &[Step]) -> Self {
        let field = steps.iter().find_map(Step::length);
        let field = field.and_then(|field| Some((offset(field.offset)?, usize::from(field.width))));
        let behind: u64 = steps.iter().map(appended).sum();
        Self { behind: usize::try_from(behind).unwrap_or(usize::MAX), front: field }
    }
}

/// How many bytes a step appends at the end.
fn appended(step: &Step) -> u64 {
    match step {
        Step::LineEnd(end) => end.text().len() as u64,
        Step::Bytes(bytes) => bytes.len() as u64,
        Step::Check(check) => check.len(),
        Step::Length(_) => 0,
    }
}

/// Inserts the length field; `appended` is how many bytes will be appended after that.
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
    let fits = |number: &u128| number >> (8 * u32::from(width)) == 0;
    let number = u128::try_from(value).ok().filter(fits);
    let number = number.ok_or(AppendFault::LengthDoesNotFit { value, width })?;
    message.splice(place..place, order.bytes(number, usize::from(width)));
    Ok(())
}
