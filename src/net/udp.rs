//! A UDP session: one unconnected socket and any number of peers. The system calls are in `udp_system`.

mod answering;
mod sending;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::context::{Context, CutAnswers};
use super::inbox::Arrival;
use super::options;
use super::queue_size::QueueSize;
use super::repeats::Beat;
use super::resolve::Resolved;
use super::rule_engine::{DueAnswer, Received};
use super::session_kind::SessionKind;
use super::time::{after, earliest};
use super::udp_item::Payload;
use super::udp_peers::Peers;
use super::udp_port::Port;
use super::udp_queue::Queue;
use super::udp_system::System;
use crate::model::{
    Cast, Cause, Doing, Endpoint, FlowId, Group, Local, NetError, Options, OsFault, SendPart, SessionNote,
    SocketCommand, Target,
};
use crate::rules::PeerAt;

/// The most receive calls in one turn.
const MAX_BATCHES: usize = 16;

/// The most datagrams sent in one turn.
const MAX_SENDS: usize = 256;

/// After this many receive errors in a row the socket pauses, so that a network that is down does not occupy
/// a processor. The poll does not report again what is still in the buffer, so a pause ends by itself.
const MAX_ERRORS: u32 = 64;

/// The length of that pause.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Udp {
    /// Two for every address, one for each IP version.
    ports: Vec<Port>,
    remote: Option<Endpoint>,
    peers: Peers,
    queue: Queue,
    /// Receive errors since the last datagram.
    errors: u32,
    pause: Option<Instant>,
    /// Rules or an echo answer received datagrams.
    is_answering: bool,
    closing: Option<Instant>,
}

/// The group that a socket is bound to, unless it is one of those that are joined anyway.
fn bound_to(local: SocketAddr, groups: &[Group], options: &Options) -> Option<Group> {
    let address = local.ip();
    let is_new = address.is_multicast() && groups.iter().all(|group| group.address != address);
    let zone = if let SocketAddr::V6(local) = local { local.scope_id() } else { 0 };
    let scope = if zone == 0 { options.multicast_scope } else { zone };
    is_new.then_some(Group { address, interface: options.multicast_interface, scope })
}

impl Udp {
    /// Binds the socket and joins the groups, and the one that it is bound to.
    pub(super) fn open(
        ctx: &mut Context,
        local: Local,
        remote: Option<Endpoint>,
        mut groups: Vec<Group>,
    ) -> Result<Self, NetError> {
        ctx.cut_answers = CutAnswers::TwoMessages;
        groups.extend(bound_to(local.address(), &groups, &ctx.options));
        let (local, ports) = Port::open_all(ctx, local, !groups.is_empty())?;
        let mut queue = Queue::new(local.is_ipv4(), ctx.disk.clone());
        if let Some(remote) = &remote
            && let Err(error) = queue.look_up(&ctx.resolver, remote)
        {
            ctx.log.trouble(error);
        }
        let peers = Peers::new(local.address(), ctx.options.clone());
        let mut udp =
            Self { ports, remote, peers, queue, errors: 0, pause: None, is_answering: false, closing: None };
        for group in groups {
            udp.join(ctx, group);
        }
        udp.count_dropped(ctx);
        Ok(udp)
    }

    fn count_dropped(&self, ctx: &mut Context) {
        ctx.log.kernel_dropped(self.ports.iter().map(|port| port.system.dropped()).sum());
    }

    /// The ports from which to receive, by their places.
    fn receiving(&self) -> impl Iterator<Item = usize> {
        let full = self.is_answering && self.queue.is_behind();
        let may = !full && self.pause.is_none();
        let ports = self.ports.iter().enumerate();
        ports.filter(move |(_, port)| may && port.ready.readable).map(|(at, _)| at)
    }

    fn receive(&mut self, ctx: &mut Context, at: usize) {
        let Some(port) = self.ports.get_mut(at) else { return };
        let n = match port.system.receive(&port.socket, ctx.log.moment()) {
            Ok(n) => n,
            Err(error) => return self.receive_failed(ctx, at, error),
        };
        self.errors = 0;
        for index in 0..n {
            let arrived = self.ports.get(at).and_then(|port| port.system.arrival(index));
            let Some((arrival, bytes)) = arrived else { break };
            let cast = if arrival.broadcast {
                Cast::Broadcast
            } else {
                arrival.to.map_or(Cast::Unicast, |to| self.peers.cast(to))
            };
            let flow = self.peers.incoming(&mut ctx.log, arrival, cast);
            let record = ctx.log.next_record(flow);
            ctx.log.received(flow, cast, bytes, arrival.at);
            ctx.rule_engine.silences.received(arrival.from, None);
            // Answering our own datagrams would never end.
            let answers = self.closing.is_none() && !self.peers.is_own(arrival.from);
            if ctx.rule_engine.echoes && answers {
                ctx.rule_engine.echoed();
                let payload = Payload::Datagram(Arc::from(bytes));
                let from = self.peers.answer_from(arrival.from);
                if let Err(error) = self.queue.push(arrival.from, (Some(flow), from), payload) {
                    ctx.log.trouble(error);
                }
            }
            if ctx.wants_messages() {
                let bytes = bytes.to_vec();
                let datagram = Received { flow, peer: arrival.from, leg: None, bytes: &bytes, record };
                self.process(ctx, datagram, answers);
            }
        }
        self.count_dropped(ctx);
        ctx.log.commit();
    }

