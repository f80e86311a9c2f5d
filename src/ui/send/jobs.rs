//! Cycles and files that are being sent, above the send box.

use egui::scroll_area::ScrollBarVisibility;
use egui::style::ScrollStyle;
use egui::{ScrollArea, Ui};

use super::{ROW, SendInput, cycle, files};
use crate::model::{FileId, RepeatId};
use crate::state::{Action, Cycle, SentFile};
use crate::ui::widgets;

/// The most rows that are seen at once.
pub(super) const MOST: usize = 3;

/// Something that is sent for some time.
enum Job<'a> {
    Cycle(RepeatId, &'a Cycle),
    File(FileId, &'a SentFile),
}

/// A row for each, with a bar where there are more than there is room for. `below` is the height of what follows.
pub(super) fn jobs_ui(ui: &mut Ui, input: &SendInput<'_>, below: f32, actions: &mut Vec<Action>) {
    let cycles = input.cycles.iter().map(|(id, cycle)| Job::Cycle(*id, cycle));
    let files = input.files.iter().map(|(id, file)| Job::File(*id, file));
    let jobs: Vec<Job<'_>> = cycles.chain(files).collect();
    if jobs.is_empty() {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let [all, most] = [jobs.len(), MOST].map(|n| n as f32 * ROW);
    let room = (ui.available_rect_before_wrap().height() - below).clamp(ROW, most);
    ui.scope(|ui| {
        let mut area =
            ScrollArea::vertical().id_salt("jobs").max_height(room - 4.0).auto_shrink([false, true]);
        if all > room + 0.5 {
            // It is there without the pointer, too, and covers no button.
            ui.spacing_mut().scroll = ScrollStyle {
                floating_width: 6.0,
                floating_allocated_width: 12.0,
                dormant_background_opacity: 0.4,
                dormant_handle_opacity: 0.6,
                ..ScrollStyle::floating()
            };
            area = area.scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible);
        }
        widgets::rows_ui(ui, (area, 0.0), jobs.iter(), |ui, job| match job {
            Job::Cycle(id, cycle) => cycle::row_ui(ui, input, *id, cycle, actions),
            Job::File(id, file) => files::file_ui(ui, input, *id, file, actions),
        });
    });
}
