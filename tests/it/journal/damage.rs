//! Captures that end too early, were written over, or are none: an error or a shorter index, never a
//! panic, never memory by a length that the file claims.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;

use netassist::journal::{Frame, Reader, Writer, scan};
use netassist::model::{Cast, Direction, Origin, Record, RecordKind, Recorder, Stamp, Transport};
use proptest::prelude::*;

use super::scan_all;
use super::sequences::{call, perform};

/// A small generator (Marsaglia's xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

/// A capture with everything in it, of some kilobytes.
fn sample(path: &Path) -> Vec<u8> {
    use super::sequences::Call::{Begin, Connected, Data, Ended, Finish, Flow, Host, Note, Refused, Time};
    use netassist::model::Ending;
    let data = |flow, sent, len| Data { flow, sent, cast: Cast::Unicast, whole: true, len };
    let flow = |tcp, local, peer, origin| Flow { tcp, local, peer, origin };
    let calls = [
        Begin("sample".to_owned()),
        Host("example.test".to_owned()),
        Note("listening".to_owned()),
        flow(true, 0, 0, Origin::Accepted),
        flow(true, 2, 1, Origin::Connected),
        flow(false, 1, 2, Origin::Datagram),
        Connected(0),
        Time(1000),
        Refused(1, "connection refused".to_owned()),
        data(0, false, 300),
        data(0, true, 70_000),
        data(2, true, 0),
        data(2, false, 20),
        Ended(0, Ending::PeerFin),
        flow(false, 1, 2, Origin::Datagram),
        data(3, false, 20),
        data(2, false, 20),
        Ended(0, Ending::OwnReset),
        Finish,
    ];
    perform(&calls, path);
    fs::read(path).unwrap()
}

/// Scans, and reads whatever the scan found.
fn read_all(path: &Path, bytes: &[u8]) -> std::io::Result<(Vec<Record>, bool)> {
    fs::write(path, bytes).unwrap();
    let reader = Reader::open(path).unwrap();
    let mut frame = Frame::default();
    let mut records = Vec::new();
    let end = scan(path, 0, u64::MAX, &mut |batch| {
        records.extend(batch.records);
        ControlFlow::Continue(())
    });
    let mut walk = reader.walk();
    for record in &records {
        let read = reader.read(record, 100_000, &mut frame).map_err(|error| error.to_string());
        if read.is_ok() {
            assert_eq!(frame.payload.len(), usize::from(record.len));
        }
        match walk.read(record) {
            Ok(view) => {
                assert_eq!((view.payload, &*view.comment), (&*frame.payload, &*frame.comment));
                assert_eq!(walk.payload(record).unwrap(), &*frame.payload);
            }
            Err(error) => assert_eq!(read, Err(error.to_string())),
        }
    }
    end.map(|end| (records, end.torn))
}

#[test]
fn a_capture_cut_off_anywhere_gives_what_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let bytes = sample(&path);
    let (whole, _) = scan_all(&path).unwrap();
    let mut lengths = Vec::new();
    // Every byte of the small blocks, and some of the large ones.
    for cut in (0..bytes.len()).filter(|cut| *cut < 3000 || *cut > bytes.len() - 1500 || cut % 997 == 0) {
        fs::write(&path, &bytes[..cut]).unwrap();
        let (index, end) = scan_all(&path).unwrap();
        assert!(whole.records.starts_with(&index.records), "{cut}");
        assert!(whole.flows.starts_with(&index.flows), "{cut}");
        assert_eq!(end.torn, end.end < cut as u64, "{cut}");
        // The rest may also have come as zeros, after a power cut.
        let mut zeros = bytes[..cut].to_vec();
        zeros.resize(cut + 5000, 0);
        // Without the byte-order magic nobody can know what it was to be.
        if cut >= 12 {
            fs::write(&path, &zeros).unwrap();
            let (again, end) = scan_all(&path).unwrap_or_else(|error| panic!("{cut}: {error}"));
            assert!(end.torn, "{cut}");
            assert!(whole.records.starts_with(&again.records), "{cut}");
        }
        lengths.push(index.records.len());
    }
    assert!(lengths.is_sorted(), "more bytes never give fewer records");
    assert_eq!(lengths.last(), Some(&whole.records.len()), "the last block is not a record");
}

#[test]
fn what_is_not_our_capture_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let bytes = sample(&path);
    let interface = bytes[4] as usize;
    let with = |at: usize, new: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        bytes
    };
    let twice = [&bytes[..], &bytes].concat();
    let packet = u64::try_from(bytes.len()).unwrap();
    for (bytes, text) in [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "at byte 0: not a pcapng file".to_owned()),
        (vec![0; 100], "at byte 0: not a pcapng file".to_owned()),
        (with(8, &[0x1a, 0x2b, 0x3c, 0x4d]), "at byte 0: numbers are not little-endian".to_owned()),
        (with(4, &[13]), "at byte 0: invalid block length 13".to_owned()),
        (with(4, &[0xfc, 0xff, 0xff, 0xff]), "at byte 0: invalid block length 4294967292".to_owned()),
        (with(interface + 8, &[1]), format!("at byte {interface}: packets do not begin with the IP")),
        (twice, format!("at byte {packet}: second section")),
    ] {
        let error = read_all(&path, &bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().starts_with(&text), "{error}");
    }
    fs::write(&path, b"").unwrap();
    let (index, end) = scan_all(&path).unwrap();
    assert!(index.records.is_empty() && !end.torn);
}

