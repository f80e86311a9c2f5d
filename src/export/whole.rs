//! The pass over a whole capture, which makes its index on the way, in constant memory but for a few
//! bytes a conversation. Knows no format.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use super::compose::{Composer, Decoding, Write};
use super::entry::Entry;
use super::{ExportError, Progress, Style};
use crate::journal::{self, Reader, View};
use crate::model::{Flow, FlowId, Record, RecordKind, Stamp, Wholeness};

/// Calls `write` for each record before the offset `until`, in order.
pub(super) fn each(
    capture: &Path,
    until: u64,
    style: &Style,
    write: Write<'_>,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let mut composer = Composer::new(Decoding::Stream);
    let mut flows: HashMap<FlowId, Flow> = HashMap::new();
    let (mut seq, mut last) = (0, Stamp::default());
    let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
    let mut walk = reader.walk();
    batches(capture, until, progress, |batch| {
        flows.extend(batch.flows.into_iter().map(|flow| (flow.id, flow)));
        batch.records.iter().try_for_each(|record| {
            let view = walk.read(record).map_err(|error| reading(capture, error))?;
            (seq, last) = (seq + 1, view.at);
            let entry = entry(seq, record, &view, flows.get(&record.flow));
            composer.item(record.flow, entry, style, write).map_err(ExportError::writing)
        })
    })?;
    composer.end(last, &|id| flows.get(&id), write).map_err(ExportError::writing)
}

/// Calls `take` for each part of the index.
pub(super) fn batches(
    capture: &Path,
    until: u64,
    progress: Progress<'_>,
    mut take: impl FnMut(journal::ScanBatch) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let total = std::fs::metadata(capture).map_err(|error| reading(capture, error))?.len().min(until);
    let mut failed = None;
    let scanned = journal::scan(capture, 0, until, &mut |batch| {
        let at = batch.at.min(total);
        failed = match take(batch) {
            Err(error) => Some(error),
            Ok(()) if progress(at, total).is_break() => Some(ExportError::Cancelled),
            Ok(()) => None,
        };
        if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    match failed {
        Some(error) => Err(error),
        None => scanned.map(drop).map_err(|error| reading(capture, error)),
    }
}

/// What a log says of a record, of which `view` was read.
pub(super) fn entry<'a>(seq: u64, record: &Record, view: &'a View<'_>, flow: Option<&'a Flow>) -> Entry<'a> {
    let kind = record.kind;
    Entry {
        seq,
        at: view.at,
        kind,
        flow,
        // Other records have comments, too, but those only name the flow to the reader of the capture.
        comment: if kind == RecordKind::Refused { &view.comment } else { "" },
        bytes: view.payload,
        text: "",
        wholeness: Wholeness::Whole,
    }
}

/// A failure to read the capture.
pub(super) fn reading(capture: &Path, error: std::io::Error) -> ExportError {
    ExportError::Reading(capture.to_owned(), error)
}
