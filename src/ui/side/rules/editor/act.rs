//! The fields of what a rule does.

use egui::containers::menu::MenuButton;
use egui::{Id, Role, Ui, WidgetInfo};

use super::{INNER, MODE, Page, escapes_ui, mode_ui};
use crate::codec::compose::Mode;
use crate::model::Recipients;
use crate::ui::lang::Lang;
use crate::ui::messages::rules::{recipients, then_kind};
use crate::ui::send::placeholders;
use crate::ui::widgets::{self, Field};
use crate::ui::{controls, list};
use crate::workspace::{RuleForm, ThenKind};

/// The placeholders of the message that is answered, each with its meaning.
fn incoming(lang: Lang) -> [(&'static str, &'static str); 9] {
    [
        ("{0}", lang.placeholder_message()),
        ("{1}", lang.placeholder_group()),
        ("{byte:0}", lang.placeholder_byte()),
        ("{byte:3+1}", lang.placeholder_byte_plus()),
        ("{bytes:2..6}", lang.placeholder_bytes()),
        ("{upper:0}", lang.placeholder_upper()),
        ("{lower:0}", lang.placeholder_lower()),
        ("{json:name}", lang.placeholder_json()),
        ("{json64:data}", lang.placeholder_json64()),
    ]
}

/// Entries of the append menu; anything else can be typed.
const STEPS: &str = "crlf lf cr hex:00 SUM-8 XOR-8 LRC CRC-16/MODBUS CRC-32/ISO-HDLC";

/// Widths of the list of what is done, at least, and of those to whom.
const THEN: f32 = 100.0;
const TO: f32 = 80.0;

pub(super) fn act_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    page.row(ui, lang.rule_then(), Some("then"), |ui, label| {
        ui.horizontal_wrapped(|ui| choose_ui(ui, page, label, form))
    });
    if form.then == ThenKind::Run {
        page.row(ui, lang.rule_command(), Some("command"), |ui, label| {
            command_ui(ui, page, label, &mut form.command);
        });
    }
    if form.then.has_file() {
        page.field(ui, "folder", (lang.rule_folder(), lang.rule_folder_tip()), &mut form.folder);
        page.field(ui, "file", (lang.rule_file(), lang.rule_file_tip()), &mut form.file);
    }
    if form.then.has_content() {
        content_ui(ui, page, form);
    }
    if form.then == ThenKind::Modbus {
        modbus_ui(ui, page, form);
    }
    if form.then == ThenKind::Sequence {
        page.row(ui, lang.rule_page(), None, |ui, label| {
            let words = (lang.rule_page(), lang.rule_page_tip());
            Field::new(words, None).edit(ui, &mut form.page, Some(label));
        });
    }
    if form.then == ThenKind::Hold {
        page.field(ui, "hold", (lang.rule_hold_for(), lang.rule_hold_for_tip()), &mut form.hold);
    }
}

/// What is done, to whom, and as what the content is read, as far as it has them.
fn choose_ui(ui: &mut Ui, page: &Page<'_>, label: Id, form: &mut RuleForm) {
    let lang = page.lang;
    let has = (form.then.has_recipients(), form.then.has_content());
    let taken = if has.0 { TO + INNER } else { 0.0 } + if has.1 { MODE + INNER } else { 0.0 };
    let room = ui.available_width() - 1.0;
    let width = if room - taken < THEN { room } else { room - taken };
    let combo = controls::combo_box("rule then").width(width).height(520.0).truncate();
    let words = (label, lang.rule_then_tip());
    // What would do nothing here is not offered.
    let current = form.then;
    let choices = ThenKind::ALL.into_iter();
    let choices = choices.filter(|then| then.is_for(page.protocol) || *then == current);
    widgets::combo(ui, combo, words, (&mut form.then, choices), |then| then_kind(lang, then));
    if has.0 {
        let combo = controls::combo_box("rule to").width(TO).selected_text(recipients(lang, form.to));
        let combo = list::show(ui, combo, |ui| {
            for to in Recipients::ALL {
                list::value(ui, &mut form.to, to, recipients(lang, to));
            }
        });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, lang.rule_to()));
        combo.response.on_hover_text(lang.rule_to_tip());
    }
    if has.1 {
        mode_ui(ui, lang, lang.rule_content(), "content mode", &mut form.mode);
    }
}

