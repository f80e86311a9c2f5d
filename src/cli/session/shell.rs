//! The loop of one session on the terminal: events, standard input, interrupts and limits, each of
//! which may end it.

mod peers;
mod timed;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, at, never, select};

use super::feed::StdinFeed;
use super::files::{Files, Line};
use super::outcome::{Outcome, counts};
use super::shorts::Shorts;
use super::timed::Timed;
use crate::cli::plan::Plan;
use crate::cli::print::{Printed, Printer, Said, Told};
use crate::cli::{say, show};
use crate::codec::duration;
use crate::model::{
    Batch, Cause, CharsetChange, Command, Doing, Ending, Event, FileTurn, FlowId, HoldEnd, Link, Local,
    NetError, OsFault, Protocol, ProxyNote, RecordKind, SequenceId, Target, Totals,
};
use crate::net::OpenSession;

const LINGER: Duration = Duration::from_secs(2);

/// How long to wait for the session's end beyond that.
const PATIENCE: Duration = Duration::from_secs(2);

/// How soon to retry when the session's inbox is full.
const RETRY: Duration = Duration::from_millis(5);

/// The first id of sequences that rules start.
const FIRST_WANTED: u32 = 1 << 31;

fn folder_of(capture: &Path) -> PathBuf {
    // The parent of a bare file name is empty.
    let parent = capture.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

#[derive(Debug)]
pub(super) struct Shell<'a> {
    plan: &'a Plan,
    session: OpenSession,
    /// The folder of the capture.
    folder: PathBuf,
    protocol: Protocol,
    /// Where it is open.
    local: Option<Local>,
    timed: Timed,
    /// Set if each message has a connection of its own.
    shorts: Option<Shorts>,
    files: Files,
    /// The id of the next sequence that a rule starts.
    next_wanted: u32,
    /// The pages that rules run.
    wanted: BTreeMap<SequenceId, String>,
    printer: Option<Printer>,
    feed: StdinFeed,
    interrupts: Receiver<()>,
    orders: VecDeque<Command>,
    /// Where standard input goes, once there is a peer.
    target: Option<Target>,
    finished: BTreeSet<FlowId>,
    /// Standard input has ended; only repeats and sequences still send.
    said_all: bool,
    present: BTreeSet<FlowId>,
    joined: u64,
    started: Instant,
    /// When data was last sent or received, or the session opened.
    active: Instant,
    /// When to stop waiting for the end.
    closing: Option<Instant>,
    interrupted: bool,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Over,
}

