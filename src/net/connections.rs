//! The TCP connections of one session and their scheduling.

mod answers;
mod commands;
mod legs;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use mio::Token;
use socket2::SockRef;

use super::connection::{Connection, Exchange, Turn};
use super::context::{Context, FIRST_FLOW, stream_interest};
use super::dialer::NewConnection;
use super::options;
use super::queue_size::QueueSize;
use super::time::earliest;
use super::tls::Role;
use crate::model::{Doing, FlowId, KeepAlive, NetError, Origin, Protocol, Transport};
use crate::rules::PeerAt;

/// The most reads of a leg of a relay in one turn, each of which is passed on at once.
const MAX_PASSES: usize = 16;

/// A connection that has ended.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) flow: FlowId,
    /// The other leg, if it was one of a relay.
    pub(super) twin: Option<FlowId>,
    pub(super) exchange: Exchange,
    pub(super) error: Option<NetError>,
    /// The error is the peer's RST, which the capture already shows.
    pub(super) reset_by_peer: bool,
}

/// Connections by flow, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Connections {
    all: BTreeMap<FlowId, Connection>,
    ready: VecDeque<FlowId>,
    deadlines: BTreeSet<(Instant, FlowId)>,
    /// When the next pieces of files are due.
    file_dues: BTreeSet<(Instant, FlowId)>,
    pub(super) queued: QueueSize,
    /// The deadline for closing all connections, while they are closing.
    pub(super) closing: Option<Instant>,
}

impl Connections {
    /// Takes over a new connection.
    pub(super) fn insert(
        &mut self,
        ctx: &mut Context,
        made: NewConnection,
        origin: Origin,
    ) -> Result<FlowId, NetError> {
        let id = self.insert_plain(ctx, made, origin)?;
        if ctx.options.tls.covers(origin) {
            let started = self.with(id, |connection| connection.start_tls(ctx, Role::of(origin)));
            if let Some(Err(error)) = started {
                self.with(id, |connection| connection.abandon(ctx));
                self.remove(ctx, id);
                return Err(error);
            }
        }
        if ctx.options.ws.covers(origin) {
            self.with(id, |connection| connection.start_ws(ctx, Role::of(origin)));
        }
        Ok(id)
    }

    /// As [`insert`](Self::insert), without layers.
    pub(super) fn insert_plain(
        &mut self,
        ctx: &mut Context,
        NewConnection { mut stream, local, peer }: NewConnection,
        origin: Origin,
    ) -> Result<FlowId, NetError> {
        let flow = ctx.log.flow(Transport::Tcp, local, peer, origin, None);
        let id = flow.id;
        let interest = stream_interest();
        let registered = match origin {
            Origin::Connected => ctx.registry.reregister(&mut stream, token(id), interest),
            Origin::Accepted | Origin::Datagram => ctx.registry.register(&mut stream, token(id), interest),
        };
        registered.map_err(|error| NetError::new(Doing::Accepting, peer, error))?;
        ctx.log.joined(&flow);
        let protocol = if origin == Origin::Accepted { Protocol::TcpServer } else { Protocol::TcpClient };
        let keep = KeepAlive::of(&ctx.options, protocol);
        options::connected(&SockRef::from(&stream), &ctx.options, keep, peer, &mut ctx.log);
        self.all.insert(id, Connection::new(flow, stream));
        Ok(id)
    }

    /// Starts TLS on a connection that was used without.
    pub(super) fn start_tls(&mut self, ctx: &mut Context, id: FlowId) {
        let done = self.with(id, |connection| connection.upgrade(ctx));
        if let Some(Err(error)) = done {
            ctx.log.trouble(error);
        }
        self.schedule(id);
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        let Some(id) = flow(event.token()) else { return };
        if let Some(connection) = self.all.get_mut(&id) {
            connection.ready(event);
            self.schedule(id);
        }
    }

    fn schedule(&mut self, id: FlowId) {
        if let Some(connection) = self.all.get_mut(&id)
            && !connection.scheduled
        {
            connection.scheduled = true;
            self.ready.push_back(id);
        }
    }

