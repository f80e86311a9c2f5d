//! One TCP connection of an import.

use std::hash::{Hash, Hasher};
use std::net::SocketAddr;

use super::stream::{FAR, Mark, Stream};
use super::target::Target;
use crate::journal::conversation::hash_ends;
use crate::model::{Direction, Ending, FlowId, Recorder as _, SessionNote, Stamp, fit};

/// The most notes that wait for the start of a connection. More are written without their flow.
const NOTES: usize = 16;

/// One end of a connection, as an index.
pub(super) type Side = usize;

/// Both ends, the smaller address first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(pub(super) [SocketAddr; 2]);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_ends(self.0, state);
    }
}

impl Key {
    /// The connection of a packet, and which end sent it.
    pub(super) fn of(from: SocketAddr, to: SocketAddr) -> (Self, Side) {
        if from <= to { (Self([from, to]), 0) } else { (Self([to, from]), 1) }
    }

    /// The address of `side`, and that of the other side.
    pub(super) fn ends(self, side: Side) -> (SocketAddr, SocketAddr) {
        let Self([first, second]) = self;
        if side == 0 { (first, second) } else { (second, first) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// There was a SYN without an answer.
    Calling,
    Open,
    /// Refused, reset, or closed by both sides.
    Over,
}

/// The data of a SYN (RFC 7413), until it is known whether they were accepted.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub(super) bytes: Vec<u8>,
    pub(super) at: Stamp,
}

/// A SYN, or the answer to one, within a connection of the same addresses: it counts once it is confirmed.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) caller: Side,
    pub(super) syn: u32,
    /// The sequence number of the answer, if only that was captured.
    pub(super) answer: Option<u32>,
    pub(super) early: Early,
    pub(super) at: Stamp,
    pub(super) comment: String,
}

impl Again {
    /// Whether a packet with this sequence number and acknowledgement is of the connection that the SYN begins.
    pub(super) fn is_confirmed(&self, side: Side, seq: u32, ack: Option<u32>) -> bool {
        let is_call = |seq| is_accepted(self.syn, &self.early, seq);
        let answer = self.answer.map(|answer| answer.wrapping_add(1));
        if side == self.caller {
            is_call(seq) && answer.is_none_or(|answer| ack == Some(answer))
        } else {
            answer == Some(seq) && ack.is_some_and(is_call)
        }
    }
}

/// Whether `ack` acknowledges a SYN, and perhaps its data.
pub(super) fn is_accepted(syn: u32, early: &Early, ack: u32) -> bool {
    usize::try_from(ack.wrapping_sub(syn.wrapping_add(1))).is_ok_and(|n| n <= early.bytes.len())
}

#[derive(Debug, Default)]
pub(super) struct Half {
    /// The sequence number of its SYN, if captured.
    pub(super) syn: Option<u32>,
    /// The number and the time of another answer, until the caller has chosen one.
    pub(super) other: Option<(u32, Stamp)>,
    pub(super) early: Early,
    /// Where the data of its SYN end that were not accepted, and their time. They should be sent again.
    pub(super) rejected: Option<(u64, Stamp)>,
    /// The last acknowledgement by the other side.
    pub(super) acked: Option<u32>,
    /// Its data, once it is known where they begin.
    pub(super) stream: Option<Stream>,
    /// The time of its FIN, if captured.
    pub(super) fin: Option<Stamp>,
    /// Whether its end is recorded.
    pub(super) ended: bool,
    /// A gap that will not close: until which time, and for how many more packets, it is waited for.
    pub(super) hole: Option<(Stamp, u32)>,
}

impl Half {
    pub(super) fn cost(&self) -> usize {
        self.stream.as_ref().map_or(0, |stream| stream.cost)
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) key: Key,
    pub(super) flow: FlowId,
    /// Which end is ours.
    pub(super) own: Side,
    pub(super) phase: Phase,
    pub(super) halves: [Half; 2],
    /// The comment on the SYN.
    pub(super) comment: String,
    pub(super) again: Option<Box<Again>>,
    /// Notes that wait for the start.
    pub(super) notes: Vec<(SessionNote, Stamp)>,
}

