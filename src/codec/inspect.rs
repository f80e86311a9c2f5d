//! Interpretations of selected bytes: numbers, times, text.

use std::fmt::{Display, LowerExp};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Charset, decode_all, incomplete_tail};

/// How bytes are interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// How many bytes are selected.
    Length,
    /// Unsigned, 8 bits.
    U8,
    /// Two's complement, 8 bits.
    I8,
    /// Unsigned, 16 bits.
    U16,
    /// Two's complement, 16 bits.
    I16,
    /// Unsigned, 24 bits.
    U24,
    /// Two's complement, 24 bits.
    I24,
    /// Unsigned, 32 bits.
    U32,
    /// Two's complement, 32 bits.
    I32,
    /// Unsigned, 64 bits.
    U64,
    /// Two's complement, 64 bits.
    I64,
    /// IEEE 754, single precision.
    F32,
    /// IEEE 754, double precision.
    F64,
    /// The bits of up to eight bytes.
    Binary,
    /// 32 bits: seconds since 1970-01-01 00:00 UTC.
    UnixSeconds,
    /// 64 bits: milliseconds since 1970-01-01 00:00 UTC.
    UnixMillis,
    /// Text in a charset.
    Text,
}

/// The value of the bytes in one interpretation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Independent of the byte order.
    Plain(String),
    /// In both byte orders; `None` where it has no value.
    Ordered {
        /// High byte first.
        big: Option<String>,
        /// Low byte first.
        little: Option<String>,
    },
}

/// The bytes to interpret.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'a> {
    /// The selected bytes.
    pub bytes: &'a [u8],
    /// The bytes after them. A single selected byte is a cursor: numbers and characters are read from there
    /// on.
    pub after: &'a [u8],
}

/// Settings for text and times.
#[derive(Debug, Clone, Copy)]
pub struct Config<'a> {
    /// The charset of text.
    pub charset: Charset,
    /// The time zone for times.
    pub zone: &'a TimeZone,
}

/// Text is cut after this many bytes.
const MOST_TEXT: usize = 256;

/// All interpretations that the bytes are long enough for, in the order of [`Kind`].
///
/// # Example
/// ```
/// use netassist::codec::inspect::{Config, Kind, Reading, Selected, inspect};
/// let config = Config { charset: Default::default(), zone: &jiff::tz::TimeZone::UTC };
/// let rows = inspect(Selected { bytes: &[0x01, 0x02], after: &[] }, config);
/// let both = Reading::Ordered { big: Some("258".into()), little: Some("513".into()) };
/// assert!(rows.contains(&(Kind::U16, both)));
/// ```
pub fn inspect(selected: Selected<'_>, config: Config<'_>) -> Vec<(Kind, Reading)> {
    let mut rows = Vec::new();
    let Selected { bytes, after } = selected;
    if bytes.is_empty() {
        return rows;
    }
    // The widest number, or the longest character, takes this many.
    let from_cursor: Vec<u8> = bytes.iter().chain(after).copied().take(8).collect();
    let read = if bytes.len() == 1 { &from_cursor[..] } else { bytes };
    let plain = |text: String| Reading::Plain(text);
    rows.push((Kind::Length, plain(bytes.len().to_string())));
    if let Some([byte]) = read.first_chunk::<1>() {
        rows.push((Kind::U8, plain(byte.to_string())));
        rows.push((Kind::I8, plain(byte.cast_signed().to_string())));
    }
    if let Some(two) = read.first_chunk::<2>() {
        rows.push((Kind::U16, both(*two, |b| u16::from_be_bytes(b).to_string())));
        rows.push((Kind::I16, both(*two, |b| i16::from_be_bytes(b).to_string())));
    }
    if let Some(three) = read.first_chunk::<3>() {
        rows.push((Kind::U24, both(*three, |[a, b, c]| u32::from_be_bytes([0, a, b, c]).to_string())));
        // Shifting back from the top extends the sign.
        rows.push((Kind::I24, both(*three, |[a, b, c]| (i32::from_be_bytes([a, b, c, 0]) >> 8).to_string())));
    }
    if let Some(four) = read.first_chunk::<4>() {
        rows.push((Kind::U32, both(*four, |b| u32::from_be_bytes(b).to_string())));
        rows.push((Kind::I32, both(*four, |b| i32::from_be_bytes(b).to_string())));
        rows.push((Kind::F32, both(*four, |b| float_text(f32::from_be_bytes(b)))));
        let time = |b| seconds(u32::from_be_bytes(b), config.zone);
        rows.push((Kind::UnixSeconds, both_if(*four, time)));
    }
    if let Some(eight) = read.first_chunk::<8>() {
        rows.push((Kind::U64, both(*eight, |b| u64::from_be_bytes(b).to_string())));
        rows.push((Kind::I64, both(*eight, |b| i64::from_be_bytes(b).to_string())));
        rows.push((Kind::F64, both(*eight, |b| float_text(f64::from_be_bytes(b)))));
        let time = |b| millis(i64::from_be_bytes(b), config.zone);
        rows.push((Kind::UnixMillis, both_if(*eight, time)));
    }
    if bytes.len() <= 8 {
        let bits: Vec<String> = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
        rows.push((Kind::Binary, plain(bits.join(" "))));
    }
    rows.push((Kind::Text, plain(text(bytes, read, config.charset))));
    // Omit the row if neither byte order gives a valid time.
    rows.retain(|(_, reading)| *reading != Reading::Ordered { big: None, little: None });
    rows.sort_by_key(|(kind, _)| *kind);
    rows
}

fn both<const N: usize>(bytes: [u8; N], read: impl Fn([u8; N]) -> String) -> Reading {
    both_if(bytes, |bytes| Some(read(bytes)))
}

/// `read` takes the bytes in big-endian order.
fn both_if<const N: usize>(bytes: [u8; N], read: impl Fn([u8; N]) -> Option<String>) -> Reading {
    let mut turned = bytes;
    turned.reverse();
    Reading::Ordered { big: read(bytes), little: read(turned) }
}

/// The shortest text that reads back as the same number; very large and very small ones have an exponent.
fn float_text<T: Copy + Display + LowerExp + Into<f64>>(number: T) -> String {
    let value = number.into();
    if value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

fn seconds(seconds: u32, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::from_second(i64::from(seconds)).ok()?;
    Some(at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

fn millis(millis: i64, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::from_millisecond(millis).ok()?;
    Some(at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string())
}

/// The text of the selected bytes, or the character that begins at a single byte.
fn text(bytes: &[u8], read: &[u8], charset: Charset) -> String {
    if let [byte] = bytes {
        // The fewest bytes that make a whole character.
        let whole = (1..=read.len().min(4))
            .filter_map(|len| read.get(..len))
            .find(|part| incomplete_tail(charset, part) == 0);
        return decode_all(charset, &[], whole.unwrap_or(&[*byte]), true).text;
    }
    let part = bytes.get(..MOST_TEXT).unwrap_or(bytes);
    let mut decoded = decode_all(charset, &[], part, part.len() == bytes.len()).text;
    if part.len() < bytes.len() {
        decoded.push('…');
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
}
