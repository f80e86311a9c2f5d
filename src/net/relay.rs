//! A TCP relay: accepts clients, connects to the upstream server for each, and passes on what either sends to the other.
//! Each of the two connections is a leg; [`Connections`] passes on between them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use mio::Token;

use super::connections::{Connections, Gone};
use super::context::{Context, MAIN};
use super::dialer::{Dialed, Dialer, NewConnection};
use super::listeners::Listeners;
use super::repeats::Beat;
use super::resolve::Resolved;
use super::session_kind::SessionKind;
use super::time::earliest;
use crate::model::{
    Cause, Doing, Endpoint, Event, FlowId, Local, NetError, Origin, SendPart, SessionNote, SocketCommand,
    Target,
};

#[derive(Debug)]
pub(super) struct Relay {
    remote: Endpoint,
    listeners: Listeners,
    connections: Connections,
    /// Clients without an upstream connection. The dialer of one that has not sent anything may be idle.
    waiting: BTreeMap<FlowId, Waiting>,
    /// How many were connected on.
    n_clients: u64,
    /// Itself, if the upstream address turned out to be its own; clients are then refused.
    itself: Option<SocketAddr>,
}

#[derive(Debug)]
struct Waiting {
    dialer: Dialer,
    is_dialed: bool,
}

impl Relay {
    pub(super) fn open(ctx: &mut Context, local: Local, remote: Endpoint) -> Result<Self, NetError> {
        let listeners = Listeners::open(ctx, local)?;
        Ok(Self {
            remote,
            listeners,
            connections: Connections::default(),
            waiting: BTreeMap::new(),
            n_clients: 0,
            itself: None,
        })
    }

    fn accept(&mut self, ctx: &mut Context) {
        let Self { listeners, connections, .. } = self;
        let mut clients = Vec::new();
        listeners.accept(ctx, |ctx, accepted| {
            let client = connections.insert(ctx, accepted, Origin::Accepted)?;
            connections.begin_leg(client, ctx.options.connect_on_data);
            clients.push(client);
            Ok(())
        });
        for client in clients {
            let dialer = Dialer::of(token(client), self.remote.clone());
            self.waiting.insert(client, Waiting { dialer, is_dialed: false });
            if !ctx.options.connect_on_data {
                self.dial(ctx, client);
            }
        }
    }

    fn dial(&mut self, ctx: &mut Context, client: FlowId) {
        if let Some(itself) = self.itself {
            return self.refuse(ctx, client, itself);
        }
        let is_resolving = self.waiting.values().any(|waiting| waiting.dialer.is_resolving());
        let Some(Waiting { dialer, is_dialed }) = self.waiting.get_mut(&client) else { return };
        *is_dialed = true;
        if is_resolving {
            dialer.share_lookup();
        } else if let Err(error) = dialer.dial(ctx) {
            self.unreachable(ctx, client, Some(error));
        }
    }

    /// Dials for clients that have sent something, and takes the results.
    fn call(&mut self, ctx: &mut Context) {
        let Self { waiting, connections, .. } = self;
        waiting.retain(|client, _| connections.peer(*client).is_some());
        let clients: Vec<FlowId> = waiting.keys().copied().collect();
        for client in clients {
            let Some(Waiting { dialer, is_dialed }) = self.waiting.get_mut(&client) else { continue };
            if !*is_dialed {
                match self.connections.early(client) {
                    Some(true) => self.dial(ctx, client),
                    // It has left without a word.
                    Some(false) => {
                        self.waiting.remove(&client);
                        self.connections.close(client, None);
                    }
                    None => {}
                }
                continue;
            }
            match dialer.turn(ctx) {
                Dialed::Pending => {}
                Dialed::Connected(made) => self.connected(ctx, client, made),
                Dialed::Refused(_told) => self.unreachable(ctx, client, None),
                Dialed::Unresolved(error) => self.unreachable(ctx, client, Some(error)),
            }
        }
    }

    fn connected(&mut self, ctx: &mut Context, client: FlowId, made: NewConnection) {
        self.waiting.remove(&client);
        if self.listeners.are_called(made.local, made.peer) {
            self.itself = Some(made.peer);
            return self.refuse(ctx, client, made.peer);
        }
        match self.connections.insert(ctx, made, Origin::Connected) {
            Ok(upstream) => {
                self.n_clients += 1;
                if self.connections.join_legs(ctx, (client, upstream), self.n_clients) {
                    ctx.log.opened(Event::Paired(client, upstream));
                } else {
                    self.connections.abort(ctx, upstream);
                }
            }
            Err(error) => self.unreachable(ctx, client, Some(error)),
        }
    }

    fn refuse(&mut self, ctx: &mut Context, client: FlowId, itself: SocketAddr) {
        let error = NetError::new(Doing::Connecting, itself, Cause::RelaysToItself);
        self.unreachable(ctx, client, Some(error));
    }

    /// There is no upstream connection for this client, which is reset.
    fn unreachable(&mut self, ctx: &mut Context, client: FlowId, error: Option<NetError>) {
        self.waiting.remove(&client);
        if let Some(error) = error {
            ctx.log.trouble(error);
        }
        if self.connections.refuse_client(ctx, client) {
            return;
        }
        if let Some(address) = self.connections.peer(client) {
            ctx.log.note(SessionNote::NotRelayed(address, self.remote.to_string()));
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
        if event.token() == MAIN {
            self.listeners.ready();
        } else if let Some(waiting) = client(event.token()).and_then(|client| self.waiting.get_mut(&client)) {
            waiting.dialer.ready();
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
            SocketCommand::StartTls(_) | SocketCommand::Join(_) | SocketCommand::Leave(_) => command,
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
        let has_early = |(client, waiting): (&FlowId, &Waiting)| {
            if waiting.is_dialed { waiting.dialer.busy() } else { self.connections.early(*client).is_some() }
        };
        self.listeners.busy() || self.connections.busy() || self.waiting.iter().any(has_early)
    }

    fn deadline(&self) -> Option<Instant> {
        let dialing = self.waiting.values().map(|waiting| waiting.dialer.deadline());
        earliest([self.listeners.retry, self.connections.deadline()].into_iter().chain(dialing))
    }

    fn abandon(&mut self, ctx: &mut Context) {
        self.listeners.stop(ctx);
        self.waiting.clear();
        self.connections.abandon_all(ctx);
    }

    fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        let all = self.waiting.values_mut().map(|waiting| &mut waiting.dialer);
        let mut resolving = all.filter(|dialer| dialer.is_resolving());
        let addresses = resolved.addresses.clone();
        if let Some(first) = resolving.next() {
            first.resolved(ctx, resolved);
        }
        for dialer in resolving {
            dialer.found(ctx, addresses.clone());
        }
    }

    fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        let to = self.to_clients(to.clone());
        self.connections.beat(ctx, &to, what)
    }
}

/// The tokens of dialers count down, those of connections up.
fn token(client: FlowId) -> Token {
    Token(usize::MAX - client.0 as usize)
}

fn client(token: Token) -> Option<FlowId> {
    u32::try_from(usize::MAX - token.0).ok().map(FlowId)
}
