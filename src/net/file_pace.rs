//! The pace at which one file is sent to one peer.

use std::time::{Duration, Instant};

use super::time::later;
use crate::model::FilePace;

/// How far a file may lag behind its pace and catch up by sending pieces back to back, so that a busy machine
/// does not lower the rate. Time lost to a slow peer or a pause is not caught up.
const CATCH_UP: Duration = Duration::from_millis(100);

/// A rate is kept by sending this many pieces per second, if pieces are not smaller than a byte.
const PIECES_PER_SECOND: u64 = 100;

#[derive(Debug)]
pub(super) struct Pacing {
    pace: FilePace,
    /// The start of the current schedule; `None` before the first piece.
    base: Option<Instant>,
    /// Bytes sent since `base`.
    since: u64,
    due: Option<Instant>,
}

/// The length of a piece that suits `pace`, at most `usual`.
pub(super) fn piece_len(pace: FilePace, usual: usize) -> usize {
    match pace {
        FilePace::Unlimited | FilePace::Pause(_) => usual,
        FilePace::Rate(rate) => {
            let of_rate = usize::try_from(rate.get() / PIECES_PER_SECOND).unwrap_or(usize::MAX);
            of_rate.clamp(1, usual.max(1))
        }
    }
}

impl Pacing {
    pub(super) fn new(pace: FilePace) -> Self {
        Self { pace, base: None, since: 0, due: None }
    }

    /// When the next piece is due, if that is after `now`.
    pub(super) fn wait(&self, now: Instant) -> Option<Instant> {
        self.due.filter(|due| *due > now)
    }

    /// Starts a new schedule with the next piece, after a pause.
    pub(super) fn restart(&mut self) {
        (self.base, self.since, self.due) = (None, 0, None);
    }

    /// Notes that a piece is about to be sent.
    pub(super) fn piece_begins(&mut self, now: Instant) {
        self.base.get_or_insert(now);
    }

    /// Notes that a piece of `n` bytes was sent.
    pub(super) fn sent(&mut self, n: usize, now: Instant) {
        let base = *self.base.get_or_insert(now);
        match self.pace {
            FilePace::Unlimited => {}
            FilePace::Pause(pause) => {
                // Measured from the last due time, so that delays do not add up.
                let next = self.due.unwrap_or(base).checked_add(pause);
                self.due = next.filter(|next| *next > now).or_else(|| now.checked_add(pause));
            }
            FilePace::Rate(rate) => {
                self.since = self.since.saturating_add(n as u64);
                let nanos = u128::from(self.since) * 1_000_000_000 / u128::from(rate.get());
                let time = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
                let due = later(base, time);
                let late = now.saturating_duration_since(due);
                self.due = Some(due);
                if late > CATCH_UP {
                    self.base = base.checked_add(late.saturating_sub(CATCH_UP));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn rate(bytes: u64) -> FilePace {
        FilePace::Rate(NonZeroU64::new(bytes).unwrap())
    }

    /// Sends pieces of `len` for `time`, each `late` after it is due; returns how many.
    fn run(pace: FilePace, len: usize, late: Duration, time: Duration) -> u32 {
        let start = Instant::now();
        let (mut pacing, mut now, mut n) = (Pacing::new(pace), start, 0);
        loop {
            now = pacing.wait(now).unwrap_or(now);
            if now - start >= time {
                return n;
            }
            now += late;
            pacing.piece_begins(now);
            pacing.sent(len, now);
            n += 1;
        }
    }

    #[test]
    fn late_pieces_do_not_lower_the_rate() {
        for late in [Duration::ZERO, Duration::from_micros(90), 3 * MS, 9 * MS] {
            let n = run(rate(100_000), 1000, late, Duration::from_secs(100));
            assert!(n.abs_diff(10_000) <= 1, "{late:?}: {n}");
        }
        let slow = run(rate(1), 1, MS, Duration::from_secs(100));
        assert!(slow.abs_diff(100) <= 1, "{slow}");
    }

    #[test]
    fn a_pause_does_not_drift() {
        for late in [Duration::ZERO, MS, 9 * MS] {
            let n = run(FilePace::Pause(10 * MS), 7, late, Duration::from_secs(10));
            assert!(n.abs_diff(1000) <= 1, "{late:?}: {n}");
        }
        let slow = run(FilePace::Pause(10 * MS), 7, 25 * MS, Duration::from_secs(7));
        assert_eq!(slow, 200, "a pause follows a piece that took longer");
    }

    #[test]
    fn time_lost_to_a_slow_peer_is_not_caught_up() {
        let start = Instant::now();
        let mut pacing = Pacing::new(rate(1000));
        pacing.piece_begins(start);
        pacing.sent(10, start);
        assert_eq!(pacing.wait(start), Some(start + 10 * MS));
        let late = start + Duration::from_mins(1);
        let mut burst = 0;
        while pacing.wait(late).is_none() {
            pacing.sent(10, late);
            burst += 1;
        }
        assert_eq!(burst, 12, "the data of a tenth of a second");
        pacing.restart();
        assert_eq!(pacing.wait(late), None);
    }

    #[test]
    fn pieces_suit_the_rate() {
        assert_eq!(piece_len(FilePace::Unlimited, 65_495), 65_495);
        assert_eq!(piece_len(FilePace::Pause(MS), 1400), 1400);
        assert_eq!(piece_len(rate(1), 65_495), 1);
        assert_eq!(piece_len(rate(100_000), 65_495), 1000);
        assert_eq!(piece_len(rate(u64::MAX), 65_495), 65_495);
        let endless = &mut Pacing::new(rate(1));
        endless.sent(usize::MAX, Instant::now());
        assert!(endless.wait(Instant::now()).is_some());
    }
}
