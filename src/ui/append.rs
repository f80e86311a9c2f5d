//! The menu of what is appended to each message of the send box.

use egui::{ScrollArea, Ui};

use super::inspector::choice::checksum_list_ui;
use super::lang::Lang;
use super::{messages, widgets};
use crate::codec::append::LineEnd;
use crate::codec::frame::ByteOrder;
use crate::model::Problem;
use crate::state::AppendFields;
use crate::workspace::Draft;

/// The menu. `fields` shows what `draft` appends; `search` is what is typed to find a checksum.
pub(crate) fn append_ui(
    ui: &mut Ui,
    lang: Lang,
    draft: &mut Draft,
    fields: &mut AppendFields,
    search: &mut String,
) {
    ui.set_width(WIDTH);
    let mut on = !draft.append_off;
    if widgets::tick(ui, &mut on, lang.append_in_menu(), lang.append_tip()).changed() {
        draft.set_appends(on);
    }
    list_ui(ui, lang, draft);
    ui.separator();
    let shown = AppendFields::of(&draft.append);
    if fields.to_append() != draft.append {
        *fields = shown.clone().unwrap_or_default();
    }
    let before = fields.clone();
    let wrong = fields.problems();
    // A popup keeps the size with which it was opened, so all is there from the beginning.
    let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT).auto_shrink([false; 2]);
    // Fields that cannot show the list would replace it.
    area.show(ui, |ui| {
        ui.add_enabled_ui(shown.is_some(), |ui| {
            ui.columns_const(|[left, right]| {
                around_ui(left, lang, fields, &wrong);
                widgets::tick(right, &mut fields.check, lang.append_check(), lang.append_check_tip());
                right.add_enabled_ui(fields.check, |ui| check_ui(ui, lang, fields, search, &wrong));
            });
        });
    });
    if *fields != before {
        draft.append = fields.to_append();
    }
}

/// The list as it is typed in files and on the command line.
fn list_ui(ui: &mut Ui, lang: Lang, draft: &mut Draft) {
    let mut text = draft.append.join(", ");
    let wrong = Draft { append_off: false, ..draft.clone() }.steps().err();
    let problem = wrong.map(|problem| messages::fault(lang, &problem.fault));
    let field =
        widgets::Field { label: lang.append_list(), tip: lang.append_list_tip(), enabled: true, problem };
    if field.show(ui, &mut text).changed() {
        let steps = text.split(',').map(str::trim).filter(|step| !step.is_empty());
        draft.append = steps.map(str::to_owned).collect();
    }
}

const WIDTH: f32 = 480.0;
const HEIGHT: f32 = 356.0;
const LIST_HEIGHT: f32 = 110.0;

fn around_ui(ui: &mut Ui, lang: Lang, form: &mut AppendFields, wrong: &[Problem]) {
    field(lang, "before", wrong).show(ui, &mut form.before);
    field(lang, "after", wrong).show(ui, &mut form.after);
    ui.label(lang.line_end());
    ui.horizontal(|ui| {
        let ends = [
            (None, lang.line_end_none()),
            (Some(LineEnd::Cr), "CR"),
            (Some(LineEnd::Lf), "LF"),
            (Some(LineEnd::CrLf), "CR LF"),
        ];
        for (end, label) in ends {
            widgets::choice(ui, lang.line_end(), &mut form.end, end, label, lang.line_end_tip());
        }
    });
    widgets::tick(ui, &mut form.length, lang.append_length(), lang.append_length_tip());
    ui.add_enabled_ui(form.length, |ui| length_ui(ui, lang, form, wrong));
}

fn length_ui(ui: &mut Ui, lang: Lang, form: &mut AppendFields, wrong: &[Problem]) {
    field(lang, "offset", wrong).show(ui, &mut form.offset);
    field(lang, "width", wrong).show(ui, &mut form.width);
    order_ui(ui, lang, lang.length_order(), &mut form.length_order);
    field(lang, "adjust", wrong).show(ui, &mut form.adjust);
    widgets::tick(ui, &mut form.whole, lang.length_whole(), lang.length_whole_tip());
}

fn check_ui(ui: &mut Ui, lang: Lang, form: &mut AppendFields, search: &mut String, wrong: &[Problem]) {
    ui.strong(form.checksum.name());
    let list = ScrollArea::vertical().id_salt("checksums").max_height(LIST_HEIGHT).auto_shrink([false, true]);
    if let Some(chosen) = list.show(ui, |ui| checksum_list_ui(ui, lang, Some(form.checksum), search)).inner {
        form.choose(chosen);
    }
    order_ui(ui, lang, lang.append_order(), &mut form.order);
    field(lang, "from", wrong).show(ui, &mut form.from);
    field(lang, "until", wrong).show(ui, &mut form.until);
    widgets::tick(ui, &mut form.text, lang.append_text(), lang.append_text_tip());
}

fn order_ui(ui: &mut Ui, lang: Lang, group: &str, order: &mut ByteOrder) {
    ui.horizontal(|ui| {
        widgets::choice(ui, group, order, ByteOrder::Big, lang.order_big(), lang.order_big_tip());
        widgets::choice(ui, group, order, ByteOrder::Little, lang.order_little(), lang.order_little_tip());
    });
}

fn field(lang: Lang, name: &str, wrong: &[Problem]) -> widgets::Field<'static> {
    let (label, tip) = match name {
        "offset" => (lang.length_offset(), lang.length_offset_tip()),
        "width" => (lang.length_width(), lang.length_width_tip()),
        "adjust" => (lang.length_adjust(), lang.append_adjust_tip()),
        "before" => (lang.append_before(), lang.append_before_tip()),
        "from" => (lang.append_from(), lang.append_from_tip()),
        "until" => (lang.append_until(), lang.append_until_tip()),
        _after => (lang.append_after(), lang.append_after_tip()),
    };
    widgets::Field { label, tip, enabled: true, problem: messages::fault_of(lang, wrong, name) }
}
