//! Keyboard shortcuts, by name: `F7`, `Ctrl+F2`, `Alt+1`.

use std::fmt;
use std::str::FromStr;

use crate::model::Expected;

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Ctrl; on a Mac, Command.
    pub ctrl: bool,
    /// Alt; on a Mac, Option.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// The key itself.
    pub name: KeyName,
}

/// A key that can be a shortcut because it types nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// F1 to F12.
    F(u8),
    /// 0 to 9, with Alt.
    Digit(u8),
}

/// The text does not name a key that can be a shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NotAKey;

impl Key {
    /// Whose it is if no quick send can have it: the window's, or the system's.
    pub fn taken(self) -> Option<Expected> {
        match self.name {
            // Desktops close, move and switch windows with Alt, and consoles with Ctrl+Alt.
            KeyName::F(_) if self.alt => Some(Expected::KeyNotOfSystem),
            // egui matches a key without Shift with Shift, too.
            KeyName::F(2 | 3 | 5 | 6 | 10) if !self.ctrl => Some(Expected::KeyNotOfWindow),
            KeyName::Digit(1..=3) if self.ctrl => Some(Expected::KeyNotOfWindow),
            KeyName::F(_) | KeyName::Digit(_) => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            f.write_str(if held { name } else { "" })?;
        }
        match self.name {
            KeyName::F(n) => write!(f, "F{n}"),
            KeyName::Digit(n) => write!(f, "{n}"),
        }
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    /// Ignores case and spaces; modifiers may be in any order.
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.to_ascii_uppercase();
        let mut words = text.rsplit('+');
        let name = words.next().unwrap_or_default();
        let number = |digits: &str| (1..=12).find(|n: &u8| n.to_string() == digits);
        let name = match name.as_bytes() {
            [digit @ b'0'..=b'9'] => KeyName::Digit(digit - b'0'),
            _ => KeyName::F(name.strip_prefix('F').and_then(number).ok_or(NotAKey)?),
        };
        let mut key = Self { ctrl: false, alt: false, shift: false, name };
        for word in words {
            let flag = match word {
                "CTRL" | "CMD" => &mut key.ctrl,
                "ALT" => &mut key.alt,
                "SHIFT" => &mut key.shift,
                _ => return Err(NotAKey),
            };
            if std::mem::replace(flag, true) {
                return Err(NotAKey);
            }
        }
        // A digit without Alt types something.
        match key.name {
            KeyName::Digit(_) if !key.alt => Err(NotAKey),
            KeyName::Digit(_) | KeyName::F(_) => Ok(key),
        }
    }
}