    /// Gives connections with work to do their turns, until about `until`. Returns those that have ended.
    pub(super) fn turn(&mut self, ctx: &mut Context, until: Instant) -> Vec<Gone> {
        let mut gone = Vec::new();
        let mut now = Instant::now();
        while let Some(id) = due(&mut self.deadlines, now).or_else(|| due(&mut self.file_dues, now)) {
            if let Some(connection) = self.all.get_mut(&id) {
                connection.wake_at = connection.wake_at.filter(|wake_at| *wake_at > now);
            }
            self.schedule(id);
        }
        for _turn in 0..self.ready.len() {
            if ctx.log.stalled() {
                break;
            }
            let Some(id) = self.ready.pop_front() else { break };
            gone.extend(self.turn_of(ctx, id, (now, until)));
            now = Instant::now();
            if now >= until {
                break;
            }
        }
        gone
    }

    fn turn_of(&mut self, ctx: &mut Context, id: FlowId, (now, until): (Instant, Instant)) -> Option<Gone> {
        let over = self.read_on(ctx, id, (now, until));
        let turn = match over {
            Some(over) => over,
            None => self.with(id, |connection| connection.write_on(ctx, now))?,
        };
        self.unblock(ctx, id, now);
        let exchange = self.exchange(id)?;
        match turn {
            Turn::Idle => {
                if ctx.log.stalled() {
                    self.schedule(id);
                }
                self.schedule_deadline(id);
                None
            }
            Turn::Again => {
                self.schedule(id);
                None
            }
            Turn::Over(error) => {
                let twin = self.all.get(&id).and_then(Connection::twin);
                self.remove(ctx, id);
                let reset_by_peer = error.as_ref().is_some_and(NetError::is_by_peer);
                Some(Gone { flow: id, twin, exchange, error, reset_by_peer })
            }
        }
    }

    /// Reads, and passes what has come to rules and sequences, or on to the other leg of a relay. `Some` if the connection
    /// has ended.
    fn read_on(&mut self, ctx: &mut Context, id: FlowId, (now, until): (Instant, Instant)) -> Option<Turn> {
        for _read in 0..MAX_PASSES {
            let over = self.with(id, |connection| {
                connection.scheduled = false;
                connection.read_on(ctx, now)
            })?;
            self.make_room(ctx);
            // What came before a reset counts, too.
            self.process(ctx, id, until);
            // What comes alone goes on at once; of a flood, several reads together, in the next turn.
            let floods = self.all.get(&id).is_some_and(Connection::floods);
            let read = Instant::now();
            self.pass(ctx, id, if floods { now } else { read });
            let reads_on = self.all.get(&id).is_some_and(|connection| connection.reads_on(ctx));
            if over.is_some() || !reads_on || read >= until {
                return over;
            }
        }
        None
    }

    /// Passes received messages to rules and sequences, and sends the answers that are due at once.
    fn process(&mut self, ctx: &mut Context, id: FlowId, until: Instant) {
        while self.with(id, |connection| connection.process_next(ctx)) == Some(true) {
            while let Some(answer) = ctx.answers.pop_front() {
                self.answer(ctx, answer);
            }
            ctx.held = self.queued.held;
            if Instant::now() >= until {
                break;
            }
        }
        if let Some(connection) = self.all.get(&id) {
            connection.tell_sequences(ctx);
        }
    }

    /// While no memory is left for an answer, gives up what takes most.
    fn make_room(&mut self, ctx: &mut Context) {
        let needed = (ctx.options.max_answer as u64).min(ctx.options.rule_memory / 2);
        ctx.held = self.queued.held;
        while ctx.room() < needed {
            let freeable = self.all.iter().map(|(id, connection)| (connection.freeable(ctx), *id));
            let Some((1.., id)) = freeable.max() else { return };
            if self.with(id, |connection| connection.give_up(ctx)) == Some(false) {
                self.reset_slow(ctx, id);
            }
            ctx.held = self.queued.held;
        }
    }

    /// Resets the connection to a peer that reads too slowly.
    fn reset_slow(&mut self, ctx: &mut Context, id: FlowId) {
        if let Some(connection) = self.all.get(&id) {
            ctx.log.trouble(connection.too_slow());
            self.abort(ctx, id);
        }
    }

