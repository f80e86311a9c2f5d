//! A TCP client that keeps no connection: it makes one for each message, waits for the answer, and closes it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::connection::Exchange;
use super::connections::{Connections, Gone};
use super::context::{Context, MAIN};
use super::dialer::{Dialed, Dialer, Made};
use super::files::Share;
use super::order::Order;
use super::outgoing::{ENTRY, MOST};
use super::repeats::Beat;
use super::resolve::Answer;
use super::rule_engine::Due;
use super::worker::after;
use crate::model::{
    Cause, Doing, Endpoint, Event, FileId, FileOrder, FileToSend, FlowId, NetError, Origin, SendPart,
    SessionNote, Short, ShortTally, ShortUntil, Target,
};

/// Connections that may still be closing when the next one is made. A peer that does not close its side
/// keeps one for a second.
const CLOSING: usize = 64;

/// How long a connection that is done with may take to send what is left and to hear the peer's last words.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What has come of them is told no more often than this.
const TELL: Duration = Duration::from_millis(50);

/// What is to be sent over one connection.
#[derive(Debug)]
enum Message {
    Parts(Vec<SendPart>),
    /// A file of which is told how far it has come.
    File(Box<FileToSend>, Share),
}

impl Message {
    /// Its bytes, without those in files, which are not read yet; and what it counts besides them.
    fn size(&self) -> (u64, u64) {
        let bytes = |part: &SendPart| match part {
            SendPart::Bytes(bytes) => bytes.len() as u64,
            SendPart::Template(template) => template.text().len() as u64,
            SendPart::File(_) => 0,
        };
        match self {
            Self::Parts(parts) => (parts.iter().map(bytes).sum(), parts.len() as u64),
            Self::File(..) => (0, 1),
        }
    }

    fn is_stopped(&self) -> bool {
        match self {
            Self::Parts(_) => false,
            Self::File(_, share) => share.is_stopped(),
        }
    }
}

/// How far the connection that is being made, or is made, has come.
#[derive(Debug)]
enum State {
    Idle,
    Dialing { begun: Instant, message: Message },
    Exchanging { begun: Instant, by: Instant, sent: u64, flow: FlowId },
}

/// A client with short connections.
#[derive(Debug)]
pub(super) struct TcpShort {
    short: Short,
    dialer: Dialer,
    connections: Connections,
    waiting: PendingMessages,
    state: State,
    /// How the connection of the exchange ended, until that is looked at.
    ended: Option<Gone>,
    tally: ShortTally,
    told: Option<Instant>,
    untold: bool,
    closing: Option<Instant>,
}

impl TcpShort {
    /// Calls nobody yet.
    pub(super) fn open(ctx: &mut Context, remote: Endpoint, bind: Option<SocketAddr>, short: Short) -> Self {
        ctx.log.opened(Event::Ready);
        Self {
            short,
            dialer: Dialer::new(remote, bind),
            connections: Connections::default(),
            waiting: PendingMessages::default(),
            state: State::Idle,
            ended: None,
            tally: ShortTally::default(),
            told: None,
            untold: false,
            closing: None,
        }
    }

    pub(super) fn answer(&mut self, ctx: &mut Context, answer: Answer) {
        self.dialer.answer(ctx, answer);
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        if event.token() == MAIN {
            self.dialer.ready();
        } else {
            self.connections.ready(event);
        }
    }

