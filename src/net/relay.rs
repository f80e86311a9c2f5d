//! A TCP relay: accepts clients, connects to the upstream server for each, or as a proxy to the one that it names, and passes
//! on what either sends to the other.
//! Each of the two connections is a leg; [`Connections`] passes on between them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mio::{Interest, Token};

use super::connections::{Connections, Gone};
use super::context::{Context, MAIN};
use super::dialer::{Dialed, Dialer, NewConnection};
use super::listeners::Listeners;
use super::proxy_server::Serving;
use super::repeats::Beat;
use super::resolve::Resolved;
use super::session_kind::SessionKind;
use super::time::{after, earliest, millis};
use crate::model::{
    Cause, Doing, Endpoint, Event, FlowId, Local, NetError, Origin, ProxyNote, SendPart, SessionNote,
    SocketCommand, Target,
};

/// How long a client that is not connected on may take to close the connection.
const CLOSING: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Relay {
    /// The upstream server; `None` for the one that each client names.
    remote: Option<Endpoint>,
    listeners: Listeners,
    connections: Connections,
    /// Clients without an upstream connection, in the order in which they came.
    waiting: BTreeMap<usize, Caller>,
    next: usize,
    /// How many were connected on.
    n_clients: u64,
    /// Set if the upstream address turned out to be its own; clients are then refused.
    itself: Option<NetError>,
}

#[derive(Debug)]
struct Caller {
    client: Client,
    /// `None` until it is known where to connect, and that it is time to.
    dialer: Option<Dialer>,
}

#[derive(Debug)]
enum Client {
    Leg(FlowId),
    /// One of a proxy, until it is answered.
    Asking(Box<Serving>),
}

impl Caller {
    /// Something has come of the client, before it is dialed for.
    fn is_ready(&self, connections: &Connections) -> bool {
        match &self.client {
            Client::Leg(flow) => connections.early(*flow).is_some(),
            Client::Asking(serving) => serving.exchange.is_ready(),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match (&self.dialer, &self.client) {
            (Some(dialer), _) => dialer.deadline(),
            (None, Client::Asking(serving)) => Some(serving.exchange.deadline),
            (None, Client::Leg(_)) => None,
        }
    }
}

impl Relay {
    pub(super) fn open(ctx: &mut Context, local: Local, remote: Option<Endpoint>) -> Result<Self, NetError> {
        let listeners = Listeners::open(ctx, local)?;
        if let Some(note) = ProxyNote::open(local).filter(|_| remote.is_none()) {
            ctx.log.note(SessionNote::Proxy(note));
        }
        let (connections, waiting) = (Connections::default(), BTreeMap::new());
        Ok(Self { remote, listeners, connections, waiting, next: 0, n_clients: 0, itself: None })
    }

    fn accept(&mut self, ctx: &mut Context) {
        let Self { listeners, connections, waiting, next, remote, .. } = self;
        let mut to_dial = Vec::new();
        listeners.accept(ctx, |ctx, mut accepted| {
            *next += 1;
            let client = if remote.is_some() {
                let client = connections.insert(ctx, accepted, Origin::Accepted)?;
                connections.begin_leg(client, ctx.options.connect_on_data);
                if !ctx.options.connect_on_data {
                    to_dial.push(*next);
                }
                Client::Leg(client)
            } else {
                let both = Interest::READABLE | Interest::WRITABLE;
                let registered = ctx.registry.register(&mut accepted.stream, client_token(*next), both);
                registered.map_err(|error| NetError::new(Doing::Accepting, accepted.peer, error))?;
                Client::Asking(Box::new(Serving::new(accepted, after(ctx.options.connect_timeout))))
            };
            waiting.insert(*next, Caller { client, dialer: None });
            Ok(())
        });
        for n in to_dial {
            self.dial(ctx, n, self.remote.clone());
        }
    }

    fn dial(&mut self, ctx: &mut Context, n: usize, remote: Option<Endpoint>) {
        if let Some(itself) = self.itself.clone() {
            return self.unreachable(ctx, n, &itself, false);
        }
        let Some((waiting, remote)) = self.waiting.get_mut(&n).zip(remote) else { return };
        let dialer = waiting.dialer.insert(Dialer::of(dialer_token(n), remote));
        if let Err(error) = dialer.dial(ctx) {
            self.unreachable(ctx, n, &error, false);
        }
    }

