//! WebSocket against a small frame codec of its own: messages whole and in order, the handshake of both sides, what is
//! forbidden, and relays.

pub mod wire;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use netassist::model::{
    Cause, Command, Control, Direction, Doing, Legs, SendAs, SendPart, SocketCommand, Target, WsFault,
};
use netassist::net::Setup;

use self::wire::{CLOSE, PING, PONG, accept_key, ask, closing, frame, head, masked, next, serve, upgrade};
use super::bench::{Bench, accept, dial};

fn on(setup: &mut Setup) {
    setup.options.ws.on = true;
}

fn server(change: impl FnOnce(&mut Setup)) -> (Bench, SocketAddr) {
    Bench::server("127.0.0.1:0", |setup| {
        on(setup);
        change(setup);
    })
}

fn close_frames(bench: &Bench) -> Vec<String> {
    bench.notes().into_iter().filter(|note| note.starts_with("Close ")).collect()
}

#[test]
fn a_server_takes_messages_whole_and_answers_pings_and_the_close() {
    let (mut server, address) = server(|_| ());
    let (client, response) = upgrade(address, "/chat?room=1", "Origin: http://a.test\r\n");
    assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
    // The example of RFC 6455, 1.3.
    assert!(response.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{response}");
    let long: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let mut wire = Vec::new();
    wire.extend(masked(0x81, "hé".as_bytes()));
    wire.extend(masked(0x82, b"\x00\xff"));
    wire.extend(masked(0x81, b""));
    // In three fragments, with a ping in between; the text is cut within a character.
    wire.extend(masked(0x01, b"a\xc3"));
    wire.extend(masked(0x80 | PING, b"are you there"));
    wire.extend(masked(0x00, b"\xa9b"));
    wire.extend(masked(0x80, b"c"));
    wire.extend(masked(0x82, &long));
    // However it is cut on its way.
    for part in wire.chunks(997) {
        (&client).write_all(part).unwrap();
    }
    assert_eq!(next(&client), (0x80 | PONG, b"are you there".to_vec()));
    server.until("all messages", |server| server.totals().received_bytes == 3 + 2 + 5 + 70_000);
    let messages = server.data(None, Direction::Received);
    assert_eq!(messages, ["hé".as_bytes().to_vec(), vec![0, 255], "aébc".as_bytes().to_vec(), long.clone()]);
    server.send(Target::All, "grüße".as_bytes());
    server.send(Target::All, &long);
    server.order(SocketCommand::Send { to: Target::All, what: SendPart::Hex((*b"hex").into()) });
    assert_eq!(next(&client), (0x81, "grüße".as_bytes().to_vec()));
    assert!(next(&client) == (0x82, long));
    assert_eq!(next(&client), (0x82, b"hex".to_vec()));
    (&client).write_all(&masked(0x80 | CLOSE, &closing(1001, "bye"))).unwrap();
    assert_eq!(next(&client), (0x80 | CLOSE, closing(1001, "bye")));
    // The server ends the connection.
    assert_eq!((&client).read(&mut [0]).unwrap(), 0);
    drop(client);
    server.until("Left", |server| server.left().len() == 1);
    let notes = server.notes();
    let request = notes.iter().find(|note| note.starts_with("WebSocket request from 127.0.0.1:")).unwrap();
    assert!(
        request.contains(": GET /chat?room=1 HTTP/1.1; Host: a.test; ")
            && request.contains("Origin: http://a.test")
    );
    for (n, words) in [
        ("WebSocket response to", "HTTP/1.1 101 Switching Protocols"),
        ("ping from", ": are you there"),
        ("pong to", ": are you there"),
        ("empty text message from", ""),
        ("Close from", ": 1001 (going away): bye"),
        ("Close to", ": 1001 (going away): bye, in reply"),
    ] {
        assert!(
            notes.iter().any(|note| note.starts_with(n) && note.contains(words)),
            "{n} {words}: {notes:?}"
        );
    }
    assert_eq!(server.troubles(), []);
    assert_eq!(server.close(), None);
}

#[test]
fn what_the_protocol_forbids_is_answered_with_its_code_and_told() {
    let long = vec![b'a'; 126];
    let unmasked = frame(0x81, b"x", None);
    let rsv = masked(0xc1, b"x");
    let half_megabyte = vec![b'x'; 512 * 1024];
    let mut endless = masked(0x01, &half_megabyte);
    (0..32).for_each(|_| endless.extend(masked(0x00, &half_megabyte)));
    for (wire, code, words) in [
        (unmasked, 1002, "a frame of the client is not masked"),
        (rsv, 1002, "reserved bits"),
        (masked(0x83, b""), 1002, "unknown opcode 3"),
        (masked(0x8b, b""), 1002, "unknown opcode 11"),
        (masked(PING, b""), 1002, "a control frame is fragmented"),
        (masked(0x80 | PING, &long), 1002, "a control frame has 126 bytes"),
        (masked(0x80, b"x"), 1002, "none has begun"),
        ([masked(0x01, b"x"), masked(0x81, b"y")].concat(), 1002, "before the one before it has ended"),
        (masked(0x81, b"\xff"), 1007, "UTF-8"),
        (masked(0x81, b"a\xc3"), 1007, "UTF-8"),
        // The fault shows before the end of the message.
        ([masked(0x01, b"a\xc3"), masked(0x00, b"b")].concat(), 1007, "UTF-8"),
        (masked(0x80 | CLOSE, b"\x03"), 1002, "one byte"),
        (masked(0x80 | CLOSE, &closing(999, "")), 1002, "the code 999"),
        (masked(0x80 | CLOSE, &closing(1005, "")), 1002, "the code 1005"),
        (masked(0x80 | CLOSE, &closing(1006, "")), 1002, "the code 1006"),
        (masked(0x80 | CLOSE, &closing(2000, "")), 1002, "the code 2000"),
        (masked(0x80 | CLOSE, b"\x03\xe8\xff"), 1007, "UTF-8"),
        // Lengths that are longer than they need be, or 16 MiB and a bit.
        (b"\x82\xfe\x00\x05abcd".to_vec(), 1002, "shortest"),
        (b"\x82\xff\x00\x00\x00\x00\x00\x00\xff\xffabcd".to_vec(), 1002, "shortest"),
        (b"\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00abcd".to_vec(), 1002, "shortest"),
        (
            b"\x82\xff\x00\x00\x00\x00\x01\x00\x00\x01abcd".to_vec(),
            1009,
            "16777217 bytes or more; the limit is 16 MiB",
        ),
        (endless, 1009, "the limit is 16 MiB"),
    ] {
        let (mut server, address) = server(|_| ());
        let (client, _) = upgrade(address, "/", "");
        // The server may not read to the end.
        drop((&client).write_all(&wire));
        let (first, payload) = next(&client);
        assert_eq!((first, payload.get(..2)), (0x80 | CLOSE, Some(&u16::to_be_bytes(code)[..])), "{words}");
        drop(client);
        server.until("the trouble", |server| !server.troubles().is_empty());
        let text = server.troubles()[0].to_string();
        assert!(text.starts_with("cannot receive from 127.0.0.1:") && text.contains(words), "{text}");
        assert!(text.contains(&format!("; closed with {code} (")), "{text}");
        server.close();
    }
}

#[test]
fn what_is_no_handshake_is_answered_by_http() {
    let upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (request, status, words) in [
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "426 Upgrade Required",
            "This is a WebSocket server",
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\n{upgrade}{key}Sec-WebSocket-Version: 8\r\n\r\n"),
            "426 Upgrade Required",
            "version 13",
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\n{upgrade}Sec-WebSocket-Version: 13\r\n\r\n"),
            "400 Bad Request",
            "Sec-WebSocket-Key",
        ),
        (
            format!("POST / HTTP/1.1\r\nHost: a\r\n{upgrade}{key}Sec-WebSocket-Version: 13\r\n\r\n"),
            "405 Method Not Allowed",
            "GET",
        ),
        ("\x01\x02\x03\x04\x05\x06\x07".to_owned(), "400 Bad Request", "expects an HTTP request"),
        (
            format!("GET /long HTTP/1.1\r\nX: {}", "x".repeat(16 * 1024)),
            "431 Request Header Fields Too Large",
            "more than 16384 bytes",
        ),
    ] {
        let (mut server, address) = server(|_| ());
        let client = dial(address);
        (&client).write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        (&client).read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")) && answer.contains(words), "{answer}");
        let is_upgrade = status.starts_with("426");
        assert_eq!(answer.contains("\r\nSec-WebSocket-Version: 13\r\n"), is_upgrade, "{answer}");
        drop(client);
        server.until("the trouble", |server| !server.troubles().is_empty());
        let error = &server.troubles()[0];
        assert_eq!(error.doing, Doing::Upgrading);
        match &error.cause {
            // The same as in the answer.
            Cause::Ws(WsFault::Declined(told)) => {
                let (line, code, why) = &**told;
                assert!(request.starts_with(line) && status.starts_with(&code.to_string()), "{error}");
                assert!(why.contains(words) && answer.contains(why), "{error}");
            }
            Cause::Ws(WsFault::NotHttp(_)) => assert!(status.starts_with("400")),
            other => panic!("{other:?}"),
        }
        server.close();
    }
    // TLS where none is expected.
    let (mut server, address) = server(|_| ());
    let client = dial(address);
    (&client).write_all(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00").unwrap();
    server.until("the trouble", |server| !server.troubles().is_empty());
    assert_eq!(server.troubles()[0].cause, Cause::Ws(WsFault::Tls));
}

#[test]
fn a_subprotocol_is_chosen_that_both_know() {
    for (known, offered, chosen) in
        [(&["b", "a"][..], "a, b", Some("b")), (&["b"], "a", None), (&[], "a", None)]
    {
        let (mut server, address) = server(|setup| {
            setup.options.ws.protocols = known.iter().map(ToString::to_string).collect();
        });
        let (_client, response) = upgrade(address, "/", &format!("Sec-WebSocket-Protocol: {offered}\r\n"));
        let line = chosen.map(|chosen| format!("\r\nSec-WebSocket-Protocol: {chosen}\r\n"));
        assert_eq!(response.contains("Sec-WebSocket-Protocol"), line.is_some());
        assert!(line.is_none_or(|line| response.contains(&line)), "{response}");
        server.close();
    }
}

/// A client session, and what it has asked.
fn client(listener: &TcpListener, change: impl FnOnce(&mut Setup)) -> (Bench, TcpStream, String) {
    let client = Bench::client(listener.local_addr().unwrap(), |setup| {
        on(setup);
        change(setup);
    });
    let stream = accept(listener);
    let request = head(&stream);
    (client, stream, request)
}

#[test]
fn a_client_asks_as_it_is_told_and_waits_with_what_is_queued() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut client, server, request) = client(&listener, |setup| {
        let ws = &mut setup.options.ws;
        ws.path = Some("/chat?room=1".to_owned());
        ws.protocols = vec!["chat".to_owned(), "superchat".to_owned()];
        ws.origin = Some("https://a.test".to_owned());
        ws.headers = vec![("Authorization".to_owned(), "Bearer secret".to_owned())];
    });
    let host = format!("\r\nHost: {}\r\n", listener.local_addr().unwrap());
    assert!(request.starts_with("GET /chat?room=1 HTTP/1.1\r\n") && request.contains(&host), "{request}");
    for line in [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: chat, superchat",
        "Origin: https://a.test",
        "Authorization: Bearer secret",
    ] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line}: {request}");
    }
    assert!(!request.contains("Sec-WebSocket-Extensions"));
    client.send(Target::All, b"early");
    client.until("the queue", |client| client.totals().queued_bytes == 5);
    assert_eq!(client.totals().sent_bytes, 0);
    serve(&server, &request, "Sec-WebSocket-Protocol: superchat\r\n");
    let (first, key, payload) = wire::next_with_key(&server);
    assert_eq!((first, payload), (0x81, b"early".to_vec()));
    client.send(Target::All, b"again");
    let (_, other, _) = wire::next_with_key(&server);
    assert!(key.is_some() && key != other, "masked, and each frame with another key");
    // What comes in one piece with the response counts, too; a server must not mask.
    (&server).write_all(&frame(0x82, b"data", None)).unwrap();
    client.until("the message", |client| client.totals().received_bytes == 4);
    client.order(SocketCommand::Control(Target::All, Control::Ping(b"123".to_vec())));
    assert_eq!(next(&server), (0x80 | PING, b"123".to_vec()));
    client.order(SocketCommand::Control(Target::All, Control::Ping(vec![0; 126])));
    client.until("the refusal", |client| !client.troubles().is_empty());
    client.order(SocketCommand::Control(Target::All, Control::Close(4321, "enough".to_owned())));
    assert_eq!(next(&server), (0x80 | CLOSE, closing(4321, "enough")));
    // It may still receive until the server has closed, too.
    (&server).write_all(&frame(0x81, b"late", None)).unwrap();
    (&server).write_all(&frame(0x80 | CLOSE, &closing(4321, ""), None)).unwrap();
    client.until("the late message", |client| client.totals().received_bytes == 8);
    drop(server);
    assert_eq!(client.closed(), None);
    assert_eq!(client.data(None, Direction::Received), [b"data", b"late"]);
    let notes = client.notes().join("\n");
    assert!(notes.contains("Authorization: …") && !notes.contains("secret"), "{notes}");
    assert!(notes.contains("Sec-WebSocket-Protocol: superchat"), "{notes}");
    assert_eq!(close_frames(&client).len(), 2, "{notes}");
}

