//! Lists of rows of equal height, as in the table and the hex dump: scroll position in whole 64-bit row
//! numbers, and visible rows.

use egui::{Event, FontId, Key, Modifiers, Pos2, Rect, Response, TextFormat, TextStyle, Ui, pos2, vec2};

use super::log::bar::{self, Bar, as_f64, bar_ui, place_of, share_of};
use super::log::scroll::Place;
use super::span::{Selection, Step};

/// Height of a row in points. Whole, because egui rounds galleys: other rows would drift apart.
const ROW: f32 = 20.0;

#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) font: FontId,
    pub(super) row_height: f32,
    pub(super) cell: f32,
}

impl Grid {
    pub(super) fn of(ui: &Ui) -> Self {
        let font = TextStyle::Monospace.resolve(ui.style());
        let cell = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
        Self { row_height: ROW, cell, font }
    }

    /// Format of text in a row. All fonts are centred in the row, so that mixed text stays on one line.
    pub(super) fn format(&self, colour: egui::Color32) -> TextFormat {
        TextFormat { line_height: Some(ROW), ..TextFormat::simple(self.font.clone(), colour) }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) rect: Rect,
    pub(super) row_height: f32,
    pub(super) len: u64,
}

impl Room {
    pub(super) fn bottom(&self) -> Place {
        Place::bottom(self.rect.height(), self.row_height, self.len, |_at| 1)
    }

    pub(super) fn page(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred at most")]
        let rows = (self.rect.height() / self.row_height).floor().max(1.0) as u64;
        rows
    }

    pub(super) fn within(&self, place: Place) -> Place {
        let bottom = self.bottom();
        if place.is_before(&bottom) { place } else { bottom }
    }

    pub(super) fn moved(&self, place: Place, points: f32) -> Place {
        self.within(place.moved(points, self.row_height, self.len, |_at| 1))
    }

    /// `place`, moved just far enough to show row `at` whole.
    pub(super) fn in_sight(&self, place: Place, at: u64) -> Place {
        if at <= place.at {
            return Place { at, ..Place::default() };
        }
        // The scroll position at which the row is the last in the area.
        let lowest = Place::bottom(self.rect.height(), self.row_height, at + 1, |_at| 1);
        self.within(if place.is_before(&lowest) { lowest } else { place })
    }

    /// `place` if it shows row `at` whole; otherwise a scroll position with that row in the middle.
    pub(super) fn revealed(&self, place: Place, at: u64) -> Place {
        if self.in_sight(place, at) == place {
            return place;
        }
        self.within(Place { at: at.saturating_sub(self.page() / 2), ..Place::default() })
    }

    pub(super) fn rows(self, place: Place) -> impl Iterator<Item = (u64, Rect)> {
        let mut y = self.rect.top() - place.px;
        (place.at..self.len).map_while(move |at| {
            let row =
                Rect::from_min_size(pos2(self.rect.left(), y), vec2(self.rect.width(), self.row_height));
            y += self.row_height;
            (row.top() < self.rect.bottom()).then_some((at, row))
        })
    }

    /// The row at this height; the nearest one if it is outside the area or after the last row.
    pub(super) fn row_at(&self, place: Place, y: f32) -> u64 {
        let below = y.clamp(self.rect.top(), self.rect.bottom()) - self.rect.top() + place.px;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to some hundred")]
        let rows = (below / self.row_height).floor() as u64;
        place.at.saturating_add(rows).min(self.len.saturating_sub(1))
    }

    /// Whether there is a row at this point.
    pub(super) fn is_on_rows(&self, place: Place, point: Pos2) -> bool {
        let end = self.rows(place).last().map_or(0.0, |(_, rect)| rect.bottom());
        self.rect.y_range().contains(point.y) && point.y < end
    }

    /// The scroll position after the wheel, or after selecting past the edge.
    pub(super) fn scrolled(&self, ui: &Ui, response: &Response, place: Place) -> Place {
        let points = bar::scrolled(ui, response, self.rect, self.rect.height());
        points.map_or(place, |points| self.moved(place, points))
    }

    /// Shows the scroll bar `name` at the right of `rect`, with `marks` as fractions of the whole. Returns
    /// the new scroll position.
    pub(super) fn bar_ui(&self, ui: &Ui, (name, marks): (&str, &[f32]), rect: Rect, place: Place) -> Place {
        let bottom = self.bottom();
        let (at, most, len) = (share_of(place, 1), share_of(bottom, 1), as_f64(self.len));
        match bar_ui(ui, &Bar { name, rect, at, most, len, marks }) {
            Some(to) if to >= most => bottom,
            Some(to) => self.within(Place { row: 0, ..place_of(to, |_at| 1) }),
            None => place,
        }
    }
}

