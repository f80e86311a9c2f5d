//! The listening sockets of a session.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::Interest;
use mio::net::TcpListener;
use socket2::{Protocol, SockRef, Type};

use super::bind::bind;
use super::context::{Context, MAIN};
use super::dialer::NewConnection;
use super::options;
use crate::model::{Doing, Event, Local, NetError, SessionNote};

const BACKLOG: i32 = 1024;

/// The most clients accepted in one turn.
const MAX_ACCEPTS: usize = 64;

/// The pause after accepting has failed.
const RETRY: Duration = Duration::from_millis(100);

/// Whether what is sent from `local` to `peer` comes to a socket that is bound to `bound`.
pub(super) fn is_itself(bound: SocketAddr, (local, peer): (SocketAddr, SocketAddr)) -> bool {
    // On a wildcard address, it is this machine if both ends have the same.
    bound == peer || bound.ip().is_unspecified() && local.ip() == peer.ip() && bound.port() == peer.port()
}

#[derive(Debug)]
struct Listener {
    socket: TcpListener,
    local: SocketAddr,
    acceptable: bool,
}

#[derive(Debug)]
pub(super) struct Listeners {
    /// Two for every address, one for each IP version.
    all: Vec<Listener>,
    /// When to try again after accepting has failed.
    pub(super) retry: Option<Instant>,
    /// The failure was reported. It is reported again once a client was accepted, or none waits.
    reported: bool,
}

impl Listeners {
    pub(super) fn open(ctx: &mut Context, local: Local) -> Result<Self, NetError> {
        let socket_options = ctx.options.clone();
        let (local, sockets) = bind(local, &mut ctx.log, |address, log| {
            let binding = |error| NetError::new(Doing::Binding, address, error);
            let socket = options::socket(address, Type::STREAM, Protocol::TCP).map_err(binding)?;
            options::only_v6(&socket, address, log);
            options::reuse(&socket, address, log);
            options::tcp(&socket, &socket_options, address, log);
            socket.bind(&address.into()).map_err(binding)?;
            socket.listen(BACKLOG).map_err(|error| NetError::new(Doing::Listening, address, error))?;
            Ok(socket)
        })?;
        let listening = |error| NetError::new(Doing::Listening, local, error);
        let granted =
            sockets.first().map(|socket| options::granted(&SockRef::from(socket))).unwrap_or_default();
        let mut all = Vec::new();
        for socket in sockets {
            let mut socket = TcpListener::from_std(socket.into());
            ctx.registry.register(&mut socket, MAIN, Interest::READABLE).map_err(listening)?;
            let local = socket.local_addr().map_err(listening)?;
            ctx.listening.push(local);
            all.push(Listener { socket, local, acceptable: false });
        }
        ctx.log.note(SessionNote::Listening(local));
        ctx.log.opened(Event::Opened { local, granted });
        Ok(Self { all, retry: None, reported: false })
    }

    pub(super) fn ready(&mut self) {
        self.all.iter_mut().for_each(|listener| listener.acceptable = true);
    }

    /// Accepts clients, as many as one turn may, and passes them to `take`.
    pub(super) fn accept(
        &mut self,
        ctx: &mut Context,
        mut take: impl FnMut(&mut Context, NewConnection) -> Result<(), NetError>,
    ) {
        if self.retry.is_some_and(|retry| Instant::now() < retry) {
            return;
        }
        for _accept in 0..MAX_ACCEPTS {
            let acceptable = self.all.iter_mut().find(|listener| listener.acceptable);
            let Some(listener) = acceptable.filter(|_| !ctx.log.stalled()) else { return };
            match listener.socket.accept() {
                Ok((stream, peer)) => {
                    (self.retry, self.reported) = (None, false);
                    // On a wildcard address, only the connection has the address that the client used.
                    let local = stream.local_addr().unwrap_or(listener.local);
                    if let Err(error) = take(ctx, NewConnection { stream, local, peer }) {
                        ctx.log.trouble(error);
                    }
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => {
                        listener.acceptable = false;
                        self.reported = false;
                    }
                    // This client has left; another may be waiting.
                    io::ErrorKind::Interrupted
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset => {}
                    // For example too many open files. The client stays in the backlog.
                    _other => {
                        if !std::mem::replace(&mut self.reported, true) {
                            ctx.log.trouble(NetError::new(Doing::Accepting, listener.local, error));
                        }
                        self.retry = Some(Instant::now() + RETRY);
                        return;
                    }
                },
            }
        }
    }

    /// Stops listening, and returns whether the session was listening.
    pub(super) fn stop(&mut self, ctx: &mut Context) -> bool {
        self.retry = None;
        let was_listening = !self.all.is_empty();
        for mut listener in self.all.drain(..) {
            // Closing the socket removes it from the poll in any case.
            drop(ctx.registry.deregister(&mut listener.socket));
        }
        was_listening
    }

    pub(super) fn busy(&self) -> bool {
        self.retry.is_none() && self.all.iter().any(|listener| listener.acceptable)
    }
}
