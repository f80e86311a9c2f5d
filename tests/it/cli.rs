//! The command line, as scripts use it: the built binary against sockets of the standard library.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail at once")]

#[cfg(target_os = "linux")]
mod alerts;
mod append;
mod decrypt;
mod effects;
mod endings;
mod files;
mod folders;
mod foreign;
mod frames;
#[cfg(target_os = "linux")]
mod full;
mod parts;
mod portable;
mod process;
mod relay;
mod repeats;
#[cfg(unix)]
mod rotation;
mod rules;
mod sequences;
mod tls;
mod websocket;
mod workspace;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use netassist::journal::scan;
use process::{DEADLINE, Input, Output, path, run, start};
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

/// A file that is there.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

fn call(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, DEADLINE).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

fn datagrams() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

fn read_all(mut stream: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

fn read_exactly(mut stream: &TcpStream, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// The bytes `netassist export` makes of a capture, which must be whole.
fn exported(capture: &str, format: &str) -> Vec<u8> {
    let end = scan(Path::new(capture), 0, u64::MAX, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(!end.torn);
    let ended = run(&["export", capture, "--format", format]);
    assert_eq!((ended.status, &ended.stderr[..]), (0, &[][..]));
    ended.stdout
}

#[test]
fn a_client_sends_its_list_in_order_and_prints_the_answer() {
    let folder = TempDir::new().unwrap();
    let file = path(folder.path(), "body.bin");
    fs::write(&file, b"<file>").unwrap();
    let (listener, address) = listen();
    let args = [
        "tcp-client",
        &address,
        "--send",
        r"a\r\n\x00",
        "--send-file",
        &file,
        "--send-hex",
        "0xFF,fe",
        "--send",
        "z",
    ];
    let mut client = start(&args, Input::Piped, Output::Read);
    let stream = accept(&listener);
    client.line("connected ");
    client.feed(b"from standard input");
    assert_eq!(read_all(&stream), b"a\r\n\0<file>\xFF\xFEzfrom standard input");
    (&stream).write_all(b"answer\0\xFF\r\n").unwrap();
    drop(stream);
    let ended = client.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    assert_eq!(ended.stdout, b"answer\0\xFF\r\n");
    let summary = ended.stderr.last().unwrap();
    assert!(
        summary.starts_with("received 10 bytes in ") && summary.contains(", sent 32 bytes in "),
        "{summary}"
    );
    assert!(summary.contains(", 1 connection; recorded in "), "{summary}");
    // Nobody asked for a capture, but there is one.
    let kept = ended.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(exported(kept[0].to_str().unwrap(), "raw-rx"), b"answer\0\xFF\r\n");
}

#[test]
fn text_is_sent_in_the_charset_and_escapes_can_be_turned_off() {
    for (args, bytes) in [
        (&["--send", r"测\\\u{8BD5}", "--charset", "gbk"][..], &b"\xB2\xE2\\\xCA\xD4"[..]),
        (&["--send", r"a\n\q", "--no-escapes"], br"a\n\q"),
        (&["--no-escapes", "--escapes", "--send", r"-\t-"], b"-\t-"),
        (&["--send", "--", "--charset", "utf-16be"], b"\0-\0-"),
    ] {
        let (listener, address) = listen();
        let client = start(&[&["tcp-client", &address], args].concat(), Input::Empty, Output::Read);
        let stream = accept(&listener);
        assert_eq!(read_all(&stream), bytes, "{args:?}");
        drop(stream);
        assert_eq!(client.end().status, 0, "{args:?}");
    }
}

#[test]
fn a_peer_that_only_stopped_sending_gets_all_there_is_to_send() {
    // What --send names, although the peer was quicker.
    for echo in [&[][..], &["--echo"]] {
        let (listener, address) = listen();
        let args = [&["tcp-client", &address, "--send", "question"], echo].concat();
        let client = start(&args, Input::Empty, Output::Read);
        let stream = accept(&listener);
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(&stream), b"question", "{echo:?}");
        assert_eq!(client.end().status, 0);
    }

    // And standard input, as long as it does not pause.
    let bytes = vec![b'x'; 32 << 20];
    for server in [false, true] {
        let (mut process, stream) = if server {
            let mut process =
                start(&["tcp-server", "127.0.0.1:0", "--max-connections", "1"], Input::Piped, Output::Read);
            let stream = call(process.address());
            (process, stream)
        } else {
            let (listener, address) = listen();
            (start(&["tcp-client", &address], Input::Piped, Output::Read), accept(&listener))
        };
        let mut stdin = process.stdin.take().unwrap();
        let much = bytes.clone();
        let feeder = thread::Builder::new().spawn(move || stdin.write_all(&much)).unwrap();
        assert_eq!(read_exactly(&stream, 1), b"x");
        stream.shutdown(Shutdown::Write).unwrap();
        let rest = read_all(&stream);
        assert_eq!(rest.len(), bytes.len() - 1, "server: {server}");
        feeder.join().unwrap().unwrap();
        assert_eq!(process.end().status, 0);
    }
}

#[test]
fn input_that_nobody_ends_does_not_keep_a_peer_that_has_closed() {
    let (listener, address) = listen();
    let mut client = start(&["tcp-client", &address], Input::Piped, Output::Read);
    let stdin = client.stdin.take();
    drop(accept(&listener));
    let ended = client.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    drop(stdin);
}

#[test]
fn a_server_greets_each_client_and_ends_after_the_last() {
    let args = ["tcp-server", "127.0.0.1:0", "--send", "welcome", "--max-connections", "2", "--print", "hex"];
    let mut server = start(&args, Input::Empty, Output::Read);
    let address = server.address();
    for bytes in [b"\x01\x02", b"\xAB\xCD"] {
        let client = call(address);
        assert_eq!(read_exactly(&client, 7), b"welcome");
        (&client).write_all(bytes).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(&client), b"");
    }
    let ended = server.end();
    assert_eq!((ended.status, ended.text()), (0, "01 02\nAB CD\n"), "{:?}", ended.stderr);
    assert!(
        ended.stderr.last().unwrap().contains(", 2 connections, keep-alive 60s 10s 5; recorded in "),
        "{:?}",
        ended.stderr
    );
}

#[test]
fn a_server_sends_its_input_to_the_clients_and_then_closes_to_them() {
    let mut server =
        start(&["tcp-server", "127.0.0.1:0", "--max-connections", "1"], Input::Piped, Output::Read);
    let client = call(server.address());
    server.feed(b"hello from the pipe");
    assert_eq!(read_all(&client), b"hello from the pipe");
    (&client).write_all(b"still heard").unwrap();
    drop(client);
    let ended = server.end();
    assert_eq!((ended.status, ended.text()), (0, "still heard"), "{:?}", ended.stderr);
}

#[test]
fn an_echo_goes_on_although_there_is_no_input() {
    let args = ["tcp-server", "127.0.0.1:0", "--echo", "--max-connections", "1", "--print", "none"];
    let mut server = start(&args, Input::Empty, Output::Read);
    let client = call(server.address());
    for bytes in [b"one", b"two"] {
        (&client).write_all(bytes).unwrap();
        assert_eq!(read_exactly(&client, 3), bytes);
    }
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&client), b"");
    let ended = server.end();
    assert_eq!((ended.status, ended.text()), (0, ""));
}

