//! Time stamps, as the capture file stores them. Only `net`, `app` and `cli` read clocks.

use std::fmt;

/// Nanoseconds since 1970-01-01T00:00:00 UTC (until the year 2554).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

impl Stamp {
    /// Nanoseconds from `earlier` to `self`; 0 if `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The earlier one of those that there are.
    pub fn earliest(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        a.into_iter().chain(b).min()
    }

    /// The same time for arithmetic with zones, whose range is larger.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(self.0.into()).unwrap_or_default()
    }

    /// Reads a time with its offset (RFC 3339), e.g. `2026-11-20T14:51:15.5Z`; `None` if it is not one or before 1970.
    pub fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        u64::try_from(time.as_nanosecond()).ok().map(Self)
    }
}

impl fmt::Display for Stamp {
    /// As RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for (ns, text) in [(0, "1970-01-01T00:00:00Z"), (1_500_000_000, "1970-01-01T00:00:01.5Z")] {
            assert_eq!((Stamp(ns).to_string().as_str(), Stamp::parse(text)), (text, Some(Stamp(ns))));
        }
        assert_eq!(Stamp::parse(&Stamp(u64::MAX).to_string()), Some(Stamp(u64::MAX)));
        assert_eq!(Stamp::parse("1970-01-01T08:00:00+08:00"), Some(Stamp(0)));
        for text in ["", "12:30", "2026-11-20 14:05", "1950-01-01T00:00:00Z", "now"] {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
    }
}
