//! Reads and writes workspace files. No other part of `workspace` accesses the disk, except to import lists.

use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::form::form;
use super::quick::QuickSend;
use super::rule::{FaultsForm, RuleForm, build_rules, unused_rules};
use super::session::{Opening, Session};
use super::syntax::{self, FileProblem};
use crate::codec::Charset;
use crate::model::{Expected, Fault, Problem, Protocol, Reason, RelayFaults, Rules, SendPart, nearest};

/// The longest file that is read, in bytes.
pub const MAX_FILE: u64 = 16 << 20;

form! {
    /// The contents of a workspace file.
    pub struct Workspace {
        /// The sessions.
        #[serde(rename = "session")]
        pub sessions: Vec<Session>,
        /// Quick sends outside sessions: a list to be added to one.
        pub quick: Vec<QuickSend>,
        /// Rules outside sessions.
        #[serde(rename = "rule")]
        pub rules: Vec<RuleForm>,
        /// The faults for these rules.
        pub faults: FaultsForm,
    }
}

/// Selects rules of a workspace file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RulesOf {
    /// The rules of the nth session, from 0.
    Session(usize),
    /// The rules outside sessions, for a session of this charset.
    None(Charset),
}

/// A workspace file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceFile {
    text: String,
    /// Its contents.
    pub workspace: Workspace,
}

impl WorkspaceFile {
    /// Parses the text of a file.
    ///
    /// # Errors
    /// The first invalid key or value, with its place.
    ///
    /// # Example
    /// ```
    /// use netassist::workspace::WorkspaceFile;
    /// let file = WorkspaceFile::parse("[[session]]\nprotocol = 'tcp-server'\nlokal = '[::]:80'\n".into());
    /// let problem = file.unwrap_err().to_string();
    /// assert_eq!(problem, "line 3, column 1: session 1, lokal: unknown key; did you mean ‘local’?");
    /// ```
    pub fn parse(text: String) -> Result<Self, FileProblem> {
        let workspace = syntax::read(&text)?;
        let file = Self { text, workspace };
        let is_wrong = |session: &Session| session.send_to.is_upstream() && !session.protocol.relays();
        let wrong = file.workspace.sessions.iter().position(is_wrong);
        let problem = || Problem::new("send-to", Expected::SendTo);
        wrong.map_or(Ok(()), |n| Err(file.locate(&format!("session.{n}"), problem())))?;
        Ok(file)
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads a file from the disk. Folders in it that are relative to the folder of the file become absolute.
    ///
    /// # Errors
    /// When the file cannot be read, is too long, is not UTF-8 or is invalid; with its path.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = String::from_utf8(read_bounded(path)?)
            .map_err(|_not_utf8| invalid(Reason::of(path.display(), Fault::NotUtf8)))?;
        let mut file = Self::parse(text).map_err(|problem| invalid(Reason::of(path.display(), problem)))?;
        file.workspace.after_reading(path).map_err(in_file(path))?;
        Ok(file)
    }

    /// What to open for the nth session.
    ///
    /// # Errors
    /// The first invalid field, with its place.
    pub fn opening(&self, n: usize) -> Result<Opening, FileProblem> {
        self.session(n)?.build().map_err(|problem| self.locate(&format!("session.{n}"), problem))
    }

    /// What the first quick send of this name in the nth session sends.
    ///
    /// # Errors
    /// When there is none, or the first invalid field, with its place.
    pub fn quick(&self, n: usize, name: &str) -> Result<SendPart, FileProblem> {
        let session = self.session(n)?;
        let all = &session.quick;
        let Some((nth, quick)) = all.iter().enumerate().find(|(_, quick)| quick.name == name) else {
            let names: Vec<String> = all.iter().map(|quick| format!("‘{}’", quick.name)).collect();
            let known = match nearest(name, all.iter().map(|quick| quick.name.as_str())) {
                Some(near) => format!("did you mean ‘{near}’?"),
                None if names.is_empty() => "it has none".to_owned(),
                None => format!("expected {}", names.join(", ")),
            };
            let why = format!("this session has no quick send ‘{name}’; {known}");
            return Err(self.at(&format!("session.{n}.quick"), why));
        };
        quick
            .build(session.charsets().sent)
            .map_err(|problem| self.locate(&format!("session.{n}.quick.{nth}"), problem))
    }

    /// The active rules, and the faults.
    ///
    /// # Errors
    /// The first invalid field, with its place.
    pub fn rules(&self, of: RulesOf) -> Result<Rules, FileProblem> {
        let Workspace { sessions: _, quick: _, rules, faults } = &self.workspace;
        let (prefix, rules, faults, charset) = match of {
            RulesOf::None(charset) => (String::new(), rules, faults, charset.into()),
            RulesOf::Session(n) => {
                let session = self.session(n)?;
                (format!("session.{n}"), &session.rules, &session.faults, session.charsets())
            }
        };
        let relay = match of {
            RulesOf::None(_) => Ok(RelayFaults::default()),
            RulesOf::Session(n) => self.session(n)?.relay_faults(),
        };
        let rules =
            build_rules(rules, faults, charset).and_then(|rules| Ok(Rules { relay: relay?, ..rules }));
        rules.map_err(|problem| self.locate(&prefix, problem))
    }

