//! A tab that is saved as a session of a workspace: what is written down of it, and the dialog that asks where.
//! Writes nothing itself.

use std::path::{Path, PathBuf};

use crate::codec::frame::Framing;
use crate::model::{Link, Protocol};
use crate::state::{
    Disposal, Effect, Field, Form, Notice, Problem, SaveState, Saved, SendBox, State, Tab, TabId, ViewMode,
};
use crate::workspace::{
    FaultsProblem, IfThere, Look, RuleProblem, SendForm, Session, SocketForm, Workspace, WrongRule,
    build_rules,
};

/// What the user wants with the dialog that saves a tab as a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceAction {
    /// Show or hide it.
    Show(bool),
    /// Choose where with the system's dialog.
    Browse,
    /// Save.
    Save(Disposal),
}

/// The dialog that saves a tab as a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceBox {
    /// It is shown.
    pub open: bool,
    /// Where to, as typed.
    pub path: String,
    /// Where saving stands.
    pub state: SaveState,
}

impl WorkspaceBox {
    /// Takes the path that was chosen or suggested.
    fn set_path(&mut self, path: &Path) {
        self.path = path.display().to_string();
        self.state = SaveState::Idle;
    }

    /// Where to save, if that is typed. By its ending a workspace is known when it is opened.
    fn file(&self) -> Option<PathBuf> {
        let path = Path::new(self.path.trim());
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
    /// Fields of its settings panel are wrong.
    Form,
    /// A field of what the send box appends is wrong.
    Append,
    /// A rule that is on is wrong.
    Rule {
        /// Its place in the list, from 1.
        nth: u32,
        /// What it is called.
        name: String,
        /// What is wrong.
        problem: RuleProblem,
    },
    /// A field of the faults is wrong.
    Faults(FaultsProblem),
}

impl From<Vec<(Field, Problem)>> for Unwritable {
    fn from(_shown_beside_the_fields: Vec<(Field, Problem)>) -> Self {
        Self::Form
    }
}

/// What is typed, or nothing if that is the usual.
fn unusual(typed: &str, usual: &str) -> String {
    let typed = typed.trim();
    if typed == usual { String::new() } else { typed.to_owned() }
}

impl Form {
    /// The settings panel as a session that is written down: as much of it as its protocol uses.
    fn to_session(&self) -> Result<Session, Vec<(Field, Problem)>> {
        let (local, remote) = match self.link()?.0 {
            Link::TcpClient { remote, local } => (local, Some(remote)),
            Link::TcpServer { local } => (Some(local), None),
            Link::Udp { local, remote, groups: _ } => (Some(local), remote),
        };
        Ok(Session {
            protocol: self.protocol,
            local: local.map(|local| local.to_string()).unwrap_or_default(),
            remote: remote.map(|remote| remote.to_string()).unwrap_or_default(),
            options: self.to_sockets(),
            ..Session::default()
        })
    }

    fn to_sockets(&self) -> SocketForm {
        let usual = Self::default();
        let sockets = SocketForm {
            send_buffer: self.send_buffer.trim().to_owned(),
            receive_buffer: self.receive_buffer.trim().to_owned(),
            ..SocketForm::default()
        };
        let (nodelay, keepalive) = (self.nodelay, self.keepalive);
        let (abort_on_close, half_open) = (self.abort_on_close, self.half_open);
        let tcp = SocketForm { nodelay, keepalive, abort_on_close, half_open, ..sockets.clone() };
        match self.protocol {
            Protocol::TcpServer => tcp,
            Protocol::TcpClient => SocketForm {
                reconnect: self.reconnect,
                short: self.short,
                short_until_closed: self.short_until_closed,
                short_wait: if self.short {
                    unusual(&self.short_wait, &usual.short_wait)
                } else {
                    String::new()
                },
                timeout: unusual(&self.timeout, &usual.timeout),
                ..tcp
            },
            Protocol::Udp => SocketForm {
                broadcast: self.broadcast,
                group: self.group.trim().to_owned(),
                // Without a group it may be anything: then it counts for nothing.
                interface: self
                    .interface()
                    .map(|_right| self.interface.trim().to_owned())
                    .unwrap_or_default(),
                ttl: unusual(&self.ttl, &usual.ttl),
                loopback: self.loopback,
                ..sockets
            },
        }
    }
}

impl Tab {
    /// The session of this tab as it is written down, not to be opened before the user says so.
    ///
    /// # Errors
    /// What of it is wrong, so that it could not be opened again.
    pub fn to_session(&self) -> Result<Session, Unwritable> {
        let session = Session {
            name: self.name.clone(),
            framing: match &self.framed.framing {
                Framing::AsReceived => String::new(),
                framing @ (Framing::Line
                | Framing::Delimiter(_)
                | Framing::Fixed(_)
                | Framing::Length(_)
                | Framing::Idle(_)) => framing.to_string(),
            },
            charset: self.view.charset,
            view: match self.view.mode {
                ViewMode::Log => Look::Log,
                ViewMode::Table => Look::Table,
                ViewMode::Stream => Look::Stream,
            },
            show: self.view.body,
            send: self.send_form()?,
            loops: (self.quick.loops != "1").then(|| self.quick.loops.clone()),
            quick: self.quick.forms(),
            rules: self.rules.forms(),
            faults: self.rules.faults.clone(),
            ..self.form.to_session()?
        };
        match build_rules(&session.rules, &session.faults, session.charset) {
            Ok(_rules) => Ok(session),
            Err(WrongRule::Faults(problem)) => Err(Unwritable::Faults(problem)),
            Err(WrongRule::Rule(at, problem)) => {
                let rule = usize::try_from(at).ok().and_then(|at| session.rules.get(at));
                let name = rule.map(|rule| rule.name.trim().to_owned()).unwrap_or_default();
                Err(Unwritable::Rule { nth: at.saturating_add(1), name, problem })
            }
        }
    }

