//! The fields of the unfolded rule: only those relevant to what is chosen.

mod act;

use egui::{Frame, Margin, Rect, Ui};

use super::RulesInput;
use super::tester::mode_ui;
use crate::codec::Charset;
use crate::codec::compose::Mode;
use crate::codec::matcher::{MatchKind, Validity};
use crate::model::{Problem, RuleId};
use crate::state::{Commands, RowAction, RulesAction, RulesBox, Way};
use crate::ui::lang::Lang;
use crate::ui::messages::fault_of;
use crate::ui::messages::rules::match_kind;
use crate::ui::theme::{EDGE, GAP, Palette};
use crate::ui::widgets::{self, Field};
use crate::ui::{controls, icons};
use crate::workspace::RuleForm;

/// Returns where they are.
pub(super) fn editor_ui(
    ui: &mut Ui,
    input: &RulesInput<'_>,
    rules: &mut RulesBox,
    (n, id): (usize, RuleId),
    actions: &mut Vec<RulesAction>,
) -> Rect {
    let lang = input.lang;
    let mut problems = rules.problems(id, input.charset);
    if rules.list.get(id).is_some_and(RuleForm::is_draft) {
        // It is not wrong before anything is typed.
        problems.retain(|problem| problem.path != "pattern");
    }
    let commands = std::sync::Arc::clone(&rules.commands);
    let page = Page { lang, problems: &problems, commands: &commands };
    let palette = Palette::of(ui);
    let frame = Frame::new().inner_margin(Margin { left: 11, right: 8, top: 8, bottom: 4 });
    let fields = frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GAP;
        let Some(form) = rules.list.get_mut(id) else { return };
        Field::new((lang.rule_name(), lang.rule_name_tip()), None).show(ui, &mut form.name);
        when_ui(ui, &page, form);
        page.field(ui, "silence", (lang.rule_silence(), lang.rule_silence_tip()), &mut form.silence);
        more_ui(ui, &page, form);
        ui.separator();
        act::then_ui(ui, &page, form);
        ui.separator();
        limits_ui(ui, &page, form);
        charset_ui(ui, lang, form);
        ui.horizontal_wrapped(|ui| {
            for (sign, word, action) in [
                (icons::COPY, lang.rule_double(), RowAction::Duplicate(id)),
                (icons::CHEVRON_UP, lang.rule_up(), RowAction::Shift(id, Way::Up)),
                (icons::CHEVRON_DOWN, lang.rule_down(), RowAction::Shift(id, Way::Down)),
                (icons::TRASH_2, lang.rule_delete(), RowAction::Delete(id)),
            ] {
                let name = format!("{word} #{n}");
                let button = controls::tool(ui, (sign, Some(word)), (true, false), (&name, &name));
                actions.extend(button.clicked().then_some(RulesAction::Row(action)));
            }
        });
    });
    let place = fields.response.rect;
    let edge = Rect::from_min_max(place.min, egui::pos2(place.left() + EDGE, place.bottom()));
    ui.painter().rect_filled(edge, 0.0, palette.accent);
    ui.painter().hline(place.x_range(), place.bottom(), (1.0, palette.line));
    place
}

pub(super) struct Page<'a> {
    pub(super) lang: Lang,
    problems: &'a [Problem],
    commands: &'a Commands,
}

impl Page<'_> {
    pub(super) fn problem(&self, field: &str) -> Option<String> {
        fault_of(self.lang, self.problems, field)
    }

    pub(super) fn field(&self, ui: &mut Ui, field: &str, words: (&str, &str), text: &mut String) {
        Field::new(words, self.problem(field)).show(ui, text);
    }
}

fn when_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    if form.is_for_silence() {
        return;
    }
    let label = ui.label(lang.rule_when());
    let combo = controls::combo_box("rule when").width(ui.available_width() - 1.0);
    let words = (label.id, lang.rule_when_tip());
    widgets::combo(ui, combo, words, (&mut form.when, MatchKind::ALL), |kind| match_kind(lang, kind));
    if form.when == MatchKind::Anything {
        return;
    }
    page.field(ui, "pattern", (lang.rule_pattern(), lang.rule_pattern_tip()), &mut form.pattern);
    if form.when == MatchKind::Regex {
        return;
    }
    mode_ui(ui, lang, lang.rule_pattern(), &mut form.pattern_mode);
    if form.pattern_mode != Mode::Hex {
        escapes_ui(ui, lang, lang.rule_pattern(), &mut form.pattern_escapes);
    }
}

/// The tick box for escapes; its accessible name includes the name of the text.
pub(super) fn escapes_ui(ui: &mut Ui, lang: Lang, group: &str, on: &mut bool) {
    let tick = widgets::tick(ui, on, lang.rule_escapes(), lang.rule_escapes_tip());
    let name = widgets::choice_name(group, lang.rule_escapes());
    tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, *on, &name));
}

fn more_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    let is_said = ![&form.length, &form.checksum, &form.from].iter().all(|text| text.is_empty());
    let more = widgets::folded(lang.rule_more()).default_open(is_said);
    more.show_unindented(ui, |ui| {
        if !form.is_for_silence() {
            page.field(ui, "length", (lang.rule_length(), lang.rule_length_tip()), &mut form.length);
        }
        page.field(ui, "from", (lang.rule_from(), lang.rule_from_tip()), &mut form.from);
        if form.is_for_silence() {
            return;
        }
        let words = (lang.rule_checksum(), lang.rule_checksum_tip());
        page.field(ui, "checksum", words, &mut form.checksum);
        if form.checksum.trim().is_empty() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            widgets::part_choices(ui);
            let group = lang.rule_checksum();
            let is = &mut form.checksum_is;
            widgets::choice(ui, group, is, Validity::Valid, lang.rule_valid(), lang.rule_valid_tip());
            widgets::choice(ui, group, is, Validity::Invalid, lang.rule_invalid(), lang.rule_invalid_tip());
        });
        let words = (lang.rule_behind(), lang.rule_behind_tip());
        page.field(ui, "checksum-behind", words, &mut form.checksum_behind);
    });
}

fn limits_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    use crate::model::AndThen;
    let lang = page.lang;
    page.field(ui, "after", (lang.rule_after(), lang.rule_after_tip()), &mut form.after);
    let is_said = !form.cool_down.is_empty() || !form.at_most.is_empty();
    widgets::folded(lang.rule_limits()).default_open(is_said).show_unindented(ui, |ui| {
        let words = (lang.rule_cool_down(), lang.rule_cool_down_tip());
        page.field(ui, "cool-down", words, &mut form.cool_down);
        page.field(ui, "at-most", (lang.rule_at_most(), lang.rule_at_most_tip()), &mut form.at_most);
    });
    let mut goes_on = form.and_then == AndThen::GoOn;
    if widgets::tick(ui, &mut goes_on, lang.rule_go_on(), lang.rule_go_on_tip()).changed() {
        form.and_then = if goes_on { AndThen::GoOn } else { AndThen::Stop };
    }
}

fn charset_ui(ui: &mut Ui, lang: Lang, form: &mut RuleForm) {
    let name = |charset: Option<Charset>| charset.map_or(lang.rule_charset_session(), Charset::label);
    let label = ui.label(lang.rule_charset());
    let combo = controls::combo_box("rule charset").width(ui.available_width() - 1.0).height(320.0);
    let choices = std::iter::once(None).chain(Charset::ALL.map(Some));
    widgets::combo(ui, combo, (label.id, lang.rule_charset_tip()), (&mut form.charset, choices), name);
}
