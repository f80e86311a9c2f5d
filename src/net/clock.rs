//! The clock of a session: the wall clock is read once, then a monotonic clock measures the time elapsed, so
//! that time stamps never go back when the wall clock is set.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::time::nanos;
use crate::model::Stamp;

/// Converts [`Instant`]s into [`Stamp`]s that never decrease.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    begun: Instant,
    wall: Stamp,
}

impl Clock {
    /// Reads the wall clock, once.
    pub fn start() -> Self {
        Self { begun: Instant::now(), wall: wall_now() }
    }

    /// The current time.
    pub fn now(&self) -> Stamp {
        self.at(Instant::now())
    }

    /// The stamp of `moment`; the start if `moment` is before it.
    pub fn at(&self, moment: Instant) -> Stamp {
        let elapsed = nanos(moment.saturating_duration_since(self.begun));
        Stamp(self.wall.0.saturating_add(elapsed))
    }
}

/// The time of the wall clock; 1970 if it is set to an earlier time.
pub(super) fn wall_now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Stamp(nanos(since))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_stamp_is_the_start_plus_what_elapsed() {
        let clock = Clock { begun: Instant::now(), wall: Stamp(1_000) };
        assert_eq!(clock.at(clock.begun + Duration::from_nanos(7)), Stamp(1_007));
        assert_eq!(clock.at(clock.begun.checked_sub(Duration::from_millis(1)).unwrap()), Stamp(1_000));
        assert!(clock.now() <= clock.now());
        let late = Clock { wall: Stamp(u64::MAX), ..clock };
        assert_eq!(late.at(clock.begun + Duration::from_secs(1)), Stamp(u64::MAX), "it saturates");
    }
}
