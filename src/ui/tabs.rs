//! The strip of tabs, one per session, and the menu of the window.

use egui::{
    Align, Atom, Button, CornerRadius, Id, Key, Layout, Rect, RichText, ScrollArea, Stroke, StrokeKind,
    TextEdit, Ui, UiBuilder, pos2, vec2,
};

use super::lang::{Lang, key_names};
use super::theme::{BAR, CORNER, EDGE, Palette};
use super::{controls, icons, messages, settings, signs, widgets};
use crate::state::{
    Action, OpenHow, PaletteMode, PaneId, Phase, SendKey, Settings, Tab, TabId, TabPlace, Theme,
};
use crate::workspace::EXAMPLES;

/// Width of a tab while there is room, and at least.
const WIDTH: [f32; 2] = [168.0, 96.0];
/// Width of all in a tab but its title: margins, lamp, and the button that closes it.
const BESIDE: f32 = 66.0;
/// From this width on, tabs behind others have that button, too.
const CLOSABLE: f32 = 128.0;
/// Room for the buttons after the tabs.
const BUTTONS: f32 = 96.0;

/// The strip of a pane.
pub(crate) struct StripInput<'a> {
    pub(crate) lang: Lang,
    pub(crate) pane: PaneId,
    pub(crate) tabs: &'a [&'a Tab],
    pub(crate) front: TabId,
    /// It is the pane that is worked in.
    pub(crate) focused: bool,
    /// It has a window of its own.
    pub(crate) detached: bool,
}

pub(crate) fn tabs_ui(
    ui: &mut Ui,
    input: &StripInput<'_>,
    renaming: &mut Option<(TabId, String)>,
) -> Vec<Action> {
    let StripInput { lang, pane, tabs, front, .. } = *input;
    let mut actions = Vec::new();
    let room = ui.available_width() - BUTTONS;
    let [width, in_front] = widths(ui, tabs, front, room);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let area = ScrollArea::horizontal().id_salt("tabs").max_width(room);
        area.scroll_bar_visibility(egui::scroll_area::ScrollBarVisibility::AlwaysHidden).show(ui, |ui| {
            let id = ui.scope_id().with("shown");
            let order: Vec<TabId> = tabs.iter().map(|tab| tab.id).collect();
            // The one in front stays in sight, whatever has moved it.
            let now = (front, order, room.to_bits());
            let is_new = ui.data_mut(|data| data.get_temp(id).as_ref() != Some(&now));
            ui.data_mut(|data| data.insert_temp(id, now));
            let mut rects = Vec::new();
            for tab in tabs {
                let width = if tab.id == front { in_front } else { width };
                let (rect, _) = ui.allocate_exact_size(vec2(width, BAR), egui::Sense::empty());
                if tab.id == front && is_new {
                    ui.scroll_to_rect(rect, None);
                }
                tab_ui(ui, input, (tab, rect), renaming, &mut actions);
                rects.push((tab.id, rect));
            }
            actions.extend(dropped(ui, pane, &rects));
        });
        let words = (lang.new_tab(), lang.new_tab_tip());
        tool_for(ui, words, Action::NewTab, &mut actions);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(4.0);
            let arrow = Button::new(controls::icon(icons::CHEVRON_DOWN, controls::ICON)).stroke(Stroke::NONE);
            let list = egui::containers::menu::MenuButton::from_button(arrow.frame_when_inactive(false));
            let (list, _) = list.ui(ui, |ui| {
                let most = ui.ctx().content_rect().height() - 2.0 * BAR;
                ScrollArea::vertical().max_height(most).show(ui, |ui| {
                    for tab in tabs {
                        let entry = Button::new(title(tab)).selected(tab.id == front);
                        if widgets::entry_if(ui, true, entry, "") {
                            actions.push(Action::SelectTab(tab.id));
                        }
                    }
                });
            });
            widgets::named(list, lang.all_tabs()).on_hover_text(lang.all_tabs());
            let (words, action) = if input.detached {
                ((lang.attach(), lang.attach_tip()), Action::Attach(pane))
            } else {
                ((lang.split(), lang.split_tip()), Action::Split)
            };
            tool_for(ui, words, action, &mut actions);
        });
    });
    actions
}

