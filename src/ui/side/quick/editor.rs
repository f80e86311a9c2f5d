//! The fields of one quick send.

use egui::{Button, RichText, ScrollArea, Ui};

use super::{QuickInput, key_field, taken_by_field};
use crate::codec::Charset;
use crate::codec::compose::Mode;
use crate::codec::matcher::MatchKind;
use crate::model::{Otherwise, Problem, SendPart};
use crate::state::{QuickAction, QuickBox, QuickId, RowAction};
use crate::ui::inspector::choice::checksum_list_ui;
use crate::ui::lang::Lang;
use crate::ui::messages;
use crate::ui::side::clear_of_bar;
use crate::ui::theme::Palette;
use crate::ui::widgets::{self, Field};
use crate::ui::{controls, icons};
use crate::workspace::QuickSend;

const SHOWN: usize = 64;

pub(super) fn editor_ui(
    ui: &mut Ui,
    input: QuickInput<'_>,
    quick: &mut QuickBox,
    id: QuickId,
    actions: &mut Vec<QuickAction>,
) {
    let lang = input.lang;
    let key_problem = key_problem(lang, quick, id);
    let pages: Vec<String> = quick.pages().into_iter().map(str::to_owned).collect();
    let page_before = quick.list.get(id).map(|form| form.page.clone());
    let mut search = std::mem::take(&mut quick.checksum_search);
    let Some(form) = quick.list.get_mut(id) else {
        actions.push(QuickAction::Row(RowAction::Edit(None)));
        return;
    };
    widgets::from_the_right(ui, |ui| {
        let name = format!("{} {}", lang.send(), form.title());
        let words = (name.as_str(), lang.quick_send_tip());
        if widgets::send_button(ui, input.cannot, Button::new(lang.send()), words) {
            actions.push(QuickAction::Send(id));
        }
        widgets::from_the_left(ui, |ui| {
            let words = (lang.quick_back(), lang.quick_back_tip());
            widgets::offer(ui, words, QuickAction::Row(RowAction::Edit(None)), actions);
        });
    });
    ui.separator();
    let problems = form.problems(input.charset);
    ScrollArea::vertical().id_salt("quick editor").auto_shrink([false, false]).show(ui, |ui| {
        clear_of_bar(ui);
        Field::new((lang.quick_name(), lang.quick_name_field_tip()), None).show(ui, &mut form.name);
        content_ui(ui, lang, form, &problems);
        preview_ui(ui, input, form);
        append_ui(ui, lang, form, &mut search, &problems);
        charset_ui(ui, lang, form);
        let key = messages::fault_of(lang, &problems, "key").or(key_problem);
        let field = Field::new((lang.quick_key(), lang.quick_key_tip()), key).hint(lang.quick_key_hint());
        let field = field.show(ui, &mut form.key);
        ui.data_mut(|data| data.insert_temp(key_field(), field.id));
        if let Some(key) = taken_by_field(ui) {
            form.key = key.to_string();
        }
        Field::new((lang.quick_note(), lang.quick_note_tip()), None).show(ui, &mut form.note);
        page_ui(ui, lang, form, &pages);
        sequence_ui(ui, lang, form, &problems);
    });
    quick.checksum_search = search;
    // Back in the list, the page of this row is shown.
    let page = quick.list.get(id).map(|form| form.page.clone());
    if let Some(page) = page.filter(|page| Some(page) != page_before.as_ref()) {
        quick.page = page;
    }
}

fn key_problem(lang: Lang, quick: &QuickBox, id: QuickId) -> Option<String> {
    quick.same_key(id).map(|other| lang.same_key(other.title()))
}

fn content_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, problems: &[Problem]) {
    let problem = messages::fault_of(lang, problems, "content");
    let label = widgets::labelled(ui, lang.quick_content(), problem.as_deref());
    ui.horizontal_wrapped(|ui| {
        widgets::part_choices(ui);
        widgets::choices(ui, lang.quick_content(), &mut form.mode, widgets::modes(lang));
    });
    widgets::lines_ui(ui, &mut form.content, label, lang.quick_content_tip(), 3);
    ui.horizontal_wrapped(|ui| {
        ui.add_enabled_ui(form.mode != Mode::Hex, |ui| {
            widgets::tick(ui, &mut form.escapes, lang.quick_escapes(), lang.rule_escapes_tip());
        });
        widgets::tick(ui, &mut form.placeholders, lang.quick_placeholders(), lang.quick_placeholders_tip());
    });
}

fn preview_ui(ui: &mut Ui, input: QuickInput<'_>, form: &QuickSend) {
    let lang = input.lang;
    let text = match form.build(input.charset.sent) {
        Ok(SendPart::Bytes(bytes) | SendPart::Hex(bytes)) => {
            format!("{}  {}", messages::bytes(bytes.len() as u64), messages::hex_head(&bytes, SHOWN))
        }
        Ok(SendPart::Template(_) | SendPart::File(_) | SendPart::StartTls) => lang.quick_filled().to_owned(),
        Err(_told_beside_the_fields) => String::new(),
    };
    // Without text, too: what follows stays in its place.
    ui.label(RichText::new(text).monospace().size(11.0).color(Palette::of(ui).weak));
}

