//! The page of quick sends: a click or a key sends one, the ticked ones run as a sequence. See `editor` for
//! the fields of one.

mod editor;
mod keys;
mod row;

use egui::{Button, Frame, Key, KeyboardShortcut, Margin, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::{clear_of_bar, from_the_right};
use crate::codec::Charset;
use crate::state::{Action, FileFor, QuickAction, QuickBox, RowAction};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::{messages, toolbar, widgets};

pub(crate) use keys::{is_taken, pressed};

#[derive(Debug, Clone, Copy)]
pub(crate) struct QuickInput {
    pub(crate) lang: Lang,
    /// Whether sending is possible: the session is open, or sending opens it.
    pub(crate) open: bool,
    pub(crate) charset: Charset,
}

pub(crate) fn quick_ui(ui: &mut Ui, input: QuickInput, quick: &mut QuickBox) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(id) = quick.list.editing {
        editor::editor_ui(ui, input, quick, id, &mut actions);
    } else {
        list_ui(ui, input, quick, &mut actions);
    }
    actions.into_iter().map(Action::Quick).collect()
}

fn list_ui(ui: &mut Ui, input: QuickInput, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    let lang = input.lang;
    bar_ui(ui, lang, quick, actions);
    pages_ui(ui, lang, quick, actions);
    search_ui(ui, lang, quick);
    sequence_ui(ui, input, quick, actions);
    remarks_ui(ui, lang, quick, actions);
    ui.separator();
    let shown = quick.shown();
    if shown.is_empty() {
        let words = if quick.list.rows().is_empty() { lang.quick_empty() } else { lang.find_none() };
        ui.label(RichText::new(words).color(Palette::of(ui).weak));
        return;
    }
    let height = ui.spacing().interact_size.y;
    let area = ScrollArea::vertical().auto_shrink([false, false]);
    area.show_rows(ui, height, shown.len(), |ui, range| {
        clear_of_bar(ui);
        for at in shown.iter().skip(range.start).take(range.len()) {
            row::row_ui(ui, input, quick, *at, actions);
        }
    });
}

fn bar_ui(ui: &mut Ui, lang: Lang, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let mut button = |ui: &mut Ui, enabled: bool, label: &str, tip: &str, action: QuickAction| {
            let response =
                ui.add_enabled(enabled, Button::new(label)).on_hover_text(tip).on_disabled_hover_text(tip);
            if response.clicked() {
                actions.push(action);
            }
        };
        button(ui, true, lang.quick_new(), lang.quick_new_tip(), QuickAction::New);
        button(ui, true, lang.quick_add(), lang.quick_add_tip(), QuickAction::AddDraft);
        button(
            ui,
            quick.list.can_undo(),
            lang.quick_undo(),
            lang.quick_undo_tip(),
            QuickAction::Row(RowAction::Undo),
        );
        let menu =
            toolbar::menu(ui, Button::new(lang.quick_file()), false, |ui| file_ui(ui, lang, quick, actions));
        menu.on_hover_text(lang.quick_file_tip());
    });
}

fn file_ui(ui: &mut Ui, lang: Lang, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    ui.set_width(FILE_WIDTH);
    ui.horizontal_wrapped(|ui| {
        if ui.button(lang.quick_import_browse()).on_hover_text(lang.quick_import_tip()).clicked() {
            actions.push(QuickAction::Browse(FileFor::QuickImport));
            ui.close();
        }
        if ui.button(lang.quick_export_browse()).on_hover_text(lang.quick_export_tip()).clicked() {
            actions.push(QuickAction::Browse(FileFor::QuickExport));
            ui.close();
        }
    });
    let field =
        widgets::Field { label: lang.quick_path(), tip: lang.quick_path_tip(), enabled: true, problem: None };
    field.show(ui, &mut quick.path);
    let named = !quick.path.trim().is_empty();
    ui.horizontal_wrapped(|ui| {
        let import = ui.add_enabled(named, Button::new(lang.quick_import()));
        if import.on_hover_text(lang.quick_import_tip()).clicked() {
            actions.push(QuickAction::Import);
            ui.close();
        }
        let export = ui.add_enabled(named, Button::new(lang.quick_export()));
        if export.on_hover_text(lang.quick_export_tip()).clicked() {
            actions.push(QuickAction::Export);
            ui.close();
        }
    });
}

