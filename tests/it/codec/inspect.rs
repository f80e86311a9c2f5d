//! Tests of `codec::inspect`.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::inspect::*;

fn rows(bytes: &[u8], after: &[u8], charset: Charset) -> Vec<(Kind, Reading)> {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    inspect(Selected { bytes, after }, Config { charset, zone: &zone })
}

fn find(rows: &[(Kind, Reading)], kind: Kind) -> Option<String> {
    let reading = rows.iter().find(|row| row.0 == kind).map(|row| row.1.clone())?;
    Some(match reading {
        Reading::Plain(text) => text,
        Reading::Ordered { big, little } => {
            format!("{}|{}", big.unwrap_or_default(), little.unwrap_or_default())
        }
    })
}

#[test]
fn numbers_in_both_orders() {
    let rows = rows(&[0xFF, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0x88], &[], Charset::Utf8);
    for (kind, text) in [
        (Kind::Length, "8"),
        (Kind::U8, "255"),
        (Kind::I8, "-1"),
        (Kind::U16, "65282|767"),
        (Kind::I16, "-254|767"),
        (Kind::U24, "16712195|197375"),
        (Kind::I24, "-65021|197375"),
        (Kind::U32, "4278322052|2214789887"),
        (Kind::I32, "-16645244|-2080177409"),
        (Kind::U64, "18375253295179892616|9801809734754566911"),
        (Kind::I64, "-71490778529659000|-8644934338954984705"),
        (Kind::Binary, "11111111 00000010 00000011 10000100 00000101 00000110 00000111 10001000"),
    ] {
        assert_eq!(find(&rows, kind).as_deref(), Some(text), "{kind:?}");
    }
    assert!(rows.is_sorted_by_key(|row| row.0));
}

#[test]
fn floats_are_as_short_as_possible() {
    let one = |bytes: &[u8], kind| find(&rows(bytes, &[], Charset::Utf8), kind).unwrap();
    assert!(one(&1.5_f32.to_be_bytes(), Kind::F32).starts_with("1.5|"));
    assert!(one(&0.1_f32.to_le_bytes(), Kind::F32).ends_with("|0.1"));
    assert!(one(&1e30_f64.to_be_bytes(), Kind::F64).starts_with("1e30|"));
    assert!(one(&(-1e-7_f64).to_be_bytes(), Kind::F64).starts_with("-1e-7|"));
    assert!(one(&f64::NAN.to_be_bytes(), Kind::F64).starts_with("NaN|"));
    assert!(one(&f32::INFINITY.to_be_bytes(), Kind::F32).starts_with("inf|"));
}

#[test]
fn times_are_in_the_time_zone() {
    let seconds = rows(&1_700_000_000_u32.to_be_bytes(), &[], Charset::Utf8);
    let text = find(&seconds, Kind::UnixSeconds).unwrap();
    assert!(text.starts_with("2023-11-15 06:13:20 +08:00|"), "{text}");
    let millis = rows(&1_700_000_000_123_i64.to_le_bytes(), &[], Charset::Utf8);
    // In the other byte order it is not a valid time.
    let text = find(&millis, Kind::UnixMillis).unwrap();
    assert_eq!(text, "|2023-11-15 06:13:20.123 +08:00");
    assert_eq!(find(&rows(&[0xAA; 8], &[], Charset::Utf8), Kind::UnixMillis), None);
}

#[test]
fn more_is_read_from_a_single_byte_on() {
    let cursor = rows(&[0xE6], &[0xB5, 0x8B, 0x41], Charset::Utf8);
    assert_eq!(find(&cursor, Kind::Length).as_deref(), Some("1"));
    assert_eq!(find(&cursor, Kind::U16).as_deref(), Some("59061|46566"));
    assert_eq!(find(&cursor, Kind::Binary).as_deref(), Some("11100110"));
    assert_eq!(find(&cursor, Kind::Text).as_deref(), Some("测"));
    assert_eq!(find(&rows(b"\xB2", b"\xE2A", Charset::Gbk), Kind::Text).as_deref(), Some("测"));
    assert_eq!(find(&rows(b"A", b"BC", Charset::Utf8), Kind::Text).as_deref(), Some("A"));
    assert_eq!(find(&rows(b"\xFF", b"BC", Charset::Utf8), Kind::Text).as_deref(), Some("\u{FFFD}"));
    // Of two selected bytes no more is read.
    assert_eq!(find(&rows(&[1, 2], &[3, 4], Charset::Utf8), Kind::U32), None);
}

#[test]
fn long_text_is_cut() {
    let text = find(&rows("测".repeat(200).as_bytes(), &[], Charset::Utf8), Kind::Text).unwrap();
    assert_eq!(text, format!("{}…", "测".repeat(85)));
    assert_eq!(find(&rows(&[0; 9], &[], Charset::Utf8), Kind::Binary), None);
    assert!(rows(&[], &[1, 2, 3], Charset::Utf8).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_read_only_as_far_as_they_go(
        bytes in prop::collection::vec(any::<u8>(), 0..20), after: Vec<u8>, n in 0..Charset::ALL.len(),
    ) {
        let rows = rows(&bytes, &after, Charset::ALL[n]);
        let there = if bytes.len() == 1 { 1 + after.len() } else { bytes.len() };
        for (kind, needed) in [
            (Kind::U8, 1), (Kind::I16, 2), (Kind::U24, 3), (Kind::F32, 4), (Kind::I64, 8), (Kind::F64, 8),
        ] {
            prop_assert_eq!(find(&rows, kind).is_some(), there >= needed, "{:?}", kind);
        }
    }
}
