//! Opening the sessions of a workspace as tabs.

mod save;

use super::{Effect, Notice, Side, State, Tab};
use crate::workspace::{Example, Session, Workspace, WorkspaceFile};

pub use save::{Unwritable, WorkspaceBox};

impl State {
    /// Adds the sessions of a workspace as tabs, and opens those with `start`. The first of them
    /// becomes active.
    pub(super) fn open_workspace(&mut self, workspace: &Workspace) {
        self.effects.push(Effect::WriteSettings);
        let mut first = None;
        for session in &workspace.sessions {
            if let Err(problem) = session.build() {
                self.notice = Some(Notice::CannotOpen(format!("{}: {problem}", session.name)));
                continue;
            }
            let tab = Tab::of_session(Session { start: false, ..session.clone() });
            self.active = self.add_tab(tab);
            first.get_or_insert(self.active);
            if session.start {
                self.open();
            }
        }
        self.active = first.unwrap_or(self.active);
    }

    /// Opens an example in a tab, with its rules beside the log, but does not start it:
    /// the user may read it first.
    pub(super) fn take_example(&mut self, example: Example) {
        match WorkspaceFile::parse(example.text.to_owned()) {
            Ok(mut file) => {
                file.workspace.sessions.iter_mut().for_each(|session| session.start = false);
                self.show_side(Some(Side::Rules));
                self.open_workspace(&file.workspace);
            }
            Err(why) => self.notice = Some(Notice::CannotOpen(why.to_string())),
        }
    }
}

#[cfg(test)]
mod save_tests;
#[cfg(test)]
mod tests;
