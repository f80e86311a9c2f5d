//! Who listens to what comes, and what they answer: the rules of a session, kept running. Knows no socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;

use super::delayed::Precedence;
use super::log::Log;
use super::message_buffer::Cutter;
use super::outgoing;
use crate::codec::frame::Framing;
use crate::model::{Event, FlowId, Recipients, Rules, Stamp};
use crate::rules::{Answer, Deed, Heard, Responder};

/// Hits are told no more often than this.
const TELL: Duration = Duration::from_millis(250);

/// What a rule answers to a message.
#[derive(Debug)]
pub(super) struct DueAnswer {
    /// Over which flow the message came.
    pub(super) from: FlowId,
    /// From whom, if it is known any more.
    pub(super) peer: Option<SocketAddr>,
    /// The place of the rule.
    pub(super) rule: usize,
    /// In which record it ended.
    pub(super) record: Option<u64>,
    /// To whom it applies.
    pub(super) to: Recipients,
    /// What is to be done.
    pub(super) what: Deed,
}

/// The rules at work.
#[derive(Debug)]
pub(super) struct RuleEngine {
    cutter: Arc<Cutter>,
    rules: Arc<Rules>,
    /// What comes goes back as it came, whatever messages it may hold.
    echoes: bool,
    responder: Responder,
    answers: Vec<Answer>,
    /// Something has matched since the hits were told.
    is_stale: bool,
    told_hits: Vec<u64>,
    told: Option<Instant>,
}

/// A message that came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    /// Over which flow.
    pub(super) flow: FlowId,
    /// From whom.
    pub(super) peer: SocketAddr,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// In which record it ends; `None` if recording was stopped.
    pub(super) record: Option<u64>,
}

impl RuleEngine {
    pub(super) fn new(rules: Arc<Rules>, framing: Framing) -> Self {
        Self {
            cutter: Arc::new(Cutter::new(framing)),
            echoes: rules.is_plain_echo(),
            responder: Responder::new(Arc::clone(&rules)),
            rules,
            answers: Vec::new(),
            is_stale: false,
            told_hits: Vec::new(),
            told: None,
        }
    }

    /// What comes goes back as it came.
    pub(super) fn echoes(&self) -> bool {
        self.echoes
    }

    /// The rules are held against each message.
    pub(super) fn hears(&self) -> bool {
        !self.echoes && !self.rules.is_empty()
    }

    /// What people call the rule at this place.
    pub(super) fn name(&self, rule: usize) -> String {
        let name = self.rules.rules.get(rule).map(|rule| rule.name.clone()).unwrap_or_default();
        if name.is_empty() { format!("rule {}", rule + 1) } else { name }
    }

    /// By what what comes is cut.
    pub(super) fn cutter(&self) -> &Arc<Cutter> {
        &self.cutter
    }

    /// Other rules from now on. What the earlier ones still hold back is answered now.
    pub(super) fn set_rules(&mut self, rules: Arc<Rules>) -> Vec<(Duration, DueAnswer)> {
        self.echoes = rules.is_plain_echo();
        self.responder.set_rules(Arc::clone(&rules), &mut self.answers);
        self.rules = rules;
        self.is_stale = true;
        self.give(None)
    }

    /// Another framing from now on; false if it is the same.
    pub(super) fn set_framing(&mut self, framing: Framing) -> bool {
        let is_new = framing != *self.cutter.framing();
        if is_new {
            self.cutter = Arc::new(Cutter::new(framing));
        }
        is_new
    }

    /// Something was sent back as it came.
    pub(super) fn echoed(&mut self) {
        self.responder.echoed();
        self.is_stale = true;
    }

    /// Tries the rules on a message, and gives what each that matches answers, and after which time.
    pub(super) fn hear(
        &mut self,
        message: Message<'_>,
        (now, zone): (Stamp, &TimeZone),
    ) -> Vec<(Duration, DueAnswer)> {
        let Message { flow, peer, bytes, record: _ } = message;
        self.responder.hear(&Heard { message: bytes, flow, peer, now, zone }, &mut self.answers);
        self.is_stale |= self.responder.hits() != self.told_hits;
        self.give(Some(message))
    }

    /// Gives the answers that were held back for others to be sent with them, and have waited long enough.
    pub(super) fn release(&mut self, now: Stamp) -> Vec<(Duration, DueAnswer)> {
        self.responder.release(now, &mut self.answers);
        self.give(None)
    }

    /// When there is something to [`release`](Self::release).
    pub(super) fn held_until(&self) -> Option<Stamp> {
        self.responder.held_until()
    }

    /// Answers to what came over this flow are held back.
    pub(super) fn holds(&self, flow: FlowId) -> bool {
        self.responder.holds(flow)
    }

    /// The peer is gone.
    pub(super) fn forget(&mut self, flow: FlowId) {
        self.responder.forget(flow);
    }

    fn give(&mut self, message: Option<Message<'_>>) -> Vec<(Duration, DueAnswer)> {
        let due = |Answer { rule, flow: from, after, to, what }| {
            // What was held back until now may be an answer to somebody else.
            let message = message.filter(|message| message.flow == from);
            let peer = message.map(|message| message.peer);
            let record = message.and_then(|message| message.record);
            (after, DueAnswer { from, peer, rule, record, to, what })
        };
        self.answers.drain(..).map(due).collect()
    }

    /// Tells of the hits if they have changed and were not told just before; at the end without regard to that.
    pub(super) fn tell_hits(&mut self, log: &mut Log, now: Option<Instant>) {
        if !self.is_stale || now.is_some_and(|now| self.deadline().is_some_and(|deadline| now < deadline)) {
            return;
        }
        self.is_stale = false;
        self.told = now;
        let hits = self.responder.hits();
        if hits != self.told_hits {
            self.told_hits = hits.to_vec();
            log.progress(Event::RuleHits(hits.to_vec()));
        }
    }

    /// When the hits are to be told.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.told.filter(|_told| self.is_stale)?.checked_add(TELL)
    }
}

impl DueAnswer {
    /// What is sent keeps its order; what only this side sees does not wait for it.
    pub(super) fn turn(&self) -> Precedence {
        match &self.what {
            Deed::Send(_) | Deed::SendCut { .. } | Deed::SendFile(_) | Deed::Close | Deed::Reset => {
                Precedence::After
            }
            Deed::SaveFile(..)
            | Deed::StopRecording
            | Deed::Highlight
            | Deed::Note(_)
            | Deed::Sequence(_)
            | Deed::Fail(_) => Precedence::Any,
        }
    }

    /// How many bytes it keeps while it waits; for a file, how many once it is opened.
    pub(super) fn bytes(&self) -> usize {
        match &self.what {
            Deed::Send(bytes) | Deed::SaveFile(_, bytes) => bytes.len(),
            Deed::SendCut { head, tail, pause: _ } => head.len() + tail.len(),
            Deed::Note(text) | Deed::Sequence(text) => text.len(),
            Deed::SendFile(_) => usize::try_from(outgoing::FILE).unwrap_or(usize::MAX),
            Deed::Close | Deed::Reset | Deed::StopRecording | Deed::Highlight | Deed::Fail(_) => 0,
        }
    }
}
