//! Saves a capture as something else: a log that people read, one that NetAssist's scripts parse, a
//! hex dump, a table, lines of JSON, the bare bytes, or a capture again. One format a file; all write to
//! any [`io::Write`].
//!
//! A capture may still be growing, and may be larger than memory: it is read once, record by record. What
//! is saved of it is all, or the items that a view shows. It knows no window and no session.

mod compose;
mod csv;
mod entry;
mod file;
mod hexdump;
mod items;
mod jsonl;
mod live;
mod netassist;
mod netassist5;
mod part;
mod pcapng;
mod raw;
mod scope;
mod text;
mod whole;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::codec::Charset;
use crate::model::{Direction, FlowId};

pub use file::{Destination, is_same, to_file};
pub use live::LiveLog;
pub use scope::{Picked, Scope, Selection};

pub use crate::model::{Body, Format, UnknownFormat};

/// How a log is written. Without meaning for the other formats, but that a table has a column of text
/// and that notes stand in captures only.
#[derive(Debug, Clone)]
pub struct Style {
    /// Which charset the data are in. The log itself is UTF-8.
    pub charset: Charset,
    /// The charsets of conversations that are in another one.
    pub charsets: Arc<BTreeMap<FlowId, Charset>>,
    /// How the data are shown.
    pub body: Body,
    /// In which zone times are given.
    pub zone: jiff::tz::TimeZone,
    /// The notes that a capture is saved with, by the number of the record from 0, and no others. `None`:
    /// a whole capture is copied byte for byte, with those that it holds; a part has none.
    pub notes: Option<Arc<BTreeMap<u64, String>>>,
}

impl Style {
    /// The charset of a conversation.
    fn charset_of(&self, flow: FlowId) -> Charset {
        self.charsets.get(&flow).copied().unwrap_or(self.charset)
    }
}

/// Why a capture was not saved. Nothing is left behind then.
#[derive(Debug)]
pub enum ExportError {
    /// The capture cannot be read.
    Reading(PathBuf, io::Error),
    /// The output cannot be written. The path is empty where the caller gave a writer.
    Writing(PathBuf, io::Error),
    /// There is something of that name, and it was not said to be overwritten.
    Exists(PathBuf),
    /// The output would replace the capture itself.
    IsTheCapture(PathBuf),
    /// There is something of that name that is no file.
    NotAFile(PathBuf),
    /// It was broken off on demand.
    Cancelled,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading(path, error) => write!(f, "reading {}: {error}", path.display()),
            Self::Writing(path, error) if path.as_os_str().is_empty() => write!(f, "writing: {error}"),
            Self::Writing(path, error) => write!(f, "writing {}: {error}", path.display()),
            Self::Exists(path) => write!(f, "{} exists already", path.display()),
            Self::IsTheCapture(path) => {
                write!(f, "{} is the capture itself; choose another name", path.display())
            }
            Self::NotAFile(path) => write!(f, "{} is not a file", path.display()),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl ExportError {
    /// A failure of the caller's writer.
    fn writing(error: io::Error) -> Self {
        Self::Writing(PathBuf::new(), error)
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Reading(_, error) | Self::Writing(_, error) => Some(error),
            Self::Exists(_) | Self::IsTheCapture(_) | Self::NotAFile(_) | Self::Cancelled => None,
        }
    }
}

/// Asked now and then: bytes of the capture done, and in all. [`ControlFlow::Break`] cancels.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Writes what `scope` names of the capture to `out`, in one pass. A whole capture takes constant memory
/// but for a few bytes a conversation; a part takes no more than its longest message besides.
///
/// Text of records is decoded as a stream per conversation and direction, so that a character split
/// between two records stands whole in the second, if both are there. A message is decoded on its own.
///
/// # Errors
/// When the capture cannot be read, `out` not be written, or `progress` says to stop. A capture whose
/// last block is torn is no error: it is written up to there.
pub fn write(
    capture: &Path,
    scope: &Scope,
    format: Format,
    style: &Style,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    match format {
        Format::Pcapng => match scope {
            Scope::Whole(until) => match &style.notes {
                Some(notes) => pcapng::copy_with(capture, *until, notes, out, progress),
                None => pcapng::copy(capture, *until, out, progress),
            },
            Scope::Part(selection) => pcapng::write_part(capture, selection, style, out, progress),
        },
        Format::Text => {
            let mut layout = text::Text::new(style);
            each(capture, scope, style, &mut |entry| layout.write(entry, out), progress)
        }
        Format::NetAssist => {
            let mut layout = netassist::NetAssist::new(style);
            each(capture, scope, style, &mut |entry| layout.write(entry, out), progress)
        }
        Format::NetAssist5 => {
            let mut layout = netassist5::NetAssist5::new(style);
            each(capture, scope, style, &mut |entry| layout.write(entry, out), progress)
        }
        Format::Hexdump => {
            let mut layout = hexdump::Hexdump::default();
            let style = Style { body: Body::Hex, ..style.clone() };
            each(capture, scope, &style, &mut |entry| layout.write(entry, out), progress)
        }
        Format::Csv => {
            let mut layout = csv::Csv::default();
            let style = Style { body: Body::Text, ..style.clone() };
            each(capture, scope, &style, &mut |entry| layout.write(entry, out), progress)?;
            layout.end(out).map_err(ExportError::writing)
        }
        Format::Jsonl => {
            let style = Style { body: Body::Hex, ..style.clone() };
            each(capture, scope, &style, &mut |entry| jsonl::write(entry, out), progress)
        }
        Format::RawReceived => raw::write(capture, scope, Direction::Received, out, progress),
        Format::RawSent => raw::write(capture, scope, Direction::Sent, out, progress),
    }
}

/// Calls `write` for each record or message, in order.
fn each(
    capture: &Path,
    scope: &Scope,
    style: &Style,
    write: compose::Write<'_>,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    match scope {
        Scope::Whole(until) => whole::each(capture, *until, style, write, progress),
        Scope::Part(selection) => part::each(capture, selection, style, write, progress),
    }
}