/// Widths of the tabs and of the one in front, which is whole if that leaves the others enough.
fn widths(ui: &Ui, tabs: &[&Tab], front: TabId, room: f32) -> [f32; 2] {
    #[expect(clippy::cast_precision_loss, reason = "some tabs")]
    let (n, others) = (tabs.len().max(1) as f32, tabs.len().saturating_sub(1).max(1) as f32);
    let each = (room / n).clamp(WIDTH[1], WIDTH[0]).floor();
    let words = tabs.iter().find(|tab| tab.id == front).map(|tab| brief(tab, &title(tab)));
    let wanted = words.map_or(each, |words| widgets::text_width(ui, &words) + BESIDE).clamp(each, WIDTH[0]);
    let left = room - others * WIDTH[1];
    // Where all of them have no room anyway, the strip scrolls.
    let in_front = if left < WIDTH[1] { wanted } else { wanted.min(left).max(each) }.floor();
    [((room - in_front) / others).clamp(WIDTH[1], WIDTH[0]).floor(), in_front]
}

/// Shows where in the strip a dragged tab would go, and moves it there.
fn dropped(ui: &Ui, pane: PaneId, tabs: &[(TabId, Rect)]) -> Option<Action> {
    let dragged = egui::DragAndDrop::payload::<TabId>(ui.ctx())?;
    let at = ui.input(|i| i.pointer.interact_pos()).filter(|at| ui.clip_rect().contains(*at))?;
    let after = tabs.iter().find(|(_, rect)| at.x < rect.center().x);
    let x = after.map_or_else(|| tabs.last().map_or(at.x, |(_, rect)| rect.right()), |(_, rect)| rect.left());
    ui.painter().vline(x - 2.0, ui.clip_rect().y_range(), Stroke::new(3.0, Palette::of(ui).accent));
    if !ui.input(|i| i.pointer.any_released()) || after.is_some_and(|(id, _)| *id == *dragged) {
        return None;
    }
    let place = after.map_or(TabPlace::Last(pane), |(id, _)| TabPlace::Before(*id));
    Some(Action::MoveTab(*dragged, place))
}

/// The head of the left column, or its rail if it is folded: the menu, and the buttons beside it.
pub(crate) fn head_ui(
    ui: &mut Ui,
    lang: Lang,
    (has_session, folded, on_top): (bool, bool, bool),
    settings: &Settings,
) -> Vec<Action> {
    let mut actions = Vec::new();
    menu_ui(ui, lang, (has_session, on_top), settings, &mut actions);
    let words = (lang.recent_captures(), lang.recent_captures_tip());
    tool_for(ui, words, Action::ShowRecent(true), &mut actions);
    let words = (lang.palette(), lang.palette_tip());
    tool_for(ui, words, Action::ShowPalette(Some(PaletteMode::Commands)), &mut actions);
    let fold = Action::FoldLeft(!folded);
    if folded {
        tool_for(ui, (lang.unfold_left(), lang.fold_left_tip()), fold, &mut actions);
    } else {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            tool_for(ui, (lang.fold_left(), lang.fold_left_tip()), fold, &mut actions);
        });
    }
    actions
}

