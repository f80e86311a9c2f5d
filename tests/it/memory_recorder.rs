//! A capture in memory, for tests of `net`: what was recorded, what of it is committed, and commits
//! that fail on demand.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use netassist::model::{
    Cast, Direction, Ending, Flow, FlowId, Origin, Record, RecordKind, Recorder, SessionNote, Stamp,
    Transport,
};

/// One call of the recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Begin {
        title: String,
        endpoint: String,
    },
    Host(String, IpAddr),
    Flow(Flow),
    Local(FlowId, SocketAddr),
    Connected(FlowId),
    Refused(FlowId, String),
    Data {
        flow: FlowId,
        direction: Direction,
        cast: Cast,
        whole: bool,
        bytes: Vec<u8>,
    },
    Ended(FlowId, Ending),
    /// Why the data that follow were sent.
    Why(String),
    Note(String),
    Annotation(u64, String),
    Finish(Option<u64>),
}

/// What a test sees of the capture: entries as they are committed.
#[derive(Debug)]
pub struct Tape {
    committed: Receiver<(Entry, Stamp)>,
    failing: Arc<AtomicBool>,
    attempts: Arc<AtomicU64>,
}

impl Tape {
    /// All that was committed since the last call.
    pub fn read(&self) -> Vec<(Entry, Stamp)> {
        self.committed.try_iter().collect()
    }

    /// From now on commits fail, or work again.
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// How often a commit was tried.
    pub fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::SeqCst)
    }
}

/// The recorder.
#[derive(Debug)]
pub struct MemoryRecorder {
    next: u32,
    /// Flows that are not forgotten.
    flows: HashSet<FlowId>,
    offset: u64,
    last: Stamp,
    pending: Vec<(Entry, Stamp)>,
    records: Vec<Record>,
    /// Records so far.
    recorded: u64,
    out: Sender<(Entry, Stamp)>,
    failing: Arc<AtomicBool>,
    attempts: Arc<AtomicU64>,
}

/// A recorder and the view of it.
pub fn recorder() -> (Box<MemoryRecorder>, Tape) {
    let (out, committed) = std::sync::mpsc::channel();
    let failing = Arc::new(AtomicBool::new(false));
    let attempts = Arc::new(AtomicU64::new(0));
    let tape = Tape { committed, failing: Arc::clone(&failing), attempts: Arc::clone(&attempts) };
    let recorder = MemoryRecorder {
        next: 0,
        flows: HashSet::new(),
        offset: 0,
        last: Stamp(0),
        pending: Vec::new(),
        records: Vec::new(),
        recorded: 0,
        out,
        failing,
        attempts,
    };
    (Box::new(recorder), tape)
}

impl MemoryRecorder {
    /// What is recorded until now ends at `last`.
    pub fn ends_at(&mut self, last: Stamp) {
        self.last = last;
    }

    fn put(&mut self, entry: Entry, at: Stamp) {
        assert!(at >= self.last, "time goes back at {entry:?}");
        self.last = at;
        if let Some((flow, kind, _)) = kind(&entry) {
            self.recorded += 1;
            assert!(
                kind == RecordKind::Note || self.flows.contains(&flow),
                "{flow:?} was forgotten: {entry:?}"
            );
        }
        self.pending.push((entry, at));
    }
}

impl Recorder for MemoryRecorder {
    fn begin(&mut self, title: &str, endpoint: &str, at: Stamp) {
        self.put(Entry::Begin { title: title.to_owned(), endpoint: endpoint.to_owned() }, at);
    }

    fn why(&mut self, why: &str) {
        if !why.is_empty() {
            self.put(Entry::Why(why.to_owned()), self.last);
        }
    }

    fn host(&mut self, name: &str, address: IpAddr) {
        self.put(Entry::Host(name.to_owned(), address), self.last);
    }

    fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Stamp,
    ) -> Flow {
        let flow = Flow { id: FlowId(self.next), transport, local, peer, origin, since: at, imported: false };
        self.next += 1;
        self.flows.insert(flow.id);
        self.put(Entry::Flow(flow.clone()), at);
        flow
    }

    fn local(&mut self, flow: FlowId, local: SocketAddr) {
        self.put(Entry::Local(flow, local), self.last);
    }

    fn connected(&mut self, flow: FlowId, at: Stamp) {
        self.put(Entry::Connected(flow), at);
    }

    fn refused(&mut self, flow: FlowId, why: &str, at: Stamp) {
        self.put(Entry::Refused(flow, SessionNote::read(why).1.to_owned()), at);
    }

    fn data(&mut self, flow: FlowId, direction: Direction, cast: Cast, whole: bool, bytes: &[u8], at: Stamp) {
        self.put(Entry::Data { flow, direction, cast, whole, bytes: bytes.to_vec() }, at);
    }

    fn ended(&mut self, flow: FlowId, how: Ending, at: Stamp) {
        self.put(Entry::Ended(flow, how), at);
    }

    fn forget(&mut self, flow: FlowId) {
        assert!(self.flows.remove(&flow), "{flow:?} was forgotten before");
    }

    fn note(&mut self, text: &str, at: Stamp) {
        self.put(Entry::Note(text.to_owned()), at);
    }

    fn annotate(&mut self, record: u64, text: &str, at: Stamp) {
        self.put(Entry::Annotation(record, text.to_owned()), at);
    }

    fn latest(&self) -> Stamp {
        self.last
    }

    fn recorded(&self) -> u64 {
        self.recorded
    }

    fn finish(&mut self, dropped: Option<u64>, at: Stamp) {
        assert!(self.flows.is_empty(), "not forgotten: {:?}", self.flows);
        self.put(Entry::Finish(dropped), at);
    }

    fn commit(&mut self) -> io::Result<()> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        if self.failing.load(Ordering::SeqCst) {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full (test)"));
        }
        for (entry, at) in self.pending.drain(..) {
            if let Some((flow, kind, len)) = kind(&entry) {
                let len = u16::try_from(len).unwrap_or(u16::MAX);
                self.records.push(Record { offset: self.offset, flow, len, kind });
                self.offset += 1;
            }
            // Whoever reads the tape may have gone.
            drop(self.out.send((entry, at)));
        }
        Ok(())
    }

    fn take_records(&mut self, into: &mut Vec<Record>) {
        into.append(&mut self.records);
    }
}

/// Of which flow a call makes a record, of which kind and length.
fn kind(entry: &Entry) -> Option<(FlowId, RecordKind, usize)> {
    match entry {
        Entry::Connected(flow) => Some((*flow, RecordKind::Connected, 0)),
        Entry::Refused(flow, why) => Some((*flow, RecordKind::Refused, why.len())),
        Entry::Data { flow, direction: Direction::Received, bytes, .. } => {
            Some((*flow, RecordKind::Received, bytes.len()))
        }
        Entry::Data { flow, direction: Direction::Sent, bytes, .. } => {
            Some((*flow, RecordKind::Sent, bytes.len()))
        }
        Entry::Ended(flow, how) => Some((*flow, RecordKind::Ended(*how), 0)),
        Entry::Note(text) => Some((FlowId::NONE, RecordKind::Note, text.len())),
        Entry::Begin { .. }
        | Entry::Host(..)
        | Entry::Flow(_)
        | Entry::Local(..)
        | Entry::Annotation(..)
        | Entry::Why(_)
        | Entry::Finish(_) => None,
    }
}
