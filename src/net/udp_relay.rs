//! A UDP relay: forwards datagrams of clients to the upstream server, over a socket of its own for each client, so that
//! the server's answers find their client.

mod deciding;
mod holding;
mod sending;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;

use self::holding::HeldItem;
use super::clock::wall_now;
use super::context::{Context, CutAnswers, FIRST_FLOW};
use super::fault_line::FaultLine;
use super::placeholders::Filled;
use super::repeats::Beat;
use super::resolve::Resolved;
use super::rule_engine::DueAnswer;
use super::session_kind::SessionKind;
use super::time::{after, earliest};
use super::trace::{Input, Trace};
use super::udp_item::Arrival;
use super::udp_port::{Port, report_icmp_errors};
use super::udp_system::System;
use crate::model::{
    Cast, Cause, Doing, Endpoint, FlowId, HoldEnd, HoldId, Leg, Local, NetError, Origin, SendPart,
    SessionNote, SocketCommand, Target, Transport,
};
use crate::rules::PeerAt;

/// The most clients. Beyond it the one that was silent for longest is forgotten.
const MAX_CLIENTS: usize = 4096;

/// A client is forgotten after this time without a datagram either way.
const IDLE: Duration = Duration::from_mins(1);

/// The most receive calls of one socket in one turn.
const MAX_BATCHES: usize = 16;

/// With more bytes waiting to be sent to one side than this, the other is not read.
const MAX_WAITING: u64 = 4 * 1024 * 1024;

/// How long to wait when the system takes no more datagrams, or a socket reports errors only.
const RETRY: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(super) struct UdpRelay {
    ports: Vec<Port>,
    remote: Endpoint,
    upstream: Upstream,
    /// Receives for the sockets of all clients.
    system: Option<System>,
    clients: BTreeMap<FlowId, Client>,
    by_address: HashMap<SocketAddr, FlowId>,
    /// The clients by their flows to the upstream server.
    by_upstream: HashMap<FlowId, FlowId>,
    /// Clients for which something has come from the upstream server.
    readable: VecDeque<FlowId>,
    /// Datagrams to be sent later.
    waiting: BTreeMap<(Instant, u64), PassingDatagram>,
    n_waiting: u64,
    /// Datagrams that are held, and what waits behind each.
    held: BTreeMap<HoldId, HeldItem>,
    /// How many bytes wait, for upstream and for clients.
    bytes: [u64; 2],
    /// The most clients, and how long a silent one is kept.
    limits: (usize, Duration),
    /// When to look for clients to forget.
    sweep: Option<Instant>,
    pause: Option<Instant>,
    /// When to try again to send, if the system has taken no more.
    retry: Option<Instant>,
    closing: Option<Instant>,
    /// How many clients there were.
    n_clients: u64,
}

/// The address of the upstream server.
#[derive(Debug)]
enum Upstream {
    /// It is being looked up. Datagrams wait until then.
    LookingUp(VecDeque<PassingDatagram>),
    Known(SocketAddr),
    Unknown,
}

#[derive(Debug)]
struct Client {
    address: SocketAddr,
    /// The place of the socket on which it has sent.
    port: usize,
    /// Our address that it sends to, if the session is bound to several.
    called: Option<IpAddr>,
    leg: Option<UpstreamLeg>,
    /// When something was last received from either side.
    active: Instant,
    /// How many of its datagrams wait, and until when, for upstream and for it.
    waiting: [(u32, Option<Instant>); 2],
    /// The faults on what comes from it, and from upstream.
    lines: [FaultLine; 2],
    /// How many datagrams have come from it, and from upstream.
    received: [u64; 2],
    /// What is said of those sent upstream, and to it.
    traces: [Trace; 2],
    /// What is held of what comes from it, and from upstream.
    held: [Option<HoldId>; 2],
    is_readable: bool,
}

/// The connection of one client to the upstream server.
#[derive(Debug)]
struct UpstreamLeg {
    socket: UdpSocket,
    flow: FlowId,
    peer: SocketAddr,
    overflow: Option<u32>,
}

