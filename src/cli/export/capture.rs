//! The file that `netassist export` reads: the capture, or what it was imported to.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::cli::{Failure, say};
use crate::journal::{self, Opened, Part, Reading};
use crate::model::SentCharsets;

/// How much of a netassist capture is read before the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Some ten thousand records at its beginning, so that the export can start at once.
    Begin,
    /// All of it, for the notes.
    Through,
}

/// What is wrong with a capture whose last block or packet is not whole.
pub(super) const INCOMPLETE: &str =
    "the end is incomplete: the program that wrote it was interrupted, or is still writing";

fn failure(path: &Path, error: &io::Error) -> Failure {
    let reading = if error.kind() == io::ErrorKind::NotFound { "" } else { "reading " };
    Failure::Network(format!("{reading}{}: {error}", path.display()))
}

#[derive(Debug)]
pub(super) struct Capture {
    opened: Opened,
    notes: Arc<BTreeMap<u64, String>>,
    /// The charsets of text sent.
    pub(super) sent_charsets: SentCharsets,
    /// Why the rest cannot be read.
    damage: Option<io::Error>,
    /// Its incomplete end was named.
    pub(super) torn: bool,
}

impl Capture {
    /// Opens a capture; imports it if another program wrote it.
    pub(super) fn open(path: &Path, look: Look, how: Reading) -> Result<Self, Failure> {
        let (mut opened, mut notes) = (None::<Opened>, BTreeMap::new());
        let (mut sent_charsets, mut n_records) = (SentCharsets::default(), 0);
        let mut parts = 0;
        let read = journal::open(path, how, &mut |part| {
            match part {
                Part::Begins(capture) => {
                    (opened, notes, parts) = (Some(capture), BTreeMap::new(), 0);
                    (sent_charsets, n_records) = (SentCharsets::default(), 0);
                }
                Part::More(batch) => {
                    notes.extend(batch.notes);
                    sent_charsets.extend(n_records, &batch.records);
                    n_records += batch.records.len() as u64;
                    parts += 1;
                }
            }
            match (look, &opened) {
                (Look::Begin, Some(opened)) if !opened.is_imported() && parts == 2 => ControlFlow::Break(()),
                (Look::Begin | Look::Through, _) => ControlFlow::Continue(()),
            }
        });
        notes.retain(|_, note| !note.is_empty());
        let notes = Arc::new(notes);
        let failure = |error| failure(path, &error);
        match (opened, read) {
            (Some(opened), Ok(torn)) => {
                if torn {
                    say(format_args!("warning: {}: {INCOMPLETE}", path.display()));
                } else if n_records == 0 {
                    say(format_args!("warning: {}: the capture is empty", path.display()));
                }
                Ok(Self { opened, notes, sent_charsets, damage: None, torn })
            }
            // An import has some part if the file is a capture.
            (Some(opened), Err(damage)) if parts > 0 || !opened.is_imported() => {
                Ok(Self { opened, notes, sent_charsets, damage: Some(damage), torn: false })
            }
            (_, Err(error)) => Err(failure(error)),
            (None, Ok(_)) => Err(failure(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// That the rest cannot be read, once all before it is exported.
    pub(super) fn damage(&self, path: &Path) -> Result<(), Failure> {
        self.damage.as_ref().map_or(Ok(()), |error| Err(failure(path, error)))
    }

    pub(super) fn path(&self) -> &Path {
        self.opened.path()
    }

    pub(super) fn notes(&self) -> Option<Arc<BTreeMap<u64, String>>> {
        (!self.notes.is_empty()).then(|| Arc::clone(&self.notes))
    }
}
