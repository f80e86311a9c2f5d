//! The keys that send quick sends.

use egui::{Event, Key, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, QuickAction, QuickBox};
use crate::workspace::{Key as QuickKey, KeyName};

pub(crate) fn is_taken(key: QuickKey) -> bool {
    match (key.ctrl, key.alt, key.shift, key.name) {
        (false, false, false, KeyName::F(3 | 5 | 6)) | (false, false, true, KeyName::F(3)) => true,
        (_, _, _, KeyName::F(_) | KeyName::Digit(_)) => false,
    }
}

pub(crate) fn pressed(ui: &Ui, quick: &QuickBox) -> Vec<Action> {
    let mut actions = Vec::new();
    let any = ui.input(|i| i.events.iter().any(|event| matches!(event, Event::Key { pressed: true, .. })));
    if !any {
        return actions;
    }
    let mut rows: Vec<_> =
        quick.list.rows().iter().filter_map(|row| Some((row.form.key().ok()??, row.id))).collect();
    // More modifiers first: egui also matches the combination with fewer.
    rows.sort_by_key(|(key, _)| {
        std::cmp::Reverse([key.ctrl, key.alt, key.shift].map(u8::from).iter().sum::<u8>())
    });
    for (key, id) in rows {
        if !is_taken(key)
            && shortcut(key).is_some_and(|shortcut| ui.input_mut(|i| i.consume_shortcut(&shortcut)))
        {
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
