//! Sessions with rules, against plain sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::codec::Charset;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::matcher::{MatchKind, Matcher};
use netassist::codec::template::Template;
use netassist::model::{
    AndThen, Command, Direction, Doing, Ending, Event, Faults, FolderFile, Limits, Recipients, Rule, RuleId,
    Rules, SessionNote, SocketCommand, Target, Then,
};

use tempfile::TempDir;

use super::bench::{Bench, PATIENCE, dial, read};

/// These rules, numbered in order.
fn rules(rules: impl IntoIterator<Item = Rule>) -> Arc<Rules> {
    let numbered = rules.into_iter().zip(0..).map(|(rule, n)| Rule { id: RuleId(n), ..rule });
    Arc::new(Rules { rules: numbered.collect(), ..Rules::default() })
}

/// A rule for messages that contain this text.
fn on(text: &str, then: Then) -> Rule {
    let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
    let when = Matcher::parse(MatchKind::Contains, text, manner).unwrap();
    Rule { when, ..Rule::new(RuleId(0), then) }
}

fn late(rule: Rule, ms: u64) -> Rule {
    let after = Duration::from_millis(ms);
    Rule { after: after..=after, ..rule }
}

fn and_on(rule: Rule) -> Rule {
    Rule { limits: Limits { and_then: AndThen::GoOn, ..rule.limits }, ..rule }
}

fn server(framing: &str, rules: Arc<Rules>) -> (Bench, SocketAddr) {
    Bench::server("127.0.0.1:0", |setup| {
        setup.framing = framing.parse().unwrap();
        setup.rules = rules;
    })
}

fn reads(stream: &TcpStream, n: usize) -> String {
    String::from_utf8(read(stream, n)).unwrap()
}

fn rest(mut stream: &TcpStream) -> String {
    let mut seen = String::new();
    stream.read_to_string(&mut seen).unwrap();
    seen
}

/// The hit counts reported last.
fn hits(bench: &Bench) -> Vec<u64> {
    let hits = |event: &Event| match event {
        Event::RuleHits(hits) => Some(hits.clone()),
        _ => None,
    };
    bench.events.iter().rev().find_map(hits).unwrap_or_default()
}

/// The last note of rules on each record.
fn annotated(bench: &Bench) -> Vec<(u64, String)> {
    let notes = |event: &Event| match event {
        Event::Annotated(notes) => notes.clone(),
        _ => Vec::new(),
    };
    let all: std::collections::BTreeMap<u64, String> = bench.events.iter().flat_map(notes).collect();
    all.into_iter().collect()
}

#[test]
fn messages_are_answered_however_reads_split_them() {
    let (mut server, address) = server("line", rules([on("a", Then::Echo)]));
    let mut peer = dial(address);
    peer.write_all(b"xay\nno").unwrap();
    assert_eq!(reads(&peer, 4), "xay\n");
    peer.write_all(b"ne\r\nsecond a\r\nthi").unwrap();
    peer.write_all(b"rd a\n").unwrap();
    assert_eq!(reads(&peer, 18), "second a\r\nthird a\n");
    // No LF can follow a lone CR.
    peer.write_all(b"a\r").unwrap();
    assert_eq!(reads(&peer, 2), "a\r");
    assert_eq!(server.close(), None);
    assert_eq!(hits(&server), [4]);
    assert_eq!(server.bytes(Direction::Sent), b"xay\nsecond a\r\nthird a\na\r", "all is recorded");
}

#[test]
fn a_message_ended_by_a_pause_is_answered_at_once() {
    let (_server, address) = server("idle:30ms", rules([on("a", Then::Echo)]));
    let mut peer = dial(address);
    peer.write_all(b"a").unwrap();
    peer.write_all(b"b").unwrap();
    assert_eq!(reads(&peer, 2), "ab");
    peer.write_all(b"ca").unwrap();
    assert_eq!(reads(&peer, 2), "ca");
}

