//! Splits the data received on one TCP connection into messages, for rules and sequences.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::codec::frame::{Cut, Framer, Framing, Verdict};
use crate::codec::websocket::Opcode;
use crate::model::Stamp;

/// A CR ends a line if no LF follows within this time, since a peer that waits for an answer sends nothing
/// more. An LF sent separately may arrive late: Linux delays acknowledgements by 40 ms.
const AFTER_CR: Duration = Duration::from_millis(100);

/// A larger buffer is freed once it is empty.
const KEEP_CAPACITY: usize = 256 * 1024;

/// A longer list of messages is freed once it is empty.
const KEEP_WHOLE: usize = 1024;

/// What ends a message when no data follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    Nothing,
    Pause(Duration),
    /// A short pause, if the last byte was CR.
    AfterCr,
}

/// A framing, ready to be applied to the connections of a session.
#[derive(Debug, Clone)]
pub(super) struct Cutter {
    pub(super) framing: Framing,
    fresh: Framer,
    silence: Silence,
}

impl Cutter {
    pub(super) fn new(framing: Framing) -> Self {
        let silence = match &framing {
            Framing::Line => Silence::AfterCr,
            Framing::Idle(pause) => Silence::Pause(*pause),
            Framing::AsReceived | Framing::Delimiter(_) | Framing::Fixed(_) | Framing::Length(_) => {
                Silence::Nothing
            }
        };
        Self { fresh: Framer::new(&framing), framing, silence }
    }

    /// The whole messages of a datagram. One that the framing does not split is a message even if empty.
    pub(super) fn datagram(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        match self.framing {
            Framing::AsReceived | Framing::Idle(_) => std::iter::once(0..bytes.len()).collect(),
            Framing::Line | Framing::Delimiter(_) | Framing::Fixed(_) | Framing::Length(_) => {
                let (mut whole, mut end) = (VecDeque::new(), 0);
                let mut framer = self.fresh.clone();
                framer
                    .push(bytes, 0, &mut |cut| note(cut, (0, false, From::default()), &mut whole, &mut end));
                framer
                    .finish_datagram(&mut |cut| note(cut, (0, false, From::default()), &mut whole, &mut end));
                whole.into_iter().map(|part| place(part.begin)..place(part.end)).collect()
            }
        }
    }
}

/// Received bytes not yet processed.
#[derive(Debug)]
pub(super) struct MessageBuffer {
    framer: Framer,
    silence: Silence,
    /// The stream from byte `base` on.
    bytes: Vec<u8>,
    /// The number of bytes before `bytes` in the stream. A message that begins before it was given up.
    base: u64,
    /// The unprocessed messages.
    whole: VecDeque<Part>,
    /// The end of the last complete message in the stream.
    end: u64,
    /// Where a message begins that the end of the stream has cut off.
    cut_off: Option<u64>,
    /// When data last arrived.
    last_push: Option<Instant>,
    /// A CR has ended a line, so an LF that follows belongs to it.
    cr_ended: bool,
    /// What holds the last bytes.
    from: From,
    /// In a relay that withholds messages: what is no message is a part, too, and an unfinished message is after this
    /// time without more of it.
    withholds: Option<Duration>,
    /// Up to here the stream was passed on undecided.
    passed: u64,
    /// While it withholds: where in the stream the records begin that hold `bytes`.
    records: VecDeque<(u64, Option<u64>)>,
}

/// The record that holds some bytes, unless recording was stopped, and what a WebSocket has received them as.
pub(super) type From = (Option<u64>, Option<Opcode>);

/// A part of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    begin: u64,
    end: u64,
    is_message: bool,
    /// Of its last bytes.
    from: From,
}

impl MessageBuffer {
    pub(super) fn new(cutter: &Cutter) -> Self {
        Self {
            framer: cutter.fresh.clone(),
            silence: cutter.silence,
            bytes: Vec::new(),
            base: 0,
            whole: VecDeque::new(),
            end: 0,
            cut_off: None,
            last_push: None,
            cr_ended: false,
            from: From::default(),
            withholds: None,
            passed: 0,
            records: VecDeque::new(),
        }
    }

    /// A buffer that gives every byte back, of messages or not. What is no message yet is given back after `pass_after`
    /// without more of it, or where the framing gives it up, at 16 MiB.
    pub(super) fn withholding(cutter: &Cutter, pass_after: Duration) -> Self {
        Self { withholds: Some(pass_after), ..Self::new(cutter) }
    }

    pub(super) fn withholds(&self) -> bool {
        self.withholds.is_some()
    }

    /// Appends received bytes.
    pub(super) fn push(&mut self, bytes: &[u8], at: Stamp, now: Instant, bytes_from: From) {
        let cr_ended = std::mem::take(&mut self.cr_ended);
        let cr_ended = cr_ended && !self.withholds();
        let bytes = bytes.strip_prefix(b"\n").filter(|_| cr_ended).unwrap_or(bytes);
        self.drop_consumed();
        self.bytes.extend_from_slice(bytes);
        if self.withholds() {
            self.records.push_back((self.framer.position(), bytes_from.0));
        }
        self.from = bytes_from;
        let from = (self.floor(), self.withholds(), bytes_from);
        let Self { framer, whole, end, .. } = self;
        framer.push(bytes, at.0, &mut |cut| note(cut, from, whole, end));
        self.last_push = Some(now);
    }

    /// Makes what has come of an unfinished message a part that is none. The rest of it is none either.
    fn pass_unfinished(&mut self) {
        let (begin, end) = (self.end.max(self.floor()), self.framer.position());
        if begin < end {
            self.whole.push_back(Part { begin, end, is_message: false, from: self.from });
        }
        self.passed = end;
    }

