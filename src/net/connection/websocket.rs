//! What a connection does with WebSocket.

use std::sync::Arc;
use std::time::Instant;

use super::super::context::Context;
use super::super::pipe::Passing;
use super::super::tls::Role;
use super::super::websocket::{Asked, Ws};
use super::{AfterSending, Connection};
use crate::codec::websocket::{self, MAX_CONTROL, Opcode, Received};
use crate::model::{Cause, Control, Doing, NetError, Origin, SessionNote, WsFault, WsMark, WsNote};

impl Connection {
    /// Starts WebSocket.
    pub(in crate::net) fn start_ws(&mut self, ctx: &mut Context, role: Role) {
        let is_over_tls = self.layer.tls().is_some();
        let ends = (self.flow.local, self.flow.peer);
        self.add_layer(ctx, |layers| layers.ws = Some(Ws::new(role, ends, is_over_tls)));
    }

    pub(in crate::net) fn ws(&mut self) -> Option<&mut Ws> {
        self.layer.layers()?.ws.as_mut()
    }

    /// Takes in what came from the socket, or what TLS carried.
    pub(super) fn unframe(&mut self, ctx: &mut Context, bytes: &[u8]) {
        let is_relay = self.pipe.is_some();
        self.with_ws(ctx, |ws, ctx, each| {
            let options = std::mem::take(&mut ctx.options.ws);
            let done =
                ws.received(bytes, &options, is_relay, &mut |notes, received| each(ctx, notes, received));
            ctx.options.ws = options;
            done
        });
    }

    /// Takes in what came before the handshake was over.
    pub(in crate::net) fn catch_up(&mut self, ctx: &mut Context) {
        self.with_ws(ctx, |ws, ctx, each| ws.catch_up(&mut |notes, received| each(ctx, notes, received)));
    }

