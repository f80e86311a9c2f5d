//! The workspace file: TOML to forms and back, and where in it a key stands. The one place of this room that
//! touches the disk.

use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::is_usual;
use super::quick::QuickSend;
use super::rule::{FaultsForm, RuleForm, build_rules};
use super::session::{Opening, Session};
use super::syntax::{self, FileProblem};
use crate::codec::Charset;
use crate::model::{Fault, Problem, Rules, SendPart};

/// The longest file that is read, in bytes.
pub const MAX_FILE: u64 = 16 << 20;

/// What stands in a workspace file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workspace {
    /// The sessions.
    #[serde(rename = "session", skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Session>,
    /// Quick sends of no session: a list to be taken over into one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quick: Vec<QuickSend>,
    /// Rules of no session.
    #[serde(rename = "rule", skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleForm>,
    /// The faults that go with them.
    #[serde(skip_serializing_if = "is_usual")]
    pub faults: FaultsForm,
}

/// Whose rules in a workspace file are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RulesOf {
    /// Those of the nth session, from 0.
    Session(usize),
    /// Those of no session, for one of this charset.
    None(Charset),
}

/// A workspace file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceFile {
    text: String,
    /// What stands in it.
    pub workspace: Workspace,
}

impl WorkspaceFile {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The first thing that does not belong there, with its place.
    ///
    /// # Example
    /// ```
    /// use netassist::workspace::WorkspaceFile;
    /// let file = WorkspaceFile::parse("[[session]]\nprotocol = 'tcp-server'\nlokal = '[::]:80'\n".into());
    /// let problem = file.unwrap_err().to_string();
    /// assert_eq!(problem, "line 3, column 1: session.0.lokal: unknown key; did you mean ‘local’?");
    /// ```
    pub fn parse(text: String) -> Result<Self, FileProblem> {
        let workspace = syntax::read(&text)?;
        Ok(Self { text, workspace })
    }

