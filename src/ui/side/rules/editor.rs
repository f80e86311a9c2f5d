//! The fields of the unfolded rule: only those relevant to what is chosen.

mod act;

use egui::{Align, Frame, Id, Label, Layout, Margin, Rect, Role, ScrollArea, Ui, WidgetInfo, vec2};

use super::RulesInput;
use crate::codec::Charset;
use crate::codec::compose::Mode;
use crate::codec::matcher::{MatchKind, Validity};
use crate::model::{AndThen, Problem, Protocol, RuleId};
use crate::state::{Commands, RowAction, RulesAction, RulesBox, Way};
use crate::ui::inspector::choice::checksum_list_ui;
use crate::ui::lang::Lang;
use crate::ui::messages::fault_of;
use crate::ui::messages::rules::match_kind;
use crate::ui::theme::{CONTROL, EDGE, Palette};
use crate::ui::widgets::{self, Field};
use crate::ui::{controls, icons, list};
use crate::workspace::RuleForm;

/// Width of the labels.
const LABEL: f32 = 68.0;
/// Between rows, and what is in one.
const INNER: f32 = 4.0;
/// Width of the list of what a text is.
const MODE: f32 = 74.0;
/// From this width on what the rule does is beside when it does so.
const TWO_COLUMNS: f32 = 440.0;

/// Returns where they are.
pub(super) fn editor_ui(
    ui: &mut Ui,
    input: &RulesInput<'_>,
    rules: &mut RulesBox,
    (n, id, focus): (usize, RuleId, bool),
    actions: &mut Vec<RulesAction>,
) -> Rect {
    let lang = input.lang;
    let mut problems = rules.problems(id, input.charset);
    if rules.list.get(id).is_some_and(RuleForm::is_draft) {
        // It is not wrong before anything is typed; first its pattern is, if it has one.
        let is_open = problems.iter().any(|problem| problem.path == "pattern");
        problems.retain(|problem| !(is_open && matches!(&*problem.path, "pattern" | "content")));
    }
    let commands = std::sync::Arc::clone(&rules.commands);
    let page = Page { lang, protocol: input.protocol, problems: &problems, commands: &commands, focus };
    let palette = Palette::of(ui);
    let frame = Frame::new().inner_margin(Margin { left: 11, right: 8, top: 4, bottom: 4 });
    let fields = frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(INNER, INNER);
        let Some(form) = rules.list.get_mut(id) else { return };
        if ui.available_width() < TWO_COLUMNS {
            when_ui(ui, &page, form);
            then_ui(ui, &page, form);
        } else {
            ui.spacing_mut().item_spacing.x = 12.0;
            ui.columns_const(|[when, then]| {
                (when.spacing_mut().item_spacing.x, then.spacing_mut().item_spacing.x) = (INNER, INNER);
                when_ui(when, &page, form);
                then_ui(then, &page, form);
            });
        }
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
    protocol: Protocol,
    problems: &'a [Problem],
    commands: &'a Commands,
    /// It is new: its pattern takes the keyboard.
    focus: bool,
}

impl Page<'_> {
    pub(super) fn problem(&self, field: &str) -> Option<String> {
        fault_of(self.lang, self.problems, field)
    }

    /// A row of the form: its label, and what is beside it. If its `field` can be wrong, a line below has room for the reason.
    pub(super) fn row<R>(
        &self,
        ui: &mut Ui,
        label: &str,
        field: Option<&str>,
        content: impl FnOnce(&mut Ui, Id) -> R,
    ) -> R {
        let row = ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let size = vec2(LABEL, CONTROL);
            // Two words may be in two lines, beside a field of two.
            let is_long = widgets::text_width(ui, label) > LABEL;
            let layout = Layout::left_to_right(if is_long { Align::Min } else { Align::Center });
            let label = ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                ui.add(Label::new(label).wrap()).id
            });
            ui.spacing_mut().item_spacing.x = INNER;
            ui.vertical(|ui| content(ui, label.inner)).inner
        });
        if let Some(field) = field {
            widgets::reason_ui(ui, LABEL, self.problem(field).as_deref());
        }
        row.inner
    }

    pub(super) fn field(&self, ui: &mut Ui, field: &str, words: (&str, &str), text: &mut String) {
        self.row(ui, words.0, Some(field), |ui, label| {
            Field::new(words, self.problem(field)).edit(ui, text, Some(label));
        });
    }
}