#[derive(Debug, Clone)]
struct PassingDatagram {
    client: FlowId,
    from: Leg,
    data: Arc<[u8]>,
    why: Option<Arc<str>>,
    /// The datagram that it was.
    input: Option<Input>,
    /// Those after it need not wait for it.
    is_overtaken: bool,
}

/// A datagram that was received.
#[derive(Debug)]
struct Datagram {
    /// The flow it came on, and its sender.
    sender: (FlowId, SocketAddr),
    data: Arc<[u8]>,
    record: Option<u64>,
}

impl PassingDatagram {
    fn new(client: FlowId, from: Leg, data: Arc<[u8]>) -> Self {
        Self { client, from, data, why: None, input: None, is_overtaken: false }
    }
}

impl UdpRelay {
    pub(super) fn open(ctx: &mut Context, local: Local, remote: Endpoint) -> Result<Self, NetError> {
        ctx.cut_answers = CutAnswers::TwoMessages;
        let (_local, ports) = Port::open_all(ctx, local, false)?;
        let upstream = remote.address().map_or(Upstream::Unknown, Upstream::Known);
        Ok(Self {
            ports,
            remote,
            upstream,
            system: None,
            clients: BTreeMap::new(),
            by_address: HashMap::new(),
            by_upstream: HashMap::new(),
            readable: VecDeque::new(),
            waiting: BTreeMap::new(),
            n_waiting: 0,
            held: BTreeMap::new(),
            bytes: [0; 2],
            limits: (MAX_CLIENTS, IDLE),
            sweep: None,
            pause: None,
            retry: None,
            closing: None,
            n_clients: 0,
        })
    }

    /// Whether datagrams of this side may be received.
    fn may_receive(&self, from: Leg) -> bool {
        self.closing.is_none() && self.bytes[from as usize] < MAX_WAITING
    }

    /// The client that a datagram has come from.
    fn client(&mut self, ctx: &mut Context, port: usize, arrival: Arrival) -> FlowId {
        let now = Instant::now();
        if let Some(id) = self.by_address.get(&arrival.from)
            && let Some(client) = self.clients.get_mut(id)
        {
            client.active = now;
            return *id;
        }
        if self.clients.len() >= self.limits.0
            && let Some((silent, _)) = self.clients.iter().min_by_key(|(_, client)| client.active)
        {
            let silent = *silent;
            let cause = Cause::TooManyClients(self.limits.0 as u64);
            ctx.log.trouble(NetError::new(Doing::Accepting, "", cause));
            self.forget(ctx, silent);
        }
        let bound = self.ports.get(port).map_or(arrival.from, |port| port.local);
        let local = arrival.to.map_or(bound, |to| SocketAddr::new(to, bound.port()));
        let flow = ctx.log.flow(Transport::Udp, local, arrival.from, Origin::Datagram, arrival.at);
        ctx.log.joined(&flow);
        self.n_clients += 1;
        let called = arrival.to.filter(|_| bound.ip().is_unspecified());
        let client = Client {
            address: arrival.from,
            port,
            called,
            leg: None,
            active: now,
            waiting: [(0, None); 2],
            lines: [Leg::Client, Leg::Upstream].map(|leg| FaultLine::new(self.n_clients, leg)),
            received: [0; 2],
            traces: <_>::default(),
            held: [None; 2],
            is_readable: false,
        };
        self.clients.insert(flow.id, client);
        self.by_address.insert(arrival.from, flow.id);
        self.sweep = self.sweep.or(now.checked_add(self.limits.1));
        flow.id
    }

    /// Receives from clients, and forwards.
    fn receive(&mut self, ctx: &mut Context, at: usize) {
        let Some(port) = self.ports.get_mut(at) else { return };
        let n = match port.system.receive(&port.socket, ctx.log.moment()) {
            Ok(n) => n,
            Err(error) => {
                match error.kind() {
                    io::ErrorKind::WouldBlock => port.ready.readable = false,
                    io::ErrorKind::Interrupted => {}
                    // The error concerns a datagram sent to a client before.
                    _sent_before => {
                        if !port.report_icmp_errors(ctx) {
                            ctx.log.trouble(NetError::new(Doing::Receiving, port.local, error));
                        }
                        self.pause = Some(after(RETRY));
                    }
                }
                return;
            }
        };
        for index in 0..n {
            let arrived = self.ports.get(at).and_then(|port| port.system.arrival(index));
            let Some((arrival, bytes)) = arrived else { break };
            let data: Arc<[u8]> = Arc::from(bytes);
            let client = self.client(ctx, at, arrival);
            let record = ctx.log.next_record(client);
            ctx.log.received(client, Cast::Unicast, &data, arrival.at);
            let datagram = Datagram { sender: (client, arrival.from), data, record };
            self.take(ctx, (client, Leg::Client), datagram);
        }
        ctx.log.commit();
    }

