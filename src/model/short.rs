//! Short connections: one per message, closed after the answer.

use std::time::Duration;

use crate::codec::named_enum;

/// How a TCP client with short connections sends: for each message it connects, sends, waits for the answer,
/// and closes. All parts of one beat share a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Short {
    /// When a connection is done.
    pub until: ShortUntil,
    /// The timeout, measured from when the connection was established or last accepted data.
    pub within: Duration,
}

impl Default for Short {
    /// Until the first message of an answer, for up to 5 seconds.
    fn default() -> Self {
        Self { until: ShortUntil::default(), within: Duration::from_secs(5) }
    }
}

named_enum! {
    /// When a short connection is done and closed.
    #[derive(Default)]
    pub enum ShortUntil {
        /// After the first message of the peer, under the session's framing.
        #[default]
        Answered = "answer",
        /// After the peer has closed its side.
        PeerCloses = "close",
        /// After all data are sent.
        Sent = "sent",
    }
}

/// The results of the short connections since the session was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShortTally {
    /// Connections that are done.
    pub done: u64,
    /// Connections that could not be established, broke, or timed out. Each was reported as a `Trouble`.
    pub failed: u64,
    /// The durations of those that are done; `None` if there are none.
    pub times: Option<ShortTimes>,
}

/// The durations of short connections, from the start of connecting until done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortTimes {
    /// The shortest.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
    /// The last.
    pub last: Duration,
    /// The sum.
    pub total: Duration,
}

impl ShortTally {
    /// Adds a connection that is done.
    pub fn add_done(&mut self, took: Duration) {
        self.done = self.done.saturating_add(1);
        self.times = Some(match self.times {
            None => ShortTimes { least: took, most: took, last: took, total: took },
            Some(times) => ShortTimes {
                least: times.least.min(took),
                most: times.most.max(took),
                last: took,
                total: times.total.saturating_add(took),
            },
        });
    }

    /// The mean duration.
    pub fn mean(&self) -> Option<Duration> {
        let nanos = self.times?.total.as_nanos().checked_div(u128::from(self.done))?;
        Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_keeps_minimum_mean_and_maximum() {
        let mut tally = ShortTally::default();
        assert_eq!((tally.mean(), tally.times), (None, None));
        for us in [30, 10, 50, 11] {
            tally.add_done(Duration::from_micros(us));
        }
        tally.failed += 1;
        let us = Duration::from_micros;
        let times = ShortTimes { least: us(10), most: us(50), last: us(11), total: us(101) };
        assert_eq!((tally.done, tally.times), (4, Some(times)));
        assert_eq!(tally.mean(), Some(Duration::from_nanos(25_250)));
    }
}