#[test]
fn answers_reach_the_sender_all_or_the_others() {
    let to = |text: &str, to| Rule { to, ..on(text, Then::Echo) };
    let list = [to("one", Recipients::Sender), to("all", Recipients::All), to("rest", Recipients::Others)];
    let (mut server, address) = server("line", rules(list));
    let peers = server.clients(address, 3);
    for text in ["to one\n", "to all\n", "to the rest\n", "to one again\n"] {
        (&peers[1]).write_all(text.as_bytes()).unwrap();
    }
    assert_eq!(reads(&peers[1], 27), "to one\nto all\nto one again\n");
    assert_eq!(reads(&peers[0], 19), "to all\nto the rest\n");
    assert_eq!(reads(&peers[2], 19), "to all\nto the rest\n");
    server.close();
    assert_eq!(hits(&server), [2, 1, 1]);
    assert_eq!(rest(&peers[0]), "", "and nothing else");
}

#[test]
fn delayed_answers_keep_their_order() {
    let list = [late(on("slow", Then::Echo), 60), on("fast", Then::Echo), late(on("soon", Then::Echo), 5)];
    let (_server, address) = server("line", rules(list));
    let mut peer = dial(address);
    let begun = Instant::now();
    peer.write_all(b"slow 1\nfast 2\nsoon 3\nslow 4\n").unwrap();
    assert_eq!(reads(&peer, 28), "slow 1\nfast 2\nsoon 3\nslow 4\n");
    assert!(begun.elapsed() >= Duration::from_millis(60));
    peer.write_all(b"fast 5\n").unwrap();
    assert_eq!(reads(&peer, 7), "fast 5\n", "nothing waits any more");
}

#[test]
fn a_half_closed_peer_is_still_answered() {
    // With idle:1h, the FIN ends the message.
    for (framing, asked) in [("line", "question\n"), ("idle:1h", "question"), ("none", "question")] {
        let (mut server, address) = server(framing, rules([late(on("question", Then::Echo), 40)]));
        let mut peer = dial(address);
        peer.write_all(asked.as_bytes()).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(&peer), asked, "{framing}");
        server.until("its end", |server| server.left().len() == 1);
    }
}

