//! The keys that send quick sends.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, QuickAction, QuickBox};
use crate::workspace::{Key as QuickKey, KeyName};

const F_KEYS: [Key; 12] = [
    Key::F1,
    Key::F2,
    Key::F3,
    Key::F4,
    Key::F5,
    Key::F6,
    Key::F7,
    Key::F8,
    Key::F9,
    Key::F10,
    Key::F11,
    Key::F12,
];

const DIGITS: [Key; 10] = [
    Key::Num0,
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// Whether the window itself needs this key.
pub(crate) fn is_taken(key: QuickKey) -> bool {
    match (key.ctrl, key.alt, key.shift, key.name) {
        (false, false, false, KeyName::F(3 | 5 | 6)) | (false, false, true, KeyName::F(3)) => true,
        (_, _, _, KeyName::F(_) | KeyName::Digit(_)) => false,
    }
}

/// The quick sends of the keys pressed in this frame.
pub(crate) fn pressed(ui: &Ui, quick: &QuickBox) -> Vec<Action> {
    let mut actions = Vec::new();
    let any = ui.input(|i| F_KEYS.iter().chain(&DIGITS).any(|key| i.key_pressed(*key)));
    if !any {
        return actions;
    }
    let mut rows: Vec<_> =
        quick.list.rows().iter().filter_map(|row| Some((row.form.key().ok()??, row.id))).collect();
    // More modifiers first: egui also matches the combination with fewer.
    rows.sort_by_key(|(key, _)| {
        std::cmp::Reverse([key.ctrl, key.alt, key.shift].iter().filter(|on| **on).count())
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
    let pressed = match key.name {
        KeyName::F(n) => F_KEYS.get(usize::from(n).checked_sub(1)?),
        KeyName::Digit(n) => DIGITS.get(usize::from(n)),
    };
    let modifiers = Modifiers {
        alt: key.alt,
        shift: key.shift,
        ..if key.ctrl { Modifiers::COMMAND } else { Modifiers::NONE }
    };
    Some(KeyboardShortcut::new(modifiers, *pressed?))
}
