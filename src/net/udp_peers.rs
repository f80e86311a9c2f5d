//! The peers of a UDP session: one flow per remote address.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use socket2::{Protocol, Type};

use super::interfaces::{broadcast_addresses, local_addresses};
use super::log::Log;
use super::options;
use super::udp_item::Arrival;
use crate::model::{Cast, FlowId, MAX_PEERS, Options, Origin, Stamp, Transport};

/// The shortest interval between two looks at our addresses.
const READ_AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
struct Peer {
    remote: SocketAddr,
    /// Our address that it sends to, so that answers come from it.
    called: Option<IpAddr>,
    /// Where the system sends to it from, once that was asked.
    source: Option<SocketAddr>,
    /// The local address of the last datagram: one of ours, or a group or broadcast address.
    local: SocketAddr,
}

#[derive(Debug)]
pub(super) struct Peers {
    bound: SocketAddr,
    options: Options,
    own_addresses: Vec<IpAddr>,
    broadcasts: Vec<Ipv4Addr>,
    /// When these were read; they may change at any time.
    read_at: Instant,
    max: usize,
    all: BTreeMap<FlowId, Peer>,
    by_remote: HashMap<SocketAddr, FlowId>,
}

impl Peers {
    pub(super) fn new(bound: SocketAddr, options: Options) -> Self {
        Self {
            bound,
            options,
            own_addresses: own_addresses(),
            broadcasts: broadcast_addresses(),
            read_at: Instant::now(),
            max: MAX_PEERS,
            all: BTreeMap::new(),
            by_remote: HashMap::new(),
        }
    }

    /// The flow of a received datagram.
    pub(super) fn incoming(&mut self, log: &mut Log, arrival: Arrival, cast: Cast) -> FlowId {
        let local = arrival.to.map(|to| SocketAddr::new(to, self.bound.port()));
        let id = self.flow(log, arrival.from, local, arrival.at);
        if let (Some(peer), Some(to), Cast::Unicast) = (self.all.get_mut(&id), arrival.to, cast) {
            peer.called = Some(to);
        }
        id
    }

    /// The flow of a datagram sent to `remote` from the address `from`, or one that the system picks.
    pub(super) fn outgoing(&mut self, log: &mut Log, remote: SocketAddr, from: Option<IpAddr>) -> FlowId {
        let local = from.map(|from| SocketAddr::new(from, self.bound.port()));
        self.flow(log, remote, local, None)
    }

    /// The flow of a datagram to or from `remote`. Without a `local` address, it is the one that the system picks.
    fn flow(
        &mut self,
        log: &mut Log,
        remote: SocketAddr,
        local: Option<SocketAddr>,
        at: Option<Stamp>,
    ) -> FlowId {
        let known = self.by_remote.get(&remote).copied();
        let peer = known.and_then(|id| self.all.get(&id));
        let picked = || peer.and_then(|peer| peer.source).unwrap_or_else(|| self.source(remote));
        let (local, source) = local.map_or_else(|| (picked(), true), |local| (local, false));
        let source = source.then_some(local);
        if let Some(id) = known
            && let Some(peer) = self.all.get_mut(&id)
        {
            peer.source = peer.source.or(source);
            if std::mem::replace(&mut peer.local, local) != local {
                log.local(id, local);
            }
            return id;
        }
        if self.all.len() >= self.max
            && let Some((oldest, _peer)) = self.all.first_key_value()
        {
            self.forget(log, *oldest);
        }
        let flow = log.flow(Transport::Udp, local, remote, Origin::Datagram, at);
        log.joined(&flow);
        self.all.insert(flow.id, Peer { remote, called: None, source, local });
        self.by_remote.insert(remote, flow.id);
        flow.id
    }

    pub(super) fn remote(&self, id: FlowId) -> Option<SocketAddr> {
        self.all.get(&id).map(|peer| peer.remote)
    }

