//! The page of rules: the list with the fields of the unfolded one, faults in answers, and the tester.

mod editor;
mod row;
mod tester;

use egui::containers::menu::MenuButton;
use egui::{Button, Frame, Panel, Rect, RichText, ScrollArea, Ui, UiBuilder};

use super::clear_of_bar;
use crate::model::{Protocol, Stamp};
use crate::state::{Action, RowAction, RulesAction, RulesBox};
use crate::ui::lang::Lang;
use crate::ui::theme::{CONTROL, Palette};
use crate::ui::{controls, icons, messages, widgets};
use crate::workspace::{EXAMPLES, RuleForm};

/// From this height on the tester has a place of its own below the list.
const TALL: f32 = 440.0;
/// From this width on all above the list is in the head, and the fields of the unfolded rule are beside the list.
const ONE_ROW: f32 = 560.0;
/// Width of the list beside them.
const LIST: std::ops::RangeInclusive<f32> = 168.0..=280.0;

#[derive(Debug, Clone, Copy)]
pub(crate) struct RulesInput<'a> {
    pub(crate) lang: Lang,
    pub(crate) protocol: Protocol,
    pub(crate) charset: crate::workspace::Charsets,
    /// No framing on a stream: each read is a message.
    pub(crate) is_uncut: bool,
    /// The current time, for placeholders in the tester.
    pub(crate) now: Stamp,
    pub(crate) zone: &'a jiff::tz::TimeZone,
}

pub(crate) fn rules_ui(ui: &mut Ui, input: &RulesInput<'_>, rules: &mut RulesBox) -> Vec<Action> {
    let mut actions = Vec::new();
    list_ui(ui, input, rules, &mut actions);
    actions.into_iter().map(Action::Rules).collect()
}

fn list_ui(ui: &mut Ui, input: &RulesInput<'_>, rules: &mut RulesBox, actions: &mut Vec<RulesAction>) {
    let lang = input.lang;
    if !is_wide(ui) {
        widgets::from_the_right(ui, |ui| ready_ui(ui, lang, rules, false, actions));
    }
    ui.separator();
    // Where there is room, what a message would do stays in sight while one types.
    let is_tall = ui.available_height() >= TALL;
    if is_tall {
        let most = ui.available_height() * 0.4;
        let height = if rules.test.open { most } else { CONTROL + 4.0 };
        let panel = Panel::bottom("rule tester").resizable(false).exact_size(height).frame(Frame::new());
        panel.show(ui, |ui| {
            // Folded, it is lower than what scrolls usually is.
            let area = ScrollArea::vertical().id_salt("tester").min_scrolled_height(0.0);
            area.auto_shrink([false, false]).show(ui, |ui| {
                clear_of_bar(ui);
                tester::tester_ui(ui, input, rules, actions);
            });
        });
    }
    let is_beside = is_wide(ui) && rules.list.editing.is_some();
    let all = ui.available_rect_before_wrap();
    let width = if is_beside { (all.width() * 0.27).clamp(*LIST.start(), *LIST.end()) } else { all.width() };
    let (list, fields) = all.split_left_right_at_x(all.left() + width);
    let unfolded = in_scroll(ui, list, "rules", |ui| {
        let weak = Palette::of(ui).weak;
        if rules.list.rows().is_empty() {
            ui.label(RichText::new(lang.rules_empty()).color(weak));
        }
        let unfolded = ui.scope(|ui| row::rows_ui(ui, input, rules, is_beside, actions)).inner;
        ui.add_space(6.0);
        // Below the rows, which stay where they are when it is broken anew.
        if input.is_uncut && !rules.list.rows().is_empty() {
            ui.label(RichText::new(lang.rules_stream()).small().color(weak));
        }
        faults_ui(ui, lang, rules);
        if !is_tall {
            tester::tester_ui(ui, input, rules, actions);
        }
        unfolded
    });
    if let Some(unfolded) = unfolded.filter(|_| is_beside) {
        in_scroll(ui, fields, ("fields", unfolded.1), |ui| {
            editor::editor_ui(ui, input, rules, unfolded, actions)
        });
    }
}

