//! A TCP client: looks the host up, tries its addresses in turn, and hands the connection that was
//! made to [`Connections`].

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use mio::Interest;
use mio::net::TcpStream;
use socket2::{Protocol, SockRef, Socket, Type};

use super::connections::{Connections, Gone};
use super::desk::{Desk, MAIN};
use super::options;
use super::repeats::Beat;
use super::resolve::Answer;
use super::worker::after;
use crate::model::{Cause, Command, Doing, Endpoint, Event, NetError, Origin, SendPart, Target, Transport};

/// An attempt under way.
#[derive(Debug)]
struct Attempt {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    deadline: Instant,
    ready: bool,
}

/// How far the client has come.
#[derive(Debug)]
enum Phase {
    Resolving,
    Connecting(Box<Attempt>),
    Connected,
    /// Until it is called again.
    Waiting(Instant),
    Over,
}

/// A client.
#[derive(Debug)]
pub(super) struct TcpClient {
    remote: Endpoint,
    bind: Option<SocketAddr>,
    phase: Phase,
    addresses: VecDeque<SocketAddr>,
    connections: Connections,
    /// Attempts in vain since the last connection; the addresses of one host are one attempt.
    n_failed: u32,
    /// The end of the connection was ordered.
    ending: bool,
    /// Why the session ends, if not on demand.
    error: Option<NetError>,
}

impl TcpClient {
    /// Begins to look up or to connect.
    pub(super) fn open(
        desk: &mut Desk,
        remote: Endpoint,
        bind: Option<SocketAddr>,
    ) -> Result<Self, NetError> {
        let mut client = Self {
            remote,
            bind,
            phase: Phase::Resolving,
            addresses: VecDeque::new(),
            connections: Connections::default(),
            n_failed: 0,
            ending: false,
            error: None,
        };
        client.begin(desk)?;
        Ok(client)
    }

    /// Begins to look up or to connect.
    fn begin(&mut self, desk: &mut Desk) -> Result<(), NetError> {
        self.phase = Phase::Resolving;
        match self.remote.address() {
            Some(address) => {
                self.addresses.push_back(address);
                self.next_attempt(desk);
            }
            None => desk.resolver.ask(self.remote.clone())?,
        }
        Ok(())
    }

    /// The host was looked up.
    pub(super) fn answer(&mut self, desk: &mut Desk, answer: Answer) {
        match self.phase {
            Phase::Resolving => {}
            // Closed in the meantime.
            Phase::Connecting(_) | Phase::Connected | Phase::Waiting(_) | Phase::Over => return,
        }
        match answer.addresses {
            Ok(addresses) => {
                for address in &addresses {
                    desk.log.host(&answer.endpoint.host, address.ip());
                }
                self.addresses = addresses.into();
                self.next_attempt(desk);
            }
            Err(error) => {
                if self.calls_again(desk) {
                    desk.log.trouble(error.clone());
                }
                self.missed(desk, Some(error));
            }
        }
    }

    fn calls_again(&self, desk: &Desk) -> bool {
        desk.options.reconnect.is_some() && !self.ending
    }

    /// There is no connection: the session ends, or calls again after a while.
    fn missed(&mut self, desk: &mut Desk, error: Option<NetError>) {
        match desk.options.reconnect {
            Some(backoff) if !self.ending => {
                let wait = backoff.wait(self.n_failed);
                self.n_failed = self.n_failed.saturating_add(1);
                self.error = None;
                desk.log.calling_again(wait);
                self.phase = Phase::Waiting(after(wait));
            }
            Some(_) | None => self.over(error),
        }
    }

    /// Tries the addresses that are left, until one attempt is under way.
    fn next_attempt(&mut self, desk: &mut Desk) {
        while let Some(peer) = self.addresses.pop_front() {
            match self.attempt(desk, peer) {
                Ok(attempt) => {
                    self.phase = Phase::Connecting(Box::new(attempt));
                    return;
                }
                Err((local, error)) => self.refused(desk, local, peer, error),
            }
        }
        let error = self.error.take();
        let error = error.unwrap_or_else(|| NetError::new(Doing::Connecting, &self.remote, Cause::NoAddress));
        self.missed(desk, Some(error));
    }