#[test]
fn an_echoing_client_does_not_close_at_the_end_of_its_input() {
    let (listener, address) = listen();
    let client = start(&["tcp-client", &address, "--echo"], Input::Empty, Output::Read);
    let stream = accept(&listener);
    (&stream).write_all(b"ping").unwrap();
    assert_eq!(read_exactly(&stream, 4), b"ping");
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "ping"));
}

#[test]
fn udp_sends_a_datagram_for_each_part() {
    let (socket, address) = datagrams();
    let args = [
        "udp",
        "127.0.0.1:0",
        "--remote",
        &address,
        "--send",
        "a",
        "--send-hex",
        "62 63",
        "--max-bytes",
        "1",
    ];
    let mut udp = start(&args, Input::Piped, Output::Read);
    let local = udp.address();
    let mut buffer = vec![0; 65_536];
    for expected in [&b"a"[..], b"bc"] {
        let (n, from) = socket.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..n], from), (expected, local));
    }
    // Input without borders is cut where it fits.
    udp.feed(&[7; 3000]);
    let (mut got, mut longest) = (0, 0);
    while got < 3000 {
        let (n, _) = socket.recv_from(&mut buffer).unwrap();
        assert!(buffer[..n].iter().all(|byte| *byte == 7));
        got += n;
        longest = longest.max(n);
    }
    assert_eq!((got, longest), (3000, 1400));
    socket.send_to(b"enough", local).unwrap();
    let ended = udp.end();
    assert_eq!((ended.status, ended.text()), (0, "enough"), "{:?}", ended.stderr);
    let summary = ended.stderr.last().unwrap();
    assert!(summary.contains("sent 3003 bytes"), "{summary}");
    // Other systems do not count them.
    assert_eq!(summary.contains("0 datagrams dropped"), cfg!(target_os = "linux"), "{summary}");
}

