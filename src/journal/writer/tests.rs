//! Tests of the writer that need its private parts.

use std::sync::atomic::Ordering::Relaxed;

use super::super::output::tests::Faulty;
use super::super::{Frame, Reader};
use super::*;

/// A path where no file is yet.
fn fresh() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    (folder, path)
}

fn udp(writer: &mut Writer) -> FlowId {
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    writer.begin("t", "udp 127.0.0.1:1", Stamp(5));
    writer.flow(Transport::Udp, local, peer, Origin::Datagram, Stamp(5)).id
}

#[test]
fn records_are_reported_only_once_the_system_has_them() {
    let (_folder, path) = fresh();
    let (medium, faults) = Faulty::create(&path);
    let mut writer = Writer::start(path.clone(), medium).unwrap();
    let flow = udp(&mut writer);
    let (mut told, mut frame) = (Vec::new(), Frame::default());
    let data = |writer: &mut Writer, len: usize| {
        writer.data(flow, Direction::Sent, Cast::Unicast, true, &vec![9; len], Stamp(6));
    };

    data(&mut writer, 10);
    writer.take_records(&mut told);
    assert_eq!(told, [], "nothing is committed yet");
    faults.room.store(writer.committed_bytes() + 300, Relaxed);
    for _ in 0..10 {
        data(&mut writer, 100);
    }
    data(&mut writer, 10_000);
    assert_eq!(writer.commit().unwrap_err().kind(), io::ErrorKind::StorageFull);
    writer.take_records(&mut told);
    assert_eq!(told.len(), 1, "what fits after the interface");
    let reader = Reader::open(&path).unwrap();
    for record in &told {
        reader.read(record, 65_535, &mut frame).unwrap();
    }

    faults.room.store(u64::MAX, Relaxed);
    writer.commit().unwrap();
    writer.take_records(&mut told);
    assert_eq!(told.iter().map(|record| record.len).sum::<u16>(), 10 + 1000 + 10_000);
    for record in &told {
        reader.read(record, 65_535, &mut frame).unwrap();
        assert_eq!(frame.payload, vec![9; usize::from(record.len)]);
    }
}

#[test]
fn a_capture_that_cannot_be_started_is_an_error_and_no_file_is_overwritten() {
    let (_folder, path) = fresh();
    let (medium, faults) = Faulty::create(&path);
    faults.room.store(10, Relaxed);
    assert_eq!(Writer::start(path.clone(), medium).unwrap_err().kind(), io::ErrorKind::StorageFull);
    std::fs::write(&path, "precious").unwrap();
    assert_eq!(Writer::create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[test]
fn a_forgotten_flow_takes_no_memory_and_its_addresses_may_come_again() {
    let (_folder, path) = fresh();
    let mut writer = Writer::create(&path).unwrap();
    writer.begin("t", "udp 127.0.0.1:1", Stamp(5));
    let local = "127.0.0.1:1".parse().unwrap();
    let mut flows = Vec::new();
    for n in 0..1000_u16 {
        // Each address comes twice, once as a connection.
        let peer = SocketAddr::from(([127, 0, 0, 1], 1000 + n % 300));
        let transport = if n % 2 == 0 { Transport::Udp } else { Transport::Tcp };
        let flow = writer.flow(transport, local, peer, Origin::Accepted, Stamp(6 + u64::from(n)));
        writer.data(flow.id, Direction::Received, Cast::Unicast, true, b"x", Stamp(6 + u64::from(n)));
        writer.forget(flow.id);
        writer.data(flow.id, Direction::Received, Cast::Unicast, true, b"ignored", Stamp(6 + u64::from(n)));
        flows.push(flow);
    }
    assert_eq!((writer.conversations.len(), writer.owners.len()), (0, 0));
    writer.commit().unwrap();
    let (mut read, mut data) = (Vec::new(), Vec::new());
    super::super::scan(&path, 0, u64::MAX, &mut |batch| {
        read.extend(batch.flows);
        data.extend(batch.records.into_iter().filter(|record| record.len > 0).map(|record| record.flow));
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(read, flows);
    assert_eq!(data, flows.iter().map(|flow| flow.id).collect::<Vec<_>>());
}

#[test]
fn session_notes_are_read_back_and_texts_stay_texts() {
    let (_folder, path) = fresh();
    let mut writer = Writer::create(&path).unwrap();
    let listening = SessionNote::Listening("127.0.0.1:80".parse().unwrap());
    writer.session_note(listening.clone(), Stamp(1));
    writer.event("[closed] other words", FlowId::NONE, Stamp(2));
    writer.event("listening on 127.0.0.1:80", FlowId::NONE, Stamp(3));
    writer.note("listening on 127.0.0.1:80", Stamp(4));
    writer.note("[closed] closed", Stamp(5));
    writer.annotate(0, "[closed] closed", Stamp(6));
    writer.commit().unwrap();
    let mut records = Vec::new();
    writer.take_records(&mut records);
    let (reader, mut frame) = (Reader::open(&path).unwrap(), Frame::default());
    let mut walk = reader.walk();
    for (record, (note, words)) in records.iter().zip([
        (Some(listening.clone()), "listening on 127.0.0.1:80"),
        (Some(SessionNote::Closed), "other words"),
        (Some(listening), "listening on 127.0.0.1:80"),
        (None, "listening on 127.0.0.1:80"),
        (None, "[closed] closed"),
    ]) {
        reader.read(record, 9, &mut frame).unwrap();
        assert_eq!((frame.note.clone(), &frame.payload[..]), (note.clone(), &words.as_bytes()[..9]));
        let view = walk.read(record).unwrap();
        assert_eq!((view.note, view.payload), (note, words.as_bytes()));
    }
    assert_eq!(records.len(), 5, "a note on a record is not an event");
}

#[test]
fn the_silent_side_acknowledges_before_the_window_is_full() {
    let (_folder, path) = fresh();
    let mut writer = Writer::create(&path).unwrap();
    writer.acknowledge_every = 1000;
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(5)).id;
    for _ in 0..10 {
        writer.data(flow, Direction::Received, Cast::Unicast, true, &[1; 500], Stamp(6));
    }
    writer.commit().unwrap();
    let mut records = Vec::new();
    writer.take_records(&mut records);
    assert_eq!(records.len(), 11, "acknowledgements are not records");
    // Three packets of the handshake, ten of data, and one after every second of those.
    assert_eq!(writer.main.1, 3 + 10 + 5);
}
