//! The keys that send quick sends.

use egui::{Event, Key, KeyboardShortcut, Modifiers, Ui};

use crate::state::{Action, QuickAction, QuickBox};
use crate::workspace::{Key as QuickKey, KeyName};

/// Whose a key is that no quick send can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Window,
    System,
}

pub(crate) fn taken(key: QuickKey) -> Option<Taken> {
    match key.name {
        // Desktops close, move and switch windows with Alt, and consoles with Ctrl+Alt.
        KeyName::F(_) if key.alt => Some(Taken::System),
        // egui matches a key without Shift with Shift, too.
        KeyName::F(2 | 3 | 5 | 6 | 10) if !key.ctrl => Some(Taken::Window),
        KeyName::Digit(1..=3) if key.ctrl => Some(Taken::Window),
        KeyName::F(_) | KeyName::Digit(_) => None,
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
        if taken(key).is_none()
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
