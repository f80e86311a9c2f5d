//! Connections with a layer such as TLS: what is on the wire and what it carries, on two interfaces of one opening.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use netassist::journal::{Frame, Reader, Reading, Scanner, Writer};
use netassist::model::{
    Cast, Direction, Direction::Received, Direction::Sent, Ending, Flow, FlowId, Origin, Record, RecordKind,
    Recorder as _, Rotation, SessionNote, Stamp, TlsNote, Transport,
};

use super::open::{open_all, open_as};
use super::tshark::{faults, tshark};
use super::{Index, address, scan_all};

/// A capture in the making.
struct Script {
    writer: Writer,
    now: u64,
    flows: Vec<Flow>,
}

const START: u64 = 1_763_679_675_000_000_000;

impl Script {
    fn over(mut writer: Writer) -> Self {
        writer.begin("secure", "tcp-server 127.0.0.1:443", Stamp(START));
        Self { writer, now: START, flows: Vec::new() }
    }

    fn new(path: &Path) -> Self {
        Self::over(Writer::create(path).unwrap())
    }

    fn tick(&mut self) -> Stamp {
        self.now += 1_000_000;
        Stamp(self.now)
    }

    fn flow(&mut self, local: &str, peer: &str, origin: Origin) -> FlowId {
        let at = self.tick();
        let flow = self.writer.flow(Transport::Tcp, address(local), address(peer), origin, at);
        self.writer.connected(flow.id, at);
        self.flows.push(flow.clone());
        flow.id
    }

    fn layered(&mut self, flow: FlowId) {
        let at = self.tick();
        self.writer.layered(flow, at);
    }

    fn data(&mut self, flow: FlowId, direction: Direction, bytes: &[u8]) {
        let at = self.tick();
        self.writer.data(flow, direction, Cast::Unicast, true, bytes, at);
    }

    fn wire(&mut self, flow: FlowId, direction: Direction, bytes: &[u8]) {
        let at = self.tick();
        self.writer.wire(flow, direction, bytes, at);
    }

    /// An exchange in both layers, as a session with TLS records it.
    fn exchange(&mut self, flow: FlowId, text: &str) {
        self.wire(flow, Received, format!("wire {text}").as_bytes());
        self.data(flow, Received, text.as_bytes());
        self.wire(flow, Sent, format!("wire re {text}").as_bytes());
        self.data(flow, Sent, format!("re {text}").as_bytes());
    }

    fn end(&mut self, flow: FlowId) {
        for how in [Ending::PeerFin, Ending::OwnFin] {
            let at = self.tick();
            self.writer.ended(flow, how, at);
            self.writer.wire_ended(flow, how, at);
        }
        self.writer.forget(flow);
    }

    fn finish(mut self) -> Vec<Record> {
        let at = self.tick();
        self.writer.finish(None, at);
        self.writer.commit().unwrap();
        let mut records = Vec::new();
        self.writer.take_records(&mut records);
        records
    }
}

/// What is on the wire, by a scan.
fn scan_wire(path: &Path) -> Index {
    let mut index = Index::default();
    let file = std::fs::File::open(path).unwrap();
    Scanner::of_wire()
        .advance(&file, (0, u64::MAX), &mut |batch| {
            index.openings.extend(batch.openings);
            index.flows.extend(batch.flows);
            index.records.extend(batch.records);
            index.notes.extend(batch.notes);
            ControlFlow::Continue(())
        })
        .unwrap();
    index
}

/// The bytes of one direction of a flow.
fn bytes(path: &Path, records: &[Record], flow: FlowId, kind: RecordKind) -> String {
    let reader = Reader::open(path).unwrap();
    let (mut frame, mut bytes) = (Frame::default(), Vec::new());
    for record in records.iter().filter(|record| (record.flow, record.kind) == (flow, kind)) {
        reader.read(record, usize::MAX, &mut frame).unwrap();
        bytes.extend_from_slice(&frame.payload);
    }
    String::from_utf8(bytes).unwrap()
}

