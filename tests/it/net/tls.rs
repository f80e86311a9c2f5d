//! TLS against rustls in the same process: bytes in order and whole, both ways; TLS that is started on demand; what comes
//! of a connection when its ends misbehave.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command as Program;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use netassist::journal::{Reader, Writer, scan};
use netassist::model::{
    Cause, Command, Direction, Event, FileToSend, Layers, Link, RecordKind, SendPart, SessionNote,
    SocketCommand, Target, TlsNote,
};
use netassist::net::{OpenSession, Setup};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::bench::{Bench, PATIENCE, accept, dial, setup};

type ClientStream = StreamOwned<ClientConnection, TcpStream>;
type ServerStream = StreamOwned<ServerConnection, TcpStream>;

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A client of others that trusts this authority.
fn client_of(stream: TcpStream, ca: &Path) -> ClientStream {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let config =
        ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("secret.test").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

/// A certificate of others, in a file, and its key.
fn certificate(folder: &Path) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(folder.join("cert.pem"), made.pem()).unwrap();
    (made.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

/// A server of others.
fn server_of(
    stream: TcpStream,
    (cert, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
) -> ServerStream {
    let config =
        ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![cert], key).unwrap();
    StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream)
}

/// Reads to the end that TLS tells.
fn read_all(stream: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(&mut next).take(len).collect()
}

/// A session that records to a file.
struct Recorded {
    session: OpenSession,
    address: SocketAddr,
    events: Vec<Event>,
}

impl Recorded {
    fn start(setup: Setup, capture: &Path) -> Self {
        let writer = Writer::create(capture).unwrap();
        let session = OpenSession::open(setup, Box::new(writer), Arc::new(|| ())).unwrap();
        let address = SocketAddr::from(([0; 4], 0));
        let mut recorded = Self { session, address, events: Vec::new() };
        recorded.until("Opened", |event| matches!(event, Event::Opened { .. }));
        for event in &recorded.events {
            if let Event::Opened { local, .. } = event {
                recorded.address = local.address();
            }
        }
        recorded
    }

    #[track_caller]
    fn until(&mut self, what: &str, done: impl Fn(&Event) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let event = self.session.events().recv_deadline(deadline);
            let event = event.unwrap_or_else(|error| panic!("{what}: {error}: {:?}", self.events));
            let is_done = done(&event);
            self.events.push(event);
            if is_done {
                return;
            }
        }
    }

    fn send(&self, bytes: &[u8]) {
        let what = SendPart::Bytes(bytes.into());
        self.order(SocketCommand::Send { to: Target::All, what });
    }

    fn order(&self, command: impl Into<Command>) {
        self.session.send(command.into()).unwrap();
    }
}

fn server_setup(state: &Path) -> Setup {
    let mut setup = setup(Link::TcpServer { local: "127.0.0.1:0".parse().unwrap() });
    setup.options.tls.authority = Some(state.to_owned());
    setup
}

