//! The kinds of session, of which each owns its sockets. Knows nothing of what they do: each is asked alike.

use std::time::Instant;

use super::context::Context;
use super::order::Order;
use super::repeats::Beat;
use super::resolve::Answer;
use super::rule_engine::Due;
use super::tcp_client::TcpClient;
use super::tcp_server::TcpServer;
use super::tcp_short::TcpShort;
use super::udp::Udp;
use crate::model::{Link, NetError, SendPart, Target};

/// The kind of session.
#[derive(Debug)]
pub(super) enum SessionKind {
    Client(Box<TcpClient>),
    Short(Box<TcpShort>),
    Server(TcpServer),
    Udp(Box<Udp>),
}

impl SessionKind {
    pub(super) fn open(ctx: &mut Context, link: Link) -> Result<Self, NetError> {
        match link {
            Link::TcpClient { remote, local } => match ctx.options.short {
                Some(short) => Ok(Self::Short(Box::new(TcpShort::open(ctx, remote, local, short)))),
                None => TcpClient::open(ctx, remote, local).map(Box::new).map(Self::Client),
            },
            Link::TcpServer { local } => TcpServer::open(ctx, local).map(Self::Server),
            Link::Udp { local, remote, groups } => {
                Udp::open(ctx, local, remote, &groups).map(Box::new).map(Self::Udp)
            }
        }
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        match self {
            Self::Client(client) => client.ready(event),
            Self::Short(short) => short.ready(event),
            Self::Server(server) => server.ready(event),
            Self::Udp(udp) => udp.ready(event),
        }
    }

    pub(super) fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        match self {
            Self::Client(client) => client.beat(ctx, to, what),
            Self::Short(short) => short.beat(ctx, to, what),
            Self::Server(server) => server.beat(ctx, to, what),
            Self::Udp(udp) => udp.beat(ctx, to, what),
        }
    }

    /// Does what a rule answers.
    pub(super) fn react(&mut self, ctx: &mut Context, answer: Due) {
        match self {
            Self::Client(client) => client.react(ctx, answer),
            Self::Short(short) => short.react(ctx, answer),
            Self::Server(server) => server.react(ctx, answer),
            Self::Udp(udp) => udp.react(ctx, answer),
        }
    }

    /// Nobody listens any more, or to other messages.
    pub(super) fn forget_heard(&mut self) {
        match self {
            Self::Client(client) => client.forget_heard(),
            Self::Short(short) => short.forget_heard(),
            Self::Server(server) => server.forget_heard(),
            // A datagram is heard whole.
            Self::Udp(_) => {}
        }
    }

    pub(super) fn order(&mut self, ctx: &mut Context, order: Order) {
        match self {
            Self::Client(client) => client.order(ctx, order),
            Self::Short(short) => short.order(ctx, order),
            Self::Server(server) => server.order(ctx, order),
            Self::Udp(udp) => udp.order(ctx, order),
        }
    }

    pub(super) fn answer(&mut self, ctx: &mut Context, answer: Answer) {
        match self {
            Self::Client(client) => client.answer(ctx, answer),
            Self::Short(short) => short.answer(ctx, answer),
            // A server looks nothing up.
            Self::Server(_) => {}
            Self::Udp(udp) => udp.answer(ctx, answer),
        }
    }

    /// One turn; true when the session is at its end.
    pub(super) fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        match self {
            Self::Client(client) => client.turn(ctx, until),
            Self::Short(short) => short.turn(ctx, until),
            Self::Server(server) => server.turn(ctx, until),
            Self::Udp(udp) => udp.turn(ctx, until),
        }
    }

    /// Something can be done at once.
    pub(super) fn busy(&self) -> bool {
        match self {
            Self::Client(client) => client.busy(),
            Self::Short(short) => short.busy(),
            Self::Server(server) => server.busy(),
            Self::Udp(udp) => udp.busy(),
        }
    }

    pub(super) fn look_at_files(&mut self) {
        match self {
            Self::Client(client) => client.look_at_files(),
            Self::Short(short) => short.look_at_files(),
            Self::Server(server) => server.look_at_files(),
            Self::Udp(udp) => udp.look_at_files(),
        }
    }

    /// When a piece of a file goes, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Client(client) => client.due(),
            Self::Short(short) => short.due(),
            Self::Server(server) => server.due(),
            Self::Udp(udp) => udp.due(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Client(client) => client.deadline(),
            Self::Short(short) => short.deadline(),
            Self::Server(server) => server.deadline(),
            Self::Udp(udp) => udp.deadline(),
        }
    }

    /// Until when everything is to be closed, if it is.
    pub(super) fn closing(&self) -> Option<Instant> {
        match self {
            Self::Client(client) => client.closing(),
            Self::Short(short) => short.closing(),
            Self::Server(server) => server.closing(),
            Self::Udp(udp) => udp.closing(),
        }
    }

    pub(super) fn queued(&self) -> (u64, u64) {
        match self {
            Self::Client(client) => client.queued(),
            Self::Short(short) => short.queued(),
            Self::Server(server) => server.queued(),
            Self::Udp(udp) => udp.queued(),
        }
    }

    /// Ends everything as it stands.
    pub(super) fn abandon(&mut self, ctx: &mut Context) {
        match self {
            Self::Client(client) => client.abandon(ctx),
            Self::Short(short) => short.abandon(ctx),
            Self::Server(server) => server.abandon(ctx),
            Self::Udp(udp) => udp.abandon(ctx),
        }
    }

    pub(super) fn take_error(&mut self) -> Option<NetError> {
        match self {
            Self::Client(client) => client.take_error(),
            Self::Short(_) | Self::Server(_) | Self::Udp(_) => None,
        }
    }
}
