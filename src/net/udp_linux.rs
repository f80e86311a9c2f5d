//! Sends and receives datagrams on Linux: several per call, with the kernel's receive time, the destination
//! address, the count of dropped datagrams, and ICMP errors.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;

use mio::net::UdpSocket;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo, sock_extended_err, sockaddr_in6};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6, SockaddrStorage,
    recvmmsg, recvmsg, sendmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;

use super::clock::wall_now;
use super::log::Log;
use super::udp_item::Arrival;
use crate::model::zone::Named;
use crate::model::{Doing, NetError, Stamp};

/// The most datagrams received in one call.
const BATCH: usize = 32;

/// The size of a slot: the longest datagram, rounded up.
const LONGEST: usize = 65_536;

/// `SO_EE_ORIGIN_LOCAL`: an error of the local system, which `send` has returned already.
const ORIGIN_LOCAL: u8 = 1;

/// By how much the stamp of the kernel may be earlier than possible, in nanoseconds.
const SLACK: u64 = 1_000_000_000;

/// The receive buffers and what the kernel reported.
#[derive(Debug)]
pub(super) struct System {
    buffer: Vec<u8>,
    arrivals: Vec<Arrival>,
    /// When there was nothing left to receive. What comes later has arrived later.
    drained: Stamp,
    overflow: Option<u32>,
    dropped: u64,
}