/// All data of one direction in a capture.
fn recorded(capture: &Path, kind: RecordKind) -> Vec<u8> {
    let reader = Reader::open(capture).unwrap();
    let (mut walk, mut bytes) = (reader.walk(), Vec::new());
    scan(capture, 0, u64::MAX, &mut |batch| {
        for record in batch.records.iter().filter(|record| record.kind == kind) {
            bytes.extend_from_slice(walk.read(record).unwrap().payload);
        }
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    bytes
}

fn tshark(capture: &Path, args: &[&str]) -> String {
    let output = Program::new("tshark").args(["-n", "-r"]).arg(capture).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whatever a layer does, the capture is as Wireshark expects it.
fn no_faults(capture: &Path) {
    let check = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    let faults = "_ws.malformed || tcp.analysis.flags || ip.checksum.status==0 || tcp.checksum.status==0";
    assert_eq!(tshark(capture, &[&check[..], &["-Y", faults]].concat()), "");
}

#[test]
fn megabytes_arrive_whole_both_ways_and_are_recorded_in_both_layers() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let capture = folder.path().join("big.pcapng");
    let mut setup = server_setup(state.path());
    setup.options.tls.on = true;
    setup.options.half_open = true;
    let mut server = Recorded::start(setup, &capture);
    let data = Arc::new(noise(24_000_000));
    let (file, sent) = (folder.path().join("data"), Arc::clone(&data));
    std::fs::write(&file, &*data).unwrap();
    let (ca, address) = (state.path().join("authority/ca.pem"), server.address);
    let client = move || {
        let mut client = client_of(dial(address), &ca);
        client.write_all(&sent).unwrap();
        client.conn.send_close_notify();
        client.flush().unwrap();
        Sha256::digest(read_all(&mut client))
    };
    let client = thread::Builder::new().name("client".to_owned()).spawn(client).unwrap();
    server.until("Joined", |event| matches!(event, Event::Joined(_)));
    let order = netassist::model::FileOrder {
        id: netassist::model::FileId(1),
        to: Target::All,
        file: FileToSend::raw(&file),
    };
    server.order(SocketCommand::SendFile(Box::new(order)));
    server.until("FileEnded", |event| matches!(event, Event::FileEnded(..)));
    server.order(SocketCommand::HalfClose(Target::All));
    let hash = Sha256::digest(&*data);
    assert_eq!(client.join().unwrap(), hash);
    server.until("Left", |event| matches!(event, Event::Left(_)));
    drop(server);
    for kind in [RecordKind::Received, RecordKind::Sent] {
        assert!(Sha256::digest(recorded(&capture, kind)) == hash, "{kind:?}");
    }
    no_faults(&capture);
}

#[test]
fn tls_is_started_on_demand_by_a_server() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let capture = folder.path().join("starttls.pcapng");
    let mut server = Recorded::start(server_setup(state.path()), &capture);
    let mut plain = dial(server.address);
    plain.write_all(b"STARTTLS\r\n").unwrap();
    server.until("a record", |event| {
        let Event::Recorded(batch) = event else { return false };
        batch.totals.received_bytes == 10
    });
    // Both at once: what was sent before is plain.
    server.send(b"220 ready\r\n");
    server.order(SocketCommand::StartTls(Target::All));
    let mut line = [0; 11];
    plain.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"220 ready\r\n");
    // Then the authority is there.
    server.until("the start", |event| {
        let Event::Recorded(batch) = event else { return false };
        batch.records.iter().filter(|record| record.kind == RecordKind::Note).count() > 0
    });
    let mut client = client_of(plain, &state.path().join("authority/ca.pem"));
    client.write_all(b"GET /secret HTTP/1.0\r\n\r\n").unwrap();
    server.until("the request", |event| {
        let Event::Recorded(batch) = event else { return false };
        batch.totals.received_bytes == 34
    });
    server.send(b"HTTP/1.0 200 OK\r\n\r\nhello");
    let mut answer = [0; 24];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer[19..], b"hello");
    server.order(SocketCommand::StartTls(Target::All));
    server.until(
        "a second start",
        |event| matches!(event, Event::Trouble(error) if error.to_string().contains("TLS is in use already")),
    );
    server.order(SocketCommand::Disconnect(Target::All));
    assert_eq!(client.read(&mut [0]).unwrap(), 0, "an end that TLS tells");
    drop(client);
    server.until("Left", |event| matches!(event, Event::Left(_)));
    drop(server);
    let received = recorded(&capture, RecordKind::Received);
    assert_eq!(received, b"STARTTLS\r\nGET /secret HTTP/1.0\r\n\r\n");
    let sent = recorded(&capture, RecordKind::Sent);
    assert_eq!(sent, b"220 ready\r\nHTTP/1.0 200 OK\r\n\r\nhello");
    no_faults(&capture);
    let decrypted = tshark(&capture, &["-Y", "http.request && frame.interface_id==0"]);
    assert_eq!(decrypted.lines().count(), 1, "{decrypted}");
}

#[test]
fn tls_is_started_on_demand_by_a_client() {
    let folder = TempDir::new().unwrap();
    let capture = folder.path().join("starttls.pcapng");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let made = certificate(folder.path());
    let mut setup = setup(Link::TcpClient { remote: listener.local_addr().unwrap().into(), local: None });
    setup.options.tls.ca = Some(folder.path().join("cert.pem"));
    let mut client = Recorded::start(setup, &capture);
    let mut plain = accept(&listener);
    plain.write_all(b"220 ready\r\n").unwrap();
    client.until("a record", |event| {
        let Event::Recorded(batch) = event else { return false };
        batch.totals.received_bytes == 11
    });
    client.order(SocketCommand::StartTls(Target::All));
    client.send(b"secret");
    let mut server = server_of(plain, made);
    let mut request = [0; 6];
    server.read_exact(&mut request).unwrap();
    assert_eq!(&request, b"secret");
    client.order(SocketCommand::HalfClose(Target::All));
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
    // Only one direction is closed.
    server.write_all(b"late").unwrap();
    server.conn.send_close_notify();
    server.flush().unwrap();
    drop(server);
    client.until("Closed", |event| matches!(event, Event::Closed(None)));
    drop(client);
    assert_eq!(recorded(&capture, RecordKind::Received), b"220 ready\r\nlate");
    no_faults(&capture);
}

