//! The rows of the list of rules.

use egui::{Align, Button, Layout, RichText, Sense, Ui};

use crate::model::RuleId;
use crate::state::{Row, RowAction, RulesAction, RulesBox, Way};
use crate::ui::lang::Lang;
use crate::ui::messages::{grouped, rules::rule_title};
use crate::ui::theme::Palette;
use crate::ui::{controls, icons, widgets};
use crate::workspace::RuleForm;

pub(super) fn rows_ui(ui: &mut Ui, lang: Lang, rules: &mut RulesBox, actions: &mut Vec<RulesAction>) {
    let focus = rules.list.focus.take();
    let ids: Vec<RuleId> = rules.list.rows().iter().map(|row| row.id).collect();
    for (n, id) in ids.into_iter().enumerate() {
        let hits = rules.hits(id);
        let Some(row) = rules.list.rows().iter().find(|row| row.id == id).cloned() else { continue };
        let is_wrong = rules.is_wrong(&row);
        let Some(form) = rules.list.get_mut(id) else { continue };
        let shown = RuleRow { lang, n: n + 1, row: &row, hits, is_wrong, focus: focus == Some(id) };
        row_ui(ui, &shown, &mut form.on, actions);
    }
}

struct RuleRow<'a> {
    lang: Lang,
    n: usize,
    row: &'a Row<RuleId, RuleForm>,
    hits: Option<u64>,
    is_wrong: bool,
    focus: bool,
}

fn row_ui(ui: &mut Ui, shown: &RuleRow<'_>, on: &mut bool, actions: &mut Vec<RulesAction>) {
    let RuleRow { lang, n, row, .. } = *shown;
    let title = rule_title(lang, &row.form);
    widgets::from_the_right(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        let buttons = [
            (icons::TRASH_2, lang.rule_delete(), RulesAction::Row(RowAction::Delete(row.id))),
            (icons::COPY, lang.rule_double(), RulesAction::Row(RowAction::Duplicate(row.id))),
            (icons::CHEVRON_DOWN, lang.rule_down(), RulesAction::Row(RowAction::Shift(row.id, Way::Down))),
            (icons::CHEVRON_UP, lang.rule_up(), RulesAction::Row(RowAction::Shift(row.id, Way::Up))),
        ];
        for (sign, word, action) in buttons {
            let button = ui.add(Button::new(controls::icon(sign, 14.0)).small().frame(false));
            let button = widgets::named(button, &format!("{word} #{n}")).on_hover_text(word);
            actions.extend(button.clicked().then_some(action));
        }
        if let Some(hits) = shown.hits {
            let text = RichText::new(grouped(hits)).small().color(Palette::of(ui).weak);
            ui.label(text).on_hover_text(lang.rule_hits_tip());
        }
        widgets::from_the_left(ui, |ui| {
            let tick = widgets::tick(ui, on, "", lang.rule_on_tip());
            let name = format!("{} #{n} {title}", lang.rule_on());
            tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, *on, &name));
            ui.with_layout(Layout::top_down_justified(Align::LEFT), |ui| {
                title_ui(ui, shown, &title, actions);
            });
        });
    });
}

fn title_ui(ui: &mut Ui, shown: &RuleRow<'_>, title: &str, actions: &mut Vec<RulesAction>) {
    let RuleRow { lang, n, row, .. } = *shown;
    let palette = Palette::of(ui);
    let ink = match (shown.is_wrong, row.form.on) {
        (true, _) => palette.failure,
        (false, true) => palette.text,
        (false, false) => palette.weak,
    };
    let sign = if shown.is_wrong { "✕ " } else { "" };
    let text = RichText::new(format!("{sign}{title}")).color(ink);
    let entry = ui.add(Button::new(text).truncate().sense(Sense::click_and_drag()));
    let entry = widgets::named(entry, &format!("#{n} {title}"));
    if shown.focus {
        entry.request_focus();
    }
    entry.dnd_set_drag_payload(row.id);
    if let Some(moved) = entry.dnd_release_payload::<RuleId>() {
        actions.push(RulesAction::Row(RowAction::Move(*moved, row.id)));
    } else if entry.clicked() {
        actions.push(RulesAction::Row(RowAction::Edit(Some(row.id))));
    }
    entry.on_hover_ui(|ui| {
        ui.label(title);
        if shown.is_wrong {
            ui.label(RichText::new(lang.rule_wrong()).color(palette.failure));
        }
        ui.label(lang.rule_row_tip());
    });
}