/// Selects what is pressed, dragged to, or clicked with the secondary button. `hit` finds what is at a point,
/// `nearest` what is nearest to the end of a drag, given its start if that is in this frame. Returns where something
/// was hit, and whether with the primary button.
pub(super) fn select_by_pointer(
    ui: &Ui,
    response: &Response,
    selection: &mut Option<Selection>,
    hit: impl Fn(Pos2) -> Option<u64>,
    nearest: impl Fn(Option<Pos2>, Pos2) -> u64,
) -> Option<(Pos2, bool)> {
    let pointer = response.interact_pointer_pos()?;
    let shift = ui.input(|i| i.modifiers.shift);
    let mut found = None;
    let origin = press_origin(ui, response, pointer);
    if let Some(origin) = origin {
        response.request_focus();
        if let Some(at) = hit(origin) {
            *selection = Some(Selection::to(at, *selection, shift));
            found = Some((origin, true));
        } else if !shift {
            *selection = None;
        }
    }
    if response.dragged_by(egui::PointerButton::Primary)
        && let Some(selection) = selection
    {
        selection.head = nearest(origin, pointer);
    } else if response.secondary_clicked()
        && let Some(at) = hit(pointer)
    {
        response.request_focus();
        *selection = selection.filter(|selection| selection.span().contains(at)).or(Some(Selection::one(at)));
        found = Some((pointer, false));
    }
    found
}

/// Where the primary button was pressed in this frame. The pointer may have moved on since, or the button may have
/// been released; then only the click tells where that was.
pub(super) fn press_origin(ui: &Ui, response: &Response, pointer: Pos2) -> Option<Pos2> {
    let (pressed, origin) = ui.input(|i| (i.pointer.primary_pressed(), i.pointer.press_origin()));
    let origin = origin.or(response.clicked().then_some(pointer));
    origin.filter(|&at| pressed && response.rect.contains(at))
}

/// The steps of the keys that are pressed, as often as they are.
pub(super) fn pressed(ui: &Ui, keys: &[(Modifiers, Key, Step)]) -> Vec<Step> {
    let times = |modifiers, key| ui.input_mut(|i| i.count_and_consume_key(modifiers, key));
    let steps = keys.iter();
    steps.flat_map(|&(modifiers, key, step)| std::iter::repeat_n(step, times(modifiers, key))).collect()
}

/// Whether the keys for selecting all, and for copying, are pressed.
pub(super) fn all_and_copy(ui: &Ui) -> (bool, bool) {
    ui.input_mut(|i| {
        let copy = i.events.iter().any(|event| matches!(event, Event::Copy | Event::Cut));
        (i.consume_key(Modifiers::COMMAND, Key::A), copy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn room(len: u64) -> Room {
        Room { rect: Rect::from_min_size(pos2(5.0, 7.0), vec2(100.0, 95.0)), row_height: 20.0, len }
    }

    fn at(at: u64) -> Place {
        Place { at, ..Place::default() }
    }

    #[test]
    fn rows_in_sight_are_those_that_begin_in_the_room() {
        let rows: Vec<u64> = room(100_000_000).rows(at(90_000_000)).map(|(at, _)| at).collect();
        assert_eq!(rows, (90_000_000..90_000_005).collect::<Vec<_>>());
        let half = Place { px: 10.0, ..at(3) };
        let rows: Vec<(u64, f32)> = room(100).rows(half).map(|(at, row)| (at, row.top())).collect();
        assert_eq!(rows, [(3, -3.0), (4, 17.0), (5, 37.0), (6, 57.0), (7, 77.0), (8, 97.0)]);
        assert_eq!(room(2).rows(at(0)).count(), 2);
        assert_eq!(room(0).rows(at(0)).count(), 0);
    }

    #[test]
    fn a_row_is_found_by_its_height_also_beyond_the_edges() {
        let half = Place { px: 10.0, ..at(3) };
        for (y, found) in [(-50.0, 3), (7.0, 3), (16.9, 3), (17.1, 4), (101.0, 8), (500.0, 8)] {
            assert_eq!(room(100).row_at(half, y), found, "{y}");
        }
        assert_eq!(room(2).row_at(at(0), 90.0), 1);
        assert_eq!(room(0).row_at(at(0), 90.0), 0);
    }

    #[test]
    fn a_row_is_brought_into_sight_by_as_little_as_possible() {
        let room = room(1000);
        assert_eq!(room.in_sight(at(10), 12), at(10));
        assert_eq!(room.in_sight(at(10), 4), at(4));
        assert_eq!(room.in_sight(Place { px: 3.0, ..at(10) }, 10), at(10));
        assert_eq!(room.in_sight(at(10), 20), Place { px: 5.0, ..at(16) });
        assert_eq!(room.in_sight(at(10), 999), room.bottom());
        assert_eq!(room.revealed(at(10), 11), at(10), "it is in sight");
        assert_eq!(room.revealed(at(10), 500), at(498));
        assert_eq!(room.revealed(at(10), 999), room.bottom());
    }

    proptest! {
        #[test]
        fn wherever_one_goes_the_room_stays_full(
            len in 0_u64..200, start in 0_u64..300, points in -9000.0_f32..9000.0, row in 0_u64..200,
        ) {
            let room = room(len);
            let start = room.within(at(start));
            for place in [room.moved(start, points), room.in_sight(start, row.min(len.saturating_sub(1)))] {
                prop_assert!(!room.bottom().is_before(&place));
                prop_assert_eq!(room.rows(place).count() as u64 >= room.page().min(len), true);
            }
        }
    }
}