#[test]
fn what_is_queued_waits_for_the_handshake_and_what_is_not_sent_is_counted() {
    let folder = TempDir::new().unwrap();
    let made = certificate(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ca = folder.path().join("cert.pem");
    let on = |setup: &mut Setup| {
        setup.options.tls.on = true;
        setup.options.tls.ca = Some(ca.clone());
    };
    let address = listener.local_addr().unwrap();
    let mut client = Bench::client(address, on);
    let plain = accept(&listener);
    client.send(Target::All, b"early");
    client.order(SocketCommand::HalfClose(Target::All));
    client.until("the queue", |client| client.totals().queued_bytes == 5);
    assert_eq!(client.totals().sent_bytes, 0);
    let mut server = server_of(plain, made);
    assert_eq!(read_all(&mut server), b"early");
    server.conn.send_close_notify();
    server.flush().unwrap();
    assert_eq!(client.closed(), None);
    assert_eq!((client.totals().sent_bytes, client.totals().queued_bytes), (5, 0));
    assert_eq!(client.bytes(Direction::Sent), b"early");

    // The peer goes away before.
    let mut client = Bench::client(address, on);
    let plain = accept(&listener);
    client.send(Target::All, b"never");
    client.until("the queue", |client| client.totals().queued_bytes == 5);
    drop(plain);
    let error = client.closed().unwrap().to_string();
    let closed = error.contains("closed the connection during the handshake") || error.contains("reset");
    assert!(error.contains("cannot start TLS with") && closed, "{error}");
    assert!(client.notes().iter().any(|note| note.contains("5 bytes were not sent")), "{:?}", client.notes());
}

#[test]
fn the_end_without_close_notify_is_told_from_the_end_with_it() {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for is_cut in [false, true] {
        let made = certificate(folder.path());
        let ca = folder.path().join("cert.pem");
        let mut client = Bench::client(listener.local_addr().unwrap(), |setup| {
            setup.options.tls.on = true;
            setup.options.tls.ca = Some(ca.clone());
            setup.options.layers = Layers::Wire;
        });
        let mut server = server_of(accept(&listener), made);
        client.send(Target::All, b"x");
        server.read_exact(&mut [0]).unwrap();
        server.write_all(b"part").unwrap();
        if !is_cut {
            server.conn.send_close_notify();
        }
        server.flush().unwrap();
        // Without it, only the socket ends.
        server.sock.shutdown(std::net::Shutdown::Write).unwrap();
        client.closed();
        let told = client.notes().iter().any(|note| note.contains("without close_notify"));
        assert_eq!(told, is_cut, "{:?}", client.notes());
        assert_eq!(client.totals().received_bytes, 4);
        // The capture has the wire alone.
        let wire = client.bytes(Direction::Received);
        assert!(wire.starts_with(&[22, 3, 3]) && !wire.windows(4).any(|part| part == b"part"));
        drop(server);
    }
}

#[test]
fn garbage_after_the_handshake_ends_the_connection_with_a_reason() {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let made = certificate(folder.path());
    let ca = folder.path().join("cert.pem");
    let mut client = Bench::client(listener.local_addr().unwrap(), |setup| {
        setup.options.tls.on = true;
        setup.options.tls.ca = Some(ca.clone());
    });
    let mut server = server_of(accept(&listener), made);
    client.send(Target::All, b"x");
    server.read_exact(&mut [0]).unwrap();
    server.write_all(b"whole").unwrap();
    server.flush().unwrap();
    server
        .sock
        .write_all(&[23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
        .unwrap();
    // The alert tells the peer.
    let error = loop {
        match server.read(&mut [0; 64]) {
            Ok(n) => assert!(n > 0, "closed in order"),
            Err(error) => break error,
        }
    };
    assert!(
        error.to_string().contains("BadRecordMac") || error.kind() != io::ErrorKind::WouldBlock,
        "{error}"
    );
    drop(server);
    let error = client.closed().unwrap().to_string();
    assert!(error.contains("cannot receive from"), "{error}");
    assert_eq!(client.bytes(Direction::Received), b"whole");
}

#[test]
fn a_handshake_that_the_peer_does_not_begin_ends() {
    let folder = TempDir::new().unwrap();
    let soon = |setup: &mut Setup| {
        setup.options.tls.on = true;
        setup.options.tls.authority = Some(folder.path().to_owned());
        setup.options.connect_timeout = Duration::from_millis(100);
    };
    let (mut bench, address) = Bench::server("127.0.0.1:0", soon);
    // The alert close_notify, in the plain.
    let close_notify = [21, 3, 3, 0, 2, 1, 0];
    let told = |bench: &Bench, peer: SocketAddr| {
        let note = SessionNote::Tls(TlsNote::GivenUp(peer)).to_string();
        assert!(bench.notes().contains(&note), "{:?}", bench.notes());
    };
    let client = dial(address);
    assert_eq!(read_all(&mut &client), close_notify);
    bench.until("the reason", |bench| bench.troubles().len() == 1);
    assert_eq!(bench.troubles()[0].cause, Cause::HandshakeLate(100));
    told(&bench, client.local_addr().unwrap());
    assert_eq!(bench.close(), None, "the server goes on");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut bench = Bench::client(listener.local_addr().unwrap(), soon);
    let server = accept(&listener);
    assert!(read_all(&mut &server).ends_with(&close_notify));
    drop(server);
    assert_eq!(bench.closed().map(|error| error.cause), Some(Cause::TimedOut(100)));
    told(&bench, listener.local_addr().unwrap());
}
