//! Connects to a server: looks up the host and tries its addresses in turn.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Token};
use socket2::{Protocol, Socket, Type};

use super::context::{Context, MAIN};
use super::options;
use super::resolve::Resolved;
use super::time::{after, millis};
use crate::model::{Cause, Doing, Endpoint, NetError};

#[derive(Debug)]
struct Attempt {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    deadline: Instant,
    ready: bool,
}

/// A new connection, registered in the poll by the token of its dialer if it was dialed.
#[derive(Debug)]
pub(super) struct NewConnection {
    pub(super) stream: TcpStream,
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
}

#[derive(Debug)]
pub(super) enum Dialed {
    /// There is no result yet, or nothing to dial.
    Pending,
    Connected(NewConnection),
    /// No address accepted a connection. Each attempt has been reported.
    Refused(NetError),
    /// The name has no address, or could not be looked up.
    Unresolved(NetError),
}

#[derive(Debug)]
enum Stage {
    Idle,
    Resolving,
    Connecting(Box<Attempt>),
    /// Dialing has failed; [`Dialer::turn`] returns the result.
    Failed(Dialed),
}

/// Connects to one server, repeatedly if needed.
#[derive(Debug)]
pub(super) struct Dialer {
    pub(super) remote: Endpoint,
    bind: Option<SocketAddr>,
    /// Its attempts are registered in the poll by this.
    token: Token,
    stage: Stage,
    /// Addresses not tried yet.
    addresses: VecDeque<SocketAddr>,
    /// The error of the last attempt.
    error: Option<NetError>,
}

impl Dialer {
    /// A dialer that connects to `remote` from the local address `bind`.
    pub(super) fn new(remote: Endpoint, bind: Option<SocketAddr>) -> Self {
        let (stage, addresses) = (Stage::Idle, VecDeque::new());
        Self { remote, bind, token: MAIN, stage, addresses, error: None }
    }

    /// One of several dialers of a session.
    pub(super) fn of(token: Token, remote: Endpoint) -> Self {
        Self { token, ..Self::new(remote, None) }
    }

    /// A dialer that waits for a lookup that nobody started.
    #[cfg(test)]
    pub(super) fn resolving(remote: Endpoint) -> Self {
        Self { stage: Stage::Resolving, ..Self::new(remote, None) }
    }

    /// Starts to look up the host or to connect.
    pub(super) fn dial(&mut self, ctx: &mut Context) -> Result<(), NetError> {
        self.addresses.clear();
        self.error = None;
        if let Some(address) = self.remote.address() {
            self.addresses.push_back(address);
            self.next_attempt(ctx);
        } else {
            ctx.resolver.look_up(self.remote.clone())?;
            self.stage = Stage::Resolving;
        }
        Ok(())
    }

    pub(super) fn hang_up(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Waits for the lookup that another dialer has started.
    pub(super) fn share_lookup(&mut self) {
        self.stage = Stage::Resolving;
    }

    pub(super) fn is_resolving(&self) -> bool {
        matches!(self.stage, Stage::Resolving)
    }

    pub(super) fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        // Dialing may have been stopped meanwhile.
        if self.is_resolving() {
            for address in resolved.addresses.iter().flatten() {
                ctx.log.host(&resolved.endpoint.host, address.ip());
            }
            self.found(ctx, resolved.addresses);
        }
    }

    /// Takes the result of the lookup.
    pub(super) fn found(&mut self, ctx: &mut Context, addresses: Result<Vec<SocketAddr>, NetError>) {
        match addresses {
            Ok(addresses) => {
                self.addresses = addresses.into();
                self.next_attempt(ctx);
            }
            Err(error) => self.stage = Stage::Failed(Dialed::Unresolved(error)),
        }
    }

    pub(super) fn ready(&mut self) {
        if let Stage::Connecting(attempt) = &mut self.stage {
            attempt.ready = true;
        }
    }