    /// The address from which to send to `remote`; `None` if the system picks it.
    pub(super) fn answer_from(&self, remote: SocketAddr) -> Option<IpAddr> {
        let peer = self.all.get(self.by_remote.get(&remote)?)?;
        peer.called.filter(|_| self.bound.ip().is_unspecified())
    }

    /// Forgets a peer; false if it does not exist.
    pub(super) fn forget(&mut self, log: &mut Log, id: FlowId) -> bool {
        let Some(peer) = self.all.remove(&id) else { return false };
        self.by_remote.remove(&peer.remote);
        log.left(id);
        true
    }

    /// All peers, oldest first.
    pub(super) fn ids(&self) -> Vec<FlowId> {
        self.all.keys().copied().collect()
    }

    /// Whether `address` is this session's own.
    pub(super) fn is_own(&mut self, address: SocketAddr) -> bool {
        let (ip, bound) = (address.ip(), self.bound.ip());
        let is_any = bound.is_unspecified() || bound.is_multicast();
        if address.port() != self.bound.port() {
            return false;
        }
        if is_any && self.read_at.elapsed() >= READ_AGAIN {
            (self.own_addresses, self.broadcasts) = (own_addresses(), broadcast_addresses());
            self.read_at = Instant::now();
        }
        ip == bound || is_any && (ip.is_loopback() || self.own_addresses.contains(&ip))
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

fn own_addresses() -> Vec<IpAddr> {
    local_addresses().unwrap_or_default().into_iter().map(|found| found.address).collect()
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
        assert_eq!(peers.by_remote.len(), 10);
        log.settle(Instant::now());
        let left = events.try_iter().filter(|event| matches!(event, Event::Left(_))).count();
        assert_eq!(left, 90);
    }

    #[test]
    fn own_addresses_are_read_again() {
        let mut peers = Peers::new("0.0.0.0:9".parse().unwrap(), Options::default());
        let before = std::mem::replace(&mut peers.own_addresses, vec![[192, 0, 2, 1].into()]);
        assert!(
            peers.is_own("192.0.2.1:9".parse().unwrap()) && !peers.is_own("192.0.2.1:8".parse().unwrap())
        );
        peers.read_at = Instant::now().checked_sub(READ_AGAIN).unwrap();
        assert!(!peers.is_own("192.0.2.1:9".parse().unwrap()), "it has lost this address");
        assert_eq!(peers.own_addresses, before);
    }

    #[test]
    fn a_peer_is_one_whatever_it_sends_to_and_is_answered_from_our_address() {
        let (mut log, events) = null_log();
        let mut peers = Peers::new("0.0.0.0:9".parse().unwrap(), Options::default());
        let sender = "127.0.0.1:1000".parse().unwrap();
        let arrival = |to: [u8; 4]| Arrival::new(sender, Some(to.into()));
        let peer = peers.incoming(&mut log, arrival([239, 1, 1, 1]), Cast::Multicast);
        assert_eq!(peers.answer_from(sender), None, "a group is not a source address");
        assert_eq!(peers.outgoing(&mut log, sender, None), peer);
        assert_eq!(peers.all[&peer].local, "127.0.0.1:9".parse().unwrap(), "the system picks it");
        assert_eq!(peers.incoming(&mut log, arrival([127, 0, 0, 2]), Cast::Unicast), peer);
        assert_eq!(peers.incoming(&mut log, arrival([127, 255, 255, 255]), Cast::Broadcast), peer);
        assert_eq!(peers.answer_from(sender), Some([127, 0, 0, 2].into()));
        assert!(peers.forget(&mut log, peer) && !peers.forget(&mut log, peer));
        assert_eq!(peers.outgoing(&mut log, sender, None), FlowId(1));
        assert_eq!(peers.answer_from(sender), None, "the peer has not sent to it");
        log.settle(Instant::now());
        assert_eq!(events.try_iter().filter(|event| matches!(event, Event::Joined(_))).count(), 2);
    }
}
