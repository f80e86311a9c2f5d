//! The built binary as a child process whose every wait has a deadline.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use tempfile::TempDir;

/// Nothing here takes longer than this on any machine that is not broken.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// What standard input of the child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// A pipe at its end at once.
    Empty,
    /// The null device.
    Null,
    /// What the test writes.
    Piped,
}

/// What becomes of standard output of the child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// It is read.
    Read,
    /// It is read, and the test can wait for the next bytes. Not for much.
    Live,
    /// Nobody reads it, but it is open.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only a signal ends such a child"))]
    Unread,
    /// It is closed after the first bytes.
    ClosedEarly,
}

/// A running child. It is killed when the test fails.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) stdin: Option<ChildStdin>,
    output: Output,
    stdout: Receiver<Vec<u8>>,
    /// Standard error, line by line.
    lines: Receiver<String>,
    said: Vec<String>,
    data: TempDir,
}

/// How a child ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: i32,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<String>,
    data: TempDir,
}

impl Ended {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The captures that were kept although nobody named a file for them.
    pub(super) fn kept(&self) -> Vec<PathBuf> {
        let Ok(folder) = std::fs::read_dir(self.data.path().join("captures")) else { return Vec::new() };
        folder.map(|entry| entry.unwrap().path()).collect()
    }
}

/// Starts `netassist` with these arguments.
pub(super) fn start(args: &[&str], input: Input, output: Output) -> Process {
    start_in(TempDir::new().unwrap(), args, input, output)
}

/// Starts `netassist` with `data` as its folder of data and of settings.
pub(super) fn start_in(data: TempDir, args: &[&str], input: Input, output: Output) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netassist"));
    command.args(args);
    spawn(command, data, input, output)
}

/// Starts `netassist` with files of at most so many blocks of 512 bytes. Only the soft limit, which can be raised.
#[cfg(target_os = "linux")]
pub(super) fn start_limited(blocks: u32, args: &[&str]) -> Process {
    // Without a handler, the signal of the limit would end the process.
    let script = format!("ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_netassist")]).args(args);
    spawn(command, TempDir::new().unwrap(), Input::Empty, Output::Read)
}

fn spawn(mut command: Command, data: TempDir, input: Input, output: Output) -> Process {
    let mut child = command
        .env("NETASSIST_DATA_DIR", data.path())
        .env("NETASSIST_CONFIG_DIR", data.path())
        .env("NETASSIST_STATE_DIR", data.path())
        .env("TZ", "UTC")
        // No test shows anything on the desktop of whoever runs it.
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", data.path().join("bus").display()))
        .stdin(if input == Input::Null { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (say_line, lines) = bounded(1024);
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let by_line = move || {
        for line in stderr.lines() {
            say_line.send(line.unwrap()).unwrap();
        }
    };
    thread::Builder::new().name("stderr".to_owned()).spawn(by_line).unwrap();
    let (say_all, stdout) = bounded(if output == Output::Live { 1024 } else { 1 });
    let mut pipe = child.stdout.take().unwrap();
    let reader = move || {
        let mut bytes = Vec::new();
        match output {
            Output::Read => drop(pipe.read_to_end(&mut bytes)),
            Output::Live => {
                let mut part = [0; 4096];
                while let Ok(n @ 1..) = pipe.read(&mut part) {
                    say_all.send(part[..n].to_vec()).unwrap();
                }
            }
            Output::ClosedEarly => {
                bytes.push(0);
                pipe.read_exact(&mut bytes).unwrap();
                drop(pipe);
            }
            Output::Unread => {
                // Open until the test takes the word for it.
                drop(say_all.send(bytes.clone()));
                drop(say_all.send(bytes));
                return;
            }
        }
        drop(say_all.send(bytes));
    };
    thread::Builder::new().name("stdout".to_owned()).spawn(reader).unwrap();
    let stdin = child.stdin.take().filter(|_| input == Input::Piped);
    Process { child, stdin, output, stdout, lines, said: Vec::new(), data }
}

/// Runs `netassist` with empty input to its end.
pub(super) fn run(args: &[&str]) -> Ended {
    start(args, Input::Empty, Output::Read).end()
}

/// Runs a command of more than arguments.
pub(super) fn finish(command: Command) -> Ended {
    spawn(command, TempDir::new().unwrap(), Input::Empty, Output::Read).end()
}

impl Process {
    /// Waits for a line on standard error that begins so, and gives what follows.
    pub(super) fn line(&mut self, beginning: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.lines.recv_deadline(deadline) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if let Some(rest) = line.strip_prefix(beginning) {
                        return rest.to_owned();
                    }
                }
                Err(error) => panic!("no line {beginning:?} ({error}), but {:?}", self.said),
            }
        }
    }

    /// The address that it listens on.
    pub(super) fn address(&mut self) -> SocketAddr {
        self.line("listening on ").parse().unwrap()
    }

    /// Waits until it has printed these bytes next, while it runs ([`Output::Live`]).
    pub(super) fn prints(&mut self, expected: &[u8]) {
        let deadline = Instant::now() + DEADLINE;
        let mut printed = Vec::new();
        while printed.len() < expected.len() {
            match self.stdout.recv_deadline(deadline) {
                Ok(part) => printed.extend(part),
                Err(error) => panic!("{:?} ({error}), but {:?}", printed.escape_ascii(), self.said),
            }
        }
        assert_eq!(printed, expected);
    }

    /// Gives it standard input, whole.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.stdin.take().unwrap().write_all(bytes).unwrap();
    }

    /// Lets its files grow without a limit.
    #[cfg(target_os = "linux")]
    pub(super) fn lift_limit(&self) {
        self.limit("unlimited");
    }

    /// Limits the length of its files, in bytes.
    #[cfg(target_os = "linux")]
    pub(super) fn limit(&self, length: &str) {
        let pid = format!("--pid={}", self.child.id());
        let limit = format!("--fsize={length}:unlimited");
        let done = Command::new("prlimit").args([&pid, &limit]).status().unwrap();
        assert!(done.success());
    }

    /// Sends it a signal by its name.
    #[cfg(unix)]
    pub(super) fn signal(&self, name: &str) {
        let done = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Ends it while it runs, as Ctrl-C does; where there are no signals, at once.
    #[cfg_attr(unix, expect(unused_mut, reason = "only a handle of the process kills it"))]
    pub(super) fn interrupt(mut self) -> Ended {
        #[cfg(unix)]
        self.signal("INT");
        #[cfg(not(unix))]
        self.child.kill().unwrap();
        self.end()
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> Ended {
        drop(self.stdin.take());
        let output = self.output;
        let deadline = Instant::now() + DEADLINE;
        // Standard error is closed when the process ends, and not before.
        loop {
            match self.lines.recv_deadline(deadline) {
                Ok(line) => self.said.push(line),
                Err(crossbeam_channel::RecvTimeoutError::Disconnected) => break,
                Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
                    panic!("it does not end; it said {:?}", self.said)
                }
            }
        }
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        let stdout = match output {
            Output::Live => Ok(self.stdout.iter().flatten().collect()),
            Output::Read | Output::Unread | Output::ClosedEarly => self.stdout.recv_deadline(deadline),
        }
        .unwrap();
        let said = std::mem::take(&mut self.said);
        let data = std::mem::replace(&mut self.data, TempDir::new().unwrap());
        Ended { status, stdout, stderr: said, data }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The file of a folder as an argument.
pub(super) fn path(folder: &Path, name: &str) -> String {
    folder.join(name).into_os_string().into_string().unwrap()
}
