//! Interprets the blocks of a capture: which flow a packet belongs to, and which record it is.

use std::collections::{HashMap, HashSet};
use std::io;

use super::{DECRYPTED, IMPORT, Opening, ScanBatch};
use crate::journal::annotation;
use crate::journal::block;
use crate::journal::conversation::{Label, Tuple};
use crate::journal::packet::{self, ACK, FIN, Headers, RST, SYN};
use crate::model::{
    Direction, Ending, Flow, FlowId, Origin, Record, RecordKind, SessionNote, Stamp, Transport, Why, fit,
};

/// The flow that owns a pair of addresses.
#[derive(Debug, Clone, Copy)]
struct Owner {
    flow: FlowId,
    /// What it carries is decrypted, so that its own packets are no records.
    below: bool,
    own: Side,
    peer: Side,
}

#[derive(Debug, Clone, Copy, Default)]
struct Side {
    next: Option<u32>,
    finished: bool,
}

/// A SYN that the next block answers.
#[derive(Debug, Clone, Copy)]
struct Call {
    flow: FlowId,
    offset: u64,
    /// The flow has begun in an earlier file, or on the wire.
    goes_on: bool,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    owners: HashMap<Tuple, usize>,
    /// The owners, and which places among them are free.
    places: Vec<Owner>,
    free: Vec<usize>,
    /// The owner found last: consecutive packets often belong to the same flow.
    recent: Option<(Tuple, usize)>,
    known: HashSet<FlowId>,
    /// Clients of a relay whose other leg has not begun, by its addresses.
    expected: HashMap<Tuple, FlowId>,
    /// The number of the next flow without a label.
    next: u32,
    interfaces: u32,
    /// The interface of decrypted data, after that of the last opening.
    decrypted: Option<u32>,
    /// The bytes on the wire are wanted instead of what is decrypted.
    of_wire: bool,
    call: Option<Call>,
    /// The note on the current packet, and comments in the place of the label that are not labels: the reason
    /// of a refusal, or a note from another program. Empty for none.
    note: String,
    remark: String,
    note_on_call: String,
    records: u64,
    /// The time of the last block that has one, and of the last record.
    last: Stamp,
    last_record: Stamp,
    /// There was an import, so that times may go back.
    keeps_times: bool,
}

/// A packet with its offset and headers.
struct Packet {
    offset: u64,
    at: Stamp,
    direction: Direction,
    headers: Headers,
    tuple: Tuple,
    label: Option<Label>,
    decrypted: bool,
}

impl Packet {
    fn flow(&self, id: FlowId, origin: Origin, imported: bool) -> Flow {
        let Headers { transport, from, to, .. } = self.headers;
        let (local, peer) = self.direction.ends(from, to);
        let (local, peer) =
            if self.decrypted { (packet::unmarked(local), packet::unmarked(peer)) } else { (local, peer) };
        let since = self.label.and_then(|label| label.since).unwrap_or(self.at);
        Flow { id, transport, local, peer, origin, since, imported }
    }
}

impl Index {
    pub(super) fn of_wire() -> Self {
        Self { of_wire: true, ..Self::default() }
    }