    /// One turn; true when the session is at its end.
    pub(super) fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        let gone = self.connections.turn(ctx, until);
        if let State::Exchanging { flow, .. } = self.state {
            self.ended = gone.into_iter().find(|gone| gone.flow == flow).or(self.ended.take());
        }
        if !ctx.log.stalled() {
            self.exchange(ctx);
            self.dial(ctx);
            self.begin(ctx);
            self.tell(ctx);
        }
        let is_done = self.is_idle() && self.connections.is_empty();
        self.closing.is_some_and(|by| is_done || by <= Instant::now())
    }

    fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.waiting.messages.is_empty()
    }

    /// Makes the next connection, if it is its turn.
    fn begin(&mut self, ctx: &mut Context) {
        if !matches!(self.state, State::Idle) || self.connections.len() >= CLOSING {
            return;
        }
        let Some(message) = self.waiting.pop() else { return };
        self.state = State::Dialing { begun: Instant::now(), message };
        if let Err(error) = self.dialer.call(ctx) {
            self.failed(ctx, Some(error));
        }
    }

    /// Has the call come to something?
    fn dial(&mut self, ctx: &mut Context) {
        match self.dialer.turn(ctx) {
            Dialed::Nothing => {}
            Dialed::Made(made) => self.made(ctx, made),
            // It was told already.
            Dialed::Refused(_error) => self.failed(ctx, None),
            Dialed::NotFound(error) => self.failed(ctx, Some(error)),
        }
    }

    fn made(&mut self, ctx: &mut Context, made: Made) {
        let State::Dialing { begun, message } = std::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        let Made { stream, local, peer } = made;
        let flow = match self.connections.insert(ctx, stream, local, peer, Origin::Connected) {
            Ok(flow) => flow,
            Err(error) => return self.failed(ctx, Some(error)),
        };
        self.state = State::Exchanging { begun, by: after(self.short.within), sent: 0, flow };
        let done = match message {
            Message::Parts(parts) => match self.connections.beat(ctx, &Target::Flows(vec![flow]), &parts) {
                // A connection that was just made takes all.
                Beat::Sent | Beat::Partly | Beat::Missed | Beat::NobodyLeft => Ok(()),
                Beat::Failed(error) => Err(error),
            },
            Message::File(file, share) => self.connections.send_file_to(flow, &file, share),
        };
        if let Err(error) = done {
            self.connections.close(flow, after(LAST_WORDS));
            self.failed(ctx, Some(error));
        }
    }

    /// Has what is waited for come?
    fn exchange(&mut self, ctx: &mut Context) {
        let State::Exchanging { begun, by, sent, flow } = self.state else { return };
        let now = Instant::now();
        let end = self.ended.take().filter(|gone| gone.flow == flow);
        let is_over = end.is_some();
        let (exchange, error) = match end {
            Some(Gone { exchange, error, .. }) => (exchange, error),
            None => match self.connections.exchange(flow) {
                Some(exchange) => (exchange, None),
                // It was broken off on demand.
                None => return self.failed(ctx, None),
            },
        };
        let by = if exchange.sent == sent { by } else { after(self.short.within) };
        let is_late = now >= by;
        if self.is_done(exchange, error.is_some()) {
            self.tally.add_done(now.saturating_duration_since(begun));
            self.settled();
        } else if is_over || is_late || (exchange.peer_fin && self.short.until != ShortUntil::Sent) {
            let patience = u64::try_from(self.short.within.as_millis()).unwrap_or(u64::MAX);
            let cause = if is_late && !is_over { Cause::TimedOut(patience) } else { Cause::ClosedUnanswered };
            let unanswered = || NetError::new(Doing::Receiving, self.dialer.remote(), cause);
            let error = error.unwrap_or_else(unanswered);
            self.failed(ctx, Some(error));
        } else {
            self.state = State::Exchanging { begun, by, sent: exchange.sent, flow };
            return;
        }
        self.connections.close(flow, after(LAST_WORDS));
    }

    fn is_done(&self, exchange: Exchange, is_broken: bool) -> bool {
        match self.short.until {
            ShortUntil::Answered => exchange.has_heard,
            ShortUntil::PeerCloses => exchange.peer_fin && !is_broken,
            ShortUntil::Sent => exchange.is_sent && !is_broken,
        }
    }

    fn failed(&mut self, ctx: &mut Context, error: Option<NetError>) {
        if let Some(error) = error {
            ctx.log.trouble(error);
        }
        self.tally.failed = self.tally.failed.saturating_add(1);
        self.settled();
    }

    fn settled(&mut self) {
        self.state = State::Idle;
        self.untold = true;
    }

    fn tell(&mut self, ctx: &mut Context) {
        let now = Instant::now();
        if self.untold && (self.is_idle() || self.tell_at().is_none_or(|at| at <= now)) {
            self.untold = false;
            self.told = Some(now);
            ctx.log.progress(Event::Short(self.tally));
        }
    }

    fn tell_at(&self) -> Option<Instant> {
        self.told.map(|told| told + TELL)
    }

    pub(super) fn order(&mut self, ctx: &mut Context, order: Order) {
        match order {
            Order::Send { to: Target::All, what } => self.queue(ctx, Message::Parts(vec![what])),
            Order::Send { to, what } => self.connections.send(ctx, to, &what),
            Order::SendFile(FileOrder { id, to: Target::All, file }) => self.queue_file(ctx, id, file),
            Order::SendFile(order) => self.connections.send_file(ctx, order),
            Order::HalfClose(to) => self.connections.half_close(ctx, to),
            Order::Disconnect(to) => self.connections.disconnect(ctx, to),
            Order::Reset(to) => self.connections.reset(ctx, to),
            Order::StopListening => ctx.not_here(Doing::Listening, ""),
            Order::Join(group) => ctx.not_here(Doing::Joining, group.address),
            Order::Leave(group) => ctx.not_here(Doing::Leaving, group.address),
            Order::Close(by) => {
                self.closing = Some(self.closing.map_or(by, |closing| closing.min(by)));
            }
        }
    }

    /// Makes a connection for `message` after all that wait, if there is room.
    fn queue(&mut self, ctx: &mut Context, message: Message) {
        let done =
            if self.closing.is_some() { Err(Cause::SendingClosed) } else { self.waiting.push(message) };
        if let Err(cause) = done {
            ctx.log.trouble(NetError::new(Doing::Sending, self.dialer.remote(), cause));
        }
    }

    /// Makes a connection for a file after all that wait.
    fn queue_file(&mut self, ctx: &mut Context, id: FileId, file: FileToSend) {
        let ticket = ctx.begin_file(id);
        // One of the same name was stopped by that.
        self.look_at_files();
        let Some(ticket) = ticket else { return };
        self.queue(ctx, Message::File(Box::new(file), ticket.share()));
    }

    /// Some file was stopped, paused, or goes on.
    pub(super) fn look_at_files(&mut self) {
        self.connections.look_at_files();
        self.waiting.forget_stopped();
    }

    /// When a piece of a file goes, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.connections.due()
    }

    /// Makes a connection for a beat of a repeat, or a row of a sequence, unless the one before it is not done.
    pub(super) fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        match to {
            Target::All if self.is_idle() && self.connections.len() < CLOSING && self.closing.is_none() => {
                self.queue(ctx, Message::Parts(what.to_vec()));
                Beat::Sent
            }
            Target::All => Beat::Missed,
            Target::Flows(_) | Target::Endpoint(_) => self.connections.beat(ctx, to, what),
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

    pub(super) fn abandon(&mut self, ctx: &mut Context) {
        self.connections.abandon_all(ctx);
        self.dialer.hang_up();
        let unmade = self.waiting.messages.len() + usize::from(matches!(self.state, State::Dialing { .. }));
        if unmade > 0 {
            ctx.log.note(SessionNote::NotMade(unmade as u64));
        }
        self.waiting = PendingMessages::default();
        self.state = State::Idle;
        self.tell(ctx);
    }

    pub(super) fn queued(&self) -> (u64, u64) {
        let (bytes, messages) = self.connections.queued();
        (bytes + self.waiting.bytes, messages + self.waiting.parts)
    }

    pub(super) fn busy(&self) -> bool {
        let begins = matches!(self.state, State::Idle) && !self.waiting.messages.is_empty();
        self.connections.busy() || self.dialer.busy() || (begins && self.connections.len() < CLOSING)
    }

    /// Until when everything is to be closed, if it is.
    pub(super) fn closing(&self) -> Option<Instant> {
        self.closing
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let by = match self.state {
            State::Exchanging { by, .. } => Some(by),
            State::Idle | State::Dialing { .. } => None,
        };
        let tell = self.tell_at().filter(|_| self.untold);
        [by, tell, self.dialer.deadline(), self.connections.deadline(), self.closing]
            .into_iter()
            .flatten()
            .min()
    }
}

