//! The bytes of the selected item and what they mean: beside the table, or in the dock.

use std::collections::HashSet;

use eframe::egui;
use egui::{Frame, Margin, Panel, Ui};

use super::App;
use super::central_panel::{Views, log_input};
use super::run::Run;
use crate::analysis::{Piece, Source};
use crate::codec::Charset;
use crate::codec::checksum::Checksum;
use crate::model::Message;
use crate::model::zone::Named;
use crate::state::Action;
use crate::ui::bytes::{BytesAnswer, BytesInput, BytesView, bytes_ui};
use crate::ui::inspector::{InspectorAnswer, InspectorInput, InspectorView, event_ui, inspector_ui};
use crate::ui::lang::Lang;
use crate::ui::log::layout::{Layouter, local_time};
use crate::ui::log::{LogInput, table_config};
use crate::ui::messages;
use crate::ui::theme::Palette;

/// The most bytes of an item that are shown.
const MOST_SHOWN: usize = 16 << 20;

/// The least width, in points, of a dock in which the meanings are beside the bytes.
const BESIDE: f32 = 600.0;

/// Panes touch each other, with a line between them to drag.
pub(super) const PANE: Frame = Frame { inner_margin: Margin::same(3), ..Frame::NONE };

/// What is selected, and where one is in it.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    bytes: BytesView,
    inspector: InspectorView,
    piece: Piece,
    /// The item whose bytes are shown, and its bytes.
    loaded: Option<(Message, Vec<u8>)>,
}

impl Inspected {
    pub(super) fn checksum(&self) -> Checksum {
        self.inspector.checksum
    }

    pub(super) fn set_checksum(&mut self, checksum: Checksum) {
        self.inspector.checksum = checksum;
    }

    /// Which item is shown, and its length; blank if none is.
    pub(super) fn title(&self) -> String {
        let title = |item: &Message| {
            format!("#{} · {}", messages::grouped(item.first() + 1), messages::bytes(u64::from(item.len())))
        };
        self.loaded.as_ref().map(|(item, _)| title(item)).unwrap_or_default()
    }

    /// Reads the bytes of the item at `cursor`, if they are not there yet. Whether there are any.
    pub(super) fn load(&mut self, input: &LogInput<'_>, cursor: Option<u64>) -> bool {
        let index = input.items.base.index;
        let item = cursor.and_then(|at| input.items.get(at));
        let data = |item: &Message| index.get(item.first()).is_some_and(|r| r.kind.direction().is_some());
        let Some((item, reader)) = item.filter(data).zip(input.reader) else {
            self.loaded = None;
            return false;
        };
        if self.loaded.as_ref().is_none_or(|(loaded, _)| *loaded != item) {
            let source = Source { index, reader };
            // What cannot be read says so in its row.
            let read = source.read(&item, MOST_SHOWN, &mut self.piece);
            self.loaded = read.is_ok().then(|| (item, std::mem::take(&mut self.piece.bytes)));
        }
        self.loaded.is_some()
    }

    /// The bytes, and what they mean in `panel`.
    pub(super) fn show(&mut self, ui: &mut Ui, input: &LogInput<'_>, panel: Panel) -> Vec<Action> {
        let Some((item, bytes)) = &self.loaded else { return Vec::new() };
        let charset = input.reader.map_or(input.charset, |reader| {
            let source = Source { index: input.items.base.index, reader };
            source.charset(item.first(), input.charset, input.charsets)
        });
        // A number for an item that stays the same while it grows.
        let name = item.first() << 16 | u64::from(item.skip());
        let hits: Vec<_> = match input.found.query {
            Some(query) => query.iter(bytes).take(10_000).collect(),
            None => Vec::new(),
        };
        let mut actions = Vec::new();
        panel.resizable(true).frame(PANE).show(ui, |ui| {
            let pane = InspectorInput {
                lang: input.lang,
                item: name,
                bytes,
                selected: self.bytes.selected(),
                charset,
                zone: input.zone,
            };
            let answers = inspector_ui(ui, &pane, &mut self.inspector);
            actions.extend(answers.into_iter().filter_map(copied));
        });
        let total = u64::from(item.len());
        let pane = BytesInput { lang: input.lang, item: name, bytes, total, charset, hits: &hits };
        let copied = |charset: Charset, BytesAnswer::Copy(way, range)| {
            Action::CopyText(way.text_of(bytes.get(range).unwrap_or_default(), charset))
        };
        let answers = bytes_ui(ui, &pane, &mut self.bytes);
        actions.extend(answers.into_iter().map(|answer| copied(charset, answer)));
        actions
    }
}

