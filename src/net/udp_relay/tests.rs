//! The limits of a relay of datagrams.

use std::sync::Arc;

use super::super::context::WAKER;
use super::super::null_recorder::null_log;
use super::super::rule_engine::RuleEngine;
use super::*;
use crate::codec::frame::Framing;
use crate::model::{Event, Options};

const PATIENCE: Duration = Duration::from_secs(20);

/// A relay to an upstream server, under a poll of its own.
struct Bench {
    poll: mio::Poll,
    ctx: Context,
    relay: UdpRelay,
    at: SocketAddr,
    server: std::net::UdpSocket,
    events: crossbeam_channel::Receiver<Event>,
}

impl Bench {
    fn new() -> Self {
        let poll = mio::Poll::new().unwrap();
        let waker = Arc::new(mio::Waker::new(poll.registry(), WAKER).unwrap());
        let (log, events) = null_log();
        let registry = poll.registry().try_clone().unwrap();
        let rule_engine = RuleEngine::new(Arc::default(), Framing::AsReceived, false);
        let mut ctx = Context::new(registry, log, Options::default(), rule_engine, &waker);
        let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let remote = server.local_addr().unwrap().into();
        let relay = UdpRelay::open(&mut ctx, "127.0.0.1:0".parse().unwrap(), remote).unwrap();
        let at = relay.ports[0].local;
        Self { poll, ctx, relay, at, server, events }
    }

    /// Runs turns until `done`.
    fn until(&mut self, done: impl Fn(&UdpRelay) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut ready = mio::Events::with_capacity(64);
        loop {
            assert!(!self.relay.turn(&mut self.ctx, deadline));
            if done(&self.relay) {
                return;
            }
            assert!(Instant::now() < deadline);
            let wait = if self.relay.busy() { Some(Duration::ZERO) } else { Some(Duration::from_millis(10)) };
            self.poll.poll(&mut ready, wait).unwrap();
            ready.iter().for_each(|event| self.relay.ready(event));
        }
    }

    fn client(&mut self) -> std::net::UdpSocket {
        let client = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        client.send_to(b"x", self.at).unwrap();
        let address = client.local_addr().unwrap();
        self.until(|relay| relay.by_address.contains_key(&address));
        client
    }

    fn events(&mut self) -> Vec<Event> {
        self.ctx.log.settle(Instant::now());
        self.events.try_iter().collect()
    }
}

#[test]
fn beyond_the_limit_the_client_that_was_silent_for_longest_is_forgotten() {
    let mut bench = Bench::new();
    bench.relay.limits.0 = 3;
    let mut clients: Vec<_> = (0..3).map(|_| bench.client()).collect();
    // The first speaks again, so that the second is the silent one.
    clients[0].send_to(b"y", bench.at).unwrap();
    let first = clients[0].local_addr().unwrap();
    let before = bench.relay.clients[&bench.relay.by_address[&first]].active;
    bench.until(|relay| relay.clients[&relay.by_address[&first]].active > before);
    for _ in 0..2 {
        clients.push(bench.client());
    }
    let there: Vec<bool> = clients
        .iter()
        .map(|client| bench.relay.by_address.contains_key(&client.local_addr().unwrap()))
        .collect();
    assert_eq!(there, [true, false, false, true, true]);
    assert_eq!((bench.relay.clients.len(), bench.relay.by_upstream.len()), (3, 3));
    let events = bench.events();
    let told =
        |event: &&Event| matches!(event, Event::Trouble(NetError { cause: Cause::TooManyClients(3), .. }));
    assert_eq!(events.iter().filter(told).count(), 1, "told once, and then counted");
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Left(_))).count(), 4);
}

#[test]
fn a_silent_client_is_forgotten_and_one_that_only_listens_is_not() {
    let mut bench = Bench::new();
    let (silent, listener) = (bench.client(), bench.client());
    let [silent, heard] = [silent, listener.try_clone().unwrap()].map(|client| client.local_addr().unwrap());
    let id = bench.relay.by_address[&heard];
    let leg = bench.relay.clients[&id].leg.as_ref().unwrap().socket.local_addr().unwrap();
    bench.relay.limits.1 = Duration::from_millis(50);
    bench.relay.sweep = Some(Instant::now());
    let server = bench.server.try_clone().unwrap();
    bench.until(|relay| {
        server.send_to(b"news", leg).unwrap();
        !relay.by_address.contains_key(&silent)
    });
    assert!(bench.relay.by_address.contains_key(&heard));
    bench.until(|relay| relay.clients.is_empty());
    assert!(bench.relay.by_address.is_empty() && bench.relay.by_upstream.is_empty());
}
