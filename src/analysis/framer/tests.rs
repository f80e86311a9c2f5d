//! The capture framer on captures made by the writer, against the plain framer on each whole stream.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::analysis::tests::{Capture, FLOWS, Step, UDP, written_every};
use crate::analysis::{Piece, Source};
use crate::journal::{Frame, Writer};
use crate::model::{Cast, Ending, Origin, Recorder as _, Stamp, Wholeness};

/// Writes the steps, two microseconds apart.
fn written(steps: &[Step]) -> Capture {
    written_every(2_000, steps)
}

/// The messages of one stream: bytes, and whether they are whole.
type Messages = Vec<(Vec<u8>, Wholeness)>;

/// The messages of each flow and direction, by the plain framer.
fn expected(framing: &Framing, capture: &Capture) -> BTreeMap<(FlowId, Direction), Messages> {
    let source = Source { index: &capture.index, reader: &capture.reader };
    let mut piece = Piece::default();
    let mut reads: BTreeMap<_, Vec<(u64, Vec<u8>)>> = BTreeMap::new();
    let mut found: BTreeMap<_, Messages> = BTreeMap::new();
    let mut sends: BTreeMap<_, Vec<u8>> = BTreeMap::new();
    let ends_with_send = matches!(framing, Framing::Line | Framing::Delimiter(_));
    for n in 0..capture.index.len() {
        source.read(&source.record(n).unwrap(), usize::MAX, &mut piece).unwrap();
        let flow = piece.flow;
        match piece.kind {
            RecordKind::Received | RecordKind::Sent => {
                let key = (flow, piece.direction().unwrap());
                let is_datagram = capture.index.flow(flow).unwrap().transport == Transport::Udp;
                if is_datagram || ends_with_send && key.1 == Direction::Sent {
                    let mut frame = Frame::default();
                    capture.reader.read(&capture.index.get(n).unwrap(), 0, &mut frame).unwrap();
                    sends.entry(key).or_default().extend(&piece.bytes);
                    if !is_datagram && !frame.whole {
                        continue;
                    }
                    let mut framer = Framer::new(framing);
                    let (bytes, messages) = (&sends.remove(&key).unwrap(), found.entry(key).or_default());
                    let mut start = 0;
                    let mut cut = |cut: Cut| {
                        let end = usize::try_from(cut.end).unwrap();
                        messages.push((bytes[start..end].to_vec(), cut.verdict.into()));
                        start = end;
                    };
                    framer.push(bytes, 0, &mut cut);
                    framer.finish_datagram(&mut cut);
                    if bytes.is_empty() {
                        messages.push((Vec::new(), Wholeness::Whole));
                    }
                } else {
                    reads.entry(key).or_default().push((piece.at.0, piece.bytes.clone()));
                }
            }
            RecordKind::Ended(how) => {
                for key in how.directions().iter().map(|way| (flow, *way)) {
                    if let Some(reads) = reads.remove(&key) {
                        let ended = of_stream(framing, reads, Wholeness::CutOff);
                        found.entry(key).or_default().extend(ended);
                    }
                }
            }
            RecordKind::Connected
            | RecordKind::Refused
            | RecordKind::Note
            | RecordKind::Charset(_)
            | RecordKind::WebSocket => {}
        }
    }
    for (key, reads) in reads {
        found.entry(key).or_default().extend(of_stream(framing, reads, Wholeness::Open));
    }
    found
}

/// The messages of one stream, and the condition of what is left.
fn of_stream(framing: &Framing, mut reads: Vec<(u64, Vec<u8>)>, rest: Wholeness) -> Messages {
    let all = reads.iter().map(|(_, bytes)| bytes.as_slice()).collect::<Vec<_>>().concat();
    if !matches!(framing, Framing::Idle(_) | Framing::AsReceived) {
        reads = vec![(0, all.clone())];
    }
    let mut framer = Framer::new(framing);
    let mut cuts = Vec::new();
    for (at, bytes) in reads {
        framer.push(&bytes, at, &mut |cut| cuts.push((cut.end, cut.verdict.into())));
    }
    if rest == Wholeness::CutOff {
        framer.finish(&mut |cut| cuts.push((cut.end, cut.verdict.into())));
    } else if framer.open_since() < framer.position() {
        cuts.push((framer.position(), rest));
    }
    let mut start = 0;
    let message = |(end, wholeness)| {
        let end = usize::try_from(end).unwrap();
        (all[std::mem::replace(&mut start, end)..end].to_vec(), wholeness)
    };
    cuts.into_iter().map(message).collect()
}

