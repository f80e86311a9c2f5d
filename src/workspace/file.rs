//! The workspace file: TOML to forms and back, and where in it a key stands. The one place of this room that
//! touches the disk.

use std::fmt;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::is_usual;
use super::quick::{QuickProblem, QuickSend};
use super::rule::{FaultsForm, RuleForm, WrongRule, build_rules};
use super::session::{Opening, Session, SessionProblem};
use crate::codec::Charset;
use crate::model::{Rules, SendPart};

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

/// What is wrong with a workspace file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub why: String,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for FileProblem {}

/// A step on the way to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To<'a> {
    Key(&'a str),
    Nth(usize),
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
    /// What is no TOML, no key or no value of one, with its line.
    ///
    /// # Example
    /// ```
    /// use netassist::workspace::WorkspaceFile;
    /// let file = WorkspaceFile::parse("[[session]]\nprotocol = 'tcp-server'\nlokal = '[::]:80'\n".into());
    /// let problem = file.unwrap_err().to_string();
    /// assert!(problem.starts_with("line 3: unknown field `lokal`, expected one of `name`"), "{problem}");
    /// ```
    pub fn parse(text: String) -> Result<Self, FileProblem> {
        match toml::from_str(&text) {
            Ok(workspace) => Ok(Self { text, workspace }),
            Err(error) => {
                let at = error.span().map_or(0, |span: Range<usize>| span.start);
                Err(FileProblem { line: line_of(&text, at), why: error.message().replace('\n', "; ") })
            }
        }
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
    /// The field that is wrong, with its line.
    pub fn opening(&self, n: usize) -> Result<Opening, FileProblem> {
        let Some(session) = self.workspace.sessions.get(n) else {
            return Err(FileProblem { line: 1, why: format!("there is no session {}", n + 1) });
        };
        session.build().map_err(|problem: SessionProblem| {
            let path: Vec<To<'_>> = problem.field.path().iter().map(|key| To::Key(key)).collect();
            let session = [To::Key("session"), To::Nth(n)];
            FileProblem { line: self.line(&session, &path), why: problem.to_string() }
        })
    }

    /// What the quick send of this name sends, of the nth session. Of several of one name the first counts.
    ///
    /// # Errors
    /// That there is none, or the field that is wrong, with its line.
    pub fn quick(&self, n: usize, name: &str) -> Result<SendPart, FileProblem> {
        let place = [To::Key("session"), To::Nth(n)];
        let session = self.workspace.sessions.get(n);
        let all = session.map_or(&[][..], |session| &session.quick);
        let Some((nth, quick)) = all.iter().enumerate().find(|(_, quick)| quick.name == name) else {
            let names: Vec<String> = all.iter().map(|quick| format!("‘{}’", quick.name)).collect();
            let known = if names.is_empty() { "it has none".to_owned() } else { names.join(", ") };
            let why = format!("no quick send of this session is called ‘{name}’; right are {known}");
            return Err(FileProblem { line: self.line(&place, &[]), why });
        };
        let charset = session.map(|session| session.charset).unwrap_or_default();
        quick.build(charset).map_err(|problem: QuickProblem| {
            let place = [place[0], place[1], To::Key("quick"), To::Nth(nth)];
            FileProblem {
                line: self.line(&place, &[To::Key(problem.field.name())]),
                why: problem.to_string(),
            }
        })
    }

    /// The rules that are on, and the faults.
    ///
    /// # Errors
    /// The field that is wrong, with its line.
    pub fn rules(&self, of: RulesOf) -> Result<Rules, FileProblem> {
        let Workspace { sessions, quick: _, rules, faults } = &self.workspace;
        let (place, rules, faults, charset) = match of {
            RulesOf::None(charset) => (vec![], rules, faults, charset),
            RulesOf::Session(n) => {
                let Some(Session { rules, faults, charset, .. }) = sessions.get(n) else {
                    return Err(FileProblem { line: 1, why: format!("there is no session {}", n + 1) });
                };
                (vec![To::Key("session"), To::Nth(n)], rules, faults, *charset)
            }
        };
        build_rules(rules, faults, charset).map_err(|wrong| match wrong {
            WrongRule::Rule(nth, problem) => {
                let nth = usize::try_from(nth).unwrap_or(usize::MAX);
                let table = [&place[..], &[To::Key("rule"), To::Nth(nth)]].concat();
                let key: Vec<To<'_>> = problem.field.path().iter().map(|key| To::Key(key)).collect();
                FileProblem { line: self.line(&table, &key), why: problem.to_string() }
            }
            WrongRule::Faults(problem) => {
                let table = [&place[..], &[To::Key("faults")]].concat();
                let line = self.line(&table, &[To::Key(problem.field.name())]);
                FileProblem { line, why: problem.to_string() }
            }
        })
    }

    /// The line in which the nth session begins.
    pub fn line_of_session(&self, n: usize) -> usize {
        self.line(&[To::Key("session"), To::Nth(n)], &[])
    }

    /// The line in which the nth quick send of a session, or of none, begins.
    pub(super) fn line_of_quick(&self, session: Option<usize>, nth: usize) -> usize {
        let quick = [To::Key("quick"), To::Nth(nth)];
        match session {
            Some(n) => self.line(&[To::Key("session"), To::Nth(n), quick[0], quick[1]], &[]),
            None => self.line(&quick, &[]),
        }
    }

    /// The line of a key in a table; of the table, if the key is not there.
    fn line(&self, table: &[To<'_>], key: &[To<'_>]) -> usize {
        let Ok(root) = DeTable::parse(&self.text) else { return 1 };
        let at = [table, key].concat();
        let found = walk(root.get_ref(), &at).or_else(|| walk(root.get_ref(), table));
        found.map_or(1, |span| line_of(&self.text, span.start))
    }
}

/// Where the value stands to which `path` leads.
fn walk(root: &DeTable<'_>, path: &[To<'_>]) -> Option<Range<usize>> {
    let (To::Key(first), rest) = path.split_first()? else { return None };
    let mut value: &Spanned<DeValue<'_>> = root.get(*first)?;
    for step in rest {
        value = match (step, value.get_ref()) {
            (To::Key(key), DeValue::Table(table)) => table.get(*key)?,
            (To::Nth(n), DeValue::Array(array)) => array.get(*n)?,
            (To::Key(_) | To::Nth(_), _) => return None,
        };
    }
    Some(value.span())
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    1 + memchr::memchr_iter(b'\n', before).count()
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
pub enum IfThere {
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
    pub fn save(&self, path: &Path, if_there: IfThere) -> io::Result<()> {
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
        let persisted = match if_there {
            IfThere::Replace => file.persist(path),
            IfThere::Refuse => file.persist_noclobber(path),
        };
        persisted.map(drop).map_err(|error| named(error.error))
    }
}

#[cfg(test)]
mod tests;