#[test]
fn a_refusal_is_told_with_its_status_and_its_first_line() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let no_length = "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n<html>\n";
    for (response, words) in [
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 8\r\n\r\nNo token",
            "the server answered 401 Unauthorized: No token",
        ),
        (no_length, "the server answered 404 Not Found: <html>"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "the server answered 200 OK"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "the peer does not speak HTTP; it sent ‘SSH-2.0-OpenSSH_9.2"),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: AAAA\r\n\r\n",
            "Sec-WebSocket-Accept in its response is missing or wrong",
        ),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "Upgrade in its response"),
        ("", "the peer closed the connection during the handshake"),
    ] {
        let (mut client, server, _) = client(&listener, |_| ());
        (&server).write_all(response.as_bytes()).unwrap();
        server.shutdown(std::net::Shutdown::Write).unwrap();
        let error = client.closed().unwrap().to_string();
        assert!(
            error.starts_with("cannot open a WebSocket with 127.0.0.1:") && error.contains(words),
            "{error}"
        );
    }
    for (fields, words) in [
        ("Sec-WebSocket-Protocol: x\r\n", "the subprotocol x, which was not offered"),
        ("Sec-WebSocket-Extensions: permessage-deflate\r\n", "the extension permessage-deflate"),
    ] {
        let (mut client, server, request) = client(&listener, |_| ());
        serve(&server, &request, fields);
        let error = client.closed().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    }
    // A server that never answers.
    let (mut client, _server, _) =
        client(&listener, |setup| setup.options.connect_timeout = Duration::from_millis(50));
    let error = client.closed().unwrap().to_string();
    assert!(error.contains("no answer within 50 ms"), "{error}");
}

