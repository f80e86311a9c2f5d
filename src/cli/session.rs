//! `netassist tcp-client`, `tcp-server` and `udp`: opens what the plan says, works until the end, and
//! tells what came of it.

mod feed;
mod files;
mod outcome;
mod shell;
mod shorts;
mod sweep;
mod timed;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use self::feed::StdinFeed;
use self::shell::Shell;
use super::args::{Print, Stdin};
use super::plan::{Plan, Timing};
use super::print::{self, Looks, Printer};
use super::{Failure, input, is_stdout, say};
use crate::codec::frame::Framing;
use crate::export::{self, Destination, ExportError, LogFile, Style, is_descriptor};
use crate::journal::{Hold, Reader, Store, Writer};
use crate::model::{FileToSend, KeepAlive, Options, Rotation};
use crate::net::{OpenSession, Setup, wall_now};
use crate::store::folders;

const PIECE: usize = 64 * 1024;

/// How long the end waits for the log.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn run(plan: &Plan) -> Result<(), Failure> {
    let network = |error: std::io::Error| Failure::Network(error.to_string());
    let protocol = plan.link.protocol();
    let interrupts = interrupts()?;
    let capture = open_capture(plan)?;
    let print = match plan.print {
        // What is printed is read from the capture.
        None if capture.is_stream => Print::None,
        None if protocol.relays() => Print::Log,
        print => print.unwrap_or_else(print::suitable),
    };
    let printer = match print {
        Print::None => None,
        what @ (Print::Text | Print::Hex | Print::Log | Print::Raw) => {
            // Only hex and logs have lines, one per message.
            let framing = match what {
                Print::Hex | Print::Log => plan.framing.clone(),
                Print::Text | Print::Raw | Print::None => Framing::AsReceived,
            };
            let looks = Looks { what, charset: plan.charset, body: plan.body, framing };
            Some(Printer::start(capture.writer.reader(), &looks).map_err(network)?)
        }
    };
    let log = plan.log.as_ref().map(|path| log_file(path, plan, &capture.writer.reader())).transpose()?;
    let piece = if protocol.is_stream() { PIECE } else { FileToSend::DATAGRAM as usize };
    // Short connections do not send standard input.
    let usual = || if protocol.relays() { Stdin::None } else { input::usual() };
    let stdin = if plan.options.short.is_some() { Stdin::None } else { plan.stdin.unwrap_or_else(usual) };
    let input = if stdin == Stdin::None {
        None
    } else {
        Some(input::start(piece, plan.line_break).map_err(network)?)
    };
    // A peer that has closed its sending side may still expect data. The shell
    // closes ours when there is nothing more to send.
    let is_sequence = matches!(plan.timing, Timing::Sequence(_));
    let half_open = plan.options.half_open || input.is_some() || !plan.send.is_empty() || is_sequence;
    let mut options = Options { half_open, ..plan.options.clone() };
    options.tls.authority = folders::state();
    let setup = Setup {
        link: plan.link.clone(),
        options,
        title: plan.link.to_string(),
        framing: plan.framing.clone(),
        rules: Arc::clone(&plan.rules),
        keeps_early: is_sequence,
    };
    // The shell waits for the events themselves, so no wake-up is needed.
    let session = OpenSession::open(setup, Box::new(capture.writer), Arc::new(|| {}))
        .map_err(|error| Failure::Network(error.to_string()))?;
    let mut outcome =
        Shell::new(plan, (session, &capture.path), printer, StdinFeed::new(input), interrupts).work();
    // It has the rest within a moment, unless the disk hangs.
    if let Some((end, failed)) = log {
        outcome.trouble |= end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout);
        outcome.trouble |= failed.load(Ordering::Relaxed);
    }
    // From here on it may be removed.
    drop(capture.hold);
    if let Some(sweep) = capture.sweep {
        sweep::finish(&sweep);
    }
    outcome.tell(protocol, KeepAlive::of(&plan.options, protocol))
}

fn interrupts() -> Result<Receiver<()>, Failure> {
    let (sender, receiver) = bounded(8);
    // Further interrupts change nothing.
    ctrlc::set_handler(move || sender.try_send(()).unwrap_or_default())
        .map_err(|error| Failure::Network(format!("waiting for Ctrl-C: {error}")))?;
    Ok(receiver)
}

