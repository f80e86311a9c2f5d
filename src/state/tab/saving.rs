//! Saving what a tab has recorded.

use super::Tab;
use crate::model::{Format, Reason};
use crate::state::action::{ExportOrder, Saved};
use crate::state::{Notice, SaveScope, SaveState};
use crate::workspace::IfExists;

impl Tab {
    pub(in crate::state) fn show_save(&mut self, open: bool) {
        self.save.open = open && self.capture.is_some();
        self.save.forget_facts();
        if open && self.capture.is_none() {
            self.tell(Notice::NothingToSave);
        }
        if let SaveState::Exists(_) | SaveState::Failed(_) = self.save.state {
            self.save.state = SaveState::Idle;
        }
    }

    /// What to save, if there is a path and nothing is being saved.
    pub(in crate::state) fn export_order(&mut self, if_exists: IfExists) -> Option<ExportOrder> {
        let path = self.save.place.path()?;
        let running = matches!(self.save.state, SaveState::Running { .. });
        if running || self.capture.is_none() {
            return None;
        }
        self.save.state = SaveState::Running { done: 0, total: 0 };
        Some(ExportOrder {
            format: self.save.format,
            charset: self.session.charset,
            body: self.session.view.body,
            path,
            if_exists,
            scope: self.save.scope,
        })
    }

    pub(in crate::state) fn save_ended(&mut self, result: Result<Saved, Reason>) {
        if let Ok(Saved::Done(..)) = result {
            self.save.open = false;
            // Nothing can be noted while the dialog is open.
            let all = (self.save.format, self.save.scope) == (Format::Pcapng, SaveScope::Whole);
            self.notes_unsaved &= !all;
        }
        self.save.state = self.tell_saved(result);
    }

    pub(in crate::state) fn workspace_saved(&mut self, result: Result<Saved, Reason>) {
        self.workspace.open &= !matches!(result, Ok(Saved::Done(..)));
        self.workspace.state = self.tell_saved(result);
    }

    fn tell_saved(&mut self, result: Result<Saved, Reason>) -> SaveState {
        self.tell(match result {
            Ok(Saved::Done(path, n_bytes)) => Notice::Saved(path, n_bytes),
            Ok(Saved::Exists(path)) => return SaveState::Exists(path),
            Ok(Saved::Cancelled) => Notice::SaveCancelled,
            Err(why) => {
                self.tell(Notice::SaveFailed(why.clone()));
                return SaveState::Failed(why);
            }
        });
        SaveState::Idle
    }
}
