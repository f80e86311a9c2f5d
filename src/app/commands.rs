//! The keys that work everywhere in the window. Their names stand in the tooltips of the controls
//! that do the same.

use egui::{Event, ImeEvent, Key, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, Phase, SendKey, Side, State};
use crate::ui::side::quick;
use crate::ui::toolbar::Toggled;
use crate::workspace::{View, ViewMode};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// Whether an input method composes a text after the events of this frame.
pub(super) fn composes(ui: &Ui, before: bool) -> bool {
    let after = |on, event: &Event| match event {
        Event::Ime(ImeEvent::Preedit { text, .. }) => !text.is_empty(),
        Event::Ime(ImeEvent::Commit(_)) => false,
        _ => on,
    };
    ui.memory(|memory| memory.focused().is_some()) && ui.input(|i| i.events.iter().fold(before, after))
}

/// What the keys of this frame ask for. `position` is where the user looks in what is shown; `composing`: the keys
/// belong to an input method.
pub(super) fn pressed(ui: &Ui, state: &State, position: u64, composing: bool) -> (Vec<Action>, Toggled) {
    let mut toggled = Toggled::default();
    let tab = state.tab();
    let asking = tab.save.open || tab.workspace.open || tab.go_to.is_some() || tab.note.is_some();
    if state.question.is_some() || state.recent_open || asking {
        return (Vec::new(), toggled);
    }
    let mut actions = Vec::new();
    ui.input_mut(|i| {
        let mut on = |modifiers, key, action: &dyn Fn() -> Action| {
            if i.consume_shortcut(&KeyboardShortcut::new(modifiers, key)) {
                actions.push(action());
            }
        };
        // The one with more modifiers first, since it also matches the shorter one.
        on(CTRL_SHIFT, Key::T, &|| Action::ReopenTab);
        on(CTRL, Key::T, &|| Action::NewTab);
        for (key, mode) in [Key::Num1, Key::Num2, Key::Num3].into_iter().zip(ViewMode::ALL) {
            on(CTRL, key, &|| Action::SetView(View { mode, ..tab.session.view }));
        }
        on(Modifiers::SHIFT, Key::F3, &|| Action::NextHit { forward: false, position });
        on(Modifiers::NONE, Key::F3, &|| Action::NextHit { forward: true, position });
        on(CTRL, Key::G, &|| Action::ShowGoTo(true));
        let item = tab.items().get(position);
        if let Some(item) = item {
            on(CTRL_SHIFT, Key::M, &|| Action::SwitchHighlight(item));
        }
        on(CTRL, Key::M, &|| Action::EditNote(item.map(|item| item.first())));
        on(CTRL, Key::W, &|| Action::CloseTab(state.active));
        on(CTRL_SHIFT, Key::Tab, &|| Action::NextTab(-1));
        on(CTRL, Key::Tab, &|| Action::NextTab(1));
        on(CTRL, Key::Q, &|| Action::Quit);
        on(CTRL, Key::O, &|| Action::ShowRecent(true));
        if !tab.is_viewer() {
            for (key, side) in [Key::K, Key::H, Key::J].into_iter().zip(Side::ALL) {
                let open = state.layout.side == Some(side);
                on(CTRL, key, &|| Action::ShowSide((!open).then_some(side)));
            }
        }
        on(CTRL, Key::S, &|| Action::ShowSave(true));
        on(CTRL, Key::B, &|| Action::FoldLeft(!state.layout.left_folded));
        if !composing && !tab.is_viewer() && state.settings.send_key == SendKey::CtrlEnter {
            on(CTRL, Key::Enter, &|| Action::Send);
        }
        if !tab.is_viewer() {
            on(Modifiers::NONE, Key::F2, &|| Action::Rename(Some(tab.id)));
        }
        match state.tab().phase {
            Phase::Idle => on(Modifiers::NONE, Key::F5, &|| Action::Open),
            Phase::Opening | Phase::Waiting { .. } | Phase::Open { .. } | Phase::Ready | Phase::Closing => {
                on(Modifiers::NONE, Key::F5, &|| Action::Close);
            }
            Phase::Viewing { .. } => {}
        }
        on(Modifiers::NONE, Key::F6, &|| Action::Pause(state.tab().paused.is_none()));
    });
    ui.input_mut(|i| {
        let mut pressed = |key| i.consume_shortcut(&KeyboardShortcut::new(CTRL_SHIFT, key));
        toggled = Toggled { framing: pressed(Key::F), filter: pressed(Key::L) };
        if i.consume_shortcut(&KeyboardShortcut::new(CTRL, Key::F)) {
            actions.push(Action::ShowFind(true));
        }
        if i.consume_shortcut(&KeyboardShortcut::new(CTRL, Key::L)) {
            actions.push(Action::Clear);
        }
    });
    actions.extend(quick::pressed(ui, &tab.quick));
    let notice = state.notice.is_some() || state.tab().notice.is_some();
    let free = ui.memory(|memory| memory.focused().is_none());
    if notice && free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        actions.push(Action::DismissNotice);
    }
    (actions, toggled)
}