#[test]
fn rules_close_or_reset_connections_after_earlier_answers() {
    let list = [and_on(Rule::new(RuleId(0), Then::Echo)), on("bye", Then::Close), on("off", Then::Reset)];
    let (mut server, address) = server("line", rules(list));
    let mut peer = dial(address);
    peer.write_all(b"hello\nbye\n").unwrap();
    assert_eq!(rest(&peer), "hello\nbye\n");
    server.until("its end", |server| server.left().len() == 1);
    let mut peer = dial(address);
    peer.write_all(b"off\n").unwrap();
    let error = loop {
        match peer.read(&mut [0; 64]) {
            Ok(0) => panic!("closed in order"),
            Ok(_answer) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    server.until("its end", |server| server.left().len() == 2);
    assert!(server.endings().contains(&Ending::OwnReset));
}

#[test]
fn a_peer_that_does_not_read_its_answers_is_not_read() {
    // Not a plain echo: each message is sent twice.
    let list = [and_on(Rule::new(RuleId(0), Then::Echo)), Rule::new(RuleId(0), Then::Echo)];
    let (mut server, address) = server("fixed:1000", rules(list));
    let slow = dial(address);
    slow.set_nonblocking(true).unwrap();
    let message: Vec<u8> = (0..1000_u32).map(|n| n as u8).collect();
    let mut sent = 0;
    // Sends until nothing is accepted any more: the server has stopped reading.
    let mut stuck = 0;
    while stuck < 3 {
        match (&slow).write(&message[sent % 1000..]) {
            Ok(n) => (sent, stuck) = (sent + n, 0),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                let before = server.totals();
                server.order(Command::Note("are you there?".to_owned()));
                server.until("the note", |server| {
                    server.notes().iter().filter(|note| note.starts_with("are")).count() > 0
                });
                server.entries.clear();
                stuck = if server.totals() == before { stuck + 1 } else { 0 };
            }
        }
        assert!(sent < 512 << 20, "the server reads without end");
    }
    // Other clients are still served.
    let mut other = dial(address);
    other.write_all(&message).unwrap();
    let mut answer = vec![0; 2000];
    other.read_exact(&mut answer).unwrap();
    assert!(answer == [&message[..], &message].concat());
    assert!(server.totals().queued_bytes < 1 << 20, "{:?}", server.totals());
    // Once it reads, it gets all answers in order.
    slow.set_nonblocking(false).unwrap();
    slow.shutdown(Shutdown::Write).unwrap();
    let mut answers = Vec::new();
    (&slow).read_to_end(&mut answers).unwrap();
    assert_eq!(answers.len(), sent / 1000 * 2000);
    assert!(answers.chunks(1000).all(|answer| answer == message));
}

#[test]
fn an_endless_exchange_of_answers_can_be_stopped() {
    for rules in [Arc::new(Rules::echo()), rules([and_on(Rule::new(RuleId(0), Then::Echo))])] {
        let (mut server, address) = server("none", Arc::clone(&rules));
        let mut client = Bench::client(address, |setup| setup.rules = rules);
        server.first_flow();
        client.send(Target::All, b"ball");
        client.until("a rally", |client| client.totals().received_messages > 1000);
        server.until("a rally", |server| server.totals().received_messages > 1000);
        assert_eq!(client.close(), None);
        assert_eq!(server.close(), None);
        assert!(hits(&server)[0] > 1000);
    }
}

#[test]
fn rules_and_framing_change_while_the_session_is_open() {
    let (mut server, address) = server("none", Arc::default());
    let mut peer = server.clients(address, 1).remove(0);
    peer.write_all(b"nobody listens\n").unwrap();
    server.until("it", |server| server.totals().received_bytes == 15);
    server.order(Command::SetFraming("line".parse().unwrap()));
    server.order(Command::SetRules(rules([on("a", Then::Echo)])));
    server.order(Command::Note("done".to_owned()));
    server.until("the note", |server| server.notes().contains(&"done".to_owned()));
    peer.write_all(b"half").unwrap();
    server.until("it", |server| server.totals().received_bytes == 19);
    // A message received in part is dropped.
    server.order(Command::SetFraming("fixed:3".parse().unwrap()));
    server.order(SocketCommand::Send {
        to: Target::All,
        what: netassist::model::SendPart::Bytes((*b"go").into()),
    });
    assert_eq!(reads(&peer, 2), "go");
    peer.write_all(b"abcdefxay").unwrap();
    assert_eq!(reads(&peer, 6), "abcxay");
    server.order(Command::SetRules(Arc::new(Rules::echo())));
    peer.write_all(b"anything").unwrap();
    assert_eq!(reads(&peer, 8), "anything");
    // The rule has the ID of the one before, and keeps its count.
    server.until("a hit", |server| hits(server) == [3]);
    server.order(Command::SetRules(Arc::default()));
    server.until("none", |server| hits(server).is_empty());
    peer.write_all(b"silence").unwrap();
    server.until("it", |server| server.totals().received_bytes == 43);
    assert_eq!(server.close(), None);
    assert_eq!(rest(&peer), "");
}

#[test]
fn a_rule_annotates_the_right_record_and_keeps_earlier_notes() {
    let (mut server, address) =
        server("line", rules([Rule { name: "alarm".to_owned(), ..on("a", Then::Highlight) }]));
    let mut peer = dial(address);
    for (text, so_far) in [("b\n", 2), ("1 a\n2 a\n", 10), ("c\n", 12), ("a", 13), ("3\n", 15)] {
        peer.write_all(text.as_bytes()).unwrap();
        server.until("it", |server| server.totals().received_bytes == so_far);
    }
    server.until("two notes", |server| annotated(server).len() == 2);
    let records = server.records();
    let received: Vec<u64> = records
        .iter()
        .zip(0..)
        .filter(|(record, _n)| record.kind == netassist::model::RecordKind::Received)
        .map(|(_record, n)| n)
        .collect();
    assert_eq!(received.len(), 5);
    let wanted = [(received[1], "★ alarm\n★ alarm".to_owned()), (received[4], "★ alarm".to_owned())];
    assert_eq!(annotated(&server), wanted);
    assert_eq!(server.annotations().last(), wanted.last());
}

#[test]
fn a_rule_stops_recording_until_it_is_resumed() {
    let list = [on("stop", Then::StopRecording), on("a", Then::Echo)];
    let (mut server, address) = server("line", rules(list));
    let mut peer = dial(address);
    peer.write_all(b"a1\n").unwrap();
    assert_eq!(reads(&peer, 3), "a1\n");
    peer.write_all(b"stop\n").unwrap();
    server.until("that", |server| server.events.contains(&Event::RecordingStopped));
    peer.write_all(b"a2\n").unwrap();
    assert_eq!(reads(&peer, 3), "a2\n");
    server
        .until("the sums", |server| server.totals().received_bytes == 11 && server.totals().sent_bytes == 6);
    server.order(Command::ResumeRecording);
    server.until("that", |server| server.events.contains(&Event::RecordingResumed));
    peer.write_all(b"a3\n").unwrap();
    assert_eq!(reads(&peer, 3), "a3\n");
    peer.write_all(b"stop\nnot seen").unwrap();
    server.until("that", |server| {
        server.events.iter().filter(|event| **event == Event::RecordingStopped).count() == 2
    });
    server.until("the rest", |server| server.totals().received_bytes == 27);
    assert_eq!(server.close(), None);
    assert!(server.bytes(Direction::Received).starts_with(b"a1\nstop\na3\nstop\n"));
    assert_eq!(server.bytes(Direction::Sent), b"a1\na3\n");
    let notes = server.notes();
    let told = |note: SessionNote| notes.contains(&note.to_string());
    assert!(told(SessionNote::RecordingStopped) && told(SessionNote::NotRecorded(3, 3)), "{notes:?}");
    assert!(notes.iter().rev().nth(1).unwrap().starts_with("not recorded: "), "at the end: {notes:?}");
}

#[test]
fn a_rule_requests_a_sequence() {
    let (mut server, address) = server("line", rules([on("a", Then::Sequence("page 2".to_owned()))]));
    let mut peer = dial(address);
    peer.write_all(b"a\n").unwrap();
    let flow = server.first_flow().id;
    let wanted = Event::SequenceWanted("page 2".to_owned(), flow);
    server.until("that", |server| server.events.contains(&wanted));
}

#[test]
fn each_datagram_is_answered_alone() {
    let list = [
        Rule { to: Recipients::Others, ..on("tell", Then::Echo) },
        late(on("later", Then::Echo), 20),
        on("a", Then::Echo),
    ];
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |setup| {
        setup.framing = "line".parse().unwrap();
        setup.rules = rules(list);
    });
    let peer = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect(address).unwrap();
        socket
    };
    let peers = [peer(), peer(), peer()];
    let next = |peer: &UdpSocket| {
        let mut seen = [0; 100];
        let n = peer.recv(&mut seen).unwrap();
        String::from_utf8_lossy(&seen[..n]).into_owned()
    };
    for (n, peer) in peers.iter().enumerate() {
        peer.send(b"1 a\nb\n2 a").unwrap();
        assert_eq!((next(peer), next(peer)), ("1 a\n".to_owned(), "2 a".to_owned()));
        udp.until("it", |udp| udp.joined().len() == n + 1);
    }
    peers[1].send(b"tell\n").unwrap();
    assert_eq!((next(&peers[0]), next(&peers[2])), ("tell\n".to_owned(), "tell\n".to_owned()));
    peers[1].send(b"later\na").unwrap();
    assert_eq!((next(&peers[1]), next(&peers[1])), ("later\n".to_owned(), "a".to_owned()));
    udp.close();
    assert_eq!(hits(&udp), [1, 1, 7]);
}

