//! What Wireshark's own tools say about a capture.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use netassist::journal::Writer;
use netassist::model::{
    Cast, Direction, Direction::Received, Direction::Sent, Ending, FlowId, Origin, Recorder, Stamp, Transport,
};

use super::address;

/// Everything that would be a mistake of ours: also what Wireshark's experts call an error.
const FAULTS: &str = "_ws.malformed || tcp.analysis.flags || tcp.analysis.lost_segment || ip.checksum.status==0 \
                      || tcp.checksum.status==0 || udp.checksum.status==0 || _ws.expert.severity >= 0x800000";

/// Runs one of Wireshark's tools and returns what it printed.
fn tool(name: &str, args: &[&str]) -> String {
    let output = Command::new(name).args(args).stdin(Stdio::null()).output().unwrap_or_else(|error| {
        panic!("{name}: {error}. These tests need Wireshark's tools: apt-get install tshark")
    });
    assert!(output.status.success(), "{name} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(super) fn tshark(path: &Path, args: &[&str]) -> String {
    let fixed = ["-n", "-r", path.to_str().unwrap(), "-o", "ip.check_checksum:TRUE"];
    let check = ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];
    // No dissector but those of IP, TCP and UDP shall have a say.
    let plain = ["-d", "tcp.port==1-65535,data", "-d", "udp.port==1-65535,data"];
    tool("tshark", &[&fixed[..], &check, &plain, args].concat())
}

/// The packets that are faulty.
pub(crate) fn faults(path: &Path) -> String {
    tshark(path, &["-Y", FAULTS])
}

/// A capture in the making, with a clock that goes on.
struct Script {
    writer: Writer,
    now: u64,
}

impl Script {
    fn new(path: &Path) -> Self {
        let mut script = Self { writer: Writer::create(path).unwrap(), now: 1_763_679_675_000_000_000 };
        script.writer.begin("echo", "tcp-server 127.0.0.1:8080", Stamp(script.now));
        script
    }

    fn tick(&mut self) -> Stamp {
        self.now += 12_345;
        Stamp(self.now)
    }

    fn flow(&mut self, transport: Transport, local: &str, peer: &str, origin: Origin) -> FlowId {
        let at = self.tick();
        self.writer.flow(transport, address(local), address(peer), origin, at).id
    }

    fn tcp(&mut self, local: &str, peer: &str, origin: Origin) -> FlowId {
        let flow = self.flow(Transport::Tcp, local, peer, origin);
        let at = self.tick();
        self.writer.connected(flow, at);
        flow
    }

    fn data(&mut self, flow: FlowId, direction: Direction, bytes: &[u8]) {
        let at = self.tick();
        self.writer.data(flow, direction, Cast::Unicast, true, bytes, at);
    }

    fn ended(&mut self, flow: FlowId, how: Ending) {
        let at = self.tick();
        self.writer.ended(flow, how, at);
    }
}

/// `n` bytes in which every shift and loss shows.
fn pattern(n: usize, seed: usize) -> Vec<u8> {
    (0..=250).cycle().skip(seed % 251).take(n).collect()
}

/// Follows TCP streams: for each, what the caller sent and what came back.
pub(crate) fn follow(path: &Path, streams: &[usize]) -> Vec<[Vec<u8>; 2]> {
    let taps = streams.iter().flat_map(|n| ["-z".to_owned(), format!("follow,tcp,raw,{n}")]);
    let taps = taps.collect::<Vec<_>>();
    let args = std::iter::once("-q").chain(taps.iter().map(String::as_str)).collect::<Vec<_>>();
    let mut found = BTreeMap::<usize, [Vec<u8>; 2]>::new();
    let mut current = None;
    for line in tshark(path, &args).lines() {
        if let Some(n) = line.strip_prefix("Filter: tcp.stream eq ") {
            current = Some(n.parse().unwrap());
        } else if let (Ok(bytes), Some(n)) = (hex::decode(line.trim_start()), current) {
            found.entry(n).or_default()[usize::from(line.starts_with('\t'))].extend(bytes);
        }
    }
    // A stream without bytes has no line of its own.
    streams.iter().map(|n| found.remove(n).unwrap_or_default()).collect()
}