/// Messages for which connections are still to be made, in order and bounded.
#[derive(Debug, Default)]
struct PendingMessages {
    messages: VecDeque<Message>,
    /// Without what is in files, which are not read yet.
    bytes: u64,
    parts: u64,
}

impl PendingMessages {
    /// Puts a message at the end, if there is room. An empty queue takes anything: it is in memory already.
    fn push(&mut self, message: Message) -> Result<(), Cause> {
        let (bytes, parts) = message.size();
        let weight = self.bytes + bytes + (self.parts + parts) * ENTRY;
        if !self.messages.is_empty() && weight > MOST {
            return Err(Cause::QueueFull(self.bytes, MOST));
        }
        self.bytes += bytes;
        self.parts += parts;
        self.messages.push_back(message);
        Ok(())
    }

    fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        let (bytes, parts) = message.size();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.parts = self.parts.saturating_sub(parts);
        Some(message)
    }

    /// Passes over the files that are not wanted any more.
    fn forget_stopped(&mut self) {
        let kept: VecDeque<Message> =
            std::mem::take(self).messages.into_iter().filter(|message| !message.is_stopped()).collect();
        for message in kept {
            let (bytes, parts) = message.size();
            self.bytes += bytes;
            self.parts += parts;
            self.messages.push_back(message);
        }
    }
}
