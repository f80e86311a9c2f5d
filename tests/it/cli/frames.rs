//! `--frame`: what is printed is cut into messages, wherever reads cut it.

use std::io::Write as _;
use std::net::TcpStream;

use tempfile::TempDir;

use super::process::{Input, Output, path, start};
use super::{accept, call, datagrams, listen, read_all, read_exactly};

/// Sends the bytes so that each part is read by itself: it has come back before the next one goes.
fn send_in_parts(mut stream: &TcpStream, parts: &[&[u8]]) {
    for part in parts {
        stream.write_all(part).unwrap();
        assert_eq!(read_exactly(stream, part.len()), *part);
    }
}

/// The lines of a log without times.
fn without_time(log: &str) -> Vec<&str> {
    log.lines().map(|line| if line.starts_with("  ") { line } else { &line[33..] }).collect()
}

#[test]
fn hex_has_a_line_for_each_message() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--echo", "--print", "hex", "--frame", "length:0:1:be"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    send_in_parts(&stream, &[b"\x02", b"ab\x00\x01", b"c\x03d"]);
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "02 61 62\n00\n01 63\n03 64\n"), "{:?}", ended.stderr);
}

#[test]
fn a_log_has_messages_of_both_directions_and_says_which_are_not_whole() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--echo", "--print", "log", "--frame", "line", "--charset", "gbk"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    send_in_parts(&stream, &[b"\xB2", b"\xE2\r", b"\na\nb"]);
    drop(stream);
    let ended = client.end();
    let log = without_time(ended.text());
    for (direction, end) in [("←", "closed its sending side"), ("→", "closed the sending side")] {
        let mut of_direction = log.iter().skip_while(|line| !line.starts_with(direction));
        assert_eq!(of_direction.next(), Some(&&*format!("{direction} {address} 4 B")), "{log:?}");
        assert_eq!(of_direction.next(), Some(&"  测"), "{log:?}");
        let at = |line: &str| log.iter().position(|found| *found == line).unwrap();
        let rest = at(&format!("{direction} {address} 1 B [cut off]"));
        assert_eq!(log[rest + 1], "  b");
        let end = log.iter().position(|line| line.contains(end)).unwrap();
        assert!(rest < end, "before the end is told: {log:?}");
    }
    assert_eq!(log.iter().filter(|line| line.ends_with(" 2 B")).count(), 2, "{log:?}");
}

#[test]
fn each_client_of_a_server_is_a_stream_of_its_own() {
    let args = ["tcp-server", "127.0.0.1:0", "--echo", "--max-connections", "2"];
    let more = ["--print", "hex", "--frame", "delimiter:0D0A"];
    let mut server = start(&[&args[..], &more].concat(), Input::Empty, Output::Read);
    let address = server.address();
    let clients = [call(address), call(address)];
    for part in [&b"a\r"[..], b"\nb\r\n"] {
        for client in &clients {
            send_in_parts(client, &[part]);
        }
    }
    for client in clients {
        client.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(read_all(&client), b"");
    }
    let ended = server.end();
    let once = "61 0D 0A\n62 0D 0A\n";
    assert_eq!((ended.status, ended.text()), (0, &*once.repeat(2)), "{:?}", ended.stderr);
}

#[test]
fn the_end_of_a_datagram_ends_its_last_message() {
    let args = ["udp", "127.0.0.1:0", "--print", "hex", "--frame", "line", "--max-bytes", "4"];
    let mut udp = start(&args, Input::Empty, Output::Read);
    let (socket, _) = datagrams();
    let local = udp.address();
    for datagram in [&b"a\nb"[..], b"", b"c"] {
        socket.send_to(datagram, local).unwrap();
    }
    let ended = udp.end();
    assert_eq!((ended.status, ended.text()), (0, "61 0A\n62\n\n63\n"), "{:?}", ended.stderr);
}

#[test]
fn a_message_that_a_pause_ends_is_printed_without_waiting_for_the_next() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--print", "hex", "--frame", "idle:20ms"];
    let mut client = start(&args, Input::Empty, Output::Live);
    let stream = accept(&listener);
    for (sent, printed) in [(b"one", b"6F 6E 65\n"), (b"two", b"74 77 6F\n")] {
        (&stream).write_all(sent).unwrap();
        client.prints(printed);
    }
    drop(stream);
    assert_eq!(client.end().status, 0);
}

#[test]
fn a_log_keeps_datagrams_apart_and_marks_what_a_rule_highlights() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "lab.toml");
    let text = "[[session]]\nlocal = '127.0.0.1:0'\n[session.view]\nshow = 'hex'\n\
                [[session.rule]]\nname = 'alarm'\nwhen = 'starts'\npattern = 'a'\nthen = 'highlight'\n";
    std::fs::write(&file, text).unwrap();
    let half = "\u{FFFD}";
    for (options, bodies) in [
        (&[][..], ["E6 B5", "8B", "61 62"]),
        (&["--body", "text"], [half, half, "ab"]),
        (&["--framing", "line", "--body", "text"], [half, half, "ab"]),
    ] {
        let args = [&["run", &file, "--print", "log", "--max-bytes", "5"], options].concat();
        let mut session = start(&args, Input::Null, Output::Read);
        let (socket, from) = datagrams();
        let address = session.address();
        for datagram in [b"\xE6\xB5".as_slice(), b"\x8B", b"ab"] {
            socket.send_to(datagram, address).unwrap();
        }
        let ended = session.end();
        let log = without_time(ended.text());
        let expected: Vec<String> = bodies
            .iter()
            .zip([2, 1, 2])
            .flat_map(|(body, n)| [format!("← {from} {n} B"), format!("  {body}")])
            .collect();
        let at = log.iter().position(|line| line.starts_with('←')).unwrap();
        assert_eq!(log[at..at + 7], [&expected[..], &["· ★ alarm".to_owned()]].concat(), "{options:?}");
    }
    let (mut server, (socket, _)) = (
        start(&["udp", "127.0.0.1:0", "--print", "text", "--max-bytes", "3"], Input::Null, Output::Read),
        datagrams(),
    );
    let address = server.address();
    socket.send_to(b"\xE6\xB5", address).unwrap();
    socket.send_to(b"\x8B", address).unwrap();
    assert_eq!(server.end().text(), [half, half].concat());
}