    /// Dials for clients that have sent something, and takes the results.
    fn call(&mut self, ctx: &mut Context) {
        if ctx.log.stalled() {
            return;
        }
        let Self { waiting, connections, .. } = self;
        waiting.retain(|_, waiting| match &mut waiting.client {
            Client::Leg(client) => connections.peer(*client).is_some(),
            Client::Asking(serving) => waiting.dialer.is_none() || !serving.exchange.is_gone(),
        });
        let all: Vec<usize> = waiting.keys().copied().collect();
        for n in all {
            let Some(Caller { client, dialer }) = self.waiting.get_mut(&n) else { continue };
            match (dialer, client) {
                (None, Client::Leg(client)) => match self.connections.early(*client) {
                    Some(true) => self.dial(ctx, n, self.remote.clone()),
                    // It has left without a word.
                    Some(false) => {
                        let client = *client;
                        self.waiting.remove(&n);
                        self.connections.close(client, None);
                    }
                    None => {}
                },
                (None, Client::Asking(serving)) => match serving.turn(ctx) {
                    Ok(Some(target)) => self.dial(ctx, n, Some(target)),
                    Ok(None) if Instant::now() < serving.exchange.deadline => {}
                    Ok(None) => {
                        let late = Cause::HandshakeLate(millis(ctx.options.connect_timeout));
                        self.not_served(ctx, n, Some(late));
                    }
                    Err(fault) => self.not_served(ctx, n, fault.map(Cause::ProxyClient)),
                },
                (Some(dialer), _) => match dialer.turn(ctx) {
                    Dialed::Pending => {}
                    Dialed::Connected(made) => self.connected(ctx, n, made),
                    Dialed::Refused(error) => {
                        if self.remote.is_some() && error.cause == Cause::RelaysToItself {
                            self.itself = Some(error.clone());
                        }
                        self.unreachable(ctx, n, &error, true);
                    }
                    Dialed::Unresolved(error) => self.unreachable(ctx, n, &error, false),
                },
            }
        }
    }

    fn connected(&mut self, ctx: &mut Context, n: usize, made: NewConnection) {
        let Some(Caller { client, dialer }) = self.waiting.remove(&n) else { return };
        let mut target = None;
        let client = match client {
            Client::Leg(client) => client,
            Client::Asking(mut serving) => {
                serving.connected(ctx, made.local);
                target = dialer.map(|dialer| dialer.remote);
                ctx.tls.host = target.as_ref().map(|target| target.host.clone());
                match self.answered(ctx, *serving, true) {
                    Ok(client) => client,
                    Err(error) => return ctx.log.trouble(error),
                }
            }
        };
        match self.connections.insert(ctx, made, Origin::Connected) {
            Ok(upstream) => {
                self.n_clients += 1;
                if self.connections.join_legs(ctx, (client, upstream), self.n_clients) {
                    ctx.log.opened(Event::Paired(client, upstream, target));
                } else {
                    self.connections.abort(ctx, upstream);
                }
            }
            Err(error) => {
                ctx.log.trouble(error);
                self.not_relayed(ctx, client);
            }
        }
    }

    /// Makes a client of the proxy a connection as any other, once it is answered.
    fn answered(
        &mut self,
        ctx: &mut Context,
        mut serving: Serving,
        is_leg: bool,
    ) -> Result<FlowId, NetError> {
        let flushed = serving.exchange.flush();
        let mut made = serving.exchange.into_connection();
        flushed.map_err(|error| NetError::new(Doing::Sending, made.peer, error))?;
        // Its token is another from here on.
        let again = ctx.registry.deregister(&mut made.stream);
        again.map_err(|error| NetError::new(Doing::Accepting, made.peer, error))?;
        if is_leg {
            let client = self.connections.insert(ctx, made, Origin::Accepted)?;
            self.connections.begin_leg(client, false);
            Ok(client)
        } else {
            self.connections.insert_plain(ctx, made, Origin::Accepted)
        }
    }

    /// A client of the proxy is not connected on: it was told why, and is closed.
    fn not_served(&mut self, ctx: &mut Context, n: usize, cause: Option<Cause>) {
        let Some(Caller { client: Client::Asking(serving), .. }) = self.waiting.remove(&n) else { return };
        let (_, peer) = serving.exchange.ends();
        if let Some(cause) = cause {
            ctx.log.trouble(NetError::new(Doing::Proxying, peer, cause));
        }
        match self.answered(ctx, *serving, false) {
            Ok(client) => self.connections.close(client, Some(after(CLOSING))),
            Err(error) => ctx.log.trouble(error),
        }
    }

    /// There is no upstream connection for this client, because of an error that was reported or not.
    fn unreachable(&mut self, ctx: &mut Context, n: usize, error: &NetError, is_reported: bool) {
        if !is_reported {
            ctx.log.trouble(error.clone());
        }
        match self.waiting.get_mut(&n) {
            Some(Caller { client: Client::Asking(serving), .. }) => {
                serving.failed(ctx, error);
                self.not_served(ctx, n, None);
            }
            Some(Caller { client: Client::Leg(client), .. }) => {
                let client = *client;
                self.waiting.remove(&n);
                self.not_relayed(ctx, client);
            }
            None => {}
        }
    }

