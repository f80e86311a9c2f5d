//! A capture in several files: nothing is lost or twice at the seams, each file stands by itself, old ones are removed.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use netassist::journal::{Frame, Reader, Writer};
use netassist::model::{
    Cast, Direction, Ending, FileTurn, Flow, FlowId, Gone, Index, Origin, Record, RecordKind, Recorder,
    Rotation, SessionNote, Stamp, Transport,
};

use super::tshark::{faults, tshark};
use super::{address, scan_all};

/// Data by flow and direction.
type Streams = BTreeMap<(FlowId, bool), Vec<u8>>;

/// Traffic with a clock of its own, and what a window learns of it.
struct Traffic {
    writer: Writer,
    reader: Reader,
    now: u64,
    flows: Vec<Flow>,
    sent: Streams,
    index: Index,
    records: Vec<Record>,
    turns: Vec<FileTurn>,
    seed: u64,
}

const START: u64 = 1_763_679_675_000_000_000;
const SECOND: u64 = 1_000_000_000;

fn rotation(text: &str, keep: Option<u32>) -> Rotation {
    Rotation { keep: keep.and_then(NonZeroU32::new), ..Rotation::parse(text).unwrap() }
}

impl Traffic {
    fn new(path: &Path, rotation: Rotation) -> Self {
        let mut writer = Writer::create_in_parts(path, rotation, Stamp(START)).unwrap();
        writer.begin("echo", "tcp-server 127.0.0.1:8080", Stamp(START));
        writer.host("example.org", "192.0.2.1".parse().unwrap());
        let reader = writer.reader();
        let (flows, sent, index) = (Vec::new(), Streams::new(), Index::default());
        let (records, turns) = (Vec::new(), Vec::new());
        Self { writer, reader, now: START, flows, sent, index, records, turns, seed: 1 }
    }