    fn attempt(&self, desk: &mut Desk, peer: SocketAddr) -> Result<Attempt, (SocketAddr, NetError)> {
        let any = match peer {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        let local = self.bind.unwrap_or(any);
        let wrong =
            |doing, what: SocketAddr| move |error: io::Error| (local, NetError::new(doing, what, error));
        let connecting = wrong(Doing::Connecting, peer);
        let socket = options::socket(peer, Type::STREAM, Protocol::TCP).map_err(connecting)?;
        options::tcp_buffers(&socket, &desk.options, peer, &mut desk.log);
        if let Some(bind) = self.bind {
            if bind.is_ipv4() != peer.is_ipv4() {
                let text = format!("{bind} and {peer} are of different address families");
                let error = io::Error::new(io::ErrorKind::InvalidInput, text);
                return Err((local, NetError::new(Doing::Binding, bind, error)));
            }
            if bind.port() != 0 {
                options::reuse(&socket, bind, &mut desk.log);
            }
            socket.bind(&bind.into()).map_err(wrong(Doing::Binding, bind))?;
        }
        begin(&socket, peer).map_err(wrong(Doing::Connecting, peer))?;
        let mut stream = TcpStream::from_std(socket.into());
        let local = stream.local_addr().unwrap_or(local);
        let both = Interest::READABLE | Interest::WRITABLE;
        desk.registry
            .register(&mut stream, MAIN, both)
            .map_err(|error| (local, NetError::new(Doing::Connecting, peer, error)))?;
        let deadline = after(desk.options.connect_timeout);
        Ok(Attempt { stream, local, peer, deadline, ready: false })
    }

    fn refused(&mut self, desk: &mut Desk, local: SocketAddr, peer: SocketAddr, error: NetError) {
        let flow = desk.log.flow(Transport::Tcp, local, peer, Origin::Connected, None);
        desk.log.refused(flow.id, error.clone());
        self.error = Some(error);
    }

    fn over(&mut self, error: Option<NetError>) {
        self.error = error;
        self.phase = Phase::Over;
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        if event.token() != MAIN {
            self.connections.ready(event);
        } else if let Phase::Connecting(attempt) = &mut self.phase {
            attempt.ready = true;
        }
    }

    /// One turn; true when the client is at its end.
    pub(super) fn turn(&mut self, desk: &mut Desk, until: Instant) -> bool {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Resolving => self.phase = Phase::Resolving,
            Phase::Connecting(attempt) if desk.log.stalled() => self.phase = Phase::Connecting(attempt),
            Phase::Connecting(attempt) => self.look_at(desk, attempt),
            Phase::Connected => {
                self.phase = Phase::Connected;
                for Gone { error, reset_by_peer: _ } in self.connections.turn(desk, until) {
                    self.error = error;
                }
                if self.closing().is_some_and(|closing| closing <= Instant::now()) {
                    self.phase = Phase::Over;
                } else if self.connections.is_empty() {
                    self.lost(desk);
                }
            }
            Phase::Waiting(until) if desk.log.stalled() || Instant::now() < until => {
                self.phase = Phase::Waiting(until);
            }
            Phase::Waiting(_past) => {
                if let Err(error) = self.begin(desk) {
                    desk.log.trouble(error.clone());
                    self.missed(desk, Some(error));
                }
            }
            Phase::Over => {}
        }
        matches!(self.phase, Phase::Over)
    }

    /// The connection has ended.
    fn lost(&mut self, desk: &mut Desk) {
        let error = self.error.take();
        if let Some(error) = error.as_ref().filter(|_error| self.calls_again(desk)) {
            desk.log.trouble(error.clone());
        }
        self.missed(desk, error);
    }

