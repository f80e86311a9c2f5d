//! Writes the capture: converts socket activity into packets and blocks.

mod packets;
mod turn;
mod wire;

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::turn::Turning;
use super::annotation;
use super::block;
use super::conversation::{Conversation, Conversations, Label, Phase, Tuple};
use super::output::{Medium, Output, Stream};
use super::packet::{self, ACK, RST};
use super::parts::create_private;
use super::reader::Reader;
use super::scan::IMPORT;
use super::tape::Tape;
use crate::model::{
    Cast, Direction, Ending, FileTurn, Flow, FlowId, Origin, Record, RecordKind, Recorder, Rotation,
    SessionNote, Stamp, Transport,
};

/// After this many bytes in one direction, a silent side acknowledges: a quarter of the window, beyond which
/// analysers report a full window.
const ACKNOWLEDGE_EVERY: u64 = 256 * 1024 * 1024;

/// Writes one capture from its first byte: to one file, or to several, one after the other, each of which can be read by
/// itself.
///
/// Times never go back in the file: an earlier time than the last is replaced by the last, except in an import
/// ([`Writer::begin_import`]). Both addresses of
/// a flow are converted to one family: `::ffff:a.b.c.d` becomes `a.b.c.d`, and the local `::` becomes
/// `0.0.0.0` if the peer is IPv4. Calls for a flow that did not come from [`Recorder::flow`] of the same
/// writer are ignored. Data of an unconnected TCP flow connect it; a repeated end is ignored. A flow takes
/// about 300 bytes of memory until it is forgotten, a record that was taken none.
#[derive(Debug)]
pub struct Writer {
    /// The file that is written.
    path: PathBuf,
    output: Output,
    /// The offset in the capture of its first byte.
    start: u64,
    /// The number of its first record.
    first: u64,
    tape: Arc<Tape>,
    turning: Turning,
    /// The flows that may get packets.
    conversations: Conversations,
    /// How many flows there were.
    flows: u32,
    /// A datagram flow was forgotten, so that a reader may know an owner of addresses that are not in `owners`.
    forgot: bool,
    /// The flow of packets without a label.
    owners: HashMap<Tuple, FlowId>,
    /// The number that a reader gives the next new flow.
    next_begun: u32,
    /// How many interfaces are described.
    interfaces: u32,
    /// The interface of the opening, and how many packets are on it.
    main: (u32, u64),
    /// That of decrypted data, which follows it if there are any.
    decrypted: Option<(u32, u64)>,
    /// Times may go back.
    keeps_times: bool,
    /// The earliest time to which times go back from a record to the next since records were taken last.
    pub(super) unordered: Option<Stamp>,
    last_record: Stamp,
    /// The latest time given; the last one if times may go back.
    now: Stamp,
    /// The same in the file.
    last: Stamp,
    /// Records not taken yet, each with the end of its last block.
    records: VecDeque<(u64, Record)>,
    /// How many records there are, including those taken.
    recorded: u64,
    /// The note for the next record; empty for none.
    remark: String,
    why: String,
    acknowledge_every: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Writer {
    /// Creates a capture file, readable only by its owner (Unix), and writes its first block.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::AlreadyExists`] if the file exists.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = create_private(&path)?;
        Self::begin_file(path, file)
    }

    fn begin_file(path: PathBuf, file: File) -> io::Result<Self> {
        let started = Self::over(path.clone(), file);
        if started.is_err() {
            // The error tells more than a failure to remove it would.
            drop(std::fs::remove_file(path));
        }
        started
    }

    /// Writes a capture to an existing, empty file.
    pub(super) fn over(path: PathBuf, file: File) -> io::Result<Self> {
        let tape = Tape::of(&path, File::open(&path)?);
        let mut writer = Self::start(path, Box::new(file))?;
        writer.tape = Arc::new(tape);
        Ok(writer)
    }

