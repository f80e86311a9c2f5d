//! A TCP client with short connections: it connects for each message, waits for the answer, and closes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::connection::Exchange;
use super::connections::{Connections, Gone};
use super::context::Context;
use super::dialer::{Dialed, Dialer, NewConnection};
use super::files::Share;
use super::outgoing::{ENTRY, MAX_QUEUED};
use super::queue_size::QueueSize;
use super::repeats::Beat;
use super::resolve::Resolved;
use super::session_kind::SessionKind;
use super::time::{after, earliest, millis};
use crate::model::{
    Cause, Doing, Endpoint, Event, FileId, FileOrder, FileToSend, FlowId, NetError, Origin, SendPart,
    SessionNote, Short, ShortTally, ShortUntil, SocketCommand, Target,
};

/// The most connections at once. A peer that does not close its side keeps one for a second.
const MAX_CONNECTIONS: usize = 64;

/// How long a finished connection may take to send queued data and to receive the peer's last data.
const LINGER: Duration = Duration::from_secs(1);

/// The shortest interval between two reports of the tally.
const REPORT_INTERVAL: Duration = Duration::from_millis(50);

/// What to send over one connection.
#[derive(Debug)]
enum Request {
    Parts(Vec<SendPart>),
    /// A file whose progress is reported.
    File(Box<FileToSend>, Share),
}

impl Request {
    /// Its bytes in memory, without the contents of files, and its number of parts.
    fn size(&self) -> QueueSize {
        let bytes = |part: &SendPart| match part {
            SendPart::Bytes(bytes) | SendPart::Hex(bytes) => bytes.len() as u64,
            SendPart::Template(template) => template.text().len() as u64,
            SendPart::File(_) | SendPart::StartTls => 0,
        };
        match self {
            Self::Parts(parts) => {
                QueueSize { bytes: parts.iter().map(bytes).sum(), messages: parts.len() as u64, held: 0 }
            }
            Self::File(..) => QueueSize { messages: 1, ..QueueSize::default() },
        }
    }

    fn is_stopped(&self) -> bool {
        match self {
            Self::Parts(_) => false,
            Self::File(_, share) => share.is_stopped(),
        }
    }
}

/// The connection of the current request.
#[derive(Debug)]
enum Current {
    Idle,
    Dialing { begun: Instant, request: Request },
    Exchanging { begun: Instant, by: Instant, sent: u64, flow: FlowId },
}

#[derive(Debug)]
pub(super) struct TcpShort {
    short: Short,
    dialer: Dialer,
    connections: Connections,
    pending: Pending,
    current: Current,
    /// How the current connection ended, until [`exchange`](Self::exchange) sees it.
    ended: Option<Gone>,
    tally: ShortTally,
    reported: Option<Instant>,
    is_stale: bool,
    closing: Option<Instant>,
}

impl TcpShort {
    /// Opens a session without connecting yet.
    pub(super) fn open(ctx: &mut Context, remote: Endpoint, bind: Option<SocketAddr>, short: Short) -> Self {
        ctx.log.opened(Event::Ready);
        Self {
            short,
            dialer: Dialer::new(remote, bind),
            connections: Connections::default(),
            pending: Pending::default(),
            current: Current::Idle,
            ended: None,
            tally: ShortTally::default(),
            reported: None,
            is_stale: false,
            closing: None,
        }
    }

    fn is_idle(&self) -> bool {
        matches!(self.current, Current::Idle) && self.pending.requests.is_empty()
    }

    /// Connects for the next request, unless another one is under way.
    fn begin(&mut self, ctx: &mut Context) {
        if !matches!(self.current, Current::Idle) || self.connections.len() >= MAX_CONNECTIONS {
            return;
        }
        let Some(request) = self.pending.pop() else { return };
        self.current = Current::Dialing { begun: Instant::now(), request };
        if let Err(error) = self.dialer.dial(ctx) {
            self.failed(ctx, Some(error));
        }
    }

    fn dial(&mut self, ctx: &mut Context) {
        match self.dialer.turn(ctx) {
            Dialed::Pending => {}
            Dialed::Connected(made) => self.connected(ctx, made),
            // The dialer has reported each attempt.
            Dialed::Refused(_error) => self.failed(ctx, None),
            Dialed::Unresolved(error) => self.failed(ctx, Some(error)),
        }
    }