const FILE_WIDTH: f32 = 280.0;

fn pages_ui(ui: &mut Ui, lang: Lang, quick: &QuickBox, actions: &mut Vec<QuickAction>) {
    let pages = quick.pages();
    if pages.len() < 2 {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for page in pages {
            let chosen = page == quick.page;
            let label = page_name(lang, page);
            let response = ui.selectable_label(chosen, label).on_hover_text(lang.quick_page_tip());
            let name = widgets::choice_name(lang.quick_page(), label);
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, chosen, &name));
            if response.clicked() {
                actions.push(QuickAction::Page(page.to_owned()));
            }
        }
    });
}

/// The first page has no name.
fn page_name(lang: Lang, page: &str) -> &str {
    if page.is_empty() { lang.quick_first_page() } else { page }
}

fn search_ui(ui: &mut Ui, lang: Lang, quick: &mut QuickBox) {
    let edit = TextEdit::singleline(&mut quick.search)
        .hint_text(lang.quick_search())
        .desired_width(f32::INFINITY)
        .margin(Margin::symmetric(6, 3));
    // egui draws the frame of a field outside its width.
    let response = ui
        .scope(|ui| {
            ui.set_max_width(ui.available_width() - 2.0);
            ui.add(edit)
        })
        .inner
        .on_hover_text(lang.quick_search_tip());
    response.widget_info(|| {
        let hint = lang.quick_search();
        let mut info = egui::WidgetInfo::text_edit(true, &quick.search, &quick.search, hint);
        info.label = Some(hint.to_owned());
        info
    });
}

fn sequence_ui(ui: &mut Ui, input: QuickInput, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    let lang = input.lang;
    from_the_right(ui, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if let Some(run) = &quick.run {
            let stop = ui.button(lang.quick_stop()).on_hover_text(lang.quick_stop_tip());
            if stop.clicked() {
                actions.push(QuickAction::Stop);
            }
            let round = run.place.map_or(0, |place| place.round) + 1;
            let text = format!("{} {}", lang.quick_round(), messages::grouped(round));
            ui.add(egui::Label::new(RichText::new(text).color(Palette::of(ui).accent)).truncate());
            return;
        }
        let run = ui.add_enabled(input.open, Button::new(lang.quick_run()));
        let run = run.on_hover_text(lang.quick_run_tip()).on_disabled_hover_text(lang.quick_run_tip());
        if run.clicked() {
            actions.push(QuickAction::Run);
        }
        let size = vec2(52.0, ui.spacing().interact_size.y);
        let edit = TextEdit::singleline(&mut quick.loops).margin(Margin::symmetric(6, 3)).hint_text("∞");
        let field = ui.add_sized(size, edit).on_hover_text(lang.quick_loops_tip());
        let label = ui.label(lang.quick_loops());
        field.labelled_by(label.id);
    });
}

fn remarks_ui(ui: &mut Ui, lang: Lang, quick: &QuickBox, actions: &mut Vec<QuickAction>) {
    if quick.remarks.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(6, 4)).show(ui, |ui| {
        from_the_right(ui, |ui| {
            let close = ui.add(Button::new("✕").small());
            close.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, lang.quick_remarks_close())
            });
            if close.on_hover_text(lang.quick_remarks_close()).clicked() {
                actions.push(QuickAction::DismissRemarks);
            }
            ui.add(egui::Label::new(RichText::new(lang.quick_remarks()).strong()).truncate());
        });
        let height = ui.text_style_height(&egui::TextStyle::Small);
        let area =
            ScrollArea::both().id_salt("remarks").max_height(REMARKS_HEIGHT).auto_shrink([false, true]);
        area.show_rows(ui, height, quick.remarks.len(), |ui, range| {
            for remark in quick.remarks.iter().skip(range.start).take(range.len()) {
                let text = RichText::new(messages::quick::remark(lang, remark)).small();
                ui.add(egui::Label::new(text).extend());
            }
        });
    });
}

const REMARKS_HEIGHT: f32 = 90.0;

fn chord(ui: &Ui, shortcut: KeyboardShortcut) -> bool {
    ui.input_mut(|i| i.consume_shortcut(&shortcut))
}

const MOVES: [(Key, crate::state::Way); 2] =
    [(Key::ArrowUp, crate::state::Way::Up), (Key::ArrowDown, crate::state::Way::Down)];
