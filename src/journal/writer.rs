//! Writes the capture: turns what happens on the sockets into packets and blocks. Knows no socket.

use std::collections::{HashMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use super::block;
use super::conversation::{Conversation, Label, Phase, Tuple};
use super::output::{Medium, Output};
use super::packet::{self, ACK, Carrier, FIN, PSH, RST, SYN};
use crate::model::{
    Cast, Direction, Ending, Flow, FlowId, Origin, Record, RecordKind, Recorder, Stamp, Transport,
};

/// After so many bytes one way the other side acknowledges, also if it has nothing to say: a quarter
/// of the window, beyond which analysers speak of a full window.
const ACKNOWLEDGE_EVERY: u64 = 256 * 1024 * 1024;

/// Writes one capture file, from its first byte.
///
/// Times never go back in the file: a moment earlier than one that was given before is taken for
/// that one. Calls for a flow that was not named by [`Recorder::flow`] of the same writer are
/// ignored. Bytes for a TCP flow that is not connected connect it; an end that was already told is
/// not told again.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    output: Output,
    conversations: Vec<Conversation>,
    /// Which flow a packet without label belongs to.
    owners: HashMap<Tuple, FlowId>,
    /// The flow that a reader takes for the next new one.
    next_begun: u32,
    /// Interfaces described so far; packets go to the last.
    interfaces: u32,
    /// Packets on the last interface.
    packets: u64,
    /// The latest moment given.
    now: Stamp,
    /// The latest moment in the file.
    last: Stamp,
    /// Records, each with the end of its last block, that were not yet handed out.
    records: VecDeque<(u64, Record)>,
    acknowledge_every: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
}

/// A packet to be written.
struct Packet<'a> {
    flow: FlowId,
    direction: Direction,
    cast: Cast,
    carrier: Carrier,
    payload: &'a [u8],
    at: Stamp,
    comment: Option<&'a str>,
}

