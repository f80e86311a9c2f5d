//! The index of a capture's records, and of the messages that a framing makes of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use super::flow::PackedFlow;
use super::{Chunked, Flow, FlowId, Gone, Leg, Record, RecordKind, SentCharsets, Stamp, fit};
use crate::codec::Charset;
use crate::codec::frame::Verdict;

/// How many IDs of flows share a chunk.
const CHUNK: u32 = 1024;

/// The records and flows of a capture, 16 bytes per record and 56 per flow. A clone is a snapshot that shares memory.
#[derive(Debug, Clone, Default)]
pub struct Index {
    records: Chunked<Record>,
    /// By ID / [`CHUNK`], in the order of their IDs. Adding one copies no more than a chunk.
    flows: BTreeMap<u32, Arc<Vec<PackedFlow>>>,
    peers: Peers,
    /// Some flows are the legs of relays.
    pub has_legs: bool,
    /// Whether anything was carried by WebSocket, so that there are opcodes.
    pub has_opcodes: bool,
    /// The charsets of text sent.
    pub sent_charsets: SentCharsets,
    /// If times go back from a record to the next anywhere, as they may in an import: the earliest to which they do.
    pub unordered: Option<Stamp>,
}

/// How many peers the flows have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Peers {
    #[default]
    None,
    One(SocketAddr),
    Several,
}

impl Index {
    /// Whether the flows have more than one peer.
    pub fn has_several_peers(&self) -> bool {
        self.peers == Peers::Several
    }

    /// The number of records, including those removed.
    pub fn len(&self) -> u64 {
        self.records.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The number of the first record that is not removed.
    pub fn first(&self) -> u64 {
        self.records.first()
    }

    /// How many bytes of the capture there are up to the end of its last record.
    pub fn len_of_file(&self) -> Option<u64> {
        let last = self.get(self.len().checked_sub(1)?)?;
        Some(last.offset + u64::from(last.len))
    }

    /// Record number `n`, from 0; `None` if it is removed.
    pub fn get(&self, n: u64) -> Option<Record> {
        self.records.get(n)
    }

    /// All records, as a list.
    pub fn records(&self) -> &Chunked<Record> {
        &self.records
    }

    /// Appends records, in order.
    pub fn extend(&mut self, records: &[Record]) {
        self.sent_charsets.extend(self.len(), records);
        self.has_opcodes |= records.iter().any(|record| record.kind == RecordKind::WebSocket);
        self.records.extend_from_slice(records);
    }

    /// How the text of a record is read that is no text message of a WebSocket: sent text in the charset that it was typed
    /// in, all else in that of the peer, or else in `charset`.
    pub fn charset(&self, n: u64, charset: Charset, peers: &BTreeMap<FlowId, Charset>) -> Charset {
        let Some(record) = self.get(n) else { return charset };
        let typed = self.sent_charsets.of(n).filter(|_| record.kind == RecordKind::Sent);
        typed.unwrap_or_else(|| peers.get(&record.flow).copied().unwrap_or(charset))
    }

    /// Adds a flow, or replaces the one with its ID.
    pub fn add_flow(&mut self, flow: &Flow) {
        self.peers = match self.peers {
            Peers::None => Peers::One(flow.peer),
            Peers::One(peer) if peer == flow.peer => self.peers,
            Peers::One(_) | Peers::Several => Peers::Several,
        };
        let chunk = Arc::make_mut(self.flows.entry(flow.id.0 / CHUNK).or_default());
        let packed = PackedFlow::of(flow, flow.id.0 % CHUNK);
        match chunk.binary_search_by_key(&packed.place, |known| known.place) {
            Ok(at) => {
                let twin = chunk[at].twin;
                chunk[at] = packed;
                chunk[at].twin = twin;
            }
            Err(at) => chunk.insert(at, packed),
        }
    }

    /// Removes records and flows that are in no file any more. The numbers of all others stay.
    pub fn remove(&mut self, gone: &Gone) {
        self.records.remove_before(gone.records);
        let is_gone =
            |n: u32, packed: &PackedFlow| gone.includes(FlowId(n * CHUNK + u32::from(packed.place)));
        self.flows.retain(|&n, chunk| {
            if chunk.iter().any(|packed| is_gone(n, packed)) {
                Arc::make_mut(chunk).retain(|packed| !is_gone(n, packed));
            }
            !chunk.is_empty()
        });
    }

    /// A flow by its ID.
    pub fn flow(&self, id: FlowId) -> Option<Flow> {
        self.packed(id).map(|packed| packed.unpack(id))
    }

    fn packed(&self, id: FlowId) -> Option<&PackedFlow> {
        let chunk = self.flows.get(&(id.0 / CHUNK))?;
        let place = fit::<u16, _>(id.0 % CHUNK);
        let at = chunk.binary_search_by_key(&place, |known| known.place).ok()?;
        chunk.get(at)
    }

    /// These flows, which are known, are the legs of a relay.
    pub fn pair(&mut self, client: FlowId, upstream: FlowId) {
        self.has_legs = true;
        for (leg, twin) in [(client, upstream), (upstream, client)] {
            let chunk = self.flows.get_mut(&(leg.0 / CHUNK)).map(Arc::make_mut);
            let place = fit::<u16, _>(leg.0 % CHUNK);
            if let Some(flow) = chunk.and_then(|chunk| chunk.iter_mut().find(|flow| flow.place == place)) {
                flow.twin = twin;
            }
        }
    }

    /// The other leg, if a flow is one of a relay.
    pub fn twin(&self, id: FlowId) -> Option<FlowId> {
        Some(self.packed(id)?.twin).filter(|twin| *twin != FlowId::NONE)
    }

    /// The side of a relay that a flow is on. A client comes before the connection that is made for it.
    pub fn leg(&self, id: FlowId) -> Option<Leg> {
        self.twin(id).map(|twin| if id < twin { Leg::Client } else { Leg::Upstream })
    }

    /// All flows, by their IDs.
    pub fn flows(&self) -> impl Iterator<Item = Flow> {
        let all = self.flows.iter().flat_map(|(n, chunk)| chunk.iter().map(move |packed| (*n, packed)));
        all.map(|(n, packed)| packed.unpack(FlowId(n * CHUNK + u32::from(packed.place))))
    }
}

/// Whether a message is complete according to its framing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Wholeness {
    /// It is complete.
    #[default]
    Whole,
    /// Its end has not arrived yet.
    Open,
    /// The flow ended before its end.
    CutOff,
    /// It exceeded the maximum length and was cut there.
    TooLong,
    /// Bytes that are invalid in this framing, such as an impossible length.
    Nonsense,
}

