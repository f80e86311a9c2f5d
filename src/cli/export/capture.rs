//! The file that `netassist export` reads: the capture, or what it was imported to.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::cli::Failure;
use crate::journal::{self, Opened, Part, Reading};

/// How much of a netassist capture is read before the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Some ten thousand records at its beginning, so that the export can start at once.
    Begin,
    /// All of it, for the notes.
    Through,
}

#[derive(Debug)]
pub(super) struct Capture {
    opened: Opened,
    notes: Arc<BTreeMap<u64, String>>,
}

impl Capture {
    /// Opens a capture; imports it if another program wrote it.
    pub(super) fn open(path: &Path, look: Look, how: Reading) -> Result<Self, Failure> {
        let (mut opened, mut notes) = (None::<Opened>, BTreeMap::new());
        let mut parts = 0;
        let read = journal::open(path, how, &mut |part| {
            match part {
                Part::Begins(capture) => (opened, notes) = (Some(capture), BTreeMap::new()),
                Part::More(batch) => {
                    notes.extend(batch.notes);
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
        let failure = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Failure::Usage(format!("{}: {error}", path.display())),
            _ => Failure::Network(format!("reading {}: {error}", path.display())),
        };
        match (opened, read) {
            (Some(opened), Ok(_torn)) => Ok(Self { opened, notes }),
            // The export reports the damage when it gets there, after exporting what is before it.
            (Some(opened), Err(_damage)) if !opened.is_imported() => Ok(Self { opened, notes }),
            (_, Err(error)) => Err(failure(error)),
            (None, Ok(_)) => Err(failure(io::ErrorKind::UnexpectedEof.into())),
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.opened.path()
    }

    pub(super) fn notes(&self) -> Option<Arc<BTreeMap<u64, String>>> {
        (!self.notes.is_empty()).then(|| Arc::clone(&self.notes))
    }
}
