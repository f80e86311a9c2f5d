//! Rebuilds the index of a capture from its headers. Reads only captures of this program: it relies on the
//! order of packets, the flags and the labels that the writer produces.

mod index;

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use self::index::Index;
pub use self::index::is_foreign;
use super::block::{self, invalid};
use super::packet;
use super::window::Window;
use crate::model::{CaptureFault, Flow, FlowId, Record, Stamp};

/// The endpoint of an opening whose times may go back: an import, or a part of one.
pub(super) const IMPORT: &str = "import";
/// The description of an interface of decrypted data: what the connections carry that are on the interface before it.
pub(super) const DECRYPTED: &str = "decrypted";
/// How much of a block is read before its payload is skipped.
const HEAD: usize = block::PACKET_HEAD + packet::MAX_HEADERS;
/// A batch is passed on when it holds this many records and flows …
const BATCH: usize = 16 * 1024;
/// … or covers this many bytes of the file, for a progress display.
const STRIDE: u64 = 64 * 1024 * 1024;

/// One opening of a session, from [`Recorder::begin`](crate::model::Recorder::begin).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its offset: what follows belongs to it, up to the next opening.
    pub offset: u64,
    /// The name of the session.
    pub title: String,
    /// What it opened, e.g. `tcp-server 127.0.0.1:8080`.
    pub endpoint: String,
}

/// A part of the index, in file order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanBatch {
    /// Openings in this part.
    pub openings: Vec<Opening>,
    /// Flows that begin in this part, before their first record. Their numbers may have gaps (flows without
    /// records), and those of a damaged file may be anything: do not use them as indices of an array.
    pub flows: Vec<Flow>,
    /// The flows that are the legs of a relay: of a client, and of the connection made for it. Both have begun.
    pub pairs: Vec<(FlowId, FlowId)>,
    /// The records.
    pub records: Vec<Record>,
    /// Notes on records: the number of the record from 0, and the text. A later note replaces an earlier one
    /// on the same record; an empty one removes it.
    pub notes: Vec<(u64, String)>,
    /// If times go back from a record to the next in this part, as they may in an import: the earliest to which they do.
    pub unordered: Option<Stamp>,
    /// A connection in this part is decrypted, so that the capture has both what is on the wire and what it carries.
    pub layered: bool,
    /// How far the file has been read, in bytes.
    pub at: u64,
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanEnd {
    /// The end of the last whole block, in bytes.
    pub end: u64,
    /// There is more after `end`, but not a whole block: the program that wrote it was interrupted, or is
    /// still writing.
    pub torn: bool,
}

/// Reads the index of the first `until` bytes of a capture (`u64::MAX` for all) and passes it to `sink` in
/// batches, until `sink` breaks. Records before offset `from` are omitted, flows and openings are not. The
/// index equals that of the writer, except that packets have no IPv6 zones. Takes a few dozen bytes of memory
/// per flow, none for payload.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is damaged or not a capture of this
/// program, with the reason and the offset. Everything before was passed to `sink`.
pub fn scan(
    path: &Path,
    from: u64,
    until: u64,
    sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> io::Result<ScanEnd> {
    Scanner::default().advance(&File::open(path)?, (from, until), sink)
}

/// A scan that continues where it was as the file grows.
#[derive(Debug, Default)]
pub struct Scanner {
    index: Index,
    at: u64,
}

impl Scanner {
    /// A scan whose records are the bytes on the wire, also of connections that are decrypted. Notes on records are
    /// omitted, since they are on other records.
    pub fn of_wire() -> Self {
        Self { index: Index::of_wire(), at: 0 }
    }

    /// Reads on, up to offset `until`; otherwise as [`scan`].
    ///
    /// # Errors
    /// As [`scan`].
    pub fn advance(
        &mut self,
        file: &File,
        (from, until): (u64, u64),
        sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    ) -> io::Result<ScanEnd> {
        let until = until.min(file.metadata()?.len());
        let mut scan = Scan { window: Window::new(file, until), until, from, index: &mut self.index };
        let mut batch = ScanBatch { at: self.at, ..ScanBatch::default() };
        let end = scan.batches(&mut batch, sink);
        self.at = batch.at;
        end
    }
}

enum Step {
    Block,
    End,
    /// A part of a block, or zeros from a power failure.
    Torn,
}

struct Scan<'a> {
    window: Window<'a>,
    until: u64,
    from: u64,
    index: &'a mut Index,
}

impl Scan<'_> {
    fn batches(
        &mut self,
        batch: &mut ScanBatch,
        sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
    ) -> io::Result<ScanEnd> {
        let mut reported = batch.at;
        loop {
            let step = self.step(batch);
            let done = !matches!(step, Ok(Step::Block));
            let full = batch.records.len() + batch.flows.len() >= BATCH || batch.at - reported >= STRIDE;
            if done || full {
                reported = batch.at;
                let next = ScanBatch { at: reported, ..ScanBatch::default() };
                let broken_off = sink(std::mem::replace(batch, next)).is_break();
                if broken_off && !done {
                    return Ok(ScanEnd { end: reported, torn: false });
                }
            }
            match step? {
                Step::Block => {}
                Step::End => return Ok(ScanEnd { end: reported, torn: false }),
                Step::Torn => return Ok(ScanEnd { end: reported, torn: true }),
            }
        }
    }

    /// Reads the block at `batch.at` and advances it.
    fn step(&mut self, batch: &mut ScanBatch) -> io::Result<Step> {
        let at = batch.at;
        if at >= self.until {
            return Ok(Step::End);
        }
        let head = self.window.get(at, HEAD)?;
        let kind = block::u32_at(head, 0);
        if at == 0 && kind.is_some_and(|kind| kind != block::SECTION) {
            return Err(index::foreign(at, "not a pcapng file"));
        }
        let (Some(kind), Some(total)) = (kind, block::u32_at(head, 4)) else { return Ok(Step::Torn) };
        if kind == block::SECTION && block::u32_at(head, 8).is_some_and(|magic| magic != block::MAGIC) {
            return Err(index::foreign(at, "numbers are not little-endian"));
        }
        if total % 4 != 0 || !(12..=block::MAX_LEN).contains(&total) {
            if self.window.is_zero_from(at + 8)? {
                return Ok(Step::Torn);
            }
            return Err(invalid(at, CaptureFault::BlockLength(total)));
        }
        let end = at.saturating_add(u64::from(total));
        if end > self.until {
            return Ok(Step::Torn);
        }
        // Keep the start while the window moves over the payload to the end.
        let mut kept = [0; HEAD];
        let head_len = head.len().min(total as usize);
        if let (Some(kept), Some(head)) = (kept.get_mut(..head_len), head.get(..head_len)) {
            kept.copy_from_slice(head);
        }
        let options_at = match kind {
            block::PACKET => {
                let captured = block::u32_at(&kept, 20).unwrap_or_default() as usize;
                (block::PACKET_HEAD + block::padded(captured)).min(total as usize - 4)
            }
            _ => 8,
        };
        let tail = self.window.get(at + options_at as u64, total as usize - options_at)?;
        let (body, trailer) = tail.split_at(tail.len().saturating_sub(4));
        if block::u32_at(trailer, 0) != Some(total) {
            // Only zeros follow: the end of a file damaged by a power failure.
            if self.window.is_zero_from(end)? {
                return Ok(Step::Torn);
            }
            return Err(invalid(at, CaptureFault::Trailer));
        }
        let kept = kept.get(..head_len).unwrap_or_default();
        self.index.block(kind, kept, body, self.from, batch)?;
        batch.at = end;
        Ok(Step::Block)
    }
}
