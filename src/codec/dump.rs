//! The classic hex dump, row by row: offset, 16 bytes in two groups, and printable ASCII.

use std::fmt::Write as _;

use super::hex;

/// Bytes per row.
pub const BYTES_PER_ROW: usize = 16;

/// How many rows `len` bytes take.
pub fn row_count(len: usize) -> usize {
    len.div_ceil(BYTES_PER_ROW)
}

/// Row `row` of the dump of `bytes`, without a line break; empty if there is no such row.
/// The offset column counts from `base`, the offset of the first byte.
///
/// # Example
/// ```
/// use netassist::codec::dump;
/// assert_eq!(
///     dump::row_text(b"Hello, world\r\n\0\xFF!", 0x10, 0),
///     "00000010  48 65 6C 6C 6F 2C 20 77  6F 72 6C 64 0D 0A 00 FF  |Hello, world....|",
/// );
/// ```
pub fn row_text(bytes: &[u8], base: u64, row: usize) -> String {
    let mut text = String::with_capacity(80);
    push_row(&mut text, bytes, base, row);
    text
}

/// Appends what [`row_text`] returns.
pub fn push_row(text: &mut String, bytes: &[u8], base: u64, row: usize) {
    let Some(start) = row.checked_mul(BYTES_PER_ROW).filter(|start| *start < bytes.len()) else { return };
    let bytes = bytes.get(start..).unwrap_or_default();
    let bytes = bytes.get(..BYTES_PER_ROW).unwrap_or(bytes);
    let offset = base.saturating_add(u64::try_from(start).unwrap_or(u64::MAX));
    // Writing to a String cannot fail.
    let _infallible = write!(text, "{offset:08X} ");
    for place in 0..BYTES_PER_ROW {
        if place % 8 == 0 {
            text.push(' ');
        }
        match bytes.get(place) {
            Some(byte) => text.extend(hex::digits(*byte)),
            None => text.push_str("  "),
        }
        text.push(' ');
    }
    text.push_str(" |");
    text.extend(bytes.iter().map(|byte| gutter(*byte)));
    text.push('|');
}

/// Width in characters of the offset column in the row at `offset`: eight, or more beyond 4 GiB.
pub fn offset_width(offset: u64) -> usize {
    let digits = (u64::BITS - offset.leading_zeros()).div_ceil(4);
    usize::try_from(digits).unwrap_or(16).max(8)
}

/// The character for a byte in the text column: printable ASCII as it is, anything else as a dot.
pub fn gutter(byte: u8) -> char {
    if byte == b' ' || byte.is_ascii_graphic() { char::from(byte) } else { '.' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_formatted() {
        let bytes = b"0123456789ABCDEF\x1B[0m\xE6\xB5\x8B";
        assert_eq!(row_count(bytes.len()), 2);
        assert_eq!(
            row_text(bytes, 0, 0),
            "00000000  30 31 32 33 34 35 36 37  38 39 41 42 43 44 45 46  |0123456789ABCDEF|"
        );
        assert_eq!(
            row_text(bytes, 0, 1),
            "00000010  1B 5B 30 6D E6 B5 8B                              |.[0m...|"
        );
        assert_eq!(
            row_text(b"x", 0x1_2345_6789, 0),
            "123456789  78                                                |x|"
        );
    }

    #[test]
    fn the_offset_column_grows_beyond_four_gib() {
        for offset in [0, 0x10, 0xFFFF_FFF0, 0x1_0000_0000, u64::MAX - 15] {
            let row = row_text(b"x", offset, 0);
            assert_eq!(row.find(' '), Some(offset_width(offset)), "{row}");
        }
    }

    #[test]
    fn there_is_no_row_past_the_end() {
        assert_eq!((row_count(0), row_count(1), row_count(16), row_count(17)), (0, 1, 1, 2));
        for row in [1, 2, usize::MAX / 16, usize::MAX] {
            assert_eq!(row_text(&[0; 16], u64::MAX, row), "");
        }
        assert!(row_text(&[0; 32], u64::MAX, 1).starts_with("FFFFFFFFFFFFFFFF  00"));
    }
}
