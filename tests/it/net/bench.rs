//! A session under test: its capture, and its events, whose order is checked as they arrive.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use netassist::codec::frame::Framing;
use netassist::model::{
    Command, Direction, Ending, Endpoint, Event, FileEnd, FileId, FileOrder, FileProgress, FileToSend, Flow,
    FlowId, Granted, HoldId, Link, NetError, Options, PassedFrom, Progress, Record, RecordKind, Repeat,
    RepeatId, SendPart, SequenceEnd, SequenceId, SequencePlace, ShortTally, SocketCommand, Target, Totals,
};
use netassist::net::{OpenSession, Setup};

use crate::memory_recorder::{Entry, Tape, recorder};

/// The longest a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Asserts the order of events that `model::event` describes.
#[derive(Debug, Default)]
pub struct Order {
    opened: bool,
    /// Short connections are made while the session is open.
    attempts_later: bool,
    closed: bool,
    there: HashSet<FlowId>,
    left: HashSet<FlowId>,
    held: HashSet<HoldId>,
    offset: Option<u64>,
    totals: Totals,
    repeats: HashMap<RepeatId, Progress>,
    files: HashMap<FileId, FileProgress>,
    sequences: HashMap<SequenceId, SequencePlace>,
    short: ShortTally,
}

impl Order {
    fn check(&mut self, event: &Event) {
        assert!(!self.closed, "after Closed: {event:?}");
        match event {
            Event::Opened { .. } => assert!(!std::mem::replace(&mut self.opened, true), "opened twice"),
            Event::Joined(flow) => {
                assert!(self.opened, "joined before opened");
                assert!(
                    !self.left.contains(&flow.id) && self.there.insert(flow.id),
                    "joined again: {flow:?}"
                );
            }
            Event::Paired(client, upstream, _target) => {
                assert!(self.there.contains(client) && self.there.contains(upstream), "paired before joined");
            }
            Event::Recorded(batch) => {
                for record in &batch.records {
                    self.record(record);
                }
                let (before, now) = (self.totals, batch.totals);
                assert!(now.received_bytes >= before.received_bytes && now.sent_bytes >= before.sent_bytes);
                assert!(now.received_messages >= before.received_messages);
                assert!(now.sent_messages >= before.sent_messages && now.connections >= before.connections);
                self.totals = now;
            }
            Event::Trouble(_)
            | Event::Turned(_)
            | Event::CapturePaused(..)
            | Event::CaptureResumed(_)
            | Event::RuleHits(_)
            | Event::Alerted(_)
            | Event::Annotated(_)
            | Event::SequenceWanted(..)
            | Event::RecordingStopped
            | Event::RecordingResumed => {}
            Event::Held(held) => {
                assert!(self.there.contains(&held.flow) && self.held.insert(held.id), "{held:?}");
            }
            Event::HoldEnded(id, _how) => assert!(self.held.remove(id), "not held: {id:?}"),
            Event::Left(id) => {
                assert!(self.there.remove(id), "left without having joined: {id:?}");
                self.left.insert(*id);
            }
            Event::StoppedListening => assert!(self.opened),
            Event::CallingAgain(_) => {
                assert!(self.there.is_empty(), "calling again beside {:?}", self.there);
                self.opened = false;
            }
            Event::Repeating(id, progress) => {
                let before = self.repeats.insert(*id, *progress).unwrap_or_default();
                assert!(before.sent <= progress.sent && before.skipped <= progress.skipped);
            }
            Event::RepeatEnded(id, progress) => {
                // A repeat with the same ID may start.
                let before = self.repeats.remove(id).unwrap_or_default();
                assert!(before.sent <= progress.sent && before.skipped <= progress.skipped);
            }
            // Short connections follow it as others follow `Opened`.
            Event::Ready => {
                assert!(!std::mem::replace(&mut self.opened, true), "opened twice");
                self.attempts_later = true;
            }
            Event::Short(tally) => {
                assert!(self.opened && tally.done >= self.short.done && tally.failed >= self.short.failed);
                self.short = *tally;
            }
            Event::FileProgress(id, progress) => {
                let before = self.files.insert(*id, *progress).unwrap_or_default();
                assert!(before.done <= progress.done && before.sent <= progress.sent);
                assert!(progress.done <= progress.total, "{progress:?}");
            }
            Event::FileEnded(id, end, progress) => {
                let before = self.files.remove(id).unwrap_or_default();
                assert!(before.done <= progress.done && before.sent <= progress.sent);
                let all = progress.peers > 0 && progress.served == progress.peers;
                assert_eq!(*end == FileEnd::Sent, all, "{progress:?}");
                assert!(!all || progress.done == progress.total, "{progress:?}");
            }
            Event::SequenceAt(id, place) => {
                let before = self.sequences.insert(*id, *place).unwrap_or_default();
                let order = |place: SequencePlace| (place.round, place.row);
                assert!(order(before) <= order(*place) && before.unanswered <= place.unanswered);
            }
            Event::SequenceEnded(id, place, _how) => {
                let before = self.sequences.remove(id).unwrap_or_default();
                assert!((before.round, before.row) <= (place.round, place.row));
            }
            Event::Closed(_) => {
                assert!(self.files.is_empty(), "closed with files: {:?}", self.files);
                assert!(self.sequences.is_empty(), "closed with sequences: {:?}", self.sequences);
                assert!(self.repeats.is_empty(), "closed with repeats: {:?}", self.repeats);
                assert!(self.there.is_empty(), "closed with peers: {:?}", self.there);
                self.closed = true;
            }
        }
    }

