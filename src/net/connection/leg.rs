//! What a connection does as one leg of a relay.

use std::sync::Arc;
use std::time::Instant;

use super::super::context::Context;
use super::super::outgoing::Next;
use super::super::pipe::{Passing, Pipe};
use super::super::rule_engine::Verdict;
use super::super::time::later;
use super::{AfterSending, Connection};
use crate::model::{FlowId, Leg, Origin, SessionNote};

impl Connection {
    /// Makes it one leg of a relay.
    pub(in crate::net) fn relay(&mut self, pipe: Pipe) {
        self.pipe = Some(Box::new(pipe));
    }

    pub(in crate::net) fn pipe(&mut self) -> Option<&mut Pipe> {
        self.pipe.as_deref_mut()
    }

    /// The other leg.
    pub(in crate::net) fn twin(&self) -> Option<FlowId> {
        self.pipe.as_ref()?.twin()
    }

    /// The side of a relay that it is on.
    pub(in crate::net) fn leg(&self) -> Option<Leg> {
        let leg = if self.flow.origin == Origin::Accepted { Leg::Client } else { Leg::Upstream };
        self.pipe.is_some().then_some(leg)
    }

    /// Whether the end of what was received is to be passed on now. It is then taken as passed.
    pub(in crate::net) fn take_end(&mut self) -> bool {
        !self.has_unprocessed() && self.pipe().is_some_and(Pipe::take_end)
    }

    /// Appends what was received to what is passed on, unless it is withheld.
    pub(super) fn pass_on(&mut self, bytes: &[u8], is_withheld: bool) {
        if let Some(pipe) = self.pipe.as_deref_mut().filter(|_| !is_withheld) {
            pipe.push(Passing { data: Arc::from(bytes), why: None }, Instant::now());
        }
    }

    /// Passes on a message of this record, or what is no message, as the rules have decided.
    pub(super) fn decided(
        &mut self,
        ctx: &mut Context,
        verdict: Verdict,
        message: Vec<u8>,
        record: Option<u64>,
    ) {
        let Verdict { data, is_dropped, rule, after } = verdict;
        let why = rule.map(|rule| ctx.rule_engine.why(rule));
        if is_dropped {
            ctx.note_dropped(record, why.as_deref().unwrap_or_default());
        } else if let Some(pipe) = &mut self.pipe {
            let is_changed = data.is_some();
            let passing =
                Passing { data: data.unwrap_or_else(|| Arc::from(message)), why: why.filter(|_| is_changed) };
            pipe.push(passing, later(Instant::now(), after));
        }
    }

    /// Passes on undecided what is withheld. Returns how many bytes.
    pub(super) fn release(&mut self) -> u64 {
        let withheld = self.message_buffer.as_mut().filter(|buffer| buffer.withholds());
        let Some(bytes) = withheld.map(|buffer| buffer.release()) else { return 0 };
        self.pass_on(&bytes, false);
        bytes.len() as u64
    }

    /// Whether it is a leg without another one.
    pub(super) fn waits_for_twin(&self) -> bool {
        self.pipe.as_ref().is_some_and(|pipe| pipe.twin().is_none())
    }

    /// Whether it is a leg that goes on reading at once.
    pub(in crate::net) fn reads_on(&self, ctx: &Context) -> bool {
        self.pipe.is_some() && self.may_read(ctx)
    }

    /// What has come before there is another leg: `None` for nothing, else whether there are bytes.
    pub(in crate::net) fn early(&self) -> Option<bool> {
        let has_bytes = self.unprocessed() > 0 || self.pipe.as_ref().is_some_and(|pipe| pipe.has_something());
        (has_bytes || self.peer_fin).then_some(has_bytes)
    }

    /// So much is queued that the other leg should not be read.
    pub(in crate::net) fn is_clogged(&self) -> bool {
        self.outgoing.is_behind()
    }

    /// Queues what the other leg has received.
    pub(in crate::net) fn take_over(&mut self, passing: Passing) {
        if !self.own_fin {
            self.outgoing.why = passing.why;
            self.outgoing.push_answer(passing.data);
        } else {
            self.refused(passing.data.len() as u64);
        }
    }

    /// So many bytes of the other leg cannot be sent.
    pub(in crate::net) fn refused(&mut self, bytes: u64) {
        self.refused += bytes;
    }

    /// Writes what is queued, in the turn of the other leg. Returns whether it needs a turn of its own.
    pub(in crate::net) fn write_over(&mut self, ctx: &mut Context, now: Instant) -> bool {
        self.write(ctx, now);
        let closes = self.after_sending != AfterSending::Stay && !self.own_fin && self.outgoing.is_empty();
        closes || self.broken.is_some() || self.next != Next::Nothing && self.ready.writable
    }

    /// Notes what could not be passed on to this peer.
    pub(in crate::net) fn note_refused(&mut self, ctx: &mut Context) {
        let bytes = std::mem::take(&mut self.refused);
        if bytes > 0 {
            ctx.log.note(SessionNote::Unsent(bytes, self.flow.peer));
        }
    }
}
