//! The menu of what is appended to each message of the send box.

use egui::{ScrollArea, Ui};

use super::framing::{field, order_ui, place_ui};
use super::inspector::choice::checksum_list_ui;
use super::lang::Lang;
use super::messages;
use super::widgets::{self, Field};
use crate::codec::LineBreak;
use crate::model::Problem;
use crate::state::{AppendFields, LengthFields};
use crate::workspace::Draft;

/// The menu. `fields` shows what `draft` appends; `search` filters the checksums.
pub(crate) fn append_ui(
    ui: &mut Ui,
    lang: Lang,
    draft: &mut Draft,
    fields: &mut AppendFields,
    search: &mut String,
) {
    ui.set_width(480.0);
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
    // A popup keeps its initial size, so everything is laid out from the start.
    let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT).auto_shrink([false; 2]);
    // Fields that cannot show the list would replace it.
    area.show(ui, |ui| {
        ui.add_enabled_ui(shown.is_some(), |ui| {
            ui.columns_const(|[left, right]| {
                around_ui(left, lang, fields, &wrong);
                widgets::tick(right, &mut fields.check, lang.append_check(), lang.append_check_tip());
                check_ui(right, lang, fields, search, &wrong);
            });
        });
    });
    if *fields != before {
        if fields.check && !before.check {
            // A checksum is the end, unless a line end is set again.
            fields.end = None;
        }
        draft.append = fields.to_append();
        // What is picked is meant.
        draft.append_off = draft.append.is_empty();
    }
}

/// The list as it is typed in files and on the command line.
fn list_ui(ui: &mut Ui, lang: Lang, draft: &mut Draft) {
    let steps = Draft { append_off: false, ..draft.clone() }.steps();
    // As typed while one types.
    let types = ui.scope_id().with("types");
    let mut text = match &steps {
        Ok(steps) if !ui.data(|data| data.get_temp(types).unwrap_or(false)) => {
            steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        _ => draft.append.join(", "),
    };
    let problem = steps.err().map(|problem| messages::fault(lang, &problem.fault));
    let field = Field::new((lang.append_list(), lang.append_list_tip()), problem);
    let edit = field.show(ui, &mut text);
    let has_focus = edit.has_focus();
    ui.data_mut(|data| data.insert_temp(types, has_focus));
    if edit.changed() {
        let steps = text.split(',').map(str::trim).filter(|step| !step.is_empty());
        draft.append = steps.map(str::to_owned).collect();
    }
}

const HEIGHT: f32 = 372.0;
fn around_ui(ui: &mut Ui, lang: Lang, form: &mut AppendFields, wrong: &[Problem]) {
    let words = (lang.append_before(), lang.append_before_tip());
    field(lang, words, "before", wrong).show(ui, &mut form.before);
    field(lang, (lang.append_after(), lang.append_after_tip()), "after", wrong).show(ui, &mut form.after);
    ui.label(lang.line_end());
    ui.horizontal(|ui| {
        for end in [None, Some(LineBreak::Cr), Some(LineBreak::Lf), Some(LineBreak::CrLf)] {
            let label = end.map_or(lang.line_end_none(), LineBreak::label);
            widgets::choice(ui, lang.line_end(), &mut form.end, end, label, lang.line_end_tip());
        }
    });
    widgets::tick(ui, &mut form.length, lang.append_length(), lang.append_length_tip());
    ui.add_enabled_ui(form.length, |ui| length_ui(ui, lang, &mut form.length_field, wrong));
}

fn length_ui(ui: &mut Ui, lang: Lang, form: &mut LengthFields, wrong: &[Problem]) {
    place_ui(ui, lang, &mut form.offset, &mut form.width, wrong);
    order_ui(ui, lang, lang.length_order(), &mut form.order);
    let words = (lang.length_adjust(), lang.append_adjust_tip());
    field(lang, words, "adjust", wrong).show(ui, &mut form.adjust);
    widgets::tick(ui, &mut form.whole, lang.length_whole(), lang.length_whole_tip());
}

fn check_ui(ui: &mut Ui, lang: Lang, form: &mut AppendFields, search: &mut String, wrong: &[Problem]) {
    let list = ScrollArea::vertical().id_salt("checksums").max_height(132.0).auto_shrink([false, true]);
    let current = form.check.then_some(form.checksum);
    if let Some(chosen) = list.show(ui, |ui| checksum_list_ui(ui, lang, (current, false), search)).inner {
        form.choose(chosen);
        form.check = true;
    }
    ui.add_enabled_ui(form.check, |ui| {
        order_ui(ui, lang, lang.append_order(), &mut form.order);
        field(lang, (lang.append_from(), lang.append_from_tip()), "from", wrong).show(ui, &mut form.from);
        field(lang, (lang.append_until(), lang.append_until_tip()), "until", wrong).show(ui, &mut form.until);
        widgets::tick(ui, &mut form.text, lang.append_text(), lang.append_text_tip());
    });
}
