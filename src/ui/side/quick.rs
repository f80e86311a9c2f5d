//! The page of quick sends: a click or a key sends one, the ticked ones run as a sequence. See `editor` for
//! the fields of one.

mod editor;
mod keys;
mod row;

use egui::{Button, Frame, Margin, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::BAR;
use crate::state::{Action, FileFor, QuickAction, QuickBox, RowAction};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::{controls, messages, widgets};

pub(crate) use keys::{key_field, pressed, taken_by_field};

#[derive(Debug, Clone, Copy)]
pub(crate) struct QuickInput<'a> {
    pub(crate) lang: Lang,
    /// Why nothing can be sent now.
    pub(crate) cannot: Option<&'a str>,
    pub(crate) charset: crate::workspace::Charsets,
}

pub(crate) fn quick_ui(ui: &mut Ui, input: QuickInput<'_>, quick: &mut QuickBox) -> Vec<Action> {
    let mut actions = Vec::new();
    match quick.list.editing {
        Some(id) => editor::editor_ui(ui, input, quick, id, &mut actions),
        None => list_ui(ui, input, quick, &mut actions),
    }
    actions.into_iter().map(Action::Quick).collect()
}

/// Width from which the sequence is in the row of the buttons.
const WIDE: f32 = 600.0;

fn list_ui(ui: &mut Ui, input: QuickInput<'_>, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    let lang = input.lang;
    // Below the log there is more width than height.
    let is_wide = ui.available_width() >= WIDE;
    if is_wide {
        widgets::from_the_right(ui, |ui| {
            sequence_ui(ui, input, quick, actions);
            widgets::from_the_left(ui, |ui| bar_ui(ui, lang, quick, actions));
        });
    } else {
        ui.horizontal_wrapped(|ui| bar_ui(ui, lang, quick, actions));
    }
    pages_ui(ui, lang, quick, actions);
    widgets::search_ui(ui, &mut quick.search, lang.quick_search(), lang.quick_search_tip());
    if !is_wide {
        widgets::from_the_right(ui, |ui| sequence_ui(ui, input, quick, actions));
    }
    remarks_ui(ui, lang, quick, actions);
    ui.separator();
    let shown = quick.shown();
    if shown.is_empty() {
        let words = if quick.list.rows().is_empty() { lang.quick_empty() } else { lang.find_none() };
        ui.label(RichText::new(words).color(Palette::of(ui).weak));
        return;
    }
    let area = ScrollArea::vertical().auto_shrink([false, false]);
    widgets::rows_ui(ui, (area, BAR), shown.iter(), |ui, at| {
        row::row_ui(ui, input, quick, (*at, shown.last() == Some(at)), actions);
    });
}

fn bar_ui(ui: &mut Ui, lang: Lang, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let undo = QuickAction::Row(RowAction::Undo);
    for (enabled, label, tip, action) in [
        (true, lang.quick_new(), lang.quick_new_tip(), QuickAction::New),
        (true, lang.quick_add(), lang.quick_add_tip(), QuickAction::AddDraft),
        (quick.list.can_undo(), lang.quick_undo(), lang.quick_undo_tip(), undo),
    ] {
        actions.extend(widgets::button_if(ui, enabled, label, tip).then_some(action));
    }
    let button = controls::with_arrow(lang.quick_file());
    let menu = widgets::menu(ui, button, |ui| file_ui(ui, lang, quick, actions));
    widgets::named(menu, lang.quick_file()).on_hover_text(lang.quick_file_tip());
}

fn file_ui(ui: &mut Ui, lang: Lang, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    let mut entries = |ui: &mut Ui, enabled, entries: [(&str, &str, QuickAction); 2]| {
        ui.horizontal_wrapped(|ui| {
            for (label, tip, action) in entries {
                actions.extend(widgets::entry_if(ui, enabled, Button::new(label), tip).then_some(action));
            }
        });
    };
    ui.set_width(280.0);
    let (import, export) =
        (QuickAction::Browse(FileFor::QuickImport), QuickAction::Browse(FileFor::QuickExport));
    let browse = [
        (lang.quick_import_browse(), lang.quick_import_tip(), import),
        (lang.quick_export_browse(), lang.quick_export_tip(), export),
    ];
    entries(ui, true, browse);
    widgets::Field::new((lang.quick_path(), lang.quick_path_tip()), None).show(ui, &mut quick.path);
    let named = [
        (lang.quick_import(), lang.quick_import_tip(), QuickAction::Import),
        (lang.quick_export(), lang.quick_export_tip(), QuickAction::Export),
    ];
    entries(ui, !quick.path.trim().is_empty(), named);
}

fn pages_ui(ui: &mut Ui, lang: Lang, quick: &QuickBox, actions: &mut Vec<QuickAction>) {
    let pages = quick.pages();
    if pages.len() < 2 {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for page in pages {
            let chosen = page == quick.page;
            let label = if page.is_empty() { lang.quick_first_page() } else { page };
            let response = ui.selectable_label(chosen, label).on_hover_text(lang.quick_page_tip());
            let name = widgets::choice_name(lang.quick_page(), label);
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, chosen, &name));
            actions.extend(response.clicked().then(|| QuickAction::Page(page.to_owned())));
        }
    });
}

/// The first page has no name.
fn sequence_ui(ui: &mut Ui, input: QuickInput<'_>, quick: &mut QuickBox, actions: &mut Vec<QuickAction>) {
    let lang = input.lang;
    ui.spacing_mut().item_spacing.x = 4.0;
    if let Some(run) = &quick.run {
        let stop = widgets::button(ui, lang.quick_stop(), lang.quick_stop_tip());
        actions.extend(stop.then_some(QuickAction::Stop));
        let round = run.place.map_or(0, |place| place.round) + 1;
        let text = format!("{} {}", lang.quick_round(), messages::grouped(round));
        ui.add(egui::Label::new(RichText::new(text).color(Palette::of(ui).accent)).truncate());
        return;
    }
    let words = (lang.quick_run(), lang.quick_run_tip());
    let run = widgets::send_button(ui, input.cannot, Button::new(words.0), words);
    actions.extend(run.then_some(QuickAction::Run));
    let size = vec2(52.0, ui.spacing().interact_size.y);
    let edit = TextEdit::singleline(&mut quick.loops).margin(widgets::FIELD_MARGIN).hint_text("∞");
    let field = ui.add_sized(size, edit).on_hover_text(lang.quick_loops_tip());
    let label = ui.label(lang.quick_loops());
    field.labelled_by(label.id);
}

fn remarks_ui(ui: &mut Ui, lang: Lang, quick: &QuickBox, actions: &mut Vec<QuickAction>) {
    if quick.remarks.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(6, 4)).show(ui, |ui| {
        widgets::from_the_right(ui, |ui| {
            if widgets::close_button(ui, lang.quick_remarks_close(), lang.quick_remarks_close()) {
                actions.push(QuickAction::DismissRemarks);
            }
            ui.add(egui::Label::new(RichText::new(lang.quick_remarks()).strong()).truncate());
        });
        let height = ui.text_style_height(&egui::TextStyle::Small);
        let area = ScrollArea::both().id_salt("remarks").max_height(90.0).auto_shrink([false, true]);
        area.show_rows(ui, height, quick.remarks.len(), |ui, range| {
            for remark in quick.remarks.iter().skip(range.start).take(range.len()) {
                let text = RichText::new(messages::quick::remark(lang, remark)).small();
                ui.add(egui::Label::new(text).extend());
            }
        });
    });
}
