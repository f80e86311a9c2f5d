//! A workspace in the window: its sessions become tabs, and tabs become sessions of one. Knows no file.

mod save;

use super::{Effect, Notice, Side, State, Tab};
use crate::workspace::{Example, Session, Workspace, WorkspaceFile};

pub use save::{Unwritable, WorkspaceBox};

impl State {
    /// The sessions of a workspace come to the end of the tabs; those that say so are opened. The first of them
    /// is in front.
    pub(super) fn open_workspace(&mut self, workspace: &Workspace) -> Vec<Effect> {
        let mut effects = vec![Effect::WriteSettings];
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
                effects.extend(self.open());
            }
        }
        if let Some(first) = first {
            self.active = first;
        }
        effects
    }

    /// A ready example comes into a tab, with its rules beside the log. It is there to be read first: nothing
    /// listens before the user opens it.
    pub(super) fn take_example(&mut self, example: Example) -> Vec<Effect> {
        match WorkspaceFile::parse(example.text.to_owned()) {
            Ok(mut file) => {
                file.workspace.sessions.iter_mut().for_each(|session| session.start = false);
                self.show_side(Some(Side::Rules));
                self.open_workspace(&file.workspace)
            }
            Err(why) => {
                self.notice = Some(Notice::CannotOpen(why.to_string()));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod save_tests;
#[cfg(test)]
mod tests;
