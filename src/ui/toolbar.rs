//! The bar above the log: view, framing, filter.

use egui::{Button, Popup, Response, RichText, Stroke, Ui, vec2};

use super::filter::{self, FilterInput};
use super::framing::{self, framing_name};
use super::lang::Lang;
use super::theme::{CONTROL, Palette};
use super::{controls, icons, messages, signs, widgets};
use crate::codec::frame::Framing;
use crate::state::{Action, Filter, FramingFields, FramingKind, PaletteMode};
use crate::workspace::{FOLDS, FilterForm, TimeMode, View, ViewMode};

/// A menu that a command opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Menu {
    Framing,
    Filter,
    /// What is appended to what is sent.
    Append,
    SendCharset,
}

pub(crate) struct ToolbarInput<'a> {
    pub(crate) view: View,
    pub(crate) paused: bool,
    /// The log follows the newest record; otherwise this many have come since it does not.
    pub(crate) n_new: Option<u64>,
    pub(crate) n_shown: u64,
    pub(crate) framing: &'a Framing,
    /// Whether sent messages are framed too, if the framing allows it.
    pub(crate) sent_framed: Option<bool>,
    pub(crate) filter: FilterInput<'a>,
    /// Of a relay: how many items are not shown, since they were passed on as they came.
    pub(crate) copies: Option<u64>,
    /// The menu that a command opens or closes in this frame.
    pub(crate) toggled: Option<Menu>,
}

/// From this width, tools have a word beside their icon; from that one, menus have one.
const WIDE: [f32; 2] = [760.0, 600.0];
/// What a word needs beside it: an icon, and the gaps.
const BESIDE: f32 = 40.0;

pub(crate) fn toolbar_ui(
    ui: &mut Ui,
    input: &ToolbarInput<'_>,
    framing_form: &mut FramingFields,
    filter_form: &mut FilterForm,
) -> Vec<Action> {
    let lang = input.filter.lang;
    let mut actions = Vec::new();
    let mut view = input.view;
    let mut wide = WIDE.map(|least| ui.available_width() >= least);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = if wide[1] { 8.0 } else { 2.0 };
        let modes = ViewMode::ALL.map(|mode| (mode, mode_name(lang, mode).0, mode_name(lang, mode).1));
        controls::segments(ui, lang.view(), &mut view.mode, &modes, None);
        let id = ui.scope_id().with("tools");
        let known = |ui: &Ui, wide: [bool; 2]| -> f32 {
            ui.data(|data| data.get_temp(id.with(wide))).unwrap_or_default()
        };
        let hidden = input.copies.map(|copies| lang.copies_hidden(messages::grouped(copies)));
        let fits = |ui: &Ui, words: &[Option<&str>], tools: [bool; 2]| {
            let each = |word: &&str| widgets::text_width(ui, word) + BESIDE;
            words.iter().flatten().map(each).sum::<f32>() + known(ui, tools) <= ui.available_width()
        };
        let framing = [lang.framing(), framed(lang, input.framing).unwrap_or_default()].join(" ");
        let menus = [Some(framing.as_str()), Some(lang.display()), hidden.as_ref().map(|_| "")];
        wide[0] &= fits(ui, &menus, [true; 2]);
        wide[1] &= fits(ui, &menus, [wide[0], true]);
        framing_ui(ui, input, wide[1], framing_form, &mut actions);
        display_ui(ui, lang, wide[1], &mut view);
        if let Some(hidden) = hidden {
            let word = Some(hidden.as_str())
                .filter(|word| wide[1] && !view.both_legs && fits(ui, &[Some(word)], wide));
            let words = (lang.both_legs(), lang.both_legs_tip());
            let (sign, quiet) = ((icons::ARROW_LEFT_RIGHT, word), (CONTROL, Palette::of(ui).weak));
            let tool = controls::wide_tool(ui, quiet, sign, (true, view.both_legs), words);
            view.both_legs ^= tool.clicked();
        }
        let known = known(ui, wide);
        ui.add_space((ui.available_width() - known).max(0.0));
        let tools = ui.horizontal(|ui| tools_ui(ui, input, wide, (&mut view, filter_form), &mut actions));
        let width = tools.response.rect.width().ceil();
        if (width - known).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(id.with(wide), width));
            ui.ctx().request_repaint();
        }
    });
    actions.extend((view != input.view).then_some(Action::SetView(view)));
    actions
}

