//! Rates in bytes per second as people type and read them.

use std::num::NonZeroU64;

/// The units, the largest first.
const UNITS: [(&str, u64); 7] = [
    ("Gi", 1 << 30),
    ("G", 1_000_000_000),
    ("Mi", 1 << 20),
    ("M", 1_000_000),
    ("Ki", 1 << 10),
    ("k", 1_000),
    ("", 1),
];

/// A text is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("expected bytes per second, e.g. 9600, 100k, 1.5M or 64Ki")]
pub struct NotARate;

/// Reads a rate like `9600`, `100k`, `1.5M` or `64Ki`. `B` and `/s` may follow; case is ignored. Fractions of
/// a byte are dropped.
///
/// # Errors
/// When the text is not a rate, or the rate is less than one byte or more than 64 bits hold.
///
/// # Example
/// ```
/// use netassist::codec::rate;
/// assert_eq!(rate::parse("1.5 kB/s").unwrap().get(), 1500);
/// assert_eq!(rate::to_text(rate::parse("1536").unwrap()), "1536");
/// ```
pub fn parse(text: &str) -> Result<NonZeroU64, NotARate> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix("/s").unwrap_or(&text).trim_end();
    let text = text.strip_suffix('b').unwrap_or(text);
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let named = |(name, _): &&(&str, u64)| name.eq_ignore_ascii_case(unit.trim());
    let (_, unit) = UNITS.iter().find(named).ok_or(NotARate)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(NotARate);
    }
    let whole: u64 = if whole.is_empty() { Some(0) } else { whole.parse().ok() }.ok_or(NotARate)?;
    // In integers, so that there are no rounding errors. More digits make no difference.
    let (mut numerator, mut denominator) = (0, 1);
    for digit in fraction.bytes().take(18) {
        numerator = numerator * 10 + u128::from(digit.saturating_sub(b'0'));
        denominator *= 10;
    }
    let part = numerator * u128::from(*unit) / denominator;
    let total = u128::from(whole) * u128::from(*unit) + part;
    u64::try_from(total).ok().and_then(NonZeroU64::new).ok_or(NotARate)
}

/// A rate for people to read, in the units of [`to_text`]: `9600 B/s`, `100 kB/s`.
pub fn words(rate: NonZeroU64) -> String {
    let text = to_text(rate);
    let (number, unit) = text.split_at(text.find(char::is_alphabetic).unwrap_or(text.len()));
    format!("{number} {unit}B/s")
}

/// A text that [`parse`] reads back: in the largest unit in which it is a whole number.
pub fn to_text(rate: NonZeroU64) -> String {
    let fits = |(_, unit): &&(&str, u64)| rate.get().is_multiple_of(*unit);
    UNITS.iter().find(fits).map_or_else(String::new, |(name, unit)| format!("{}{name}", rate.get() / unit))
}
