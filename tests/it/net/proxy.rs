//! Clients through proxies that follow a script, and relays that are proxies, asked byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use netassist::journal::Writer;
use netassist::model::{
    Cause, ClientFault, Command, Direction, Doing, Endpoint, Event, Legs, Link, NetError, Password, Proxy,
    ProxyFault, Target,
};
use netassist::net::{OpenSession, Setup};

use super::bench::{Bench, PATIENCE, accept, dial, read, setup};
use super::relay::read_all;

/// The target, which only the proxy knows.
const TARGET: &str = "secret.test:443";

/// What a SOCKS5 client says for it, and what is answered.
const GREETING: &[u8] = &[5, 1, 0];
const REQUEST: &[u8] = b"\x05\x01\x00\x03\x0bsecret.test\x01\xbb";
const DONE: &[u8] = &[5, 0, 0, 1, 127, 0, 0, 1, 4, 0];
const CONNECT: &[u8] = b"CONNECT secret.test:443 HTTP/1.1\r\nHost: secret.test:443\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";

fn spawn<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().spawn(run).unwrap()
}

/// A proxy that does this with its only client.
fn proxy<T: Send + 'static>(script: impl FnOnce(TcpStream) -> T + Send + 'static) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    (at, spawn(move || script(accept(&listener))))
}

/// A client of `target` through the proxy at this URL.
fn through(url: &str, target: &str, change: impl FnOnce(&mut Setup)) -> Bench {
    let mut setup = setup(Link::TcpClient { remote: target.parse().unwrap(), local: None });
    setup.options.proxy = Some(url.parse().unwrap());
    change(&mut setup);
    Bench::start(setup)
}

/// Sends `bytes` in two pieces.
fn write_cut(mut stream: &TcpStream, bytes: &[u8], cut: usize) {
    stream.set_nodelay(true).unwrap();
    stream.write_all(&bytes[..cut]).unwrap();
    std::thread::yield_now();
    stream.write_all(&bytes[cut..]).unwrap();
}

#[test]
fn what_follows_the_answer_of_a_proxy_is_not_lost_wherever_it_is_cut() {
    let socks = [&[5, 0], DONE, b"hello"].concat();
    let http = [OK, b"hello"].concat();
    let other = [b"HTTP/1.1 100 Continue\r\n\r\n", OK, b"hello"].concat();
    for (scheme, asked, answer) in [
        ("socks5h", [GREETING, REQUEST].concat(), socks),
        ("http", CONNECT.to_vec(), http),
        ("http", CONNECT.to_vec(), other),
    ] {
        for cut in 0..answer.len() {
            let (asked, answer) = (asked.clone(), answer.clone());
            let (at, serving) = proxy(move |stream| {
                // Even if it has not heard the question.
                write_cut(&stream, &answer, cut);
                assert_eq!(read(&stream, asked.len() + 2), [asked.as_slice(), b"me"].concat());
                read_all(&stream)
            });
            let mut bench = through(&format!("{scheme}://{at}"), TARGET, |_setup| ());
            bench.opened();
            bench.send(Target::All, b"me");
            let data = |bench: &Bench, way| bench.data(None, way).concat();
            // And nothing of the exchange.
            bench.until("data", |bench| {
                data(bench, Direction::Received) == b"hello" && data(bench, Direction::Sent) == b"me"
            });
            assert_eq!(bench.close(), None);
            assert_eq!(serving.join().unwrap(), b"");
        }
    }
}