#[test]
fn an_end_without_close_is_told_and_a_close_is_confirmed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut client, server, request) = client(&listener, |setup| {
        setup.options.ws.send = SendAs::Text;
        setup.options.ws.close = Some((1001, "done".to_owned()));
    });
    serve(&server, &request, "");
    client.order(SocketCommand::Send { to: Target::All, what: SendPart::Hex((*b"hex").into()) });
    assert_eq!(next(&server), (0x81, b"hex".to_vec()));
    drop(server);
    let error = client.closed().unwrap().to_string();
    assert!(error.contains("the peer closed the connection with 1006"), "{error}");
    assert!(client.notes().iter().any(|note| note.contains("closed without a Close frame (1006)")));

    let (mut client, server, request) = self::client(&listener, |setup| {
        setup.options.ws.close = Some((1001, "done".to_owned()));
        setup.options.ws.ping = Some(Duration::from_millis(5));
    });
    serve(&server, &request, "");
    assert_eq!(next(&server), (0x80 | PING, Vec::new()));
    assert_eq!(next(&server), (0x80 | PING, Vec::new()));
    client.order(Command::Close { linger: Duration::from_secs(10) });
    let mut last = next(&server);
    while last.0 == 0x80 | PING {
        last = next(&server);
    }
    assert_eq!(last, (0x80 | CLOSE, closing(1001, "done")));
    (&server).write_all(&frame(0x80 | CLOSE, &closing(1001, "done"), None)).unwrap();
    drop(server);
    assert_eq!(client.closed(), None);
    assert!(close_frames(&client)[1].ends_with("1001 (going away): done, in reply"));
}

