//! The secrets of TLS, as they come up in handshakes: for the capture, and for a file of the user's.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crossbeam_channel::{Receiver, Sender};
use rustls::KeyLog;

/// Hears the secrets of all connections of a session, which are made on one thread.
#[derive(Debug)]
pub(super) struct Hearer(Sender<String>);

impl KeyLog for Hearer {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = String::with_capacity(label.len() + 2 * (client_random.len() + secret.len()) + 3);
        line.push_str(label);
        for bytes in [client_random, secret] {
            // Writing to a string cannot fail.
            write!(line, " {}", hex::encode(bytes)).ok();
        }
        line.push('\n');
        // It is heard as long as there is a connection.
        drop(self.0.try_send(line));
    }
}

/// What was heard.
#[derive(Clone)]
pub(super) struct Secrets {
    heard: Receiver<String>,
    file: Option<std::sync::Arc<File>>,
}

/// The most lines between two looks: of one handshake there are five.
const LINES: usize = 64;

impl Secrets {
    /// The secrets go to `file`, too.
    pub(super) fn new(file: Option<File>) -> (Hearer, Self) {
        let (tell, heard) = crossbeam_channel::bounded(LINES);
        (Hearer(tell), Self { heard, file: file.map(Into::into) })
    }

    pub(super) fn take(&self) -> Option<String> {
        if self.heard.is_empty() {
            return None;
        }
        let lines: String = self.heard.try_iter().collect();
        if let Some(mut file) = self.file.as_deref() {
            // The capture has them in any case.
            drop(file.write_all(lines.as_bytes()));
        }
        Some(lines)
    }
}

/// Opens a file to append secrets to, which only the user may read. Does not follow a link at its end, and opens nothing
/// but a key log.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        how.mode(0o600).custom_flags((nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK).bits());
    }
    let mut file = how.open(path)?;
    let wrong = |what| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    if !file.metadata()?.is_file() {
        return wrong("not a regular file");
    }
    let mut first = [0];
    // Each line begins with a label, or is a comment.
    if file.read(&mut first)? == 1 && !matches!(first, [b'#' | b'A'..=b'Z']) {
        return wrong("this file exists and is not a key log");
    }
    Ok(file)
}
