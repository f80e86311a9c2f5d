//! What becomes of a datagram under the rules.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::context::Context;
use super::super::fault_line::Piece;
use super::super::inbox::Arrival;
use super::super::rule_engine::{DueAnswer, Received, joined};
use super::super::time::after;
use super::super::trace::Input;
use super::{Datagram, PassingDatagram, UdpRelay};
use crate::model::{Doing, FlowId, Leg, PassedFrom, Recipients};
use crate::rules::{Answer, RuleAction};

impl UdpRelay {
    /// Forwards a datagram of one side as the rules decide.
    pub(super) fn decide(
        &mut self,
        ctx: &mut Context,
        (client, from): (FlowId, Leg),
        Datagram { sender: (flow, peer), data, record }: Datagram,
    ) {
        ctx.rule_engine.silences.received(peer, Some(from));
        let mut item = PassingDatagram::new(client, from, data);
        if let Some(client) = self.clients.get_mut(&client) {
            let n = &mut client.received[from as usize];
            item.input = Some(Input { at: *n, len: 1, record: record.map(|record| (record, 0)) });
            *n += 1;
        }
        let (mut delay, mut hold) = (Duration::ZERO, None);
        if ctx.wants_messages() {
            let data = Arc::clone(&item.data);
            let (mut new, mut rest, mut n_dropped, mut is_changed) = (Vec::new(), 0, 0, false);
            let messages = ctx.rule_engine.cutter.datagram(&data);
            for whole in messages.clone() {
                let Some(bytes) = data.get(whole.clone()) else { continue };
                let received = Received { flow, peer, leg: Some(from), bytes, record };
                let verdict = ctx.process(received, Arrival::Messages);
                while let Some(answer) = ctx.answers.pop_front() {
                    self.react(ctx, answer);
                }
                new.extend_from_slice(data.get(rest..whole.start).unwrap_or_default());
                rest = whole.end;
                delay = delay.max(verdict.after);
                hold = hold.or(verdict.hold);
                is_changed |= verdict.dropped.is_some() || verdict.data.is_some();
                if let Some(rule) = verdict.dropped {
                    n_dropped += 1;
                    let why = ctx.rule_engine.why(rule);
                    let place = record.map(|record| (record, whole.start as u64));
                    let input = item.input.map(|input| Input { record: place, ..input });
                    ctx.note_dropped(record, input, &why);
                } else {
                    item.why = joined(item.why, ctx.rule_engine.why_changed(&verdict.changed));
                    new.extend_from_slice(verdict.data.as_deref().unwrap_or(bytes));
                }
            }
            new.extend_from_slice(data.get(rest..).unwrap_or_default());
            if is_changed && new.is_empty() && n_dropped == messages.len() {
                return;
            }
            if is_changed {
                item.data = Arc::from(new);
            }
        }
        let begin = record.map(|record| PassedFrom { record, offset: 0, len: None });
        let hold = hold.and_then(|hold| ctx.hold(hold, (flow, peer), (&item.data, record, begin), delay));
        match hold {
            Some(hold) => self.hold(hold, item),
            None => self.forward(ctx, after(delay), item, record),
        }
    }

    /// Sends a datagram to the other side.
    pub(super) fn forward(
        &mut self,
        ctx: &mut Context,
        due: Instant,
        item: PassingDatagram,
        record: Option<u64>,
    ) {
        if ctx.has_faults() {
            self.send_with_faults(ctx, due, &item, record);
        } else {
            self.send_at(ctx, due, item);
        }
    }

    /// Sends a datagram with the faults of the relay.
    fn send_with_faults(
        &mut self,
        ctx: &mut Context,
        due: Instant,
        item: &PassingDatagram,
        record: Option<u64>,
    ) {
        let rules = Arc::clone(ctx.rule_engine.responder.rules());
        let client = self.clients.get_mut(&item.client);
        let Some(line) = client.and_then(|client| client.lines.get_mut(item.from as usize)) else { return };
        let passed = line.pass(&rules.relay, (&item.data, true), true, due);
        if let Some(why) = passed.lost {
            ctx.note_lost(record, (item.input, item.why.as_deref()), why);
        }
        for Piece { data, due, is_overtaken, why } in passed.pieces {
            let why = joined(item.why.clone(), why);
            let input = item.input;
            let piece = PassingDatagram {
                why,
                input,
                is_overtaken,
                ..PassingDatagram::new(item.client, item.from, data)
            };
            self.send_at(ctx, due, piece);
        }
    }

    /// Carries out what a rule answers.
    pub(super) fn react(&mut self, ctx: &mut Context, due: DueAnswer) {
        let Answer { flow, to, rule, what, .. } = &due.answer;
        let (client, from) = match self.by_upstream.get(flow) {
            Some(client) => (*client, Leg::Upstream),
            None => (*flow, Leg::Client),
        };
        let other = if from == Leg::Client { Leg::Upstream } else { Leg::Client };
        match what {
            RuleAction::Send(bytes) => {
                // What one side gets comes from the other, as far as it can tell.
                let froms: &[Leg] = match to {
                    Recipients::Sender => &[other],
                    Recipients::Others => &[from],
                    Recipients::All => &[other, from],
                };
                let why = Some(ctx.rule_engine.why(*rule));
                for from in froms {
                    let why = why.clone();
                    let item =
                        PassingDatagram { why, ..PassingDatagram::new(client, *from, Arc::clone(bytes)) };
                    self.send_at(ctx, Instant::now(), item);
                }
            }
            RuleAction::Close => self.forget(ctx, client),
            RuleAction::Reset | RuleAction::SendFile(_) => ctx.unsupported(Doing::Answering, ""),
            _other => ctx.answer(due),
        }
    }
}
