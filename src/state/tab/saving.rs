//! Saving what a tab has recorded as something else. Writes nothing itself.

use std::path::PathBuf;

use super::Tab;
use crate::model::Format;
use crate::state::action::{Disposal, ExportOrder, Saved};
use crate::state::{Notice, SaveScope, SaveState};

impl Tab {
    pub(in crate::state) fn show_save(&mut self, open: bool) {
        self.save.open = open && self.capture.is_some();
        if open && self.capture.is_none() {
            self.tell(Notice::NothingToSave);
        }
        if let SaveState::Exists(_) = self.save.state {
            self.save.state = SaveState::Idle;
        }
    }

    /// What to save, if a path is typed and nothing is being saved.
    pub(in crate::state) fn export_order(&mut self, disposal: Disposal) -> Option<ExportOrder> {
        let path = PathBuf::from(self.save.path.trim());
        let running = matches!(self.save.state, SaveState::Running { .. });
        if path.as_os_str().is_empty() || running || self.capture.is_none() {
            return None;
        }
        self.save.state = SaveState::Running { done: 0, total: 0 };
        Some(ExportOrder {
            format: self.save.format,
            charset: self.session.charset,
            body: self.session.view.body,
            path,
            disposal,
            scope: self.save.scope,
        })
    }

    pub(in crate::state) fn save_ended(&mut self, result: Result<Saved, String>) {
        self.save.state = SaveState::Idle;
        match result {
            Ok(Saved::Done(path, n_bytes)) => {
                self.save.open = false;
                // The dialog stands before all else while it saves: nothing was noted meanwhile.
                let all = (self.save.format, self.save.scope) == (Format::Pcapng, SaveScope::Whole);
                self.notes_unsaved &= !all;
                self.tell(Notice::Saved(path, n_bytes));
            }
            Ok(Saved::Exists(path)) => self.save.state = SaveState::Exists(path),
            Ok(Saved::Cancelled) => self.tell(Notice::SaveCancelled),
            Err(why) => self.tell(Notice::SaveFailed(why)),
        }
    }
}
