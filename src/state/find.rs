//! What is searched for and what is filtered, as typed, and what was found.

use std::collections::BTreeSet;

use crate::codec::query::{CaseRule, Query, QueryError, QueryKind};
use crate::codec::{Charset, number};
use crate::model::{Chunked, FlowId, Hit, Stamp, Which};
use crate::workspace::{FilterForm, View};

/// The bar that finds, as typed.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FindBox {
    /// It is shown.
    pub open: bool,
    /// The text field wants the keyboard with the next frame.
    pub focus: bool,
    /// What is searched for, as typed.
    pub text: String,
    /// What kind of text that is.
    pub kind: QueryKind,
    /// Whether capitals count.
    pub case: CaseRule,
    /// What is searched for; `None` if nothing is typed, or something wrong.
    pub query: Option<Query>,
    /// What is wrong with what is typed.
    pub error: Option<QueryError>,
    /// Where it was found, in order, as far as the search has come.
    pub hits: Chunked<Hit>,
    /// The number of the hit that the user went to last.
    pub current: Option<u64>,
    /// Bytes searched and in all; `None` when all has been searched.
    pub searching: Option<(u64, u64)>,
    /// There is more than is kept.
    pub more: bool,
    /// The user wants no more of it.
    pub stopped: bool,
    /// Changes with what is searched for: what a job found for something else is of no use.
    pub serial: u64,
}

/// What a search has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMore {
    pub(crate) serial: u64,
    /// All places found so far.
    pub(crate) hits: Chunked<Hit>,
    /// Bytes searched and in all; `None` when all has been searched.
    pub(crate) searching: Option<(u64, u64)>,
    /// There is more than is kept.
    pub(crate) more: bool,
}

impl FindBox {
    /// Restarts with the same query.
    pub(super) fn restart(&mut self) {
        self.serial += 1;
        self.hits = Chunked::default();
        (self.current, self.more, self.stopped) = (None, false, false);
        self.searching = self.query.as_ref().map(|_| (0, 0));
    }

    /// Stops the search and keeps the hits.
    pub(super) fn stop(&mut self) {
        (self.searching, self.stopped, self.more) = (None, true, true);
    }

    pub(super) fn found(&mut self, found: FoundMore) {
        if found.serial == self.serial && !self.stopped {
            self.hits = found.hits;
            (self.searching, self.more) = (found.searching, found.more);
        }
    }
}

/// What is shown of a session, besides what is hidden by its kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// What an item must contain.
    pub query: Option<Query>,
    /// The flows that are shown; `None` for all.
    pub flows: Option<BTreeSet<FlowId>>,
    /// The fewest bytes.
    pub least: Option<u64>,
    /// The most bytes.
    pub most: Option<u64>,
    /// The earliest time.
    pub since: Option<Stamp>,
    /// The latest time.
    pub until: Option<Stamp>,
}

/// What the palette lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PaletteMode {
    /// All that the window can do.
    #[default]
    Commands,
    /// The keys.
    Keys,
    /// The peers of the session.
    Peers,
    /// The record or time to go to.
    Places,
    /// Recent captures.
    Captures,
}

impl PaletteMode {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Commands, Self::Keys, Self::Peers, Self::Places, Self::Captures];

    /// The character that switches to it when it is typed first.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Commands => ">",
            Self::Keys => "?",
            Self::Peers => "@",
            Self::Places => ":",
            Self::Captures => "#",
        }
    }
}

/// The palette: one field that finds commands, keys, peers, places and captures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaletteBox {
    pub(crate) mode: PaletteMode,
    pub(crate) text: String,
    /// The row that Enter takes.
    pub(crate) chosen: usize,
}

/// The dialog that asks for a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteBox {
    pub(crate) record: u64,
    pub(crate) text: String,
}

/// One part of a filter, which can be taken away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterPart {
    /// What an item must contain.
    Query,
    /// The flows that are shown.
    Flows,
    /// The length.
    Length,
    /// The time.
    Time,
}

impl Filter {
    /// Whether it lets everything pass.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Without one of its parts.
    #[must_use]
    pub fn without(mut self, part: FilterPart) -> Self {
        match part {
            FilterPart::Query => self.query = None,
            FilterPart::Flows => self.flows = None,
            FilterPart::Length => (self.least, self.most) = (None, None),
            FilterPart::Time => (self.since, self.until) = (None, None),
        }
        self
    }

    /// What it asks of an item besides its content, where `view` hides some kinds.
    pub fn which(&self, view: View) -> Which {
        Which {
            received: !view.hide_received,
            sent: !view.hide_sent,
            events: !view.hide_events,
            flows: self.flows.clone(),
            len: self.least.unwrap_or(0)..=self.most.unwrap_or(u64::MAX),
            time: self.since.unwrap_or_default()..=self.until.unwrap_or(Stamp(u64::MAX)),
        }
    }
}

impl FilterForm {
    /// The stored filter. Invalid fields filter nothing.
    pub(super) fn build(&self, charset: Charset) -> Filter {
        Filter {
            query: Query::parse(self.kind, &self.find, charset, self.case).ok(),
            flows: None,
            least: number::parse(&self.least),
            most: number::parse(&self.most),
            since: Stamp::parse(&self.since),
            until: Stamp::parse(&self.until),
        }
    }

    pub(super) fn remember(&mut self, filter: &Filter) {
        let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
        let time = |time: Option<Stamp>| time.map(|time| time.to_string()).unwrap_or_default();
        *self = Self {
            find: filter.query.as_ref().map(|query| query.text().to_owned()).unwrap_or_default(),
            kind: filter.query.as_ref().map(Query::kind).unwrap_or_default(),
            case: filter.query.as_ref().map(Query::case).unwrap_or_default(),
            least: number(filter.least),
            most: number(filter.most),
            since: time(filter.since),
            until: time(filter.until),
        };
    }
}

/// The filter of a tab, and what passes it so far.
#[derive(Debug, Clone, Default)]
pub struct Filtered {
    /// The filter.
    pub filter: Filter,
    /// The numbers of the items that pass.
    pub passed: Chunked<u32>,
    /// So many items have been looked at.
    pub reached: u64,
    /// Changes with the filter and with what it is put to.
    pub serial: u64,
    /// What a relay has passed on as it came is shown once.
    pub once: bool,
    /// How many items are not shown because of that.
    pub copies: u64,
}

/// What a job has found to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilteredMore {
    pub(crate) serial: u64,
    /// More items that pass, in order.
    pub(crate) passed: Vec<u32>,
    /// So many items have been looked at now.
    pub(crate) reached: u64,
    /// So many of them were passed on as they came.
    pub(crate) copies: u64,
}

impl Filtered {
    /// Restarts with the same filter.
    pub(super) fn restart(&mut self) {
        self.serial += 1;
        (self.passed, self.reached, self.copies) = (Chunked::default(), 0, 0);
    }

    pub(super) fn filtered(&mut self, more: &FilteredMore) {
        if more.serial == self.serial {
            self.passed.extend_from_slice(&more.passed);
            (self.reached, self.copies) = (more.reached, more.copies);
        }
    }
}