    fn random(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn at(&self) -> Stamp {
        Stamp(self.now)
    }

    fn flow(&mut self, transport: Transport, peer: &str, origin: Origin) -> FlowId {
        let at = self.at();
        let flow = self.writer.flow(transport, address("127.0.0.1:8080"), address(peer), origin, at);
        if transport == Transport::Tcp {
            self.writer.connected(flow.id, at);
        }
        self.index.add_flow(&flow);
        self.flows.push(flow.clone());
        flow.id
    }

    fn data(&mut self, flow: FlowId, direction: Direction, len: usize) {
        self.now += 12_345;
        let start = self.random(251);
        let bytes: Vec<u8> = (0..=250).cycle().skip(usize::try_from(start).unwrap()).take(len).collect();
        self.writer.data(flow, direction, Cast::Unicast, true, &bytes, self.at());
        self.sent.entry((flow, direction == Direction::Sent)).or_default().extend(bytes);
    }

    /// Data of these flows, in both directions.
    fn some(&mut self, flows: &[FlowId], n: usize, most: u64) {
        for _ in 0..n {
            let flow = flows[usize::try_from(self.random(flows.len() as u64)).unwrap()];
            let direction = if self.random(2) == 0 { Direction::Received } else { Direction::Sent };
            let len = usize::try_from(self.random(most)).unwrap() + 1;
            self.data(flow, direction, len);
        }
    }

    fn commit(&mut self) {
        self.writer.commit().unwrap();
        let mut records = Vec::new();
        self.writer.take_records(&mut records);
        self.index.extend(&records);
        self.records.extend(records);
        for turn in self.writer.take_turns() {
            if let FileTurn::Removed(gone) = &turn {
                self.index.remove(gone);
            }
            self.turns.push(turn);
        }
    }

    fn parts(&self) -> Vec<PathBuf> {
        self.reader.parts().into_iter().map(|part| part.path).collect()
    }
}

/// The data of records, read from the capture as a whole or from one file.
fn streams(reader: &Reader, records: &[Record]) -> Streams {
    let (mut all, mut frame) = (Streams::new(), Frame::default());
    let mut walk = reader.walk();
    for record in records.iter().filter(|record| record.kind.direction().is_some()) {
        reader.read(record, usize::MAX, &mut frame).unwrap();
        assert_eq!(walk.read(record).unwrap().payload, frame.payload);
        let way = (record.flow, record.kind == RecordKind::Sent);
        all.entry(way).or_default().extend_from_slice(&frame.payload);
    }
    all
}

/// What all files hold together, each read by itself. Their records are those of the live index.
fn read_by_themselves(parts: &[PathBuf], live: &[Record]) -> Streams {
    let mut all = Streams::new();
    let mut live = live.iter();
    for path in parts {
        let (index, end) = scan_all(path).unwrap();
        assert!(!end.torn);
        for (record, live) in index.records.iter().zip(live.by_ref()) {
            assert_eq!((record.flow, record.len, record.kind), (live.flow, live.len, live.kind));
        }
        for (way, bytes) in streams(&Reader::open(path).unwrap(), &index.records) {
            all.entry(way).or_default().extend(bytes);
        }
    }
    assert_eq!(live.count(), 0);
    all
}

#[test]
fn files_together_have_every_byte_once_and_each_stands_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut t = Traffic::new(&folder.path().join("run.pcapng"), rotation("100k", None));
    let accepted = t.flow(Transport::Tcp, "127.0.0.1:5000", Origin::Accepted);
    let connected = t.flow(Transport::Tcp, "[::ffff:192.0.2.1]:80", Origin::Connected);
    let datagrams = t.flow(Transport::Udp, "127.0.0.1:6000", Origin::Datagram);
    let all = [accepted, connected, datagrams];
    for round in 0..20 {
        t.some(&all, 20, 3000);
        t.some(&all, 1, 60_000);
        let short = t.flow(Transport::Tcp, &format!("127.0.0.1:{}", 7000 + round % 3), Origin::Accepted);
        t.some(&[short], 3, 100);
        t.now += 1000;
        let at = t.at();
        t.writer.ended(short, if round % 2 == 0 { Ending::PeerReset } else { Ending::PeerFin }, at);
        if round % 2 == 1 {
            t.data(short, Direction::Sent, 5);
            t.writer.ended(short, Ending::OwnFin, at);
        }
        t.writer.forget(short);
        if round % 5 == 0 {
            t.commit();
        }
    }
    t.writer.ended(accepted, Ending::PeerFin, t.at());
    t.some(&[connected], 60, 3000);
    t.data(accepted, Direction::Sent, 7);
    t.writer.ended(accepted, Ending::OwnFin, t.at());
    t.writer.finish(Some(0), t.at());
    t.commit();

