//! The rules that are used when nothing was received for some time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::time::earliest;
use crate::model::{Leg, Rule, RuleId, Rules, Sender};

#[derive(Debug)]
struct Watch {
    /// The index of the rule.
    rule: usize,
    id: RuleId,
    from: Sender,
    silence: Duration,
    /// When the rule is used; `None` from then on until something is received.
    due: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Silences(Vec<Watch>);

impl Silences {
    /// Follows these rules from `now` on. One that waits already for the same goes on.
    pub(super) fn set(&mut self, rules: &Rules, now: Instant) {
        let watch = |(at, rule): (usize, &Rule)| {
            let (id, from, silence) = (rule.id, rule.from, rule.silence?);
            let is_same = |known: &&Watch| (known.id, known.from, known.silence) == (id, from, silence);
            let known = self.0.iter().find(is_same);
            let due = known.map_or(now.checked_add(silence), |known| known.due);
            Some(Watch { rule: at, id, from, silence, due })
        };
        self.0 = rules.rules.iter().enumerate().filter_map(watch).collect();
    }

    /// Something was received from this peer.
    pub(super) fn received(&mut self, peer: SocketAddr, leg: Option<Leg>) {
        if !self.0.is_empty() {
            let now = Instant::now();
            for watch in self.0.iter_mut().filter(|watch| watch.from.admits(peer, leg)) {
                watch.due = now.checked_add(watch.silence);
            }
        }
    }

    /// Nothing could be received until now.
    pub(super) fn wait_again(&mut self, now: Instant) {
        for watch in self.0.iter_mut().filter(|watch| watch.due.is_some()) {
            watch.due = now.checked_add(watch.silence);
        }
    }

    /// The next rule that is due.
    pub(super) fn next(&mut self, now: Instant) -> Option<usize> {
        let watch = self.0.iter_mut().find(|watch| watch.due.is_some_and(|due| due <= now))?;
        watch.due = None;
        Some(watch.rule)
    }

    pub(super) fn due(&self) -> Option<Instant> {
        earliest(self.0.iter().map(|watch| watch.due))
    }
}
