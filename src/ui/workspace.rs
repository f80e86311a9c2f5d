//! The dialog that saves a session as a workspace. Its fields work even where the system has no file dialog.

use egui::Ui;

use super::lang::Lang;
use super::save::{self, Wish};
use super::widgets;
use crate::state::{Action, FileFor, SaveState, WorkspaceBox};

pub(crate) fn workspace_ui(ui: &Ui, lang: Lang, form: &mut WorkspaceBox) -> Vec<Action> {
    let title = lang.save_workspace().trim_end_matches('…');
    let wanted = widgets::dialog(ui, ("workspace", title), Wish::Cancel, |ui, wanted| {
        ui.label(lang.save_workspace_what());
        ui.add_space(6.0);
        let running = matches!(form.state, SaveState::Running { .. });
        ui.add_enabled_ui(!running, |ui| {
            wanted.extend(save::place_ui(ui, lang, (&mut form.place, &mut form.state), ("", false)));
            save::ends_ui(ui, lang, (&form.place, &form.state), wanted);
        });
    });
    let action = |wish| match wish {
        Wish::Save(if_exists) => Action::SaveWorkspace(if_exists),
        Wish::Browse => Action::Browse(FileFor::Workspace),
        Wish::Cancel => Action::ShowWorkspace(false),
    };
    wanted.into_iter().map(action).collect()
}