    /// Reads a file from the disk. Relative folders in it count from the folder of the file, and are absolute in
    /// what is given.
    ///
    /// # Errors
    /// Those of the system, that it is too long or no UTF-8, and what is wrong in it, with the path.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = read_bounded(path)?;
        let text = String::from_utf8(text).map_err(|_no_text| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}: it is no text in UTF-8", path.display()))
        })?;
        let mut file = Self::parse(text).map_err(|problem| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}, {problem}", path.display()))
        })?;
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        file.workspace.after_reading(path).map_err(named)?;
        Ok(file)
    }

    /// What is to be opened for the nth session.
    ///
    /// # Errors
    /// The field that is wrong, with its place.
    pub fn opening(&self, n: usize) -> Result<Opening, FileProblem> {
        self.session(n)?.build().map_err(|problem| self.wrong(&format!("session.{n}"), problem))
    }

    /// What the quick send of this name of the nth session sends; the first one, if several have the name.
    ///
    /// # Errors
    /// That there is none, or the field that is wrong, with its place.
    pub fn quick(&self, n: usize, name: &str) -> Result<SendPart, FileProblem> {
        let session = self.session(n)?;
        let all = &session.quick;
        let Some((nth, quick)) = all.iter().enumerate().find(|(_, quick)| quick.name == name) else {
            let names: Vec<String> = all.iter().map(|quick| format!("‘{}’", quick.name)).collect();
            let known = if names.is_empty() {
                "it has none".to_owned()
            } else {
                format!("expected {}", names.join(", "))
            };
            return Err(self.at_session(n, format!("this session has no quick send ‘{name}’; {known}")));
        };
        quick
            .build(session.charset)
            .map_err(|problem| self.wrong(&format!("session.{n}.quick.{nth}"), problem))
    }

    /// The rules that are on, and the faults.
    ///
    /// # Errors
    /// The field that is wrong, with its place.
    pub fn rules(&self, of: RulesOf) -> Result<Rules, FileProblem> {
        let Workspace { sessions: _, quick: _, rules, faults } = &self.workspace;
        let (prefix, rules, faults, charset) = match of {
            RulesOf::None(charset) => (String::new(), rules, faults, charset),
            RulesOf::Session(n) => {
                let Session { rules, faults, charset, .. } = self.session(n)?;
                (format!("session.{n}"), rules, faults, *charset)
            }
        };
        build_rules(rules, faults, charset).map_err(|problem| self.wrong(&prefix, problem))
    }

    /// What sessions set that their protocols do not use.
    pub fn warnings(&self) -> Vec<FileProblem> {
        let sessions = self.workspace.sessions.iter().enumerate();
        let unused = sessions.flat_map(|(n, session)| {
            session.unused().into_iter().map(move |problem| (format!("session.{n}"), problem))
        });
        unused.map(|(prefix, problem)| self.wrong(&prefix, problem)).collect()
    }

    fn session(&self, n: usize) -> Result<&Session, FileProblem> {
        let session = self.workspace.sessions.get(n);
        session.ok_or_else(|| self.at_session(n, format!("there is no session {}", n + 1)))
    }

    /// A problem of the nth session as a whole.
    pub fn at_session(&self, n: usize, why: String) -> FileProblem {
        let (line, column) = self.place_of_session(n);
        FileProblem { line, column, problem: Problem::new("", Fault::Other(why)) }
    }

    /// The line and column in which the nth session begins.
    fn place_of_session(&self, n: usize) -> (usize, usize) {
        if self.workspace.sessions.get(n).is_none() {
            return (1, 1);
        }
        syntax::place(&self.text, &format!("session.{n}"))
    }

    /// The line in which the nth quick send of a session, or of none, begins.
    pub(super) fn line_of_quick(&self, session: Option<usize>, nth: usize) -> usize {
        let of = session.map(|n| format!("session.{n}.")).unwrap_or_default();
        syntax::place(&self.text, &format!("{of}quick.{nth}")).0
    }

    /// A problem of the form under `prefix`, with its place.
    fn wrong(&self, prefix: &str, problem: Problem) -> FileProblem {
        let path =
            if prefix.is_empty() { problem.path.to_string() } else { format!("{prefix}.{}", problem.path) };
        let (line, column) = syntax::place(&self.text, &path);
        FileProblem { line, column, problem }
    }
}

/// All of a file that is not too long.
///
/// # Errors
/// Those of the system, and that it is too long, with the path.
pub(super) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    use std::io::Read as _;
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(named)?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(named)?;
    if bytes.len() as u64 > MAX_FILE {
        let why = format!("{}: it is longer than {} MiB", path.display(), MAX_FILE >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(bytes)
}

/// What if the file exists that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// It is left as it is.
    Refuse,
    /// It is replaced: the user was asked.
    Replace,
}

impl Workspace {
    /// The text of a file in which all of it stands.
    ///
    /// # Errors
    /// When it cannot be said in TOML, which no form that can be typed does.
    pub fn print(&self) -> io::Result<String> {
        toml::to_string(self).map_err(io::Error::other)
    }

    /// Writes it to the disk: whole, or not at all. Folders below that of the file stand in it as they are seen
    /// from there, so that the file can be moved with them.
    ///
    /// # Errors
    /// Those of the system, with the path; [`io::ErrorKind::AlreadyExists`] if it must not be replaced. That it
    /// is too long to be read back.
    pub fn save(&self, path: &Path, if_exists: IfExists) -> io::Result<()> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let text = self.before_writing(path).map_err(named)?.print()?;
        if text.len() as u64 > MAX_FILE {
            let why = format!("it would be longer than {} MiB", MAX_FILE >> 20);
            return Err(named(io::Error::new(io::ErrorKind::InvalidData, why)));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(named)?;
        file.write_all(text.as_bytes()).map_err(named)?;
        file.as_file().sync_all().map_err(named)?;
        let persisted = match if_exists {
            IfExists::Replace => file.persist(path),
            IfExists::Refuse => file.persist_noclobber(path),
        };
        persisted.map(drop).map_err(|error| named(error.error))
    }
}

#[cfg(test)]
mod tests;
