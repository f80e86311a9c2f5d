//! The door to captures of ours and of others.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use netassist::journal::{Frame, Opened, Part, Reader, Reading, Writer, open};
use netassist::model::{Cast, Direction, Origin, Record, RecordKind, Recorder as _, Stamp, Transport};

use super::{address, scan_all};

/// What opening a file gave in the end.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) begun: Vec<Opened>,
    pub(super) records: Vec<Record>,
    /// Records that turned out to be void.
    void: usize,
}

impl Found {
    /// All bytes of one direction.
    pub(super) fn bytes(&self, kind: RecordKind) -> Vec<u8> {
        let reader = Reader::open(self.begun.last().unwrap().path()).unwrap();
        let mut frame = Frame::default();
        let mut bytes = Vec::new();
        for record in self.records.iter().filter(|record| record.kind == kind) {
            reader.read(record, usize::MAX, &mut frame).unwrap();
            bytes.extend_from_slice(&frame.payload);
        }
        bytes
    }

    fn texts(&self) -> String {
        String::from_utf8_lossy(&self.bytes(RecordKind::Note)).into_owned()
    }
}

pub(super) fn open_all(path: &Path) -> (Found, std::io::Result<bool>) {
    open_as(path, Reading::default())
}

pub(super) fn open_as(path: &Path, how: Reading) -> (Found, std::io::Result<bool>) {
    let mut found = Found::default();
    let read = open(path, how, &mut |part| {
        match part {
            Part::Begins(opened) => {
                found.begun.push(opened);
                found.void += std::mem::take(&mut found.records).len();
            }
            Part::More(batch) => {
                assert!(batch.records.is_empty() || !found.begun.is_empty(), "records of no file");
                found.records.extend(batch.records);
            }
        }
        ControlFlow::Continue(())
    });
    (found, read)
}

/// 20,000 datagrams of eight bytes, then a TCP connection with three pieces of data.
pub(super) fn own(path: &Path) {
    let mut writer = Writer::create(path).unwrap();
    writer.begin("t", "udp 127.0.0.1:1", Stamp(1_000_000_000));
    let flow = |writer: &mut Writer, transport| {
        let (local, peer) = (address("127.0.0.1:1"), address("127.0.0.1:2"));
        writer.flow(transport, local, peer, Origin::Connected, Stamp(1_000_000_000)).id
    };
    let datagrams = flow(&mut writer, Transport::Udp);
    for n in 0..20_000_u64 {
        let at = Stamp(1_000_000_000 + n * 1000);
        writer.data(datagrams, Direction::Received, Cast::Unicast, true, &n.to_be_bytes(), at);
    }
    let stream = flow(&mut writer, Transport::Tcp);
    for piece in [b"one", b"two", b"six"] {
        writer.data(stream, Direction::Sent, Cast::Unicast, true, piece, Stamp(2_000_000_000));
    }
    writer.finish(Some(0), Stamp(2_000_000_000));
    writer.commit().unwrap();
}

