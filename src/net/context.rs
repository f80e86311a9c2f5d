//! What every kind of session shares: the poll, the log, the options, the resolver, rules, sequences, files,
//! and a buffer to read into.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Interest, Registry, Token, Waker};

use super::alerts::Alerts;
use super::clock::wall_now;
use super::delayed::{Delayed, Precedence, Scheduled};
use super::disk::Disk;
use super::files::{self, Files, Ticket};
use super::inbox::Arrival;
use super::log::Log;
use super::placeholders::Placeholders;
use super::resolve::Resolver;
use super::rule_engine::{DueAnswer, Received, RuleEngine};
use super::saver::{Job, Saved, Saver};
use super::sequences::Sequences;
use super::time::later;
use super::tls::Configs;
use super::trace::Input;
use crate::model::{
    Cause, Doing, FileId, FlowId, MAX_TCP_V4, NetError, Options, Rules, SessionNote, ShortUntil, Why,
    dropped, highlight,
};
use crate::rules::{Answer, PeerAt, RuleAction, Verdict};

/// Wakes the worker.
pub(super) const WAKER: Token = Token(0);

/// The listener, the UDP socket, or the connection attempt.
pub(super) const MAIN: Token = Token(1);

/// The timer of repeats, sequences and delayed answers.
pub(super) const PACER: Token = Token(2);

/// The token of flow 0; other connections follow by the number of their flow.
pub(super) const FIRST_FLOW: usize = 3;

/// The most bytes read at once: the payload of one TCP packet over IPv4, so that a read makes one record.
const BUFFER: usize = MAX_TCP_V4 as usize;

/// What the poll has reported about a socket and is not used up yet. The poll reports each change once.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Readiness {
    pub(super) readable: bool,
    pub(super) writable: bool,
    /// The socket may have an error to fetch.
    pub(super) failed: bool,
    /// A read may return less than there is: the stream has ended or failed, or urgent data divide it.
    pub(super) divided: bool,
}

/// What a TCP connection is polled for.
pub(super) fn stream_interest() -> Interest {
    let both = Interest::READABLE | Interest::WRITABLE;
    #[cfg(target_os = "linux")]
    let both = both | Interest::PRIORITY;
    both
}

impl Readiness {
    pub(super) fn add(&mut self, event: &mio::event::Event) {
        self.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        // Windows reports a reset as the end of writing, not as an error.
        self.failed |= event.is_error() || event.is_write_closed();
        self.divided |= event.is_read_closed() || event.is_error() || event.is_priority();
    }

    /// A read of a stream has returned less than it could take. Linux then reports anew whatever comes next, so that
    /// there is no need to read until it would block (epoll(7), question 9).
    pub(super) fn fell_short(&mut self) {
        self.readable &= self.divided || !cfg!(target_os = "linux");
    }
}

/// How an answer cut in two is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CutAnswers {
    /// As one message whose tail a stream sends later.
    OneMessage,
    /// As two messages: two datagrams.
    TwoMessages,
}

/// The most records that rules may annotate in one session, since the window keeps all notes.
const MAX_NOTES: u64 = 65_536;

/// The most bytes that rules may write on one record.
const MAX_NOTE_LEN: usize = 4096;

#[derive(Debug)]
pub(super) struct Context {
    pub(super) registry: Registry,
    pub(super) log: Log,
    pub(super) options: Options,
    pub(super) resolver: Resolver,
    /// Where the session listens (TCP).
    pub(super) listening: Vec<SocketAddr>,
    pub(super) rule_engine: RuleEngine,
    /// Answers that are due now.
    pub(super) answers: VecDeque<DueAnswer>,
    /// The cycle that sends now, as a [`Why`] in words.
    pub(super) why: Option<Arc<str>>,
    /// Answers that are due later.
    pub(super) delayed: Delayed<DueAnswer>,
    pub(super) cut_answers: CutAnswers,
    /// Memory that connections hold, in bytes: unprocessed data and queued answers.
    pub(super) held: u64,
    /// When the next answer may be sent, if their rate is limited.
    next_answer: Option<Instant>,
    pub(super) saver: Saver,
    pub(super) alerts: Alerts,
    /// The record that rules annotated last, and its note.
    last_note: (u64, String),
    /// The number of records that rules have annotated.
    n_notes: u64,
    /// How many messages were held.
    pub(super) n_holds: u64,
    pub(super) placeholders: Placeholders,
    pub(super) disk: Disk,
    pub(super) files: Files,
    pub(super) buffer: Box<[u8]>,
    /// For what layers of connections make of it.
    pub(super) plain: Vec<u8>,
    pub(super) tls: Configs,
    pub(super) sequences: Sequences,
}

