//! The loop of one session: one poll over its sockets, its inbox and its timers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use mio::{Events, Poll, Waker};

use super::context::{Context, PACER, WAKER};
use super::pacer_system::Pacer;
use super::relay::Relay;
use super::repeats::{self, Beat, Repeats};
use super::sequences;
use super::session_kind::SessionKind;
use super::tcp_client::TcpClient;
use super::tcp_server::TcpServer;
use super::tcp_short::TcpShort;
use super::time::{after, earliest};
use super::tls::Role;
use super::udp::Udp;
use super::udp_relay::UdpRelay;
use crate::model::{
    Command, Doing, Event, Link, NetError, Origin, Recorder, Repeat, SendPart, SequenceEnd, SessionNote,
    Target, TlsNote, Why,
};

/// How long one turn may take before the inbox is checked again.
const TURN: Duration = Duration::from_millis(5);

/// How long to wait for files that are being saved when the session ends.
const SAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a command of the user's may take to end once it is stopped.
const STOP_TIMEOUT: Duration = Duration::from_millis(200);

/// The most commands taken from the inbox in one turn.
const MAX_COMMANDS: usize = 256;

/// How long an answer to what was just sent is awaited without sleeping, if the last wait was shorter, too.
const BRISK: Duration = Duration::from_micros(50);

/// The most events taken from the poll at once.
const MAX_EVENTS: usize = 1024;

#[derive(Debug)]
pub(super) struct Worker {
    poll: Poll,
    ctx: Context,
    waker: Arc<Waker>,
    stop: Arc<AtomicBool>,
    repeats: Repeats,
    /// Wakes the poll for repeats, sequences, delayed answers and pieces of files, while there are any.
    pacer: Option<Pacer>,
    /// The last wait was shorter than [`BRISK`].
    is_brisk: bool,
    /// Bytes sent up to the last wait that brought an event.
    sent_bytes: u64,
}

impl Worker {
    pub(super) fn new(poll: Poll, ctx: Context, waker: Arc<Waker>, stop: Arc<AtomicBool>) -> Self {
        Self {
            poll,
            ctx,
            waker,
            stop,
            repeats: Repeats::default(),
            pacer: None,
            is_brisk: false,
            sent_bytes: 0,
        }
    }

