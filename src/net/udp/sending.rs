//! Carries out the commands of a UDP session to send, and beats.

use std::net::SocketAddr;

use super::super::clock::wall_now;
use super::super::context::Context;
use super::super::files::Share;
use super::super::placeholders::Filled;
use super::super::repeats::Beat;
use super::Udp;
use crate::model::zone::Named;
use crate::model::{Cause, Doing, Endpoint, FileOrder, FlowId, NetError, SendPart, Target};

#[derive(Debug)]
enum Receiver {
    Endpoint(Endpoint),
    Flow(FlowId, SocketAddr),
}

impl Receiver {
    fn name(&self) -> String {
        match self {
            Self::Endpoint(endpoint) => endpoint.to_string(),
            Self::Flow(_id, address) => Named(*address).to_string(),
        }
    }
}

impl Udp {
    pub(super) fn send_message(&mut self, ctx: &mut Context, to: Target, what: &SendPart) {
        let n_before = ctx.placeholders.begin(what);
        self.each(ctx, to, |udp, ctx, to| udp.message(ctx, to, what, n_before));
    }

    /// Queues a file for each of its receivers.
    pub(super) fn send_file(&mut self, ctx: &mut Context, order: FileOrder) {
        let FileOrder { id, to, file } = order;
        let ticket = ctx.begin_file(id);
        // That has stopped an earlier file with the same ID.
        self.queue.files_changed();
        let Some(ticket) = ticket else { return };
        self.each(ctx, to, |udp, ctx, to| udp.push(ctx, to, &Filled::File(&file), Some(ticket.share())));
    }

    /// Sends one beat of a repeat, or one row of a sequence.
    pub(super) fn send_beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        if self.queue.is_behind() {
            return Beat::Missed;
        }
        let n_before: Vec<u64> = what.iter().map(|part| ctx.placeholders.begin(part)).collect();
        let mut to = to.clone();
        if let Target::Flows(ids) = &mut to {
            ids.retain(|id| self.peers.remote(*id).is_some());
            if ids.is_empty() {
                return Beat::NoPeers;
            }
        }
        let receivers: Result<Vec<Receiver>, NetError> = self.receivers(to).into_iter().collect();
        let done = receivers.and_then(|receivers| {
            what.iter()
                .zip(n_before)
                .try_for_each(|(part, n)| receivers.iter().try_for_each(|to| self.message(ctx, to, part, n)))
        });
        match done {
            Ok(()) => Beat::Sent,
            Err(error) => Beat::Failed(error),
        }
    }

    /// Runs `send` for each receiver, and reports its errors.
    fn each(
        &mut self,
        ctx: &mut Context,
        to: Target,
        send: impl Fn(&mut Self, &mut Context, &Receiver) -> Result<(), NetError>,
    ) {
        for to in self.receivers(to) {
            if let Err(error) = to.and_then(|to| send(self, ctx, &to)) {
                ctx.log.trouble(error);
            }
        }
    }

    fn receivers(&self, to: Target) -> Vec<Result<Receiver, NetError>> {
        let error = |cause| move || NetError::new(Doing::Sending, "", cause);
        let peer = |id| self.peers.remote(id).map(|address| Receiver::Flow(id, address));
        match to {
            Target::All => {
                vec![self.remote.clone().map(Receiver::Endpoint).ok_or_else(error(Cause::NoPeer))]
            }
            Target::Endpoint(endpoint) => vec![Ok(Receiver::Endpoint(endpoint))],
            Target::Flows(ids) => {
                ids.into_iter().map(|id| peer(id).ok_or_else(error(Cause::PeerGone))).collect()
            }
        }
    }

    fn message(
        &mut self,
        ctx: &mut Context,
        to: &Receiver,
        what: &SendPart,
        n_before: u64,
    ) -> Result<(), NetError> {
        let filled = ctx.placeholders.fill(wall_now(), &to.name(), what, n_before)?;
        self.push(ctx, to, &filled, None)
    }

    fn push(
        &mut self,
        ctx: &Context,
        to: &Receiver,
        what: &Filled<'_>,
        share: Option<Share>,
    ) -> Result<(), NetError> {
        if self.closing.is_some() {
            return Err(NetError::new(Doing::Sending, to.name(), Cause::SendingClosed));
        }
        let payload = self.queue.payload(to.name(), what, share)?;
        match to {
            Receiver::Endpoint(endpoint) => self.queue.push_endpoint(&ctx.resolver, endpoint, payload),
            Receiver::Flow(id, address) => self.push_to(*id, *address, payload),
        }
    }
}
