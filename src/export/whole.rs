//! The pass over a whole capture. It rebuilds the index on the way, in constant memory except for a few bytes
//! per conversation.

use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::compose::{Composer, Decoding, Write};
use super::entry::{Entry, of_notes};
use super::{ExportError, Progress, Style};
use crate::codec::websocket::Opcode;
use crate::journal::{self, Reader, Scanner, View};
use crate::model::{
    Flow, FlowId, Message, PassedFrom, Record, RecordKind, SessionNote, Wholeness, Why, WsMark,
};

/// A pass over a file, which may continue as it grows, and in another file.
#[derive(Debug)]
pub(super) struct Pass {
    path: PathBuf,
    file: File,
    reader: Reader,
    scanner: Scanner,
    flows: HashMap<FlowId, Flow>,
    composer: Composer,
    /// How many records were passed.
    pub(super) records: u64,
}

impl Pass {
    /// `records` is the number of records before those of the file.
    pub(super) fn open(path: &Path, records: u64) -> Result<Self, ExportError> {
        Ok(Self {
            path: path.to_owned(),
            file: File::open(path).map_err(|error| reading(path, error))?,
            reader: Reader::open(path).map_err(|error| reading(path, error))?,
            scanner: Scanner::default(),
            flows: HashMap::new(),
            composer: Composer::new(Decoding::Stream),
            records,
        })
    }

    /// Goes on in another file, with this number of records before it.
    pub(super) fn go_on(&mut self, path: &Path, records: u64) -> Result<(), ExportError> {
        let before = std::mem::replace(self, Self::open(path, records)?);
        self.composer = before.composer;
        Ok(())
    }

    /// Calls `write` for each record up to the offset `until` that was not passed yet.
    pub(super) fn advance(
        &mut self,
        until: u64,
        style: &Style,
        write: Write<'_>,
        progress: Progress<'_>,
    ) -> Result<(), ExportError> {
        let Self { path, file, reader, scanner, flows, composer, records } = self;
        let mut walk = reader.walk();
        batches((path, file), scanner, until, progress, |batch| {
            flows.extend(batch.flows.into_iter().map(|flow| (flow.id, flow)));
            batch.records.iter().try_for_each(|record| {
                let view = walk.read(record).map_err(|error| reading(path, error))?;
                *records += 1;
                let mut entry = entry(*records, record, &view, flows.get(&record.flow));
                let note = style.notes.as_ref().and_then(|notes| notes.get(&(*records - 1)));
                let item = Message::record(*records - 1, record.len);
                let (not_passed, note) = of_notes(note.map(String::as_str).into_iter(), &item);
                if !not_passed.is_empty() {
                    entry.why = &not_passed;
                }
                entry.note = &note;
                composer.item(record.flow, entry, style, write).map_err(ExportError::writing)
            })
        })
    }
}

/// Calls `take` for each part of the index.
pub(super) fn batches(
    (capture, file): (&Path, &File),
    scanner: &mut Scanner,
    until: u64,
    progress: Progress<'_>,
    mut take: impl FnMut(journal::ScanBatch) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let total = file.metadata().map_err(|error| reading(capture, error))?.len().min(until);
    let mut failed = None;
    let end = scanner.advance(file, (0, until), &mut |batch| {
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
        None => end.map(drop).map_err(|error| reading(capture, error)),
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
        why: why(kind, &view.comment),
        note: "",
        opcode: opcode(kind, &view.comment, view.note.as_ref()),
        own: view.note.as_ref(),
        bytes: view.payload,
        text: "",
        wholeness: Wholeness::Whole,
    }
}

/// What a relay has done with data that it sends, from the comment on their packet.
pub(super) fn why(kind: RecordKind, comment: &str) -> &str {
    let (from, why) = PassedFrom::read(comment);
    let is_relay = kind.direction().is_some() && (from.is_some() || why == Why::ADDED);
    if is_relay && !Why::read_all(why).is_empty() { why } else { "" }
}

/// What a WebSocket has carried a record as, from the comment on its packet, or which frame it is.
pub(super) fn opcode(kind: RecordKind, comment: &str, note: Option<&SessionNote>) -> Option<Opcode> {
    match note {
        Some(SessionNote::Ws(note)) => note.opcode(),
        _ if kind.direction().is_some() => WsMark::read(comment).0.map(|mark| mark.opcode),
        _ => None,
    }
}

/// An error while reading the capture.
pub(super) fn reading(capture: &Path, error: std::io::Error) -> ExportError {
    ExportError::Reading(capture.to_owned(), error)
}
