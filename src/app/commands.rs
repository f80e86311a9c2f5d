//! The keys that work everywhere in the window. Their names stand in the tooltips of the controls
//! that do the same.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, Phase, State};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// What the keys of this frame ask for.
pub(super) fn pressed(ui: &Ui, state: &State) -> Vec<Action> {
    if state.question.is_some() || state.recent_open || state.tab().save.open {
        return Vec::new();
    }
    let mut actions = Vec::new();
    ui.input_mut(|i| {
        let mut on = |modifiers, key, action: &dyn Fn() -> Action| {
            if i.consume_shortcut(&KeyboardShortcut::new(modifiers, key)) {
                actions.push(action());
            }
        };
        // The one with more modifiers first: it would match the shorter one, too.
        on(CTRL_SHIFT, Key::T, &|| Action::ReopenTab);
        on(CTRL, Key::T, &|| Action::NewTab);
        on(CTRL, Key::W, &|| Action::CloseTab(state.active));
        on(CTRL_SHIFT, Key::Tab, &|| Action::NextTab(-1));
        on(CTRL, Key::Tab, &|| Action::NextTab(1));
        on(CTRL, Key::Q, &|| Action::Quit);
        on(CTRL, Key::O, &|| Action::ShowRecent(true));
        on(CTRL, Key::S, &|| Action::ShowSave(true));
        on(CTRL, Key::L, &|| Action::Clear);
        match state.tab().phase {
            Phase::Idle => on(Modifiers::NONE, Key::F5, &|| Action::Open),
            Phase::Opening | Phase::Open { .. } | Phase::Closing => {
                on(Modifiers::NONE, Key::F5, &|| Action::Close);
            }
            Phase::Viewing { .. } => {}
        }
        on(Modifiers::NONE, Key::F6, &|| Action::Pause(state.tab().paused.is_none()));
    });
    let notice = state.notice.is_some() || state.tab().notice.is_some();
    let free = ui.memory(|memory| memory.focused().is_none());
    if notice && free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        actions.push(Action::DismissNotice);
    }
    actions
}
