//! The menu that chooses a framing and its values.

use egui::Ui;

use super::lang::Lang;
use super::{messages, toolbar, widgets};
use crate::codec::frame::{ByteOrder, Framing};
use crate::model::Problem;
use crate::state::{Action, FramingFields, FramingKind};

/// The menu. `form` is the draft; the framing changes as soon as it makes sense. `sent` says whether what is
/// sent is framed like this, if it can be.
pub(crate) fn framing_ui(
    ui: &mut Ui,
    lang: Lang,
    in_force: &Framing,
    sent: Option<bool>,
    form: &mut FramingFields,
) -> Vec<Action> {
    ui.set_width(260.0);
    for kind in FramingKind::ALL {
        let (label, tip) = toolbar::framing_name(lang, kind);
        widgets::choice(ui, lang.framing(), &mut form.kind, kind, label, tip);
    }
    let framing = form.framing();
    let wrong = framing.as_ref().err().cloned().unwrap_or_default();
    match form.kind {
        FramingKind::AsReceived | FramingKind::Line => {}
        FramingKind::Delimiter => {
            ui.separator();
            let field = field(lang, "delimiter", &wrong);
            field.show(ui, &mut form.delimiter);
        }
        FramingKind::Fixed => {
            ui.separator();
            field(lang, "size", &wrong).show(ui, &mut form.size);
        }
        FramingKind::Length => {
            ui.separator();
            length_ui(ui, lang, form, &wrong);
        }
        FramingKind::Idle => {
            ui.separator();
            field(lang, "pause", &wrong).show(ui, &mut form.pause_ms);
        }
    }
    let mut actions = Vec::new();
    if let Some(mut sent) = sent.filter(|_| framing.as_ref().is_ok_and(|framing| framing == in_force)) {
        ui.separator();
        if widgets::tick(ui, &mut sent, lang.frame_sent(), lang.frame_sent_tip()).changed() {
            actions.push(Action::FrameSent(sent));
        }
    }
    match framing {
        Ok(framing) if framing != *in_force => actions.push(Action::SetFraming(framing)),
        Ok(_) | Err(_) => {}
    }
    actions
}

fn length_ui(ui: &mut Ui, lang: Lang, form: &mut FramingFields, wrong: &[Problem]) {
    field(lang, "offset", wrong).show(ui, &mut form.offset);
    field(lang, "width", wrong).show(ui, &mut form.width);
    ui.horizontal(|ui| {
        let group = lang.length_order();
        widgets::choice(ui, group, &mut form.order, ByteOrder::Big, lang.order_big(), lang.order_big_tip());
        let (label, tip) = (lang.order_little(), lang.order_little_tip());
        widgets::choice(ui, group, &mut form.order, ByteOrder::Little, label, tip);
    });
    field(lang, "adjust", wrong).show(ui, &mut form.adjust);
    widgets::tick(ui, &mut form.includes_header, lang.length_whole(), lang.length_whole_tip());
    field(lang, "max", wrong).show(ui, &mut form.max);
}

fn field(lang: Lang, name: &str, wrong: &[Problem]) -> widgets::Field<'static> {
    let (label, tip) = match name {
        "delimiter" => (lang.delimiter_bytes(), lang.delimiter_bytes_tip()),
        "size" => (lang.message_size(), lang.message_size_tip()),
        "offset" => (lang.length_offset(), lang.length_offset_tip()),
        "width" => (lang.length_width(), lang.length_width_tip()),
        "adjust" => (lang.length_adjust(), lang.length_adjust_tip()),
        "max" => (lang.length_max(), lang.length_max_tip()),
        _pause => (lang.pause_ms(), lang.pause_ms_tip()),
    };
    widgets::Field { label, tip, enabled: true, problem: messages::fault_of(lang, wrong, name) }
}
