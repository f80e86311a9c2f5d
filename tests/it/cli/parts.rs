//! `netassist export` of a part of a capture.

use std::path::Path;

use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Ending, Origin, Recorder as _, Stamp, Transport};
use tempfile::TempDir;

use super::process::{path, run};

/// Two clients of a server, two seconds into the 20th of November 2026 and later, a second apart.
fn capture(folder: &Path) -> String {
    let path = path(folder, "session.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let at = |second: u64| Stamp((1_795_132_800 + second) * 1_000_000_000);
    let address = |text: &str| text.parse().unwrap();
    let local = address("10.0.0.1:80");
    let flow = |writer: &mut Writer, peer| {
        writer.flow(Transport::Tcp, local, address(peer), Origin::Accepted, at(1)).id
    };
    let (a, b) = (flow(&mut writer, "10.0.0.2:4000"), flow(&mut writer, "10.0.0.3:5000"));
    writer.connected(a, at(1));
    writer.connected(b, at(1));
    for (second, (flow, direction, text)) in (2..).zip([
        (a, Direction::Received, "GET /one\r\nHo"),
        (b, Direction::Received, "ping\n"),
        (a, Direction::Received, "st: x\r\n"),
        (a, Direction::Sent, "200 ok\n"),
        (b, Direction::Sent, "Pong\n"),
        (a, Direction::Received, "测试 left"),
    ]) {
        writer.data(flow, direction, Cast::Unicast, true, text.as_bytes(), at(second));
    }
    writer.ended(a, Ending::PeerReset, at(8));
    writer.commit().unwrap();
    path
}

/// What is saved with these options, which must make sense.
#[track_caller]
fn saved(capture: &str, format: &str, options: &[&str]) -> String {
    let ended = run(&[&["export", capture, "--format", format], options].concat());
    assert_eq!((ended.status, &ended.stderr[..]), (0, &[][..]), "{options:?}");
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn each_option_leaves_out_what_it_does_not_name() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    for (options, received) in [
        (&["--only", "received"][..], "GET /one\r\nHoping\nst: x\r\n测试 left"),
        (&["--only", "sent"], ""),
        (&["--peer", "10.0.0.3"], "ping\n"),
        (&["--peer", "10.0.0.2:4000"], "GET /one\r\nHost: x\r\n测试 left"),
        (&["--peer", "10.0.0.2", "--peer", "10.0.0.3:5000"], "GET /one\r\nHoping\nst: x\r\n测试 left"),
        (&["--find", "ing"], "ping\n"),
        (&["--find", "测试"], "测试 left"),
        (&["--find", "Ping"], ""),
        (&["--find", "Ping", "--ignore-case"], "ping\n"),
        (&["--find-hex", "67 0a"], "ping\n"),
        (&["--find-hex", "?? 0d 0a"], "GET /one\r\nHost: x\r\n"),
        (&["--find-regex", r"^\w+\n$"], "ping\n"),
        (&["--find", "Host"], ""),
        (&["--frame", "line", "--find", "Host"], "Host: x\r\n"),
        (&["--from", "2026-11-20T00:00:04Z"], "st: x\r\n测试 left"),
        (&["--to", "2026-11-20 00:00:02"], "GET /one\r\nHo"),
        (&["--from", "2026-11-20T08:00:03+08:00", "--to", "2026-11-20T00:00:04Z"], "ping\nst: x\r\n"),
        (&["--records", "3-4"], "GET /one\r\nHoping\n"),
        (&["--records", "8-"], "测试 left"),
        (&["--records", "5", "--only", "received"], "st: x\r\n"),
        (&["--frame", "line", "--records", "3"], "GET /one\r\nHost: x\r\n"),
    ] {
        assert_eq!(saved(&capture, "raw-rx", options), received, "{options:?}");
    }
    assert_eq!(saved(&capture, "raw-tx", &["--only", "sent"]), "200 ok\nPong\n");
    let events = |options: &[&str]| saved(&capture, "jsonl", options).matches("\"event\"").count();
    assert_eq!((events(&[]), events(&["--only", "sent"]), events(&["--peer", "10.0.0.2"])), (3, 0, 2));
}

#[test]
fn messages_are_entries() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let log = saved(&capture, "text", &["--frame", "line", "--only", "received"]);
    let rows: Vec<&str> = log.lines().map(|line| line.get(33..).unwrap_or(line)).collect();
    assert_eq!(
        rows,
        [
            "← 10.0.0.2:4000 10 B",
            "  GET /one",
            "← 10.0.0.3:5000 5 B",
            "  ping",
            "← 10.0.0.2:4000 9 B",
            "  Host: x",
            "← 10.0.0.2:4000 11 B [cut off]",
            "  测试 left",
        ]
    );
    let jsonl = saved(&capture, "jsonl", &["--frame", "line", "--peer", "10.0.0.2", "--only", "received"]);
    let numbers: Vec<&str> = jsonl.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers, ["{\"seq\":3", "{\"seq\":3", "{\"seq\":8"]);
    assert_eq!(jsonl.matches("\"whole\":false").count(), 1);
    let whole = saved(&capture, "text", &[]);
    assert_eq!(saved(&capture, "text", &["--frame", "none"]), whole);
    // A part is a capture of its own.
    let part = path(folder.path(), "part.pcapng");
    saved(&capture, "pcapng", &["--frame", "line", "--find", "Host", "-o", &part]);
    assert_eq!(saved(&part, "raw-rx", &[]), "Host: x\r\n");
    assert_eq!(saved(&part, "jsonl", &["--only", "received"]).lines().count(), 1);
}

#[test]
fn what_makes_no_sense_is_told_with_what_would() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    for (options, said) in [
        (&["--frame", "lines"][..], "expected one of none, line, delimiter:HEX"),
        (&["--only", "events"], "received, sent"),
        (&["--peer", "10.0.0.x"], "192.168.1.5:8080"),
        (&["--peer", "10.0.0.9"], "expected one of 10.0.0.2:4000, 10.0.0.3:5000"),
        (&["--peer", "10.0.0.2:80"], "no such peer"),
        (&["--find", ""], "nothing to search for"),
        (&["--find-hex", "4x"], "--find-hex ‘4x’"),
        (&["--find-regex", "a("], "(at character 2)"),
        (&["--find", "a", "--find-hex", "41"], "cannot be used with"),
        (&["--ignore-case"], "--find"),
        (&["--from", "yesterday"], "2026-11-20T14:51:15Z"),
        (&["--from", "2026-11-21", "--to", "2026-11-20"], "--from is later than --to"),
        (&["--records", "9-3"], "100-200"),
    ] {
        let ended = run(&[&["export", &capture, "--format", "text"], options].concat());
        let told = ended.stderr.join(" ");
        assert_eq!((ended.status, ended.stdout.len()), (2, 0), "{options:?}: {told}");
        assert!(told.contains(said), "{options:?}: {told}");
    }
    let absent = path(folder.path(), "absent.pcapng");
    let ended = run(&["export", &absent, "--format", "text", "--only", "sent"]);
    assert_eq!(ended.status, 1, "{:?}", ended.stderr);
    assert!(ended.stderr[0].contains("absent.pcapng"), "{:?}", ended.stderr);
}
