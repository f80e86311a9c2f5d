//! A disk that is full for a while: the session pauses, says so, and goes on without a loss.

use std::io::Write as _;
use std::thread;

use super::process::{path, start_limited};
use super::{call, exported};

#[test]
fn a_full_disk_pauses_a_session_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "a.pcapng");
    let args =
        ["tcp-server", "127.0.0.1:0", "--max-connections", "1", "--print", "none", "--capture", &capture];
    let mut server = start_limited(64, &args);
    let mut client = call(server.address());
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 251) as u8).collect();
    let sent = bytes.clone();
    // The kernel takes only a part of it while nothing is read.
    let sender = thread::spawn(move || client.write_all(&sent));
    let paused = server.line("recording paused: ");
    let place = format!(" bytes wait for room in {}", folder.path().display());
    assert!(paused.starts_with("File too large") && paused.ends_with(&place), "{paused}");
    server.lift_limit();
    server.line("recording resumed after ");
    sender.join().unwrap().unwrap();
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    assert!(exported(&capture, "raw-rx") == bytes);
}

#[test]
fn a_capture_that_cannot_be_begun_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "a.pcapng");
    let ended = start_limited(0, &["udp", "127.0.0.1:0", "--for", "1s", "--capture", &capture]).end();
    assert_eq!(ended.status, 1, "{:?}", ended.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