impl System {
    /// Enables the reports of the kernel.
    pub(super) fn new(socket: &UdpSocket, local: SocketAddr, log: &mut Log) -> Self {
        let mut check = |option: &'static str, set: nix::Result<()>| {
            if let Err(error) = set {
                log.trouble(NetError::new(
                    Doing::SettingOption,
                    format!("{option} ({})", Named(local)),
                    io::Error::from(error),
                ));
            }
        };
        check("SO_TIMESTAMPNS", setsockopt(socket, sockopt::ReceiveTimestampns, &true));
        check("SO_RXQ_OVFL", setsockopt(socket, sockopt::RxqOvfl, &1));
        if local.is_ipv4() {
            check("IP_PKTINFO", setsockopt(socket, sockopt::Ipv4PacketInfo, &true));
            check("IP_RECVERR", setsockopt(socket, sockopt::Ipv4RecvErr, &true));
        } else {
            check("IPV6_RECVPKTINFO", setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true));
            check("IPV6_RECVERR", setsockopt(socket, sockopt::Ipv6RecvErr, &true));
        }
        Self {
            buffer: vec![0; BATCH * LONGEST],
            arrivals: Vec::with_capacity(BATCH),
            drained: Stamp(0),
            overflow: None,
            dropped: 0,
        }
    }

    /// Receives up to a batch; returns the number of datagrams.
    pub(super) fn receive(&mut self, socket: &UdpSocket, now: Stamp) -> io::Result<usize> {
        self.arrivals.clear();
        // Allocated for each call, since the kernel shortens the lengths in the headers.
        let space = cmsg_space!(TimeSpec, in_pktinfo, in6_pktinfo, u32);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, Some(space));
        let mut slices: Vec<[IoSliceMut<'_>; 1]> =
            self.buffer.chunks_exact_mut(LONGEST).map(|chunk| [IoSliceMut::new(chunk)]).collect();
        let messages =
            match recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)
            {
                Ok(messages) => messages,
                Err(error) => {
                    self.drained = now;
                    return Err(error.into());
                }
            };
        let wall = wall_now();
        for (slot, message) in messages.enumerate() {
            let Some(from) = message.address.as_ref().and_then(address) else { continue };
            let mut arrival = Arrival::new(from, None);
            (arrival.start, arrival.len) = (slot * LONGEST, message.bytes);
            if let Ok(reports) = message.cmsgs() {
                for report in reports {
                    match report {
                        ControlMessageOwned::ScmTimestampns(time) => {
                            let at = stamp(time, wall, now);
                            // Else the clock was set meanwhile.
                            let is_plausible = self.drained.since(at) < SLACK;
                            arrival.at = is_plausible.then_some(at);
                        }
                        ControlMessageOwned::Ipv4PacketInfo(info) => {
                            let to = Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr));
                            let ours = Ipv4Addr::from(u32::from_be(info.ipi_spec_dst.s_addr));
                            arrival.to = Some(IpAddr::V4(to));
                            arrival.broadcast = to != ours && !to.is_multicast();
                        }
                        ControlMessageOwned::Ipv6PacketInfo(info) => {
                            arrival.to = Some(IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr)));
                        }
                        ControlMessageOwned::RxqOvfl(count) => {
                            let before = self.overflow.replace(count).unwrap_or(0);
                            self.dropped += u64::from(count.wrapping_sub(before));
                        }
                        _not_asked_for => {}
                    }
                }
            }
            self.arrivals.push(arrival);
        }
        Ok(self.arrivals.len())
    }

    /// From now on the datagrams are those of another socket. Exchanges what the kernel has counted of each.
    pub(super) fn switch(&mut self, overflow: &mut Option<u32>) {
        std::mem::swap(&mut self.overflow, overflow);
    }

    /// A datagram of the last batch.
    pub(super) fn arrival(&self, index: usize) -> Option<(Arrival, &[u8])> {
        let arrival = *self.arrivals.get(index)?;
        Some((arrival, arrival.bytes(&self.buffer)?))
    }

    /// The number of datagrams that the kernel dropped because the buffer was full, as far as it reported.
    #[expect(clippy::unnecessary_wraps, reason = "other systems do not count")]
    pub(super) fn dropped(&self) -> Option<u64> {
        Some(self.dropped)
    }

    /// The next ICMP error, and the destination of the datagram that caused it.
    pub(super) fn icmp_error(socket: &UdpSocket) -> Option<(SocketAddr, io::Error)> {
        loop {
            let mut byte = [0];
            let mut slices = [IoSliceMut::new(&mut byte)];
            let mut space =
                cmsg_space!((sock_extended_err, sockaddr_in6), TimeSpec, in_pktinfo, in6_pktinfo, u32);
            let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
            let message =
                match recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut slices, Some(&mut space), flags) {
                    Ok(message) => message,
                    Err(Errno::EINTR) => continue,
                    Err(_nothing_there) => return None,
                };
            let to = message.address.as_ref().and_then(address);
            let error = message.cmsgs().ok()?.find_map(|report| match report {
                ControlMessageOwned::Ipv4RecvErr(error, _offender) => Some(error),
                ControlMessageOwned::Ipv6RecvErr(error, _offender) => Some(error),
                _other => None,
            });
            if let (Some(to), Some(error)) = (to, error)
                && error.ee_origin != ORIGIN_LOCAL
            {
                let number = i32::try_from(error.ee_errno).unwrap_or(0);
                return Some((to, io::Error::from_raw_os_error(number)));
            }
        }
    }

    /// Sends a datagram to `to`, from the address `from` if given.
    pub(super) fn send(
        socket: &UdpSocket,
        from: Option<IpAddr>,
        to: SocketAddr,
        bytes: &[u8],
    ) -> io::Result<usize> {
        let slices = [IoSlice::new(bytes)];
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        let fd = socket.as_raw_fd();
        match (from, to) {
            (Some(IpAddr::V4(from)), SocketAddr::V4(to)) => {
                let source = in_addr { s_addr: u32::from(from).to_be() };
                let info =
                    in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: in_addr { s_addr: 0 } };
                let message = [ControlMessage::Ipv4PacketInfo(&info)];
                Ok(sendmsg(fd, &slices, &message, flags, Some(&SockaddrIn::from(to)))?)
            }
            (Some(IpAddr::V6(from)), SocketAddr::V6(to)) => {
                let info = in6_pktinfo { ipi6_addr: in6_addr { s6_addr: from.octets() }, ipi6_ifindex: 0 };
                let message = [ControlMessage::Ipv6PacketInfo(&info)];
                Ok(sendmsg(fd, &slices, &message, flags, Some(&SockaddrIn6::from(to)))?)
            }
            (None | Some(_), SocketAddr::V4(_) | SocketAddr::V6(_)) => socket.send_to(bytes, to),
        }
    }
}

fn address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4(SocketAddrV4::from(*v4)));
    }
    address.as_sockaddr_in6().map(|v6| SocketAddr::V6(SocketAddrV6::from(*v6)))
}

/// The kernel stamps with the wall clock. Only the age by that clock is used, so that setting the clock
/// shifts a datagram by no more than its age.
fn stamp(time: TimeSpec, wall: Stamp, now: Stamp) -> Stamp {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec()).unwrap_or(0);
    let received = seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
    Stamp(now.0.saturating_sub(wall.0.saturating_sub(received)))
}
