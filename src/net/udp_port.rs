//! A bound UDP socket that receives from anybody.

use std::net::SocketAddr;

use mio::Interest;
use mio::net::UdpSocket;
use socket2::{Protocol, SockRef, Type};

use super::bind::bind;
use super::context::{Context, MAIN, Readiness};
use super::options;
use super::udp_system::System;
use crate::model::{Doing, Event, Local, NetError, SessionNote};

/// The most ICMP errors reported in one turn.
const MAX_ICMP_ERRORS: usize = 64;

#[derive(Debug)]
pub(super) struct Port {
    pub(super) socket: UdpSocket,
    pub(super) system: System,
    pub(super) local: SocketAddr,
    pub(super) ready: Readiness,
}

impl Port {
    /// Binds the sockets of a session, two for every address, and reports that it is open. `shares` the address with
    /// others of this machine.
    pub(super) fn open_all(
        ctx: &mut Context,
        local: Local,
        shares: bool,
    ) -> Result<(Local, Vec<Self>), NetError> {
        let socket_options = ctx.options.clone();
        let (local, sockets) = bind(local, &mut ctx.log, |address, log| {
            let binding = |error| NetError::new(Doing::Binding, address, error);
            let socket = options::socket(address, Type::DGRAM, Protocol::UDP).map_err(binding)?;
            options::udp(&socket, &socket_options, address, log);
            if shares {
                options::share(&socket, address, log);
            }
            socket.bind(&address.into()).map_err(binding)?;
            Ok(socket)
        })?;
        let binding = |error| NetError::new(Doing::Binding, local, error);
        let granted =
            sockets.first().map(|socket| options::granted(&SockRef::from(socket))).unwrap_or_default();
        let mut ports = Vec::new();
        for socket in sockets {
            let mut socket = UdpSocket::from_std(socket.into());
            let both = Interest::READABLE | Interest::WRITABLE;
            ctx.registry.register(&mut socket, MAIN, both).map_err(binding)?;
            let local = socket.local_addr().map_err(binding)?;
            let system = System::new(&socket, local, &mut ctx.log);
            let ready = Readiness { readable: true, writable: true, ..Readiness::default() };
            ports.push(Self { socket, system, local, ready });
        }
        ctx.log.note(SessionNote::Bound(local));
        ctx.log.opened(Event::Opened { local, granted });
        Ok((local, ports))
    }

    /// Reports datagrams that could not be delivered; false if the system knows of none.
    pub(super) fn report_icmp_errors(&mut self, ctx: &mut Context) -> bool {
        let n_reported = report_icmp_errors(&self.socket, ctx);
        self.ready.failed |= n_reported == MAX_ICMP_ERRORS;
        n_reported > 0
    }
}

/// Reports datagrams of a socket that could not be delivered. Returns how many the system knew of.
pub(super) fn report_icmp_errors(socket: &UdpSocket, ctx: &mut Context) -> usize {
    for n in 0..MAX_ICMP_ERRORS {
        let Some((to, error)) = System::icmp_error(socket) else { return n };
        ctx.log.trouble(NetError::new(Doing::Sending, to, error));
    }
    MAX_ICMP_ERRORS
}
