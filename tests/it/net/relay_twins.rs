//! The twins of records in captures of relays: where what came in went out, and the other way round.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use netassist::analysis::{Piece, Source};
use netassist::codec::matcher::MatchKind;
use netassist::export::{self, Destination, Picked, Scope, Selection, Style};
use netassist::journal::{self, Reader, Writer, scan};
use netassist::model::{
    Command, Direction, Event, FlowId, Format, Index, Link, Message, PassedFrom, RecordKind, RelayFaults,
    Rules, SendPart, SocketCommand, Target, Twin, dropped_by,
};
use netassist::net::{OpenSession, Setup};
use netassist::workspace::ThenKind;

use super::bench::{PATIENCE, accept, dial, read, setup};
use super::relay_rules::{rule, rules};

/// A relay that records to a file.
struct Recorded {
    session: OpenSession,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Recorded {
    fn open(link: Link, change: impl FnOnce(&mut Setup)) -> (Self, std::net::SocketAddr) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.pcapng");
        let mut setup = setup(link);
        change(&mut setup);
        let writer = Box::new(Writer::create(&path).unwrap());
        let session = OpenSession::open(setup, writer, Arc::new(|| {})).unwrap();
        let recorded = Self { session, path, _folder: folder };
        let address = recorded.until(|event| match event {
            Event::Opened { local, .. } => Some(local.address()),
            _ => None,
        });
        (recorded, address)
    }

    fn until<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            let event = self.session.events().recv_timeout(PATIENCE).unwrap();
            if let Some(found) = pick(&event) {
                return found;
            }
        }
    }

    fn close(&self) -> Capture {
        self.session.send(Command::Close { linger: Duration::from_millis(200) }).unwrap();
        self.until(|event| matches!(event, Event::Closed(_)).then_some(()));
        Capture::open(&self.path)
    }
}

/// What is read of a capture.
struct Capture {
    index: Index,
    reader: Reader,
    notes: BTreeMap<u64, String>,
}

impl Capture {
    fn open(path: &Path) -> Self {
        let (mut index, mut notes) = (Index::default(), BTreeMap::new());
        scan(path, 0, u64::MAX, &mut |batch| {
            batch.flows.iter().for_each(|flow| index.add_flow(flow));
            index.extend(&batch.records);
            notes.extend(batch.notes);
            batch.pairs.iter().for_each(|(client, upstream)| index.pair(*client, *upstream));
            ControlFlow::Continue(())
        })
        .unwrap();
        Self { index, notes, reader: Reader::open(path).unwrap() }
    }

    fn source(&self) -> Source<'_> {
        Source { index: &self.index, reader: &self.reader }
    }

    /// The records of this direction on one side of a relay, and their bytes.
    fn data(&self, of: FlowId, way: Direction) -> Vec<(u64, Vec<u8>)> {
        let mut piece = Piece::default();
        let mut all = Vec::new();
        for n in 0..self.index.len() {
            let record = self.index.get(n).unwrap();
            if record.flow == of && record.kind.direction() == Some(way) {
                self.source().read(&Message::record(n, record.len), usize::MAX, &mut piece).unwrap();
                all.push((n, piece.bytes.clone()));
            }
        }
        all
    }

    fn twin(&self, n: u64) -> Twin {
        self.source().twin(&Message::record(n, self.index.get(n).unwrap().len)).unwrap()
    }

    /// The legs of the first client.
    fn legs(&self) -> (FlowId, FlowId) {
        let client = self.index.flows().find(|flow| self.index.twin(flow.id).is_some()).unwrap().id;
        (client, self.index.twin(client).unwrap())
    }
}

/// Under these rules and faults: lines that pass, are changed, dropped, doubled and cut, and some that are added.
fn changing() -> Arc<Rules> {
    let forms = [
        rule("client", MatchKind::Contains, "drop", ThenKind::Drop, ""),
        rule("client", MatchKind::Contains, "long", ThenKind::Replace, "much longer"),
        rule("client", MatchKind::Contains, "who", ThenKind::Reply, "me\\n"),
    ];
    let relay = RelayFaults::parse("up:duplicate=10%,cut=10%,loss=10%", 7).unwrap();
    Arc::new(Rules { relay, ..(*rules(&forms)).clone() })
}

fn style() -> Style {
    Style {
        charset: netassist::codec::Charset::Utf8,
        charsets: Arc::default(),
        sent_charsets: netassist::model::SentCharsets::default(),
        body: netassist::model::Body::Text,
        zone: jiff::tz::TimeZone::UTC,
        notes: None,
        words: None,
        marked: false,
    }
}