fn relay(change: impl FnOnce(&mut Setup)) -> (Bench, SocketAddr, TcpListener) {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (bench, address) = Bench::relay(upstream.local_addr().unwrap(), |setup| {
        on(setup);
        change(setup);
    });
    (bench, address, upstream)
}

#[test]
fn a_relay_passes_the_request_and_everything_that_follows() {
    let (mut bench, address, upstream) = relay(|_| ());
    let client = dial(address);
    ask(
        &client,
        "/a?b=c",
        "Sec-WebSocket-Protocol: x, y\r\nOrigin: http://o.test\r\nX-Other: 1\r\nCookie: k=v\r\n",
    );
    let server = accept(&upstream);
    let request = head(&server);
    assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
    let host = format!("Host: {}", upstream.local_addr().unwrap());
    for line in [&host, "Sec-WebSocket-Protocol: x, y", "Origin: http://o.test", "X-Other: 1", "Cookie: k=v"]
    {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line}: {request}");
    }
    // Nothing is accepted before the server has.
    serve(&server, &request, "Sec-WebSocket-Protocol: y\r\n");
    let response = head(&client);
    assert!(
        response.starts_with("HTTP/1.1 101 ") && response.contains("\r\nSec-WebSocket-Protocol: y\r\n"),
        "{response}"
    );
    let mut wire = masked(0x01, b"a");
    wire.extend(masked(0x80 | PING, b"p"));
    wire.extend(masked(0x80, b"b"));
    wire.extend(masked(0x82, b"\x01"));
    wire.extend(masked(0x81, b""));
    (&client).write_all(&wire).unwrap();
    // The ping came before the message was whole.
    for expected in [(0x80 | PING, &b"p"[..]), (0x81, b"ab"), (0x82, b"\x01"), (0x81, b"")] {
        assert_eq!(next(&server), (expected.0, expected.1.to_vec()));
    }
    (&server).write_all(&frame(0x80 | PONG, b"p", None)).unwrap();
    (&server).write_all(&frame(0x81, b"answer", None)).unwrap();
    assert_eq!(next(&client), (0x80 | PONG, b"p".to_vec()));
    assert_eq!(next(&client), (0x81, b"answer".to_vec()));
    (&client).write_all(&masked(0x80 | CLOSE, &closing(4000, "mine"))).unwrap();
    assert_eq!(next(&server), (0x80 | CLOSE, closing(4000, "mine")));
    (&server).write_all(&frame(0x80 | CLOSE, &closing(4000, "yours"), None)).unwrap();
    assert_eq!(next(&client), (0x80 | CLOSE, closing(4000, "yours")));
    drop(server);
    assert_eq!((&client).read(&mut [0]).unwrap(), 0);
    drop(client);
    bench.until("the end of both legs", |bench| bench.left().len() == 2);
    let (client_leg, upstream_leg) = bench.paired()[0];
    assert_eq!(bench.data(Some(client_leg), Direction::Received), [b"ab".to_vec(), vec![1]]);
    assert_eq!(bench.data(Some(upstream_leg), Direction::Sent), [b"ab".to_vec(), vec![1]]);
    assert_eq!(bench.troubles(), []);
    assert_eq!(bench.close(), None);
}

