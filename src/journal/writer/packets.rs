//! Making packets: sequence numbers, labels, splitting.

use std::net::SocketAddr;

use super::Writer;
use crate::journal::block::{self, Comments};
use crate::journal::conversation::{Label, Phase};
use crate::journal::output::STRIPE;
use crate::journal::packet::{self, ACK, Carrier, PSH, SYN};
use crate::model::{Cast, Direction, FlowId, Record, RecordKind, Stamp, fit};

pub(super) struct Packet<'a> {
    /// The interface of decrypted data, or that of the opening.
    pub(super) decrypted: bool,
    /// Source and destination.
    pub(super) ends: (SocketAddr, SocketAddr),
    pub(super) direction: Direction,
    pub(super) cast: Cast,
    pub(super) carrier: Carrier,
    pub(super) payload: &'a [u8],
    pub(super) at: Stamp,
    /// The label of the flow, and another comment.
    pub(super) comments: [Option<&'a str>; 2],
}

impl Writer {
    /// Appends a block that is not a packet.
    pub(super) fn append(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let offset = self.end();
        self.head.clear();
        fill(&mut self.head);
        self.output.append([&self.head, &[], &[]]);
        offset
    }

    pub(super) fn record(&mut self, offset: u64, flow: FlowId, len: usize, kind: RecordKind) {
        self.records.push_back((self.end(), Record { offset, flow, len: fit(len), kind }));
        self.recorded += 1;
        if self.now < self.last_record {
            self.unordered = Stamp::earliest(self.unordered, Some(self.now));
        }
        self.last_record = self.now;
    }

    /// Appends a packet and returns the offset of its block.
    pub(super) fn packet(&mut self, packet: &Packet<'_>) -> u64 {
        let offset = self.end();
        let (from, to) = packet.ends;
        self.last = self.later(self.last, packet.at);
        let of_decrypted = self.decrypted.as_mut().filter(|_| packet.decrypted);
        let (interface, packets) = of_decrypted.unwrap_or(&mut self.main);
        *packets += 1;
        let interface = *interface;

        self.head.clear();
        self.head.resize(block::PACKET_HEAD, 0);
        packet::push_headers(&mut self.head, from, to, packet.carrier, packet.payload);
        let packet_len = self.head.len() - block::PACKET_HEAD + packet.payload.len();
        self.tail.clear();
        let comments = Comments { own: packet.comments, note: &self.remark };
        block::push_packet_tail(&mut self.tail, packet_len, packet.direction, packet.cast, comments);
        self.remark.clear();
        let head = block::packet_head(interface, packet.at, packet_len, self.tail.len());
        if let Some(slot) = self.head.first_chunk_mut() {
            *slot = head;
        }
        self.output.append([&self.head, packet.payload, &self.tail]);
        offset
    }

    /// Appends a TCP segment and returns the offset of its block.
    pub(super) fn segment(
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
        let Some(conversation) = self.conversation(flow) else { return self.end() };
        let carrier = Carrier::Tcp(conversation.segment(direction, flags, payload.len()));
        let (decrypted, ends) = (conversation.decrypted, conversation.ends(direction));
        let comments = [label.as_deref(), comment];
        self.packet(&Packet {
            decrypted,
            ends,
            direction,
            cast: Cast::Unicast,
            carrier,
            payload,
            at,
            comments,
        })
    }

    /// The time of a SYN: when the attempt began, if nothing was written since.
    fn begins_at(&self, flow: FlowId) -> Stamp {
        let fresh = self.known(flow).filter(|conversation| !conversation.begun);
        fresh.map_or(self.now, |conversation| self.later(self.last, conversation.flow.since))
    }

    /// Returns the label that a reader needs to know the flow of the next packet, if any. See [`Label`].
    fn label(&mut self, flow: FlowId, syn: bool, at: Stamp) -> Option<Label> {
        let next_begun = self.next_begun;
        let conversation = self.conversations.get_mut(&flow)?;
        if conversation.owner && !syn {
            return None;
        }
        conversation.owner = true;
        let begins = !std::mem::replace(&mut conversation.begun, true);
        let goes_on = std::mem::take(&mut conversation.goes_on);
        let since = conversation.flow.since;
        let before = self.owners.insert(conversation.tuple(), flow);
        self.next_begun = next_begun.max(flow.0.saturating_add(1));
        if let Some(before) = before.filter(|before| *before != flow)
            && let Some(conversation) = self.conversation(before)
        {
            conversation.owner = false;
        }
        let is_new = syn || before.is_none() && !self.forgot;
        let implied = begins && flow.0 == next_begun && since == at && is_new && !goes_on;
        (!implied).then_some(Label { flow, since: (begins && since != at).then_some(since), goes_on })
    }

