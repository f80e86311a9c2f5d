//! The TCP connections of an import: established, refused, ended; data in order, gaps noted.

use std::collections::{HashMap, VecDeque};

use super::connection::{Connection, Half, Key, Phase, Side};
use super::headers::{Segment, Tcp};
use super::stream::{Mark, Stream};
use super::target::Target;
use crate::journal::packet::{ACK, FIN, PSH, RST, SYN};
use crate::model::{Direction, Ending, Origin, Recorder as _, Stamp, Transport};

/// The most memory for waiting segments of one direction, in bytes.
const MOST_HELD: usize = 16 * 1024 * 1024;
/// The most memory for all waiting segments, in bytes.
const MOST_HELD_IN_ALL: usize = 64 * 1024 * 1024;
/// How long acknowledged bytes are waited for, in nanoseconds: packets captured at about the same time may be
/// out of order in the file …
const PATIENCE: u64 = 50_000_000;
/// … and for how many packets of the connection.
const PACKETS: u32 = 64;
/// How many gaps may be waited for at once.
const HOLES: usize = 4096;

/// A packet of a connection, and what the file tells about it.
#[derive(Debug)]
pub(super) struct Sighting<'a> {
    pub(super) key: Key,
    /// Which end sent it.
    pub(super) side: Side,
    pub(super) segment: Segment<'a>,
    pub(super) tcp: Tcp,
    pub(super) at: Stamp,
    pub(super) direction: Option<Direction>,
    /// The comment on it. Taken by the record that it belongs to.
    pub(super) comment: String,
}

#[derive(Debug, Default)]
pub(super) struct Connections {
    map: HashMap<Key, Connection>,
    /// Gaps that are waited for, ordered by when that ends.
    holes: VecDeque<(Stamp, Key, Side)>,
    /// The memory that all streams take, in bytes.
    held: usize,
}

impl Connections {
    pub(super) fn packet(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        self.lose_patience(sighting.at, target);
        let flags = sighting.tcp.flags;
        match (flags & SYN != 0, flags & ACK != 0, flags & RST != 0) {
            (_, _, true) => self.reset(sighting, target),
            (true, false, false) => self.call(sighting, target),
            (true, true, false) => self.answer(sighting, target),
            (false, _, false) => self.data(sighting, target),
        }
    }

    pub(super) fn finish(&mut self, at: Stamp, target: &mut Target<'_>) {
        let mut rest: Vec<Connection> = self.map.drain().map(|(_key, connection)| connection).collect();
        rest.sort_by_key(|connection| connection.flow);
        for mut connection in rest {
            connection.close(at, target);
        }
        self.holes.clear();
        self.held = 0;
    }

