//! The history: search, load into the send box, or send at once.

use std::sync::Arc;

use egui::{Align, Button, Key, Layout, RichText, ScrollArea, Ui};

use super::BAR;
use crate::codec::glyph;
use crate::state::{Action, History, Past, SendMode};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::widgets;
use crate::workspace::Draft;

const IN_ROW: usize = 200;
const IN_TIP: usize = 2000;

pub(crate) fn history_ui(
    ui: &mut Ui,
    lang: Lang,
    cannot: Option<&str>,
    history: &mut History,
) -> Vec<Action> {
    let mut actions = Vec::new();
    search_ui(ui, lang, history, &mut actions);
    let empty = if history.entries().len() == 0 { lang.history_empty() } else { lang.find_none() };
    let found = history.found();
    if found.is_empty() {
        ui.label(RichText::new(empty).color(Palette::of(ui).weak));
        return actions;
    }
    let area = ScrollArea::vertical().auto_shrink([false, false]);
    widgets::rows_ui(ui, (area, BAR), found.iter().enumerate(), |ui, (n, past)| {
        row_ui(ui, lang, cannot, (n + 1, past), &mut actions);
    });
    actions
}

fn search_ui(ui: &mut Ui, lang: Lang, history: &mut History, actions: &mut Vec<Action>) {
    let (hint, tip) = (lang.history_search(), lang.history_search_tip());
    let response = widgets::search_ui(ui, &mut history.search, hint, tip);
    if std::mem::take(&mut history.focus) {
        response.request_focus();
    }
    if response.lost_focus() {
        let (enter, escape) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
        if escape {
            actions.push(Action::ShowSide(None));
        } else if enter && let Some(first) = history.found().first() {
            actions.push(Action::FillSendBox(first.draft.clone()));
        }
    }
}

fn row_ui(
    ui: &mut Ui,
    lang: Lang,
    cannot: Option<&str>,
    (n, past): (usize, &Arc<Past>),
    actions: &mut Vec<Action>,
) {
    let draft = &past.draft;
    widgets::from_the_right(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let forget = ui.add(Button::new("✕").small().frame(false));
        let forget = widgets::named(forget, &format!("{} #{n}", lang.history_forget()));
        if forget.on_hover_text(lang.history_forget_tip()).clicked() {
            actions.push(Action::Forget(draft.clone()));
        }
        let send = format!("{} #{n}", lang.send());
        let words = (send.as_str(), lang.history_send_tip());
        if widgets::send_button(ui, cannot, Button::new(lang.send()).small(), words) {
            actions.push(Action::SendDraft(draft.clone()));
        }
        ui.with_layout(Layout::top_down_justified(Align::LEFT), |ui| {
            let line = line(lang, past);
            let palette = Palette::of(ui);
            let ink = if past.unsent { palette.weak } else { palette.text };
            let text = RichText::new(&line).monospace().size(12.0).color(ink);
            let entry = widgets::named(ui.add(Button::new(text).truncate()), &format!("#{n} {line}"));
            let entry = entry.on_hover_ui(|ui| {
                ui.label(RichText::new(tip_text(lang, past)).monospace().size(12.0));
                ui.label(lang.history_entry_tip());
            });
            if entry.double_clicked() {
                // Since the first click, the text of the box may have become a row, which moves the others.
                let first = first_click(ui).unwrap_or_else(|| Arc::clone(past));
                actions.push(Action::FillSendBox(first.draft.clone()));
                actions.push(Action::Send);
            } else if entry.clicked() && !entry.triple_clicked() {
                remember_click(ui, past);
                actions.push(Action::FillSendBox(draft.clone()));
            }
        });
    });
}

type Click = (Arc<Past>, f64);

fn remember_click(ui: &Ui, past: &Arc<Past>) {
    let click: Click = (Arc::clone(past), ui.input(|i| i.time));
    ui.data_mut(|data| data.insert_temp(egui::Id::unique("clicked in the history"), click));
}

fn first_click(ui: &Ui) -> Option<Arc<Past>> {
    let click = ui.data_mut(|data| data.remove_temp::<Click>(egui::Id::unique("clicked in the history")));
    let now = ui.input(|i| i.time);
    // egui allows half a second from the first to the third click.
    click.filter(|(_, at)| now - at < 0.5).map(|(past, _)| past)
}

fn line(lang: Lang, past: &Past) -> String {
    let draft = &past.draft;
    let mode = match draft.mode {
        SendMode::Text => "",
        SendMode::Hex => "HEX  ",
        SendMode::Mixed => "[ ]  ",
    };
    let unsent = if past.unsent { format!("{}  ", lang.history_unsent()) } else { String::new() };
    let text: String = draft.content.chars().take(IN_ROW).map(glyph::visible).collect();
    format!("{unsent}{mode}{text}{}", appended(draft))
}

fn appended(draft: &Draft) -> String {
    let steps = draft.steps().unwrap_or_default();
    steps.iter().fold(String::new(), |text, step| text + "  +" + &step.to_string())
}

fn tip_text(lang: Lang, past: &Past) -> String {
    let draft = &past.draft;
    let mut text: String = draft.content.chars().take(IN_TIP).collect();
    if text.len() < draft.content.len() {
        text.push('…');
    }
    let mut modes = widgets::modes(lang).into_iter();
    let mode = modes.find(|(mode, ..)| *mode == draft.mode).map_or("", |(_, label, _)| label);
    format!("{mode}{}\n{text}", appended(draft))
}
