//! What becomes of a datagram under the rules.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::context::Context;
use super::super::fault_line::Piece;
use super::super::inbox::Arrival;
use super::super::rule_engine::{DueAnswer, Received};
use super::super::time::after;
use super::{UdpRelay, Waiting};
use crate::model::{Doing, FlowId, Leg, Recipients, Why};
use crate::rules::{Answer, RuleAction};

impl UdpRelay {
    /// Forwards a datagram of one side as the rules decide.
    pub(super) fn decide(
        &mut self,
        ctx: &mut Context,
        (client, from): (FlowId, Leg),
        (flow, peer): (FlowId, SocketAddr),
        data: Arc<[u8]>,
        record: Option<u64>,
    ) {
        ctx.rule_engine.silences.received(peer, Some(from));
        let mut item = Waiting::new(client, from, data);
        let mut delay = Duration::ZERO;
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
                let why = verdict.rule.map(|rule| ctx.rule_engine.why(rule));
                delay = delay.max(verdict.after);
                is_changed |= verdict.is_dropped || verdict.data.is_some();
                if verdict.is_dropped {
                    n_dropped += 1;
                    ctx.note_dropped(record, why.as_deref().unwrap_or_default());
                } else {
                    item.why = why.filter(|_| verdict.data.is_some()).or(item.why);
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
        let due = after(delay);
        if ctx.has_faults() {
            self.send_with_faults(ctx, due, &item, record);
        } else {
            self.send_at(ctx, due, item);
        }
    }

    /// Sends a datagram with the faults of the relay.
    fn send_with_faults(&mut self, ctx: &mut Context, due: Instant, item: &Waiting, record: Option<u64>) {
        let rules = Arc::clone(ctx.rule_engine.responder.rules());
        let client = self.clients.get_mut(&item.client);
        let Some(line) = client.and_then(|client| client.lines.get_mut(item.from as usize)) else { return };
        let passed = line.pass(&rules.relay, (&item.data, true), true, due);
        if let Some(why) = passed.lost {
            ctx.note_dropped(record, &format!("{} {why}", Why::FAULT));
        }
        for Piece { data, due, is_overtaken, why } in passed.pieces {
            let why = why.or_else(|| item.why.clone());
            let piece = Waiting { why, is_overtaken, ..Waiting::new(item.client, item.from, data) };
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
                    let item = Waiting { why, ..Waiting::new(client, *from, Arc::clone(bytes)) };
                    self.send_at(ctx, Instant::now(), item);
                }
            }
            RuleAction::Close => self.forget(ctx, client),
            RuleAction::Reset | RuleAction::SendFile(_) => ctx.unsupported(Doing::Answering, ""),
            _other => ctx.answer(due),
        }
    }
}