#[test]
fn udp_without_a_remote_answers_whoever_comes() {
    let args = ["udp", "127.0.0.1:0", "--echo", "--send", "hello", "--max-bytes", "6"];
    let mut udp = start(&args, Input::Empty, Output::Read);
    let local = udp.address();
    for message in [b"one", b"two"] {
        let (socket, _) = datagrams();
        socket.send_to(message, local).unwrap();
        let mut answers: Vec<Vec<u8>> = (0..2)
            .map(|_| {
                let mut buffer = [0; 100];
                let (n, _) = socket.recv_from(&mut buffer).unwrap();
                buffer[..n].to_vec()
            })
            .collect();
        answers.sort();
        assert_eq!(answers, [&b"hello"[..], message]);
    }
    let ended = udp.end();
    assert_eq!((ended.status, ended.text()), (0, "onetwo"), "{:?}", ended.stderr);
    assert!(ended.stderr.last().unwrap().contains("2 peers"), "{:?}", ended.stderr);
}

#[test]
fn a_character_split_between_two_reads_is_printed_whole() {
    let (listener, address) = listen();
    let args = ["tcp-client", &address, "--print", "text", "--charset", "gbk", "--echo"];
    let client = start(&args, Input::Empty, Output::Read);
    let stream = accept(&listener);
    for byte in b"\xB2\xE2\xCA\xD4\r\n\xFF\xB2" {
        (&stream).write_all(&[*byte]).unwrap();
        // It was read by itself if it has come back before the next one goes.
        assert_eq!(read_exactly(&stream, 1), [*byte]);
    }
    drop(stream);
    let ended = client.end();
    assert_eq!((ended.status, ended.text()), (0, "测试\r\n\u{FFFD}\u{FFFD}"), "{:?}", ended.stderr);
}

#[test]
fn a_log_tells_everything_in_order() {
    let (listener, address) = listen();
    let client =
        start(&["tcp-client", &address, "--print", "log", "--send", "ask"], Input::Empty, Output::Read);
    let stream = accept(&listener);
    assert_eq!(read_all(&stream), b"ask");
    (&stream).write_all(b"line\n\x1B[2J").unwrap();
    drop(stream);
    let ended = client.end();
    let without_time: Vec<&str> =
        ended.text().lines().map(|line| if line.starts_with("  ") { line } else { &line[33..] }).collect();
    let expected = [
        format!("· connected to {address}"),
        format!("→ {address} 3 B"),
        "  ask".to_owned(),
        format!("· closed the sending side to {address} (FIN)"),
        format!("← {address} 9 B"),
        "  line".to_owned(),
        "  ␛[2J".to_owned(),
        format!("· {address} closed its sending side (FIN)"),
        "· closed".to_owned(),
    ];
    assert_eq!(without_time, expected);
}

#[test]
fn network_errors_give_status_1_and_name_the_address() {
    // Bound, but not listening: nobody else can have the port either.
    let silent = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    silent.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let free = silent.local_addr().unwrap().as_socket().unwrap().to_string();
    let refused = run(&["tcp-client", &free]);
    assert_eq!((refused.status, refused.text()), (1, ""));
    assert_eq!(refused.stderr.len(), 1, "told once: {:?}", refused.stderr);
    assert!(
        refused.stderr[0].starts_with(&format!("error: cannot connect to {free}: ")),
        "{:?}",
        refused.stderr
    );

    let (_listener, taken) = listen();
    let in_use = run(&["tcp-server", &taken]);
    assert_eq!(in_use.status, 1);
    assert!(
        in_use.stderr[0].starts_with("error: ") && in_use.stderr[0].contains(&taken),
        "{:?}",
        in_use.stderr
    );

    let unknown = run(&["tcp-client", "no-such-host.invalid:80"]);
    assert_eq!(unknown.status, 1);
    assert!(unknown.stderr[0].contains("no-such-host.invalid"), "{:?}", unknown.stderr);

    let (listener, address) = listen();
    let client = start(&["tcp-client", &address, "--send", "x"], Input::Piped, Output::Read);
    let stream = accept(&listener);
    // Closing with something unread resets the connection.
    stream.peek(&mut [0]).unwrap();
    drop(stream);
    let reset = client.end();
    assert_eq!(reset.status, 1, "{:?}", reset.stderr);
}

