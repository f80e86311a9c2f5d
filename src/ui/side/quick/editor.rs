//! The fields of one quick send.

use egui::{Button, ComboBox, Margin, RichText, ScrollArea, TextEdit, Ui};

use super::{QuickInput, is_taken};
use crate::codec::compose::Mode;
use crate::codec::matcher::MatchKind;
use crate::codec::{Charset, hex};
use crate::model::Problem;
use crate::model::{Otherwise, SendPart};
use crate::state::{QuickAction, QuickBox, QuickId, RowAction};
use crate::ui::inspector::choice::checksum_list_ui;
use crate::ui::lang::Lang;
use crate::ui::side::{clear_of_bar, from_the_right};
use crate::ui::theme::Palette;
use crate::ui::{messages, toolbar, widgets};
use crate::workspace::QuickSend;

/// Bytes shown of what will be sent.
const SHOWN: usize = 64;

pub(super) fn editor_ui(
    ui: &mut Ui,
    input: QuickInput,
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
    from_the_right(ui, |ui| {
        let send = ui.add_enabled(input.open, Button::new(lang.send()));
        let send_name = format!("{} {}", lang.send(), form.title());
        send.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, input.open, &send_name));
        let tip = lang.quick_send_tip();
        if send.on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
            actions.push(QuickAction::Send(id));
        }
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            if ui.button(lang.quick_back()).on_hover_text(lang.quick_back_tip()).clicked() {
                actions.push(QuickAction::Row(RowAction::Edit(None)));
            }
        });
    });
    ui.separator();
    let problems = form.problems(input.charset);
    ScrollArea::vertical().id_salt("quick editor").auto_shrink([false, false]).show(ui, |ui| {
        clear_of_bar(ui);
        field(lang.quick_name(), lang.quick_name_field_tip(), None).show(ui, &mut form.name);
        content_ui(ui, lang, form, &problems);
        preview_ui(ui, input, form);
        append_ui(ui, lang, form, &mut search, &problems);
        charset_ui(ui, lang, form);
        let key = messages::fault_of(lang, &problems, "key").or(key_problem);
        field(lang.quick_key(), lang.quick_key_tip(), key).show(ui, &mut form.key);
        field(lang.quick_note(), lang.quick_note_tip(), None).show(ui, &mut form.note);
        page_ui(ui, lang, form, &pages);
        sequence_ui(ui, lang, form, &problems);
    });
    quick.checksum_search = search;
    // The list shows the page of this row when it returns.
    let page = quick.list.get(id).map(|form| form.page.clone());
    if page != page_before
        && let Some(page) = page
    {
        quick.page = page;
    }
}

/// Conflict of a key with the window or with another row.
fn key_problem(lang: Lang, quick: &QuickBox, id: QuickId) -> Option<String> {
    let key = quick.list.get(id)?.key().ok()??;
    if is_taken(key) {
        return Some(lang.key_taken().to_owned());
    }
    quick.same_key(id).map(|other| lang.same_key(other.title()))
}

fn field<'a>(label: &'a str, tip: &'a str, problem: Option<String>) -> widgets::Field<'a> {
    widgets::Field { label, tip, enabled: true, problem }
}

fn content_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, problems: &[Problem]) {
    let label = ui.label(lang.quick_content());
    ui.horizontal_wrapped(|ui| {
        for (mode, label, tip) in [
            (Mode::Text, lang.send_text(), lang.send_text_tip()),
            (Mode::Hex, lang.send_hex(), lang.send_hex_tip()),
            (Mode::Mixed, lang.send_mixed(), lang.send_mixed_tip()),
        ] {
            widgets::choice(ui, lang.quick_content(), &mut form.mode, mode, label, tip);
        }
    });
    lines_ui(ui, &mut form.content, label.id, lang.quick_content_tip(), 3);
    widgets::complain(ui, messages::fault_of(lang, problems, "content"));
    ui.horizontal_wrapped(|ui| {
        ui.add_enabled_ui(form.mode != Mode::Hex, |ui| {
            widgets::tick(ui, &mut form.escapes, lang.quick_escapes(), lang.escapes_tip());
        });
        widgets::tick(ui, &mut form.placeholders, lang.quick_placeholders(), lang.quick_placeholders_tip());
    });
}

fn lines_ui(ui: &mut Ui, text: &mut String, label: egui::Id, tip: &str, rows: usize) {
    ui.scope(|ui| {
        // egui draws the frame of a field outside its width.
        ui.set_max_width(ui.available_width() - 2.0);
        let edit = TextEdit::multiline(text)
            .font(egui::TextStyle::Monospace)
            .desired_rows(rows)
            .desired_width(f32::INFINITY)
            .margin(Margin::symmetric(6, 3));
        ui.add(edit).labelled_by(label).on_hover_text(tip);
    });
}

fn preview_ui(ui: &mut Ui, input: QuickInput, form: &QuickSend) {
    let lang = input.lang;
    let text = match form.build(input.charset) {
        Ok(SendPart::Bytes(bytes)) => {
            let head = hex::to_text(bytes.get(..SHOWN).unwrap_or(&bytes));
            let more = if bytes.len() > SHOWN { " …" } else { "" };
            format!("{}  {head}{more}", messages::bytes(bytes.len() as u64))
        }
        Ok(SendPart::Template(_) | SendPart::File { .. }) => lang.quick_filled().to_owned(),
        Err(_told_beside_the_fields) => return,
    };
    ui.label(RichText::new(text).monospace().size(11.0).color(Palette::of(ui).weak));
}

