//! Saves a whole capture, as it is or with the user's notes. All blocks are copied as they are, except those of
//! records that have a note or had one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::annotation;
use super::block;
use super::conversation::Label;
use super::scan::{is_foreign, scan};
use super::window::Window;
use crate::model::Why;

/// How many bytes of the capture are processed between two calls of `progress`.
const TELL_EVERY: u64 = 1 << 20;

/// Why a capture was not saved.
#[derive(Debug)]
pub enum SaveError {
    /// The capture cannot be read.
    Reading(io::Error),
    /// The output cannot be written.
    Writing(io::Error),
    /// `progress` asked to stop.
    Stopped,
}

/// Writes the first `until` bytes of a capture to `out`, up to a torn block. `None` copies them byte for byte.
///
/// Else the copy has these notes and no others, by record number from 0. A note becomes a comment on the packet of its record, where other programs show it; a note on a record
/// that is not a packet follows it. Notes that were appended while the capture was being written are dropped.
/// Saving the result again with the same notes gives the same bytes.
///
/// `progress` is called now and then with the work done and the total.
///
/// # Errors
/// When the capture cannot be read, `out` cannot be written, or `progress` asks to stop.
pub fn save(
    capture: &Path,
    until: u64,
    notes: Option<&BTreeMap<u64, String>>,
    out: &mut dyn io::Write,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), SaveError> {
    let file = File::open(capture).map_err(SaveError::Reading)?;
    let until = file.metadata().map_err(SaveError::Reading)?.len().min(until);
    // With notes the capture is read twice.
    let (total, done) = if notes.is_some() { (until.saturating_mul(2), until) } else { (until, 0) };
    let Touched { records, until, damage } = match notes {
        Some(notes) => touched(capture, until, notes, &mut |at| progress(at, total))?,
        None => Touched { records: BTreeMap::new(), until, damage: None },
    };
    let mut touched = records.into_iter().peekable();
    let mut window = Window::new(&file, until);
    let mut changed = Vec::new();
    let (mut at, mut told) = (0, 0);
    while let Some((kind, len)) = next(&mut window, at, until).map_err(SaveError::Reading)? {
        let bytes = window.get(at, len).map_err(SaveError::Reading)?;
        if bytes.len() < len {
            return Err(SaveError::Reading(io::ErrorKind::UnexpectedEof.into()));
        }
        let note = touched.next_if(|(offset, _)| *offset == at).map(|(_, note)| note);
        changed.clear();
        match (kind, note) {
            (block::PACKET, Some(note)) => push_noted(&mut changed, bytes, note.text),
            (block::STATISTICS, Some(note)) => push_annotated(&mut changed, bytes, note),
            (block::STATISTICS, None) if notes.is_some() && is_annotation(bytes) => {}
            _ => out.write_all(bytes).map_err(SaveError::Writing)?,
        }
        out.write_all(&changed).map_err(SaveError::Writing)?;
        at += len as u64;
        if at - told >= TELL_EVERY {
            told = at;
            if progress(done + at, total).is_break() {
                return Err(SaveError::Stopped);
            }
        }
    }
    match damage {
        Some(error) => Err(SaveError::Reading(error)),
        None if progress(total, total).is_break() => Err(SaveError::Stopped),
        None => Ok(()),
    }
}

#[derive(Debug, Clone, Copy)]
struct Note<'a> {
    record: u64,
    /// Empty for none.
    text: &'a str,
}

/// The blocks of all records that have a note or had one.
#[derive(Debug)]
struct Touched<'a> {
    /// By offset.
    records: BTreeMap<u64, Note<'a>>,
    /// How far the capture can be read, and why no further.
    until: u64,
    damage: Option<io::Error>,
}

fn touched<'a>(
    capture: &Path,
    until: u64,
    notes: &'a BTreeMap<u64, String>,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Touched<'a>, SaveError> {
    let mut records = BTreeMap::new();
    let (mut first, mut until_damage) = (0, 0);
    let mut stopped = false;
    let scanned = scan(capture, 0, until, &mut |batch| {
        let next = first + batch.records.len() as u64;
        let offset = |n: u64| {
            let n = usize::try_from(n.checked_sub(first)?).ok()?;
            batch.records.get(n).map(|record| record.offset)
        };
        let had = batch.notes.iter().map(|(n, _)| Note { record: *n, text: "" });
        let gets = notes.range(first..next).map(|(n, text)| Note { record: *n, text });
        records.extend(had.chain(gets).filter_map(|note| Some((offset(note.record)?, note))));
        (first, until_damage) = (next, batch.at);
        let go_on = progress(batch.at);
        stopped = go_on.is_break();
        go_on
    });
    match scanned {
        Ok(_) if stopped => Err(SaveError::Stopped),
        Ok(_) => Ok(Touched { records, until, damage: None }),
        Err(error) if error.kind() == io::ErrorKind::InvalidData && !is_foreign(&error) => {
            Ok(Touched { records, until: until_damage, damage: Some(error) })
        }
        Err(error) => Err(SaveError::Reading(error)),
    }
}

/// Type and length of the block at `at`; `None` at the end, and if the rest is not a whole block.
fn next(window: &mut Window<'_>, at: u64, until: u64) -> io::Result<Option<(u32, usize)>> {
    let head = window.get(at, 8)?;
    let (Some(kind), Some(total)) = (block::u32_at(head, 0), block::u32_at(head, 4)) else {
        return Ok(None);
    };
    let whole = (12..=block::MAX_LEN).contains(&total) && total % 4 == 0;
    let within = at.saturating_add(u64::from(total)) <= until;
    Ok((whole && within).then_some((kind, total as usize)))
}

/// Appends a packet block with the writer's own comment and this note, but no other comments.
fn push_noted(out: &mut Vec<u8>, bytes: &[u8], note: &str) {
    let captured = block::u32_at(bytes, 20).unwrap_or_default() as usize;
    let options_at = (block::PACKET_HEAD + block::padded(captured)).min(bytes.len().saturating_sub(4));
    let (head, options) = bytes.split_at(options_at);
    let options = options.get(..options.len().saturating_sub(4)).unwrap_or_default();
    let start = out.len();
    out.extend_from_slice(head);
    let mut before_flags = true;
    for (code, value) in block::options(options) {
        before_flags &= code != block::OPT_FLAGS;
        let is_own = || Label::parse(value).is_some() || Why::is_own(value);
        if code != block::OPT_COMMENT || before_flags && is_own() {
            block::push_option(out, code, value);
        }
    }
    block::end_packet(out, start, note);
}

/// Appends a statistics block that is a record, and the note on it.
fn push_annotated(out: &mut Vec<u8>, bytes: &[u8], note: Note<'_>) {
    out.extend_from_slice(bytes);
    if let (Some(interface), Some(at)) = (block::u32_at(bytes, 8), block::time_at(bytes, 12))
        && !note.text.is_empty()
    {
        let name = annotation::text(note.record);
        let comments = |out: &mut Vec<u8>| block::push_comments(out, &[&name, note.text]);
        block::push_statistics(out, interface, at, comments);
    }
}

/// Whether a statistics block is a note on a record.
fn is_annotation(bytes: &[u8]) -> bool {
    let mut comments = block::options(bytes.get(20..bytes.len().saturating_sub(4)).unwrap_or_default())
        .filter(|(code, _)| *code == block::OPT_COMMENT);
    let first = comments.next();
    comments.next().is_some() && first.is_some_and(|(_, text)| annotation::parse(text).is_some())
}
