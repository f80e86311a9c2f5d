//! Reads the command line and starts one of the two shells.

use std::process::ExitCode;

use netassist::app::{self, Setup};
use netassist::cli::{self, Parsed};

fn main() -> ExitCode {
    match cli::parse() {
        Parsed::Window { files } => cli::window(|| app::run(Setup::system(files))),
        Parsed::Run(run) => cli::run(run),
    }
}
