//! What every kind of session needs at hand: the poll's registry, the log, the options, the
//! resolver, the files that are told of and a buffer to read into.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Registry, Token, Waker};

use super::delayed::{Delayed, Owing, Precedence};
use super::files::{self, Files, Ticket};
use super::log::Log;
use super::placeholders::Placeholders;
use super::resolve::Resolver;
use super::rule_engine::{Due, Message, RuleEngine};
use super::saver::{Job, Saved, Saver};
use super::sequences::Sequences;
use crate::model::{Cause, Doing, FileId, FlowId, NetError, Options, Rules, ShortUntil, highlight};
use crate::rules::{Deed, FileName};

/// The worker wakes by this.
pub(super) const WAKER: Token = Token(0);

/// The listener, the UDP socket, or the attempt to connect.
pub(super) const MAIN: Token = Token(1);

/// The timer of repeats and sequences.
pub(super) const PACER: Token = Token(2);

/// Connections have the tokens from here on, by the number of their flow.
pub(super) const FIRST_FLOW: usize = 3;

/// One packet of the capture over IPv4 holds as much.
const BUFFER: usize = 65_495;

/// What the poll has told of a socket and was not used up yet: the poll tells each change once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Readiness {
    /// Reading may give something.
    pub(super) readable: bool,
    /// Writing may be accepted.
    pub(super) writable: bool,
    /// An error waits to be fetched.
    pub(super) failed: bool,
}

impl Readiness {
    pub(super) fn add(&mut self, event: &mio::event::Event) {
        self.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        self.failed |= event.is_error();
    }
}

/// How an answer goes that is cut in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halves {
    /// As one, of which a stream sends the tail later.
    Together,
    /// Each as an answer of its own: a datagram.
    Apart,
}

/// Rules may make notes on so many records in one opening: the window keeps them all.
const NOTES: u64 = 65_536;

/// What rules note on one record is no longer, in bytes.
const NOTE: usize = 4096;