/// A session in which one connection has TLS from the start, one later, one never, and one comes from the port of the
/// first.
fn session(path: &Path, again: &str) -> (Vec<Record>, Vec<Flow>) {
    let mut script = Script::new(path);
    let v4 = script.flow("127.0.0.1:443", "127.0.0.1:1000", Origin::Accepted);
    script.layered(v4);
    script.writer.secrets("CLIENT_RANDOM 00 11\n", Stamp(script.now));
    let v6 = script.flow("[2001:db8::1]:443", "[fe80::9]:1001", Origin::Accepted);
    let plain = script.flow("127.0.0.1:443", "127.0.0.1:1002", Origin::Accepted);
    script.data(v6, Received, b"STARTTLS\r\n");
    script.exchange(v4, "one");
    script.data(plain, Received, b"in the clear");
    script.layered(v6);
    script.exchange(v6, "two");
    script.exchange(v4, &"x".repeat(70_000));
    script.writer.annotate(5, "a note", Stamp(script.now));
    script.end(v4);
    let again = script.flow("127.0.0.1:443", again, Origin::Accepted);
    script.data(again, Sent, b"220 hello");
    script.layered(again);
    script.exchange(again, "three");
    script.exchange(v6, "four");
    script.end(v6);
    script.end(again);
    script.end(plain);
    let flows = script.flows.clone();
    (script.finish(), flows)
}

#[test]
fn both_layers_are_one_opening_and_only_what_is_decrypted_is_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tls.pcapng");
    let (written, flows) = session(&path, "127.0.0.1:1000");
    let (found, _) = scan_all(&path).unwrap();
    assert_eq!(found.openings.len(), 1, "{:?}", found.openings);
    assert_eq!(found.openings[0].title, "secure");
    assert_eq!(found.records, written);
    assert_eq!(found.flows, flows);
    assert_eq!(found.notes[&5], "a note");
    let [v4, v6, plain, again] = [0, 1, 2, 3].map(FlowId);
    let text = |flow, kind| bytes(&path, &found.records, flow, kind);
    assert_eq!(text(v4, RecordKind::Received), format!("one{}", "x".repeat(70_000)));
    assert_eq!(text(v6, RecordKind::Received), "STARTTLS\r\ntwofour");
    assert_eq!(text(v6, RecordKind::Sent), "re twore four");
    assert_eq!(text(plain, RecordKind::Received), "in the clear");
    assert_eq!(text(again, RecordKind::Sent), "220 hellore three");

    let wire = scan_wire(&path);
    assert_eq!((wire.openings.len(), &wire.flows), (1, &flows));
    assert!(wire.notes.is_empty(), "they are on other records");
    let text = |flow, kind| bytes(&path, &wire.records, flow, kind);
    assert_eq!(text(v4, RecordKind::Received), format!("wire onewire {}", "x".repeat(70_000)));
    assert_eq!(text(v6, RecordKind::Received), "STARTTLS\r\nwire twowire four");
    assert_eq!(text(again, RecordKind::Sent), "220 hellowire re three");
    let ends = wire.records.iter().filter(|record| matches!(record.kind, RecordKind::Ended(_))).count();
    assert_eq!(ends, 8, "two of each connection");
}

#[test]
fn wireshark_follows_both_layers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tls.pcapng");
    // Wireshark notes a port that is used again.
    session(&path, "127.0.0.1:1003");
    assert_eq!(faults(&path), "");
    let of = |filter: &str, field: &str| tshark(&path, &["-Y", filter, "-T", "fields", "-e", field]);
    assert!(of("frame.interface_id==0 && tcp.len>0", "ip.src").lines().any(|line| line == "127.0.0.1"));
    let decrypted = of("frame.interface_id==1 && tcp.len>0", "ipv6.src");
    assert!(decrypted.lines().any(|line| line == "::ffff:127.0.0.1"), "{decrypted}");
    assert!(decrypted.lines().any(|line| line == "6001:db8::1"), "{decrypted}");
    let names = of("frame.number==1 || frame.interface_id==1", "frame.interface_description");
    assert!(names.contains("decrypted"), "{names}");
}

