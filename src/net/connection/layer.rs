//! What is between the socket of a connection and everything else: nothing, TLS, WebSocket, or WebSocket over TLS.

use std::borrow::Cow;
use std::io::{self, IoSlice, Write as _};
use std::time::{Duration, Instant};

use super::super::context::Context;
use super::super::flight::{Flight, Written};
use super::super::outgoing::{Next, SLICES};
use super::super::time::{later, millis};
use super::super::tls::{Role, Tls, looks_like};
use super::super::websocket::{MAX_FRAMES, Ws};
use super::{AfterSending, Connection, MAX_BYTES, MAX_CALLS};
use crate::model::{
    Cast, Cause, Direction, Doing, Ending, NetError, Origin, SessionNote, TlsFault, TlsNote, WsMark,
};

/// The layers, if there are any.
#[derive(Debug, Default)]
pub(super) struct Layer(Option<Box<Layers>>);

#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) tls: Option<Tls>,
    pub(super) ws: Option<Ws>,
    flight: Flight,
    /// The part of the handshake that waits for the peer, and until when.
    awaited: Option<(Doing, Instant)>,
    /// How much of `Log::absent` is in that time.
    absent: Duration,
}

impl Layers {
    fn awaits_peer(&self) -> bool {
        let is_open = self.tls.as_ref().is_none_or(|tls| !tls.is_handshaking());
        !is_open || self.ws.as_ref().is_some_and(Ws::awaits_peer)
    }
}

impl Layer {
    pub(super) fn is_plain(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn layers(&mut self) -> Option<&mut Layers> {
        self.0.as_deref_mut()
    }

    pub(super) fn tls(&self) -> Option<&Tls> {
        self.0.as_ref()?.tls.as_ref()
    }

    pub(super) fn ws(&self) -> Option<&Ws> {
        self.0.as_ref()?.ws.as_ref()
    }

    /// Bytes of messages that were taken from the queue and not yet given to the system, and messages that end in them.
    pub(super) fn flight(&self) -> (u64, u64) {
        self.0.as_ref().map_or((0, 0), |layers| layers.flight.size())
    }

    /// Nothing that is queued will be written. Returns how many bytes of messages that are.
    pub(super) fn give_up(&mut self) -> u64 {
        let (bytes, _messages) = self.flight();
        if let Some(layers) = self.layers() {
            layers.flight.give_up();
        }
        bytes
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.tls().is_some_and(Tls::is_handshaking) || self.ws().is_some_and(Ws::is_handshaking)
    }

    /// What fails now if something does.
    pub(super) fn doing(&self) -> Doing {
        match (self.tls(), self.ws()) {
            (Some(tls), _) if tls.is_handshaking() => Doing::StartingTls,
            (_, Some(ws)) if !ws.is_made() => Doing::Upgrading,
            _ => Doing::Receiving,
        }
    }

    /// When the handshake must be over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.as_ref()?.awaited.map(|(_, by)| by)
    }
}

impl Connection {
    /// Adds a layer.
    pub(super) fn add_layer(&mut self, ctx: &mut Context, add: impl FnOnce(&mut Layers)) {
        if self.layer.is_plain() {
            ctx.log.layered(self.flow.id);
        }
        add(self.layer.0.get_or_insert_default());
    }

    /// Starts TLS.
    pub(in crate::net) fn start_tls(&mut self, ctx: &mut Context, role: Role) -> Result<(), NetError> {
        if self.layer.tls().is_some() {
            return Err(self.error(Doing::StartingTls, Cause::AlreadyEncrypted));
        }
        if !self.layer.is_plain() {
            return Err(self.error(Doing::StartingTls, Cause::NotForThisProtocol));
        }
        if self.own_fin || self.peer_fin || self.after_sending != AfterSending::Stay {
            return Err(self.error(Doing::StartingTls, Cause::SendingClosed));
        }
        let ends = (self.flow.local, self.flow.peer);
        let tls = Tls::start(&mut ctx.tls, role, ends)?;
        self.add_layer(ctx, |layers| layers.tls = Some(tls));
        Ok(())
    }