    /// There is no upstream connection for this client, which is reset.
    fn not_relayed(&mut self, ctx: &mut Context, client: FlowId) {
        if self.connections.refuse_client(ctx, client) {
            return;
        }
        if let Some((address, remote)) = self.connections.peer(client).zip(self.remote.as_ref()) {
            ctx.log.note(SessionNote::NotRelayed(address, remote.to_string()));
        }
        self.connections.abort(ctx, client);
    }

    fn gone(&mut self, ctx: &mut Context, gone: Gone) {
        if let Some(error) = gone.error {
            // A reset travels on, and so does any other loss.
            if let Some(twin) = gone.twin
                && !self.connections.refuse_client(ctx, twin)
            {
                self.connections.abort(ctx, twin);
            }
            if !gone.reset_by_peer {
                ctx.log.trouble(error);
            }
        }
        // A file descriptor is free again.
        self.listeners.retry = None;
    }

    /// To all is to all clients.
    fn to_clients(&self, to: Target) -> Target {
        let all = || self.connections.clients();
        if to == Target::All && !self.connections.is_empty() { Target::Flows(all()) } else { to }
    }
}

impl SessionKind for Relay {
    fn connections(&mut self) -> Option<&mut Connections> {
        Some(&mut self.connections)
    }

    fn main_ready(&mut self, _event: &mio::event::Event) {
        self.listeners.ready();
    }

    fn ready(&mut self, event: &mio::event::Event) {
        let (is_dialer, n) = waiting(event.token());
        if event.token() == MAIN {
            self.listeners.ready();
        } else if let Some(Caller { client, dialer }) = self.waiting.get_mut(&n) {
            match (dialer, client) {
                (Some(dialer), _) if is_dialer => dialer.ready(),
                (_, Client::Asking(serving)) if !is_dialer => serving.exchange.ready(),
                _ => {}
            }
        } else {
            self.connections.ready(event);
        }
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        let command = match command {
            SocketCommand::StopListening => {
                if self.listeners.stop(ctx) {
                    ctx.log.stopped_listening();
                }
                return;
            }
            SocketCommand::Send { to, what } => SocketCommand::Send { to: self.to_clients(to), what },
            SocketCommand::SendFile(mut order) => {
                order.to = self.to_clients(order.to);
                SocketCommand::SendFile(order)
            }
            SocketCommand::HalfClose(to) => SocketCommand::HalfClose(self.to_clients(to)),
            SocketCommand::Disconnect(to) => SocketCommand::Disconnect(self.to_clients(to)),
            SocketCommand::Reset(to) => SocketCommand::Reset(self.to_clients(to)),
            SocketCommand::Control(to, control) => SocketCommand::Control(self.to_clients(to), control),
            SocketCommand::StartTls(_)
            | SocketCommand::Decide(..)
            | SocketCommand::Join(_)
            | SocketCommand::Leave(_) => command,
        };
        self.connections.command(ctx, command);
    }

    fn close(&mut self, ctx: &mut Context, by: Instant) {
        self.listeners.stop(ctx);
        self.waiting.clear();
        self.connections.close_all(by);
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        self.accept(ctx);
        self.call(ctx);
        for gone in self.connections.turn(ctx, until) {
            self.gone(ctx, gone);
        }
        self.closing().is_some_and(|by| self.connections.is_empty() || by <= Instant::now())
    }

    fn busy(&self) -> bool {
        let is_busy = |waiting: &Caller| {
            let is_ready = waiting.is_ready(&self.connections);
            waiting.dialer.as_ref().map_or(is_ready, Dialer::busy)
        };
        self.listeners.busy() || self.connections.busy() || self.waiting.values().any(is_busy)
    }

    fn deadline(&self) -> Option<Instant> {
        let dialing = self.waiting.values().map(Caller::deadline);
        earliest([self.listeners.retry, self.connections.deadline()].into_iter().chain(dialing))
    }

    fn abandon(&mut self, ctx: &mut Context) {
        self.listeners.stop(ctx);
        self.waiting.clear();
        self.connections.abandon_all(ctx);
    }

    fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        for dialer in self.waiting.values_mut().filter_map(|waiting| waiting.dialer.as_mut()) {
            dialer.resolved(ctx, &resolved);
        }
    }

    fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        let to = self.to_clients(to.clone());
        self.connections.beat(ctx, &to, what)
    }
}

/// The tokens of connections count up; those of dialers and of clients that are not connections yet count down, in turn.
fn dialer_token(n: usize) -> Token {
    Token(usize::MAX - 2 * n)
}

fn client_token(n: usize) -> Token {
    Token(usize::MAX - 2 * n - 1)
}

/// Whether a token is a dialer's, and the number of the client.
fn waiting(token: Token) -> (bool, usize) {
    let n = usize::MAX - token.0;
    (n.is_multiple_of(2), n / 2)
}