fn tools_ui(
    ui: &mut Ui,
    input: &ToolbarInput<'_>,
    room: [bool; 2],
    (view, filter_form): (&mut View, &mut FilterForm),
    actions: &mut Vec<Action>,
) {
    let (lang, wide) = (input.filter.lang, room[0]);
    filter_ui(ui, input, wide, filter_form, actions);
    let word = |label: &'static str| wide.then(|| label.trim_end_matches('…'));
    for (words, action) in [
        ((lang.find(), lang.find_tip()), Action::ShowFind(true)),
        ((lang.go_to(), lang.go_to_tip()), Action::ShowPalette(Some(PaletteMode::Places))),
    ] {
        let tool = controls::tool(ui, (signs::of(&action), word(words.0)), (true, false), words);
        actions.extend(tool.clicked().then_some(action));
    }
    let words = (lang.pause(), lang.pause_tip());
    let pause = Action::Pause(!input.paused);
    if controls::tool(ui, (signs::of(&pause), None), (true, input.paused), words).clicked() {
        actions.push(pause);
    }
    let follows = input.n_new.is_none();
    if follow_ui(ui, lang, input.n_new, room).clicked() {
        view.auto_scroll = !follows;
        actions.push(Action::Hold(follows.then_some(input.n_shown)));
    }
}

/// Whether the newest record is followed, and how many have come since it is not. Its width is always the same.
fn follow_ui(ui: &mut Ui, lang: Lang, n_new: Option<u64>, [wide, roomy]: [bool; 2]) -> Response {
    let news = match n_new.unwrap_or_default() {
        0 => None,
        n @ 1..=MOST_NEW => Some(messages::grouped(n)),
        _ => Some(format!("{}+", messages::grouped(MOST_NEW))),
    };
    let (name, tip) = match &news {
        Some(n) => (lang.new_below(n), lang.new_below_tip()),
        None => (lang.follow().to_owned(), lang.auto_scroll_tip()),
    };
    let width = if wide {
        132.0
    } else if roomy {
        96.0
    } else {
        CONTROL
    };
    let beside = controls::ICON + ui.spacing().icon_spacing + 2.0 * ui.spacing().button_padding.x;
    let fits = |word: &str| beside + widgets::text_width(ui, word) <= width;
    let word = match &news {
        _ if wide => Some(name.as_str()),
        Some(n) if roomy => Some(n.as_str()),
        None if roomy && fits(&name) => Some(name.as_str()),
        _ => None,
    };
    let sign = (icons::ARROW_DOWN_TO_LINE, word);
    if news.is_some() {
        return controls::filled_tool(ui, width, sign, (&name, tip));
    }
    let ink = Palette::of(ui).text;
    controls::wide_tool(ui, (width, ink), sign, (true, n_new.is_none()), (&name, tip))
}

/// Counted up to this many.
const MOST_NEW: u64 = 999_999;

/// Label and tooltip of a view.
pub fn mode_name(lang: Lang, mode: ViewMode) -> (&'static str, &'static str) {
    match mode {
        ViewMode::Log => (lang.view_log(), lang.view_log_tip()),
        ViewMode::Table => (lang.view_table(), lang.view_table_tip()),
        ViewMode::Stream => (lang.view_stream(), lang.view_stream_tip()),
    }
}

/// A button that opens a menu: a word with what is in force, or where it is `narrow` an icon.
fn menu_button<'a>(ui: &Ui, (sign, word): (&str, &str), in_force: Option<&str>, wide: bool) -> Button<'a> {
    let palette = Palette::of(ui);
    if wide {
        return controls::menu_tool(palette, word, in_force);
    }
    let colour = if in_force.is_some() { palette.accent } else { palette.text };
    let sign = controls::icon(sign, controls::ICON).color(colour);
    Button::new(sign).min_size(vec2(28.0, 28.0)).stroke(Stroke::NONE).frame_when_inactive(false)
}