/// What scrolls in a part of the page.
fn in_scroll<R>(
    ui: &mut Ui,
    place: Rect,
    name: impl egui::AsIdSalt + Copy,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let part = UiBuilder::new().scope_id(ui.scope_id().with(name)).max_rect(place);
    let area = ScrollArea::vertical().auto_shrink([false, false]);
    let shown = ui.scope_builder(part, |ui| {
        area.show(ui, |ui| {
            clear_of_bar(ui);
            content(ui)
        })
    });
    shown.inner.inner
}

/// Whether the head of the page has room for all above the list.
pub(crate) fn is_wide(ui: &Ui) -> bool {
    ui.available_width() >= ONE_ROW
}

/// What is in the head of the page, from the right: an example, a new rule and, if it is wide, all else above the list.
pub(crate) fn head_ui(ui: &mut Ui, lang: Lang, wide: bool, rules: &RulesBox, actions: &mut Vec<Action>) {
    let (menu, _) = MenuButton::from_button(controls::with_arrow(lang.examples())).ui(ui, |ui| {
        for example in EXAMPLES {
            let words = (messages::example(lang, &example), lang.examples_tip());
            actions.extend(widgets::entry(ui, words.0, words.1).then_some(Action::TakeExample(example)));
        }
    });
    widgets::named(menu, lang.examples()).on_hover_text(lang.examples_tip());
    widgets::offer(ui, (lang.rule_new(), lang.rule_new_tip()), Action::Rules(RulesAction::New), actions);
    if wide {
        let mut asked = Vec::new();
        ready_ui(ui, lang, rules, true, &mut asked);
        actions.extend(asked.into_iter().map(Action::Rules));
    }
}

/// What brings back a rule and, left of it, the rules that are switched by one tick.
fn ready_ui(ui: &mut Ui, lang: Lang, rules: &RulesBox, is_in_head: bool, actions: &mut Vec<RulesAction>) {
    if widgets::button_if(ui, rules.list.can_undo(), lang.rule_undo(), lang.rule_undo_tip()) {
        actions.push(RulesAction::Row(RowAction::Undo));
    }
    let ready = [
        (RuleForm::echo(), lang.rule_echo(), lang.rule_echo_tip()),
        (RuleForm::relay(), lang.rule_relay(), lang.rule_relay_tip()),
    ];
    let mut tick = |ui: &mut Ui, (form, label, tip): (RuleForm, &str, &str)| {
        let mut on = rules.has(&form);
        if widgets::tick(ui, &mut on, label, tip).changed() {
            actions.push(RulesAction::Switch(Box::new(RuleForm { name: label.to_owned(), ..form }), on));
        }
    };
    if is_in_head {
        ready.into_iter().rev().for_each(|one| tick(ui, one));
    } else {
        widgets::from_the_left(ui, |ui| ready.into_iter().for_each(|one| tick(ui, one)));
    }
}

fn faults_ui(ui: &mut Ui, lang: Lang, rules: &mut RulesBox) {
    if !heading_ui(ui, lang.faults(), &mut rules.faults_open) {
        return;
    }
    let problems = rules.faults.problems();
    for (key, text) in rules.faults.fields() {
        let problem = messages::fault_of(lang, &problems, key);
        widgets::Field::new(fault_words(lang, key), problem).show(ui, text);
    }
}

fn fault_words(lang: Lang, key: &str) -> (&'static str, &'static str) {
    match key {
        "drop-every" => (lang.fault_drop(), lang.fault_drop_tip()),
        "corrupt-every" => (lang.fault_corrupt(), lang.fault_corrupt_tip()),
        "cut-every" => (lang.fault_cut(), lang.fault_cut_tip()),
        "cut-pause" => (lang.fault_pause(), lang.fault_pause_tip()),
        "join" => (lang.fault_join(), lang.fault_join_tip()),
        "join-within" => (lang.fault_within(), lang.fault_within_tip()),
        "delay-every" => (lang.fault_late(), lang.fault_late_tip()),
        "delay" => (lang.fault_delay(), lang.fault_delay_tip()),
        _seed => (lang.fault_seed(), lang.fault_seed_tip()),
    }
}

pub(super) fn heading_ui(ui: &mut Ui, label: &str, open: &mut bool) -> bool {
    let sign = if *open { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
    let words = (controls::icon(sign, controls::ICON), controls::medium(label));
    let button = ui.add(Button::new(words).frame(false));
    button.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, *open, label));
    if button.clicked() {
        *open = !*open;
    }
    *open
}
