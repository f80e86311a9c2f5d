//! The inspector: interpretations of the selected bytes, and their checksum. Each value is a button that
//! copies it.

pub(super) mod choice;
mod rows;

use std::ops::Range;

use egui::{RichText, ScrollArea, Ui};
use jiff::tz::TimeZone;

use self::choice::checksum_choice_ui;
use self::rows::Table;
use super::lang::Lang;
use super::messages;
use super::theme::Palette;
use crate::codec::checksum::{Checksum, Value};
use crate::codec::frame::ByteOrder;
use crate::codec::inspect::{Config, Selected, inspect};
use crate::codec::{Charset, hex};

/// What to inspect.
#[derive(Debug, Clone)]
pub struct InspectorInput<'a> {
    /// Language of the texts.
    pub lang: Lang,
    /// Identifies the item.
    pub item: u64,
    /// The item's bytes.
    pub bytes: &'a [u8],
    /// The selected bytes; all bytes without a selection. A single selected byte is where numbers start.
    pub selected: Option<Range<usize>>,
    /// The charset of text.
    pub charset: Charset,
    /// Time zone of shown times.
    pub zone: &'a TimeZone,
}

/// The checksum that is computed.
#[derive(Debug, Default)]
pub struct InspectorView {
    /// The chosen algorithm.
    pub checksum: Checksum,
    /// Search text of the list.
    search: String,
    /// The last results, and what they were computed from.
    computed: Option<(Subject, Results)>,
}

/// The checksum of the selected bytes and, of a whole item, that of all before a checksum at its end.
#[derive(Debug, Clone, Copy)]
struct Results {
    value: Value,
    before_end: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Subject {
    checksum: Checksum,
    item: u64,
    range: Range<usize>,
    /// Length of the item, which may still grow.
    len: usize,
}

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectorAnswer {
    /// Copy this text.
    Copy(String),
    /// Another checksum was chosen and should be remembered.
    Checksum(Checksum),
}

/// Shows the inspector in all available space.
pub fn inspector_ui(
    ui: &mut Ui,
    input: &InspectorInput<'_>,
    view: &mut InspectorView,
) -> Vec<InspectorAnswer> {
    let mut answers = Vec::new();
    let lang = input.lang;
    let all = 0..input.bytes.len();
    let range = input.selected.clone().filter(|range| !range.is_empty()).unwrap_or(all.clone());
    let range = range.start.min(all.end)..range.end.min(all.end);
    let bytes = input.bytes.get(range.clone()).unwrap_or_default();
    let title = if range == all && input.selected.is_none() {
        format!("{} · {}", lang.whole_item(), messages::bytes(bytes.len() as u64))
    } else {
        messages::byte_range(lang, &range)
    };
    ui.label(RichText::new(title).small().color(Palette::of(ui).weak));
    if bytes.is_empty() {
        return answers;
    }
    let after = input.bytes.get(range.end..).unwrap_or_default();
    let config = Config { charset: input.charset, zone: input.zone };
    ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        let table = Table::of(ui, lang);
        let value = checksum(ui, input.item, (range, input.bytes), view);
        checksum_row_ui(ui, &table, (value, bytes), view, &mut answers);
        table.head_ui(ui);
        for (kind, reading) in inspect(Selected { bytes, after }, config) {
            table.row_ui(ui, kind, &reading, &mut answers);
        }
    });
    answers
}

/// Shows the facts of an event, by their names.
pub(crate) fn event_ui(ui: &mut Ui, lang: Lang, facts: &[(&str, String)]) -> Vec<InspectorAnswer> {
    let mut answers = Vec::new();
    ScrollArea::vertical().id_salt("event").auto_shrink(false).show(ui, |ui| {
        let table = Table::of(ui, lang);
        for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            table.plain_ui(ui, (name, text), &mut answers);
        }
    });
    answers
}

/// For a larger selection the checksum waits until the pointer is released, because it takes time.
const AT_ONCE: usize = 1 << 20;

fn checksum(
    ui: &Ui,
    item: u64,
    (range, bytes): (Range<usize>, &[u8]),
    view: &mut InspectorView,
) -> Option<Results> {
    let subject = Subject { checksum: view.checksum, item, range, len: bytes.len() };
    if let Some((_, value)) = view.computed.as_ref().filter(|(known, _)| *known == subject) {
        return Some(*value);
    }
    let part = bytes.get(subject.range.clone()).unwrap_or_default();
    if part.len() > AT_ONCE && ui.input(|i| i.pointer.any_down()) {
        return None;
    }
    let value = view.checksum.compute(part);
    let before = part.len().checked_sub(value.n_bytes()).filter(|n| *n > 0 && part.len() == bytes.len());
    let before_end = before.and_then(|n| part.get(..n)).map(|before| view.checksum.compute(before));
    let results = Results { value, before_end };
    view.computed = Some((subject, results));
    Some(results)
}

fn checksum_row_ui(
    ui: &mut Ui,
    table: &Table,
    (results, bytes): (Option<Results>, &[u8]),
    view: &mut InspectorView,
    answers: &mut Vec<InspectorAnswer>,
) {
    let lang = table.lang;
    ui.horizontal(|ui| {
        let label = table.name_ui(ui, lang.checksum());
        if let Some(chosen) = checksum_choice_ui(ui, lang, (view.checksum, &mut view.search), label) {
            view.checksum = chosen;
            answers.push(InspectorAnswer::Checksum(chosen));
        }
    });
    match results {
        Some(Results { value, before_end }) => {
            let number = value.to_string();
            table.plain_ui(ui, (lang.checksum_value(), &number), answers);
            let [big, little] =
                [ByteOrder::Big, ByteOrder::Little].map(|order| hex::to_text(&value.to_bytes(order)));
            let both = [Some(big.as_str()), Some(little.as_str())];
            table.ordered_ui(ui, lang.checksum_bytes(), both, answers);
            if let Some(wanted) = before_end {
                let end = bytes.get(bytes.len() - wanted.n_bytes()..).unwrap_or_default();
                let [big, little] = [ByteOrder::Big, ByteOrder::Little].map(|order| wanted.to_bytes(order));
                let usual = wanted.to_bytes(view.checksum.usual_order());
                let is = hex::to_text(end);
                let text = if end == usual {
                    format!("{is} ✓")
                } else if [big, little].iter().any(|bytes| bytes == end) {
                    lang.checksum_swapped(is, hex::to_text(&usual))
                } else {
                    lang.checksum_wanted(is, hex::to_text(&usual))
                };
                table.plain_ui(ui, (lang.checksum_end(), &text), answers);
            }
        }
        None => {
            ui.label(lang.checksum_waits());
        }
    }
    ui.separator();
}
