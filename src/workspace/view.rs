//! How a session is shown: nothing of it changes what is recorded.

use serde::{Deserialize, Serialize};

use super::is_usual;
use super::names::{self, Named};
use crate::codec::query::{CaseRule, QueryKind};
use crate::model::Body;

/// One of the three ways to look at a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ViewMode {
    /// A head line for each item, and its data below: NetAssist's log mode.
    #[default]
    Log,
    /// One row per item, and the bytes of the selected one next to them.
    Table,
    /// The data alone, continuous.
    Stream,
}

impl ViewMode {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Log, Self::Table, Self::Stream];
}

impl Named for ViewMode {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Table => "table",
            Self::Stream => "stream",
        }
    }
}

/// How times are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum TimeMode {
    /// Date and time of day.
    #[default]
    Absolute,
    /// Since the first record of the capture.
    SinceStart,
    /// Since the previous item.
    Delta,
}

impl TimeMode {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 3] = [Self::Absolute, Self::SinceStart, Self::Delta];
}

impl Named for TimeMode {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::SinceStart => "since-start",
            Self::Delta => "delta",
        }
    }
}

/// After how many rows a long item is folded; 0 for never.
pub const FOLDS: [u16; 5] = [10, 30, 100, 1000, 0];

/// How the log is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box of the panel")]
pub struct View {
    /// In which of the three ways.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub mode: ViewMode,
    /// What is shown of the data.
    #[serde(rename = "show", with = "names", skip_serializing_if = "is_usual")]
    pub body: Body,
    /// How times are shown.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub time: TimeMode,
    /// After how many rows a long item is folded; 0 for never.
    pub fold: u16,
    /// Long lines go on in the next row.
    pub wrap: bool,
    /// Received data is not shown. It is recorded all the same.
    #[serde(skip_serializing_if = "is_usual")]
    pub hide_received: bool,
    /// Sent data is not shown.
    #[serde(skip_serializing_if = "is_usual")]
    pub hide_sent: bool,
    /// Connections, ends and notes are not shown.
    #[serde(skip_serializing_if = "is_usual")]
    pub hide_events: bool,
    /// The last record is kept in view.
    pub auto_scroll: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            mode: ViewMode::Log,
            body: Body::Text,
            time: TimeMode::Absolute,
            fold: 100,
            wrap: true,
            hide_received: false,
            hide_sent: false,
            hide_events: false,
            auto_scroll: true,
        }
    }
}

impl View {
    /// As it is at the start of a session: nothing is hidden.
    #[must_use]
    pub fn hiding_nothing(self) -> Self {
        Self { hide_received: false, hide_sent: false, hide_events: false, ..self }
    }
}

impl Named for QueryKind {
    const ALL: &'static [Self] = &[Self::Text, Self::Hex, Self::Regex];

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Regex => "regex",
        }
    }
}

impl Named for CaseRule {
    const ALL: &'static [Self] = &[Self::Exact, Self::Ignore];

    fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Ignore => "ignore",
        }
    }
}

/// What is shown of a session, as typed. Texts that are empty filter nothing. Peers are not among it: they are
/// others the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FilterForm {
    /// What an item must contain.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub find: String,
    /// How that is read.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub kind: QueryKind,
    /// Whether upper and lower case are told apart in it.
    #[serde(with = "names", skip_serializing_if = "is_usual")]
    pub case: CaseRule,
    /// The fewest bytes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub least: String,
    /// The most bytes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub most: String,
    /// Nothing before this time.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub since: String,
    /// Nothing after this time.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
}
