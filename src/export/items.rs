//! Reads items in order, with large reads. A record that contains several messages is read only once.

use std::io;
use std::path::Path;

use super::ExportError;
use super::whole::reading;
use crate::analysis::Source;
use crate::journal::{View, Walk};
use crate::model::{Message, Stamp};

/// How many records are kept because a message ends inside them, each at most 64 KiB. If more conversations
/// than this interleave, each message takes an additional read.
const MOST_KEPT: usize = 32;

/// Reads items.
#[derive(Debug)]
pub(super) struct Items<'a> {
    capture: &'a Path,
    source: Source<'a>,
    walk: Walk<'a>,
    kept: Vec<Kept>,
}

/// A record with bytes of a message to come.
#[derive(Debug)]
struct Kept {
    n: u64,
    at: Stamp,
    payload: Vec<u8>,
}

impl<'a> Items<'a> {
    /// `source` reads the file `capture`.
    pub(super) fn new(capture: &'a Path, source: Source<'a>) -> Self {
        Self { capture, source, walk: source.reader.walk(), kept: Vec::new() }
    }

    /// Reads an item that is one record, such as an event; `None` for any other.
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

    /// Passes the bytes of an item to `take` in pieces, and returns when the first and the last of them
    /// were sent or received.
    ///
    /// # Errors
    /// When it cannot be read, or `take` fails.
    pub(super) fn pieces(
        &mut self,
        item: &Message,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(Stamp, Stamp), ExportError> {
        let mut skip = usize::from(item.skip());
        let mut left = usize::try_from(item.len()).unwrap_or(usize::MAX);
        let mut times = None;
        for (n, record) in self.source.records(item) {
            // Its end may show only in a later record, which has none of its bytes.
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
            times = Some((times.map_or(when, |(first, _)| first), when));
            skip = 0;
            left -= part;
        }
        Ok(times.unwrap_or_default())
    }
}

/// The part of a record that belongs to a message.
struct Part<'a> {
    bytes: &'a [u8],
    /// Whether the record continues after it.
    goes_on: bool,
}

impl<'a> Part<'a> {
    fn of(payload: &'a [u8], skip: usize, most: usize) -> Self {
        let rest = payload.get(skip..).unwrap_or_default();
        let bytes = rest.get(..most).unwrap_or(rest);
        Self { bytes, goes_on: bytes.len() < rest.len() }
    }
}

/// Keeps a record, replacing the oldest if there are too many.
fn keep(kept: &mut Vec<Kept>, n: u64, at: Stamp, payload: &[u8]) {
    if kept.len() < MOST_KEPT {
        kept.push(Kept { n, at, payload: payload.to_vec() });
    } else if let Some(oldest) = kept.iter_mut().min_by_key(|kept| kept.n) {
        (oldest.n, oldest.at) = (n, at);
        oldest.payload.clear();
        oldest.payload.extend_from_slice(payload);
    }
}
