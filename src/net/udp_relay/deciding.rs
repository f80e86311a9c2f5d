//! What becomes of a datagram under the rules.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::context::Context;
use super::super::inbox::Arrival;
use super::super::rule_engine::{DueAnswer, Received};
use super::super::time::after;
use super::{UdpRelay, Waiting};
use crate::model::{Doing, FlowId, Leg, Recipients};
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
        let mut item = Waiting { client, from, data, why: None };
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
        self.send_at(ctx, after(delay), item);
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
                    let item = Waiting { client, from: *from, data: Arc::clone(bytes), why: why.clone() };
                    self.send_at(ctx, Instant::now(), item);
                }
            }
            RuleAction::Close => self.forget(ctx, client),
            RuleAction::Reset | RuleAction::SendFile(_) => ctx.unsupported(Doing::Answering, ""),
            _other => ctx.answer(due),
        }
    }
}
