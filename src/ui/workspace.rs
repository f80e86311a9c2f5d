//! The dialog that saves a session as a workspace. Its path field always works; the system's dialog is a help.

use egui::{Button, Key, Margin, RichText, TextEdit, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, widgets};
use crate::state::{Action, Disposal, SaveState, WorkspaceAction, WorkspaceBox};

/// The dialog. It is open.
pub fn workspace_ui(ui: &Ui, lang: Lang, form: &mut WorkspaceBox) -> Vec<Action> {
    let mut wanted = Vec::new();
    let modal = widgets::dialog(ui, "workspace", 480.0, |ui| {
        ui.heading(lang.save_workspace().trim_end_matches('…'));
        ui.add_space(6.0);
        ui.label(lang.save_workspace_what());
        ui.add_space(6.0);
        let running = matches!(form.state, SaveState::Running { .. });
        ui.add_enabled_ui(!running, |ui| {
            path_ui(ui, lang, form, &mut wanted);
            ui.add_space(6.0);
            if let SaveState::Exists(path) = &form.state {
                ui.label(RichText::new(messages::exists(lang, path)).color(Palette::of(ui).care));
            }
            ui.horizontal(|ui| buttons_ui(ui, lang, form, &mut wanted));
        });
    });
    if modal.should_close() {
        wanted.push(WorkspaceAction::Show(false));
    }
    wanted.into_iter().map(Action::Workspace).collect()
}

fn path_ui(ui: &mut Ui, lang: Lang, form: &mut WorkspaceBox, wanted: &mut Vec<WorkspaceAction>) {
    let label = ui.label(lang.save_path());
    ui.horizontal(|ui| {
        let edit = TextEdit::singleline(&mut form.path)
            .desired_width(ui.available_width() - 110.0)
            .margin(Margin::symmetric(6, 3));
        let response = ui.add(edit).labelled_by(label.id).on_hover_text(lang.save_path_tip());
        if response.changed() {
            // What was asked of an existing file is asked anew.
            form.state = SaveState::Idle;
        }
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
            wanted.push(WorkspaceAction::Save(Disposal::Ask));
        }
        if ui.button(lang.browse()).on_hover_text(lang.browse_tip()).clicked() {
            wanted.push(WorkspaceAction::Browse);
        }
    });
}

fn buttons_ui(ui: &mut Ui, lang: Lang, form: &WorkspaceBox, wanted: &mut Vec<WorkspaceAction>) {
    let (label, tip, disposal) = match form.state {
        SaveState::Exists(_) => (lang.overwrite(), lang.overwrite_tip(), Disposal::Overwrite),
        SaveState::Idle | SaveState::Running { .. } => (lang.save(), lang.save_tip(), Disposal::Ask),
    };
    let ready = !form.path.trim().is_empty();
    let palette = Palette::of(ui);
    let text = RichText::new(label).strong();
    let button = if ready {
        Button::new(text.color(palette.on_accent)).fill(palette.accent)
    } else {
        Button::new(text)
    };
    if ui.add_enabled(ready, button).on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
        wanted.push(WorkspaceAction::Save(disposal));
    }
    if ui.button(lang.cancel()).on_hover_text(lang.cancel_tip()).clicked() {
        wanted.push(WorkspaceAction::Show(false));
    }
}