    /// Passes the messages of a datagram to the rules, and sends the answers to each before the next.
    fn process(&mut self, ctx: &mut Context, datagram: Received<'_>, answers: bool) {
        for whole in ctx.rule_engine.cutter.datagram(datagram.bytes) {
            let Some(bytes) = datagram.bytes.get(whole) else { continue };
            if !answers {
                ctx.notify_sequences((datagram.flow, bytes), Arrival::Messages);
                continue;
            }
            ctx.process(Received { bytes, ..datagram }, Arrival::Messages);
            while let Some(answer) = ctx.answers.pop_front() {
                self.react(ctx, answer);
            }
            if self.queue.is_full() {
                // The queue has reported this. Further answers to this datagram would be dropped, too.
                return;
            }
        }
    }

    fn receive_failed(&mut self, ctx: &mut Context, at: usize, error: io::Error) {
        let Some(port) = self.ports.get_mut(at) else { return };
        match error.kind() {
            io::ErrorKind::WouldBlock => port.ready.readable = false,
            io::ErrorKind::Interrupted => {}
            // The error concerns a datagram sent earlier. The error queue, if the system has one, says which.
            _sent_before => {
                self.errors += 1;
                if self.errors > MAX_ERRORS {
                    self.errors = 0;
                    self.pause = Some(after(PAUSE));
                }
                if !port.report_icmp_errors(ctx) {
                    ctx.log.trouble(receive_error(port.local, error));
                }
            }
        }
    }