fn append_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, search: &mut String, problems: &[Problem]) {
    let wrong = problems.iter().find(|problem| problem.path.starts_with("append."));
    let wrong = wrong.map(|problem| messages::fault(lang, &problem.fault));
    let label = ui.horizontal(|ui| {
        let label = ui.label(lang.quick_append());
        let menu = widgets::menu(ui, Button::new(controls::icon(icons::CHEVRON_DOWN, 14.0)).small(), |ui| {
            usual_ui(ui, lang, form, search);
        });
        widgets::named(menu, lang.quick_append_menu()).on_hover_text(lang.quick_append_menu_tip());
        widgets::complain_here(ui, wrong.as_deref());
        label.id
    });
    let mut text = form.append.join("\n");
    widgets::lines_ui(ui, &mut text, label.inner, lang.quick_append_tip(), 1);
    // An empty line stays while being typed in, unless it is the only one.
    let steps: Vec<String> = text.split('\n').map(str::to_owned).collect();
    form.append = if text.is_empty() { Vec::new() } else { steps };
}

fn usual_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, search: &mut String) {
    ui.set_width(240.0);
    let mut add = |step: &str| {
        form.append.retain(|step| !step.trim().is_empty());
        form.append.push(step.to_owned());
    };
    ui.horizontal_wrapped(|ui| {
        for step in ["cr", "lf", "crlf", "length:0:2:be"] {
            if ui.button(step).on_hover_text(lang.quick_append_one_tip()).clicked() {
                add(step);
            }
        }
    });
    ui.separator();
    let area = ScrollArea::vertical().id_salt("checksums").max_height(160.0).auto_shrink([false, true]);
    // None is selected: several can be appended.
    let chosen = area.show(ui, |ui| checksum_list_ui(ui, lang, (None, false), search)).inner;
    if let Some(checksum) = chosen {
        add(checksum.name());
    }
}

fn charset_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend) {
    ui.horizontal(|ui| {
        let label = ui.label(lang.quick_charset());
        let name = |charset: Option<Charset>| charset.map_or(lang.quick_charset_session(), Charset::label);
        let combo = controls::combo_box("quick charset").height(320.0);
        let choices = std::iter::once(None).chain(Charset::ALL.map(Some));
        widgets::combo(ui, combo, (label.id, lang.quick_charset_tip()), (&mut form.charset, choices), name);
    });
}

fn page_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, pages: &[String]) {
    let page = Field::new((lang.quick_page(), lang.quick_page_field_tip()), None);
    let (_, place) = page.show_with_room(ui, &mut form.page);
    widgets::list_in(ui, place, (lang.quick_pages(), true), |ui| {
        for known in pages {
            let label = if known.is_empty() { lang.quick_first_page() } else { known };
            if ui.selectable_label(*known == form.page, label).clicked() {
                form.page.clone_from(known);
                ui.close();
            }
        }
    });
}

fn sequence_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, problems: &[Problem]) {
    ui.separator();
    widgets::tick(ui, &mut form.ticked, lang.quick_in_sequence(), lang.quick_ticked_tip());
    let delay = messages::fault_of(lang, problems, "delay");
    Field::new((lang.quick_delay(), lang.quick_delay_tip()), delay).show(ui, &mut form.delay);
    ui.horizontal(|ui| {
        let label = ui.label(lang.quick_expect());
        let name = |expect: Option<MatchKind>| {
            expect.map_or(lang.quick_expect_none(), |kind| messages::rules::match_kind(lang, kind))
        };
        let combo = controls::combo_box("quick expect");
        let choices = std::iter::once(None).chain(MatchKind::ALL.map(Some));
        widgets::combo(ui, combo, (label.id, lang.quick_expect_tip()), (&mut form.expect, choices), name);
    });
    let Some(kind) = form.expect else { return };
    if kind != MatchKind::Anything {
        let pattern = messages::fault_of(lang, problems, "pattern");
        Field::new((lang.quick_pattern(), lang.quick_pattern_tip()), pattern).show(ui, &mut form.pattern);
        if kind != MatchKind::Regex {
            ui.horizontal_wrapped(|ui| {
                widgets::part_choices(ui);
                widgets::choices(ui, lang.quick_pattern(), &mut form.pattern_mode, widgets::modes(lang));
            });
        }
    }
    let within = messages::fault_of(lang, problems, "within");
    Field::new((lang.quick_within(), lang.quick_within_tip()), within).show(ui, &mut form.within);
    ui.label(lang.quick_timeout());
    ui.horizontal_wrapped(|ui| {
        let choices = [
            (Otherwise::Stop, lang.quick_timeout_stop(), lang.quick_timeout_tip()),
            (Otherwise::GoOn, lang.quick_timeout_go_on(), lang.quick_timeout_tip()),
        ];
        widgets::choices(ui, lang.quick_timeout(), &mut form.on_timeout, choices);
    });
}
