//! The middle of the window: the bars above the log, and the view that is chosen.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use eframe::egui;
use egui::{Frame, Margin, Panel, Ui};

use super::App;
use super::inspect::{Inspected, PANE};
use super::run::Run;
use crate::analysis::{Piece, Source};
use crate::codec::Charset;
use crate::codec::frame::Framing;
use crate::journal::Reader;
use crate::model::{Chunked, FlowId, Message, Origin, Stamp};
use crate::net::wall_now;
use crate::state::{
    Action, CopyOrder, Effect, FindBox, Notice, Phase, SaveScope, Side, StripAction, Tab, TabId, Told,
};
use crate::ui::bytes::BytesView;
use crate::ui::filter::FilterInput;
use crate::ui::find;
use crate::ui::lang::Lang;
use crate::ui::log::layout::{Config, Layouter};
use crate::ui::log::{self, Found, LogInput, LogView, Reveal, last_capture_ui, log_ui, unread_ui};
use crate::ui::side::peers::PeersView;
use crate::ui::strips::{self, Strip};
use crate::ui::table::{Extra, RowText, Rows, Span, TableAnswer, TableInput, TableView, Widths, table_ui};
use crate::ui::theme::Palette;
use crate::ui::toolbar::{ToolbarInput, chips_ui, toolbar_ui};
use crate::ui::trust::trust_ui;
use crate::ui::welcome::{WelcomeInput, welcome_ui};
use crate::workspace::ViewMode;

#[derive(Debug, Default)]
pub(super) struct Views {
    mode: ViewMode,
    pub(super) peers: PeersView,
    log: LogView,
    table: TableView,
    revealed: bool,
    /// All strips are shown, not only the first.
    all_strips: bool,
    /// A charset that fits the data of a flow, and the charsets that were in force then.
    offered: Option<(FlowId, Charset)>,
    charsets: (Charset, Arc<BTreeMap<FlowId, Charset>>),
    /// The welcome page was shown, for which captures of earlier runs were looked for.
    has_listed: bool,
    /// The bytes of a held message.
    pub(super) hold: BytesView,
    pub(super) inspected: Inspected,
    piece: Piece,
    /// See [`Shown::origin`](crate::state::Shown::origin), and the serial number that it belongs to.
    origin: (u64, u64),
    /// Positions of hits as shares of the log, and what they were computed from.
    shares: Vec<f32>,
    shares_of: (u64, u64, u64),
}

impl Views {
    pub(super) fn of(tab: &Tab) -> Self {
        let mut views = Self::default();
        let columns: Vec<f32> = tab.session.columns.iter().map(|&width| f32::from(width)).collect();
        views.table.widths = Widths::from_points(&columns);
        views.inspected.set_checksum(tab.session.checksum);
        views
    }

