//! The state of a flow from which packets are synthesized: TCP sequence numbers, and whether a packet needs a
//! label to be attributed to its flow.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::net::SocketAddr;

use super::packet::{self, FIN, SYN, Segment};
use crate::model::{Direction, Flow, FlowId, Origin, Stamp, Transport, fit};

/// What identifies the packets of a flow. Packets have no IPv6 zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tuple {
    transport: Transport,
    local: SocketAddr,
    peer: SocketAddr,
}

impl Tuple {
    pub(super) fn new(transport: Transport, local: SocketAddr, peer: SocketAddr) -> Self {
        let plain = |address: SocketAddr| SocketAddr::new(address.ip(), address.port());
        Self { transport, local: plain(local), peer: plain(peer) }
    }
}

impl Hash for Tuple {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_ends([self.local, self.peer], state);
    }
}

/// Hashes two addresses in one piece, which is several times as fast as part by part.
pub(super) fn hash_ends(ends: [SocketAddr; 2], state: &mut impl Hasher) {
    let mut all = [0; 44];
    for (end, place) in ends.into_iter().zip(all.as_chunks_mut::<22>().0) {
        let (ip, scope) = match end {
            SocketAddr::V4(end) => (end.ip().to_ipv6_mapped(), 0),
            SocketAddr::V6(end) => (*end.ip(), end.scope_id()),
        };
        place[..16].copy_from_slice(&ip.octets());
        place[16..18].copy_from_slice(&end.port().to_be_bytes());
        place[18..].copy_from_slice(&scope.to_be_bytes());
    }
    state.write(&all);
}

/// Conversations by flow. A writer numbers its flows itself, so that nobody can choose numbers that collide.
pub(super) type Conversations = HashMap<FlowId, Conversation, BuildHasherDefault<FlowHasher>>;

/// Spreads the number of a flow, by Fibonacci hashing.
#[derive(Debug, Default)]
pub(super) struct FlowHasher(u64);

impl Hasher for FlowHasher {
    fn write_u32(&mut self, n: u32) {
        self.0 = (self.0 ^ u64::from(n)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The state of a TCP connection in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// No handshake yet, or only a refused one.
    Unconnected,
    /// Bytes may flow both ways, or one way after a half-close.
    Open,
    /// Closed by both sides, or reset.
    Over,
}

#[derive(Debug, Clone, Copy, Default)]
struct Side {
    next: u32,
    /// Bytes that it sent since the last packet from the other side, which acknowledged everything before.
    unacknowledged: u64,
    finished: bool,
}

/// The writer's state for a flow.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub(super) struct Conversation {
    pub(super) flow: Flow,
    /// The local address of the next packet.
    pub(super) local: SocketAddr,
    /// Other local addresses with which it is the owner.
    pub(super) before: Vec<SocketAddr>,
    pub(super) phase: Phase,
    /// Whether the file contains a packet of this flow.
    pub(super) begun: bool,
    /// Whether a packet with these addresses and without a label belongs to this flow.
    pub(super) owner: bool,
    /// Earlier packets of this flow are in another file, or on the wire's interface.
    pub(super) goes_on: bool,
    /// What it carries is decrypted, so that its addresses are [marked](packet::marked).
    pub(super) decrypted: bool,
    /// The connection below, as it is on the wire.
    pub(super) wire: Option<Box<Self>>,
    own: Side,
    peer: Side,
}

impl Conversation {
    pub(super) fn new(flow: Flow) -> Self {
        Self {
            local: flow.local,
            before: Vec::new(),
            flow,
            phase: Phase::Unconnected,
            begun: false,
            owner: false,
            goes_on: false,
            decrypted: false,
            wire: None,
            own: Side::default(),
            peer: Side::default(),
        }
    }

    pub(super) fn tuple(&self) -> Tuple {
        let (local, peer) = self.ends(Direction::Sent);
        Tuple::new(self.flow.transport, local, peer)
    }