#[test]
fn a_relay_without_an_upstream_server_answers_502() {
    // Refused by TCP, and refused by HTTP.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut bench, address) = Bench::relay(closed, on);
    let client = dial(address);
    ask(&client, "/", "");
    let response = head(&client);
    assert!(response.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{response}");
    drop(client);
    bench.until("Left", |bench| bench.left().len() == 1);
    bench.close();

    let (mut bench, address, upstream) = relay(|_| ());
    let client = dial(address);
    ask(&client, "/", "");
    let server = accept(&upstream);
    head(&server);
    (&server).write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n").unwrap();
    assert!(head(&client).starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
    bench.until("both", |bench| bench.left().len() == 2 && bench.troubles().len() == 2);
    let troubles: Vec<String> = bench.troubles().iter().map(ToString::to_string).collect();
    assert!(troubles[0].contains("the server answered 403 Forbidden: no"), "{troubles:?}");
    assert!(troubles[1].contains("the client was answered 502"), "{troubles:?}");
    bench.close();
}

#[test]
fn a_relay_speaks_websocket_on_one_leg_only() {
    // Plain clients of a WebSocket server.
    let (mut bench, address, upstream) = relay(|setup| setup.options.ws.legs = Legs::Upstream);
    let client = dial(address);
    (&client).write_all(b"hello").unwrap();
    let server = accept(&upstream);
    let request = head(&server);
    serve(&server, &request, "");
    assert_eq!(next(&server), (0x81, b"hello".to_vec()));
    (&server).write_all(&frame(0x80 | PING, b"p", None)).unwrap();
    assert_eq!(next(&server), (0x80 | PONG, b"p".to_vec()), "nobody else could answer it");
    (&server).write_all(&frame(0x82, b"\x01\x02", None)).unwrap();
    assert_eq!(super::bench::read(&client, 2), [1, 2]);
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(next(&server), (0x80 | CLOSE, closing(1000, "")));
    (&server).write_all(&frame(0x80 | CLOSE, &closing(1000, ""), None)).unwrap();
    drop(server);
    assert_eq!((&client).read(&mut [0]).unwrap(), 0);
    bench.until("both", |bench| bench.left().len() == 2);
    bench.close();

    // WebSocket clients of a plain server.
    let (mut bench, address, upstream) = relay(|setup| setup.options.ws.legs = Legs::Clients);
    let client = dial(address);
    ask(&client, "/", "");
    assert!(head(&client).starts_with("HTTP/1.1 101 "));
    let server = accept(&upstream);
    (&client).write_all(&masked(0x81, b"hello")).unwrap();
    assert_eq!(super::bench::read(&server, 5), b"hello");
    (&server).write_all(b"answer").unwrap();
    assert_eq!(next(&client), (0x81, b"answer".to_vec()));
    drop(server);
    assert_eq!(next(&client), (0x80 | CLOSE, closing(1000, "")));
    (&client).write_all(&masked(0x80 | CLOSE, &closing(1000, ""))).unwrap();
    bench.until("both", |bench| bench.left().len() == 2);
    bench.close();
}

#[test]
fn rules_and_files_act_on_messages() {
    let (mut bench, address) =
        server(|setup| setup.rules = std::sync::Arc::new(netassist::model::Rules::echo()));
    let (client, _) = upgrade(address, "/", "");
    let mut wire = masked(0x81, b"text");
    wire.extend(masked(0x82, b"binary"));
    (&client).write_all(&wire).unwrap();
    assert_eq!(next(&client), (0x81, b"text".to_vec()));
    assert_eq!(next(&client), (0x82, b"binary".to_vec()), "an echo keeps the kind");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines");
    std::fs::write(&file, "one\ntwo\n").unwrap();
    let mut order = netassist::model::FileToSend::raw(&file);
    order.cut = netassist::model::FileCut::Lines {
        ends: netassist::model::LineEnds::Drop,
        blank: netassist::model::BlankLines::Send,
        append: Vec::new(),
    };
    bench.send_file(1, Target::All, order);
    assert_eq!(next(&client), (0x81, b"one".to_vec()));
    assert_eq!(next(&client), (0x81, b"two".to_vec()));
    // A file as a whole is binary, in messages of one size, each of which counts.
    bench.until("what was sent so far", |bench| bench.totals().sent_messages == 4);
    let content = "é".repeat(70_000);
    std::fs::write(&file, &content).unwrap();
    bench.send_file(2, Target::All, netassist::model::FileToSend::raw(&file));
    for part in content.as_bytes().chunks(60 * 1024) {
        assert!(next(&client) == (0x82, part.to_vec()));
    }
    bench.until("three messages", |bench| bench.totals().sent_messages == 4 + 3);
    bench.close();
}

#[test]
fn what_comes_with_the_request_stands_after_the_response() {
    let (mut bench, address) = server(|_| ());
    let client = dial(address);
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let request =
        format!("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n{key}\r\n");
    let frames = [masked(0x89, b"p"), masked(0x81, b"early"), masked(0x88, &closing(1000, ""))].concat();
    (&client).write_all(&[request.as_bytes(), &frames].concat()).unwrap();
    head(&client);
    assert_eq!(next(&client), (0x8a, b"p".to_vec()));
    assert_eq!(next(&client), (0x88, closing(1000, "")));
    drop(client);
    bench.until("Left", |bench| bench.left().len() == 1);
    assert_eq!(bench.data(None, Direction::Received), [b"early"]);
    let notes = bench.notes();
    let place = |begin: &str| notes.iter().position(|note| note.starts_with(begin)).unwrap();
    let response = place("WebSocket response to ");
    assert!(place("WebSocket request from ") < response && response < place("ping from "), "{notes:?}");
    bench.close();
}

#[test]
fn what_is_not_utf8_is_never_sent_as_text() {
    let (mut bench, address) = server(|setup| setup.options.ws.send = SendAs::Text);
    let (client, _) = upgrade(address, "/", "");
    bench.until("a client", |bench| bench.joined().len() == 1);
    for (hex, first) in [(&b"\xff"[..], 0x82), (b"ok", 0x81)] {
        bench.order(SocketCommand::Send { to: Target::All, what: SendPart::Hex(hex.into()) });
        assert_eq!(next(&client), (first, hex.to_vec()));
    }
    bench.close();
}

#[test]
fn a_close_with_the_code_of_a_failure_is_the_error_of_a_client() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for (code, fails) in [(1000, false), (1001, false), (1011, true), (4000, true)] {
        let (mut client, server, request) = client(&listener, |_| ());
        serve(&server, &request, "");
        (&server).write_all(&frame(0x88, &closing(code, "why"), None)).unwrap();
        assert_eq!(next(&server), (0x88, closing(code, "why")));
        drop(server);
        let cause = client.closed().map(|error| error.cause);
        let expected = Cause::Ws(WsFault::ClosedWith(code, "why".to_owned()));
        assert_eq!(cause, fails.then_some(expected), "{code}");
    }
    // Our own code comes back in reply.
    let (mut client, server, request) = client(&listener, |_| ());
    serve(&server, &request, "");
    client.until("the response", |client| !client.notes().is_empty());
    client.order(SocketCommand::Control(Target::All, Control::Close(4001, String::new())));
    assert_eq!(next(&server), (0x88, closing(4001, "")));
    (&server).write_all(&frame(0x88, &closing(4001, ""), None)).unwrap();
    drop(server);
    assert_eq!(client.closed(), None);
}

#[test]
fn rules_of_a_relay_replace_and_drop_messages_and_keep_their_kind() {
    use netassist::codec::matcher::MatchKind;
    use netassist::workspace::ThenKind;

    use super::relay_rules::{rule, rules};
    let (mut bench, address, upstream) = relay(|setup| {
        setup.rules = rules(&[
            rule("client", MatchKind::Starts, "secret", ThenKind::Drop, ""),
            rule("client", MatchKind::Regex, "red", ThenKind::Replace, "green"),
        ]);
    });
    let client = dial(address);
    ask(&client, "/", "");
    let server = accept(&upstream);
    let request = head(&server);
    serve(&server, &request, "");
    head(&client);
    // All in one read, and one message in two fragments.
    let mut wire = [masked(0x81, b"a red b"), masked(0x82, b"secret"), masked(0x02, b"r")].concat();
    wire.extend([masked(0x80, b"ed"), masked(0x81, b"blue")].concat());
    (&client).write_all(&wire).unwrap();
    for (first, payload) in [(0x81, &b"a green b"[..]), (0x82, b"green"), (0x81, b"blue")] {
        assert_eq!(next(&server), (first, payload.to_vec()));
    }
    bench.until("the note", |bench| !bench.annotations().is_empty());
    let (record, note) = bench.annotations()[0].clone();
    // All of the message, which is one of several of a read.
    assert_eq!(note, format!("[dropped] [from {}+0:6] [rule] r", record + 1));
    let at = usize::try_from(record).unwrap();
    bench.until("the record", |bench| bench.records().len() > at);
    let of = bench.records()[at];
    assert_eq!(of.len, 6, "on the record of the message that was dropped");
    bench.close();
}

#[test]
fn unfinished_messages_share_the_memory_of_the_session() {
    let (mut server, address) = server(|setup| setup.options.rule_memory = 1 << 20);
    let (other, _) = upgrade(address, "/", "");
    let (client, _) = upgrade(address, "/", "");
    (&other).write_all(&masked(0x01, &vec![b'a'; 100_000])).unwrap();
    // The longest is given up; the server may not read to its end.
    drop((&client).write_all(&masked(0x01, &vec![b'a'; 900_000])));
    assert_eq!(next(&client), (0x80 | CLOSE, closing(1013, "")));
    (&other).write_all(&masked(0x80, b"b")).unwrap();
    server.until("the message", |server| server.totals().received_bytes == 100_001);
    drop(client);
    server.until("the trouble", |server| !server.troubles().is_empty());
    assert!(matches!(server.troubles()[0].cause, Cause::Ws(WsFault::NoMemory(_))));
    server.close();
}

#[test]
fn a_key_is_answered_as_the_standard_says() {
    assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn a_handshake_that_a_client_does_not_complete_ends() {
    let soon = |setup: &mut Setup| setup.options.connect_timeout = Duration::from_millis(100);
    let late = |bench: &mut Bench, n: usize| {
        bench.until("the reason", |bench| bench.troubles().len() == 1 && bench.left().len() == n);
        assert_eq!(bench.troubles()[0].doing, Doing::Upgrading);
        assert_eq!(bench.troubles()[0].cause, Cause::HandshakeLate(100));
    };
    let (mut bench, address) = server(soon);
    let client = dial(address);
    (&client).write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n").unwrap();
    assert!(head(&client).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    late(&mut bench, 1);
    assert_eq!(bench.close(), None, "the server goes on");

    let (mut bench, address, upstream) = relay(soon);
    let client = dial(address);
    let _server = accept(&upstream);
    assert!(head(&client).starts_with("HTTP/1.1 408 "));
    late(&mut bench, 2);
    bench.close();

    // The client has asked, and waits for a server that is silent.
    let (mut bench, address, upstream) = relay(soon);
    let client = dial(address);
    ask(&client, "/", "");
    let _server = accept(&upstream);
    assert!(head(&client).starts_with("HTTP/1.1 502 "));
    bench.until("both", |bench| bench.troubles().len() == 2);
    assert_eq!(bench.troubles()[0].cause, Cause::TimedOut(100));
    bench.close();
}

#[test]
fn nobody_is_late_while_the_disk_is_full() {
    let patience = Duration::from_secs(3);
    let (mut bench, address) = server(|setup| setup.options.connect_timeout = patience);
    let client = dial(address);
    bench.until("the client", |bench| bench.joined().len() == 1);
    bench.tape.fail(true);
    (&client).write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n").unwrap();
    bench.until("the trouble", |bench| !bench.troubles().is_empty());
    let since = Instant::now();
    bench.until_tape("longer than the client has", |_tape| since.elapsed() > patience);
    bench.tape.fail(false);
    bench.until("recording", |bench| bench.notes().iter().any(|note| note.contains("resumed")));
    let rest = "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    (&client).write_all(rest.as_bytes()).unwrap();
    let response = head(&client);
    assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
    bench.close();
}