#[test]
fn a_senseless_command_line_gives_status_2_and_says_what_is_right() {
    for (args, says) in [
        (&["tcp-client", "127.0.0.1"][..], "HOST:PORT"),
        (&["tcp-client", "127.0.0.1:70000"], "0 to 65535"),
        (&["tcp-server", "example.org:1"], "0.0.0.0:8080"),
        (&["tcp-client", "h:1", "--send-hex", "48 6"], "at character 4"),
        (&["tcp-client", "h:1", "--send", r"ab\q"], r"\xHH"),
        (&["tcp-client", "h:1", "--send", "测", "--charset", "latin1"], "does not exist in latin1"),
        (&["tcp-client", "h:1", "--send-file", "/no/such/file"], "/no/such/file"),
        (&["tcp-client", "h:1", "--send-file", env!("CARGO_MANIFEST_DIR")], "not a regular file"),
        (&["tcp-client", "h:1", "--rate", "9600"], "--send-file"),
        (&["tcp-client", "h:1", "--send-file", MANIFEST, "--rate", "fast"], "100k, 1.5M or 64Ki"),
        (
            &["tcp-client", "h:1", "--send-file", MANIFEST, "--rate", "1", "--chunk-pause", "1s"],
            "cannot be used",
        ),
        (&["tcp-client", "h:1", "--send-file", MANIFEST, "--chunk-pause", "1us"], "at least 100us"),
        (&["tcp-client", "h:1", "--send-file", MANIFEST, "--chunk", "0"], "from 1 to 1048576"),
        (&["tcp-client", "h:1", "--send-file", MANIFEST, "--file-lines", "--chunk", "5"], "cannot be used"),
        (&["tcp-client", "h:1", "--send-file", MANIFEST, "--skip-blank"], "--file-lines"),
        (&["tcp-client", "h:1", "--send-file", MANIFEST, "--append", "lf"], "--file-lines"),
        (&["udp", "127.0.0.1:0", "--send-file", MANIFEST, "--chunk", "65508"], "65507"),
        (&["tcp-client", "h:1", "--charset", "klingon"], "gb18030"),
        (&["tcp-client", "h:1", "--print", "all"], "raw"),
        (&["tcp-client", "h:1", "--for", "5"], "20ms"),
        (
            &["tcp-client", "h:1", "--print", "hex", "--frame", "lines"],
            "expected one of none, line, delimiter:HEX",
        ),
        (
            &["tcp-client", "h:1", "--print", "hex", "--frame", "length:0:9:be"],
            "1 to 8 bytes, found 9 (at character 10)",
        ),
        (&["tcp-client", "h:1", "--print", "text", "--frame", "line"], "'--print hex' or '--print log'"),
        (&["udp", "127.0.0.1:0", "--frame", "line"], "'--print hex' or '--print log'"),
        (&["tcp-client", "h:1", "--overwrite"], "--capture"),
        (&["tcp-client", "h:1", "--max-connections", "1"], "--max-connections"),
        (&["udp", "127.0.0.1:0", "--join", "10.0.0.1"], "expected a multicast address"),
        (&["export", "x", "--format", "doc"], "netassist5"),
        (&["frobnicate"], "frobnicate"),
    ] {
        let ended = run(args);
        assert_eq!((ended.status, ended.text()), (2, ""), "{args:?}: {:?}", ended.stderr);
        let stderr = ended.stderr.join("\n");
        assert!(stderr.starts_with("error: ") && stderr.contains(says), "{args:?}: {stderr}");
    }
    // In words of ours: the system's are in its language.
    let none = |path: &str, number| format!("{path}: no such file or folder (os error {number})");
    let number = if cfg!(windows) { 3 } else { 2 };
    for (args, says) in [
        (&["export", "/no/such.pcapng", "--format", "text"][..], &*none("/no/such.pcapng", number)),
        (&["run", "/no/such.toml"], &none("/no/such.toml", number)),
        (&["run", "no-such.toml"], &none("no-such.toml", 2)),
        (
            &["tcp-client", "h:1", "--capture", "/no/such/folder/x.pcapng"],
            "/no/such/folder/x.pcapng: no such folder",
        ),
    ] {
        let ended = run(args);
        assert_eq!((ended.status, ended.stderr.len()), (1, 1), "{args:?}: {:?}", ended.stderr);
        assert!(ended.stderr[0].starts_with(&format!("error: {says}")), "{:?}", ended.stderr);
    }
    for args in [&["--help"][..], &["--version"], &["udp", "--help"]] {
        let ended = run(args);
        assert_eq!((ended.status, &ended.stderr[..]), (0, &[][..]), "{args:?}");
        assert!(!ended.stdout.is_empty());
    }
}

#[test]
fn much_input_arrives_whole() {
    let (listener, address) = listen();
    let bytes: Vec<u8> = (0..16_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut client = start(&["tcp-client", &address], Input::Piped, Output::Read);
    let stream = accept(&listener);
    let sink = thread::Builder::new().spawn(move || read_all(&stream)).unwrap();
    client.feed(&bytes);
    assert!(sink.join().unwrap() == bytes);
    let ended = client.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
}
