//! What rules answer in a UDP session, and to whom. Knows no rule, only what it wants done.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

use super::super::desk::Desk;
use super::super::ears::Due;
use super::super::filler::Filled;
use super::super::folder;
use super::Udp;
use crate::model::{Doing, FlowId, Recipients, Target};
use crate::reply::{Deed, FileName};

impl Udp {
    /// Does what a rule answers.
    pub(in crate::net) fn react(&mut self, desk: &mut Desk, answer: Due) {
        let Due { from, to, what, .. } = &answer;
        match what {
            Deed::Send(bytes) => {
                self.answer_each(desk, *from, *to, &Filled::Bytes(Arc::clone(bytes)));
            }
            Deed::Close => {
                // What is to be sent before goes before.
                self.send(desk);
                self.forget(desk, Target::Flows(self.recipients(*from, *to)));
            }
            Deed::Reset => desk.not_here(Doing::Answering, ""),
            Deed::SendFile(FileName { folder, name }) => match folder::to_send(folder, name) {
                Ok(file) => self.answer_each(desk, *from, *to, &Filled::File(&file)),
                Err(error) => desk.log.trouble(error),
            },
            // The halves of what is cut come one by one.
            Deed::SendCut { .. }
            | Deed::SaveFile(..)
            | Deed::StopRecording
            | Deed::Highlight
            | Deed::Note(_)
            | Deed::Sequence(_)
            | Deed::Fail(_) => desk.answer(answer),
        }
    }

    fn answer_each(&mut self, desk: &mut Desk, from: FlowId, to: Recipients, what: &Filled<'_>) {
        for id in self.recipients(from, to) {
            let Some(peer) = self.peers.remote(id).filter(|_| self.closing.is_none()) else { continue };
            let part = self.queue.part(peer, what);
            if let Err(error) = part.and_then(|part| self.queue.push(peer, Some(id), part)) {
                desk.log.trouble(error);
            }
        }
    }

    /// Who is there of those whom an answer to `from` is meant for: each address once.
    fn recipients(&self, from: FlowId, to: Recipients) -> Vec<FlowId> {
        let sender = self.peers.remote(from);
        match to {
            Recipients::Sender => sender.map(|_there| from).into_iter().collect(),
            Recipients::All | Recipients::Others => {
                let mut seen: HashSet<SocketAddr> = match to {
                    Recipients::Others => sender.into_iter().collect(),
                    Recipients::Sender | Recipients::All => HashSet::new(),
                };
                let mut ids = self.peers.ids();
                ids.retain(|id| self.peers.remote(*id).is_some_and(|remote| seen.insert(remote)));
                ids
            }
        }
    }
}
