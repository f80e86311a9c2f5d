//! Saving a tab as a session of a workspace, and the dialog for it.

use std::path::{Path, PathBuf};

use crate::codec::frame::Framing;
use crate::codec::number;
use crate::model::Problem;
use crate::state::{Effect, Notice, SavePlace, SaveState, State, Tab};
use crate::workspace::{IfExists, Session, Workspace, build_rules};

/// The dialog that saves a tab as a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceBox {
    /// It is shown.
    pub open: bool,
    /// Where to.
    pub place: SavePlace,
    /// Where saving stands.
    pub state: SaveState,
    /// The name that was suggested.
    suggested: String,
}

impl WorkspaceBox {
    fn is_running(&self) -> bool {
        matches!(self.state, SaveState::Running { .. })
    }

    /// Suggests a name, and a folder if there is none yet.
    pub fn suggest(&mut self, folder: &Path, name: String) {
        self.place.suggest(folder, name.clone());
        self.suggested = name;
    }

    /// The file to save to, if typed, with the extension of workspaces.
    fn file(&self) -> Option<PathBuf> {
        let path = self.place.path()?;
        let mut name = path.file_name()?.to_owned();
        if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
            name.push(".toml");
        }
        Some(path.with_file_name(name))
    }
}

/// Why a tab cannot be written down so that it could be opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unwritable {
    /// A field of its session is wrong.
    Field(Problem),
    /// A rule that is on is wrong.
    Rule {
        /// Its place in the list, from 1.
        nth: usize,
        /// What it is called.
        name: String,
        /// What is wrong.
        problem: Problem,
    },
}

impl Tab {
    /// The session of this tab as it is written down: as much of it as its protocol uses, not to be opened before the
    /// user says so.
    ///
    /// # Errors
    /// What of it is wrong, so that it could not be opened again.
    pub fn to_workspace(&self) -> Result<Session, Unwritable> {
        let framing = match &self.framed.framing {
            Framing::AsReceived => String::new(),
            framing => framing.to_string(),
        };
        let session = Session { framing, ..self.to_session() }.only_used();
        session.build().map_err(Unwritable::Field)?;
        session.send.steps().map_err(|problem| Unwritable::Field(problem.within("send")))?;
        match build_rules(&session.rules, &session.faults, session.charsets()) {
            Ok(_rules) => Ok(session),
            Err(problem) => Err(unwritable(&session, problem)),
        }
    }

    /// The session, or a notice why it cannot be saved.
    fn session_or_tell(&mut self) -> Option<Session> {
        match self.to_workspace() {
            Ok(session) => Some(session),
            Err(why) => {
                self.show_problems |= matches!(why, Unwritable::Field(_));
                self.tell(Notice::CannotWrite(why));
                None
            }
        }
    }
}

/// A problem of the rules, `rule.N.field` or `faults.field`, for people.
fn unwritable(session: &Session, problem: Problem) -> Unwritable {
    let mut path = problem.path.splitn(3, '.');
    let (rule, nth, field) = (path.next(), path.next().and_then(number::parse::<usize>), path.next());
    match (nth.and_then(|nth| Some((nth, session.rules.get(nth)?))), field) {
        (Some((nth, form)), Some(field)) if rule == Some("rule") => {
            let name = form.name.trim().to_owned();
            Unwritable::Rule { nth: nth + 1, name, problem: Problem::new(field.to_owned(), problem.fault) }
        }
        _ => Unwritable::Field(problem),
    }
}

impl State {
    pub(in crate::state) fn show_workspace(&mut self, open: bool) {
        let tab = self.tab_mut();
        if tab.workspace.is_running() {
            return;
        }
        tab.workspace.state = SaveState::Idle;
        tab.workspace.open = open && !tab.is_viewer() && tab.session_or_tell().is_some();
        if tab.workspace.open && tab.workspace.place.name == tab.workspace.suggested {
            self.effects.push(Effect::SuggestWorkspacePath(self.active));
        }
    }

    pub(in crate::state) fn save_workspace(&mut self, if_exists: IfExists) {
        let tab = self.tab_mut();
        let Some(path) = tab.workspace.file().filter(|_| !tab.workspace.is_running()) else { return };
        let Some(session) = tab.session_or_tell() else { return };
        // Only the file that was asked about is replaced.
        let asked = tab.workspace.state == SaveState::Exists(path.clone());
        let if_exists = if asked { if_exists } else { IfExists::Refuse };
        tab.workspace.state = SaveState::Running { done: 0, total: 0 };
        let workspace = Box::new(Workspace { sessions: vec![session], ..Workspace::default() });
        self.effects.push(Effect::SaveWorkspace { tab: self.active, path, workspace, if_exists });
    }
}