    /// The direction of the SYN.
    pub(super) fn caller(&self) -> Direction {
        match self.flow.origin {
            Origin::Connected | Origin::Datagram => Direction::Sent,
            Origin::Accepted => Direction::Received,
        }
    }

    /// Source and destination of a packet.
    pub(super) fn ends(&self, direction: Direction) -> (SocketAddr, SocketAddr) {
        let (local, peer) = (self.local, self.flow.peer);
        let (local, peer) =
            if self.decrypted { (packet::marked(local), packet::marked(peer)) } else { (local, peer) };
        direction.ends(local, peer)
    }

    /// A layer begins: what has been the connection is the one on the wire from here on, and this one, which is
    /// decrypted, goes on with a handshake of its own.
    pub(super) fn begin_layer(&mut self) {
        self.wire = Some(Box::new(self.clone()));
        self.go_on();
        (self.begun, self.decrypted) = (true, true);
    }

    /// Chooses initial sequence numbers. `seed` must be unique in the file, so that a reused port shows as a
    /// new connection. The numbers need not be unpredictable.
    pub(super) fn start(&mut self, seed: u64, at: Stamp) {
        let number = mix(seed ^ mix(at.0));
        let side = |number| Side { next: fit(number), ..Side::default() };
        self.own = side(number >> 32);
        self.peer = side(number & 0xffff_ffff);
    }

    /// It goes on elsewhere, with the same sequence numbers after a handshake. Whether that is due.
    pub(super) fn go_on(&mut self) -> bool {
        self.before.clear();
        self.owner = false;
        let is_open = self.phase == Phase::Open;
        if !std::mem::take(&mut self.begun) || self.flow.transport == Transport::Tcp && !is_open {
            return false;
        }
        self.goes_on = true;
        if is_open {
            // The SYN of each side takes one number.
            for side in [&mut self.own, &mut self.peer] {
                (side.next, side.unacknowledged) = (side.next.wrapping_sub(1), 0);
            }
        }
        is_open
    }

    /// The next segment in this direction, with `len` bytes.
    pub(super) fn segment(&mut self, direction: Direction, flags: u8, len: usize) -> Segment {
        let (from, to) = direction.ends(&mut self.own, &mut self.peer);
        let acknowledges = flags & super::packet::ACK != 0;
        let segment = Segment { seq: from.next, ack: if acknowledges { to.next } else { 0 }, flags };
        let advance = len + usize::from(flags & SYN != 0) + usize::from(flags & FIN != 0);
        // A segment is no longer than a packet; sequence numbers wrap at 2³².
        from.next = from.next.wrapping_add(fit(advance));
        from.unacknowledged += len as u64;
        to.unacknowledged = 0;
        segment
    }

    /// Bytes sent in this direction that are not acknowledged yet.
    pub(super) fn unacknowledged(&self, direction: Direction) -> u64 {
        direction.ends(&self.own, &self.peer).0.unacknowledged
    }

    /// Closes one direction; false if it was closed already.
    pub(super) fn finish(&mut self, direction: Direction) -> bool {
        let (side, _) = direction.ends(&mut self.own, &mut self.peer);
        let news = !std::mem::replace(&mut side.finished, true);
        if self.own.finished && self.peer.finished {
            self.phase = Phase::Over;
        }
        news
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014): scatters neighbouring numbers.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// A comment that tells the flow of a packet. It is only written where addresses and order do not: if an
/// earlier flow has no packet, if two flows have the same addresses, if a datagram has another local address than
/// those before it, if other packets came between the start of a flow and its first packet, or if the flow goes on from
/// another file, or decrypted. The text is part of the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) flow: FlowId,
    /// When the flow began, if that is not the time of this packet, its first.
    pub(super) since: Option<Stamp>,
    /// The flow has packets in an earlier file, or on the wire: its handshake here is not a record.
    pub(super) goes_on: bool,
}

impl Label {
    /// `flow 7`, or `flow 7, begun at 1763679675.000000042`, or either with `, continued`.
    pub(super) fn text(self) -> String {
        let Self { flow: FlowId(id), since, goes_on } = self;
        let goes_on = if goes_on { CONTINUED } else { "" };
        match since {
            None => format!("flow {id}{goes_on}"),
            Some(Stamp(ns)) => {
                format!("flow {id}, begun at {}.{:09}{goes_on}", ns / 1_000_000_000, ns % 1_000_000_000)
            }
        }
    }

