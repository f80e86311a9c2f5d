//! What is sent again and again: to whom, and what is said of it. Knows no session and no clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::plan::Beat;
use crate::codec::duration;
use crate::model::{Command, FlowId, Progress, Repeat, RepeatId, SendPart, Target};

#[derive(Debug)]
pub(super) struct Repeating {
    beat: Option<Beat>,
    /// Those that run, with the peer if they are for one alone.
    running: BTreeMap<RepeatId, Option<FlowId>>,
    next: u32,
}

impl Repeating {
    pub(super) fn new(beat: Option<Beat>) -> Self {
        Self { beat, running: BTreeMap::new(), next: 0 }
    }

    /// The order to send `what` again and again, if that is wanted.
    pub(super) fn begin(&mut self, to: &Target, what: &Arc<[SendPart]>) -> Option<Command> {
        let Beat { every, count } = self.beat?;
        let id = RepeatId(self.next);
        self.next = self.next.wrapping_add(1);
        let flow = match to {
            Target::Flows(flows) => flows.first().copied(),
            Target::All | Target::Endpoint(_) => None,
        };
        self.running.insert(id, flow);
        Some(Command::Repeat(Repeat { id, to: to.clone(), what: Arc::clone(what), every, count }))
    }

    pub(super) fn to(&self, flow: FlowId) -> Option<RepeatId> {
        self.running.iter().find(|(_id, to)| **to == Some(flow)).map(|(id, _to)| *id)
    }

    /// They have no last beat.
    pub(super) fn is_endless(&self) -> bool {
        self.beat.is_some_and(|beat| beat.count.is_none())
    }

    pub(super) fn ended(&mut self, id: RepeatId) -> Option<FlowId> {
        self.running.remove(&id).flatten()
    }

    pub(super) fn summary(&self, progress: &Progress) -> Option<String> {
        let Progress { sent, skipped, pace } = progress;
        let every = duration::to_text(self.beat?.every);
        let times = if *sent == 1 { "time" } else { "times" };
        let line = format!("repeated {sent} {times} every {every}, skipped {skipped}");
        let Some(pace) = pace else { return Some(line) };
        Some(format!(
            "{line}; of the last {} periods: mean {}, 99 of 100 off by {} at most, worst by {}",
            pace.periods,
            milliseconds(pace.mean),
            milliseconds(pace.p99),
            milliseconds(pace.worst),
        ))
    }
}

fn milliseconds(span: Duration) -> String {
    format!("{:.3} ms", span.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pace;

    const BEAT: Beat = Beat { every: Duration::from_millis(2), count: None };

    #[test]
    fn each_peer_has_its_own() {
        let mut repeating = Repeating::new(Some(BEAT));
        let what = Arc::from([]);
        for flow in [7, 8] {
            assert!(repeating.begin(&Target::Flows(vec![FlowId(flow)]), &what).is_some());
        }
        assert_eq!(repeating.to(FlowId(8)), Some(RepeatId(1)));
        assert_eq!(repeating.ended(RepeatId(1)), Some(FlowId(8)));
        assert_eq!(repeating.to(FlowId(8)), None);
        assert!(Repeating::new(None).begin(&Target::All, &what).is_none());
    }

    #[test]
    fn the_summary_is_one_line() {
        let repeating = Repeating::new(Some(BEAT));
        let progress = Progress { sent: 1, skipped: 0, pace: None };
        assert_eq!(repeating.summary(&progress).unwrap(), "repeated 1 time every 2ms, skipped 0");
        let us = Duration::from_micros;
        let pace = Pace { periods: 24, mean: us(2001), p99: us(30), worst: us(1500) };
        let progress = Progress { sent: 25, skipped: 1, pace: Some(pace) };
        assert_eq!(
            repeating.summary(&progress).unwrap(),
            "repeated 25 times every 2ms, skipped 1; of the last 24 periods: mean 2.001 ms, 99 of 100 off by \
             0.030 ms at most, worst by 1.500 ms"
        );
        assert_eq!(Repeating::new(None).summary(&progress), None);
    }
}
