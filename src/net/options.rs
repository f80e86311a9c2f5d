//! Socket options. One that cannot be set is a trouble and not the end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use super::log::Log;
use crate::model::zone::Named;
use crate::model::{Doing, Granted, Group, KeepAlive, NetError, Options};

/// The default for UDP: with the usual 208 KiB even a minimal receiver loses datagrams at 100,000 a second.
const UDP_RECEIVE: usize = 8 * 1024 * 1024;

/// A socket that never waits, for addresses of the family of `address`.
pub(super) fn socket(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Lets an address be bound again while connections of before are still in `TIME_WAIT`. On Windows
/// the same option would let a stranger take the port over, and there binding again works anyway.
pub(super) fn reuse(socket: &Socket, address: SocketAddr, log: &mut Log) {
    if cfg!(not(windows)) {
        check(socket.set_reuse_address(true), "SO_REUSEADDR", address, log);
    }
}

/// `[::]` means all IPv6 addresses and no IPv4 ones, on every system alike, so that `0.0.0.0` can
/// be bound beside it and no peer appears as `::ffff:127.0.0.1`.
pub(super) fn only_v6(socket: &Socket, address: SocketAddr, log: &mut Log) {
    if address.is_ipv6() {
        check(socket.set_only_v6(true), "IPV6_V6ONLY", address, log);
    }
}

/// Options of a TCP socket before a connection is made: buffer sizes decide the window, and urgent data stay in their
/// place in the stream, where they would be lost otherwise (RFC 6093, section 5).
pub(super) fn tcp(socket: &Socket, options: &Options, address: SocketAddr, log: &mut Log) {
    if let Some(size) = options.send_buffer {
        check(socket.set_send_buffer_size(size as usize), "SO_SNDBUF", address, log);
    }
    if let Some(size) = options.receive_buffer {
        check(socket.set_recv_buffer_size(size as usize), "SO_RCVBUF", address, log);
    }
    check(socket.set_out_of_band_inline(true), "SO_OOBINLINE", address, log);
}

/// Options of a connection that is made.
pub(super) fn connected(
    socket: &SockRef<'_>,
    options: &Options,
    keep: KeepAlive,
    peer: SocketAddr,
    log: &mut Log,
) {
    if options.nodelay {
        check(socket.set_tcp_nodelay(true), "TCP_NODELAY", peer, log);
    }
    let set = match keep {
        KeepAlive::Off => return,
        KeepAlive::System => socket.set_keepalive(true),
        KeepAlive::Probes(idle, interval, count) => {
            let probes = TcpKeepalive::new().with_time(idle).with_interval(interval);
            socket.set_tcp_keepalive(&probes.with_retries(u32::from(count)))
        }
    };
    check(set, "SO_KEEPALIVE", peer, log);
}

/// Makes closing `socket` an RST.
pub(super) fn abort(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_linger(Some(Duration::ZERO))
}

/// Options of a UDP socket, before it is bound.
pub(super) fn udp(socket: &Socket, options: &Options, address: SocketAddr, log: &mut Log) {
    only_v6(socket, address, log);
    // On Apple's systems the send buffer is also the longest datagram, and 9 KiB by default.
    let usual = cfg!(target_vendor = "apple").then_some(256 * 1024);
    if let Some(size) = options.send_buffer.or(usual) {
        check(socket.set_send_buffer_size(size as usize), "SO_SNDBUF", address, log);
    }
    let size = options.receive_buffer.map_or(UDP_RECEIVE, |size| size as usize);
    check(receive_buffer(socket, size), "SO_RCVBUF", address, log);
    if options.broadcast && address.is_ipv4() {
        check(socket.set_broadcast(true), "SO_BROADCAST", address, log);
    }
    multicast(socket, options, address, log);
}

/// How multicast datagrams leave.
fn multicast(socket: &Socket, options: &Options, address: SocketAddr, log: &mut Log) {
    let ttl = u32::from(options.multicast_ttl);
    if address.is_ipv4() {
        check(socket.set_multicast_ttl_v4(ttl), "IP_MULTICAST_TTL", address, log);
        check(socket.set_multicast_loop_v4(options.multicast_loopback), "IP_MULTICAST_LOOP", address, log);
        if let Some(interface) = options.multicast_interface {
            check(socket.set_multicast_if_v4(&interface), "IP_MULTICAST_IF", address, log);
        }
        // Only what this session joined, not what others on this machine did.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        check(socket.set_multicast_all_v4(false), "IP_MULTICAST_ALL", address, log);
    } else {
        check(socket.set_multicast_hops_v6(ttl), "IPV6_MULTICAST_HOPS", address, log);
        check(socket.set_multicast_loop_v6(options.multicast_loopback), "IPV6_MULTICAST_LOOP", address, log);
        if options.multicast_scope != 0 {
            check(socket.set_multicast_if_v6(options.multicast_scope), "IPV6_MULTICAST_IF", address, log);
        }
        #[cfg(any(target_os = "linux", target_os = "android"))]
        check(socket.set_multicast_all_v6(false), "IPV6_MULTICAST_ALL", address, log);
    }
}

/// Lets several sockets of this machine receive what is sent to the same group and port.
pub(super) fn share(socket: &Socket, address: SocketAddr, log: &mut Log) {
    check(socket.set_reuse_address(true), "SO_REUSEADDR", address, log);
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    check(socket.set_reuse_port(true), "SO_REUSEPORT", address, log);
}

/// Joins a multicast group.
pub(super) fn join(socket: &SockRef<'_>, group: Group) -> io::Result<()> {
    let interface = group.interface.unwrap_or(Ipv4Addr::UNSPECIFIED);
    match group.address {
        IpAddr::V4(address) => socket.join_multicast_v4(&address, &interface),
        IpAddr::V6(address) => socket.join_multicast_v6(&address, group.scope),
    }
}

/// Leaves a multicast group.
pub(super) fn leave(socket: &SockRef<'_>, group: Group) -> io::Result<()> {
    let interface = group.interface.unwrap_or(Ipv4Addr::UNSPECIFIED);
    match group.address {
        IpAddr::V4(address) => socket.leave_multicast_v4(&address, &interface),
        IpAddr::V6(address) => socket.leave_multicast_v6(&address, group.scope),
    }
}

/// Gives a socket that is never sent from the options that decide from which address it would be.
pub(super) fn route(socket: &Socket, options: &Options, to: SocketAddr) -> io::Result<()> {
    if to.is_ipv4() {
        socket.set_broadcast(true)?;
        if let Some(interface) = options.multicast_interface {
            socket.set_multicast_if_v4(&interface)?;
        }
    } else if options.multicast_scope != 0 {
        socket.set_multicast_if_v6(options.multicast_scope)?;
    }
    Ok(())
}

/// Asks for more than the system's limit where that is allowed, else for what it grants.
fn receive_buffer(socket: &Socket, size: usize) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use nix::sys::socket::{setsockopt, sockopt};
        if setsockopt(socket, sockopt::RcvBufForce, &size).is_ok() {
            return Ok(());
        }
    }
    // Some systems refuse what is above their limit instead of granting the limit.
    let mut ask = size;
    loop {
        match socket.set_recv_buffer_size(ask) {
            Err(_too_much) if ask > 64 * 1024 => ask /= 2,
            done => return done,
        }
    }
}

/// What the kernel made of the buffer sizes, as it reports them (Linux counts its own bookkeeping
/// in and says twice what was asked for).
pub(super) fn granted(socket: &SockRef<'_>) -> Granted {
    Granted {
        send_buffer: socket.send_buffer_size().unwrap_or(0),
        receive_buffer: socket.recv_buffer_size().unwrap_or(0),
    }
}

/// Tells that an option could not be set.
fn check(done: io::Result<()>, option: &'static str, address: SocketAddr, log: &mut Log) {
    if let Err(error) = done {
        log.trouble(NetError::new(Doing::SettingOption, format!("{option} ({})", Named(address)), error));
    }
}
