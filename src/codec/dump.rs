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