    /// No more packets are expected with these addresses.
    pub(super) fn disown(&mut self, flow: FlowId) {
        if let Some(conversation) = self.conversation(flow)
            && std::mem::take(&mut conversation.owner)
        {
            let tuple = conversation.tuple();
            self.owners.remove(&tuple);
        }
    }

    /// Appends a SYN and returns its offset and direction.
    pub(super) fn call(&mut self, flow: FlowId) -> Option<(u64, Direction)> {
        let (now, offset) = (self.now, self.end());
        let conversation = self.conversation(flow)?;
        conversation.start(offset, now);
        let caller = conversation.caller();
        Some((self.segment(flow, caller, SYN, &[], None), caller))
    }

    /// Appends the handshake of a TCP connection.
    pub(super) fn connect(&mut self, flow: FlowId) {
        self.ensure_interface();
        let Some((offset, caller)) = self.call(flow) else { return };
        self.segment(flow, caller.opposite(), SYN | ACK, &[], None);
        self.segment(flow, caller, ACK, &[], None);
        if let Some(conversation) = self.conversation(flow) {
            conversation.phase = Phase::Open;
        }
        self.record(offset, flow, 0, RecordKind::Connected);
    }

    pub(super) fn phase(&self, flow: FlowId) -> Option<Phase> {
        self.known(flow).map(|conversation| conversation.phase)
    }

    pub(super) fn stream(&mut self, flow: FlowId, direction: Direction, whole: bool, bytes: &[u8]) {
        if self.phase(flow) == Some(Phase::Unconnected) {
            // The note belongs to the data.
            let remark = std::mem::take(&mut self.remark);
            self.connect(flow);
            self.remark = remark;
        }
        let why = std::mem::take(&mut self.why);
        let comment = Some(why.as_str()).filter(|why| !why.is_empty());
        let mut pieces = bytes.chunks(self.capacity(flow)).peekable();
        while let Some(piece) = pieces.next() {
            let push = if whole && pieces.peek().is_none() { PSH } else { 0 };
            let offset = self.segment(flow, direction, ACK | push, piece, comment);
            self.record(offset, flow, piece.len(), direction.into());
            let unacknowledged = self.conversation(flow).map_or(0, |c| c.unacknowledged(direction));
            if unacknowledged >= self.acknowledge_every {
                self.segment(flow, direction.opposite(), ACK, &[], None);
            }
        }
    }

    pub(super) fn datagram(&mut self, flow: FlowId, direction: Direction, cast: Cast, bytes: &[u8]) {
        let at = self.now;
        let capacity = self.capacity(flow);
        let mut rest = Some(bytes);
        // An empty datagram is a record.
        while let Some(bytes) = rest {
            let (payload, after) = bytes.split_at(bytes.len().min(capacity));
            rest = Some(after).filter(|after| !after.is_empty());
            let label = self.label(flow, false, at).map(Label::text);
            let why = std::mem::take(&mut self.why);
            let comments = [label.as_deref(), Some(why.as_str()).filter(|why| !why.is_empty())];
            let Some(ends) = self.known(flow).map(|known| known.ends(direction)) else { return };
            let carrier = Carrier::Udp;
            let offset = self.packet(&Packet {
                decrypted: false,
                ends,
                direction,
                cast,
                carrier,
                payload,
                at,
                comments,
            });
            self.record(offset, flow, payload.len(), direction.into());
        }
    }

    /// How many bytes of a connection make a block that ends with a stripe, if that is long enough to be
    /// worthwhile: whole stripes take the page cache a third less work (measured on ext4).
    pub(super) fn suitable_len(&self, flow: FlowId) -> usize {
        let capacity = self.capacity(flow);
        let Some(conversation) = self.known(flow) else { return capacity };
        let (peer, _local) = conversation.ends(Direction::Received);
        let around =
            packet::header_len(conversation.flow.transport, peer) + block::PACKET_HEAD + block::PACKET_TAIL;
        let within: usize = fit(self.output.end() % STRIPE as u64);
        let left = STRIPE - within;
        // Two medium blocks are better than a short one.
        let len = if left < STRIPE / 4 { (left + STRIPE) / 8 * 4 } else { left };
        len.saturating_sub(around).clamp(1, capacity)
    }

    fn capacity(&self, flow: FlowId) -> usize {
        self.known(flow).map_or(1, |known| {
            let (peer, _local) = known.ends(Direction::Received);
            packet::capacity(known.flow.transport, peer)
        })
    }
}
