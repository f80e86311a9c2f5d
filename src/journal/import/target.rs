//! The output of an import: our own capture, and batches that describe it.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;

use super::stream::Mark;
use crate::journal::Writer;
use crate::journal::scan::{IMPORT, Opening, ScanBatch};
use crate::model::{Cast, Direction, FlowId, Origin, Recorder as _, SessionNote, Stamp, TlsNote, Transport};

/// A batch is passed on when it holds this many records and flows …
const BATCH: u64 = 16 * 1024;
/// … or covers this many bytes of the file, for a progress display and the first records.
const STRIDE: u64 = 16 * 1024 * 1024;
/// How TLS begins: a record with a handshake, of version 3.
const TLS_HANDSHAKE: &[u8] = &[0x16, 3];

pub(super) struct Target<'a> {
    pub(super) writer: &'a mut Writer,
    sink: &'a mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    batch: ScanBatch,
    /// The number of records, and the position in the file, at the last batch.
    told: (u64, u64),
    /// The connection of the current packet begins TLS that is decrypted, if it has not begun yet.
    pub(super) begins_tls: bool,
    /// Connections whose bytes on the wire are no records any more.
    pub(super) decrypted: HashSet<FlowId>,
}

impl<'a> Target<'a> {
    pub(super) fn new(writer: &'a mut Writer, sink: &'a mut dyn FnMut(ScanBatch) -> ControlFlow<()>) -> Self {
        let told = (writer.recorded(), 0);
        let decrypted = HashSet::new();
        Self { writer, sink, batch: ScanBatch::default(), told, begins_tls: false, decrypted }
    }

    /// Called with the time of the first packet.
    pub(super) fn begin(&mut self, title: &str, at: Stamp) {
        let offset = self.writer.end();
        self.writer.begin_import(title, at);
        self.batch.openings.push(Opening { offset, title: title.to_owned(), endpoint: IMPORT.to_owned() });
    }

    pub(super) fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Stamp,
    ) -> FlowId {
        let flow = self.writer.flow(transport, local, peer, origin, at);
        let id = flow.id;
        self.batch.flows.push(flow);
        id
    }

    /// Takes the comment as the note on the next record, if it is not empty.
    pub(super) fn remark(&mut self, comment: &mut String) {
        if !comment.is_empty() {
            let comment = std::mem::take(comment);
            self.writer.remark(&comment);
            self.batch.notes.push((self.writer.recorded(), comment));
        }
    }

    /// Writes the comment on a packet that has no record, unless it is empty.
    pub(super) fn comment(&mut self, comment: &mut String, at: Stamp) {
        if !comment.is_empty() {
            self.writer.note(&std::mem::take(comment), at);
        }
    }

    pub(super) fn data(&mut self, flow: FlowId, direction: Direction, bytes: &[u8], mark: Mark) {
        let Mark { whole, mut comment, at } = mark;
        if self.begins_tls && bytes.starts_with(TLS_HANDSHAKE) {
            self.begins_tls = false;
            self.decrypted.insert(flow);
            self.writer.flow_note(flow, &SessionNote::Tls(TlsNote::Decrypted), at);
        }
        if self.decrypted.contains(&flow) {
            return self.comment(&mut comment, at);
        }
        self.remark(&mut comment);
        self.writer.data(flow, direction, Cast::Unicast, whole, bytes, at);
    }

    /// Passes a batch on if there is enough for one; `at` is the position in the file.
    pub(super) fn progress(&mut self, at: u64) -> io::Result<ControlFlow<()>> {
        let (records, bytes) = self.told;
        if self.writer.recorded() - records + (self.batch.flows.len() as u64) < BATCH && at - bytes < STRIDE {
            return Ok(ControlFlow::Continue(()));
        }
        self.tell(at)
    }

    /// Passes a batch on.
    pub(super) fn tell(&mut self, at: u64) -> io::Result<ControlFlow<()>> {
        self.writer.commit()?;
        self.writer.take_records(&mut self.batch.records);
        self.batch.at = at;
        self.batch.unordered = std::mem::take(&mut self.writer.unordered);
        self.told = (self.writer.recorded(), at);
        Ok((self.sink)(std::mem::take(&mut self.batch)))
    }
}