fn command_ui(ui: &mut Ui, page: &Page<'_>, label: Id, command: &mut String) {
    let lang = page.lang;
    let field = Field::new((lang.rule_command(), lang.rule_command_tip()), page.problem("command"));
    let (_, place) = field.edit_with_room(ui, command, label);
    widgets::list_in(ui, place, (lang.alert_commands(), !page.commands.is_empty()), |ui| {
        for name in page.commands.keys() {
            if ui.button(name).clicked() {
                command.clone_from(name);
                ui.close();
            }
        }
    });
}

fn content_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    page.row(ui, lang.rule_content(), Some("content"), |ui, label| {
        widgets::lines_ui(ui, &mut form.content, label, lang.rule_content_tip(), 2);
    });
    page.row(ui, "", None, |ui, _| ui.horizontal_wrapped(|ui| fill_ui(ui, lang, form)));
    let mut gone = None;
    for (n, step) in form.append.iter_mut().enumerate() {
        let field = format!("append.{n}");
        let wrong = page.problem(&field).is_some();
        page.row(ui, "", Some(&field), |ui, _| step_ui(ui, lang, (n, wrong), step, &mut gone));
    }
    if let Some(n) = gone.filter(|n| *n < form.append.len()) {
        form.append.remove(n);
    }
}

/// How the content is filled in, and what is appended.
fn fill_ui(ui: &mut Ui, lang: Lang, form: &mut RuleForm) {
    if form.mode != Mode::Hex {
        escapes_ui(ui, lang, lang.rule_content(), &mut form.escapes);
    }
    widgets::tick(ui, &mut form.placeholders, lang.rule_placeholders(), lang.rule_placeholders_tip());
    let words = (lang.rule_insert(), lang.rule_insert_tip());
    let (menu, _) = MenuButton::from_button(controls::with_arrow(words.0)).ui(ui, |ui| {
        let all = incoming(lang).into_iter().chain(placeholders::all(lang));
        if let Some(chosen) = placeholders::list_ui(ui, all, words.1) {
            form.content.push_str(chosen);
            form.placeholders = true;
        }
    });
    widgets::named(menu, words.0).on_hover_text(words.1);
    if form.then.has_append() {
        let words = (lang.rule_append_add(), lang.rule_append_add_tip());
        form.append.extend(menu_ui(ui, words, STEPS).map(str::to_owned));
    }
}

fn menu_ui(ui: &mut Ui, (label, tip): (&str, &str), words: &'static str) -> Option<&'static str> {
    let button = MenuButton::from_button(controls::with_arrow(label));
    let (response, inner) =
        button.ui(ui, |ui| words.split(' ').filter(|word| ui.button(*word).clicked()).last());
    widgets::named(response, label).on_hover_text(tip);
    inner.and_then(|inner| inner.inner)
}

fn step_ui(ui: &mut Ui, lang: Lang, (n, wrong): (usize, bool), step: &mut String, gone: &mut Option<usize>) {
    widgets::from_the_right(ui, |ui| {
        let name = format!("{} {}", lang.rule_remove(), n + 1);
        if widgets::close_button(ui, &name, lang.rule_remove()) {
            *gone = Some(n);
        }
        let edit = egui::TextEdit::singleline(step).desired_width(f32::INFINITY);
        let response = widgets::marked_if(ui, wrong, |ui| ui.add(edit).on_hover_text(lang.rule_append_tip()));
        let name = format!("{} {}", lang.rule_append(), n + 1);
        widgets::named_field(response, step, &name, &name);
    });
}

fn modbus_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    let (bits, registers) = (lang.rule_bits_tip(), lang.rule_registers_tip());
    let modbus = &mut form.modbus;
    page.field(ui, "modbus.unit", (lang.rule_unit(), lang.rule_unit_tip()), &mut modbus.unit);
    let boxes = [
        ("modbus.coils", lang.rule_coils(), bits, &mut modbus.coils),
        ("modbus.discrete-inputs", lang.rule_inputs(), bits, &mut modbus.discrete_inputs),
        ("modbus.holding-registers", lang.rule_holding(), registers, &mut modbus.holding_registers),
        ("modbus.input-registers", lang.rule_input_registers(), registers, &mut modbus.input_registers),
    ];
    for (field, label, tip, text) in boxes {
        page.row(ui, label, Some(field), |ui, label| widgets::lines_ui(ui, text, label, tip, 2));
    }
}
