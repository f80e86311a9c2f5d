//! The TCP connections of an import: established, refused, ended; data in order, gaps noted.

use std::collections::{HashMap, VecDeque};

use super::connection::{Again, Connection, Early, Half, Key, Phase, Side, is_accepted};
use super::headers::{Segment, Tcp};
use super::stream::{Mark, Stream};
use super::target::Target;
use crate::journal::packet::{ACK, FIN, PSH, RST, SYN};
use crate::model::{Direction, Ending, FlowId, Origin, Recorder as _, SessionNote, Stamp, Transport};

/// The most memory for waiting segments of one direction, in bytes.
const MOST_HELD: usize = 16 * 1024 * 1024;
/// The most memory for all waiting segments, in bytes.
const MOST_HELD_IN_ALL: usize = 64 * 1024 * 1024;
/// About half of the most memory for what retransmissions are compared with, in bytes.
const MOST_RECENT: usize = 16 * 1024 * 1024;
/// The most memory for the data of SYNs, in bytes.
const MOST_EARLY: usize = 16 * 1024 * 1024;
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
    /// Gaps that are waited for, ordered by when that ends by `clock`.
    holes: VecDeque<(Stamp, Key, Side)>,
    /// The memory that all streams take, in bytes.
    held: usize,
    /// How many bytes came since it was checked how many are kept.
    fresh: usize,
    /// The connections whose SYN had data, oldest first, and how many bytes.
    early: VecDeque<(Key, usize)>,
    n_early: usize,
    /// Goes on as the times of the packets do, but never back, and the time of the last packet.
    clock: Stamp,
    last: Option<Stamp>,
    /// Whether there was any connection.
    any: bool,
    /// Segments of connections that are not in the capture: with RST, and with nothing but an acknowledgement.
    strays: u64,
    lone: u64,
}

impl Connections {
    /// The flow of the connection that was last between these ends.
    pub(super) fn flow(&self, key: &Key) -> Option<FlowId> {
        self.map.get(key).map(|connection| connection.flow)
    }

    /// The same, and the direction of what this side sends.
    pub(super) fn sender(&self, key: &Key, side: Side) -> Option<(FlowId, Direction)> {
        self.map.get(key).map(|connection| (connection.flow, connection.direction(side)))
    }

    pub(super) fn packet(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let passed = self.last.map_or(0, |last| sighting.at.since(last));
        (self.clock.0, self.last) = (self.clock.0.saturating_add(passed), Some(sighting.at));
        self.lose_patience(target);
        let flags = sighting.tcp.flags;
        match (flags & SYN != 0, flags & ACK != 0, flags & RST != 0) {
            (_, _, true) => self.reset(sighting, target),
            (true, false, false) => self.call(sighting, target),
            (true, true, false) => self.answer(sighting, target),
            (false, _, false) => self.data(sighting, target),
        }
    }

    /// Records what is left. Returns how many segments of other connections were left out.
    pub(super) fn finish(&mut self, at: Stamp, target: &mut Target<'_>) -> u64 {
        let mut rest: Vec<Connection> = self.map.drain().map(|(_key, connection)| connection).collect();
        rest.sort_by_key(|connection| connection.flow);
        for mut connection in rest {
            connection.close(at, target);
        }
        self.holes.clear();
        self.held = 0;
        // Acknowledgements before the first data of a connection say nothing.
        self.strays + if self.any { 0 } else { self.lone }
    }