/// A part that is saved keeps why, but no numbers, which records have others there.
fn a_part_keeps_why(path_of_whole: &std::path::Path, whole: &Capture, sent: &[(u64, Vec<u8>)]) {
    let part = tempfile::tempdir().unwrap();
    let mut n_parts = 0;
    let mut export = |picked| {
        // The one before is still open, which Windows does not replace.
        n_parts += 1;
        let path = part.path().join(format!("{n_parts}.pcapng"));
        let scope = Scope::Part(Selection { index: whole.index.clone(), picked, ..Selection::default() });
        let to = Destination { path: path.clone(), overwrite: false };
        let mut go_on = |_done, _all| ControlFlow::Continue(());
        let style = Style { notes: Some(Arc::new(whole.notes.clone())), ..style() };
        export::to_file(path_of_whole, &scope, Format::Pcapng, &style, &to, &mut go_on).unwrap();
        Capture::open(&path)
    };
    // What was not passed on names the records of the part.
    let part = export(Picked::Range(10..u64::MAX));
    let text = |capture: &Capture, n: u64| {
        let mut piece = Piece::default();
        capture.source().read(&capture.source().record(n).unwrap(), usize::MAX, &mut piece).unwrap();
        piece.bytes
    };
    let old = whole.notes.range(10..).map(|(_, note)| note);
    assert_eq!(part.notes.len(), old.clone().count());
    let mut n_named = 0;
    for (new, old) in part.notes.values().zip(old) {
        for (new, old) in new.lines().filter_map(dropped_by).zip(old.lines().filter_map(dropped_by)) {
            assert_eq!(new.1, old.1);
            let Some(old) = old.0.filter(|old| old.record >= 10) else {
                assert_eq!(new.0, None, "it is not in the part");
                continue;
            };
            let new = new.0.unwrap();
            assert_eq!((new.offset, text(&part, new.record)), (old.offset, text(whole, old.record)));
            n_named += 1;
        }
    }
    assert!(n_named > 20, "{n_named}");
    let part = export(Picked::All);
    let mut piece = Piece::default();
    let mut whys = |capture: &Capture, n: u64| {
        let item = Message::record(n, 0);
        let comment = capture.source().comment(&capture.index.get(n).unwrap()).unwrap();
        (
            capture.source().remark(&item, RecordKind::Sent, &mut piece).unwrap().1,
            PassedFrom::read(&comment).0.is_some(),
        )
    };
    assert_eq!(part.index.len(), whole.index.len());
    for (n, _) in sent {
        assert_eq!(whys(&part, *n), (whys(whole, *n).0, false));
    }
}

