//! The exit status of a measurement.

use std::error::Error;
use std::process::ExitCode;

/// 0 if all limits were met, 1 if not, 2 and a message if it could not be measured.
pub(crate) fn exit_code(done: Result<bool, Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