    /// Receives what the upstream server has sent to a client; false if there may be more.
    fn receive_upstream(&mut self, ctx: &mut Context, id: FlowId) -> bool {
        let (Some(client), Some(system)) = (self.clients.get_mut(&id), &mut self.system) else { return true };
        let Some(leg) = &mut client.leg else { return true };
        system.switch(&mut leg.overflow);
        let received = system.receive(&leg.socket, ctx.log.moment());
        system.switch(&mut leg.overflow);
        let n = match received {
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return false,
            Err(error) => {
                // Linux reports it to a read, and what it concerns apart.
                if report_icmp_errors(&leg.socket, ctx) == 0 {
                    ctx.log.trouble(NetError::new(Doing::Sending, leg.peer, error));
                }
                return false;
            }
        };
        client.active = Instant::now();
        let (flow, peer) = (leg.flow, leg.peer);
        for index in 0..n {
            let arrived = self.system.as_ref().and_then(|system| system.arrival(index));
            let Some((arrival, bytes)) = arrived else { break };
            let data: Arc<[u8]> = Arc::from(bytes);
            let record = ctx.log.next_record(flow);
            ctx.log.received(flow, Cast::Unicast, &data, arrival.at);
            self.take(ctx, (id, Leg::Upstream), Datagram { sender: (flow, peer), data, record });
        }
        ctx.log.commit();
        false
    }

    fn forget(&mut self, ctx: &mut Context, id: FlowId) {
        let Some(client) = self.clients.remove(&id) else { return };
        self.by_address.remove(&client.address);
        let upstream = match (&client.leg, &self.upstream) {
            (Some(UpstreamLeg { peer, .. }), _) | (None, Upstream::Known(peer)) => *peer,
            (None, Upstream::LookingUp(_) | Upstream::Unknown) => client.address,
        };
        if let Some(mut leg) = client.leg {
            // Closing the socket removes it from the poll in any case.
            drop(ctx.registry.deregister(&mut leg.socket));
            self.by_upstream.remove(&leg.flow);
            ctx.log.left(leg.flow);
        }
        let mut lost = client.held.map(|held| held.map_or(0, |hold| self.drop_held(ctx, hold)));
        for (_due, gone) in self.waiting.extract_if(.., |_due, item| item.client == id) {
            self.bytes[gone.from as usize] -= gone.data.len() as u64;
            lost[gone.from as usize] += gone.data.len() as u64;
        }
        if let Upstream::LookingUp(waiting) = &mut self.upstream {
            waiting.retain(|item| {
                let stays = item.client != id;
                lost[0] += if stays { 0 } else { item.data.len() as u64 };
                stays
            });
        }
        for (bytes, to) in lost.into_iter().zip([upstream, client.address]).filter(|(bytes, _)| *bytes > 0) {
            ctx.log.note(SessionNote::Unsent(bytes, to));
        }
        ctx.log.left(id);
    }

    /// Forgets clients that were silent for long.
    fn sweep(&mut self, ctx: &mut Context, now: Instant) {
        if self.sweep.is_none_or(|sweep| now < sweep) {
            return;
        }
        let kept = self.limits.1;
        let is_idle = |client: &Client| now.saturating_duration_since(client.active) >= kept;
        let idle: Vec<FlowId> =
            self.clients.iter().filter(|(_, client)| is_idle(client)).map(|(id, _)| *id).collect();
        for id in idle {
            self.forget(ctx, id);
        }
        self.sweep = self.clients.values().map(|client| client.active + kept).min();
    }