    fn widths(&self) -> Vec<u16> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred points")]
        let whole = |width: &f32| width.round() as u16;
        self.table.widths.points().iter().map(whole).collect()
    }

    pub(super) fn selected(&self, mode: ViewMode, len: u64) -> Option<CopyOrder> {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.copy_order(len),
            ViewMode::Table => self.table.selected().and_then(|span| order(span, len)),
        }
    }

    /// The item that was clicked last, or that the keyboard went to.
    pub(super) fn cursor(&self, mode: ViewMode) -> Option<u64> {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.cursor(),
            ViewMode::Table => self.table.cursor(),
        }
    }

    /// How the log was laid out in the last frame.
    pub(super) fn config(&self) -> Option<&Config> {
        self.log.config()
    }

    pub(super) fn unfolded(&self) -> HashSet<Message> {
        self.log.unfolded.clone()
    }

    pub(super) fn position(&self, mode: ViewMode) -> u64 {
        match mode {
            ViewMode::Log | ViewMode::Stream => self.log.position(),
            ViewMode::Table => self.table.position(),
        }
    }

    /// A charset that would fit the data better, from when it was seen until the charsets change.
    fn offer(&mut self, tab: &Tab) -> Option<(FlowId, Charset)> {
        let charsets = (tab.session.charset, Arc::clone(&tab.charsets));
        let is_new = std::mem::replace(&mut self.charsets, charsets.clone()) != charsets;
        if is_new || tab.shown.is_empty() {
            (self.offered, self.log.better) = (None, None);
        }
        self.offered = self.offered.or(self.log.better.take());
        self.offered.filter(|_| !tab.keeps_charset)
    }

    /// Brings something into sight.
    fn reveal(&mut self, tab: &Tab, at: u64, byte: Option<u32>) {
        self.revealed = true;
        self.table.renew(tab.shown_serial());
        self.table.select(at);
        if byte.is_none() {
            self.focus(tab, Some(at));
        }
        self.log.reveal = Some(byte.map_or(Reveal::Item(at), |byte| Reveal::Byte(at, byte)));
    }

    /// Gives the keyboard to the log once it is drawn, and selects what is at a position.
    pub(super) fn focus(&mut self, tab: &Tab, at: Option<u64>) {
        if let Some(at) = at {
            self.log.select(tab.shown_serial(), at);
        }
        let is_table = tab.session.view.mode == ViewMode::Table;
        (self.log.wants_keyboard, self.table.wants_keyboard) = (!is_table, is_table);
    }

    fn enter(&mut self, input: &LogInput<'_>) {
        let origin = (input.serial, input.items.shown.origin());
        let before = std::mem::replace(&mut self.origin, origin);
        if before.0 == origin.0 && before.1 < origin.1 {
            self.log.shift(origin.1 - before.1);
            self.table.shift(origin.1 - before.1);
        }
        let mode = input.view.mode;
        let before = std::mem::replace(&mut self.mode, mode);
        if std::mem::take(&mut self.revealed) || before == mode {
            return;
        }
        let sight = match before {
            ViewMode::Log | ViewMode::Stream => self.log.sight(input),
            ViewMode::Table => self.table.sight(input.serial),
        };
        match (sight, mode) {
            (Some(sight), ViewMode::Log | ViewMode::Stream) => {
                self.log.renew(input.serial);
                self.log.show(sight);
            }
            (Some(sight), ViewMode::Table) => {
                self.table.renew(input.serial);
                self.table.show(sight);
            }
            (None, _) => {}
        }
    }

    /// Updates the marks of hits on the scroll bar, as many as can be distinguished.
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
            // Overlapping marks become one.
            if self.shares.last().is_none_or(|last| share - last > 0.001) {
                self.shares.push(share);
            }
            n += step;
        }
    }
}

/// More marks cannot be distinguished.
const MOST_MARKS: u64 = 2000;

fn order(span: Span, len: u64) -> Option<CopyOrder> {
    let last = len.checked_sub(1)?;
    (span.first <= last).then_some(CopyOrder { from: (span.first, 0), to: (span.last.min(last), u32::MAX) })
}

struct ItemRows<'a> {
    layouter: Layouter<'a>,
    input: &'a LogInput<'a>,
    revision: u64,
    piece: &'a mut Piece,
    asked: Vec<Action>,
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

    fn menu_ui(&mut self, ui: &mut Ui, at: u64) {
        if let Some(item) = self.input.items.get(at) {
            log::menu::item_ui(ui, self.input, item, &mut self.asked);
        }
    }
}