/// A tool with the icon of what it does.
fn tool_for(ui: &mut Ui, words: (&str, &str), action: Action, actions: &mut Vec<Action>) {
    let tool = controls::tool(ui, (signs::of(&action), None), (true, false), words);
    actions.extend(tool.clicked().then_some(action));
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

/// A title without a host that every machine has: the port tells such sessions apart, and is seen in a narrow tab.
fn brief(tab: &Tab, title: &str) -> String {
    let hosts = [" 127.0.0.1:", " localhost:", " [::1]:", " 0.0.0.0:", " [::]:", " *:"];
    let is_automatic = tab.session.name.trim().is_empty() && !tab.is_viewer();
    let host = hosts.iter().find(|host| is_automatic && title.contains(**host));
    host.map_or_else(|| title.to_owned(), |host| title.replacen(host, " :", 1))
}

/// What is seen of a title in this width: of one that nobody has given, the icon of its kind and the end of the address.
fn face(ui: &Ui, tab: &Tab, title: &str, width: f32) -> (&'static str, String) {
    let words = brief(tab, title);
    let is_automatic = tab.session.name.trim().is_empty() && !tab.is_viewer();
    if !is_automatic || widgets::text_width(ui, &words) <= width {
        return ("", widgets::cut(ui, &words, width, false));
    }
    let sign = signs::of_protocol(tab.session.protocol);
    let address = words.strip_prefix(tab.session.protocol.title()).unwrap_or(&words).trim_start();
    // The port comes first where there is no room for both.
    let port = address.rfind(':').and_then(|at| address.get(at..)).unwrap_or(address);
    let has_room = widgets::text_width(ui, port) + 24.0 <= width;
    let (sign, room) = if has_room { (sign, width - 18.0) } else { ("", width) };
    (sign, widgets::cut(ui, address, room, true))
}

fn tab_ui(
    ui: &mut Ui,
    input: &StripInput<'_>,
    (tab, rect): (&Tab, Rect),
    renaming: &mut Option<(TabId, String)>,
    actions: &mut Vec<Action>,
) {
    let palette = Palette::of(ui);
    let (lang, active) = (input.lang, tab.id == input.front);
    let rect = Rect::from_min_max(pos2(rect.left(), rect.top() + 6.0), rect.max - vec2(4.0, 0.0));
    if active {
        let corners = CornerRadius { nw: CORNER, ne: CORNER, sw: 0, se: 0 };
        let stroke = Stroke::new(1.0, palette.edge);
        ui.painter().rect(
            rect.with_max_y(rect.bottom() + 2.0),
            corners,
            palette.panel,
            stroke,
            StrokeKind::Inside,
        );
        if input.focused {
            ui.painter().rect_filled(rect.with_max_y(rect.top() + EDGE), corners, palette.accent);
        }
    }
    let beside = if rect.width() < CLOSABLE { 4.0 } else { 8.0 };
    let inner = rect.shrink2(vec2(beside, 0.0)).with_min_y(rect.top() + 3.0);
    let layout = Layout::left_to_right(Align::Center);
    // The strip goes on where the tab ends, not what is in it.
    let ui = &mut ui.new_child(UiBuilder::new().id_salt(tab.id).max_rect(inner).layout(layout));
    ui.spacing_mut().item_spacing.x = 2.0;
    settings::lamp_ui(ui, tab);
    for (is_on, sign, label, tip) in [
        (tab.is_untrusted(), icons::TRIANGLE_ALERT, lang.untrusted(), lang.untrusted_tip()),
        (tab.faults().is_some(), icons::BUG, lang.faults_acting(), lang.relay_faults_tip()),
        (!tab.holds.is_empty(), icons::CIRCLE_PAUSE, lang.holds(), lang.holds_tip()),
        (tab.alerted, icons::BELL, lang.alerted(), lang.alerted_tip()),
    ] {
        if is_on {
            let mark = ui.label(controls::icon(sign, 14.0).color(palette.care)).on_hover_text(tip);
            mark.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, label));
        }
    }
    let title = title(tab);
    let closable = active || rect.width() >= CLOSABLE;
    let width = inner.right() - ui.cursor().left() - if closable { 24.0 } else { 0.0 };
    if let Some((_, name)) = renaming.as_mut().filter(|(id, _)| *id == tab.id) {
        return name_ui(ui, lang, (tab.id, width + 20.0), (name, &title), actions);
    }
    let ink = if active { palette.text } else { palette.weak };
    let (sign, text) = face(ui, tab, &title, width - 4.0);
    let (sign, text) = (controls::icon(sign, 14.0).color(ink), RichText::new(text).color(ink));
    let button = if sign.is_empty() {
        Button::new((text, Atom::grow()))
    } else {
        Button::new((sign, text, Atom::grow()))
    };
    let button = button.frame(false).truncate().selected(false);
    let button = button.sense(egui::Sense::click_and_drag());
    let size = vec2(width, inner.height());
    let button = ui.allocate_ui_with_layout(size, layout, |ui| ui.add(button.min_size(size))).inner;
    let button = widgets::named(button, &title).on_hover_text(format!("{title}\n{}", lang.tab_tip()));
    if button.clicked() {
        actions.push(Action::SelectTab(tab.id));
    }
    button.dnd_set_drag_payload(tab.id);
    if button.middle_clicked() {
        actions.push(Action::CloseTab(tab.id));
    }
    let rename = Action::Rename((!tab.is_viewer()).then_some(tab.id));
    button.context_menu(|ui| {
        let entry = Button::new(lang.rename_tab()).shortcut_text("F2");
        if widgets::entry_if(ui, !tab.is_viewer(), entry, lang.rename_tab_tip()) {
            actions.push(rename.clone());
        }
        if widgets::entry(ui, lang.detach(), lang.detach_tip()) {
            actions.push(Action::MoveTab(tab.id, TabPlace::Window));
        }
        let how = OpenHow { inner: !tab.open_how.inner, ..tab.open_how };
        let entry = Button::new(lang.inner_flows()).selected(tab.open_how.inner);
        let enabled = tab.is_viewer() && !tab.notes_unsaved;
        if widgets::entry_if(ui, enabled, entry, lang.inner_flows_tip()) {
            actions.push(Action::OpenAgain(tab.id, how));
        }
    });
    actions.extend(button.double_clicked().then_some(rename));
    if !closable {
        return;
    }
    let close = Button::new(controls::icon(icons::X, 14.0).color(palette.weak)).small();
    let close = ui.add(close.stroke(Stroke::NONE).frame_when_inactive(false).min_size(vec2(20.0, 20.0)));
    let close = widgets::named(close, &format!("{} {title}", lang.close_tab()));
    if close.on_hover_text(lang.close_tab_tip()).clicked() {
        actions.push(Action::CloseTab(tab.id));
    }
}