/// The things at hand.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) registry: Registry,
    pub(super) log: Log,
    pub(super) options: Options,
    pub(super) resolver: Resolver,
    pub(super) rule_engine: RuleEngine,
    /// Answers that are due at once.
    pub(super) answers: VecDeque<Due>,
    /// Answers that are due later.
    pub(super) delayed: Delayed<Due>,
    pub(super) halves: Halves,
    saver: Saver,
    /// The last note that rules have made, and on which record.
    last_note: (u64, String),
    /// How many records they have made notes on.
    n_notes: u64,
    pub(super) placeholders: Placeholders,
    pub(super) files: Files,
    pub(super) buffer: Box<[u8]>,
    /// They are told of every message that comes.
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
        Self {
            registry,
            log,
            options,
            resolver: Resolver::new(Arc::clone(waker)),
            rule_engine,
            answers: VecDeque::new(),
            delayed: Delayed::default(),
            halves: Halves::Together,
            saver: Saver::new(Arc::clone(waker)),
            last_note: (0, String::new()),
            n_notes: 0,
            files: Files::default(),
            sequences: Sequences::default(),
            placeholders: Placeholders::new(),
            buffer: vec![0; BUFFER].into_boxed_slice(),
        }
    }

    /// Somebody waits for messages, so that what comes is cut into such.
    pub(super) fn listens(&self) -> bool {
        let is_short = self.options.short.is_some_and(|short| short.until == ShortUntil::Answered);
        is_short || self.rule_engine.hears() || self.sequences.listens()
    }

    /// Lets sequences and rules hear a message. What is to be done at once stands in `answers` then, the rest
    /// in `delayed`.
    pub(super) fn hear(&mut self, message: Message<'_>) {
        self.hear_answer(message.flow, message.bytes);
        if self.rule_engine.hears() {
            self.hear_rules(message);
        }
    }

    /// Lets sequences alone hear a message.
    pub(super) fn hear_answer(&mut self, flow: FlowId, message: &[u8]) {
        let Self { log, sequences, .. } = self;
        if sequences.listens() {
            sequences.heard(flow, message, Instant::now(), &mut |event| log.progress(event));
        }
    }

    fn hear_rules(&mut self, message: Message<'_>) {
        let at = self.log.moment();
        let found = self.rule_engine.hear(message, (at, self.placeholders.zone()));
        self.owe_all(found);
    }

    /// Other rules from now on.
    pub(super) fn set_rules(&mut self, rules: Arc<Rules>) {
        let found = self.rule_engine.set_rules(rules);
        self.owe_all(found);
    }

    /// Lets go what was held back long enough for others to be sent with it.
    pub(super) fn release(&mut self) {
        let now = self.log.moment();
        if self.rule_engine.held_until().is_some_and(|until| until <= now) {
            let found = self.rule_engine.release(now);
            self.owe_all(found);
        }
    }

    /// When there is something to release.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let now = self.log.moment();
        let until = self.rule_engine.held_until()?;
        Instant::now().checked_add(Duration::from_nanos(until.0.saturating_sub(now.0)))
    }

    fn owe_all(&mut self, found: Vec<(Duration, Due)>) {
        for (after, due) in found {
            self.owe(after, due);
        }
    }

    /// This is to be done after a while; if that is at once, it stands in `answers`.
    fn owe(&mut self, after: Duration, due: Due) {
        let Due { from, peer, rule, record, to, what } = due;
        let due = |what| Due { from, peer, rule, record, to, what };
        match (self.halves, what) {
            // What follows at the same moment must not come between them.
            (Halves::Apart, Deed::SendCut { head, pause, tail }) => {
                let tail = due(Deed::Send(tail));
                if head.is_empty() {
                    self.put_off((after.saturating_add(pause), Precedence::After), tail);
                } else if self.put_off((after, Precedence::After), due(Deed::Send(head))) {
                    self.put_off((pause, Precedence::Behind), tail);
                }
            }
            (Halves::Apart | Halves::Together, what) => {
                let due = due(what);
                self.put_off((after, due.turn()), due);
            }
        }
    }

    /// False if too much waits already, of which a trouble tells.
    fn put_off(&mut self, when: (Duration, Precedence), due: Due) -> bool {
        let bytes = due.bytes();
        match self.delayed.owe((due.from, Instant::now()), when, bytes, due) {
            Owing::AtOnce(due) => self.answers.push_back(due),
            Owing::Later => {}
            Owing::TooMuch => {
                let cause = Cause::TooManyAnswers(self.delayed.len() as u64);
                self.log.trouble(NetError::new(Doing::Answering, "", cause));
                return false;
            }
        }
        true
    }

    /// Begins to tell how far a file goes. Of too many a trouble tells.
    pub(super) fn begin_file(&mut self, id: FileId) -> Option<Arc<Ticket>> {
        let Self { files, log, .. } = self;
        let ticket = files.begin(id, Instant::now(), &mut |event| log.file(event));
        if ticket.is_none() {
            log.trouble(NetError::new(Doing::Sending, "", Cause::TooManyFiles(files::MOST as u64)));
        }
        ticket
    }

    /// Tells that a session of this kind cannot do what was ordered.
    pub(super) fn not_here(&mut self, doing: Doing, what: impl ToString) {
        self.log.trouble(NetError::new(doing, what, Cause::NotForThisProtocol));
    }

    /// Does what a rule answers, if no socket has to do with it.
    pub(super) fn answer(&mut self, answer: Due) {
        let Due { rule, from, peer, record, what, .. } = answer;
        let done = match what {
            // The role has done it, or each half of it.
            Deed::Send(_) | Deed::SendCut { .. } | Deed::SendFile(_) | Deed::Close | Deed::Reset => Ok(()),
            Deed::SaveFile(FileName { folder, name }, content) => {
                self.saver.save(Job { folder, name: name.into(), content })
            }
            Deed::Note(text) => self.rule_notes(record, &text),
            Deed::Highlight => self.rule_notes(record, &highlight(&self.rule_engine.name(rule))),
            Deed::StopRecording => {
                self.log.stop_recording();
                Ok(())
            }
            Deed::Sequence(name) => {
                self.log.sequence_wanted(name, from);
                Ok(())
            }
            Deed::Fail(fault) => {
                let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
                Err(NetError::new(Doing::Answering, peer, Cause::Rule(fault)))
            }
        };
        if let Err(error) = done {
            self.log.trouble(error);
        }
    }

    /// Puts a note on a record, behind what rules have noted there before: one record may hold many messages.
    fn rule_notes(&mut self, record: Option<u64>, text: &str) -> Result<(), NetError> {
        // What is not in the capture can have no note.
        let Some(record) = record else { return Ok(()) };
        let (last, note) = &mut self.last_note;
        if *last == record && !note.is_empty() {
            if note.len() + text.len() > NOTE {
                return Ok(());
            }
            note.push('\n');
        } else {
            if self.n_notes >= NOTES {
                return Err(NetError::new(Doing::Answering, "", Cause::TooManyNotes(NOTES)));
            }
            self.n_notes += 1;
            *last = record;
            note.clear();
        }
        note.push_str(text.get(..text.floor_char_boundary(NOTE)).unwrap_or(text));
        self.log.rule_notes(record, note.clone());
        Ok(())
    }

    /// Tells of the files that were saved, or could not be.
    pub(super) fn saved(&mut self) {
        while let Some(done) = self.saver.done() {
            match done {
                Ok(Saved { path, bytes }) => {
                    self.log.remark(format_args!("saved {bytes} bytes as {}", path.display()));
                }
                Err(error) => self.log.trouble(error),
            }
        }
    }

    /// Files are still being saved.
    pub(super) fn saves(&self) -> bool {
        !self.saver.is_idle()
    }

    /// What rules have put off is not done any more.
    pub(super) fn forget_owed(&mut self) {
        self.delayed.clear();
        self.answers.clear();
    }
}
