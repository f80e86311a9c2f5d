//! `netassist export`.

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use super::{Failure, args};
use crate::export::{self, Body, Destination, ExportError, Scope, Style};

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
        let args = self.args;
        let style = Style {
            charset: args.charset,
            body: match args.body {
                args::Body::Text => Body::Text,
                args::Body::Hex => Body::Hex,
                args::Body::Dump => Body::Dump,
            },
            zone: jiff::tz::TimeZone::system(),
        };
        let go_on = &mut |_done, _total| ControlFlow::Continue(());
        let done = if let Some(path) = args.output {
            let to = Destination { path, overwrite: args.overwrite };
            export::to_file(&args.capture, &Scope::ALL, args.format, &style, &to, go_on)
        } else {
            let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
            export::write(&args.capture, &Scope::ALL, args.format, &style, &mut out, go_on)
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
            Err(ExportError::Exists(path)) => {
                Err(Failure::Usage(format!("{} exists already; --overwrite replaces it", path.display())))
            }
            Err(error @ (ExportError::IsTheCapture(_) | ExportError::NotAFile(_))) => {
                Err(Failure::Usage(error.to_string()))
            }
            Err(ExportError::Writing(path, error)) if error.kind() == io::ErrorKind::NotFound => {
                Err(Failure::Usage(format!("{}: there is no such folder", path.display())))
            }
            Err(ExportError::Reading(path, error)) if error.kind() == io::ErrorKind::NotFound => {
                Err(Failure::Usage(format!("{}: {error}", path.display())))
            }
            Err(error @ (ExportError::Reading(..) | ExportError::Writing(..) | ExportError::Cancelled)) => {
                Err(Failure::Network(error.to_string()))
            }
        }
    }
}