    /// Opens `link`, runs until the session ends, and returns the capture.
    pub(super) fn run(mut self, inbox: Receiver<Command>, link: Link, title: &str) -> Box<dyn Recorder> {
        self.ctx.log.begin(title, &link.to_string());
        let mut events = Events::with_capacity(MAX_EVENTS);
        let error = match open(&mut self.ctx, link) {
            Ok(mut kind) => self.work(&inbox, kind.as_mut(), &mut events),
            Err(error) => Some(error),
        };
        match &error {
            None => ::log::info!("closed {title}"),
            Some(error) => ::log::warn!("closed {title}: {error}"),
        }
        // After `Closed`, commands are returned to the caller.
        drop(inbox);
        let how = if self.stopped() { SequenceEnd::Stopped } else { SequenceEnd::PeerLeft(None) };
        self.end_timed(&how);
        self.finish_saving(&mut events);
        self.ctx.rule_engine.report_hits(&mut self.ctx.log, None);
        let mut of_files = Vec::new();
        self.ctx.files.end_all(Instant::now(), &mut of_files);
        self.ctx.log.files(of_files);
        self.ctx.log.finish(error);
        // The window may be busy. The last events wait for it, unless the session is dropped.
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

    /// The loop. Returns the error that ended the session, if it did not end on demand.
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
            self.ctx.log.follow_clock();
            self.commands(inbox, kind);
            if self.ctx.log.stalled() {
                self.ctx.log.commit();
            }
            self.run_repeats(kind);
            self.due_answers(kind);
            self.ctx.report_saved();
            let begun = Instant::now();
            self.ctx.alerts.turn(&mut self.ctx.log, Some(begun));
            let over = kind.turn(&mut self.ctx, begun + TURN);
            self.ctx.log.queued(kind.queued());
            if over {
                kind.abandon(&mut self.ctx);
                return kind.take_error();
            }
            self.run_sequences(kind);
            let done = Instant::now();
            self.ctx.rule_engine.report_hits(&mut self.ctx.log, Some(done));
            let mut of_files = Vec::new();
            self.ctx.files.turn(done, &mut of_files);
            self.ctx.log.files(of_files);
            let now = self.ctx.log.settle(done);
            let stalled = self.ctx.log.stalled();
            let deadline = if !inbox.is_empty() || (kind.busy() && !stalled) {
                Some(now)
            } else {
                // While the capture cannot be written, only the next retry and the end matter.
                let of_kind = if stalled { kind.closing() } else { kind.deadline() };
                let of_pacer = if stalled { None } else { self.set_pacer(kind) };
                let Context { log, rule_engine, files, alerts, .. } = &self.ctx;
                let told = [log.deadline(now), rule_engine.deadline(), files.deadline(), alerts.deadline()];
                earliest([of_kind, of_pacer].into_iter().chain(told))
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
        if self.ctx.disk.take_done() {
            kind.files_changed();
        }
        while let Some(resolved) = self.ctx.resolver.next() {
            for address in resolved.addresses.iter().flatten() {
                self.ctx.log.host(&resolved.endpoint.host, address.ip());
            }
            kind.resolved(&mut self.ctx, resolved);
        }
        for _command in 0..MAX_COMMANDS {
            let Ok(command) = inbox.try_recv() else { return };
            self.command(command, kind);
        }
    }

    fn command(&mut self, command: Command, kind: &mut dyn SessionKind) {
        let Self { ctx, repeats, .. } = self;
        let is_of_file =
            matches!(command, Command::PauseFile(_) | Command::ResumeFile(_) | Command::StopFile(_));
        match command {
            Command::Socket(command) => kind.command(ctx, command),
            Command::Close { linger } => {
                // Any of these would keep the session open.
                self.end_timed(&SequenceEnd::Stopped);
                self.ctx.delayed.clear();
                self.ctx.answers.clear();
                self.ctx.files.stop_paused();
                kind.files_changed();
                kind.close(&mut self.ctx, after(linger));
            }
            Command::SetRules(rules) => {
                let withheld = ctx.withholds();
                let are_other_faults = ctx.rule_engine.responder.rules().relay != rules.relay;
                ctx.set_rules(rules);
                kind.follow_holds(ctx, false);
                if !ctx.wants_messages() || ctx.withholds() != withheld {
                    kind.discard_received();
                }
                if are_other_faults {
                    kind.faults_changed();
                }
            }
            Command::SetFraming(framing) => {
                if ctx.rule_engine.set_framing(framing) {
                    kind.follow_holds(ctx, true);
                    kind.discard_received();
                }
            }
            Command::ResumeRecording => ctx.log.resume_recording(),
            Command::Note(text) => ctx.log.remark(text),
            Command::SentCharset(change) => {
                ctx.log.note(SessionNote::SentCharset(change.to(), change.from()));
            }
            Command::Annotate(record, text) => ctx.log.annotate(record, &text),
            Command::Repeat(repeat) => {
                let started = repeats.start(repeat, Instant::now(), ctx.log.events());
                ctx.log.check_started(started, Doing::Repeating, repeats::MAX_REPEATS);
            }
            Command::StopRepeat(id) => repeats.stop(id, ctx.log.events()),
            Command::Sequence(sequence) => {
                let started = ctx.sequences.start(sequence, Instant::now(), ctx.log.events());
                ctx.log.check_started(started, Doing::RunningSequence, sequences::MAX_SEQUENCES);
            }
            Command::StopSequence(id) => ctx.sequences.stop(id, ctx.log.events()),
            Command::PauseFile(id) => ctx.files.pause(id, true),
            Command::ResumeFile(id) => ctx.files.pause(id, false),
            Command::StopFile(id) => ctx.files.stop(id),
        }
        if is_of_file {
            kind.files_changed();
        }
    }

    /// Ends all repeats and sequences.
    fn end_timed(&mut self, how: &SequenceEnd) {
        let Context { sequences, log, .. } = &mut self.ctx;
        self.repeats.stop_all(log.events());
        sequences.end_all(how, log.events());
    }

    /// Sends the rows of sequences that are due, and ends the wait for overdue answers. While the capture
    /// cannot be written, nothing is sent or read, so no answer is overdue.
    fn run_sequences(&mut self, kind: &mut dyn SessionKind) {
        let has_work = self.ctx.sequences.is_blocked()
            || self.ctx.sequences.due().is_some_and(|due| due <= Instant::now());
        if !has_work || self.ctx.log.stalled() {
            return;
        }
        let now = Instant::now();
        let mut events = Vec::new();
        let mut sequences = std::mem::take(&mut self.ctx.sequences);
        let ctx = &mut self.ctx;
        let send = |to: &Target, what: &[SendPart]| kind.beat(ctx, to, what);
        let error = sequences.turn(now, send, &mut events);
        self.ctx.sequences = sequences;
        self.report(error, events);
    }

    /// Reports what a turn of the sequences or repeats has given.
    fn report(&mut self, error: Option<NetError>, mut events: Vec<Event>) {
        if let Some(error) = error {
            self.ctx.log.trouble(error);
        }
        self.ctx.log.events().append(&mut events);
    }

    /// Sends the beats that are due. While the capture cannot be written, nothing may be sent.
    fn run_repeats(&mut self, kind: &mut dyn SessionKind) {
        let Some(due) = self.repeats.due() else { return };
        let now = Instant::now();
        if due > now {
            return;
        }
        let mut events = Vec::new();
        let ctx = &mut self.ctx;
        let stalled = ctx.log.stalled();
        let send = |repeat: &Repeat| {
            ctx.why = Some(Why::Cycle(repeat.id.0).to_string().into());
            if stalled { Beat::Missed } else { kind.beat(ctx, &repeat.to, &repeat.what) }
        };
        let error = self.repeats.turn(now, send, &mut events);
        self.ctx.why = None;
        if stalled {
            // Nothing is sent before writing resumes, and then the next beats report.
            events.retain(|event| !matches!(event, Event::Repeating(..)));
        }
        self.report(error, events);
    }

    /// Carries out answers that are due. While the capture cannot be written, nothing may be sent.
    fn due_answers(&mut self, kind: &mut dyn SessionKind) {
        let now = Instant::now();
        if self.ctx.log.stalled() {
            self.ctx.rule_engine.silences.wait_again(now);
            return;
        }
        self.ctx.release();
        if kind.closing().is_none() {
            self.ctx.respond_to_silence(|| kind.peers());
        }
        while let Some(answer) = self.ctx.answers.pop_front().or_else(|| self.ctx.delayed.next(now)) {
            kind.answer(&mut self.ctx, answer);
            if now.elapsed() >= TURN {
                break;
            }
        }
    }

    /// Waits for the files that are being saved, and for alerts, up to a timeout.
    fn finish_saving(&mut self, events: &mut Events) {
        let deadline = after(SAVE_TIMEOUT);
        self.ctx.alerts.turn(&mut self.ctx.log, None);
        let mut until = deadline;
        while !(self.stopped() || self.ctx.saver.is_idle() && self.ctx.alerts.is_idle()) {
            if self.sleep(events, Some(until)).is_err() {
                return;
            }
            self.ctx.report_saved();
            self.ctx.alerts.turn(&mut self.ctx.log, None);
            if Instant::now() >= until {
                // A command is stopped, and says so.
                if until > deadline {
                    return;
                }
                self.ctx.alerts.stop();
                until = after(STOP_TIMEOUT);
            }
        }
    }

    /// Sets the timer for the next beat, row, piece of a file or delayed answer, or for the pause that ends a
    /// message. `Some` if the timer failed and the poll must wake by its timeout.
    fn set_pacer(&mut self, kind: &mut dyn SessionKind) -> Option<Instant> {
        let listening = kind.deadline().filter(|_| self.ctx.wants_messages() || self.ctx.has_faults());
        let Context { sequences, delayed, .. } = &self.ctx;
        let silence = self.ctx.rule_engine.silences.due().filter(|_| kind.closing().is_none());
        let of_rules = earliest([delayed.due(), self.ctx.held_until(), silence]);
        let dues = [self.repeats.due(), sequences.due(), of_rules, kind.file_due(), listening];
        let Some(due) = earliest(dues) else {
            self.pacer = None;
            return None;
        };
        if self.pacer.is_none() {
            self.pacer = Pacer::new(&self.ctx.registry, &self.waker).ok();
        }
        let set = self.pacer.as_mut().is_some_and(|pacer| pacer.wake_at(due).is_ok());
        // The timeout of the poll has only a resolution of milliseconds.
        (!set).then_some(due)
    }

    /// Waits for a socket, the waker or `deadline`. In a brisk exchange, it looks for the answer without sleeping at
    /// first, because waking up takes longer than forwarding a message. A flood that comes in is read in larger pieces
    /// if one sleeps.
    fn sleep(&mut self, events: &mut Events, deadline: Option<Instant>) -> Result<(), NetError> {
        let sent_bytes = self.ctx.log.sent_bytes();
        let is_exchange = self.is_brisk && sent_bytes != self.sent_bytes;
        let begun = Instant::now();
        let mut now = begun;
        loop {
            let looks = is_exchange && now - begun < BRISK;
            let wait = deadline.map(|deadline| deadline.saturating_duration_since(now));
            match self.poll.poll(events, if looks { Some(Duration::ZERO) } else { wait }) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => events.clear(),
                done => done.map_err(|error| NetError::new(Doing::Receiving, "", error))?,
            }
            now = Instant::now();
            if !looks || !events.is_empty() || deadline.is_some_and(|deadline| deadline <= now) {
                break;
            }
            std::thread::yield_now();
        }
        self.is_brisk = now - begun < BRISK;
        if !events.is_empty() {
            self.sent_bytes = sent_bytes;
        }
        Ok(())
    }
}