impl App {
    pub(super) fn central_panel(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let id = self.state.active;
        ui.spacing_mut().item_spacing.y = 0.0;
        if let Some(question) = self.state.tab().asking.clone() {
            self.log_rect = ui.available_rect_before_wrap();
            self.strips_rect = self.log_rect.with_max_y(self.log_rect.top());
            let mut actions = self.strips(ui, lang);
            let margin = Frame::new().inner_margin(Margin::same(12));
            actions
                .extend(margin.show(ui, |ui| ui.push_id(id, |ui| trust_ui(ui, lang, &question)).inner).inner);
            return actions;
        }
        // Apart: a bar that is too wide must not widen what is below.
        let room = ui.max_rect();
        let place = egui::UiBuilder::new().id_salt("bars").max_rect(room.shrink2(egui::vec2(8.0, 6.0)));
        let mut bars = ui.new_child(place);
        bars.spacing_mut().item_spacing.y = 6.0;
        let mut actions = bars.push_id(id, |ui| self.bars(ui, lang)).inner;
        let bottom = bars.min_rect().bottom() + 6.0;
        ui.advance_cursor_after_rect(room.with_max_y(bottom + 1.0));
        let line = egui::Stroke::new(1.0, Palette::of(ui).line);
        ui.painter().hline(room.x_range(), bottom + 0.5, line);
        actions.extend(self.strips(ui, lang));
        ui.painter().rect_filled(ui.available_rect_before_wrap(), 0, Palette::of(ui).paper);
        ui.spacing_mut().item_spacing.y = 4.0;
        if self.state.tab_mut().update_shown() {
            ui.request_repaint();
        }
        self.log_rect = ui.available_rect_before_wrap();
        self.strips_rect = room.with_min_y(bottom + 1.0).with_max_y(self.log_rect.top());
        let start = self.start_of(id);
        let tab = self.state.tab();
        let views = self.views.entry(id).or_insert_with(|| Views::of(tab));
        views.update_shares(tab);
        let shares = std::mem::take(&mut views.shares);
        let reader = self.runs.get(&id).and_then(Run::reader);

        let input = log_input(tab, (reader, start, &shares), (lang, &self.zone));
        let in_dock = self.state.layout.side == Some(Side::Inspect);
        views.enter(&input);
        // The keyboard stays with the log when a notice comes or goes.
        let scope = egui::UiBuilder::new().scope_id(ui.scope_id().with(("view", id)));
        let more = ui.scope_builder(scope, |ui| match tab.session.view.mode {
            ViewMode::Log | ViewMode::Stream => log_ui(ui, &input, &mut views.log),
            ViewMode::Table if in_dock => table(ui, &input, &mut views.table, &mut views.piece),
            ViewMode::Table => table_and_bytes(ui, &input, views),
        });
        let log = self.log_rect;
        if let Some(why) = tab.unread() {
            let other = unread_ui(ui, lang, (tab.file(), why), log);
            actions.extend(other.then_some(Action::ShowRecent(true)));
        } else if tab.is_fresh() {
            let (session, recent, zone) = (&tab.session, self.state.recent.as_slice(), &self.zone);
            let welcome = WelcomeInput { lang, session, recent, now: wall_now(), zone };
            actions.extend(welcome_ui(ui, &welcome, log));
        } else if let Some(last) = &tab.last_capture
            && input.items.base.index.is_empty()
            && matches!(tab.phase, Phase::Idle)
            && last_capture_ui(ui, &input, last, wall_now(), log)
        {
            actions.push(Action::OpenCapture(last.path.clone()));
        }
        let lists = tab.is_fresh() && !std::mem::replace(&mut views.has_listed, true);
        views.shares = shares;
        if views.log.better.is_some() && views.offered.is_none() && !tab.keeps_charset {
            ui.request_repaint();
        }
        actions.extend(more.inner);
        let (columns, checksum) = (views.widths(), views.inspected.checksum());
        let tab = self.state.tab_mut();
        (tab.session.columns, tab.session.checksum) = (columns, checksum);
        if lists {
            self.perform(vec![Effect::ListRecent], ui.ctx());
        }
        actions
    }

