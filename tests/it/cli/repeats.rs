//! Lists that are sent again and again, and servers that are called again.

use std::io::Write as _;
use std::net::Shutdown;

use super::{accept, datagrams, listen, read_all, read_exactly};
use crate::cli::process::{Input, Output, run, start};

#[test]
fn the_whole_list_is_sent_so_many_times_and_the_sending_side_closed() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--send", "a", "--send-hex", "42", "--every", "2ms", "--count", "5"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_all(&stream), b"aBaBaBaBaB");
    drop(stream);
    let ended = client.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    assert!(
        ended.stderr.iter().any(|line| line.starts_with("repeated 5 times every 2ms, ")),
        "{:?}",
        ended.stderr
    );
    assert!(ended.stderr.last().unwrap().contains(", sent 10 bytes in 10 messages, "), "{:?}", ended.stderr);
}

#[test]
fn without_a_count_it_ends_when_the_peer_has_finished() {
    let (listener, address) = listen();
    let client =
        start(&["tcp-client", &address, "--send", "x", "--every", "1ms"], Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 3), b"xxx");
    (&stream).write_all(b"enough").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(&stream).iter().all(|byte| *byte == b'x'));
    let ended = client.end();
    assert_eq!((ended.status, &ended.stdout[..]), (0, &b"enough"[..]), "{:?}", ended.stderr);
}

#[test]
fn a_peer_that_has_finished_is_sent_the_rest_of_a_count() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--send", "x", "--every", "5ms", "--count", "20"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&stream), b"x".repeat(20));
    assert_eq!(client.end().status, 0);
}

#[test]
fn each_client_of_a_server_gets_its_own() {
    let args = [
        "tcp-server",
        "127.0.0.1:0",
        "--send",
        "x",
        "--every",
        "1ms",
        "--count",
        "4",
        "--max-connections",
        "2",
    ];
    let mut server = start(&args, Input::Empty, Output::Read);
    let address = server.address();
    for _client in 0..2 {
        let stream = super::call(address);
        assert_eq!(read_exactly(&stream, 4), b"xxxx");
    }
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    let n = ended.stderr.iter().filter(|line| line.starts_with("repeated 4 times every 1ms, ")).count();
    assert_eq!(n, 2, "{:?}", ended.stderr);
}

#[test]
fn datagrams_are_repeated_to_the_remote() {
    let (socket, address) = datagrams();
    let args =
        ["udp", "127.0.0.1:0", "--remote", &address, "--send", "tick", "--every", "1ms", "--max-bytes", "1"];
    let client = start(&args, Input::Empty, Output::Read);
    let mut buffer = [0; 16];
    for beat in 0..10 {
        let (n, from) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..n], b"tick");
        if beat == 9 {
            socket.send_to(b"!", from).unwrap();
        }
    }
    let ended = client.end();
    assert_eq!((ended.status, &ended.stdout[..]), (0, &b"!"[..]), "{:?}", ended.stderr);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (args, why) in [
        (&["--every", "1s"][..], "there is nothing to send"),
        (&["--send", "x", "--count", "3"], "--every"),
        (&["--send", "x", "--every", "10us"], "at least 100us"),
        (&["--send", "x", "--every", "1s", "--count", "0"], "a whole number from 1 on"),
    ] {
        let ended = run(&[&["udp", "127.0.0.1:0"], args].concat());
        assert_eq!(ended.status, 2, "{args:?}");
        assert!(ended.stderr.join("\n").contains(why), "{args:?}: {:?}", ended.stderr);
    }
}

#[test]
fn a_server_that_went_away_is_called_again_and_sent_the_list() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--send", "hello", "--reconnect", "--max-bytes", "3"];
    let mut client = start(&args, Input::Empty, Output::Read);
    let first = accept(&listener);
    assert_eq!(read_exactly(&first, 5), b"hello");
    drop(first);
    client.line("not connected; reconnecting in 1s");
    let second = accept(&listener);
    assert_eq!(read_exactly(&second, 5), b"hello");
    (&second).write_all(b"end").unwrap();
    let ended = client.end();
    assert_eq!((ended.status, &ended.stdout[..]), (0, &b"end"[..]), "{:?}", ended.stderr);
    assert!(ended.stderr.last().unwrap().contains(", 2 connections; "), "{:?}", ended.stderr);
}
