//! Captures and logs in parts, as a session writes them that runs for weeks.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use super::process::{DEADLINE, Input, Output, Process, path, run, start};
use super::{call, exported};
use crate::journal::tshark::faults;

/// The files in a folder that begin so, in order.
fn parts(folder: &Path, beginning: &str) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with(beginning) && !name.contains(".pcapng.lock")).collect();
    names.sort_unstable();
    names.iter().map(|name| path(folder, name)).collect()
}

/// What the parts have, one after the other.
fn together(parts: &[String], format: &str) -> Vec<u8> {
    parts.iter().flat_map(|part| exported(part, format)).collect()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < deadline, "waiting for {what}");
        thread::yield_now();
    }
}

fn pattern(n: u32) -> Vec<u8> {
    (0..n).map(|n| b'a' + u8::try_from(n % 25).unwrap()).collect()
}

#[test]
fn a_flood_over_tcp_is_in_the_parts_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "run.pcapng");
    let args = [
        "tcp-server",
        "127.0.0.1:0",
        "--max-connections",
        "1",
        "--echo",
        "--print",
        "raw",
        "--rotate",
        "200k",
    ];
    let mut server = start(&[&args[..], &["--capture", &capture]].concat(), Input::Null, Output::Read);
    let mut client = call(server.address());
    let (bytes, mut echo) = (pattern(3_000_000), client.try_clone().unwrap());
    let sent = bytes.clone();
    let sender = thread::Builder::new().spawn(move || {
        client.write_all(&sent).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let mut answered = Vec::new();
    echo.read_to_end(&mut answered).unwrap();
    sender.unwrap().join().unwrap();
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    let parts = parts(folder.path(), "run_");
    assert!(parts.len() > 20, "{parts:?}");
    assert!(ended.stdout == bytes && answered == bytes);
    assert!(together(&parts, "raw-rx") == bytes && together(&parts, "raw-tx") == bytes);
    for part in &parts[..4] {
        assert_eq!(faults(Path::new(part)), "", "{part}");
    }
    let said = ended.stderr.last().unwrap();
    assert!(said.ends_with(&format!("recorded in {}", parts.last().unwrap())), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), parts.len(), "no lock is left");
}

#[test]
fn datagrams_are_in_the_parts_and_the_log_has_a_file_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let [capture, log] = ["run.pcapng", "told.txt"].map(|name| path(folder.path(), name));
    let args =
        ["udp", "127.0.0.1:0", "--echo", "--print", "none", "--max-bytes", "600000", "--rotate", "100k"];
    let mut session =
        start(&[&args[..], &["--capture", &capture, "--log-file", &log]].concat(), Input::Null, Output::Read);
    let address = session.address();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket.connect(address).unwrap();
    let bytes = pattern(600_000);
    let mut answer = [0; 2000];
    for datagram in bytes.chunks(1200) {
        socket.send(datagram).unwrap();
        assert_eq!(socket.recv(&mut answer).unwrap(), datagram.len());
    }
    let ended = session.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    let (captures, logs) = (parts(folder.path(), "run_"), parts(folder.path(), "told_"));
    assert!(captures.len() > 10, "{captures:?}");
    assert!(together(&captures, "raw-rx") == bytes && together(&captures, "raw-tx") == bytes);
    assert_eq!(captures.len(), logs.len());
    for (capture, log) in captures.iter().zip(&logs) {
        let suffix = |path: &str| path.rsplit_once("_0").unwrap().1[..19].to_owned();
        assert_eq!(suffix(capture), suffix(log));
        assert_eq!(fs::read_to_string(log).unwrap().into_bytes(), exported(capture, "text"), "{log}");
    }
}

#[test]
fn a_log_grows_with_the_session_and_equals_the_export() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["jsonl", "csv", "raw-rx", "netassist5"] {
        let [capture, log] = ["pcapng", "log"].map(|end| path(folder.path(), &format!("{format}.{end}")));
        let args =
            ["tcp-server", "127.0.0.1:0", "--max-connections", "1", "--print", "none", "--capture", &capture];
        let more = ["--log-file", &log, "--log-format", format];
        let mut server = start(&[&args[..], &more].concat(), Input::Null, Output::Read);
        let mut client = call(server.address());
        client.write_all(b"hello").unwrap();
        let wanted = if format == "jsonl" { "aGVsbG8=" } else { "hello" };
        until("the line", || fs::read_to_string(&log).unwrap().contains(wanted));
        client.write_all("Größe".as_bytes()).unwrap();
        drop(client);
        let ended = server.end();
        assert_eq!(ended.status, 0, "{:?}", ended.stderr);
        assert_eq!(fs::read(&log).unwrap(), exported(&capture, format), "{format}");
        // Never overwritten.
        let again = run(&["udp", "127.0.0.1:0", "--for", "1s", "--log-file", &log]);
        assert_eq!(again.status, 2, "{:?}", again.stderr);
        assert!(again.stderr[0].ends_with("already exists"), "{:?}", again.stderr);
    }
}

