//! The fields of what a rule does.

use egui::Ui;
use egui::containers::menu::MenuButton;

use super::super::tester::{mode_ui, text_ui};
use super::{Page, escapes_ui};
use crate::codec::compose::Mode;
use crate::model::Recipients;
use crate::ui::controls;
use crate::ui::lang::Lang;
use crate::ui::messages::rules::{recipients, then_kind};
use crate::ui::send::placeholders;
use crate::ui::widgets;
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

pub(super) fn then_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    let label = ui.label(lang.rule_then());
    let combo = controls::combo_box("rule then").width(ui.available_width() - 1.0).height(400.0);
    let words = (label.id, lang.rule_then_tip());
    widgets::combo(ui, combo, words, (&mut form.then, ThenKind::ALL), |then| then_kind(lang, then));
    widgets::complain_here(ui, page.problem("then").as_deref());
    if form.then == ThenKind::Run {
        let words = (lang.rule_command(), lang.rule_command_tip());
        let list = (lang.alert_commands(), !page.commands.is_empty());
        let field = widgets::Field::new(words, page.problem("command"));
        let (_, place) = field.show_with_room(ui, &mut form.command);
        widgets::list_in(ui, place, list, |ui| {
            for name in page.commands.keys() {
                if ui.button(name).clicked() {
                    form.command.clone_from(name);
                    ui.close();
                }
            }
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
        widgets::Field::new((lang.rule_page(), lang.rule_page_tip()), None).show(ui, &mut form.page);
    }
    if form.then == ThenKind::Hold {
        page.field(ui, "hold", (lang.rule_hold_for(), lang.rule_hold_for_tip()), &mut form.hold);
    }
    if form.then.has_recipients() {
        ui.label(lang.rule_to());
        ui.horizontal_wrapped(|ui| {
            for to in Recipients::ALL {
                let word = recipients(lang, to);
                widgets::choice(ui, lang.rule_to(), &mut form.to, to, word, lang.rule_to_tip());
            }
        });
    }
}

fn content_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    let words = (lang.rule_content(), lang.rule_content_tip());
    text_ui(ui, words, page.problem("content").as_deref(), &mut form.content);
    mode_ui(ui, lang, lang.rule_content(), &mut form.mode);
    ui.horizontal_wrapped(|ui| {
        if form.mode != Mode::Hex {
            escapes_ui(ui, lang, lang.rule_content(), &mut form.escapes);
        }
        widgets::tick(ui, &mut form.placeholders, lang.rule_placeholders(), lang.rule_placeholders_tip());
        ui.add_enabled_ui(form.placeholders, |ui| {
            let words = (lang.rule_insert(), lang.rule_insert_tip());
            let button = MenuButton::from_button(controls::with_arrow(words.0));
            let (response, _) = button.ui(ui, |ui| {
                let all = incoming(lang).into_iter().chain(placeholders::all(lang));
                if let Some(chosen) = placeholders::list_ui(ui, all, words.1) {
                    form.content.push_str(chosen);
                }
            });
            widgets::named(response, words.0).on_hover_text(words.1);
        });
    });
    if form.then.has_append() {
        append_ui(ui, page, form);
    }
}

fn menu_ui(ui: &mut Ui, (label, tip): (&str, &str), words: &'static str) -> Option<&'static str> {
    let button = MenuButton::from_button(controls::with_arrow(label));
    let (response, inner) =
        button.ui(ui, |ui| words.split(' ').filter(|word| ui.button(*word).clicked()).last());
    widgets::named(response, label).on_hover_text(tip);
    inner.and_then(|inner| inner.inner)
}

fn append_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    let (mut gone, mut wrong) = (None, None);
    for (n, step) in form.append.iter_mut().enumerate() {
        let problem = page.problem(&format!("append.{n}"));
        step_ui(ui, lang, (n, problem.is_some()), step, &mut gone);
        wrong = wrong.or(problem);
    }
    if let Some(n) = gone.filter(|n| *n < form.append.len()) {
        form.append.remove(n);
    }
    let words = (lang.rule_append_add(), lang.rule_append_add_tip());
    ui.horizontal(|ui| {
        if let Some(chosen) = menu_ui(ui, words, STEPS) {
            form.append.push(chosen.to_owned());
        }
        widgets::complain_here(ui, wrong.as_deref());
    });
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
        text_ui(ui, (label, tip), page.problem(field).as_deref(), text);
    }
}
