//! Short connections: one for each message, which is made, sent over, answered over and closed. The order, and
//! what has come of them. Knows no clock.

use std::time::Duration;

/// How a TCP client that keeps no connection sends: for each message it connects, sends, waits for the answer
/// and closes. What is sent as one beat goes over one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Short {
    /// What is waited for.
    pub until: ShortUntil,
    /// How long that is waited for, from when the connection was made or last took something of the message.
    pub within: Duration,
}

impl Default for Short {
    /// Until the first message of an answer, for up to 5 seconds.
    fn default() -> Self {
        Self { until: ShortUntil::default(), within: Duration::from_secs(5) }
    }
}

/// What a short connection waits for before it is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ShortUntil {
    /// The first message of the peer, under the session's framing.
    #[default]
    Answered,
    /// The end of what the peer sends: it closes first.
    PeerCloses,
    /// Nothing but that all was sent.
    Sent,
}

/// What has come of the short connections of one opening.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShortTally {
    /// Those that brought what was waited for.
    pub done: u64,
    /// Those that could not be made, broke, or did not bring it in time. A trouble told of each.
    pub failed: u64,
    /// How long those took that are done; `None` if there is none.
    pub times: Option<ShortTimes>,
}

/// How long short connections took, each from when its server was called until what was waited for had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortTimes {
    /// The shortest.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
    /// The last one.
    pub last: Duration,
    /// All together.
    pub total: Duration,
}

impl ShortTally {
    /// One more is done, and took so long.
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

    /// How long those that are done took, in the mean.
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
