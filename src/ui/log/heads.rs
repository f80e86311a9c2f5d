//! The columns beside the data: fold mark, time, direction, peer, length, and what is told at the right end.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Painter, Rect, pos2, vec2};

use super::Frame;
use super::layout::{Head, RowKind};
use super::look::MARGIN;
use super::paint::{Line, colour};
use crate::codec::glyph;
use crate::model::{Direction, HIGHLIGHT};
use crate::ui::lang::Lang;
use crate::ui::{fonts, icons, messages};

/// Size of an icon, in points.
const ICON: f32 = 14.0;
/// Cells of a name before the end of its address is left out.
const LEAST_NAME: usize = 8;

/// Paints the columns of a row whose data end at `end`.
pub(super) fn paint(painter: &Painter, frame: &Frame<'_>, line: &Line<'_>, head: &Head, end: f32) {
    let (palette, spots, rect) = (frame.palette, frame.spots, line.rect);
    let way = match line.kind {
        RowKind::Head(way) | RowKind::Body(way) => colour(palette, RowKind::Head(way)),
        kind => colour(palette, kind),
    };
    let cell = |x: f32, align: Align2, text: &str, ink: Color32| {
        if !text.is_empty() {
            painter.text(pos2(rect.left() + x, rect.center().y), align, text, frame.grid.font.clone(), ink);
        }
    };
    cell(spots.time, Align2::LEFT_CENTER, &head.time, palette.weak);
    let icon = FontId::new(ICON, fonts::icons());
    // The word is beside the arrow; of a relay, its ends are around it.
    let (near, word, indent) = match head.way.split_once(['→', '←']) {
        Some((near @ ("" | " "), word)) => (near, word.trim_start(), 0.0),
        #[expect(clippy::cast_precision_loss, reason = "one or two")]
        Some((near, word)) => (near, word, cells(near) as f32 * frame.grid.cell + 4.5),
        None => ("", "", 0.0),
    };
    cell(spots.way, Align2::LEFT_CENTER, near, way);
    let place = pos2(rect.left() + spots.way + indent, rect.center().y);
    painter.text(place, Align2::LEFT_CENTER, head.icon, icon, way);
    cell(spots.way + indent + if indent > 0.0 { 15.5 } else { 18.0 }, Align2::LEFT_CENTER, word, way);
    let ink = if matches!(line.kind, RowKind::Event(_)) { palette.weak } else { palette.text };
    let (peer, tail) = peer(head, spots.peer_cells);
    cell(spots.peer, Align2::LEFT_CENTER, &peer, ink);
    #[expect(clippy::cast_precision_loss, reason = "some twenty")]
    let behind = cells(&peer) as f32 * frame.grid.cell;
    cell(spots.peer + behind, Align2::LEFT_CENTER, &tail, palette.weak);
    cell(spots.length, Align2::RIGHT_CENTER, &head.length, palette.weak);
    let is_starred = head.mark_icon == icons::STAR;
    let mark = if head.is_careful || is_starred { palette.care } else { palette.weak };
    if head.mark.is_empty() {
        return;
    }
    // The icon is the star.
    let words = if is_starred { head.mark.replacen(HIGHLIGHT, "", 1) } else { head.mark.clone() };
    let right = rect.right() - MARGIN;
    let mut job = LayoutJob::simple_singleline(words.trim().to_owned(), FontId::proportional(12.0), mark);
    // The data have their room first.
    job.wrap = TextWrapping::truncate_at_width(right - end - ICON - 12.0);
    let words = painter.layout_job(job);
    let at = pos2(right - words.size().x, rect.center().y);
    let icon = FontId::new(ICON, fonts::icons());
    painter.text(at - vec2(4.0, 0.0), Align2::RIGHT_CENTER, head.mark_icon, icon, mark);
    painter.galley(at - vec2(0.0, (words.size().y / 2.0).round()), words, mark);
}

/// The peer as far as there is room, and the end of the address of one that has a name, by which those of one host
/// differ: ` .21:46534`.
fn peer(head: &Head, room: usize) -> (String, String) {
    if !head.is_named {
        return (end_of(&head.peer, room), String::new());
    }
    let tail = messages::end_of_address(head.tip.lines().next().unwrap_or_default());
    let left = room.saturating_sub(cells(tail) + 1);
    if tail.is_empty() || left < cells(&head.peer).min(LEAST_NAME) {
        return (start_of(&head.peer, room), String::new());
    }
    (start_of(&head.peer, left), format!(" {tail}"))
}