/// The packets of a capture: where their blocks begin and end.
fn packets(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let mut at = 0;
    let mut found = Vec::new();
    while at < bytes.len() {
        let end = at + word(at + 4);
        if word(at) == 6 {
            found.push(at..end);
        }
        at = end;
    }
    found
}

/// The writer never makes such, and the record of a connection or an end holds no bytes.
#[test]
fn a_connection_that_opens_or_ends_with_data_is_no_capture_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1)).id;
    writer.data(flow, Direction::Received, Cast::Unicast, true, b"hello", Stamp(2));
    writer.commit().unwrap();
    let bytes = fs::read(&path).unwrap();
    let [syn, answer, acknowledgement, data] = &packets(&bytes)[..] else { panic!("a handshake and data") };

    // The data as the answer to the SYN.
    let early = [&bytes[..syn.end], &bytes[data.clone()]].concat();
    // FIN, SYN or RST on the data: the flags follow 28 bytes of the block and 33 of the headers.
    let flagged = [1, 2, 4].map(|flag| {
        let mut bytes = bytes.clone();
        bytes[data.start + 28 + 33] |= flag;
        bytes
    });
    let at = [answer.start, data.start, data.start, data.start];
    for (bytes, at) in [early].into_iter().chain(flagged).zip(at) {
        let error = read_all(&path, &bytes).unwrap_err();
        assert!(error.to_string().starts_with(&format!("at byte {at}: ")), "{error}");
        assert!(error.to_string().contains("segment with data"), "{error}");
    }
    assert_eq!(acknowledgement.end, data.start);
}

#[test]
fn a_capture_written_over_at_random_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let bytes = sample(&path);
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut failed = 0;
    for _ in 0..4000 {
        let mut bytes = bytes.clone();
        for _ in 0..=dice.below(4) {
            // Most of the file is payload, in which a change means nothing: prefer the rest.
            let ends = if dice.below(8) > 0 { 2000 } else { bytes.len() };
            let at = if dice.below(2) == 0 { dice.below(ends) } else { bytes.len() - 1 - dice.below(ends) };
            let new = [0, 0xff, 1, 0x7f, 0x80, u8::try_from(dice.below(256)).unwrap()][dice.below(6)];
            bytes[at] = new;
        }
        failed += usize::from(read_all(&path, &bytes).is_err());
    }
    assert!(failed > 500, "only {failed} of 4000 changes were noticed: are they still where it matters?");
}

#[test]
fn records_that_are_not_there_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let bytes = sample(&path);
    let (index, _) = scan_all(&path).unwrap();
    let reader = Reader::open(&path).unwrap();
    let mut frame = Frame::default();
    for record in &index.records {
        for other in &index.records {
            let wrong = Record { offset: record.offset, ..*other };
            if let Ok(()) = reader.read(&wrong, usize::MAX, &mut frame) {
                assert_eq!(record.len, other.len);
                assert_eq!(record.kind == RecordKind::Note, other.kind == RecordKind::Note);
            }
        }
        for offset in [record.offset + 4, bytes.len() as u64, u64::MAX, u64::MAX - 40] {
            assert!(reader.read(&Record { offset, ..*record }, 10, &mut frame).is_err());
        }
    }
}

#[test]
fn a_scan_can_begin_late_end_early_and_be_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    sample(&path);
    let (whole, end) = scan_all(&path).unwrap();
    for (n, record) in whole.records.iter().enumerate() {
        let mut late = Vec::new();
        let mut flows = 0;
        let mut sink = |batch: netassist::journal::ScanBatch| {
            late.extend(batch.records);
            flows += batch.flows.len();
            assert!(batch.at <= end.end);
            ControlFlow::Continue(())
        };
        scan(&path, record.offset, u64::MAX, &mut sink).unwrap();
        assert_eq!(late, whole.records[n..]);
        assert_eq!(flows, whole.flows.len());

        let mut early = Vec::new();
        let mut sink = |batch: netassist::journal::ScanBatch| {
            early.extend(batch.records);
            ControlFlow::Continue(())
        };
        let end = scan(&path, 0, record.offset, &mut sink).unwrap();
        assert_eq!(early, whole.records[..n]);
        assert_eq!((end.end, end.torn), (record.offset, false));
    }

    let long = folder.path().join("long.pcapng");
    let mut writer = Writer::create(&long).unwrap();
    for _ in 0..100_000 {
        writer.note("x", Stamp(1));
    }
    writer.commit().unwrap();
    let mut batches = 0;
    let broken = scan(&long, 0, u64::MAX, &mut |_batch| {
        batches += 1;
        if batches == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(batches, 2);
    assert!(broken.unwrap().end < writer.committed_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_capture_may_be_cut_and_changed(
        calls in prop::collection::vec(call(), 0..25),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcapng");
        let live = perform(&calls, &path);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(cut.index(bytes.len() + 1));
        let (records, _) = read_all(&path, &bytes).unwrap();
        prop_assert!(live.records.starts_with(&records));
        for (at, new) in changes {
            if let Some(byte) = (!bytes.is_empty()).then(|| at.index(bytes.len())).and_then(|at| bytes.get_mut(at)) {
                *byte = new;
            }
        }
        // An error or not: what matters is that it comes back.
        drop(read_all(&path, &bytes));
    }
}
