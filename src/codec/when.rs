//! A place in a log as it is typed: the number of a record, or a time.

use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use super::duration;

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The record with this number, from 1.
    Number(u64),
    /// A time of day.
    Clock(Time),
    /// A date and a time of day.
    Date(DateTime),
    /// Nanoseconds since the start of the log.
    Since(u64),
}

/// A text is not a place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error(
    "expected the number of a record (1234), a time (14:05:09.25, 2026-11-20 14:05), or a time since the \
     start (+12.5, +2m)"
)]
pub struct NotAPlace;

impl FromStr for When {
    type Err = NotAPlace;

    /// Reads `1234`, `#1,234`, `14:05`, `14:05:09.25`, `2026-11-20`, `2026-11-20 14:05:09` and `+12.5`.
    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let text = text.trim();
        if let Some(seconds) = text.strip_prefix('+') {
            let nanos =
                duration::parse_or(seconds, "s").ok().and_then(|span| u64::try_from(span.as_nanos()).ok());
            return nanos.map(Self::Since).ok_or(NotAPlace);
        }
        let digits: String = text.trim_start_matches('#').chars().filter(|c| *c != ',').collect();
        if let Ok(number) = digits.parse() {
            return Ok(Self::Number(number));
        }
        // Without this a date would be read as its time of day.
        if text.contains('-') {
            text.parse().map(Self::Date).map_err(|_no_date| NotAPlace)
        } else {
            text.parse().map(Self::Clock).map_err(|_no_time| NotAPlace)
        }
    }
}

impl When {
    /// The time in nanoseconds since 1970, in a log that starts at `start` and is shown in `zone`. A time of
    /// day means the first one not before the start. `None` for a number, and for times that do not exist in
    /// the zone.
    pub fn moment(self, start: u64, zone: &TimeZone) -> Option<u64> {
        let begin =
            || jiff::Timestamp::from_nanosecond(i128::from(start)).ok().map(|at| at.to_zoned(zone.clone()));
        let stamp = |date: DateTime| {
            let at = date.to_zoned(zone.clone()).ok()?.timestamp().as_nanosecond();
            u64::try_from(at).ok()
        };
        match self {
            Self::Number(_) => None,
            Self::Since(ns) => start.checked_add(ns),
            Self::Date(date) => stamp(date),
            Self::Clock(time) => {
                let begin = begin()?;
                let date = if time < begin.time() { begin.date().tomorrow().ok()? } else { begin.date() };
                stamp(date.to_datetime(time))
            }
        }
    }
}
