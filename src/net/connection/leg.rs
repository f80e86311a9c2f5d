//! What a connection does as one leg of a relay.

use std::sync::Arc;
use std::time::Instant;

use super::super::context::Context;
use super::super::fault_line::FaultEnd;
use super::super::message_buffer::{From, Place};
use super::super::outgoing::Next;
use super::super::pipe::{Passing, Pipe};
use super::super::rule_engine::joined;
use super::super::time::later;
use super::super::trace::Input;
use super::{AfterSending, Connection};
use crate::codec::websocket::Opcode;
use crate::model::{Decision, FlowId, HoldEnd, HoldId, Leg, Origin, SessionNote};
use crate::rules::Verdict;

impl Connection {
    /// Makes it one leg of a relay.
    pub(in crate::net) fn relay(&mut self, pipe: Pipe) {
        self.pipe = Some(Box::new(pipe));
        self.outgoing.trace.get_or_insert_default();
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

    /// Appends what was received, from this place of a record on, to what is passed on.
    pub(super) fn pass_on(&mut self, bytes: &[u8], opcode: Option<Opcode>, place: Option<(u64, u64)>) {
        if let Some(pipe) = self.pipe.as_deref_mut() {
            let input = Some(pipe.input(bytes.len(), place));
            pipe.push(Passing { data: Arc::from(bytes), why: None, opcode, input }, Instant::now());
        }
    }

    /// Appends a message, or other bytes, to what is passed on, with the faults of the relay.
    pub(super) fn pass_with_faults(
        &mut self,
        ctx: &mut Context,
        (passing, is_message): (Passing, bool),
        record: Option<u64>,
        now: Instant,
    ) {
        let (peer, rules) = (self.flow.peer, Arc::clone(ctx.rule_engine.responder.rules()));
        let Some(pipe) = self.pipe.as_deref_mut() else { return };
        let Some(line) = pipe.line.as_mut().filter(|_| !rules.relay.is_none()) else {
            return pipe.push(passing, now);
        };
        let passed = line.pass(&rules.relay, (&passing.data, is_message), false, now);
        if let Some(why) = passed.lost {
            ctx.note_lost(record, (passing.input, passing.why.as_deref()), why);
        }
        let end = passed.end.map(FaultEnd::name);
        for what in [passed.began, end].into_iter().flatten() {
            ctx.log.note(SessionNote::Faulted(what.to_owned(), peer));
        }
        let mut from = 0;
        for piece in passed.pieces {
            let why = joined(passing.why.clone(), piece.why);
            let len = piece.data.len() as u64;
            let of_piece = |input: Input| if why.is_none() { input.part(from, len) } else { input };
            let input = passing.input.map(of_piece);
            from += len;
            pipe.push(Passing { data: piece.data, why, opcode: passing.opcode, input }, piece.due);
        }
        if let Some(end) = passed.end {
            pipe.end_by(end, false);
        }
    }

    /// Ends the direction if a fault says so by now, or notes when.
    pub(super) fn follow_faults(&mut self, ctx: &mut Context, now: Instant) {
        let (leg, peer) = (self.leg(), self.flow.peer);
        let Some((pipe, leg)) = self.pipe.as_deref_mut().zip(leg) else { return };
        let Some(line) = &mut pipe.line else { return };
        let ends = line.ends_at(ctx.rule_engine.responder.rules().relay.of(leg));
        pipe.until = ends.map(|(at, _)| at).filter(|at| now < *at);
        if let Some((_, end)) = ends.filter(|(at, _)| *at <= now) {
            line.is_over = true;
            ctx.log.note(SessionNote::Faulted(end.name().to_owned(), peer));
            pipe.end_by(end, true);
        }
    }

    /// Passes on a message of this record, or what is no message, as the rules have decided.
    pub(super) fn decided(
        &mut self,
        ctx: &mut Context,
        verdict: Verdict,
        (message, is_message): (Vec<u8>, bool),
        (input, (record, opcode)): (Option<Input>, From),
    ) {
        let Verdict { data, dropped, changed, hold, after } = verdict;
        if let Some(rule) = dropped {
            let why = ctx.rule_engine.why(rule);
            return ctx.note_dropped(record, input, &why);
        }
        let why = ctx.rule_engine.why_changed(&changed);
        let passing = Passing { data: data.unwrap_or_else(|| Arc::from(message)), why, opcode, input };
        let from = (self.flow.id, self.flow.peer);
        let begin = passing.input.and_then(Input::from);
        let hold = hold.and_then(|hold| ctx.hold(hold, from, (&passing.data, record, begin), after));
        match (hold, self.pipe.as_deref_mut()) {
            (Some(hold), Some(pipe)) => pipe.held = Some(Box::new((hold, passing))),
            _ => self.pass_with_faults(ctx, (passing, is_message), record, later(Instant::now(), after)),
        }
    }

    /// The message that it holds.
    pub(in crate::net) fn held(&self) -> Option<HoldId> {
        self.pipe.as_ref()?.held.as_ref().map(|held| held.0.id)
    }

    /// Holds the message no longer, as was decided.
    pub(in crate::net) fn decide(&mut self, ctx: &mut Context, decision: Decision, how: HoldEnd) {
        let Some((hold, mut passing)) = self.pipe().and_then(|pipe| pipe.held.take()).map(|held| *held)
        else {
            return;
        };
        ctx.hold_ended(&hold, passing.data.len(), how);
        match decision {
            Decision::Pass => passing.why = joined(passing.why, hold.why(how, false)),
            Decision::Edited(data) if !data.is_empty() => {
                let why = hold.why(how, true);
                // What came is not what goes on.
                ctx.note_dropped(hold.record, passing.input, why.as_deref().unwrap_or_default());
                passing = Passing { data, why: joined(passing.why, why), ..passing };
            }
            Decision::Edited(_) | Decision::Drop => {
                return ctx.note_dropped(hold.record, passing.input, &hold.by_hand());
            }
            Decision::Answer(data) => {
                ctx.note_dropped(hold.record, passing.input, &hold.by_hand());
                if let Err(error) = self.answer(&hold.by_hand(), |outgoing| outgoing.push(data)) {
                    ctx.log.trouble(error);
                }
                return;
            }
        }
        let now = later(Instant::now(), hold.after);
        self.pass_with_faults(ctx, (passing, true), hold.record, now);
    }

    /// Holds the message no longer if its time is over, or if the rules or the framing are others.
    pub(in crate::net) fn follow_hold(&mut self, ctx: &mut Context, now: Instant, is_recut: bool) {
        let Some(held) = self.pipe.as_ref().and_then(|pipe| pipe.held.as_ref()) else { return };
        if held.0.is_over(now) {
            self.decide(ctx, Decision::Pass, HoldEnd::Expired);
        } else if is_recut || !ctx.still_holds(&held.0) {
            self.decide(ctx, Decision::Pass, HoldEnd::RulesChanged);
        }
    }

    /// Takes what is withheld, and where it begins in which record.
    fn withheld(&mut self) -> Option<(Vec<u8>, Place)> {
        let withheld = self.message_buffer.as_mut().filter(|buffer| buffer.withholds());
        withheld.map(|buffer| buffer.release())
    }

    /// Passes on undecided what is withheld. Returns how many bytes.
    pub(super) fn release(&mut self) -> u64 {
        let Some((bytes, place)) = self.withheld() else { return 0 };
        self.pass_on(&bytes, None, place);
        bytes.len() as u64
    }

    /// The faults of the relay are others.
    pub(in crate::net) fn faults_changed(&mut self) {
        if let Some(pipe) = self.pipe() {
            pipe.faults_changed();
        }
    }

    /// Whether it is a leg that goes on reading at once.
    pub(in crate::net) fn reads_on(&self, ctx: &Context) -> bool {
        self.pipe.is_some() && self.may_read(ctx)
    }

    /// What has come before there is another leg: `None` for nothing, else whether there are bytes.
    pub(in crate::net) fn early(&self) -> Option<bool> {
        let has_bytes = self.asking().is_some()
            || self.unprocessed() > 0
            || self.pipe.as_ref().is_some_and(|pipe| pipe.has_something());
        (has_bytes || self.peer_fin).then_some(has_bytes)
    }

    /// So much is queued that the other leg should not be read.
    pub(in crate::net) fn is_clogged(&self) -> bool {
        self.outgoing.is_behind()
    }

    /// Queues what the other leg has received.
    pub(in crate::net) fn take_over(&mut self, passing: Passing) {
        if self.own_fin {
            self.refused(passing.data.len() as u64);
            return;
        }
        (self.outgoing.why, self.outgoing.input) = (passing.why, passing.input);
        if self.layer.ws().is_some() {
            match (passing.opcode, self.ws()) {
                // It follows everything that is queued.
                (Some(Opcode::Close), Some(ws)) => ws.close_with(passing.data.to_vec()),
                (opcode, _) => self.outgoing.push_as(passing.data, opcode),
            }
        } else {
            self.outgoing.push_answer(passing.data);
        }
    }

    /// So many bytes cannot be sent.
    pub(in crate::net) fn refused(&mut self, bytes: u64) {
        self.refused = self.refused.saturating_add(bytes);
    }

    /// Parts it from the other leg. Returns how many bytes were to be passed on: held, waiting, or withheld behind these.
    pub(in crate::net) fn part(&mut self, ctx: &mut Context) -> u64 {
        let withheld = self.withheld().map_or(0, |(bytes, _)| bytes.len() as u64);
        let Some(pipe) = self.pipe.as_deref_mut() else { return 0 };
        let held = pipe.held.take().map_or(0, |held| {
            ctx.hold_ended(&held.0, held.1.data.len(), HoldEnd::Gone);
            held.1.data.len() as u64
        });
        held + pipe.part() + withheld
    }

    /// Writes what is queued, in the turn of the other leg. Returns whether it needs a turn of its own.
    pub(in crate::net) fn write_over(&mut self, ctx: &mut Context, now: Instant) -> bool {
        self.write(ctx, now);
        let closes = self.after_sending != AfterSending::Stay && !self.own_fin && self.outgoing.is_empty();
        closes || self.broken.is_some() || self.next != Next::Nothing && self.ready.writable
    }

    /// Notes what could not be sent to this peer.
    pub(in crate::net) fn note_refused(&mut self, ctx: &mut Context) {
        let bytes = std::mem::take(&mut self.refused);
        if bytes > 0 {
            ctx.log.note(SessionNote::Unsent(bytes, self.flow.peer));
        }
    }
}