    /// Schedules the connection's next wake-up; only the earliest deadline is kept.
    fn schedule_deadline(&mut self, id: FlowId) {
        let Some(connection) = self.all.get_mut(&id) else { return };
        self.file_dues.extend(connection.file_due().map(|due| (due, id)));
        if let Some(deadline) = connection.deadline()
            && connection.wake_at.is_none_or(|wake_at| deadline < wake_at)
        {
            connection.wake_at = Some(deadline);
            self.deadlines.insert((deadline, id));
        }
    }

    /// Runs `act` on a connection, if it exists, and updates the totals.
    fn with<T>(&mut self, id: FlowId, act: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        let connection = self.all.get_mut(&id)?;
        let before = connection.queued();
        let done = act(connection);
        self.queued += connection.queued();
        self.queued -= before;
        Some(done)
    }

    fn remove(&mut self, ctx: &mut Context, id: FlowId) {
        if let Some(mut connection) = self.all.remove(&id) {
            self.queued -= connection.queued();
            self.part(ctx, &mut connection);
            connection.note_refused(ctx);
            // Closing the socket removes it from the poll in any case.
            drop(ctx.registry.deregister(&mut connection.stream));
            ctx.log.left(id);
            ctx.rule_engine.responder.forget(id);
            let Context { sequences, log, .. } = ctx;
            sequences.peer_left(id, log.events());
        }
    }

    pub(super) fn busy(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn peer(&self, id: FlowId) -> Option<SocketAddr> {
        self.all.get(&id).map(|connection| connection.flow.peer)
    }

    pub(super) fn exchange(&self, id: FlowId) -> Option<Exchange> {
        self.all.get(&id).map(Connection::exchange)
    }

    /// Closes a connection, if it exists, once its queued data are sent, at `by` at the latest; both legs of a relay.
    pub(super) fn close(&mut self, id: FlowId, by: Option<Instant>) {
        for id in self.with_twin(id) {
            self.with(id, |connection| connection.close(by));
            self.schedule(id);
        }
    }

    pub(super) fn peers(&self) -> Vec<PeerAt> {
        self.all.iter().map(|(id, connection)| (*id, connection.flow.peer, connection.leg())).collect()
    }

    fn ids(&self) -> Vec<FlowId> {
        self.all.keys().copied().collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _id)| *deadline)
    }

    pub(super) fn file_due(&self) -> Option<Instant> {
        self.file_dues.first().map(|(due, _id)| *due)
    }

    pub(super) fn discard_received(&mut self) {
        for id in self.ids() {
            self.with(id, Connection::discard_received);
            // A leg of a relay passes on what it has withheld.
            self.schedule(id);
        }
    }

    /// Resets a connection, if it exists; both legs of a relay.
    pub(super) fn abort(&mut self, ctx: &mut Context, id: FlowId) {
        for id in self.with_twin(id) {
            if self.with(id, |connection| connection.reset(ctx)).is_some() {
                self.remove(ctx, id);
            }
        }
    }

    /// Closes all connections once their queued data are sent, at `by` at the latest.
    pub(super) fn close_all(&mut self, by: Instant) {
        self.closing = earliest([self.closing, Some(by)]);
        self.ids().into_iter().for_each(|id| self.close(id, self.closing));
    }

    /// Ends all connections at once, without sending queued data.
    pub(super) fn abandon_all(&mut self, ctx: &mut Context) {
        while let Some((id, mut connection)) = self.all.pop_first() {
            self.part(ctx, &mut connection);
            connection.abandon(ctx);
            connection.note_refused(ctx);
            ctx.log.left(id);
        }
        self.ready.clear();
        self.deadlines.clear();
        self.file_dues.clear();
        self.queued = QueueSize::default();
    }
}

/// Removes and returns the first flow that is due.
fn due(moments: &mut BTreeSet<(Instant, FlowId)>, now: Instant) -> Option<FlowId> {
    moments.first().filter(|(moment, _id)| *moment <= now)?;
    moments.pop_first().map(|(_moment, id)| id)
}

fn token(id: FlowId) -> Token {
    Token(FIRST_FLOW + id.0 as usize)
}

fn flow(token: Token) -> Option<FlowId> {
    u32::try_from(token.0.checked_sub(FIRST_FLOW)?).ok().map(FlowId)
}