    fn with_ws(
        &mut self,
        ctx: &mut Context,
        act: impl FnOnce(
            &mut Ws,
            &mut Context,
            &mut dyn FnMut(&mut Context, &mut Vec<WsNote>, Received<'_>),
        ) -> Result<(), WsFault>,
    ) {
        if self.failed.is_some() || self.peer_fin {
            return;
        }
        let Some(mut ws) = self.layer.layers().and_then(|layers| layers.ws.take()) else { return };
        let done = act(&mut ws, ctx, &mut |ctx, notes, received| {
            self.note_ws(ctx, notes.drain(..));
            self.whole(ctx, received);
        });
        if self.answers_pings() {
            ws.leave_ping();
        }
        let (notes, is_closed) = (ws.take_notes(), ws.close_received());
        self.closed_with(ws.failure.take());
        self.note_ws(ctx, notes);
        if let Some(layers) = self.layer.layers() {
            layers.ws = Some(ws);
        }
        match done {
            Err(fault) => self.layer_failed(ctx, Cause::Ws(fault)),
            Ok(()) if is_closed && !self.peer_fin => self.peer_fin(ctx),
            Ok(()) => {}
        }
    }

    /// The peer of a client has closed with the code of a failure.
    fn closed_with(&mut self, failure: Option<(u16, String)>) {
        if let Some((code, reason)) = failure
            && self.pipe.is_none()
            && self.flow.origin == Origin::Connected
        {
            let fault = WsFault::ClosedWith(code, reason);
            self.closed_with = Some(self.error(Doing::Receiving, Cause::Ws(fault)));
        }
    }

    fn note_ws(&self, ctx: &mut Context, notes: impl IntoIterator<Item = WsNote>) {
        for note in notes {
            ctx.log.flow_note(self.flow.id, &SessionNote::Ws(note));
        }
    }

    /// Whether the other leg of a relay gets control frames, so that its peer answers pings.
    fn answers_pings(&self) -> bool {
        self.pipe.as_ref().is_some_and(|pipe| pipe.has_frames)
    }

    /// A message or a control frame was received.
    fn whole(&mut self, ctx: &mut Context, received: Received<'_>) {
        let Received { opcode, payload, fragments, n_fragments } = received;
        if opcode.is_control() {
            if self.answers_pings() {
                self.pass_frame(opcode, payload);
            }
        } else if payload.is_empty() {
            // It is noted, and no data of the connection.
            if self.pipe.is_some() {
                self.pass_frame(opcode, payload);
            } else if ctx.rule_engine.echoes && self.after_sending == AfterSending::Stay {
                self.outgoing.push_as(Arc::from(payload), Some(opcode));
            }
        } else {
            ctx.log.carries(self.flow.id, &WsMark::comment(opcode, n_fragments, fragments));
            self.received(ctx, payload, Some(opcode));
        }
    }

    fn pass_frame(&mut self, opcode: Opcode, payload: &[u8]) {
        if let Some(pipe) = self.pipe.as_deref_mut() {
            let passing = Passing { data: Arc::from(payload), why: None, opcode: Some(opcode), input: None };
            pipe.push(passing, Instant::now());
        }
    }

    /// Closes the sending side on demand. WebSocket can close only both, so that it waits until nothing comes.
    pub(in crate::net) fn half_close_on_demand(&mut self) {
        if let Some(ws) = self.ws() {
            ws.close_when_quiet();
        }
        self.half_close();
    }

    /// When it closes if nothing comes until then.
    pub(super) fn quiet_at(&self) -> Option<Instant> {
        self.layer.ws()?.quiet_at
    }

    /// Nothing more comes through WebSocket.
    pub(super) fn end_of_websocket(&mut self, ctx: &mut Context) {
        if self.failed.is_some() {
            return;
        }
        // What came with the request, if the response could not be written.
        self.catch_up(ctx);
        let Some(ws) = self.ws() else { return };
        let (done, notes) = (ws.end(), ws.take_notes());
        let failure = ws.failure.take();
        self.closed_with(failure);
        self.note_ws(ctx, notes);
        match done {
            Err(WsFault::Closed) if self.is_closing() => {
                self.layer_failed(ctx, Cause::Ws(WsFault::ClosedHere));
            }
            Err(fault) => self.layer_failed(ctx, Cause::Ws(fault)),
            Ok(()) => {}
        }
    }

    /// Ends the connection, since its unfinished message takes too much memory.
    pub(super) fn give_up_websocket(&mut self, ctx: &mut Context) {
        if let Some(fault) = self.ws().map(Ws::give_up) {
            self.layer_failed(ctx, Cause::Ws(fault));
        }
    }

    /// Queues a control frame.
    pub(in crate::net) fn control(&mut self, control: &Control) -> Result<(), NetError> {
        if self.layer.ws().is_none() {
            return Err(self.error(Doing::Sending, Cause::Ws(WsFault::None)));
        }
        match control {
            Control::Ping(payload) if payload.len() > MAX_CONTROL => {
                Err(self.error(Doing::Sending, Cause::Ws(WsFault::LongControl)))
            }
            Control::Ping(payload) => {
                if self.after_sending != AfterSending::Stay {
                    return Err(self.error(Doing::Sending, Cause::SendingClosed));
                }
                self.outgoing.why = None;
                self.outgoing.push_as(Arc::from(payload.as_slice()), Some(Opcode::Ping));
                Ok(())
            }
            Control::Close(code, reason) => {
                let payload = websocket::close(*code, reason);
                if let Some(ws) = self.ws() {
                    ws.close_with(payload);
                }
                self.half_close();
                Ok(())
            }
        }
    }

    /// The other leg cannot be reached: a client that speaks WebSocket is answered so. False if it does not, or has been
    /// answered.
    pub(in crate::net) fn refuse_client(&mut self, ctx: &mut Context) -> bool {
        let Some(ws) = self.ws().filter(|ws| ws.is_undecided()) else { return false };
        let fault = ws.doom();
        // It is no leg any more.
        self.pipe = None;
        match fault {
            Some(fault) => self.layer_failed(ctx, Cause::Ws(fault)),
            None => self.close(Some(Instant::now() + ctx.options.connect_timeout)),
        }
        true
    }

    /// The request of a client that waits for the other leg.
    pub(in crate::net) fn asking(&self) -> Option<&Asked> {
        self.layer.ws()?.asking()
    }
}