impl Connection {
    pub(super) fn half(&mut self, side: Side) -> &mut Half {
        let [first, second] = &mut self.halves;
        if side == 0 { first } else { second }
    }

    pub(super) fn direction(&self, side: Side) -> Direction {
        if side == self.own { Direction::Sent } else { Direction::Received }
    }

    /// The memory that both streams take, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.halves.iter().map(Half::cost).sum()
    }

    /// Records an answer to the SYN.
    pub(super) fn open(&mut self, at: Stamp, target: &mut Target<'_>) {
        if self.phase == Phase::Calling {
            self.phase = Phase::Open;
            target.remark(&mut self.comment);
            target.writer.connected(self.flow, at);
            self.tell(target);
        }
    }

    /// Records a refusal, or that there was no answer.
    pub(super) fn refuse(&mut self, why: &str, at: Stamp, target: &mut Target<'_>) {
        self.phase = Phase::Over;
        target.remark(&mut self.comment);
        target.writer.refused(self.flow, why, at);
        self.tell(target);
        self.forget_early(target);
    }

    /// Notes that the data of a SYN, if there are any, are left out.
    pub(super) fn forget_early(&mut self, target: &mut Target<'_>) {
        for side in [0, 1] {
            let Early { bytes, at } = std::mem::take(&mut self.half(side).early);
            self.left_out(side, bytes.len() as u64, at, target);
        }
        if let Some(again) = &mut self.again {
            let (side, Early { bytes, at }) = (again.caller, std::mem::take(&mut again.early));
            self.left_out(side, bytes.len() as u64, at, target);
        }
    }

    /// Writes a note about this connection, after its start.
    pub(super) fn note(&mut self, note: SessionNote, at: Stamp, target: &mut Target<'_>) {
        if self.phase != Phase::Calling {
            target.writer.flow_note(self.flow, &note, at);
        } else if self.notes.len() < NOTES {
            self.notes.push((note, at));
        } else {
            target.writer.session_note(note, at);
        }
    }

    fn tell(&mut self, target: &mut Target<'_>) {
        for (note, at) in std::mem::take(&mut self.notes) {
            self.note(note, at, target);
        }
    }

    /// Notes that bytes from `side` are left out, unless there are none.
    pub(super) fn left_out(&mut self, side: Side, bytes: u64, at: Stamp, target: &mut Target<'_>) {
        if bytes > 0 {
            let (from, to) = self.key.ends(side);
            self.note(SessionNote::NotAccepted(bytes, from, to), at, target);
        }
    }

    /// Notes that a SYN from `side` is left out.
    pub(super) fn syn_ignored(&mut self, side: Side, seq: u32, at: Stamp, target: &mut Target<'_>) {
        let (from, to) = self.key.ends(side);
        self.note(SessionNote::SynIgnored(seq, from, to), at, target);
    }

    /// Notes that a SYN within this connection began no other.
    pub(super) fn forget_again(&mut self, target: &mut Target<'_>) {
        if let Some(mut again) = self.again.take() {
            let (side, seq) = match again.answer {
                Some(answer) => (1 - again.caller, answer),
                None => (again.caller, again.syn),
            };
            target.comment(&mut again.comment, again.at);
            self.syn_ignored(side, seq, again.at, target);
            self.left_out(again.caller, again.early.bytes.len() as u64, again.early.at, target);
        }
    }

    /// Records the data of a SYN from `side` up to this sequence number. The rest was not accepted.
    pub(super) fn accept(&mut self, side: Side, upto: u32, target: &mut Target<'_>) {
        let (flow, direction) = (self.flow, self.direction(side));
        let half = self.half(side);
        let n = half.syn.map_or(FAR, |syn| upto.wrapping_sub(syn.wrapping_add(1)));
        // A number before the data says nothing about them.
        let Early { bytes, at } = if n < FAR { std::mem::take(&mut half.early) } else { return };
        let (Some(syn), Some(stream)) = (half.syn.filter(|_| !bytes.is_empty()), &mut half.stream) else {
            return;
        };
        let n = fit::<usize, _>(n).min(bytes.len());
        let end = bytes.len() as u64;
        if let (Some(place), Some(bytes)) = (stream.place(syn.wrapping_add(1)), bytes.get(..n)) {
            half.rejected = Some((place + end, at));
            let mut mark = Mark { whole: true, comment: String::new(), at };
            stream
                .push(place, bytes, &mut mark, &mut |bytes, mark| target.data(flow, direction, bytes, mark));
        }
    }

    /// `next` is the next number of `side`, as it or the other says: decides which of two answers to a SYN counts.
    pub(super) fn choose(&mut self, side: Side, next: u32, target: &mut Target<'_>) {
        let half = self.half(side);
        let Some((other, at)) = half.other.take() else { return };
        let is_fresh = half.stream.as_ref().is_none_or(Stream::is_fresh);
        let mut ignored = other;
        if is_fresh && other.wrapping_add(1) == next {
            half.stream = Some(Stream::new(next));
            ignored = half.syn.replace(other).unwrap_or(other);
        }
        self.syn_ignored(side, ignored, at, target);
    }

    /// Records everything left of a connection.
    pub(super) fn close(&mut self, at: Stamp, target: &mut Target<'_>) {
        match self.phase {
            Phase::Calling => self.refuse("no answer", at, target),
            Phase::Open => self.flush(at, target),
            Phase::Over => {}
        }
        self.forget_early(target);
        self.forget_again(target);
        for side in [0, 1] {
            let half = self.half(side);
            if let (Some((end, at)), Some(stream)) = (half.rejected.take(), &half.stream) {
                let never_sent_again = end.saturating_sub(stream.next);
                self.left_out(side, never_sent_again, at, target);
            }
            if let Some((seq, at)) = self.half(side).other.take() {
                self.syn_ignored(side, seq, at, target);
            }
        }
    }

    /// Records all segments that are waiting, and notes all gaps.
    pub(super) fn flush(&mut self, at: Stamp, target: &mut Target<'_>) {
        for side in [0, 1] {
            while self.pass_hole(side, at, target) {}
            self.end(side, at, &mut String::new(), target);
        }
    }

    /// Skips all gaps of a stream whose bytes the receiver has acknowledged.
    pub(super) fn give_up(&mut self, side: Side, at: Stamp, target: &mut Target<'_>) {
        self.half(side).hole = None;
        while self.half(side).stream.as_ref().is_some_and(Stream::lacks_for_good)
            && self.pass_hole(side, at, target)
        {}
        self.end(side, at, &mut String::new(), target);
    }

    /// Skips the gap at the current position of a stream, and notes it. False if there is none.
    pub(super) fn pass_hole(&mut self, side: Side, at: Stamp, target: &mut Target<'_>) -> bool {
        let Some(stream) = self.half(side).stream.as_mut() else { return false };
        let at = stream.resumes_at().unwrap_or(at);
        let Some(lacks) = stream.give_up() else { return false };
        self.pass(side, lacks, at, target);
        true
    }

    /// Notes that bytes are missing, and records what follows them.
    pub(super) fn pass(&mut self, side: Side, lacks: u64, at: Stamp, target: &mut Target<'_>) {
        if lacks > 0 {
            let (from, to) = self.key.ends(side);
            self.note(SessionNote::Missing(lacks, from, to), at, target);
        }
        let (flow, direction) = (self.flow, self.direction(side));
        if let Some(stream) = &mut self.half(side).stream {
            stream.resume(&mut |bytes, mark| target.data(flow, direction, bytes, mark));
        }
    }

    /// Records the end of one direction, once everything before it is recorded.
    pub(super) fn end(&mut self, side: Side, at: Stamp, comment: &mut String, target: &mut Target<'_>) {
        let (flow, direction) = (self.flow, self.direction(side));
        let half = self.half(side);
        if half.ended || !half.stream.as_ref().is_some_and(Stream::is_over) {
            return;
        }
        half.ended = true;
        target.remark(comment);
        target.writer.ended(flow, Ending::fin(direction), half.fin.unwrap_or(at));
        if self.halves.iter().all(|half| half.ended) {
            self.phase = Phase::Over;
        }
    }
}