/// The framing in force, if there is one.
pub(crate) fn framed(lang: Lang, framing: &Framing) -> Option<&'static str> {
    let kind = FramingFields::of(framing).kind;
    (kind != FramingKind::AsReceived).then(|| framing_name(lang, kind).0)
}

/// Opens or closes a menu by its key. The keyboard leaves the field that it was in: what is typed next is not for that.
fn toggle(ui: &Ui, button: &Response) {
    Popup::toggle_id(ui.ctx(), Popup::default_response_id(button));
    button.request_focus();
}

fn framing_ui(
    ui: &mut Ui,
    input: &ToolbarInput<'_>,
    wide: bool,
    form: &mut FramingFields,
    actions: &mut Vec<Action>,
) {
    let lang = input.filter.lang;
    let button =
        menu_button(ui, (signs::of_menu(Menu::Framing), lang.framing()), framed(lang, input.framing), wide);
    let response = widgets::menu(ui, button, |ui| {
        framing::framing_ui(ui, lang, input.framing, input.sent_framed, form, actions);
    });
    if input.toggled == Some(Menu::Framing) {
        toggle(ui, &response);
    }
    widgets::named(response, lang.framing()).on_hover_text(lang.framing_tip());
}

fn filter_ui(
    ui: &mut Ui,
    input: &ToolbarInput<'_>,
    wide: bool,
    form: &mut FilterForm,
    actions: &mut Vec<Action>,
) {
    let lang = input.filter.lang;
    let sign = controls::icon(signs::of_menu(Menu::Filter), controls::ICON);
    let button = if wide {
        Button::new((sign, RichText::new(lang.filter().trim_end_matches('…'))))
    } else {
        Button::new(sign).min_size(vec2(28.0, 28.0))
    };
    let response = widgets::menu(ui, button.stroke(Stroke::NONE).frame_when_inactive(false), |ui| {
        actions.extend(filter::filter_ui(ui, &input.filter, form));
    });
    if input.toggled == Some(Menu::Filter) {
        toggle(ui, &response);
    }
    widgets::named(response, lang.filter()).on_hover_text(lang.filter_tip());
}

fn display_ui(ui: &mut Ui, lang: Lang, wide: bool, view: &mut View) {
    let button = menu_button(ui, (icons::SETTINGS, lang.display()), None, wide);
    let response = widgets::menu(ui, button, |ui| {
        ui.set_width(190.0);
        ui.label(RichText::new(lang.time_shown()).small());
        let times = [
            (TimeMode::Absolute, lang.time_absolute()),
            (TimeMode::SinceStart, lang.time_since_start()),
            (TimeMode::Delta, lang.time_delta()),
        ];
        let times = times.map(|(mode, label)| (mode, label, lang.time_shown_tip()));
        widgets::choices(ui, lang.time_shown(), &mut view.time, times);
        ui.separator();
        widgets::tick(ui, &mut view.classic, lang.classic_rows(), lang.classic_rows_tip());
        ui.label(RichText::new(lang.fold()).small());
        for fold in FOLDS {
            let label = if fold == 0 { lang.fold_never().to_owned() } else { lang.fold_rows(fold) };
            widgets::choice(ui, lang.fold(), &mut view.fold, fold, &label, lang.fold_tip());
        }
    });
    widgets::named(response, lang.display()).on_hover_text(lang.display_tip());
}

pub(crate) fn chips_ui(ui: &mut Ui, input: &FilterInput<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let lang = input.lang;
    if input.filter.is_empty() {
        return actions;
    }
    ui.horizontal_wrapped(|ui| {
        for (part, text) in filter::parts(input) {
            let palette = Palette::of(ui);
            let button = Button::new(RichText::new(format!("{text}  ✕")).color(palette.on_accent));
            let button = ui.add(button.fill(palette.accent).corner_radius(10.0));
            if button.on_hover_text(lang.filter_part_tip()).clicked() {
                actions.push(Action::RemoveFilter(part));
            }
        }
        let words = (lang.filter_clear(), lang.filter_clear_tip());
        widgets::offer(ui, words, Action::SetFilter(Filter::default()), &mut actions);
    });
    actions
}
