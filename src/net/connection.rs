//! One TCP connection: reads, writes, and closes in order.

mod closing;
mod layer;
mod leg;
mod limits;
mod processing;
mod websocket;

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::time::Instant;

use mio::net::TcpStream;

use self::layer::Layer;
use super::clock::wall_now;
use super::context::{Context, Readiness};
use super::disk::Disk;
use super::file_sending::FileSending;
use super::file_source::PieceSize;
use super::files::Share;
use super::message_buffer::MessageBuffer;
use super::outgoing::{Next, Outgoing, SLICES};
use super::pipe::{Passing, Pipe};
use super::placeholders::Filled;
use super::queue_size::QueueSize;
use super::time::earliest;
use super::websocket::Ws;
use crate::codec::websocket::Opcode;
use crate::model::{Cast, Cause, Doing, Ending, FileToSend, Flow, NetError, SendPart};

/// The most reads, and the most writes, in one turn.
const MAX_CALLS: usize = 16;

/// The most bytes read, and the most written, in one turn.
const MAX_BYTES: usize = 1024 * 1024;

/// The most bytes given to the system in one write. Windows takes all of them at once, whatever its buffer holds, so
/// that they would count as sent although the peer reads nothing.
const MAX_WRITE: usize = if cfg!(windows) { 64 * 1024 } else { usize::MAX };

/// What to do once all queued data are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AfterSending {
    Stay,
    HalfClose,
    Close,
}

/// How fast the peer sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inflow {
    /// The last read emptied the receive buffer.
    Trickle,
    /// The last read filled its buffer, so more data may be waiting.
    Flood,
}

#[derive(Debug)]
pub(super) enum Turn {
    /// Nothing is left to do until the socket is ready again.
    Idle,
    /// There is more to do at once.
    Again,
    /// The connection has ended, because of this error if there is one.
    Over(Option<NetError>),
}

/// The progress of a request and its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange {
    /// A message has been received.
    pub(super) is_answered: bool,
    pub(super) peer_fin: bool,
    pub(super) sent: u64,
    /// All queued data are sent.
    pub(super) is_sent: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) flow: Flow,
    pub(super) stream: TcpStream,
    /// What is between the socket and everything else.
    layer: Layer,
    outgoing: Outgoing,
    /// Received bytes not yet processed by rules, if any are active.
    message_buffer: Option<Box<MessageBuffer>>,
    /// What is passed on to the other leg, if this is one of a relay.
    pipe: Option<Box<Pipe>>,
    /// The result of the last [`Outgoing::prepare`].
    next: Next,
    ready: Readiness,
    after_sending: AfterSending,
    own_fin: bool,
    /// The peer has sent all.
    peer_fin: bool,
    /// The socket has been read to its end, which may come after the peer has said that it sends no more.
    eof: bool,
    /// Nothing was read yet.
    fresh: bool,
    /// Why the layer has failed. The connection is about to end.
    failed: Option<NetError>,
    /// The peer of a client has closed a WebSocket because of this.
    closed_with: Option<NetError>,
    /// Messages processed by rules and sequences.
    n_processed: u64,
    sent: u64,
    /// Answers dropped since they were last noted, and their bytes.
    dropped: (u64, u64),
    /// Bytes that cannot be sent to the peer any more, and are to be noted.
    refused: u64,
    broken: Option<io::Error>,
    inflow: Inflow,
    deadline: Option<Instant>,
    /// The deadline at which [`Connections`](super::connections::Connections) schedules a turn.
    pub(super) wake_at: Option<Instant>,
    /// The connection is in the queue of those with work to do.
    pub(super) scheduled: bool,
}

impl Connection {
    pub(super) fn new(flow: Flow, stream: TcpStream) -> Self {
        Self {
            flow,
            stream,
            layer: Layer::default(),
            outgoing: Outgoing::default(),
            message_buffer: None,
            pipe: None,
            next: Next::default(),
            ready: Readiness { writable: true, ..Readiness::default() },
            after_sending: AfterSending::Stay,
            own_fin: false,
            peer_fin: false,
            eof: false,
            fresh: true,
            failed: None,
            closed_with: None,
            n_processed: 0,
            sent: 0,
            dropped: (0, 0),
            refused: 0,
            broken: None,
            inflow: Inflow::Trickle,
            deadline: None,
            wake_at: None,
            scheduled: false,
        }
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        self.ready.add(event);
    }

