//! Sends datagrams to either side, at once or later.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use mio::net::UdpSocket;
use mio::{Interest, Token};
use socket2::{Protocol, Type};

use super::super::context::{Context, FIRST_FLOW};
use super::super::listeners::is_itself;
use super::super::options;
use super::super::trace::Trace;
use super::super::udp_port::report_icmp_errors;
use super::super::udp_system::System;
use super::{MAX_CLIENTS, PassingDatagram, RETRY, UdpRelay, Upstream, UpstreamLeg};
use crate::model::{Cast, Cause, Doing, Event, FlowId, Leg, NetError, Origin, SessionNote, Transport};

impl UdpRelay {
    /// Sends a datagram at `due`, after those that wait in the same direction.
    pub(super) fn send_at(&mut self, ctx: &mut Context, due: Instant, item: PassingDatagram) {
        let Some(client) = self.clients.get(&item.client) else { return };
        let (n, until) = client.waiting[item.from as usize];
        let n = if item.is_overtaken { 0 } else { n };
        let due = until.filter(|_| n > 0).map_or(due, |until| due.max(until));
        if n > 0 || due > Instant::now() || !self.send(ctx, &item) {
            self.wait(due, item);
        }
    }

    fn wait(&mut self, due: Instant, item: PassingDatagram) {
        let Some(client) = self.clients.get_mut(&item.client) else { return };
        let (n, until) = &mut client.waiting[item.from as usize];
        if !item.is_overtaken {
            *n += 1;
            *until = Some(until.filter(|_| *n > 1).map_or(due, |until| due.max(until)));
        }
        self.bytes[item.from as usize] += item.data.len() as u64;
        self.waiting.insert((due, self.n_waiting), item);
        self.n_waiting += 1;
    }

    /// Sends a datagram to the other side; false if the system takes none now.
    fn send(&mut self, ctx: &mut Context, item: &PassingDatagram) -> bool {
        match item.from {
            Leg::Client => self.send_upstream(ctx, item),
            Leg::Upstream => self.send_down(ctx, item),
        }
    }

    fn send_upstream(&mut self, ctx: &mut Context, item: &PassingDatagram) -> bool {
        let address = match &mut self.upstream {
            Upstream::Known(address) => *address,
            Upstream::LookingUp(waiting) => {
                if waiting.len() < MAX_CLIENTS {
                    waiting.push_back(item.clone());
                } else {
                    ctx.log.trouble(NetError::new(Doing::Sending, &self.remote, Cause::StillResolving(1)));
                }
                return true;
            }
            Upstream::Unknown => {
                match ctx.resolver.look_up(self.remote.clone()) {
                    Ok(()) => {
                        self.upstream = Upstream::LookingUp(VecDeque::from([item.clone()]));
                    }
                    Err(error) => ctx.log.trouble(error),
                }
                return true;
            }
        };
        if let Err(error) = self.connect(ctx, item.client, address) {
            ctx.log.trouble(error);
            return true;
        }
        let Some(client) = self.clients.get_mut(&item.client) else { return true };
        let Some(leg) = client.leg.as_ref() else { return true };
        let attempt = || leg.socket.send(&item.data);
        let sent = match attempt() {
            // The error was that of an earlier datagram; this one can be sent now.
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                if report_icmp_errors(&leg.socket, ctx) > 0 { attempt() } else { Err(error) }
            }
            done => done,
        };
        sent_to(ctx, (leg.flow, leg.peer), (item, &mut client.traces[0]), sent)
    }

    fn send_down(&mut self, ctx: &mut Context, item: &PassingDatagram) -> bool {
        let Some(client) = self.clients.get_mut(&item.client) else { return true };
        let Some(port) = self.ports.get_mut(client.port) else { return true };
        let sent = match System::send(&port.socket, client.called, client.address, &item.data) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                if port.report_icmp_errors(ctx) {
                    System::send(&port.socket, client.called, client.address, &item.data)
                } else {
                    Err(error)
                }
            }
            done => done,
        };
        sent_to(ctx, (item.client, client.address), (item, &mut client.traces[1]), sent)
    }

    /// Makes the socket of a client to the upstream server, if there is none.
    fn connect(&mut self, ctx: &mut Context, id: FlowId, peer: SocketAddr) -> Result<(), NetError> {
        let Some(client) = self.clients.get_mut(&id).filter(|client| client.leg.is_none()) else {
            return Ok(());
        };
        let connecting = |error: io::Error| NetError::new(Doing::Connecting, peer, error);
        let socket = options::socket(peer, Type::DGRAM, Protocol::UDP).map_err(connecting)?;
        let any: IpAddr =
            if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        options::udp(&socket, &ctx.options, SocketAddr::new(any, 0), &mut ctx.log);
        socket.connect(&peer.into()).map_err(connecting)?;
        let mut socket = UdpSocket::from_std(socket.into());
        let local = socket.local_addr().map_err(connecting)?;
        if self.ports.iter().any(|port| is_itself(port.local, (local, peer))) {
            return Err(NetError::new(Doing::Connecting, peer, Cause::RelaysToItself));
        }
        let system = System::new(&socket, local, &mut ctx.log);
        let flow = ctx.log.flow(Transport::Udp, local, peer, Origin::Datagram, None);
        let token = Token(FIRST_FLOW + flow.id.0 as usize);
        ctx.registry.register(&mut socket, token, Interest::READABLE).map_err(connecting)?;
        ctx.log.joined(&flow);
        self.system.get_or_insert(system);
        let bound = self.ports.get(client.port).map_or(peer, |port| port.local);
        let called = client.called.map_or(bound, |called| SocketAddr::new(called, bound.port()));
        ctx.log.note(SessionNote::Paired([client.address, called, local, peer]));
        ctx.log.opened(Event::Paired(id, flow.id, None));
        self.by_upstream.insert(flow.id, id);
        client.leg = Some(UpstreamLeg { socket, flow: flow.id, peer, overflow: None });
        Ok(())
    }

    /// Sends what is due.
    pub(super) fn send_due(&mut self, ctx: &mut Context) {
        let now = Instant::now();
        self.retry = self.retry.filter(|retry| now < *retry);
        while self.retry.is_none()
            && let Some(entry) = self.waiting.first_entry().filter(|entry| entry.key().0 <= now)
        {
            let (key, item) = entry.remove_entry();
            if !self.send(ctx, &item) {
                self.waiting.insert(key, item);
                self.retry = Some(now + RETRY);
                return;
            }
            self.bytes[item.from as usize] -= item.data.len() as u64;
            if let Some(client) = self.clients.get_mut(&item.client) {
                client.waiting[item.from as usize].0 -= u32::from(!item.is_overtaken);
            }
        }
    }
}

/// Records a datagram that was sent; false if the system takes none now.
fn sent_to(
    ctx: &mut Context,
    (flow, to): (FlowId, SocketAddr),
    (item, trace): (&PassingDatagram, &mut Trace),
    sent: io::Result<usize>,
) -> bool {
    match sent {
        Ok(_all) => {
            let why = trace.comment(item.why.as_deref(), item.input);
            ctx.log.sent(flow, Cast::Unicast, true, &item.data, why.as_deref());
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
        Err(error) => ctx.log.trouble(NetError::new(Doing::Sending, to, error)),
    }
    true
}
