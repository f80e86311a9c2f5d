//! The dialog that saves a session as a workspace. Its path field works even where the system has no file
//! dialog.

use egui::{RichText, Ui};

use super::lang::Lang;
use super::save::{self, Wish};
use super::theme::Palette;
use super::widgets;
use crate::state::{Action, FileFor, SaveState, WorkspaceBox};

pub(crate) fn workspace_ui(ui: &Ui, lang: Lang, form: &mut WorkspaceBox) -> Vec<Action> {
    let mut wanted = Vec::new();
    let modal = widgets::dialog(ui, "workspace", 480.0, |ui| {
        ui.heading(lang.save_workspace().trim_end_matches('…'));
        ui.add_space(6.0);
        ui.label(lang.save_workspace_what());
        ui.add_space(6.0);
        let running = matches!(form.state, SaveState::Running { .. });
        ui.add_enabled_ui(!running, |ui| {
            wanted.extend(save::path_ui(ui, lang, &mut form.path, &mut form.state).map(action));
            ui.add_space(6.0);
            if let SaveState::Exists(path) = &form.state {
                ui.label(RichText::new(lang.file_exists(path.display())).color(Palette::of(ui).care));
            }
            ui.horizontal(|ui| {
                wanted.extend(save::choose_ui(ui, lang, &form.path, &form.state).map(action));
            });
        });
    });
    if modal.should_close() {
        wanted.push(Action::ShowWorkspace(false));
    }
    wanted
}

fn action(wish: Wish) -> Action {
    match wish {
        Wish::Save(disposal) => Action::SaveWorkspace(disposal),
        Wish::Browse => Action::Browse(FileFor::Workspace),
        Wish::Cancel => Action::ShowWorkspace(false),
    }
}