#[test]
fn tcp_is_faultless_and_every_stream_equals_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut s = Script::new(&path);
    let mut expected = Vec::new();

    // A server with twenty clients, all at once.
    let clients = (0..20_usize).map(|n| {
        let peer = format!("127.0.0.1:{}", 5000 + n);
        s.tcp("127.0.0.1:8080", &peer, Origin::Accepted)
    });
    let clients = clients.collect::<Vec<_>>();
    for (n, flow) in clients.iter().enumerate() {
        let (question, answer) = (pattern(100 + n * 7001, n), pattern(50 + n * 6007, n + 100));
        for (piece, echo) in question.chunks(70_000).zip(answer.chunks(70_000)) {
            s.data(*flow, Received, piece);
            s.data(*flow, Sent, echo);
        }
        let rest = question.len().div_ceil(70_000).min(answer.len().div_ceil(70_000)) * 70_000;
        if let Some(rest) = question.get(rest..) {
            s.data(*flow, Received, rest);
        }
        if let Some(rest) = answer.get(rest..) {
            s.data(*flow, Sent, rest);
        }
        expected.push([question, answer]);
    }
    for (n, flow) in clients.iter().enumerate() {
        match n % 4 {
            0 => s.ended(*flow, Ending::PeerReset),
            1 => s.ended(*flow, Ending::OwnReset),
            2 => {
                s.ended(*flow, Ending::PeerFin);
                s.ended(*flow, Ending::OwnFin);
            }
            _ => {
                s.ended(*flow, Ending::OwnFin);
                s.ended(*flow, Ending::PeerFin);
            }
        }
    }

    // A call in vain, then one that succeeds: half-closed by us, answered, closed by the peer.
    let at = s.tick();
    s.writer.host("example.test", address("[2001:db8::1]:0").ip());
    let flow = s.flow(Transport::Tcp, "[2001:db8::2]:40000", "[2001:db8::1]:80", Origin::Connected);
    s.writer.refused(flow, "connection refused (os error 111)", at);
    expected.push([Vec::new(), Vec::new()]);
    let flow = s.tcp("[2001:db8::2]:40001", "[2001:db8::1]:80", Origin::Connected);
    s.data(flow, Sent, b"the whole question");
    s.ended(flow, Ending::OwnFin);
    s.data(flow, Received, &pattern(200_000, 1));
    s.data(flow, Received, b"end");
    s.ended(flow, Ending::PeerFin);
    expected.push([b"the whole question".to_vec(), [&pattern(200_000, 1)[..], b"end"].concat()]);

    // Half-closed by the peer, then broken off by it, and by us.
    for (port, reset) in [(6000, Ending::PeerReset), (6001, Ending::OwnReset)] {
        let flow = s.tcp("[::]:8080", &format!("[::ffff:10.0.0.1]:{port}"), Origin::Accepted);
        s.data(flow, Received, b"a");
        s.ended(flow, Ending::PeerFin);
        s.data(flow, Sent, b"b");
        s.ended(flow, reset);
        expected.push([b"a".to_vec(), b"b".to_vec()]);
    }

    // The session is closed and opened again.
    let at = s.tick();
    s.writer.note("closed on demand", at);
    // As long as a comment can be.
    s.writer.note(&"é".repeat(40_000), at);
    s.writer.finish(Some(0), at);
    s.writer.begin("echo", "tcp-server 127.0.0.1:8081", at);
    let flow = s.tcp("127.0.0.1:8081", "127.0.0.1:5000", Origin::Accepted);
    s.data(flow, Sent, b"welcome back");
    expected.push([Vec::new(), b"welcome back".to_vec()]);
    s.writer.finish(Some(0), at);
    s.writer.commit().unwrap();

    let faults = faults(&path);
    assert_eq!(faults, "");

    let streams = follow(&path, &(0..expected.len()).collect::<Vec<_>>());
    assert_eq!(streams.len(), expected.len());
    for (n, (found, expected)) in streams.iter().zip(&expected).enumerate() {
        assert!(found == expected, "stream {n}");
    }

    let info = tool("capinfos", &["-M", path.to_str().unwrap()]);
    for line in [
        "Raw IP",
        "Strict time order:   True",
        "Number of interfaces in file: 2",
        "Name = echo",
        "Description = tcp-server 127.0.0.1:8081",
        "Time resolution = 0x09",
        "Number of packets = 4",
    ] {
        assert!(info.contains(line), "{line:?} is not in {info}");
    }

    // Killed in the middle of a write, without the statistics, the last segment and the end of the one
    // before: all whole packets are still read.
    let packets = tool("capinfos", &["-M", "-T", "-r", "-c", path.to_str().unwrap()]);
    let whole = packets.trim().rsplit('\t').next().unwrap().parse::<usize>().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 150);
    let torn = folder.path().join("torn.pcapng");
    fs::File::create(&torn).unwrap().write_all(&bytes).unwrap();
    let output = Command::new("tshark").args(["-n", "-r", torn.to_str().unwrap()]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), whole - 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cut short"));
}

