//! The menu that chooses a framing and its values.

use egui::Ui;

use super::lang::Lang;
use super::messages;
use super::widgets::{self, Field};
use crate::codec::frame::{ByteOrder, Framing};
use crate::model::Problem;
use crate::state::{Action, FramingFields, FramingKind, LengthFields};

/// Label and tooltip of a framing.
pub fn framing_name(lang: Lang, kind: FramingKind) -> (&'static str, &'static str) {
    match kind {
        FramingKind::AsReceived => (lang.framing_none(), lang.framing_none_tip()),
        FramingKind::Line => (lang.framing_line(), lang.framing_line_tip()),
        FramingKind::Delimiter => (lang.framing_delimiter(), lang.framing_delimiter_tip()),
        FramingKind::Fixed => (lang.framing_fixed(), lang.framing_fixed_tip()),
        FramingKind::Length => (lang.framing_length(), lang.framing_length_tip()),
        FramingKind::Idle => (lang.framing_idle(), lang.framing_idle_tip()),
    }
}

/// The menu. `form` is the draft; a valid framing takes effect at once. `sent` tells whether sent data is framed
/// too, if the framing allows it.
pub(super) fn framing_ui(
    ui: &mut Ui,
    lang: Lang,
    in_force: &Framing,
    sent: Option<bool>,
    form: &mut FramingFields,
    actions: &mut Vec<Action>,
) {
    ui.set_width(260.0);
    for kind in FramingKind::ALL {
        let (label, tip) = framing_name(lang, kind);
        widgets::choice(ui, lang.framing(), &mut form.kind, kind, label, tip);
    }
    let framing = form.framing();
    let wrong = framing.as_ref().err().cloned().unwrap_or_default();
    if !matches!(form.kind, FramingKind::AsReceived | FramingKind::Line) {
        ui.separator();
    }
    match form.kind {
        FramingKind::AsReceived | FramingKind::Line => {}
        FramingKind::Delimiter => {
            let words = (lang.delimiter_bytes(), lang.delimiter_bytes_tip());
            field(lang, words, "delimiter", &wrong).show(ui, &mut form.delimiter);
        }
        FramingKind::Fixed => {
            let words = (lang.message_size(), lang.message_size_tip());
            field(lang, words, "size", &wrong).show(ui, &mut form.size);
        }
        FramingKind::Length => length_ui(ui, lang, &mut form.length, &wrong),
        FramingKind::Idle => {
            let words = (lang.pause_ms(), lang.pause_ms_tip());
            field(lang, words, "pause", &wrong).show(ui, &mut form.pause_ms);
        }
    }
    if let Some(mut sent) = sent.filter(|_| framing.as_ref().is_ok_and(|framing| framing == in_force)) {
        ui.separator();
        if widgets::tick(ui, &mut sent, lang.frame_sent(), lang.frame_sent_tip()).changed() {
            actions.push(Action::FrameSent(sent));
        }
    }
    actions.extend(framing.ok().filter(|framing| framing != in_force).map(Action::SetFraming));
}

fn length_ui(ui: &mut Ui, lang: Lang, form: &mut LengthFields, wrong: &[Problem]) {
    place_ui(ui, lang, &mut form.offset, &mut form.width, wrong);
    order_ui(ui, lang, lang.length_order(), &mut form.order);
    let words = (lang.length_adjust(), lang.length_adjust_tip());
    field(lang, words, "adjust", wrong).show(ui, &mut form.adjust);
    widgets::tick(ui, &mut form.whole, lang.length_whole(), lang.length_whole_tip());
    field(lang, (lang.length_max(), lang.length_max_tip()), "max", wrong).show(ui, &mut form.max);
}

pub(super) fn place_ui(ui: &mut Ui, lang: Lang, offset: &mut String, width: &mut String, wrong: &[Problem]) {
    field(lang, (lang.length_offset(), lang.length_offset_tip()), "offset", wrong).show(ui, offset);
    field(lang, (lang.length_width(), lang.length_width_tip()), "width", wrong).show(ui, width);
}

pub(super) fn order_ui(ui: &mut Ui, lang: Lang, group: &str, order: &mut ByteOrder) {
    ui.horizontal(|ui| {
        widgets::choice(ui, group, order, ByteOrder::Big, lang.order_big(), lang.order_big_tip());
        widgets::choice(ui, group, order, ByteOrder::Little, lang.order_little(), lang.order_little_tip());
    });
}

pub(super) fn field<'a>(lang: Lang, words: (&'a str, &'a str), name: &str, wrong: &[Problem]) -> Field<'a> {
    Field::new(words, messages::fault_of(lang, wrong, name))
}