    /// The clients and sides that are meant: all is all clients.
    fn targets(&self, ctx: &mut Context, to: &Target) -> Vec<(FlowId, Leg)> {
        let error = |cause| NetError::new(Doing::Sending, "", cause);
        match to {
            Target::All if self.clients.is_empty() => {
                ctx.log.trouble(error(Cause::NoPeer));
                Vec::new()
            }
            Target::All => self.clients.keys().map(|id| (*id, Leg::Upstream)).collect(),
            Target::Flows(ids) => {
                let found = ids.iter().map(|id| match self.by_upstream.get(id) {
                    Some(client) => Some((*client, Leg::Client)),
                    None => self.clients.contains_key(id).then_some((*id, Leg::Upstream)),
                });
                let found: Vec<_> = found.collect();
                if found.contains(&None) {
                    ctx.log.trouble(error(Cause::PeerGone));
                }
                found.into_iter().flatten().collect()
            }
            Target::Endpoint(to) => {
                ctx.log.trouble(NetError::new(Doing::Sending, to, Cause::NotForThisProtocol));
                Vec::new()
            }
        }
    }

    /// Sends a datagram as if the other side had.
    fn inject(&mut self, ctx: &mut Context, to: &Target, what: &SendPart) -> Result<(), NetError> {
        let n_before = ctx.placeholders.begin(what);
        for (client, from) in self.targets(ctx, to) {
            let Some(address) = self.clients.get(&client).map(|client| client.address) else { continue };
            match ctx.placeholders.fill(wall_now(), &address, what, n_before)? {
                Filled::Bytes(data) => {
                    let why = ctx.why.clone();
                    let item = PassingDatagram { why, ..PassingDatagram::new(client, from, data) };
                    self.send_at(ctx, Instant::now(), item);
                }
                Filled::File(_) | Filled::StartTls => ctx.unsupported(Doing::Sending, address),
            }
        }
        Ok(())
    }
}

impl SessionKind for UdpRelay {
    fn peers(&mut self) -> Vec<PeerAt> {
        let both = |(id, client): (&FlowId, &Client)| {
            let upstream = client.leg.as_ref().map(|leg| (leg.flow, leg.peer, Some(Leg::Upstream)));
            [Some((*id, client.address, Some(Leg::Client))), upstream].into_iter().flatten()
        };
        self.clients.iter().flat_map(both).collect()
    }

    fn faults_changed(&mut self) {
        // What waits because of earlier ones is sent now.
        let now = Instant::now();
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting = waiting.into_iter().map(|((due, n), item)| ((due.min(now), n), item)).collect();
        for client in self.clients.values_mut() {
            client.lines.iter_mut().for_each(FaultLine::restart);
            client.waiting.iter_mut().for_each(|(_, until)| *until = until.map(|until| until.min(now)));
        }
    }

    fn follow_holds(&mut self, ctx: &mut Context, is_recut: bool) {
        self.follow_held(ctx, is_recut);
    }

    fn answer(&mut self, ctx: &mut Context, answer: DueAnswer) {
        self.react(ctx, answer);
    }

    fn main_ready(&mut self, event: &mio::event::Event) {
        self.ports.iter_mut().for_each(|port| port.ready.add(event));
    }

    fn ready(&mut self, event: &mio::event::Event) {
        let flow = event.token().0.checked_sub(FIRST_FLOW).and_then(|id| u32::try_from(id).ok());
        let Some(flow) = flow.map(FlowId) else { return self.main_ready(event) };
        if let Some(id) = self.by_upstream.get(&flow)
            && let Some(client) = self.clients.get_mut(id)
            && !std::mem::replace(&mut client.is_readable, true)
        {
            self.readable.push_back(*id);
        }
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        match command {
            SocketCommand::Send { to, what } => {
                if let Err(error) = self.inject(ctx, &to, &what) {
                    ctx.log.trouble(error);
                }
            }
            SocketCommand::Disconnect(to) => {
                for (client, _) in self.targets(ctx, &to) {
                    self.forget(ctx, client);
                }
            }
            SocketCommand::SendFile(order) => {
                // It is told that it has ended.
                drop(ctx.begin_file(order.id));
                ctx.unsupported(Doing::Sending, "");
            }
            SocketCommand::HalfClose(_) => ctx.unsupported(Doing::HalfClosing, ""),
            SocketCommand::Reset(_) | SocketCommand::Control(..) => ctx.unsupported(Doing::Sending, ""),
            SocketCommand::Decide(id, decision) => self.end_hold(ctx, id, decision, HoldEnd::Decided),
            SocketCommand::StartTls(_) => ctx.unsupported(Doing::StartingTls, ""),
            SocketCommand::StopListening => ctx.unsupported(Doing::Listening, ""),
            SocketCommand::Join(group) => ctx.unsupported(Doing::Joining, group.address),
            SocketCommand::Leave(group) => ctx.unsupported(Doing::Leaving, group.address),
        }
    }