#[test]
fn a_reused_port_is_a_new_stream_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut s = Script::new(&path);
    for n in 0..4 {
        let flow = s.tcp("127.0.0.1:8080", "127.0.0.1:5000", Origin::Accepted);
        s.data(flow, Received, &pattern(1000, n));
        s.ended(flow, if n % 2 == 0 { Ending::PeerFin } else { Ending::PeerReset });
        s.ended(flow, Ending::OwnFin);
    }
    // The same call three times at the same moment is no retransmission.
    let flow = s.flow(Transport::Tcp, "127.0.0.1:40000", "127.0.0.1:80", Origin::Connected);
    let at = s.tick();
    s.writer.refused(flow, "connection refused (os error 111)", at);
    s.writer.refused(flow, "connection refused (os error 111)", at);
    s.writer.connected(flow, at);
    s.data(flow, Sent, b"at last");
    s.writer.commit().unwrap();
    // Wireshark remarks on the fact itself, and rightly so.
    let faults = FAULTS.replace("tcp.analysis.flags", "(tcp.analysis.flags && !tcp.analysis.reused_ports)");
    let lines = tshark(
        &path,
        &["-Y", &format!("{faults} || tcp.analysis.reused_ports"), "-T", "fields", "-e", "tcp.flags.str"],
    );
    assert_eq!(lines.lines().map(|flags| flags.contains('S')).collect::<Vec<_>>(), [true; 5]);
    let streams = follow(&path, &[0, 3]).into_iter().map(|[question, _]| question).collect::<Vec<_>>();
    assert!(streams == [pattern(1000, 0), pattern(1000, 3)]);
}

fn datagram(s: &mut Script, flow: FlowId, direction: Direction, cast: Cast, bytes: &[u8]) {
    let at = s.tick();
    s.writer.data(flow, direction, cast, true, bytes, at);
}

#[test]
fn udp_is_faultless_from_empty_to_the_longest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut s = Script::new(&path);
    let flows = [
        ("127.0.0.1:9000", "127.0.0.1:9001", 65_507),
        ("[::]:9000", "[::ffff:10.0.0.1]:9001", 65_507),
        ("[2001:db8::1]:9000", "[2001:db8::2]:9001", 65_527),
        ("0.0.0.0:9000", "239.1.2.3:9001", 65_507),
    ];
    let mut expected = Vec::new();
    for (n, (local, peer, longest)) in flows.into_iter().enumerate() {
        let flow = s.flow(Transport::Udp, local, peer, Origin::Datagram);
        let cast = if n == 3 { Cast::Multicast } else { Cast::Unicast };
        for len in [0, 1, 2, longest] {
            let bytes = pattern(len, n);
            datagram(&mut s, flow, Sent, cast, &bytes);
            datagram(&mut s, flow, Received, Cast::Unicast, &bytes);
            for flags in [if n == 3 { "0x0000000a" } else { "0x00000006" }, "0x00000005"] {
                expected.push(format!("{flags}\t{}\t{}", len + 8, hex::encode(&bytes)));
            }
        }
    }
    s.writer.finish(Some(7), Stamp(s.now));
    s.writer.commit().unwrap();
    let fields = ["-T", "fields", "-e", "frame.packet_flags", "-e", "udp.length", "-e", "udp.payload"];
    assert!(tshark(&path, &fields).lines().eq(expected));
    assert_eq!(faults(&path), "");
}
