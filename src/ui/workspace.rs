//! The dialog that saves a session as a workspace. Its path field works even where the system has no file
//! dialog.

use egui::Ui;

use super::lang::Lang;
use super::save::{self, Wish};
use super::widgets;
use crate::state::{Action, FileFor, SaveState, WorkspaceBox};

pub(crate) fn workspace_ui(ui: &Ui, lang: Lang, form: &mut WorkspaceBox) -> Vec<Action> {
    let wanted = widgets::dialog(ui, "workspace", 480.0, Wish::Cancel, |ui, wanted| {
        ui.heading(lang.save_workspace().trim_end_matches('…'));
        ui.add_space(6.0);
        ui.label(lang.save_workspace_what());
        ui.add_space(6.0);
        let running = matches!(form.state, SaveState::Running { .. });
        ui.add_enabled_ui(!running, |ui| {
            wanted.extend(save::path_ui(ui, lang, &mut form.path, &mut form.state));
            ui.add_space(6.0);
            if let SaveState::Exists(path) = &form.state {
                save::exists_ui(ui, lang, path);
            }
            ui.horizontal(|ui| wanted.extend(save::choose_ui(ui, lang, &form.path, &form.state)));
        });
    });
    let action = |wish| match wish {
        Wish::Save(disposal) => Action::SaveWorkspace(disposal),
        Wish::Browse => Action::Browse(FileFor::Workspace),
        Wish::Cancel => Action::ShowWorkspace(false),
    };
    wanted.into_iter().map(action).collect()
}
