//! How a byte stream is split into messages.
//!
//! - [`Framing`] is what the user chose, as plain data. The command line and the settings use its text form
//!   ([`FromStr`](std::str::FromStr), [`Display`](std::fmt::Display)).
//! - [`Framer`] takes the bytes of one stream as they arrive. How reads divide them does not matter.

mod cut;
mod delimited;
mod framer;
mod lengths;
mod lines;
mod syntax;

use std::time::Duration;

use super::duration::to_text;
use super::{named_enum, worded_enum};

pub use cut::{Cut, Verdict};
pub use framer::Framer;
pub use syntax::{FramingError, FramingProblem};

/// The longest message, in bytes: longer ones are cut here, which bounds the memory that a message without an
/// end takes.
pub const MAX_MESSAGE: u32 = 16 << 20;
/// The longest delimiter, in bytes.
pub const MAX_DELIMITER: usize = 64;
/// The highest offset of a length field.
pub const MAX_OFFSET: u32 = 1024;
/// The largest adjustment of a length, up or down, in bytes.
pub const MAX_ADJUST: i64 = MAX_MESSAGE as i64;
/// The longest message of a length field by default, in bytes.
pub const DEFAULT_MAX: u32 = 1 << 20;
/// The shortest pause that can end a message.
pub const MIN_PAUSE: Duration = Duration::from_micros(1);
/// The longest pause that can end a message.
pub const MAX_PAUSE: Duration = Duration::from_hours(1);

/// How a byte stream is split into messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Each read, or each datagram, is a message.
    #[default]
    AsReceived,
    /// Messages end with LF, CR LF, or a CR that no LF follows.
    Line,
    /// Messages end with these bytes, 1 to [`MAX_DELIMITER`] of them.
    Delimiter(Vec<u8>),
    /// Messages have a fixed length in bytes, 1 to [`MAX_MESSAGE`].
    Fixed(u32),
    /// Messages contain their length.
    Length(LengthField),
    /// Messages end where no byte follows for this time, from [`MIN_PAUSE`] to [`MAX_PAUSE`].
    Idle(Duration),
}

/// The length field of a message. The header is everything up to the end of the field. A message has `value +
/// adjust` bytes if `includes_header`, else these and the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LengthField {
    /// Offset of the field in bytes, at most [`MAX_OFFSET`].
    pub offset: u32,
    /// Width of the field in bytes, 1 to 8.
    pub width: u8,
    /// Byte order of the field.
    pub order: ByteOrder,
    /// Added to the value, at most [`MAX_ADJUST`] up or down; for example the length of a checksum that the
    /// field does not count.
    pub adjust: i64,
    /// Whether the value counts the header.
    pub includes_header: bool,
    /// The longest valid message in bytes, from the length of the header to [`MAX_MESSAGE`].
    pub max: u32,
}

impl Default for LengthField {
    /// Two big-endian bytes at the start that count what follows them.
    fn default() -> Self {
        Self {
            offset: 0,
            width: 2,
            order: ByteOrder::Big,
            adjust: 0,
            includes_header: false,
            max: DEFAULT_MAX,
        }
    }
}

named_enum! {
    /// Byte order of a number.
    #[derive(Default)]
    pub enum ByteOrder {
        /// High byte first, as in network protocols.
        #[default]
        Big = "be",
        /// Low byte first.
        Little = "le",
    }
}

impl ByteOrder {
    /// The `n` lowest bytes of a number, at most 16.
    pub(super) fn bytes(self, number: u128, n: usize) -> Vec<u8> {
        let mut bytes = number.to_le_bytes().to_vec();
        bytes.truncate(n);
        if self == Self::Big {
            bytes.reverse();
        }
        bytes
    }
}

worded_enum! {
    /// A value of a framing that is out of range. Each belongs to one field of a form.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum FramingFault {
        Delimiter(usize) = "expected a delimiter of 1 to {MAX_DELIMITER} bytes, found {0}";
        Size(u32) = "expected a message size from 1 to {MAX_MESSAGE} bytes, found {0}";
        Offset(u32) = "expected a length field at offset 0 to {MAX_OFFSET}, found {0}";
        Width(u8) = "expected a length field of 1 to 8 bytes, found {0}";
        Adjust(i64) = "expected an adjustment from -{MAX_ADJUST} to +{MAX_ADJUST}, found {0:+}";
        /// The longest message.
        Max {
            /// The value in bytes.
            max: u32,
            /// Length of the header in bytes.
            header: u32,
        } = "expected a maximum message length from {header} to {MAX_MESSAGE} bytes, found {max}";
        Pause(Duration) = "expected a pause from {} to {}, found {}" (to_text(MIN_PAUSE), to_text(MAX_PAUSE), to_text(*.0));
    }
}

impl Framing {
    /// All values that are out of range. A framing with such a value splits as
    /// [`AsReceived`](Self::AsReceived) does.
    pub fn faults(&self) -> Vec<FramingFault> {
        let wrong = |is_right: bool, fault| if is_right { Vec::new() } else { vec![fault] };
        match self {
            Self::AsReceived | Self::Line => Vec::new(),
            Self::Delimiter(bytes) => {
                let len = bytes.len();
                wrong((1..=MAX_DELIMITER).contains(&len), FramingFault::Delimiter(len))
            }
            Self::Fixed(size) => wrong((1..=MAX_MESSAGE).contains(size), FramingFault::Size(*size)),
            Self::Length(field) => field.faults(),
            Self::Idle(pause) => wrong((MIN_PAUSE..=MAX_PAUSE).contains(pause), FramingFault::Pause(*pause)),
        }
    }
}

impl LengthField {
    /// All values that are out of range.
    pub fn faults(&self) -> Vec<FramingFault> {
        let Self { offset, width, adjust, max, .. } = *self;
        let header = self.header();
        let parts = [
            (offset <= MAX_OFFSET, FramingFault::Offset(offset)),
            ((1..=8).contains(&width), FramingFault::Width(width)),
            ((-MAX_ADJUST..=MAX_ADJUST).contains(&adjust), FramingFault::Adjust(adjust)),
            ((header.max(1)..=MAX_MESSAGE).contains(&max), FramingFault::Max { max, header }),
        ];
        parts.into_iter().filter(|(is_right, _)| !is_right).map(|(_, fault)| fault).collect()
    }

    /// Length in bytes of the header.
    pub fn header(&self) -> u32 {
        self.offset.saturating_add(u32::from(self.width))
    }
}
