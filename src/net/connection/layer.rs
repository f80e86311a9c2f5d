//! What is between the socket of a connection and everything else: nothing, or TLS.

use std::io::{self, IoSlice, Write as _};
use std::time::Instant;

use super::super::context::Context;
use super::super::outgoing::{Next, SLICES};
use super::super::tls::{Role, Tls, looks_like};
use super::{AfterSending, Connection, MAX_BYTES, MAX_CALLS};
use crate::model::{Cause, Direction, Doing, Ending, NetError, SessionNote, TlsFault, TlsNote};

#[derive(Debug)]
pub(super) enum Layer {
    Plain,
    Tls(Box<Tls>),
}

impl Layer {
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }

    fn tls(&self) -> Option<&Tls> {
        match self {
            Self::Plain => None,
            Self::Tls(tls) => Some(tls),
        }
    }

    fn tls_mut(&mut self) -> Option<&mut Tls> {
        match self {
            Self::Plain => None,
            Self::Tls(tls) => Some(tls),
        }
    }

    /// Bytes of messages that were taken from the queue and not yet given to the system, and messages that end in them.
    pub(super) fn flight(&self) -> (u64, u64) {
        self.tls().map_or((0, 0), Tls::flight)
    }

    /// Nothing that is queued will be written. Returns how many bytes of messages that are.
    pub(super) fn give_up(&mut self) -> u64 {
        let (bytes, _messages) = self.flight();
        if let Some(tls) = self.tls_mut() {
            tls.give_up();
        }
        bytes
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.tls().is_some_and(Tls::is_handshaking)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.tls()?.deadline
    }
}

impl Connection {
    /// Starts TLS.
    pub(in crate::net) fn start_tls(&mut self, ctx: &mut Context, role: Role) -> Result<(), NetError> {
        if !self.layer.is_plain() {
            return Err(self.error(Doing::StartingTls, Cause::AlreadyEncrypted));
        }
        if self.own_fin || self.peer_fin || self.after_sending != AfterSending::Stay {
            return Err(self.error(Doing::StartingTls, Cause::SendingClosed));
        }
        let ends = (self.flow.local, self.flow.peer);
        let tls = Tls::start(&mut ctx.tls, role, ends, ctx.options.connect_timeout)?;
        ctx.log.layered(self.flow.id);
        self.layer = Layer::Tls(tls.into());
        Ok(())
    }

