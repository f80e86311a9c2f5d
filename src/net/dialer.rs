//! Calls a server: looks the host up and tries its addresses in turn. Knows neither what the connection is
//! for, nor when it is called again.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use mio::Interest;
use mio::net::TcpStream;
use socket2::{Protocol, Socket, Type};

use super::context::{Context, MAIN};
use super::deadline::after;
use super::options;
use super::resolve::Resolved;
use crate::model::{Cause, Doing, Endpoint, NetError, Origin, Transport};

/// An attempt under way.
#[derive(Debug)]
struct Attempt {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    deadline: Instant,
    ready: bool,
}

/// A connection that was made. It is registered as [`MAIN`].
#[derive(Debug)]
pub(super) struct Made {
    pub(super) stream: TcpStream,
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
}

/// What has come of a call.
#[derive(Debug)]
pub(super) enum Dialed {
    /// Nothing yet, or nobody was called.
    Nothing,
    /// A connection.
    Made(Made),
    /// Nobody answered. Each attempt was told already.
    Refused(NetError),
    /// The name has no address.
    NotFound(NetError),
}

/// How far the call has come.
#[derive(Debug)]
enum Stage {
    Idle,
    Resolving,
    Connecting(Box<Attempt>),
    /// It has come to nothing, which is still to be said.
    Missed(Dialed),
}

/// Calls one server, as often as wanted.
#[derive(Debug)]
pub(super) struct Dialer {
    remote: Endpoint,
    bind: Option<SocketAddr>,
    stage: Stage,
    /// Those that are still to be tried.
    addresses: VecDeque<SocketAddr>,
    /// Why the last attempt came to nothing.
    error: Option<NetError>,
}

impl Dialer {
    /// Of this server, from that address of ours.
    pub(super) fn new(remote: Endpoint, bind: Option<SocketAddr>) -> Self {
        Self { remote, bind, stage: Stage::Idle, addresses: VecDeque::new(), error: None }
    }

    /// As if the host were being looked up, without asking anybody.
    #[cfg(test)]
    pub(super) fn asking(remote: Endpoint) -> Self {
        Self { stage: Stage::Resolving, ..Self::new(remote, None) }
    }

    /// Whom it calls.
    pub(super) fn remote(&self) -> &Endpoint {
        &self.remote
    }

    /// Begins to look up or to connect.
    pub(super) fn call(&mut self, ctx: &mut Context) -> Result<(), NetError> {
        self.addresses.clear();
        self.error = None;
        if let Some(address) = self.remote.address() {
            self.addresses.push_back(address);
            self.next_attempt(ctx);
        } else {
            ctx.resolver.ask(self.remote.clone())?;
            self.stage = Stage::Resolving;
        }
        Ok(())
    }

    /// Calls nobody any more.
    pub(super) fn hang_up(&mut self) {
        self.stage = Stage::Idle;
    }