#[test]
fn a_cut_answer_becomes_two_datagrams_in_order() {
    let faults = Faults { cut_every: 1, cut_pause: Duration::from_millis(40), ..Faults::default() };
    let echo = late(Rule::new(RuleId(0), Then::Echo), 30);
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |setup| {
        setup.rules = Arc::new(Rules { rules: vec![echo], faults, seed: 7, ..Rules::default() });
    });
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    peer.connect(address).unwrap();
    let begun = Instant::now();
    // Both are due before the first one's tail.
    peer.send(b"abcd").unwrap();
    peer.send(b"efgh").unwrap();
    let mut halves = String::new();
    for _half in 0..4 {
        let mut seen = [0; 8];
        let n = peer.recv(&mut seen).unwrap();
        assert!(n < 4, "it is cut");
        halves += std::str::from_utf8(&seen[..n]).unwrap();
    }
    assert_eq!(halves, "abcdefgh");
    assert!(begun.elapsed() >= Duration::from_millis(30 + 40 + 40), "each tail waits for its pause");
    udp.close();
}

fn manner() -> Manner {
    Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 }
}

fn template(text: &str) -> Arc<Template> {
    Arc::new(Template::parse_answer(text, manner(), Vec::new(), &Matcher::default()).unwrap())
}

fn in_folder(folder: &TempDir, name: &str) -> FolderFile {
    let approved = Some(folder.path().canonicalize().unwrap());
    FolderFile { folder: folder.path().to_owned(), approved, name: template(name), charset: Charset::Utf8 }
}

