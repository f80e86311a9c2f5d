//! Reads items in order, with large reads. A record that contains several messages is read only once.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::ExportError;
use super::whole::reading;
use crate::analysis::Source;
use crate::journal::{View, Walk};
use crate::model::{Cast, Message, PassedFrom, Record, RecordKind, Stamp};

/// How many records are kept because a message ends inside them, each at most 64 KiB. If more conversations
/// than this interleave, each message takes an additional read.
const MOST_KEPT: usize = 32;

/// Reads items.
#[derive(Debug)]
pub(super) struct ItemReader<'a> {
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
    local: Option<SocketAddr>,
    payload: Vec<u8>,
}

impl<'a> ItemReader<'a> {
    /// `source` reads the file `capture`.
    pub(super) fn new(capture: &'a Path, source: Source<'a>) -> Self {
        Self { capture, source, walk: source.reader.walk(), kept: Vec::new() }
    }

    /// Reads an item that begins with `record`: a record as it is, a message as one piece of data, for whose
    /// bytes there is `bytes`, at the time of its last ones. Returns also the time of the first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn view<'b>(
        &'b mut self,
        item: &Message,
        record: &Record,
        bytes: &'b mut Vec<u8>,
    ) -> Result<(Stamp, View<'b>), ExportError> {
        if *item == Message::record(item.first(), record.len) {
            let view = self.walk.read(record).map_err(|error| reading(self.capture, error))?;
            return Ok((view.at, view));
        }
        bytes.clear();
        let (first, (at, local)) = self.pieces(item, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        // A relay says of each record what it has done with it.
        let is_of_relay = record.kind == RecordKind::Sent && self.source.index.twin(record.flow).is_some();
        let comment = match record.kind.direction() {
            _ if is_of_relay => self.comment(item),
            Some(_) if self.source.index.has_opcodes => self.source.comment(record),
            _ => Ok(String::new()),
        };
        let (cast, comment) = (Cast::Unicast, comment.map_err(|error| reading(self.capture, error))?.into());
        Ok((first, View { at, cast, whole: true, comment, note: None, local, payload: bytes }))
    }

    /// What a relay says of the records of an item, each thing once.
    fn comment(&self, item: &Message) -> io::Result<String> {
        let (mut head, mut whys): (String, Vec<String>) = <_>::default();
        for (_, record) in self.source.records(item) {
            let comment = self.source.comment(&record)?;
            let why = PassedFrom::read(&comment).1;
            if head.is_empty() {
                comment.strip_suffix(why).unwrap_or_default().clone_into(&mut head);
            }
            whys.extend(
                why.lines()
                    .filter(|line| !whys.iter().any(|why| why == line))
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            );
        }
        Ok(head + &whys.join("\n"))
    }

    /// Passes the bytes of an item to `take` in pieces, and returns when the first of them were sent or received,
    /// and when and at which local address the last.
    ///
    /// # Errors
    /// When it cannot be read, or `take` fails.
    pub(super) fn pieces(
        &mut self,
        item: &Message,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(Stamp, (Stamp, Option<SocketAddr>)), ExportError> {
        let mut times = None;
        for (n, record, part) in self.source.parts(item, 0, usize::MAX) {
            // The record may continue after it.
            let goes_on = part.end < usize::from(record.len);
            let kept = self.kept.iter().position(|kept| kept.n == n);
            let when = if let Some((place, kept)) = kept.and_then(|n| Some((n, self.kept.get(n)?))) {
                take(kept.payload.get(part).unwrap_or_default()).map_err(ExportError::writing)?;
                let when = (kept.at, kept.local);
                if !goes_on {
                    drop(self.kept.swap_remove(place));
                }
                when
            } else {
                let view = self.walk.read(&record).map_err(|error| reading(self.capture, error))?;
                take(view.payload.get(part).unwrap_or_default()).map_err(ExportError::writing)?;
                if goes_on && n == item.last() {
                    keep(&mut self.kept, n, (view.at, view.local), view.payload);
                }
                (view.at, view.local)
            };
            times = Some((times.map_or(when.0, |(first, _)| first), when));
        }
        Ok(times.unwrap_or_default())
    }
}

/// Keeps a record, replacing the oldest if there are too many.
fn keep(kept: &mut Vec<Kept>, n: u64, (at, local): (Stamp, Option<SocketAddr>), payload: &[u8]) {
    if kept.len() < MOST_KEPT {
        kept.push(Kept { n, at, local, payload: payload.to_vec() });
    } else if let Some(oldest) = kept.iter_mut().min_by_key(|kept| kept.n) {
        (oldest.n, oldest.at, oldest.local) = (n, at, local);
        oldest.payload.clear();
        oldest.payload.extend_from_slice(payload);
    }
}