#[test]
fn a_killed_session_leaves_parts_that_open_and_the_next_one_counts_on() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "run.pcapng");
    let listen = |more: &[&str]| -> Process {
        let args = ["tcp-server", "127.0.0.1:0", "--print", "none", "--rotate", "2k", "--capture", &capture];
        start(&[&args[..], more].concat(), Input::Null, Output::Read)
    };
    let mut server = listen(&[]);
    let mut client = call(server.address());
    let bytes = pattern(20_000_000);
    let sent = bytes.clone();
    let sender = thread::Builder::new().spawn(move || {
        // Until it is killed.
        sent.chunks(700).try_for_each(|chunk| client.write_all(chunk)).unwrap_err();
    });
    until("parts", || parts(folder.path(), "run_").len() > 40);
    server.signal("KILL");
    assert_eq!(server.end().status, -1);
    sender.unwrap().join().unwrap();
    let left = parts(folder.path(), "run_");
    let mut found = Vec::new();
    for part in &left {
        let ended = run(&["export", part, "--format", "raw-rx"]);
        assert_eq!(ended.status, 0, "{part}: {:?}", ended.stderr);
        found.extend(ended.stdout);
        let is_last = Some(part) == left.last();
        assert!(is_last || ended.stderr.is_empty(), "{part}: {:?}", ended.stderr);
    }
    assert!(found.len() > 40_000 && bytes.starts_with(&found), "{}", found.len());
    for part in &left[left.len() - 5..left.len() - 1] {
        assert_eq!(faults(Path::new(part)), "", "{part}");
    }
    let mut server = listen(&["--keep", "3", "--max-connections", "1"]);
    let address = server.address();
    assert_eq!(parts(folder.path(), "run_").len(), 3, "the next one keeps three of all");
    let other = run(&["udp", "127.0.0.1:0", "--rotate", "1h", "--for", "1s", "--capture", &capture]);
    assert_eq!(other.status, 2, "{:?}", other.stderr);
    assert!(other.stderr[0].contains("another session records to"), "{:?}", other.stderr);
    let mut client = call(address);
    client.write_all(&bytes[..1_000_000]).unwrap();
    drop(client);
    assert_eq!(server.end().status, 0);
    let kept = parts(folder.path(), "run_");
    assert_eq!(kept.len(), 3);
    assert!(kept[0] > *left.last().unwrap(), "{kept:?} after {left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_for_a_while_loses_nothing_between_parts() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "run.pcapng");
    let args = ["tcp-server", "127.0.0.1:0", "--max-connections", "1", "--print", "none", "--rotate", "20k"];
    // A limit on the length of files.
    let mut server = super::process::start_limited(1000, &[&args[..], &["--capture", &capture]].concat());
    let mut client = call(server.address());
    let bytes = pattern(2_000_000);
    let sent = bytes.clone();
    client.write_all(&sent[..600_000]).unwrap();
    until("parts", || parts(folder.path(), "run_").len() > 3);
    server.limit("0");
    let sender = thread::Builder::new().spawn(move || client.write_all(&sent[600_000..]));
    server.line("recording paused: ");
    server.limit("unlimited");
    server.line("recording resumed after ");
    sender.unwrap().join().unwrap().unwrap();
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    assert!(together(&parts(folder.path(), "run_"), "raw-rx") == bytes);
}

#[test]
fn a_log_is_written_only_where_it_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| path(folder.path(), name);
    let workspace = place("lab.toml");
    let file = |log: &str| {
        let text = format!(
            "[[session]]\nprotocol = 'udp'\nlocal = '127.0.0.1:0'\n[session.options]\nlog-file = '{log}'\n"
        );
        fs::write(&workspace, text).unwrap();
    };
    let runs =
        |more: &[&str]| run(&[&["run", &workspace, "--for", "10ms", "--print", "none"], more].concat());
    file("told.txt");
    file(&place("told.txt"));
    let refused = runs(&[]);
    assert_eq!(refused.status, 2, "{:?}", refused.stderr);
    assert!(refused.stderr[0].contains("writes a log of all data to"), "{:?}", refused.stderr);
    assert!(!Path::new(&place("told.txt")).exists());
    let allowed = runs(&["--allow-folder", folder.path().to_str().unwrap()]);
    assert_eq!(allowed.status, 0, "{:?}", allowed.stderr);
    assert!(fs::read_to_string(place("told.txt")).unwrap().contains("bound to"));
    let flag = runs(&["--log-file", &place("other.txt")]);
    assert_eq!(flag.status, 0, "{:?}", flag.stderr);
    assert!(Path::new(&place("other.txt")).exists());
    // A link that leads nowhere is not followed.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place("secret"), place("link.txt")).unwrap();
        let refused = runs(&["--log-file", &place("link.txt")]);
        assert_eq!(refused.status, 2, "{:?}", refused.stderr);
        assert!(!PathBuf::from(place("secret")).exists());
    }
    let senseless = run(&["udp", "127.0.0.1:0", "--keep", "3"]);
    assert_eq!(senseless.status, 2);
    assert!(senseless.stderr[0].contains("needs '--rotate <WHEN>'"), "{:?}", senseless.stderr);
}
