//! The peers of a UDP session: one flow per local and remote address.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use socket2::{Protocol, Type};

use super::interfaces::{broadcast_addresses, local_addresses};
use super::log::Log;
use super::options;
use super::udp_item::Arrival;
use crate::model::{Cast, FlowId, MAX_PEERS, Options, Origin, Stamp, Transport};

#[derive(Debug, Clone, Copy)]
struct Peer {
    /// The local address that the peer sends to.
    local: SocketAddr,
    remote: SocketAddr,
    /// The kind of `local`: a group or broadcast address cannot be a source address.
    cast: Cast,
    /// The peer has sent to `local`, so answers must come from it.
    has_sent: bool,
}

#[derive(Debug)]
pub(super) struct Peers {
    bound: SocketAddr,
    options: Options,
    own_addresses: Vec<IpAddr>,
    broadcasts: Vec<Ipv4Addr>,
    max: usize,
    all: BTreeMap<FlowId, Peer>,
    by_addresses: HashMap<(SocketAddr, SocketAddr), FlowId>,
    /// The flow used for sending to each address.
    sending: HashMap<SocketAddr, FlowId>,
}

impl Peers {
    pub(super) fn new(bound: SocketAddr, options: Options) -> Self {
        let own_addresses =
            local_addresses().unwrap_or_default().into_iter().map(|found| found.address).collect();
        Self {
            bound,
            options,
            own_addresses,
            broadcasts: broadcast_addresses(),
            max: MAX_PEERS,
            all: BTreeMap::new(),
            by_addresses: HashMap::new(),
            sending: HashMap::new(),
        }
    }

    /// The flow of a received datagram.
    pub(super) fn incoming(&mut self, log: &mut Log, arrival: Arrival, cast: Cast) -> FlowId {
        let remote = arrival.from;
        let local = if let Some(to) = arrival.to {
            SocketAddr::new(to, self.bound.port())
        } else {
            let known = self.sending.get(&remote).and_then(|id| self.all.get(id));
            known.map_or_else(|| self.source(remote), |known| known.local)
        };
        self.flow(log, Peer { local, remote, cast, has_sent: true }, arrival.at)
    }

    /// The flow of a datagram sent to `remote`.
    pub(super) fn outgoing(&mut self, log: &mut Log, remote: SocketAddr) -> FlowId {
        if let Some(id) = self.sending.get(&remote) {
            return *id;
        }
        let local = self.source(remote);
        self.flow(log, Peer { local, remote, cast: Cast::Unicast, has_sent: false }, None)
    }

    fn flow(&mut self, log: &mut Log, peer: Peer, at: Option<Stamp>) -> FlowId {
        let addresses = (peer.local, peer.remote);
        if let Some(id) = self.by_addresses.get(&addresses) {
            if let Some(known) = self.all.get_mut(id) {
                known.has_sent |= peer.has_sent;
            }
            return *id;
        }
        if self.all.len() >= self.max
            && let Some((oldest, _peer)) = self.all.first_key_value()
        {
            self.forget(log, *oldest);
        }
        let flow = log.flow(Transport::Udp, peer.local, peer.remote, Origin::Datagram, at);
        log.joined(&flow);
        self.all.insert(flow.id, peer);
        self.by_addresses.insert(addresses, flow.id);
        if peer.cast == Cast::Unicast {
            self.sending.entry(peer.remote).or_insert(flow.id);
        }
        flow.id
    }

    pub(super) fn remote(&self, id: FlowId) -> Option<SocketAddr> {
        self.all.get(&id).map(|peer| peer.remote)
    }

    /// The flow for sending to the peer of `id`, and the source address unless the system picks it. A flow to
    /// a group or broadcast address uses another flow of the same peer.
    pub(super) fn answering(&self, id: FlowId) -> Option<(FlowId, Option<IpAddr>)> {
        let mut id = id;
        let mut peer = self.all.get(&id)?;
        if peer.cast != Cast::Unicast {
            id = *self.sending.get(&peer.remote)?;
            peer = self.all.get(&id)?;
        }
        let fixed = peer.has_sent && self.bound.ip().is_unspecified();
        Some((id, fixed.then_some(peer.local.ip())))
    }

