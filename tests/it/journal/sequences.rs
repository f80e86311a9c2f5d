//! Any sequence of calls is read back as it was written; any damage is survived.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use netassist::journal::{Frame, Reader, Writer};
use netassist::model::{
    Cast, Direction, Ending, Flow, FlowId, Origin, Record, RecordKind, Recorder, Stamp, Transport,
};
use proptest::prelude::*;

use super::{address, scan_all};

/// One call of the recorder. Flows are named by a number that is taken modulo those there are.
#[derive(Debug, Clone)]
pub(super) enum Call {
    Begin(String),
    Flow {
        tcp: bool,
        local: usize,
        peer: usize,
        origin: Origin,
    },
    /// The flow's datagrams have another local address from now on.
    Local(u8, usize),
    Connected(u8),
    Refused(u8, String),
    Data {
        flow: u8,
        sent: bool,
        cast: Cast,
        whole: bool,
        len: usize,
    },
    Ended(u8, Ending),
    Note(String),
    Host(String),
    Finish,
    Commit,
    /// The user's note on a record.
    Annotate(u64, String),
    /// A note on the record that the next call makes, if it makes one.
    Remark(String),
    /// Let some time pass, or go back.
    Time(i64),
}

const LOCALS: [&str; 4] = ["127.0.0.1:80", "[::]:80", "[::1]:80", "[::ffff:10.0.0.1]:80"];
const PEERS: [&str; 4] = ["127.0.0.1:5000", "[::1]:5000", "[::ffff:10.0.0.2]:5000", "127.0.0.1:80"];

pub(super) fn call() -> impl Strategy<Value = Call> {
    let origin = prop_oneof![Just(Origin::Connected), Just(Origin::Accepted), Just(Origin::Datagram)];
    let cast = prop_oneof![Just(Cast::Unicast), Just(Cast::Multicast), Just(Cast::Broadcast)];
    let ending = prop_oneof![
        Just(Ending::PeerFin),
        Just(Ending::OwnFin),
        Just(Ending::PeerReset),
        Just(Ending::OwnReset)
    ];
    let len = prop_oneof![6 => 0_usize..100, 2 => 100_usize..9000, 1 => 65_490_usize..200_000];
    let text = prop_oneof!["[ -~]{0,20}", "flow [0-3]", "\\PC{0,20}"];
    prop_oneof![
        1 => text.clone().prop_map(Call::Begin),
        4 => (any::<bool>(), 0..LOCALS.len(), 0..PEERS.len(), origin)
            .prop_map(|(tcp, local, peer, origin)| Call::Flow { tcp, local, peer, origin }),
        3 => any::<u8>().prop_map(Call::Connected),
        2 => (any::<u8>(), 0..LOCALS.len()).prop_map(|(flow, local)| Call::Local(flow, local)),
        1 => (any::<u8>(), text.clone()).prop_map(|(flow, text)| Call::Refused(flow, text)),
        9 => (any::<u8>(), any::<bool>(), cast, any::<bool>(), len)
            .prop_map(|(flow, sent, cast, whole, len)| Call::Data { flow, sent, cast, whole, len }),
        3 => (any::<u8>(), ending).prop_map(|(flow, how)| Call::Ended(flow, how)),
        2 => text.clone().prop_map(Call::Note),
        1 => text.prop_map(Call::Host),
        1 => Just(Call::Finish),
        2 => Just(Call::Commit),
        3 => (-5_i64..1_000_000_000).prop_map(Call::Time),
    ]
}

/// What was written, as the writer told it.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub(super) flows: Vec<Flow>,
    pub(super) records: Vec<Record>,
    /// The bytes of each flow and direction, and the datagrams.
    sent: BTreeMap<(FlowId, Direction), Vec<u8>>,
    notes: Vec<String>,
    /// The numbers of the first records of calls that got a remark, and whether the call was to say
    /// that a connection was made.
    pub(super) remarked: Vec<(u64, bool)>,
}