    fn record(&mut self, record: &Record) {
        assert!(self.offset < Some(record.offset), "records out of order");
        self.offset = Some(record.offset);
        match record.kind {
            RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => {}
            RecordKind::Refused => assert!(!self.opened || self.attempts_later, "an attempt after opening"),
            RecordKind::Received | RecordKind::Sent | RecordKind::Connected | RecordKind::Ended(_) => {
                assert!(self.there.contains(&record.flow), "a record of nobody: {record:?}");
            }
        }
    }
}

/// A session under test.
#[derive(Debug)]
pub struct Bench {
    pub session: Option<OpenSession>,
    pub tape: Tape,
    pub events: Vec<Event>,
    pub entries: Vec<Entry>,
    pub woken: Arc<AtomicUsize>,
    order: Order,
}

pub fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub fn dial(address: SocketAddr) -> TcpStream {
    patient(TcpStream::connect(address).unwrap())
}

pub fn accept(listener: &TcpListener) -> TcpStream {
    patient(listener.accept().unwrap().0)
}

/// A client session and the socket connected to it.
pub fn pair(change: impl FnOnce(&mut Setup)) -> (Bench, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Bench::client(listener.local_addr().unwrap(), change);
    (client, accept(&listener))
}

#[track_caller]
pub fn read(mut stream: &TcpStream, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// A setup with default options.
pub fn setup(link: Link) -> Setup {
    Setup {
        link,
        options: Options::default(),
        title: "under test".to_owned(),
        framing: Framing::AsReceived,
        rules: Arc::default(),
        keeps_early: false,
    }
}

impl Bench {
    pub fn open(link: Link) -> Self {
        Self::start(setup(link))
    }

    pub fn start(setup: Setup) -> Self {
        let (recorder, tape) = recorder();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let session = OpenSession::open(setup, recorder, wake).unwrap();
        let (events, entries, order) = (Vec::new(), Vec::new(), Order::default());
        Self { session: Some(session), tape, events, entries, woken, order }
    }

    /// A server on a port that the system picks, and its address.
    pub fn server(local: &str, change: impl FnOnce(&mut Setup)) -> (Self, SocketAddr) {
        let mut setup = setup(Link::TcpServer { local: local.parse().unwrap() });
        change(&mut setup);
        let mut bench = Self::start(setup);
        let address = bench.opened().0;
        (bench, address)
    }

    /// A relay to `remote`, or a proxy, on a port that the system picks, and its address.
    pub fn relay(
        remote: impl Into<Option<SocketAddr>>,
        change: impl FnOnce(&mut Setup),
    ) -> (Self, SocketAddr) {
        let local = "127.0.0.1:0".parse().unwrap();
        let mut setup = setup(Link::TcpRelay { local, remote: remote.into().map(Endpoint::from) });
        change(&mut setup);
        let mut bench = Self::start(setup);
        bench.order.attempts_later = true;
        let address = bench.opened().0;
        (bench, address)
    }

    /// As [`relay`](Self::relay), of datagrams.
    pub fn udp_relay(remote: Endpoint, change: impl FnOnce(&mut Setup)) -> (Self, SocketAddr) {
        let mut setup = setup(Link::UdpRelay { local: "127.0.0.1:0".parse().unwrap(), remote });
        change(&mut setup);
        let mut bench = Self::start(setup);
        let address = bench.opened().0;
        (bench, address)
    }

    /// The legs that belong together: client, upstream.
    pub fn paired(&self) -> Vec<(FlowId, FlowId)> {
        let pair = |event: &Event| match event {
            Event::Paired(client, upstream, _target) => Some((*client, *upstream)),
            _ => None,
        };
        self.events.iter().filter_map(pair).collect()
    }

    /// A client connected to `remote`.
    pub fn client(remote: SocketAddr, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = setup(Link::TcpClient { remote: remote.into(), local: None });
        change(&mut setup);
        let mut bench = Self::start(setup);
        bench.opened();
        bench
    }

    /// A UDP session, and its address.
    pub fn udp(local: &str, change: impl FnOnce(&mut Setup)) -> (Self, SocketAddr) {
        let mut setup = setup(Link::Udp { local: local.parse().unwrap(), remote: None, groups: Vec::new() });
        change(&mut setup);
        let mut bench = Self::start(setup);
        let address = bench.opened().0;
        (bench, address)
    }

    /// Connects `n` clients one after the other, so that they join in that order.
    pub fn clients(&mut self, address: SocketAddr, n: usize) -> Vec<TcpStream> {
        let call = |wanted| {
            let stream = dial(address);
            self.until("a client", |server| server.joined().len() == wanted);
            stream
        };
        (1..=n).map(call).collect()
    }

    pub fn order(&self, command: impl Into<Command>) {
        self.session.as_ref().unwrap().send(command.into()).unwrap();
    }

    pub fn send(&self, to: Target, bytes: &[u8]) {
        self.order(SocketCommand::Send { to, what: SendPart::Bytes(bytes.into()) });
    }

    /// Starts a repeat.
    pub fn repeat(&self, id: u32, to: Target, bytes: &[u8], every: Duration, count: Option<u64>) {
        let what = Arc::from([SendPart::Bytes(bytes.into())]);
        self.order(Command::Repeat(Repeat { id: RepeatId(id), to, what, every, count }));
    }

    /// The progress of a repeat at its end.
    #[track_caller]
    pub fn repeat_ended(&mut self, id: u32) -> Progress {
        self.found("RepeatEnded", |event| match event {
            Event::RepeatEnded(ended, progress) if ended.0 == id => Some(*progress),
            _ => None,
        })
    }

    /// The tally of short connections once `tried` were tried.
    #[track_caller]
    pub fn short(&mut self, tried: u64) -> ShortTally {
        self.until("Short", |bench| bench.order.short.done + bench.order.short.failed >= tried);
        self.order.short
    }

    /// Sends a file.
    pub fn send_file(&self, id: u32, to: Target, file: FileToSend) {
        self.order(SocketCommand::SendFile(Box::new(FileOrder { id: FileId(id), to, file })));
    }

    /// How the first file with this ID ended.
    #[track_caller]
    pub fn file_ended(&mut self, id: u32) -> (FileEnd, FileProgress) {
        self.found("FileEnded", |event| match event {
            Event::FileEnded(ended, end, progress) if ended.0 == id => Some((*end, *progress)),
            _ => None,
        })
    }

    /// How a sequence ended, and its place then.
    #[track_caller]
    pub fn sequence_ended(&mut self, id: u32) -> (SequencePlace, SequenceEnd) {
        self.found("SequenceEnded", |event| match event {
            Event::SequenceEnded(ended, place, how) if ended.0 == id => Some((*place, how.clone())),
            _ => None,
        })
    }

    /// Waits for the first event of this kind.
    #[track_caller]
    fn found<T>(&mut self, what: &str, pick: impl Fn(&Event) -> Option<T>) -> T {
        self.until(what, |bench| bench.events.iter().any(|event| pick(event).is_some()));
        self.events.iter().find_map(pick).unwrap()
    }

    /// Handles events until `done`, or fails naming `what`.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.entries.extend(self.tape.read().into_iter().map(|(entry, _at)| entry));
            if done(self) {
                return;
            }
            assert!(Instant::now() < deadline, "waiting for {what}: events come without end");
            let events = self.session.as_ref().unwrap().events().clone();
            match events.recv_deadline(deadline) {
                Ok(event) => self.take(event),
                Err(error) => {
                    let last = &self.events[self.events.len().saturating_sub(8)..];
                    panic!("waiting for {what}: {error}; totals {:?}, last {last:?}", self.totals());
                }
            }
        }
    }

    /// Handles the events that have arrived.
    pub fn drain(&mut self) {
        let events = self.session.as_ref().unwrap().events().clone();
        events.try_iter().for_each(|event| self.take(event));
    }

    /// Waits for a change of the capture without an event.
    #[track_caller]
    pub fn until_tape(&self, what: &str, done: impl Fn(&Tape) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done(&self.tape) {
            assert!(Instant::now() < deadline, "waiting for {what}");
            std::thread::yield_now();
        }
    }

    fn take(&mut self, event: Event) {
        self.order.check(&event);
        self.events.push(event);
    }

    #[track_caller]
    pub fn opened(&mut self) -> (SocketAddr, Granted) {
        self.found("Opened", |event| match event {
            Event::Opened { local, granted } => Some((local.address(), *granted)),
            _ => None,
        })
    }

    /// Waits for the end and returns its error; nothing may follow.
    #[track_caller]
    pub fn closed(&mut self) -> Option<NetError> {
        self.until("Closed", |bench| matches!(bench.events.last(), Some(Event::Closed(_))));
        let events = self.session.as_ref().unwrap().events().clone();
        // The channel is disconnected once the worker's thread has ended.
        let after = events.recv_timeout(PATIENCE);
        assert_eq!(after, Err(crossbeam_channel::RecvTimeoutError::Disconnected));
        self.entries.extend(self.tape.read().into_iter().map(|(entry, _at)| entry));
        match self.events.last() {
            Some(Event::Closed(reason)) => reason.clone(),
            _ => unreachable!(),
        }
    }

    /// Drops the session, whose events are lost then.
    pub fn stop(&mut self) {
        self.session.take().unwrap().finish().unwrap();
        self.entries.extend(self.tape.read().into_iter().map(|(entry, _at)| entry));
    }

    #[track_caller]
    pub fn close(&mut self) -> Option<NetError> {
        self.order(Command::Close { linger: Duration::from_millis(200) });
        self.closed()
    }

    pub fn joined(&self) -> Vec<Flow> {
        let flow = |event: &Event| match event {
            Event::Joined(flow) => Some(flow.clone()),
            _ => None,
        };
        self.events.iter().filter_map(flow).collect()
    }

    #[track_caller]
    pub fn first_flow(&mut self) -> Flow {
        self.until("Joined", |bench| !bench.joined().is_empty());
        self.joined().remove(0)
    }

    pub fn left(&self) -> Vec<FlowId> {
        let id = |event: &Event| match event {
            Event::Left(id) => Some(*id),
            _ => None,
        };
        self.events.iter().filter_map(id).collect()
    }

    pub fn troubles(&self) -> Vec<NetError> {
        let error = |event: &Event| match event {
            Event::Trouble(error) | Event::CapturePaused(error, _) => Some(error.clone()),
            _ => None,
        };
        self.events.iter().filter_map(error).collect()
    }

    pub fn records(&self) -> Vec<Record> {
        let records = |event: &Event| match event {
            Event::Recorded(batch) => batch.records.clone(),
            _ => Vec::new(),
        };
        self.events.iter().flat_map(records).collect()
    }

    pub fn totals(&self) -> Totals {
        let totals = |event: &Event| match event {
            Event::Recorded(batch) => Some(batch.totals),
            _ => None,
        };
        self.events.iter().rev().find_map(totals).unwrap_or_default()
    }

    /// What is said of data sent on a flow, in order, but for where they come from.
    pub fn whys(&self, of: FlowId) -> Vec<&str> {
        self.entries
            .iter()
            .zip(self.entries.iter().skip(1))
            .filter_map(|pair| match pair {
                (Entry::Why(why), Entry::Data { flow, .. }) if *flow == of => Some(PassedFrom::read(why).1),
                _ => None,
            })
            .filter(|why| !why.is_empty())
            .collect()
    }

    /// The data of one direction, of all flows or one, by record.
    pub fn data(&self, of: Option<FlowId>, way: Direction) -> Vec<Vec<u8>> {
        let data = |entry: &Entry| match entry {
            Entry::Data { flow, direction, bytes, .. }
                if *direction == way && of.is_none_or(|id| id == *flow) =>
            {
                Some(bytes.clone())
            }
            _ => None,
        };
        self.entries.iter().filter_map(data).collect()
    }

    pub fn bytes(&self, way: Direction) -> Vec<u8> {
        self.data(None, way).concat()
    }

    pub fn endings(&self) -> Vec<Ending> {
        let how = |entry: &Entry| match entry {
            Entry::Ended(_, how) => Some(*how),
            _ => None,
        };
        self.entries.iter().filter_map(how).collect()
    }

    pub fn annotations(&self) -> Vec<(u64, String)> {
        let text = |entry: &Entry| match entry {
            Entry::Annotation(record, text) => Some((*record, text.clone())),
            _ => None,
        };
        self.entries.iter().filter_map(text).collect()
    }

    /// What is noted on records, without the places of messages that were dropped.
    pub fn reasons(&self) -> Vec<String> {
        let line =
            |line: &str| match line.split_once(']').map(|(_, rest)| PassedFrom::read(rest.trim_start())) {
                Some((Some(_), why)) => format!("[dropped] {why}"),
                _ => line.to_owned(),
            };
        let text = |(_, text): (u64, String)| text.lines().map(line).collect::<Vec<_>>().join("\n");
        self.annotations().into_iter().map(text).collect()
    }

    pub fn notes(&self) -> Vec<String> {
        let text = |entry: &Entry| match entry {
            Entry::Note(text) => Some(text.clone()),
            _ => None,
        };
        self.entries.iter().filter_map(text).collect()
    }
}