/// Opens the sockets of a session.
fn open(ctx: &mut Context, link: Link) -> Result<Box<dyn SessionKind>, NetError> {
    let authority = prepare_tls(ctx, &link)?;
    let kind = open_link(ctx, link)?;
    if let Some(path) = authority {
        ctx.log.note(SessionNote::Tls(TlsNote::Authority(path)));
    }
    Ok(kind)
}

/// Makes what TLS needs. Returns the certificate that clients must trust, if it is issued here.
fn prepare_tls(ctx: &mut Context, link: &Link) -> Result<Option<String>, NetError> {
    let (accepts, connects) = match link {
        Link::TcpClient { .. } => (false, true),
        Link::TcpServer { .. } => (true, false),
        Link::TcpRelay { .. } => (true, true),
        Link::Udp { .. } | Link::UdpRelay { .. } => (false, false),
    };
    let remote = if let Link::TcpClient { remote, .. } = link { Some(remote) } else { link.upstream() };
    ctx.tls.host = remote.map(|remote| remote.host.clone());
    ctx.tls.is_relay = accepts && connects;
    let tls = &ctx.options.tls;
    let covers = |origin| tls.later || tls.covers(origin);
    let (accepts, connects) = (accepts && covers(Origin::Accepted), connects && covers(Origin::Connected));
    if connects {
        ctx.tls.prepare(Role::Client)?;
    }
    if accepts { ctx.tls.prepare(Role::Server) } else { Ok(None) }
}

fn open_link(ctx: &mut Context, link: Link) -> Result<Box<dyn SessionKind>, NetError> {
    Ok(match link {
        Link::TcpClient { remote, local } => match ctx.options.short {
            Some(short) => Box::new(TcpShort::open(ctx, remote, local, short)),
            None => Box::new(TcpClient::open(ctx, remote, local)?),
        },
        Link::TcpServer { local } => Box::new(TcpServer::open(ctx, local)?),
        Link::TcpRelay { local, remote } => Box::new(Relay::open(ctx, local, remote)?),
        Link::UdpRelay { local, remote } => Box::new(UdpRelay::open(ctx, local, remote)?),
        Link::Udp { local, remote, groups } => Box::new(Udp::open(ctx, local, remote, groups)?),
    })
}
