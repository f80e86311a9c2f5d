//! Spans of time as people type and read them: a number and a unit. Knows no clock.

use std::fmt;
use std::time::Duration;

/// The units, the longest first, with their length in nanoseconds.
const UNITS: [(&str, u64); 5] =
    [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];

/// A text is no span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NotADuration;

impl fmt::Display for NotADuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("right is a number and a unit, e.g. 500us, 20ms, 1.5s, 2m or 1h")
    }
}

impl std::error::Error for NotADuration {}

/// The span that a text like `500us`, `20ms`, `1.5s`, `2m` or `1h` means. What is finer than a
/// nanosecond is left out.
///
/// # Errors
/// When it is no such text, or longer than 584 years, which is what nanoseconds in 64 bits hold.
///
/// # Example
/// ```
/// use netassist::codec::duration;
/// let pause = duration::parse("1.5ms").unwrap();
/// assert_eq!((pause.as_micros(), &duration::to_text(pause)[..]), (1500, "1500us"));
/// ```
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(NotADuration)?;
    let (number, unit) = text.split_at(unit_at);
    let unit = match unit.trim_start() {
        "µs" => "us",
        "min" => "m",
        unit => unit,
    };
    let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(NotADuration)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(NotADuration);
    }
    let whole: u64 = if whole.is_empty() { Some(0) } else { whole.parse().ok() }.ok_or(NotADuration)?;
    let whole = whole.checked_mul(*nanos).ok_or(NotADuration)?;
    // As whole numbers, so that no rounding of binary fractions shows. More digits mean nothing.
    let (mut numerator, mut denominator) = (0, 1);
    for digit in fraction.bytes().take(18) {
        numerator = numerator * 10 + u128::from(digit.saturating_sub(b'0'));
        denominator *= 10;
    }
    let part =
        u64::try_from(numerator * u128::from(*nanos) / denominator).map_err(|_too_long| NotADuration)?;
    let total = whole.checked_add(part).ok_or(NotADuration)?;
    Ok(Duration::from_nanos(total))
}

/// A text that [`parse`] reads back as the same span, for spans of at most 584 years: in the longest
/// unit in which it is a whole number, or in microseconds with a fraction.
pub fn to_text(span: Duration) -> String {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    if nanos == 0 {
        return "0s".to_owned();
    }
    if let Some((name, unit)) = UNITS.iter().find(|(_, unit)| nanos % unit == 0) {
        return format!("{}{name}", nanos / unit);
    }
    let fraction = format!("{:03}", nanos % 1_000);
    format!("{}.{}us", nanos / 1_000, fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_with_units_are_read() {
        for (text, nanos) in [
            ("500us", 500_000),
            ("500µs", 500_000),
            ("0.001us", 1),
            ("0.0009us", 0),
            ("20ms", 20_000_000),
            ("20 ms", 20_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("1.123456789s", 1_123_456_789),
            ("2m", 120_000_000_000),
            ("2min", 120_000_000_000),
            ("0.25h", 900_000_000_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
        for text in ["", "5", "s", ".s", "-1s", "1.2.3s", "1e9s", "5 days", "99999999999h", "1 5s", "infs"] {
            assert_eq!(parse(text), Err(NotADuration), "{text}");
        }
    }

    #[test]
    fn the_longest_unit_is_shown_in_which_it_is_whole() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "0.001us"),
            (1_500, "1.5us"),
            (1_500_000, "1500us"),
            (90_000_000_000, "90s"),
            (120_000_000_000, "2m"),
            (7_200_000_000_000, "2h"),
        ] {
            assert_eq!(to_text(Duration::from_nanos(nanos)), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(nanos: u64, unit in 0_usize..5) {
            for nanos in [nanos, nanos % 1_000_000, (nanos % 1_000) * UNITS[unit].1] {
                let span = Duration::from_nanos(nanos);
                prop_assert_eq!(parse(&to_text(span)), Ok(span));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.]{0,30}[a-zµ ]{0,3}") {
            if let Ok(span) = parse(&text) {
                prop_assert_eq!(parse(&to_text(span)), Ok(span));
            }
        }
    }
}
