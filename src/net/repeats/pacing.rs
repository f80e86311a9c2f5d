//! The last periods of a repeat.

use std::time::{Duration, Instant};

use super::super::time::nanos;
use crate::model::Pace;

/// The number of periods remembered.
const PERIODS: usize = 1000;

#[derive(Debug)]
pub(super) struct Periods {
    every: Duration,
    last: Option<Instant>,
    /// In nanoseconds; a ring buffer once it is full.
    ring: Vec<u64>,
    oldest: usize,
}

impl Periods {
    pub(super) fn new(every: Duration) -> Self {
        Self { every, last: None, ring: Vec::new(), oldest: 0 }
    }

    /// Notes a beat sent at `now`.
    pub(super) fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            let period = nanos(now.saturating_duration_since(last));
            if self.ring.len() < PERIODS {
                self.ring.push(period);
            } else if let Some(oldest) = self.ring.get_mut(self.oldest) {
                *oldest = period;
                self.oldest = (self.oldest + 1) % PERIODS;
            }
        }
    }

    /// Notes a skipped beat: the time until the next one is not a period.
    pub(super) fn pause(&mut self) {
        self.last = None;
    }

    /// The statistics of the periods; `None` if there are none.
    pub(super) fn pace(&self) -> Option<Pace> {
        let every = nanos(self.every);
        let mut errors: Vec<u64> = self.ring.iter().map(|period| period.abs_diff(every)).collect();
        errors.sort_unstable();
        let n = errors.len() as u64;
        let sum: u128 = self.ring.iter().map(|period| u128::from(*period)).sum();
        let mean = u64::try_from(sum.checked_div(u128::from(n))?).unwrap_or(u64::MAX);
        // The nearest rank: the smallest error that 99 of 100 do not exceed.
        let p99 = errors.get((errors.len() * 99).div_ceil(100).saturating_sub(1))?;
        Some(Pace {
            periods: u32::try_from(n).unwrap_or(u32::MAX),
            mean: Duration::from_nanos(mean),
            p99: Duration::from_nanos(*p99),
            worst: Duration::from_nanos(*errors.last()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(n: u64) -> Duration {
        Duration::from_micros(n)
    }

    fn after(periods_us: impl IntoIterator<Item = u64>) -> Option<Pace> {
        let mut pacing = Periods::new(us(1000));
        let mut now = Instant::now();
        pacing.beat(now);
        for period in periods_us {
            now += us(period);
            pacing.beat(now);
        }
        pacing.pace()
    }

    #[test]
    fn mean_p99_and_worst_are_correct() {
        assert_eq!(after([]), None);
        let one = Pace { periods: 1, mean: us(1200), p99: us(200), worst: us(200) };
        assert_eq!(after([1200]), Some(one));
        let hundred = after((0..100).map(|n| 1000 + n)).unwrap();
        assert_eq!((hundred.periods, hundred.p99, hundred.worst), (100, us(98), us(99)));
        assert_eq!(hundred.mean, Duration::from_nanos(1_049_500));
        assert_eq!(after([900, 1000]).unwrap().worst, us(100), "early beats count as late ones do");
    }

    #[test]
    fn only_the_last_thousand_count() {
        let pace = after(std::iter::repeat_n(9000, 500).chain(std::iter::repeat_n(1000, 1000))).unwrap();
        assert_eq!(pace, Pace { periods: 1000, mean: us(1000), p99: us(0), worst: us(0) });
    }

    #[test]
    fn a_pause_is_not_a_period() {
        let mut pacing = Periods::new(us(1000));
        let start = Instant::now();
        pacing.beat(start);
        pacing.pause();
        pacing.beat(start + us(5000));
        assert_eq!(pacing.pace(), None);
        pacing.beat(start + us(6000));
        assert_eq!(pacing.pace().unwrap().mean, us(1000));
    }
}
