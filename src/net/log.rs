//! What a worker tells: first to the capture, then, once that is committed, to the window. Keeps
//! the sums. Knows no socket.

use std::collections::HashMap;
use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::{Clock, Outbox};
use crate::model::{
    Cast, Cause, Direction, Doing, Ending, Event, FileEnd, Flow, FlowId, NetError, Origin, Record, Recorder,
    SessionNote, Stamp, Totals, Transport,
};

/// How long after a failed commit it is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The same trouble is told no more often than this, else a fast sender to a dead address would
/// fill the capture with complaints.
const SAME_TROUBLE: Duration = Duration::from_millis(100);

/// Sequences that rules ask for and that wait to be told, at most.
const CROWD: usize = 1024;

/// Different troubles to remember at most.
const TROUBLES: usize = 1024;

type TroubleKey = (Doing, String, Discriminant<Cause>);

/// The capture could not be written.
#[derive(Debug)]
struct Stall {
    since: Instant,
    retry: Instant,
    error: NetError,
}

/// What came and went since recording stopped.
#[derive(Debug, Default)]
struct Unrecorded {
    received: u64,
    sent: u64,
}

/// The capture, the sums and what waits to be told.
#[derive(Debug)]
pub(super) struct Log {
    recorder: Box<dyn Recorder>,
    clock: Clock,
    last: Stamp,
    totals: Totals,
    told: Totals,
    records: Vec<Record>,
    dirty: bool,
    stall: Option<Stall>,
    /// A rule has stopped the recording of data.
    unrecorded: Option<Unrecorded>,
    /// Why the last attempt to connect came to nothing.
    refused: Option<NetError>,
    /// Told before the records of this turn.
    first: Vec<Event>,
    /// Notes of rules on them, or on earlier ones.
    annotated: Vec<(u64, String)>,
    /// Told after them.
    then: Vec<Event>,
    troubles: HashMap<TroubleKey, Instant>,
    outbox: Outbox,
}

impl Log {
    pub(super) fn new(recorder: Box<dyn Recorder>, clock: Clock, outbox: Outbox) -> Self {
        Self {
            recorder,
            clock,
            last: Stamp(0),
            totals: Totals::default(),
            told: Totals::default(),
            records: Vec::new(),
            dirty: false,
            stall: None,
            unrecorded: None,
            refused: None,
            first: Vec::new(),
            annotated: Vec::new(),
            then: Vec::new(),
            troubles: HashMap::new(),
            outbox,
        }
    }

    /// Now, and never before what was recorded last.
    pub(super) fn now(&mut self) -> Stamp {
        let now = self.clock.now();
        self.not_before(now)
    }

    /// When something came that the kernel stamped, or now.
    fn stamp(&mut self, at: Option<Stamp>) -> Stamp {
        let now = self.clock.now();
        self.not_before(at.map_or(now, |at| at.min(now)))
    }

    /// Now, for no record of its own.
    pub(super) fn moment(&self) -> Stamp {
        self.clock.now()
    }

    fn not_before(&mut self, at: Stamp) -> Stamp {
        self.last = self.last.max(at);
        self.dirty = true;
        self.last
    }

