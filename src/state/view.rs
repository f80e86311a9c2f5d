//! How a session is shown: nothing of it changes what is recorded.

use super::Filter;
use crate::codec::Charset;
use crate::model::{Body, Shown as Wanted, Which};

/// One of the three ways to look at a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ViewMode {
    /// A head line for each item, and its data below: NetAssist's log mode.
    #[default]
    Log,
    /// One row an item, and beside them the bytes of the one that is chosen.
    Table,
    /// The data alone, continuous.
    Stream,
}

impl ViewMode {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Log, Self::Table, Self::Stream];

    /// The name in the settings file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Table => "table",
            Self::Stream => "stream",
        }
    }
}

/// How times are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum TimeMode {
    /// Date and time of day.
    #[default]
    Absolute,
    /// Since the first record of the capture.
    SinceStart,
    /// Since the item before.
    Delta,
}

impl TimeMode {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 3] = [Self::Absolute, Self::SinceStart, Self::Delta];

    /// The name in the settings file.
    pub fn name(self) -> &'static str {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box of the panel")]
pub struct View {
    /// In which of the three ways.
    pub mode: ViewMode,
    /// What is shown of the data.
    pub body: Body,
    /// Charset of text, where a peer has none of its own.
    pub charset: Charset,
    /// How times are told.
    pub time: TimeMode,
    /// After how many rows a long item is folded; 0 for never.
    pub fold: u16,
    /// Long lines go on in the next row.
    pub wrap: bool,
    /// Received data is not shown. It is recorded all the same.
    pub hide_received: bool,
    /// Sent data is not shown.
    pub hide_sent: bool,
    /// Connections, ends and notes are not shown.
    pub hide_events: bool,
    /// The last record is kept in sight.
    pub auto_scroll: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            mode: ViewMode::Log,
            body: Body::Text,
            charset: Charset::Utf8,
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
    /// What is wanted of `filter`'s items, besides what is hidden by its kind.
    pub fn which(self, filter: &Filter) -> Which {
        let shown = |hide| if hide { Wanted::No } else { Wanted::Yes };
        Which {
            received: shown(self.hide_received),
            sent: shown(self.hide_sent),
            events: shown(self.hide_events),
            ..filter.which()
        }
    }

    /// As it is at the start of a session: nothing is hidden.
    #[must_use]
    pub fn hiding_nothing(self) -> Self {
        Self { hide_received: false, hide_sent: false, hide_events: false, ..self }
    }
}