fn cells(text: &str) -> usize {
    text.chars().map(glyph::columns).sum()
}

/// The beginning of a name that the user gave a peer.
fn start_of(name: &str, cells: usize) -> String {
    if self::cells(name) <= cells {
        return name.to_owned();
    }
    let mut room = cells.saturating_sub(1);
    let fits = |c: &char| {
        let width = glyph::columns(*c);
        let fits = width <= room;
        room = room.saturating_sub(width);
        fits
    };
    let start: String = name.chars().take_while(fits).collect();
    if cells == 0 { start } else { start + "…" }
}

/// The end of an address, which tells peers apart better than its beginning.
fn end_of(name: &str, cells: usize) -> String {
    let mut over = self::cells(name).saturating_sub(cells);
    if over == 0 {
        return name.to_owned();
    }
    let is_over = |c: &char| {
        let skips = over > 0 || cells == 0;
        over = over.saturating_sub(glyph::columns(*c));
        skips
    };
    let mut rest = name.chars().skip_while(is_over);
    // The sign for what is left out takes a cell.
    rest.next().map_or_else(String::new, |_| ['…'].into_iter().chain(rest).collect())
}

/// A chevron, which points down if the item is unfolded.
pub(super) fn fold_mark(painter: &Painter, frame: &Frame<'_>, rect: Rect, is_unfolded: bool) {
    let at = pos2(rect.left() + 10.0, rect.center().y);
    let points = [(-2.0, -4.0), (2.0, 0.0), (-2.0, 4.0)];
    let points = points.map(|(x, y)| if is_unfolded { at + vec2(y, x) } else { at + vec2(x, y) });
    painter.line(points.to_vec(), (1.5, frame.palette.weak));
}

/// The columns of a row.
pub(super) fn columns(head: &Head, words: &str) -> String {
    let Head { time, way, peer, length, .. } = head;
    let length = if length.is_empty() { String::new() } else { format!("{length} B") };
    let length = std::iter::once(length.as_str()).chain(marks(head)).collect::<Vec<_>>().join(", ");
    let cells = [time, *way, peer, &length, words];
    cells.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("  ")
}

/// A row as a sentence, for those who hear it.
pub(super) fn sentence(lang: Lang, kind: RowKind, head: &Head, words: &str) -> String {
    let Head { time, peer, length, .. } = head;
    let length = if length == "1" { lang.byte_one().to_owned() } else { lang.bytes_of(length) };
    let is_told = !head.length.is_empty();
    let ways = [(lang.leg_up(), lang.way_up()), (lang.leg_down(), lang.way_down())];
    let way = ways.into_iter().find(|(short, _)| *short == head.way).map(|(_, way)| way);
    let what = match kind {
        _ if way.is_some() => [way.unwrap_or_default(), &length, peer, time].join(", "),
        RowKind::Head(Direction::Received) | RowKind::Body(Direction::Received) if is_told => {
            lang.row_received(length, peer, time)
        }
        RowKind::Head(Direction::Sent) | RowKind::Body(Direction::Sent) if is_told => {
            lang.row_sent(length, peer, time)
        }
        _ => [time.as_str(), peer].into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(", "),
    };
    let what = std::iter::once(what.as_str()).chain(marks(head)).collect::<Vec<_>>().join(", ");
    if what.is_empty() { words.to_owned() } else { format!("{what}: {words}") }
}

fn marks(head: &Head) -> impl Iterator<Item = &str> {
    head.mark.split("  ").filter(|mark| !mark.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_of_one_host_are_told_apart_as_far_as_there_is_room() {
        for (name, address, room, expected) in [
            ("meter", "127.9.1.21:46534", 20, "meter .21:46534"),
            ("a meter with a long name", "127.9.1.21:46534", 20, "a meter w… .21:46534"),
            ("仓库一", "127.9.1.21:46534\nan event", 16, "仓库一 .21:46534"),
            ("仓库一", "127.9.1.21:46534", 14, "仓库一"),
            ("meter", "[fe80::1%eth0]:80", 20, "meter :80"),
        ] {
            let head = Head { peer: name.into(), is_named: true, tip: address.into(), ..Head::default() };
            let (name, tail) = peer(&head, room);
            assert_eq!(name + &tail, expected, "{room}");
        }
        let head = Head { peer: "127.9.1.21:46534".into(), ..Head::default() };
        assert_eq!(peer(&head, 14), ("….9.1.21:46534".to_owned(), String::new()));
    }
}
