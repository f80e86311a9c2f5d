//! One TCP connection: reads, sends what waits, and knows how far its end has come. Knows nothing
//! of listeners, of attempts to connect, nor of other connections.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use socket2::SockRef;

use super::context::{Context, Readiness};
use super::deadline::earliest;
use super::file_sending::FileSending;
use super::file_source::Pieces;
use super::message_buffer::MessageBuffer;
use super::options;
use super::outgoing::{Next, Outgoing, SLICES};
use super::placeholders::Filled;
use super::rule_engine::Message;
use crate::model::{Cast, Cause, Doing, Ending, Flow, NetError, SendPart, SessionNote};

/// Reads, and writes, of one turn at most.
const CALLS: usize = 16;

/// Bytes read, and written, in one turn at most.
const BYTES: usize = 1024 * 1024;

/// How long after our FIN the peer's last words are waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What is to happen once nothing waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Then {
    Stay,
    HalfClose,
    Close,
}

/// How the peer's bytes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inflow {
    /// All that was there has been read.
    Trickle,
    /// The last read has filled what it was given: more waits.
    Flood,
}

/// What came of a turn.
#[derive(Debug)]
pub(super) enum Turn {
    /// Nothing is left to do before the next readiness.
    Idle,
    /// More can be done at once.
    Again,
    /// The connection is at its end, with the error that brought it there.
    Over(Option<NetError>),
}

/// How far the exchange over a connection has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Exchange {
    /// A message came.
    pub(super) is_answered: bool,
    /// The peer will send no more.
    pub(super) peer_fin: bool,
    /// Bytes that went.
    pub(super) sent: u64,
    /// Nothing waits to be sent.
    pub(super) is_sent: bool,
}

/// A connection that was made.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) flow: Flow,
    pub(super) stream: TcpStream,
    outgoing: Outgoing,
    /// What came and was not heard yet, if anybody listens.
    message_buffer: Option<Box<MessageBuffer>>,
    /// What goes next, as it was when it was last looked at.
    next: Next,
    ready: Readiness,
    then: Then,
    own_fin: bool,
    peer_fin: bool,
    /// Messages of the peer that were heard.
    heard: u64,
    sent: u64,
    broken: Option<io::Error>,
    inflow: Inflow,
    deadline: Option<Instant>,
    /// When it will be looked at in any case.
    pub(super) appointed: Option<Instant>,
    /// Stands in the queue of those with something to do.
    pub(super) scheduled: bool,
}

impl Connection {
    pub(super) fn new(flow: Flow, stream: TcpStream) -> Self {
        Self {
            flow,
            stream,
            outgoing: Outgoing::default(),
            message_buffer: None,
            next: Next::default(),
            ready: Readiness { writable: true, ..Readiness::default() },
            then: Then::Stay,
            own_fin: false,
            peer_fin: false,
            heard: 0,
            sent: 0,
            broken: None,
            inflow: Inflow::Trickle,
            deadline: None,
            appointed: None,
            scheduled: false,
        }
    }