fn copied(answer: InspectorAnswer) -> Option<Action> {
    match answer {
        InspectorAnswer::Copy(text) => Some(Action::CopyText(text)),
        // It is kept with the tab.
        InspectorAnswer::Checksum(_) => None,
    }
}

/// What is known of the event at `cursor`, each with its name.
fn event_facts(input: &LogInput<'_>, cursor: Option<u64>) -> Option<Vec<(&'static str, String)>> {
    let lang = input.lang;
    let index = input.items.base.index;
    let (item, reader) = cursor.and_then(|at| input.items.get(at)).zip(input.reader)?;
    let source = Source { index, reader };
    let mut piece = Piece::default();
    source.read(&item, usize::MAX, &mut piece).ok()?;
    let time = source.time(&item, &mut Piece::default()).ok()?;
    let (kind, flow) = source.head(&item)?;
    let (config, unfolded) = (table_config(input), HashSet::new());
    let layouter = Layouter { config: &config, items: input.items, source, unfolded: &unfolded };
    let (text, weight) = layouter.event_text(kind, flow, &piece);
    let note = piece.note.as_ref();
    let codes = [note.map_or("", |note| note.code()), &messages::event_code(lang, note)].join(" · ");
    let level = match weight {
        messages::Weight::Quiet => lang.level_news(),
        messages::Weight::Care => lang.level_care(),
        messages::Weight::Failure => lang.level_failure(),
    };
    // A note may be about none.
    let flow = index.flow(flow).filter(|flow| !kind.is_note() || text.contains(&flow.name()));
    let flow = flow.map(|flow| format!("{} ⇄ {} (#{})", Named(flow.local), flow.name(), flow.id.0));
    Some(vec![
        (lang.column_number(), messages::grouped(item.first() + 1)),
        (lang.column_time(), local_time(time, input.zone)),
        (lang.inspect_text(), text),
        (lang.event_level(), level.to_owned()),
        (lang.event_code(), codes.trim_end_matches(" · ").to_owned()),
        (lang.column_peer(), flow.unwrap_or_default()),
    ])
}

impl App {
    /// The selected item of the session that is worked in, in the dock.
    pub(super) fn inspect(&mut self, ui: &mut Ui, lang: Lang) -> Vec<Action> {
        let id = self.state.active;
        let start = self.start_of(id);
        let tab = self.state.tab();
        let views = self.views.entry(id).or_insert_with(|| Views::of(tab));
        let reader = self.runs.get(&id).and_then(Run::reader);
        let input = log_input(tab, (reader, start, &[]), (lang, &self.zone));
        let cursor = views.cursor(tab.session.view.mode);
        if !views.inspected.load(&input, cursor) {
            if let Some(facts) = event_facts(&input, cursor) {
                let answers = event_ui(ui, lang, &facts);
                return answers.into_iter().filter_map(copied).collect();
            }
            let words = egui::RichText::new(lang.inspect_nothing()).color(Palette::of(ui).weak);
            ui.add(egui::Label::new(words).wrap());
            return Vec::new();
        }
        let room = ui.available_size();
        let panel = if room.x < BESIDE {
            let panel = Panel::bottom("inspector of dock").default_size(room.y * 0.6);
            panel.size_range(90.0..=(room.y - 90.0).max(91.0))
        } else {
            Panel::right("inspector beside bytes").default_size(304.0).size_range(240.0..=room.x - 300.0)
        };
        views.inspected.show(ui, &input, panel)
    }
}
