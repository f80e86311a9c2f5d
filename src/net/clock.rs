//! The clock of one opening: wall time read once, then what a steady clock says has elapsed, so that
//! stamps never go back when the wall clock is set. Knows nothing of sockets.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::model::Stamp;

/// Turns moments into [`Stamp`]s that never decrease.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    begun: Instant,
    wall: Stamp,
}

impl Clock {
    /// Reads the wall clock, for the only time.
    pub fn start() -> Self {
        Self { begun: Instant::now(), wall: wall_now() }
    }

    /// Now.
    pub fn now(&self) -> Stamp {
        self.at(Instant::now())
    }

    /// A moment of the steady clock; the start, if it was before that.
    pub fn at(&self, moment: Instant) -> Stamp {
        let elapsed = moment.saturating_duration_since(self.begun).as_nanos();
        Stamp(self.wall.0.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX)))
    }
}

/// What the wall clock says now; 1970 if it is set before that.
pub(super) fn wall_now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Stamp(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
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
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        let clock = Clock { begun: Instant::now(), wall: Stamp(u64::MAX) };
        assert_eq!(clock.at(clock.begun + Duration::from_secs(1)), Stamp(u64::MAX));
    }
}
