//! The middle of the window: the bars above the log, and the view that is chosen.

use eframe::egui;
use egui::Ui;

use super::App;
use super::run::Run;
use crate::codec::Charset;
use crate::model::{FlowId, Stamp};
use crate::sift::{Piece, Source};
use crate::state::{Action, CopyOrder, FindBox, SaveScope, Tab, TabId, View, ViewMode};
use crate::ui::find;
use crate::ui::lang::Lang;
use crate::ui::log::layout::{Config, Layouter};
use crate::ui::log::{self, Found, LogInput, LogView, Reveal, log_ui};
use crate::ui::status::{self, CharsetAnswer};
use crate::ui::table::{RowText, Rows, Span, TableAnswer, TableInput, TableView, table_ui};
use crate::ui::toolbar::{ToolbarInput, chips_ui, toolbar_ui};

/// What the window remembers of how one tab is looked at.
#[derive(Debug, Default)]
pub(super) struct Views {
    log: LogView,
    table: TableView,
    /// Flows whose charset shall not be asked for any more.
    asked: bool,
    piece: Piece,
    /// Shares of the log where something was found, and what they were made of.
    shares: Vec<f32>,
    shares_of: (u64, u64, u64),
}

impl Views {
    /// Whether there is more to see than room in this view.
    pub(super) fn fills(&self, mode: ViewMode) -> bool {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.fills(),
            ViewMode::Table => self.table.fills(),
        }
    }

    /// What is selected in this view.
    pub(super) fn selected(&self, mode: ViewMode, len: u64) -> Option<CopyOrder> {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.copy_order(len),
            ViewMode::Table => self.table.selected().and_then(|span| order(span, len)),
        }
    }

    /// Where the user looks.
    pub(super) fn position(&self, mode: ViewMode) -> u64 {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.position(),
            ViewMode::Table => self.table.position(),
        }
    }

    /// A charset that would fit better to what is in sight.
    pub(super) fn better_charset(&self, mode: ViewMode) -> Option<(FlowId, Charset)> {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.better_charset().filter(|_| !self.asked),
            ViewMode::Table => None,
        }
    }

    /// The question after the charset was answered.
    pub(super) fn ask_no_more(&mut self) {
        self.asked = true;
    }

    fn reveal(&mut self, at: u64, byte: Option<u32>) {
        self.table.select(at);
        self.log.reveal(byte.map_or(Reveal::Item(at), |byte| Reveal::Byte(at, byte)));
    }

    /// Shares of the log where something was found: as many as can be told apart on the bar.
    fn update_shares(&mut self, tab: &Tab) {
        let FindBox { hits, serial, .. } = &tab.find;
        let len = tab.shown.len();
        let made_of = (*serial, hits.len(), len);
        if self.shares_of == made_of {
            return;
        }
        self.shares_of = made_of;
        self.shares.clear();
        if len == 0 {
            return;
        }
        let step = (hits.len() / MOST_MARKS).max(1);
        let mut n = 0;
        while let Some(hit) = hits.get(n) {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of 1")]
            let share = (tab.shown.position(hit.item) as f64 / len as f64) as f32;
            // Marks that would stand on one another are one.
            if self.shares.last().is_none_or(|last| share - last > 0.001) {
                self.shares.push(share);
            }
            n += step;
        }
    }
}

/// More marks than the bar has points tell nothing.
const MOST_MARKS: u64 = 2000;

/// Rows of a table as an order to copy them.
fn order(span: Span, len: u64) -> Option<CopyOrder> {
    let last = len.checked_sub(1)?;
    (span.first <= last).then_some(CopyOrder { from: (span.first, 0), to: (span.last.min(last), u32::MAX) })
}

/// The rows of the table: one an item.
struct ItemRows<'a> {
    layouter: Layouter<'a>,
    revision: u64,
    piece: &'a mut Piece,
}

impl Rows for ItemRows<'_> {
    fn len(&self) -> u64 {
        self.layouter.items.len()
    }

    fn revision(&self) -> u64 {
        self.revision
    }

    fn row(&mut self, at: u64) -> RowText {
        self.layouter.preview(at, self.piece)
    }
}

