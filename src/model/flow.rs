//! A flow: the data exchanged with one peer in both directions.

use std::net::SocketAddr;

use super::Stamp;

/// Identifies a flow within one capture. Numbers increase in the order in which flows begin, over all
/// openings of the session in the capture, and are never reused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u32);

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
}

/// The largest UDP payload over IPv4, in bytes: a packet of 65,535 (RFC 791) less its header of 20 and the UDP
/// header of 8 (RFC 768).
pub const MAX_UDP_V4: u16 = 65_535 - 20 - 8;

/// The largest UDP payload over IPv6, in bytes: a length field of 65,535, which excludes the IP header (RFC
/// 8200), less the UDP header of 8 (RFC 768).
pub const MAX_UDP_V6: u16 = 65_535 - 8;

/// The largest TCP payload of one IPv4 packet, in bytes: 65,535 (RFC 791) less two headers of 20 (RFC 9293).
pub const MAX_TCP_V4: u16 = 65_535 - 20 - 20;
