//! Repeats, sequences and short connections: when they start, and what their end means.

use std::sync::Arc;
use std::time::Instant;

use super::{FIRST_WANTED, LINGER, Shell};
use crate::cli::say;
use crate::cli::session::shorts::Shorts;
use crate::model::{
    Command, FlowId, Progress, RepeatId, Sequence, SequenceEnd, SequenceId, SequencePlace, Target,
};

impl Shell<'_> {
    pub(super) fn ready(&mut self) {
        self.outcome.opened = true;
        self.active = Instant::now();
        let repeat = self.timed.begin(&Target::All, &self.plan.send);
        self.order(repeat.unwrap_or_else(|| Shorts::once(&self.plan.send)));
    }

    pub(super) fn repeat_ended(&mut self, id: RepeatId, progress: &Progress) {
        if let Some(line) = self.timed.summary(progress) {
            say(line);
        }
        if self.shorts.as_mut().is_some_and(|shorts| shorts.ordered(progress.sent)) {
            self.close(LINGER);
        }
        let flow = self.timed.ended(id.0);
        self.timed_ended(flow);
    }

    /// A sequence has ended, and with it a session that has only one peer.
    pub(super) fn sequence_ended(&mut self, id: SequenceId, place: SequencePlace, end: &SequenceEnd) {
        let flow = self.timed.ended(id.0);
        let wrong = self.timed.steps().and_then(|steps| self.timed.failure(steps, place, end));
        // Why the peer has left comes at the end of the session.
        let waits = self.protocol.connects() && matches!(end, SequenceEnd::PeerLeft(_));
        if waits && self.plan.options.reconnect.is_none() && self.closing.is_none() {
            self.outcome.trouble |= wrong.is_some();
            self.outcome.last_words = wrong;
        } else {
            self.sequence_failed(wrong);
        }
        let is_last = if self.protocol.connects() {
            self.plan.options.reconnect.is_none()
        } else {
            !self.protocol.is_stream() && self.has_remote()
        };
        if is_last {
            self.close(LINGER);
        } else {
            self.timed_ended(flow);
        }
    }

    /// Reports a sequence that has failed. A limit or an interrupt may have stopped it.
    fn sequence_failed(&mut self, wrong: Option<String>) {
        if let Some(wrong) = wrong.filter(|_| self.closing.is_none()) {
            say(format_args!("error: {wrong}"));
            self.outcome.trouble = true;
        }
    }

    /// A rule starts the sequence of a page for this peer. The plan has checked that
    /// the page exists.
    pub(super) fn sequence_wanted(&mut self, page: String, flow: FlowId) {
        if let Some(steps) = self.plan.pages.get(&page) {
            let (id, rows) = (SequenceId(self.next_wanted), Arc::clone(&steps.rows));
            self.next_wanted = self.next_wanted.wrapping_add(1).max(FIRST_WANTED);
            self.wanted.insert(id, page);
            let to = Target::Flows(vec![flow]);
            self.order(Command::Sequence(Sequence { id, to, rows, loops: Some(1) }));
        }
    }

    pub(super) fn wanted_ended(&mut self, id: SequenceId, place: SequencePlace, end: &SequenceEnd) {
        let page = self.wanted.remove(&id).unwrap_or_default();
        let steps = self.plan.pages.get(&page);
        let wrong = steps.and_then(|steps| self.timed.failure(steps, place, end));
        self.sequence_failed(wrong.map(|wrong| format!("the page ‘{page}’ that a rule ran: {wrong}")));
    }

    fn timed_ended(&mut self, flow: Option<FlowId>) {
        if let Some(flow) = flow.filter(|flow| self.present.contains(flow)) {
            if self.finished.contains(&flow) {
                self.peer_finished(flow);
            } else if self.said_all {
                self.half_close(vec![flow]);
            }
        }
    }
}
