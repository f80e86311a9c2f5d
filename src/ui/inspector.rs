//! The inspector: what the selected bytes could mean, and their checksum. Each value is a button that
//! copies it. It knows no item: bytes are handed to it, and what is to be copied is handed back.

mod choice;

use std::ops::Range;

use egui::{Align, Button, Layout, RichText, ScrollArea, Ui, vec2};
use jiff::tz::TimeZone;

use self::choice::checksum_choice_ui;
use super::lang::Lang;
use super::messages;
use super::theme::Palette;
use crate::codec::checksum::{Checksum, Value};
use crate::codec::frame::ByteOrder;
use crate::codec::inspect::{Config, Kind, Reading, Selected, inspect};
use crate::codec::{Charset, hex};

/// What is inspected.
#[derive(Debug, Clone)]
pub struct InspectorInput<'a> {
    /// In which language.
    pub lang: Lang,
    /// Another number for each item.
    pub item: u64,
    /// The item's bytes.
    pub bytes: &'a [u8],
    /// Which of them are selected; without a selection it is all of them. A single byte is where
    /// numbers begin.
    pub selected: Option<Range<usize>>,
    /// The charset of text.
    pub charset: Charset,
    /// The zone in which times are told.
    pub zone: &'a TimeZone,
}

/// Which checksum is computed.
#[derive(Debug, Default)]
pub struct InspectorView {
    /// The one that was chosen.
    pub checksum: Checksum,
    /// What was typed to find one in the list.
    search: String,
    /// The one computed last, and of what.
    computed: Option<(Subject, Value)>,
}

/// What a checksum was computed of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subject {
    checksum: Checksum,
    item: u64,
    range: Range<usize>,
    /// An item may still grow.
    len: usize,
}

/// What the user wants of the inspector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectorAnswer {
    /// Copy this text.
    Copy(String),
    /// Another checksum was chosen, to be kept.
    Checksum(Checksum),
}

/// Shows the inspector in all the room there is.
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
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 19.0;
        ui.spacing_mut().button_padding = vec2(4.0, 1.0);
        let table = Table::of(ui);
        table.head_ui(ui, lang);
        let value = checksum(ui, input.item, (range, input.bytes), view);
        checksum_row_ui(ui, (lang, &table), value, view, &mut answers);
        for (kind, reading) in inspect(Selected { bytes, after }, config) {
            table.row_ui(ui, lang, kind, &reading, &mut answers);
        }
    });
    answers
}

/// Selections that are larger are waited for until the pointer lets go: a checksum takes time.
const AT_ONCE: usize = 1 << 20;

/// The checksum of a part of `bytes`, computed only when it is of something else than before.
fn checksum(
    ui: &Ui,
    item: u64,
    (range, bytes): (Range<usize>, &[u8]),
    view: &mut InspectorView,
) -> Option<Value> {
    let subject = Subject { checksum: view.checksum, item, range, len: bytes.len() };
    if let Some((_, value)) = view.computed.as_ref().filter(|(known, _)| *known == subject) {
        return Some(*value);
    }
    let part = bytes.get(subject.range.clone()).unwrap_or_default();
    if part.len() > AT_ONCE && ui.input(|i| i.pointer.any_down()) {
        return None;
    }
    let value = view.checksum.compute(part);
    view.computed = Some((subject, value));
    Some(value)
}

/// How wide the names are, in points.
const KIND: f32 = 100.0;

/// The widths of the columns: what it is, and its value in both orders.
struct Table {
    kind: f32,
    value: f32,
}

impl Table {
    fn of(ui: &Ui) -> Self {
        let kind = KIND;
        let gap = ui.spacing().item_spacing.x;
        Self { kind, value: ((ui.available_width() - kind) / 2.0 - gap).max(60.0) }
    }

    fn head_ui(&self, ui: &mut Ui, lang: Lang) {
        ui.horizontal(|ui| {
            self.name_ui(ui, "");
            for (title, tip) in
                [(lang.big_endian(), lang.big_endian_tip()), (lang.little_endian(), lang.little_endian_tip())]
            {
                cell(ui, self.value, |ui| {
                    ui.label(RichText::new(title).small()).on_hover_text(tip);
                });
            }
        });
    }

    fn name_ui(&self, ui: &mut Ui, name: &str) {
        let colour = Palette::of(ui).weak;
        cell(ui, self.kind, |ui| {
            if !name.is_empty() {
                ui.label(RichText::new(name).small().color(colour));
            }
        });
    }

