//! Connects to a server, perhaps through a proxy: looks up the host and tries its addresses in turn.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Token};
use socket2::{Protocol, Socket, Type};

use super::context::{Context, MAIN};
use super::listeners::is_itself;
use super::options;
use super::proxy::Asking;
use super::resolve::Resolved;
use super::time::{after, millis};
use crate::model::{Cause, Doing, Endpoint, NetError, Proxy, ProxyFault, ProxyKind};

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
    /// Looks up this host.
    Resolving(Endpoint),
    Connecting(Box<Attempt>),
    /// Asks the proxy for the target.
    Asking(Box<Asking>),
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
    proxy: Option<Proxy>,
    /// What to ask the proxy for, the next first; empty until the name of the target is looked up.
    targets: VecDeque<Endpoint>,
    /// All addresses of the server, or of the proxy.
    servers: Vec<SocketAddr>,
    /// Addresses not tried yet.
    addresses: VecDeque<SocketAddr>,
    /// The error of the last attempt.
    error: Option<NetError>,
}

impl Dialer {
    /// A dialer that connects to `remote` from the local address `bind`.
    pub(super) fn new(remote: Endpoint, bind: Option<SocketAddr>) -> Self {
        Self {
            remote,
            bind,
            token: MAIN,
            stage: Stage::Idle,
            proxy: None,
            targets: VecDeque::new(),
            servers: Vec::new(),
            addresses: VecDeque::new(),
            error: None,
        }
    }

    /// One of several dialers of a session.
    pub(super) fn of(token: Token, remote: Endpoint) -> Self {
        Self { token, ..Self::new(remote, None) }
    }

    /// A dialer that waits for a lookup that nobody started.
    #[cfg(test)]
    pub(super) fn resolving(remote: Endpoint) -> Self {
        Self { stage: Stage::Resolving(remote.clone()), ..Self::new(remote, None) }
    }

    /// Starts to look up the host or to connect.
    pub(super) fn dial(&mut self, ctx: &mut Context) -> Result<(), NetError> {
        self.addresses.clear();
        self.targets.clear();
        self.error = None;
        self.proxy.clone_from(&ctx.options.proxy);
        let first = match &self.proxy {
            // Its address is for the proxy.
            Some(Proxy { kind: ProxyKind::Socks5, .. }) | None => self.remote.clone(),
            Some(Proxy { at, .. }) => {
                self.targets.push_back(self.remote.clone());
                at.clone()
            }
        };
        self.look_up(ctx, first)
    }

    fn look_up(&mut self, ctx: &mut Context, host: Endpoint) -> Result<(), NetError> {
        if let Some(address) = host.address() {
            self.found(ctx, Ok(vec![address]));
        } else {
            ctx.resolver.look_up(host.clone())?;
            self.stage = Stage::Resolving(host);
        }
        Ok(())
    }

    pub(super) fn hang_up(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Takes the result of a lookup, if it waits for it. Dialing may have been stopped meanwhile.
    pub(super) fn resolved(&mut self, ctx: &mut Context, resolved: &Resolved) {
        if matches!(&self.stage, Stage::Resolving(host) if *host == resolved.endpoint) {
            self.found(ctx, resolved.addresses.clone());
        }
    }

    fn found(&mut self, ctx: &mut Context, addresses: Result<Vec<SocketAddr>, NetError>) {
        match (addresses, &self.proxy) {
            (Ok(addresses), Some(proxy)) if self.targets.is_empty() => {
                let at = proxy.at.clone();
                self.targets = addresses.into_iter().map(Endpoint::from).collect();
                if let Err(error) = self.look_up(ctx, at) {
                    self.stage = Stage::Failed(Dialed::Unresolved(error));
                }
            }
            (Ok(addresses), _) => {
                self.servers.clone_from(&addresses);
                self.addresses = addresses.into();
                self.next_attempt(ctx);
            }
            (Err(error), Some(_)) if !self.targets.is_empty() => {
                let error = self.broken(error.cause);
                self.stage = Stage::Failed(Dialed::Unresolved(error));
            }
            (Err(error), _) => self.stage = Stage::Failed(Dialed::Unresolved(error)),
        }
    }

    pub(super) fn ready(&mut self) {
        match &mut self.stage {
            Stage::Connecting(attempt) => attempt.ready = true,
            Stage::Asking(asking) => asking.exchange.ready(),
            Stage::Idle | Stage::Resolving(_) | Stage::Failed(_) => {}
        }
    }

    /// The result of dialing, once.
    pub(super) fn turn(&mut self, ctx: &mut Context) -> Dialed {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Connecting(attempt) if !ctx.log.stalled() => return self.check(ctx, attempt),
            Stage::Asking(asking) if !ctx.log.stalled() => return self.ask(ctx, asking),
            Stage::Failed(failed) => return failed,
            unchanged => self.stage = unchanged,
        }
        Dialed::Pending
    }

    pub(super) fn busy(&self) -> bool {
        match &self.stage {
            Stage::Idle | Stage::Resolving(_) => false,
            Stage::Connecting(attempt) => attempt.ready,
            Stage::Asking(asking) => asking.exchange.is_ready(),
            Stage::Failed(_) => true,
        }
    }

