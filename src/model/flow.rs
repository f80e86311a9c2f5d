//! One conversation with one peer.

use std::net::SocketAddr;

use super::Stamp;

/// Names a flow within one capture. Numbers are given in the order in which the flows begin, over
/// all openings of the session that the capture holds, and are never used again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u32);

/// What carries the bytes.
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
    /// We called the peer.
    Connected,
    /// The peer called us.
    Accepted,
    /// A datagram was sent or received; nobody called anybody.
    Datagram,
}

/// One TCP connection, or all datagrams between one local and one remote address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its name in the capture.
    pub id: FlowId,
    /// TCP or UDP.
    pub transport: Transport,
    /// Our side.
    pub local: SocketAddr,
    /// The other side.
    pub peer: SocketAddr,
    /// Who began it.
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