    /// The poll told of readiness.
    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        self.ready.add(event);
    }

    /// Bytes and messages that wait.
    pub(super) fn queued(&self) -> (u64, u64) {
        (self.outgoing.bytes(), self.outgoing.messages())
    }

    /// How far the exchange has come.
    pub(super) fn exchange(&self) -> Exchange {
        let Self { heard, peer_fin, sent, .. } = *self;
        let is_answered = heard > 0 || self.has_unheard();
        Exchange { is_answered, peer_fin, sent, is_sent: self.outgoing.is_empty() }
    }

    /// When the next piece of a file is due, if the socket is writable.
    pub(super) fn file_due(&self) -> Option<Instant> {
        match self.next {
            Next::At(due) if self.ready.writable => Some(due),
            Next::At(_) | Next::Now | Next::Nothing => None,
        }
    }

    /// When there is something to do if nothing happens before: the peer's last words are waited for no
    /// longer, or a pause has ended a message.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let silence = self.message_buffer.as_ref().and_then(|message_buffer| message_buffer.deadline());
        earliest([self.deadline, silence])
    }

    /// Discards received bytes that rules and sequences have not seen yet.
    pub(super) fn discard_received(&mut self) {
        self.message_buffer = None;
    }

    /// Queues a message.
    pub(super) fn send(&mut self, data: &Arc<[u8]>) -> Result<(), NetError> {
        self.may_send()?;
        self.outgoing.push(Arc::clone(data)).map_err(|cause| self.wrong(Doing::Sending, cause))
    }

    /// Queues a file.
    pub(super) fn send_file(&mut self, file: FileSending) -> Result<(), NetError> {
        self.may_send()?;
        self.outgoing.push_file(file).map_err(|cause| self.wrong(Doing::Sending, cause))
    }

    /// Whether a beat of a repeat would be left out, because too much waits already, or because the sending
    /// side is closed.
    pub(super) fn is_behind(&self) -> bool {
        self.then != Then::Stay || self.outgoing.is_behind()
    }

    /// Queues what a rule answers. When the sending side is to be closed, nothing is sent, and that is nobody's
    /// fault.
    pub(super) fn answer(&mut self, data: &Arc<[u8]>) -> Result<(), NetError> {
        if self.may_answer() {
            self.outgoing.push(Arc::clone(data)).map_err(|cause| self.wrong(Doing::Answering, cause))?;
        }
        Ok(())
    }

    /// As [`answer`](Self::answer), the tail so long after the head.
    pub(super) fn answer_cut(&mut self, head: &[u8], pause: Duration, tail: &[u8]) -> Result<(), NetError> {
        if self.may_answer() {
            let pushed = self.outgoing.push_cut(head, pause, tail);
            pushed.map_err(|cause| self.wrong(Doing::Answering, cause))?;
        }
        Ok(())
    }

    /// As [`answer`](Self::answer), with a file.
    pub(super) fn answer_file(&mut self, file: FileSending) -> Result<(), NetError> {
        if self.may_answer() {
            self.outgoing.push_file(file).map_err(|cause| self.wrong(Doing::Answering, cause))?;
        }
        Ok(())
    }

    /// One that has asked and then closed its own side is still answered.
    fn may_answer(&self) -> bool {
        match self.then {
            Then::Stay => true,
            Then::HalfClose => self.peer_fin && !self.own_fin,
            Then::Close => false,
        }
    }

    /// Queues a beat of a repeat.
    pub(super) fn beat<'a>(
        &mut self,
        ctx: &mut Context,
        what: impl Iterator<Item = (&'a SendPart, u64)>,
    ) -> Result<(), NetError> {
        for (part, n_before) in what {
            match ctx.placeholders.fill(ctx.log.now(), &self.flow.peer, part, n_before)? {
                Filled::Bytes(data) => self.send(&data)?,
                Filled::File(file) => self.send_file(FileSending::open(file, Pieces::STREAM, None)?)?,
            }
        }
        Ok(())
    }

    /// Some file was paused, resumed or stopped.
    pub(super) fn files_changed(&mut self) {
        self.outgoing.drop_stopped();
    }

    fn may_send(&self) -> Result<(), NetError> {
        match self.then {
            Then::Stay => Ok(()),
            Then::HalfClose | Then::Close => Err(self.wrong(Doing::Sending, Cause::SendingClosed)),
        }
    }

    fn wrong(&self, doing: Doing, cause: impl Into<Cause>) -> NetError {
        NetError::new(doing, self.flow.peer, cause)
    }

    /// Closes the sending side once nothing waits.
    pub(super) fn half_close(&mut self) {
        self.then = self.then.max(Then::HalfClose);
    }

    /// Closes the connection once nothing waits. At `by` it is given up, if that is not reached.
    pub(super) fn close(&mut self, by: Option<Instant>) {
        self.then = Then::Close;
        self.deadline = earliest([self.deadline, by]);
    }

    /// Breaks the connection off.
    pub(super) fn reset(&mut self, ctx: &mut Context) {
        self.unsent(ctx);
        let ending = match options::abort(&SockRef::from(&self.stream)) {
            Ok(()) => Some(Ending::OwnReset),
            Err(error) => {
                ctx.log.trouble(self.wrong(Doing::SettingOption("SO_LINGER"), error));
                (!self.own_fin).then_some(Ending::OwnFin)
            }
        };
        if let Some(ending) = ending {
            ctx.log.ended(self.flow.id, ending);
        }
    }

    /// Time is up, or the session is being dropped: the connection ends as it stands.
    pub(super) fn abandon(&mut self, ctx: &mut Context) {
        if ctx.options.abort_on_close {
            self.reset(ctx);
            return;
        }
        self.unsent(ctx);
        self.own_fin(ctx);
        if self.broken.take().is_some() {
            ctx.log.ended(self.flow.id, Ending::PeerReset);
        }
    }

    fn unsent(&mut self, ctx: &mut Context) {
        if !self.outgoing.is_empty() {
            ctx.log.note(SessionNote::Unsent(self.outgoing.unsent(), self.flow.peer));
            self.outgoing.clear();
            self.next = Next::Nothing;
        }
    }

    /// The first half of a turn: reads what is there. `Some` when the connection is at its end.
    pub(super) fn read_on(&mut self, ctx: &mut Context, now: Instant) -> Option<Turn> {
        let over = self.read(ctx);
        if let Some(message_buffer) = &mut self.message_buffer {
            message_buffer.time(now);
        }
        over
    }

    /// Between the halves: lets whoever listens hear messages, until something is to be answered at once.
    /// False when there is nothing more to hear now.
    pub(super) fn hear(&mut self, ctx: &mut Context) -> bool {
        if (ctx.rule_engine.hears() && self.is_full(ctx)) || ctx.log.stalled() {
            return false;
        }
        let Some(message_buffer) = &mut self.message_buffer else { return false };
        let Some((message, record)) = message_buffer.next() else { return false };
        self.heard = self.heard.saturating_add(1);
        ctx.hear(Message { flow: self.flow.id, peer: self.flow.peer, bytes: message, record });
        true
    }

    /// So much is still to be sent in answer that no more is heard.
    fn is_full(&self, ctx: &Context) -> bool {
        self.outgoing.is_behind() || ctx.delayed.is_behind(self.flow.id)
    }

    fn has_unheard(&self) -> bool {
        self.message_buffer.as_ref().is_some_and(|message_buffer| message_buffer.has_next())
    }

    /// Something came that is still to be heard or answered.
    fn owes(&self, ctx: &Context) -> bool {
        ctx.delayed.waits(self.flow.id) || ctx.rule_engine.holds(self.flow.id) || self.has_unheard()
    }

    /// The second half of a turn: writing and closing.
    pub(super) fn write_on(&mut self, ctx: &mut Context, now: Instant) -> Turn {
        if !ctx.log.stalled() {
            self.write(ctx, now);
        }
        if ctx.log.stalled() {
            return Turn::Idle;
        }
        if let Some(over) = self.finish_sending(ctx, now) {
            return over;
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.abandon(ctx);
            return Turn::Over(None);
        }
        let may_hear = self.has_unheard() && !(ctx.rule_engine.hears() && self.is_full(ctx));
        if may_hear || self.may_read(ctx) || (self.ready.writable && self.next == Next::Now) {
            return Turn::Again;
        }
        match self.broken.take() {
            // Nothing more can be read either.
            Some(error) => self.lost(ctx, error),
            None => Turn::Idle,
        }
    }

    fn may_read(&self, ctx: &Context) -> bool {
        let answers = ctx.rule_engine.echoes() || ctx.rule_engine.hears();
        let full = (answers && self.is_full(ctx)) || self.has_unheard();
        self.ready.readable && !self.peer_fin && (!full || self.broken.is_some())
    }

    /// Reads what is there. `Some` when the connection is at its end.
    fn read(&mut self, ctx: &mut Context) -> Option<Turn> {
        let mut bytes = 0;
        for _call in 0..CALLS {
            if bytes >= BYTES || !self.may_read(ctx) || ctx.log.stalled() {
                break;
            }
            let room = self.room_to_read(ctx);
            match self.stream.read(ctx.buffer.get_mut(..room).unwrap_or_default()) {
                Ok(0) => {
                    self.ready.readable = false;
                    if let Some(error) = self.broken.take() {
                        return Some(self.lost(ctx, error));
                    }
                    self.peer_fin(ctx);
                }
                Ok(n) => {
                    bytes += n;
                    self.inflow = if n == room { Inflow::Flood } else { Inflow::Trickle };
                    self.received(ctx, n);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.ready.readable = false;
                    self.inflow = Inflow::Trickle;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Some(self.lost(ctx, error)),
            }
        }
        if self.ready.failed && self.peer_fin {
            // Nobody reads any more, so the reset would go unnoticed.
            self.ready.failed = false;
            if let Ok(Some(error)) = self.stream.take_error() {
                return Some(self.lost(ctx, error));
            }
        }
        None
    }

    /// How much is read at once. Of a stream that comes faster than it is read, what the capture takes best;
    /// else all that is there, so that what was sent together is seen together.
    fn room_to_read(&self, ctx: &Context) -> usize {
        let most = ctx.buffer.len();
        match self.inflow {
            Inflow::Trickle => most,
            Inflow::Flood => ctx.log.suitable(self.flow.id).clamp(1, most),
        }
    }

    fn received(&mut self, ctx: &mut Context, n: usize) {
        let bytes = ctx.buffer.get(..n).unwrap_or_default();
        let record = ctx.log.next_record();
        let at = ctx.log.received(self.flow.id, Cast::Unicast, bytes, None);
        if ctx.rule_engine.echoes() && self.then == Then::Stay && self.broken.is_none() {
            self.outgoing.push_answer(Arc::from(bytes));
            ctx.rule_engine.echoed();
        }
        if ctx.listens() {
            let message_buffer = self
                .message_buffer
                .get_or_insert_with(|| Box::new(MessageBuffer::new(ctx.rule_engine.cutter())));
            message_buffer.push(bytes, at, Instant::now(), record);
        }
        // A crash must not lose what a read has returned. A failure is handled by the worker.
        ctx.log.commit();
    }

    fn peer_fin(&mut self, ctx: &mut Context) {
        self.peer_fin = true;
        ctx.log.ended(self.flow.id, Ending::PeerFin);
        if let Some(message_buffer) = &mut self.message_buffer {
            message_buffer.finish();
        }
    }

    /// Sends what waits, as far as the kernel takes it.
    fn write(&mut self, ctx: &mut Context, now: Instant) {
        let mut bytes = 0;
        for _call in 0..CALLS {
            if !self.ready.writable || self.broken.is_some() {
                break;
            }
            let next = self.outgoing.prepare(now, ctx.log.suitable(self.flow.id));
            self.next = next.as_ref().copied().unwrap_or(Next::Now);
            if let Err(error) = next {
                ctx.log.trouble(error);
                continue;
            }
            if bytes >= BYTES || self.next != Next::Now {
                break;
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let n = self.outgoing.slices(&mut slices);
            let offered = slices.get(..n).unwrap_or_default();
            match self.stream.write_vectored(offered) {
                Ok(n) => {
                    bytes += n;
                    self.sent += n as u64;
                    let (log, flow) = (&mut ctx.log, self.flow.id);
                    self.outgoing.accepted(n, now, |part, whole| log.sent(flow, Cast::Unicast, whole, part));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.ready.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // What the peer sent before may still be there to be read.
                    self.unsent(ctx);
                    self.broken = Some(error);
                    self.ready.readable = !self.peer_fin;
                }
            }
        }
    }

    /// When nothing waits, does what was to follow. `Some` when the connection is at its end.
    fn finish_sending(&mut self, ctx: &mut Context, now: Instant) -> Option<Turn> {
        // A client that has gone looks the same as one that only stopped sending. What it has asked for before
        // is still answered.
        if self.peer_fin && !ctx.options.half_open && !self.owes(ctx) {
            self.then = Then::Close;
        }
        if self.outgoing.is_empty() && self.broken.is_none() {
            match self.then {
                Then::Stay => {}
                Then::HalfClose if self.peer_fin && self.owes(ctx) => {}
                Then::HalfClose => self.own_fin(ctx),
                Then::Close if ctx.options.abort_on_close => {
                    self.reset(ctx);
                    return Some(Turn::Over(None));
                }
                Then::Close => {
                    self.own_fin(ctx);
                    self.deadline.get_or_insert(now + LAST_WORDS);
                }
            }
        }
        (self.own_fin && self.peer_fin && self.broken.is_none()).then_some(Turn::Over(None))
    }

    fn own_fin(&mut self, ctx: &mut Context) {
        if self.own_fin {
            return;
        }
        self.own_fin = true;
        match self.stream.shutdown(Shutdown::Write) {
            Ok(()) => ctx.log.ended(self.flow.id, Ending::OwnFin),
            // The peer broke off before. What it sent until then may still be there to be read.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                self.ready.readable = !self.peer_fin;
                self.broken = Some(error);
            }
            Err(error) => ctx.log.trouble(self.wrong(Doing::HalfClosing, error)),
        }
    }

    /// The connection broke.
    fn lost(&mut self, ctx: &mut Context, error: io::Error) -> Turn {
        self.unsent(ctx);
        let by_peer = matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
        );
        // Without a word from the peer it is our own system that gave up.
        ctx.log.ended(self.flow.id, if by_peer { Ending::PeerReset } else { Ending::OwnReset });
        Turn::Over(Some(self.wrong(Doing::Receiving, error)))
    }
}