#[test]
fn a_proxy_that_refuses_or_fails_is_told_with_the_target_and_what_to_do() {
    let reply = |code: u8| [&[5, 0, 5, code, 0, 1], &[0; 6][..]].concat();
    let fault = |fault| (fault, false);
    let mut cases: Vec<(&str, Vec<u8>, (ProxyFault, bool))> =
        (1..=9).map(|code| ("socks5h", reply(code), fault(ProxyFault::Reply(code)))).collect();
    cases.extend([
        // A refusal without an address.
        ("socks5h", vec![5, 0, 5, 2, 0, 0], fault(ProxyFault::Reply(2))),
        ("socks5h", vec![5, 255], fault(ProxyFault::Methods)),
        ("socks5h", vec![5, 2], fault(ProxyFault::Methods)),
        ("socks5h", b"HTTP/1.1 400 Bad".to_vec(), fault(ProxyFault::Http("400 Bad".to_owned()))),
        ("socks5h", vec![5, 0, 4, 0, 0, 1], fault(ProxyFault::NotAProxy("\\u{4}\\0\\0\\u{1}".to_owned()))),
        ("http", vec![5, 255], fault(ProxyFault::NotAProxy("\\u{5}\u{fffd}".to_owned()))),
        (
            "http",
            b"SSH-2.0-x\r\n\r\n".to_vec(),
            fault(ProxyFault::NotAProxy("SSH-2.0-x\\r\\n\\r\\n".to_owned())),
        ),
        (
            "http",
            b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\nbody".to_vec(),
            fault(ProxyFault::Status(407, "Proxy Authentication Required".to_owned())),
        ),
        ("http", b"HTTP/1.0 502\r\n\r\n".to_vec(), fault(ProxyFault::Status(502, String::new()))),
        ("http", vec![b'x'; 9000], (ProxyFault::NotAProxy("x".repeat(40)), false)),
    ]);
    for whole in [[&[5, 0], DONE].concat(), OK.to_vec()] {
        let scheme = if whole[0] == 5 { "socks5h" } else { "http" };
        // It closes in the middle.
        cases.extend((0..whole.len()).map(|n| (scheme, whole[..n].to_vec(), (ProxyFault::Closed, true))));
    }
    for (scheme, answer, (fault, closes)) in cases {
        let (at, serving) = proxy({
            let answer = answer.clone();
            move |stream| {
                (&stream).write_all(&answer).unwrap();
                if closes {
                    stream.shutdown(std::net::Shutdown::Write).unwrap();
                }
                // A reset may follow what was not read.
                let _rest = (&stream).read_to_end(&mut Vec::new());
            }
        });
        let url = format!("{scheme}://{at}");
        let mut bench = through(&url, TARGET, |_setup| ());
        let error = bench.closed().unwrap();
        assert_eq!(
            error,
            NetError::new(Doing::Connecting, TARGET, Cause::Proxy(url.as_str().into(), fault.clone().into())),
            "{answer:?}"
        );
        let text = error.to_string();
        assert!(text.starts_with(&format!("cannot connect to {TARGET}: proxy {url}: ")), "{text}");
        let has_hint = !matches!(fault, ProxyFault::Reply(7 | 9));
        assert_eq!(text.contains("; "), has_hint, "{text}");
        serving.join().unwrap();
    }
}

#[test]
fn a_proxy_that_is_not_there_or_says_nothing_is_told() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = through(&format!("socks5h://{nobody}"), TARGET, |_setup| ()).closed().unwrap();
    let Cause::Proxy(_, fault) = &error.cause else { panic!("{error}") };
    assert!(matches!(**fault, ProxyFault::Broken(_)), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");

    for (says, scheme) in
        [(&b""[..], "socks5h"), (&b"\x05"[..], "socks5h"), (&b"HTTP/1.1 200 OK\r\n"[..], "http")]
    {
        let (at, serving) = proxy(move |mut stream| {
            stream.write_all(says).unwrap();
            let _rest = stream.read_to_end(&mut Vec::new());
        });
        let patience = Duration::from_millis(200);
        let url = format!("{scheme}://{at}");
        let mut bench = through(&url, TARGET, |setup| setup.options.connect_timeout = patience);
        let error = bench.closed().unwrap();
        assert_eq!(error.cause, Cause::Proxy(url.into(), ProxyFault::Silent(200).into()));
        serving.join().unwrap();
    }
}

