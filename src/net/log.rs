//! Everything a worker reports: written to the capture first and, once committed, sent to the window. Keeps
//! the totals.

mod layers;

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::outbox::Outbox;
use super::queue_size::QueueSize;
use super::time::{earliest, millis};
use super::troubles::Troubles;
use crate::model::{
    Cast, Cause, Direction, Doing, Ending, Event, FileEnd, FileTurn, Flow, FlowId, Layers, NetError, Origin,
    Record, Recorder, SessionNote, Stamp, Totals, Transport,
};

/// How long to wait after a failed commit.
const RETRY: Duration = Duration::from_millis(500);

/// The most sequences that rules may request while events are waiting.
const MAX_REQUESTS: usize = 1024;

/// The capture cannot be written.
#[derive(Debug)]
struct Stall {
    since: Instant,
    retry: Instant,
    error: NetError,
    /// The bytes of the capture that are waiting.
    pending: u64,
}

/// Data seen since recording was stopped.
#[derive(Debug, Default)]
struct Unrecorded {
    received: u64,
    sent: u64,
}

/// The capture, the totals and the events to send.
#[derive(Debug)]
pub(super) struct Log {
    recorder: Box<dyn Recorder>,
    /// What is recorded of flows with a layer such as TLS, and which these are.
    pub(super) layers: Layers,
    layered: HashSet<FlowId>,
    clock: Clock,
    /// Noted at the beginning: the wall clock was set back since the opening before.
    ahead: Option<SessionNote>,
    last: Stamp,
    totals: Totals,
    reported: Totals,
    records: Vec<Record>,
    turns: Vec<FileTurn>,
    dirty: bool,
    stall: Option<Stall>,
    absent: Duration,
    /// Set while a rule has stopped recording.
    unrecorded: Option<Unrecorded>,
    /// The error of the last failed connection attempt.
    refused: Option<NetError>,
    /// Events sent before the records of this turn.
    before: Vec<Event>,
    /// Notes of rules on these records or earlier ones.
    annotated: Vec<(u64, String)>,
    /// Events sent after the records.
    after: Vec<Event>,
    troubles: Troubles,
    outbox: Outbox,
}

impl Log {
    pub(super) fn new(recorder: Box<dyn Recorder>, outbox: Outbox) -> Self {
        let (clock, ahead) = Clock::start_after(recorder.latest());
        Self {
            recorder,
            layers: Layers::Both,
            layered: HashSet::new(),
            clock,
            ahead,
            last: Stamp(0),
            totals: Totals::default(),
            reported: Totals::default(),
            records: Vec::new(),
            turns: Vec::new(),
            dirty: false,
            stall: None,
            absent: Duration::ZERO,
            unrecorded: None,
            refused: None,
            before: Vec::new(),
            annotated: Vec::new(),
            after: Vec::new(),
            troubles: Troubles::default(),
            outbox,
        }
    }

    /// The current time, but never before the last record.
    pub(super) fn now(&mut self) -> Stamp {
        let now = self.clock.now();
        self.not_before(now)
    }

    /// The time stamp of the kernel if there is one, else the current time.
    fn stamp(&mut self, at: Option<Stamp>) -> Stamp {
        let now = self.clock.now();
        self.not_before(at.map_or(now, |at| at.min(now)))
    }

    /// The current time, without recording anything.
    pub(super) fn moment(&self) -> Stamp {
        self.clock.now()
    }

    /// Follows the wall clock, and notes that it was set. To be called before anything else after a wait.
    pub(super) fn follow_clock(&mut self) {
        if let Some(note) = self.clock.follow() {
            self.note(note);
        }
    }

    fn not_before(&mut self, at: Stamp) -> Stamp {
        self.last = self.last.max(at);
        self.dirty = true;
        self.last
    }

    pub(super) fn begin(&mut self, title: &str, endpoint: &str) {
        let at = self.now();
        self.recorder.begin(title, endpoint, at);
        if let Some(note) = self.ahead.take() {
            self.note(note);
        }
    }

    pub(super) fn host(&mut self, name: &str, address: IpAddr) {
        self.dirty = true;
        self.recorder.host(name, address);
    }

