//! Cells of the text pane: a character in the cell of its first byte, nothing in those of its other bytes.
//! Also the category of a byte, for its colour. Pure; no toolkit.

use std::ops::Range;

use crate::codec::{Charset, Decoder, glyph, incomplete_tail};

/// Category of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Nul,
    Printable,
    Blank,
    /// Any other ASCII control character.
    Control,
    High,
}

impl Class {
    pub(super) fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Nul,
            b' ' | b'\t'..=b'\r' => Self::Blank,
            b'!'..=b'~' => Self::Printable,
            0x80.. => Self::High,
            0x01..=0x1F | 0x7F => Self::Control,
        }
    }
}

const DOT: char = '·';
/// How far back to look for a character that continues in the first cell.
const LOOK_BACK: usize = 256;

/// Characters of the bytes in `window`: at the first byte of each its glyph, at the others `None`.
pub(in crate::ui) fn characters(charset: Charset, bytes: &[u8], window: Range<usize>) -> Vec<Option<char>> {
    let (from, to) = (window.start.min(bytes.len()), window.end.min(bytes.len()));
    let mut cells = vec![None; to.saturating_sub(from)];
    // Even, because UTF-16 counts in pairs from the start.
    let before = from.saturating_sub(LOOK_BACK) & !1;
    let carry = incomplete_tail(charset, bytes.get(before..from).unwrap_or_default());
    let unit = charset.unit();
    let mut decoder = Decoder::new(charset);
    let mut begun = from - carry;
    let mut text = String::new();
    let rest = bytes.get(begun..).unwrap_or_default();
    for (at, byte) in (begun..).zip(rest) {
        if begun >= to {
            break;
        }
        decoder.decode(&[*byte], at + 1 == bytes.len(), &mut text);
        // Usually one; more where bytes turn out not to start a character and stand alone.
        let n = text.chars().count();
        for (n, c) in text.chars().enumerate() {
            let cell = begun.saturating_add(n * unit).min(at).checked_sub(from);
            if let Some(cell) = cell.and_then(|cell| cells.get_mut(cell)) {
                *cell = Some(picture(c));
            }
        }
        if n > 0 {
            begun = at + 1;
            text.clear();
        }
    }
    cells
}

fn picture(c: char) -> char {
    let hidden = c == char::REPLACEMENT_CHARACTER || c.is_whitespace() && c != ' ';
    if hidden || glyph::visible(c) != c { DOT } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(charset: Charset, bytes: &[u8], window: Range<usize>) -> String {
        characters(charset, bytes, window).into_iter().map(|cell| cell.unwrap_or('_')).collect()
    }

    #[test]
    fn characters_stand_at_their_first_bytes() {
        for (charset, bytes, cells) in [
            (Charset::Utf8, &b"A\xE6\xB5\x8B\r\nz\x00\xFF."[..], "A测__··z··."),
            (Charset::Utf8, b"\xE6\xB5", "·_"),
            (Charset::Gbk, b"A\xB2\xE2B\xFF", "A测_B·"),
            (Charset::Gb18030, b"\x94\x39\xDA\x33!", "💩___!"),
            (Charset::Utf16Le, b"A\0\x4B\x6Dz\0", "A_测_z_"),
            (Charset::Utf16Be, b"\0A\xD8\x3D\xDE\x00", "A_😀___"),
            (Charset::Utf16Be, b"\xD8\x00\0A", "·_A_"),
            (Charset::Latin1, b"\xE9 \x85", "é ·"),
            (Charset::Utf8, b"", ""),
        ] {
            assert_eq!(line(charset, bytes, 0..bytes.len()), cells, "{charset}");
        }
    }

    #[test]
    fn a_window_begins_within_a_character() {
        let bytes = "测试数据".as_bytes();
        assert_eq!(line(Charset::Utf8, bytes, 1..5), "__试_");
        assert_eq!(line(Charset::Utf8, bytes, 3..4), "试");
        assert_eq!(line(Charset::Utf8, bytes, 4..4), "");
        let beyond = Range { start: 90, end: 99 };
        assert_eq!(line(Charset::Utf8, bytes, beyond), "");
    }

    #[test]
    fn every_byte_is_of_a_class() {
        let n = |class| (0..=u8::MAX).filter(|byte| Class::of(*byte) == class).count();
        let counts = [Class::Nul, Class::Printable, Class::Blank, Class::Control, Class::High].map(n);
        assert_eq!(counts, [1, 94, 6, 27, 128]);
    }

    proptest! {
        #[test]
        fn a_window_shows_what_the_whole_shows(text: String, from in 0_usize..100, len in 0_usize..100) {
            let bytes = text.as_bytes();
            let (from, to) = (from.min(bytes.len()), (from + len).min(bytes.len()));
            let whole = characters(Charset::Utf8, bytes, 0..bytes.len());
            prop_assert_eq!(&characters(Charset::Utf8, bytes, from..to), &whole[from..to]);
        }

        #[test]
        fn any_bytes_in_any_charset_fill_the_window(
            bytes: Vec<u8>, from in 0_usize..120, len in 0_usize..120, n in 0..Charset::ALL.len(),
        ) {
            let window = from..from + len;
            let cells = characters(Charset::ALL[n], &bytes, window);
            prop_assert_eq!(cells.len(), (from + len).min(bytes.len()) - from.min(bytes.len()));
        }
    }
}