#[test]
fn user_and_password_are_given_and_the_password_is_nowhere_else() {
    let login = b"\x01\x02me\x06s3cret";
    for (scheme, says, answers) in [
        (
            "socks5h",
            vec![b"\x05\x02\x00\x02".to_vec(), login.to_vec(), REQUEST.to_vec()],
            vec![vec![5, 2], vec![1, 0], DONE.to_vec()],
        ),
        (
            "http",
            vec![
                b"CONNECT secret.test:443 HTTP/1.1\r\nHost: secret.test:443\r\n\
                  Proxy-Authorization: Basic bWU6czNjcmV0\r\n\r\n"
                    .to_vec(),
            ],
            vec![OK.to_vec()],
        ),
    ] {
        let said = says.clone();
        let (at, serving) = proxy(move |mut stream| {
            for (said, answer) in said.iter().zip(&answers) {
                assert_eq!(read(&stream, said.len()), *said);
                stream.write_all(answer).unwrap();
            }
            read_all(&stream)
        });
        let mut setup = setup(Link::TcpClient { remote: TARGET.parse().unwrap(), local: None });
        let mut used: Proxy = format!("{scheme}://me@{at}").parse().unwrap();
        used.password = Some(Password("s3cret".to_owned()));
        setup.options.proxy = Some(used);
        assert!(!format!("{setup:?}").contains("s3cret"));
        let capture = tempfile::NamedTempFile::new().unwrap();
        let writer = Writer::create(capture.path().with_extension("pcapng")).unwrap();
        let path = writer.path().to_owned();
        let session = OpenSession::open(setup, Box::new(writer), Arc::new(|| ())).unwrap();
        let next = || session.events().recv_timeout(PATIENCE).unwrap();
        while !matches!(next(), Event::Opened { .. }) {}
        session.send(Command::Close { linger: Duration::ZERO }).unwrap();
        while !matches!(next(), Event::Closed(None)) {}
        serving.join().unwrap();
        let all = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        std::fs::remove_file(path).unwrap();
        for secret in ["s3cret", &hex::encode("s3cret"), "bWU6czNjcmV0", &hex::encode("bWU6czNjcmV0")] {
            assert!(!all.contains(secret), "{all}");
        }
        // As many asterisks.
        let masked = hex::encode(if scheme == "http" { "*".repeat(12) } else { "*".repeat(6) });
        let sent: Vec<&str> = all.split("\"sent\":true").skip(1).map(hex_of).collect();
        let len: usize = says.iter().map(|said| said.len() * 2).sum();
        assert_eq!(sent.concat().len(), len, "{sent:?}");
        assert!(sent.concat().contains(&masked), "{sent:?}");
    }
    let (at, serving) = proxy(|mut stream| {
        read(&stream, 4);
        stream.write_all(&[5, 2]).unwrap();
        read(&stream, 11);
        stream.write_all(&[1, 1]).unwrap();
    });
    let mut bench = through(&format!("socks5h://me@{at}"), TARGET, |setup| {
        setup.options.proxy.as_mut().unwrap().password = Some(Password("s3cret".to_owned()));
    });
    let error = bench.closed().unwrap().to_string();
    assert!(
        error.contains("refuses the user or the password; ") && error.contains(Proxy::PASSWORD),
        "{error}"
    );
    serving.join().unwrap();
}

