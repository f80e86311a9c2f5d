//! Files that tcpdump wrote while bytes went over loopback, and what other tools made of them.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use netassist::model::Origin;

use super::tools::{pattern, text, tool};
use super::{Imported, import_all};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the client and the server of [`transfer`] say.
fn said() -> (Vec<u8>, Vec<u8>) {
    (pattern(300_000, 3), pattern(700_000, 100))
}

/// One connection in which both sides say something and close; a datagram each way afterwards.
fn transfer(listener: &TcpListener, sockets: &[UdpSocket; 2]) {
    let (question, answer) = said();
    let address = listener.local_addr().unwrap();
    let client = std::thread::Builder::new().name("client".to_owned()).spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&question).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut seen = Vec::new();
        stream.read_to_end(&mut seen).unwrap();
        seen.len()
    });
    let client = client.unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen).unwrap();
    stream.write_all(&answer).unwrap();
    drop(stream);
    assert_eq!((seen.len(), client.join().unwrap()), (said().0.len(), answer.len()));
    let [a, b] = sockets;
    let mut buffer = [0; 100];
    for (from, to, text) in [(a, b, &b"there"[..]), (b, a, b"back")] {
        from.send_to(text, to.local_addr().unwrap()).unwrap();
        assert_eq!(to.recv(&mut buffer).unwrap(), text.len());
    }
}

/// What to write before a command that only root may give: nothing for root.
fn as_root() -> &'static [&'static str] {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout == b"0\n" { &[] } else { &["sudo", "-n"] }
}

fn root_command(words: &[&str]) -> Command {
    let words = [as_root(), words].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null());
    command
}

/// Ends tcpdump as a person would.
fn interrupt(mut child: Child) {
    assert!(root_command(&["kill", "-INT", &child.id().to_string()]).status().unwrap().success());
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < PATIENCE, "tcpdump does not end");
        std::thread::yield_now();
    }
}

/// A capture of [`transfer`] on loopback by tcpdump.
fn tcpdump(path: &Path, args: &[&str]) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let socket = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let sockets = [socket(), socket()];
    let port = |address: std::io::Result<std::net::SocketAddr>| format!("port {}", address.unwrap().port());
    let ports = [port(listener.local_addr()), port(sockets[0].local_addr())];
    let filter = ports.join(" or ");
    // Its buffer must hold all, and every packet must be in the file at once.
    let fixed = ["tcpdump", "-U", "-Z", "root", "-B", "16384", "-s", "0", "-w", text(path)];
    let mut child = root_command(&[&fixed, args, &[&filter]].concat())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("tcpdump: {error}. These tests need it: apt-get install tcpdump"));
    let mut told = Vec::new();
    let mut stderr = child.stderr.take().unwrap();
    let mut byte = [0];
    while !String::from_utf8_lossy(&told).contains("listening on") {
        let n = stderr.read(&mut byte).unwrap();
        let said = String::from_utf8_lossy(&told);
        assert_eq!(n, 1, "tcpdump needs root, or sudo without a password: {said}");
        told.extend(byte);
    }
    transfer(&listener, &sockets);
    // All is captured when the last datagram is in the file.
    let begun = Instant::now();
    while !std::fs::read(path).unwrap().windows(4).any(|bytes| bytes == b"back") {
        assert!(begun.elapsed() < PATIENCE, "tcpdump has not seen all");
        std::thread::yield_now();
    }
    interrupt(child);
}

/// What [`transfer`] said stands in the file, once.
#[track_caller]
fn check(found: &Imported) {
    let (question, answer) = said();
    assert!(found.sent(0) == question, "what the client sent");
    assert!(found.received(0) == answer, "what the server sent");
    assert_eq!((found.sent(1), found.received(1)), (&b"there"[..], &b"back"[..]));
    assert_eq!(found.flows[0].origin, Origin::Connected);
    let events: Vec<_> =
        found.lines.iter().filter(|l| !l.starts_with("Sent") && !l.starts_with("Received")).collect();
    assert_eq!(events, ["Connected", "Ended(OwnFin)", "Ended(PeerFin)"]);
}

/// All ways in which the tools can write the same packets.
fn rewritten(original: &Path, folder: &Path) -> Vec<PathBuf> {
    let to = |name: &str| folder.join(name);
    let formats = ["pcap", "nsecpcap", "pcapng"].map(|format| {
        tool("editcap", &["-F", format, text(original), text(&to(format))]);
        to(format)
    });
    // Everything twice: one after the other, one in between the other, and the first put in order.
    let shifted = to("shifted");
    tool("editcap", &["-t", "0.0002", text(original), text(&shifted)]);
    tool("mergecap", &["-a", "-w", text(&to("twice")), text(original), text(&shifted)]);
    tool("mergecap", &["-w", text(&to("merged")), text(original), text(&shifted)]);
    tool("reordercap", &[text(&to("twice")), text(&to("reordered"))]);
    let mut all = vec![to("merged"), to("reordered")];
    all.extend(formats);
    all
}

#[test]
fn what_tcpdump_captured_is_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    for (n, args) in
        [&["-i", "lo"][..], &["-i", "lo", "--nano"], &["-i", "any"], &["-i", "any", "-y", "LINUX_SLL"]]
            .into_iter()
            .enumerate()
    {
        let path = folder.path().join(format!("{n}.pcap"));
        tcpdump(&path, args);
        check(&import_all(&path).unwrap());
        if n == 0 {
            for path in rewritten(&path, folder.path()) {
                let found = import_all(&path).unwrap();
                let (question, answer) = said();
                assert!(found.sent(0) == question && found.received(0) == answer, "{}", path.display());
                assert!(!found.lines.iter().any(|line| line.starts_with("Note")), "{}", path.display());
            }
        }
    }
}