impl Context {
    pub(super) fn new(
        registry: Registry,
        log: Log,
        options: Options,
        rule_engine: RuleEngine,
        waker: &Arc<Waker>,
    ) -> Self {
        let tls = Configs::new(options.tls.clone());
        Self {
            tls,
            plain: Vec::new(),
            registry,
            log,
            options,
            resolver: Resolver::new(Arc::clone(waker)),
            listening: Vec::new(),
            rule_engine,
            answers: VecDeque::new(),
            why: None,
            delayed: Delayed::default(),
            cut_answers: CutAnswers::OneMessage,
            held: 0,
            next_answer: None,
            saver: Saver::new(waker),
            alerts: Alerts::new(waker),
            last_note: (0, String::new()),
            n_notes: 0,
            n_holds: 0,
            disk: Disk::new(waker),
            files: Files::default(),
            sequences: Sequences::default(),
            placeholders: Placeholders::new(),
            buffer: vec![0; BUFFER].into_boxed_slice(),
        }
    }

    /// Whether received data must be split into messages.
    pub(super) fn wants_messages(&self) -> bool {
        let is_short = self.options.short.is_some_and(|short| short.until == ShortUntil::Answered);
        is_short || self.withholds() || self.rule_engine.wants_messages() || self.sequences.wants_messages()
    }

    /// Passes a message to sequences and rules. Answers go to `answers` if due at once, else to `delayed`.
    /// Returns what becomes of it in a relay.
    pub(super) fn process(&mut self, message: Received<'_>, arrival: Arrival) -> Verdict {
        let mut verdict = Verdict::default();
        self.notify_sequences((message.flow, message.bytes), arrival);
        if self.rule_engine.wants_messages() {
            let limits = (self.options.max_answer, self.room());
            let Self { log, rule_engine, placeholders, .. } = self;
            let times = (log.moment(), wall_now());
            let found = rule_engine.apply(message, times, &placeholders.zone, limits);
            let found = found.into_iter().filter(|due| !verdict.takes(&due.answer)).collect();
            self.schedule_all(found);
        }
        verdict
    }

    /// Whether a relay withholds messages until they are decided.
    pub(super) fn withholds(&self) -> bool {
        self.rule_engine.decides() || self.rule_engine.responder.rules().relay.act_on_messages()
    }

    /// Whether a relay puts faults into what it passes on.
    pub(super) fn has_faults(&self) -> bool {
        !self.rule_engine.responder.rules().relay.is_none()
    }

    /// A message is not passed on.
    pub(super) fn note_dropped(&mut self, record: Option<u64>, input: Option<Input>, why: &str) {
        if let Err(error) = self.rule_notes(record, &dropped(input.and_then(Input::from), why)) {
            self.log.trouble(error);
        }
    }

    /// A fault has lost a message, which rules may have changed before.
    pub(super) fn note_lost(
        &mut self,
        record: Option<u64>,
        (input, changed): (Option<Input>, Option<&str>),
        why: &str,
    ) {
        let lost = dropped(input.and_then(Input::from), &format!("{} {why}", Why::FAULT));
        let lines = changed.into_iter().chain([lost.as_str()]);
        if let Err(error) = self.rule_notes(record, &lines.collect::<Vec<_>>().join("\n")) {
            self.log.trouble(error);
        }
    }

