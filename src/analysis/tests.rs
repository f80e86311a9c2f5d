//! Filter and search on captures made by the writer, against a simple reference that reads each item by
//! itself.

mod filter;
mod search;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::codec::Charset;
use crate::codec::frame::Framing;
use crate::codec::query::{CaseRule, Query, QueryKind};
use crate::journal::{Reader, Writer};
use crate::model::{
    Cast, Chunked, Direction, Ending, FlowId, Index, Message, Origin, RecordKind, Recorder as _, Stamp,
    Transport,
};

/// An event on the wire.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Data(usize, Direction, Vec<u8>),
    End(usize, Ending),
    Refused(String),
    Note(String),
}

/// TCP, TCP, UDP.
pub(super) const FLOWS: usize = 3;
pub(super) const UDP: usize = 2;

pub(super) struct Capture {
    pub(super) index: Index,
    pub(super) reader: Reader,
    pub(super) _folder: TempDir,
}

/// Writes the steps, two nanoseconds apart.
fn written(steps: &[Step]) -> Capture {
    written_every(2, steps)
}

/// Writes the steps, this many nanoseconds apart.
pub(super) fn written_every(nanos: u64, steps: &[Step]) -> Capture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let mut index = Index::default();
    let mut flow = |writer: &mut Writer, n: usize| {
        let transport = if n == UDP { Transport::Udp } else { Transport::Tcp };
        let peer = ([127, 0, 0, 1], 1 + u16::try_from(n).unwrap()).into();
        let flow = writer.flow(transport, "127.0.0.1:9".parse().unwrap(), peer, Origin::Connected, Stamp(1));
        index.add_flow(&flow);
        flow.id
    };
    let flows: Vec<FlowId> = (0..FLOWS).map(|n| flow(&mut writer, n)).collect();
    for (n, step) in steps.iter().enumerate() {
        let at = Stamp(nanos * n as u64);
        match step {
            Step::Data(flow, way, bytes) => {
                writer.data(flows[*flow], *way, Cast::Unicast, true, bytes, at);
            }
            Step::End(flow, how) => writer.ended(flows[*flow], *how, at),
            Step::Refused(why) => {
                let id = flow(&mut writer, 10 + n);
                writer.refused(id, why, at);
            }
            Step::Note(text) => writer.note(text, at),
        }
    }
    writer.commit().unwrap();
    let mut records = Vec::new();
    writer.take_records(&mut records);
    index.extend(&records);
    Capture { index, reader: Reader::open(&path).unwrap(), _folder: folder }
}

fn step() -> impl Strategy<Value = Step> {
    let way = prop_oneof![2 => Just(Direction::Received), 1 => Just(Direction::Sent)];
    let bytes = prop::collection::vec(prop::sample::select(b"aaabbb\n".to_vec()), 0..7);
    let how = prop_oneof![Just(Ending::PeerFin), Just(Ending::OwnReset)];
    prop_oneof![
        20 => (0..FLOWS, way, bytes).prop_map(|(flow, way, bytes)| Step::Data(flow, way, bytes)),
        1 => (0..FLOWS, how).prop_map(|(flow, how)| Step::End(flow, how)),
        1 => "[ab]{0,4}".prop_map(Step::Refused),
        2 => "[ab]{0,4}".prop_map(Step::Note),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..40)
}

/// The state of a capture after some of its records: the index, and the messages of a framing.
struct Moment {
    index: Index,
    messages: Option<Chunked<Message>>,
    open: Vec<Message>,
}

impl Moment {
    fn items<'a>(&'a self, reader: &'a Reader, passed: Option<&'a Chunked<u32>>) -> Items<'a> {
        let source = Source { index: &self.index, reader };
        Items { source, messages: self.messages.as_ref(), open: &self.open, passed }
    }
}

/// The state after each of some numbers of records, the last of which is all.
fn moments(capture: &Capture, cuts: &[usize], framing: Option<&Framing>) -> Vec<Moment> {
    let records: Vec<_> = capture.index.records().slices(0).flatten().copied().collect();
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (records.len() + 1)).collect();
    ends.push(records.len());
    ends.sort_unstable();
    let mut framer = framing.map(CaptureFramer::new);
    let mut messages = Chunked::default();
    let mut at_end = |end: usize| {
        let mut index = Index::default();
        capture.index.flows().for_each(|flow| index.add_flow(&flow));
        index.extend(&records[..end]);
        let Some(framer) = &mut framer else { return Moment { index, messages: None, open: Vec::new() } };
        let mut out = Vec::new();
        while framer.advance(&index, &capture.reader, &mut out).unwrap() == Progress::More {}
        messages.extend_from_slice(&out);
        Moment { index, messages: Some(messages.clone()), open: framer.tails() }
    };
    ends.into_iter().map(&mut at_end).collect()
}

/// An item read by itself: its kind, flow, and data or text.
fn read(items: &Items<'_>, item: &Message) -> (RecordKind, FlowId, Vec<u8>) {
    let mut piece = Piece::default();
    items.source.read(item, usize::MAX, &mut piece).unwrap();
    let bytes = if piece.kind == RecordKind::Refused { piece.comment.into_bytes() } else { piece.bytes };
    (piece.kind, piece.flow, bytes)
}

fn query(kind: QueryKind, text: &str) -> Query {
    Query::parse(kind, text, Charset::Utf8, CaseRule::Exact).unwrap()
}
