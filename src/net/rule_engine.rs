//! The rules of a session, applied to received messages.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use super::delayed::Precedence;
use super::log::Log;
use super::message_buffer::Cutter;
use super::outgoing;
use super::silence::Silences;
use crate::codec::frame::Framing;
use crate::model::{Event, FlowId, Leg, Rules, Stamp, Why};
use crate::rules::{Answer, Incoming, PeerAt, Responder, RuleAction};

/// The shortest interval between two reports of the hit counts.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// An answer of a rule to a message.
#[derive(Debug)]
pub(super) struct DueAnswer {
    pub(super) answer: Answer,
    /// The sender of the message, if still known.
    pub(super) peer: Option<SocketAddr>,
    /// The record in which the message ended, if it was recorded.
    pub(super) record: Option<u64>,
}

/// The rules, the framing and the hit counts.
#[derive(Debug)]
pub(super) struct RuleEngine {
    pub(super) cutter: Arc<Cutter>,
    /// The only rule is a plain echo: received data are sent back unchanged, and no messages are needed.
    pub(super) echoes: bool,
    paced: bool,
    pub(super) responder: Responder,
    pub(super) silences: Silences,
    answers: Vec<Answer>,
    /// Hit counts have changed since the last report.
    is_stale: bool,
    reported_hits: Vec<u64>,
    reported: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Received<'a> {
    pub(super) flow: FlowId,
    pub(super) peer: SocketAddr,
    /// Its side of a relay.
    pub(super) leg: Option<Leg>,
    pub(super) bytes: &'a [u8],
    /// The record in which it ends; `None` if recording was stopped.
    pub(super) record: Option<u64>,
}

impl RuleEngine {
    /// With `paced` answers, an echo is a rule as others.
    pub(super) fn new(rules: Arc<Rules>, framing: Framing, paced: bool) -> Self {
        let mut silences = Silences::default();
        silences.set(&rules, Instant::now());
        Self {
            silences,
            cutter: Arc::new(Cutter::new(framing)),
            echoes: rules.is_plain_echo() && !paced,
            paced,
            responder: Responder::new(rules),
            answers: Vec::new(),
            is_stale: false,
            reported_hits: Vec::new(),
            reported: None,
        }
    }

    /// Whether the rules need received data split into messages.
    pub(super) fn wants_messages(&self) -> bool {
        !self.echoes && !self.responder.rules().is_empty()
    }

    /// Whether some rule decides what a relay passes on.
    pub(super) fn decides(&self) -> bool {
        self.responder.rules().rules.iter().any(|rule| rule.then.decides())
    }

    /// The name of a rule, or its number if it has none.
    pub(super) fn name(&self, rule: usize) -> String {
        let name = self.responder.rules().rules.get(rule).map(|rule| rule.name.clone()).unwrap_or_default();
        if name.is_empty() { format!("rule {}", rule + 1) } else { name }
    }

