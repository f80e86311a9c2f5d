//! One item of a capture, ready to be written by any of the logs. Knows no format.

use super::Style;
use crate::codec::glyph;
use crate::model::{Flow, RecordKind, Stamp, Wholeness};

/// A record, or a message over many, with all that a log says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The number of its first record in the capture, from 1.
    pub(super) seq: u64,
    /// When it happened; of a message, when its last bytes came.
    pub(super) at: Stamp,
    /// What happened.
    pub(super) kind: RecordKind,
    /// In which conversation; `None` for a note.
    pub(super) flow: Option<&'a Flow>,
    /// Why a connection was not made, or what a note says; else empty.
    pub(super) comment: &'a str,
    /// The data.
    pub(super) bytes: &'a [u8],
    /// The data as text, harmless to look at, with line breaks and tabs in it. Of a record: a character
    /// whose last byte comes with the next record is in that one. Empty if the style asks for no text.
    pub(super) text: &'a str,
    /// Whether it is whole.
    pub(super) wholeness: Wholeness,
}

impl Entry<'_> {
    /// Whether it is no record, but the end of a text that will never be complete.
    pub(super) fn is_only_text(&self) -> bool {
        self.bytes.is_empty() && !self.text.is_empty()
    }

    /// What stands behind the length of a message that is not whole; else nothing.
    pub(super) fn mark(&self) -> &'static str {
        match self.wholeness {
            Wholeness::Whole => "",
            Wholeness::Open => " [not ended]",
            Wholeness::CutOff => " [cut off]",
            Wholeness::TooLong => " [too long, cut]",
            Wholeness::Nonsense => " [no message]",
        }
    }
}

/// Text in which only line breaks and tabs are left of what a terminal would act on.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\r' | '\n' | '\t') { c } else { glyph::visible(c) }).collect()
}

/// The lines of a text; CR LF, LF and a lone CR all end one. What follows the last one is a line if it
/// is not empty.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let after_break = after.strip_prefix("\r\n").or_else(|| after.get(1..));
        rest = after_break.unwrap_or_default();
        Some(line)
    })
}

/// A moment as a log gives it, by one of jiff's patterns.
pub(super) fn time(at: Stamp, style: &Style, pattern: &str) -> String {
    // Every Stamp is before the year 2555, far inside of what a Timestamp holds.
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or_default();
    timestamp.to_zoned(style.zone.clone()).strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_three_ways() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\r\nb\nc\rd\r\n", &["a", "b", "c", "d"]),
            ("\n\r\n\r", &["", "", ""]),
            ("a\n\r\nb", &["a", "", "b"]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