/// All messages of a capture, in steps of this many records and bytes.
fn messages(framing: &Framing, capture: &Capture, step: (u64, u64)) -> (Vec<Message>, Vec<Message>) {
    let mut framer = CaptureFramer::new(framing);
    let mut found = Vec::new();
    while framer.step(&capture.index, &capture.reader, step, &mut found).unwrap() == Progress::More {}
    assert_eq!(framer.reached(), capture.index.len());
    (found, framer.tails())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let way = prop_oneof![3 => Just(Direction::Received), 1 => Just(Direction::Sent)];
    let byte = prop_oneof![6 => 0_u8..5, 2 => Just(b'\r'), 2 => Just(b'\n'), 1 => any::<u8>()];
    let bytes = prop_oneof![
        90 => prop::collection::vec(byte, 0..12),
        // More than fits into one record.
        1 => (any::<u8>(), 60_000_usize..140_000).prop_map(|(byte, len)| vec![byte; len]),
    ];
    let how = prop_oneof![
        Just(Ending::PeerFin),
        Just(Ending::OwnFin),
        Just(Ending::PeerReset),
        Just(Ending::OwnReset)
    ];
    let step = prop_oneof![
        20 => (0..FLOWS, way, bytes).prop_map(|(flow, way, bytes)| Step::Data(flow, way, bytes)),
        1 => (0..UDP, how).prop_map(|(flow, how)| Step::End(flow, how)),
        1 => Just(Step::Note("noted".to_owned())),
    ];
    prop::collection::vec(step, 0..40)
}