    /// The result of dialing, once.
    pub(super) fn turn(&mut self, ctx: &mut Context) -> Dialed {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Connecting(attempt) if !ctx.log.stalled() => return self.check(ctx, attempt),
            Stage::Failed(failed) => return failed,
            unchanged => self.stage = unchanged,
        }
        Dialed::Pending
    }

    pub(super) fn busy(&self) -> bool {
        match &self.stage {
            Stage::Idle | Stage::Resolving => false,
            Stage::Connecting(attempt) => attempt.ready,
            Stage::Failed(_) => true,
        }
    }

    /// When the attempt times out.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Connecting(attempt) => Some(attempt.deadline),
            Stage::Idle | Stage::Resolving | Stage::Failed(_) => None,
        }
    }

    /// Tries the remaining addresses until an attempt is in progress.
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
        self.stage = Stage::Failed(match self.error.take() {
            Some(error) => Dialed::Refused(error),
            None => Dialed::Unresolved(NetError::new(Doing::Connecting, &self.remote, Cause::NoAddress)),
        });
    }

    fn attempt(&self, ctx: &mut Context, peer: SocketAddr) -> Result<Attempt, (SocketAddr, NetError)> {
        let any = if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let local = self.bind.unwrap_or(SocketAddr::new(any, 0));
        let wrong =
            |doing, what: SocketAddr| move |error: io::Error| (local, NetError::new(doing, what, error));
        let connecting = wrong(Doing::Connecting, peer);
        let socket = options::socket(peer, Type::STREAM, Protocol::TCP).map_err(connecting)?;
        options::tcp_buffers(&socket, &ctx.options, peer, &mut ctx.log);
        if let Some(bind) = self.bind {
            if bind.is_ipv4() != peer.is_ipv4() {
                let cause = Cause::OtherFamily(bind.is_ipv4());
                return Err((local, NetError::new(Doing::Binding, bind, cause)));
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
            .register(&mut stream, self.token, both)
            .map_err(|error| (local, NetError::new(Doing::Connecting, peer, error)))?;
        let deadline = after(ctx.options.connect_timeout);
        Ok(Attempt { stream, local, peer, deadline, ready: false })
    }

    fn refused(&mut self, ctx: &mut Context, local: SocketAddr, peer: SocketAddr, error: NetError) {
        ctx.log.refused(local, peer, error.clone());
        self.error = Some(error);
    }

    fn check(&mut self, ctx: &mut Context, mut attempt: Box<Attempt>) -> Dialed {
        let outcome = if attempt.ready { outcome(&attempt) } else { Ok(false) };
        attempt.ready = false;
        let cause = match outcome {
            Ok(true) => {
                let Attempt { stream, local, peer, .. } = *attempt;
                let local = stream.local_addr().unwrap_or(local);
                // A connection to 0.0.0.0 has another address of this machine.
                let peer = stream.peer_addr().unwrap_or(peer);
                self.addresses.clear();
                self.error = None;
                return Dialed::Connected(NewConnection { stream, local, peer });
            }
            Ok(false) if Instant::now() < attempt.deadline => {
                self.stage = Stage::Connecting(attempt);
                return Dialed::Pending;
            }
            Ok(false) => Cause::TimedOut(millis(ctx.options.connect_timeout)),
            Err(cause) => cause,
        };
        let Attempt { local, peer, .. } = *attempt;
        self.refused(ctx, local, peer, NetError::new(Doing::Connecting, peer, cause));
        self.next_attempt(ctx);
        Dialed::Pending
    }
}

/// The attempt is in progress.
#[cfg(any(target_os = "linux", target_os = "android"))]
const EINPROGRESS: i32 = nix::errno::Errno::EINPROGRESS as i32;

/// The attempt is in progress: the number on all BSDs, including macOS.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const EINPROGRESS: i32 = 36;

/// Connects to `peer` without waiting.
fn begin(socket: &Socket, peer: SocketAddr) -> io::Result<()> {
    match socket.connect(&peer.into()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        // EINPROGRESS has no kind in stable Rust.
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(EINPROGRESS) => Ok(()),
        Err(error) => Err(error),
    }
}

/// True if connected, false if not yet.
fn outcome(attempt: &Attempt) -> Result<bool, Cause> {
    if let Some(error) = attempt.stream.take_error()? {
        return Err(error.into());
    }
    match attempt.stream.peer_addr() {
        Ok(peer) if attempt.stream.local_addr().is_ok_and(|local| local == peer) => {
            // TCP connects a socket to itself if its own port is the one it dials.
            Err(Cause::SelfConnected)
        }
        Ok(_peer) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error.into()),
    }
}