    pub(super) fn begin(&mut self, title: &str, endpoint: &str) {
        let at = self.now();
        self.recorder.begin(title, endpoint, at);
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

    /// A TCP connection was made, or a peer of a UDP session was seen first.
    pub(super) fn joined(&mut self, flow: &Flow) {
        match flow.transport {
            Transport::Tcp => {
                let at = self.now();
                self.recorder.connected(flow.id, at);
            }
            Transport::Udp => {}
        }
        self.totals.connections += 1;
        self.first.push(Event::Joined(flow.clone()));
    }

    pub(super) fn left(&mut self, flow: FlowId) {
        self.dirty = true;
        self.then.push(Event::Left(flow));
    }

    pub(super) fn opened(&mut self, event: Event) {
        self.dirty = true;
        self.first.push(event);
    }

    pub(super) fn stopped_listening(&mut self) {
        self.note(SessionNote::StoppedListening);
        self.then.push(Event::StoppedListening);
    }

    /// There is no connection, and it is called again after a while.
    pub(super) fn calling_again(&mut self, wait: Duration) {
        self.then.push(Event::CallingAgain(wait));
    }

    /// How far repeats, sequences and short connections have come, that one ended, or what rules tell of.
    pub(super) fn progress(&mut self, event: Event) {
        self.then.push(event);
    }

    /// How far a file has come, or that it ended.
    pub(super) fn file(&mut self, event: Event) {
        if let Event::FileEnded(_, FileEnd::Stopped, progress) = &event {
            self.note(SessionNote::FileStopped(progress.done, progress.total));
        }
        self.then.push(event);
    }

    /// An attempt to connect came to nothing. It is told as a trouble, too.
    pub(super) fn refused(&mut self, flow: FlowId, error: NetError) {
        let at = self.now();
        self.recorder.refused(flow, &error.to_string(), at);
        self.refused = Some(error.clone());
        self.then.push(Event::Trouble(error));
    }

    /// One read's bytes. Tells the moment that they have in the capture.
    pub(super) fn received(&mut self, flow: FlowId, cast: Cast, bytes: &[u8], at: Option<Stamp>) -> Stamp {
        let at = self.stamp(at);
        match &mut self.unrecorded {
            Some(unrecorded) => unrecorded.received += bytes.len() as u64,
            None => self.recorder.data(flow, Direction::Received, cast, true, bytes, at),
        }
        self.totals.received_bytes += bytes.len() as u64;
        self.totals.received_messages += 1;
        at
    }

    /// How many bytes sent at once the capture takes best.
    pub(super) fn suitable(&self, flow: FlowId) -> usize {
        self.recorder.suitable(flow)
    }

    /// What the kernel accepted of one message; `whole` with its end.
    pub(super) fn sent(&mut self, flow: FlowId, cast: Cast, whole: bool, bytes: &[u8]) {
        let at = self.now();
        match &mut self.unrecorded {
            Some(unrecorded) => unrecorded.sent += bytes.len() as u64,
            None => self.recorder.data(flow, Direction::Sent, cast, whole, bytes, at),
        }
        self.totals.sent_bytes += bytes.len() as u64;
        self.totals.sent_messages += u64::from(whole);
    }

    pub(super) fn ended(&mut self, flow: FlowId, how: Ending) {
        let at = self.now();
        self.recorder.ended(flow, how, at);
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

    /// Records no data from now on. What comes and goes is still counted, so that the capture can tell how
    /// much it lacks.
    pub(super) fn stop_recording(&mut self) {
        if self.unrecorded.is_none() {
            self.note(SessionNote::RecordingStopped);
            self.unrecorded = Some(Unrecorded::default());
            self.then.push(Event::RecordingStopped);
        }
    }

    /// Records data again.
    pub(super) fn resume_recording(&mut self) {
        if self.unrecorded.is_some() {
            self.note_unrecorded();
            self.then.push(Event::RecordingResumed);
        }
    }

    fn note_unrecorded(&mut self) {
        if let Some(Unrecorded { received, sent }) = self.unrecorded.take() {
            self.note(SessionNote::NotRecorded(received, sent));
        }
    }

    /// The number of the next record of data; `None` if none is kept now.
    pub(super) fn next_record(&self) -> Option<u64> {
        self.unrecorded.is_none().then(|| self.recorder.recorded())
    }

    /// A rule asks for a sequence. Whoever is to order it may not look for a while: what does not fit then is
    /// a trouble.
    pub(super) fn sequence_wanted(&mut self, name: String, flow: FlowId) {
        if self.outbox.is_crowded() || self.then.len() > CROWD {
            self.trouble(NetError::new(Doing::RunningSequence, name, Cause::TooManyRepeats(CROWD as u64)));
        } else {
            self.then.push(Event::SequenceWanted(name, flow));
        }
    }

    /// A rule's note on a record.
    pub(super) fn rule_notes(&mut self, record: u64, text: String) {
        self.annotate(record, &text);
        self.annotated.push((record, text));
    }

    /// The user's note on a record.
    pub(super) fn annotate(&mut self, record: u64, text: &str) {
        let at = self.now();
        self.recorder.annotate(record, text, at);
    }

    /// Something failed and the session goes on. The same failure within a moment is told once.
    pub(super) fn trouble(&mut self, error: NetError) {
        let now = Instant::now();
        let key = (error.doing, error.what.clone(), discriminant(&error.cause));
        if self.troubles.get(&key).is_some_and(|told| now.duration_since(*told) < SAME_TROUBLE) {
            return;
        }
        if self.troubles.len() >= TROUBLES {
            self.troubles.retain(|_key, told| now.duration_since(*told) < SAME_TROUBLE);
            // So many different ones at once: some may be told twice, and nothing grows.
            if self.troubles.len() >= TROUBLES {
                self.troubles.clear();
            }
        }
        self.troubles.insert(key, now);
        self.remark(&error);
        self.then.push(Event::Trouble(error));
    }

    /// What waits to be sent, over all peers.
    pub(super) fn queued(&mut self, bytes: u64, messages: u64) {
        self.totals.queued_bytes = bytes;
        self.totals.queued_messages = messages;
    }

    /// What the kernel dropped so far.
    pub(super) fn kernel_dropped(&mut self, dropped: u64) {
        self.totals.kernel_dropped = dropped;
    }

    /// The capture cannot be written: nothing may be read or sent now.
    pub(super) fn stalled(&self) -> bool {
        self.stall.is_some()
    }

    /// Makes what was recorded so far survive this process. False if that is not possible now.
    pub(super) fn commit(&mut self) -> bool {
        if let Some(stall) = &self.stall
            && Instant::now() < stall.retry
        {
            return false;
        }
        match self.recorder.commit() {
            Ok(()) => {
                self.dirty = false;
                if let Some(stall) = self.stall.take() {
                    let ms = u64::try_from(stall.since.elapsed().as_millis()).unwrap_or(u64::MAX);
                    self.note(SessionNote::RecordingResumed(ms));
                }
                self.recorder.take_records(&mut self.records);
                true
            }
            Err(error) => {
                let now = Instant::now();
                if let Some(stall) = &mut self.stall {
                    stall.retry = now + RETRY;
                } else {
                    let error = NetError::new(Doing::Recording, "", error);
                    // Told past the capture, which is what fails.
                    self.outbox.push(Event::Trouble(error.clone()));
                    self.stall = Some(Stall { since: now, retry: now + RETRY, error });
                }
                false
            }
        }
    }

    /// Going on after a failure is noted, and that note is to be committed, too.
    fn commit_all(&mut self) -> bool {
        let mut committed = !self.dirty || self.commit();
        if committed && self.dirty {
            committed = self.commit();
        }
        committed
    }

    /// The end of a turn: commits, then tells what is committed.
    pub(super) fn settle(&mut self) {
        if self.commit_all() {
            self.tell();
        }
        self.outbox.flush(Instant::now());
    }

    fn tell(&mut self) {
        for event in self.first.drain(..) {
            self.outbox.push(event);
        }
        if !self.annotated.is_empty() {
            self.outbox.push(Event::Annotated(std::mem::take(&mut self.annotated)));
        }
        if !self.records.is_empty() || self.totals != self.told {
            self.told = self.totals;
            self.outbox.records(&mut self.records, self.totals);
        }
        for event in self.then.drain(..) {
            self.outbox.push(event);
        }
    }

    /// The opening ends, for the reason given. What cannot be committed now is not told.
    pub(super) fn finish(&mut self, error: Option<NetError>) {
        // The last attempt's record says why already.
        if let Some(error) = error.as_ref().filter(|error| self.refused.as_ref() != Some(*error)) {
            self.remark(error);
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
            self.forget_unheard();
        }
        self.tell();
        self.outbox.push(Event::Closed(reason));
        self.outbox.flush(Instant::now());
    }

    /// What began and was not committed is told to nobody, nor is its end.
    fn forget_unheard(&mut self) {
        let first = std::mem::take(&mut self.first);
        self.annotated.clear();
        let opened = first.iter().any(|event| matches!(event, Event::Opened { .. }));
        self.then.retain(|event| match event {
            Event::Left(id) => {
                !first.iter().any(|event| matches!(event, Event::Joined(flow) if flow.id == *id))
            }
            Event::StoppedListening => !opened,
            Event::Opened { .. }
            | Event::Joined(_)
            | Event::Recorded(_)
            | Event::Trouble(_)
            | Event::CallingAgain(_)
            | Event::Repeating(..)
            | Event::RepeatEnded(..)
            | Event::FileProgress(..)
            | Event::FileEnded(..)
            | Event::SequenceAt(..)
            | Event::SequenceEnded(..)
            | Event::RuleHits(_)
            | Event::SequenceWanted(..)
            | Event::Annotated(_)
            | Event::RecordingStopped
            | Event::RecordingResumed
            | Event::Ready
            | Event::Short(_)
            | Event::Closed(_) => true,
        });
    }

    /// Tries again to hand over what did not fit; true when all is.
    pub(super) fn flush(&mut self) -> bool {
        self.outbox.flush(Instant::now());
        self.outbox.is_empty()
    }

    /// When there is something to do here, if nothing happens before.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let retry = self.stall.as_ref().map(|stall| stall.retry);
        [retry, self.outbox.deadline(now)].into_iter().flatten().min()
    }

    /// Gives the capture back.
    pub(super) fn into_recorder(self) -> Box<dyn Recorder> {
        self.recorder
    }
}
