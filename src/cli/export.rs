//! `netassist export`.

mod part;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::{Failure, args};
use crate::export::{self, Body, Destination, ExportError, Style};
use crate::journal::{self, Opened, Part};

/// What to save as what.
#[derive(Debug)]
pub(super) struct Export {
    args: args::Export,
}

impl Export {
    pub(super) fn new(args: args::Export) -> Self {
        Self { args }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        let mut args = self.args;
        let (opened, notes) = open(&args.capture)?;
        if let Some(path) = args.output.as_ref().filter(|path| export::is_same(path, &args.capture)) {
            return Err(Failure::Usage(ExportError::IsTheCapture(path.clone()).to_string()));
        }
        args.capture = opened.path().to_owned();
        let style = Style {
            charset: args.charset,
            body: match args.body {
                args::Body::Text => Body::Text,
                args::Body::Hex => Body::Hex,
                args::Body::Dump => Body::Dump,
            },
            zone: jiff::tz::TimeZone::system(),
            notes: (!notes.is_empty()).then(|| Arc::new(notes)),
        };
        let scope = part::scope(&args)?;
        let go_on = &mut |_done, _total| ControlFlow::Continue(());
        let done = if let Some(path) = args.output {
            let to = Destination { path, overwrite: args.overwrite };
            export::to_file(&args.capture, &scope, args.format, &style, &to, go_on)
        } else {
            let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            export::write(&args.capture, &scope, args.format, &style, &mut out, go_on)
                .and_then(|()| out.flush().map_err(|error| ExportError::Writing("".into(), error)))
        };
        match done {
            Ok(()) => Ok(()),
            // Whoever read standard output has seen enough.
            Err(ExportError::Writing(path, error))
                if path.as_os_str().is_empty() && error.kind() == io::ErrorKind::BrokenPipe =>
            {
                Ok(())
            }
            Err(error) => Err(failure(error)),
        }
    }
}

/// What becomes of the exit status.
fn failure(error: ExportError) -> Failure {
    match error {
        ExportError::Exists(path) => {
            Failure::Usage(format!("{} exists already; --overwrite replaces it", path.display()))
        }
        ExportError::IsTheCapture(_) | ExportError::NotAFile(_) => Failure::Usage(error.to_string()),
        ExportError::Writing(path, error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::Usage(format!("{}: there is no such folder", path.display()))
        }
        ExportError::Reading(path, error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::Usage(format!("{}: {error}", path.display()))
        }
        ExportError::Reading(..) | ExportError::Writing(..) | ExportError::Cancelled => {
            Failure::Network(error.to_string())
        }
    }
}

/// Opens a capture of any program; gives the file that its records stand in, and the notes on them.
fn open(path: &Path) -> Result<(Opened, BTreeMap<u64, String>), Failure> {
    let (mut opened, mut notes) = (None, BTreeMap::new());
    let read = journal::open(path, &mut |part| {
        match part {
            Part::Begins(capture) => (opened, notes) = (Some(capture), BTreeMap::new()),
            Part::More(batch) => notes.extend(batch.notes),
        }
        ControlFlow::Continue(())
    });
    notes.retain(|_, note| !note.is_empty());
    let failure = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Usage(format!("{}: {error}", path.display())),
        _ => Failure::Network(format!("reading {}: {error}", path.display())),
    };
    match (opened, read) {
        (Some(opened), Ok(_torn)) => Ok((opened, notes)),
        // The export comes to the same place, gives what stands before, and says what is wrong there.
        (Some(opened), Err(_damage)) if !opened.is_imported() => Ok((opened, notes)),
        (_, Err(error)) => Err(failure(error)),
        (None, Ok(_)) => Err(failure(io::ErrorKind::UnexpectedEof.into())),
    }
}