    /// Reads what [`text`](Self::text) writes; `None` for any other comment.
    pub(super) fn parse(comment: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(comment).ok()?.strip_prefix("flow ")?;
        let (text, goes_on) = text.strip_suffix(CONTINUED).map_or((text, false), |text| (text, true));
        let (id, since) = match text.split_once(", begun at ") {
            None => (text, None),
            Some((id, since)) => {
                let (seconds, nanos) = since.split_once('.')?;
                let seconds = seconds.parse::<u64>().ok()?.checked_mul(1_000_000_000)?;
                (id, Some(Stamp(seconds.checked_add(nanos.parse().ok()?)?)))
            }
        };
        Some(Self { flow: FlowId(id.parse().ok()?), since, goes_on })
    }
}

/// The end of the label of a flow that goes on from another file.
const CONTINUED: &str = ", continued";

#[cfg(test)]
mod tests {
    use super::super::packet::{ACK, RST};
    use super::*;

    #[test]
    fn sequence_numbers_count_bytes_syn_and_fin() {
        let end = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut c = Conversation::new(Flow {
            id: FlowId(0),
            transport: Transport::Tcp,
            local: end,
            peer: end,
            origin: Origin::Accepted,
            since: Stamp(1),
            imported: false,
        });
        c.start(7, Stamp(1));
        // Close to wrapping.
        (c.own.next, c.peer.next) = (u32::MAX - 10, 1000);
        let own = |n: u32| n.wrapping_sub(11);
        let steps = [
            (Direction::Received, SYN, 0, 1000, 0),
            (Direction::Sent, SYN | ACK, 0, own(0), 1001),
            (Direction::Received, ACK, 0, 1001, own(1)),
            (Direction::Received, ACK, 500, 1001, own(1)),
            (Direction::Sent, ACK, 20, own(1), 1501),
            (Direction::Sent, FIN | ACK, 0, own(21), 1501),
            (Direction::Received, ACK, 5, 1501, own(22)),
            (Direction::Received, FIN | ACK, 0, 1506, own(22)),
            (Direction::Sent, RST | ACK, 0, own(22), 1507),
        ];
        for (n, (direction, flags, len, seq, ack)) in steps.into_iter().enumerate() {
            let segment = c.segment(direction, flags, len);
            assert_eq!((segment.seq, segment.ack), (seq, ack), "step {n}");
        }
    }

    #[test]
    fn initial_sequence_numbers_differ() {
        let seeds = (0..1000).map(|n| mix(n ^ mix(1)) >> 32);
        assert_eq!(seeds.collect::<std::collections::HashSet<_>>().len(), 1000);
    }

    #[test]
    fn labels_are_read_back() {
        for since in [None, Some(Stamp(0)), Some(Stamp(1_763_679_675_000_000_042)), Some(Stamp(u64::MAX))] {
            for (flow, goes_on) in [(FlowId(0), false), (FlowId(u32::MAX), false), (FlowId(7), true)] {
                let label = Label { flow, since, goes_on };
                assert_eq!(Label::parse(label.text().as_bytes()), Some(label));
            }
        }
        let label = Label { flow: FlowId(7), since: Some(Stamp(42)), goes_on: true };
        assert_eq!(label.text(), "flow 7, begun at 0.000000042, continued");
    }

    #[test]
    fn other_comments_are_not_labels() {
        for text in ["", "flow", "flow x", "flow 4294967296", "flow 1, begun at 1", "a flow 1"] {
            assert_eq!(Label::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Label::parse(b"flow 1, begun at 18446744073709551615.9"), None);
        assert_eq!(Label::parse(&[0xff]), None);
    }
}
