//! Sessions with their quick sends and rules, as typed. Tabs hold these forms, the window edits them, flags fill them
//! and TOML files contain them. Only their `build` methods interpret what was typed.

mod address;
#[cfg(test)]
pub(crate) mod any;
mod consequence;
mod examples;
mod file;
mod folders;
mod form;
mod import;
mod names;
mod options;
mod peer_names;
mod quick;
mod rule;
mod saved;
mod send;
mod send_to;
mod session;
mod syntax;
mod view;

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::model::{Fault, duration_in};

pub use address::{Address, WsUrl};
pub use consequence::Consequence;
pub use examples::{EXAMPLES, Example};
pub use file::{IfExists, MAX_FILE, RulesOf, Workspace, WorkspaceFile};
pub use folders::canonical;
pub use import::{ImportIssue, Imported, MAX_IMPORTED, Remark, Source, import, import_file};
pub use options::TypedOptions;
pub use peer_names::PeerNames;
pub use quick::{Key, KeyName, QuickSend};
pub use rule::{FaultsForm, ModbusForm, RuleForm, ThenKind, build_rules};
pub use saved::{LastCapture, SavedTab};
pub use send::{CycleForm, Draft, FileForm, PaceChoice};
pub(crate) use send_to::is_named_host;
pub use send_to::{SendTo, SendToPeer};
pub use session::{Charsets, Opening, Session};
pub use syntax::FileProblem;
pub use view::{FOLDS, FilterForm, TimeMode, View, ViewMode};

/// The trimmed text; `None` if nothing is left.
fn nonblank(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Parses a duration of at most a day, `default` if the text is blank; a number without a unit is in milliseconds.
fn duration_or(text: &str, default: Duration) -> Result<Duration, Fault> {
    nonblank(text).map_or(Ok(default), |text| duration_in(text, Duration::ZERO..=Duration::from_hours(24)))
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a string, or an integer as its digits.
fn typed<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a string or an integer")]
    enum Typed {
        Text(String),
        Number(i64),
    }
    Ok(match Typed::deserialize(from)? {
        Typed::Text(text) => text,
        Typed::Number(number) => number.to_string(),
    })
}
