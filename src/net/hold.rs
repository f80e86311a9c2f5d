//! Messages of a relay that are held until somebody decides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::Context;
use super::time::{later, nanos};
use crate::model::{Event, FlowId, Held, HoldEnd, HoldId, RuleId, SessionNote, Stamp, Then, Why};

/// A message that is held. Its bytes are with it.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) id: HoldId,
    rule: RuleId,
    pub(super) peer: SocketAddr,
    /// What is said of data that somebody has decided on.
    pub(super) why: Arc<str>,
    /// When it is passed on.
    pub(super) until: Option<Instant>,
    /// The record in which it ended.
    pub(super) record: Option<u64>,
    /// How long it is withheld after the decision.
    pub(super) after: Duration,
}

impl Hold {
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Context {
    /// Holds a message of this flow, as a rule wants it. `None` if there is no room, or nobody reads the events.
    pub(super) fn hold(
        &mut self,
        (rule, time): (usize, Option<Duration>),
        (flow, peer): (FlowId, SocketAddr),
        (data, record): (&Arc<[u8]>, Option<u64>),
        after: Duration,
    ) -> Option<Hold> {
        if time.is_some_and(|time| time.is_zero()) {
            return None;
        }
        let len = data.len() as u64;
        if self.room() < len || self.log.is_crowded() {
            self.log.given_up(len, peer);
            return None;
        }
        let name = self.rule_engine.brief(rule);
        let id = self.rule_engine.responder.rules().rules.get(rule)?.id;
        let since = self.log.moment();
        self.n_holds += 1;
        let held = Held {
            id: HoldId(self.n_holds),
            rule: name.clone(),
            flow,
            peer,
            record,
            data: Arc::clone(data),
            since,
            until: time.map(|time| Stamp(since.0.saturating_add(nanos(time)))),
        };
        self.log.events().push(Event::Held(held));
        Some(Hold {
            id: HoldId(self.n_holds),
            rule: id,
            peer,
            why: Why::Hand(name).to_string().into(),
            until: time.map(|time| later(Instant::now(), time)),
            record,
            after,
        })
    }

    /// A message of `len` bytes is no longer held.
    pub(super) fn hold_ended(&mut self, hold: &Hold, len: usize, how: HoldEnd) {
        if how == HoldEnd::Expired {
            self.log.note(SessionNote::HoldExpired(len as u64, hold.peer));
        }
        self.log.events().push(Event::HoldEnded(hold.id, how));
    }

    /// Whether the rule of a held message still holds messages.
    pub(super) fn still_holds(&self, hold: &Hold) -> bool {
        let rules = &self.rule_engine.responder.rules().rules;
        rules.iter().any(|rule| rule.id == hold.rule && matches!(rule.then, Then::Hold(_)))
    }
}
