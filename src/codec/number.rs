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