    fn connected(&mut self, ctx: &mut Context, made: NewConnection) {
        let Current::Dialing { begun, request } = std::mem::replace(&mut self.current, Current::Idle) else {
            return;
        };
        let flow = match self.connections.insert(ctx, made, Origin::Connected) {
            Ok(flow) => flow,
            Err(error) => return self.failed(ctx, Some(error)),
        };
        self.current = Current::Exchanging { begun, by: after(self.short.within), sent: 0, flow };
        let done = match request {
            Request::Parts(parts) => match self.connections.beat(ctx, &Target::Flows(vec![flow]), &parts) {
                // The queue of a new connection is empty and accepts anything.
                Beat::Sent | Beat::Partial | Beat::Missed | Beat::NoPeers => Ok(()),
                Beat::Failed(error) => Err(error),
            },
            Request::File(file, share) => self.connections.send_file_to(&ctx.disk, flow, &file, share),
        };
        if let Err(error) = done {
            self.connections.close(flow, Some(after(LINGER)));
            self.failed(ctx, Some(error));
        }
    }

    /// Ends the current exchange once it is complete, has failed or has timed out.
    fn exchange(&mut self, ctx: &mut Context) {
        let Current::Exchanging { begun, by, sent, flow } = self.current else { return };
        let now = Instant::now();
        let end = self.ended.take().filter(|gone| gone.flow == flow);
        let is_over = end.is_some();
        let (exchange, error) = match end {
            Some(Gone { exchange, error, .. }) => (exchange, error),
            None => match self.connections.exchange(flow) {
                Some(exchange) => (exchange, None),
                // The user or a rule has reset it.
                None => return self.failed(ctx, None),
            },
        };
        let by = if exchange.sent == sent { by } else { after(self.short.within) };
        let is_late = now >= by;
        if self.is_done(exchange, error.is_some()) {
            self.tally.add_done(now.saturating_duration_since(begun));
            self.settled();
        } else if is_over || is_late || (exchange.peer_fin && self.short.until != ShortUntil::Sent) {
            let timed_out = is_late && !is_over;
            let cause =
                if timed_out { Cause::TimedOut(millis(self.short.within)) } else { Cause::ClosedUnanswered };
            let unanswered = || NetError::new(Doing::Receiving, &self.dialer.remote, cause);
            let error = error.unwrap_or_else(unanswered);
            self.failed(ctx, Some(error));
        } else {
            self.current = Current::Exchanging { begun, by, sent: exchange.sent, flow };
            return;
        }
        self.connections.close(flow, Some(after(LINGER)));
    }

    fn is_done(&self, exchange: Exchange, is_broken: bool) -> bool {
        match self.short.until {
            ShortUntil::Answered => exchange.is_answered,
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
        self.current = Current::Idle;
        self.is_stale = true;
    }

    fn report(&mut self, ctx: &mut Context) {
        let now = Instant::now();
        if self.is_stale && (self.is_idle() || self.report_due().is_none_or(|due| due <= now)) {
            self.is_stale = false;
            self.reported = Some(now);
            ctx.log.events().push(Event::Short(self.tally));
        }
    }

    fn report_due(&self) -> Option<Instant> {
        self.reported.map(|reported| reported + REPORT_INTERVAL)
    }

    /// Queues a request, to be sent over a connection of its own.
    fn queue(&mut self, ctx: &mut Context, request: Request) {
        let done =
            if self.closing.is_some() { Err(Cause::SendingClosed) } else { self.pending.push(request) };
        if let Err(cause) = done {
            ctx.log.trouble(NetError::new(Doing::Sending, &self.dialer.remote, cause));
        }
    }

    fn queue_file(&mut self, ctx: &mut Context, id: FileId, file: FileToSend) {
        let ticket = ctx.begin_file(id);
        // That has stopped an earlier file with the same ID.
        self.files_changed();
        let Some(ticket) = ticket else { return };
        self.queue(ctx, Request::File(Box::new(file), ticket.share()));
    }
}

impl SessionKind for TcpShort {
    fn connections(&mut self) -> Option<&mut Connections> {
        Some(&mut self.connections)
    }

