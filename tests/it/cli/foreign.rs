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
use crate::journal::import::frames::{ACK, RST, SYN, raw, tcp, udp};

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
    writer.finish(Some(0), Stamp(3_000_000_000));
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
    let (status, text, error) = export(&bomb, &["--max-unpacked", "70M"]);
    assert_eq!((status, text.as_str()), (0, "onetwo"));
    assert!(error.contains("the end is incomplete"), "{error}");
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
    // In JSON Lines they stand beside the data, as do comments of other programs.
    let other = path(folder.path(), "other.pcapng");
    assert!(Command::new("editcap").args([&saved, &other]).status().unwrap().success());
    for (capture, more) in [(&own, &[][..]), (&other, &[]), (&other, &["--framing", "fixed:3"])] {
        let ended = run(&[&["export", capture, "--format", "jsonl"], more].concat());
        let noted = ended.text().lines().filter(|line| line.contains("\"note\":")).collect::<Vec<_>>();
        assert!(
            noted.len() == 1 && noted[0].ends_with(",\"note\":\"look here\",\"data\":\"dHdv\"}"),
            "{capture} {more:?}: {}",
            ended.text()
        );
    }
}

#[test]
fn what_stands_before_the_damage_is_exported_and_the_damage_is_named() {
    let folder = TempDir::new().unwrap();
    let damaged = path(folder.path(), "damaged");
    let own = fs::read(captures(folder.path()).0).unwrap();
    for (whole, format, why) in [
        (raw(&[udp(1, 2, b"one"), udp(1, 2, b"two")]), "raw-tx", "invalid packet length 4294967295"),
        (own, "raw-rx", "invalid block length 4294967295"),
    ] {
        fs::write(&damaged, [&whole[..], &[0xff; 40]].concat()).unwrap();
        let file = path(folder.path(), format);
        for args in [
            &[][..],
            &["-o", &file],
            &["--records", "1-9"],
            &["--framing", "fixed:1"],
            &["--records", "1-9", "-o", &file, "--overwrite"],
        ] {
            let ended = run(&[&["export", &damaged, "--format", format], args].concat());
            assert_eq!(ended.status, 1);
            let found = if args.contains(&"-o") { fs::read(&file).unwrap() } else { ended.stdout.clone() };
            assert_eq!(String::from_utf8(found).unwrap(), "onetwo", "{args:?}");
            let error = format!("{damaged}: at byte {}: {why}", whole.len());
            assert!(ended.stderr.len() == 1 && ended.stderr[0].ends_with(&error), "{:?}", ended.stderr);
        }
        // A capture of what stands before is one without damage.
        let saved = path(folder.path(), &format!("{format}.pcapng"));
        assert_eq!(run(&["export", &damaged, "--format", "pcapng", "-o", &saved]).status, 1);
        let ended = run(&["export", &saved, "--format", format]);
        assert_eq!((ended.status, ended.text()), (0, "onetwo"));
    }
}

#[test]
fn a_torn_or_empty_capture_says_so() {
    let folder = TempDir::new().unwrap();
    let (own, _) = captures(folder.path());
    let (torn, empty) = (path(folder.path(), "torn"), path(folder.path(), "empty.pcapng"));
    let warning = |path: &str, why: &str| format!("warning: {path}: {why}");
    let incomplete = "the end is incomplete: the program that wrote it was interrupted, or is still writing";
    let own = fs::read(own).unwrap();
    for (bytes, format) in [(own.clone(), "raw-rx"), (raw(&[udp(1, 2, b"onetwo"), udp(1, 2, b"")]), "raw-tx")]
    {
        fs::write(&torn, &bytes[..bytes.len() - 3]).unwrap();
        for args in [&[][..], &["--records", "1-9"]] {
            let ended = run(&[&["export", &torn, "--format", format], args].concat());
            assert_eq!((ended.status, ended.text()), (0, "onetwo"), "{:?}", ended.stderr);
            assert_eq!(ended.stderr, [warning(&torn, incomplete)]);
        }
    }
    for bytes in [&[][..], &own[..usize::from(own[4])]] {
        fs::write(&empty, bytes).unwrap();
        let ended = run(&["export", &empty, "--format", "text"]);
        assert_eq!((ended.status, ended.text()), (0, ""));
        assert_eq!(ended.stderr, [warning(&empty, "the capture is empty")]);
    }
}

