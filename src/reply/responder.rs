//! Rules at work over one opening of a session: what each message is answered with, and how often each rule
//! has been used. Knows no socket and no clock; it is told the time.

use std::collections::HashMap;
use std::sync::Arc;

use super::answer::{Answer, Deed, Heard};
use crate::model::{AndThen, Rule, RuleId, Rules, Stamp, Then};

/// The rules of a session, kept running.
#[derive(Debug)]
pub struct Responder {
    rules: Arc<Rules>,
    /// How often each was used.
    hits: Vec<u64>,
    /// When each was used last.
    used: HashMap<RuleId, Stamp>,
}

impl Responder {
    /// At the beginning of an opening.
    pub fn new(rules: Arc<Rules>) -> Self {
        let hits = vec![0; rules.rules.len()];
        Self { rules, hits, used: HashMap::new() }
    }

    /// How often each rule was used, in their order.
    pub fn hits(&self) -> &[u64] {
        &self.hits
    }

    /// A plain echo has sent something back.
    pub fn echoed(&mut self) {
        if let Some(hits) = self.hits.first_mut() {
            *hits = hits.saturating_add(1);
        }
    }

    /// Holds the rules against a message, and appends what shall be done.
    pub fn hear(&mut self, heard: &Heard<'_>, answers: &mut Vec<Answer>) {
        for (n, (rule, hits)) in self.rules.rules.iter().zip(&mut self.hits).enumerate() {
            if rule.limits.at_most.is_some_and(|most| *hits >= most)
                || self.used.get(&rule.id).is_some_and(|used| cools(rule, *used, heard.now))
                || !rule.from.admits(heard.peer)
                || !rule.when.is_match(heard.message)
            {
                continue;
            }
            *hits = hits.saturating_add(1);
            self.used.insert(rule.id, heard.now);
            if let Some(what) = deed(rule, heard) {
                let (flow, after, to) = (heard.flow, *rule.after.start(), rule.to);
                answers.push(Answer { rule: n, flow, after, to, what });
            }
            match rule.limits.and_then {
                AndThen::Stop => return,
                AndThen::GoOn => {}
            }
        }
    }
}

fn cools(rule: &Rule, used: Stamp, now: Stamp) -> bool {
    u128::from(now.0.saturating_sub(used.0)) < rule.limits.cool_down.as_nanos()
}

/// What a rule does, if that needs nothing but the message.
fn deed(rule: &Rule, heard: &Heard<'_>) -> Option<Deed> {
    match &rule.then {
        Then::Echo => Some(Deed::Send(heard.message.into())),
        Then::Close => Some(Deed::Close),
        Then::Reset => Some(Deed::Reset),
        Then::StopRecording => Some(Deed::StopRecording),
        Then::Highlight => Some(Deed::Highlight),
        Then::Sequence(name) => Some(Deed::Sequence(name.clone())),
        Then::Reply(_) | Then::SendFile(_) | Then::SaveFile { .. } | Then::Modbus(_) | Then::Note(..) => None,
    }
}