/// What a text is, as a list.
pub(super) fn mode_ui(ui: &mut Ui, lang: Lang, group: &str, id: &'static str, mode: &mut Mode) {
    let modes = widgets::modes(lang);
    let label = modes.iter().find(|(this, ..)| this == mode).map_or("", |(_, label, _)| label);
    let combo = controls::combo_box(id).width(MODE).selected_text(label);
    let combo = list::show(ui, combo, |ui| {
        for (this, label, _) in modes {
            list::value(ui, mode, this, label);
        }
    });
    let name = widgets::choice_name(group, label);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    let tips = modes.map(|(_, label, tip)| format!("{label}: {tip}"));
    combo.response.on_hover_text(tips.join("\n"));
}

fn when_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    page.row(ui, lang.rule_name(), None, |ui, label| {
        Field::new((lang.rule_name(), lang.rule_name_tip()), None).edit(ui, &mut form.name, Some(label));
    });
    // What does not apply stays in its place, for a rule is one for silence from the first letter on.
    ui.add_enabled_ui(!form.is_for_silence(), |ui| message_ui(ui, page, form));
    more_ui(ui, page, form);
}

fn message_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    page.row(ui, lang.rule_when(), None, |ui, label| {
        let combo = controls::combo_box("rule when").width(ui.available_width() - 1.0).truncate();
        let words = (label, lang.rule_when_tip());
        widgets::combo(ui, combo, words, (&mut form.when, MatchKind::ALL), |kind| match_kind(lang, kind));
    });
    // These, too, stay in their place if they do not apply.
    let has_pattern = form.when != MatchKind::Anything;
    page.row(ui, "", Some("pattern"), |ui, _| {
        let words = (lang.rule_pattern(), lang.rule_pattern_tip());
        let field = Field::new(words, page.problem("pattern")).enabled(has_pattern);
        let edit = field.edit(ui, &mut form.pattern, None);
        if page.focus {
            edit.request_focus();
        }
    });
    page.row(ui, "", None, |ui, _| {
        ui.horizontal(|ui| {
            ui.add_enabled_ui(has_pattern && form.when != MatchKind::Regex, |ui| {
                mode_ui(ui, lang, lang.rule_pattern(), "pattern mode", &mut form.pattern_mode);
                ui.add_enabled_ui(form.pattern_mode != Mode::Hex, |ui| {
                    escapes_ui(ui, lang, lang.rule_pattern(), &mut form.pattern_escapes);
                });
            });
        });
    });
}

/// The tick box for escapes; its accessible name includes the name of the text.
pub(super) fn escapes_ui(ui: &mut Ui, lang: Lang, group: &str, on: &mut bool) {
    let tick = widgets::tick(ui, on, lang.rule_escapes(), lang.rule_escapes_tip());
    let name = widgets::choice_name(group, lang.rule_escapes());
    tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, *on, &name));
}

fn more_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    let is_said =
        ![&form.length, &form.checksum, &form.from, &form.silence].iter().all(|text| text.is_empty());
    let more = widgets::folded(lang.rule_more()).default_open(is_said);
    more.show_unindented(ui, |ui| {
        let of_messages = !form.is_for_silence();
        ui.add_enabled_ui(of_messages, |ui| {
            page.field(ui, "length", (lang.rule_length(), lang.rule_length_tip()), &mut form.length);
        });
        page.field(ui, "from", (lang.rule_from(), lang.rule_from_tip()), &mut form.from);
        page.field(ui, "silence", (lang.rule_silence(), lang.rule_silence_tip()), &mut form.silence);
        let words = (lang.rule_checksum(), lang.rule_checksum_tip());
        ui.add_enabled_ui(of_messages, |ui| {
            page.row(ui, words.0, Some("checksum"), |ui, label| {
                checksum_ui(ui, page, (label, words), &mut form.checksum);
            });
        });
        if form.checksum.trim().is_empty() || !of_messages {
            return;
        }
        page.row(ui, "", None, |ui, _| {
            ui.horizontal_wrapped(|ui| {
                widgets::part_choices(ui);
                let group = lang.rule_checksum();
                let is = &mut form.checksum_is;
                widgets::choice(ui, group, is, Validity::Valid, lang.rule_valid(), lang.rule_valid_tip());
                widgets::choice(
                    ui,
                    group,
                    is,
                    Validity::Invalid,
                    lang.rule_invalid(),
                    lang.rule_invalid_tip(),
                );
            });
        });
        let words = (lang.rule_behind(), lang.rule_behind_tip());
        page.field(ui, "checksum-behind", words, &mut form.checksum_behind);
    });
}

