//! Imports lists of quick sends, of this program and of others. Anything that cannot be imported unchanged is reported
//! as a [`Remark`].

mod packet_sender;
mod settings;
mod sscom;

use super::file::{WorkspaceFile, invalid, read_bounded};
use super::quick::QuickSend;
use super::syntax::FileProblem;
use crate::codec::{Charset, decode_all, worded_enum};
use crate::model::{Fault, Reason};

/// The most quick sends imported from one file.
pub const MAX_IMPORTED: usize = 5000;

/// The kind of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A workspace of this program, in TOML.
    Own,
    /// The `packets.ini` of Packet Sender, written by Qt's `QSettings`.
    PacketSenderIni,
    /// The JSON export of Packet Sender.
    PacketSenderJson,
    /// The `sscom.ini` or `sscom51.ini` of SSCOM.
    Sscom,
}

impl Source {
    /// The name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "netassist",
            Self::PacketSenderIni | Self::PacketSenderJson => "Packet Sender",
            Self::Sscom => "SSCOM",
        }
    }
}

worded_enum! {
    /// Why something could not be imported unchanged.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum ImportIssue {
        /// The line is invalid.
        NotALine = "not recognized";
        Hex = "the content is not hex; imported as it is";
        /// The row has no content, or there is no row of its name.
        NoContent = "no content";
        Protocol(String) = "protocol ‘{0}’ is not supported; its data were imported";
        Macro(String) = "‘{0}’ was imported as text; replace it by a placeholder of netassist";
        Number(String) = "invalid number ‘{0}’; using the default";
        ChecksumEnd = "the checksum ends before the end of the message; imported as one to the end";
        TooMany = "only the first {MAX_IMPORTED} were imported";
        NotText = "invalid characters were replaced by �";
    }
}

/// Something that could not be imported unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}{}", if *.lines > 1 { format!(" ({} lines in all)", .lines) } else { String::new() })]
pub struct Remark {
    /// The line, from 1; of several, the first.
    pub line: usize,
    /// How many lines this is about.
    pub lines: usize,
    /// What and why.
    pub what: ImportIssue,
}

/// An imported list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The kind of the list.
    pub source: Source,
    /// The quick sends, in order.
    pub quick: Vec<QuickSend>,
    /// What could not be imported unchanged.
    pub remarks: Vec<Remark>,
}

impl Imported {
    fn new(source: Source) -> Self {
        Self { source, quick: Vec::new(), remarks: Vec::new() }
    }

    fn remark(&mut self, line: usize, what: ImportIssue) {
        match self.remarks.iter_mut().find(|remark| remark.what == what) {
            Some(same) => (same.line, same.lines) = (same.line.min(line), same.lines + 1),
            None => self.remarks.push(Remark { line, lines: 1, what }),
        }
    }

    /// Adds a quick send, unless there are too many.
    fn push(&mut self, line: usize, quick: QuickSend) {
        if self.quick.len() < MAX_IMPORTED {
            self.quick.push(quick);
        } else if !self.remarks.iter().any(|remark| remark.what == ImportIssue::TooMany) {
            self.remark(line, ImportIssue::TooMany);
        }
    }
}

/// Imports a list; its format is detected from the contents. Of a workspace, the quick sends of all sessions are
/// imported.
///
/// # Errors
/// When the format is unknown, or the file is invalid as a whole.
///
/// # Example
/// ```
/// use netassist::workspace::import;
/// let sscom = b"N101=1,Reset,500\r\nN1=H,13 00 FF\r\n";
/// let imported = import(sscom).unwrap();
/// assert_eq!((&imported.quick[0].name[..], &imported.quick[0].delay[..]), ("Reset", "500"));
/// ```
pub fn import(bytes: &[u8]) -> Result<Imported, Reason> {
    let (text, bad_line) = text_of(bytes);
    let head = text.trim_start();
    let mut imported = if sscom::is_one(&text) {
        sscom::read(&text)
    } else if packet_sender::is_ini(&text) {
        packet_sender::read_ini(&text)
    } else if looks_like_json(head) {
        packet_sender::read_json(&text)?
    } else if looks_like_toml(head) {
        own(text.clone())?
    } else {
        return Err(Fault::NotAList.into());
    };
    if let Some(line) = bad_line {
        imported.remark(line, ImportIssue::NotText);
    }
    Ok(imported)
}

/// Imports a list from the disk.
///
/// # Errors
/// When it cannot be read, is too long or cannot be imported; with its path.
pub fn import_file(path: &std::path::Path) -> std::io::Result<Imported> {
    import(&read_bounded(path)?).map_err(|why| invalid(Reason::of(path.display(), why)))
}

/// Decodes UTF-8, or else GB 18030 as used by Chinese Windows; and the line of the first invalid byte.
fn text_of(bytes: &[u8]) -> (String, Option<usize>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), None);
    }
    let text = decode_all(Charset::Gb18030, &[], bytes, true).text;
    let bad = text.find('\u{FFFD}').map(|at| line_of(&text, at));
    (text, bad)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or(text).matches('\n').count()
}

/// Whether it is a list of JSON, or begins as one of objects.
fn looks_like_json(text: &str) -> bool {
    let is_one = |rest: &str| {
        rest.trim_start().starts_with('{') || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    };
    text.strip_prefix('[').is_some_and(is_one)
}

/// Whether the first line that is not a comment may be a table or key of a workspace.
fn looks_like_toml(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        let key = line.strip_prefix("[[").unwrap_or(line);
        ["session", "quick", "rule"].iter().any(|table| key.starts_with(table))
    })
}

fn own(text: String) -> Result<Imported, FileProblem> {
    let file = WorkspaceFile::parse(text)?;
    let mut imported = Imported::new(Source::Own);
    let of_none = file.workspace.quick.iter().enumerate().map(|(nth, quick)| (None, nth, quick));
    let of_sessions = (0..).zip(&file.workspace.sessions).flat_map(|(n, session)| {
        session.quick.iter().enumerate().map(move |(nth, quick)| (Some(n), nth, quick))
    });
    let mut all = of_none.chain(of_sessions);
    imported.quick.extend(all.by_ref().take(MAX_IMPORTED).map(|(_, _, quick)| quick.clone()));
    if let Some((session, nth, _)) = all.next() {
        imported.remark(file.line_of_quick(session, nth), ImportIssue::TooMany);
    }
    Ok(imported)
}

#[cfg(test)]
mod tests;
