//! The menu of what is appended to each message of the send box.

use egui::{ScrollArea, Ui};

use super::inspector::choice::checksum_list_ui;
use super::lang::Lang;
use super::{messages, widgets};
use crate::codec::append::LineEnd;
use crate::codec::frame::ByteOrder;
use crate::state::{AppendField, AppendForm, AppendTrouble};

type Wrong = [(AppendField, AppendTrouble)];

/// The menu. `search` is what is typed to find a checksum.
pub fn append_ui(ui: &mut Ui, lang: Lang, form: &mut AppendForm, search: &mut String) {
    ui.set_width(WIDTH);
    widgets::tick(ui, &mut form.on, lang.append_in_menu(), lang.append_tip());
    ui.separator();
    // The fields can be typed before anything is appended.
    let wrong = AppendForm { on: true, ..form.clone() }.steps().err().unwrap_or_default();
    // A popup keeps the size with which it was opened, so all is there from the beginning.
    let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT).auto_shrink([false; 2]);
    area.show(ui, |ui| {
        ui.columns_const(|[left, right]| {
            around_ui(left, lang, form, &wrong);
            widgets::tick(right, &mut form.check, lang.append_check(), lang.append_check_tip());
            right.add_enabled_ui(form.check, |ui| check_ui(ui, lang, form, search, &wrong));
        });
    });
}

/// Of both columns, in points.
const WIDTH: f32 = 480.0;
/// Of what is in them, in points; it scrolls if there is something wrong to be told besides.
const HEIGHT: f32 = 356.0;
/// The list of checksums, in points.
const LIST_HEIGHT: f32 = 110.0;

/// All but the checksum.
fn around_ui(ui: &mut Ui, lang: Lang, form: &mut AppendForm, wrong: &Wrong) {
    field(lang, AppendField::Before, wrong).show(ui, &mut form.before);
    field(lang, AppendField::After, wrong).show(ui, &mut form.after);
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

fn length_ui(ui: &mut Ui, lang: Lang, form: &mut AppendForm, wrong: &Wrong) {
    field(lang, AppendField::Offset, wrong).show(ui, &mut form.offset);
    field(lang, AppendField::Width, wrong).show(ui, &mut form.width);
    order_ui(ui, lang, lang.length_order(), &mut form.length_order);
    field(lang, AppendField::Adjust, wrong).show(ui, &mut form.adjust);
    widgets::tick(ui, &mut form.whole, lang.length_whole(), lang.length_whole_tip());
}

fn check_ui(ui: &mut Ui, lang: Lang, form: &mut AppendForm, search: &mut String, wrong: &Wrong) {
    ui.strong(form.checksum.name());
    let list = ScrollArea::vertical().id_salt("checksums").max_height(LIST_HEIGHT).auto_shrink([false, true]);
    if let Some(chosen) = list.show(ui, |ui| checksum_list_ui(ui, lang, Some(form.checksum), search)).inner {
        form.choose(chosen);
    }
    order_ui(ui, lang, lang.append_order(), &mut form.order);
    field(lang, AppendField::From, wrong).show(ui, &mut form.from);
    field(lang, AppendField::Until, wrong).show(ui, &mut form.until);
    widgets::tick(ui, &mut form.text, lang.append_text(), lang.append_text_tip());
}

fn order_ui(ui: &mut Ui, lang: Lang, group: &str, order: &mut ByteOrder) {
    ui.horizontal(|ui| {
        widgets::choice(ui, group, order, ByteOrder::Big, lang.order_big(), lang.order_big_tip());
        widgets::choice(ui, group, order, ByteOrder::Little, lang.order_little(), lang.order_little_tip());
    });
}

fn field(lang: Lang, field: AppendField, wrong: &Wrong) -> widgets::Field<'static> {
    let (label, tip) = match field {
        AppendField::Offset => (lang.length_offset(), lang.length_offset_tip()),
        AppendField::Width => (lang.length_width(), lang.length_width_tip()),
        AppendField::Adjust => (lang.length_adjust(), lang.append_adjust_tip()),
        AppendField::Before => (lang.append_before(), lang.append_before_tip()),
        AppendField::From => (lang.append_from(), lang.append_from_tip()),
        AppendField::Until => (lang.append_until(), lang.append_until_tip()),
        AppendField::After => (lang.append_after(), lang.append_after_tip()),
    };
    let trouble = wrong.iter().find(|(wrong, _)| *wrong == field);
    let problem = trouble.map(|(_, trouble)| messages::append_trouble(lang, *trouble));
    widgets::Field { label, tip, enabled: true, problem }
}
