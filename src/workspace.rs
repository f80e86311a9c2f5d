//! What a person writes down, to be opened again: sessions with their quick sends. Plain forms of typed
//! text, which the window edits and which stand in TOML files; what is typed becomes a type in `build`
//! alone. Knows no window and no socket.

mod examples;
mod file;
mod folders;
mod import;
mod names;
mod quick;
mod rule;
mod send;
mod session;

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::codec::duration;

pub use examples::{EXAMPLES, Example};
pub use file::{FileProblem, IfThere, MAX_FILE, RulesOf, Workspace, WorkspaceFile};
pub use import::{ImportError, Imported, MAX_IMPORTED, Remark, Skipped, Source, import, import_file};
pub use quick::{Key, KeyName, QuickField, QuickProblem, QuickSend, QuickTrouble};
pub use rule::{
    FaultsField, FaultsForm, FaultsProblem, ModbusForm, ModbusTrouble, RuleField, RuleForm, RuleProblem,
    RuleTrouble, ThenKind, WrongRule, build_rules,
};
pub use send::SendForm;
pub use session::{Look, Opening, Session, SessionField, SessionProblem, SessionTrouble, SocketForm};

/// Reads a duration of at most a day; a number without a unit means milliseconds.
fn span(text: &str) -> Option<Duration> {
    duration::parse_span(text, Duration::ZERO..=Duration::from_hours(24)).ok()
}

/// Whether it need not be written.
fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A text, or a number as one would type it.
fn typed<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a text or a whole number")]
    enum Typed {
        Text(String),
        Number(i64),
    }
    Ok(match Typed::deserialize(from)? {
        Typed::Text(text) => text,
        Typed::Number(number) => number.to_string(),
    })
}

/// The same for what need not be there.
fn typed_if<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    typed(from).map(Some)
}

/// What other rooms test with.
#[cfg(test)]
pub(crate) mod any {
    pub(crate) use super::quick::tests::quick_sends;
    pub(crate) use super::rule::tests::form as rule_forms;
}
