//! A TCP server: listens, accepts, and hands what it accepted to [`Connections`].

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::Interest;
use mio::net::TcpListener;
use socket2::{Protocol, SockRef, Type};

use super::connections::{Connections, Gone};
use super::context::{Context, MAIN};
use super::options;
use super::order::Order;
use super::repeats::Beat;
use super::rule_engine::Due;
use crate::model::{Doing, Event, NetError, Origin, SendPart, SessionNote, Target};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// Clients accepted in one turn at most.
const ACCEPTS: usize = 64;

/// How soon accepting is tried again after it failed.
const RETRY: Duration = Duration::from_millis(100);

/// A server.
#[derive(Debug)]
pub(super) struct TcpServer {
    listener: Option<TcpListener>,
    local: SocketAddr,
    acceptable: bool,
    /// Accepting failed; when it is tried again.
    retry: Option<Instant>,
    /// That it failed was told; it is not told again before all who wait were accepted.
    told: bool,
    connections: Connections,
}

impl TcpServer {
    /// Binds and listens.
    pub(super) fn open(ctx: &mut Context, local: SocketAddr) -> Result<Self, NetError> {
        let binding = |error| NetError::new(Doing::Binding, local, error);
        let socket = options::socket(local, Type::STREAM, Protocol::TCP).map_err(binding)?;
        options::only_v6(&socket, local, &mut ctx.log);
        options::reuse(&socket, local, &mut ctx.log);
        options::tcp_buffers(&socket, &ctx.options, local, &mut ctx.log);
        socket.bind(&local.into()).map_err(binding)?;
        let listening = |error| NetError::new(Doing::Listening, local, error);
        socket.listen(BACKLOG).map_err(listening)?;
        let mut listener = TcpListener::from_std(socket.into());
        let local = listener.local_addr().map_err(listening)?;
        ctx.registry.register(&mut listener, MAIN, Interest::READABLE).map_err(listening)?;
        let granted = options::granted(&SockRef::from(&listener));
        ctx.log.note(SessionNote::Listening(local));
        ctx.log.opened(Event::Opened { local, granted });
        Ok(Self {
            listener: Some(listener),
            local,
            acceptable: false,
            retry: None,
            told: false,
            connections: Connections::default(),
        })
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        if event.token() == MAIN {
            self.acceptable = true;
        } else {
            self.connections.ready(event);
        }
    }

    /// One turn; true when the server is at its end.
    pub(super) fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        self.accept(ctx);
        for Gone { error, reset_by_peer, .. } in self.connections.turn(ctx, until) {
            if let (Some(error), false) = (error, reset_by_peer) {
                ctx.log.trouble(error);
            }
            // There is room again for one that waits.
            self.retry = None;
        }
        let closing = self.closing();
        closing.is_some() && self.connections.is_empty() || closing.is_some_and(|by| by <= Instant::now())
    }

    fn accept(&mut self, ctx: &mut Context) {
        let Some(listener) = &self.listener else { return };
        if self.retry.is_some_and(|retry| Instant::now() < retry) {
            return;
        }
        for _accept in 0..ACCEPTS {
            if !self.acceptable || ctx.log.stalled() {
                return;
            }
            match listener.accept() {
                Ok((stream, peer)) => {
                    self.retry = None;
                    // Bound to a wildcard address, the connection knows which one was called.
                    let local = stream.local_addr().unwrap_or(self.local);
                    if let Err(error) = self.connections.insert(ctx, stream, local, peer, Origin::Accepted) {
                        ctx.log.trouble(error);
                    }
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => {
                        self.acceptable = false;
                        self.told = false;
                    }
                    // Whoever called has gone again; the next one is waiting perhaps.
                    io::ErrorKind::Interrupted
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset => {}
                    // Too many open files, say. The client waits in the backlog meanwhile.
                    _other => {
                        if !std::mem::replace(&mut self.told, true) {
                            ctx.log.trouble(NetError::new(Doing::Accepting, self.local, error));
                        }
                        self.retry = Some(Instant::now() + RETRY);
                        return;
                    }
                },
            }
        }
    }

    pub(super) fn order(&mut self, ctx: &mut Context, order: Order) {
        match order {
            Order::Send { to, what } => self.connections.send(ctx, to, &what),
            Order::SendFile(order) => self.connections.send_file(ctx, order),
            Order::HalfClose(to) => self.connections.half_close(ctx, to),
            Order::Disconnect(to) => self.connections.disconnect(ctx, to),
            Order::Reset(to) => self.connections.reset(ctx, to),
            Order::StopListening => {
                if self.stop_listening(ctx) {
                    ctx.log.stopped_listening();
                }
            }
            Order::Join(group) => ctx.not_here(Doing::Joining, group.address),
            Order::Leave(group) => ctx.not_here(Doing::Leaving, group.address),
            Order::Close(by) => {
                self.stop_listening(ctx);
                self.connections.close_all(by);
            }
        }
    }

    /// True if the server was listening.
    fn stop_listening(&mut self, ctx: &mut Context) -> bool {
        self.acceptable = false;
        self.retry = None;
        match self.listener.take() {
            Some(mut listener) => {
                // Closing the socket removes it from the poll in any case.
                drop(ctx.registry.deregister(&mut listener));
                true
            }
            None => false,
        }
    }

    /// Does what a rule answers.
    pub(super) fn react(&mut self, ctx: &mut Context, answer: Due) {
        self.connections.answer(ctx, answer);
    }

    /// Nobody listens any more, or to other messages.
    pub(super) fn forget_heard(&mut self) {
        self.connections.forget_heard();
    }

    /// Sends a beat of a repeat, or a row of a sequence.
    pub(super) fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        self.connections.beat(ctx, to, what)
    }

    pub(super) fn abandon(&mut self, ctx: &mut Context) {
        self.stop_listening(ctx);
        self.connections.abandon_all(ctx);
    }

    /// Some file was stopped, paused, or goes on.
    pub(super) fn look_at_files(&mut self) {
        self.connections.look_at_files();
    }

    /// When a piece of a file goes, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.connections.due()
    }

    pub(super) fn queued(&self) -> (u64, u64) {
        self.connections.queued()
    }

    pub(super) fn busy(&self) -> bool {
        (self.acceptable && self.retry.is_none()) || self.connections.busy()
    }

    /// Until when everything is to be closed, if it is.
    pub(super) fn closing(&self) -> Option<Instant> {
        self.connections.closing()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.retry, self.connections.deadline()].into_iter().flatten().min()
    }
}
