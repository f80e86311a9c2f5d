//! What one leg of a relay has received and the other is to send.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::fault_line::{FaultEnd, FaultLine};
use super::hold::Hold;
use super::time::earliest;
use super::trace::Input;
use crate::codec::websocket::Opcode;
use crate::model::FlowId;

/// With more bytes waiting than this, a leg is not read.
const MAX_WAITING: u64 = 4 * 1024 * 1024;

/// With more pieces waiting than this, a leg is not read.
const MAX_PIECES: usize = 65_536;

/// Whether the end of what a leg receives was passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    None,
    Waiting,
    Passed,
}

/// Bytes to be passed on, and why they differ from what was received.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) data: Arc<[u8]>,
    pub(super) why: Option<Arc<str>>,
    /// What was received for them.
    pub(super) input: Option<Input>,
    /// What a WebSocket has received it as.
    pub(super) opcode: Option<Opcode>,
}

#[derive(Debug)]
pub(super) struct Pipe {
    /// The other leg, while there is one.
    twin: Option<FlowId>,
    /// Reads one piece before there is another leg.
    reads_early: bool,
    /// Both legs speak WebSocket, so that control frames pass.
    pub(super) has_frames: bool,
    /// In order; each not before its time.
    waiting: VecDeque<(Passing, Instant)>,
    bytes: u64,
    /// How many bytes have come so far.
    received: u64,
    /// So much waits in the other leg to be sent that this one is not read.
    pub(super) is_blocked: bool,
    end: End,
    /// Both connections are to be reset: at once, or once everything was passed on.
    resets: Option<bool>,
    /// When to look at it again, though nothing waits.
    pub(super) until: Option<Instant>,
    /// The faults of the relay on what passes here.
    pub(super) line: Option<FaultLine>,
    /// The message that is held. Nothing is read until somebody decides on it.
    pub(super) held: Option<Box<(Hold, Passing)>>,
}

impl Pipe {
    /// The pipe of a leg without another one yet.
    pub(super) fn new(reads_early: bool) -> Self {
        Self {
            twin: None,
            reads_early,
            has_frames: false,
            waiting: VecDeque::new(),
            bytes: 0,
            received: 0,
            is_blocked: false,
            end: End::None,
            resets: None,
            until: None,
            line: None,
            held: None,
        }
    }

    pub(super) fn twin(&self) -> Option<FlowId> {
        self.twin
    }

    /// The other leg has come.
    pub(super) fn join(&mut self, twin: FlowId, line: FaultLine) {
        (self.twin, self.line) = (Some(twin), Some(line));
    }

    /// The other leg has gone: nothing more can be passed on. Returns how many bytes were waiting.
    pub(super) fn part(&mut self) -> u64 {
        self.twin = None;
        self.waiting.clear();
        self.end = End::Passed;
        std::mem::take(&mut self.bytes)
    }

    /// Whether the leg may be read.
    pub(super) fn has_room(&self) -> bool {
        let is_there = self.twin.is_some() || self.reads_early && self.waiting.is_empty();
        is_there
            && self.held.is_none()
            && !self.is_blocked
            && self.bytes < MAX_WAITING
            && self.waiting.len() < MAX_PIECES
    }

    /// Whether something has come that is not passed on.
    pub(super) fn has_something(&self) -> bool {
        !self.waiting.is_empty() || self.held.is_some()
    }

    /// Counts bytes that have come, which begin at this place of a record.
    pub(super) fn input(&mut self, len: usize, record: Option<(u64, u64)>) -> Input {
        let (at, len) = (self.received, len as u64);
        self.received += len;
        Input { at, len, record }
    }

    /// Appends what is to be passed on at `due`, and not before what was appended earlier.
    pub(super) fn push(&mut self, passing: Passing, due: Instant) {
        if !passing.data.is_empty() || passing.opcode.is_some() {
            self.bytes += passing.data.len() as u64;
            let due = self.waiting.back().map_or(due, |(_, last)| due.max(*last));
            self.waiting.push_back((passing, due));
        }
    }

    /// Nothing follows what was appended.
    pub(super) fn finish(&mut self) {
        if self.end == End::None {
            self.end = End::Waiting;
        }
    }

    /// The direction ends by a fault: closes once everything was passed on, or resets both connections, then or
    /// `at_once`.
    pub(super) fn end_by(&mut self, end: FaultEnd, at_once: bool) {
        match end {
            FaultEnd::Close => self.finish(),
            FaultEnd::Reset => self.resets = Some(at_once),
        }
    }

    /// Whether both connections are to be reset now.
    pub(super) fn resets(&self) -> bool {
        self.resets.is_some_and(|at_once| at_once || self.waiting.is_empty())
    }

    /// The faults are others: what waits because of earlier ones is passed on now.
    pub(super) fn faults_changed(&mut self) {
        let now = Instant::now();
        self.waiting.iter_mut().for_each(|(_, due)| *due = now.min(*due));
        if let Some(line) = &mut self.line {
            line.restart();
        }
    }

    /// The next bytes, if they are due.
    pub(super) fn next(&mut self, now: Instant) -> Option<Passing> {
        let (passing, _due) = self.waiting.pop_front_if(|(_, due)| *due <= now)?;
        self.bytes -= passing.data.len() as u64;
        Some(passing)
    }

    /// Whether the end is to be passed on now. It is then taken as passed.
    pub(super) fn take_end(&mut self) -> bool {
        let is_due = self.end == End::Waiting && !self.has_something();
        if is_due {
            self.end = End::Passed;
        }
        is_due
    }

    /// Whether everything up to the end was passed on.
    pub(super) fn is_over(&self) -> bool {
        self.end == End::Passed
    }

    /// Memory that a held message takes, in bytes.
    pub(super) fn held(&self) -> u64 {
        self.held.as_ref().map_or(0, |held| held.1.data.len() as u64)
    }

    /// When the next bytes are due, or a held message.
    pub(super) fn due(&self) -> Option<Instant> {
        let next = self.waiting.front().filter(|_| !self.is_blocked).map(|(_, due)| *due);
        let held = self.held.as_ref().and_then(|held| held.0.until).map(|(until, _)| until);
        earliest([next, held, self.until]).filter(|_| self.twin.is_some())
    }
}