    /// Writes a capture to a pipe or a device, which is named `path` and cannot be read back. After the first error it
    /// accepts nothing more.
    ///
    /// # Errors
    /// Those of the system.
    pub fn onto(path: impl Into<PathBuf>, to: File) -> io::Result<Self> {
        Self::start(path.into(), Box::new(Stream(to)))
    }

    fn start(path: PathBuf, medium: Box<dyn Medium>) -> io::Result<Self> {
        let mut output = Output::new(medium);
        output.append([&section(), &[], &[]]);
        output.commit()?;
        Ok(Self {
            path,
            output,
            start: 0,
            first: 0,
            tape: Arc::default(),
            turning: Turning::default(),
            conversations: Conversations::default(),
            flows: 0,
            forgot: false,
            owners: HashMap::new(),
            next_begun: 0,
            interfaces: 0,
            main: (0, 0),
            decrypted: None,
            keeps_times: false,
            unordered: None,
            last_record: Stamp::default(),
            now: Stamp::default(),
            last: Stamp::default(),
            records: VecDeque::new(),
            recorded: 0,
            remark: String::new(),
            why: String::new(),
            acknowledge_every: ACKNOWLEDGE_EVERY,
            head: Vec::new(),
            tail: Vec::new(),
        })
    }

    /// The path of the file that is written.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what is committed, from all files that there are.
    pub fn reader(&self) -> Reader {
        Reader::of(Arc::clone(&self.tape))
    }

    /// Length in bytes of what the operating system has accepted of the file: always whole blocks.
    pub fn committed_bytes(&self) -> u64 {
        self.output.committed
    }

    pub(super) fn end(&self) -> u64 {
        self.start + self.output.end()
    }

    /// Sets the note for the record that the next call makes; empty for none. If that record is not a packet,
    /// the note follows it. Data that take several records have it on the first. If the call makes no record,
    /// the note is dropped.
    pub fn remark(&mut self, text: &str) {
        text.clone_into(&mut self.remark);
    }

    /// Begins an import: from here on, times are written as they are given, even if they go back.
    pub fn begin_import(&mut self, title: &str, at: Stamp) {
        self.keeps_times = true;
        self.begin(title, IMPORT, at);
    }

    /// The later of two times, or the new one if times may go back.
    fn later(&self, last: Stamp, at: Stamp) -> Stamp {
        if self.keeps_times { at } else { last.max(at) }
    }

    /// Sets the current time.
    fn clock(&mut self, at: Stamp) -> Stamp {
        self.now = self.later(self.now, at);
        self.output.clock(self.now);
        self.turn(self.now);
        self.now
    }

    fn conversation(&mut self, flow: FlowId) -> Option<&mut Conversation> {
        self.conversations.get_mut(&flow)
    }

    fn known(&self, flow: FlowId) -> Option<&Conversation> {
        self.conversations.get(&flow)
    }

    fn is_tcp(&self, flow: FlowId) -> bool {
        self.known(flow).is_some_and(|known| known.flow.transport == Transport::Tcp)
    }

    fn ensure_interface(&mut self) {
        if self.interfaces == 0 {
            self.begin("", "", self.now);
        }
    }

    /// Appends a statistics block with these options, and returns its offset.
    fn statistics(&mut self, at: Stamp, options: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let at = self.clock(at);
        self.ensure_interface();
        self.last = at;
        let (interface, _) = self.main;
        self.append(|out| block::push_statistics(out, interface, at, options))
    }

    /// Writes a comment as a record of its own.
    fn event(&mut self, comment: &str, flow: FlowId, at: Stamp) {
        let comment = block::fitting(comment);
        let label = (flow != FlowId::NONE).then(|| Label { flow, since: None, goes_on: false }.text());
        let comments = [Some(comment), label.as_deref()];
        let comments = comments.iter().flatten().copied().collect::<Vec<_>>();
        let offset = self.statistics(at, |out| block::push_comments(out, &comments));
        let (number, remark) = (self.recorded, std::mem::take(&mut self.remark));
        self.record(offset, flow, comment.len(), SessionNote::kind(comment));
        if !remark.is_empty() {
            self.annotate(number, &remark, at);
        }
    }
}

