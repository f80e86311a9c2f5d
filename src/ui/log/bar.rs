//! The scroll bar of the log and of all lists of rows. Positions are 64-bit row numbers with a fraction.

use egui::{Rect, Response, Sense, Ui, pos2, vec2};

use crate::ui::theme::Palette;

pub(in crate::ui) const WIDTH: f32 = 14.0;
const LEAST_THUMB: f32 = 28.0;

/// Scroll position: a number of records with a fraction.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Extent {
    pub(in crate::ui) at: f64,
    pub(in crate::ui) most: f64,
    pub(in crate::ui) len: f64,
}

#[derive(Debug)]
pub(in crate::ui) struct Bar<'a> {
    pub(in crate::ui) name: &'a str,
    /// The view; the bar is at its right edge.
    pub(in crate::ui) rect: Rect,
    pub(in crate::ui) extent: Extent,
    /// Hits, as fractions of the whole.
    pub(in crate::ui) marks: &'a [f32],
}

/// Shows the bar. Returns the position that the user moved it to.
pub(in crate::ui) fn bar_ui(ui: &Ui, bar: &Bar<'_>) -> Option<f64> {
    let Bar { name, rect, extent, marks } = *bar;
    if extent.most <= 0.0 {
        return None;
    }
    let palette = Palette::of(ui);
    let bar = Rect::from_min_max(pos2(rect.right() - WIDTH, rect.top()), rect.max).shrink(2.0);
    let response = ui.interact(bar, ui.scope_id().with(("bar", name)), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::slider(true, extent.at, name));
    #[expect(clippy::cast_possible_truncation, reason = "shares of 1")]
    let (share, part) =
        ((1.0 - extent.most / extent.len) as f32, (extent.at / extent.most).clamp(0.0, 1.0) as f32);
    let height = (bar.height() * share).clamp(LEAST_THUMB, bar.height().max(LEAST_THUMB));
    let room = (bar.height() - height).max(1.0);
    let thumb = Rect::from_min_size(pos2(bar.left(), bar.top() + room * part), vec2(bar.width(), height));
    let fill = if response.hovered() || response.dragged() { palette.weak } else { palette.line };
    ui.painter().rect_filled(thumb.shrink2(vec2(2.0, 0.0)), 4.0, fill);
    for share in marks {
        let y = bar.top() + bar.height() * share.clamp(0.0, 1.0);
        let mark = Rect::from_min_max(pos2(bar.left(), y - 1.0), pos2(bar.right(), y + 1.0));
        ui.painter().rect_filled(mark, 0.0, palette.hit_now);
    }

    let pointer = response.interact_pointer_pos().filter(|_| response.is_pointer_button_down_on())?;
    let grip = grip(ui, &response, thumb, pointer.y);
    let part = f64::from(((pointer.y - grip - bar.top()) / room).clamp(0.0, 1.0));
    Some(part * extent.most)
}

/// Distance from the top of the thumb to where it was grabbed; its middle if the press was beside it.
fn grip(ui: &Ui, response: &Response, thumb: Rect, y: f32) -> f32 {
    let taken = ui.input(|i| i.pointer.primary_pressed());
    ui.data_mut(|data| {
        if taken {
            let on_thumb = thumb.y_range().contains(y);
            data.insert_temp(response.id, if on_thumb { y - thumb.top() } else { thumb.height() / 2.0 });
        }
        data.get_temp(response.id).unwrap_or(thumb.height() / 2.0)
    })
}
