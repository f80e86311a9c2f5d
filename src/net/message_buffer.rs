//! What comes over one TCP connection, cut into messages for whoever listens. Keeps the bytes of messages
//! that have not ended or were not heard yet. Knows no socket and no clock.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::codec::frame::{Cut, Framer, Framing, Verdict};
use crate::model::Stamp;

/// A line that ends with CR has ended when no LF has come for this time: whoever waits for an answer sends
/// none. One that is sent apart from its CR may be held back until that is acknowledged, for 40 ms on Linux.
const AFTER_CR: Duration = Duration::from_millis(100);

/// More memory than this is given back once it is not needed.
const KEPT: usize = 256 * 1024;

/// What may end a message when nothing follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// Nothing does.
    Nothing,
    /// A pause of this length does.
    Pause(Duration),
    /// A short pause does, if the last byte was CR.
    AfterCr,
}

/// How the connections of a session are cut.
#[derive(Debug, Clone)]
pub(super) struct Cutter {
    framing: Framing,
    fresh: Framer,
    silence: Silence,
}

impl Cutter {
    pub(super) fn new(framing: Framing) -> Self {
        let silence = match &framing {
            Framing::AsReceived | Framing::Delimiter(_) | Framing::Fixed(_) | Framing::Length(_) => {
                Silence::Nothing
            }
            Framing::Line => Silence::AfterCr,
            Framing::Idle(pause) => Silence::Pause(*pause),
        };
        Self { fresh: Framer::new(&framing), framing, silence }
    }

    /// By what it cuts.
    pub(super) fn framing(&self) -> &Framing {
        &self.framing
    }

    /// Where the whole messages of a datagram are. An empty one is a message, too, if it is not cut.
    pub(super) fn datagram(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        match self.framing {
            Framing::AsReceived | Framing::Idle(_) => std::iter::once(0..bytes.len()).collect(),
            Framing::Line | Framing::Delimiter(_) | Framing::Fixed(_) | Framing::Length(_) => {
                let (mut whole, mut end) = (VecDeque::new(), 0);
                let mut framer = self.fresh.clone();
                framer.push(bytes, 0, &mut |cut| note(cut, &mut whole, &mut end));
                framer.finish_datagram(&mut |cut| note(cut, &mut whole, &mut end));
                whole.into_iter().map(|(begin, end)| place(begin)..place(end)).collect()
            }
        }
    }
}

/// The bytes that came and were not heard yet.
#[derive(Debug)]
pub(super) struct MessageBuffer {
    framer: Framer,
    silence: Silence,
    /// What came, but for what was heard before the last of it.
    bytes: Vec<u8>,
    /// How many bytes of the stream came before them.
    base: u64,
    /// From where to where in the stream the messages go that were not heard yet.
    whole: VecDeque<(u64, u64)>,
    /// Where the message before the one that has not ended ended.
    end: u64,
    /// When bytes last came.
    came: Option<Instant>,
    /// A CR has ended a line, so that an LF that follows belongs to it.
    cr_ended: bool,
    /// In which record of the capture the last bytes are; `None` if recording was stopped.
    record: Option<u64>,
}

impl MessageBuffer {
    /// At the beginning of a stream.
    pub(super) fn new(cutter: &Cutter) -> Self {
        Self {
            framer: cutter.fresh.clone(),
            silence: cutter.silence,
            bytes: Vec::new(),
            base: 0,
            whole: VecDeque::new(),
            end: 0,
            came: None,
            cr_ended: false,
            record: None,
        }
    }

    /// These bytes came, which are in that record if they are in one.
    pub(super) fn push(&mut self, bytes: &[u8], at: Stamp, now: Instant, record: Option<u64>) {
        let cr_ended = std::mem::take(&mut self.cr_ended);
        let bytes = bytes.strip_prefix(b"\n").filter(|_| cr_ended).unwrap_or(bytes);
        self.forget_heard();
        self.bytes.extend_from_slice(bytes);
        let Self { framer, whole, end, .. } = self;
        framer.push(bytes, at.0, &mut |cut| note(cut, whole, end));
        self.came = Some(now);
        self.record = record;
    }

    /// No more will come.
    pub(super) fn finish(&mut self) {
        let Self { framer, whole, end, .. } = self;
        framer.finish(&mut |cut| note(cut, whole, end));
    }

    /// The next message, and the record in which it ends.
    pub(super) fn next(&mut self) -> Option<(&[u8], Option<u64>)> {
        let (begin, end) = self.whole.pop_front()?;
        let place = |at: u64| usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.bytes.get(place(begin)..place(end)).map(|message| (message, self.record))
    }

    /// There are messages that were not heard yet.
    pub(super) fn has_next(&self) -> bool {
        !self.whole.is_empty()
    }

    /// When a message ends if nothing follows it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let is_open = self.end < self.framer.position();
        let pause = match self.silence {
            Silence::Pause(pause) => pause,
            Silence::AfterCr if self.bytes.last() == Some(&b'\r') => AFTER_CR,
            Silence::AfterCr | Silence::Nothing => return None,
        };
        self.came.filter(|_| is_open)?.checked_add(pause)
    }

    /// Ends the message that a pause has ended, if one has.
    pub(super) fn time(&mut self, now: Instant) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.cr_ended = self.silence == Silence::AfterCr;
            self.finish();
        }
    }

    fn forget_heard(&mut self) {
        let kept = self.whole.front().map_or(self.end, |(begin, _end)| *begin);
        let heard = usize::try_from(kept.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.bytes.drain(..heard.min(self.bytes.len()));
        self.base = kept;
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
    }
}

/// A message ends here.
fn note(cut: Cut, whole: &mut VecDeque<(u64, u64)>, end: &mut u64) {
    let begin = std::mem::replace(end, cut.end);
    if cut.verdict == Verdict::Whole {
        whole.push_back((begin, cut.end));
    }
}

#[cfg(test)]
mod tests;
