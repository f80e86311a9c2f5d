//! The loop of one session: one poll over its sockets, its inbox and its timers. Knows no kind of
//! session, only its role.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Waker};

use super::context::{Context, PACER, WAKER};
use super::order::Order;
use super::pacer_system::Pacer;
use super::repeats::{self, Beat, Repeats};
use super::sequences;
use super::session_kind::SessionKind;
use crate::model::{
    Cause, Command, Doing, Event, Link, NetError, Recorder, Repeat, SendPart, Sequence, SequenceEnd, Target,
};

/// How long one turn may take before the inbox is looked at again.
const TURN: Duration = Duration::from_millis(5);

/// How long files that are being saved are waited for when the session ends.
const SAVING: Duration = Duration::from_secs(2);

/// Orders taken from the inbox in one turn at most.
const ORDERS: usize = 256;

/// What the poll tells at once at most.
const EVENTS: usize = 1024;

/// `wait` from now; a year from now if no clock goes that far.
pub(super) fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).unwrap_or_else(|| now + Duration::from_hours(365 * 24))
}

/// One session's worker.
#[derive(Debug)]
pub(super) struct Worker {
    poll: Poll,
    ctx: Context,
    waker: Arc<Waker>,
    stop: Arc<AtomicBool>,
    repeats: Repeats,
    /// Wakes the poll for repeats, sequences and the pieces of files, as long as there are any.
    pacer: Option<Pacer>,
}

impl Worker {
    pub(super) fn new(poll: Poll, ctx: Context, waker: Arc<Waker>, stop: Arc<AtomicBool>) -> Self {
        Self { poll, ctx, waker, stop, repeats: Repeats::default(), pacer: None }
    }