    fn send(&mut self, ctx: &mut Context) {
        let now = Instant::now();
        for _send in 0..MAX_SENDS {
            if !self.is_writable() || ctx.log.stalled() {
                return;
            }
            let item = match self.queue.next(now) {
                Ok(Some(item)) => item,
                Ok(None) => return,
                Err(error) => {
                    ctx.log.trouble(error);
                    continue;
                }
            };
            let to = item.to;
            let from = item.from.or_else(|| self.peers.answer_from(to));
            let bytes = match &item.payload {
                Payload::Datagram(data) => data,
                Payload::File(file) => file.source.ready(),
            };
            // The queue has no item for another IP version.
            let Some(port) = self.ports.iter_mut().find(|port| port.local.is_ipv4() == to.is_ipv4()) else {
                return;
            };
            match System::send(&port.socket, from, to, bytes) {
                Ok(_all) => {
                    let flow = self.peers.outgoing(&mut ctx.log, to, from);
                    ctx.log.sent(flow, self.peers.cast(to.ip()), true, bytes, item.why.as_deref());
                    self.queue.done(now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => port.ready.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The error was that of an earlier datagram; this one can be sent now.
                Err(_sent_before) if port.report_icmp_errors(ctx) => {}
                Err(error) => {
                    ctx.log.trouble(NetError::new(Doing::Sending, to, error));
                    self.queue.done(now);
                }
            }
        }
    }

    /// Queues `payload` for a peer, from the address that it has sent to last.
    fn push_to(&mut self, id: FlowId, peer: SocketAddr, payload: Payload) -> Result<(), NetError> {
        self.queue.push(peer, (Some(id), self.peers.answer_from(peer)), payload)
    }

    fn forget(&mut self, ctx: &mut Context, target: Target) {
        let ids = match target {
            Target::All => self.peers.ids(),
            Target::Flows(ids) => ids,
            Target::Endpoint(endpoint) => {
                let address = endpoint.address();
                let named = |id: &FlowId| self.peers.remote(*id) == address;
                self.peers.ids().into_iter().filter(named).collect()
            }
        };
        for id in ids {
            self.queue.forget(id);
            if !self.peers.forget(&mut ctx.log, id) {
                ctx.log.trouble(NetError::new(Doing::Sending, "", Cause::PeerGone));
            }
        }
    }

    /// Whether all ports can send, so that the queue keeps its order.
    fn is_writable(&self) -> bool {
        self.ports.iter().all(|port| port.ready.writable)
    }

    fn port_of(&self, group: Group) -> Option<&Port> {
        self.ports.iter().find(|port| port.local.is_ipv4() == group.address.is_ipv4())
    }

    fn join(&mut self, ctx: &mut Context, group: Group) {
        let joined = match self.port_of(group) {
            Some(port) => options::join(&SockRef::from(&port.socket), group).map_err(Cause::from),
            // Linux accepts this, but nothing would ever arrive.
            None => Err(Cause::OtherFamily(!group.address.is_ipv4())),
        };
        match joined {
            Ok(()) => ctx.log.note(SessionNote::JoinedGroup(group.address)),
            Err(error) => ctx.log.trouble(NetError::new(Doing::Joining, group.address, error)),
        }
    }

    fn leave(&mut self, ctx: &mut Context, group: Group) {
        let left = match self.port_of(group) {
            Some(port) => options::leave(&SockRef::from(&port.socket), group).map_err(Cause::from),
            None => Err(Cause::OtherFamily(!group.address.is_ipv4())),
        };
        match left {
            Ok(()) => ctx.log.note(SessionNote::LeftGroup(group.address)),
            Err(error) => ctx.log.trouble(NetError::new(Doing::Leaving, group.address, error)),
        }
    }
}

impl SessionKind for Udp {
    fn peers(&mut self) -> Vec<PeerAt> {
        let ids = self.peers.ids().into_iter();
        ids.filter_map(|id| Some((id, self.peers.remote(id)?, None))).collect()
    }

    fn main_ready(&mut self, event: &mio::event::Event) {
        self.ports.iter_mut().for_each(|port| port.ready.add(event));
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        self.queue.why = None;
        match command {
            SocketCommand::Send { to, what } => self.send_message(ctx, to, &what),
            SocketCommand::SendFile(order) => self.send_file(ctx, *order),
            SocketCommand::Disconnect(to) => self.forget(ctx, to),
            SocketCommand::HalfClose(_) => ctx.unsupported(Doing::HalfClosing, ""),
            SocketCommand::Reset(_) | SocketCommand::Control(..) => ctx.unsupported(Doing::Sending, ""),
            SocketCommand::StartTls(_) => ctx.unsupported(Doing::StartingTls, ""),
            SocketCommand::Decide(..) => {}
            SocketCommand::StopListening => ctx.unsupported(Doing::Listening, ""),
            SocketCommand::Join(group) => self.join(ctx, group),
            SocketCommand::Leave(group) => self.leave(ctx, group),
        }
    }

    fn close(&mut self, _ctx: &mut Context, by: Instant) {
        self.closing = earliest([self.closing, Some(by)]);
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        let stalled = ctx.log.stalled();
        for port in self.ports.iter_mut().filter(|port| port.ready.failed && !stalled) {
            port.ready.failed = false;
            port.report_icmp_errors(ctx);
        }
        self.is_answering = ctx.rule_engine.echoes || ctx.rule_engine.wants_messages();
        self.pause = self.pause.filter(|pause| Instant::now() < *pause);
        for _batch in 0..MAX_BATCHES {
            let at: Vec<usize> = self.receiving().collect();
            if at.is_empty() || ctx.log.stalled() || Instant::now() >= until {
                break;
            }
            for at in at {
                self.receive(ctx, at);
            }
        }
        self.send(ctx);
        self.closing.is_some_and(|closing| self.queue.is_empty() || closing <= Instant::now())
    }

    fn busy(&self) -> bool {
        self.ports.iter().any(|port| port.ready.failed)
            || self.receiving().next().is_some()
            || (self.is_writable() && self.queue.has_next())
    }

    fn deadline(&self) -> Option<Instant> {
        earliest([self.closing, self.pause])
    }

    fn abandon(&mut self, ctx: &mut Context) {
        for error in self.queue.clear_lookups() {
            ctx.log.trouble(error);
        }
        for (to, bytes) in self.queue.clear() {
            ctx.log.note(SessionNote::Unsent(bytes, to));
        }
        for id in self.peers.ids() {
            self.peers.forget(&mut ctx.log, id);
        }
    }

    fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        if let Err(error) = self.queue.resolved(resolved) {
            ctx.log.trouble(error);
        }
    }

    fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        self.queue.why.clone_from(&ctx.why);
        self.send_beat(ctx, to, what)
    }

    fn answer(&mut self, ctx: &mut Context, answer: DueAnswer) {
        self.react(ctx, answer);
    }

    fn files_changed(&mut self) {
        self.queue.files_changed();
    }

    fn file_due(&mut self) -> Option<Instant> {
        self.queue.file_due()
    }

    fn closing(&mut self) -> Option<Instant> {
        self.closing
    }

    fn queued(&mut self) -> QueueSize {
        self.queue.size
    }
}

/// What receiving at `local` failed with.
fn receive_error(local: SocketAddr, error: io::Error) -> NetError {
    if error.kind() == io::ErrorKind::ConnectionReset {
        // Windows: nobody is there to receive a datagram sent earlier. It does not tell to whom.
        let cause = Cause::Os { fault: OsFault::ConnectionRefused, number: error.raw_os_error() };
        return NetError::new(Doing::Sending, "", cause);
    }
    NetError::new(Doing::Receiving, local, error)
}
