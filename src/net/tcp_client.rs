//! A TCP client: has its server called, and hands the connection that was made to [`Connections`].

use std::net::SocketAddr;
use std::time::Instant;

use socket2::SockRef;

use super::connections::{Connections, Gone};
use super::context::{Context, MAIN};
use super::dialer::{Dialed, Dialer, Made};
use super::options;
use super::order::Order;
use super::repeats::Beat;
use super::resolve::Answer;
use super::rule_engine::Due;
use super::worker::after;
use crate::model::{Doing, Endpoint, Event, NetError, Origin, SendPart, Target};

/// How far the client has come.
#[derive(Debug)]
enum Phase {
    Dialing,
    Connected,
    /// Until it is called again.
    Waiting(Instant),
    Over,
}

/// A client.
#[derive(Debug)]
pub(super) struct TcpClient {
    dialer: Dialer,
    phase: Phase,
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
        ctx: &mut Context,
        remote: Endpoint,
        bind: Option<SocketAddr>,
    ) -> Result<Self, NetError> {
        let mut client = Self {
            dialer: Dialer::new(remote, bind),
            phase: Phase::Dialing,
            connections: Connections::default(),
            n_failed: 0,
            ending: false,
            error: None,
        };
        client.dialer.call(ctx)?;
        Ok(client)
    }

    /// The host was looked up.
    pub(super) fn answer(&mut self, ctx: &mut Context, answer: Answer) {
        self.dialer.answer(ctx, answer);
    }

    fn calls_again(&self, ctx: &Context) -> bool {
        ctx.options.reconnect.is_some() && !self.ending
    }

    /// There is no connection: the session ends, or calls again after a while.
    fn missed(&mut self, ctx: &mut Context, error: Option<NetError>) {
        match ctx.options.reconnect {
            Some(backoff) if !self.ending => {
                let wait = backoff.wait(self.n_failed);
                self.n_failed = self.n_failed.saturating_add(1);
                self.error = None;
                ctx.log.calling_again(wait);
                self.phase = Phase::Waiting(after(wait));
            }
            Some(_) | None => self.over(error),
        }
    }

    /// There is no connection, which is not told yet.
    fn untold(&mut self, ctx: &mut Context, error: Option<NetError>) {
        if let Some(error) = error.as_ref().filter(|_error| self.calls_again(ctx)) {
            ctx.log.trouble(error.clone());
        }
        self.missed(ctx, error);
    }

    fn over(&mut self, error: Option<NetError>) {
        self.error = error;
        self.phase = Phase::Over;
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        if event.token() == MAIN {
            self.dialer.ready();
        } else {
            self.connections.ready(event);
        }
    }

    /// One turn; true when the client is at its end.
    pub(super) fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        match self.phase {
            Phase::Dialing => match self.dialer.turn(ctx) {
                Dialed::Nothing => {}
                Dialed::Made(made) => self.connected(ctx, made),
                Dialed::Refused(error) => self.missed(ctx, Some(error)),
                Dialed::NotFound(error) => self.untold(ctx, Some(error)),
            },
            Phase::Connected => {
                for Gone { error, .. } in self.connections.turn(ctx, until) {
                    self.error = error;
                }
                if self.closing().is_some_and(|closing| closing <= Instant::now()) {
                    self.phase = Phase::Over;
                } else if self.connections.is_empty() {
                    let error = self.error.take();
                    self.untold(ctx, error);
                }
            }
            Phase::Waiting(until) if ctx.log.stalled() || Instant::now() < until => {}
            Phase::Waiting(_past) => {
                self.phase = Phase::Dialing;
                if let Err(error) = self.dialer.call(ctx) {
                    self.untold(ctx, Some(error));
                }
            }
            Phase::Over => {}
        }
        matches!(self.phase, Phase::Over)
    }

    fn connected(&mut self, ctx: &mut Context, made: Made) {
        let Made { stream, local, peer } = made;
        let granted = options::granted(&SockRef::from(&stream));
        ctx.log.opened(Event::Opened { local, granted });
        match self.connections.insert(ctx, stream, local, peer, Origin::Connected) {
            Ok(_flow) => {
                self.error = None;
                self.n_failed = 0;
                self.phase = Phase::Connected;
            }
            Err(error) => self.over(Some(error)),
        }
    }

    pub(super) fn order(&mut self, ctx: &mut Context, order: Order) {
        match order {
            Order::Send { to, what } => self.connections.send(ctx, to, &what),
            Order::SendFile(order) => self.connections.send_file(ctx, order),
            Order::HalfClose(to) => self.connections.half_close(ctx, to),
            Order::Disconnect(to) => {
                self.ending |= !self.connections.is_empty();
                self.connections.disconnect(ctx, to);
            }
            Order::Reset(to) => {
                self.ending |= !self.connections.is_empty();
                self.connections.reset(ctx, to);
            }
            Order::StopListening => ctx.not_here(Doing::Listening, ""),
            Order::Join(group) => ctx.not_here(Doing::Joining, group.address),
            Order::Leave(group) => ctx.not_here(Doing::Leaving, group.address),
            Order::Close(by) => match self.phase {
                Phase::Dialing | Phase::Waiting(_) | Phase::Over => self.over(None),
                Phase::Connected => {
                    self.ending = true;
                    self.connections.close_all(by);
                }
            },
        }
    }

    /// Does what a rule answers.
    pub(super) fn react(&mut self, ctx: &mut Context, answer: Due) {
        self.connections.answer(ctx, answer);
    }

    /// Nobody listens any more, or to other messages.
    pub(super) fn forget_heard(&mut self) {
        self.connections.forget_heard();
    }

    /// Sends a beat of a repeat, or a row of a sequence.
    pub(super) fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        self.connections.beat(ctx, to, what)
    }

    pub(super) fn abandon(&mut self, ctx: &mut Context) {
        self.connections.abandon_all(ctx);
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
            Phase::Waiting(_) => false,
            Phase::Dialing => self.dialer.busy(),
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
            Phase::Dialing => self.dialer.deadline(),
            Phase::Waiting(until) => Some(*until),
            Phase::Connected | Phase::Over => self.connections.deadline(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::context::WAKER;
    use super::super::quiet::quiet_log;
    use super::super::rule_engine::RuleEngine;
    use super::*;
    use crate::codec::frame::Framing;
    use crate::model::Options;

    /// What a client tells that was given these addresses for its host.
    fn told(addresses: Vec<SocketAddr>) -> Vec<Event> {
        let mut poll = mio::Poll::new().unwrap();
        let waker = Arc::new(mio::Waker::new(poll.registry(), WAKER).unwrap());
        let (log, told) = quiet_log();
        let registry = poll.registry().try_clone().unwrap();
        let rule_engine = RuleEngine::new(Arc::default(), Framing::AsReceived);
        let mut ctx = Context::new(registry, log, Options::default(), rule_engine, &waker);
        let endpoint = Endpoint { host: "example.test".to_owned(), port: 1 };
        let mut client = TcpClient {
            dialer: Dialer::asking(endpoint.clone()),
            phase: Phase::Dialing,
            connections: Connections::default(),
            n_failed: 0,
            ending: false,
            error: None,
        };
        client.answer(&mut ctx, Answer { endpoint, addresses: Ok(addresses) });
        let mut events = mio::Events::with_capacity(8);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !client.turn(&mut ctx, deadline) && !matches!(client.phase, Phase::Connected) {
            assert!(Instant::now() < deadline);
            poll.poll(&mut events, Some(Duration::from_millis(100))).unwrap();
            events.iter().for_each(|event| client.ready(event));
        }
        ctx.log.settle();
        ctx.log.finish(client.take_error());
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