    /// Has the attempt come to something?
    fn look_at(&mut self, desk: &mut Desk, mut attempt: Box<Attempt>) {
        let outcome = if attempt.ready { outcome(&attempt) } else { Ok(false) };
        attempt.ready = false;
        let cause = match outcome {
            Ok(true) => return self.connected(desk, *attempt),
            Ok(false) if Instant::now() < attempt.deadline => {
                self.phase = Phase::Connecting(attempt);
                return;
            }
            Ok(false) => {
                let patience = desk.options.connect_timeout.as_millis();
                Cause::TimedOut(u64::try_from(patience).unwrap_or(u64::MAX))
            }
            Err(error) => error.into(),
        };
        let Attempt { local, peer, .. } = *attempt;
        self.refused(desk, local, peer, NetError::new(Doing::Connecting, peer, cause));
        self.next_attempt(desk);
    }

    fn connected(&mut self, desk: &mut Desk, attempt: Attempt) {
        let Attempt { stream, local, peer, .. } = attempt;
        let local = stream.local_addr().unwrap_or(local);
        // Whoever called 0.0.0.0 is connected to this machine by another address.
        let peer = stream.peer_addr().unwrap_or(peer);
        let granted = options::granted(&SockRef::from(&stream));
        self.addresses.clear();
        desk.log.opened(Event::Opened { local, granted });
        match self.connections.insert(desk, stream, local, peer, Origin::Connected) {
            Ok(()) => {
                self.error = None;
                self.n_failed = 0;
                self.phase = Phase::Connected;
            }
            Err(error) => self.over(Some(error)),
        }
    }

    pub(super) fn command(&mut self, desk: &mut Desk, command: Command) {
        match command {
            Command::Send { to, what } => self.connections.send(desk, to, &what),
            Command::SendFile(order) => self.connections.send_file(desk, order),
            Command::HalfClose(to) => self.connections.half_close(desk, to),
            Command::Disconnect(to) => {
                self.ending |= !self.connections.is_empty();
                self.connections.disconnect(desk, to);
            }
            Command::Reset(to) => {
                self.ending |= !self.connections.is_empty();
                self.connections.reset(desk, to);
            }
            Command::StopListening => {
                desk.log.trouble(NetError::new(Doing::Listening, "", Cause::NotForThisProtocol));
            }
            Command::Join(group) => {
                desk.log.trouble(NetError::new(Doing::Joining, group.address, Cause::NotForThisProtocol));
            }
            Command::Leave(group) => {
                desk.log.trouble(NetError::new(Doing::Leaving, group.address, Cause::NotForThisProtocol));
            }
            // The worker runs them.
            Command::Repeat(_)
            | Command::StopRepeat(_)
            | Command::Sequence(_)
            | Command::StopSequence(_)
            | Command::PauseFile(_)
            | Command::ResumeFile(_)
            | Command::StopFile(_) => {}
            Command::Note(text) => desk.log.note(text),
            Command::Annotate(record, text) => desk.log.annotate(record, &text),
            Command::Close { linger } => match self.phase {
                Phase::Resolving | Phase::Connecting(_) | Phase::Waiting(_) | Phase::Over => self.over(None),
                Phase::Connected => {
                    self.ending = true;
                    self.connections.close_all(after(linger));
                }
            },
        }
    }

    /// Sends a beat of a repeat, or a row of a sequence.
    pub(super) fn beat(&mut self, desk: &mut Desk, to: &Target, what: &[SendPart]) -> Beat {
        self.connections.beat(desk, to, what)
    }

    pub(super) fn abandon(&mut self, desk: &mut Desk) {
        self.connections.abandon_all(desk);
        self.phase = Phase::Over;
    }

    /// Why the session ends, if not on demand.
    pub(super) fn take_error(&mut self) -> Option<NetError> {
        self.error.take()
    }

    /// Some file was stopped, paused, or goes on.
    pub(super) fn look_at_files(&mut self) {
        self.connections.look_at_files();
    }

