//! Runs a command of the user's in the shell. The message is its standard input, and in no argument or variable.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::model::Cause;

/// How long a command may run.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often a running command is looked after.
const TICK: Duration = Duration::from_millis(20);

/// Runs a command until it ends. It is stopped when it takes too long, and when `stop` is disconnected.
pub(super) fn run(line: &str, message: &[u8], stop: &Receiver<()>) -> Result<(), Cause> {
    let mut child =
        in_shell(line).stdin(input(message)?).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(()) } else { Err(Cause::CommandFailed(status.code())) };
        }
        let is_stopped = stop.recv_timeout(TICK) == Err(RecvTimeoutError::Disconnected);
        if is_stopped || start.elapsed() >= TIMEOUT {
            kill(&mut child);
            child.wait()?;
            return Err(Cause::CommandStopped);
        }
    }
}

/// A file, since a command may read its input slowly or never.
fn input(message: &[u8]) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(message)?;
    file.rewind()?;
    Ok(file)
}

#[cfg(unix)]
fn in_shell(line: &str) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("/bin/sh");
    // What it starts is killed with it, and Ctrl+C in the terminal does not reach it.
    command.args(["-c", line]).process_group(0);
    command
}

#[cfg(windows)]
fn in_shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt as _;
    /// No window of a console appears.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let mut command = Command::new("cmd");
    command.args(["/D", "/S", "/C"]).raw_arg(format!("\"{line}\"")).creation_flags(CREATE_NO_WINDOW);
    command
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    // Fails only if the group has ended.
    if let Ok(id) = i32::try_from(child.id()) {
        killpg(Pid::from_raw(id), Signal::SIGKILL).unwrap_or_default();
    }
}

#[cfg(windows)]
fn kill(child: &mut Child) {
    // With all that it has started; at least the command itself.
    drop(Command::new("taskkill").args(["/T", "/F", "/PID", &child.id().to_string()]).status());
    drop(child.kill());
}
