//! What was counted, and how fast it grows.

use crate::model::{Direction, Record, Stamp};

/// What was counted since the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Records received.
    pub n_received: u64,
    /// Records sent.
    pub n_sent: u64,
    /// How often rules were used.
    pub n_used: u64,
}

impl Counters {
    /// Counts one record.
    pub fn add(&mut self, record: &Record) {
        match record.kind.direction() {
            Some(Direction::Received) => {
                self.received += u64::from(record.len);
                self.n_received += 1;
            }
            Some(Direction::Sent) => {
                self.sent += u64::from(record.len);
                self.n_sent += 1;
            }
            None => {}
        }
    }
}

/// Bytes a second, over the last half second or so.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// Bytes received a second.
    pub received: f64,
    /// Bytes sent a second.
    pub sent: f64,
    /// How often rules are used a second.
    pub used: f64,
    at: Stamp,
    then: Counters,
}

/// The least time over which a rate is taken, in nanoseconds.
const STEP_NS: u64 = 500_000_000;

impl Rates {
    /// Takes the rates anew if half a second went by since the last time.
    pub fn update(&mut self, counters: Counters, now: Stamp) {
        let elapsed = now.since(self.at);
        if elapsed < STEP_NS {
            return;
        }
        let first = self.at == Stamp::default();
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
        let rate = |n: u64, then: u64| {
            if first { 0.0 } else { n.saturating_sub(then) as f64 * 1e9 / elapsed as f64 }
        };
        *self = Self {
            received: rate(counters.received, self.then.received),
            sent: rate(counters.sent, self.then.sent),
            used: rate(counters.n_used, self.then.n_used),
            at: now,
            then: counters,
        };
    }

    /// The counters begin at zero again.
    pub fn reset(&mut self) {
        *self = Self { at: self.at, ..Self::default() };
    }
}