impl From<Verdict> for Wholeness {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Whole => Self::Whole,
            Verdict::CutOff => Self::CutOff,
            Verdict::TooLong => Self::TooLong,
            Verdict::Nonsense => Self::Nonsense,
        }
    }
}

/// One message: a run of bytes of one flow and direction in one or more records, or a record that is an
/// event. 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Message {
    first_low: u32,
    len: u32,
    span: u32,
    skip: u16,
    first_high: u8,
    wholeness: Wholeness,
}

const _: () = assert!(size_of::<Message>() == 16, "the index of messages must stay at 16 bytes a message");

impl Message {
    /// `len` bytes from byte `skip` of record `first` to record `last`, in the records in between with the
    /// same flow and direction. Record numbers are kept to 40 bits, the distance of the two to 32.
    pub fn new(first: u64, skip: u16, last: u64, len: u32, wholeness: Wholeness) -> Self {
        let first_low = u32::try_from(first & u64::from(u32::MAX)).unwrap_or_default();
        let first_high = u8::try_from(first >> 32 & 0xff).unwrap_or_default();
        let span = u32::try_from(last.saturating_sub(first)).unwrap_or(u32::MAX);
        Self { first_low, len, span, skip, first_high, wholeness }
    }

    /// An event, or a record that is a message by itself.
    pub fn record(n: u64, len: u16) -> Self {
        Self::new(n, 0, n, u32::from(len), Wholeness::Whole)
    }

    /// The number of the record in which it begins.
    pub fn first(&self) -> u64 {
        u64::from(self.first_high) << 32 | u64::from(self.first_low)
    }

    /// The offset in that record's payload at which it begins.
    pub fn skip(&self) -> u16 {
        self.skip
    }

    /// The number of the record in which it ends. Messages are listed in this order.
    pub fn last(&self) -> u64 {
        self.first() + u64::from(self.span)
    }

    /// Its length in bytes.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether its length is 0.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it is complete.
    pub fn wholeness(&self) -> Wholeness {
        self.wholeness
    }
}

/// A match of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hit {
    /// The number of the record or message.
    pub item: u64,
    /// The offset of the match in it.
    pub start: u32,
    /// The length of the match in bytes.
    pub len: u32,
}