    /// When the attempt times out.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Connecting(attempt) => Some(attempt.deadline),
            Stage::Asking(asking) => Some(asking.exchange.deadline),
            Stage::Idle | Stage::Resolving(_) | Stage::Failed(_) => None,
        }
    }

    /// Tries the remaining addresses until an attempt is in progress.
    fn next_attempt(&mut self, ctx: &mut Context) {
        loop {
            let Some(peer) = self.addresses.pop_front() else {
                // The proxy cannot reach the target by this address; perhaps by another.
                let is_reply = |error: &NetError| match &error.cause {
                    Cause::Proxy(_, fault) => matches!(**fault, ProxyFault::Reply(_)),
                    _ => false,
                };
                if self.error.as_ref().is_some_and(is_reply) && self.targets.len() > 1 {
                    self.targets.pop_front();
                    self.addresses = self.servers.clone().into();
                    continue;
                }
                break;
            };
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
        let connecting = |error: io::Error| (local, self.error(peer, error.into()));
        let socket = options::socket(peer, Type::STREAM, Protocol::TCP).map_err(connecting)?;
        options::tcp(&socket, &ctx.options, peer, &mut ctx.log);
        if let Some(bind) = self.bind {
            if bind.is_ipv4() != peer.is_ipv4() {
                let cause = Cause::OtherFamily(bind.is_ipv4());
                return Err((local, NetError::new(Doing::Binding, bind, cause)));
            }
            if bind.port() != 0 {
                options::reuse(&socket, bind, &mut ctx.log);
            }
            let binding = |error| (local, NetError::new(Doing::Binding, bind, error));
            socket.bind(&bind.into()).map_err(binding)?;
        }
        begin(&socket, peer).map_err(connecting)?;
        let mut stream = TcpStream::from_std(socket.into());
        let local = stream.local_addr().unwrap_or(local);
        let both = Interest::READABLE | Interest::WRITABLE;
        ctx.registry
            .register(&mut stream, self.token, both)
            .map_err(|error| (local, self.error(peer, error.into())))?;
        let deadline = after(ctx.options.connect_timeout);
        Ok(Attempt { stream, local, peer, deadline, ready: false })
    }

    fn refused(&mut self, ctx: &mut Context, local: SocketAddr, peer: SocketAddr, error: NetError) {
        ctx.log.refused(local, peer, error.clone());
        self.error = Some(error);
    }

    /// The error of an attempt at an address of the server or the proxy.
    fn error(&self, peer: SocketAddr, cause: Cause) -> NetError {
        match cause {
            Cause::RelaysToItself => NetError::new(Doing::Connecting, peer, cause),
            cause if self.proxy.is_some() => self.broken(cause),
            cause => NetError::new(Doing::Connecting, peer, cause),
        }
    }

    /// The error of a proxy that cannot be reached.
    fn broken(&self, cause: Cause) -> NetError {
        self.by_proxy(ProxyFault::Broken(Box::new(cause)))
    }

    fn by_proxy(&self, fault: ProxyFault) -> NetError {
        let proxy = self.proxy.as_ref().map_or_else(String::new, Proxy::to_string);
        NetError::new(Doing::Connecting, &self.remote, Cause::Proxy(proxy.into(), fault.into()))
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
                if ctx.listening.iter().any(|bound| is_itself(*bound, (local, peer))) {
                    return self.not_there(ctx, (local, peer), self.error(peer, Cause::RelaysToItself));
                }
                let made = NewConnection { stream, local, peer };
                return match (self.proxy.clone(), self.targets.front().cloned()) {
                    (Some(proxy), Some(target)) => self.begin_asking(ctx, made, proxy, target),
                    _ => self.connected(made),
                };
            }
            Ok(false) if Instant::now() < attempt.deadline => {
                self.stage = Stage::Connecting(attempt);
                return Dialed::Pending;
            }
            Ok(false) => Cause::TimedOut(millis(ctx.options.connect_timeout)),
            Err(cause) => cause,
        };
        let Attempt { local, peer, .. } = *attempt;
        self.not_there(ctx, (local, peer), self.error(peer, cause))
    }

    fn connected(&mut self, made: NewConnection) -> Dialed {
        self.addresses.clear();
        self.error = None;
        Dialed::Connected(made)
    }

    /// This attempt has failed.
    fn not_there(
        &mut self,
        ctx: &mut Context,
        (local, peer): (SocketAddr, SocketAddr),
        error: NetError,
    ) -> Dialed {
        self.refused(ctx, local, peer, error);
        self.next_attempt(ctx);
        Dialed::Pending
    }

    fn begin_asking(
        &mut self,
        ctx: &mut Context,
        made: NewConnection,
        proxy: Proxy,
        target: Endpoint,
    ) -> Dialed {
        let (ends, deadline) = ((made.local, made.peer), after(ctx.options.connect_timeout));
        match Asking::begin(ctx, (made, deadline), proxy, target) {
            Ok(asking) => self.ask(ctx, Box::new(asking)),
            Err(fault) => self.proxy_failed(ctx, ends, fault),
        }
    }

    fn ask(&mut self, ctx: &mut Context, mut asking: Box<Asking>) -> Dialed {
        let ends = asking.exchange.ends();
        match asking.turn(ctx) {
            Ok(true) => self.connected(asking.exchange.into_connection()),
            Ok(false) if Instant::now() < asking.exchange.deadline => {
                self.stage = Stage::Asking(asking);
                Dialed::Pending
            }
            Ok(false) => {
                self.proxy_failed(ctx, ends, ProxyFault::Silent(millis(ctx.options.connect_timeout)))
            }
            Err(fault) => self.proxy_failed(ctx, ends, fault),
        }
    }

    fn proxy_failed(
        &mut self,
        ctx: &mut Context,
        ends: (SocketAddr, SocketAddr),
        fault: ProxyFault,
    ) -> Dialed {
        // Its other addresses will not say otherwise.
        self.addresses.clear();
        self.not_there(ctx, ends, self.by_proxy(fault))
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