    /// When a piece of a file goes, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.connections.due()
    }

    pub(super) fn queued(&self) -> (u64, u64) {
        self.connections.queued()
    }

    pub(super) fn busy(&self) -> bool {
        match &self.phase {
            Phase::Resolving | Phase::Waiting(_) => false,
            Phase::Connecting(attempt) => attempt.ready,
            Phase::Connected => self.connections.busy() || self.connections.is_empty(),
            Phase::Over => true,
        }
    }

    /// Until when everything is to be closed, if it is.
    pub(super) fn closing(&self) -> Option<Instant> {
        self.connections.closing()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Connecting(attempt) => Some(attempt.deadline),
            Phase::Waiting(until) => Some(*until),
            Phase::Resolving | Phase::Connected | Phase::Over => self.connections.deadline(),
        }
    }
}

/// The call is under way.
#[cfg(any(target_os = "linux", target_os = "android"))]
const EINPROGRESS: i32 = nix::errno::Errno::EINPROGRESS as i32;

/// The call is under way: the number that all BSDs, macOS among them, have given it.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const EINPROGRESS: i32 = 36;

/// Calls `peer` without waiting for its answer.
fn begin(socket: &Socket, peer: SocketAddr) -> io::Result<()> {
    match socket.connect(&peer.into()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        // POSIX's word for it has no kind in stable Rust.
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(EINPROGRESS) => Ok(()),
        Err(error) => Err(error),
    }
}

/// True when connected, false when not yet.
fn outcome(attempt: &Attempt) -> io::Result<bool> {
    if let Some(error) = attempt.stream.take_error()? {
        return Err(error);
    }
    match attempt.stream.peer_addr() {
        Ok(peer) if attempt.stream.local_addr().is_ok_and(|local| local == peer) => {
            // TCP lets a socket call itself when the port it was given is the one it calls.
            Err(io::Error::new(
                io::ErrorKind::ConnectionRefused,
                "nobody listens there; the system called back",
            ))
        }
        Ok(_peer) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::desk::WAKER;
    use super::super::quiet::quiet_log;
    use super::super::resolve::Resolver;
    use super::*;
    use crate::model::Options;
    use crate::reply::Reply;

    /// What a client tells that was given these addresses for its host.
    fn told(addresses: Vec<SocketAddr>) -> Vec<Event> {
        let mut poll = mio::Poll::new().unwrap();
        let waker = Arc::new(mio::Waker::new(poll.registry(), WAKER).unwrap());
        let (log, told) = quiet_log();
        let registry = poll.registry().try_clone().unwrap();
        let mut desk = Desk::new(registry, log, Options::default(), Reply::Off, Resolver::new(waker));
        let endpoint = Endpoint { host: "example.test".to_owned(), port: 1 };
        let mut client = TcpClient {
            remote: endpoint.clone(),
            bind: None,
            phase: Phase::Resolving,
            addresses: VecDeque::new(),
            connections: Connections::default(),
            n_failed: 0,
            ending: false,
            error: None,
        };
        client.answer(&mut desk, Answer { endpoint, addresses: Ok(addresses) });
        let mut events = mio::Events::with_capacity(8);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !client.turn(&mut desk, deadline) && !matches!(client.phase, Phase::Connected) {
            assert!(Instant::now() < deadline);
            poll.poll(&mut events, Some(Duration::from_millis(100))).unwrap();
            events.iter().for_each(|event| client.ready(event));
        }
        desk.log.settle();
        desk.log.finish(client.take_error());
        told.try_iter().filter(|event| !matches!(event, Event::Recorded(_))).collect()
    }

    #[test]
    fn addresses_are_tried_in_turn_until_one_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let nobody = |ip: &str| {
            let address = TcpListener::bind(ip).unwrap().local_addr().unwrap();
            (address, format!("connecting to {address}: "))
        };
        let ((six, no_six), (four, no_four)) = (nobody("[::1]:0"), nobody("127.0.0.1:0"));
        let events = told(vec![six, four, address, six]);
        let [
            Event::Opened { .. },
            Event::Joined(flow),
            Event::Trouble(one),
            Event::Trouble(two),
            Event::Closed(None),
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert!(one.to_string().starts_with(&no_six) && two.to_string().starts_with(&no_four));
        assert_eq!(flow.peer, address);

        let events = told(vec![six, four]);
        let [Event::Trouble(_), Event::Trouble(last), Event::Closed(Some(reason))] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(last, reason);
    }
}
