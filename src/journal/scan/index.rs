//! What the blocks of a capture mean: which flow a packet belongs to, and which record it is.

use std::collections::{HashMap, HashSet};
use std::io;

use super::{Opening, ScanBatch};
use crate::journal::block::{self, invalid};
use crate::journal::conversation::{Label, Tuple};
use crate::journal::packet::{self, ACK, FIN, Headers, RST, SYN};
use crate::model::{Direction, Ending, Flow, FlowId, Origin, Record, RecordKind, Stamp, Transport};

/// The flow that packets with certain addresses belong to.
#[derive(Debug, Clone, Copy)]
struct Owner {
    flow: FlowId,
    own_fin: bool,
    peer_fin: bool,
}

/// A SYN that the next block answers.
#[derive(Debug, Clone, Copy)]
struct Call {
    flow: FlowId,
    offset: u64,
}

/// What must be remembered from block to block.
#[derive(Debug, Default)]
pub(super) struct Index {
    owners: HashMap<Tuple, Owner>,
    /// The owner found last: packets of one flow often follow each other.
    recent: Option<(Tuple, FlowId)>,
    known: HashSet<FlowId>,
    /// The flow that begins next, if no label says otherwise.
    next: u32,
    interfaces: u32,
    call: Option<Call>,
}

/// A packet whose place and headers are known.
struct Packet {
    offset: u64,
    at: Stamp,
    direction: Direction,
    headers: Headers,
    tuple: Tuple,
    label: Option<Label>,
}

impl Packet {
    fn flow(&self, id: FlowId, origin: Origin) -> Flow {
        let Headers { transport, from, to, .. } = self.headers;
        let (local, peer) = match self.direction {
            Direction::Received => (to, from),
            Direction::Sent => (from, to),
        };
        let since = self.label.and_then(|label| label.since).unwrap_or(self.at);
        Flow { id, transport, local, peer, origin, since }
    }
}

impl Index {
    /// Takes the block at `batch.at`. `head` is its beginning; `tail` are the options of a packet, or
    /// the whole body of any other block. Records before `from` are left out.
    pub(super) fn block(
        &mut self,
        kind: u32,
        head: &[u8],
        tail: &[u8],
        from: u64,
        batch: &mut ScanBatch,
    ) -> io::Result<()> {
        let offset = batch.at;
        let call = self.call.take();
        let record = match kind {
            block::PACKET => self.packet(head, tail, call, batch)?,
            block::SECTION if offset == 0 => None,
            block::SECTION => return Err(foreign(offset, "it has a second section")),
            block::INTERFACE => {
                batch.openings.push(self.interface(offset, tail)?);
                None
            }
            block::STATISTICS => {
                let options = tail.get(12..).unwrap_or_default();
                block::options(options).find(|(code, _)| *code == block::OPT_COMMENT).map(|(_, text)| {
                    // An option's length has 16 bits.
                    let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
                    Record { offset, flow: FlowId(0), len, kind: RecordKind::Note }
                })
            }
            // Names, and what other programs may have added.
            _ => None,
        };
        batch.records.extend(record.filter(|record| record.offset >= from));
        Ok(())
    }

    fn interface(&mut self, offset: u64, body: &[u8]) -> io::Result<Opening> {
        if block::u16_at(body, 0) != Some(block::LINKTYPE_RAW) {
            return Err(foreign(offset, "its packets do not begin with the IP header (LINKTYPE_RAW)"));
        }
        let mut opening = Opening { offset, title: String::new(), endpoint: String::new() };
        let mut nanoseconds = false;
        for (code, value) in block::options(body.get(8..).unwrap_or_default()) {
            match code {
                block::OPT_TITLE => opening.title = String::from_utf8_lossy(value).into_owned(),
                block::OPT_DESCRIPTION => opening.endpoint = String::from_utf8_lossy(value).into_owned(),
                block::OPT_RESOLUTION => nanoseconds = value == [9],
                _ => {}
            }
        }
        if !nanoseconds {
            return Err(foreign(offset, "its times are not in nanoseconds"));
        }
        self.interfaces = self.interfaces.saturating_add(1);
        Ok(opening)
    }

    fn packet(
        &mut self,
        head: &[u8],
        options: &[u8],
        call: Option<Call>,
        batch: &mut ScanBatch,
    ) -> io::Result<Option<Record>> {
        let offset = batch.at;
        let bad = |what| invalid(offset, what);
        let interface = block::u32_at(head, 8).ok_or_else(|| bad("a packet block that is too short"))?;
        let (Some(at), Some(captured)) = (block::time_at(head, 12), block::u32_at(head, 20)) else {
            return Err(bad("a packet block that is too short"));
        };
        if interface >= self.interfaces {
            return Err(bad("a packet on an interface that is not described"));
        }
        let (mut direction, mut label) = (None, None);
        for (code, value) in block::options(options) {
            match code {
                block::OPT_FLAGS => direction = block::read_flags(block::u32_at(value, 0).unwrap_or(0)).0,
                block::OPT_COMMENT => label = Label::parse(value),
                _ => {}
            }
        }
        let direction = direction.ok_or_else(|| foreign(offset, "a packet does not tell its direction"))?;
        let captured = captured as usize;
        let bytes = head.get(block::PACKET_HEAD..).unwrap_or_default();
        let headers = packet::parse(bytes.get(..captured).unwrap_or(bytes), captured).map_err(bad)?;
        let tuple = match direction {
            Direction::Received => Tuple::new(headers.transport, headers.to, headers.from),
            Direction::Sent => Tuple::new(headers.transport, headers.from, headers.to),
        };
        let packet = Packet { offset, at, direction, headers, tuple, label };
        match headers.transport {
            Transport::Udp => {
                let flow = match self.owner(&packet) {
                    Some(flow) => flow,
                    None => self.begin(&packet, Origin::Datagram, batch),
                };
                Ok(Some(data(&packet, flow)))
            }
            Transport::Tcp => self.segment(&packet, call, batch),
        }
    }

