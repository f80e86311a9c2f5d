//! Flows with a layer such as TLS: what is recorded of the bytes on the wire, and of what they carry.

use super::Log;
use crate::model::{Cast, Direction, Ending, FlowId, Layers};

impl Log {
    /// From here on, a flow has a layer: what is told of it is plain text, and what is on the wire is told apart.
    pub(in crate::net) fn layered(&mut self, flow: FlowId) {
        self.layered.insert(flow);
        if self.layers == Layers::Both {
            let at = self.now();
            self.recorder.layered(flow, at);
        }
    }

    /// What the next data of a flow are, as the comment on their packet.
    pub(in crate::net) fn carries(&mut self, flow: FlowId, mark: &str) {
        if self.unrecorded.is_none() && !self.is_wire_only(flow) {
            self.recorder.why(mark);
        }
    }

    pub(super) fn is_wire_only(&self, flow: FlowId) -> bool {
        self.layers == Layers::Wire && self.layered.contains(&flow)
    }

    /// Bytes on the wire, below the layer.
    pub(in crate::net) fn wire(&mut self, flow: FlowId, direction: Direction, bytes: &[u8]) {
        if self.unrecorded.is_some() || bytes.is_empty() {
            return;
        }
        let at = self.now();
        match self.layers {
            Layers::Both => self.recorder.wire(flow, direction, bytes, at),
            Layers::Wire => self.recorder.data(flow, direction, Cast::Unicast, true, bytes, at),
            Layers::Plain => {}
        }
    }

    /// The connection below the layer, or one direction of it, ended.
    pub(in crate::net) fn wire_ended(&mut self, flow: FlowId, how: Ending) {
        let at = self.now();
        match self.layers {
            Layers::Both => self.recorder.wire_ended(flow, how, at),
            Layers::Wire => self.recorder.ended(flow, how, at),
            Layers::Plain => {}
        }
    }

    /// What decrypts the bytes on the wire that follow.
    pub(in crate::net) fn secrets(&mut self, lines: &str) {
        if self.layers != Layers::Plain {
            let at = self.now();
            self.recorder.secrets(lines, at);
        }
    }
}
