//! The rows of the list of rules. One of them is unfolded: its fields are below it.

use egui::{Align2, FontId, Rect, Response, RichText, Sense, Ui, pos2, vec2};

use super::{RulesInput, editor};
use crate::model::RuleId;
use crate::state::{Row, RowAction, RulesAction, RulesBox};
use crate::ui::lang::Lang;
use crate::ui::messages::{grouped, rules::rule_does, rules::rule_title};
use crate::ui::theme::{self, Palette};
use crate::ui::{controls, fonts, icons, widgets};
use crate::workspace::RuleForm;

/// Height of a row: the name over what the rule does.
const ROW: f32 = 40.0;

/// Returns the number of the unfolded one, its id, and whether it is new. Its fields are below it, unless they are `beside` the
/// list.
pub(super) fn rows_ui(
    ui: &mut Ui,
    input: &RulesInput<'_>,
    rules: &mut RulesBox,
    beside: bool,
    actions: &mut Vec<RulesAction>,
) -> Option<(usize, RuleId, bool)> {
    let lang = input.lang;
    let mut shown_unfolded = None;
    let (focus, unfolded) = (rules.list.focus.take(), rules.list.editing);
    let before = ui.scope_id().with("unfolded");
    let before = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(before), unfolded));
    ui.spacing_mut().item_spacing.y = 0.0;
    let ids: Vec<RuleId> = rules.list.rows().iter().map(|row| row.id).collect();
    let last = ids.last().copied();
    for (n, id) in ids.into_iter().enumerate() {
        let hits = rules.hits(id);
        let Some(row) = rules.list.rows().iter().find(|row| row.id == id).cloned() else { continue };
        let standing = if rules.unused(&row.form).is_some() {
            Standing::Unused
        } else if rules.is_wrong(&row) {
            Standing::Wrong
        } else {
            Standing::Followed
        };
        let Some(form) = rules.list.get_mut(id) else { continue };
        let is_unfolded = unfolded == Some(id);
        let focus = focus == Some(id);
        let is_new = focus && is_unfolded && row.form.is_draft();
        let shown = RuleRow {
            lang,
            n: n + 1,
            row: &row,
            hits,
            standing,
            is_unfolded,
            beside,
            focus: focus && !is_new,
        };
        let (mut place, entry) = row_ui(ui, &shown, &mut form.on);
        if is_unfolded {
            shown_unfolded = Some((n + 1, id, is_new));
            if !beside {
                place = place.union(editor::editor_ui(ui, input, rules, (n + 1, id, is_new), actions));
            }
            if before != unfolded {
                // The head stays under the pointer if much of the fields is in sight.
                let enough = ui.clip_rect().height() * 0.7;
                ui.scroll_to_rect(place.with_max_y(place.bottom().min(place.top() + enough)), None);
            }
        }
        if let Some(moved) = widgets::dropped(ui, (place, last == Some(id)), &rules.list, id) {
            actions.push(RulesAction::Row(moved));
        } else if entry.clicked() {
            actions.push(RulesAction::Row(RowAction::Edit((!is_unfolded).then_some(id))));
        }
    }
    shown_unfolded
}

/// Whether a rule is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Followed,
    /// Something is wrong with it.
    Wrong,
    /// It does nothing in this session.
    Unused,
}

struct RuleRow<'a> {
    lang: Lang,
    n: usize,
    row: &'a Row<RuleId, RuleForm>,
    hits: Option<u64>,
    standing: Standing,
    is_unfolded: bool,
    /// The fields are beside the list.
    beside: bool,
    focus: bool,
}