/// The bytes of an exchange in a note.
fn hex_of(note: &str) -> &str {
    note.split("\"bytes\":\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap())
}

#[test]
fn the_name_is_looked_up_where_the_scheme_says() {
    for (scheme, target, asked) in [
        ("socks5h", "localhost:80", b"\x05\x01\x00\x03\x09localhost\x00\x50".to_vec()),
        ("socks5h", "127.0.0.2:80", vec![5, 1, 0, 1, 127, 0, 0, 2, 0, 80]),
        ("socks5", "127.0.0.2:80", vec![5, 1, 0, 1, 127, 0, 0, 2, 0, 80]),
        ("socks5", "[::1]:80", [&[5, 1, 0, 4][..], &[0; 15], &[1, 0, 80]].concat()),
        ("socks5h", "bücher.test:80", b"\x05\x01\x00\x03\x12xn--bcher-kva.test\x00\x50".to_vec()),
    ] {
        let (at, serving) = proxy(move |mut stream| {
            stream.write_all(&[&[5, 0], DONE].concat()).unwrap();
            let said = read(&stream, 3 + asked.len());
            assert_eq!(said[3..], asked);
        });
        through(&format!("{scheme}://{at}"), target, |_setup| ()).opened();
        serving.join().unwrap();
    }
    let (at, serving) = proxy(move |mut stream| {
        stream.write_all(&[&[5, 0], DONE].concat()).unwrap();
        // All of the request, the longer one of an IPv6 address, too: with a rest unread, closing would be a reset.
        let kind = read(&stream, 13)[6];
        read(&stream, if kind == 4 { 12 } else { 0 });
        kind
    });
    through(&format!("socks5://{at}"), "localhost:80", |_setup| ()).opened();
    let kind = serving.join().unwrap();
    assert!(kind == 1 || kind == 4, "an address");
}

/// A relay that is a proxy, and its address.
fn socks(change: impl FnOnce(&mut Setup)) -> (Bench, SocketAddr) {
    Bench::relay(None, change)
}

/// A request for this target.
fn request(target: &[u8], port: u16) -> Vec<u8> {
    [GREETING, &[5, 1, 0], target, &port.to_be_bytes()].concat()
}

#[test]
fn a_relay_that_is_a_proxy_connects_clients_to_what_they_ask_for_wherever_that_is_cut() {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = upstream.local_addr().unwrap();
    let port = at.port();
    let (mut bench, address) = socks(|_setup| ());
    let socks_answer = |local: SocketAddr| {
        let port = local.port().to_be_bytes();
        [&[5, 0, 5, 0, 0, 1, 127, 0, 0, 1], &port[..]].concat()
    };
    let ok = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let mut n = 0;
    for (asked, name) in [
        (request(&[1, 127, 0, 0, 1], port), at.to_string()),
        (request(b"\x03\x09127.0.0.1", port), at.to_string()),
        (request(b"\x03\x09localhost", port), format!("localhost:{port}")),
        (format!("CONNECT {at} HTTP/1.1\r\nHost: {at}\r\n\r\n").into_bytes(), at.to_string()),
        (format!("CONNECT localhost:{port} HTTP/1.0\n\n").into_bytes(), format!("localhost:{port}")),
    ] {
        // With more behind the request, which must not be lost.
        let all = [&asked, &b"early"[..]].concat();
        for cut in 0..all.len() {
            let mut client = dial(address);
            write_cut(&client, &all, cut);
            let server = accept(&upstream);
            let local = server.peer_addr().unwrap();
            let answer = if asked[0] == 5 { socks_answer(local) } else { ok.to_vec() };
            assert_eq!(read(&client, answer.len()), answer, "{name} {cut}");
            assert_eq!(read(&server, 5), b"early");
            (&server).write_all(b"late").unwrap();
            assert_eq!(read(&client, 4), b"late");
            client.write_all(b".").unwrap();
            assert_eq!(read(&server, 1), b".");
            n += 1;
        }
        let target: Endpoint = name.parse().unwrap();
        let is_of = |event: &&Event| matches!(event, Event::Paired(_, _, Some(found)) if *found == target);
        bench.until("a pair", |bench| bench.paired().len() == n);
        assert!(bench.events.iter().any(|event| is_of(&event)), "{name}");
    }
    bench.until("the end of all", |bench| bench.left().len() == 2 * n);
    let (client, _upstream) = bench.paired()[0];
    assert_eq!(bench.data(Some(client), Direction::Received).concat(), b"early.", "not the exchange");
    assert_eq!(bench.close(), None);
    assert_eq!(bench.troubles(), []);
}

#[test]
fn clients_that_cannot_be_connected_get_the_right_answer_and_an_end_and_the_log_says_why() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut bench, address) = socks(|_setup| ());
    let socks_failure = |code: u8| [&[5, 0, 5, code, 0, 1], &[0; 6][..]].concat();
    let status = |status: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
    };
    let command = |code: u8| [GREETING, &[5, code, 0, 1, 127, 0, 0, 1, 0, 80]].concat();
    let at = |address: SocketAddr| request(&[1, 127, 0, 0, 1], address.port());
    let none = ClientFault::Other(String::new());
    let begin = b"CONNECT a.test:80 HTTP/1.1\r\nA: ";
    let endless = [&begin[..], &vec![b'x'; 8192 - begin.len()]].concat();
    let mut n = 0;
    for (asked, answer, why) in [
        (at(nobody), socks_failure(5), None),
        (at(address), socks_failure(2), None),
        (format!("CONNECT {nobody} HTTP/1.1\r\n\r\n").into_bytes(), status("502 Bad Gateway"), None),
        (format!("CONNECT {address} HTTP/1.1\r\n\r\n").into_bytes(), status("403 Forbidden"), None),
        (request(b"\x03\x0cname.invalid", 80), socks_failure(4), None),
        (command(2), socks_failure(7), Some(ClientFault::Command(2))),
        (command(3), socks_failure(7), Some(ClientFault::Command(3))),
        ([GREETING, &[5, 1, 0, 9]].concat(), socks_failure(8), Some(ClientFault::Address)),
        (request(b"\x03\x03a b", 80), socks_failure(8), Some(ClientFault::Address)),
        (request(b"\x03\x02\xff\xff", 80), socks_failure(8), Some(ClientFault::Address)),
        (vec![5, 1, 2], vec![5, 255], Some(ClientFault::Methods)),
        (vec![5, 0], vec![5, 255], Some(ClientFault::Methods)),
        (vec![4, 1, 0, 80, 127, 0, 0, 1, 0], vec![0, 91, 0, 0, 0, 0, 0, 0], Some(ClientFault::Socks4)),
        (
            b"GET http://a.test/ HTTP/1.1\r\n\r\n".to_vec(),
            b"HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Type: text/plain\r\nContent-Length: 58\r\n\
              Connection: close\r\n\r\nThis is a proxy for CONNECT and SOCKS5; ask for a tunnel.\n".to_vec(),
            Some(ClientFault::Http("GET http://a.test/ HTTP/1.1".to_owned())),
        ),
        (b"CONNECT x HTTP/1.1\r\n\r\n".to_vec(), status("400 Bad Request"), Some(ClientFault::Address)),
        // What does not end is no request, however much of it is heard.
        (endless.clone(), status("431 Request Header Fields Too Large"), Some(ClientFault::LongHead("CONNECT a.test:80 HTTP/1.1".to_owned()))),
        (vec![0x16, 3, 1], Vec::new(), Some(none)),
    ] {
        let mut client = dial(address);
        client.write_all(&asked).unwrap();
        assert_eq!(read_all(&client), answer, "{asked:?}");
        drop(client);
        // A connection to itself is a client, too.
        let is_itself = asked == at(address) || asked.starts_with(format!("CONNECT {address}").as_bytes());
        n += if is_itself { 2 } else { 1 };
        bench.until("its end", |bench| bench.left().len() == n);
        let trouble = bench.troubles().pop().unwrap();
        match (&trouble.cause, why) {
            (Cause::ProxyClient(ClientFault::Other(_)), Some(ClientFault::Other(_))) => {}
            (Cause::ProxyClient(fault), Some(why)) => assert_eq!(*fault, why),
            (_, None) => assert!([Doing::Connecting, Doing::Resolving].contains(&trouble.doing), "{trouble}"),
            (cause, why) => panic!("{cause:?} {why:?}"),
        }
    }
    // One that leaves without a word is no trouble.
    let troubles = bench.troubles().len();
    drop(dial(address));
    bench.until("its end", |bench| bench.left().len() == n + 1);
    assert_eq!(bench.troubles().len(), troubles);
    assert_eq!(bench.close(), None, "the relay goes on");
}

