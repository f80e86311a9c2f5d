//! How a connection ends: in order, at a deadline, or with RST.

use std::io;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::super::context::Context;
use super::super::options;
use super::super::outgoing::Next;
use super::super::time::earliest;
use super::super::websocket::Ws;
use super::{AfterSending, Connection, Turn};
use crate::model::{Doing, Ending, NetError};

/// How long to wait for the peer's FIN after ours.
pub(super) const FIN_TIMEOUT: Duration = Duration::from_secs(1);

impl Connection {
    /// Closes the sending side once all queued data are sent.
    pub(in crate::net) fn half_close(&mut self) {
        self.after_sending = self.after_sending.max(AfterSending::HalfClose);
    }

    /// Closes the connection once all queued data are sent, at `by` at the latest.
    pub(in crate::net) fn close(&mut self, by: Option<Instant>) {
        self.after_sending = AfterSending::Close;
        self.deadline = earliest([self.deadline, by]);
    }

    /// Whether it is closed from here, before the peer has said that it sends no more.
    pub(super) fn is_closing(&self) -> bool {
        self.after_sending == AfterSending::Close && !self.peer_fin
    }

    /// Aborts the connection with RST.
    pub(in crate::net) fn reset(&mut self, ctx: &mut Context) {
        self.unsent(ctx);
        let ending = match options::abort(&SockRef::from(&self.stream)) {
            Ok(()) => Some(Ending::OwnReset),
            Err(error) => {
                ctx.log.trouble(NetError::new(
                    Doing::SettingOption,
                    format!("SO_LINGER ({})", self.flow.peer),
                    error,
                ));
                (!self.own_fin).then_some(Ending::OwnFin)
            }
        };
        if let Some(ending) = ending {
            self.ended(ctx, ending);
        }
    }

    /// Ends the connection at once, without sending queued data.
    pub(in crate::net) fn abandon(&mut self, ctx: &mut Context) {
        if ctx.options.abort_on_close {
            self.reset(ctx);
            return;
        }
        self.unsent(ctx);
        self.close_layer(ctx);
        self.shut_down(ctx);
        if self.broken.take().is_some() {
            self.ended(ctx, Ending::PeerReset);
        }
    }

    pub(super) fn unsent(&mut self, ctx: &mut Context) {
        self.note_dropped(ctx);
        if !self.is_all_sent() {
            let bytes = self.outgoing.unsent().saturating_add(self.layer.give_up());
            self.refused(bytes);
            self.outgoing.clear();
            self.next = Next::Nothing;
            // What a leg loses is told once it is parted from the other one, together with what waits for it there.
            if self.pipe.is_none() {
                self.note_refused(ctx);
            }
        }
    }

    /// Records the end of the connection, or of one direction of it, below a layer as well.
    pub(super) fn ended(&self, ctx: &mut Context, how: Ending) {
        ctx.log.ended(self.flow.id, how);
        if !self.layer.is_plain() {
            ctx.log.wire_ended(self.flow.id, how);
        }
    }

    /// Closes the sending side or the connection if all is sent. `Some` if the connection has ended.
    pub(super) fn finish_sending(&mut self, ctx: &mut Context, now: Instant) -> Option<Turn> {
        // A peer that has left looks like one that only sends no more, so earlier requests are answered.
        let half_open = ctx.options.half_open && self.layer.ws().is_none() || self.pipe.is_some();
        if self.peer_fin && !half_open && !self.has_pending_answers(ctx) {
            self.after_sending = AfterSending::Close;
        }
        if self.is_all_sent() && self.broken.is_none() {
            match self.after_sending {
                AfterSending::Stay => {}
                AfterSending::HalfClose if self.layer.is_handshaking() => {}
                AfterSending::HalfClose if !self.peer_fin && self.quiet_at().is_some_and(|at| now < at) => {}
                AfterSending::HalfClose if self.peer_fin && self.has_pending_answers(ctx) => {}
                AfterSending::HalfClose => self.own_fin(ctx),
                AfterSending::Close if ctx.options.abort_on_close => {
                    self.reset(ctx);
                    return Some(Turn::Over(None));
                }
                AfterSending::Close => {
                    self.own_fin(ctx);
                    self.deadline.get_or_insert(now + FIN_TIMEOUT);
                }
            }
        }
        let is_closed = self.layer.ws().is_some_and(Ws::is_closed);
        if (self.own_fin || is_closed) && self.peer_fin && !self.eof {
            // The peer has said that it sends no more, and its FIN follows.
            self.deadline.get_or_insert(now + FIN_TIMEOUT);
        }
        let is_passed = self.pipe.as_ref().is_none_or(|pipe| pipe.is_over());
        let is_over = self.own_fin && self.peer_fin && self.eof && self.broken.is_none() && is_passed;
        is_over.then(|| Turn::Over(self.why_over()))
    }

    pub(super) fn why_over(&mut self) -> Option<NetError> {
        self.failed.take().or_else(|| self.closed_with.take())
    }

    pub(super) fn own_fin(&mut self, ctx: &mut Context) {
        if !self.own_fin && self.close_layer(ctx) {
            self.shut_down(ctx);
        }
    }

    pub(super) fn shut_down(&mut self, ctx: &mut Context) {
        if std::mem::replace(&mut self.own_fin, true) {
            return;
        }
        match self.stream.shutdown(Shutdown::Write) {
            Ok(()) => self.ended(ctx, Ending::OwnFin),
            // The peer has reset the connection. The receive buffer may still hold data from before that.
            Err(error) if is_reset(error.kind()) => {
                self.ready.readable = !self.eof;
                self.broken = Some(error);
            }
            Err(error) => ctx.log.trouble(self.error(Doing::HalfClosing, error)),
        }
    }

    /// Ends a broken connection.
    pub(super) fn lost(&mut self, ctx: &mut Context, error: io::Error) -> Turn {
        self.unsent(ctx);
        let error = self.error(self.layer.doing(), error);
        // Any other error comes from the local system, which has given up.
        self.ended(ctx, if error.is_by_peer() { Ending::PeerReset } else { Ending::OwnReset });
        // After the end of the layer, this one says nothing more.
        let is_closed = self.own_fin || self.layer.ws().is_some_and(Ws::is_closed);
        let is_late = !self.layer.is_plain() && is_closed && self.peer_fin;
        Turn::Over(self.why_over().or((!is_late).then_some(error)))
    }
}

/// What shutting down a connection that the peer has reset fails with.
fn is_reset(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, NotConnected};
    matches!(kind, NotConnected | ConnectionReset | ConnectionAborted)
}
