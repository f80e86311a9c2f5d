//! The bar at the top: one tab per session, and the menu.

use egui::{Button, Frame, Key, Margin, RichText, ScrollArea, Stroke, Ui, vec2};

use super::lang::Lang;
use super::theme::Palette;
use super::{messages, settings, widgets};
use crate::model::Protocol;
use crate::state::{Action, Phase, SendKey, Settings, Tab, TabId, Theme};
use crate::workspace::EXAMPLES;

pub(crate) fn tabs_ui(
    ui: &mut Ui,
    lang: Lang,
    tabs: &[Tab],
    active: TabId,
    settings: &Settings,
) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let has_session = tabs.iter().any(|tab| tab.id == active && !tab.is_viewer());
            menu_ui(ui, lang, has_session, settings, &mut actions);
            let recent = ui.button(lang.recent_captures()).on_hover_text(lang.recent_captures_tip());
            if recent.clicked() {
                actions.push(Action::ShowRecent(true));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ScrollArea::horizontal().id_salt("tabs").show(ui, |ui| {
                    ui.horizontal(|ui| {
                        for tab in tabs {
                            tab_ui(ui, lang, tab, tab.id == active, &mut actions);
                        }
                        let new = Button::new(RichText::new("+").size(16.0)).min_size(vec2(28.0, 26.0));
                        let new = ui.add(new);
                        let name = lang.new_tab();
                        new.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
                        if new.on_hover_text(lang.new_tab_tip()).clicked() {
                            actions.push(Action::NewTab);
                        }
                    });
                });
            });
        });
    });
    actions
}

/// Title of a tab: its name, what it opens, or the capture it shows.
pub fn title(tab: &Tab) -> String {
    if let (true, Some(capture)) = (tab.is_viewer(), tab.file()) {
        return capture.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    }
    if !tab.session.name.trim().is_empty() {
        return tab.session.name.clone();
    }
    let session = &tab.session;
    match (session.protocol, &tab.phase) {
        (Protocol::TcpServer, Phase::Open { local, .. }) => format!("TCP Server {local}"),
        (Protocol::TcpServer, _) => format!("TCP Server {}", session.local),
        (Protocol::TcpClient, _) => format!("TCP Client {}", session.remote),
        (Protocol::Udp, Phase::Open { local, .. }) => format!("UDP {local}"),
        (Protocol::Udp, _) => format!("UDP {}", session.local),
    }
}

fn tab_ui(ui: &mut Ui, lang: Lang, tab: &Tab, active: bool, actions: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (fill, line) = if active { (palette.panel, palette.accent) } else { (palette.ground, palette.line) };
    Frame::new()
        .fill(fill)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(super::theme::CORNER)
        .inner_margin(Margin::symmetric(6, 1))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.push_id(tab.id, |ui| {
                let (colour, lit) = settings::lamp_of(palette, &tab.phase);
                widgets::lamp(ui, colour, lit, 4.0);
                let title = title(tab);
                let text = if active { RichText::new(&title).strong() } else { RichText::new(&title) };
                let button = ui.add(Button::new(text).frame(false).selected(false));
                if button.on_hover_text(format!("{title}\n{}", lang.tab_tip())).clicked() {
                    actions.push(Action::SelectTab(tab.id));
                }
                let close = ui.add(Button::new("✕").frame(false).small());
                let name = format!("{} {title}", lang.close_tab());
                close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
                if close.on_hover_text(lang.close_tab_tip()).clicked() {
                    actions.push(Action::CloseTab(tab.id));
                }
            });
        });
}

fn menu_ui(ui: &mut Ui, lang: Lang, has_session: bool, settings: &Settings, actions: &mut Vec<Action>) {
    let button = egui::containers::menu::MenuButton::new(lang.menu());
    let (response, _) = button.ui(ui, |ui| {
        ui.set_min_width(190.0);
        ui.label(RichText::new(lang.language()).small());
        let mut language = settings.language.as_str();
        let own = Lang::ALL.iter().map(|lang| (lang.tag(), lang.language_name()));
        for (tag, name) in std::iter::once(("", lang.follow_system())).chain(own) {
            widgets::choice(ui, lang.language(), &mut language, tag, name, lang.language_tip());
        }
        if language != settings.language {
            actions.push(Action::SetLanguage(language.to_owned()));
        }
        ui.separator();
        ui.label(RichText::new(lang.theme()).small());
        let mut theme = settings.theme;
        widgets::choice(ui, lang.theme(), &mut theme, Theme::System, lang.follow_system(), lang.theme_tip());
        widgets::choice(ui, lang.theme(), &mut theme, Theme::Light, lang.theme_light(), lang.theme_tip());
        widgets::choice(ui, lang.theme(), &mut theme, Theme::Dark, lang.theme_dark(), lang.theme_tip());
        if theme != settings.theme {
            actions.push(Action::SetTheme(theme));
        }
        ui.separator();
        ui.label(RichText::new(lang.send_key()).small());
        let mut key = settings.send_key;
        widgets::choice(ui, lang.send_key(), &mut key, SendKey::CtrlEnter, "Ctrl+Enter", lang.send_key_tip());
        widgets::choice(ui, lang.send_key(), &mut key, SendKey::Enter, "Enter", lang.send_key_tip());
        if key != settings.send_key {
            actions.push(Action::SetSendKey(key));
        }
        ui.separator();
        let save = ui.add_enabled(has_session, Button::new(lang.save_workspace()));
        let tip = lang.save_workspace_tip();
        if save.on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
            actions.push(Action::ShowWorkspace(true));
            ui.close();
        }
        ui.separator();
        ui.label(RichText::new(lang.examples()).small());
        for example in EXAMPLES {
            let button = Button::new(messages::example(lang, &example)).frame(false);
            if ui.add(button).on_hover_text(lang.examples_tip()).clicked() {
                actions.push(Action::TakeExample(example));
                ui.close();
            }
        }
        ui.separator();
        if ui.button(lang.copy_diagnostics()).on_hover_text(lang.copy_diagnostics_tip()).clicked() {
            actions.push(Action::CopyDiagnostics);
            ui.close();
        }
        let quit = Button::new(lang.quit()).shortcut_text("Ctrl+Q");
        if ui.add(quit).on_hover_text(lang.quit_tip()).clicked() {
            actions.push(Action::Quit);
            ui.close();
        }
    });
    let response = response.on_hover_text(lang.menu_tip());
    // Shift+F10 opens the context menu of the focused widget; egui also matches it as F10.
    if ui.input_mut(|i| !i.modifiers.shift && i.consume_key(egui::Modifiers::NONE, Key::F10)) {
        egui::Popup::toggle_id(ui.ctx(), egui::Popup::default_response_id(&response));
    }
}
