//! What the log and all lists of rows share: the scroll bar, scrolling by hand, and what is shown besides rows.
//! Positions are 64-bit row numbers with a fraction.

use egui::{Align2, FontId, Rect, Response, Sense, Ui, pos2, vec2};

use super::scroll::Place;
use crate::ui::theme::Palette;

pub(crate) const WIDTH: f32 = 14.0;
const LEAST_THUMB: f32 = 28.0;

pub(crate) struct Bar<'a> {
    pub(crate) name: &'a str,
    /// The view; the bar is at its right edge.
    pub(crate) rect: Rect,
    /// Number of records above the view, with a fraction; the largest possible one; and that of all.
    pub(crate) at: f64,
    pub(crate) most: f64,
    pub(crate) len: f64,
    pub(crate) marks: &'a [f32],
}

/// Shows the bar. Returns the position that the user moved it to.
pub(crate) fn bar_ui(ui: &Ui, bar: &Bar<'_>) -> Option<f64> {
    let Bar { name, rect, at, most, len, marks } = *bar;
    if most <= 0.0 {
        return None;
    }
    let palette = Palette::of(ui);
    let bar = Rect::from_min_max(pos2(rect.right() - WIDTH, rect.top()), rect.max).shrink(2.0);
    let response = ui.interact(bar, ui.scope_id().with(("bar", name)), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::slider(true, at, name));
    #[expect(clippy::cast_possible_truncation, reason = "shares of 1")]
    let (share, part) = ((1.0 - most / len) as f32, (at / most).clamp(0.0, 1.0) as f32);
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
    Some(part * most)
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

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 records")]
pub(crate) fn as_f64(n: u64) -> f64 {
    n as f64
}

/// A scroll position as a number of records, with the row in the last one as fraction.
pub(crate) fn share_of(place: Place, n_rows: u32) -> f64 {
    as_f64(place.at) + f64::from(place.row) / f64::from(n_rows.max(1))
}

/// The scroll position for which [`share_of`] returns `share`.
pub(crate) fn place_of(share: f64, n_rows: impl FnOnce(u64) -> u32) -> Place {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the last record")]
    let at = share as u64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the rows")]
    let row = (share.fract() * f64::from(n_rows(at))) as u32;
    Place { at, row, px: 0.0 }
}

/// Points by which the wheel, or selecting past the edge of `rows`, scrolls a list down.
pub(crate) fn scrolled(ui: &Ui, response: &Response, rows: Rect, page: f32) -> Option<f32> {
    let wheel = if response.contains_pointer() { ui.input(|i| i.smooth_scroll_delta().y) } else { 0.0 };
    if wheel != 0.0 {
        return Some(-wheel);
    }
    let dragged = response.dragged_by(egui::PointerButton::Primary);
    let pointer = response.interact_pointer_pos().filter(|_| dragged)?;
    // Faster with distance.
    let beyond = (pointer.y - rows.bottom()).max(0.0) - (rows.top() - pointer.y).max(0.0);
    if beyond == 0.0 {
        return None;
    }
    ui.request_repaint();
    Some((beyond / 4.0).clamp(-page, page))
}

pub(crate) fn empty_ui(ui: &Ui, (title, hint): (&str, &str), rect: Rect) {
    let (painter, weak) = (ui.painter().with_clip_rect(rect), Palette::of(ui).weak);
    for (text, size, y) in [(title, 16.0, -12.0), (hint, 13.0, 14.0)] {
        let at = rect.center() + vec2(0.0, y);
        painter.text(at, Align2::CENTER_CENTER, text, FontId::proportional(size), weak);
    }
}

/// The horizontal scroll offset after the wheel, up to `widest` points.
pub(crate) fn across(ui: &Ui, response: &Response, across: f32, widest: f32) -> f32 {
    let wheel = if response.contains_pointer() { ui.input(|i| i.smooth_scroll_delta().x) } else { 0.0 };
    (across - wheel).clamp(0.0, widest.max(0.0))
}