    /// A message that begins before this was given up or passed on undecided.
    fn floor(&self) -> u64 {
        self.base.max(self.passed)
    }

    /// The record in which a place of the stream is, and where. Those before it are forgotten.
    fn place(&mut self, at: u64) -> Option<(u64, u64)> {
        let before = self.records.partition_point(|(begin, _)| *begin <= at).saturating_sub(1);
        self.records.drain(..before);
        let (begin, record) = *self.records.front()?;
        Some((record?, at.saturating_sub(begin)))
    }

    /// Takes all bytes that are withheld, and says where they begin in which record.
    pub(super) fn release(&mut self) -> (Vec<u8>, Option<(u64, u64)>) {
        self.pass_unfinished();
        let begin = self.whole.front().map_or(self.framer.position(), |first| first.begin);
        self.whole.clear();
        let withheld = self.bytes.split_off(self.offset(begin));
        self.bytes = Vec::new();
        self.base = self.framer.position();
        let place = self.place(begin);
        (withheld, place)
    }

    pub(super) fn finish(&mut self) {
        let from = (self.floor(), self.withholds(), self.from);
        let Self { framer, whole, end, .. } = self;
        let begin = *end;
        framer.finish(&mut |cut| note(cut, from, whole, end));
        let is_whole = whole.back().is_some_and(|part| part.end == *end);
        self.cut_off = (*end > begin && !is_whole).then_some(begin);
    }

    /// How much memory it takes, in bytes.
    pub(super) fn held(&self) -> u64 {
        let of_records = self.records.capacity() * size_of::<(u64, Option<u64>)>();
        (self.bytes.capacity() + self.whole.capacity() * size_of::<Part>() + of_records) as u64
    }

    /// Frees that memory: the message that it holds is not passed on, as if it were too long. Where messages end does
    /// not change. Returns how many bytes it has so far; 0 if it was given up before.
    pub(super) fn give_up(&mut self) -> u64 {
        let begin = self.whole.front().map_or(self.end, |first| first.begin);
        let n = if begin < self.base { 0 } else { self.framer.position() - begin };
        self.base = self.framer.position();
        (self.bytes, self.whole) = <_>::default();
        n
    }

    /// The next message, what holds its end, and in which record it begins and where. While it withholds, also what is
    /// no message, which is told.
    pub(super) fn next(&mut self) -> Option<(&[u8], From, Option<(u64, u64)>, bool)> {
        let Part { begin, end, is_message, from } = self.whole.pop_front()?;
        let place = if self.withholds() { self.place(begin) } else { None };
        let message = self.offset(begin)..self.offset(end);
        self.bytes.get(message).map(|message| (message, from, place, is_message))
    }

    /// The beginning of the message that is not complete; empty if it was given up.
    pub(super) fn incomplete(&self) -> &[u8] {
        let begin = self.cut_off.unwrap_or(self.end);
        let kept = if begin < self.base { None } else { self.bytes.get(self.offset(begin)..) };
        kept.unwrap_or_default()
    }

    pub(super) fn has_next(&self) -> bool {
        !self.whole.is_empty()
    }

    /// The pause that ends the current message.
    fn pause(&self) -> Option<Duration> {
        match self.silence {
            Silence::Pause(pause) => Some(pause),
            Silence::AfterCr if self.bytes.last() == Some(&b'\r') => Some(AFTER_CR),
            Silence::AfterCr | Silence::Nothing => None,
        }
    }

    /// When the current message ends, or is passed on undecided, if no data follow.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let (pause, is_open) = match self.pause() {
            Some(pause) => (pause, self.end < self.framer.position()),
            None => (self.withholds?, self.end.max(self.floor()) < self.framer.position()),
        };
        self.last_push.filter(|_| is_open)?.checked_add(pause)
    }

    /// Ends the current message if its pause is over.
    pub(super) fn time(&mut self, now: Instant) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        if self.pause().is_some() {
            self.cr_ended = self.silence == Silence::AfterCr;
            self.finish();
        } else {
            self.pass_unfinished();
        }
    }

    /// Where a position of the stream is in `bytes`.
    fn offset(&self, at: u64) -> usize {
        let offset = usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        debug_assert!(at >= self.base && offset <= self.bytes.len(), "{at} is not buffered");
        offset.min(self.bytes.len())
    }

    fn drop_consumed(&mut self) {
        let kept = self.whole.front().map_or(self.end.max(self.passed), |first| first.begin);
        // The rest of a message that was given up is not needed either.
        let kept = if kept < self.base { self.framer.position() } else { kept };
        self.bytes.drain(..self.offset(kept));
        self.base = kept;
        if self.bytes.is_empty() && self.bytes.capacity() > KEEP_CAPACITY {
            self.bytes = Vec::new();
        }
        if self.whole.is_empty() && self.whole.capacity() > KEEP_WHOLE {
            self.whole = VecDeque::new();
        }
    }
}

/// Notes the end of a message that begins at `floor` or later; with `keeps_all` also what is none.
fn note(cut: Cut, (floor, keeps_all, from): (u64, bool, From), whole: &mut VecDeque<Part>, end: &mut u64) {
    let begin = std::mem::replace(end, cut.end);
    let is_message = cut.verdict == Verdict::Whole && begin >= floor;
    let begin = begin.max(floor);
    if is_message || keeps_all && begin < cut.end {
        whole.push_back(Part { begin, end: cut.end, is_message, from });
    }
}

#[cfg(test)]
mod tests;
