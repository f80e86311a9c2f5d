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

#[derive(Debug)]
pub(super) struct Connection {
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
}

/// The address of `side`, and that of the other side.
pub(super) fn ends(key: &Key, side: Side) -> (SocketAddr, SocketAddr) {
    let Key([first, second]) = *key;
    if side == 0 { (first, second) } else { (second, first) }
}

/// The memory that both streams take, in bytes.
pub(super) fn cost(connection: &Connection) -> usize {
    connection.halves.iter().filter_map(|half| half.stream.as_ref()).map(Stream::cost).sum()
}

/// Records an answer to the SYN.
pub(super) fn open(connection: &mut Connection, at: Stamp, target: &mut Target<'_>) {
    if connection.phase == Phase::Calling {
        connection.phase = Phase::Open;
        target.remark(&mut connection.comment);
        target.writer.connected(connection.flow, at);
    }
}

/// Records a refusal, or that there was no answer.
pub(super) fn refuse(connection: &mut Connection, why: &str, at: Stamp, target: &mut Target<'_>) {
    connection.phase = Phase::Over;
    target.remark(&mut connection.comment);
    target.writer.refused(connection.flow, why, at);
}

/// Records everything left of a connection.
pub(super) fn close(key: &Key, connection: &mut Connection, at: Stamp, target: &mut Target<'_>) {
    match connection.phase {
        Phase::Calling => refuse(connection, "no answer", at, target),
        Phase::Open => flush(key, connection, at, target),
        Phase::Over => {}
    }
}

/// Records all segments that are waiting, and notes all gaps.
pub(super) fn flush(key: &Key, connection: &mut Connection, at: Stamp, target: &mut Target<'_>) {
    for side in [0, 1] {
        let (flow, direction) = (connection.flow, connection.direction(side));
        if let Some(stream) = &mut connection.half(side).stream {
            while pass_hole(key, side, stream, (flow, direction, at), target) {}
        }
        end(connection, side, at, &mut String::new(), target);
    }
}

/// Skips all gaps of a stream whose bytes the receiver has acknowledged.
pub(super) fn give_up(
    key: &Key,
    connection: &mut Connection,
    side: Side,
    at: Stamp,
    target: &mut Target<'_>,
) {
    let (flow, direction) = (connection.flow, connection.direction(side));
    let half = connection.half(side);
    half.hole = None;
    if let Some(stream) = &mut half.stream {
        while stream.lacks_for_good() && pass_hole(key, side, stream, (flow, direction, at), target) {}
    }
    end(connection, side, at, &mut String::new(), target);
}

/// Skips the gap at the current position of a stream, and notes it. False if there is none.
pub(super) fn pass_hole(
    key: &Key,
    side: Side,
    stream: &mut Stream,
    (flow, direction, at): (FlowId, Direction, Stamp),
    target: &mut Target<'_>,
) -> bool {
    let Some(lacks) = stream.give_up() else { return false };
    missing(key, side, lacks, at, target);
    stream.resume(&mut |bytes, mark| target.data(flow, direction, bytes, mark, at));
    true
}

pub(super) fn missing(key: &Key, side: Side, lacks: u64, at: Stamp, target: &mut Target<'_>) {
    if lacks > 0 {
        let (from, to) = ends(key, side);
        target.writer.session_note(SessionNote::Missing(lacks, from, to), at);
    }
}

/// Records the end of one direction, once everything before it is recorded.
pub(super) fn end(
    connection: &mut Connection,
    side: Side,
    at: Stamp,
    comment: &mut String,
    target: &mut Target<'_>,
) {
    let (flow, direction) = (connection.flow, connection.direction(side));
    let half = connection.half(side);
    if half.ended || !half.stream.as_ref().is_some_and(Stream::is_over) {
        return;
    }
    half.ended = true;
    let how = match direction {
        Direction::Sent => Ending::OwnFin,
        Direction::Received => Ending::PeerFin,
    };
    target.remark(comment);
    target.writer.ended(flow, how, at);
    if connection.halves.iter().all(|half| half.ended) {
        connection.phase = Phase::Over;
    }
}