pub(super) fn perform(calls: &[Call], path: &Path) -> Live {
    let mut writer = Writer::create(path).unwrap();
    let mut live = Live::default();
    let mut now = Stamp(1_763_679_675_000_000_000);
    let mut byte = 0_u8;
    let mut remark = false;
    for call in calls {
        let recorded = writer.recorded();
        let pick = |n: u8| {
            let flows = u8::try_from(live.flows.len()).unwrap();
            (flows > 0).then(|| FlowId(u32::from(n % flows)))
        };
        match call {
            Call::Begin(title) => writer.begin(title, "tcp-server 127.0.0.1:80", now),
            Call::Flow { tcp, local, peer, origin } => {
                let transport = if *tcp { Transport::Tcp } else { Transport::Udp };
                let (local, peer) = (address(LOCALS[*local]), address(PEERS[*peer]));
                live.flows.push(writer.flow(transport, local, peer, *origin, now));
            }
            Call::Local(flow, local) => {
                let has_data = |flow: &FlowId| live.sent.keys().any(|(with_data, _)| with_data == flow);
                // A flow has the local address of its first packet.
                let Some(flow) = pick(*flow).filter(has_data) else { continue };
                writer.local(flow, address(LOCALS[*local]));
            }
            Call::Connected(flow) => {
                let Some(flow) = pick(*flow) else { continue };
                writer.connected(flow, now);
            }
            Call::Refused(flow, why) => {
                let Some(flow) = pick(*flow) else { continue };
                writer.refused(flow, why, now);
            }
            Call::Data { flow, sent, cast, whole, len } => {
                let Some(flow) = pick(*flow) else { continue };
                let direction = if *sent { Direction::Sent } else { Direction::Received };
                let bytes = std::iter::repeat_with(|| {
                    byte = byte.wrapping_mul(5).wrapping_add(1);
                    byte
                });
                let bytes = bytes.take(*len).collect::<Vec<_>>();
                writer.data(flow, direction, *cast, *whole, &bytes, now);
                live.sent.entry((flow, direction)).or_default().extend(bytes);
            }
            Call::Ended(flow, how) => {
                let Some(flow) = pick(*flow) else { continue };
                writer.ended(flow, *how, now);
            }
            Call::Note(text) => {
                writer.note(text, now);
                live.notes.push(text.clone());
            }
            Call::Host(name) => writer.host(name, address(PEERS[0]).ip()),
            Call::Finish => writer.finish(Some(3), now),
            Call::Commit => {
                writer.commit().unwrap();
                assert_eq!(fs::metadata(path).unwrap().len(), writer.committed_bytes());
            }
            Call::Annotate(record, text) => writer.annotate(*record, text, now),
            Call::Remark(text) => {
                writer.remark(text);
                remark = true;
                continue;
            }
            Call::Time(ns) => now = Stamp(now.0.saturating_add_signed(*ns)),
        }
        let describes = matches!(
            call,
            Call::Connected(_) | Call::Refused(..) | Call::Data { .. } | Call::Ended(..) | Call::Note(_)
        );
        if describes && std::mem::take(&mut remark) && writer.recorded() > recorded {
            live.remarked.push((recorded, matches!(call, Call::Connected(_))));
        }
        writer.take_records(&mut live.records);
    }
    writer.commit().unwrap();
    writer.take_records(&mut live.records);
    assert_eq!(fs::metadata(path).unwrap().len(), writer.committed_bytes());
    live
}