/// The field for the name of a tab, in place of its title.
fn name_ui(
    ui: &mut Ui,
    lang: Lang,
    (id, width): (TabId, f32),
    (name, title): (&mut String, &str),
    actions: &mut Vec<Action>,
) {
    let edit = TextEdit::singleline(name).id(ui.scope_id().with("name")).hint_text(title).char_limit(60);
    let field = ui.add(edit.desired_width(width));
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

/// The size of everything in the window, with its keys.
fn zoom_ui(ui: &mut Ui, lang: Lang) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(lang.zoom()).small());
        let tool = |ui: &mut Ui, (sign, label): (&str, &str), keys: &str| {
            let button = Button::new(controls::icon(sign, controls::ICON)).min_size(vec2(28.0, 24.0));
            let button = widgets::named(ui.add(button), label);
            button.on_hover_text(format!("{label} ({keys})")).clicked()
        };
        if tool(ui, (icons::MINUS, lang.zoom_out()), key_names("Ctrl+-")) {
            egui::gui_zoom::zoom_out(ui.ctx());
        }
        let percent = format!("{:.0} %", ui.ctx().zoom_factor() * 100.0);
        let reset = ui.add(Button::new(percent).min_size(vec2(56.0, 24.0)));
        if widgets::named(reset, lang.zoom_reset())
            .on_hover_text(format!("{} ({})", lang.zoom_reset(), key_names("Ctrl+0")))
            .clicked()
        {
            ui.ctx().set_zoom_factor(1.0);
        }
        if tool(ui, (icons::PLUS, lang.zoom_in()), key_names("Ctrl++")) {
            egui::gui_zoom::zoom_in(ui.ctx());
        }
    });
}