    /// The fields that a session, as the nth of the file, sets without effect, and those without effect under its rules.
    pub fn warnings(&self, n: usize, session: &Session, under_rules: Vec<Problem>) -> Vec<FileProblem> {
        let all = session.unused().into_iter().chain(under_rules);
        all.map(|problem| self.locate(&format!("session.{n}"), problem)).collect()
    }

    /// The fields of active rules that have no effect in a session of this protocol.
    pub fn rule_warnings(&self, of: RulesOf, protocol: Protocol) -> Vec<FileProblem> {
        let (prefix, rules) = match of {
            RulesOf::None(_) => (String::new(), &self.workspace.rules),
            RulesOf::Session(n) => match self.session(n) {
                Ok(session) => (format!("session.{n}"), &session.rules),
                Err(none) => return vec![none],
            },
        };
        unused_rules(rules, protocol).map(|problem| self.locate(&prefix, problem)).collect()
    }

    fn session(&self, n: usize) -> Result<&Session, FileProblem> {
        let session = self.workspace.sessions.get(n);
        session.ok_or_else(|| self.at_session(n, format!("there is no session {}", n + 1)))
    }

    /// A problem of the nth session as a whole.
    pub fn at_session(&self, n: usize, why: String) -> FileProblem {
        let (line, column) = if n < self.workspace.sessions.len() {
            syntax::place(&self.text, &format!("session.{n}"))
        } else {
            (1, 1)
        };
        FileProblem { line, column, problem: Problem::new("", Fault::Other(why)) }
    }

    /// A problem of what is at this path.
    pub fn at(&self, path: &str, why: String) -> FileProblem {
        self.locate("", Problem::new(path.to_owned(), Fault::Other(why)))
    }

    /// The line of the nth quick send of a session, or outside sessions.
    pub(super) fn line_of_quick(&self, session: Option<usize>, nth: usize) -> usize {
        let of = session.map(|n| format!("session.{n}.")).unwrap_or_default();
        syntax::place(&self.text, &format!("{of}quick.{nth}")).0
    }

    /// Adds the place of a problem of the form under `prefix`.
    fn locate(&self, prefix: &str, problem: Problem) -> FileProblem {
        let path =
            if prefix.is_empty() { problem.path.to_string() } else { format!("{prefix}.{}", problem.path) };
        let (line, column) = syntax::place(&self.text, &path);
        FileProblem { line, column, problem: self.named(&path, problem) }
    }

    /// The problem at this path, with the name of its rule if it has one.
    fn named(&self, path: &str, problem: Problem) -> Problem {
        let parts: Vec<&str> = path.split('.').collect();
        let nth = |text: &&str| text.parse::<usize>().ok();
        let rules = match parts.as_slice() {
            ["session", n, "rule", ..] => {
                nth(n).and_then(|n| self.workspace.sessions.get(n)).map(|of| &of.rules)
            }
            _ => Some(&self.workspace.rules),
        };
        let at = parts.iter().position(|part| *part == "rule").map_or(0, |at| at + 1);
        let rule = parts.get(at).and_then(nth).zip(rules).and_then(|(n, rules)| Some((n, rules.get(n)?)));
        match rule.filter(|(_, rule)| !rule.name.is_empty()) {
            Some((n, rule)) => {
                let field = parts.get(at + 1..).unwrap_or_default().join(".");
                Problem { path: format!("rule {} ‘{}’, {field}", n + 1, rule.name).into(), ..problem }
            }
            None => problem,
        }
    }
}

/// Reads a file of at most [`MAX_FILE`]. Errors include the path.
pub(super) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(in_file(path))?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(in_file(path))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(invalid(Reason::of(path.display(), Fault::TooLong(MAX_FILE))));
    }
    Ok(bytes)
}

pub(super) fn invalid(why: impl Into<Reason>) -> io::Error {
    why.into().error(io::ErrorKind::InvalidData)
}

/// Adds the path to errors.
fn in_file(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| {
        let kind = error.kind();
        Reason::of(path.display(), error).error(kind)
    }
}

/// What happens if the file to write exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// An error; the file is left alone.
    Refuse,
    /// It is replaced. The user has agreed.
    Replace,
}

impl Workspace {
    /// The text of a file with these contents.
    ///
    /// # Errors
    /// When it cannot be written as TOML, which never happens with typed values.
    pub fn print(&self) -> io::Result<String> {
        toml::to_string(self).map_err(io::Error::other)
    }

    /// Writes a file atomically, and returns its text. Folders below the folder of the file are written as relative, so
    /// that the file can be moved together with them.
    ///
    /// # Errors
    /// When the file cannot be written or would be too long, with its path; [`io::ErrorKind::AlreadyExists`] if it
    /// must not be replaced.
    pub fn save(&self, path: &Path, if_exists: IfExists) -> io::Result<String> {
        let named = in_file(path);
        let text = self.before_writing(path).map_err(&named)?.print()?;
        if text.len() as u64 > MAX_FILE {
            return Err(named(invalid(Fault::TooLong(MAX_FILE))));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(&named)?;
        file.write_all(text.as_bytes()).map_err(&named)?;
        file.as_file().sync_all().map_err(&named)?;
        let persisted = match if_exists {
            IfExists::Replace => file.persist(path),
            IfExists::Refuse => file.persist_noclobber(path),
        };
        persisted.map(|_file| text).map_err(|error| named(error.error))
    }
}

#[cfg(test)]
mod tests;
