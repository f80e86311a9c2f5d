//! `netassist relay`, and what Wireshark's tools say of its captures.

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::{Builder, JoinHandle};

use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Origin, PassedFrom, Recorder as _, SessionNote, Stamp, Transport};

use super::process::{Input, Output, path, run, start};
use super::{accept, call, listen, read_all, read_exactly};
use crate::journal::tshark::{faults, follow};

fn spawn<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().spawn(run).unwrap()
}

#[test]
fn a_message_of_several_records_tells_what_was_done_with_any_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "relay.pcapng");
    let mut writer = Writer::create(Path::new(&capture)).unwrap();
    writer.begin("t", "tcp-relay 127.0.0.1:1", Stamp(1));
    let ends = [2, 1, 3, 4].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let client = writer.flow(Transport::Tcp, ends[1], ends[0], Origin::Accepted, Stamp(1)).id;
    let upstream = writer.flow(Transport::Tcp, ends[2], ends[3], Origin::Connected, Stamp(1)).id;
    writer.connected(client, Stamp(1));
    writer.connected(upstream, Stamp(1));
    writer.session_note(SessionNote::Paired(ends), Stamp(1));
    for (n, (text, why)) in
        [("on", "[rule] r"), ("e", "[fault] delay=1ms"), ("\n", "[fault] delay=1ms")].into_iter().enumerate()
    {
        let from = PassedFrom { record: 0, offset: n as u64, len: Some(1) };
        writer.why(&format!("{from} {why}"));
        writer.data(upstream, Direction::Sent, Cast::Unicast, true, text.as_bytes(), Stamp(2));
    }
    writer.finish(None, Stamp(3));
    writer.commit().unwrap();
    for (format, why) in [
        ("text", " 4 B [rule] r; [fault] delay=1ms\n"),
        ("csv", ",[rule] r; [fault] delay=1ms\r\n"),
        ("jsonl", ",\"why\":\"[rule] r; [fault] delay=1ms\",\"data\":\"b25lCg==\"}"),
    ] {
        let ended = run(&["export", &capture, "--framing", "line", "--format", format]);
        assert!(ended.text().contains(why), "{format}: {}", ended.text());
    }
}

#[test]
fn both_sides_are_forwarded_recorded_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "relay.pcapng");
    let (upstream, to) = listen();
    let args =
        ["relay", "127.0.0.1:0", "--to", &to, "--max-connections", "2", "--send", "!", "--capture", &capture];
    let mut relay = start(&args, Input::Empty, Output::Read);
    let address = relay.address();
    assert_eq!(relay.line("relaying to "), to);
    let bytes: Vec<u8> = (0..=250).cycle().take(100_003).collect();
    for _client in 0..2 {
        let client = call(address);
        let server = accept(&upstream);
        // Before anything comes from upstream.
        assert_eq!(read_exactly(&client, 1), b"!", "--send goes to the client");
        let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (sent, answered) = (bytes.clone(), bytes.clone());
        let asking = spawn(move || {
            up.write_all(&sent).unwrap();
            up.shutdown(Shutdown::Write).unwrap();
        });
        let answering = spawn(move || {
            down.write_all(&answered).unwrap();
            down.shutdown(Shutdown::Write).unwrap();
        });
        let reading = spawn(move || read_all(&server));
        assert!(read_all(&client) == bytes && reading.join().unwrap() == bytes);
        asking.join().unwrap();
        answering.join().unwrap();
    }
    let ended = relay.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    let log = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(
        log.matches(" is relayed from 127.0.0.1:").count(),
        2,
        "a log is printed unless said otherwise"
    );
    assert!(ended.stderr.last().unwrap().contains(", 4 connections, "), "{:?}", ended.stderr);

    assert_eq!(faults(Path::new(&capture)), "");
    let streams = follow(Path::new(&capture), &[0, 1, 2, 3]);
    let with_greeting = [b"!", &bytes[..]].concat();
    for pair in streams.chunks(2) {
        assert!(pair[0][0] == bytes && pair[0][1] == with_greeting, "client and relay");
        assert!(pair[1][0] == bytes && pair[1][1] == bytes, "relay and upstream");
    }
}

#[test]
fn an_upstream_that_refuses_is_told_and_the_relay_goes_on() {
    let (nobody, to) = listen();
    drop(nobody);
    let args = ["relay", "127.0.0.1:0", "--to", &to, "--max-connections", "1", "--print", "none"];
    let mut relay = start(&args, Input::Empty, Output::Read);
    // The reset may come before the connection is taken note of.
    let client = TcpStream::connect(relay.address());
    let refused = relay.line(&format!("error: cannot connect to {to}: "));
    assert!(refused.contains("refused"), "{refused}");
    drop(client);
    assert_eq!(relay.end().status, 0);
}

#[test]
fn what_a_rule_holds_passes_after_its_time_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    let (upstream, to) = listen();
    for (time, says) in [
        ("100ms", "passed on what was held: no decision in time"),
        ("", "warning: rule 1 ‘look’ holds messages until somebody decides"),
    ] {
        let rule = "[[rule]]\nname = 'look'\nwhen = 'contains'\npattern = 'a'\nthen = 'hold'\nhold = ";
        std::fs::write(&rules, format!("{rule}'{time}'\n")).unwrap();
        let rules = path(folder.path(), "rules.toml");
        let args = ["relay", "127.0.0.1:0", "--to", &to, "--rules", &rules, "--framing", "line"];
        let mut relay = start(&[&args[..], &["--max-connections", "1"]].concat(), Input::Empty, Output::Read);
        let mut client = call(relay.address());
        let server = accept(&upstream);
        client.write_all(b"a\nb\n").unwrap();
        assert_eq!(read_exactly(&server, 4), b"a\nb\n");
        drop((client, server));
        let ended = relay.end();
        assert!(ended.stderr.iter().any(|line| line.starts_with(says)), "{:?}", ended.stderr);
        let log = String::from_utf8_lossy(&ended.stdout);
        assert_eq!(log.contains("was passed on: no decision in time"), !time.is_empty(), "{log}");
    }
}