    /// Processes a SYN.
    fn call(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side, at) = (sighting.key, sighting.side, sighting.at);
        let seq = sighting.tcp.seq;
        let early = Early { bytes: sighting.segment.payload.to_vec(), at };
        self.count_early(key, early.bytes.len(), target);
        if let Some(connection) = self.map.get_mut(&key) {
            let phase = connection.phase;
            let refused = phase == Phase::Over && connection.half(1 - side).stream.is_none();
            let half = connection.half(side);
            if half.syn == Some(seq) && !refused {
                // A retransmission.
                return;
            }
            let late = half.stream.as_ref().is_some_and(|stream| stream.first_seq() == seq.wrapping_add(1));
            if half.syn.is_none() && (late || phase == Phase::Calling) {
                // It follows its first data in the file, or both sides connect at the same time.
                half.syn = Some(seq);
                half.stream.get_or_insert_with(|| Stream::new(seq.wrapping_add(1)));
                half.early = if late { Early::default() } else { early };
                return;
            }
            if phase == Phase::Open {
                if connection.again.as_ref().is_none_or(|again| (again.caller, again.syn) != (side, seq)) {
                    connection.forget_again(target);
                    let comment = std::mem::take(&mut sighting.comment);
                    let again = Again { caller: side, syn: seq, answer: None, early, at, comment };
                    connection.again = Some(Box::new(again));
                }
                return;
            }
        }
        let connection = self.begin(side, sighting, target);
        connection.comment = std::mem::take(&mut sighting.comment);
        let half = connection.half(side);
        (half.syn, half.early) = (Some(seq), early);
        half.stream = Some(Stream::new(seq.wrapping_add(1)));
    }

    /// Gives up the oldest data of SYNs if there are too many.
    fn count_early(&mut self, key: Key, len: usize, target: &mut Target<'_>) {
        if len > 0 {
            self.early.push_back((key, len));
            self.n_early += len;
        }
        while self.n_early > MOST_EARLY
            && let Some((oldest, len)) = self.early.pop_front()
        {
            self.n_early -= len;
            if let Some(connection) = self.map.get_mut(&oldest) {
                connection.forget_early(target);
            }
        }
    }

    /// Processes a SYN that answers another.
    fn answer(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side, at) = (sighting.key, sighting.side, sighting.at);
        let Tcp { seq, ack, .. } = sighting.tcp;
        if let Some(connection) = self.map.get_mut(&key) {
            let again = connection.again.as_ref().filter(|again| again.caller != side);
            if again.is_some_and(|again| is_accepted(again.syn, &again.early, ack)) {
                self.begin_again(sighting, target);
            }
        }
        // The data of a SYN follow its number.
        sighting.tcp.seq = seq.wrapping_add(1);
        let is_over =
            |known: &mut Connection| known.phase == Phase::Over && known.half(side).syn != Some(seq);
        if self.map.get_mut(&key).is_none_or(is_over) {
            // The SYN that it answers is not in the file.
            self.begin(1 - side, sighting, target).half(1 - side).stream = Some(Stream::new(ack));
            return self.answered(seq, sighting, target);
        }
        let Some(connection) = self.map.get_mut(&key) else { return };
        let phase = connection.phase;
        let other = connection.half(1 - side);
        let answers = match other.syn {
            Some(syn) => is_accepted(syn, &other.early, ack),
            None => other.stream.as_ref().is_none_or(|stream| stream.first_seq() == ack),
        };
        let half = connection.half(side);
        let first = half.stream.as_ref().map(Stream::first_seq);
        match half.syn {
            // A retransmission.
            Some(syn) if syn == seq && phase == Phase::Open => self.take(sighting, target),
            Some(syn) if syn == seq && phase == Phase::Over => {}
            Some(syn) if syn == seq && answers => self.answered(seq, sighting, target),
            None if answers && first.is_none_or(|first| first == sighting.tcp.seq) => {
                self.answered(seq, sighting, target);
            }
            // Another answer. What the caller acknowledges counts.
            Some(_) if answers && half.acked.is_none() => {
                let before = half.other.replace((seq, at)).filter(|(other, _)| *other != seq);
                if let Some((seq, at)) = before {
                    connection.syn_ignored(side, seq, at, target);
                }
            }
            Some(_) if answers => connection.syn_ignored(side, seq, at, target),
            Some(_) | None => {
                connection.forget_again(target);
                let (syn, comment) = (ack.wrapping_sub(1), std::mem::take(&mut sighting.comment));
                let (caller, answer, early) = (1 - side, Some(seq), Early::default());
                connection.again = Some(Box::new(Again { caller, syn, answer, early, at, comment }));
            }
        }
    }

    /// A SYN was answered with this number.
    fn answered(&mut self, seq: u32, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let Some(connection) = self.map.get_mut(&sighting.key) else { return };
        let half = connection.half(sighting.side);
        half.syn = Some(seq);
        half.stream.get_or_insert_with(|| Stream::new(seq.wrapping_add(1)));
        connection.open(sighting.at, target);
        self.take(sighting, target);
    }

    /// Processes an RST: it counts with exactly the next sequence number, or if it acknowledges the SYN (RFC 9293,
    /// 3.10.7). A receiver ignores others.
    fn reset(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side, at) = (sighting.key, sighting.side, sighting.at);
        let Tcp { seq, ack, flags } = sighting.tcp;
        let Some(connection) = self.map.get_mut(&key) else {
            self.strays += 1;
            return;
        };
        let has_ack = flags & ACK != 0;
        let again = connection.again.as_ref().filter(|again| has_ack && again.caller != side);
        let again = again.is_some_and(|again| is_accepted(again.syn, &again.early, ack));
        let half = connection.half(side);
        let (refuses, acked) = (half.syn.is_none(), half.acked);
        let expected = match &half.stream {
            Some(stream) => stream.expects(seq),
            None => acked.is_none_or(|acked| acked == seq),
        };
        let phase = connection.phase;
        if phase == Phase::Open && !expected && again {
            self.begin_again(sighting, target);
            return self.reset(sighting, target);
        }
        let other = connection.half(1 - side);
        let acknowledges = has_ack && other.syn.is_some_and(|syn| is_accepted(syn, &other.early, ack));
        let counts = if phase == Phase::Calling && refuses { acknowledges } else { expected };
        let (from, to) = key.ends(side);
        match phase {
            _ if !counts => connection.note(SessionNote::RstIgnored(seq, ack, from, to), at, target),
            Phase::Over => {}
            Phase::Calling => {
                let why = if refuses { "connection refused" } else { "the caller gave up" };
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
        connection.left_out(side, sighting.segment.whole() as u64, at, target);
    }

    /// Processes a packet of an established connection.
    fn data(&mut self, sighting: &mut Sighting<'_>, target: &mut Target<'_>) {
        let (key, side, at) = (sighting.key, sighting.side, sighting.at);
        let len = sighting.segment.whole();
        let Tcp { seq, ack, flags } = sighting.tcp;
        let ack = (flags & ACK != 0).then_some(ack);
        let fin = flags & FIN != 0;
        // The same addresses, but distant sequence numbers: another connection, unless the acknowledgement fits.
        let fits = |stream: &Stream| stream.place(seq).is_some();
        let expects = |stream: &Stream| ack.is_some_and(|ack| stream.expects(ack));
        // One look into the map is enough for most packets.
        let mut known = self.map.get_mut(&key);
        let begins_again = known.as_mut().is_some_and(|known| {
            known.again.as_ref().is_some_and(|again| again.is_confirmed(side, seq, ack))
                && !known.half(side).stream.as_ref().is_some_and(|stream| stream.expects(seq))
        });
        if begins_again {
            self.begin_again(sighting, target);
            known = self.map.get_mut(&key);
        }
        if len > 0
            && let Some(known) = known.as_mut().filter(|known| known.phase == Phase::Open)
            && known.half(side).stream.as_ref().is_some_and(|stream| !fits(stream))
            && known.half(1 - side).stream.as_ref().is_some_and(expects)
        {
            self.held -= known.half(side).cost();
            while known.pass_hole(side, at, target) {}
            let lacks = known.half(side).stream.as_mut().map_or(0, |stream| stream.jump(seq));
            known.pass(side, lacks, at, target);
        }
        let known = known.is_some_and(|known| known.half(side).stream.as_ref().is_none_or(fits));
        if !known {
            if len == 0 && !fin {
                // A packet without data does not establish a connection.
                self.lone += 1;
                return;
            }
            // The connection is older than the file. Servers nearly always have the lower port.
            let Key([low, high]) = key;
            let caller = if low.port() == high.port() { side } else { usize::from(low.port() < high.port()) };
            let connection = self.begin(caller, sighting, target);
            connection.half(side).stream = Some(Stream::from_the_middle(seq));
        }
        let Some(connection) = self.map.get_mut(&key) else { return };
        let called = connection.half(side).syn.is_some();
        match connection.phase {
            // The answer to the SYN is not in the file, but must have existed.
            Phase::Calling if len > 0 || called || fin => connection.open(at, target),
            Phase::Calling => return,
            Phase::Over => {
                let stream = connection.half(side).stream.get_or_insert_with(|| Stream::new(seq));
                let new = stream.place(seq).map_or(0, |place| stream.refuse(place, len as u64, fin));
                connection.left_out(side, new, at, target);
                return;
            }
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
        let other = 1 - side;
        if flags & ACK != 0 {
            connection.accept(other, ack, target);
            connection.choose(other, ack, target);
            connection.half(other).acked = Some(ack);
        }
        connection.accept(side, seq, target);
        if sighting.segment.whole() > 0 {
            connection.choose(side, seq, target);
        }

        let half = connection.half(side);
        let stream = half.stream.get_or_insert_with(|| Stream::from_the_middle(seq));
        let Some(place) = stream.place(seq) else { return };
        let comment = std::mem::take(&mut sighting.comment);
        let mut mark = Mark { whole: flags & PSH != 0, comment, at };
        let give = &mut |bytes: &[u8], mark: Mark| target.data(flow, direction, bytes, mark);
        let captured = place + payload.len() as u64;
        let mut left_out = 0;
        if flags & FIN != 0 {
            let end = captured + cut as u64;
            left_out = stream.finish(end);
            half.fin = half.fin.or_else(|| (stream.end == Some(end)).then_some(at));
        }
        left_out += stream.push(place, payload, &mut mark, give);
        sighting.comment = mark.comment;
        let differs = std::mem::take(&mut stream.differs);
        let lacks = if cut > 0 && stream.next == captured { stream.skip(cut as u64) } else { 0 };
        connection.pass(side, lacks, at, target);
        connection.left_out(side, left_out, at, target);
        if differs > 0 {
            let (from, to) = key.ends(side);
            connection.note(SessionNote::Differs(differs, from, to), at, target);
        }
        // Too much is waiting: give up the gap before it.
        let others = self.held - before;
        let is_too_much = |cost| cost > MOST_HELD || cost > 0 && others + cost > MOST_HELD_IN_ALL;
        while is_too_much(connection.half(side).cost()) {
            connection.pass_hole(side, at, target);
        }
        connection.end(side, at, &mut sighting.comment, target);

        let has_hole = flags & ACK != 0
            && connection.half(other).stream.as_mut().is_some_and(|stream| stream.acknowledge(ack));
        for side in [0, 1] {
            let half = connection.half(side);
            if has_hole && side == other && half.hole.is_none() {
                let until = Stamp(self.clock.0.saturating_add(PATIENCE));
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
        self.fresh += payload.len();
        if self.fresh > MOST_RECENT {
            self.fresh = 0;
            let halves = self.map.values_mut().flat_map(|known| &mut known.halves);
            let streams: Vec<_> = halves.filter_map(|half| half.stream.as_mut()).collect();
            if streams.iter().map(|stream| stream.recent.len()).sum::<usize>() > MOST_RECENT {
                for stream in streams {
                    stream.recent = VecDeque::new();
                }
            }
        }
    }

    /// Skips gaps that were waited for long enough.
    fn lose_patience(&mut self, target: &mut Target<'_>) {
        while let Some((until, key, side)) = self.holes.front().copied() {
            if until > self.clock && self.holes.len() <= HOLES {
                return;
            }
            self.holes.pop_front();
            let Some(connection) = self.map.get_mut(&key) else { continue };
            // Another gap may have begun since.
            if connection.half(side).hole.is_some_and(|(waits, _)| waits == until) {
                let before = connection.cost();
                connection.give_up(side, self.last.unwrap_or_default(), target);
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
        let (halves, comment, phase) = (<[Half; 2]>::default(), String::new(), Phase::Calling);
        let (again, notes) = (None, Vec::new());
        self.any = true;
        let connection = Connection { key, flow, own, phase, halves, comment, again, notes };
        self.map.entry(key).insert_entry(connection).into_mut()
    }

    /// Begins the connection of a SYN within another, which was confirmed by this packet.
    fn begin_again(&mut self, sighting: &Sighting<'_>, target: &mut Target<'_>) {
        let again = self.map.get_mut(&sighting.key).and_then(|connection| connection.again.take());
        let Some(again) = again else { return };
        let Again { caller, syn, answer, early, at, comment } = *again;
        let connection = self.begin(caller, sighting, target);
        connection.comment = comment;
        let half = connection.half(caller);
        (half.syn, half.early) = (Some(syn), early);
        half.stream = Some(Stream::new(syn.wrapping_add(1)));
        if let Some(answer) = answer {
            let half = connection.half(1 - caller);
            half.syn = Some(answer);
            half.stream = Some(Stream::new(answer.wrapping_add(1)));
            connection.open(at, target);
        }
    }
}
