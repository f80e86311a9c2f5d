//! The program for the consoles of Windows. Packages name it `netassist.com`, which a console prefers to `netassist.exe`.

use std::process::ExitCode;

use netassist::app::{self, Setup};
use netassist::cli;

fn main() -> ExitCode {
    cli::main(|files| app::run(Setup::system(files)))
}
