//! The index of one session's records, and of the messages that a framing cuts them into.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Chunked, Flow, FlowId, Record};

/// What there is in a capture, 16 bytes a record. A clone is a snapshot that shares memory.
#[derive(Debug, Clone, Default)]
pub struct Index {
    records: Chunked<Record>,
    flows: Arc<HashMap<FlowId, Flow>>,
}

impl Index {
    /// How many records there are.
    pub fn len(&self) -> u64 {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Record number `n`, from 0.
    pub fn get(&self, n: u64) -> Option<Record> {
        self.records.get(n)
    }

    /// All records, as a list.
    pub fn records(&self) -> &Chunked<Record> {
        &self.records
    }

    /// Appends records, in order.
    pub fn extend(&mut self, records: &[Record]) {
        self.records.extend_from_slice(records);
    }

    /// Takes down a flow.
    pub fn add_flow(&mut self, flow: Flow) {
        Arc::make_mut(&mut self.flows).insert(flow.id, flow);
    }

    /// The flow of that name, if it is known.
    pub fn flow(&self, id: FlowId) -> Option<&Flow> {
        self.flows.get(&id)
    }

    /// All flows, in no order.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.flows.values()
    }
}

/// Whether a message is what its framing calls one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Wholeness {
    /// It is.
    #[default]
    Whole,
    /// Its end has not come yet.
    Open,
    /// The flow ended before its end came.
    CutOff,
    /// It was longer than a message may be, and cut there.
    TooLong,
    /// Bytes that make no sense in this framing: a length that cannot be.
    Nonsense,
}

/// One message: a run of bytes of one flow and direction over one or many records; or a record that is
/// an event. 16 bytes.
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
    /// `len` bytes that begin at byte `skip` of record `first` and end in record `last`, in those
    /// records between that have the flow and the direction of the first. Of numbers of records the
    /// lowest 40 bits are kept, of the distance between the two 32.
    pub fn new(first: u64, skip: u16, last: u64, len: u32, wholeness: Wholeness) -> Self {
        let first_low = u32::try_from(first & u64::from(u32::MAX)).unwrap_or_default();
        let first_high = u8::try_from(first >> 32 & 0xff).unwrap_or_default();
        let span = u32::try_from(last.saturating_sub(first)).unwrap_or(u32::MAX);
        Self { first_low, len, span, skip, first_high, wholeness }
    }

    /// An event, or a record that is a message as it is.
    pub fn record(n: u64, len: u16) -> Self {
        Self::new(n, 0, n, u32::from(len), Wholeness::Whole)
    }

    /// The number of the record in which it begins.
    pub fn first(&self) -> u64 {
        u64::from(self.first_high) << 32 | u64::from(self.first_low)
    }

    /// The byte of that record's payload with which it begins.
    pub fn skip(&self) -> u16 {
        self.skip
    }

    /// The number of the record in which it ends. Messages are listed in this order.
    pub fn last(&self) -> u64 {
        self.first() + u64::from(self.span)
    }

    /// How many bytes it has.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it is whole.
    pub fn wholeness(&self) -> Wholeness {
        self.wholeness
    }
}

/// A place where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hit {
    /// The number of the item: of a record, or of a message.
    pub item: u64,
    /// The byte of the item at which it begins.
    pub start: u32,
    /// How many bytes it has.
    pub len: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_position() {
        let message = Message::new(0x12_3456_789a, 65_535, 0x12_3456_79aa, 77, Wholeness::CutOff);
        assert_eq!((message.first(), message.last()), (0x12_3456_789a, 0x12_3456_79aa));
        assert_eq!((message.skip(), message.len(), message.wholeness()), (65_535, 77, Wholeness::CutOff));
        assert_eq!(Message::record(5, 9), Message::new(5, 0, 5, 9, Wholeness::Whole));
    }
}