fn append_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, search: &mut String, problems: &[Problem]) {
    let label = ui
        .horizontal(|ui| {
            let label = ui.label(lang.quick_append());
            let menu =
                toolbar::menu(ui, Button::new("▼").small(), false, |ui| usual_ui(ui, lang, form, search));
            menu.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, lang.quick_append_menu())
            });
            menu.on_hover_text(lang.quick_append_menu_tip());
            label
        })
        .inner;
    let mut text = form.append.join("\n");
    lines_ui(ui, &mut text, label.id, lang.quick_append_tip(), 1);
    // An empty line stays while being typed in, unless it is the only one.
    let steps: Vec<String> = text.split('\n').map(str::to_owned).collect();
    form.append = if text.is_empty() { Vec::new() } else { steps };
    let wrong = problems.iter().find(|problem| problem.path.starts_with("append."));
    widgets::complain(ui, wrong.map(|problem| messages::fault(lang, &problem.fault)));
}

fn usual_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, search: &mut String) {
    ui.set_width(MENU_WIDTH);
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
    let area = ScrollArea::vertical().id_salt("checksums").max_height(LIST_HEIGHT).auto_shrink([false, true]);
    // None is selected: several can be appended.
    let chosen = area.show(ui, |ui| checksum_list_ui(ui, lang, None, search)).inner;
    if let Some(checksum) = chosen {
        add(checksum.name());
    }
}

const MENU_WIDTH: f32 = 240.0;
const LIST_HEIGHT: f32 = 160.0;

fn charset_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend) {
    ui.horizontal(|ui| {
        let label = ui.label(lang.quick_charset());
        let name = |charset: Option<Charset>| charset.map_or(lang.quick_charset_session(), Charset::label);
        let combo = ComboBox::from_id_salt("quick charset").selected_text(name(form.charset)).height(320.0);
        let combo = combo.show_ui(ui, |ui| {
            for charset in [None].into_iter().chain(Charset::ALL.map(Some)) {
                ui.selectable_value(&mut form.charset, charset, name(charset));
            }
        });
        combo.response.labelled_by(label.id).on_hover_text(lang.quick_charset_tip());
    });
}

fn page_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, pages: &[String]) {
    let page = field(lang.quick_page(), lang.quick_page_field_tip(), None);
    let (_, list) = page.show_with_list(ui, &mut form.page, lang.quick_pages(), true, |ui, page| {
        for known in pages {
            let label = if known.is_empty() { lang.quick_first_page() } else { known };
            if ui.selectable_label(known == page, label).clicked() {
                page.clone_from(known);
                ui.close();
            }
        }
    });
    list.on_hover_text(lang.quick_pages());
}

fn sequence_ui(ui: &mut Ui, lang: Lang, form: &mut QuickSend, problems: &[Problem]) {
    ui.separator();
    widgets::tick(ui, &mut form.ticked, lang.quick_in_sequence(), lang.quick_ticked_tip());
    let delay = messages::fault_of(lang, problems, "delay");
    field(lang.quick_delay(), lang.quick_delay_tip(), delay).show(ui, &mut form.delay);
    ui.horizontal(|ui| {
        let label = ui.label(lang.quick_expect());
        let name = |expect: Option<MatchKind>| {
            expect.map_or(lang.quick_expect_none(), |kind| messages::rules::match_kind(lang, kind))
        };
        let combo = ComboBox::from_id_salt("quick expect").selected_text(name(form.expect));
        let combo = combo.show_ui(ui, |ui| {
            for expect in [None].into_iter().chain(MatchKind::ALL.map(Some)) {
                ui.selectable_value(&mut form.expect, expect, name(expect));
            }
        });
        combo.response.labelled_by(label.id).on_hover_text(lang.quick_expect_tip());
    });
    let Some(kind) = form.expect else { return };
    if kind != MatchKind::Anything {
        let pattern = messages::fault_of(lang, problems, "pattern");
        field(lang.quick_pattern(), lang.quick_pattern_tip(), pattern).show(ui, &mut form.pattern);
        if kind != MatchKind::Regex {
            ui.horizontal_wrapped(|ui| {
                for (mode, label, tip) in [
                    (Mode::Text, lang.send_text(), lang.send_text_tip()),
                    (Mode::Hex, lang.send_hex(), lang.quick_pattern_tip()),
                    (Mode::Mixed, lang.send_mixed(), lang.send_mixed_tip()),
                ] {
                    widgets::choice(ui, lang.quick_pattern(), &mut form.pattern_mode, mode, label, tip);
                }
            });
        }
    }
    let within = messages::fault_of(lang, problems, "within");
    field(lang.quick_within(), lang.quick_within_tip(), within).show(ui, &mut form.within);
    ui.label(lang.quick_timeout());
    ui.horizontal_wrapped(|ui| {
        for (otherwise, label) in
            [(Otherwise::Stop, lang.quick_timeout_stop()), (Otherwise::GoOn, lang.quick_timeout_go_on())]
        {
            let tip = lang.quick_timeout_tip();
            widgets::choice(ui, lang.quick_timeout(), &mut form.on_timeout, otherwise, label, tip);
        }
    });
}
