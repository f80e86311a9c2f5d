//! A TCP server: listens, and hands each accepted connection to [`Connections`].

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::Interest;
use mio::net::TcpListener;
use socket2::{Protocol, SockRef, Type};

use super::connections::{Connections, Gone};
use super::context::{Context, MAIN};
use super::dialer::NewConnection;
use super::options;
use super::session_kind::SessionKind;
use super::time::earliest;
use crate::model::{Doing, Event, NetError, Origin, SessionNote, SocketCommand};

const BACKLOG: i32 = 1024;

/// The most clients accepted in one turn.
const MAX_ACCEPTS: usize = 64;

/// The pause after accepting has failed.
const RETRY: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct TcpServer {
    listener: Option<TcpListener>,
    local: SocketAddr,
    acceptable: bool,
    /// When to try again after accepting has failed.
    retry: Option<Instant>,
    /// The failure was reported. It is not reported again until the backlog is empty.
    reported: bool,
    connections: Connections,
}

impl TcpServer {
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
            reported: false,
            connections: Connections::default(),
        })
    }

    fn accept(&mut self, ctx: &mut Context) {
        let Some(listener) = &self.listener else { return };
        if self.retry.is_some_and(|retry| Instant::now() < retry) {
            return;
        }
        for _accept in 0..MAX_ACCEPTS {
            if !self.acceptable || ctx.log.stalled() {
                return;
            }
            match listener.accept() {
                Ok((stream, peer)) => {
                    self.retry = None;
                    // On a wildcard address, only the connection has the address that the client used.
                    let local = stream.local_addr().unwrap_or(self.local);
                    let accepted = NewConnection { stream, local, peer };
                    if let Err(error) = self.connections.insert(ctx, accepted, Origin::Accepted) {
                        ctx.log.trouble(error);
                    }
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => {
                        self.acceptable = false;
                        self.reported = false;
                    }
                    // This client has left; another may be waiting.
                    io::ErrorKind::Interrupted
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset => {}
                    // For example too many open files. The client stays in the backlog.
                    _other => {
                        if !std::mem::replace(&mut self.reported, true) {
                            ctx.log.trouble(NetError::new(Doing::Accepting, self.local, error));
                        }
                        self.retry = Some(Instant::now() + RETRY);
                        return;
                    }
                },
            }
        }
    }

    /// Returns whether the server was listening.
    fn stop_listening(&mut self, ctx: &mut Context) -> bool {
        self.acceptable = false;
        self.retry = None;
        // Closing the socket removes it from the poll in any case.
        let deregister = |mut listener| drop(ctx.registry.deregister(&mut listener));
        self.listener.take().map(deregister).is_some()
    }
}

impl SessionKind for TcpServer {
    fn connections(&mut self) -> Option<&mut Connections> {
        Some(&mut self.connections)
    }

    fn main_ready(&mut self, _event: &mio::event::Event) {
        self.acceptable = true;
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        if command != SocketCommand::StopListening {
            self.connections.command(ctx, command);
        } else if self.stop_listening(ctx) {
            ctx.log.stopped_listening();
        }
    }

    fn close(&mut self, ctx: &mut Context, by: Instant) {
        self.stop_listening(ctx);
        self.connections.close_all(by);
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        self.accept(ctx);
        for Gone { error, reset_by_peer, .. } in self.connections.turn(ctx, until) {
            if let (Some(error), false) = (error, reset_by_peer) {
                ctx.log.trouble(error);
            }
            // A file descriptor is free again.
            self.retry = None;
        }
        self.closing().is_some_and(|by| self.connections.is_empty() || by <= Instant::now())
    }

    fn busy(&self) -> bool {
        (self.acceptable && self.retry.is_none()) || self.connections.busy()
    }

    fn deadline(&self) -> Option<Instant> {
        earliest([self.retry, self.connections.deadline()])
    }

    fn abandon(&mut self, ctx: &mut Context) {
        self.stop_listening(ctx);
        self.connections.abandon_all(ctx);
    }
}
