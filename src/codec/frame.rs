//! How a stream of bytes is cut into messages: the framing, what may be wrong with one, and the
//! machine that finds the cuts. Knows no record, flow or file: what it is given is one stream.
//!
//! - [`Framing`] is what the user chose, plain data. Its text, as the command line and the settings
//!   write it, is read and printed by [`FromStr`](std::str::FromStr) and [`Display`](std::fmt::Display).
//! - [`Framer`] takes the bytes of one stream as they come. How they were cut by reads changes nothing.

mod delimited;
mod framer;
mod lengths;
mod lines;
mod syntax;

use std::fmt;
use std::time::Duration;

use super::duration;

pub use framer::{Cut, Framer, Verdict};
pub use syntax::{FramingError, FramingProblem};

/// No message is longer, in bytes: a longer one is cut there, so that one that never ends costs no
/// more memory than this to show.
pub const MAX_MESSAGE: u32 = 16 << 20;
/// The longest delimiter, in bytes.
pub const MAX_DELIMITER: usize = 64;
/// The most bytes that may stand before a length field.
pub const MAX_OFFSET: u32 = 1024;
/// The most that a length may be adjusted by, up or down, in bytes.
pub const MAX_ADJUST: i64 = MAX_MESSAGE as i64;
/// The longest message that a length field may announce if nothing else is said, in bytes.
pub const DEFAULT_MAX: u32 = 1 << 20;
/// The shortest pause that can end a message.
pub const MIN_PAUSE: Duration = Duration::from_micros(1);
/// The longest pause to wait for.
pub const MAX_PAUSE: Duration = Duration::from_hours(1);

/// How a stream is cut into messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Framing {
    /// What one read returned, or one datagram held, is a message.
    #[default]
    AsReceived,
    /// A message ends with LF, CR LF, or a CR that no LF follows.
    Line,
    /// A message ends with these bytes, 1 to [`MAX_DELIMITER`] of them.
    Delimiter(Vec<u8>),
    /// Every message has so many bytes, 1 to [`MAX_MESSAGE`].
    Fixed(u32),
    /// A message says in its beginning how long it is.
    Length(LengthField),
    /// A message ends where nothing followed for this time, from [`MIN_PAUSE`] to [`MAX_PAUSE`].
    Idle(Duration),
}

/// Where in a message its length stands, and what that counts. The header is all up to and with the
/// length field; a message has `value + adjust` bytes if its length includes the header, else those
/// and its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LengthField {
    /// Bytes of the message before the field, at most [`MAX_OFFSET`].
    pub offset: u32,
    /// Bytes of the field, 1 to 8.
    pub width: u8,
    /// Which byte of the field comes first.
    pub order: ByteOrder,
    /// What is added to the field's value, at most [`MAX_ADJUST`] up or down: a checksum behind the
    /// body that the field does not count, for example.
    pub adjust: i64,
    /// Whether the value counts the header, too.
    pub includes_header: bool,
    /// The longest message that makes sense, in bytes, header included: from the header's length to
    /// [`MAX_MESSAGE`].
    pub max: u32,
}

impl Default for LengthField {
    /// Two bytes at the beginning, the high one first, that count what follows them.
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

/// The order of a number's bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// The high byte first, as network protocols have it.
    #[default]
    Big,
    /// The low byte first.
    Little,
}

/// A value of a framing that is out of its limits. Each belongs to one field of a form; its text says
/// what would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FramingFault {
    /// The delimiter has so many bytes.
    Delimiter(usize),
    /// Messages of this fixed size.
    Size(u32),
    /// So many bytes before the length field.
    Offset(u32),
    /// A length field of so many bytes.
    Width(u8),
    /// A length adjusted by this.
    Adjust(i64),
    /// Messages up to this length, where the header alone has `header` bytes.
    Max {
        /// The longest message.
        max: u32,
        /// The header's length, in bytes.
        header: u32,
    },
    /// A pause of this time.
    Pause(Duration),
}

impl fmt::Display for FramingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delimiter(len) => {
                write!(f, "expected a delimiter of 1 to {MAX_DELIMITER} bytes, found {len}")
            }
            Self::Size(size) => {
                write!(f, "expected a message size from 1 to {MAX_MESSAGE} bytes, found {size}")
            }
            Self::Offset(offset) => {
                write!(f, "expected a length field at offset 0 to {MAX_OFFSET}, found {offset}")
            }
            Self::Width(width) => write!(f, "expected a length field of 1 to 8 bytes, found {width}"),
            Self::Adjust(adjust) => {
                write!(f, "expected an adjustment from -{MAX_ADJUST} to +{MAX_ADJUST}, found {adjust:+}")
            }
            Self::Max { max, header } => {
                write!(
                    f,
                    "expected a maximum message length from {header} to {MAX_MESSAGE} bytes, found {max}"
                )
            }
            Self::Pause(pause) => {
                let [least, most, pause] = [MIN_PAUSE, MAX_PAUSE, *pause].map(duration::to_text);
                write!(f, "expected a pause from {least} to {most}, found {pause}")
            }
        }
    }
}

impl std::error::Error for FramingFault {}

impl Framing {
    /// Every value that is out of its limits. A framing that has such a value cuts as
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
    /// Every value that is out of its limits.
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

    /// The bytes up to the end of the length field, without which the length is not known.
    pub fn header(&self) -> u32 {
        self.offset.saturating_add(u32::from(self.width))
    }
}

#[cfg(test)]
mod tests;
