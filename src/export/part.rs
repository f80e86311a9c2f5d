//! The pass over selected items of a capture.

use std::path::Path;

use super::compose::{Composer, Decoding, Write};
use super::entry::{Entry, of_notes};
use super::items::ItemReader;
use super::whole::{entry, reading};
use super::{ExportError, Progress, Selection, Style};
use crate::analysis::Source;
use crate::journal::Reader;
use crate::model::{Index, Message, Record, notes_on};

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
    let mut bytes = Vec::new();
    let mut next = 0;
    all(capture, selection, progress, &mut |items, item, record| {
        if composer.is_within() {
            left_out(&mut composer, index, next..item.first());
        }
        next = item.last() + 1;
        let (seq, flow) = (item.first() + 1, index.flow(record.flow));
        let (at, view) = items.view(item, record, &mut bytes)?;
        let mut entry = Entry { at, wholeness: item.wholeness(), ..entry(seq, record, &view, flow.as_ref()) };
        let notes = style.notes.iter().flat_map(|notes| notes_on(notes, index, item).map(|(_, note)| note));
        let (not_passed, note) = of_notes(notes, item);
        if !not_passed.is_empty() {
            entry.why = &not_passed;
        }
        entry.note = &note;
        composer.item(record.flow, entry, style, write).map_err(ExportError::writing)
    })
}

/// Calls `take` for each item and the record with which it begins, in order, and reports progress.
pub(super) fn all(
    capture: &Path,
    selection: &Selection,
    progress: Progress<'_>,
    take: &mut dyn FnMut(&mut ItemReader<'_>, &Message, &Record) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let reader = selection.reader.clone().map_or_else(|| Reader::open(capture), Ok);
    let reader = reader.map_err(|error| reading(capture, error))?;
    let mut items = ItemReader::new(capture, Source { index: &selection.index, reader: &reader });
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
        if let Some(record) = selection.index.get(item.first()) {
            take(&mut items, &item, &record)?;
        }
    }
    if progress(total, total).is_break() { Err(ExportError::Cancelled) } else { Ok(()) }
}

/// Some records were skipped: a character that continues in one of them will never be complete.
fn left_out(composer: &mut Composer, index: &Index, numbers: std::ops::Range<u64>) {
    let n = usize::try_from(numbers.end.saturating_sub(numbers.start)).unwrap_or(usize::MAX);
    for record in index.records().slices(numbers.start).flatten().take(n) {
        if let Some(direction) = record.kind.direction().filter(|_| record.len > 0) {
            composer.left_out(record.flow, direction);
        }
    }
}