    fn close(&mut self, _ctx: &mut Context, by: Instant) {
        self.closing = earliest([self.closing, Some(by)]);
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        let now = Instant::now();
        if !ctx.log.stalled() {
            for port in self.ports.iter_mut().filter(|port| port.ready.failed) {
                port.ready.failed = false;
                port.report_icmp_errors(ctx);
            }
        }
        self.pause = self.pause.filter(|pause| now < *pause);
        for at in 0..self.ports.len() {
            for _batch in 0..MAX_BATCHES {
                let may = self.pause.is_none() && self.may_receive(Leg::Client) && !ctx.log.stalled();
                if !may || !self.ports.get(at).is_some_and(|port| port.ready.readable) {
                    break;
                }
                self.receive(ctx, at);
            }
        }
        for _client in 0..self.readable.len() {
            if !self.may_receive(Leg::Upstream) || ctx.log.stalled() || Instant::now() >= until {
                break;
            }
            let Some(id) = self.readable.pop_front() else { break };
            if (0..MAX_BATCHES).any(|_batch| self.receive_upstream(ctx, id)) {
                if let Some(client) = self.clients.get_mut(&id) {
                    client.is_readable = false;
                }
            } else {
                self.readable.push_back(id);
            }
        }
        if !ctx.log.stalled() {
            self.follow_held(ctx, false);
            self.send_due(ctx);
        }
        self.sweep(ctx, now);
        let dropped =
            self.ports.iter().map(|port| &port.system).chain(&self.system).map(System::dropped).sum();
        ctx.log.kernel_dropped(dropped);
        self.closing.is_some_and(|closing| self.waiting.is_empty() || closing <= Instant::now())
    }

    fn busy(&self) -> bool {
        let from_clients = self.pause.is_none() && self.may_receive(Leg::Client);
        self.ports.iter().any(|port| port.ready.failed || from_clients && port.ready.readable)
            || self.may_receive(Leg::Upstream) && !self.readable.is_empty()
    }

    fn deadline(&self) -> Option<Instant> {
        let due =
            self.waiting.first_key_value().map(|((due, _), _)| self.retry.map_or(*due, |at| at.max(*due)));
        let held = earliest(self.held.values().map(HeldItem::until));
        earliest([self.closing, self.pause, self.sweep, due, held])
    }

    fn abandon(&mut self, ctx: &mut Context) {
        let clients: Vec<FlowId> = self.clients.keys().copied().collect();
        for id in clients {
            self.forget(ctx, id);
        }
    }

    fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        let Upstream::LookingUp(waiting) = std::mem::replace(&mut self.upstream, Upstream::Unknown) else {
            return;
        };
        match resolved.addresses.map(|addresses| addresses.first().copied()) {
            Ok(Some(address)) => {
                self.upstream = Upstream::Known(address);
                for item in waiting {
                    self.send_at(ctx, Instant::now(), item);
                }
            }
            Ok(None) => {}
            Err(error) => ctx.log.trouble(error),
        }
    }

    fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        if self.clients.is_empty() {
            return if matches!(to, Target::All) { Beat::Missed } else { Beat::NoPeers };
        }
        let done = what.iter().try_for_each(|part| self.inject(ctx, to, part));
        done.map_or_else(Beat::Failed, |()| Beat::Sent)
    }

    fn closing(&mut self) -> Option<Instant> {
        self.closing
    }
}

#[cfg(test)]
mod tests;
