//! `netassist export`.

mod capture;
mod part;

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use self::capture::{Capture, INCOMPLETE, Look};
use super::{Failure, args, is_stdout, say};
use crate::export::{self, Destination, ExportError, Format, Style};
use crate::journal::{self, Decryption, Reading, Tunnels};
use crate::model::Layers;

pub(super) fn run(args: &args::Export) -> Result<(), Failure> {
    if let Some(path) = args.output.as_ref().filter(|path| export::is_same(path, &args.capture)) {
        return Err(Failure::Usage(ExportError::IsTheCapture(path.clone()).to_string()));
    }
    // Notes and changes of the charset may be anywhere in the file, and a part is found by reading all of it.
    let all = args.format == Format::Pcapng || args.format.has_text() || args.part != args::Part::default();
    let tunnels = if args.inner { Tunnels::Inner } else { Tunnels::Outer };
    let decryption = args.keylog.clone().map_or(Decryption::OwnSecrets, Decryption::KeyLog);
    let how = Reading { tunnels, unpacked: args.max_unpacked, wire: args.wire, decryption };
    let look = if all { Look::Through } else { Look::Begin };
    let found = Capture::open(&args.capture, look, how.clone())?;
    let done = export(args, &found)?;
    match done {
        Ok(()) => found.damage(&args.capture),
        // Only its beginning was written by netassist. Nothing is lost: the output appears when it is complete.
        Err(ExportError::Reading(_, error)) if journal::is_foreign(&error) && args.output.is_some() => {
            let found = Capture::open(&args.capture, Look::Through, how)?;
            export(args, &found)?.map_err(failure)?;
            found.damage(&args.capture)
        }
        // The reader of standard output has closed it.
        Err(ExportError::Writing(path, error))
            if path.as_os_str().is_empty() && error.kind() == io::ErrorKind::BrokenPipe =>
        {
            Ok(())
        }
        Err(error) => Err(failure(error)),
    }
}

/// Exports what the arguments select. The outer error is a usage error.
fn export(args: &args::Export, capture: &Capture) -> Result<Result<(), ExportError>, Failure> {
    let style = Style {
        sent_charsets: capture.sent_charsets.clone(),
        notes: capture.notes(),
        ..Style::new(args.charset, args.body, jiff::tz::TimeZone::system())
    };
    let path = capture.path();
    // Other formats have one layer in any case.
    let is_plain = args.plain && args.format == Format::Pcapng;
    let layers = match (args.wire, is_plain) {
        (true, _) => Layers::Wire,
        (false, true) => Layers::Plain,
        (false, false) => Layers::Both,
    };
    let scope = part::scope(path, &args.part, (layers, args.charset))?;
    let mut read = (0, 0);
    let go_on = &mut |done, total| {
        read = (done, total);
        ControlFlow::Continue(())
    };
    let done = if let Some(output) = args.output.as_ref().filter(|path| !is_stdout(path)) {
        let to = Destination { path: output.clone(), overwrite: args.overwrite };
        export::to_file(path, &scope, args.format, &style, &to, go_on)
    } else {
        let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
        export::write(path, &scope, args.format, &style, &mut out, go_on)
            .and_then(|()| out.flush().map_err(|error| ExportError::Writing("".into(), error)))
    };
    // What follows the last whole block.
    if done.is_ok() && read.0 < read.1 && !capture.torn {
        say(format_args!("warning: {}: {INCOMPLETE}", args.capture.display()));
    }
    Ok(done)
}

fn failure(error: ExportError) -> Failure {
    match error {
        ExportError::Exists(path) => {
            Failure::Usage(format!("{} already exists; --overwrite replaces it", path.display()))
        }
        ExportError::IsTheCapture(_) | ExportError::NotAFile(_) => Failure::Usage(error.to_string()),
        ExportError::Writing(path, error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::Network(format!("{}: no such folder", path.display()))
        }
        ExportError::Reading(path, error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::Network(format!("{}: {error}", path.display()))
        }
        ExportError::Reading(..) | ExportError::Writing(..) | ExportError::Cancelled => {
            Failure::Network(error.to_string())
        }
    }
}
