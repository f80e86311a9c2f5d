//! A TCP client: connects, reconnects if asked to, and hands each connection to [`Connections`].

use std::net::SocketAddr;
use std::time::Instant;

use socket2::SockRef;

use super::connections::{Connections, Gone};
use super::context::Context;
use super::dialer::{Dialed, Dialer, NewConnection};
use super::options;
use super::resolve::Resolved;
use super::session_kind::SessionKind;
use super::time::after;
use crate::model::{Control, Endpoint, Event, NetError, Origin, SocketCommand};

#[derive(Debug)]
enum Phase {
    Dialing,
    Connected,
    /// Until the next attempt.
    Waiting(Instant),
    Over,
}

#[derive(Debug)]
pub(super) struct TcpClient {
    dialer: Dialer,
    phase: Phase,
    connections: Connections,
    /// Failed attempts since the last connection. All addresses of one host are one attempt.
    n_failed: u32,
    /// The user ended the connection, so the client does not reconnect.
    ending: bool,
    error: Option<NetError>,
}

impl TcpClient {
    /// Starts to look up the host, or to connect.
    pub(super) fn open(
        ctx: &mut Context,
        remote: Endpoint,
        bind: Option<SocketAddr>,
    ) -> Result<Self, NetError> {
        let mut client = Self::new(Dialer::new(remote, bind));
        client.dialer.dial(ctx)?;
        Ok(client)
    }

    fn new(dialer: Dialer) -> Self {
        let (phase, connections) = (Phase::Dialing, Connections::default());
        Self { dialer, phase, connections, n_failed: 0, ending: false, error: None }
    }

    /// Without a connection, ends the session or waits to reconnect.
    fn disconnected(&mut self, ctx: &mut Context, error: Option<NetError>) {
        match ctx.options.reconnect {
            Some(backoff) if !self.ending => {
                let wait = backoff.wait(self.n_failed);
                self.n_failed = self.n_failed.saturating_add(1);
                self.error = None;
                ctx.log.events().push(Event::CallingAgain(wait));
                self.phase = Phase::Waiting(after(wait));
            }
            Some(_) | None => self.over(error),
        }
    }

    /// As [`disconnected`](Self::disconnected), for an error that only the end of the session would report.
    fn failed(&mut self, ctx: &mut Context, error: Option<NetError>) {
        let reconnects = ctx.options.reconnect.is_some() && !self.ending;
        if let Some(error) = error.as_ref().filter(|_error| reconnects) {
            ctx.log.trouble(error.clone());
        }
        self.disconnected(ctx, error);
    }

    fn over(&mut self, error: Option<NetError>) {
        self.error = error;
        self.phase = Phase::Over;
    }

    fn connected(&mut self, ctx: &mut Context, made: NewConnection) {
        let granted = options::granted(&SockRef::from(&made.stream));
        ctx.log.opened(Event::Opened { local: made.local.into(), granted });
        match self.connections.insert(ctx, made, Origin::Connected) {
            Ok(_flow) => {
                self.error = None;
                self.n_failed = 0;
                self.phase = Phase::Connected;
            }
            Err(error) => self.over(Some(error)),
        }
    }
}

impl SessionKind for TcpClient {
    fn connections(&mut self) -> Option<&mut Connections> {
        Some(&mut self.connections)
    }

    fn main_ready(&mut self, _event: &mio::event::Event) {
        self.dialer.ready();
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        let closes = matches!(command, SocketCommand::Control(_, Control::Close(..)));
        if closes || matches!(command, SocketCommand::Disconnect(_) | SocketCommand::Reset(_)) {
            self.ending |= !self.connections.is_empty();
        }
        self.connections.command(ctx, command);
    }

