//! One TCP connection: where it stands, and what becomes of what it holds. Knows no packet.

use std::net::SocketAddr;

use super::stream::Stream;
use super::target::Target;
use crate::model::{Direction, Ending, FlowId, SessionNote, Stamp};

/// One end of a connection; the index of what belongs to it.
pub(super) type Side = usize;

/// Both ends, the smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) [SocketAddr; 2]);

impl Key {
    /// The connection of a packet, and which end sent it.
    pub(super) fn of(from: SocketAddr, to: SocketAddr) -> (Self, Side) {
        if from <= to { (Self([from, to]), 0) } else { (Self([to, from]), 1) }
    }
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// There was a SYN, and no answer yet.
    Calling,
    Open,
    /// Refused, reset, or closed by both sides.
    Over,
}

/// What one end sends.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// The sequence number of its SYN, if that was seen.
    pub(super) syn: Option<u32>,
    /// What it sends, once that is known to begin somewhere.
    pub(super) stream: Option<Stream>,
    /// Its end was told.
    pub(super) ended: bool,
    /// The stream stands at a hole that will not close: until when that is waited for, and for how
    /// many packets more.
    pub(super) hole: Option<(Stamp, u32)>,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) flow: FlowId,
    /// Which end is ours.
    pub(super) own: Side,
    pub(super) phase: Phase,
    pub(super) halves: [Half; 2],
    /// What was written about the SYN.
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

/// The end that `side` is, and the other.
pub(super) fn ends(key: &Key, side: Side) -> (SocketAddr, SocketAddr) {
    let Key([first, second]) = *key;
    if side == 0 { (first, second) } else { (second, first) }
}

/// What both streams of a connection hold, in bytes of memory.
pub(super) fn cost(connection: &Connection) -> usize {
    connection.halves.iter().filter_map(|half| half.stream.as_ref()).map(Stream::cost).sum()
}

/// There was an answer to the call.
pub(super) fn open(connection: &mut Connection, at: Stamp, target: &mut Target<'_>) {
    if connection.phase == Phase::Calling {
        connection.phase = Phase::Open;
        target.remark(&mut connection.comment);
        target.connected(connection.flow, at);
    }
}

/// There was none, or a refusal.
pub(super) fn refuse(connection: &mut Connection, why: &str, at: Stamp, target: &mut Target<'_>) {
    connection.phase = Phase::Over;
    target.remark(&mut connection.comment);
    target.refused(connection.flow, why, at);
}

/// Nothing more will come of this connection.
pub(super) fn close(key: &Key, connection: &mut Connection, at: Stamp, target: &mut Target<'_>) {
    match connection.phase {
        Phase::Calling => refuse(connection, "no answer", at, target),
        Phase::Open => flush(key, connection, at, target),
        Phase::Over => {}
    }
}

/// Gives out all that is held, and names all that lacks.
pub(super) fn flush(key: &Key, connection: &mut Connection, at: Stamp, target: &mut Target<'_>) {
    for side in [0, 1] {
        let (flow, direction) = (connection.flow, connection.direction(side));
        if let Some(stream) = &mut connection.half(side).stream {
            while pass_hole(key, side, stream, (flow, direction, at), target) {}
        }
        end(connection, side, at, &mut String::new(), target);
    }
}

/// Passes over all of a stream that the other side has and the file has not.
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

/// Passes over the hole at which a stream stands, and names it. False if there is none.
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
        target.session_note(SessionNote::Missing(lacks, from, to), at);
    }
}

/// Tells that one side sends no more, once all before that is given out.
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
    target.ended(flow, how, at);
    if connection.halves.iter().all(|half| half.ended) {
        connection.phase = Phase::Over;
    }
}
