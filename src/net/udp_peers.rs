//! The peers of a UDP session: one flow per local and remote address. Sends and receives nothing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use socket2::{Protocol, Type};

use super::interfaces::{broadcast_addresses, local_addresses};
use super::log::Log;
use super::options;
use crate::model::{Cast, FlowId, Options, Origin, Transport};

/// One flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    /// Our side: the address that the peer's datagrams were sent to.
    pub(super) local: SocketAddr,
    /// The other side.
    pub(super) peer: SocketAddr,
    /// The peer has sent to `local`, so that answers must come from there.
    pub(super) called: bool,
}

/// All flows of the session.
#[derive(Debug)]
pub(super) struct Peers {
    bound: SocketAddr,
    options: Options,
    ours: Vec<IpAddr>,
    broadcasts: Vec<Ipv4Addr>,
    all: HashMap<FlowId, Peer>,
    by_addresses: HashMap<(SocketAddr, SocketAddr), FlowId>,
    /// Which flow takes what is sent to an address.
    sending: HashMap<SocketAddr, FlowId>,
}

impl Peers {
    pub(super) fn new(bound: SocketAddr, options: Options) -> Self {
        let ours = local_addresses().unwrap_or_default().into_iter().map(|found| found.address).collect();
        Self {
            bound,
            options,
            ours,
            broadcasts: broadcast_addresses(),
            all: HashMap::new(),
            by_addresses: HashMap::new(),
            sending: HashMap::new(),
        }
    }

    /// The flow of a datagram that `from` sent to `to`.
    pub(super) fn incoming(&mut self, log: &mut Log, from: SocketAddr, to: Option<IpAddr>) -> FlowId {
        let local = match to {
            Some(to) => SocketAddr::new(to, self.bound.port()),
            None => match self.sending.get(&from).and_then(|id| self.all.get(id)) {
                Some(known) => known.local,
                None => self.source(from),
            },
        };
        self.flow(log, local, from, true)
    }

    /// The flow of a datagram sent to `to`.
    pub(super) fn outgoing(&mut self, log: &mut Log, to: SocketAddr) -> FlowId {
        match self.sending.get(&to) {
            Some(id) => *id,
            None => {
                let local = self.source(to);
                self.flow(log, local, to, false)
            }
        }
    }

    fn flow(&mut self, log: &mut Log, local: SocketAddr, peer: SocketAddr, called: bool) -> FlowId {
        if let Some(id) = self.by_addresses.get(&(local, peer)) {
            if called && let Some(known) = self.all.get_mut(id) {
                known.called = true;
            }
            return *id;
        }
        let flow = log.flow(Transport::Udp, local, peer, Origin::Datagram);
        log.joined(&flow);
        self.all.insert(flow.id, Peer { local, peer, called });
        self.by_addresses.insert((local, peer), flow.id);
        if self.cast(local.ip()) == Cast::Unicast {
            self.sending.entry(peer).or_insert(flow.id);
        }
        flow.id
    }

    /// A flow by its name.
    pub(super) fn get(&self, id: FlowId) -> Option<Peer> {
        self.all.get(&id).copied()
    }

    /// From which address to answer on `flow`, if that is not left to the system.
    pub(super) fn answers_from(&self, id: FlowId) -> Option<IpAddr> {
        let peer = self.all.get(&id)?;
        let fixed = peer.called && self.bound.ip().is_unspecified();
        (fixed && self.cast(peer.local.ip()) == Cast::Unicast).then_some(peer.local.ip())
    }

    /// The flow by which to send to the peer of `id`: itself, unless its local address is a group.
    pub(super) fn sending_flow(&self, id: FlowId) -> Option<FlowId> {
        let peer = self.all.get(&id)?;
        if self.cast(peer.local.ip()) == Cast::Unicast {
            Some(id)
        } else {
            self.sending.get(&peer.peer).copied()
        }
    }

    /// Forgets a flow; false if there is none of that name.
    pub(super) fn forget(&mut self, log: &mut Log, id: FlowId) -> bool {
        let Some(peer) = self.all.remove(&id) else { return false };
        self.by_addresses.remove(&(peer.local, peer.peer));
        if self.sending.get(&peer.peer) == Some(&id) {
            self.sending.remove(&peer.peer);
        }
        log.left(id);
        true
    }

    /// All flows, in the order in which they began.
    pub(super) fn ids(&self) -> Vec<FlowId> {
        let mut ids: Vec<FlowId> = self.all.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// `address` with the session's port is this session itself.
    pub(super) fn is_own(&self, address: SocketAddr) -> bool {
        address.port() == self.bound.port()
            && (address.ip() == self.bound.ip()
                || self.bound.ip().is_unspecified()
                    && (address.ip().is_loopback() || self.ours.contains(&address.ip())))
    }

    /// How many a datagram to `address` is for.
    pub(super) fn cast(&self, address: IpAddr) -> Cast {
        match address {
            address if address.is_multicast() => Cast::Multicast,
            IpAddr::V4(v4) if v4.is_broadcast() || self.broadcasts.contains(&v4) => Cast::Broadcast,
            IpAddr::V4(_) | IpAddr::V6(_) => Cast::Unicast,
        }
    }

    /// Our side of what is sent to `peer`. Bound to a wildcard address, the system picks the
    /// source by its routes; a connected socket that is thrown away tells which.
    fn source(&self, peer: SocketAddr) -> SocketAddr {
        if !self.bound.ip().is_unspecified() {
            return self.bound;
        }
        let picked = || {
            let socket = options::socket(peer, Type::DGRAM, Protocol::UDP).ok()?;
            // Options that change the route, as on the real socket. Without them the guess is off.
            if let Some(interface) = self.options.multicast_interface.filter(|_| peer.is_ipv4()) {
                socket.set_multicast_if_v4(&interface).ok()?;
            }
            if self.options.multicast_scope != 0 && peer.is_ipv6() {
                socket.set_multicast_if_v6(self.options.multicast_scope).ok()?;
            }
            if peer.is_ipv4() {
                socket.set_broadcast(true).ok()?;
            }
            socket.connect(&peer.into()).ok()?;
            socket.local_addr().ok()?.as_socket()
        };
        SocketAddr::new(
            picked().map_or(self.bound.ip(), |address: SocketAddr| address.ip()),
            self.bound.port(),
        )
    }
}