    /// Starts TLS on a connection that was used without.
    pub(in crate::net) fn upgrade(&mut self, ctx: &mut Context) -> Result<(), NetError> {
        let role = Role::of(self.flow.origin);
        // What was queued before is to be sent before.
        if self.layer.is_plain() && !ctx.log.stalled() {
            self.write(ctx, Instant::now());
        }
        if !self.is_all_sent() {
            return Err(self.error(Doing::StartingTls, Cause::StillSending(self.outgoing.bytes())));
        }
        let authority = ctx.tls.prepare(role)?;
        self.start_tls(ctx, role)?;
        self.discard_received();
        ctx.log.flow_note(self.flow.id, &SessionNote::Tls(TlsNote::Starts(self.flow.peer)));
        if let Some(path) = authority.filter(|_| !ctx.options.tls.later) {
            ctx.log.note(SessionNote::Tls(TlsNote::Authority(path)));
        }
        Ok(())
    }

    /// Notes that the peer speaks TLS where it is not expected.
    #[cold]
    pub(super) fn expects_tls(&self, ctx: &mut Context, bytes: &[u8]) {
        if self.layer.is_plain() && looks_like(bytes) {
            ctx.log.flow_note(self.flow.id, &SessionNote::Tls(TlsNote::Unexpected(self.flow.peer)));
        }
    }

    /// Takes in what was read from the socket.
    pub(super) fn unwrap(&mut self, ctx: &mut Context, read: &[u8]) {
        let id = self.flow.id;
        let Some(layers) = self.layer.layers() else { return };
        let has_ws = layers.ws.is_some();
        let Some(tls) = &mut layers.tls else {
            ctx.log.wire(id, Direction::Received, read);
            return self.unframe(ctx, read);
        };
        let mut plain = std::mem::take(&mut ctx.plain);
        plain.clear();
        let done = if self.failed.is_none() { tls.received(read, &mut plain) } else { Ok(()) };
        // Readers of the capture need the secrets first.
        if let Some(lines) = tls.take_secrets() {
            ctx.log.secrets(&lines);
        }
        ctx.log.wire(id, Direction::Received, read);
        for note in tls.take_made() {
            ctx.log.flow_note(id, &SessionNote::Tls(note));
        }
        let peer_closed = tls.peer_closed();
        if has_ws && !plain.is_empty() {
            self.unframe(ctx, &plain);
        } else if !plain.is_empty() {
            self.received(ctx, &plain, None);
        }
        ctx.plain = plain;
        match done {
            Ok(()) if peer_closed && !self.peer_fin => {
                self.end_of_websocket(ctx);
                self.peer_fin(ctx);
            }
            Ok(()) => {}
            Err(fault) => self.tls_failed(ctx, fault),
        }
    }

    fn tls_failed(&mut self, ctx: &mut Context, fault: TlsFault) {
        if let Some(tls) = self.layer.layers().and_then(|layers| layers.tls.as_mut()) {
            tls.fail();
        }
        self.layer_failed(ctx, Cause::Tls(fault));
    }

    /// Ends the connection once the peer was told, since a layer fails.
    pub(super) fn layer_failed(&mut self, ctx: &mut Context, cause: Cause) {
        if self.failed.is_none() {
            self.failed = Some(self.error(self.layer.doing(), cause));
            self.unsent(ctx);
            // What it still sends is not read as data.
            self.peer_fin = true;
            if let Some(pipe) = self.pipe() {
                pipe.finish();
            }
            self.close(Some(Instant::now() + super::closing::FIN_TIMEOUT));
        }
    }

