//! Carries out the answers of rules over TCP connections.

use std::sync::Arc;

use super::super::context::Context;
use super::super::file_sending::FileSending;
use super::super::file_source::PieceSize;
use super::super::folder;
use super::super::rule_engine::DueAnswer;
use super::{Connection, Connections};
use crate::model::{Cause, FlowId, NetError, Recipients};
use crate::rules::{Answer, RuleAction};

impl Connections {
    pub(in crate::net) fn answer(&mut self, ctx: &mut Context, answer: DueAnswer) {
        let Answer { flow: from, to, what, .. } = &answer.answer;
        let from = *from;
        let about = (from, *to, what.bytes());
        let why = &ctx.rule_engine.why(answer.answer.rule);
        match what {
            RuleAction::Send(bytes) => self.answer_each(ctx, about, |connection| {
                connection.answer(why, |outgoing| outgoing.push(Arc::clone(bytes)))
            }),
            RuleAction::Close => self.recipients(from, *to).into_iter().for_each(|id| self.close(id, None)),
            RuleAction::Reset => {
                for id in self.recipients(from, *to) {
                    self.abort(ctx, id);
                }
            }
            RuleAction::SendCut { head, pause, tail } => self.answer_each(ctx, about, |connection| {
                connection.answer(why, |outgoing| outgoing.push_cut(head, *pause, tail))
            }),
            RuleAction::SendFile(file) => {
                let (disk, file) = (ctx.disk.clone(), folder::to_send(file));
                self.answer_each(ctx, about, |connection| {
                    let file = FileSending::open(&disk, &file, PieceSize::STREAM, None)?;
                    connection.answer(why, |outgoing| outgoing.push_file(file))
                });
            }
            _other => ctx.answer(answer),
        }
        // Answers may have kept the sender's data from being processed, or its connection from being closed.
        self.schedule(from);
    }

    fn answer_each(
        &mut self,
        ctx: &mut Context,
        (from, to, bytes): (FlowId, Recipients, u64),
        answer: impl Fn(&mut Connection) -> Result<(), NetError>,
    ) {
        for id in self.recipients(from, to) {
            let done = self.with(id, &answer);
            self.schedule(id);
            match done {
                Some(Err(NetError { cause: Cause::QueueFull(..), .. })) if !ctx.options.keep_slow => {
                    self.reset_slow(ctx, id);
                }
                Some(Err(error)) => {
                    if let Cause::QueueFull(..) = error.cause {
                        self.with(id, |connection| connection.dropped(bytes));
                    }
                    ctx.log.trouble(error);
                }
                Some(Ok(())) | None => {}
            }
        }
    }

    /// The flows of those present that an answer to `from` goes to.
    fn recipients(&self, from: FlowId, to: Recipients) -> Vec<FlowId> {
        match to {
            Recipients::All if self.is_leg(from) => self.with_twin(from).collect(),
            Recipients::Others if self.is_leg(from) => self.with_twin(from).skip(1).collect(),
            Recipients::Sender => self.all.contains_key(&from).then_some(from).into_iter().collect(),
            Recipients::All => self.ids(),
            Recipients::Others => self.all.keys().copied().filter(|id| *id != from).collect(),
        }
    }
}
