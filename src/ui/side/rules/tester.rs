//! The tester: a message, and what the rules would do with it.

use egui::{RichText, Ui};

use super::RulesInput;
use crate::codec::compose::Mode;
use crate::state::{RulesAction, RulesBox, SendProblem};
use crate::ui::lang::Lang;
use crate::ui::messages::rules::{answer, rule_title};
use crate::ui::theme::Palette;
use crate::ui::{messages, widgets};

pub(super) fn tester_ui(
    ui: &mut Ui,
    input: &RulesInput<'_>,
    rules: &mut RulesBox,
    actions: &mut Vec<RulesAction>,
) {
    let lang = input.lang;
    let was_open = rules.test.open;
    if !super::heading_ui(ui, lang.rule_test(), &mut rules.test.open) {
        return;
    }
    let (label, tip) = (lang.rule_test_box(), lang.rule_test_tip());
    let named = ui.label(label).id;
    let field = widgets::lines_ui(ui, &mut rules.test.text, named, tip, 2);
    if !was_open {
        field.request_focus();
    }
    mode_ui(ui, lang, label, &mut rules.test.mode);
    let words = (lang.rule_test_selected(), lang.rule_test_selected_tip());
    widgets::offer(ui, words, RulesAction::TestSelected, actions);
    let palette = Palette::of(ui);
    let tried = match rules.tried(input.charset, input.now, input.zone) {
        Ok(tried) => tried,
        Err(error) => {
            let problem = messages::send_problem(lang, &SendProblem::Typed(error));
            return widgets::complain(ui, Some(&problem));
        }
    };
    if tried.used.is_empty() && rules.test.text.is_empty() {
        return;
    }
    if tried.used.is_empty() {
        ui.label(RichText::new(lang.rule_test_none()).color(palette.weak));
        return;
    }
    for (n, row) in rules.list.rows().iter().enumerate().filter(|(_, row)| tried.used.contains(&row.id)) {
        let text = format!("✓ #{} {}", n + 1, rule_title(lang, &row.form));
        ui.label(RichText::new(text).color(palette.accent));
    }
    if tried.answers.is_empty() {
        ui.label(RichText::new(lang.rule_test_nothing()).color(palette.weak));
    }
    for told in tried.answers.iter().map(|one| answer(lang, one)) {
        ui.label(RichText::new(told).monospace().size(12.0));
    }
}

fn mode_ui(ui: &mut Ui, lang: Lang, group: &str, mode: &mut Mode) {
    ui.horizontal_wrapped(|ui| {
        widgets::part_choices(ui);
        widgets::choices(ui, group, mode, widgets::modes(lang));
    });
}