    /// Gives the peer its time for the handshake, from the moment when it can be heard, and ends the connection when that
    /// is over.
    pub(super) fn time_handshake(&mut self, ctx: &mut Context, now: Instant) {
        let hears = self.failed.is_none() && self.pipe.as_ref().is_none_or(|pipe| pipe.has_room());
        let (doing, patience) = (self.layer.doing(), ctx.options.connect_timeout);
        let Some(layers) = self.layer.layers() else { return };
        let is_due = layers.awaits_peer() && hears;
        let absent = ctx.log.absent();
        let away = absent.saturating_sub(std::mem::replace(&mut layers.absent, absent));
        layers.awaited = match layers.awaited.filter(|(of, _)| is_due && *of == doing) {
            None => is_due.then(|| (doing, later(now, patience))),
            Some((of, by)) => Some((of, later(by, away))),
        };
        if layers.awaited.is_none_or(|(_, by)| now < by) {
            return;
        }
        let is_client = self.flow.origin == Origin::Connected;
        let late = if is_client { Cause::TimedOut } else { Cause::HandshakeLate };
        let mut cause = late(millis(patience));
        if let (Doing::Upgrading, Some(ws)) = (doing, &mut layers.ws) {
            cause = ws.late().map_or(cause, Cause::Ws);
        } else if let Some(tls) = &mut layers.tls {
            tls.close();
            ctx.log.flow_note(self.flow.id, &SessionNote::Tls(TlsNote::GivenUp(self.flow.peer)));
        }
        self.layer_failed(ctx, cause);
    }

    /// The socket has been read to its end.
    pub(super) fn end_of_wire(&mut self, ctx: &mut Context) {
        ctx.log.wire_ended(self.flow.id, Ending::PeerFin);
        if let Some(tls) = self.layer.tls() {
            if tls.is_handshaking() {
                let fault = if self.is_closing() { TlsFault::ClosedHere } else { tls.cut_off() };
                return self.tls_failed(ctx, fault);
            }
            if !self.peer_fin {
                ctx.log.flow_note(self.flow.id, &SessionNote::Tls(TlsNote::Truncated(self.flow.peer)));
            }
        }
        self.end_of_websocket(ctx);
    }

    /// As [`write`](Self::write), through the layers: what is queued is wrapped when all before it is written, and
    /// counts as sent when the system has taken its last byte.
    pub(super) fn write_wrapped(&mut self, ctx: &mut Context, now: Instant) {
        let mut bytes = 0;
        for _call in 0..MAX_CALLS {
            if !self.ready.writable || self.broken.is_some() || self.own_fin {
                break;
            }
            if self.layer.0.as_ref().is_some_and(|layers| layers.flight.is_over()) {
                self.wrap(ctx, now, bytes >= MAX_BYTES);
            }
            let Some(n) = self.flush(ctx) else { break };
            bytes += n;
            let layers = self.layer.layers().filter(|layers| layers.flight.is_over());
            if layers.and_then(|layers| layers.ws.as_mut()).is_some_and(Ws::answered) {
                self.catch_up(ctx);
            }
        }
    }

    /// Wraps what is due, if so much may still be sent.
    fn wrap(&mut self, ctx: &mut Context, now: Instant, is_enough: bool) {
        let suitable = ctx.log.suitable(self.flow.id);
        let Self { layer, outgoing, next, .. } = self;
        let Some(Layers { tls, ws, flight, .. }) = layer.layers() else { return };
        let is_open = tls.as_ref().is_none_or(Tls::is_open);
        if let Some(ws) = ws.as_mut().filter(|_| is_open) {
            ws.begin(&ctx.options.ws, ctx.tls.host.as_deref());
            ws.push_due(now, ctx.options.ws.ping);
            flight.note(&mut ws.sent);
        }
        *next = Next::Nothing;
        while is_open && ws.as_ref().is_none_or(|ws| ws.is_open() && ws.out.len() < MAX_FRAMES) {
            if is_enough {
                *next = Next::Now;
                break;
            }
            let prepared = outgoing.prepare(now, if ws.is_some() { MAX_FRAMES } else { suitable });
            *next = prepared.as_ref().copied().unwrap_or(Next::Now);
            if let Err(error) = prepared {
                ctx.log.trouble(error);
                break;
            }
            if *next != Next::Now {
                break;
            }
            let Some(ws) = ws.as_mut() else {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let n = outgoing.slices(&mut slices, MAX_FRAMES);
                let slices = slices.get(..n).unwrap_or_default();
                let n = slices.iter().map(|slice| slice.len()).sum();
                if let Some(tls) = tls.as_mut() {
                    for slice in slices {
                        tls.encrypt(slice);
                    }
                }
                outgoing.accepted(n, now, |part, whole, why| flight.keep(part, whole, None, why));
                break;
            };
            let Some(front) = outgoing.front(MAX_FRAMES) else { break };
            let opcode =
                front.opcode.unwrap_or_else(|| ctx.options.ws.send.opcode(front.whole, !front.is_raw));
            let (n, sent_as) = (front.bytes.len(), ws.push(&front, opcode));
            // Each piece of a file is a message.
            let is_all = front.begins == Some(n);
            flight.note(&mut ws.sent);
            outgoing.accepted_of_first(n, now, &mut |part, whole, why| {
                if sent_as.is_some() {
                    flight.keep(part, whole || is_all, sent_as, why);
                }
            });
        }
        self.seal(ctx);
    }