    pub(super) fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Option<Stamp>,
    ) -> Flow {
        let at = self.stamp(at);
        self.recorder.flow(transport, local, peer, origin, at)
    }

    /// The next datagrams of `flow` have this local address.
    pub(super) fn local(&mut self, flow: FlowId, local: SocketAddr) {
        self.recorder.local(flow, local);
    }

    /// A TCP connection was established, or a UDP peer was seen for the first time.
    pub(super) fn joined(&mut self, flow: &Flow) {
        if flow.transport == Transport::Tcp {
            let at = self.now();
            self.recorder.connected(flow.id, at);
        }
        self.totals.connections += 1;
        self.before.push(Event::Joined(flow.clone()));
    }

    pub(super) fn left(&mut self, flow: FlowId) {
        self.dirty = true;
        self.layered.remove(&flow);
        self.recorder.forget(flow);
        self.after.push(Event::Left(flow));
    }

    pub(super) fn opened(&mut self, event: Event) {
        self.dirty = true;
        self.before.push(event);
    }

    pub(super) fn stopped_listening(&mut self) {
        self.note(SessionNote::StoppedListening);
        self.after.push(Event::StoppedListening);
    }

    /// What is sent after the records: progress and ends of repeats and sequences, for example.
    pub(super) fn events(&mut self) -> &mut Vec<Event> {
        &mut self.after
    }

    /// Reports a repeat or sequence that was not started, because `limit` are running.
    pub(super) fn check_started(&mut self, started: bool, doing: Doing, limit: usize) {
        if !started {
            self.trouble(NetError::new(doing, "", Cause::TooManyRepeats(limit as u64)));
        }
    }

    /// Progress and ends of files.
    pub(super) fn files(&mut self, mut events: Vec<Event>) {
        for event in &events {
            if let Event::FileEnded(_, FileEnd::Stopped, progress) = event {
                self.note(SessionNote::FileStopped(progress.done, progress.total));
            }
        }
        self.after.append(&mut events);
    }

    /// A connection attempt failed. Reported as an error, too; equal ones in quick succession are counted.
    pub(super) fn refused(&mut self, local: SocketAddr, peer: SocketAddr, error: NetError) {
        self.refused = Some(error.clone());
        if self.troubles.is_new(&error, Instant::now()) {
            let flow = self.flow(Transport::Tcp, local, peer, Origin::Connected, None);
            let at = self.now();
            self.recorder.refused(flow.id, &SessionNote::Failed(error.clone()).comment(), at);
            self.recorder.forget(flow.id);
            self.after.push(Event::Trouble(error));
        }
    }

    /// Data of one read. Returns their time in the capture.
    pub(super) fn received(&mut self, flow: FlowId, cast: Cast, bytes: &[u8], at: Option<Stamp>) -> Stamp {
        let at = self.stamp(at);
        let is_wire_only = self.is_wire_only(flow);
        match &mut self.unrecorded {
            Some(unrecorded) => unrecorded.received += bytes.len() as u64,
            None if is_wire_only => {}
            None => self.recorder.data(flow, Direction::Received, cast, true, bytes, at),
        }
        self.totals.received_bytes += bytes.len() as u64;
        self.totals.received_messages += 1;
        at
    }

    /// The payload size that the capture writes most efficiently.
    pub(super) fn suitable(&self, flow: FlowId) -> usize {
        self.recorder.suitable(flow)
    }

    /// Data of one message that the kernel accepted; `whole` if they include its end.
    pub(super) fn sent(&mut self, flow: FlowId, cast: Cast, whole: bool, bytes: &[u8], why: Option<&str>) {
        let at = self.now();
        if let Some(unrecorded) = &mut self.unrecorded {
            unrecorded.sent += bytes.len() as u64;
        } else if !self.is_wire_only(flow) {
            self.recorder.why(why.unwrap_or_default());
            self.recorder.data(flow, Direction::Sent, cast, whole, bytes, at);
        }
        self.totals.sent_bytes += bytes.len() as u64;
        self.totals.sent_messages += u64::from(whole);
    }

    pub(super) fn ended(&mut self, flow: FlowId, how: Ending) {
        if !self.is_wire_only(flow) {
            let at = self.now();
            self.recorder.ended(flow, how, at);
        }
    }

    /// Records an event of a flow.
    pub(super) fn flow_note(&mut self, flow: FlowId, note: &SessionNote) {
        let at = self.now();
        self.recorder.flow_note(flow, note, at);
    }

    /// Records an event of the session.
    pub(super) fn note(&mut self, note: SessionNote) {
        let at = self.now();
        self.recorder.session_note(note, at);
    }

    /// Records an event in words.
    pub(super) fn remark(&mut self, text: impl fmt::Display) {
        let at = self.now();
        self.recorder.note(&text.to_string(), at);
    }

    /// Stops recording data. They are still counted, so that the capture can say how much is missing.
    pub(super) fn stop_recording(&mut self) {
        if self.unrecorded.is_none() {
            self.note(SessionNote::RecordingStopped);
            self.unrecorded = Some(Unrecorded::default());
            self.after.push(Event::RecordingStopped);
        }
    }

    pub(super) fn resume_recording(&mut self) {
        if self.unrecorded.is_some() {
            self.note_unrecorded();
            self.after.push(Event::RecordingResumed);
        }
    }

    fn note_unrecorded(&mut self) {
        if let Some(Unrecorded { received, sent }) = self.unrecorded.take() {
            self.note(SessionNote::NotRecorded(received, sent));
        }
    }

    /// The number of the next record of a flow; `None` while its data are not recorded.
    pub(super) fn next_record(&self, flow: FlowId) -> Option<u64> {
        let is_recorded = self.unrecorded.is_none() && !self.is_wire_only(flow);
        is_recorded.then(|| self.recorder.recorded())
    }

    /// A rule requests a sequence. If the window does not read its events, excess requests are errors.
    pub(super) fn sequence_wanted(&mut self, name: String, flow: FlowId) {
        if self.is_crowded() {
            let cause = Cause::TooManyRepeats(MAX_REQUESTS as u64);
            self.trouble(NetError::new(Doing::RunningSequence, name, cause));
        } else {
            self.after.push(Event::SequenceWanted(name, flow));
        }
    }

    /// Whether nobody seems to read the events.
    pub(super) fn is_crowded(&self) -> bool {
        self.outbox.is_crowded() || self.after.len() > MAX_REQUESTS
    }

    pub(super) fn rule_notes(&mut self, record: u64, text: String) {
        self.annotate(record, &text);
        self.annotated.push((record, text));
    }

    pub(super) fn annotate(&mut self, record: u64, text: &str) {
        let at = self.now();
        self.recorder.annotate(record, text, at);
    }

    /// Reports an error after which the session goes on. Equal ones in quick succession are counted.
    pub(super) fn trouble(&mut self, error: NetError) {
        if self.troubles.is_new(&error, Instant::now()) {
            self.tell(error);
        }
    }

    fn tell(&mut self, error: NetError) {
        self.note(SessionNote::Failed(error.clone()));
        self.after.push(Event::Trouble(error));
    }

    /// Tells how often errors have occurred that have stopped, or all.
    fn tell_counts(&mut self, now: Option<Instant>) {
        for error in self.troubles.ended(now) {
            self.tell(error);
        }
    }

    /// An unfinished message of this many bytes from this peer was not passed to rules.
    pub(super) fn given_up(&mut self, bytes: u64, peer: SocketAddr) {
        self.totals.given_up += 1;
        self.note(SessionNote::GivenUp(bytes, peer));
    }

    pub(super) fn sent_bytes(&self) -> u64 {
        self.totals.sent_bytes
    }

    /// Sets the queued totals, over all peers.
    pub(super) fn queued(&mut self, size: QueueSize) {
        self.totals.queued_bytes = size.bytes;
        self.totals.queued_messages = size.messages;
    }

    /// Sets the number of datagrams that the kernel dropped, if it counts them.
    pub(super) fn kernel_dropped(&mut self, dropped: Option<u64>) {
        self.totals.kernel_dropped = dropped;
    }

    /// The capture cannot be written, so nothing may be read or sent.
    pub(super) fn stalled(&self) -> bool {
        self.stall.is_some()
    }

    /// How long, in all, the capture has kept the worker from its sockets: nobody is late who could not be heard.
    pub(super) fn absent(&self) -> Duration {
        self.absent
    }

    /// Commits all records to the capture. False if that fails or must wait.
    pub(super) fn commit(&mut self) -> bool {
        if let Some(stall) = &self.stall
            && Instant::now() < stall.retry
        {
            return false;
        }
        let began = Instant::now();
        let committed = self.recorder.commit();
        self.absent += began.elapsed();
        if let Err(error) = committed {
            let (now, pending) = (Instant::now(), self.recorder.pending());
            let since = self.stall.as_ref().map_or(now, |stall| stall.since);
            if self.stall.as_ref().is_none_or(|stall| stall.pending != pending) {
                let error = NetError::new(Doing::Recording, "", error);
                // Sent past the capture, which is what fails.
                self.outbox.push(Event::CapturePaused(error.clone(), pending));
                self.stall = Some(Stall { since, retry: now, error, pending });
            }
            if let Some(stall) = &mut self.stall {
                stall.retry = now + RETRY;
            }
            return false;
        }
        self.dirty = false;
        if let Some(stall) = self.stall.take() {
            let paused = stall.since.elapsed();
            self.absent += paused;
            let paused_ms = millis(paused);
            // Before whatever the next attempt reports.
            self.outbox.push(Event::CaptureResumed(paused_ms));
            self.note(SessionNote::RecordingResumed(paused_ms));
        }
        self.recorder.take_records(&mut self.records);
        for turn in self.recorder.take_turns() {
            match turn {
                FileTurn::Failed(error) => self.trouble(error),
                FileTurn::Into(_) | FileTurn::Removed(_) => self.turns.push(turn),
            }
        }
        true
    }

    /// Recovering from a failure adds a note, which needs a second commit.
    fn commit_all(&mut self) -> bool {
        (0..2).all(|_time| !self.dirty || self.commit())
    }

    /// Ends a turn: commits, then sends what is committed. Takes the time and returns that of its end.
    pub(super) fn settle(&mut self, now: Instant) -> Instant {
        self.tell_counts(Some(now));
        if self.commit_all() {
            self.report();
        }
        let now = Instant::now();
        self.outbox.flush(now);
        now
    }

    fn report(&mut self) {
        for event in self.before.drain(..) {
            self.outbox.push(event);
        }
        if !self.annotated.is_empty() {
            self.outbox.push(Event::Annotated(std::mem::take(&mut self.annotated)));
        }
        if !self.records.is_empty() || self.totals != self.reported {
            self.reported = self.totals;
            self.outbox.records(&mut self.records, self.totals);
        }
        for turn in self.turns.drain(..) {
            self.outbox.push(Event::Turned(turn));
        }
        for event in self.after.drain(..) {
            self.outbox.push(event);
        }
    }

    /// Ends the session with this error, if any. Events whose records cannot be committed now are dropped.
    pub(super) fn finish(&mut self, error: Option<NetError>) {
        self.tell_counts(None);
        // The record of the last attempt contains it already.
        if let Some(error) = error.as_ref().filter(|error| self.refused.as_ref() != Some(*error)) {
            self.note(SessionNote::Failed(error.clone()));
        }
        self.note_unrecorded();
        self.note(SessionNote::Closed);
        let at = self.now();
        self.recorder.finish(self.totals.kernel_dropped, at);
        if let Some(stall) = &mut self.stall {
            stall.retry = Instant::now();
        }
        let mut reason = error;
        if !self.commit_all() {
            reason = reason.or(self.stall.take().map(|stall| stall.error));
            self.drop_uncommitted();
        }
        self.report();
        self.outbox.push(Event::Closed(reason));
        self.outbox.flush(Instant::now());
    }

    /// Drops what began but was not committed, and its end.
    fn drop_uncommitted(&mut self) {
        let before = std::mem::take(&mut self.before);
        self.annotated.clear();
        let opened = before.iter().any(|event| matches!(event, Event::Opened { .. }));
        let joined = |id| before.iter().any(|event| matches!(event, Event::Joined(flow) if flow.id == id));
        let is_end = |event: &Event| match event {
            Event::Left(id) => joined(*id),
            Event::StoppedListening => opened,
            _other => false,
        };
        self.after.retain(|event| !is_end(event));
    }

    /// Sends waiting events; true if none are left.
    pub(super) fn flush(&mut self) -> bool {
        self.outbox.flush(Instant::now());
        self.outbox.is_empty()
    }

    /// When the next retry or report is due.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let retry = self.stall.as_ref().map(|stall| stall.retry);
        earliest([retry, self.outbox.deadline(now), self.troubles.due()])
    }

    pub(super) fn into_recorder(self) -> Box<dyn Recorder> {
        self.recorder
    }
}