fn menu_ui(
    ui: &mut Ui,
    lang: Lang,
    (has_session, on_top): (bool, bool),
    settings: &Settings,
    actions: &mut Vec<Action>,
) {
    // What had the keyboard, and whether the menu is to have it.
    let before = Id::unique("focus before the menu");
    let sign = Button::new(controls::icon(icons::MENU, controls::ICON)).min_size(vec2(28.0, 28.0));
    let sign = sign.stroke(Stroke::NONE).frame_when_inactive(false);
    let (response, _) = egui::containers::menu::MenuButton::from_button(sign).ui(ui, |ui| {
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
        widgets::choice(
            ui,
            lang.send_key(),
            &mut key,
            SendKey::CtrlEnter,
            key_names("Ctrl+Enter"),
            lang.send_key_tip(),
        );
        widgets::choice(ui, lang.send_key(), &mut key, SendKey::Enter, "Enter", lang.send_key_tip());
        actions.extend((key != settings.send_key).then_some(Action::SetSendKey(key)));
        ui.separator();
        zoom_ui(ui, lang);
        let mut on = on_top;
        widgets::tick(ui, &mut on, lang.keep_on_top(), lang.keep_on_top_tip());
        actions.extend((on != on_top).then_some(Action::KeepOnTop(on)));
        ui.separator();
        if widgets::button_if(ui, has_session, lang.save_workspace(), lang.save_workspace_tip()) {
            actions.push(Action::ShowWorkspace(true));
            ui.close();
        }
        ui.separator();
        // All of them are higher than a small window.
        ui.menu_button(lang.examples(), |ui| {
            for example in EXAMPLES {
                let button = Button::new(messages::example(lang, &example)).frame(false);
                if widgets::entry_if(ui, true, button, lang.examples_tip()) {
                    actions.push(Action::TakeExample(example));
                }
            }
        });
        ui.separator();
        if widgets::entry(ui, lang.alert_commands(), lang.alert_commands_tip()) {
            actions.push(Action::ShowCommands(true));
        }
        if widgets::entry(ui, lang.copy_diagnostics(), lang.copy_diagnostics_tip()) {
            actions.push(Action::CopyDiagnostics);
        }
        if widgets::entry(ui, lang.about(), lang.about_tip()) {
            actions.push(Action::ShowAbout(true));
        }
        let quit = Button::new(lang.quit()).shortcut_text(key_names("Ctrl+Q"));
        actions.extend(widgets::entry_if(ui, true, quit, lang.quit_tip()).then_some(Action::Quit));
        let by_key = ui.data(|data| data.get_temp::<(Option<Id>, bool)>(before));
        if let Some((focused, true)) = by_key
            && let Some(first) = controls::first_in(ui, ui.min_rect(), |_| true)
        {
            ui.memory_mut(|memory| memory.request_focus(first));
            ui.data_mut(|data| data.insert_temp(before, (focused, false)));
        }
    });
    let response = widgets::named(response, lang.menu()).on_hover_text(lang.menu_tip());
    let menu = egui::Popup::default_response_id(&response);
    // Shift+F10 opens the context menu of the focused widget; egui also matches it as F10.
    if ui.input_mut(|i| !i.modifiers.shift && i.consume_key(egui::Modifiers::NONE, Key::F10)) {
        let focused = ui.memory(egui::Memory::focused);
        ui.data_mut(|data| data.insert_temp(before, (focused, true)));
        egui::Popup::toggle_id(ui.ctx(), menu);
    } else if !egui::Popup::is_id_open(ui.ctx(), menu)
        && let Some((Some(focused), _)) = ui.data_mut(|data| data.remove_temp::<(Option<Id>, bool)>(before))
        && ui.memory(|memory| memory.focused().is_none())
    {
        ui.memory_mut(|memory| memory.request_focus(focused));
    }
}
