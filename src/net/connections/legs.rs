//! The legs of a relay: what one receives, the other sends.

use std::time::Instant;

use super::super::context::Context;
use super::super::fault_line::FaultLine;
use super::super::pipe::Pipe;
use super::{Connection, Connections};
use crate::model::{Decision, FlowId, HoldEnd, HoldId, Leg, Origin, SessionNote};

impl Connections {
    /// Makes a connection the leg of a client that has no other leg yet. It may read one piece before.
    pub(in crate::net) fn begin_leg(&mut self, client: FlowId, reads_early: bool) {
        self.with(client, |leg| leg.relay(Pipe::new(reads_early)));
    }

    /// Makes a connection the other leg of a client's, which is the one of this number. False if the client has gone.
    pub(in crate::net) fn join_legs(
        &mut self,
        ctx: &mut Context,
        (client, upstream): (FlowId, FlowId),
        number: u64,
    ) -> bool {
        let joined = self.with(client, |leg| {
            if let Some(pipe) = leg.pipe() {
                pipe.join(upstream, FaultLine::new(number, Leg::Client));
            }
            (leg.flow.local, leg.flow.peer)
        });
        let Some((local, peer)) = joined else { return false };
        let joined = self.with(upstream, |leg| {
            let mut pipe = Pipe::new(false);
            pipe.join(client, FaultLine::new(number, Leg::Upstream));
            leg.relay(pipe);
            ctx.log.note(SessionNote::Paired([peer, local, leg.flow.local, leg.flow.peer]));
        });
        let of_client = self.with(client, |leg| leg.ws().is_some()) == Some(true);
        let of_upstream = self.with(upstream, |leg| leg.ws().map(|ws| ws.waits = of_client).is_some());
        for id in [client, upstream] {
            self.with(id, |leg| {
                leg.pipe().map(|pipe| pipe.has_frames = of_client && of_upstream == Some(true))
            });
            self.schedule(id);
        }
        joined.is_some()
    }

    /// Passes the handshake of WebSocket on: the request of a client to the server, and that it has accepted back.
    fn pass_handshake(&mut self, ctx: &mut Context, id: FlowId) {
        for id in self.with_twin(id) {
            let Some(asked) = self.all.get(&id).and_then(|leg| leg.asking()).cloned() else { continue };
            let Some(twin) = self.all.get(&id).and_then(Connection::twin) else { continue };
            let of_twin = self.all.get_mut(&twin).and_then(Connection::ws);
            let protocol = if let Some(ws) = of_twin {
                if ws.waits {
                    ws.ask(&ctx.options.ws, ctx.tls.host.as_deref(), Some(&asked));
                    self.schedule(twin);
                }
                let chosen = self.all.get_mut(&twin).and_then(Connection::ws).filter(|ws| ws.is_made());
                let Some(ws) = chosen else { continue };
                ws.protocol.clone()
            } else {
                let known = &ctx.options.ws.protocols;
                known.iter().find(|known| asked.protocols.contains(known)).cloned()
            };
            self.with(id, |leg| {
                if let Some(ws) = leg.ws() {
                    ws.accept(protocol.as_deref());
                }
            });
            self.schedule(id);
        }
    }

    /// There is no upstream connection for a client that speaks WebSocket: it is answered so, and closed. False if it does
    /// not, or if it has been answered before.
    pub(in crate::net) fn refuse_client(&mut self, ctx: &mut Context, client: FlowId) -> bool {
        let is_refused = self.with(client, |leg| leg.refuse_client(ctx)) == Some(true);
        self.schedule(client);
        is_refused
    }

    /// What a client has sent before it has another leg: `None` for nothing, else whether there are bytes.
    pub(in crate::net) fn early(&self, client: FlowId) -> Option<bool> {
        self.all.get(&client)?.early()
    }

    /// The faults of the relay are others.
    pub(in crate::net) fn faults_changed(&mut self) {
        for id in self.ids() {
            self.with(id, Connection::faults_changed);
            self.schedule(id);
        }
    }

    /// Carries out the decision on a held message.
    pub(in crate::net) fn decide(&mut self, ctx: &mut Context, id: HoldId, decision: Decision) {
        let held = self.all.values().find(|leg| leg.held() == Some(id)).map(|leg| leg.flow.id);
        if let Some(leg) = held {
            self.with(leg, |leg| leg.decide(ctx, decision, HoldEnd::Decided));
            self.schedule(leg);
        }
    }

