//! How a session is shown. None of it changes what is recorded.

use super::form::form;
use super::names::named;
use crate::codec::named_enum;
use crate::codec::query::{CaseRule, QueryKind};
use crate::model::Body;

named_enum! {
    /// The layout of the log.
    #[derive(Default)]
    pub enum ViewMode {
        /// A row for each item, its data beside its head or below it: NetAssist's log mode.
        #[default]
        Log = "log",
        /// One row per item, and the bytes of the selected one next to them.
        Table = "table",
        /// The data alone, continuous.
        Stream = "stream",
    }
}

named!(ViewMode);

named_enum! {
    /// How times are shown.
    #[derive(Default)]
    pub enum TimeMode {
        /// Date and time of day.
        #[default]
        Absolute = "absolute",
        /// Since the first record of the capture.
        SinceStart = "since-start",
        /// Since the previous item.
        Delta = "delta",
    }
}

named!(TimeMode);

/// The choices for [`View::fold`].
pub const FOLDS: [u16; 5] = [10, 30, 100, 1000, 0];

form! {
    /// How the log is shown.
    #[derive(Copy)]
    pub struct View {
        /// The layout.
        pub mode: ViewMode,
        /// How the data are shown.
        #[serde(rename = "show")]
        pub body: Body,
        /// How times are shown.
        pub time: TimeMode,
        /// The number of rows after which a long item is folded; 0 for never.
        pub fold: u16 = 100,
        /// The head of a record has a row of its own above the data, as in NetAssist.
        pub classic: bool,
        /// Long lines are wrapped.
        pub wrap: bool = true,
        /// Received data are hidden.
        pub hide_received: bool,
        /// Sent data are hidden.
        pub hide_sent: bool,
        /// Connections, their ends and notes are hidden.
        pub hide_events: bool,
        /// Both legs of a relay are shown, not each message once.
        pub both_legs: bool,
        /// The peers are listed by subnet.
        pub by_subnet: bool,
        /// The log scrolls to the last record.
        pub auto_scroll: bool = true,
    }
}

impl View {
    /// The view at the start of a session, when nothing is hidden.
    #[must_use]
    pub fn hiding_nothing(self) -> Self {
        Self { hide_received: false, hide_sent: false, hide_events: false, ..self }
    }
}

form! {
    /// The filter of the log, as typed. An empty text filters nothing. Peers are not included: they differ
    /// between openings.
    pub struct FilterForm {
        /// What an item must contain.
        pub find: String,
        /// How `find` is read.
        pub kind: QueryKind,
        /// Whether `find` is case-sensitive.
        pub case: CaseRule,
        /// The minimum length in bytes.
        pub least: String,
        /// The maximum length in bytes.
        pub most: String,
        /// The earliest time.
        pub since: String,
        /// The latest time.
        pub until: String,
    }
}