    let parts = t.parts();
    assert!(parts.len() > 5, "{parts:?}");
    let into: Vec<FileTurn> = parts[1..].iter().map(|path| FileTurn::Into(path.clone())).collect();
    assert_eq!(t.turns, into);
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    for (n, path) in parts.iter().enumerate() {
        let name = name(path);
        let time = name.strip_prefix(&format!("run_{:05}_", n + 1)).unwrap().strip_suffix(".pcapng").unwrap();
        assert!(time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
        // A file may exceed its size by one record.
        assert!(fs::metadata(path).unwrap().len() < 170_000, "{name}");
        assert_eq!(faults(path), "", "{name}");
    }
    assert_eq!(streams(&t.reader, &t.records), t.sent, "read as one");
    assert_eq!(read_by_themselves(&parts, &t.records), t.sent, "each read by itself");
    // Flows keep their names and their time.
    for flow in scan_all(&parts[4]).unwrap().0.flows {
        assert_eq!(flow, t.flows[usize::try_from(flow.id.0).unwrap()]);
    }
    let (second, _) = scan_all(&parts[1]).unwrap();
    assert_eq!(second.openings[0].endpoint, "tcp-server 127.0.0.1:8080");
    let mut frame = Frame::default();
    Reader::open(&parts[1]).unwrap().read(&second.records[0], 999, &mut frame).unwrap();
    let before = scan_all(&parts[0]).unwrap().0.records.len() as u64;
    assert_eq!(frame.note, Some(SessionNote::Part(2, before)));
    // A connection that goes on is followed in each file.
    let answers = tshark(
        &parts[2],
        &["-Y", "tcp.flags.syn == 1 && tcp.port == 5000", "-T", "fields", "-e", "tcp.flags.ack"],
    );
    assert_eq!(answers.split_whitespace().collect::<Vec<_>>().len(), 2, "{answers}");
}

#[test]
fn a_day_is_split_by_its_hours_and_nothing_grows() {
    let folder = tempfile::tempdir().unwrap();
    let mut t = Traffic::new(&folder.path().join("day.pcapng"), rotation("1h", Some(3)));
    let long = t.flow(Transport::Tcp, "127.0.0.1:5000", Origin::Accepted);
    let mut kept = 0;
    for minute in 0..24 * 60_u16 {
        t.now = START + u64::from(minute) * 60 * SECOND;
        t.data(long, Direction::Received, 100);
        let short = t.flow(Transport::Tcp, &format!("127.0.0.1:{}", 10_000 + minute), Origin::Accepted);
        t.data(short, Direction::Sent, 50);
        t.writer.ended(short, Ending::OwnReset, t.at());
        t.writer.forget(short);
        t.commit();
        kept = kept.max(t.index.len() - t.index.first());
    }
    assert_eq!(t.turns.iter().filter(|turn| matches!(turn, FileTurn::Into(_))).count(), 23);
    assert_eq!(t.parts().len(), 3);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    // Four records a minute, and one a file.
    assert!(kept <= 3 * (4 * 60 + 1), "{kept} records of three hours");
    assert!(t.index.flows().count() <= 3 * 60 + 2, "{} flows", t.index.flows().count());
    assert!(t.index.flow(long).is_some() && t.index.flow(FlowId(1)).is_none());
    // Numbers stay, and what is left can be read.
    let first = t.index.first();
    assert_eq!((t.index.get(first - 1), t.index.len()), (None, t.records.len() as u64));
    let left = &t.records[usize::try_from(first).unwrap()..];
    assert_eq!(streams(&t.reader, left), read_by_themselves(&t.parts(), left));
    let error = t.reader.read(&t.records[0], 9, &mut Frame::default()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    for path in t.parts() {
        assert_eq!(faults(&path), "");
    }
}

#[test]
fn only_own_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "run_00007_20250101000000.pcapng",
        "run_00006_20250102000000.pcapng",
        "run_00009_20250101000000.txt",
        "run_00001_20250101.pcapng",
        "run_1_20250101000000.pcapng",
        "running_00001_20250101000000.pcapng",
        "run.pcapng",
        "run_x_00001_20250101000000.pcapng",
    ];
    for name in names {
        fs::write(folder.path().join(name), "theirs").unwrap();
    }
    fs::create_dir(folder.path().join("run_00002_20250101000000.pcapng")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("run.pcapng", folder.path().join("run_00003_20250101000000.pcapng")).unwrap();
    let marked = folder.path().join("run_00006_20250102000000.pcapng");
    let before = fs::read_dir(folder.path()).unwrap().count();
    fs::write(folder.path().join("run_00006_20250102000000.pcapng.keep"), "").unwrap();
    let mut t = Traffic::new(&folder.path().join("run.pcapng"), rotation("1k", Some(2)));
    let flow = t.flow(Transport::Udp, "127.0.0.1:6000", Origin::Datagram);
    for _ in 0..10 {
        t.some(&[flow], 2, 900);
        t.data(flow, Direction::Sent, 900);
        t.commit();
    }
    assert!(t.turns.len() > 8);
    assert!(!folder.path().join(names[0]).exists(), "a part of an earlier session");
    assert!(marked.exists(), "the user has marked it");
    for name in &names[2..] {
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), b"theirs", "{name}");
    }
    // One of theirs is gone; ours are two, and the mark.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before - 1 + 2 + 1);
    assert!(t.parts()[0].to_str().unwrap().contains("run_000"), "{:?}", t.parts());
}

