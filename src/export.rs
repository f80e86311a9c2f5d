//! Saves a capture in another format: a log for people, a log for scripts that parse NetAssist's, a hex dump,
//! a table, JSON Lines, raw bytes, or a capture again. There is one file per format; all write to any
//! [`io::Write`].
//!
//! A capture may still be growing, and may be larger than memory: it is read once, record by record. Either
//! all of it is saved, or the items that a view shows.

mod compose;
mod csv;
mod entry;
mod file;
mod follow;
mod hexdump;
mod items;
mod jsonl;
mod layout;
mod live;
mod netassist;
mod part;
mod pcapng;
mod preview;
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

use self::layout::Layout;
use crate::codec::websocket::Opcode;
use crate::codec::{Charset, worded_enum};
use crate::journal::is_foreign;
use crate::model::{Direction, Flow, FlowId, RecordKind, SentCharsets, SessionNote, Wholeness};

pub use file::{Destination, is_descriptor, is_same, to_file};
pub use follow::{LogFile, Tell, follow};
pub use live::LiveLog;
pub use preview::preview;
pub use scope::{Picked, Scope, Selection};

pub use crate::model::{Body, Format};

/// How a log is written. Other formats ignore it, except for the text column of a table and the notes of a
/// capture.
#[derive(Debug, Clone)]
pub struct Style {
    /// The charset of the data. The log itself is UTF-8.
    pub charset: Charset,
    /// The charsets of conversations that differ.
    pub charsets: Arc<BTreeMap<FlowId, Charset>>,
    /// Knows the charsets of text sent.
    pub sent_charsets: SentCharsets,
    /// How the data are shown.
    pub body: Body,
    /// The time zone of times.
    pub zone: jiff::tz::TimeZone,
    /// The notes to save in a capture, by record number from 0, and no others. `None`: a whole capture is
    /// copied byte for byte with the notes that it contains; a part has none.
    pub notes: Option<Arc<BTreeMap<u64, String>>>,
    /// The words of the text log; `None`: in English.
    pub words: Option<Arc<dyn Words>>,
    /// A table begins with the mark by which Excel recognises UTF-8.
    pub marked: bool,
}

/// How the text log says things in another language.
pub trait Words: fmt::Debug + Send + Sync {
    /// An event. `note` is the session's own note, which `comment` says in English.
    fn event(
        &self,
        kind: RecordKind,
        flow: Option<&Flow>,
        comment: &str,
        note: Option<&SessionNote>,
    ) -> String;

    /// What is wrong with a message; `None` if it is whole.
    fn wholeness(&self, wholeness: Wholeness) -> Option<&str>;
}

impl Style {
    /// One charset for all text, and no notes.
    pub fn new(charset: Charset, body: Body, zone: jiff::tz::TimeZone) -> Self {
        let (charsets, sent_charsets) = (Arc::default(), SentCharsets::default());
        Self { charset, charsets, sent_charsets, body, zone, notes: None, words: None, marked: false }
    }

    /// The charset of a record, or of the first of a message.
    fn charset_of(&self, flow: FlowId, entry: &entry::Entry<'_>, found: &SentCharsets) -> Charset {
        if entry.kind.direction().is_some() && entry.opcode == Some(Opcode::Text) {
            return Charset::Utf8;
        }
        let n = entry.seq.saturating_sub(1);
        let typed = found.of(n).or_else(|| self.sent_charsets.of(n));
        typed
            .filter(|_| entry.kind == RecordKind::Sent)
            .unwrap_or_else(|| self.charsets.get(&flow).copied().unwrap_or(self.charset))
    }
}

worded_enum! {
    /// Why a capture was not saved. Nothing is left behind, unless [it is damaged](ExportError::is_damage).
    #[derive(Debug, thiserror::Error)]
    pub enum ExportError {
        /// The capture cannot be read.
        Reading(PathBuf, #[source] io::Error) = "cannot read {}: {}" (.0.display(), .1);
        /// The output cannot be written. The path is empty if the caller passed a writer.
        Writing(PathBuf, #[source] io::Error) = "{}: {}" (cannot_write(.0), .1);
        /// The file exists, and overwriting was not requested.
        Exists(PathBuf) = "{} already exists" (.0.display());
        /// The output would overwrite the capture.
        IsTheCapture(PathBuf) = "{} is the capture itself; choose another name" (.0.display());
        NotAFile(PathBuf) = "{} is not a file" (.0.display());
        /// By the caller.
        Cancelled = "cancelled";
    }
}

impl ExportError {
    /// Whether the capture is damaged. Everything before the damage is saved.
    pub fn is_damage(&self) -> bool {
        let is = |error: &io::Error| error.kind() == io::ErrorKind::InvalidData && !is_foreign(error);
        matches!(self, Self::Reading(_, error) if is(error))
    }

    /// An error of the caller's writer.
    fn writing(error: io::Error) -> Self {
        Self::Writing(PathBuf::new(), error)
    }
}

fn cannot_write(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        "cannot write".to_owned()
    } else {
        format!("cannot write {}", path.display())
    }
}

/// Called now and then with the bytes of the capture done, and in all. [`ControlFlow::Break`] cancels.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Writes `scope` of the capture to `out`, in one pass. A whole capture takes constant memory except for a
/// few bytes per conversation; a part takes its longest message in addition.
///
/// Text of records is decoded as a stream per conversation and direction, so that a character split between
/// two records appears whole in the second, if both are saved. Messages are decoded one by one.
///
/// # Errors
/// When the capture cannot be read, `out` cannot be written, or `progress` cancels. A torn block at the end
/// of the capture is not an error: everything before it is written.
pub fn write(
    capture: &Path,
    scope: &Scope,
    format: Format,
    style: &Style,
    out: &mut dyn io::Write,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let mut each = |style: &Style, write: compose::Write<'_>| match scope {
        Scope::Whole(until) => whole::Pass::open(capture, 0)?.advance(*until, style, write, &mut *progress),
        Scope::Part(selection) => part::each(capture, selection, style, write, &mut *progress),
    };
    match format {
        Format::Pcapng => match scope {
            Scope::Whole(until) => pcapng::copy(capture, *until, style.notes.as_deref(), out, progress),
            Scope::Part(selection) => pcapng::write_part(capture, selection, style, out, progress),
        },
        Format::Text
        | Format::NetAssist
        | Format::NetAssist5
        | Format::Hexdump
        | Format::Csv
        | Format::Jsonl => {
            let style = layout::style(format, style);
            let mut layout = Layout::new(format, &style);
            each(&style, &mut |entry| layout.write(entry, out))?;
            layout.end(out).map_err(ExportError::writing)
        }
        Format::RawReceived => raw::write(capture, scope, Direction::Received, out, progress),
        Format::RawSent => raw::write(capture, scope, Direction::Sent, out, progress),
    }
}
