//! Arithmetic on deadlines and durations.

use std::time::{Duration, Instant};

/// `wait` after `start`, or a year after it if the clock cannot represent that.
pub(super) fn later(start: Instant, wait: Duration) -> Instant {
    start.checked_add(wait).unwrap_or_else(|| start + Duration::from_hours(365 * 24))
}

/// `wait` from now.
pub(super) fn after(wait: Duration) -> Instant {
    later(Instant::now(), wait)
}

/// The earliest of those that are set.
pub(super) fn earliest(deadlines: impl IntoIterator<Item = Option<Instant>>) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Nanoseconds, at most 584 years of them.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
