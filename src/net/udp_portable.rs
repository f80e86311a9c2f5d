//! Sends and receives datagrams on any system: one per call, with the sender's address only.

use std::io;
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;

use super::log::Log;
use super::udp_item::Arrival;
use crate::model::Stamp;

/// The size of the buffer: the longest datagram, rounded up.
const LONGEST: usize = 65_536;

/// The receive buffer and what it holds.
#[derive(Debug)]
pub(super) struct System {
    buffer: Vec<u8>,
    arrival: Option<Arrival>,
}

impl System {
    /// There are no reports to enable.
    pub(super) fn new(_socket: &UdpSocket, _local: SocketAddr, _log: &mut Log) -> Self {
        Self { buffer: vec![0; LONGEST], arrival: None }
    }

    /// Receives a datagram if there is one; returns the number of datagrams.
    pub(super) fn receive(&mut self, socket: &UdpSocket, _now: Stamp) -> io::Result<usize> {
        self.arrival = None;
        let (len, from) = socket.recv_from(&mut self.buffer)?;
        self.arrival = Some(Arrival { len, ..Arrival::new(from, None) });
        Ok(1)
    }

    /// Nothing is counted of each socket.
    #[allow(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "others count in it")]
    pub(super) fn switch(&mut self, _overflow: &mut Option<u32>) {}

    /// The datagram received last, if `index` is 0.
    pub(super) fn arrival(&self, index: usize) -> Option<(Arrival, &[u8])> {
        let arrival = self.arrival.filter(|_arrival| index == 0)?;
        Some((arrival, arrival.bytes(&self.buffer)?))
    }

    /// Always `None`: the system does not count dropped datagrams.
    #[allow(clippy::unused_self, reason = "others count in it")]
    pub(super) fn dropped(&self) -> Option<u64> {
        None
    }

    /// Always `None`: the system reports ICMP errors, if at all, when receiving.
    pub(super) fn icmp_error(_socket: &UdpSocket) -> Option<(SocketAddr, io::Error)> {
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