    /// Opens `link`, works until the end, and gives the capture back.
    pub(super) fn run(mut self, inbox: Receiver<Command>, link: Link, title: &str) -> Box<dyn Recorder> {
        self.ctx.log.begin(title, &link.to_string());
        let mut events = Events::with_capacity(EVENTS);
        let error = match SessionKind::open(&mut self.ctx, link) {
            Ok(mut kind) => self.work(&inbox, &mut kind, &mut events),
            Err(error) => Some(error),
        };
        match &error {
            None => ::log::info!("closed {title}"),
            Some(error) => ::log::warn!("closed {title}: {error}"),
        }
        // Whoever has seen `Closed` gets his orders back.
        drop(inbox);
        let how = if self.stopped() { SequenceEnd::Stopped } else { SequenceEnd::PeerLeft };
        self.end_timed(&how);
        self.finish_saving(&mut events);
        self.ctx.rule_engine.tell_hits(&mut self.ctx.log, None);
        let Context { files, log, .. } = &mut self.ctx;
        files.end_all(Instant::now(), &mut |event| log.file(event));
        self.ctx.log.finish(error);
        // The window may be busy; the last events wait for it, unless the session is dropped.
        while !self.ctx.log.flush() && !self.stopped() {
            let deadline = self.ctx.log.deadline(Instant::now());
            if self.sleep(&mut events, deadline).is_err() {
                break;
            }
        }
        self.ctx.log.into_recorder()
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// The loop. Tells why the session ended, if not on demand.
    fn work(
        &mut self,
        inbox: &Receiver<Command>,
        kind: &mut SessionKind,
        events: &mut Events,
    ) -> Option<NetError> {
        loop {
            if self.stopped() {
                kind.abandon(&mut self.ctx);
                return None;
            }
            self.orders(inbox, kind);
            if self.ctx.log.stalled() {
                self.ctx.log.commit();
            }
            self.beats(kind);
            self.answers(kind);
            self.ctx.saved();
            let over = kind.turn(&mut self.ctx, Instant::now() + TURN);
            let (bytes, messages) = kind.queued();
            self.ctx.log.queued(bytes, messages);
            if over {
                kind.abandon(&mut self.ctx);
                return kind.take_error();
            }
            self.rows(kind);
            self.ctx.rule_engine.tell_hits(&mut self.ctx.log, Some(Instant::now()));
            self.tell_of_files();
            self.ctx.log.settle();
            let stalled = self.ctx.log.stalled();
            let now = Instant::now();
            let deadline = if !inbox.is_empty() || (kind.busy() && !stalled) {
                Some(now)
            } else {
                // While the capture cannot be written, nothing but its next try and the end counts.
                let of_role = if stalled { kind.closing() } else { kind.deadline() };
                let of_pacer = if stalled { None } else { self.pace(kind) };
                let of_news = [self.ctx.rule_engine.deadline(), self.ctx.files.deadline()];
                let deadlines = [of_role, of_pacer, self.ctx.log.deadline(now)];
                deadlines.into_iter().chain(of_news).flatten().min()
            };
            if let Err(error) = self.sleep(events, deadline) {
                kind.abandon(&mut self.ctx);
                return Some(error);
            }
            for event in events.iter().filter(|event| ![WAKER, PACER].contains(&event.token())) {
                kind.ready(event);
            }
        }
    }

    fn orders(&mut self, inbox: &Receiver<Command>, kind: &mut SessionKind) {
        while let Some(answer) = self.ctx.resolver.answer() {
            kind.answer(&mut self.ctx, answer);
        }
        for _order in 0..ORDERS {
            let Ok(command) = inbox.try_recv() else { return };
            self.order(command, kind);
        }
    }

    fn order(&mut self, command: Command, kind: &mut SessionKind) {
        let order = match command {
            Command::Send { to, what } => Order::Send { to, what },
            Command::SendFile(order) => Order::SendFile(order),
            Command::HalfClose(to) => Order::HalfClose(to),
            Command::Disconnect(to) => Order::Disconnect(to),
            Command::Reset(to) => Order::Reset(to),
            Command::StopListening => Order::StopListening,
            Command::Join(group) => Order::Join(group),
            Command::Leave(group) => Order::Leave(group),
            Command::Close { linger } => {
                // Else there would always be something that waits to be sent.
                self.end_timed(&SequenceEnd::Stopped);
                self.ctx.forget_owed();
                self.ctx.files.stop_paused();
                kind.look_at_files();
                Order::Close(after(linger))
            }
            Command::SetRules(rules) => {
                self.ctx.set_rules(rules);
                if !self.ctx.listens() {
                    kind.forget_heard();
                }
                return;
            }
            Command::SetFraming(framing) => {
                if self.ctx.rule_engine.set_framing(framing) {
                    kind.forget_heard();
                }
                return;
            }
            Command::ResumeRecording => return self.ctx.log.resume_recording(),
            Command::Note(text) => return self.ctx.log.note(text),
            Command::Annotate(record, text) => return self.ctx.log.annotate(record, &text),
            Command::Repeat(repeat) => return self.repeat(repeat),
            Command::StopRepeat(id) => {
                let log = &mut self.ctx.log;
                return self.repeats.stop(id, &mut |event| log.progress(event));
            }
            Command::Sequence(sequence) => return self.sequence(sequence),
            Command::StopSequence(id) => {
                let Context { sequences, log, .. } = &mut self.ctx;
                return sequences.stop(id, &mut |event| log.progress(event));
            }
            Command::PauseFile(id) => {
                self.ctx.files.pause(id, true);
                return kind.look_at_files();
            }
            Command::ResumeFile(id) => {
                self.ctx.files.pause(id, false);
                return kind.look_at_files();
            }
            Command::StopFile(id) => {
                self.ctx.files.stop(id);
                return kind.look_at_files();
            }
        };
        kind.order(&mut self.ctx, order);
    }

    fn repeat(&mut self, repeat: Repeat) {
        let log = &mut self.ctx.log;
        if !self.repeats.start(repeat, Instant::now(), &mut |event| log.progress(event)) {
            let cause = Cause::TooManyRepeats(repeats::MOST as u64);
            log.trouble(NetError::new(Doing::Repeating, "", cause));
        }
    }

    fn sequence(&mut self, sequence: Sequence) {
        let Context { sequences, log, .. } = &mut self.ctx;
        if !sequences.start(sequence, Instant::now(), &mut |event| log.progress(event)) {
            let cause = Cause::TooManyRepeats(sequences::MOST as u64);
            log.trouble(NetError::new(Doing::RunningSequence, "", cause));
        }
    }

    /// Ends all repeats and sequences.
    fn end_timed(&mut self, how: &SequenceEnd) {
        let Context { sequences, log, .. } = &mut self.ctx;
        self.repeats.stop_all(&mut |event| log.progress(event));
        sequences.end_all(how, &mut |event| log.progress(event));
    }

    /// Sends the rows of sequences that are due, and gives up the answers that did not come. While the capture
    /// cannot be written, nothing is sent or read, so that nobody can be blamed.
    fn rows(&mut self, kind: &mut SessionKind) {
        let now = Instant::now();
        let has_work = self.ctx.sequences.is_held() || self.ctx.sequences.due().is_some_and(|due| due <= now);
        if !has_work || self.ctx.log.stalled() {
            return;
        }
        let mut told = Vec::new();
        let mut sequences = std::mem::take(&mut self.ctx.sequences);
        let ctx = &mut self.ctx;
        let send = |to: &Target, what: &[SendPart]| kind.beat(ctx, to, what);
        let error = sequences.turn(now, send, &mut |event| told.push(event));
        self.ctx.sequences = sequences;
        if let Some(error) = error {
            self.ctx.log.trouble(error);
        }
        for event in told {
            self.ctx.log.progress(event);
        }
    }

    /// Tells how far files have come.
    fn tell_of_files(&mut self) {
        let log = &mut self.ctx.log;
        self.ctx.files.turn(Instant::now(), &mut |event| log.file(event));
    }

    /// Sends the beats that are due. While the capture cannot be written, nothing may be sent.
    fn beats(&mut self, kind: &mut SessionKind) {
        let Some(due) = self.repeats.due() else { return };
        let now = Instant::now();
        if due > now {
            return;
        }
        let mut told = Vec::new();
        let ctx = &mut self.ctx;
        let stalled = ctx.log.stalled();
        let send = |to: &Target, what: &[SendPart]| {
            if stalled { Beat::Missed } else { kind.beat(ctx, to, what) }
        };
        let error = self.repeats.turn(now, send, &mut |event| told.push(event));
        if stalled {
            // Nobody would be told before it goes on, and then by the next beats.
            told.retain(|event| !matches!(event, Event::Repeating(..)));
        }
        if let Some(error) = error {
            self.ctx.log.trouble(error);
        }
        for event in told {
            self.ctx.log.progress(event);
        }
    }

    /// Does what rules have put off, and what is due now. While the capture cannot be written, nothing may be
    /// sent.
    fn answers(&mut self, kind: &mut SessionKind) {
        if self.ctx.log.stalled() {
            return;
        }
        self.ctx.release();
        let now = Instant::now();
        while let Some(answer) = self.ctx.answers.pop_front().or_else(|| self.ctx.delayed.next(now)) {
            kind.react(&mut self.ctx, answer);
            if now.elapsed() >= TURN {
                break;
            }
        }
    }

    /// Waits a while for the files that are being saved.
    fn finish_saving(&mut self, events: &mut Events) {
        let deadline = after(SAVING);
        while self.ctx.saves() && !self.stopped() && Instant::now() < deadline {
            if self.sleep(events, Some(deadline)).is_err() {
                return;
            }
            self.ctx.saved();
        }
    }

    /// Sets the timer to the next beat or row, the next piece of a file, the next answer that was put off, or
    /// the pause that ends a message. `Some` if the poll itself must wake for it.
    fn pace(&mut self, kind: &SessionKind) -> Option<Instant> {
        let listening = kind.deadline().filter(|_| self.ctx.listens());
        let of_desk = [self.ctx.sequences.due(), self.ctx.delayed.due(), self.ctx.held_until()];
        let dues = [self.repeats.due(), kind.due(), listening].into_iter().chain(of_desk);
        let Some(due) = dues.flatten().min() else {
            self.pacer = None;
            return None;
        };
        if self.pacer.is_none() {
            self.pacer = Pacer::new(&self.ctx.registry, &self.waker).ok();
        }
        let set = self.pacer.as_mut().is_some_and(|pacer| pacer.wake_at(due).is_ok());
        // The poll counts in milliseconds, which is better than nothing.
        (!set).then_some(due)
    }

    /// Waits for a socket, the waker or `deadline`.
    fn sleep(&mut self, events: &mut Events, deadline: Option<Instant>) -> Result<(), NetError> {
        let wait = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match self.poll.poll(events, wait) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                events.clear();
                Ok(())
            }
            Err(error) => Err(NetError::new(crate::model::Doing::Receiving, "", error)),
        }
    }
}
