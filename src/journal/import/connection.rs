//! One TCP connection of an import.

use std::net::SocketAddr;

use super::stream::Stream;
use super::target::Target;
use crate::model::{Direction, Ending, FlowId, Recorder as _, SessionNote, Stamp};

/// One end of a connection, as an index.
pub(super) type Side = usize;

/// Both ends, the smaller address first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) [SocketAddr; 2]);

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

#[derive(Debug, Default)]
pub(super) struct Half {
    /// The sequence number of its SYN, if captured.
    pub(super) syn: Option<u32>,
    /// Its data, once it is known where they begin.
    pub(super) stream: Option<Stream>,
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
        }
    }

    /// Records a refusal, or that there was no answer.
    pub(super) fn refuse(&mut self, why: &str, at: Stamp, target: &mut Target<'_>) {
        self.phase = Phase::Over;
        target.remark(&mut self.comment);
        target.writer.refused(self.flow, why, at);
    }

    /// Records everything left of a connection.
    pub(super) fn close(&mut self, at: Stamp, target: &mut Target<'_>) {
        match self.phase {
            Phase::Calling => self.refuse("no answer", at, target),
            Phase::Open => self.flush(at, target),
            Phase::Over => {}
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
        let Some(lacks) = self.half(side).stream.as_mut().and_then(Stream::give_up) else { return false };
        self.pass(side, lacks, at, target);
        true
    }

    /// Notes that bytes are missing, and records what follows them.
    pub(super) fn pass(&mut self, side: Side, lacks: u64, at: Stamp, target: &mut Target<'_>) {
        if lacks > 0 {
            let (from, to) = self.key.ends(side);
            target.writer.session_note(SessionNote::Missing(lacks, from, to), at);
        }
        let (flow, direction) = (self.flow, self.direction(side));
        if let Some(stream) = &mut self.half(side).stream {
            stream.resume(&mut |bytes, mark| target.data(flow, direction, bytes, mark, at));
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
        target.writer.ended(flow, Ending::fin(direction), at);
        if self.halves.iter().all(|half| half.ended) {
            self.phase = Phase::Over;
        }
    }
}
