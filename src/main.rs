//! The program. On Windows it opens no console beside its window; `console.rs` is for consoles.
#![windows_subsystem = "windows"]

use std::process::ExitCode;

use netassist::app::{self, Setup};
use netassist::cli;

fn main() -> ExitCode {
    cli::main(|files| app::run(Setup::system(files)))
}