/// What another program makes of a capture: the same without secrets.
fn without_secrets(path: &Path) -> std::path::PathBuf {
    let other = path.with_file_name("other.pcapng");
    let done = Command::new("editcap")
        .args(["--discard-all-secrets".as_ref(), path.as_os_str(), other.as_os_str()])
        .status()
        .unwrap();
    assert!(done.success());
    other
}

#[test]
fn a_capture_that_another_program_has_changed_is_read_in_one_layer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tls.pcapng");
    session(&path, "127.0.0.1:1000");
    let other = without_secrets(&path);
    // Without its first packet it is none of ours any more.
    let cut = path.with_file_name("cut.pcapng");
    assert!(Command::new("editcap").args([&other, &cut]).arg("1").status().unwrap().success());
    for path in [&other, &cut] {
        let (found, read) = open_all(path);
        assert!(!read.unwrap());
        let received = String::from_utf8(found.bytes(RecordKind::Received)).unwrap();
        let expected = format!("STARTTLS\r\nonein the cleartwo{}threefour", "x".repeat(70_000));
        assert_eq!(received, expected, "{}", path.display());
        let (found, read) = open_as(path, Reading { wire: true, ..Reading::default() });
        assert!(!read.unwrap());
        let received = String::from_utf8(found.bytes(RecordKind::Received)).unwrap();
        let expected =
            format!("STARTTLS\r\nwire onein the clearwire twowire {}wire threewire four", "x".repeat(70_000));
        assert_eq!(received, expected, "{}", path.display());
    }
}

#[test]
fn a_later_part_has_only_what_is_decrypted_of_earlier_connections_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tls.pcapng");
    let rotation = Rotation::parse("1h").unwrap();
    let mut script = Script::over(Writer::create_in_parts(&path, rotation, Stamp(START)).unwrap());
    let old = script.flow("127.0.0.1:443", "127.0.0.1:1000", Origin::Accepted);
    script.layered(old);
    script.exchange(old, "one");
    script.now += 3_600_000_000_000;
    script.exchange(old, "two");
    let new = script.flow("127.0.0.1:443", "127.0.0.1:1001", Origin::Accepted);
    script.layered(new);
    script.exchange(new, "three");
    script.exchange(old, "four");
    script.end(old);
    script.end(new);
    let parts: Vec<_> = script.writer.reader().parts().into_iter().map(|part| part.path).collect();
    let flows = script.flows.clone();
    script.finish();
    assert_eq!(parts.len(), 2);
    for part in &parts {
        assert_eq!(faults(part), "", "{}", part.display());
    }
    let (found, _) = scan_all(&parts[1]).unwrap();
    assert_eq!(found.openings.len(), 1);
    assert_eq!(found.flows, flows, "with their true addresses");
    assert_eq!(bytes(&parts[1], &found.records, old, RecordKind::Received), "twofour");
    assert_eq!(bytes(&parts[1], &found.records, new, RecordKind::Received), "three");
    let reader = Reader::open(&parts[1]).unwrap();
    let mut notes = found.records.iter().filter(|record| record.kind == RecordKind::Note).map(|record| {
        let mut frame = Frame::default();
        reader.read(record, usize::MAX, &mut frame).unwrap();
        frame.note
    });
    assert!(notes.any(|note| note == Some(SessionNote::Tls(TlsNote::WireLeftOut(1)))));
    let wire = scan_wire(&parts[1]);
    assert_eq!(bytes(&parts[1], &wire.records, new, RecordKind::Received), "wire three");
    assert_eq!(wire.flows, flows[1..]);
    // Read by itself after another program has written it.
    let other = without_secrets(&parts[1]);
    let (found, read) = open_all(&other);
    assert!(!read.unwrap());
    assert_eq!(String::from_utf8(found.bytes(RecordKind::Received)).unwrap(), "twothreefour");
}
