//! Tests of `codec::dump`.

use netassist::codec::dump::*;

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
