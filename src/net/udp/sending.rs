//! Carries out the commands of a UDP session to send, and beats.

use super::super::context::Context;
use super::super::files::Share;
use super::super::repeats::Beat;
use super::super::udp_item::Payload;
use super::Udp;
use crate::model::{Cause, Doing, Endpoint, FileOrder, FileToSend, FlowId, NetError, SendPart, Target};

impl Udp {
    pub(super) fn send_message(&mut self, ctx: &mut Context, to: Target, what: &SendPart) {
        let n_before = ctx.placeholders.begin(what);
        let done = match to {
            Target::All => {
                self.default_remote().and_then(|remote| self.message_to(ctx, &remote, what, n_before))
            }
            Target::Endpoint(endpoint) => self.message_to(ctx, &endpoint, what, n_before),
            Target::Flows(ids) => {
                for id in ids {
                    if let Err(error) = self.message_on(ctx, id, what, n_before) {
                        ctx.log.trouble(error);
                    }
                }
                Ok(())
            }
        };
        if let Err(error) = done {
            ctx.log.trouble(error);
        }
    }

    /// Queues a file for each of its receivers.
    pub(super) fn send_file(&mut self, ctx: &mut Context, order: FileOrder) {
        let FileOrder { id, to, file } = order;
        let ticket = ctx.begin_file(id);
        // That has stopped an earlier file with the same ID.
        self.queue.files_changed();
        let Some(ticket) = ticket else { return };
        let done = match to {
            Target::All => {
                self.default_remote().and_then(|remote| self.file_to(ctx, &remote, &file, ticket.share()))
            }
            Target::Endpoint(endpoint) => self.file_to(ctx, &endpoint, &file, ticket.share()),
            Target::Flows(ids) => {
                for id in ids {
                    if let Err(error) = self.file_on(id, &file, ticket.share()) {
                        ctx.log.trouble(error);
                    }
                }
                Ok(())
            }
        };
        if let Err(error) = done {
            ctx.log.trouble(error);
        }
    }

    /// Sends one beat of a repeat, or one row of a sequence.
    pub(super) fn send_beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        if self.queue.is_behind() {
            return Beat::Missed;
        }
        let n_before: Vec<u64> = what.iter().map(|part| ctx.placeholders.begin(part)).collect();
        let mut parts = what.iter().zip(n_before);
        let done = match to {
            Target::All => self
                .default_remote()
                .and_then(|remote| parts.try_for_each(|(part, n)| self.message_to(ctx, &remote, part, n))),
            Target::Endpoint(endpoint) => {
                parts.try_for_each(|(part, n)| self.message_to(ctx, endpoint, part, n))
            }
            Target::Flows(ids) => {
                let there: Vec<FlowId> =
                    ids.iter().copied().filter(|id| self.peers.remote(*id).is_some()).collect();
                if there.is_empty() {
                    return Beat::NoPeers;
                }
                parts.try_for_each(|(part, n)| {
                    there.iter().try_for_each(|id| self.message_on(ctx, *id, part, n))
                })
            }
        };
        match done {
            Ok(()) => Beat::Sent,
            Err(error) => Beat::Failed(error),
        }
    }

    fn message_to(
        &mut self,
        ctx: &mut Context,
        to: &Endpoint,
        what: &SendPart,
        n: u64,
    ) -> Result<(), NetError> {
        let payload = self.payload(ctx, to, what, n)?;
        self.queue.push_endpoint(&ctx.resolver, to, payload)
    }

    fn message_on(&mut self, ctx: &mut Context, id: FlowId, what: &SendPart, n: u64) -> Result<(), NetError> {
        let gone = || NetError::new(Doing::Sending, "", Cause::PeerGone);
        let peer = self.peers.remote(id).ok_or_else(gone)?;
        let payload = self.payload(ctx, peer, what, n)?;
        self.queue.push(peer, Some(id), payload)
    }

    /// Fills in `what` for `to`.
    fn payload<T: ToString>(
        &self,
        ctx: &mut Context,
        to: T,
        what: &SendPart,
        n: u64,
    ) -> Result<Payload, NetError> {
        self.may_send(to.to_string())?;
        let now = ctx.log.now();
        let filled = ctx.placeholders.fill(now, &to, what, n)?;
        self.queue.payload(to, &filled)
    }

    /// The receiver of what is sent to all.
    fn default_remote(&self) -> Result<Endpoint, NetError> {
        self.remote.clone().ok_or_else(|| NetError::new(Doing::Sending, "", Cause::NoPeer))
    }

    fn file_to(
        &mut self,
        ctx: &Context,
        to: &Endpoint,
        file: &FileToSend,
        share: Share,
    ) -> Result<(), NetError> {
        self.may_send(to)?;
        let payload = self.queue.file(to, file, Some(share))?;
        self.queue.push_endpoint(&ctx.resolver, to, payload)
    }

    fn file_on(&mut self, id: FlowId, file: &FileToSend, share: Share) -> Result<(), NetError> {
        let gone = || NetError::new(Doing::Sending, "", Cause::PeerGone);
        let peer = self.peers.remote(id).ok_or_else(gone)?;
        self.may_send(peer)?;
        let payload = self.queue.file(peer, file, Some(share))?;
        self.queue.push(peer, Some(id), payload)
    }

    fn may_send(&self, to: impl ToString) -> Result<(), NetError> {
        match self.closing {
            Some(_) => Err(NetError::new(Doing::Sending, to, Cause::SendingClosed)),
            None => Ok(()),
        }
    }
}