#[test]
fn a_switch_that_fails_is_told_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("here");
    fs::create_dir(&place).unwrap();
    let mut t = Traffic::new(&place.join("run.pcapng"), rotation("1k", None));
    let flow = t.flow(Transport::Tcp, "127.0.0.1:5000", Origin::Accepted);
    let away = folder.path().join("away");
    fs::rename(&place, &away).unwrap();
    t.some(&[flow], 10, 900);
    t.commit();
    let failures = |t: &Traffic| t.turns.iter().filter(|turn| matches!(turn, FileTurn::Failed(_))).count();
    assert_eq!((failures(&t), t.parts().len()), (1, 1), "told once a second");
    t.now += 2 * SECOND;
    t.some(&[flow], 10, 900);
    t.commit();
    assert_eq!((failures(&t), t.parts().len()), (2, 1));
    fs::rename(&away, &place).unwrap();
    t.now += 2 * SECOND;
    t.some(&[flow], 10, 900);
    t.commit();
    assert!(t.parts().len() > 1);
    assert_eq!(streams(&t.reader, &t.records), t.sent);
    assert_eq!(read_by_themselves(&t.parts(), &t.records), t.sent);
}

#[test]
fn notes_stand_in_the_file_of_their_record() {
    let folder = tempfile::tempdir().unwrap();
    let mut t = Traffic::new(&folder.path().join("run.pcapng"), rotation("4k", Some(2)));
    let flow = t.flow(Transport::Udp, "127.0.0.1:6000", Origin::Datagram);
    while t.turns.len() < 4 {
        t.data(flow, Direction::Sent, 500);
        t.commit();
    }
    let parts = t.reader.parts();
    t.writer.annotate(parts[0].before.records + 2, "earlier", t.at());
    t.writer.annotate(parts[1].before.records, "the first here", t.at());
    t.writer.annotate(0, "removed", t.at());
    t.commit();
    let notes: Vec<_> = parts.iter().map(|part| scan_all(&part.path).unwrap().0.notes).collect();
    assert_eq!(notes, [[(2, "earlier".to_owned())].into(), [(0, "the first here".to_owned())].into()]);
    assert_eq!(streams(&t.reader, &t.records[usize::try_from(parts[0].before.records).unwrap()..]).len(), 1);
}

#[test]
fn a_capture_in_one_file_goes_on_in_parts_when_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let reader = writer.reader();
    writer.begin("x", "udp 127.0.0.1:1", Stamp(START));
    writer.rotate(Some(rotation("1k", Some(1))));
    let flow = writer.flow(
        Transport::Udp,
        address("127.0.0.1:1"),
        address("127.0.0.1:2"),
        Origin::Datagram,
        Stamp(START),
    );
    for n in 0..6 {
        writer.data(flow.id, Direction::Sent, Cast::Unicast, true, &[7; 600], Stamp(START + n));
    }
    writer.commit().unwrap();
    assert!(!path.exists(), "kept one");
    assert_eq!(reader.parts().len(), 1);
    let pinned = reader.pinned();
    let mut records = Vec::new();
    writer.take_records(&mut records);
    writer.rotate(None);
    for n in 0..6 {
        writer.data(flow.id, Direction::Sent, Cast::Unicast, true, &[8; 600], Stamp(START + n));
    }
    writer.commit().unwrap();
    assert_eq!(reader.parts(), pinned.parts());
    let turns = writer.take_turns();
    let gone =
        |turn: &FileTurn| matches!(turn, FileTurn::Removed(Gone { except, .. }) if *except == [flow.id]);
    assert!(turns.iter().any(gone), "{turns:?}");
    // What is pinned stays readable.
    fs::remove_file(&reader.parts()[0].path).unwrap();
    let mut frame = Frame::default();
    pinned.read(records.last().unwrap(), 9, &mut frame).unwrap();
    assert_eq!(frame.payload, [7; 9]);
}
