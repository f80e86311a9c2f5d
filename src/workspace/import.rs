//! Lists of quick sends of this program and of others: which it is, and what of it could be read. What could
//! not is told, never left out in silence. Total: any bytes give a list. Knows not where they come from.

mod packet_sender;
mod settings;
mod sscom;

use std::fmt;

use super::file::{WorkspaceFile, read_bounded};
use super::quick::QuickSend;
use super::syntax::FileProblem;
use crate::codec::{Charset, decode_all};

/// The most quick sends that are taken from a file.
pub const MAX_IMPORTED: usize = 5000;

/// Whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A workspace or a list of this program, TOML.
    Own,
    /// The `packets.ini` of Packet Sender, as Qt's `QSettings` writes it.
    PacketSenderIni,
    /// The packets that Packet Sender exports as JSON.
    PacketSenderJson,
    /// The `sscom.ini` or `sscom51.ini` of SSCOM.
    Sscom,
}

impl Source {
    /// The name that users know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "netassist",
            Self::PacketSenderIni | Self::PacketSenderJson => "Packet Sender",
            Self::Sscom => "SSCOM",
        }
    }
}

/// Why something was not taken over as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportIssue {
    /// The line is none of the file's kind.
    NotALine,
    /// The content is no hex.
    Hex,
    /// The row has no content, and there is no row of its name.
    NoContent,
    /// It goes with a protocol that this program does not speak, or with a request: what it sends was taken.
    Protocol(String),
    /// It has placeholders of the other program: they stand as text.
    Macro(String),
    /// A number is none: the usual one was taken.
    Number(String),
    /// The checksum ends before the end of the message there: it was taken to the end.
    ChecksumEnd,
    /// There are more than [`MAX_IMPORTED`].
    TooMany,
    /// Characters that the charset lacks, or no characters at all, stand as � now.
    NotText,
}

impl fmt::Display for ImportIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALine => f.write_str("this could not be read"),
            Self::Hex => f.write_str("the content is no hex, and stands there as it is"),
            Self::NoContent => f.write_str("it has no content"),
            Self::Protocol(name) => write!(f, "‘{name}’ is not spoken here; what it sends was taken over"),
            Self::Macro(name) => write!(f, "‘{name}’ stands as text; see the placeholders of this program"),
            Self::Number(text) => write!(f, "‘{text}’ is no number that can be used here"),
            Self::ChecksumEnd => {
                f.write_str("the checksum ends before the end of the message; here it goes to the end")
            }
            Self::TooMany => write!(f, "only the first {MAX_IMPORTED} were taken"),
            Self::NotText => f.write_str("bytes that are no text stand as �"),
        }
    }
}

/// Something that was not taken over as it stands, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line, from 1.
    pub line: usize,
    /// What.
    pub what: ImportIssue,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// What was read of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whose it is.
    pub source: Source,
    /// The quick sends, in their order.
    pub quick: Vec<QuickSend>,
    /// What was not taken over as it stands.
    pub remarks: Vec<Remark>,
}

impl Imported {
    fn new(source: Source) -> Self {
        Self { source, quick: Vec::new(), remarks: Vec::new() }
    }

    fn remark(&mut self, line: usize, what: ImportIssue) {
        self.remarks.push(Remark { line, what });
    }

    /// Adds one, if there is room.
    fn push(&mut self, line: usize, quick: QuickSend) {
        if self.quick.len() < MAX_IMPORTED {
            self.quick.push(quick);
        } else if !self.remarks.iter().any(|remark| remark.what == ImportIssue::TooMany) {
            self.remark(line, ImportIssue::TooMany);
        }
    }
}

/// Why a file holds no list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// It is none that is known.
    Unknown,
    /// It is one of this program with something wrong.
    Own(FileProblem),
    /// It is JSON, but not as Packet Sender writes it; with what is wrong.
    Json(FileProblem),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(
                "this is no list of quick sends; right are a workspace of this program (.toml), packets of \
                 Packet Sender (.ini, .json) and the settings of SSCOM (sscom.ini, sscom51.ini)",
            ),
            Self::Own(problem) | Self::Json(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

/// Reads a list. What it is, is told by what stands in it and not by its name. Of a workspace, the quick sends
/// of all its sessions are taken.
///
/// # Errors
/// When it is no list that is known.
///
/// # Example
/// ```
/// use netassist::workspace::import;
/// let sscom = b"N101=1,Reset,500\r\nN1=H,13 00 FF\r\n";
/// let imported = import(sscom).unwrap();
/// assert_eq!((&imported.quick[0].name[..], &imported.quick[0].delay[..]), ("Reset", "500"));
/// ```
pub fn import(bytes: &[u8]) -> Result<Imported, ImportError> {
    let (text, bad_line) = text_of(bytes);
    let head = text.trim_start();
    let mut imported = if sscom::is_one(&text) {
        sscom::read(&text)
    } else if packet_sender::is_ini(&text) {
        packet_sender::read_ini(&text)
    } else if head.starts_with('[') && serde_json::from_str::<serde::de::IgnoredAny>(head).is_ok() {
        packet_sender::read_json(&text).map_err(ImportError::Json)?
    } else if looks_like_toml(head) {
        own(text.clone()).map_err(ImportError::Own)?
    } else {
        return Err(ImportError::Unknown);
    };
    if let Some(line) = bad_line {
        imported.remark(line, ImportIssue::NotText);
    }
    Ok(imported)
}

/// Reads a list from the disk.
///
/// # Errors
/// Those of the system, that it is too long, and when it is no list that is known; with the path.
pub fn import_file(path: &std::path::Path) -> std::io::Result<Imported> {
    let bytes = read_bounded(path)?;
    import(&bytes).map_err(|error| {
        std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
    })
}

/// The text, in UTF-8 or else as Chinese Windows writes it, and the line of the first byte that is none.
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

/// Whether the first thing that is no comment could be a table or key of ours.
fn looks_like_toml(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        ["[[session", "[[quick", "[[rule", "session", "quick", "rule"]
            .iter()
            .any(|head| line.starts_with(head))
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
