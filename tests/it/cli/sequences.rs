//! What is sent in order with answers between, and connections that are made for each message.

use std::io::Write as _;
use std::net::TcpStream;

use super::{accept, datagrams, listen, read_all, read_exactly};
use crate::cli::process::{Ended, Input, Output, run, start};

/// Runs a client with these options against a peer that answers each message of a connection as told.
fn talk(options: &[&str], answers: &[(&[u8], &[u8])]) -> Ended {
    let (listener, address) = listen();
    let args = [&["tcp-client", &address], options].concat();
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    for (message, answer) in answers {
        assert_eq!(read_exactly(&stream, message.len()), *message);
        (&stream).write_all(answer).unwrap();
    }
    assert_eq!(read_all(&stream), b"", "no more than that");
    drop(stream);
    client.end()
}

fn says(ended: &Ended, text: &str) -> bool {
    ended.stderr.iter().any(|line| line.contains(text))
}

#[test]
fn each_message_waits_for_the_answer_to_the_one_before() {
    let options =
        ["--send", "A", "--expect", "text:OK", "--within", "20s", "--send-hex", "42", "--pause", "1ms"];
    let ended =
        talk(&[&options[..], &["--loops", "2"]].concat(), &[(b"A", b"yes OK"), (b"BA", b"OK"), (b"B", b"")]);
    assert_eq!((ended.status, &ended.stdout[..]), (0, &b"yes OKOK"[..]), "{:?}", ended.stderr);
}

#[test]
fn an_answer_that_does_not_come_is_an_error_that_says_what_came_instead() {
    let options = ["--send", "hello", "--expect", "starts-hex:06", "--within", "150ms", "--send", "never"];
    let ended = talk(&options, &[(b"hello", b"ERR 5\n")]);
    assert_eq!((ended.status, &ended.stdout[..]), (1, &b"ERR 5\n"[..]));
    let said = "error: no answer starts-hex:06 to message 1 within 150ms: instead came ‘ERR 5\\n’ (6 bytes), which \
                differs at offset 0";
    assert!(says(&ended, said), "{:?}", ended.stderr);
}

#[test]
fn it_can_go_on_without_an_answer_and_has_failed_all_the_same() {
    let options = ["--send", "a", "--expect", "any", "--within", "5ms", "--send", "b", "--go-on"];
    let ended = talk(&options, &[(b"ab", b"")]);
    assert_eq!(ended.status, 1);
    assert!(says(&ended, "error: 1 answer did not come in time"), "{:?}", ended.stderr);
}

#[test]
fn an_answer_is_a_message_under_the_framing() {
    let options = ["--frame", "line", "--send", "a", "--expect", "equals-text:OK\\n", "--send", "b"];
    let (listener, address) = listen();
    let args = [&["tcp-client", &address], &options[..]].concat();
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 1), b"a");
    for part in [b"wait\nO", b"K\nmore\n".as_slice()] {
        (&stream).write_all(part).unwrap();
    }
    assert_eq!(read_all(&stream), b"b");
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "wait\nOK\nmore\n"), "{:?}", ended.stderr);
}

#[test]
fn a_peer_that_closes_does_not_answer() {
    let (listener, address) = listen();
    let client =
        start(&["tcp-client", &address, "--send", "a", "--expect", "any"], Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 1), b"a");
    drop(stream);
    let ended = client.end();
    assert_eq!(ended.status, 1);
    assert!(says(&ended, "error: the peer left before the sequence was done"), "{:?}", ended.stderr);
}

#[test]
fn each_client_of_a_server_has_its_own_sequence() {
    let args = [
        "tcp-server",
        "127.0.0.1:0",
        "--send",
        "name?",
        "--expect",
        "regex:^[a-z]+$",
        "--send",
        "bye",
        "--max-connections",
        "2",
    ];
    let mut server = start(&args, Input::Empty, Output::Read);
    let address = server.address();
    let clients: Vec<TcpStream> = (0..2).map(|_| super::call(address)).collect();
    for client in clients.iter().rev() {
        assert_eq!(read_exactly(client, 5), b"name?");
        (&*client).write_all(b"bob").unwrap();
        assert_eq!(read_exactly(client, 3), b"bye");
    }
    drop(clients);
    let ended = server.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
}

#[test]
fn what_came_before_a_message_was_sent_is_an_answer() {
    let (listener, address) = listen();
    let greeting = ["--expect", "text:220 ready", "--expect", "text:\\n", "--send", "A", "--pause", "50ms"];
    let args = [&["tcp-client", &address][..], &greeting, &["--send", "B", "--expect", "text:X"]].concat();
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    // The first two answers are in one read or in two.
    (&stream).write_all(b"220 re").unwrap();
    (&stream).write_all(b"ady\n").unwrap();
    assert_eq!(read_exactly(&stream, 1), b"A");
    (&stream).write_all(b"X").unwrap();
    assert_eq!(read_all(&stream), b"B");
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "220 ready\nX"), "{:?}", ended.stderr);
}