    /// What the user should read, above the log.
    fn strips(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let tab = self.state.tab();
        let (id, mode) = (tab.id, tab.session.view.mode);
        let of_window = self.state.notices.iter().enumerate();
        let of_window =
            of_window.map(|(n, notice)| strips::of_notice(lang, notice, StripAction::DismissOfWindow(n)));
        let is_page =
            |told: &Told<'_>| tab.unread().is_some_and(|why| *told.notice == Notice::CannotRead(why.clone()));
        let of_tab = tab
            .told()
            .into_iter()
            .filter(|told| !is_page(told))
            .map(|told| strips::of_told(lang, tab, told, &self.zone));
        let of_holds = strips::of_holds(lang, tab, &self.zone);
        let of_tab = of_tab.chain(strips::of_faults(lang, tab));
        let mut all: Vec<Strip> = of_holds.into_iter().chain(of_window).chain(of_tab).collect();
        all.sort_by_key(Strip::weight);
        let views = self.views.entry(id).or_insert_with(|| Views::of(tab));
        let offer = views.offer(tab).filter(|_| mode != ViewMode::Table);
        all.extend(offer.map(|(flow, charset)| strips::of_offer(lang, flow, charset)));
        strips::strips_ui(ui, lang, all, &mut views.all_strips)
    }

    fn bars(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let id = self.state.active;
        let start: Stamp = self.start_of(id);
        let toggled = self.toggled;
        let mode = self.state.tab().session.view.mode;
        let position = self.views.get(&id).map_or(0, |views| views.position(mode));
        let tab = self.state.tab_mut();
        let mut framing = std::mem::take(&mut tab.framed.fields);
        let mut filter_form = std::mem::take(&mut tab.filter_fields);
        let (filter, index) = (&tab.filtered.filter, &tab.log);
        let input = ToolbarInput {
            view: tab.session.view,
            paused: tab.paused.is_some(),
            n_new: tab.held.map(|seen| tab.shown.len().saturating_sub(seen)),
            n_shown: tab.shown.len(),
            framing: &tab.framed.framing,
            sent_framed: tab.session.send.frames(&tab.framed.framing).filter(|_| !tab.is_viewer()),
            copies: tab.has_legs().then_some(tab.filtered.copies),
            filter: FilterInput {
                lang,
                filter,
                index,
                names: &tab.session.names,
                zone: &self.zone,
                start,
                is_stream: tab.has_connections(),
            },
            toggled,
        };
        let mut actions = toolbar_ui(ui, &input, &mut framing, &mut filter_form);
        actions.extend(chips_ui(ui, &input.filter));
        tab.session.framing = framing.text();
        (tab.framed.fields, tab.filter_fields) = (framing, filter_form);
        actions.extend(find::find_ui(ui, lang, &mut tab.find, position));
        actions
    }

    /// Brings something into sight.
    pub(super) fn reveal(&mut self, id: TabId, at: u64, byte: Option<u32>) {
        let Some(tab) = self.state.find(id) else { return };
        self.views.entry(id).or_insert_with(|| Views::of(tab)).reveal(tab, at, byte);
    }
}

/// The least width, in points, with which the bytes are beside the table instead of below it.
const WIDE: f32 = 1250.0;

/// What the log shows of a tab. `reader`, the start of the session, and the marks of the scroll bar are not the tab's own.
pub(super) fn log_input<'a>(
    tab: &'a Tab,
    (reader, start, shares): (Option<&'a Reader>, Stamp, &'a [f32]),
    (lang, zone): (Lang, &'a jiff::tz::TimeZone),
) -> LogInput<'a> {
    LogInput {
        items: tab.items(),
        reader,
        view: tab.session.view,
        held: tab.held,
        charset: tab.session.charset,
        charsets: &tab.charsets,
        names: &tab.session.names,
        notes: &tab.notes,
        holds: &tab.holds,
        notes_serial: tab.notes_serial,
        once: tab.filtered.once,
        start,
        many_peers: may_have_several_peers(tab),
        ends_by_pause: matches!(tab.framed.framing, Framing::Idle(_)),
        found: Found { query: tab.find.query.as_ref(), current: tab.current_hit(), shares },
        lang,
        zone,
        cleared: tab.cleared > 0 && tab.cleared == tab.n_displayed(),
        serial: tab.shown_serial(),
        welcomes: tab.is_fresh()
            || tab.unread().is_some()
            || matches!(tab.phase, Phase::Viewing { loading: Some(_) }),
        views: tab.is_viewer(),
        calls: tab.keeps_connection(),
    }
}

