//! Receiving and sending datagrams as every system can: one in a call, no more known of it than who
//! sent it.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;

use super::log::Log;
use crate::model::Stamp;

/// The longest datagram there is, rounded up.
const LONGEST: usize = 65_536;

/// What is known of a datagram besides its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// Who sent it.
    pub(super) from: SocketAddr,
    /// Where it was sent to, if the system tells.
    pub(super) to: Option<IpAddr>,
    /// It was sent to every host of a network.
    pub(super) broadcast: bool,
    /// When the kernel received it, if it tells.
    pub(super) at: Option<Stamp>,
    len: usize,
}

#[cfg(test)]
impl Arrival {
    /// An empty datagram.
    pub(super) fn new(from: SocketAddr, to: Option<IpAddr>) -> Self {
        Self { from, to, broadcast: false, at: None, len: 0 }
    }
}

/// Receives.
#[derive(Debug)]
pub(super) struct System {
    buffer: Vec<u8>,
    arrival: Option<Arrival>,
}

impl System {
    /// There is nothing to ask these systems for.
    pub(super) fn new(_socket: &UdpSocket, _local: SocketAddr, _log: &mut Log) -> Self {
        Self { buffer: vec![0; LONGEST], arrival: None }
    }

    /// Receives a datagram if one is there; tells how many came.
    pub(super) fn receive(&mut self, socket: &UdpSocket, _now: Stamp) -> io::Result<usize> {
        self.arrival = None;
        let (len, from) = socket.recv_from(&mut self.buffer)?;
        self.arrival = Some(Arrival { from, to: None, broadcast: false, at: None, len });
        Ok(1)
    }

    /// One datagram of those that came last.
    pub(super) fn arrival(&self, index: usize) -> Option<(Arrival, &[u8])> {
        let arrival = self.arrival.filter(|_arrival| index == 0)?;
        Some((arrival, self.buffer.get(..arrival.len)?))
    }

    /// These systems do not tell what they dropped.
    #[allow(clippy::unused_self, reason = "others count in it")]
    pub(super) fn dropped(&self) -> u64 {
        0
    }

    /// These systems tell ICMP errors, if at all, when receiving.
    pub(super) fn bounce(_socket: &UdpSocket) -> Option<(SocketAddr, io::Error)> {
        None
    }

    /// Sends a datagram to `to`, from the address that the system picks.
    pub(super) fn send(
        socket: &UdpSocket,
        _from: Option<IpAddr>,
        to: SocketAddr,
        bytes: &[u8],
    ) -> io::Result<usize> {
        socket.send_to(bytes, to)
    }
}