    pub(super) fn queued(&self) -> QueueSize {
        let of_pipe = self.pipe.as_ref().map_or(0, |pipe| pipe.held());
        let held = self.unprocessed() + self.outgoing.answers + of_pipe;
        let (bytes, messages) = self.layer.flight();
        let (bytes, messages) = (bytes + self.outgoing.bytes(), messages + self.outgoing.messages());
        QueueSize { bytes, messages, held }
    }

    pub(super) fn exchange(&self) -> Exchange {
        let Self { n_processed, peer_fin, sent, .. } = *self;
        let is_answered = n_processed > 0 || self.has_unprocessed();
        Exchange { is_answered, peer_fin, sent, is_sent: self.is_all_sent() }
    }

    /// When the next piece of a file is due, if the socket is writable.
    pub(super) fn file_due(&self) -> Option<Instant> {
        match self.next {
            Next::At(due) if self.ready.writable => Some(due),
            Next::At(_) | Next::Now | Next::Nothing => None,
        }
    }

    /// When a turn is due without readiness: to stop waiting for the peer's FIN, or to end a message.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let silence = self.message_buffer.as_ref().and_then(|message_buffer| message_buffer.deadline());
        let of_pipe = self.pipe.as_ref().and_then(|pipe| pipe.due());
        // What cannot be done now waits for the socket.
        let ping = self.layer.ws().and_then(Ws::ping_due).filter(|_| self.ready.writable);
        let quiet = self.quiet_at().filter(|_| self.is_all_sent() && !self.layer.is_handshaking());
        earliest([self.deadline, silence, self.layer.deadline(), ping, quiet, of_pipe])
    }

    pub(super) fn discard_received(&mut self) {
        self.release();
        self.message_buffer = None;
    }

    /// Queues a part, filled in for this peer.
    pub(super) fn send(&mut self, ctx: &mut Context, part: &SendPart, n_before: u64) -> Result<(), NetError> {
        self.outgoing.why.clone_from(&ctx.why);
        match ctx.placeholders.fill(wall_now(), &self.flow.name(), part, n_before)? {
            Filled::Bytes(data) => {
                let is_hex = matches!(part, SendPart::Hex(_));
                let opcode = is_hex.then(|| ctx.options.ws.send.opcode(&data, false));
                self.queue(|outgoing| outgoing.push_if_room(data, opcode))
            }
            Filled::File(file) => self.send_file(&ctx.disk, file, None),
            Filled::StartTls => self.upgrade(ctx),
        }
    }

    pub(super) fn send_file(
        &mut self,
        disk: &Disk,
        file: &FileToSend,
        share: Option<Share>,
    ) -> Result<(), NetError> {
        let file = FileSending::open(disk, file, PieceSize::STREAM, share)?;
        self.queue(|outgoing| outgoing.push_file(file))
    }

    fn queue(&mut self, push: impl FnOnce(&mut Outgoing) -> Result<(), Cause>) -> Result<(), NetError> {
        let is_open = self.after_sending == AfterSending::Stay;
        let done = if is_open { push(&mut self.outgoing) } else { Err(Cause::SendingClosed) };
        done.map_err(|cause| self.error(Doing::Sending, cause))
    }

    /// Whether a repeat should skip a beat, because too much is queued or the sending side is closed.
    pub(super) fn is_behind(&self) -> bool {
        self.after_sending != AfterSending::Stay || self.outgoing.is_behind()
    }

    /// Queues an answer of a rule. Does nothing if the sending side is closing.
    pub(super) fn answer(
        &mut self,
        why: &Arc<str>,
        push: impl FnOnce(&mut Outgoing) -> Result<(), Cause>,
    ) -> Result<(), NetError> {
        if !self.may_answer() {
            return Ok(());
        }
        self.outgoing.why = Some(Arc::clone(why));
        push(&mut self.outgoing).map_err(|cause| self.error(Doing::Answering, cause))?;
        self.outgoing.count_answer();
        Ok(())
    }

    /// A peer that sends a request and then closes its sending side still gets the answer.
    fn may_answer(&self) -> bool {
        match self.after_sending {
            AfterSending::Stay => true,
            AfterSending::HalfClose => self.peer_fin && !self.own_fin,
            AfterSending::Close => false,
        }
    }

    pub(super) fn files_changed(&mut self) {
        self.outgoing.drop_stopped();
    }

    fn error(&self, doing: Doing, cause: impl Into<Cause>) -> NetError {
        NetError::new(doing, self.flow.peer, cause)
    }

    /// Everything queued was given to the system.
    fn is_all_sent(&self) -> bool {
        self.outgoing.is_empty() && self.layer.flight() == (0, 0)
    }

    /// The first half of a turn: reads. `Some` if the connection has ended.
    pub(super) fn read_on(&mut self, ctx: &mut Context, now: Instant) -> Option<Turn> {
        self.follow_hold(ctx, now, false);
        self.follow_faults(ctx, now);
        let over = self.read(ctx);
        if let Some(message_buffer) = &mut self.message_buffer {
            message_buffer.time(now);
        }
        over
    }

    /// The second half of a turn: writes and closes.
    pub(super) fn write_on(&mut self, ctx: &mut Context, now: Instant) -> Turn {
        if !ctx.log.stalled() {
            self.write(ctx, now);
            if !self.outgoing.is_behind() {
                self.note_dropped(ctx);
            }
        }
        if ctx.log.stalled() {
            return Turn::Idle;
        }
        self.time_handshake(ctx, now);
        if let Some(over) = self.finish_sending(ctx, now) {
            return over;
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.abandon(ctx);
            return Turn::Over(self.why_over());
        }
        if self.may_process(ctx) || self.may_read(ctx) || (self.ready.writable && self.next == Next::Now) {
            return Turn::Again;
        }
        match self.broken.take() {
            // There is nothing more to read either.
            Some(error) => self.lost(ctx, error),
            None => Turn::Idle,
        }
    }

    fn may_read(&self, ctx: &Context) -> bool {
        if self.pipe.as_ref().is_some_and(|pipe| !pipe.has_room()) {
            return false;
        }
        let answers = ctx.rule_engine.echoes || ctx.rule_engine.wants_messages();
        let full = (answers && self.is_full(ctx)) || self.has_unprocessed();
        self.ready.readable && !self.eof && (!full || self.broken.is_some())
    }

    /// More may be waiting than the last read took.
    pub(super) fn floods(&self) -> bool {
        self.inflow == Inflow::Flood
    }

    /// Reads what the socket has received. `Some` if the connection has ended.
    fn read(&mut self, ctx: &mut Context) -> Option<Turn> {
        let mut bytes = 0;
        // A leg of a relay passes on each read before the next.
        for _call in 0..if self.pipe.is_some() { 1 } else { MAX_CALLS } {
            if bytes >= MAX_BYTES || !self.may_read(ctx) || ctx.log.stalled() {
                break;
            }
            let room = self.room_to_read(ctx);
            match self.stream.read(&mut ctx.buffer[..room]) {
                Ok(0) => {
                    self.ready.readable = false;
                    if let Some(error) = self.broken.take() {
                        return Some(self.lost(ctx, error));
                    }
                    self.eof(ctx);
                }
                Ok(n) => {
                    bytes += n;
                    if n == room {
                        self.inflow = Inflow::Flood;
                    } else {
                        self.inflow = Inflow::Trickle;
                        self.ready.fell_short();
                    }
                    let buffer = std::mem::take(&mut ctx.buffer);
                    let read = buffer.get(..n).unwrap_or_default();
                    if self.layer.is_plain() {
                        self.received(ctx, read, None);
                        if self.pipe.is_none() {
                            // A crash must not lose data that have been read. The worker handles a failure.
                            ctx.log.commit();
                        }
                    } else {
                        self.unwrap(ctx, read);
                    }
                    ctx.buffer = buffer;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.ready.readable = false;
                    self.inflow = Inflow::Trickle;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Some(self.lost(ctx, error)),
            }
        }
        if self.ready.readable && !self.eof && self.held().is_some() {
            // That the peer has left is known at once, although nothing is read until somebody decides.
            match self.stream.peek(&mut [0]) {
                Ok(0) => {
                    self.ready.readable = false;
                    self.eof(ctx);
                }
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Some(self.lost(ctx, error));
                }
                Ok(_) | Err(_) => {}
            }
        }
        let is_unread = self.eof || self.pipe.is_some() && !self.may_read(ctx);
        if self.ready.failed && is_unread {
            // Nothing is read, so only this reports a reset.
            self.ready.failed = false;
            if let Some(error) = self.failure() {
                return Some(self.lost(ctx, error));
            }
        }
        None
    }

    /// The socket's error, once the peer has sent all.
    fn failure(&self) -> Option<io::Error> {
        if let Ok(Some(error)) = self.stream.take_error() {
            return Some(error);
        }
        // Windows reports it only to a read.
        let read = self.stream.peek(&mut [0]);
        read.err().filter(|error| error.kind() != io::ErrorKind::WouldBlock)
    }

    /// How many bytes to read at once. While data arrive faster than they are read, the size that the capture
    /// prefers; otherwise all that is there, so that data sent together are shown together.
    fn room_to_read(&self, ctx: &Context) -> usize {
        let most = ctx.buffer.len();
        match self.inflow {
            Inflow::Trickle => most,
            Inflow::Flood => ctx.log.suitable(self.flow.id).clamp(1, most),
        }
    }

    /// Data were received, by WebSocket as a message of this kind. They are not committed yet.
    fn received(&mut self, ctx: &mut Context, bytes: &[u8], opcode: Option<Opcode>) {
        if std::mem::take(&mut self.fresh) {
            self.expects_tls(ctx, bytes);
        }
        let record = ctx.log.next_record(self.flow.id);
        let at = ctx.log.received(self.flow.id, Cast::Unicast, bytes, None);
        ctx.rule_engine.silences.received(self.flow.peer, self.leg());
        if ctx.rule_engine.echoes && self.after_sending == AfterSending::Stay && self.broken.is_none() {
            self.outgoing.why = None;
            self.outgoing.push_as(Arc::from(bytes), opcode);
            self.outgoing.count_answer();
            ctx.rule_engine.echoed();
        }
        let withholds = self.pipe.is_some() && ctx.withholds();
        if ctx.wants_messages() {
            let cutter = &ctx.rule_engine.cutter;
            let message_buffer = self.message_buffer.get_or_insert_with(|| {
                Box::new(if withholds {
                    MessageBuffer::withholding(cutter, ctx.options.pass_after)
                } else {
                    MessageBuffer::new(cutter)
                })
            });
            message_buffer.push(bytes, at, Instant::now(), (record, opcode));
        }
        if self.pipe.is_some() && !withholds {
            if ctx.has_faults() {
                let input = self.pipe().map(|pipe| pipe.input(bytes.len(), record.map(|record| (record, 0))));
                let passing = Passing { data: Arc::from(bytes), why: None, opcode, input };
                self.pass_with_faults(ctx, (passing, false), record, Instant::now());
            } else {
                self.pass_on(bytes, opcode, record.map(|record| (record, 0)));
            }
        }
    }

    /// The socket has been read to its end.
    fn eof(&mut self, ctx: &mut Context) {
        self.eof = true;
        if !self.layer.is_plain() {
            self.end_of_wire(ctx);
        }
        if !self.peer_fin {
            self.peer_fin(ctx);
        }
    }

    fn peer_fin(&mut self, ctx: &mut Context) {
        self.peer_fin = true;
        ctx.log.ended(self.flow.id, Ending::PeerFin);
        if let Some(message_buffer) = &mut self.message_buffer {
            message_buffer.finish();
        }
        if let Some(pipe) = &mut self.pipe {
            pipe.finish();
        }
    }

    /// Writes queued data as far as the kernel accepts them.
    fn write(&mut self, ctx: &mut Context, now: Instant) {
        if !self.layer.is_plain() {
            return self.write_wrapped(ctx, now);
        }
        let mut bytes = 0;
        for _call in 0..MAX_CALLS {
            if !self.ready.writable || self.broken.is_some() {
                break;
            }
            let next = self.outgoing.prepare(now, ctx.log.suitable(self.flow.id));
            self.next = next.as_ref().copied().unwrap_or(Next::Now);
            if let Err(error) = next {
                ctx.log.trouble(error);
                continue;
            }
            if bytes >= MAX_BYTES || self.next != Next::Now {
                break;
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let n = self.outgoing.slices(&mut slices, MAX_WRITE);
            let done = match &slices[..n] {
                // Without the cost of a list.
                [one] => self.stream.write(one),
                several => self.stream.write_vectored(several),
            };
            match done {
                Ok(n) => {
                    bytes += n;
                    self.sent += n as u64;
                    let (log, flow) = (&mut ctx.log, self.flow.id);
                    self.outgoing.accepted(n, now, |part, whole, why| {
                        log.sent(flow, Cast::Unicast, whole, part, why);
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.ready.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.broken(ctx, error),
            }
        }
    }

    /// Writing fails. The receive buffer may still hold data from before the error.
    fn broken(&mut self, ctx: &mut Context, error: io::Error) {
        self.unsent(ctx);
        self.broken = Some(error);
        self.ready.readable = !self.eof;
    }
}