fn editcap(args: &[&str]) {
    let output = Command::new("editcap").args(args).output().unwrap_or_else(|error| {
        panic!("editcap: {error}. This test needs Wireshark's tools: apt-get install tshark")
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn one_of_ours_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    own(&path);
    let (found, read) = open_all(&path);
    assert!(!read.unwrap());
    assert_eq!((found.begun.len(), found.begun[0].path(), found.begun[0].is_imported()), (1, &*path, false));
    assert_eq!(found.records, scan_all(&path).unwrap().0.records);
    // Empty, cut off, or damaged.
    let bytes = fs::read(&path).unwrap();
    for (len, torn) in [(0, false), (5, true), (40, true), (bytes.len() - 3, true)] {
        fs::write(&path, &bytes[..len]).unwrap();
        let (found, read) = open_all(&path);
        assert_eq!(
            (found.begun.len(), read.unwrap(), found.begun[0].is_imported()),
            (1, torn, false),
            "{len}"
        );
    }
    let mut damaged = bytes;
    let middle = damaged.len() / 8 * 4;
    damaged[middle..middle + 400].fill(0xff);
    fs::write(&path, &damaged).unwrap();
    let (found, read) = open_all(&path);
    assert!(read.unwrap_err().to_string().starts_with("at byte "));
    assert!(found.records.len() > 5000, "what stands before is there");
}

#[test]
fn one_of_another_program_is_imported_and_its_file_goes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("a.pcapng"), folder.path().join("a.pcap"));
    own(&path);
    editcap(&["-F", "nsecpcap", path.to_str().unwrap(), other.to_str().unwrap()]);
    let (found, read) = open_all(&other);
    assert!(!read.unwrap());
    assert_eq!((found.begun.len(), found.void), (1, 0));
    // The file does not tell directions: who sent the first datagram is taken for us.
    let mut all: Vec<u8> = (0..20_000_u64).flat_map(u64::to_be_bytes).collect();
    all.extend(b"onetwosix");
    assert!(found.bytes(RecordKind::Sent) == all);
    let import = found.begun[0].path().to_owned();
    assert!(import != other && import.exists());
    drop(found);
    assert!(!import.exists(), "nothing is left of it");

    fs::write(&other, b"BZh91AY").unwrap();
    let error = open_all(&other).1.unwrap_err();
    assert_eq!(error.to_string(), "at byte 0: the file is compressed; unpack it first");
    assert_eq!(open_all(&folder.path().join("none")).1.unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn one_of_ours_that_was_changed_elsewhere_is_seen_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let (path, changed) = (folder.path().join("a.pcapng"), folder.path().join("b.pcapng"));
    own(&path);
    // The second piece of the stream is taken out. Up to there it looks like one of ours.
    editcap(&[path.to_str().unwrap(), changed.to_str().unwrap(), "20005"]);
    let (found, read) = open_all(&changed);
    assert!(!read.unwrap());
    assert_eq!(found.begun.iter().map(Opened::is_imported).collect::<Vec<_>>(), [false, true]);
    assert!(found.void > 10_000);
    assert_eq!(found.bytes(RecordKind::Sent), b"onesix");
    assert_eq!(found.bytes(RecordKind::Received).len(), 20_000 * 8);
    assert_eq!(found.texts(), "3 bytes from 127.0.0.1:1 to 127.0.0.1:2 are missing");
}

#[test]
fn opening_stops_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("a.pcapng"), folder.path().join("a.pcap"));
    own(&path);
    editcap(&["-F", "pcap", path.to_str().unwrap(), other.to_str().unwrap()]);
    for path in [&path, &other] {
        for parts in 1..3 {
            let mut seen = 0;
            let read = open(path, Reading::default(), &mut |_part| {
                seen += 1;
                if seen == parts { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert_eq!((seen, read.unwrap()), (parts, false));
        }
    }
}

/// The reader looks for the text of a note only where the writer puts it.
#[test]
fn a_comment_that_another_program_added_after_other_options_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    writer.begin("t", "udp 127.0.0.1:1", Stamp(1));
    writer.note("before", Stamp(2));
    writer.finish(Some(3), Stamp(3));
    writer.commit().unwrap();
    drop(writer);
    let mut file = fs::read(&path).unwrap();
    // The statistics at the end, whose options have an end.
    let at = file.len() - 8;
    assert_eq!(file[at..at + 4], [0; 4]);
    let len = file.len() - at;
    file.splice(at..at, [1, 0, 5, 0, b'a', b'd', b'd', b'e', b'd', 0, 0, 0]);
    let total = u32::from_le_bytes(*file.last_chunk().unwrap()) + 12;
    let begin = file.len() - usize::try_from(total).unwrap();
    let end = file.len() - 4;
    assert_eq!(end, at + 12 + len - 4);
    for place in [begin + 4, end] {
        file[place..place + 4].copy_from_slice(&total.to_le_bytes());
    }
    fs::write(&path, file).unwrap();
    let (found, torn) = open_all(&path);
    assert!(!torn.unwrap() && found.begun.last().unwrap().is_imported());
    assert_eq!(found.texts(), "beforeadded");
}
