//! Messages of a relay that are held until somebody decides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::Context;
use super::time::{later, nanos};
use crate::model::{Event, FlowId, Held, HoldEnd, HoldId, PassedFrom, RuleId, SessionNote, Stamp, Then, Why};

/// A message that is held. Its bytes are with it.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) id: HoldId,
    rule: RuleId,
    pub(super) peer: SocketAddr,
    /// Its rule.
    name: String,
    /// When it is passed on, and after which time.
    pub(super) until: Option<(Instant, Duration)>,
    /// The record in which it ended.
    pub(super) record: Option<u64>,
    /// How long it is withheld after the decision.
    pub(super) after: Duration,
}

impl Hold {
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|(until, _)| until <= now)
    }

    /// What is said of a message that somebody has dropped, or of what its sender gets instead.
    pub(super) fn by_hand(&self) -> Arc<str> {
        Why::Hand(self.name.clone()).to_string().into()
    }

    /// What is said of data that were passed on: changed if somebody has `edited` them.
    pub(super) fn why(&self, how: HoldEnd, edited: bool) -> Option<Arc<str>> {
        let name = self.name.clone();
        let why = match (how, self.until) {
            (HoldEnd::Decided, _) if edited => Why::Edited(name),
            (HoldEnd::Decided, _) => Why::Hand(name),
            (HoldEnd::Expired, Some((_, time))) => Why::Held(name, time),
            (HoldEnd::Expired | HoldEnd::RulesChanged | HoldEnd::Gone, _) => return None,
        };
        Some(why.to_string().into())
    }
}

impl Context {
    /// Holds a message of this flow, as a rule wants it. `None` if there is no room, or nobody reads the events.
    pub(super) fn hold(
        &mut self,
        (rule, time): (usize, Option<Duration>),
        (flow, peer): (FlowId, SocketAddr),
        (data, record, from): (&Arc<[u8]>, Option<u64>, Option<PassedFrom>),
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
            from,
            data: Arc::clone(data),
            since,
            until: time.map(|time| Stamp(since.0.saturating_add(nanos(time)))),
        };
        self.log.events().push(Event::Held(held));
        Some(Hold {
            id: HoldId(self.n_holds),
            rule: id,
            peer,
            name,
            until: time.map(|time| (later(Instant::now(), time), time)),
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