/// The checksum as it is typed, with the list of all.
fn checksum_ui(ui: &mut Ui, page: &Page<'_>, (label, words): (Id, (&str, &str)), text: &mut String) {
    let lang = page.lang;
    let (_, place) = Field::new(words, page.problem("checksum")).edit_with_room(ui, text, label);
    widgets::list_in(ui, place, (lang.rule_checksums(), true), |ui| {
        // It has a field, and more than is in sight.
        ui.set_style(ui.ctx().global_style());
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().scroll.dormant_handle_opacity = 0.6;
        ui.set_width(240.0);
        let search = ui.scope_id().with("search");
        // One types at once, as soon as its size is known.
        let is_opening = ui.is_sizing_pass();
        let was_opening = ui.data_mut(|data| {
            std::mem::replace(data.get_temp_mut_or_default(search.with("opens")), is_opening)
        });
        let begins = was_opening && !is_opening;
        let mut searched: String = ui.data(|data| data.get_temp(search)).unwrap_or_default();
        let current = text.split(':').next().and_then(|name| name.trim().parse().ok());
        let area = ScrollArea::vertical().max_height(260.0).min_scrolled_height(260.0);
        let chosen = area.show(ui, |ui| checksum_list_ui(ui, lang, (current, begins), &mut searched)).inner;
        ui.data_mut(|data| data.insert_temp(search, searched));
        if let Some(checksum) = chosen {
            // What it is of stays.
            let of = text.split_once(':').map_or_else(String::new, |(_, of)| format!(":{of}"));
            *text = format!("{}{of}", checksum.name());
            ui.close();
        }
    });
}

fn then_ui(ui: &mut Ui, page: &Page<'_>, form: &mut RuleForm) {
    let lang = page.lang;
    act::act_ui(ui, page, form);
    page.field(ui, "after", (lang.rule_after(), lang.rule_after_tip()), &mut form.after);
    let mut goes_on = form.and_then == AndThen::GoOn;
    page.row(ui, "", None, |ui, _| {
        if widgets::tick(ui, &mut goes_on, lang.rule_go_on(), lang.rule_go_on_tip()).changed() {
            form.and_then = if goes_on { AndThen::GoOn } else { AndThen::Stop };
        }
    });
    let is_said = !form.cool_down.is_empty() || !form.at_most.is_empty() || form.charset.is_some();
    widgets::folded(lang.rule_limits()).default_open(is_said).show_unindented(ui, |ui| {
        let words = (lang.rule_cool_down(), lang.rule_cool_down_tip());
        page.field(ui, "cool-down", words, &mut form.cool_down);
        page.field(ui, "at-most", (lang.rule_at_most(), lang.rule_at_most_tip()), &mut form.at_most);
        page.row(ui, lang.rule_charset(), None, |ui, label| {
            let name = |charset: Option<Charset>| charset.map_or(lang.rule_charset_session(), Charset::label);
            let combo = controls::combo_box("rule charset").width(ui.available_width() - 1.0).height(320.0);
            let choices = std::iter::once(None).chain(Charset::ALL.map(Some));
            widgets::combo(ui, combo, (label, lang.rule_charset_tip()), (&mut form.charset, choices), name);
        });
    });
}