    /// How many bytes of memory are left for unfinished messages, waiting answers, and messages among which answers are
    /// expected.
    pub(super) fn room(&self) -> u64 {
        let held = self.held.saturating_add(self.delayed.weight).saturating_add(self.sequences.held);
        self.options.rule_memory.saturating_sub(held)
    }

    /// Passes a message to sequences only.
    pub(super) fn notify_sequences(&mut self, message: (FlowId, &[u8]), arrival: Arrival) {
        let room = self.room() + self.sequences.held;
        let Self { log, sequences, .. } = self;
        if sequences.wants_messages() {
            sequences.received(message, arrival, (Instant::now(), room), log.events());
        }
    }

    pub(super) fn set_rules(&mut self, rules: Arc<Rules>) {
        let found = self.rule_engine.set_rules(rules);
        self.schedule_all(found);
    }

    /// Sends joined answers that have waited long enough.
    pub(super) fn release(&mut self) {
        let Some(until) = self.rule_engine.responder.held_until() else { return };
        let now = self.log.moment();
        if until <= now {
            let found = self.rule_engine.release(now);
            self.schedule_all(found);
        }
    }

    /// Uses the rules for silence that are due, towards these peers.
    pub(super) fn respond_to_silence(&mut self, peers: impl FnOnce() -> Vec<PeerAt>) {
        let Some(due) = self.rule_engine.silences.due() else { return };
        let now = Instant::now();
        if due <= now {
            let (peers, limits) = (peers(), (self.options.max_answer, self.room()));
            let times = (self.log.moment(), wall_now());
            let found =
                self.rule_engine.respond_to_silence(now, &peers, times, &self.placeholders.zone, limits);
            self.schedule_all(found);
        }
    }

