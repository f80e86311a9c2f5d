//! Workspaces and folders that the user has not approved: nothing of them starts before the user says so.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Effect, Notice, Phase, State, Tab, TabId};
use crate::model::{Cause, Doing, NetError, Reason, RuleFault};
use crate::workspace::{Consequence, RuleForm, Session, Workspace};

/// Folders as typed, and their canonical names.
pub type Folders = BTreeMap<String, PathBuf>;

/// The file from which a workspace was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its canonical path.
    pub place: String,
    /// The SHA-256 of its content.
    pub sha256: String,
}

/// A workspace that was read, and what of it is approved.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedWorkspace {
    /// Its content.
    pub workspace: Workspace,
    /// Its file; `None` if an approval cannot be remembered.
    pub origin: Option<Origin>,
    /// The folders of its rules.
    pub folders: Folders,
    /// The approved folders; `None` if it is not approved.
    pub approved: Option<Vec<PathBuf>>,
}

impl LoadedWorkspace {
    /// A workspace of the program's own. Its folders are not approved.
    pub fn own(workspace: Workspace) -> Self {
        Self { workspace, origin: None, folders: Folders::new(), approved: Some(Vec::new()) }
    }

    /// Whether it may be opened as it says: with all its folders, or as the user has decided, with none.
    fn is_approved(&self) -> bool {
        let all = |approved: &Vec<PathBuf>| self.folders.values().all(|folder| approved.contains(folder));
        self.approved.as_ref().is_some_and(|approved| approved.is_empty() || all(approved))
    }
}

/// A question whether sessions may start.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustQuestion {
    /// The file that they came from, if they have just been read.
    pub origin: Option<Origin>,
    /// The folders of their rules.
    folders: Folders,
    /// The sessions.
    pub sessions: Vec<AskedSession>,
}

/// A session that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedSession {
    /// Its tab.
    pub tab: TabId,
    /// Its name, or what it opens.
    pub name: String,
    /// It starts when the answer allows it.
    pub starts: bool,
    /// What it does by itself. Folders have their canonical names.
    pub does: Vec<Consequence>,
}

/// An answer to a [`TrustQuestion`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustAnswer {
    /// All of it is approved.
    Start,
    /// Sessions start, but rules use no files.
    WithoutFiles,
    /// Nothing is approved.
    KeepStopped,
}

impl TrustQuestion {
    /// Whether files are read or written.
    pub fn has_files(&self) -> bool {
        self.sessions.iter().flat_map(|session| &session.does).any(|does| does.folder().is_some())
    }
}

impl Tab {
    /// Whether it came with a workspace that is not approved, or an active rule uses a folder that is not.
    pub fn is_untrusted(&self) -> bool {
        self.untrusted || self.rules.has_strange_folder()
    }

    /// Whether a log or keys are written where the user has not said.
    fn has_strange_log(&self) -> bool {
        self.untrusted && self.session.written().next().is_some()
    }

    /// Writes no log and no keys to folders that are not `known`.
    fn write_only(&mut self, known: impl Fn(&str) -> bool) {
        let strange = self.session.written().filter(|(_, folder)| !known(folder)).map(|(name, _)| name);
        for name in strange.collect::<Vec<_>>() {
            self.session.options.set(name, "");
        }
    }

    /// The folders that are approved together with a file to which the tab is saved; `None` if the tab itself is not.
    pub fn folders_to_approve(&self) -> Option<Vec<String>> {
        let mut folders: Vec<String> = self.rules.folders_to_save().into_values().collect();
        folders.extend(self.session.written().map(|(_option, folder)| folder.to_owned()));
        (!self.is_untrusted()).then_some(folders)
    }

    fn asked(&self, starts: bool, folders: &Folders) -> AskedSession {
        let mut session = self.to_session();
        for rule in &mut session.rules {
            if let Some(name) = rule.file_folder().and_then(|folder| folders.get(folder)) {
                rule.folder = name.display().to_string();
            }
        }
        let does = session.consequences();
        let name = self.title();
        AskedSession { tab: self.id, name, starts, does }
    }
}

