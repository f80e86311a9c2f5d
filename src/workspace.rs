//! What a person writes down, to be opened again: sessions with their quick sends. Plain forms of typed
//! text, which the window edits and which stand in TOML files; what is typed becomes a type in `build`
//! alone. Knows no window, no socket and no disk.

mod names;
mod quick;

pub use quick::{Key, KeyName, QuickField, QuickProblem, QuickSend, QuickTrouble};