impl Recorder for Writer {
    fn begin(&mut self, title: &str, endpoint: &str, at: Stamp) {
        self.clock(at);
        self.turning.opened(title, endpoint);
        self.append(|out| block::push_interface(out, title, endpoint));
        (self.main, self.decrypted) = ((self.interfaces, 0), None);
        self.interfaces = self.interfaces.saturating_add(1);
    }

    fn host(&mut self, name: &str, address: IpAddr) {
        if !name.is_empty() {
            self.turning.named(name, address.to_canonical());
            self.append(|out| block::push_name(out, name, address.to_canonical()));
        }
    }

    fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Stamp,
    ) -> Flow {
        let since = self.clock(at);
        let (local, peer) = packet::of_one_family(local, peer);
        let origin = match (transport, origin) {
            (Transport::Udp, _) => Origin::Datagram,
            (Transport::Tcp, Origin::Accepted) => Origin::Accepted,
            (Transport::Tcp, Origin::Connected | Origin::Datagram) => Origin::Connected,
        };
        let id = FlowId(self.flows);
        self.flows = self.flows.saturating_add(1);
        let flow = Flow { id, transport, local, peer, origin, since, imported: self.keeps_times };
        self.conversations.insert(id, Conversation::new(flow.clone()));
        flow
    }

    fn local(&mut self, flow: FlowId, local: SocketAddr) {
        let Some(known) = self.conversations.get_mut(&flow) else { return };
        if known.flow.transport == Transport::Udp {
            if known.owner && !known.before.contains(&known.local) {
                known.before.push(known.local);
            }
            (known.local, _) = packet::of_one_family(local, known.flow.peer);
            known.owner = self.owners.get(&known.tuple()) == Some(&flow);
        }
    }

    fn connected(&mut self, flow: FlowId, at: Stamp) {
        self.clock(at);
        if self.is_tcp(flow) && self.phase(flow) != Some(Phase::Open) {
            self.connect(flow);
        }
        self.remark.clear();
    }

    fn refused(&mut self, flow: FlowId, why: &str, at: Stamp) {
        self.clock(at);
        if !self.is_tcp(flow) || self.phase(flow) == Some(Phase::Open) {
            self.remark.clear();
            return;
        }
        self.ensure_interface();
        let Some((offset, caller)) = self.call(flow) else { return };
        self.segment(flow, caller.opposite(), RST | ACK, &[], Some(why));
        self.disown(flow);
        self.record(offset, flow, 0, RecordKind::Refused);
    }

    fn data(&mut self, flow: FlowId, direction: Direction, cast: Cast, whole: bool, bytes: &[u8], at: Stamp) {
        self.clock(at);
        self.ensure_interface();
        match self.known(flow).map(|known| known.flow.transport) {
            Some(Transport::Udp) => self.datagram(flow, direction, cast, bytes),
            // An empty write to a stream is not a record.
            Some(Transport::Tcp) if !bytes.is_empty() => self.stream(flow, direction, whole, bytes),
            Some(Transport::Tcp) | None => {}
        }
        self.remark.clear();
        self.why.clear();
    }

    fn layered(&mut self, flow: FlowId, at: Stamp) {
        self.clock(at);
        self.begin_layer(flow);
    }

    fn wire(&mut self, flow: FlowId, direction: Direction, bytes: &[u8], at: Stamp) {
        self.clock(at);
        self.wire_data(flow, direction, bytes);
    }

    fn wire_ended(&mut self, flow: FlowId, how: Ending, at: Stamp) {
        self.clock(at);
        self.end_wire(flow, how);
    }

    fn secrets(&mut self, lines: &str, at: Stamp) {
        self.clock(at);
        self.append(|out| block::push_secrets(out, lines));
    }

    fn ended(&mut self, flow: FlowId, how: Ending, at: Stamp) {
        self.clock(at);
        let remark = std::mem::take(&mut self.remark);
        if !self.is_tcp(flow) || self.phase(flow) == Some(Phase::Over) {
            return;
        }
        if self.phase(flow) == Some(Phase::Unconnected) {
            self.connect(flow);
        }
        let (direction, flag) = packet::ending(how);
        let Some(conversation) = self.conversation(flow) else { return };
        if flag == RST {
            conversation.phase = Phase::Over;
        } else if !conversation.finish(direction) {
            return;
        }
        let over = conversation.phase == Phase::Over;
        self.remark = remark;
        let offset = self.segment(flow, direction, flag | ACK, &[], None);
        self.record(offset, flow, 0, RecordKind::Ended(how));
        if over {
            self.disown(flow);
        }
    }

    fn forget(&mut self, flow: FlowId) {
        self.disown(flow);
        let Some(Conversation { flow: Flow { transport, peer, .. }, before, wire, .. }) =
            self.conversations.remove(&flow)
        else {
            return;
        };
        self.forgot |= transport == Transport::Udp;
        let tuples = before.into_iter().map(|local| Tuple::new(transport, local, peer));
        for tuple in tuples.chain(wire.map(|wire| wire.tuple())) {
            if self.owners.get(&tuple) == Some(&flow) {
                self.owners.remove(&tuple);
            }
        }
    }

    fn why(&mut self, why: &str) {
        why.clone_into(&mut self.why);
    }

    fn note(&mut self, text: &str, at: Stamp) {
        self.event(&SessionNote::free_comment(text), FlowId::NONE, at);
    }

    fn session_note(&mut self, note: SessionNote, at: Stamp) {
        self.event(&note.comment(), FlowId::NONE, at);
    }

    /// The label of the flow follows as a second comment.
    fn flow_note(&mut self, flow: FlowId, note: &SessionNote, at: Stamp) {
        self.event(&note.comment(), flow, at);
    }

    fn annotate(&mut self, record: u64, text: &str, at: Stamp) {
        let at = self.clock(at);
        if let Some(number) = record.checked_sub(self.first) {
            self.statistics(at, |out| block::push_comments(out, &[&annotation::text(number), text]));
        } else {
            self.annotate_earlier(record, text, at);
        }
    }

    fn latest(&self) -> Stamp {
        self.now
    }

    fn recorded(&self) -> u64 {
        self.recorded
    }

    fn finish(&mut self, dropped: Option<u64>, at: Stamp) {
        let (_, packets) = self.main;
        self.statistics(at, |out| block::push_counts(out, packets, dropped));
        if let Some((interface, packets)) = self.decrypted {
            let counts = |out: &mut Vec<u8>| block::push_counts(out, packets, None);
            let at = self.now;
            self.append(|out| block::push_statistics(out, interface, at, counts));
        }
        self.output.rest();
    }

    fn pending(&self) -> u64 {
        self.output.end() - self.output.committed
    }

    fn commit(&mut self) -> io::Result<()> {
        self.output.commit()?;
        self.tape.committed();
        Ok(())
    }

    fn suitable(&self, flow: FlowId) -> usize {
        self.suitable_len(flow)
    }

    fn take_records(&mut self, into: &mut Vec<Record>) {
        let committed = self.start + self.output.committed;
        while let Some((_, record)) = self.records.pop_front_if(|(end, _)| *end <= committed) {
            into.push(record);
        }
    }

    fn rotate(&mut self, rotation: Option<Rotation>) {
        self.set_rotation(rotation);
    }

    fn take_turns(&mut self) -> Vec<FileTurn> {
        std::mem::take(&mut self.turning.told)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.tape.end();
    }
}

/// The block with which each file begins.
fn section() -> Vec<u8> {
    let mut section = Vec::new();
    let program = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    block::push_section(&mut section, std::env::consts::OS, program);
    section
}

#[cfg(test)]
mod tests;
