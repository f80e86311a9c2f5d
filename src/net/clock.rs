//! The clock of a session. Between two looks at the wall clock, a monotonic clock measures the time elapsed, so that
//! time stamps never go back; once the wall clock has been set, or the machine has slept, they follow it forward.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::time::nanos;
use crate::model::{SessionNote, Stamp};

/// A smaller difference between the wall clock and the time elapsed is not followed.
const STEP: u64 = 1_000_000_000;

/// The longest time for reading both clocks, beyond which they are not compared.
const AT_ONCE: Duration = Duration::from_millis(100);

/// Converts [`Instant`]s into [`Stamp`]s that always rise.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    begun: Instant,
    /// The wall clock at that moment.
    wall: Stamp,
    /// By how much the stamps are ahead of the wall clock, in nanoseconds, because it was set back.
    ahead: u64,
}

impl Clock {
    /// Reads the wall clock.
    pub fn start() -> Self {
        Self { begun: Instant::now(), wall: wall_now(), ahead: 0 }
    }

    /// Continues after `latest`. Returns a note if the wall clock is well before it.
    pub(super) fn start_after(latest: Stamp) -> (Self, Option<SessionNote>) {
        let clock = Self::start();
        let ahead = latest.since(clock.wall);
        (Self { ahead, ..clock }, (ahead >= STEP).then_some(SessionNote::ClockAhead(ahead / 1_000_000)))
    }

    /// The current time.
    pub fn now(&self) -> Stamp {
        self.at(Instant::now())
    }

    /// The stamp of `moment`; the start if `moment` is before it.
    pub fn at(&self, moment: Instant) -> Stamp {
        Stamp(self.wall_at(moment).saturating_add(self.ahead))
    }

    /// What the wall clock shows at `moment` unless it is set meanwhile.
    fn wall_at(&self, moment: Instant) -> u64 {
        self.wall.0.saturating_add(nanos(moment.saturating_duration_since(self.begun)))
    }

    /// Follows the wall clock if it was set by a second or more, or the machine has slept, and says so.
    pub(super) fn follow(&mut self) -> Option<SessionNote> {
        let (moment, wall) = (Instant::now(), wall_now());
        // A process that is stopped between two readings must not take that for a step.
        self.follow_to(moment, wall, || moment.elapsed() <= AT_ONCE)
    }

    fn follow_to(
        &mut self,
        moment: Instant,
        wall: Stamp,
        are_of_one_time: impl FnOnce() -> bool,
    ) -> Option<SessionNote> {
        let expected = self.wall_at(moment);
        if wall.0.abs_diff(expected) < STEP || !are_of_one_time() {
            return None;
        }
        let ahead = self.at(moment).since(wall);
        *self = Self { begun: moment, wall, ahead };
        let (forward, back) = (wall.0.saturating_sub(expected), expected.saturating_sub(wall.0));
        let by_ms = forward.cast_signed() / 1_000_000 - back.cast_signed() / 1_000_000;
        Some(match ahead {
            0 => SessionNote::ClockForward(forward / 1_000_000),
            _ => SessionNote::ClockChanged(by_ms, ahead / 1_000_000),
        })
    }
}

/// The time of the wall clock; 1970 if it is set to an earlier time.
pub fn wall_now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Stamp(nanos(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const HOUR: u64 = 3600 * SECOND;

    #[test]
    fn a_stamp_is_the_start_plus_what_elapsed() {
        let clock = Clock { begun: Instant::now(), wall: Stamp(1_000), ahead: 0 };
        assert_eq!(clock.at(clock.begun + Duration::from_nanos(7)), Stamp(1_007));
        assert_eq!(clock.at(clock.begun.checked_sub(Duration::from_millis(1)).unwrap()), Stamp(1_000));
        assert!(clock.now() <= clock.now());
        let late = Clock { wall: Stamp(u64::MAX), ..clock };
        assert_eq!(late.at(clock.begun + Duration::from_secs(1)), Stamp(u64::MAX), "it saturates");
    }

    #[test]
    fn stamps_jump_forward_with_the_wall_clock_and_rise_on_after_it_went_back() {
        let start = Instant::now();
        let mut clock = Clock { begun: start, wall: Stamp(10 * HOUR), ahead: 0 };
        // After these seconds the wall clock shows this: the note, and the stamp.
        let steps = [
            (1, 10 * HOUR + 2 * SECOND - 1, None, 10 * HOUR + SECOND),
            (1, 10 * HOUR + 2 * SECOND, Some(SessionNote::ClockForward(1000)), 10 * HOUR + 2 * SECOND),
            (2, 12 * HOUR, Some(SessionNote::ClockForward(7_197_000)), 12 * HOUR),
            (3, 9 * HOUR, Some(SessionNote::ClockChanged(-10_801_000, 10_801_000)), 12 * HOUR + SECOND),
            (5, 9 * HOUR + 2 * SECOND, None, 12 * HOUR + 3 * SECOND),
            (5, 10 * HOUR, Some(SessionNote::ClockChanged(3_598_000, 7_203_000)), 12 * HOUR + 3 * SECOND),
            (6, 13 * HOUR, Some(SessionNote::ClockForward(10_799_000)), 13 * HOUR),
            (7, 0, Some(SessionNote::ClockChanged(-46_801_000, 46_801_000)), 13 * HOUR + SECOND),
        ];
        for (seconds, wall, note, stamp) in steps {
            let moment = start + Duration::from_secs(seconds);
            assert_eq!(
                (clock.follow_to(moment, Stamp(wall), || true), clock.at(moment)),
                (note, Stamp(stamp)),
                "{wall}"
            );
        }
    }

    #[test]
    fn readings_that_are_far_apart_are_not_compared() {
        let mut clock = Clock { begun: Instant::now(), wall: Stamp(HOUR), ahead: 0 };
        assert_eq!(clock.follow_to(clock.begun, Stamp(2 * HOUR), || false), None);
        assert_eq!(clock.at(clock.begun), Stamp(HOUR));
    }

    #[test]
    fn a_clock_starts_after_the_latest_stamp() {
        let latest = Stamp(wall_now().0 + HOUR);
        let (clock, note) = Clock::start_after(latest);
        let moment = clock.begun + Duration::from_secs(1);
        assert_eq!(clock.at(moment), Stamp(latest.0 + SECOND));
        assert!(matches!(note, Some(SessionNote::ClockAhead(3_500_000..=3_600_000))), "{note:?}");
        assert_eq!(Clock::start_after(Stamp(0)).1, None);
    }
}
