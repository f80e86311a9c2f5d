//! Reads the command line and starts one of the two shells.

use std::process::ExitCode;

use netassist::app::{self, Setup};
use netassist::cli::{self, Parsed};

fn main() -> ExitCode {
    block_file_size_signal();
    match cli::parse() {
        Parsed::Window { files } => cli::window(|| app::run(Setup::system(files))),
        Parsed::Run(run) => cli::run(run),
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
