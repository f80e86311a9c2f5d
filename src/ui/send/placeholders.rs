//! The menu of placeholders; a click inserts one into the send box.

use egui::text::{CCursor, CCursorRange, LayoutJob};
use egui::text_edit::TextEditState;
use egui::{Align, Button, FontId, Id, Layout, ScrollArea, TextFormat, Ui};

use crate::state::{Action, SendBox};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::widgets;
use crate::workspace::Draft;

/// The placeholders of what is sent, each with its meaning.
pub(crate) fn all(lang: Lang) -> [(&'static str, &'static str); 15] {
    [
        ("{n}", lang.placeholder_n()),
        ("{n:0:1:4}", lang.placeholder_n_digits()),
        ("{n:0:1:2:be}", lang.placeholder_n_bytes()),
        ("{time}", lang.placeholder_time()),
        ("{time:%H:%M:%S%.3f}", lang.placeholder_time_format()),
        ("{unix}", lang.placeholder_unix()),
        ("{unix_ms}", lang.placeholder_unix_ms()),
        ("{random:8}", lang.placeholder_random()),
        ("{number:1-100}", lang.placeholder_number()),
        ("{peer}", lang.placeholder_peer()),
        ("{length}", lang.placeholder_length()),
        ("{length-2:2:be}", lang.placeholder_length_bytes()),
        ("{rest}", lang.placeholder_rest()),
        ("{rest:2:le}", lang.placeholder_rest_bytes()),
        ("{{", lang.placeholder_brace()),
    ]
}

const HEIGHT: f32 = 400.0;
const COLUMN: f32 = 160.0;
const WIDTH: f32 = 470.0;

pub(super) fn menu_ui(ui: &mut Ui, lang: Lang, draft: &mut Draft, actions: &mut Vec<Action>) {
    ui.set_width(WIDTH);
    widgets::tick(ui, &mut draft.placeholders, lang.placeholders_in_menu(), lang.placeholders_tip());
    ui.separator();
    let chosen = list_ui(ui, all(lang), lang.placeholder_tip());
    actions.extend(chosen.map(Action::InsertPlaceholder));
}

/// A list of placeholders, each with its meaning, in a menu. Returns the one that is chosen.
pub(crate) fn list_ui(
    ui: &mut Ui,
    all: impl IntoIterator<Item = (&'static str, &'static str)>,
    tip: &str,
) -> Option<&'static str> {
    ui.set_width(WIDTH);
    let mut chosen = None;
    let room = ui.ctx().content_rect().height() * 0.6;
    let area = ScrollArea::vertical().max_height(HEIGHT.min(room)).min_scrolled_height(HEIGHT.min(room));
    area.auto_shrink([false, true]).show(ui, |ui| {
        ui.with_layout(Layout::top_down_justified(Align::LEFT), |ui| {
            for (text, meaning) in all {
                let entry = ui.add(Button::new(line(ui, text, meaning)).frame(false));
                if widgets::named(entry, text).on_hover_text(tip).clicked() {
                    chosen = Some(text);
                    ui.close();
                }
            }
        });
    });
    chosen
}

fn line(ui: &Ui, text: &str, meaning: &str) -> LayoutJob {
    let palette = Palette::of(ui);
    let mono = TextFormat::simple(FontId::monospace(12.5), palette.accent);
    let plain = TextFormat::simple(FontId::proportional(13.0), palette.text);
    let galley =
        ui.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), mono.font_id.clone(), mono.color));
    let mut job = LayoutJob::default();
    job.append(text, 0.0, mono);
    job.append(meaning, (COLUMN - galley.size().x).max(10.0), plain);
    job
}

/// Inserts the chosen placeholder at the cursor. Returns whether the text has changed.
pub(super) fn insert(ui: &Ui, id: Id, send: &mut SendBox, draft: &mut Draft) -> bool {
    let Some(inserted) = send.insert.take() else { return false };
    let mut state = TextEditState::load(ui, id).unwrap_or_default();
    let n_chars = draft.content.chars().count();
    let cursor = state.cursor.char_range().map_or(n_chars, |range| usize::from(range.primary.index));
    let place = draft.content.char_indices().nth(cursor).map_or(draft.content.len(), |(at, _)| at);
    draft.content.insert_str(place, inserted);
    let behind = CCursor::new(cursor.min(n_chars) + inserted.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(behind)));
    state.store(ui, id);
    ui.memory_mut(|memory| memory.request_focus(id));
    true
}