#[test]
fn a_peer_that_says_all_and_leaves_has_answered() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--expect", "text:one", "--pause", "20ms", "--expect", "text:two"];
    for (said, expected) in [
        (&b"one two"[..], None),
        (b"one 2", Some("the peer left before the sequence was done: no answer text:two: instead came ‘ 2’")),
        (b"", Some("the peer left before the sequence was done: no answer text:one: nothing came")),
    ] {
        let client = start(&args, Input::Empty, Output::Read);
        let stream = accept(&listener);
        (&stream).write_all(said).unwrap();
        drop(stream);
        let ended = client.end();
        assert_eq!((ended.status, &ended.stdout[..]), (i32::from(expected.is_some()), said));
        assert!(expected.is_none_or(|expected| says(&ended, expected)), "{:?}", ended.stderr);
    }
}

#[test]
fn an_incomplete_message_is_named() {
    let options = ["--framing", "line", "--send", "a", "--expect", "equals-text:OK\\n", "--within", "150ms"];
    let ended = talk(&options, &[(b"a", b"ok\nOK")]);
    let said = "no answer equals-text:OK\\n to message 1 within 150ms: instead came 1 message and the incomplete ‘OK’ \
                (2 bytes), which differs at offset 2";
    assert!(ended.status == 1 && says(&ended, said), "{:?}", ended.stderr);
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--framing", "line", "--expect", "text:OK"];
    let client = start(&args, Input::Empty, Output::Read);
    accept(&listener).write_all(b"OK").unwrap();
    let ended = client.end();
    let said = "the peer left before the sequence was done: no answer text:OK: instead came the incomplete message ‘OK’";
    assert!(ended.status == 1 && says(&ended, said), "{:?}", ended.stderr);
}

#[test]
fn over_udp_it_ends_with_the_last_answer() {
    let (device, remote) = datagrams();
    let args = ["udp", "127.0.0.1:0", "--remote", &remote, "--send", "ping", "--expect", "equals-text:pong"];
    let session = start(&args, Input::Empty, Output::Read);
    let mut buffer = [0; 16];
    let (n, from) = device.recv_from(&mut buffer).unwrap();
    assert_eq!(&buffer[..n], b"ping");
    device.send_to(b"pong", from).unwrap();
    assert_eq!(session.end().status, 0);
}

#[test]
fn a_connection_is_made_for_each_beat() {
    let (listener, address) = listen();
    let args =
        ["tcp-client", &address, "--short", "--send", "a", "--send", "b", "--every", "2ms", "--count", "3"];
    let client = start(&args, Input::Empty, Output::Read);
    for n in 0..3 {
        let stream = accept(&listener);
        assert_eq!(read_exactly(&stream, 2), b"ab");
        (&stream).write_all(&[b'0' + n]).unwrap();
        assert_eq!(read_all(&stream), b"", "it is closed");
    }
    let ended = client.end();
    assert_eq!((ended.status, &ended.stdout[..]), (0, &b"012"[..]), "{:?}", ended.stderr);
    assert!(says(&ended, "3 short connections done, 0 failed; they took "), "{:?}", ended.stderr);
    assert!(ended.stderr.last().unwrap().contains(", 3 connections; "), "{:?}", ended.stderr);
}

#[test]
fn one_short_connection_waits_until_the_peer_closes_if_told_so() {
    let (listener, address) = listen();
    let client =
        start(&["tcp-client", &address, "--short=close", "--send", "GET"], Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_exactly(&stream, 3), b"GET");
    (&stream).write_all(b"one ").unwrap();
    (&stream).write_all(b"two").unwrap();
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, &ended.stdout[..]), (0, &b"one two"[..]), "{:?}", ended.stderr);
}

#[test]
fn a_short_connection_that_failed_is_an_error() {
    let address = listen().1;
    let ended = run(&["tcp-client", &address, "--short", "--send", "x"]);
    assert_eq!(ended.status, 1);
    assert!(says(&ended, "0 short connections done, 1 failed"), "{:?}", ended.stderr);
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--short", "--within", "20ms", "--send", "x"];
    let client = start(&args, Input::Empty, Output::Read);
    assert_eq!(read_all(&accept(&listener)), b"x");
    let ended = client.end();
    assert!(ended.status == 1 && says(&ended, "no answer within 20 ms"), "{:?}", ended.stderr);
}

#[test]
fn what_makes_no_sense_is_told_with_what_would() {
    let call = ["tcp-client", "127.0.0.1:1"];
    for (options, why) in [
        (
            &["--send", "a", "--within", "1s"][..],
            "'--within <DURATION>' needs '--expect <PATTERN>', or '--short'",
        ),
        (&["--send", "a", "--within", "1s", "--expect", "any"], "needs a preceding '--expect'"),
        (&["--loops", "2"], "there is nothing to send"),
        (&["--send", "a", "--expect", "OK"], "expected text:TEXT"),
        (&["--send", "a", "--expect", "hex:0"], "(at character "),
        (&["--send", "a", "--expect", "any", "--every", "1s"], "cannot be used with"),
        (&["--send", "a", "--go-on"], "--expect"),
        (&["--short"], "short connections need '--send'"),
        (&["--short", "--send", "a", "--reconnect"], "cannot be used with"),
        (&["--short", "--send", "a", "--expect", "any"], "cannot be used with"),
        (&["--short", "--send", "a", "--within", "1s", "--within", "2s"], "only once with '--short'"),
    ] {
        let ended = run(&[&call[..], options].concat());
        assert_eq!(ended.status, 2, "{options:?}");
        assert!(says(&ended, why), "{options:?}: {:?}", ended.stderr);
    }
}
