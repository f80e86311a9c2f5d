//! The terminal's shell: the same sessions as in the window, for scripts. It parses the command line,
//! turns it into a plan, opens a session and tells on the terminal what comes of it.
//!
//! Standard output carries data only; all that is said about them goes to standard error. The exit
//! status is 0 on success, 1 after a network or file error, 2 after a usage error.

mod answers;
mod args;
mod examples;
mod export;
mod input;
mod logging;
mod pages;
mod plan;
mod print;
mod session;
mod values;

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{CommandFactory as _, FromArgMatches as _, error::ErrorKind};

use self::args::{Arguments, Subcommand};
use self::plan::Plan;
use crate::model::{Cause, reworded};
use crate::ui::lang::Lang;

/// What the command line asks for.
#[derive(Debug)]
pub enum Parsed {
    /// The window, on these captures and workspaces.
    Window {
        /// The files, in the order given.
        files: Vec<PathBuf>,
    },
    /// A run without a window.
    Run(Run),
}

/// A run without a window, with valid arguments.
#[derive(Debug)]
pub struct Run(Job);

#[derive(Debug)]
enum Job {
    Session(Box<Plan>),
    Export(Box<args::Export>),
    /// The workspace cannot be read: why.
    Missing(String),
    /// An example of rules by its name, or the list of all.
    Examples(Option<String>),
}

/// Reads this process's command line and starts one of the two shells; `show` shows the window, on these captures and
/// workspaces, until it is closed. Help, the version and what is wrong with the command line are printed, with status 0
/// or 2.
pub fn main(show: impl FnOnce(Vec<PathBuf>) -> Result<(), String>) -> ExitCode {
    block_file_size_signal();
    match parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit()) {
        Parsed::Window { files } => window(|| show(files)),
        Parsed::Run(run) => self::run(run),
    }
}

/// Makes a file that reaches the limit of its size (`ulimit -f`) an error of the write, which can be handled, for all
/// threads that start later.
#[cfg(unix)]
fn block_file_size_signal() {
    use nix::sys::signal::{SigSet, Signal};
    let blocked = SigSet::from(Signal::SIGXFSZ);
    // Without it, such a write ends the process, as it does by default.
    blocked.thread_block().unwrap_or_default();
}

#[cfg(not(unix))]
fn block_file_size_signal() {}

/// Reads a command line, whose first argument is the program's name.
///
/// # Errors
/// When the command line is invalid, or asks for help or the version; the error prints itself.
pub fn parse_from(
    args: impl IntoIterator<Item = impl Into<std::ffi::OsString> + Clone>,
) -> Result<Parsed, clap::Error> {
    let mut command = Arguments::command();
    let matches = command.try_get_matches_from_mut(args)?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    arguments.logging.start();
    // Only the matches keep the order of the options.
    let chosen = matches.subcommand().map(|(_, matches)| matches);
    let plan = match (arguments.command, chosen) {
        (None, _) | (_, None) => return Ok(Parsed::Window { files: Vec::new() }),
        (Some(Subcommand::Open { files }), _) => return Ok(Parsed::Window { files }),
        (Some(Subcommand::Export(args)), _) => {
            return Ok(Parsed::Run(Run(Job::Export(args))));
        }
        (Some(Subcommand::Examples { name }), _) => return Ok(Parsed::Run(Run(Job::Examples(name)))),
        (Some(Subcommand::Session(command)), Some(matches)) => match command.missing() {
            Some(why) => return Ok(Parsed::Run(Run(Job::Missing(why)))),
            None => Plan::of(*command, matches).map(Plan::without_decisions),
        },
    };
    match plan {
        Ok(plan) => Ok(Parsed::Run(Run(Job::Session(Box::new(plan))))),
        Err(wrong) => {
            // Shows the usage of the subcommand.
            let name = matches.subcommand_name().unwrap_or_default();
            let command = match command.find_subcommand_mut(name) {
                Some(subcommand) => subcommand,
                None => &mut command,
            };
            Err(command.error(ErrorKind::ValueValidation, reworded(&wrong, Cause::to_string)))
        }
    }
}

/// The definition of the command line, for its manual pages and completions.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Does what the command line asked for, and gives the exit status.
fn run(run: Run) -> ExitCode {
    let outcome = match run.0 {
        Job::Session(plan) => {
            plan.warnings.iter().for_each(|warning| say(format_args!("warning: {warning}")));
            session::run(&plan)
        }
        Job::Export(args) => export::run(&args),
        Job::Missing(why) => Err(Failure::Network(why)),
        Job::Examples(name) => examples::run(name.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Network(why)) => {
            say(format_args!("error: {why}"));
            ExitCode::from(1)
        }
        Err(Failure::NetworkSaid) => ExitCode::from(1),
        Err(Failure::Usage(why)) => {
            say(format_args!("error: {why}"));
            ExitCode::from(2)
        }
    }
}

/// Shows the window, says on standard error why if it cannot be shown, and gives the exit status.
fn window(show: impl FnOnce() -> Result<(), String>) -> ExitCode {
    let Err(why) = show() else { return ExitCode::SUCCESS };
    say(format_args!("error: {why}"));
    if cfg!(target_os = "linux") {
        say(LINUX_NEEDS);
    } else if cfg!(windows) {
        say(Lang::En.needs_opengl());
    }
    ExitCode::from(1)
}

const LINUX_NEEDS: &str = "\
The window needs a display (DISPLAY or WAYLAND_DISPLAY is set) and, on Debian and Ubuntu, the packages
libgl1 libegl1 libgl1-mesa-dri libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0,
and for Wayland libwayland-client0 libwayland-cursor0 libwayland-egl1.
Without a window the same sessions run from the command line: netassist --help";

/// Whether a path names standard output. As a file, it may not be replaced.
fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Why a run failed.
#[derive(Debug)]
enum Failure {
    /// A network or file error: exit status 1.
    Network(String),
    NetworkSaid,
    /// A usage error: exit status 2.
    Usage(String),
}

/// Standard error shows a line that will be overwritten.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Erases the current line (ECMA-48, EL).
const ERASE: &str = "\r\x1b[K";

/// Prints a line to standard error, ignoring failures.
fn say(line: impl Display) {
    let erase = if SHOWN.swap(false, Ordering::Relaxed) { ERASE } else { "" };
    let line = reworded(&line.to_string(), Cause::to_string);
    // In one piece: what others write to the same terminal comes before or after it.
    std::io::stderr().write_all(format!("{erase}{line}\n").as_bytes()).ok();
}

/// Shows a line on the terminal until the next one is printed.
fn show(line: impl Display) {
    SHOWN.store(true, Ordering::Relaxed);
    let mut stderr = std::io::stderr();
    write!(stderr, "{ERASE}{line}").and_then(|()| stderr.flush()).ok();
}
