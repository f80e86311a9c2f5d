//! Rows of the inspector: a name and its values, each a button that copies it.

use egui::{Align, Button, Label, Layout, RichText, Ui, vec2};

use super::InspectorAnswer;
use crate::codec::frame::ByteOrder;
use crate::codec::glyph;
use crate::codec::inspect::{Kind, Reading};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::widgets;

type Answers = Vec<InspectorAnswer>;

pub(super) struct Table {
    pub(super) lang: Lang,
    kind: f32,
    orders: Orders,
}

#[derive(Clone, Copy)]
enum Orders {
    /// Side by side, each this wide.
    Beside(f32),
    /// Each in its own row, in a narrow panel.
    Below,
}

/// Minimum width, in points, to show both byte orders side by side.
const WIDE: f32 = 300.0;

impl Table {
    pub(super) fn of(ui: &mut Ui, lang: Lang) -> Self {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().button_padding = vec2(4.0, 0.0);
        let room = ui.available_width();
        let kind = (room * 0.45).min(100.0);
        let gap = ui.spacing().item_spacing.x;
        let orders = if room < WIDE { Orders::Below } else { Orders::Beside((room - kind) / 2.0 - gap) };
        Self { lang, kind, orders }
    }

    pub(super) fn head_ui(&self, ui: &mut Ui) {
        let lang = self.lang;
        let Orders::Beside(width) = self.orders else { return };
        ui.horizontal(|ui| {
            self.name_ui(ui, "");
            for (title, tip) in
                [(lang.order_big(), lang.order_big_tip()), (lang.order_little(), lang.order_little_tip())]
            {
                cell(ui, width, |ui| {
                    ui.label(RichText::new(title).small()).on_hover_text(tip);
                });
            }
        });
    }

    /// The name of a row. Returns the label, to be used as `labelled_by`.
    pub(super) fn name_ui(&self, ui: &mut Ui, name: &str) -> egui::Id {
        let text = RichText::new(name).small().color(Palette::of(ui).weak);
        cell(ui, self.kind, |ui| ui.add(Label::new(text).truncate()).id)
    }

    pub(super) fn row_ui(&self, ui: &mut Ui, kind: Kind, reading: &Reading, answers: &mut Answers) {
        let name = kind_name(self.lang, kind);
        match reading {
            Reading::Plain(text) => self.plain_ui(ui, (name, text), answers),
            Reading::Ordered { big, little } => {
                self.ordered_ui(ui, name, [big.as_deref(), little.as_deref()], answers);
            }
        }
    }

    pub(super) fn plain_ui(&self, ui: &mut Ui, (name, text): (&str, &str), answers: &mut Answers) {
        ui.horizontal(|ui| {
            self.name_ui(ui, name);
            let width = ui.available_width();
            self.value_ui(ui, (name, None, text), width, answers);
        });
    }

    pub(super) fn ordered_ui(
        &self,
        ui: &mut Ui,
        name: &str,
        values: [Option<&str>; 2],
        answers: &mut Answers,
    ) {
        let orders = [ByteOrder::Big, ByteOrder::Little].into_iter().zip(values);
        match self.orders {
            Orders::Beside(width) if !is_wide(ui, values, width) => {
                ui.horizontal(|ui| {
                    self.name_ui(ui, name);
                    for (order, text) in orders {
                        match text {
                            Some(text) => self.value_ui(ui, (name, Some(order), text), width, answers),
                            None => cell(ui, width, |_ui| {}),
                        }
                    }
                });
            }
            Orders::Beside(_) | Orders::Below => {
                for (order, text) in orders.filter_map(|(order, text)| Some((order, text?))) {
                    let short = match order {
                        ByteOrder::Big => self.lang.big_endian_short(),
                        ByteOrder::Little => self.lang.little_endian_short(),
                    };
                    ui.horizontal(|ui| {
                        self.name_ui(ui, &format!("{name} {short}"));
                        let width = ui.available_width();
                        self.value_ui(ui, (name, Some(order), text), width, answers);
                    });
                }
            }
        }
    }

    /// A value that a click copies.
    fn value_ui(
        &self,
        ui: &mut Ui,
        (name, order, text): (&str, Option<ByteOrder>, &str),
        width: f32,
        answers: &mut Answers,
    ) {
        let seen: String = text.chars().map(glyph::visible).collect();
        // Two values may be equal: the accessible name tells them apart.
        let label = match order {
            None => format!("{name} {seen}"),
            Some(ByteOrder::Big) => format!("{name} {} {seen}", self.lang.order_big()),
            Some(ByteOrder::Little) => format!("{name} {} {seen}", self.lang.order_little()),
        };
        cell(ui, width, |ui| {
            let button = Button::new(RichText::new(&seen).monospace()).frame_when_inactive(false).wrap();
            let button = widgets::named(ui.add(button), label.trim_end());
            if button.on_hover_text(format!("{seen}\n{}", self.lang.copy_value_tip())).clicked() {
                answers.push(InspectorAnswer::Copy(text.to_owned()));
            }
        });
    }
}

fn is_wide(ui: &Ui, values: [Option<&str>; 2], width: f32) -> bool {
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let cell = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
    let padding = 2.0 * ui.spacing().button_padding.x;
    #[expect(clippy::cast_precision_loss, reason = "some dozen characters")]
    values.into_iter().flatten().any(|value| value.chars().count() as f32 * cell + padding > width)
}

fn cell<R>(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(width, ui.spacing().interact_size.y);
    let layout = Layout::left_to_right(Align::Center);
    let cell = ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        ui.set_max_width(width);
        content(ui)
    });
    cell.inner
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
