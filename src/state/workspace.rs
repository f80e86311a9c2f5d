//! Workspaces as tabs: examples, and saving.

mod save;

use super::{LoadedWorkspace, Notice, Side, State};
use crate::workspace::{Example, WorkspaceFile};

pub use save::{Unwritable, WorkspaceBox};

impl State {
    /// Opens an example in a tab, with its rules beside the log, but does not start it:
    /// the user may read it first.
    pub(super) fn take_example(&mut self, example: Example) {
        match WorkspaceFile::parse(example.text.to_owned()) {
            Ok(mut file) => {
                file.workspace.sessions.iter_mut().for_each(|session| session.start = false);
                self.show_side(Some(Side::Rules));
                self.open_workspace(LoadedWorkspace::own(file.workspace));
            }
            Err(why) => self.tell(None, Notice::CannotOpen(why.into())),
        }
    }
}

#[cfg(test)]
mod save_tests;