impl App {
    /// The middle of the window.
    pub(super) fn middle(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let id = self.state.active;
        let mut actions = ui.push_id(id, |ui| self.bars(ui, lang)).inner;
        if self.state.tab_mut().update_shown() {
            ui.request_repaint();
        }
        let tab = self.state.tab();
        let views = self.views.entry(id).or_default();
        views.update_shares(tab);
        let reader = self.runs.get(&id).and_then(Run::reader);
        let start = self.runs.get(&id).and_then(|run| run.start).unwrap_or_default();
        let input = LogInput {
            items: tab.items(),
            reader,
            view: tab.view,
            charsets: &tab.charsets,
            notes: &tab.notes,
            start,
            found: Found {
                query: tab.find.query.as_ref(),
                current: tab.current_hit(),
                shares: &views.shares,
            },
            lang,
            zone: &self.zone,
            cleared: tab.cleared > 0 && tab.cleared == tab.n_displayed(),
            serial: tab.shown_serial(),
        };
        let more = ui.push_id(id, |ui| match tab.view.mode {
            ViewMode::Log | ViewMode::Stream => log_ui(ui, &input, &mut views.log),
            ViewMode::Table => table(ui, &input, &mut views.table, &mut views.piece),
        });
        actions.extend(more.inner);
        actions
    }

    /// The bars above the log.
    fn bars(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let id = self.state.active;
        let start: Stamp = self.start_of(id);
        let toggled = std::mem::take(&mut self.toggled);
        let mode = self.state.tab().view.mode;
        let position = self.views.get(&id).map_or(0, |views| views.position(mode));
        let tab = self.state.tab_mut();
        let mut framing_form = std::mem::take(&mut tab.lens.form);
        let mut filter_form = std::mem::take(&mut tab.filter_form);
        let input = ToolbarInput {
            lang,
            view: tab.view,
            framing: &tab.lens.framing,
            filter: &tab.sieved.filter,
            index: &tab.log,
            zone: &self.zone,
            start,
            toggled,
        };
        let mut actions = toolbar_ui(ui, &input, &mut framing_form, &mut filter_form);
        actions.extend(chips_ui(ui, &input));
        (tab.lens.form, tab.filter_form) = (framing_form, filter_form);
        actions.extend(find::find_ui(ui, lang, &mut tab.find, position));
        actions
    }

    /// Offers the charset in which what is in sight would be text. It stands below the last row, or if there
    /// is no room, over the oldest in sight.
    pub(super) fn offer_charset(&mut self, ui: &Ui, lang: Lang, place: egui::Rect) -> Vec<Action> {
        let tab = self.state.tab();
        let (id, view) = (tab.id, tab.view);
        let Some(views) = self.views.get_mut(&id) else { return Vec::new() };
        let Some((flow, charset)) = views.better_charset(view.mode) else { return Vec::new() };
        let align = if views.fills(view.mode) { egui::Align2::RIGHT_TOP } else { egui::Align2::LEFT_BOTTOM };
        match status::charset_ui(ui, lang, charset, place, align) {
            Some(CharsetAnswer::Session) => vec![Action::SetView(View { charset, ..view })],
            Some(CharsetAnswer::Peer) => vec![Action::SetPeerCharset(flow, Some(charset))],
            Some(CharsetAnswer::Leave) => {
                views.ask_no_more();
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Brings something into sight.
    pub(super) fn reveal(&mut self, id: TabId, at: u64, byte: Option<u32>) {
        self.views.entry(id).or_default().reveal(at, byte);
    }
}

/// The table, and what the user wants of it.
fn table(ui: &mut Ui, input: &LogInput<'_>, view: &mut TableView, piece: &mut Piece) -> Vec<Action> {
    let lang = input.lang;
    let len = input.items.len();
    let config: Config = log::config(input, usize::MAX / 4);
    let unfolded = std::collections::HashSet::new();
    let Some(reader) = input.reader else { return log_ui(ui, input, &mut LogView::default()) };
    let source = Source { index: input.items.base.index, reader };
    let revision = log::revision(&config);
    let layouter = Layouter { config: &config, items: input.items, source, unfolded: &unfolded };
    let mut rows = ItemRows { layouter, revision, piece };
    let table = TableInput {
        lang,
        serial: input.serial,
        found: input.found.shares,
        auto_scroll: input.view.auto_scroll,
        empty: log::empty_words(input),
    };
    let answers = table_ui(ui, &table, &mut rows, view);
    answers
        .into_iter()
        .filter_map(|answer| match answer {
            TableAnswer::Selected(_) | TableAnswer::Opened(_) => None,
            TableAnswer::Copy(span) => order(span, len).map(Action::Copy),
            TableAnswer::CopyAs(way, span) => order(span, len).map(|order| Action::CopyAs(order, way)),
            TableAnswer::Save(_) => Some(Action::ShowSaveOf(SaveScope::Selected)),
        })
        .collect()
}
