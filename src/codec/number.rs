//! Whole numbers as people type them.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// Why a text is not a number in the range that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberFault<T> {
    /// The text is blank.
    #[error("required")]
    Missing,
    /// It is not a whole number from the first to the second.
    #[error("expected a whole number from {0} to {1}")]
    NotInRange(T, T),
}

/// Reads a number that consists of digits only, without a sign or spaces.
pub fn parse<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Reads a number within `range`. Spaces around it are ignored; a sign is allowed if the range has negative
/// numbers.
///
/// # Errors
/// When the text is blank, not a whole number, or outside `range`.
///
/// # Example
/// ```
/// use netassist::codec::number::{self, NumberFault};
/// assert_eq!(number::parse_in(" 80 ", 1..=65_535), Ok(80));
/// assert_eq!(number::parse_in("0", 1..=65_535), Err(NumberFault::NotInRange(1, 65_535)));
/// ```
pub fn parse_in<T>(text: &str, range: RangeInclusive<T>) -> Result<T, NumberFault<T>>
where
    T: FromStr + PartialOrd + Default,
{
    let text = text.trim();
    if text.is_empty() {
        return Err(NumberFault::Missing);
    }
    let read = if *range.start() < T::default() { text.parse().ok() } else { parse(text) };
    read.filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = range.into_inner();
        NumberFault::NotInRange(least, most)
    })
}

/// Reads a number within `range` as [`parse_in`] does; `None` if the text is blank.
///
/// # Errors
/// When the text is not a whole number, or outside `range`.
pub fn parse_if<T>(text: &str, range: RangeInclusive<T>) -> Result<Option<T>, NumberFault<T>>
where
    T: FromStr + PartialOrd + Default,
{
    if text.trim().is_empty() { Ok(None) } else { parse_in(text, range).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read() {
        assert_eq!((parse("0"), parse("007"), parse("255")), (Some(0_u8), Some(7), Some(255)));
        for text in ["", "+1", "-1", " 1", "1.0", "256", "٣"] {
            assert_eq!(parse::<u8>(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_in_a_range_are_read() {
        assert_eq!(parse_in(" 5\t", 1..=9), Ok(5));
        assert_eq!(parse_in("-5", -5..=5), Ok(-5));
        assert_eq!(parse_in("+5", -5..=5), Ok(5));
        assert_eq!(parse_in("18446744073709551615", 0..=u64::MAX), Ok(u64::MAX));
        assert_eq!(parse_in(" ", 1..=9), Err(NumberFault::Missing));
        assert_eq!((parse_if(" ", 1..=9), parse_if("5", 1..=9)), (Ok(None), Ok(Some(5))));
        assert_eq!(parse_if("0", 1..=9), Err(NumberFault::NotInRange(1, 9)));
        for text in ["0", "10", "+5", "-5", "5.0", "five", "99999999999999999999", "5 5"] {
            assert_eq!(parse_in(text, 1..=9), Err(NumberFault::NotInRange(1, 9)), "{text}");
        }
        assert_eq!(NumberFault::NotInRange(1, 9).to_string(), "expected a whole number from 1 to 9");
    }
}
