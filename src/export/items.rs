//! Reads items in order: out of large pieces of the file, and a record in which several messages lie
//! only once. Knows no format.

use std::io;
use std::path::Path;

use super::ExportError;
use super::whole::reading;
use crate::analysis::Source;
use crate::journal::{View, Walk};
use crate::model::{Message, Stamp};

/// Records kept because a message ends within them, each at most 64 KiB. More conversations than
/// that, at once in the middle of records, cost a read more for each message.
const MOST_KEPT: usize = 32;

/// Reads items.
#[derive(Debug)]
pub(super) struct Items<'a> {
    capture: &'a Path,
    source: Source<'a>,
    walk: Walk<'a>,
    kept: Vec<Kept>,
}

/// A record of which some bytes belong to a message to come.
#[derive(Debug)]
struct Kept {
    n: u64,
    at: Stamp,
    payload: Vec<u8>,
}

impl<'a> Items<'a> {
    /// Of the file `capture`, which `source` reads.
    pub(super) fn new(capture: &'a Path, source: Source<'a>) -> Self {
        Self { capture, source, walk: source.reader.walk(), kept: Vec::new() }
    }

    /// Reads an item that is one record, an event for instance; `None` for any other.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn record(&mut self, item: &Message) -> Result<Option<View<'_>>, ExportError> {
        let Some(record) = self.source.index.get(item.first()) else { return Ok(None) };
        if *item != Message::record(item.first(), record.len) {
            return Ok(None);
        }
        self.walk.read(&record).map(Some).map_err(|error| reading(self.capture, error))
    }

    /// Hands the bytes of an item to `take`, piece by piece, and gives back when the last of them came.
    ///
    /// # Errors
    /// When it cannot be read, or `take` fails.
    pub(super) fn pieces(
        &mut self,
        item: &Message,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<Stamp, ExportError> {
        let mut skip = usize::from(item.skip());
        let mut left = usize::try_from(item.len()).unwrap_or(usize::MAX);
        let mut at = Stamp::default();
        for (n, record) in self.source.records(item) {
            // Its end may have shown only in a later record, of which it has nothing.
            if left == 0 && n > item.first() {
                break;
            }
            let kept = self.kept.iter().position(|kept| kept.n == n);
            let (when, part) = if let Some((place, kept)) = kept.and_then(|n| Some((n, self.kept.get(n)?))) {
                let (part, when) = (Part::of(&kept.payload, skip, left), kept.at);
                take(part.bytes).map_err(ExportError::writing)?;
                let (len, goes_on) = (part.bytes.len(), part.goes_on);
                if !goes_on {
                    drop(self.kept.swap_remove(place));
                }
                (when, len)
            } else {
                let view = self.walk.read(&record).map_err(|error| reading(self.capture, error))?;
                let part = Part::of(view.payload, skip, left);
                take(part.bytes).map_err(ExportError::writing)?;
                if part.goes_on && n == item.last() {
                    keep(&mut self.kept, n, view.at, view.payload);
                }
                (view.at, part.bytes.len())
            };
            (at, skip) = (when, 0);
            left -= part;
        }
        Ok(at)
    }
}

/// The part of a record that belongs to a message.
struct Part<'a> {
    bytes: &'a [u8],
    /// The record goes on behind it.
    goes_on: bool,
}

impl<'a> Part<'a> {
    fn of(payload: &'a [u8], skip: usize, most: usize) -> Self {
        let rest = payload.get(skip..).unwrap_or_default();
        let bytes = rest.get(..most).unwrap_or(rest);
        Self { bytes, goes_on: bytes.len() < rest.len() }
    }
}

/// Keeps a record, in the place of the oldest if there are many.
fn keep(kept: &mut Vec<Kept>, n: u64, at: Stamp, payload: &[u8]) {
    if kept.len() < MOST_KEPT {
        kept.push(Kept { n, at, payload: payload.to_vec() });
    } else if let Some(oldest) = kept.iter_mut().min_by_key(|kept| kept.n) {
        (oldest.n, oldest.at) = (n, at);
        oldest.payload.clear();
        oldest.payload.extend_from_slice(payload);
    }
}
