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