fn framings() -> impl Strategy<Value = Framing> {
    prop_oneof![
        Just("none"),
        Just("line"),
        Just("delimiter:00"),
        Just("delimiter:0001"),
        Just("delimiter:000000"),
        Just("fixed:1"),
        Just("fixed:7"),
        Just("fixed:70000"),
        Just("length:0:1:be"),
        Just("length:0:2:be:max=64"),
        Just("length:1:4:le:-2:whole:max=9"),
        Just("length:3:8:be:max=100000"),
        Just("idle:3us"),
        Just("idle:9us"),
    ]
    .prop_map(|text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn messages_are_those_of_each_stream_as_a_whole(
        framing in framings(), steps in steps(), records in 1_u64..20, bytes in 1_u64..100_000,
    ) {
        let capture = written(&steps);
        let (found, tails) = messages(&framing, &capture, (STEP_RECORDS, STEP_BYTES));
        prop_assert!(found.is_sorted_by_key(Message::last), "{:?}", found);
        prop_assert!(tails.is_sorted_by_key(Message::last), "{:?}", tails);
        prop_assert_eq!(&(found.clone(), tails.clone()), &messages(&framing, &capture, (records, bytes)));

        let source = Source { index: &capture.index, reader: &capture.reader };
        let mut piece = Piece::default();
        let mut of_streams: BTreeMap<_, Messages> = BTreeMap::new();
        let mut events = Vec::new();
        for message in found.iter().chain(&tails) {
            source.read(message, usize::MAX, &mut piece).unwrap();
            match piece.direction() {
                Some(way) => {
                    prop_assert_eq!(piece.bytes.len(), message.len() as usize);
                    let key = (piece.flow, way);
                    of_streams.entry(key).or_default().push((piece.bytes.clone(), piece.wholeness));
                }
                None => events.push(*message),
            }
        }
        prop_assert_eq!(of_streams, expected(&framing, &capture));
        let is_event = |record: &Message| source.head(record).unwrap().0.direction().is_none();
        let all = (0..capture.index.len()).map(|n| source.record(n).unwrap());
        prop_assert_eq!(events, all.filter(is_event).collect::<Vec<_>>());
    }

    #[test]
    fn newer_snapshots_continue(framing in framings(), steps in steps(), each in 1_usize..9) {
        let capture = written(&steps);
        let mut framer = CaptureFramer::new(&framing);
        let mut found = Vec::new();
        let mut growing = Index::default();
        capture.index.flows().for_each(|flow| growing.add_flow(&flow));
        let records: Vec<Record> = capture.index.records().slices(0).flatten().copied().collect();
        for part in records.chunks(each) {
            growing.extend(part);
            let progress = framer.advance(&growing.clone(), &capture.reader, &mut found).unwrap();
            prop_assert_eq!(progress, Progress::CaughtUp);
        }
        prop_assert_eq!((found, framer.tails()), messages(&framing, &capture, (STEP_RECORDS, STEP_BYTES)));
    }
}

#[test]
fn ended_streams_are_forgotten() {
    let bytes = || b"\x00open".to_vec();
    let data = |way| Step::Data(0, way, bytes());
    let (rx, tx) = (Direction::Received, Direction::Sent);
    for (ends, left) in [
        (&[][..], 2),
        (&[Ending::PeerFin], 1),
        (&[Ending::OwnFin], 1),
        (&[Ending::OwnFin, Ending::PeerFin], 0),
        (&[Ending::PeerReset], 0),
        (&[Ending::OwnReset], 0),
    ] {
        let mut steps = vec![data(rx), data(tx), Step::Data(UDP, rx, bytes())];
        steps.extend(ends.iter().map(|how| Step::End(0, *how)));
        let capture = written(&steps);
        let mut framer = CaptureFramer::new(&Framing::Fixed(9));
        let mut found = Vec::new();
        framer.advance(&capture.index, &capture.reader, &mut found).unwrap();
        assert_eq!((framer.streams.len(), framer.tails().len()), (left, left), "{ends:?}");
        let cut_off = found.iter().filter(|message| message.wholeness() == Wholeness::CutOff).count();
        assert_eq!(cut_off, 2 - left + 1, "{ends:?}, and the datagram");
    }
}

#[test]
fn records_remembered_for_a_header_are_bounded() {
    // One byte per record, without a valid header.
    let steps: Vec<Step> = (0..3_000).map(|_| Step::Data(0, Direction::Received, vec![0xff])).collect();
    let capture = written(&steps);
    let mut framer = CaptureFramer::new(&"length:1024:8:be".parse().unwrap());
    let mut found = Vec::new();
    framer.advance(&capture.index, &capture.reader, &mut found).unwrap();
    let remembered: Vec<usize> = framer.streams.values().map(Stream::remembered).collect();
    assert!(remembered[0] <= 1_032, "{remembered:?}");
    assert_eq!(framer.tails().first().map(Message::len), Some(3_000));
}

#[test]
fn an_unreadable_record_is_tried_again() {
    let steps = [b"a\nb".to_vec(), b"c\nd".to_vec()].map(|bytes| Step::Data(0, Direction::Received, bytes));
    let capture = written(&steps);
    let mut broken = Index::default();
    capture.index.flows().for_each(|flow| broken.add_flow(&flow));
    let mut records: Vec<Record> = capture.index.records().slices(0).flatten().copied().collect();
    records[2].offset += 4;
    broken.extend(&records);
    let mut framer = CaptureFramer::new(&Framing::Line);
    let mut found = Vec::new();
    for _ in 0..2 {
        framer.advance(&broken, &capture.reader, &mut found).unwrap_err();
        assert_eq!((framer.reached(), found.len()), (2, 2), "{found:?}");
    }
    framer.advance(&capture.index, &capture.reader, &mut found).unwrap();
    assert_eq!((found, framer.tails()), messages(&Framing::Line, &capture, (1, 1)));
}

#[test]
fn no_message_continues_over_missing_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("a.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let mut index = Index::default();
    let local = "127.0.0.1:9".parse().unwrap();
    let peers = ["127.0.0.1:1", "127.0.0.1:2"].map(|peer| peer.parse().unwrap());
    let flows = peers.map(|peer| {
        let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1));
        index.add_flow(&flow);
        writer.connected(flow.id, Stamp(2));
        flow.id
    });
    let missing = |from, to| SessionNote::Missing(3, from, to);
    let data = |writer: &mut Writer, text: &[u8]| {
        for flow in flows {
            for way in [Direction::Received, Direction::Sent] {
                writer.data(flow, way, Cast::Unicast, text.ends_with(b"\n"), text, Stamp(3));
            }
        }
    };
    data(&mut writer, b"ab");
    writer.session_note(missing(peers[1], local), Stamp(4));
    writer.session_note(missing(local, peers[0]), Stamp(5));
    // The same words without the code are only a text.
    writer.note(&missing(peers[0], local).to_string(), Stamp(6));
    data(&mut writer, b"c\n");
    writer.commit().unwrap();
    let mut records = Vec::new();
    writer.take_records(&mut records);
    index.extend(&records);
    let capture = Capture { index, reader: Reader::open(&path).unwrap(), _folder: folder };
    let (found, tails) = messages(&Framing::Line, &capture, (STEP_RECORDS, STEP_BYTES));
    assert_eq!(tails, []);
    let source = Source { index: &capture.index, reader: &capture.reader };
    let mut piece = Piece::default();
    let mut shown = Vec::new();
    for message in &found {
        source.read(message, 9, &mut piece).unwrap();
        if let Some(way) = piece.direction() {
            shown.push((piece.flow, way, String::from_utf8(piece.bytes.clone()).unwrap(), piece.wholeness));
        }
    }
    let (rx, tx) = (Direction::Received, Direction::Sent);
    let expected = [
        (flows[1], rx, "ab", Wholeness::CutOff),
        (flows[0], tx, "ab", Wholeness::CutOff),
        (flows[0], rx, "abc\n", Wholeness::Whole),
        (flows[0], tx, "c\n", Wholeness::Whole),
        (flows[1], rx, "c\n", Wholeness::Whole),
        (flows[1], tx, "abc\n", Wholeness::Whole),
    ];
    assert_eq!(shown, expected.map(|(flow, way, text, whole)| (flow, way, text.to_owned(), whole)));
}

