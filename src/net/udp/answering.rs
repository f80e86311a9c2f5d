//! Carries out the answers of rules in a UDP session.

use std::sync::Arc;

use super::super::context::Context;
use super::super::folder;
use super::super::placeholders::Filled;
use super::super::rule_engine::DueAnswer;
use super::Udp;
use crate::model::{Doing, FlowId, Recipients, Target};
use crate::rules::{Answer, RuleAction};

impl Udp {
    pub(super) fn react(&mut self, ctx: &mut Context, answer: DueAnswer) {
        let Answer { flow: from, to, what, .. } = &answer.answer;
        self.queue.why = Some(ctx.rule_engine.why(answer.answer.rule));
        match what {
            RuleAction::Send(bytes) => {
                self.answer_each(ctx, *from, *to, &Filled::Bytes(Arc::clone(bytes)));
            }
            RuleAction::Close => {
                // Data queued earlier must be sent first.
                self.send(ctx);
                self.forget(ctx, Target::Flows(self.recipients(*from, *to)));
            }
            RuleAction::Reset => ctx.unsupported(Doing::Answering, ""),
            RuleAction::SendFile(file) => {
                self.answer_each(ctx, *from, *to, &Filled::File(&folder::to_send(file)));
            }
            // Those that need no socket. Cut answers arrive as two separate ones.
            _other => ctx.answer(answer),
        }
    }

    fn answer_each(&mut self, ctx: &mut Context, from: FlowId, to: Recipients, what: &Filled<'_>) {
        for id in self.recipients(from, to) {
            let Some(peer) = self.peers.remote(id).filter(|_| self.closing.is_none()) else { continue };
            let payload = self.queue.payload(peer, what, None);
            if let Err(error) = payload.and_then(|payload| self.push_to(id, peer, payload)) {
                ctx.log.trouble(error);
            }
        }
    }

    /// The peers that an answer to `from` goes to.
    fn recipients(&self, from: FlowId, to: Recipients) -> Vec<FlowId> {
        match to {
            Recipients::Sender => self.peers.remote(from).map(|_there| from).into_iter().collect(),
            Recipients::All => self.peers.ids(),
            Recipients::Others => self.peers.ids().into_iter().filter(|id| *id != from).collect(),
        }
    }
}