    /// Moves what layers have made to the wire.
    fn seal(&mut self, ctx: &mut Context) {
        let Some(Layers { tls, ws, flight, .. }) = self.layer.layers() else { return };
        match (tls, ws) {
            (Some(tls), ws) => {
                if let Some(ws) = ws {
                    tls.encrypt(&ws.out);
                    ws.out.clear();
                    flight.note(&mut ws.sent);
                }
                tls.take_wire(&mut flight.wire);
                if let Some(lines) = tls.take_secrets() {
                    ctx.log.secrets(&lines);
                }
            }
            (None, Some(ws)) => {
                flight.note(&mut ws.sent);
                if flight.wire.is_empty() {
                    std::mem::swap(&mut flight.wire, &mut ws.out);
                } else {
                    flight.wire.append(&mut ws.out);
                }
            }
            (None, None) => {}
        }
    }

    /// Writes what is wrapped, as far as the system takes it in one call. `None` if there is nothing, or it takes no
    /// more.
    fn flush(&mut self, ctx: &mut Context) -> Option<usize> {
        let Self { layer, stream, sent, .. } = self;
        let flight = &mut layer.layers()?.flight;
        if flight.is_over() {
            return None;
        }
        let most = flight.to_write();
        match stream.write(most.get(..super::MAX_WRITE).unwrap_or(most)) {
            Ok(n) => {
                let (log, flow) = (&mut ctx.log, self.flow.id);
                log.wire(flow, Direction::Sent, flight.to_write().get(..n).unwrap_or_default());
                flight.wrote(n, |written| match written {
                    Written::Note(note) => log.flow_note(flow, &SessionNote::Ws(note)),
                    Written::Data(part, whole, opcode, why) => {
                        *sent += part.len() as u64;
                        let mark = opcode.map(|opcode| WsMark::comment(opcode, 1, &[]));
                        let why = match (mark, why) {
                            (Some(mark), Some(why)) => Some(Cow::Owned(format!("{mark} {why}"))),
                            (mark, why) => mark.or(why.map(Cow::Borrowed)),
                        };
                        log.sent(flow, Cast::Unicast, whole, part, why.as_deref());
                    }
                });
                return Some(n);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.ready.writable = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Some(0),
            Err(error) => self.broken(ctx, error),
        }
        None
    }

    /// Says through the layers that nothing more is sent. True once that is written and the connection may be closed.
    pub(super) fn close_layer(&mut self, ctx: &mut Context) -> bool {
        let (is_failed, eof) = (self.failed.is_some(), self.eof || self.broken.is_some());
        let Some(Layers { tls, ws, .. }) = self.layer.layers() else { return true };
        let is_open = tls.as_ref().is_none_or(Tls::is_open);
        let may_close =
            ws.as_mut().is_none_or(|ws| !is_open || ws.close(ctx.options.ws.close.as_ref(), is_failed, eof));
        self.seal(ctx);
        if may_close && let Some(tls) = self.layer.layers().and_then(|layers| layers.tls.as_mut()) {
            tls.close();
            self.seal(ctx);
        }
        while self.ready.writable && self.broken.is_none() && self.flush(ctx).is_some() {}
        let is_flushed = self.layer.0.as_ref().is_none_or(|layers| layers.flight.is_over());
        self.broken.is_some() || is_flushed && may_close
    }
}