#[test]
fn parts_of_a_capture_whose_times_go_back_are_found_by_time_and_keep_their_times() {
    let folder = TempDir::new().unwrap();
    let (capture, part) = (path(folder.path(), "steps.pcap"), path(folder.path(), "part.pcapng"));
    let texts = [b"0", b"1", b"2", b"3", b"4"];
    let mut file = raw(&texts.map(|text| udp(1, 2, text)));
    let len = (file.len() - 24) / texts.len();
    // In seconds: far ahead, then a clock that is set back.
    for (n, second) in [2_900_000_000_u32, 100, 102, 90, 101].into_iter().enumerate() {
        let at = 24 + n * len;
        file[at..at + 4].copy_from_slice(&second.to_le_bytes());
    }
    fs::write(&capture, file).unwrap();
    let sent = |capture: &str, args: &[&str]| {
        let ended = run(&[&["export", capture, "--format", "raw-tx"], args].concat());
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        ended.text().to_owned()
    };
    let between = ["--from", "1970-01-01T00:01:40Z", "--to", "1970-01-01T00:01:42.5Z"];
    assert_eq!(sent(&capture, &between), "124");
    assert_eq!(sent(&capture, &["--from", "2000-01-01T00:00:00Z"]), "0");
    let args = ["export", &capture, "--format", "pcapng", "-o", &part, "--records", "1-4"];
    assert_eq!(run(&args).status, 0);
    let log = run(&["export", &part, "--format", "jsonl"]);
    let times: Vec<_> = log.text().lines().map(|line| line.get(15..35).unwrap()).collect();
    let minute = "1970-01-01T00:01:";
    assert_eq!(
        times,
        ["2061-11-23T19:33:20.", &format!("{minute}40."), &format!("{minute}42."), &format!("{minute}30.")]
    );
    assert_eq!(sent(&part, &between), "12");
}

#[test]
fn notes_on_what_was_left_out_are_shown_with_their_peer() {
    let folder = TempDir::new().unwrap();
    let capture = path(folder.path(), "reset.pcap");
    let packets = [
        udp(5, 6, b"other"),
        tcp(1, 2, 100, 0, SYN, b""),
        tcp(2, 1, 200, 101, SYN | ACK, b""),
        tcp(2, 1, 999, 101, RST, b""),
        tcp(2, 1, 201, 101, RST, b""),
        tcp(1, 2, 101, 201, ACK, b"late"),
    ];
    fs::write(&capture, raw(&packets)).unwrap();
    let events = |capture: &str| {
        let ended = run(&["export", capture, "--format", "jsonl", "--peer", "10.0.0.2:10002"]);
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        let event = |line: &str| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["peer"], "10.0.0.2:10002", "{line}");
            format!("{} {}", event["event"].as_str().unwrap(), event["comment"].as_str().unwrap_or_default())
        };
        ended.text().lines().map(event).collect::<Vec<_>>()
    };
    let expected = [
        "connected ",
        "note RST with sequence number 999 and acknowledgment number 101 from 10.0.0.2:10002 to 10.0.0.1:10001 was ignored",
        "peer-reset ",
        "note 4 bytes from 10.0.0.1:10001 to 10.0.0.2:10002 were left out: not part of the stream",
    ];
    assert_eq!(events(&capture), expected);
    // The same in a capture of these.
    let part = path(folder.path(), "part.pcapng");
    let args = ["export", &capture, "--peer", "10.0.0.2:10002", "--format", "pcapng", "-o", &part];
    assert_eq!(run(&args).status, 0);
    assert_eq!(events(&part), expected);
}

/// Two connections to the same peer differ only in their local ends.
#[test]
fn flows_of_an_import_are_told_apart_and_selected_by_their_number() {
    let folder = TempDir::new().unwrap();
    let capture = path(folder.path(), "a.pcap");
    fs::write(&capture, raw(&[udp(1, 9, b"one"), udp(2, 9, b"two"), udp(9, 1, b"three")])).unwrap();
    let export = |format: &str, more: &[&str]| {
        let ended = run(&[&["export", &capture, "--format", format], more].concat());
        assert_eq!(ended.stderr, [""; 0]);
        ended.text().to_owned()
    };
    for format in ["text", "hexdump", "netassist"] {
        let text = export(format, &[]);
        let count = |name: &str| text.matches(name).count();
        assert_eq!((count("(:10001 #0)"), count("(:10002 #1)")), (2, 1), "{text}");
    }
    assert_eq!(export("raw-tx", &["--flow", "1"]), "two");
    assert_eq!(export("raw-tx", &["--flow", "1", "--flow", "0"]), "onetwo");
    assert_eq!(export("raw-tx", &["--flow", "1", "--peer", "10.0.0.9"]), "two");
    for line in export("csv", &["--flow", "0"]).lines().skip(1) {
        assert!(line.ends_with(",0,"), "{line}");
    }
    let ended = run(&["export", &capture, "--format", "text", "--flow", "2"]);
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.join("\n").contains("--flow 2: no such flow; the last is 1"), "{:?}", ended.stderr);
}
