//! Makes the index of a capture file again, from its headers alone. Reads captures of this program
//! only: it relies on the order of packets, the flags and the labels that the writer gives them.

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
use crate::model::{Flow, Record};

/// So much of a block is looked at before its payload is skipped.
const HEAD: usize = block::PACKET_HEAD + packet::MAX_HEADERS;
/// A batch is given out when it holds so many records and flows …
const BATCH: usize = 16 * 1024;
/// … or when so many bytes of the file were passed, for those who show the progress.
const STRIDE: u64 = 64 * 1024 * 1024;

/// One opening of a session: what [`Recorder::begin`](crate::model::Recorder::begin) was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Where it begins in the file: what stands behind belongs to it, up to the next.
    pub offset: u64,
    /// The session's name.
    pub title: String,
    /// What it opened, e.g. `tcp-server 127.0.0.1:8080`.
    pub endpoint: String,
}

/// A part of the index, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanBatch {
    /// Openings that begin in this part.
    pub openings: Vec<Opening>,
    /// Flows that begin in this part, before their first record. Their numbers may have gaps (flows
    /// that never had a record), and a damaged file may hold any number: do not use them as the index
    /// of an array.
    pub flows: Vec<Flow>,
    /// The records.
    pub records: Vec<Record>,
    /// Notes on records: the record's number, from 0, and the text. A later one on the same record
    /// takes the place of an earlier one; an empty one takes it away.
    pub notes: Vec<(u64, String)>,
    /// How far the file was read, in bytes.
    pub at: u64,
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanEnd {
    /// The end of the last whole block, in bytes.
    pub end: u64,
    /// The file goes on after `end`, but not with a whole block: the program that wrote it was
    /// stopped in the middle, or is just writing.
    pub torn: bool,
}

/// Reads the index from the first `until` bytes of a capture file (`u64::MAX` for all) and hands it
/// to `sink` in batches, until that breaks off. Records before the offset `from` are left out, flows
/// and openings are not. The index is that which the writer gave, save for the zones of IPv6
/// addresses, which no packet holds. It holds a few dozen bytes a flow in memory, no payload.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] if the file is damaged or no capture of this
/// program: the text says where and what. What stands before was handed to `sink`.
pub fn scan(
    path: &Path,
    from: u64,
    until: u64,
    sink: &mut dyn FnMut(ScanBatch) -> ControlFlow<()>,
) -> io::Result<ScanEnd> {
    let file = File::open(path)?;
    let until = until.min(file.metadata()?.len());
    let mut scan = Scan { window: Window::new(&file, until), until, from, index: Index::default() };
    let mut batch = ScanBatch::default();
    let mut reported = 0;
    let end = loop {
        let step = scan.step(&mut batch);
        let done = !matches!(step, Ok(Step::Block));
        let full = batch.records.len() + batch.flows.len() >= BATCH || batch.at - reported >= STRIDE;
        if done || full {
            reported = batch.at;
            let next = ScanBatch { at: reported, ..ScanBatch::default() };
            let broken_off = sink(std::mem::replace(&mut batch, next)).is_break();
            if broken_off && !done {
                break ScanEnd { end: reported, torn: false };
            }
        }
        match step? {
            Step::Block => {}
            Step::End => break ScanEnd { end: reported, torn: false },
            Step::Torn => break ScanEnd { end: reported, torn: true },
        }
    };
    Ok(end)
}

/// What stands at a position.
enum Step {
    /// A whole block.
    Block,
    /// The end of the file.
    End,
    /// The beginning of a block, or zeros that a power cut left.
    Torn,
}

struct Scan<'a> {
    window: Window<'a>,
    until: u64,
    from: u64,
    index: Index,
}

impl Scan<'_> {
    /// Reads the block at `batch.at` and moves that behind it.
    fn step(&mut self, batch: &mut ScanBatch) -> io::Result<Step> {
        let at = batch.at;
        if at >= self.until {
            return Ok(Step::End);
        }
        let head = self.window.get(at, HEAD)?;
        let kind = block::u32_at(head, 0);
        if at == 0 && kind.is_some_and(|kind| kind != block::SECTION) {
            return Err(index::foreign(at, "no pcapng file"));
        }
        let (Some(kind), Some(total)) = (kind, block::u32_at(head, 4)) else { return Ok(Step::Torn) };
        if kind == block::SECTION && block::u32_at(head, 8).is_some_and(|magic| magic != block::MAGIC) {
            return Err(index::foreign(at, "its numbers are not little-endian"));
        }
        if total % 4 != 0 || !(12..=block::MAX_LEN).contains(&total) {
            if self.window.is_zero_from(at + 8)? {
                return Ok(Step::Torn);
            }
            return Err(invalid(at, format_args!("a block of {total} bytes, which cannot be")));
        }
        let end = at.saturating_add(u64::from(total));
        if end > self.until {
            return Ok(Step::Torn);
        }
        // The beginning is kept while the window moves to the end, over the payload.
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
            // Nothing but zeros behind it: the end of the file, which a power cut spoilt.
            if self.window.is_zero_from(end)? {
                return Ok(Step::Torn);
            }
            return Err(invalid(at, "a block whose end does not repeat its length"));
        }
        let kept = kept.get(..head_len).unwrap_or_default();
        self.index.block(kind, kept, body, self.from, batch)?;
        batch.at = end;
        Ok(Step::Block)
    }
}
