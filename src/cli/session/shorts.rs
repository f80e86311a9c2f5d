//! The short connections of one session: when all are made, and their summary.

use std::sync::Arc;
use std::time::Duration;

use super::outcome::{counted, milliseconds};
use crate::model::{Command, Repeat, RepeatId, SendPart, ShortTally, Target};

#[derive(Debug, Default)]
pub(super) struct Shorts {
    ordered: Option<u64>,
    tally: ShortTally,
}

impl Shorts {
    /// The order to make one connection for all of `what`.
    pub(super) fn once(what: &Arc<[SendPart]>) -> Command {
        let (id, every) = (RepeatId(u32::MAX), Duration::from_secs(1));
        Command::Repeat(Repeat { id, to: Target::All, what: Arc::clone(what), every, count: Some(1) })
    }

    pub(super) fn ordered(&mut self, n: u64) -> bool {
        self.ordered = Some(n);
        self.are_all_made()
    }

    pub(super) fn made(&mut self, tally: ShortTally) -> bool {
        self.tally = tally;
        self.are_all_made()
    }

    fn are_all_made(&self) -> bool {
        self.ordered.is_some_and(|n| self.tally.done.saturating_add(self.tally.failed) >= n)
    }

    pub(super) fn summary(&self) -> String {
        let ShortTally { done, failed, times } = self.tally;
        let line = format!("{} done, {failed} failed", counted(done, "short connection"));
        let (Some(times), Some(mean)) = (times, self.tally.mean()) else { return line };
        format!(
            "{line}; they took {} at least, {} in the mean, {} at most",
            milliseconds(times.least),
            milliseconds(mean),
            milliseconds(times.most)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_made_when_as_many_were_tried_as_ordered() {
        let mut shorts = Shorts::default();
        let mut tally = ShortTally::default();
        assert_eq!(shorts.summary(), "0 short connections done, 0 failed");
        tally.add_done(Duration::from_micros(1500));
        assert!(!shorts.made(tally), "more may be ordered");
        assert!(!shorts.ordered(2));
        tally.failed += 1;
        assert!(shorts.made(tally));
        assert_eq!(
            shorts.summary(),
            "1 short connection done, 1 failed; they took 1.500 ms at least, 1.500 ms in the mean, 1.500 ms at most"
        );
    }
}
