//! Durations as people type and read them: numbers with units.

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;

/// The units of [`to_text`], the longest first, in nanoseconds.
const UNITS: [(&str, u128); 5] =
    [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];

/// A text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("expected a number and a unit, e.g. 500us, 20ms, 1.5s, 2m or 1h30m")]
pub struct NotADuration;

/// Reads a text like `500us`, `20ms`, `1.5s`, `2m` or `1h30m`.
///
/// # Errors
/// When a unit is missing, or the text is not a duration.
///
/// # Example
/// ```
/// use netassist::codec::duration;
/// let pause = duration::parse("1.5ms").unwrap();
/// assert_eq!((pause.as_micros(), &duration::to_text(pause)[..]), (1500, "1500us"));
/// ```
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    static PARSER: SpanParser = SpanParser::new();
    let text = text.trim();
    // jiff takes a comma as a decimal point, so that `1,000ms` would be one millisecond.
    if text.contains(',') {
        return Err(NotADuration);
    }
    let read = if text.starts_with('.') {
        PARSER.parse_unsigned_duration(format!("0{text}"))
    } else {
        PARSER.parse_unsigned_duration(text)
    };
    read.map_err(|_why| NotADuration)
}

/// Reads a duration, where a number without a unit is in `unit`.
///
/// # Errors
/// When the text is not a number.
pub fn parse_or(text: &str, unit: &str) -> Result<Duration, NotADuration> {
    let text = text.trim();
    let has_unit = text.contains(|c: char| !c.is_ascii_digit() && c != '.');
    if has_unit { parse(text) } else { parse(&format!("{text}{unit}")) }
}

/// A duration for people to read: `500 µs`, `1.5 ms`; from a second on, in whole [milliseconds](in_words).
///
/// # Example
/// ```
/// use netassist::codec::duration::{parse, words};
/// let read = |text| words(parse(text).unwrap());
/// assert_eq!([read("20ms"), read("0.1ms"), read("1.25ms"), read("90s")], ["20 ms", "100 µs", "1.25 ms", "1 min 30 s"]);
/// ```
pub fn words(span: Duration) -> String {
    let us = span.as_micros();
    match u64::try_from(span.as_millis()).unwrap_or(u64::MAX) {
        0 if us > 0 => format!("{us} µs"),
        ms @ 1..1000 if !us.is_multiple_of(1000) => {
            format!("{} ms", format!("{ms}.{:03}", us % 1000).trim_end_matches('0'))
        }
        ms => in_words(ms),
    }
}

/// Milliseconds for people to read: `3 h 59 min 59.999 s`, `500 ms`.
pub fn in_words(ms: u64) -> String {
    let (seconds, rest) = (ms / 1000, ms % 1000);
    if seconds == 0 {
        return format!("{rest} ms");
    }
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}") };
    let second = format!("{}{}", seconds % 60, fraction.trim_end_matches('0'));
    let parts =
        [((seconds / 3600).to_string(), "h"), ((seconds / 60 % 60).to_string(), "min"), (second, "s")];
    let parts = parts.iter().filter(|(number, _)| number != "0");
    parts.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ")
}

/// A text that [`parse`] reads back: in the longest unit in which it is a whole number, or in microseconds
/// with a fraction.
pub fn to_text(span: Duration) -> String {
    let nanos = span.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    if let Some((name, unit)) = UNITS.iter().find(|(_, unit)| nanos.is_multiple_of(*unit)) {
        return format!("{}{name}", nanos / unit);
    }
    let fraction = format!("{:03}", nanos % 1_000);
    format!("{}.{}us", nanos / 1_000, fraction.trim_end_matches('0'))
}