    fn row_ui(
        &self,
        ui: &mut Ui,
        lang: Lang,
        kind: Kind,
        reading: &Reading,
        answers: &mut Vec<InspectorAnswer>,
    ) {
        let name = kind_name(lang, kind);
        let (big, little) = match reading {
            Reading::Plain(text) => {
                ui.horizontal(|ui| {
                    self.name_ui(ui, name);
                    let width = ui.available_width();
                    Shown { name, order: None, text }.show(ui, lang, width, answers);
                });
                return;
            }
            Reading::Ordered { big, little } => (big, little),
        };
        let orders = [(ByteOrder::Big, big), (ByteOrder::Little, little)];
        let mut show = |ui: &mut Ui, order, text: &Option<String>, width| match text {
            Some(text) => Shown { name, order: Some(order), text }.show(ui, lang, width, answers),
            None => cell(ui, width, |_ui| {}),
        };
        if self.is_wide(ui, orders.map(|(_, text)| text.as_deref().unwrap_or_default())) {
            for (order, text) in orders.into_iter().filter(|(_, text)| text.is_some()) {
                ui.horizontal(|ui| {
                    let short = match order {
                        ByteOrder::Big => lang.big_endian_short(),
                        ByteOrder::Little => lang.little_endian_short(),
                    };
                    self.name_ui(ui, &format!("{name} {short}"));
                    show(ui, order, text, ui.available_width());
                });
            }
        } else {
            ui.horizontal(|ui| {
                self.name_ui(ui, name);
                for (order, text) in orders {
                    show(ui, order, text, self.value);
                }
            });
        }
    }

    /// Whether one of two values is wider than its column.
    fn is_wide(&self, ui: &Ui, values: [&str; 2]) -> bool {
        let font = egui::TextStyle::Monospace.resolve(ui.style());
        let cell = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
        let padding = 2.0 * ui.spacing().button_padding.x;
        #[expect(clippy::cast_precision_loss, reason = "some dozen characters")]
        values.iter().any(|value| value.chars().count() as f32 * cell + padding > self.value)
    }
}

fn order_name(lang: Lang, order: ByteOrder) -> &'static str {
    match order {
        ByteOrder::Big => lang.big_endian(),
        ByteOrder::Little => lang.little_endian(),
    }
}

fn cell(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    let size = vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.set_max_width(width);
        content(ui);
    });
}

/// A value that a click copies.
struct Shown<'a> {
    name: &'a str,
    order: Option<ByteOrder>,
    text: &'a str,
}

impl Shown<'_> {
    fn show(&self, ui: &mut Ui, lang: Lang, width: f32, answers: &mut Vec<InspectorAnswer>) {
        let Self { name, order, text } = self;
        let seen: String = text.chars().map(crate::codec::glyph::visible).collect();
        let order = order.map_or("", |order| order_name(lang, order));
        // Two values may be the same: the name says which is which.
        let label = [name, order, &seen].into_iter().filter(|part| !part.is_empty());
        let label = label.collect::<Vec<_>>().join(" ");
        cell(ui, width, |ui| {
            let button = Button::new(RichText::new(&seen).monospace()).frame_when_inactive(false).wrap();
            let response = ui.add(button);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
            let tip = format!("{seen}\n{}", lang.copy_value_tip());
            if response.on_hover_text(tip).clicked() {
                answers.push(InspectorAnswer::Copy((*text).to_owned()));
            }
        });
    }
}

/// The checksum: which, its number, and its bytes in both orders.
fn checksum_row_ui(
    ui: &mut Ui,
    (lang, table): (Lang, &Table),
    value: Option<Value>,
    view: &mut InspectorView,
    answers: &mut Vec<InspectorAnswer>,
) {
    ui.horizontal(|ui| {
        let label = cell_label(ui, lang, table);
        if let Some(chosen) = checksum_choice_ui(ui, lang, (view.checksum, &mut view.search), label) {
            view.checksum = chosen;
            answers.push(InspectorAnswer::Checksum(chosen));
        }
        if let Some(value) = value {
            let text = value.to_string();
            let shown = Shown { name: lang.checksum(), order: None, text: &text };
            shown.show(ui, lang, ui.available_width(), answers);
        }
    });
    ui.horizontal(|ui| {
        table.name_ui(ui, lang.checksum_bytes());
        match value {
            Some(value) => {
                for order in [ByteOrder::Big, ByteOrder::Little] {
                    let text = hex::to_text(&value.to_bytes(order));
                    let shown = Shown { name: lang.checksum_bytes(), order: Some(order), text: &text };
                    shown.show(ui, lang, table.value, answers);
                }
            }
            None => {
                ui.label(lang.checksum_waits());
            }
        }
    });
    ui.separator();
}

fn cell_label(ui: &mut Ui, lang: Lang, table: &Table) -> egui::Id {
    let size = vec2(table.kind, ui.spacing().interact_size.y);
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        ui.label(RichText::new(lang.checksum()).small().color(Palette::of(ui).weak)).id
    })
    .inner
}

fn kind_name(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Length => lang.inspect_length(),
        Kind::U8 => "u8",
        Kind::I8 => "i8",
        Kind::U16 => "u16",
        Kind::I16 => "i16",
        Kind::U24 => "u24",
        Kind::I24 => "i24",
        Kind::U32 => "u32",
        Kind::I32 => "i32",
        Kind::U64 => "u64",
        Kind::I64 => "i64",
        Kind::F32 => "f32",
        Kind::F64 => "f64",
        Kind::Binary => lang.inspect_binary(),
        Kind::UnixSeconds => lang.inspect_seconds(),
        Kind::UnixMillis => lang.inspect_millis(),
        Kind::Text => lang.inspect_text(),
    }
}