impl State {
    /// Adds the sessions of a workspace as tabs, and opens those with `start`, or asks first. The first of them
    /// becomes active.
    pub(super) fn open_workspace(&mut self, loaded: LoadedWorkspace) {
        self.effects.push(Effect::WriteSettings);
        let is_approved = loaded.is_approved();
        let LoadedWorkspace { workspace, origin, folders, approved } = loaded;
        let approved = approved.unwrap_or_default();
        let mut known = folders.clone();
        known.retain(|_typed, folder| approved.contains(folder));
        let mut added = Vec::new();
        for session in &workspace.sessions {
            if let Err(problem) = session.build() {
                self.tell(None, Notice::CannotOpen(Reason::of(&session.name, problem)));
                continue;
            }
            let mut tab = Tab::of_session(Session { start: false, ..session.clone() });
            tab.rules.approve(&known);
            if is_approved {
                tab.write_only(|folder| known.contains_key(folder));
            }
            tab.untrusted = !is_approved;
            for command in session.rules.iter().filter(|rule| rule.on).filter_map(RuleForm::command_name) {
                if !self.settings.alert_commands.contains_key(command) {
                    let cause = Cause::Rule(RuleFault::Command(command.to_owned()));
                    let error = NetError::new(Doing::RunningCommand, command, cause);
                    self.tell(None, Notice::Net(error));
                }
            }
            added.push((self.add_tab(tab), session.start));
        }
        let Some((first, _)) = added.first() else { return };
        let before = std::mem::replace(&mut self.active, *first);
        self.give_way(before);
        let starts = added.iter().filter(|(_, starts)| *starts);
        if is_approved {
            starts.for_each(|(id, _)| self.start(*id));
        } else if starts.count() > 0 {
            self.ask(&added, origin, folders);
        }
    }

    /// Opens the session in front, or asks first if it has rules with files that are not approved.
    pub(super) fn open(&mut self) {
        let tab = self.tab_mut();
        if tab.asking.is_some() || tab.phase != Phase::Idle {
            return;
        }
        let (id, folders) = (tab.id, tab.rules.unapproved());
        let can_open = tab.session.link().is_ok();
        let (no_folder, log) = (folders.is_empty(), tab.has_strange_log());
        if can_open && tab.untrusted && no_folder && !log && tab.rules.runs_commands() {
            return self.ask(&[(id, true)], None, Folders::new());
        }
        if can_open && (!no_folder || log) {
            return self.effects.push(Effect::FindFolders { tab: id, folders, opens: true });
        }
        // Without files, to open it is to approve it.
        tab.untrusted &= !can_open;
        self.start(id);
    }

    /// Takes in the canonical names of folders. Those that the user has typed are approved by that.
    pub(super) fn folders_found(&mut self, id: TabId, folders: Folders, opens: bool) {
        let Some(tab) = self.find_mut(id) else { return };
        tab.rules.approve_typed(&folders);
        if !opens || tab.phase != Phase::Idle {
            let command = tab.give_new_rules();
            self.effects.extend(command);
        } else if tab.rules.unapproved().is_empty() && !tab.has_strange_log() {
            tab.untrusted = false;
            self.start(id);
        } else if tab.asking.is_none() {
            self.ask(&[(id, true)], None, folders);
        }
    }

    fn ask(&mut self, tabs: &[(TabId, bool)], origin: Option<Origin>, folders: Folders) {
        let asked = |(id, starts): &(TabId, bool)| Some(self.find(*id)?.asked(*starts, &folders));
        let sessions = tabs.iter().filter_map(asked).collect();
        let question = Arc::new(TrustQuestion { origin, folders, sessions });
        for (id, _) in tabs {
            self.with_tab(*id, |tab| tab.asking = Some(Arc::clone(&question)));
        }
    }

    /// Answers the question of the tab in front, for all tabs that it asks about.
    pub(super) fn answer_trust(&mut self, answer: TrustAnswer) {
        let Some(question) = self.tab().asking.clone() else { return };
        for AskedSession { tab: id, starts, .. } in &question.sessions {
            let Some(tab) = self.find_mut(*id) else { continue };
            if tab.asking.take_if(|asked| Arc::ptr_eq(asked, &question)).is_none() {
                continue;
            }
            if answer == TrustAnswer::Start {
                tab.rules.approve(&question.folders);
            } else if tab.untrusted {
                tab.session.file.path.clear();
                tab.write_only(|_strange| false);
            }
            if answer != TrustAnswer::KeepStopped {
                tab.untrusted = false;
                if *starts {
                    self.start(*id);
                }
            }
        }
        let folders = || question.folders.values().cloned().collect();
        let approved = match answer {
            TrustAnswer::Start => Some(folders()),
            TrustAnswer::WithoutFiles => Some(Vec::new()),
            TrustAnswer::KeepStopped => None,
        };
        let approve = question.origin.clone().zip(approved);
        self.effects.extend(approve.map(|(origin, folders)| Effect::Approve(origin, folders)));
        self.effects.push(Effect::WriteSettings);
    }
}
