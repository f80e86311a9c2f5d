//! The raw bytes of one direction.

use std::fs::File;
use std::io;
use std::path::Path;

use super::whole::reading;
use super::{ExportError, Progress, Scope, part, whole};
use crate::journal::{Reader, Scanner};
use crate::model::{Direction, Record};

/// Writes the bytes that were sent in this direction.
pub(super) fn write(
    capture: &Path,
    scope: &Scope,
    direction: Direction,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let is_wanted = |record: &Record| record.kind.direction() == Some(direction);
    match scope {
        Scope::Whole(until) => {
            let reader = Reader::open(capture).map_err(|error| reading(capture, error))?;
            let mut walk = reader.walk();
            let file = File::open(capture).map_err(|error| reading(capture, error))?;
            whole::batches((capture, &file), &mut Scanner::default(), *until, progress, |batch| {
                batch.records.iter().filter(|record| is_wanted(record)).try_for_each(|record| {
                    let payload = walk.payload(record).map_err(|error| reading(capture, error))?;
                    out.write_all(payload).map_err(ExportError::writing)
                })
            })
        }
        Scope::Part(selection) => part::all(capture, selection, progress, &mut |items, item, record| {
            if !is_wanted(record) {
                return Ok(());
            }
            // A message may be larger than memory: at most one of its records is held.
            items.pieces(item, &mut |piece| out.write_all(piece)).map(drop)
        }),
    }
}