    /// Forgets a flow; false if it does not exist.
    pub(super) fn forget(&mut self, log: &mut Log, id: FlowId) -> bool {
        let Some(peer) = self.all.remove(&id) else { return false };
        self.by_addresses.remove(&(peer.local, peer.remote));
        if self.sending.get(&peer.remote) == Some(&id) {
            self.sending.remove(&peer.remote);
        }
        log.left(id);
        true
    }

    /// All flows, oldest first.
    pub(super) fn ids(&self) -> Vec<FlowId> {
        self.all.keys().copied().collect()
    }

    /// Whether `address` is this session's own.
    pub(super) fn is_own(&self, address: SocketAddr) -> bool {
        let (ip, bound) = (address.ip(), self.bound.ip());
        address.port() == self.bound.port()
            && (ip == bound
                || bound.is_unspecified() && (ip.is_loopback() || self.own_addresses.contains(&ip)))
    }

    /// Whether `address` is unicast, multicast or broadcast.
    pub(super) fn cast(&self, address: IpAddr) -> Cast {
        match address {
            address if address.is_multicast() => Cast::Multicast,
            IpAddr::V4(v4) if v4.is_broadcast() || self.broadcasts.contains(&v4) => Cast::Broadcast,
            IpAddr::V4(_) | IpAddr::V6(_) => Cast::Unicast,
        }
    }

    /// The local address of what is sent to `remote`. If the socket is bound to a wildcard address or a
    /// group, the system picks it by its routes; a temporary connected socket shows which.
    fn source(&self, remote: SocketAddr) -> SocketAddr {
        if !self.bound.ip().is_unspecified() && !self.bound.ip().is_multicast() {
            return self.bound;
        }
        let picked = || {
            let socket = options::socket(remote, Type::DGRAM, Protocol::UDP).ok()?;
            options::route(&socket, &self.options, remote).ok()?;
            socket.connect(&remote.into()).ok()?;
            socket.local_addr().ok()?.as_socket()
        };
        let ip = picked().map_or(self.bound.ip(), |address: SocketAddr| address.ip());
        SocketAddr::new(ip, self.bound.port())
    }
}

#[cfg(test)]
mod tests {
    use super::super::null_recorder::null_log;
    use super::*;
    use crate::model::Event;

    #[test]
    fn spoofed_senders_cannot_exhaust_memory() {
        let (mut log, events) = null_log();
        let mut peers = Peers::new("127.0.0.1:9".parse().unwrap(), Options::default());
        peers.max = 10;
        let sender = |port| SocketAddr::from(([127, 0, 0, 1], port));
        for port in 1000..1100 {
            peers.incoming(&mut log, Arrival::new(sender(port), None), Cast::Unicast);
        }
        assert_eq!(peers.ids(), (90..100).map(FlowId).collect::<Vec<_>>());
        assert_eq!((peers.by_addresses.len(), peers.sending.len()), (10, 10));
        log.settle();
        let left = events.try_iter().filter(|event| matches!(event, Event::Left(_))).count();
        assert_eq!(left, 90);
    }

    #[test]
    fn a_group_is_not_a_source_address() {
        let (mut log, _told) = null_log();
        let mut peers = Peers::new("0.0.0.0:9".parse().unwrap(), Options::default());
        let sender = "127.0.0.1:1000".parse().unwrap();
        let group =
            peers.incoming(&mut log, Arrival::new(sender, Some([239, 1, 1, 1].into())), Cast::Multicast);
        assert_eq!(peers.answering(group), None, "the system picks it");
        let own = peers.incoming(&mut log, Arrival::new(sender, Some([127, 0, 0, 1].into())), Cast::Unicast);
        assert_ne!(own, group);
        assert_eq!(peers.answering(group), Some((own, Some([127, 0, 0, 1].into()))));
        assert!(peers.forget(&mut log, own) && !peers.forget(&mut log, own));
        assert_eq!(peers.answering(group), None);
        assert_eq!(peers.outgoing(&mut log, sender), FlowId(2));
        assert_eq!(peers.answering(FlowId(2)), Some((FlowId(2), None)), "the peer has not sent to it");
    }
}