/// Those of the live flows that ever had a record.
pub(super) fn begun(live: &Live) -> Vec<Flow> {
    let has_record = |flow: &&Flow| {
        live.records.iter().any(|record| record.flow == flow.id && record.kind != RecordKind::Note)
    };
    live.flows.iter().filter(has_record).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_scan_equals_the_live_index(calls in prop::collection::vec(call(), 0..60)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcapng");
        let live = perform(&calls, &path);
        let (mut index, end) = scan_all(&path).unwrap();
        prop_assert!(!end.torn);
        prop_assert_eq!(end.end, fs::metadata(&path).unwrap().len());
        prop_assert_eq!(&index.records, &live.records);
        index.flows.sort_by_key(|flow| flow.id);
        prop_assert_eq!(&index.flows, &begun(&live));

        let reader = Reader::open(&path).unwrap();
        let mut frame = Frame::default();
        let mut walk = reader.walk();
        let mut last = Stamp(0);
        let mut sent = BTreeMap::<_, Vec<u8>>::new();
        let mut notes = Vec::new();
        for record in &live.records {
            reader.read(record, usize::MAX, &mut frame).unwrap();
            prop_assert!(frame.at >= last, "times go back");
            last = frame.at;
            prop_assert_eq!(frame.payload.len(), usize::from(record.len));
            match record.kind {
                RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => notes.push(String::from_utf8(frame.payload.clone()).unwrap()),
                RecordKind::Received | RecordKind::Sent => {
                    let key = (record.flow, record.kind.direction().unwrap());
                    sent.entry(key).or_default().extend_from_slice(&frame.payload);
                }
                RecordKind::Connected | RecordKind::Refused | RecordKind::Ended(_) => {}
            }
            let view = walk.read(record).unwrap();
            prop_assert_eq!(
                (view.at, view.cast, view.whole, &*view.comment, view.payload),
                (frame.at, frame.cast, frame.whole, &*frame.comment, &*frame.payload)
            );
            prop_assert_eq!(walk.payload(record).unwrap(), &*frame.payload);
            let whole = frame.payload.clone();
            reader.read(record, 10, &mut frame).unwrap();
            prop_assert_eq!(&frame.payload, &whole[..whole.len().min(10)]);
        }
        prop_assert_eq!(notes, live.notes);
        let mut expected = live.sent;
        expected.retain(|_, bytes| !bytes.is_empty());
        sent.retain(|_, bytes| !bytes.is_empty());
        prop_assert_eq!(sent, expected);
    }
}

#[test]
fn the_end_of_a_record_is_read_as_all_of_it_would_tell() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let (local, peer) = (address(LOCALS[0]), address(PEERS[0]));
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1)).id;
    let bytes: Vec<u8> = (0..60_000_u32).map(|n| n.to_le_bytes()[usize::from(n % 7 == 0)]).collect();
    for len in [1, 100, 5000, 60_000] {
        writer.data(flow, Direction::Received, Cast::Unicast, true, &bytes[..len], Stamp(2));
    }
    writer.commit().unwrap();
    let mut records = Vec::new();
    writer.take_records(&mut records);
    let reader = Reader::open(&path).unwrap();
    let (mut whole, mut end) = (Frame::default(), Frame::default());
    for record in records.iter().filter(|record| record.len > 0) {
        reader.read(record, usize::MAX, &mut whole).unwrap();
        for n in [0, 1, 4, 1024, 4999, 70_000] {
            reader.read_end(record, n, &mut end).unwrap();
            let from = whole.payload.len().saturating_sub(n);
            assert_eq!(end.payload, whole.payload[from..], "{n} of {}", record.len);
        }
    }
}

#[test]
fn why_a_connection_was_refused_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    // What is written between the call and its answer makes the writer name the flow on the SYN.
    let calls = [
        Call::Flow { tcp: true, local: 0, peer: 0, origin: Origin::Connected },
        Call::Time(1000),
        Call::Note("meanwhile".to_owned()),
        Call::Refused(0, "nobody listens".to_owned()),
    ];
    let live = perform(&calls, &path);
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.windows(7).any(|part| part == b"flow 0,"), "the SYN has a comment, too");
    let reader = Reader::open(&path).unwrap();
    let mut frame = Frame::default();
    reader.read(&live.records[1], usize::MAX, &mut frame).unwrap();
    assert_eq!(frame.comment, "nobody listens");
    assert_eq!(reader.walk().read(&live.records[1]).unwrap().comment, "nobody listens");
}

#[test]
fn a_walk_may_go_anywhere_and_the_file_may_grow() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let (local, peer) = (address(LOCALS[0]), address(PEERS[0]));
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1)).id;
    let reader = Reader::open(&path).unwrap();
    let mut walk = reader.walk();
    let mut frame = Frame::default();
    let mut records = Vec::new();
    for round in 0..6_u8 {
        for n in 0..200_u8 {
            let len = if n % 50 == round { 60_000 } else { 100 + usize::from(n) };
            let bytes = vec![n ^ round; len];
            writer.data(flow, Direction::Received, Cast::Unicast, true, &bytes, Stamp(2));
        }
        writer.commit().unwrap();
        writer.take_records(&mut records);
        // Forward, with leaps of several lengths, and back again.
        for step in [1, 7, 60] {
            for record in records.iter().step_by(step).chain(records.iter().rev().step_by(90)) {
                reader.read(record, usize::MAX, &mut frame).unwrap();
                assert_eq!(walk.read(record).unwrap().payload, frame.payload);
            }
        }
    }
}
