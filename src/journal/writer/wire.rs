//! The layers of connections, e.g. TLS: what is on the wire, and what it carries, each on an interface of its own.

use super::Writer;
use super::packets::Packet;
use crate::journal::block;
use crate::journal::conversation::Phase;
use crate::journal::packet::{self, ACK, Carrier, FIN, PSH, RST};
use crate::journal::scan::DECRYPTED;
use crate::model::{Cast, Direction, Ending, FlowId};

impl Writer {
    /// From here on, a connection is decrypted: its packets go to an interface of their own, beginning with a
    /// handshake, and those on the wire are no records.
    pub(super) fn begin_layer(&mut self, flow: FlowId) {
        if !self.is_tcp(flow) {
            return;
        }
        if self.phase(flow) == Some(Phase::Unconnected) {
            self.connect(flow);
        }
        let Some(conversation) = self.conversation(flow) else { return };
        if conversation.decrypted || conversation.phase != Phase::Open {
            return;
        }
        conversation.begin_layer();
        self.handshake(flow);
    }

    /// Describes the interface of decrypted data, unless it is.
    pub(super) fn ensure_decrypted(&mut self) {
        if self.decrypted.is_none() {
            let title = format!("{} decrypted", self.turning.title());
            self.append(|out| block::push_interface(out, &title, DECRYPTED));
            self.decrypted = Some((self.interfaces, 0));
            self.interfaces = self.interfaces.saturating_add(1);
        }
    }

    pub(super) fn wire_data(&mut self, flow: FlowId, direction: Direction, bytes: &[u8]) {
        let peer = self.known(flow).map(|known| (known.flow.transport, known.flow.peer));
        let Some((transport, peer)) = peer else { return };
        let mut pieces = bytes.chunks(packet::capacity(transport, peer)).peekable();
        while let Some(piece) = pieces.next() {
            let push = if pieces.peek().is_none() { PSH } else { 0 };
            self.wire_segment(flow, direction, ACK | push, piece);
            let wire = self.known(flow).and_then(|known| known.wire.as_ref());
            if wire.is_some_and(|wire| wire.unacknowledged(direction) >= self.acknowledge_every) {
                self.wire_segment(flow, direction.opposite(), ACK, &[]);
            }
        }
    }

    pub(super) fn end_wire(&mut self, flow: FlowId, how: Ending) {
        let (direction, flag) = packet::ending(how);
        let Some(wire) = self.conversation(flow).and_then(|known| known.wire.as_mut()) else { return };
        if wire.phase == Phase::Over {
            return;
        }
        if flag == RST {
            wire.phase = Phase::Over;
        } else if !wire.finish(direction) {
            return;
        }
        self.wire_segment(flow, direction, flag | ACK, &[]);
    }

    /// Appends a segment as it is on the wire, if that is recorded.
    fn wire_segment(&mut self, flow: FlowId, direction: Direction, flags: u8, payload: &[u8]) {
        let Some(wire) = self.conversation(flow).and_then(|known| known.wire.as_mut()) else { return };
        if wire.phase == Phase::Over && flags & (FIN | RST) == 0 {
            return;
        }
        let carrier = Carrier::Tcp(wire.segment(direction, flags, payload.len()));
        let (ends, at) = (wire.ends(direction), self.now);
        let (cast, comments) = (Cast::Unicast, [None; 2]);
        self.packet(&Packet { decrypted: false, ends, direction, cast, carrier, payload, at, comments });
    }
}
