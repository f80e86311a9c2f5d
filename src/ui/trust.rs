//! The page that says what a workspace would do, and asks whether it may. It stands in the place of the log.

use egui::{Align, Id, Key, Layout, RichText, ScrollArea, Ui};

use super::lang::Lang;
use super::messages;
use super::theme::Palette;
use crate::codec::glyph;
use crate::state::{Action, AskedSession, TrustAnswer, TrustQuestion};

pub(crate) fn trust_ui(ui: &mut Ui, lang: Lang, question: &TrustQuestion) -> Vec<Action> {
    let mut answer = None;
    ui.add_space(6.0);
    ui.heading(lang.trust_title());
    if let Some(origin) = &question.origin {
        ui.add(egui::Label::new(RichText::new(visible(usual(&origin.place))).monospace()).wrap());
    }
    ui.add_space(4.0);
    ui.label(lang.trust_text());
    ui.add_space(4.0);
    // The buttons stay in sight, however long the list is.
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        ui.horizontal_wrapped(|ui| answer = buttons_ui(ui, lang, question));
        ui.separator();
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ScrollArea::vertical().id_salt("trust").auto_shrink([false, false]).show(ui, |ui| {
                question.sessions.iter().for_each(|session| session_ui(ui, lang, session));
            });
        });
    });
    answer.map(Action::AnswerTrust).into_iter().collect()
}

fn session_ui(ui: &mut Ui, lang: Lang, session: &AskedSession) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(visible(&session.name)).strong());
        if !session.starts {
            ui.label(RichText::new(lang.trust_not_started()).small().color(palette.weak));
        }
    });
    ui.indent(("trust", session.tab), |ui| {
        for does in &session.does {
            let colour = if messages::trust::matters(does) { palette.care } else { palette.text };
            let text = visible(&messages::trust::consequence(lang, does));
            ui.add(egui::Label::new(RichText::new(format!("• {text}")).color(colour)).wrap());
        }
    });
    ui.add_space(6.0);
}

fn buttons_ui(ui: &mut Ui, lang: Lang, question: &TrustQuestion) -> Option<TrustAnswer> {
    let mut answer = None;
    let mut button = |ui: &mut Ui, label: &str, tip: &str, means: TrustAnswer| {
        let button = ui.button(label).on_hover_text(tip);
        if button.clicked() {
            answer = Some(means);
        }
        button
    };
    let keep = button(ui, lang.trust_keep(), lang.trust_keep_tip(), TrustAnswer::KeepStopped);
    if question.has_files() {
        button(ui, lang.trust_without(), lang.trust_without_tip(), TrustAnswer::WithoutFiles);
    }
    button(ui, lang.trust_start(), lang.trust_start_tip(), TrustAnswer::Start);
    // The safe answer has the keyboard when the page appears.
    let (shown, now) =
        (Id::unique("trust shown"), Some((std::ptr::from_ref(question).addr(), ui.scope_id())));
    if ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(shown), now)) != now {
        keep.request_focus();
    }
    let free = ui.memory(|memory| memory.focused().is_none());
    if free && ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape)) {
        answer = Some(TrustAnswer::KeepStopped);
    }
    answer
}

/// A canonical path as people know it: that of Windows begins with `\\?\`.
fn usual(path: &str) -> &str {
    let on_drive = |rest: &&str| rest.as_bytes().get(1) == Some(&b':');
    path.strip_prefix(r"\\?\").filter(on_drive).unwrap_or(path)
}

/// A stranger's text must not hide anything.
fn visible(text: &str) -> String {
    text.chars().map(glyph::visible).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn canonical_paths_of_windows_are_shown_as_people_know_them() {
        for (path, shown) in [
            (r"\\?\C:\lab\a.toml", r"C:\lab\a.toml"),
            (r"\\?\UNC\server\a.toml", r"\\?\UNC\server\a.toml"),
            ("/lab/a.toml", "/lab/a.toml"),
        ] {
            assert_eq!(super::usual(path), shown);
        }
    }
}