    /// When [`release`](Self::release) is due.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let until = self.rule_engine.responder.held_until()?;
        let now = self.log.moment();
        Instant::now().checked_add(Duration::from_nanos(until.0.saturating_sub(now.0)))
    }

    fn schedule_all(&mut self, found: Vec<DueAnswer>) {
        for due in found {
            self.schedule(due);
        }
    }

    /// Schedules an answer; one that is due at once goes to `answers`.
    fn schedule(&mut self, due: DueAnswer) {
        let after = self.paced(due.answer.after, &due.answer.what);
        let RuleAction::SendCut { head, pause, tail } = &due.answer.what else {
            self.delay((after, due.precedence()), due);
            return;
        };
        if self.cut_answers == CutAnswers::OneMessage {
            self.delay((after, Precedence::InOrder), due);
            return;
        }
        let part = |bytes: &Arc<[u8]>| {
            let what = RuleAction::Send(Arc::clone(bytes));
            DueAnswer { answer: Answer { what, ..due.answer.clone() }, ..due }
        };
        // Nothing else that is due at the same time may come between the two parts.
        if head.is_empty() {
            self.delay((after.saturating_add(*pause), Precedence::InOrder), part(tail));
        } else if self.delay((after, Precedence::InOrder), part(head)) {
            self.delay((*pause, Precedence::AfterPrevious), part(tail));
        }
    }

    /// The delay of an answer that is sent `after` this time, or as soon as the rate of answers allows.
    fn paced(&mut self, after: Duration, what: &RuleAction) -> Duration {
        use RuleAction::{Send, SendCut, SendFile};
        let Some(rate) = self.options.answer_rate else { return after };
        if !matches!(what, Send(_) | SendCut { .. } | SendFile(_)) {
            return after;
        }
        let now = Instant::now();
        let due = self.next_answer.map_or(now, |next| next.max(now)).max(later(now, after));
        self.next_answer = Some(due + Duration::from_secs(1) / rate.get());
        due - now
    }

    /// Reports an error and returns false if too many answers are waiting.
    fn delay(&mut self, when: (Duration, Precedence), due: DueAnswer) -> bool {
        let bytes = due.bytes();
        self.delayed.limit = self.options.rule_memory.saturating_sub(self.held);
        match self.delayed.schedule((due.answer.flow, Instant::now()), when, bytes, due) {
            Scheduled::Now(due) => self.answers.push_back(due),
            Scheduled::Later => {}
            Scheduled::Full => {
                let cause = Cause::TooManyAnswers(self.delayed.len() as u64);
                self.log.trouble(NetError::new(Doing::Answering, "", cause));
                return false;
            }
        }
        true
    }

    /// Starts to track the progress of a file. Reports an error if there are too many.
    pub(super) fn begin_file(&mut self, id: FileId) -> Option<Arc<Ticket>> {
        let mut events = Vec::new();
        let ticket = self.files.begin(id, Instant::now(), &mut events);
        self.log.files(events);
        if ticket.is_none() {
            self.log.trouble(NetError::new(Doing::Sending, "", Cause::TooManyFiles(files::MAX_FILES as u64)));
        }
        ticket
    }

    /// Reports that this kind of session does not support a command.
    pub(super) fn unsupported(&mut self, doing: Doing, what: impl ToString) {
        self.log.trouble(NetError::new(doing, what, Cause::NotForThisProtocol));
    }

    /// Carries out an answer that needs no socket.
    pub(super) fn answer(&mut self, answer: DueAnswer) {
        let DueAnswer { answer: Answer { rule, flow, what, .. }, peer, record } = answer;
        let done = match what {
            // The session has done it already.
            RuleAction::Send(_)
            | RuleAction::SendCut { .. }
            | RuleAction::SendFile(_)
            | RuleAction::Replace(_)
            | RuleAction::Drop
            | RuleAction::Hold(_)
            | RuleAction::Close
            | RuleAction::Reset => Ok(()),
            RuleAction::SaveFile(file, content) => self.saver.save(Job { file, content }),
            RuleAction::Note(text) => self.rule_notes(record, &text),
            RuleAction::Highlight => self.rule_notes(record, &highlight(&self.rule_engine.name(rule))),
            RuleAction::StopRecording => {
                self.log.stop_recording();
                Ok(())
            }
            RuleAction::Sequence(name) => {
                self.log.sequence_wanted(name, flow);
                Ok(())
            }
            RuleAction::Notify(text) => {
                let name = self.rule_engine.name(rule);
                self.alerts.notify((rule, &name), &text, &mut self.log, Instant::now());
                Ok(())
            }
            RuleAction::Run(command, message) => {
                self.alerts.run(&self.rule_engine.name(rule), command, message, Instant::now());
                Ok(())
            }
            RuleAction::Fail(fault) => {
                let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
                Err(NetError::new(Doing::Answering, peer, Cause::Rule(fault)))
            }
        };
        if let Err(error) = done {
            self.log.trouble(error);
        }
    }

    /// Writes a note on a record, below earlier notes of rules on it: one record may hold several messages.
    fn rule_notes(&mut self, record: Option<u64>, text: &str) -> Result<(), NetError> {
        // A message that was not recorded cannot have a note.
        let Some(record) = record else { return Ok(()) };
        let (last, note) = &mut self.last_note;
        if *last == record && !note.is_empty() {
            if note.len() + text.len() > MAX_NOTE_LEN {
                return Ok(());
            }
            note.push('\n');
        } else {
            if self.n_notes >= MAX_NOTES {
                return Err(NetError::new(Doing::Answering, "", Cause::TooManyNotes(MAX_NOTES)));
            }
            self.n_notes += 1;
            *last = record;
            note.clear();
        }
        note.push_str(text.get(..text.floor_char_boundary(MAX_NOTE_LEN)).unwrap_or(text));
        self.log.rule_notes(record, note.clone());
        Ok(())
    }

    /// Reports files that were saved or could not be saved.
    pub(super) fn report_saved(&mut self) {
        while let Some(done) = self.saver.done() {
            match done {
                Ok(Saved { path, bytes }) => {
                    self.log.note(SessionNote::Saved(bytes, path.display().to_string()));
                }
                Err(error) => self.log.trouble(error),
            }
        }
    }
}