    /// Processes a SYN.
    fn call(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side) = (sighting.key, sighting.side);
        let seq = sighting.tcp.seq;
        if let Some(connection) = self.map.get_mut(&key) {
            let calling = connection.phase == Phase::Calling;
            let half = connection.half(side);
            if half.syn == Some(seq) {
                // A retransmission.
                return;
            }
            let late = half.stream.as_ref().is_some_and(|stream| stream.first_seq() == seq.wrapping_add(1));
            if half.syn.is_none() && (late || calling) {
                // It follows its first data in the file, or both sides connect at the same time.
                half.syn = Some(seq);
                half.stream.get_or_insert_with(|| Stream::new(seq.wrapping_add(1)));
                return;
            }
        }
        let connection = self.begin(side, sighting, target);
        connection.comment = std::mem::take(&mut sighting.comment);
        let half = connection.half(side);
        half.syn = Some(seq);
        half.stream = Some(Stream::new(seq.wrapping_add(1)));
        if !sighting.segment.payload.is_empty() {
            // TCP Fast Open (RFC 7413): the data follow the sequence number of the SYN.
            sighting.tcp.seq = seq.wrapping_add(1);
            connection.open(sighting.at, target);
            self.take(sighting, target);
        }
    }

    /// Processes a SYN that answers another.
    fn answer(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side) = (sighting.key, sighting.side);
        let Tcp { seq, ack, .. } = sighting.tcp;
        let at = sighting.at;
        let fits = self.map.get_mut(&key).is_some_and(|connection| {
            let over = connection.phase == Phase::Over;
            let other = connection.half(1 - side);
            let to_it = other.syn.is_none() || other.syn == Some(ack.wrapping_sub(1));
            let half = connection.half(side);
            let fresh = half.syn.is_none()
                && half.stream.as_ref().is_none_or(|s| s.first_seq() == seq.wrapping_add(1));
            to_it && (half.syn == Some(seq) || fresh && !over)
        });
        if !fits {
            // The SYN that it answers is not in the file.
            let connection = self.begin(1 - side, sighting, target);
            connection.half(1 - side).stream = Some(Stream::new(ack));
        }
        let Some(connection) = self.map.get_mut(&key) else { return };
        let half = connection.half(side);
        half.syn = Some(seq);
        half.stream.get_or_insert_with(|| Stream::new(seq.wrapping_add(1)));
        connection.open(at, target);
    }

    /// Processes an RST.
    fn reset(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side) = (sighting.key, sighting.side);
        let at = sighting.at;
        let Some(connection) = self.map.get_mut(&key) else { return };
        match connection.phase {
            Phase::Over => {}
            Phase::Calling => {
                let refused = connection.half(side).syn.is_none();
                let why = if refused { "connection refused" } else { "the caller gave up" };
                let comment = std::mem::take(&mut sighting.comment);
                connection.refuse(if comment.is_empty() { why } else { &comment }, at, target);
            }
            Phase::Open => {
                let before = connection.cost();
                connection.flush(at, target);
                target.remark(&mut sighting.comment);
                target.writer.ended(connection.flow, Ending::reset(connection.direction(side)), at);
                connection.phase = Phase::Over;
                self.held -= before;
            }
        }
    }

    /// Processes a packet of an established connection.
    fn data(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side) = (sighting.key, sighting.side);
        let Segment { payload, cut, .. } = sighting.segment;
        let some = !payload.is_empty() || cut > 0;
        let Tcp { seq, flags, .. } = sighting.tcp;
        // The same addresses, but distant sequence numbers: another connection.
        let fits = |stream: &Stream| stream.place(seq).is_some();
        let known =
            self.map.get_mut(&key).is_some_and(|known| known.half(side).stream.as_ref().is_none_or(fits));
        if !known {
            if !some {
                // A packet without data does not establish a connection.
                return;
            }
            // The connection is older than the file. Servers nearly always have the lower port.
            let Key([low, high]) = key;
            let caller = if low.port() == high.port() { side } else { usize::from(low.port() < high.port()) };
            let connection = self.begin(caller, sighting, target);
            connection.half(side).stream = Some(Stream::new(seq));
        }
        let Some(connection) = self.map.get_mut(&key) else { return };
        let called = connection.half(side).syn.is_some();
        match connection.phase {
            // The answer to the SYN is not in the file, but must have existed.
            Phase::Calling if some || called || flags & FIN != 0 => connection.open(sighting.at, target),
            // What follows the end are retransmissions.
            Phase::Calling | Phase::Over => return,
            Phase::Open => {}
        }
        self.take(sighting, target);
    }

    /// Processes the payload, the acknowledgement and the FIN of a packet.
    fn take(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side) = (sighting.key, sighting.side);
        let Some(connection) = self.map.get_mut(&key) else { return };
        let Segment { payload, cut, .. } = sighting.segment;
        let Tcp { seq, ack, flags } = sighting.tcp;
        let at = sighting.at;
        let before = connection.cost();
        let (flow, direction) = (connection.flow, connection.direction(side));

        let stream = connection.half(side).stream.get_or_insert_with(|| Stream::new(seq));
        let Some(place) = stream.place(seq) else { return };
        let comment = std::mem::take(&mut sighting.comment);
        let mut mark = Mark { whole: flags & PSH != 0, comment };
        let give = &mut |bytes: &[u8], mark: Mark| target.data(flow, direction, bytes, mark, at);
        stream.push(place, payload, &mut mark, give);
        sighting.comment = mark.comment;
        if flags & FIN != 0 {
            stream.end = stream.end.or(Some(place + payload.len() as u64 + cut as u64));
        }
        let captured = place + payload.len() as u64;
        if cut > 0 && stream.next == captured {
            let lacks = stream.skip(cut as u64);
            connection.pass(side, lacks, at, target);
        }
        // Too much is waiting: give up the gap before it.
        let others = self.held - before;
        let is_too_much = |cost| cost > MOST_HELD || cost > 0 && others + cost > MOST_HELD_IN_ALL;
        while is_too_much(connection.half(side).cost()) {
            connection.pass_hole(side, at, target);
        }
        connection.end(side, at, &mut sighting.comment, target);

        let other = 1 - side;
        let has_hole = flags & ACK != 0
            && connection.half(other).stream.as_mut().is_some_and(|stream| stream.acknowledge(ack));
        for side in [0, 1] {
            let half = connection.half(side);
            if has_hole && side == other && half.hole.is_none() {
                let until = Stamp(at.0.saturating_add(PATIENCE));
                half.hole = Some((until, PACKETS));
                self.holes.push_back((until, key, side));
            } else if let Some((_, packets)) = &mut half.hole {
                *packets = packets.saturating_sub(1);
                if *packets == 0 {
                    connection.give_up(side, at, target);
                }
            }
        }
        self.held = (self.held + connection.cost()).saturating_sub(before);
    }

    /// Skips gaps that were waited for long enough.
    fn lose_patience(&mut self, now: Stamp, target: &mut Target<'_>) {
        while let Some((until, key, side)) = self.holes.front().copied() {
            if until > now && self.holes.len() <= HOLES {
                return;
            }
            self.holes.pop_front();
            let Some(connection) = self.map.get_mut(&key) else { continue };
            // Another gap may have begun since.
            if connection.half(side).hole.is_some_and(|(waits, _)| waits == until) {
                let before = connection.cost();
                connection.give_up(side, now, target);
                self.held = (self.held + connection.cost()).saturating_sub(before);
            }
        }
    }

    /// Begins a connection, replacing any other with these addresses.
    fn begin(&mut self, caller: Side, sighting: &Sighting<'_>, target: &mut Target<'_>) -> &mut Connection {
        let (key, side) = (sighting.key, sighting.side);
        if let Some(mut before) = self.map.remove(&key) {
            self.held -= before.cost();
            before.close(sighting.at, target);
        }
        // By default ours is the side that connected.
        let own = match sighting.direction {
            Some(Direction::Sent) => side,
            Some(Direction::Received) => 1 - side,
            None => caller,
        };
        let origin = if own == caller { Origin::Connected } else { Origin::Accepted };
        let (local, peer) = key.ends(own);
        let flow = target.flow(Transport::Tcp, local, peer, origin, sighting.at);
        let halves = <[Half; 2]>::default();
        let connection = Connection { key, flow, own, phase: Phase::Calling, halves, comment: String::new() };
        self.map.entry(key).insert_entry(connection).into_mut()
    }
}
