//! A key that sends, by its name: `F7`, `Ctrl+F2`, `Alt+1`. Presses none.

use std::fmt;
use std::str::FromStr;

/// A key with what is held down with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Ctrl, on a Mac the command key.
    pub ctrl: bool,
    /// Alt, on a Mac the option key.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// The key itself.
    pub name: KeyName,
}

/// A key that may send: one that types nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyName {
    /// F1 to F12.
    F(u8),
    /// 0 to 9, with Alt.
    Digit(u8),
}

/// No key of this name can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NotAKey;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.name {
            KeyName::F(n) => write!(f, "F{n}"),
            KeyName::Digit(n) => write!(f, "{n}"),
        }
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    /// In either case, with blanks anywhere; what is held down stands in any order.
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.to_ascii_uppercase();
        let (held, name) = match text.rsplit_once('+') {
            Some((held, name)) => (Some(held), name),
            None => (None, text.as_str()),
        };
        let digits = name.strip_prefix('F').unwrap_or(name);
        let n = match digits.as_bytes() {
            [b'1'..=b'9', ..] | [b'0'] => {
                digits.parse().map_err(|_no_number: std::num::ParseIntError| NotAKey)?
            }
            _ => return Err(NotAKey),
        };
        let name = match n {
            1..=12 if name.starts_with('F') => KeyName::F(n),
            0..=9 if !name.starts_with('F') => KeyName::Digit(n),
            _ => return Err(NotAKey),
        };
        let mut key = Self { ctrl: false, alt: false, shift: false, name };
        for word in held.iter().flat_map(|held| held.split('+')) {
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
        // A digit alone, or with Shift, types something.
        match key.name {
            KeyName::Digit(_) if !key.alt => Err(NotAKey),
            KeyName::Digit(_) | KeyName::F(_) => Ok(key),
        }
    }
}
