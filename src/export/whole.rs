//! The pass over a whole capture. It rebuilds the index on the way, in constant memory except for a few bytes
//! per conversation.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use super::compose::{Composer, Decoding, Write};
use super::entry::Entry;
use super::{ExportError, Progress, Style};
use crate::journal::{self, Reader, View};
use crate::model::{Flow, FlowId, Record, RecordKind, Wholeness};

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
    let mut seq = 0;
    let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
    let mut walk = reader.walk();
    batches(capture, until, progress, |batch| {
        flows.extend(batch.flows.into_iter().map(|flow| (flow.id, flow)));
        batch.records.iter().try_for_each(|record| {
            let view = walk.read(record).map_err(|error| reading(capture, error))?;
            seq += 1;
            let entry = entry(seq, record, &view, flows.get(&record.flow));
            composer.item(record.flow, entry, style, write).map_err(ExportError::writing)
        })
    })
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

/// The entry of a record that was read into `view`.
pub(super) fn entry<'a>(seq: u64, record: &Record, view: &'a View<'_>, flow: Option<&'a Flow>) -> Entry<'a> {
    let kind = record.kind;
    Entry {
        seq,
        at: view.at,
        last: view.at,
        kind,
        flow,
        local: view.local,
        // Comments on other records are labels of flows.
        comment: if kind == RecordKind::Refused { &view.comment } else { "" },
        bytes: view.payload,
        text: "",
        wholeness: Wholeness::Whole,
    }
}

/// An error while reading the capture.
pub(super) fn reading(capture: &Path, error: std::io::Error) -> ExportError {
    ExportError::Reading(capture.to_owned(), error)
}