    /// The rules are others; messages end elsewhere if `is_recut`.
    pub(in crate::net) fn follow_holds(&mut self, ctx: &mut Context, is_recut: bool) {
        let now = Instant::now();
        let held = self.all.values().filter(|leg| leg.held().is_some()).map(|leg| leg.flow.id);
        for id in held.collect::<Vec<_>>() {
            self.with(id, |leg| leg.follow_hold(ctx, now, is_recut));
            self.schedule(id);
        }
    }

    pub(super) fn is_leg(&self, id: FlowId) -> bool {
        self.all.get(&id).is_some_and(|leg| leg.leg().is_some())
    }

    /// The legs of clients.
    pub(in crate::net) fn clients(&self) -> Vec<FlowId> {
        let clients = self.all.values().filter(|leg| leg.flow.origin == Origin::Accepted);
        clients.map(|leg| leg.flow.id).collect()
    }

    /// A flow, and its other leg if it is one of a relay.
    pub(super) fn with_twin(&self, id: FlowId) -> impl Iterator<Item = FlowId> + use<> {
        let twin = self.all.get(&id).and_then(Connection::twin);
        [Some(id), twin].into_iter().flatten()
    }

    /// Passes on what a leg has received and is due, and writes it to the other leg.
    pub(super) fn pass(&mut self, ctx: &mut Context, id: FlowId, now: Instant) {
        if ctx.options.ws.on {
            self.pass_handshake(ctx, id);
        }
        let Some(twin) = self.all.get(&id).and_then(Connection::twin).filter(|_| !ctx.log.stalled()) else {
            return;
        };
        let (mut writes, mut is_all) = (false, false);
        while !is_all && self.all.get(&twin).is_some_and(|twin| !twin.is_clogged()) {
            let next = self.all.get_mut(&id).and_then(Connection::pipe).and_then(|pipe| pipe.next(now));
            is_all = next.is_none();
            writes |= next.is_some();
            self.with(twin, |twin| {
                if let Some(passing) = next {
                    twin.take_over(passing);
                }
                // What is written makes room for more.
                if twin.is_clogged() {
                    twin.write_over(ctx, now);
                }
            });
        }
        if self.all.get_mut(&id).is_some_and(Connection::take_end) {
            self.with(twin, Connection::half_close);
            self.schedule(id);
            writes = true;
        }
        if writes && self.with(twin, |twin| twin.write_over(ctx, now)) == Some(true) {
            self.schedule(twin);
        }
        if self.all.get_mut(&id).and_then(Connection::pipe).is_some_and(|pipe| pipe.resets()) {
            return self.abort(ctx, id);
        }
        let is_blocked = self.all.get(&twin).is_some_and(Connection::is_clogged);
        if let Some(pipe) = self.all.get_mut(&id).and_then(Connection::pipe) {
            pipe.is_blocked = is_blocked;
        }
    }

    /// A leg has sent what kept the other one from being read.
    pub(super) fn unblock(&mut self, ctx: &mut Context, id: FlowId, now: Instant) {
        let Some(twin) = self.all.get(&id).filter(|leg| !leg.is_clogged()).and_then(Connection::twin) else {
            return;
        };
        let pipe = self.all.get_mut(&twin).and_then(Connection::pipe);
        if pipe.is_some_and(|pipe| std::mem::take(&mut pipe.is_blocked)) {
            self.pass(ctx, twin, now);
            self.schedule(twin);
        }
    }

    /// A leg has gone: parts it from the other one. What waits in their pipes is lost.
    pub(super) fn part(&mut self, ctx: &mut Context, gone: &mut Connection) {
        let twin = gone.twin();
        let of_gone = gone.part(ctx);
        let Some(twin) = twin else {
            if of_gone > 0 {
                ctx.log.note(SessionNote::NotPassed(of_gone, gone.flow.peer));
            }
            return;
        };
        let before = self.with(twin, |left| {
            left.refused(of_gone);
            left.part(ctx)
        });
        gone.refused(before.unwrap_or(0));
        self.schedule(twin);
    }
}