#[test]
fn the_command_line_of_a_relay_is_checked() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for (args, why) in [
        (&["relay", "127.0.0.1:0"][..], "--to <HOST:PORT"),
        (&["relay", "127.0.0.1:0", "--to", "x"], "missing port"),
        (&["relay", "127.0.0.1:0", "--to", &address, "--echo"], "'--echo' is not for relay"),
        (&["relay", "127.0.0.1:0", "--to", &address, "--half-open"], "--half-open"),
        (&["relay", "127.0.0.1:0", "--to", &address, "--socks"], "cannot be used with"),
        (&["relay", "udp:127.0.0.1:0", "--socks"], "'--socks' is not for a relay of datagrams"),
    ] {
        let ended = run(args);
        assert_eq!(ended.status, 2, "{args:?}");
        assert!(ended.stderr.join("\n").contains(why), "{args:?}: {:?}", ended.stderr);
    }
    let faults = ["--framing", "line", "--fault", "down:delay=100ms~20ms,loss=5%", "--seed", "7"];
    let ended = run(&[&["relay", "127.0.0.1:0", "--to", &address, "--for", "10ms"], &faults[..]].concat());
    assert_eq!(ended.status, 0, "what is done to messages needs a framing: {:?}", ended.stderr);
}

#[test]
fn programs_connect_through_a_relay_that_is_a_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "relay.pcapng");
    let (upstream, to) = listen();
    let n = 4;
    let most = n.to_string();
    let args = ["relay", "--socks", "127.0.0.1:0", "--max-connections", &most, "--capture", &capture];
    let mut relay = start(&args, Input::Empty, Output::Read);
    let address = relay.address();
    assert_eq!(relay.line("programs connect through "), format!("socks5h://{address}"));
    let port = upstream.local_addr().unwrap().port();
    let serving = spawn(move || {
        for _request in 0..n {
            let mut stream = accept(&upstream);
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.extend(read_exactly(&stream, 1));
            }
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
                .unwrap();
        }
    });
    for (scheme, host, tunnels) in
        [("socks5h", "localhost", false), ("socks5", "127.0.0.1", false), ("http", "127.0.0.1", true)]
    {
        let mut curl = std::process::Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "30", "--noproxy", ""]);
        curl.args(["--proxy", &format!("{scheme}://{address}"), &format!("http://{host}:{port}/")]);
        if tunnels {
            curl.arg("--proxytunnel");
        }
        let done = curl.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&done.stdout), "hello", "{done:?}");
    }
    // Ours is a client of one, too.
    let proxy = format!("socks5h://{address}");
    let got = run(&[
        "tcp-client",
        &to,
        "--proxy",
        &proxy,
        "--send",
        "GET / HTTP/1.0\\r\\n\\r\\n",
        "--print",
        "raw",
    ]);
    assert!(got.stdout.ends_with(b"\r\n\r\nhello"), "{got:?}");
    serving.join().unwrap();
    let ended = relay.end();
    assert_eq!(ended.status, 0, "{:?}", ended.stderr);
    let log = String::from_utf8_lossy(&ended.stdout);
    assert!(log.contains(&format!(": connect to localhost:{port}")), "{log}");
    assert_eq!(faults(Path::new(&capture)), "");
    let streams = follow(Path::new(&capture), &[0, 1]);
    assert!(streams[0][0].starts_with(b"GET / HTTP/1.1\r\n") && streams[0] == streams[1], "{streams:?}");
}

#[test]
fn a_proxy_for_others_is_warned_of_and_a_password_on_the_command_line_is_refused_and_not_repeated() {
    let mut relay = start(&["relay", "--socks", "0.0.0.0:0", "--for", "1ms"], Input::Empty, Output::Read);
    let warning = relay.line("warning: ");
    assert!(warning.starts_with("everybody who can reach 0.0.0.0:"), "{warning}");
    assert_eq!(relay.end().status, 0);
    let ended = run(&["tcp-client", "127.0.0.1:1", "--proxy", "socks5h://me:s3cret@127.0.0.1:1"]);
    let said = ended.stderr.join("\n");
    assert_eq!(ended.status, 2, "{said}");
    assert!(said.contains("NETASSIST_PROXY_PASSWORD") && !said.contains("s3cret"), "{said}");
}

#[test]
fn logs_say_what_was_not_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let capture = path(folder.path(), "lossy.pcapng");
    let (upstream, to) = listen();
    let args = ["relay", "127.0.0.1:0", "--to", &to, "--max-connections", "1", "--framing", "line"];
    let faults = ["--fault", "up:loss=100%", "--capture", &capture];
    let mut relay = start(&[&args[..], &faults].concat(), Input::Empty, Output::Read);
    let mut client = call(relay.address());
    let server = accept(&upstream);
    client.write_all(b"lost\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&server), b"");
    drop(server);
    assert_eq!(read_all(&client), b"");
    assert_eq!(relay.end().status, 0);
    for part in [&[][..], &["--framing", "line"]] {
        for format in ["text", "csv", "jsonl"] {
            let ended = run(&[&["export", &capture, "--format", format][..], part].concat());
            let of_it: Vec<&str> =
                ended.text().lines().filter(|line| line.contains("[dropped] [fault] loss")).collect();
            assert_eq!(of_it.len(), 1, "{format} {part:?}: {}", ended.text());
        }
    }
}
