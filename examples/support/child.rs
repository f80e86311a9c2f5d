//! The other side of a measurement: this program in another process, so that its work is not counted as ours.

use std::error::Error;
use std::io::{self, Read};
use std::process::{Child as Process, Command, ExitCode, Stdio};

use super::exit::exit_code;

/// The option that marks a child.
const AS_CHILD: &str = "--as-peer";

/// Runs a measurement of two processes: `child` with the arguments after [`AS_CHILD`] if this is the child,
/// else `parent`.
pub(crate) fn run(
    child: impl FnOnce(&[String]) -> Result<(), Box<dyn Error>>,
    parent: impl FnOnce() -> Result<bool, Box<dyn Error>>,
) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    exit_code(match arguments.split_first() {
        Some((first, rest)) if first == AS_CHILD => child(rest).map(|()| true),
        Some(_) | None => parent(),
    })
}

/// A child that waits for [`go`](Self::go). Killed when dropped.
pub(crate) struct Child(Process);

impl Child {
    /// Starts it with [`AS_CHILD`] and `arguments`.
    pub(crate) fn start(arguments: &[String]) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(AS_CHILD).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(Self(command.spawn()?))
    }

    /// Lets it begin.
    pub(crate) fn go(&mut self) {
        drop(self.0.stdin.take());
    }

    /// The first line that it prints.
    ///
    /// # Errors
    /// Also if it exits without one.
    pub(crate) fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        for byte in self.0.stdout.as_mut().map(Read::bytes).into_iter().flatten() {
            match char::from(byte?) {
                '\n' => return Ok(line),
                c => line.push(c),
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    /// Waits until it exits and returns its output.
    ///
    /// # Errors
    /// Also if it failed, for the reason on standard error.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        self.go();
        let mut printed = String::new();
        if let Some(stdout) = &mut self.0.stdout {
            stdout.read_to_string(&mut printed)?;
        }
        let status = self.0.wait()?;
        if status.success() {
            Ok(printed)
        } else {
            Err(io::Error::other(format!("the other side failed: {status}")))
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail if it has exited.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// In the child: waits until the parent lets it begin.
pub(crate) fn wait_for_go() -> io::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}