/// Returns where it is, and what folds and unfolds it.
fn row_ui(ui: &mut Ui, shown: &RuleRow<'_>, on: &mut bool) -> (Rect, Response) {
    let RuleRow { lang, n, row, .. } = *shown;
    let title = rule_title(lang, &row.form);
    let size = vec2(ui.available_width(), ROW);
    let (place, _) = ui.allocate_exact_size(size, Sense::empty());
    let palette = Palette::of(ui);
    if shown.is_unfolded {
        ui.painter().rect_filled(place, 0.0, palette.selection);
    }
    ui.painter().hline(place.x_range(), place.bottom(), (1.0, palette.line));
    let entry = ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| {
        let row = ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let (grip, handle) = ui.allocate_exact_size(vec2(14.0, ROW), Sense::DRAG);
            let font = FontId::new(14.0, fonts::icons());
            ui.painter().text(grip.center(), Align2::CENTER_CENTER, icons::GRIP_VERTICAL, font, palette.weak);
            handle.dnd_set_drag_payload(row.id);
            handle.on_hover_cursor(egui::CursorIcon::Grab).on_hover_text(lang.rule_row_tip());
            let tick = widgets::tick(ui, on, "", lang.rule_on_tip());
            let name = format!("{} #{n} {title}", lang.rule_on());
            tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, *on, &name));
            title_ui(ui, shown, &title)
        });
        row.inner
    });
    (place, entry.inner)
}

/// All of the row behind the tick: what the rule is, how often it was used, and whether it is unfolded.
fn title_ui(ui: &mut Ui, shown: &RuleRow<'_>, title: &str) -> Response {
    let RuleRow { lang, n, row, .. } = *shown;
    let palette = Palette::of(ui);
    let (place, entry) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    entry.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, true, shown.is_unfolded, format!("#{n} {title}"))
    });
    if shown.focus {
        entry.request_focus();
    }
    if entry.hovered() && !shown.is_unfolded {
        ui.painter().rect_filled(place, theme::CORNER, palette.hover);
    }
    let sign = if shown.is_unfolded { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
    let mut right = place.right() - 4.0;
    let mut at_right = |text: &str, font: FontId| {
        let at = pos2(right, place.center().y);
        right = ui.painter().text(at, Align2::RIGHT_CENTER, text, font, palette.weak).left() - 6.0;
    };
    if !shown.beside {
        at_right(sign, FontId::new(controls::ICON, fonts::icons()));
    }
    let small = egui::TextStyle::Small.resolve(ui.style());
    if let Some(hits) = shown.hits {
        at_right(&grouped(hits), small.clone());
    }
    let ink = if row.form.on { palette.text } else { palette.weak };
    let is_named = !row.form.name.trim().is_empty();
    let below = match shown.standing {
        Standing::Wrong if row.form.is_draft() => Some((lang.rule_draft().to_owned(), palette.weak)),
        Standing::Wrong => Some((format!("✕ {}", lang.rule_wrong()), palette.failure)),
        Standing::Unused => Some((lang.rule_unused().to_owned(), palette.care)),
        Standing::Followed => is_named.then(|| (rule_does(lang, &row.form), palette.weak)),
    };
    let body = egui::TextStyle::Body.resolve(ui.style());
    let lines = match below {
        None => vec![(place.center().y, title.to_owned(), body, ink)],
        Some((words, colour)) => {
            let (top, bottom) = (place.center().y - 8.0, place.center().y + 9.0);
            vec![(top, title.to_owned(), body, ink), (bottom, words, small, colour)]
        }
    };
    let left = place.left() + 2.0;
    for (y, words, font, colour) in lines {
        let mut job = egui::text::LayoutJob::simple_singleline(words, font, colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width((right - left).max(0.0));
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        ui.painter().galley(pos2(left, y - galley.size().y / 2.0), galley, colour);
    }
    entry.dnd_set_drag_payload(row.id);
    entry.on_hover_ui(|ui| {
        ui.label(title);
        match shown.standing {
            Standing::Wrong => drop(ui.label(RichText::new(lang.rule_wrong()).color(palette.failure))),
            Standing::Unused => drop(ui.label(RichText::new(lang.rule_unused()).color(palette.care))),
            Standing::Followed => {}
        }
        ui.label(lang.rule_row_tip());
        if shown.hits.is_some() {
            ui.label(lang.rule_hits_tip());
        }
    })
}
