//! The loop of one session: one poll over its sockets, its inbox and its timers. Knows no kind of
//! session, only its role.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Waker};

use super::context::{Context, PACER, WAKER};
use super::deadline::after;
use super::pacer_system::Pacer;
use super::repeats::{self, Beat, Repeats};
use super::sequences;
use super::session_kind::SessionKind;
use super::tcp_client::TcpClient;
use super::tcp_server::TcpServer;
use super::tcp_short::TcpShort;
use super::udp::Udp;
use crate::model::{
    Cause, Command, Doing, Event, Link, NetError, Recorder, Repeat, SendPart, Sequence, SequenceEnd, Target,
};

/// How long one turn may take before the inbox is looked at again.
const TURN: Duration = Duration::from_millis(5);

/// How long files that are being saved are waited for when the session ends.
const SAVING: Duration = Duration::from_secs(2);

/// Orders taken from the inbox in one turn at most.
const COMMANDS: usize = 256;

/// What the poll tells at once at most.
const EVENTS: usize = 1024;

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
        let error = match open(&mut self.ctx, link) {
            Ok(mut kind) => self.work(&inbox, kind.as_mut(), &mut events),
            Err(error) => Some(error),
        };
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
        kind: &mut dyn SessionKind,
        events: &mut Events,
    ) -> Option<NetError> {
        loop {
            if self.stopped() {
                kind.abandon(&mut self.ctx);
                return None;
            }
            self.commands(inbox, kind);
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

    fn commands(&mut self, inbox: &Receiver<Command>, kind: &mut dyn SessionKind) {
        while let Some(resolved) = self.ctx.resolver.answer() {
            kind.resolved(&mut self.ctx, resolved);
        }
        for _command in 0..COMMANDS {
            let Ok(command) = inbox.try_recv() else { return };
            self.command(command, kind);
        }
    }

    fn command(&mut self, command: Command, kind: &mut dyn SessionKind) {
        let Self { ctx, repeats, .. } = self;
        match command {
            Command::Socket(command) => kind.command(ctx, command),
            Command::Close { linger } => {
                // Any of these would keep the session open.
                self.end_timed(&SequenceEnd::Stopped);
                self.ctx.cancel_answers();
                self.ctx.files.stop_paused();
                kind.files_changed();
                kind.close(&mut self.ctx, after(linger));
            }
            Command::SetRules(rules) => {
                ctx.set_rules(rules);
                if !ctx.listens() {
                    kind.discard_received();
                }
            }
            Command::SetFraming(framing) => {
                if ctx.rule_engine.set_framing(framing) {
                    kind.discard_received();
                }
            }
            Command::ResumeRecording => ctx.log.resume_recording(),
            Command::Note(text) => ctx.log.note(text),
            Command::Annotate(record, text) => ctx.log.annotate(record, &text),
            Command::Repeat(repeat) => self.repeat(repeat),
            Command::StopRepeat(id) => repeats.stop(id, &mut |event| ctx.log.progress(event)),
            Command::Sequence(sequence) => self.sequence(sequence),
            Command::StopSequence(id) => ctx.sequences.stop(id, &mut |event| ctx.log.progress(event)),
            Command::PauseFile(id) => {
                ctx.files.pause(id, true);
                kind.files_changed();
            }
            Command::ResumeFile(id) => {
                ctx.files.pause(id, false);
                kind.files_changed();
            }
            Command::StopFile(id) => {
                ctx.files.stop(id);
                kind.files_changed();
            }
        }
    }

    fn repeat(&mut self, repeat: Repeat) {
        let log = &mut self.ctx.log;
        if !self.repeats.start(repeat, Instant::now(), &mut |event| log.progress(event)) {
            let cause = Cause::TooManyRepeats(repeats::MAX_REPEATS as u64);
            log.trouble(NetError::new(Doing::Repeating, "", cause));
        }
    }

    fn sequence(&mut self, sequence: Sequence) {
        let Context { sequences, log, .. } = &mut self.ctx;
        if !sequences.start(sequence, Instant::now(), &mut |event| log.progress(event)) {
            let cause = Cause::TooManyRepeats(sequences::MAX_SEQUENCES as u64);
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
    fn rows(&mut self, kind: &mut dyn SessionKind) {
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
    fn beats(&mut self, kind: &mut dyn SessionKind) {
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
    fn answers(&mut self, kind: &mut dyn SessionKind) {
        if self.ctx.log.stalled() {
            return;
        }
        self.ctx.release();
        let now = Instant::now();
        while let Some(answer) = self.ctx.answers.pop_front().or_else(|| self.ctx.delayed.next(now)) {
            kind.answer(&mut self.ctx, answer);
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
    fn pace(&mut self, kind: &dyn SessionKind) -> Option<Instant> {
        let listening = kind.deadline().filter(|_| self.ctx.listens());
        let of_desk = [self.ctx.sequences.due(), self.ctx.delayed.due(), self.ctx.held_until()];
        let dues = [self.repeats.due(), kind.file_due(), listening].into_iter().chain(of_desk);
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

/// Opens the sockets of a session.
fn open(ctx: &mut Context, link: Link) -> Result<Box<dyn SessionKind>, NetError> {
    Ok(match link {
        Link::TcpClient { remote, local } => match ctx.options.short {
            Some(short) => Box::new(TcpShort::open(ctx, remote, local, short)),
            None => Box::new(TcpClient::open(ctx, remote, local)?),
        },
        Link::TcpServer { local } => Box::new(TcpServer::open(ctx, local)?),
        Link::Udp { local, remote, groups } => Box::new(Udp::open(ctx, local, remote, &groups)?),
    })
}