impl Writer {
    /// Creates a capture file, readable by nobody else (Unix), and writes its first block.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::AlreadyExists`] if there is such a file.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = create_private(&path)?;
        Self::start(path, Box::new(file))
    }

    fn start(path: PathBuf, medium: Box<dyn Medium>) -> io::Result<Self> {
        let mut output = Output::new(medium);
        let mut section = Vec::new();
        let program = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
        block::push_section(&mut section, std::env::consts::OS, program);
        output.append([&section, &[], &[]]);
        output.commit()?;
        Ok(Self {
            path,
            output,
            conversations: Vec::new(),
            owners: HashMap::new(),
            next_begun: 0,
            interfaces: 0,
            packets: 0,
            now: Stamp::default(),
            last: Stamp::default(),
            records: VecDeque::new(),
            acknowledge_every: ACKNOWLEDGE_EVERY,
            head: Vec::new(),
            tail: Vec::new(),
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Length in bytes of what the operating system has taken: always whole blocks.
    pub fn committed_bytes(&self) -> u64 {
        self.output.committed()
    }

    /// Takes note of a moment; it never goes back.
    fn clock(&mut self, at: Stamp) -> Stamp {
        self.now = self.now.max(at);
        self.now
    }

    fn conversation(&mut self, flow: FlowId) -> Option<&mut Conversation> {
        self.conversations.get_mut(flow.0 as usize)
    }

    fn is_tcp(&self, flow: FlowId) -> bool {
        self.conversations.get(flow.0 as usize).is_some_and(|c| c.flow.transport == Transport::Tcp)
    }

    fn ensure_interface(&mut self) {
        if self.interfaces == 0 {
            self.begin("", "", self.now);
        }
    }

    /// Appends a block that is no packet.
    fn append(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let offset = self.output.end();
        self.head.clear();
        fill(&mut self.head);
        self.output.append([&self.head, &[], &[]]);
        offset
    }

    fn record(&mut self, offset: u64, flow: FlowId, len: usize, kind: RecordKind) {
        let len = u16::try_from(len).unwrap_or(u16::MAX);
        self.records.push_back((self.output.end(), Record { offset, flow, len, kind }));
    }

    /// Appends a packet and returns the offset of its block.
    fn packet(&mut self, packet: &Packet<'_>) -> u64 {
        let offset = self.output.end();
        let Some(conversation) = self.conversations.get(packet.flow.0 as usize) else { return offset };
        let (from, to) = conversation.ends(packet.direction);
        self.last = self.last.max(packet.at);
        self.packets += 1;

        self.head.clear();
        self.head.resize(block::PACKET_HEAD, 0);
        packet::push_headers(&mut self.head, from, to, packet.carrier, packet.payload);
        let packet_len = self.head.len() - block::PACKET_HEAD + packet.payload.len();
        self.tail.clear();
        block::push_packet_tail(&mut self.tail, packet_len, packet.direction, packet.cast, packet.comment);
        let head =
            block::packet_head(self.interfaces.saturating_sub(1), packet.at, packet_len, self.tail.len());
        if let Some(slot) = self.head.first_chunk_mut() {
            *slot = head;
        }
        self.output.append([&self.head, packet.payload, &self.tail]);
        offset
    }

    /// Appends a TCP segment and returns the offset of its block.
    fn segment(
        &mut self,
        flow: FlowId,
        direction: Direction,
        flags: u8,
        payload: &[u8],
        comment: Option<&str>,
    ) -> u64 {
        let syn = flags & SYN != 0 && flags & ACK == 0;
        let at = if syn { self.begins_at(flow) } else { self.now };
        let label = self.label(flow, syn, at).map(Label::text);
        let Some(conversation) = self.conversation(flow) else { return self.output.end() };
        let carrier = Carrier::Tcp(conversation.segment(direction, flags, payload.len()));
        let comment = comment.or(label.as_deref());
        self.packet(&Packet { flow, direction, cast: Cast::Unicast, carrier, payload, at, comment })
    }

    /// The time of a SYN: when the call began, if nothing else was written since.
    fn begins_at(&self, flow: FlowId) -> Stamp {
        match self.conversations.get(flow.0 as usize) {
            Some(conversation) if !conversation.begun => self.last.max(conversation.flow.since),
            Some(_) | None => self.now,
        }
    }

    /// Makes sure that a reader will know the flow of the next packet. See [`Label`].
    fn label(&mut self, flow: FlowId, syn: bool, at: Stamp) -> Option<Label> {
        let next_begun = self.next_begun;
        let conversation = self.conversations.get_mut(flow.0 as usize)?;
        if conversation.owner && !syn {
            return None;
        }
        conversation.owner = true;
        let begins = !std::mem::replace(&mut conversation.begun, true);
        let since = conversation.flow.since;
        let before = self.owners.insert(conversation.tuple(), flow);
        self.next_begun = next_begun.max(flow.0.saturating_add(1));
        if let Some(before) = before.filter(|before| *before != flow)
            && let Some(conversation) = self.conversation(before)
        {
            conversation.owner = false;
        }
        let implied = begins && flow.0 == next_begun && since == at && (syn || before.is_none());
        (!implied).then_some(Label { flow, since: (begins && since != at).then_some(since) })
    }

    /// Nothing more is expected with these addresses.
    fn disown(&mut self, flow: FlowId) {
        if let Some(conversation) = self.conversation(flow)
            && std::mem::take(&mut conversation.owner)
        {
            let tuple = conversation.tuple();
            self.owners.remove(&tuple);
        }
    }

    /// Appends a SYN and returns its offset and its direction.
    fn call(&mut self, flow: FlowId) -> Option<(u64, Direction)> {
        let now = self.now;
        let conversation = self.conversation(flow)?;
        conversation.start(now);
        let caller = match conversation.flow.origin {
            Origin::Connected | Origin::Datagram => Direction::Sent,
            Origin::Accepted => Direction::Received,
        };
        Some((self.segment(flow, caller, SYN, &[], None), caller))
    }

    /// Makes sure that the flow is a TCP connection that has been made.
    fn connect(&mut self, flow: FlowId) {
        self.ensure_interface();
        let Some((offset, caller)) = self.call(flow) else { return };
        self.segment(flow, opposite(caller), SYN | ACK, &[], None);
        self.segment(flow, caller, ACK, &[], None);
        if let Some(conversation) = self.conversation(flow) {
            conversation.phase = Phase::Open;
        }
        self.record(offset, flow, 0, RecordKind::Connected);
    }

    fn phase(&self, flow: FlowId) -> Option<Phase> {
        self.conversations.get(flow.0 as usize).map(|conversation| conversation.phase)
    }

    fn stream(&mut self, flow: FlowId, direction: Direction, whole: bool, bytes: &[u8]) {
        if self.phase(flow) == Some(Phase::Unconnected) {
            self.connect(flow);
        }
        let kind = kind_of(direction);
        let mut pieces = bytes.chunks(self.capacity(flow)).peekable();
        while let Some(piece) = pieces.next() {
            let push = if whole && pieces.peek().is_none() { PSH } else { 0 };
            let offset = self.segment(flow, direction, ACK | push, piece, None);
            self.record(offset, flow, piece.len(), kind);
            let unacknowledged = self.conversation(flow).map_or(0, |c| c.unacknowledged(direction));
            if unacknowledged >= self.acknowledge_every {
                self.segment(flow, opposite(direction), ACK, &[], None);
            }
        }
    }

    fn datagram(&mut self, flow: FlowId, direction: Direction, cast: Cast, bytes: &[u8]) {
        let at = self.now;
        let capacity = self.capacity(flow);
        let mut rest = Some(bytes);
        // An empty datagram is a datagram.
        while let Some(bytes) = rest {
            let (payload, after) = bytes.split_at(bytes.len().min(capacity));
            rest = Some(after).filter(|after| !after.is_empty());
            let label = self.label(flow, false, at).map(Label::text);
            let comment = label.as_deref();
            let offset =
                self.packet(&Packet { flow, direction, cast, carrier: Carrier::Udp, payload, at, comment });
            self.record(offset, flow, payload.len(), kind_of(direction));
        }
    }

    fn capacity(&self, flow: FlowId) -> usize {
        self.conversations
            .get(flow.0 as usize)
            .map_or(1, |conversation| packet::capacity(conversation.flow.transport, conversation.flow.peer))
    }
}

impl Recorder for Writer {
    fn begin(&mut self, title: &str, endpoint: &str, at: Stamp) {
        self.clock(at);
        self.append(|out| block::push_interface(out, title, endpoint));
        self.interfaces = self.interfaces.saturating_add(1);
        self.packets = 0;
    }

    fn host(&mut self, name: &str, address: IpAddr) {
        self.append(|out| block::push_name(out, name, address.to_canonical()));
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
        let id = FlowId(u32::try_from(self.conversations.len()).unwrap_or(u32::MAX));
        let flow = Flow { id, transport, local, peer, origin, since };
        self.conversations.push(Conversation::new(flow.clone()));
        flow
    }

    fn connected(&mut self, flow: FlowId, at: Stamp) {
        self.clock(at);
        if self.is_tcp(flow) && self.phase(flow) != Some(Phase::Open) {
            self.connect(flow);
        }
    }

    fn refused(&mut self, flow: FlowId, why: &str, at: Stamp) {
        self.clock(at);
        if !self.is_tcp(flow) || self.phase(flow) == Some(Phase::Open) {
            return;
        }
        self.ensure_interface();
        let Some((offset, caller)) = self.call(flow) else { return };
        self.segment(flow, opposite(caller), RST | ACK, &[], Some(why));
        self.disown(flow);
        self.record(offset, flow, 0, RecordKind::Refused);
    }

    fn data(&mut self, flow: FlowId, direction: Direction, cast: Cast, whole: bool, bytes: &[u8], at: Stamp) {
        self.clock(at);
        self.ensure_interface();
        match self.conversation(flow).map(|conversation| conversation.flow.transport) {
            // In a stream nothing is nothing.
            Some(Transport::Tcp) if bytes.is_empty() => {}
            Some(Transport::Tcp) => self.stream(flow, direction, whole, bytes),
            Some(Transport::Udp) => self.datagram(flow, direction, cast, bytes),
            None => {}
        }
    }

    fn ended(&mut self, flow: FlowId, how: Ending, at: Stamp) {
        self.clock(at);
        if !self.is_tcp(flow) || self.phase(flow) == Some(Phase::Over) {
            return;
        }
        if self.phase(flow) == Some(Phase::Unconnected) {
            self.connect(flow);
        }
        let (direction, flag) = match how {
            Ending::PeerFin => (Direction::Received, FIN),
            Ending::OwnFin => (Direction::Sent, FIN),
            Ending::PeerReset => (Direction::Received, RST),
            Ending::OwnReset => (Direction::Sent, RST),
        };
        let Some(conversation) = self.conversation(flow) else { return };
        if flag == RST {
            conversation.phase = Phase::Over;
        } else if !conversation.finish(direction) {
            return;
        }
        let over = conversation.phase == Phase::Over;
        let offset = self.segment(flow, direction, flag | ACK, &[], None);
        self.record(offset, flow, 0, RecordKind::Ended(how));
        if over {
            self.disown(flow);
        }
    }

    fn note(&mut self, text: &str, at: Stamp) {
        let at = self.clock(at);
        self.ensure_interface();
        self.last = at;
        let text = block::fitting(text);
        let interface = self.interfaces.saturating_sub(1);
        let offset = self.append(|out| block::push_note(out, interface, at, text));
        self.record(offset, FlowId(0), text.len(), RecordKind::Note);
    }

    fn finish(&mut self, dropped: u64, at: Stamp) {
        let at = self.clock(at);
        self.ensure_interface();
        self.last = at;
        let interface = self.interfaces.saturating_sub(1);
        let received = self.packets.saturating_add(dropped);
        self.append(|out| block::push_statistics(out, interface, at, received, dropped));
    }

    fn commit(&mut self) -> io::Result<()> {
        self.output.commit()
    }

    fn take_records(&mut self, into: &mut Vec<Record>) {
        let committed = self.output.committed();
        while let Some((_, record)) = self.records.pop_front_if(|(end, _)| *end <= committed) {
            into.push(record);
        }
    }
}

/// Creates a file that nobody else may read, and that must not exist yet.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Received => Direction::Sent,
        Direction::Sent => Direction::Received,
    }
}

fn kind_of(direction: Direction) -> RecordKind {
    match direction {
        Direction::Received => RecordKind::Received,
        Direction::Sent => RecordKind::Sent,
    }
}
