//! The bar at the top: one tab per session, and the menu.

use egui::{Align, Button, Frame, Key, Layout, Margin, RichText, ScrollArea, Stroke, TextEdit, Ui, vec2};

use super::lang::Lang;
use super::theme::{CORNER, Palette};
use super::{messages, settings, widgets};
use crate::state::{Action, OpenHow, Phase, SendKey, Settings, Tab, TabId, Theme};
use crate::workspace::EXAMPLES;

pub(crate) fn tabs_ui(
    ui: &mut Ui,
    lang: Lang,
    (tabs, active): (&[Tab], TabId),
    renaming: &mut Option<(TabId, String)>,
    settings: &Settings,
) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let has_session = tabs.iter().any(|tab| tab.id == active && !tab.is_viewer());
            menu_ui(ui, lang, has_session, settings, &mut actions);
            let words = (lang.recent_captures(), lang.recent_captures_tip());
            widgets::offer(ui, words, Action::ShowRecent(true), &mut actions);
            widgets::from_the_left(ui, |ui| {
                ScrollArea::horizontal().id_salt("tabs").show(ui, |ui| {
                    ui.horizontal(|ui| {
                        for tab in tabs {
                            tab_ui(ui, lang, (tab, tab.id == active), renaming, &mut actions);
                        }
                        let new = Button::new(RichText::new("+").size(16.0)).min_size(vec2(28.0, 26.0));
                        let new = widgets::named(ui.add(new), lang.new_tab());
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
    let title = session.protocol.title();
    match &tab.phase {
        _ if session.protocol.connects() => format!("{title} {}", session.remote),
        Phase::Open { local, .. } => format!("{title} {local}"),
        _ => format!("{title} {}", session.local),
    }
}

fn tab_ui(
    ui: &mut Ui,
    lang: Lang,
    (tab, active): (&Tab, bool),
    renaming: &mut Option<(TabId, String)>,
    actions: &mut Vec<Action>,
) {
    let palette = Palette::of(ui);
    let (fill, line) = if active { (palette.panel, palette.accent) } else { (palette.ground, palette.line) };
    let frame = Frame::new().fill(fill).stroke(Stroke::new(1.0, line)).corner_radius(CORNER);
    frame.inner_margin(Margin::symmetric(6, 1)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.push_id(tab.id, |ui| {
            let (colour, lit) = settings::lamp_of(palette, &tab.phase, tab.stalled.is_some());
            widgets::lamp(ui, colour, lit, 4.0);
            for (is_on, sign, label, tip) in [
                (tab.is_untrusted(), "⚠", lang.untrusted(), lang.untrusted_tip()),
                (tab.alerted, "!", lang.alerted(), lang.alerted_tip()),
            ] {
                if is_on {
                    let mark = ui.label(RichText::new(sign).strong().color(palette.care)).on_hover_text(tip);
                    mark.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, label));
                }
            }
            let title = title(tab);
            if let Some((_, name)) = renaming.as_mut().filter(|(id, _)| *id == tab.id) {
                return name_ui(ui, lang, tab.id, (name, &title), actions);
            }
            let text = if active { RichText::new(&title).strong() } else { RichText::new(&title) };
            let button = ui.add(Button::new(text).frame(false).selected(false));
            let button = button.on_hover_text(format!("{title}\n{}", lang.tab_tip()));
            if button.clicked() {
                actions.push(Action::SelectTab(tab.id));
            }
            let rename = Action::Rename((!tab.is_viewer()).then_some(tab.id));
            button.context_menu(|ui| {
                let entry = Button::new(lang.rename_tab()).shortcut_text("F2");
                if widgets::entry_if(ui, !tab.is_viewer(), entry, lang.rename_tab_tip()) {
                    actions.push(rename.clone());
                }
                let how = OpenHow { inner: !tab.open_how.inner, ..tab.open_how };
                let entry = Button::new(lang.inner_flows()).selected(tab.open_how.inner);
                let enabled = tab.is_viewer() && !tab.notes_unsaved;
                if widgets::entry_if(ui, enabled, entry, lang.inner_flows_tip()) {
                    actions.push(Action::OpenAgain(tab.id, how));
                }
            });
            actions.extend(button.double_clicked().then_some(rename));
            let close = ui.add(Button::new("✕").frame(false).small());
            let close = widgets::named(close, &format!("{} {title}", lang.close_tab()));
            if close.on_hover_text(lang.close_tab_tip()).clicked() {
                actions.push(Action::CloseTab(tab.id));
            }
        });
    });
}

/// The field for the name of a tab, in place of its title.
fn name_ui(
    ui: &mut Ui,
    lang: Lang,
    id: TabId,
    (name, title): (&mut String, &str),
    actions: &mut Vec<Action>,
) {
    let edit = TextEdit::singleline(name).id(ui.scope_id().with("name")).hint_text(title).char_limit(60);
    let field = ui.add(edit.desired_width(150.0));
    let field = widgets::named_field(field, name, title, lang.rename_tab());
    if field.lost_focus() {
        let escaped = ui.input(|i| i.key_pressed(Key::Escape));
        actions.push(if escaped { Action::Rename(None) } else { Action::SetName(id, name.clone()) });
    } else if !field.has_focus() {
        field.request_focus();
        let all = egui::text::CCursorRange::two(
            egui::text::CCursor::default(),
            egui::text::CCursor::new(name.chars().count()),
        );
        let mut state = TextEdit::load_state(ui.ctx(), field.id).unwrap_or_default();
        state.cursor.set_char_range(Some(all));
        state.store(ui.ctx(), field.id);
    }
}

fn menu_ui(ui: &mut Ui, lang: Lang, has_session: bool, settings: &Settings, actions: &mut Vec<Action>) {
    let button = egui::containers::menu::MenuButton::new(lang.menu());
    let (response, _) = button.ui(ui, |ui| {
        ui.set_min_width(190.0);
        ui.label(RichText::new(lang.language()).small());
        let mut language = settings.language.as_str();
        let own = Lang::ALL.iter().map(|lang| (lang.tag(), lang.language_name()));
        let languages = std::iter::once(("", lang.follow_system())).chain(own);
        let languages = languages.map(|(tag, name)| (tag, name, lang.language_tip()));
        widgets::choices(ui, lang.language(), &mut language, languages);
        actions.extend((language != settings.language).then(|| Action::SetLanguage(language.to_owned())));
        ui.separator();
        ui.label(RichText::new(lang.theme()).small());
        let mut theme = settings.theme;
        let themes = [
            (Theme::System, lang.follow_system()),
            (Theme::Light, lang.theme_light()),
            (Theme::Dark, lang.theme_dark()),
        ];
        let themes = themes.map(|(theme, name)| (theme, name, lang.theme_tip()));
        widgets::choices(ui, lang.theme(), &mut theme, themes);
        actions.extend((theme != settings.theme).then_some(Action::SetTheme(theme)));
        ui.separator();
        ui.label(RichText::new(lang.send_key()).small());
        let mut key = settings.send_key;
        widgets::choice(ui, lang.send_key(), &mut key, SendKey::CtrlEnter, "Ctrl+Enter", lang.send_key_tip());
        widgets::choice(ui, lang.send_key(), &mut key, SendKey::Enter, "Enter", lang.send_key_tip());
        actions.extend((key != settings.send_key).then_some(Action::SetSendKey(key)));
        ui.separator();
        if widgets::button_if(ui, has_session, lang.save_workspace(), lang.save_workspace_tip()) {
            actions.push(Action::ShowWorkspace(true));
            ui.close();
        }
        ui.separator();
        ui.label(RichText::new(lang.examples()).small());
        for example in EXAMPLES {
            let button = Button::new(messages::example(lang, &example)).frame(false);
            if widgets::entry_if(ui, true, button, lang.examples_tip()) {
                actions.push(Action::TakeExample(example));
            }
        }
        ui.separator();
        if widgets::entry(ui, lang.alert_commands(), lang.alert_commands_tip()) {
            actions.push(Action::ShowCommands(true));
        }
        if widgets::entry(ui, lang.copy_diagnostics(), lang.copy_diagnostics_tip()) {
            actions.push(Action::CopyDiagnostics);
        }
        let quit = Button::new(lang.quit()).shortcut_text("Ctrl+Q");
        actions.extend(widgets::entry_if(ui, true, quit, lang.quit_tip()).then_some(Action::Quit));
    });
    let response = response.on_hover_text(lang.menu_tip());
    // Shift+F10 opens the context menu of the focused widget; egui also matches it as F10.
    if ui.input_mut(|i| !i.modifiers.shift && i.consume_key(egui::Modifiers::NONE, Key::F10)) {
        egui::Popup::toggle_id(ui.ctx(), egui::Popup::default_response_id(&response));
    }
}
