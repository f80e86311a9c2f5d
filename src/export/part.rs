//! The pass over selected items of a capture.

use std::path::Path;

use super::compose::{Composer, Decoding, Write};
use super::entry::Entry;
use super::items::Items;
use super::whole::{entry, reading};
use super::{ExportError, Progress, Selection, Style};
use crate::analysis::Source;
use crate::journal::Reader;
use crate::model::{Index, Message, RecordKind, Stamp};

/// How many bytes are processed between two calls of `progress` …
const TELL_EVERY: u64 = 1 << 20;
/// … where each item counts this many bytes in addition to its own.
const OF_AN_ITEM: u64 = 1 << 8;

/// Calls `write` for each item, in order.
pub(super) fn each(
    capture: &Path,
    selection: &Selection,
    style: &Style,
    write: Write<'_>,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let index = &selection.index;
    let decoding = if selection.messages.is_some() { Decoding::Alone } else { Decoding::Stream };
    let mut composer = Composer::new(decoding);
    let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
    let mut items = Items::new(capture, Source { index, reader: &reader });
    let mut bytes = Vec::new();
    let (mut next, mut last) = (0, Stamp::default());
    all(selection, progress, &mut |item| {
        let Some(record) = index.get(item.first()) else { return Ok(()) };
        if composer.is_within() {
            left_out(&mut composer, index, next..item.first(), last, write).map_err(ExportError::writing)?;
        }
        next = item.last() + 1;
        let (seq, flow) = (item.first() + 1, index.flow(record.flow));
        if let Some(view) = items.record(item)? {
            last = view.at;
            let entry = entry(seq, &record, &view, flow.as_ref());
            return composer.item(record.flow, entry, style, write).map_err(ExportError::writing);
        }
        bytes.clear();
        last = items.pieces(item, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        let (kind, wholeness) = (record.kind, item.wholeness());
        let flow = flow.as_ref();
        let entry = Entry { seq, at: last, kind, flow, comment: "", bytes: &bytes, text: "", wholeness };
        composer.item(record.flow, entry, style, write).map_err(ExportError::writing)
    })?;
    composer.end(last, &|id| index.flow(id), write).map_err(ExportError::writing)
}

/// Calls `take` for each item, in order, and reports progress.
pub(super) fn all(
    selection: &Selection,
    progress: Progress<'_>,
    take: &mut dyn FnMut(&Message) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let offset = |n| selection.index.get(n).map_or(0, |record| record.offset);
    let total = offset(selection.index.len().saturating_sub(1)).max(1);
    // At once, so that a cancelled pass does nothing.
    let mut untold = TELL_EVERY;
    for item in selection.items() {
        if untold >= TELL_EVERY {
            untold = 0;
            if progress(offset(item.last()).min(total), total).is_break() {
                return Err(ExportError::Cancelled);
            }
        }
        untold += OF_AN_ITEM + u64::from(item.len());
        take(&item)?;
    }
    if progress(total, total).is_break() { Err(ExportError::Cancelled) } else { Ok(()) }
}

/// Some records were skipped: a character that continues in one of them will never be complete.
fn left_out(
    composer: &mut Composer,
    index: &Index,
    numbers: std::ops::Range<u64>,
    at: Stamp,
    write: Write<'_>,
) -> std::io::Result<()> {
    let n = usize::try_from(numbers.end.saturating_sub(numbers.start)).unwrap_or(usize::MAX);
    for record in index.records().slices(numbers.start).flatten().take(n) {
        if matches!(record.kind, RecordKind::Received | RecordKind::Sent) && record.len > 0 {
            composer.left_out((record.flow, record.kind), at, index.flow(record.flow).as_ref(), write)?;
        }
    }
    Ok(())
}
