//! A flow: the data exchanged with one peer in both directions.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::zone::Named;
use super::{Stamp, fit};

/// Identifies a flow within one capture. Numbers increase in the order in which flows begin, over all
/// openings of the session in the capture, and are never reused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u32);

impl FlowId {
    /// No flow: that of a note about the session.
    pub const NONE: Self = Self(u32::MAX);
}

/// The transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A byte stream (RFC 9293).
    Tcp,
    /// Datagrams (RFC 768).
    Udp,
}

/// How a flow began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This side connected.
    Connected,
    /// The peer connected.
    Accepted,
    /// A datagram was sent or received.
    Datagram,
}

/// One TCP connection, or all datagrams to and from one remote address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its ID in the capture.
    pub id: FlowId,
    /// TCP or UDP.
    pub transport: Transport,
    /// The local address; for datagrams that of the first, as a peer may send to several.
    pub local: SocketAddr,
    /// The address of the peer.
    pub peer: SocketAddr,
    /// How it began.
    pub origin: Origin,
    /// When it began.
    pub since: Stamp,
    /// It is from a capture of another program, where flows may differ only in their local port.
    pub imported: bool,
}

impl Flow {
    /// The address of the peer, by which people know the flow: with the name of its zone, or, if it is imported, with its
    /// local port and its number, `192.0.2.1:80 (:40001 #7)`.
    pub fn name(&self) -> String {
        let Self { peer, local, id, .. } = self;
        if self.imported { format!("{peer} (:{} #{})", local.port(), id.0) } else { Named(*peer).to_string() }
    }
}

/// A flow in 56 bytes, since a capture may have hundreds of thousands. IPv6 flow labels are dropped.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedFlow {
    since: Stamp,
    /// The local address and the peer's.
    ips: [[u8; 16]; 2],
    scopes: [u32; 2],
    ports: [u16; 2],
    /// The place of its ID in its chunk.
    pub(super) place: u16,
    transport: Transport,
    origin: Origin,
    is_v6: [bool; 2],
    imported: bool,
    /// The other leg, if it is one of a relay.
    pub(super) twin: FlowId,
}

const _: () = assert!(size_of::<PackedFlow>() <= 64, "memory per flow must stay bounded");

impl PackedFlow {
    pub(super) fn of(flow: &Flow, place: u32) -> Self {
        let ip = |end: &SocketAddr| match end.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => ip.octets(),
        };
        let scope = |end: &SocketAddr| if let SocketAddr::V6(end) = end { end.scope_id() } else { 0 };
        let Flow { id: _, transport, local, peer, origin, since, imported } = flow;
        Self {
            since: *since,
            ips: [local, peer].map(ip),
            scopes: [local, peer].map(scope),
            ports: [local.port(), peer.port()],
            place: fit(place),
            transport: *transport,
            origin: *origin,
            is_v6: [local.is_ipv6(), peer.is_ipv6()],
            imported: *imported,
            twin: FlowId::NONE,
        }
    }

    pub(super) fn unpack(&self, id: FlowId) -> Flow {
        let [local, peer] = [0, 1].map(|n| {
            let ip = Ipv6Addr::from(self.ips[n]);
            match ip.to_ipv4_mapped().filter(|_| !self.is_v6[n]) {
                Some(ip) => SocketAddr::from((ip, self.ports[n])),
                None => SocketAddr::V6(SocketAddrV6::new(ip, self.ports[n], 0, self.scopes[n])),
            }
        });
        let Self { transport, origin, since, imported, .. } = *self;
        Flow { id, transport, local, peer, origin, since, imported }
    }
}

/// The largest UDP payload over IPv4, in bytes: a packet of 65,535 (RFC 791) less its header of 20 and the UDP
/// header of 8 (RFC 768).
pub const MAX_UDP_V4: u16 = 65_535 - 20 - 8;

/// The largest UDP payload over IPv6, in bytes: a length field of 65,535, which excludes the IP header (RFC
/// 8200), less the UDP header of 8 (RFC 768).
pub const MAX_UDP_V6: u16 = 65_535 - 8;

/// The largest TCP payload of one IPv4 packet, in bytes: 65,535 (RFC 791) less two headers of 20 (RFC 9293).
pub const MAX_TCP_V4: u16 = 65_535 - 20 - 20;

/// The most UDP peers of a session, as many as there are ports. Beyond this limit the oldest is forgotten, so that
/// spoofed source addresses cannot exhaust memory.
pub const MAX_PEERS: usize = 65_536;
