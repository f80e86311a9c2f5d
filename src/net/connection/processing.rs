//! Passes received messages to rules and sequences.

use super::super::context::Context;
use super::super::inbox::Arrival;
use super::super::rule_engine::Received;
use super::Connection;
use crate::codec::frame::Framing;
use crate::model::Flow;
use crate::rules::Verdict;

impl Connection {
    /// Between the halves: processes the next message. False if there is none, or the queue of answers is full.
    pub(in crate::net) fn process_next(&mut self, ctx: &mut Context) -> bool {
        if !self.may_process(ctx) || ctx.log.stalled() {
            return false;
        }
        let leg = self.leg();
        let Some(message_buffer) = &mut self.message_buffer else { return false };
        let withheld = message_buffer.withholds();
        let Some((message, from, place, is_message)) = message_buffer.next() else { return false };
        let record = from.0;
        let input =
            self.pipe.as_deref_mut().filter(|_| withheld).map(|pipe| pipe.input(message.len(), place));
        if !is_message {
            let message = message.to_vec();
            self.decided(ctx, Verdict::default(), (message, false), (input, from));
            return true;
        }
        self.n_processed = self.n_processed.saturating_add(1);
        let is_framed = ctx.rule_engine.cutter.framing != Framing::AsReceived;
        let arrival = if is_framed { Arrival::Messages } else { Arrival::Reads };
        let Flow { id: flow, peer, .. } = self.flow;
        let verdict = ctx.process(Received { flow, peer, leg, bytes: message, record }, arrival);
        if withheld {
            let is_needed = verdict.dropped.is_none() && verdict.data.is_none();
            let message = if is_needed { message.to_vec() } else { Vec::new() };
            self.decided(ctx, verdict, (message, true), (input, from));
        }
        true
    }

    /// Received messages are to be processed, and there is room for what comes of it.
    pub(super) fn may_process(&self, ctx: &Context) -> bool {
        let has_room = self.pipe.as_ref().is_none_or(|pipe| pipe.has_room() || !ctx.withholds());
        self.has_unprocessed() && has_room && !(ctx.rule_engine.wants_messages() && self.is_full(ctx))
    }

    /// Tells sequences what has arrived of a message that is not complete, and whether that is all.
    pub(in crate::net) fn tell_sequences(&self, ctx: &mut Context) {
        let Context { sequences, log, .. } = ctx;
        if sequences.wants_messages() && !self.has_unprocessed() {
            if let Some(message_buffer) = &self.message_buffer {
                sequences.incomplete(self.flow.id, message_buffer.incomplete());
            }
            if self.peer_fin {
                sequences.peer_ended(self.flow.id, log.events());
            }
        }
    }

    /// Too many answers are queued to process more messages.
    pub(super) fn is_full(&self, ctx: &Context) -> bool {
        // What one leg of a relay does not read must not keep it from writing.
        self.outgoing.is_behind() && self.pipe.is_none() || ctx.delayed.is_behind(self.flow.id)
    }

    pub(super) fn has_unprocessed(&self) -> bool {
        self.message_buffer.as_ref().is_some_and(|message_buffer| message_buffer.has_next())
    }

    /// Received data are still unprocessed or unanswered.
    pub(super) fn has_pending_answers(&self, ctx: &Context) -> bool {
        ctx.delayed.waits(self.flow.id)
            || ctx.rule_engine.responder.holds(self.flow.id)
            || self.has_unprocessed()
    }
}