impl<'a> Shell<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        (session, capture): (OpenSession, &Path),
        printer: Option<Printer>,
        feed: StdinFeed,
        interrupts: Receiver<()>,
    ) -> Self {
        let now = Instant::now();
        let charset = plan.send_charset.filter(|sent| *sent != plan.charset);
        let charset = charset.map(|sent| CharsetChange::new(sent, sent));
        Self {
            plan,
            session,
            folder: folder_of(capture),
            protocol: plan.link.protocol(),
            local: None,
            timed: Timed::new(plan.timing.clone(), plan.charset),
            shorts: plan.options.short.map(|_short| Shorts::default()),
            files: Files::new(Line::suitable(printer.is_some())),
            next_wanted: FIRST_WANTED,
            wanted: BTreeMap::new(),
            printer,
            feed,
            interrupts,
            orders: charset.map(Command::SentCharset).into_iter().collect(),
            target: None,
            finished: BTreeSet::new(),
            said_all: false,
            present: BTreeSet::new(),
            joined: 0,
            started: now,
            active: now,
            closing: None,
            interrupted: false,
            outcome: Outcome { capture: capture.to_owned(), ..Outcome::default() },
        }
    }

    /// Works until the end, and prints the rest.
    pub(super) fn work(mut self) -> Outcome {
        let events = self.session.events().clone();
        let interrupts = self.interrupts.clone();
        let mut next = Next::GoOn;
        while next == Next::GoOn {
            self.hand_over_orders();
            let input = self.feed.pieces(self.takes_input(), self.outcome.totals.queued_bytes);
            let said = self.printer.as_ref().map_or_else(never, |printer| printer.said().clone());
            let deadline = self.deadline().map_or_else(never, at);
            next = select! {
                recv(events) -> event => match event {
                    Ok(event) => self.event(event),
                    Err(_gone) => Next::Over,
                },
                recv(input) -> read => self.read(read.ok()),
                recv(interrupts) -> _ => self.interrupt(),
                recv(said) -> said => self.said(said.ok()),
                recv(deadline) -> _ => self.time(),
            };
        }
        let has_nowhere = self.protocol == Protocol::Udp && !self.has_remote() && self.joined == 0;
        if has_nowhere && self.outcome.opened && !self.plan.send.is_empty() {
            let why =
                "nothing was sent: no peer has sent a datagram; '--remote <HOST:PORT>' says where to send";
            self.outcome.last_words.get_or_insert_with(|| why.to_owned());
            self.outcome.trouble = true;
        }
        drop(self.session.finish());
        if let Some(printer) = self.printer {
            match printer.finish(&self.interrupts, self.interrupted) {
                Printed::All => {}
                Printed::Unread => self.outcome.reader_gone = true,
                Printed::Failed => self.outcome.trouble = true,
            }
        }
        self.outcome
    }

    /// Whether data goes to a default remote (UDP).
    fn has_remote(&self) -> bool {
        matches!(&self.plan.link, Link::Udp { remote: Some(_), .. })
    }

    fn recorded(&mut self, batch: Batch) {
        let bytes = |totals: &Totals| (totals.received_bytes, totals.sent_bytes);
        if bytes(&batch.totals) != bytes(&self.outcome.totals) {
            self.active = Instant::now();
        }
        if batch.totals.given_up > 0 && self.outcome.totals.given_up == 0 {
            say("warning: a message was not passed to rules: the memory limit is reached (--rule-memory)");
        }
        self.outcome.totals = batch.totals;
        for record in &batch.records {
            if record.kind == RecordKind::Ended(Ending::PeerFin) {
                self.peer_finished(record.flow);
            }
        }
        self.print(Told::Records(batch.records));
        if self.plan.limits.bytes.is_some_and(|limit| batch.totals.received_bytes >= limit) {
            self.close(LINGER);
        }
    }

    fn event(&mut self, event: Event) -> Next {
        self.feed.confirmed();
        match event {
            Event::Opened { local, .. } => {
                self.outcome.opened = true;
                self.active = Instant::now();
                // A client's connection, which comes next, says it all.
                if !self.protocol.connects() {
                    say(format_args!("listening on {local}"));
                }
                self.local = Some(local);
                match &self.plan.link {
                    Link::TcpRelay { remote: Some(remote), .. } | Link::UdpRelay { remote, .. } => {
                        say(format_args!("relaying to {remote}"));
                    }
                    Link::TcpRelay { remote: None, .. } => {
                        say(format_args!("programs connect through socks5h://{local}"));
                        if let Some(warning) = ProxyNote::open(local) {
                            say(format_args!("warning: {warning}"));
                        }
                    }
                    _ => {}
                }
                if self.has_remote() {
                    self.target = Some(Target::All);
                    self.send_list(&Target::All);
                }
            }
            Event::Joined(flow) => self.joined(flow),
            Event::Recorded(batch) => self.recorded(batch),
            Event::CapturePaused(
                NetError { cause: Cause::Os { fault: OsFault::BrokenPipe, .. }, .. },
                _pending,
            ) => {
                // Nobody reads the pipe that it is written to.
                self.outcome.reader_gone = true;
                return Next::Over;
            }
            Event::CapturePaused(error, pending) => {
                let (why, place) = (&error.cause, self.folder.display());
                say(format_args!("recording paused: {why}; {pending} bytes wait for room in {place}"));
            }
            Event::Turned(FileTurn::Into(path)) => self.outcome.capture = path,
            Event::CaptureResumed(ms) => {
                say(format_args!("recording resumed after {}", duration::in_words(ms)));
            }
            Event::Trouble(error) => {
                say(format_args!("error: {error}"));
                let passes = self.plan.options.reconnect.is_some()
                    && matches!(error.doing, Doing::Connecting | Doing::Resolving | Doing::Receiving);
                self.outcome.trouble |= self.outcome.opened && !passes && counts(self.protocol, &error);
                if error.times == 1 {
                    self.outcome.told = Some(error);
                }
            }
            Event::Left(flow) => self.left(flow),
            Event::FileProgress(id, progress) => {
                if let Some(line) = self.files.progress(id, progress) {
                    show(line);
                }
            }
            Event::FileEnded(id, end, progress) => {
                if let Some(line) = self.files.ended(id, end, &progress) {
                    say(format_args!("error: {line}"));
                    // A limit may end it; a server's client is free to leave.
                    let is_wanted = self.closing.is_some() && !self.interrupted;
                    self.outcome.trouble |= self.interrupted || !is_wanted && !self.protocol.accepts();
                }
            }
            Event::Ready => self.ready(),
            Event::Short(tally) => {
                if self.shorts.as_mut().is_some_and(|shorts| shorts.made(tally)) {
                    self.close(LINGER);
                }
            }
            Event::Annotated(notes) => self.print(Told::Notes(notes)),
            Event::Turned(FileTurn::Removed(_) | FileTurn::Failed(_))
            | Event::StoppedListening
            | Event::Paired(..)
            | Event::Repeating(..)
            | Event::SequenceAt(..)
            | Event::RuleHits(_)
            | Event::RecordingResumed => {}
            Event::SequenceEnded(id, place, end) if id.0 >= FIRST_WANTED => {
                self.wanted_ended(id, place, &end);
            }
            Event::SequenceEnded(id, place, end) => self.sequence_ended(id, place, &end),
            Event::SequenceWanted(page, flow) => self.sequence_wanted(page, flow),
            Event::Held(_) | Event::HoldEnded(..) => tell_hold(&event),
            Event::Alerted(text) => say(text),
            Event::RecordingStopped => say("recording stopped"),
            Event::CallingAgain(wait) => {
                say(format_args!("not connected; reconnecting in {}", duration::to_text(wait)));
            }
            Event::RepeatEnded(id, progress) => self.repeat_ended(id, &progress),
            Event::Closed(error) => {
                self.outcome.error = error;
                if let Some(shorts) = self.shorts.as_ref().filter(|_| self.outcome.opened) {
                    say(shorts.summary());
                }
                return Next::Over;
            }
        }
        Next::GoOn
    }

    fn interrupt(&mut self) -> Next {
        if std::mem::replace(&mut self.interrupted, true) {
            return Next::Over;
        }
        self.close(LINGER);
        Next::GoOn
    }

    fn said(&mut self, said: Option<Said>) -> Next {
        match said {
            Some(Said::Room) => {
                if let Some(printer) = &mut self.printer {
                    printer.pump();
                }
                return Next::GoOn;
            }
            Some(Said::ReaderGone) | None => self.outcome.reader_gone = true,
            Some(Said::Failed(why)) => {
                say(format_args!("error: printing: {why}"));
                self.outcome.trouble = true;
            }
        }
        // Without output there is nothing more to do.
        self.printer = None;
        self.orders.clear();
        self.close(Duration::ZERO);
        Next::GoOn
    }

    fn time(&mut self) -> Next {
        let now = Instant::now();
        if self.closing.is_some_and(|deadline| deadline <= now) {
            return Next::Over;
        }
        while let Some(flow) = self.feed.give_up(self.outcome.totals.queued_bytes) {
            self.half_close(vec![flow]);
        }
        if self.closing.is_none() && self.limit().is_some_and(|deadline| deadline <= now) {
            self.close(LINGER);
        }
        Next::GoOn
    }

    fn limit(&self) -> Option<Instant> {
        let lasting = self.plan.limits.lasting.and_then(|time| self.started.checked_add(time));
        let idle = self
            .plan
            .limits
            .idle
            .filter(|_| self.outcome.opened)
            .and_then(|time| self.active.checked_add(time));
        [lasting, idle].into_iter().flatten().min()
    }

    fn deadline(&self) -> Option<Instant> {
        let retry = if self.orders.is_empty() { None } else { Instant::now().checked_add(RETRY) };
        let end = self.closing.or_else(|| self.limit());
        let patience = self.feed.patience(self.outcome.totals.queued_bytes);
        [retry, patience, end].into_iter().flatten().min()
    }

    fn close(&mut self, linger: Duration) {
        if self.closing.is_none() {
            self.closing = Some(Instant::now() + linger + PATIENCE);
            self.order(Command::Close { linger });
        }
    }

    fn order(&mut self, order: impl Into<Command>) {
        self.orders.push_back(order.into());
        self.hand_over_orders();
    }

    fn hand_over_orders(&mut self) {
        while let Some(order) = self.orders.pop_front() {
            if let Err(order) = self.session.send(order) {
                return self.orders.push_front(order);
            }
        }
    }

    fn print(&mut self, told: Told) {
        if let Some(printer) = &mut self.printer {
            printer.tell(told);
        }
    }
}

fn tell_hold(event: &Event) {
    match event {
        Event::Held(held) => {
            let time = held.until.map(|until| Duration::from_nanos(until.since(held.since)));
            let (time, n) = (time.map(duration::to_text).unwrap_or_default(), held.data.len());
            say(format_args!("holding {n} bytes from {} for {time}: rule {}", held.peer, held.rule));
        }
        Event::HoldEnded(_, HoldEnd::Expired) => say("passed on what was held: no decision in time"),
        _other => {}
    }
}