#[test]
fn rules_read_and_write_files_only_in_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let content = "0123456789".repeat(30_000);
    std::fs::write(folder.path().join("there.txt"), &content).unwrap();
    let when = Matcher::parse(MatchKind::Regex, "^get (.*)\n", manner()).unwrap();
    let name = Arc::new(Template::parse_answer("{1}", manner(), Vec::new(), &when).unwrap());
    let file = FolderFile { name, ..in_folder(&folder, "any") };
    let get = Rule { when, ..Rule::new(RuleId(0), Then::SendFile(file)) };
    let close = Rule::new(RuleId(0), Then::Close);
    let save = on("put", Then::SaveFile { file: in_folder(&folder, "saved.txt"), content: template("{0}") });
    let (mut server, address) = server("line", rules([and_on(save), and_on(get), close]));
    let ask = |text: &str| {
        let mut peer = dial(address);
        peer.write_all(text.as_bytes()).unwrap();
        rest(&peer)
    };
    assert_eq!(ask("get there.txt\n"), content);
    for name in ["none.txt", "../there.txt", "/etc/passwd", ""] {
        assert_eq!(ask(&format!("get {name}\n")), "", "{name}");
    }
    assert_eq!(ask("put this\n"), "");
    server.until("it", |server| server.notes().iter().any(|note| note.starts_with("saved 9 bytes as ")));
    assert_eq!(std::fs::read(folder.path().join("saved.txt")).unwrap(), b"put this\n");
    assert_eq!(ask("put that\n"), "");
    server.until("a trouble", |server| {
        server.troubles().iter().any(|trouble| trouble.doing == Doing::SavingFile)
    });
    assert_eq!(std::fs::read(folder.path().join("saved.txt")).unwrap(), b"put this\n");
    server.until("troubles", |server| {
        server.troubles().iter().filter(|trouble| trouble.doing == Doing::Answering).count() >= 2
    });
    assert_eq!(server.close(), None);
}

#[test]
fn faults_cut_join_and_drop_answers() {
    let faulty = |faults: Faults| {
        let rules =
            Rules { rules: vec![Rule::new(RuleId(0), Then::Echo)], faults, seed: 7, ..Rules::default() };
        server("line", Arc::new(rules))
    };
    let pause = Duration::from_millis(30);
    let (mut halves, address) = faulty(Faults { cut_every: 2, cut_pause: pause, ..Faults::default() });
    let mut peer = dial(address);
    let begun = Instant::now();
    peer.write_all(b"first\nsecond\nthird\n").unwrap();
    assert_eq!(reads(&peer, 19), "first\nsecond\nthird\n");
    assert!(begun.elapsed() >= pause);
    halves.close();
    assert!(halves.data(None, Direction::Sent).len() >= 3);

    let join_within = Duration::from_millis(50);
    let (mut joined, address) = faulty(Faults { join: 3, join_within, ..Faults::default() });
    let mut peer = dial(address);
    peer.write_all(b"1\n").unwrap();
    assert_eq!(reads(&peer, 2), "1\n", "it has waited long enough");
    peer.write_all(b"2\n3\n4\n5\n").unwrap();
    // The last one is alone, and is sent although its peer sends no more.
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&peer), "2\n3\n4\n5\n");
    joined.until("its end", |joined| joined.left().len() == 1);
    assert_eq!(joined.data(None, Direction::Sent), [&b"1\n"[..], b"2\n3\n4\n", b"5\n"]);

    let (mut lossy, address) = faulty(Faults { drop_every: 3, ..Faults::default() });
    let mut peer = dial(address);
    peer.write_all(b"1\n2\n3\n4\n").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&peer), "1\n2\n4\n");
    lossy.close();
    assert_eq!(hits(&lossy), [4]);
}
