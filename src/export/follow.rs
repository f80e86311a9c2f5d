//! A log that is written while its capture grows, and goes on in another file whenever that does.

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::layout::{self, Layout};
use super::whole::Pass;
use super::{ExportError, Format, Style};
use crate::journal::{Parts, Reader, TapePart, Watch, suffix_of, with_suffix};
use crate::model::Rotation;

/// The time between two looks at the capture, and after a failed write.
const PAUSE: Duration = Duration::from_secs(1);

/// How many bytes are written at once.
const BUFFER: usize = 1 << 16;

/// A log to write while its capture grows.
#[derive(Debug, Clone)]
pub struct LogFile {
    /// Its file; for a capture in parts, the common name of its files.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
    /// How many files are kept, if the capture is in parts.
    pub rotation: Option<Rotation>,
    /// How it is written.
    pub style: Style,
}

/// Told of each failure: the file, and why.
pub type Tell = Box<dyn FnMut(&Path, &io::Error) + Send>;

/// Writes a log of all that a capture has, and of what comes, on a thread of its own: one entry per record, in the file
/// within a second. Takes memory for the flows of one file of the capture, and for no payload. While the log cannot be
/// written, it waits, and catches up.
///
/// Returns what is disconnected at the end: once the writer of the capture is gone and all is written, or cannot be.
///
/// # Errors
/// If the file of the log exists or cannot be created, or the capture cannot be read.
pub fn follow(capture: &Reader, log: LogFile, tell: Tell) -> Result<Receiver<()>, ExportError> {
    let writing = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => ExportError::Exists(log.path.clone()),
        _ => ExportError::Writing(log.path.clone(), error),
    };
    let lost = || ExportError::Reading(log.path.clone(), io::ErrorKind::NotFound.into());
    let part = capture.parts().into_iter().next().ok_or_else(lost)?;
    let pass = Pass::open(&part.path, part.before.records)?;
    let parts = log.rotation.map(|_| Parts::of(&log.path)).transpose().map_err(writing)?;
    let path = log.path_for(&part);
    let file = File::create_new(&path).map_err(writing)?;
    let Watch { committed, over } = capture.watch();
    let out = Out { path, file, waiting: Vec::new(), over, tell };
    let mut follower = Follower { capture: capture.clone(), part, pass, parts, out, log: log.clone() };
    follower.keep();
    let (living, end) = sync_channel::<()>(0);
    let work = move || {
        let style = layout::style(log.format, &log.style);
        let mut layout = Layout::new(log.format, &style);
        let mut is_over = false;
        while !is_over {
            is_over = committed.recv().is_err();
            let caught_up = follower.catch_up(&mut layout, &style);
            let ended = if is_over { layout.end(&mut follower.out) } else { Ok(()) };
            match caught_up.and(ended.and_then(|()| follower.out.flush()).map_err(ExportError::writing)) {
                Ok(()) => {}
                Err(ExportError::Reading(path, error)) => return (follower.out.tell)(&path, &error),
                // It was told.
                Err(_writing) => break,
            }
            follower.out.over.recv_timeout(PAUSE).ok();
        }
        drop(living);
    };
    std::thread::Builder::new().name("log".to_owned()).spawn(work).map_err(ExportError::writing)?;
    Ok(end)
}

impl LogFile {
    /// The file for a part of the capture: with the same number and time.
    fn path_for(&self, part: &TapePart) -> PathBuf {
        let suffix = suffix_of(&part.path).filter(|_| self.rotation.is_some());
        suffix.map_or_else(|| self.path.clone(), |(suffix, _)| with_suffix(&self.path, suffix))
    }
}

struct Follower {
    capture: Reader,
    log: LogFile,
    parts: Option<Parts>,
    part: TapePart,
    pass: Pass,
    out: Out,
}

impl Follower {
    /// Writes what the capture has by now.
    fn catch_up<'a>(&mut self, layout: &mut Layout<'a>, style: &'a Style) -> Result<(), ExportError> {
        let mut after = self.part.start;
        loop {
            // Before reading: if there is a next part, this one is complete.
            let next = self.capture.parts().into_iter().find(|part| part.start > after);
            let Self { pass, out, .. } = self;
            let go_on = &mut |_done, _total| ControlFlow::Continue(());
            pass.advance(u64::MAX, style, &mut |entry| layout.write(entry, out), go_on)?;
            let Some(next) = next else { return Ok(()) };
            after = next.start;
            let (passed, first) = (pass.records, next.before.records);
            // If it is removed, the one after it counts.
            if pass.go_on(&next.path, first).is_err() {
                continue;
            }
            if passed < first {
                let text = format!("records {}–{first} were removed before they were written", passed + 1);
                (out.tell)(&out.path, &io::Error::other(text));
            }
            let path = self.log.path_for(&next);
            self.part = next;
            if path != out.path {
                layout.end(out).and_then(|()| out.flush()).map_err(ExportError::writing)?;
                match File::create_new(&path) {
                    Ok(file) => {
                        (out.path, out.file) = (path, file);
                        *layout = Layout::new(self.log.format, style);
                        self.keep();
                    }
                    // It goes on in the same file.
                    Err(error) => (out.tell)(&path, &error),
                }
            }
        }
    }

    /// Counts the newest file, and removes the oldest ones that are too many.
    fn keep(&mut self) {
        let Some(parts) = &mut self.parts else { return };
        parts.push(self.out.path.clone());
        if let Some(keep) = self.log.rotation.and_then(|rotation| rotation.keep) {
            let tell = &mut self.out.tell;
            parts.keep(usize::try_from(keep.get()).unwrap_or(usize::MAX), &mut |path, removed| {
                removed.unwrap_or_else(|error| tell(&path, &error));
            });
        }
    }
}

struct Out {
    path: PathBuf,
    file: File,
    waiting: Vec<u8>,
    /// Disconnected with the writer of the capture.
    over: Receiver<()>,
    tell: Tell,
}

impl io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= BUFFER {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    /// Writes all that waits. After a failure, which is told once, tries again until the session is over.
    fn flush(&mut self) -> io::Result<()> {
        let mut is_told = false;
        while !self.waiting.is_empty() {
            match self.file.write(&self.waiting) {
                Ok(n @ 1..) => drop(self.waiting.drain(..n)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                failed @ (Ok(0) | Err(_)) => {
                    let error = failed.err().unwrap_or_else(|| io::ErrorKind::WriteZero.into());
                    if !std::mem::replace(&mut is_told, true) {
                        (self.tell)(&self.path, &error);
                    }
                    if self.over.recv_timeout(PAUSE) == Err(RecvTimeoutError::Disconnected) {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }
}
