//! The output of an import: our own capture, and batches that describe it.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;

use super::stream::Mark;
use crate::journal::Writer;
use crate::journal::scan::{IMPORT, Opening, ScanBatch};
use crate::model::{Cast, Direction, FlowId, Origin, Recorder as _, Stamp, Transport};

/// A batch is passed on when it holds this many records and flows …
const BATCH: u64 = 16 * 1024;
/// … or covers this many bytes of the file, for a progress display and the first records.
const STRIDE: u64 = 16 * 1024 * 1024;

pub(super) struct Target<'a> {
    pub(super) writer: &'a mut Writer,
    sink: &'a mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    batch: ScanBatch,
    /// The number of records, and the position in the file, at the last batch.
    told: (u64, u64),
}

impl<'a> Target<'a> {
    pub(super) fn new(writer: &'a mut Writer, sink: &'a mut dyn FnMut(ScanBatch) -> ControlFlow<()>) -> Self {
        let told = (writer.recorded(), 0);
        Self { writer, sink, batch: ScanBatch::default(), told }
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