    fn send_form(&self) -> Result<SendForm, Unwritable> {
        let SendBox { text, mode, escapes, placeholders, append, cycle, .. } = &self.send;
        let steps = append.steps().map_err(|_told_beside_the_fields| Unwritable::Append)?;
        Ok(SendForm {
            mode: *mode,
            content: text.clone(),
            escapes: *escapes,
            placeholders: *placeholders,
            append: steps.iter().map(ToString::to_string).collect(),
            period: cycle.period.clone(),
            count: cycle.count.clone(),
        })
    }

    /// The session, if it can be written down. If not, that is told.
    fn session_or_tell(&mut self) -> Option<Session> {
        match self.to_session() {
            Ok(session) => Some(session),
            Err(why) => {
                self.form.show_all_problems |= why == Unwritable::Form;
                self.tell(Notice::CannotWrite(why));
                None
            }
        }
    }
}

impl State {
    /// Does what the user wants with the dialog that saves a tab as a workspace.
    pub(in crate::state) fn workspace(&mut self, action: WorkspaceAction) -> Vec<Effect> {
        let tab = self.tab_mut();
        let (id, running) = (tab.id, matches!(tab.workspace.state, SaveState::Running { .. }));
        match action {
            WorkspaceAction::Show(_) | WorkspaceAction::Save(_) if running => Vec::new(),
            WorkspaceAction::Show(open) => {
                tab.workspace.state = SaveState::Idle;
                tab.workspace.open = open && !tab.is_viewer() && tab.session_or_tell().is_some();
                let suggest = tab.workspace.open && tab.workspace.path.is_empty();
                if suggest { vec![Effect::SuggestWorkspacePath(id)] } else { Vec::new() }
            }
            WorkspaceAction::Browse => vec![Effect::PickWorkspacePath(id, tab.workspace.path.clone())],
            WorkspaceAction::Save(disposal) => self.save_workspace(disposal),
        }
    }

    fn save_workspace(&mut self, disposal: Disposal) -> Vec<Effect> {
        let tab = self.tab_mut();
        let Some(path) = tab.workspace.file() else { return Vec::new() };
        let Some(session) = tab.session_or_tell() else { return Vec::new() };
        // Only the file that was asked about is replaced.
        let asked = tab.workspace.state == SaveState::Exists(path.clone());
        let if_there = match disposal {
            Disposal::Overwrite if asked => IfThere::Replace,
            Disposal::Overwrite | Disposal::Ask => IfThere::Refuse,
        };
        tab.workspace.state = SaveState::Running { done: 0, total: 0 };
        let workspace = Box::new(Workspace { sessions: vec![session], ..Workspace::default() });
        vec![Effect::SaveWorkspace { tab: tab.id, path, workspace, if_there }]
    }

    pub(in crate::state) fn workspace_path(&mut self, tab: TabId, path: &Path) {
        self.with_tab(tab, |tab| tab.workspace.set_path(path));
    }

    pub(in crate::state) fn workspace_saved(&mut self, tab: TabId, result: Result<Saved, String>) {
        self.with_tab(tab, |tab| {
            tab.workspace.state = SaveState::Idle;
            match result {
                Ok(Saved::Done(path, n_bytes)) => {
                    tab.workspace.open = false;
                    tab.tell(Notice::Saved(path, n_bytes));
                }
                Ok(Saved::Exists(path)) => tab.workspace.state = SaveState::Exists(path),
                Ok(Saved::Cancelled) => tab.tell(Notice::SaveCancelled),
                Err(why) => tab.tell(Notice::SaveFailed(why)),
            }
        });
    }
}
