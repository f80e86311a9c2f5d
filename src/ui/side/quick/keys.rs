//! The keys that send quick sends.

use egui::{Event, Id, Key, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, QuickAction, QuickBox};
use crate::workspace::{Key as QuickKey, KeyName};

/// The key that is pressed, if a quick send can have such a one.
fn typed(ui: &Ui) -> Option<QuickKey> {
    let typed = |event: &Event| {
        let Event::Key { key, pressed: true, modifiers: held, .. } = event else { return None };
        let held = [(held.command, "Ctrl+"), (held.alt, "Alt+"), (held.shift, "Shift+")];
        let held: String = held.iter().filter(|(is_held, _)| *is_held).map(|(_, name)| *name).collect();
        format!("{held}{}", key.name()).parse().ok()
    };
    ui.input(|i| i.events.iter().find_map(typed))
}

/// Names the field that takes keys as what one types.
pub(crate) fn key_field() -> Id {
    Id::unique("key of a quick send")
}

/// The key that is pressed in that field.
pub(crate) fn taken_by_field(ui: &Ui) -> Option<QuickKey> {
    let field = ui.data(|data| data.get_temp::<Id>(key_field()));
    typed(ui).filter(|_| field.is_some() && ui.memory(egui::Memory::focused) == field)
}

pub(crate) fn pressed(ui: &Ui, quick: &QuickBox) -> Vec<Action> {
    let mut actions = Vec::new();
    if typed(ui).is_none() {
        return actions;
    }
    let mut rows: Vec<_> =
        quick.list.rows().iter().filter_map(|row| Some((row.form.key().ok()??, row.id))).collect();
    // More modifiers first: egui also matches the combination with fewer.
    rows.sort_by_key(|(key, _)| {
        std::cmp::Reverse([key.ctrl, key.alt, key.shift].map(u8::from).iter().sum::<u8>())
    });
    for (key, id) in rows {
        if shortcut(key).is_some_and(|shortcut| ui.input_mut(|i| i.consume_shortcut(&shortcut))) {
            actions.push(Action::Quick(QuickAction::Send(id)));
        }
    }
    actions
}

fn shortcut(key: QuickKey) -> Option<KeyboardShortcut> {
    let name = match key.name {
        KeyName::F(n) => format!("F{n}"),
        KeyName::Digit(n) => n.to_string(),
    };
    let modifiers = Modifiers {
        alt: key.alt,
        shift: key.shift,
        ..if key.ctrl { Modifiers::COMMAND } else { Modifiers::NONE }
    };
    Some(KeyboardShortcut::new(modifiers, Key::from_name(&name)?))
}