    /// Starts TLS on a connection that was used without.
    pub(in crate::net) fn upgrade(&mut self, ctx: &mut Context, role: Role) -> Result<(), NetError> {
        // What was queued before is to be sent before.
        if self.layer.is_plain() && !ctx.log.stalled() {
            self.write(ctx, Instant::now());
        }
        if !self.is_all_sent() {
            return Err(self.error(Doing::StartingTls, Cause::StillSending(self.outgoing.bytes())));
        }
        let authority = ctx.tls.prepare(role)?;
        self.start_tls(ctx, role)?;
        ctx.log.flow_note(self.flow.id, &SessionNote::Tls(TlsNote::Starts(self.flow.peer)));
        if let Some(path) = authority {
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
        let mut plain = std::mem::take(&mut ctx.plain);
        plain.clear();
        let Some(tls) = self.layer.tls_mut() else { return };
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
        if plain.is_empty() {
            ctx.log.commit();
        } else {
            self.received(ctx, &plain);
        }
        ctx.plain = plain;
        match done {
            Ok(()) if peer_closed && !self.peer_fin => self.peer_fin(ctx),
            Ok(()) => {}
            Err(fault) => self.layer_failed(ctx, fault),
        }
    }

    /// Ends the connection once the peer was told, since TLS fails.
    fn layer_failed(&mut self, ctx: &mut Context, fault: TlsFault) {
        if self.failed.is_none() {
            let doing = if self.layer.is_handshaking() { Doing::StartingTls } else { Doing::Receiving };
            self.failed = Some(self.error(doing, Cause::Tls(fault)));
            self.unsent(ctx);
            // What it still sends is not read as data.
            self.peer_fin = true;
            if let Some(pipe) = self.pipe() {
                pipe.finish();
            }
            self.close(Some(Instant::now() + super::FIN_TIMEOUT));
        }
    }

    /// The handshake takes too long.
    pub(super) fn handshake_late(&mut self, ctx: &mut Context) {
        let Some(tls) = self.layer.tls_mut() else { return };
        tls.deadline = None;
        let late = Cause::TimedOut(super::super::time::millis(ctx.options.connect_timeout));
        self.layer_failed(ctx, TlsFault::Closed);
        if let Some(failed) = &mut self.failed {
            failed.cause = late;
        }
    }

    /// The socket has been read to its end.
    pub(super) fn end_of_wire(&mut self, ctx: &mut Context) {
        ctx.log.wire_ended(self.flow.id, Ending::PeerFin);
        let Some(tls) = self.layer.tls() else { return };
        if tls.is_handshaking() {
            let fault = tls.cut_off();
            self.layer_failed(ctx, fault);
        } else if !self.peer_fin {
            ctx.log.flow_note(self.flow.id, &SessionNote::Tls(TlsNote::Truncated(self.flow.peer)));
        }
    }

    /// As [`write`](Self::write), through the layer: what is queued is encrypted when all before it is written, and
    /// counts as sent when the system has taken its last byte.
    pub(super) fn write_wrapped(&mut self, ctx: &mut Context, now: Instant) {
        let mut bytes = 0;
        for _call in 0..MAX_CALLS {
            if !self.ready.writable || self.broken.is_some() || self.own_fin {
                break;
            }
            if self.layer.tls().is_some_and(Tls::is_flushed) {
                self.wrap(ctx, now, bytes >= MAX_BYTES);
            }
            let Some(n) = self.flush(ctx) else { break };
            bytes += n;
        }
    }

    /// Encrypts what is due, if so much may still be sent.
    fn wrap(&mut self, ctx: &mut Context, now: Instant, is_enough: bool) {
        let Self { layer, outgoing, .. } = self;
        let Some(tls) = layer.tls_mut() else { return };
        if !tls.is_open() {
            self.next = Next::Nothing;
        } else if !is_enough {
            let next = outgoing.prepare(now, ctx.log.suitable(self.flow.id));
            self.next = next.as_ref().copied().unwrap_or(Next::Now);
            if let Err(error) = next {
                ctx.log.trouble(error);
            } else if self.next == Next::Now {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let n = outgoing.slices(&mut slices, usize::MAX);
                let n = tls.encrypt(slices.get(..n).unwrap_or_default());
                outgoing.accepted(n, now, |part, whole, why| tls.keep(part, whole, why));
            }
        }
        tls.pull();
        if let Some(lines) = tls.take_secrets() {
            ctx.log.secrets(&lines);
        }
    }

    /// Writes what is encrypted, as far as the system takes it in one call. `None` if there is nothing, or it takes no
    /// more.
    fn flush(&mut self, ctx: &mut Context) -> Option<usize> {
        let Self { layer, stream, sent, .. } = self;
        let tls = layer.tls_mut()?;
        if tls.is_flushed() {
            return None;
        }
        let most = tls.to_write();
        match stream.write(most.get(..super::MAX_WRITE).unwrap_or(most)) {
            Ok(n) => {
                let (log, flow) = (&mut ctx.log, self.flow.id);
                log.wire(flow, Direction::Sent, tls.to_write().get(..n).unwrap_or_default());
                if tls.wrote(n) {
                    tls.take_flight(|part, whole, why| {
                        *sent += part.len() as u64;
                        log.sent(flow, crate::model::Cast::Unicast, whole, part, why);
                    });
                }
                return Some(n);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.ready.writable = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Some(0),
            Err(error) => self.broken(ctx, error),
        }
        None
    }

    /// Says through the layer that nothing more is sent. True once that is written.
    pub(super) fn close_layer(&mut self, ctx: &mut Context) -> bool {
        let is_failed = self.failed.is_some();
        let Some(tls) = self.layer.tls_mut() else { return true };
        if !is_failed {
            tls.close();
        }
        while self.ready.writable && self.broken.is_none() && self.flush(ctx).is_some() {}
        self.broken.is_some() || self.layer.tls().is_none_or(Tls::is_flushed)
    }
}
