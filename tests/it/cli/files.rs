//! Files that are sent in pieces, line by line, and at a pace.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::{accept, datagrams, listen, read_all, read_exactly};
use crate::cli::process::{Input, Output, start};

/// A file of that content, and its path.
fn file(content: &[u8]) -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    (file, path)
}

#[test]
fn lines_are_messages_and_keep_their_place_among_the_others() {
    let (listener, address) = listen();
    let (_file, path) = file(b"one\n\ntwo");
    let args = [
        "tcp-client",
        &address,
        "--send",
        "first",
        "--send-file",
        &path,
        "--file-lines=drop",
        "--skip-blank",
        "--append",
        "hex:3B",
        "--chunk-pause",
        "20ms",
        "--send",
        "last",
    ];
    let begun = Instant::now();
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_all(&stream), b"first;one;two;last;");
    assert!(begun.elapsed() >= Duration::from_millis(20));
    drop(stream);
    let ended = client.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    assert!(ended.stderr.last().unwrap().contains(", sent 19 bytes in 4 messages, "), "{:?}", ended.stderr);
}

#[test]
fn a_chunk_is_a_datagram() {
    let (peer, address) = datagrams();
    let (_file, path) = file(b"abcdefgh");
    let args =
        ["udp", "127.0.0.1:0", "--remote", &address, "--send-file", &path, "--chunk", "3", "--idle", "300ms"];
    let udp = start(&args, Input::Empty, Output::Read);
    for expected in ["abc", "def", "gh"] {
        let mut buffer = [0; 100];
        let n = peer.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..n], expected.as_bytes());
    }
    assert_eq!(udp.end().status, 0);
}

#[test]
fn each_peer_is_sent_so_many_bytes_a_second() {
    let (listener, address) = listen();
    let (_file, path) = file(&[7; 5000]);
    let args = ["tcp-client", &address, "--send-file", &path, "--rate", "50k"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    let begun = Instant::now();
    assert_eq!(read_all(&stream).len(), 5000);
    assert!(begun.elapsed() >= Duration::from_millis(70), "{:?}", begun.elapsed());
    drop(stream);
    assert_eq!(client.end().status, 0);
}

#[test]
fn a_file_that_did_not_go_whole_is_an_error() {
    let (listener, address) = listen();
    let (_file, path) = file(b"abcdef");
    let args = ["tcp-client", &address, "--send-file", &path, "--chunk", "2", "--chunk-pause", "1h"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 2), b"ab");
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    let ended = client.end();
    assert_eq!(ended.status, 1, "{:?}", ended.stderr);
    let expected = format!("error: {path}: only 2 of 6 bytes were sent");
    assert!(ended.stderr.contains(&expected), "{:?}", ended.stderr);
}