    fn close(&mut self, _ctx: &mut Context, by: Instant) {
        match self.phase {
            Phase::Dialing | Phase::Waiting(_) | Phase::Over => self.over(None),
            Phase::Connected => {
                self.ending = true;
                self.connections.close_all(by);
            }
        }
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        match self.phase {
            Phase::Dialing => match self.dialer.turn(ctx) {
                Dialed::Pending => {}
                Dialed::Connected(made) => self.connected(ctx, made),
                Dialed::Refused(error) => self.disconnected(ctx, Some(error)),
                Dialed::Unresolved(error) => self.failed(ctx, Some(error)),
            },
            Phase::Connected => {
                for Gone { error, .. } in self.connections.turn(ctx, until) {
                    self.error = error;
                }
                if self.closing().is_some_and(|closing| closing <= Instant::now()) {
                    self.phase = Phase::Over;
                } else if self.connections.is_empty() {
                    let error = self.error.take();
                    self.failed(ctx, error);
                }
            }
            Phase::Waiting(until) if ctx.log.stalled() || Instant::now() < until => {}
            Phase::Waiting(_past) => {
                self.phase = Phase::Dialing;
                if let Err(error) = self.dialer.dial(ctx) {
                    self.failed(ctx, Some(error));
                }
            }
            Phase::Over => {}
        }
        matches!(self.phase, Phase::Over)
    }

    fn busy(&self) -> bool {
        match &self.phase {
            Phase::Waiting(_) => false,
            Phase::Dialing => self.dialer.busy(),
            Phase::Connected => self.connections.busy() || self.connections.is_empty(),
            Phase::Over => true,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Dialing => self.dialer.deadline(),
            Phase::Waiting(until) => Some(*until),
            Phase::Connected | Phase::Over => self.connections.deadline(),
        }
    }

    fn abandon(&mut self, ctx: &mut Context) {
        self.connections.abandon_all(ctx);
        self.phase = Phase::Over;
    }

    fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        self.dialer.resolved(ctx, &resolved);
    }

    fn take_error(&mut self) -> Option<NetError> {
        self.error.take()
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::context::WAKER;
    use super::super::null_recorder::null_log;
    use super::super::rule_engine::RuleEngine;
    use super::*;
    use crate::codec::frame::Framing;
    use crate::model::Options;

    /// The events of a client whose host resolves to `addresses`.
    fn events_of(addresses: Vec<SocketAddr>) -> Vec<Event> {
        let mut poll = mio::Poll::new().unwrap();
        let waker = Arc::new(mio::Waker::new(poll.registry(), WAKER).unwrap());
        let (log, receiver) = null_log();
        let registry = poll.registry().try_clone().unwrap();
        let rule_engine = RuleEngine::new(Arc::default(), Framing::AsReceived, false);
        let mut ctx = Context::new(registry, log, Options::default(), rule_engine, &waker);
        let endpoint = Endpoint { host: "example.test".to_owned(), port: 1 };
        let mut client = TcpClient::new(Dialer::resolving(endpoint.clone()));
        client.resolved(&mut ctx, Resolved { endpoint, addresses: Ok(addresses) });
        let mut ready = mio::Events::with_capacity(8);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !client.turn(&mut ctx, deadline) && !matches!(client.phase, Phase::Connected) {
            assert!(Instant::now() < deadline);
            poll.poll(&mut ready, Some(Duration::from_millis(100))).unwrap();
            ready.iter().for_each(|event| client.ready(event));
        }
        ctx.log.settle(Instant::now());
        ctx.log.finish(client.take_error());
        receiver.try_iter().filter(|event| !matches!(event, Event::Recorded(_))).collect()
    }

    #[test]
    fn addresses_are_tried_in_order_until_one_accepts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let closed = |ip: &str| {
            let address = TcpListener::bind(ip).unwrap().local_addr().unwrap();
            (address, format!("cannot connect to {address}: "))
        };
        let ((six, no_six), (four, no_four)) = (closed("[::1]:0"), closed("127.0.0.1:0"));
        let events = events_of(vec![six, four, address, six]);
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

        let events = events_of(vec![six, four]);
        let [Event::Trouble(_), Event::Trouble(last), Event::Closed(Some(reason))] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(last, reason);
    }
}
