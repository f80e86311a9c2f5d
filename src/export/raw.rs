//! The raw bytes of one direction.

use std::io;
use std::path::Path;

use super::items::Items;
use super::whole::reading;
use super::{ExportError, Progress, Scope, Selection, part, whole};
use crate::analysis::Source;
use crate::journal::Reader;
use crate::model::Direction;

/// Writes the bytes that were sent in this direction.
pub(super) fn write(
    capture: &Path,
    scope: &Scope,
    direction: Direction,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    match scope {
        Scope::Whole(until) => write_whole(capture, *until, direction, out, progress),
        Scope::Part(selection) => write_part(capture, selection, direction, out, progress),
    }
}

fn write_whole(
    capture: &Path,
    until: u64,
    direction: Direction,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
    let mut walk = reader.walk();
    whole::batches(capture, until, progress, |batch| {
        for record in batch.records.iter().filter(|record| record.kind.direction() == Some(direction)) {
            let view = walk.read(record).map_err(|error| reading(capture, error))?;
            out.write_all(view.payload).map_err(ExportError::writing)?;
        }
        Ok(())
    })
}

fn write_part(
    capture: &Path,
    selection: &Selection,
    direction: Direction,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let index = &selection.index;
    let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
    let mut items = Items::new(capture, Source { index, reader: &reader });
    part::all(selection, progress, &mut |item| {
        if index.get(item.first()).is_none_or(|record| record.kind.direction() != Some(direction)) {
            return Ok(());
        }
        // A message may be larger than memory: at most one of its records is held.
        items.pieces(item, &mut |piece| out.write_all(piece)).map(drop)
    })
}
