//! What a person writes down, to be opened again: sessions with their quick sends and rules. Plain forms of typed
//! text, which tabs hold, the window edits, flags fill and TOML files contain; what is typed becomes a type in `build`
//! alone.

mod address;
mod examples;
mod file;
mod folders;
mod import;
mod names;
mod options;
mod quick;
mod rule;
mod saved;
mod send;
mod session;
mod syntax;
mod view;

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::model::{Fault, duration_in};

pub use address::Address;
pub use examples::{EXAMPLES, Example};
pub use file::{IfExists, MAX_FILE, RulesOf, Workspace, WorkspaceFile};
pub use import::{ImportError, ImportIssue, Imported, MAX_IMPORTED, Remark, Source, import, import_file};
pub use names::Named;
pub use options::TypedOptions;
pub use quick::{Key, KeyName, QuickSend};
pub use rule::{FaultsForm, ModbusForm, RuleForm, ThenKind, build_rules};
pub use saved::{LastCapture, SavedTab};
pub use send::{CycleForm, Draft, FileForm, PaceChoice};
pub use session::{Opening, Session};
pub use syntax::FileProblem;
pub use view::{FOLDS, FilterForm, TimeMode, View, ViewMode};

/// Reads a duration of at most a day, `usual` if the text is blank; a number without a unit is in milliseconds.
fn span(text: &str, usual: Duration) -> Result<Duration, Fault> {
    if text.trim().is_empty() {
        Ok(usual)
    } else {
        duration_in(text, Duration::ZERO..=Duration::from_hours(24))
    }
}

/// Whether a value need not be written.
fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a text, or a number as one would type it.
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

/// Reads the same where the key is optional.
fn typed_if<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    typed(from).map(Some)
}

/// For the tests of other rooms.
#[cfg(test)]
pub(crate) mod any {
    pub(crate) use super::quick::tests::quick_sends;
    pub(crate) use super::rule::tests::form as rule_forms;
}