#[test]
fn what_is_sent_at_once_ends_with_it_but_in_a_relay() {
    let (rx, tx) = (Direction::Received, Direction::Sent);
    let said = [(tx, "one"), (rx, "ha"), (tx, "two\nthree"), (rx, "lf\n"), (tx, "four\n")];
    let steps: Vec<Step> =
        said.iter().map(|(way, text)| Step::Data(0, *way, text.as_bytes().to_vec())).collect();
    let mut capture = written(&steps);
    let mut texts = |framing: &str, paired: bool| {
        if paired {
            capture.index.pair(FlowId(0), FlowId(1));
        }
        let (found, _) = messages(&framing.parse().unwrap(), &capture, (STEP_RECORDS, STEP_BYTES));
        let source = Source { index: &capture.index, reader: &capture.reader };
        let mut piece = Piece::default();
        let mut text = |message: &Message| {
            source.read(message, 99, &mut piece).unwrap();
            let whole = if piece.wholeness == Wholeness::Whole { "" } else { " !" };
            piece.direction().map(|_| String::from_utf8_lossy(&piece.bytes).into_owned() + whole)
        };
        found.iter().filter_map(&mut text).collect::<Vec<_>>()
    };
    let alone = ["one", "two\n", "three", "half\n", "four\n"];
    assert_eq!(texts("line", false), alone);
    assert_eq!(texts("delimiter:0A", false), alone);
    assert_eq!(texts("fixed:8", false), ["onetwo\nt", "hreefour"], "a length says itself where it ends");
    assert_eq!(texts("line", true), ["onetwo\n", "half\n", "threefour\n"], "what is passed on is a stream");
}
