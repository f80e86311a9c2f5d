//! Carries out commands on TCP connections, and reports peers that have left.

use super::super::context::Context;
use super::super::disk::Disk;
use super::super::files::Share;
use super::super::repeats::Beat;
use super::{Connection, Connections};
use crate::model::{Cause, Doing, FileOrder, FileToSend, FlowId, NetError, SendPart, SocketCommand, Target};

impl Connections {
    /// Carries out a command that all TCP sessions share, or reports that TCP does not support it.
    pub(in crate::net) fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        match command {
            SocketCommand::Send { to, what } => self.send(ctx, to, &what),
            SocketCommand::SendFile(order) => self.send_file(ctx, *order),
            SocketCommand::HalfClose(to) => self.half_close(ctx, to),
            SocketCommand::Disconnect(to) => {
                let by = self.closing;
                self.select(ctx, to, Doing::Sending).into_iter().for_each(|id| self.close(id, by));
            }
            SocketCommand::Reset(to) => {
                self.select(ctx, to, Doing::Sending).into_iter().for_each(|id| self.abort(ctx, id));
            }
            SocketCommand::StartTls(to) => {
                self.select(ctx, to, Doing::StartingTls).into_iter().for_each(|id| self.start_tls(ctx, id));
            }
            SocketCommand::Control(to, control) => {
                for id in self.select(ctx, to, Doing::Sending) {
                    let done = self.with(id, |connection| connection.control(&control));
                    self.schedule(id);
                    if let Some(Err(error)) = done {
                        ctx.log.trouble(error);
                    }
                }
            }
            SocketCommand::Decide(id, decision) => self.decide(ctx, id, decision),
            SocketCommand::StopListening => ctx.unsupported(Doing::Listening, ""),
            SocketCommand::Join(group) => ctx.unsupported(Doing::Joining, group.address),
            SocketCommand::Leave(group) => ctx.unsupported(Doing::Leaving, group.address),
        }
    }

    fn send(&mut self, ctx: &mut Context, to: Target, what: &SendPart) {
        let n_before = ctx.placeholders.begin(what);
        for id in self.select(ctx, to, Doing::Sending) {
            let done = self.with(id, |connection| connection.send(ctx, what, n_before));
            self.schedule(id);
            if let Some(Err(error)) = done {
                ctx.log.trouble(error);
            }
        }
    }

    /// Queues a file for each of its receivers.
    fn send_file(&mut self, ctx: &mut Context, order: FileOrder) {
        let FileOrder { id, to, file } = order;
        let ticket = ctx.begin_file(id);
        // That has stopped an earlier file with the same ID.
        self.files_changed();
        let Some(ticket) = ticket else { return };
        for id in self.select(ctx, to, Doing::Sending) {
            if let Err(error) = self.send_file_to(&ctx.disk, id, &file, ticket.share()) {
                ctx.log.trouble(error);
            }
        }
    }

    /// Queues a file for one peer, if the peer is present.
    pub(in crate::net) fn send_file_to(
        &mut self,
        disk: &Disk,
        id: FlowId,
        file: &FileToSend,
        share: Share,
    ) -> Result<(), NetError> {
        let done = self.with(id, |connection| connection.send_file(disk, file, Some(share)));
        self.schedule(id);
        done.unwrap_or(Ok(()))
    }

    pub(in crate::net) fn files_changed(&mut self) {
        for id in self.ids() {
            self.with(id, Connection::files_changed);
            self.schedule(id);
        }
    }

    /// Queues one beat of a repeat, or one row of a sequence, for those of `to` that are present.
    pub(in crate::net) fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        let mut ids: Vec<FlowId> = match to {
            Target::All => self.ids(),
            Target::Flows(ids) => {
                let there: Vec<FlowId> = ids.iter().copied().filter(|id| self.all.contains_key(id)).collect();
                if there.is_empty() {
                    return Beat::NoPeers;
                }
                there
            }
            Target::Endpoint(endpoint) => {
                return Beat::Failed(NetError::new(Doing::Sending, endpoint, Cause::NotForThisProtocol));
            }
        };
        let n_all = ids.len();
        ids.retain(|id| self.all.get(id).is_some_and(|connection| !connection.is_behind()));
        // Counters of placeholders count only beats that are sent.
        if ids.is_empty() {
            return Beat::Missed;
        }
        let n_before: Vec<u64> = what.iter().map(|part| ctx.placeholders.begin(part)).collect();
        for id in &ids {
            let mut parts = what.iter().zip(&n_before);
            let done = self.with(*id, |connection| {
                parts.try_for_each(|(part, n_before)| connection.send(ctx, part, *n_before))
            });
            self.schedule(*id);
            if let Some(Err(error)) = done {
                return Beat::Failed(error);
            }
        }
        if ids.len() == n_all { Beat::Sent } else { Beat::Partial }
    }

    /// Closes the sending side to each of `to` once queued data are sent; to a peer that has left it is closed.
    fn half_close(&mut self, ctx: &mut Context, mut to: Target) {
        if let Target::Flows(ids) = &mut to {
            ids.retain(|id| self.all.contains_key(id));
        }
        for id in self.select(ctx, to, Doing::HalfClosing) {
            self.with(id, Connection::half_close_on_demand);
            self.schedule(id);
        }
    }

    /// The flows of `target`; reports those that have left.
    fn select(&self, ctx: &mut Context, target: Target, doing: Doing) -> Vec<FlowId> {
        match target {
            Target::All if self.all.is_empty() => {
                ctx.log.trouble(NetError::new(doing, "", Cause::NoPeer));
                Vec::new()
            }
            Target::All => self.ids(),
            Target::Flows(mut ids) => {
                ids.retain(|id| {
                    let there = self.all.contains_key(id);
                    if !there {
                        ctx.log.trouble(NetError::new(doing, "", Cause::PeerGone));
                    }
                    there
                });
                ids
            }
            Target::Endpoint(endpoint) => {
                ctx.log.trouble(NetError::new(doing, endpoint, Cause::NotForThisProtocol));
                Vec::new()
            }
        }
    }
}
