//! Binds a local address: one socket, or for every address of the machine one of each IP version on the same port.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::Socket;

use super::log::Log;
use crate::model::{Cause, Doing, Local, NetError, OsFault, SessionNote};

/// How many ports that the system picks for IPv4 are tried until one is free for IPv6, too.
const MAX_TRIES: usize = 32;

/// Binds `local` with sockets that `open` binds. A machine without IPv6 has only the socket of IPv4, and a note of that.
pub(super) fn bind(
    local: Local,
    log: &mut Log,
    mut open: impl FnMut(SocketAddr, &mut Log) -> Result<Socket, NetError>,
) -> Result<(Local, Vec<Socket>), NetError> {
    let mut tries = 0..MAX_TRIES;
    loop {
        let first = open(local.address(), log)?;
        let bound = bound(&first).map_err(|error| NetError::new(Doing::Binding, local, error))?;
        let Local::Every(port) = local else { return Ok((Local::At(bound), vec![first])) };
        let error = match open((Ipv6Addr::UNSPECIFIED, bound.port()).into(), log) {
            Ok(second) => return Ok((Local::Every(bound.port()), vec![first, second])),
            Err(error) => error,
        };
        let Cause::Os { fault, .. } = error.cause else { return Err(error) };
        match fault {
            OsFault::FamilyNotSupported | OsFault::AddressNotAvailable | OsFault::Unsupported => {
                log.note(SessionNote::OnlyIpv4);
                return Ok((Local::At((Ipv4Addr::UNSPECIFIED, bound.port()).into()), vec![first]));
            }
            OsFault::AddressInUse if port == 0 && tries.next().is_some() => {}
            _other => return Err(error),
        }
    }
}

fn bound(socket: &Socket) -> io::Result<SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use socket2::{Protocol, Type};

    use super::super::null_recorder::null_log;
    use super::super::options;
    use super::*;

    /// Binds `*:0` on a machine where IPv6 gives `faults` one after the other: the ports tried and the result.
    fn with(faults: &[io::ErrorKind]) -> (Vec<u16>, Result<(Local, usize), NetError>) {
        let (mut log, _events) = null_log();
        let (mut faults, mut ports) = (faults.iter(), Vec::new());
        let result = bind(Local::Every(0), &mut log, |address, _log| {
            let binding = |error| NetError::new(Doing::Binding, address, error);
            if address.is_ipv6() {
                ports.push(address.port());
                if let Some(fault) = faults.next() {
                    return Err(binding((*fault).into()));
                }
                // The port may really be taken for IPv6.
                return Ok(options::socket(address, Type::DGRAM, Protocol::UDP).unwrap());
            }
            let socket = options::socket(address, Type::DGRAM, Protocol::UDP).map_err(binding)?;
            socket.bind(&address.into()).map_err(binding)?;
            Ok(socket)
        });
        (ports, result.map(|(local, sockets)| (local, sockets.len())))
    }

    #[test]
    fn a_port_that_is_taken_for_ipv6_is_not_kept() {
        let taken = io::ErrorKind::AddrInUse;
        let (ports, result) = with(&[taken, taken]);
        assert_eq!(ports.len(), 3);
        assert_eq!(result.unwrap(), (Local::Every(ports[2]), 2));
        let (ports, result) = with(&[taken; 2 * MAX_TRIES]);
        assert_eq!(ports.len(), MAX_TRIES + 1);
        assert_eq!(result.unwrap_err().what, format!("[::]:{}", ports[MAX_TRIES]));
    }

    #[test]
    fn without_ipv6_there_is_ipv4() {
        let (ports, result) = with(&[io::ErrorKind::AddrNotAvailable]);
        assert_eq!(result.unwrap(), (Local::At(([0, 0, 0, 0], ports[0]).into()), 1));
        assert!(with(&[io::ErrorKind::PermissionDenied]).1.is_err());
    }
}