    fn segment(
        &mut self,
        packet: &Packet,
        call: Option<Call>,
        batch: &mut ScanBatch,
    ) -> io::Result<Option<Record>> {
        let flags = packet.headers.flags;
        if flags & SYN != 0 && flags & ACK == 0 {
            let origin = match packet.direction {
                Direction::Received => Origin::Accepted,
                Direction::Sent => Origin::Connected,
            };
            let flow = self.begin(packet, origin, batch);
            self.call = Some(Call { flow, offset: packet.offset });
            return Ok(None);
        }
        if let Some(call) = call
            && self.owners.get(&packet.tuple).is_some_and(|owner| owner.flow == call.flow)
        {
            // The comment of the answer to a SYN is the reason of a refusal, never a label.
            let kind = if flags & RST == 0 { RecordKind::Connected } else { RecordKind::Refused };
            if kind == RecordKind::Refused {
                self.forget(&packet.tuple);
            }
            return Ok(Some(Record { offset: call.offset, flow: call.flow, len: 0, kind }));
        }
        let unknown = || invalid(packet.offset, "a segment of a TCP connection that has no SYN before it");
        let flow = self.owner(packet).ok_or_else(unknown)?;
        if packet.headers.payload > 0 {
            return Ok(Some(data(packet, flow)));
        }
        if flags & (RST | FIN) == 0 {
            return Ok(None);
        }
        let ending = match (packet.direction, flags & RST != 0) {
            (Direction::Received, false) => Ending::PeerFin,
            (Direction::Sent, false) => Ending::OwnFin,
            (Direction::Received, true) => Ending::PeerReset,
            (Direction::Sent, true) => Ending::OwnReset,
        };
        let over = self.owners.get_mut(&packet.tuple).is_some_and(|owner| {
            owner.own_fin |= ending == Ending::OwnFin;
            owner.peer_fin |= ending == Ending::PeerFin;
            flags & RST != 0 || owner.own_fin && owner.peer_fin
        });
        if over {
            self.forget(&packet.tuple);
        }
        Ok(Some(Record { offset: packet.offset, flow, len: 0, kind: RecordKind::Ended(ending) }))
    }

    /// The flow that a packet belongs to, if that began before; notes who owns the addresses now.
    fn owner(&mut self, packet: &Packet) -> Option<FlowId> {
        match packet.label {
            None => match self.recent {
                Some((tuple, flow)) if tuple == packet.tuple => Some(flow),
                Some(_) | None => {
                    let flow = self.owners.get(&packet.tuple)?.flow;
                    self.recent = Some((packet.tuple, flow));
                    Some(flow)
                }
            },
            Some(label) => self.known.contains(&label.flow).then(|| {
                self.own(packet.tuple, label.flow);
                label.flow
            }),
        }
    }

    /// A flow begins with this packet, or calls once more.
    fn begin(&mut self, packet: &Packet, origin: Origin, batch: &mut ScanBatch) -> FlowId {
        let id = packet.label.map_or(FlowId(self.next), |label| label.flow);
        self.next = self.next.max(id.0.saturating_add(1));
        if self.known.insert(id) {
            batch.flows.push(packet.flow(id, origin));
        }
        self.own(packet.tuple, id);
        id
    }

    fn own(&mut self, tuple: Tuple, flow: FlowId) {
        self.owners.insert(tuple, Owner { flow, own_fin: false, peer_fin: false });
        self.recent = Some((tuple, flow));
    }

    fn forget(&mut self, tuple: &Tuple) {
        self.owners.remove(tuple);
        self.recent = None;
    }
}

fn data(packet: &Packet, flow: FlowId) -> Record {
    let kind = match packet.direction {
        Direction::Received => RecordKind::Received,
        Direction::Sent => RecordKind::Sent,
    };
    // A payload is shorter than an IP packet.
    let len = u16::try_from(packet.headers.payload).unwrap_or(u16::MAX);
    Record { offset: packet.offset, flow, len, kind }
}

/// An error that says why a capture of another program cannot be read.
pub(super) fn foreign(at: u64, why: &str) -> io::Error {
    let program = env!("CARGO_PKG_NAME");
    invalid(at, format_args!("{why}: this is no capture of {program}, and others cannot be read"))
}