    /// Processes the block at `batch.at`. `head` is its start; `tail` are the options of a packet, or the
    /// whole body of another block. Records before `from` are omitted.
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
        self.note.clear();
        self.remark.clear();
        let record = match kind {
            block::PACKET => self.packet(head, tail, call, batch)?,
            block::SECTION if offset == 0 => None,
            block::SECTION => return Err(foreign(offset, "second section")),
            block::INTERFACE => {
                batch.openings.extend(self.interface(offset, tail)?);
                None
            }
            block::STATISTICS => self.statistics(tail, batch)?,
            // Names, and blocks added by other programs.
            _ => None,
        };
        if record.is_some() {
            if !self.of_wire && (!self.note.is_empty() || !self.remark.is_empty()) {
                batch.notes.push((self.records, self.take_note()));
            }
            self.records += 1;
            if self.last < self.last_record {
                batch.unordered = Stamp::earliest(batch.unordered, Some(self.last));
            }
            self.last_record = self.last;
        }
        batch.records.extend(record.filter(|record| record.offset >= from));
        Ok(())
    }

    /// All notes on the current packet.
    fn take_note(&mut self) -> String {
        let mut note = std::mem::take(&mut self.note);
        if !self.remark.is_empty() {
            block::push_line(&mut note, self.remark.as_bytes());
            self.remark.clear();
        }
        note
    }

    /// An event, or a note on a record.
    fn statistics(&mut self, body: &[u8], batch: &mut ScanBatch) -> io::Result<Option<Record>> {
        let offset = batch.at;
        if let Some(at) = block::time_at(body, 4) {
            self.clock(offset, at)?;
        }
        let options = body.get(12..).unwrap_or_default();
        let mut comments = block::options(options).filter(|(code, _)| *code == block::OPT_COMMENT);
        let Some((_, text)) = comments.next() else { return Ok(None) };
        // A note is read only up to where the writer puts it.
        if block::options(options).next().is_none_or(|(code, _)| code != block::OPT_COMMENT) {
            return Err(foreign(offset, "a comment after other options"));
        }
        let second = comments.next().map(|(_, second)| second);
        if let Some((note, record)) = second.zip(annotation::parse(text)) {
            let note = (!self.of_wire).then(|| (record, String::from_utf8_lossy(note).into_owned()));
            batch.notes.extend(note);
            return Ok(None);
        }
        let flow = second.and_then(Label::parse).map_or(FlowId::NONE, |label| label.flow);
        // The length of an option has 16 bits.
        let kind = std::str::from_utf8(text).map_or(RecordKind::Note, SessionNote::kind);
        if text.starts_with(b"[paired ") {
            self.pair(text, batch);
        }
        Ok(Some(Record { offset, flow, len: fit(text.len()), kind }))
    }

    /// Notes which flows are the legs of a relay. That of datagrams to the upstream server may begin later.
    fn pair(&mut self, text: &[u8], batch: &mut ScanBatch) {
        let note = std::str::from_utf8(text).map(|text| SessionNote::read(text).0);
        let Ok(Some(SessionNote::Paired([client, called, local, upstream]))) = note else { return };
        for transport in [Transport::Tcp, Transport::Udp] {
            let known = |tuple| self.owners.get(&tuple).and_then(|place| self.flow_at(*place));
            let (client, legs) =
                (known(Tuple::new(transport, called, client)), Tuple::new(transport, local, upstream));
            match (client, known(legs)) {
                (Some(client), Some(upstream)) if client < upstream => batch.pairs.push((client, upstream)),
                (Some(client), _) => drop(self.expected.insert(legs, client)),
                (None, _) => {}
            }
        }
    }

    /// The writer's times never go back, except in an import; those of files changed by other programs may.
    fn clock(&mut self, offset: u64, at: Stamp) -> io::Result<()> {
        if at < self.last && !self.keeps_times {
            return Err(foreign(offset, "time goes back"));
        }
        self.last = at;
        Ok(())
    }

    /// Takes in an interface; `None` if it does not begin an opening.
    fn interface(&mut self, offset: u64, body: &[u8]) -> io::Result<Option<Opening>> {
        if block::u16_at(body, 0) != Some(block::LINKTYPE_RAW) {
            return Err(foreign(offset, "packets do not begin with the IP header (LINKTYPE_RAW)"));
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
            return Err(foreign(offset, "times are not in nanoseconds"));
        }
        let is_decrypted = opening.endpoint == DECRYPTED;
        self.decrypted = is_decrypted.then_some(self.interfaces);
        self.interfaces = self.interfaces.saturating_add(1);
        self.keeps_times |= opening.endpoint == IMPORT;
        Ok((!is_decrypted).then_some(opening))
    }

    fn packet(
        &mut self,
        head: &[u8],
        options: &[u8],
        call: Option<Call>,
        batch: &mut ScanBatch,
    ) -> io::Result<Option<Record>> {
        let offset = batch.at;
        let bad = |what| foreign(offset, what);
        let interface = block::u32_at(head, 8).ok_or_else(|| bad("truncated packet block"))?;
        let (Some(at), Some(captured)) = (block::time_at(head, 12), block::u32_at(head, 20)) else {
            return Err(bad("truncated packet block"));
        };
        if interface >= self.interfaces {
            return Err(bad("packet on an undefined interface"));
        }
        self.clock(offset, at)?;
        let decrypted = self.decrypted == Some(interface);
        let (mut direction, mut label) = (None, None);
        for (code, value) in block::options(options) {
            match code {
                block::OPT_FLAGS => direction = block::read_flags(block::u32_at(value, 0).unwrap_or(0)).0,
                // The writer's own comments come before the flags.
                block::OPT_COMMENT if direction.is_some() => block::push_line(&mut self.note, value),
                block::OPT_COMMENT if Why::is_own(value) => {}
                block::OPT_COMMENT if label.is_none() => {
                    label = Label::parse(value);
                    if label.is_none() {
                        block::push_line(&mut self.remark, value);
                    }
                }
                block::OPT_COMMENT => block::push_line(&mut self.remark, value),
                _ => {}
            }
        }
        if decrypted && self.of_wire {
            // A flow that has only such packets has its number all the same.
            let next = label.map_or(0, |label| label.flow.0.saturating_add(1));
            self.next = self.next.max(next);
            return Ok(None);
        }
        let direction = direction.ok_or_else(|| foreign(offset, "packet without a direction"))?;
        let captured = captured as usize;
        let bytes = head.get(block::PACKET_HEAD..).unwrap_or_default();
        let headers = packet::parse(bytes.get(..captured).unwrap_or(bytes), captured);
        let headers = headers.map_err(|fault| foreign(offset, fault))?;
        let (local, peer) = direction.ends(headers.from, headers.to);
        let tuple = Tuple::new(headers.transport, local, peer);
        let packet = Packet { offset, at, direction, headers, tuple, label, decrypted };
        match headers.transport {
            Transport::Udp => {
                let flow = match self.owner(&packet) {
                    Some(place) => self.flow_at(place),
                    None => Some(self.begin(&packet, Origin::Datagram, batch)),
                };
                Ok(flow.map(|flow| data(&packet, flow)))
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
        let with_data = || foreign(packet.offset, "SYN, FIN or RST segment with data");
        if packet.headers.payload > 0 && flags & (SYN | FIN | RST) != 0 {
            return Err(with_data());
        }
        if flags & SYN != 0 && flags & ACK == 0 {
            let origin = match packet.direction {
                Direction::Received => Origin::Accepted,
                Direction::Sent => Origin::Connected,
            };
            let flow = self.begin(packet, origin, batch);
            batch.layered |= packet.decrypted;
            self.is_above(packet, flow);
            if let Some((_, place)) = self.recent {
                self.follow(place, packet)?;
            }
            let goes_on = packet.label.is_some_and(|label| label.goes_on);
            self.call = Some(Call { flow, offset: packet.offset, goes_on });
            self.note_on_call = self.take_note();
            return Ok(None);
        }
        if let Some(call) = call
            && let Some(&place) = self.owners.get(&packet.tuple)
            && self.flow_at(place) == Some(call.flow)
        {
            self.follow(place, packet)?;
            // The answer is part of the record, which has no payload.
            if packet.headers.payload > 0 {
                return Err(with_data());
            }
            if call.goes_on {
                return Ok(None);
            }
            // The comment on the answer to a SYN is the reason of a refusal, never a label or a note.
            let kind = if flags & RST == 0 { RecordKind::Connected } else { RecordKind::Refused };
            if kind == RecordKind::Refused {
                self.forget(&packet.tuple);
            }
            self.remark.clear();
            self.note = std::mem::take(&mut self.note_on_call);
            return Ok(Some(Record { offset: call.offset, flow: call.flow, len: 0, kind }));
        }
        let unknown = || foreign(packet.offset, "TCP segment without a SYN before it");
        let place = self.owner(packet).ok_or_else(unknown)?;
        let flow = self.flow_at(place).ok_or_else(unknown)?;
        self.follow(place, packet)?;
        let is_below = self.places.get(place).is_some_and(|owner| owner.below);
        if packet.headers.payload > 0 {
            return Ok((!is_below).then(|| data(packet, flow)));
        }
        if flags & (RST | FIN) == 0 {
            return Ok(None);
        }
        let ending = if flags & RST == 0 { Ending::fin } else { Ending::reset }(packet.direction);
        let over = self.places.get_mut(place).is_some_and(|owner| {
            owner.own.finished |= ending == Ending::OwnFin;
            owner.peer.finished |= ending == Ending::PeerFin;
            flags & RST != 0 || owner.own.finished && owner.peer.finished
        });
        if over {
            self.forget(&packet.tuple);
        }
        let record = Record { offset: packet.offset, flow, len: 0, kind: RecordKind::Ended(ending) };
        Ok((!is_below).then_some(record))
    }

    /// A flow that is decrypted begins with this SYN: further packets on the wire are below it.
    fn is_above(&mut self, packet: &Packet, flow: FlowId) {
        if packet.decrypted {
            let wire = packet.flow(flow, Origin::Connected, false);
            let tuple = Tuple::new(Transport::Tcp, wire.local, wire.peer);
            let place = self.owners.get(&tuple).and_then(|place| self.places.get_mut(*place));
            if let Some(owner) = place.filter(|owner| owner.flow == flow) {
                owner.below = true;
            }
        }
    }

    /// The writer's sequence numbers have no gaps and no repetitions. If another program has removed,
    /// duplicated or moved packets, they do.
    fn follow(&mut self, place: usize, packet: &Packet) -> io::Result<()> {
        let Some(owner) = self.places.get_mut(place) else { return Ok(()) };
        let (side, _) = packet.direction.ends(&mut owner.own, &mut owner.peer);
        let Headers { seq, flags, payload, .. } = packet.headers;
        if side.next.is_some_and(|next| next != seq) {
            return Err(foreign(packet.offset, "TCP segment out of sequence"));
        }
        let counted = payload + usize::from(flags & SYN != 0) + usize::from(flags & FIN != 0);
        // A payload is shorter than an IP packet.
        side.next = Some(seq.wrapping_add(fit(counted)));
        Ok(())
    }

    fn flow_at(&self, place: usize) -> Option<FlowId> {
        self.places.get(place).map(|owner| owner.flow)
    }

    /// The owner of a packet whose flow has begun; sets who owns the addresses from now on.
    fn owner(&mut self, packet: &Packet) -> Option<usize> {
        match packet.label {
            None => match self.recent {
                Some((tuple, place)) if tuple == packet.tuple => Some(place),
                Some(_) | None => {
                    let place = *self.owners.get(&packet.tuple)?;
                    self.recent = Some((packet.tuple, place));
                    Some(place)
                }
            },
            Some(label) => self.known.contains(&label.flow).then(|| self.own(packet.tuple, label.flow)),
        }
    }

    /// Begins a flow with this packet, or calls again.
    fn begin(&mut self, packet: &Packet, origin: Origin, batch: &mut ScanBatch) -> FlowId {
        let id = packet.label.map_or(FlowId(self.next), |label| label.flow);
        self.next = self.next.max(id.0.saturating_add(1));
        if self.known.insert(id) {
            batch.flows.push(packet.flow(id, origin, self.keeps_times));
            batch.pairs.extend(self.expected.remove(&packet.tuple).map(|client| (client, id)));
        }
        self.own(packet.tuple, id);
        id
    }

    fn own(&mut self, tuple: Tuple, flow: FlowId) -> usize {
        let owner = Owner { flow, below: false, own: Side::default(), peer: Side::default() };
        let free = &mut self.free;
        let n = self.places.len();
        let place = *self.owners.entry(tuple).or_insert_with(|| free.pop().unwrap_or(n));
        match self.places.get_mut(place) {
            Some(slot) => *slot = owner,
            None => self.places.push(owner),
        }
        self.recent = Some((tuple, place));
        place
    }

    fn forget(&mut self, tuple: &Tuple) {
        self.free.extend(self.owners.remove(tuple));
        self.recent = None;
    }
}

fn data(packet: &Packet, flow: FlowId) -> Record {
    // A payload is shorter than an IP packet.
    Record { offset: packet.offset, flow, len: fit(packet.headers.payload), kind: packet.direction.into() }
}

/// Why a file is not a capture as this program writes it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Foreign(String);

/// An error for files that this program did not write in this form. They may be captures of other programs.
pub(super) fn foreign(at: u64, why: impl std::fmt::Display) -> io::Error {
    let text = format!("at byte {at}: {why} (not as written by {})", env!("CARGO_PKG_NAME"));
    io::Error::new(io::ErrorKind::InvalidData, Foreign(text))
}

/// Whether an error of a scan means that another program wrote or changed the file. Then it can be imported.
pub fn is_foreign(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Foreign>)
}