/// Whether there may be several peers; of a capture, its first flow tells.
fn may_have_several_peers(tab: &Tab) -> bool {
    let first = tab.log.flow(FlowId(0)).filter(|_| tab.is_viewer());
    first
        .map_or(!tab.is_viewer() && !tab.session.protocol.connects(), |flow| flow.origin != Origin::Connected)
}

fn table_and_bytes(ui: &mut Ui, input: &LogInput<'_>, views: &mut Views) -> Vec<Action> {
    let mut actions = Vec::new();
    let cursor = views.cursor(ViewMode::Table);
    let is_loaded = views.inspected.load(input, cursor);
    let room = ui.available_size();
    // The table comes first.
    if is_loaded && (room.x >= WIDE || room.y >= 180.0) {
        let (bytes, inspector) = if room.x >= WIDE {
            let bytes = Panel::right("bytes side_panel").default_size(room.x * 0.45);
            let inspector = Panel::bottom("inspector below").default_size(room.y * 0.4);
            (bytes.size_range(360.0..=room.x - 360.0), inspector.size_range(90.0..=room.y - 120.0))
        } else {
            let bytes = Panel::bottom("bytes below").default_size(room.y * 0.45);
            let inspector = Panel::right("inspector side_panel").default_size(230.0);
            let (height, width) = ((room.y - 90.0).max(91.0), (room.x - 250.0).max(151.0));
            (bytes.size_range(90.0..=height), inspector.size_range(150.0..=width))
        };
        bytes
            .resizable(true)
            .frame(PANE)
            .show(ui, |ui| actions.extend(views.inspected.show(ui, input, inspector)));
    }
    // The keyboard stays with the table when the bytes come or go: its name does not depend on what is
    // shown before it.
    let scope = egui::UiBuilder::new().scope_id(ui.scope_id().with("table"));
    let table = ui.scope_builder(scope, |ui| table(ui, input, &mut views.table, &mut views.piece));
    actions.extend(table.inner);
    actions
}

/// Changes whenever the open messages do: one of them grows, and
/// others come before it.
fn revision_of_open(input: &LogInput<'_>) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let base = &input.items.base;
    if base.open.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    (base.open, base.messages.map(Chunked::len)).hash(&mut hasher);
    hasher.finish()
}

fn table(ui: &mut Ui, input: &LogInput<'_>, view: &mut TableView, piece: &mut Piece) -> Vec<Action> {
    let lang = input.lang;
    let len = input.items.len();
    let config: Config = log::table_config(input);
    let unfolded = HashSet::new();
    let Some(reader) = input.reader else { return log_ui(ui, input, &mut LogView::default()) };
    let source = Source { index: input.items.base.index, reader };
    let revision = log::revision(&config, input.notes_serial) ^ revision_of_open(input);
    let layouter = Layouter { config: &config, items: input.items, source, unfolded: &unfolded };
    let mut rows = ItemRows { layouter, input, revision, piece, asked: Vec::new() };
    let table = TableInput {
        lang,
        serial: input.serial,
        found: input.found.shares,
        extra: Extra {
            opcodes: input.items.base.index.has_opcodes,
            ends: input.items.base.messages.is_some(),
        },
        auto_scroll: input.held.is_none(),
        empty: log::empty_words(input),
    };
    let answers = table_ui(ui, &table, &mut rows, view);
    let mut asked = rows.asked;
    if view.follows() != input.held.is_none() {
        asked.push(Action::Hold((!view.follows()).then_some(len)));
    }
    answers
        .into_iter()
        .filter_map(|answer| match answer {
            TableAnswer::Selected(_) => None,
            TableAnswer::Opened(at) => input.items.get(at).map(Action::ShowInLog),
            TableAnswer::Copy(span) => order(span, len).map(|order| Action::Copy(order, None)),
            TableAnswer::CopyAs(way, span) => order(span, len).map(|order| Action::Copy(order, Some(way))),
            TableAnswer::Save(_) => Some(Action::ShowSaveOf(SaveScope::Selected)),
        })
        .chain(asked)
        .collect()
}
