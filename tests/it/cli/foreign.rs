//! `netassist export` of captures of other programs, and of captures with notes.

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use netassist::journal::{Writer, scan};
use netassist::model::{Cast, Direction, Origin, Recorder as _, Stamp, Transport};
use tempfile::TempDir;

use super::process::{finish, path, run};

/// A capture of ours with a note, and the same as pcap, which has neither directions nor notes.
fn captures(folder: &Path) -> (String, String) {
    let own = path(folder, "own.pcapng");
    let mut writer = Writer::create(&own).unwrap();
    writer.begin("t", "udp 127.0.0.1:1", Stamp(1_000_000_000));
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let flow = writer.flow(Transport::Udp, local, peer, Origin::Datagram, Stamp(1_000_000_000)).id;
    for (n, text) in [b"one", b"two"].into_iter().enumerate() {
        let at = Stamp(1_000_000_000 * (n as u64 + 1));
        writer.data(flow, Direction::Received, Cast::Unicast, true, text, at);
    }
    writer.annotate(1, "look here", Stamp(3_000_000_000));
    writer.finish(0, Stamp(3_000_000_000));
    writer.commit().unwrap();
    let other = path(folder, "other.pcap");
    let made = Command::new("editcap").args(["-F", "pcap", &own, &other]).status().unwrap_or_else(|error| {
        panic!("editcap: {error}. This test needs Wireshark's tools: apt-get install tshark")
    });
    assert!(made.success());
    (own, other)
}

#[test]
fn captures_of_other_programs_are_exported_as_ours_are() {
    let folder = TempDir::new().unwrap();
    let (own, other) = captures(folder.path());
    // Who sent the first datagram is taken for us.
    for (capture, format) in [(&own, "raw-rx"), (&other, "raw-tx")] {
        let ended = run(&["export", capture, "--format", format]);
        assert_eq!((ended.status, ended.text(), &ended.stderr[..]), (0, "onetwo", &[][..]));
    }
    // Never over the file itself.
    let before = fs::read(&other).unwrap();
    let ended = run(&["export", &other, "--format", "raw-tx", "-o", &other, "--overwrite"]);
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.join("\n").contains("is the capture itself"), "{:?}", ended.stderr);
    assert_eq!(fs::read(&other).unwrap(), before);
    let packed = path(folder.path(), "a.pcap.bz2");
    fs::write(&packed, b"BZh91AY").unwrap();
    let ended = run(&["export", &packed, "--format", "text"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.join("\n").contains("compressed; unpack it first"), "{:?}", ended.stderr);
}

/// Also what would fill the disk is read, but only if the user says so; and nothing of it is left.
#[test]
fn compressed_captures_are_exported_up_to_a_limit() {
    let folder = TempDir::new().unwrap();
    let (own, other) = captures(folder.path());
    let scratch = TempDir::new().unwrap();
    let export = |capture: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netassist"));
        command.args(["export", capture, "--format", "raw-tx"]).args(more).env("TMPDIR", scratch.path());
        let ended = finish(command);
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        (ended.status, ended.text().to_owned(), ended.stderr.join("\n"))
    };
    let pack = |name: &str, bytes: &[u8]| {
        let packed = path(folder.path(), name);
        let mut encoder = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap();
        packed
    };
    let other = fs::read(other).unwrap();
    // As pcap-ng that looks like ours, nobody has sent anything.
    for (bytes, sent) in [(fs::read(own).unwrap(), ""), (other.clone(), "onetwo")] {
        assert_eq!(export(&pack("a.gz", &bytes), &[]), (0, sent.to_owned(), String::new()));
    }
    // A capture that ends in 65 MiB of zeros, as after a power failure.
    let bomb = pack("bomb.gz", &[other, vec![0; 65 << 20]].concat());
    let (status, text, error) = export(&bomb, &[]);
    assert_eq!((status, text.as_str()), (1, ""));
    assert!(
        error.contains(
            "has more than 67108864 bytes; unpack it first, or raise the limit with export --max-unpacked"
        ),
        "{error}"
    );
    assert_eq!(export(&bomb, &["--max-unpacked", "70M"]), (0, "onetwo".to_owned(), String::new()));
    assert_eq!(export(&bomb, &["--max-unpacked", "60M"]).0, 1);
}

/// One of ours from which another program took a piece out: it looks like one of ours up to there.
#[test]
fn captures_of_ours_that_were_changed_are_exported_for_what_they_are() {
    let folder = TempDir::new().unwrap();
    let (whole, changed) = (path(folder.path(), "whole.pcapng"), path(folder.path(), "changed.pcapng"));
    let mut writer = Writer::create(&whole).unwrap();
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let datagrams = writer.flow(Transport::Udp, local, peer, Origin::Datagram, Stamp(5)).id;
    for _ in 0..50_000 {
        writer.data(datagrams, Direction::Received, Cast::Unicast, true, b"", Stamp(5));
    }
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Connected, Stamp(5)).id;
    for text in [b"one", b"two", b"six"] {
        writer.data(flow, Direction::Sent, Cast::Unicast, true, text, Stamp(5));
    }
    writer.commit().unwrap();
    // After the datagrams three packets of the handshake, then three of data.
    assert!(Command::new("editcap").args([&whole, &changed, "50005"]).status().unwrap().success());
    let file = path(folder.path(), "out.txt");
    assert_eq!(run(&["export", &changed, "--format", "raw-tx", "-o", &file]).status, 0);
    assert_eq!(fs::read(&file).unwrap(), b"onesix");
    for args in
        [&["--only", "sent", "--format", "text"][..], &["--format", "text", "-o", &file, "--overwrite"]]
    {
        let ended = run(&[&["export", &changed], args].concat());
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    }
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("3 bytes from 127.0.0.1:1 to 127.0.0.1:2 are missing"), "{text}");
    // What went to standard output cannot be taken back.
    let ended = run(&["export", &changed, "--format", "raw-tx"]);
    assert_eq!((ended.status, ended.text()), (1, "one"));
    assert!(ended.stderr.join("\n").contains("TCP segment out of sequence"));
}

#[test]
fn a_capture_is_saved_with_its_notes_on_the_packets() {
    let folder = TempDir::new().unwrap();
    let (own, _) = captures(folder.path());
    let notes_of = |capture: &str| {
        let mut notes = Vec::new();
        scan(Path::new(capture), 0, u64::MAX, &mut |batch| {
            notes.extend(batch.notes);
            ControlFlow::Continue(())
        })
        .unwrap();
        notes
    };
    let saved = path(folder.path(), "saved.pcapng");
    assert_eq!(run(&["export", &own, "--format", "pcapng", "-o", &saved]).status, 0);
    assert_eq!(notes_of(&saved), [(1, "look here".to_owned())]);
    let shown = Command::new("tshark")
        .args(["-n", "-r", &saved, "-T", "fields", "-e", "frame.comment"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(shown.stdout).unwrap(), "\nlook here\n");
    let again = path(folder.path(), "again.pcapng");
    assert_eq!(run(&["export", &saved, "--format", "pcapng", "-o", &again]).status, 0);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&saved).unwrap());
}