#[test]
fn each_line_finds_what_became_of_it_and_that_its_line() {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let remote = Some(upstream.local_addr().unwrap().into());
    let link = Link::TcpRelay { local: "127.0.0.1:0".parse().unwrap(), remote };
    let (relay, address) = Recorded::open(link, |setup| {
        setup.framing = "line".parse().unwrap();
        setup.rules = changing();
    });
    let mut client: TcpStream = dial(address);
    let server = accept(&upstream);
    let flow = relay.until(|event| match event {
        Event::Paired(_, upstream, _) => Some(*upstream),
        _ => None,
    });
    let mut sum = 0;
    for n in 0..600 {
        let word = ["pass", "drop", "long", "pass", "who", "pass"][n % 6];
        client.write_all(format!("{n} {word}\n").as_bytes()).unwrap();
        if n % 50 == 7 {
            let what = SendPart::Bytes((*b"added\n").into());
            relay.session.send(SocketCommand::Send { to: Target::Flows(vec![flow]), what }.into()).unwrap();
            sum += 6;
        }
        if n % 7 == 0 {
            // So that reads and records do not always have one line.
            relay.until(|event| matches!(event, Event::Recorded(_)).then_some(()));
        }
    }
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let all = super::relay::read_all(&server);
    assert!(all.len() > sum);
    drop((client, server));
    let capture = relay.close();
    let (client_leg, upstream_leg) = capture.legs();
    let (received, sent) =
        (capture.data(client_leg, Direction::Received), capture.data(upstream_leg, Direction::Sent));
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    // Each line that was sent knows the record that it came in, which contains its number.
    let (mut n_twins, mut n_added, mut n_marked, mut n_replaced) = (0, 0, 0, 0);
    for (n, bytes) in &sent {
        let said = text(bytes);
        match capture.twin(*n) {
            Twin::Record { record, is_marked } => {
                let (_, of) = received.iter().find(|(known, _)| *known == record).unwrap();
                let number = said.split(' ').next().unwrap();
                let begins = |of: &str| of.lines().any(|line| line.split(' ').next() == Some(number));
                assert!(is_marked || begins(&text(of)), "{said:?} in {:?}", text(of));
                assert!(is_marked || text(of).contains(&said));
                // What was changed knows what it was.
                let item = Message::record(*n, u16::try_from(bytes.len()).unwrap());
                let original = capture.source().original(&item, usize::MAX).unwrap();
                assert_eq!(original.is_some(), is_marked, "{said:?}");
                n_replaced += usize::from(original.as_deref().is_some_and(|original| original != *bytes));
                assert!(original.is_none_or(|original| text(of).contains(&text(&original))), "{said:?}");
                n_twins += 1;
                n_marked += usize::from(is_marked);
            }
            Twin::None => {
                assert_eq!(said, "added\n");
                n_added += 1;
            }
            Twin::Unknown => panic!("{said:?}"),
        }
    }
    assert!(n_added == 12 && n_marked > 50 && n_twins - n_marked > 150, "{n_twins} {n_added} {n_marked}");
    assert!(n_replaced > 20, "{n_replaced}");
    // And each line that came knows where it went.
    let (mut n_gone, mut n_lines) = (0, 0);
    for (n, bytes) in &received {
        let mut skip = 0;
        for line in text(bytes).split_inclusive('\n') {
            let len = u32::try_from(line.len()).unwrap();
            let item = Message::new(*n, skip, *n, len, netassist::model::Wholeness::Whole);
            let (number, word) = line.trim_end().split_once(' ').unwrap();
            n_lines += 1;
            match capture.source().twin(&item).unwrap() {
                Twin::Record { record, is_marked } => {
                    let (_, out) = sent.iter().find(|(known, _)| *known == record).unwrap();
                    assert_ne!(word, "drop");
                    // It may be cut in its number.
                    let begin = text(out);
                    let begin = begin.split(' ').next().unwrap();
                    assert!(number.starts_with(begin), "{line:?} went as {:?}", text(out));
                    assert!(is_marked || text(out) == line);
                }
                Twin::None => n_gone += 1,
                Twin::Unknown => panic!("{line:?}"),
            }
            skip += u16::try_from(len).unwrap();
        }
    }
    // A sixth was dropped, a tenth of the rest lost.
    assert!(n_lines == 600 && (120..190).contains(&n_gone), "{n_lines} {n_gone}");
    a_part_keeps_why(&relay.path, &capture, &sent);
    // The reply is no message of the other side.
    let replies = capture.data(client_leg, Direction::Sent);
    assert!(!replies.is_empty() && replies.iter().all(|(n, _)| capture.twin(*n) == Twin::None));
}

#[test]
fn datagrams_find_their_twins_far_from_the_beginning_and_after_losses() {
    let socket = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    };
    let (server, client) = (socket(), socket());
    let link =
        Link::UdpRelay { local: "127.0.0.1:0".parse().unwrap(), remote: server.local_addr().unwrap().into() };
    let (relay, address) = Recorded::open(link, |setup| {
        setup.rules = rules(&[rule("client", MatchKind::Contains, "drop", ThenKind::Drop, "")]);
    });
    let mut buffer = [0; 64];
    for n in 0..1500 {
        let is_dropped = n % 700 == 50;
        client.send_to(format!("{n}{}", if is_dropped { " drop" } else { "" }).as_bytes(), address).unwrap();
        if !is_dropped {
            let (_, from) = server.recv_from(&mut buffer).unwrap();
            server.send_to(format!("re {n}").as_bytes(), from).unwrap();
            client.recv(&mut buffer).unwrap();
        }
    }
    let capture = relay.close();
    let (client_leg, upstream_leg) = capture.legs();
    for (from, to, n_none) in [(client_leg, upstream_leg, 3), (upstream_leg, client_leg, 0)] {
        let (received, sent) = (capture.data(from, Direction::Received), capture.data(to, Direction::Sent));
        let mut gone = 0;
        for (n, bytes) in &received {
            let twin = capture.twin(*n);
            let Twin::Record { record, is_marked: false } = twin else {
                assert!(bytes.ends_with(b"drop") && twin == Twin::None, "{n}: {twin:?}");
                gone += 1;
                continue;
            };
            assert_eq!(sent.iter().find(|(known, _)| *known == record).map(|(_, out)| out), Some(bytes));
            assert_eq!(capture.twin(record), Twin::Record { record: *n, is_marked: false });
        }
        assert_eq!((gone, received.len()), (n_none, sent.len() + n_none));
    }
}