    /// The host was looked up.
    pub(super) fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        match self.stage {
            Stage::Resolving => {}
            // Given up in the meantime.
            Stage::Idle | Stage::Connecting(_) | Stage::Missed(_) => return,
        }
        match resolved.addresses {
            Ok(addresses) => {
                for address in &addresses {
                    ctx.log.host(&resolved.endpoint.host, address.ip());
                }
                self.addresses = addresses.into();
                self.next_attempt(ctx);
            }
            Err(error) => self.stage = Stage::Missed(Dialed::NotFound(error)),
        }
    }

    /// The poll told of the attempt.
    pub(super) fn ready(&mut self) {
        if let Stage::Connecting(attempt) = &mut self.stage {
            attempt.ready = true;
        }
    }

    /// Has the call come to something? It is told once.
    pub(super) fn turn(&mut self, ctx: &mut Context) -> Dialed {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Idle => Dialed::Nothing,
            Stage::Resolving => {
                self.stage = Stage::Resolving;
                Dialed::Nothing
            }
            Stage::Connecting(attempt) if ctx.log.stalled() => {
                self.stage = Stage::Connecting(attempt);
                Dialed::Nothing
            }
            Stage::Connecting(attempt) => self.look_at(ctx, attempt),
            Stage::Missed(missed) => missed,
        }
    }

    /// Something can be done at once.
    pub(super) fn busy(&self) -> bool {
        match &self.stage {
            Stage::Idle | Stage::Resolving => false,
            Stage::Connecting(attempt) => attempt.ready,
            Stage::Missed(_) => true,
        }
    }

    /// When the attempt is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Connecting(attempt) => Some(attempt.deadline),
            Stage::Idle | Stage::Resolving | Stage::Missed(_) => None,
        }
    }

    /// Tries the addresses that are left, until one attempt is under way.
    fn next_attempt(&mut self, ctx: &mut Context) {
        while let Some(peer) = self.addresses.pop_front() {
            match self.attempt(ctx, peer) {
                Ok(attempt) => {
                    self.stage = Stage::Connecting(Box::new(attempt));
                    return;
                }
                Err((local, error)) => self.refused(ctx, local, peer, error),
            }
        }
        self.stage = Stage::Missed(match self.error.take() {
            Some(error) => Dialed::Refused(error),
            None => Dialed::NotFound(NetError::new(Doing::Connecting, &self.remote, Cause::NoAddress)),
        });
    }

    fn attempt(&self, ctx: &mut Context, peer: SocketAddr) -> Result<Attempt, (SocketAddr, NetError)> {
        let any = match peer {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let local = self.bind.unwrap_or(any);
        let wrong =
            |doing, what: SocketAddr| move |error: io::Error| (local, NetError::new(doing, what, error));
        let connecting = wrong(Doing::Connecting, peer);
        let socket = options::socket(peer, Type::STREAM, Protocol::TCP).map_err(connecting)?;
        options::tcp_buffers(&socket, &ctx.options, peer, &mut ctx.log);
        if let Some(bind) = self.bind {
            if bind.is_ipv4() != peer.is_ipv4() {
                let text = format!("{bind} and {peer} are of different address families");
                let error = io::Error::new(io::ErrorKind::InvalidInput, text);
                return Err((local, NetError::new(Doing::Binding, bind, error)));
            }
            if bind.port() != 0 {
                options::reuse(&socket, bind, &mut ctx.log);
            }
            socket.bind(&bind.into()).map_err(wrong(Doing::Binding, bind))?;
        }
        begin(&socket, peer).map_err(wrong(Doing::Connecting, peer))?;
        let mut stream = TcpStream::from_std(socket.into());
        let local = stream.local_addr().unwrap_or(local);
        let both = Interest::READABLE | Interest::WRITABLE;
        ctx.registry
            .register(&mut stream, MAIN, both)
            .map_err(|error| (local, NetError::new(Doing::Connecting, peer, error)))?;
        let deadline = after(ctx.options.connect_timeout);
        Ok(Attempt { stream, local, peer, deadline, ready: false })
    }

    fn refused(&mut self, ctx: &mut Context, local: SocketAddr, peer: SocketAddr, error: NetError) {
        let flow = ctx.log.flow(Transport::Tcp, local, peer, Origin::Connected, None);
        ctx.log.refused(flow.id, error.clone());
        self.error = Some(error);
    }

    fn look_at(&mut self, ctx: &mut Context, mut attempt: Box<Attempt>) -> Dialed {
        let outcome = if attempt.ready { outcome(&attempt) } else { Ok(false) };
        attempt.ready = false;
        let cause = match outcome {
            Ok(true) => {
                let Attempt { stream, local, peer, .. } = *attempt;
                let local = stream.local_addr().unwrap_or(local);
                // Whoever called 0.0.0.0 is connected to this machine by another address.
                let peer = stream.peer_addr().unwrap_or(peer);
                self.addresses.clear();
                self.error = None;
                return Dialed::Made(Made { stream, local, peer });
            }
            Ok(false) if Instant::now() < attempt.deadline => {
                self.stage = Stage::Connecting(attempt);
                return Dialed::Nothing;
            }
            Ok(false) => {
                let patience = ctx.options.connect_timeout.as_millis();
                Cause::TimedOut(u64::try_from(patience).unwrap_or(u64::MAX))
            }
            Err(error) => error.into(),
        };
        let Attempt { local, peer, .. } = *attempt;
        self.refused(ctx, local, peer, NetError::new(Doing::Connecting, peer, cause));
        self.next_attempt(ctx);
        Dialed::Nothing
    }
}

/// The call is under way.
#[cfg(any(target_os = "linux", target_os = "android"))]
const EINPROGRESS: i32 = nix::errno::Errno::EINPROGRESS as i32;

/// The call is under way: the number that all BSDs, macOS among them, have given it.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const EINPROGRESS: i32 = 36;

/// Calls `peer` without waiting for its answer.
fn begin(socket: &Socket, peer: SocketAddr) -> io::Result<()> {
    match socket.connect(&peer.into()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        // POSIX's word for it has no kind in stable Rust.
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(EINPROGRESS) => Ok(()),
        Err(error) => Err(error),
    }
}

/// True when connected, false when not yet.
fn outcome(attempt: &Attempt) -> io::Result<bool> {
    if let Some(error) = attempt.stream.take_error()? {
        return Err(error);
    }
    match attempt.stream.peer_addr() {
        Ok(peer) if attempt.stream.local_addr().is_ok_and(|local| local == peer) => {
            // TCP lets a socket call itself when the port it was given is the one it calls.
            Err(io::Error::new(
                io::ErrorKind::ConnectionRefused,
                "nobody listens there; the system called back",
            ))
        }
        Ok(_peer) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}
