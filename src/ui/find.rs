//! The find bar.

use egui::{Button, Key, Label, RichText, TextEdit, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, widgets};
use crate::codec::query::{CaseRule, QueryKind};
use crate::state::{Action, FindBox};

/// The bar, if it is open. `position` is where the user is in the view.
pub(crate) fn find_ui(ui: &mut Ui, lang: Lang, find: &mut FindBox, position: u64) -> Vec<Action> {
    let mut actions = Vec::new();
    if !find.open {
        return actions;
    }
    let before = (find.text.clone(), find.kind, find.case);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        field_ui(ui, lang, find, position, &mut actions);
        let kinds = [
            (QueryKind::Text, lang.find_as_text(), lang.find_as_text_tip()),
            (QueryKind::Hex, lang.find_as_hex(), lang.find_as_hex_tip()),
            (QueryKind::Regex, lang.find_as_regex(), lang.find_as_regex_tip()),
        ];
        widgets::choices(ui, lang.find_kind(), &mut find.kind, kinds);
        let mut ignore = find.case == CaseRule::Ignore;
        let case = egui::Checkbox::new(&mut ignore, lang.find_ignore_case());
        let case = ui.add_enabled(find.kind != QueryKind::Hex, case);
        case.on_hover_text(lang.find_ignore_case_tip());
        find.case = if ignore { CaseRule::Ignore } else { CaseRule::Exact };
        let any = !find.hits.is_empty();
        for (forward, label, tip) in [
            (false, lang.find_previous(), lang.find_previous_tip()),
            (true, lang.find_next(), lang.find_next_tip()),
        ] {
            if ui.add_enabled(any, Button::new(label)).on_hover_text(tip).clicked() {
                actions.push(Action::NextHit { forward, position });
            }
        }
        let query = find.query.is_some();
        let filter = ui.add_enabled(query, Button::new(lang.find_filter()));
        actions.extend(filter.on_hover_text(lang.find_filter_tip()).clicked().then_some(Action::FilterFound));
        if widgets::close_button(ui, lang.find_close(), lang.find_close_tip()) {
            actions.push(Action::ShowFind(false));
        }
        standing_ui(ui, lang, find, &mut actions);
    });
    actions.extend((before != (find.text.clone(), find.kind, find.case)).then_some(Action::Search));
    actions
}

fn field_ui(ui: &mut Ui, lang: Lang, find: &mut FindBox, position: u64, actions: &mut Vec<Action>) {
    let label = ui.label(lang.find_text());
    let edit = TextEdit::singleline(&mut find.text).desired_width(140.0);
    let response = ui.scope(|ui| {
        if find.error.is_some() {
            let stroke = egui::Stroke::new(1.5, Palette::of(ui).failure);
            ui.visuals_mut().widgets.inactive.bg_stroke = stroke;
            ui.visuals_mut().selection.stroke = stroke;
        }
        ui.add(edit).labelled_by(label.id).on_hover_text(lang.find_text_tip())
    });
    let response = response.inner;
    if std::mem::take(&mut find.focus) {
        response.request_focus();
    }
    if response.lost_focus() {
        let (enter, shift, escape) =
            ui.input(|i| (i.key_pressed(Key::Enter), i.modifiers.shift, i.key_pressed(Key::Escape)));
        if enter {
            actions.push(Action::NextHit { forward: !shift, position });
            response.request_focus();
        } else if escape {
            actions.push(Action::ShowFind(false));
        }
    }
}

fn standing_ui(ui: &mut Ui, lang: Lang, find: &FindBox, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    if let Some(error) = &find.error {
        let text = RichText::new(format!("✕ {}", messages::query_error(lang, error))).color(palette.failure);
        ui.add(Label::new(text).extend());
        return;
    }
    if find.query.is_none() {
        return;
    }
    let n = messages::grouped(find.hits.len());
    let more = if find.more { "+" } else { "" };
    let text = match find.current {
        Some(current) => format!("{} / {n}{more}", messages::grouped(current + 1)),
        None if find.hits.is_empty() && find.searching.is_none() => lang.find_none().to_owned(),
        None => format!("{n}{more}"),
    };
    // Not wrapped: without space it moves to the next row.
    ui.add(Label::new(text).extend());
    // Without a capture there is nothing to search.
    if let Some((done, total @ 1..)) = find.searching {
        let text = format!("{} / {}", messages::bytes(done), messages::bytes(total));
        ui.add(Label::new(RichText::new(text).color(palette.weak)).extend());
        widgets::offer(ui, (lang.find_stop(), lang.find_stop_tip()), Action::StopSearch, actions);
    }
}