    /// The name of a rule in the comment on a packet, which has one line for it.
    pub(super) fn brief(&self, rule: usize) -> String {
        let name = self.responder.rules().rules.get(rule).map(|rule| rule.name.replace(['\r', '\n'], " "));
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("#{}", rule + 1))
    }

    /// Why an answer of a rule is sent, in words.
    pub(super) fn why(&self, rule: usize) -> Arc<str> {
        Why::Rule(self.brief(rule)).to_string().into()
    }

    /// What rules have changed a message, in words.
    pub(super) fn why_changed(&self, rules: &[usize]) -> Option<Arc<str>> {
        rules.iter().fold(None, |all, rule| joined(all, Some(self.why(*rule))))
    }

    /// Replaces the rules. Returns the answers that earlier rules have held back.
    pub(super) fn set_rules(&mut self, rules: Arc<Rules>) -> Vec<DueAnswer> {
        self.echoes = rules.is_plain_echo() && !self.paced;
        self.silences.set(&rules, Instant::now());
        self.responder.set_rules(rules, &mut self.answers);
        self.is_stale = true;
        self.take_answers(None)
    }

    /// Changes the framing; false if it is the same.
    pub(super) fn set_framing(&mut self, framing: Framing) -> bool {
        let is_new = framing != self.cutter.framing;
        if is_new {
            self.cutter = Arc::new(Cutter::new(framing));
        }
        is_new
    }

    pub(super) fn echoed(&mut self) {
        self.responder.echoed();
        self.is_stale = true;
    }

    /// Tries the rules on a message. Returns their answers, of at most `limit` bytes each and `room` together.
    pub(super) fn apply(
        &mut self,
        message: Received<'_>,
        (now, wall): (Stamp, Stamp),
        zone: &TimeZone,
        (limit, room): (usize, u64),
    ) -> Vec<DueAnswer> {
        let Received { flow, peer, leg, bytes, record: _ } = message;
        let incoming = Incoming { message: bytes, flow, peer, leg, now, wall, zone, limit, room };
        self.responder.respond(&incoming, &mut self.answers);
        self.is_stale |= self.responder.hits() != self.reported_hits;
        self.take_answers(Some(message))
    }

    /// Returns the answers of rules for silence that are due, with the limits of [`apply`](Self::apply).
    pub(super) fn respond_to_silence(
        &mut self,
        due: Instant,
        peers: &[PeerAt],
        (now, wall): (Stamp, Stamp),
        zone: &TimeZone,
        (limit, room): (usize, u64),
    ) -> Vec<DueAnswer> {
        let (flow, peer) = (FlowId(u32::MAX), SocketAddr::from(([0; 4], 0)));
        let incoming = Incoming { message: &[], flow, peer, leg: None, now, wall, zone, limit, room };
        while let Some(rule) = self.silences.next(due) {
            self.responder.respond_to_silence(rule, &incoming, peers, &mut self.answers);
        }
        self.is_stale |= self.responder.hits() != self.reported_hits;
        self.take_answers(None)
    }

    /// Returns joined answers that have waited long enough.
    pub(super) fn release(&mut self, now: Stamp) -> Vec<DueAnswer> {
        self.responder.release(now, &mut self.answers);
        self.take_answers(None)
    }

    fn take_answers(&mut self, message: Option<Received<'_>>) -> Vec<DueAnswer> {
        let due = |answer: Answer| {
            // An answer held back earlier may belong to another message.
            let message = message.filter(|message| message.flow == answer.flow);
            let peer = message.map(|message| message.peer);
            DueAnswer { answer, peer, record: message.and_then(|message| message.record) }
        };
        self.answers.drain(..).map(due).collect()
    }

    /// Reports changed hit counts: at once if `now` is `None`, else no more often than the interval.
    pub(super) fn report_hits(&mut self, log: &mut Log, now: Option<Instant>) {
        if !self.is_stale || now.is_some_and(|now| self.deadline().is_some_and(|deadline| now < deadline)) {
            return;
        }
        self.is_stale = false;
        self.reported = now;
        let hits = self.responder.hits();
        if hits != self.reported_hits {
            self.reported_hits = hits.to_vec();
            log.events().push(Event::RuleHits(hits.to_vec()));
        }
    }

    /// When the next report is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.reported.filter(|_told| self.is_stale)?.checked_add(REPORT_INTERVAL)
    }
}

/// Both reasons, in lines of their own.
pub(super) fn joined(first: Option<Arc<str>>, second: Option<Arc<str>>) -> Option<Arc<str>> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}\n{second}").into()),
        (one, other) => one.or(other),
    }
}

impl DueAnswer {
    /// Sent data keep their order; local effects do not wait for them.
    pub(super) fn precedence(&self) -> Precedence {
        use RuleAction::{Close, Reset, Send, SendCut, SendFile};
        match &self.answer.what {
            Send(_) | SendCut { .. } | SendFile(_) | Close | Reset => Precedence::InOrder,
            _other => Precedence::Independent,
        }
    }

    /// Its size in memory while it waits; for a file, its size once open.
    pub(super) fn bytes(&self) -> u64 {
        let of_file = if let RuleAction::SendFile(_) = self.answer.what { outgoing::FILE } else { 0 };
        self.answer.what.bytes() + of_file
    }
}
