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