    fn main_ready(&mut self, _event: &mio::event::Event) {
        self.dialer.ready();
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        match command {
            SocketCommand::Send { to: Target::All, what } => self.queue(ctx, Request::Parts(vec![what])),
            SocketCommand::SendFile(order) if order.to == Target::All => {
                let FileOrder { id, file, .. } = *order;
                self.queue_file(ctx, id, file);
            }
            to_connections => self.connections.command(ctx, to_connections),
        }
    }

    fn close(&mut self, _ctx: &mut Context, by: Instant) {
        self.closing = earliest([self.closing, Some(by)]);
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        let gone = self.connections.turn(ctx, until);
        if let Current::Exchanging { flow, .. } = self.current {
            self.ended = gone.into_iter().find(|gone| gone.flow == flow).or(self.ended.take());
        }
        if !ctx.log.stalled() {
            self.exchange(ctx);
            self.dial(ctx);
            self.begin(ctx);
            self.report(ctx);
        }
        let is_done = self.is_idle() && self.connections.is_empty();
        self.closing.is_some_and(|by| is_done || by <= Instant::now())
    }

    fn busy(&self) -> bool {
        let begins = matches!(self.current, Current::Idle) && !self.pending.requests.is_empty();
        self.connections.busy() || self.dialer.busy() || (begins && self.connections.len() < MAX_CONNECTIONS)
    }

    fn deadline(&self) -> Option<Instant> {
        let by = match self.current {
            Current::Exchanging { by, .. } => Some(by),
            Current::Idle | Current::Dialing { .. } => None,
        };
        let report = self.report_due().filter(|_| self.is_stale);
        earliest([by, report, self.dialer.deadline(), self.connections.deadline(), self.closing])
    }

    fn abandon(&mut self, ctx: &mut Context) {
        self.connections.abandon_all(ctx);
        self.dialer.hang_up();
        let is_dialing = matches!(self.current, Current::Dialing { .. });
        let n_unmade = self.pending.requests.len() + usize::from(is_dialing);
        if n_unmade > 0 {
            ctx.log.note(SessionNote::NotMade(n_unmade as u64));
        }
        self.pending = Pending::default();
        self.current = Current::Idle;
        self.report(ctx);
    }

    fn resolved(&mut self, ctx: &mut Context, resolved: Resolved) {
        self.dialer.resolved(ctx, &resolved);
    }

    /// A beat to all gets a connection of its own, unless the one before it is still under way.
    fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        let has_room = self.connections.len() < MAX_CONNECTIONS;
        match to {
            Target::All if self.is_idle() && has_room && self.closing.is_none() => {
                self.queue(ctx, Request::Parts(what.to_vec()));
                Beat::Sent
            }
            Target::All => Beat::Missed,
            Target::Flows(_) | Target::Endpoint(_) => self.connections.beat(ctx, to, what),
        }
    }

    fn files_changed(&mut self) {
        self.connections.files_changed();
        self.pending.drop_stopped();
    }

    fn closing(&mut self) -> Option<Instant> {
        self.closing
    }

    fn queued(&mut self) -> QueueSize {
        let mut queued = self.connections.queued;
        queued += self.pending.size;
        queued
    }
}

/// A bounded queue of requests that have no connection yet.
#[derive(Debug, Default)]
struct Pending {
    requests: VecDeque<Request>,
    size: QueueSize,
}

impl Pending {
    /// Appends a request if there is room. An empty queue accepts any size: the data are in memory already.
    fn push(&mut self, request: Request) -> Result<(), Cause> {
        let mut size = self.size;
        size += request.size();
        if !self.requests.is_empty() && size.bytes + size.messages * ENTRY > MAX_QUEUED {
            return Err(Cause::QueueFull(self.size.bytes, MAX_QUEUED));
        }
        self.append(request);
        Ok(())
    }

    fn append(&mut self, request: Request) {
        self.size += request.size();
        self.requests.push_back(request);
    }

    fn pop(&mut self) -> Option<Request> {
        let request = self.requests.pop_front()?;
        self.size -= request.size();
        Some(request)
    }

    fn drop_stopped(&mut self) {
        for request in std::mem::take(self).requests {
            if !request.is_stopped() {
                self.append(request);
            }
        }
    }
}
