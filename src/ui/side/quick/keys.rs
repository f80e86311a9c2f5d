//! The keys that send quick sends.

use egui::{Key as Pressed, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, QuickAction, QuickBox};
use crate::workspace::{Key, KeyName};

const F_KEYS: [Pressed; 12] = [
    Pressed::F1,
    Pressed::F2,
    Pressed::F3,
    Pressed::F4,
    Pressed::F5,
    Pressed::F6,
    Pressed::F7,
    Pressed::F8,
    Pressed::F9,
    Pressed::F10,
    Pressed::F11,
    Pressed::F12,
];

const DIGITS: [Pressed; 10] = [
    Pressed::Num0,
    Pressed::Num1,
    Pressed::Num2,
    Pressed::Num3,
    Pressed::Num4,
    Pressed::Num5,
    Pressed::Num6,
    Pressed::Num7,
    Pressed::Num8,
    Pressed::Num9,
];

/// Whether the window itself needs this key.
pub(crate) fn is_taken(key: Key) -> bool {
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

fn shortcut(key: Key) -> Option<KeyboardShortcut> {
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