/// Starts the log of a session. Returns what is disconnected at its end, and whether writing has failed.
fn log_file(
    path: &Path,
    plan: &Plan,
    reader: &Reader,
) -> Result<(mpsc::Receiver<()>, Arc<AtomicBool>), Failure> {
    let style = Style::new(plan.charset, plan.body, jiff::tz::TimeZone::system());
    let Options { log_format: format, rotate: rotation, .. } = plan.options;
    let failed = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&failed);
    let tell = Box::new(move |path: &Path, error: &std::io::Error| {
        told.store(true, Ordering::Relaxed);
        say(format_args!("error: cannot write {}: {error}", path.display()));
    });
    let log = LogFile { path: path.to_owned(), format, rotation, style };
    export::follow(reader, log, tell).map(|end| (end, failed)).map_err(|error| match error {
        ExportError::Exists(_) => Failure::Usage(error.to_string()),
        _ => Failure::Network(error.to_string()),
    })
}

struct Capture {
    path: PathBuf,
    writer: Writer,
    /// It is a pipe or a device.
    is_stream: bool,
    /// Protects a capture in the user's folder from removal.
    hold: Option<Hold>,
    sweep: Option<Receiver<()>>,
}

impl Capture {
    fn new(writer: Writer) -> Self {
        Self { path: writer.path().to_owned(), writer, is_stream: false, hold: None, sweep: None }
    }
}

fn open_capture(plan: &Plan) -> Result<Capture, Failure> {
    match &plan.capture {
        Some(destination) => named_capture(destination, plan),
        None => kept_capture(&plan.link.to_string(), plan.options.rotate).map_err(|error| {
            Failure::Network(format!("keeping the capture: {error}; choose another file with --capture"))
        }),
    }
}

fn named_capture(
    Destination { path, overwrite }: &Destination,
    Plan { print, options, .. }: &Plan,
) -> Result<Capture, Failure> {
    let shown = path.display();
    let writing = |error: std::io::Error| Failure::Network(format!("writing {shown}: {error}"));
    let stream = match std::fs::metadata(path) {
        _ if is_stdout(path) => Some(stdout()),
        Ok(found) if found.is_dir() => return Err(Failure::Usage(format!("{shown} is a folder"))),
        Ok(found) if !found.is_file() || is_descriptor(path) => Some(File::options().write(true).open(path)),
        Ok(_) | Err(_) => None,
    };
    if let Some(file) = stream {
        if print.is_some_and(|print| print != Print::None) || options.rotate.is_some() {
            return Err(Failure::Usage(format!(
                "{shown} cannot be read back; use --print none and no --rotate"
            )));
        }
        let writer = file.and_then(|file| Writer::onto(path, file)).map_err(writing)?;
        return Ok(Capture { is_stream: true, ..Capture::new(writer) });
    }
    if let Some(rotation) = options.rotate {
        // Two sessions must not remove each other's files.
        let hold = Hold::take(path).map_err(writing)?;
        let hold = hold.ok_or_else(|| Failure::Usage(format!("another session records to {shown}")))?;
        let writer = Writer::create_in_parts(path, rotation, wall_now()).map_err(writing)?;
        return Ok(Capture { hold: Some(hold), ..Capture::new(writer) });
    }
    // A link that leads nowhere is removed as well.
    if *overwrite && path.symlink_metadata().is_ok() {
        std::fs::remove_file(path).map_err(writing)?;
    }
    match Writer::create(path) {
        Ok(writer) => Ok(Capture::new(writer)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Failure::Usage(format!("{shown} already exists; --overwrite replaces it")))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure::Network(format!("{shown}: no such folder")))
        }
        Err(error) => Err(writing(error)),
    }
}

/// Standard output itself: to open it by its name would begin anew at the start of a file.
#[cfg(unix)]
fn stdout() -> std::io::Result<File> {
    use std::os::fd::AsFd as _;
    std::io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn stdout() -> std::io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    std::io::stdout().as_handle().try_clone_to_owned().map(File::from)
}

fn kept_capture(endpoint: &str, rotation: Option<Rotation>) -> std::io::Result<Capture> {
    let store = Store::open_default()?;
    let capture = store.create_with(endpoint, rotation, wall_now())?;
    let (hold, sweep) = (Some(capture.hold), Some(sweep::start(store)));
    Ok(Capture { hold, sweep, ..Capture::new(capture.writer) })
}
