//! Captures as they are written.

use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Origin, Recorder, Stamp, Transport};

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_a_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    drop(Writer::create(&path).unwrap());
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn data_of_the_suitable_length_fill_whole_stripes() {
    for (local, peer) in [("127.0.0.1:1", "127.0.0.1:2"), ("[::1]:1", "[::1]:2")] {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(folder.path().join("a.pcapng")).unwrap();
        writer.begin("t", "tcp-client", Stamp(5));
        let (local, peer) = (local.parse().unwrap(), peer.parse().unwrap());
        let flow = writer.flow(Transport::Tcp, local, peer, Origin::Connected, Stamp(5)).id;
        writer.connected(flow, Stamp(5));
        for note in [1, 100, 1000, 10_000, 30_000, 50_000, 60_000, 64_000] {
            writer.note(&"n".repeat(note), Stamp(6));
            let (mut ends, mut lens) = (Vec::new(), Vec::new());
            for _ in 0..4 {
                let len = writer.suitable(flow);
                writer.data(flow, Direction::Sent, Cast::Unicast, false, &vec![7; len], Stamp(6));
                writer.commit().unwrap();
                ends.push(writer.committed_bytes() % 65_536);
                lens.push(len);
            }
            assert!(lens.iter().all(|len| *len > 16_000), "{note}: {lens:?}");
            assert_eq!(ends[2..], [0, 0], "{note}");
        }
    }
}