#[test]
fn a_stream_without_changes_has_few_comments_and_every_place_its_twin() {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let remote = Some(upstream.local_addr().unwrap().into());
    let link = Link::TcpRelay { local: "127.0.0.1:0".parse().unwrap(), remote };
    let (relay, address) = Recorded::open(link, |_setup| ());
    let mut client = dial(address);
    let server = accept(&upstream);
    for n in 0..700 {
        client.write_all(&vec![b'a'; 1 + n % 90]).unwrap();
        read(&server, 1 + n % 90);
    }
    drop((client, server));
    let mut capture = relay.close();
    assert_eq!(capture.notes, BTreeMap::new(), "where data come from is no note of the user's");
    // What is saved with a note of the user's keeps it.
    let mut saved = tempfile::NamedTempFile::new().unwrap();
    let notes = [(9, "mine".to_owned())].into();
    let mut go_on = |_done, _all| ControlFlow::Continue(());
    journal::save(&relay.path, u64::MAX, Some(&notes), &mut saved, &mut go_on).unwrap();
    for path in [relay.path.clone(), saved.path().to_owned()] {
        if path == saved.path() {
            capture = Capture::open(&path);
            assert_eq!(capture.notes, notes);
        }
        every_place_has_its_twin(&capture);
    }
}

fn every_place_has_its_twin(capture: &Capture) {
    let (client_leg, upstream_leg) = capture.legs();
    let sent = capture.data(upstream_leg, Direction::Sent);
    let comments = sent
        .iter()
        .filter(|(n, _)| !capture.source().comment(&capture.index.get(*n).unwrap()).unwrap().is_empty());
    assert!((1..=4).contains(&comments.count()));
    let place = |records: &[(u64, Vec<u8>)], of: u64| -> usize {
        records.iter().take_while(|(n, _)| *n < of).map(|(_, bytes)| bytes.len()).sum()
    };
    let received = capture.data(client_leg, Direction::Received);
    for (n, bytes) in &received {
        let Twin::Record { record, is_marked: false } = capture.twin(*n) else { panic!("{n}") };
        let (begin, out) = (place(&received, *n), place(&sent, record));
        let (_, data) = sent.iter().find(|(known, _)| *known == record).unwrap();
        assert!((out..out + data.len()).contains(&begin), "{n}: {begin} of {} in {out}", bytes.len());
    }
}

#[test]
fn what_was_only_delayed_is_no_change_and_its_delay_is_found() {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let remote = Some(upstream.local_addr().unwrap().into());
    let link = Link::TcpRelay { local: "127.0.0.1:0".parse().unwrap(), remote };
    let (relay, address) = Recorded::open(link, |setup| {
        setup.framing = "line".parse().unwrap();
        let relay = RelayFaults::parse("up:delay=5ms,corrupt=100%,match=bad", 7).unwrap();
        setup.rules = Arc::new(Rules { relay, ..Rules::default() });
    });
    let mut client = dial(address);
    let server = accept(&upstream);
    client.write_all(b"one\nbad\ntwo\n").unwrap();
    read(&server, 12);
    drop((client, server));
    let capture = relay.close();
    let (client_leg, upstream_leg) = capture.legs();
    let (read_at, bytes) = capture.data(client_leg, Direction::Received)[0].clone();
    assert_eq!(bytes, b"one\nbad\ntwo\n", "in one read");
    let fates = [(0, 4), (4, 4), (8, 4), (0, 12)].map(|(skip, len)| {
        let item = Message::new(read_at, skip, read_at, len, netassist::model::Wholeness::Whole);
        capture.source().fate(&item).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>()
    });
    assert_eq!(fates[0], ["[fault] delay=5ms"]);
    assert!(matches!(&*fates[1], [did] if did.contains("corrupt=")), "{fates:?}");
    assert_eq!(fates[2], fates[0]);
    assert_eq!(fates[3], [&*fates[0], &*fates[1]].concat(), "what became of its parts");
    // What was done stands in every log, too.
    let sent = capture.data(upstream_leg, Direction::Sent);
    for (format, marks) in [
        (Format::Text, ["→", " 4 B [fault] delay=5ms\n", "[fault] corrupt="]),
        (Format::Csv, ["last_time,flow,why", ",[fault] delay=5ms\r\n", ",[fault] corrupt="]),
        (Format::Jsonl, ["\"dir\":\"out\"", "\"why\":\"[fault] delay=5ms\"", "\"why\":\"[fault] corrupt="]),
    ] {
        let log = relay.path.with_extension(format.extension());
        let to = Destination { path: log.clone(), overwrite: false };
        let mut go_on = |_done, _all| ControlFlow::Continue(());
        export::to_file(&relay.path, &Scope::ALL, format, &style(), &to, &mut go_on).unwrap();
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(sent.len() == 3 && marks.iter().all(|mark| text.contains(mark)), "{text}");
    }
}