#[test]
fn a_client_of_a_proxy_that_asks_for_nothing_is_let_go() {
    let (mut bench, address) = socks(|setup| setup.options.connect_timeout = Duration::from_millis(200));
    let client = dial(address);
    assert_eq!(read_all(&client), b"");
    bench.until("the reason", |bench| !bench.troubles().is_empty());
    assert_eq!(bench.troubles()[0].cause, Cause::HandshakeLate(200));
    assert_eq!(bench.close(), None);
}

#[test]
fn a_relay_through_a_proxy_that_is_itself_ends() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut bench, _address) = Bench::relay(Some(upstream), |setup| {
        if let Link::TcpRelay { local, .. } = &mut setup.link {
            *local = free.into();
        }
        setup.options.proxy = Some(format!("socks5h://{free}").parse().unwrap());
    });
    let client = dial(free);
    let ended = (&client).read(&mut [0]);
    assert!(matches!(ended, Ok(0) | Err(_)));
    let is_told = |error: &NetError| error.cause == Cause::RelaysToItself;
    bench.until("the reason", |bench| bench.troubles().iter().any(is_told));
    assert_eq!(bench.close(), None);
    assert!(bench.joined().len() < 10, "{}", bench.joined().len());
}

#[test]
fn proxies_can_be_chained_and_tls_goes_through_them_with_the_name_of_the_target() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, at) = Bench::server("127.0.0.1:0", |setup| {
        setup.options.tls.on = true;
        setup.options.tls.authority = Some(folder.path().to_owned());
    });
    let (mut far, far_at) = socks(|_setup| ());
    let (mut near, near_at) = socks(|setup| {
        setup.options.proxy = Some(format!("http://{far_at}").parse().unwrap());
    });
    let target = format!("localhost:{}", at.port());
    let mut client = through(&format!("socks5h://{near_at}"), &target, |setup| {
        setup.options.tls.on = true;
        setup.options.tls.insecure = true;
    });
    client.opened();
    client.send(Target::All, b"through two");
    server.until("data", |server| server.data(None, Direction::Received).concat() == b"through two");
    let is_named = |note: &String| note.contains("SNI localhost");
    assert!(server.notes().iter().any(is_named), "{:?}", server.notes());
    for relay in [&mut near, &mut far] {
        relay.until("a pair", |relay| relay.paired().len() == 1);
    }
    for bench in [&mut client, &mut near, &mut far, &mut server] {
        assert_eq!(bench.close(), None);
        assert_eq!(bench.troubles(), []);
    }
}

#[test]
fn the_leg_of_a_proxy_to_the_target_can_have_tls_with_the_name_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, at) = Bench::server("127.0.0.1:0", |setup| {
        setup.options.tls.on = true;
        setup.options.tls.authority = Some(folder.path().to_owned());
    });
    let (mut relay, address) = socks(|setup| {
        setup.options.tls.on = true;
        setup.options.tls.insecure = true;
        setup.options.tls.legs = Legs::Upstream;
    });
    for name in [&b"\x03\x09localhost"[..], b"\x03\x09127.0.0.1"] {
        let mut client = dial(address);
        client.write_all(&request(name, at.port())).unwrap();
        read(&client, 12);
        client.write_all(b"plain").unwrap();
        drop(client);
    }
    server.until("data", |server| server.data(None, Direction::Received).concat() == b"plainplain");
    let named = server.notes().iter().filter(|note| note.contains("SNI localhost")).count();
    assert_eq!(named, 1, "{:?}", server.notes());
    server.order(Command::Close { linger: Duration::from_millis(200) });
    assert_eq!(relay.close(), None);
}
