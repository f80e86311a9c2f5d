//! Files that text2pcap, editcap and mergecap wrote.

use std::path::Path;
use std::process::{Command, Stdio};

use netassist::journal::Writer;
use netassist::model::{
    Cast, Direction, Ending, Origin, RecordKind, Recorder as _, SessionNote, Stamp, Transport,
};

use super::import_all;
use crate::journal::address;

/// Runs one of the tools to its end.
#[track_caller]
pub(super) fn tool(name: &str, args: &[&str]) {
    let output = Command::new(name).args(args).stdin(Stdio::null()).output().unwrap_or_else(|error| {
        panic!("{name}: {error}. These tests need Wireshark's tools: apt-get install tshark")
    });
    assert!(output.status.success(), "{name} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// `n` bytes in which every shift and loss shows.
pub(super) fn pattern(n: usize, seed: usize) -> Vec<u8> {
    (0..=250).cycle().skip(seed % 251).take(n).collect()
}

#[test]
fn what_text2pcap_made_is_what_the_dump_says() {
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump.txt");
    let rows = [
        "2024-01-02T03:04:05.000006Z\n0000 68 65 6c 6c 6f\n",
        "2024-01-02T03:04:06.000007Z\n0000 77 6f 72 6c 64\n",
    ];
    std::fs::write(&dump, rows.join("\n")).unwrap();
    for (flag, first) in [("-T", "Connected"), ("-u", "Sent hello")] {
        let made = folder.path().join(flag);
        tool("text2pcap", &["-q", "-t", "ISO", flag, "40000,5000", text(&dump), text(&made)]);
        for format in ["pcap", "nsecpcap", "pcapng"] {
            let path = folder.path().join(format!("{format}{flag}"));
            tool("editcap", &["-F", format, text(&made), text(&path)]);
            for path in [&made, &path] {
                let found = import_all(path).unwrap();
                assert_eq!(found.lines.first().map(String::as_str), Some(first), "{format} {flag}");
                assert_eq!(found.sent(0), b"helloworld", "{format} {flag}");
                assert_eq!(found.flows[0].since.0, 1_704_164_645_000_006_000, "{format} {flag}");
            }
        }
    }
}

/// A capture of ours with most that it can hold.
fn own(path: &Path) {
    let mut writer = Writer::create(path).unwrap();
    let mut now = 1_763_679_675_000_000_000;
    let mut tick = || {
        now += 1_000_000;
        Stamp(now)
    };
    writer.begin("echo", "tcp-server 127.0.0.1:80", tick());
    writer.session_note(SessionNote::Listening(address("127.0.0.1:80").into()), tick());
    for port in [5000, 5001, 5000] {
        let (local, peer) = (address("127.0.0.1:80"), address(&format!("127.0.0.1:{port}")));
        let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, tick()).id;
        // A label is needed, as the flow's first packet comes later than it.
        writer.connected(flow, tick());
        writer.data(flow, Direction::Received, Cast::Unicast, true, &pattern(100_000, port), tick());
        writer.data(flow, Direction::Sent, Cast::Unicast, true, &pattern(100_000, port + 7), tick());
        writer.ended(flow, Ending::PeerReset, tick());
    }
    let flow = writer
        .flow(Transport::Tcp, address("10.0.0.1:999"), address("10.0.0.2:1"), Origin::Connected, tick())
        .id;
    writer.refused(flow, "connection refused (os error 111)", tick());
    let flow = writer
        .flow(Transport::Udp, address("127.0.0.1:80"), address("127.0.0.1:9"), Origin::Datagram, tick())
        .id;
    writer.data(flow, Direction::Received, Cast::Unicast, true, b"to us", tick());
    writer.data(flow, Direction::Sent, Cast::Broadcast, true, b"", tick());
    writer.finish(Some(3), tick());
    writer.commit().unwrap();
}

#[test]
fn a_capture_of_ours_that_others_saved_again_keeps_its_meaning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pcapng");
    own(&path);
    let (index, _) = crate::journal::scan_all(&path).unwrap();
    let original: Vec<_> =
        index.records.iter().map(|r| (r.kind, r.len)).filter(|(kind, _)| *kind != RecordKind::Note).collect();
    let again = folder.path().join("again");
    for args in [
        &["editcap", text(&path), text(&again)][..],
        &["mergecap", "-w", text(&again), text(&path)],
        &["editcap", "-F", "pcapng", "-d", text(&path), text(&again)],
    ] {
        tool(args[0], &args[1..]);
        let found = import_all(&again).unwrap();
        let kept: Vec<_> = found
            .records
            .iter()
            .map(|r| (r.kind, r.len))
            .filter(|(kind, _)| *kind != RecordKind::Note)
            .collect();
        assert_eq!(kept, original, "{args:?}");
        assert!(found.notes.is_empty(), "no label of ours is a note: {:?}", found.notes);
        assert!(found.lines.iter().any(|line| line == "Refused connection refused (os error 111)"));
        assert_eq!(found.flows[0].origin, Origin::Accepted);
        for (flow, port) in [(0, 5000), (1, 5001), (2, 5000)] {
            assert!(found.received(flow) == pattern(100_000, port), "{args:?}");
            assert!(found.sent(flow) == pattern(100_000, port + 7), "{args:?}");
        }
    }
}
