//! The table of peers, where there is room for it.

use egui::{Align, Button, FontId, Label, Layout, Rangef, Rect, RichText, Ui, UiBuilder, vec2};

use super::{Order, SECOND, SILENT, Sort};
use crate::model::Stamp;
use crate::model::zone::Named;
use crate::state::{Action, Peer};
use crate::ui::lang::Lang;
use crate::ui::messages::bytes;
use crate::ui::peers::{PeersInput, aim_at_ticked, ends_ui};
use crate::ui::theme::{CONTROL, Palette};
use crate::ui::{controls, icons, widgets};
use crate::workspace::SendTo;

/// From this width on, a row has the button that sends to its peer alone.
const WIDE: f32 = 520.0;
/// Widths of the box, the lamp, a figure, and the least of an address.
const TICK: f32 = 24.0;
const LAMP: f32 = 14.0;
const FIGURE: f32 = 64.0;
const ADDRESS: f32 = 140.0;

/// Where the columns of a row are.
struct Columns {
    tick: Rangef,
    lamp: Rangef,
    /// Address, name, received, sent, silence.
    cells: [Rangef; 5],
    ends: Rangef,
}

impl Columns {
    fn of(row: Rect) -> Self {
        let ends = if row.width() < WIDE { CONTROL } else { CONTROL * 2.0 + 4.0 };
        let mut x = row.left();
        let mut next = |width: f32| {
            x += width;
            Rangef::new(x - width, x)
        };
        let rest = row.width() - ends - TICK - LAMP - FIGURE * 3.0;
        let address = (rest * 0.6).max(ADDRESS);
        let (tick, lamp) = (next(TICK), next(LAMP));
        let cells = [address, rest - address, FIGURE, FIGURE, FIGURE].map(&mut next);
        Self { tick, lamp, cells, ends: next(ends) }
    }
}

/// Shows something in a cell; a figure at its right end.
fn cell<R>(ui: &mut Ui, row: Rect, x: Rangef, is_figure: bool, content: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = if is_figure { Layout::right_to_left } else { Layout::left_to_right };
    let place = Rect::from_x_y_ranges(x, row.y_range()).shrink2(vec2(2.0, 0.0));
    let place = UiBuilder::new().max_rect(place).layout(layout(Align::Center)).id_salt(x.min.to_bits());
    ui.scope_builder(place, content).inner
}

/// The head: a click sorts, a second one the other way, a third one as they came. Whether all are to be ticked, or none.
pub(super) fn head_ui(
    ui: &mut Ui,
    lang: Lang,
    order: &mut Order,
    are_ticked: Option<bool>,
    bar: f32,
) -> Option<bool> {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), CONTROL);
    let (row, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    ui.painter().hline(row.x_range(), row.bottom() - 0.5, (1.0, palette.line));
    let row = row.with_max_x(row.right() - bar);
    let columns = Columns::of(row);
    for (n, (sort, title, x)) in [
        (Sort::Address, lang.sort_address(), columns.cells[0]),
        (Sort::Name, lang.peer_name(), columns.cells[1]),
        (Sort::Received, lang.sort_received(), columns.cells[2]),
        (Sort::Sent, lang.sort_sent(), columns.cells[3]),
        (Sort::Seen, lang.silence(), columns.cells[4]),
    ]
    .into_iter()
    .enumerate()
    {
        let is_down = order.reversed != sort.is_descending();
        let is_sorted = order.sort == sort;
        let arrow = if is_down { icons::ARROW_DOWN } else { icons::ARROW_UP };
        let arrow = controls::icon(if is_sorted { arrow } else { "" }, 12.0);
        let short = match sort {
            Sort::Received => lang.received_short().trim_start_matches(['←', ' ']),
            Sort::Sent => lang.sent_short().trim_start_matches(['→', ' ']),
            _ => title,
        };
        let button = Button::new((RichText::new(short).small().color(palette.weak), arrow));
        let button = button.truncate().stroke(egui::Stroke::NONE).frame_when_inactive(false);
        let button = cell(ui, row, x, n > 1, |ui| {
            ui.spacing_mut().button_padding.x = 0.0;
            ui.spacing_mut().icon_spacing = 2.0;
            ui.add(button)
        });
        let way = if is_down { lang.descending() } else { lang.ascending() };
        let name = format!("{} {title}", lang.peers_sort());
        let name = if is_sorted { format!("{name}, {way}") } else { name };
        if widgets::named(button, &name).on_hover_text(&name).clicked() {
            // The longest silence is first.
            let first = sort == Sort::Seen;
            (order.sort, order.reversed) = match is_sorted {
                false => (sort, first),
                true if order.reversed == first => (sort, !first),
                true => (Sort::Joined, false),
            };
        }
    }
    let tip = lang.tick_found_tip();
    cell(ui, row, columns.tick, false, |ui| widgets::tick_all(ui, are_ticked, ("", tip, tip)))
}

/// How long until a figure of a silence changes: it has seconds, from a minute on minutes. In nanoseconds.
pub(super) fn until_next(silence: u64) -> u64 {
    let unit = if silence < SILENT * SECOND { SECOND } else { 60 * SECOND };
    // The lamp changes a second after the first minute.
    let lamp = (SILENT + 1) * SECOND;
    let next = unit - silence % unit;
    if (SILENT * SECOND..lamp).contains(&silence) { lamp - silence } else { next }
}

fn silence_text(silence: u64) -> String {
    let seconds = silence / SECOND;
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min", seconds / 60) }
}

/// A peer.
pub(super) fn row_ui(
    ui: &mut Ui,
    input: PeersInput<'_>,
    (peer, now): (&mut Peer, Stamp),
    to: &mut SendTo,
) -> Vec<Action> {
    let palette = Palette::of(ui);
    let size = vec2(ui.available_width(), CONTROL);
    let (row, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let columns = Columns::of(row);
    let silence = now.since(peer.seen);
    let is_silent = silence >= (SILENT + 1) * SECOND;
    let named = input.names.get(peer.flow.peer).unwrap_or_default();
    let mut address = Named(peer.flow.peer).to_string();
    if let Some(twin) = &peer.twin {
        address = format!("{address} ⇄ {}", Named(twin.peer));
    }
    if let Some(target) = &peer.target {
        address = format!("{target} ⇄ {address}");
    }
    let full = format!("{named} {address}");
    let full = full.trim_start();
    ui.push_id(peer.flow.id.0, |ui| {
        let is_set = cell(ui, row, columns.tick, false, |ui| {
            let tick = widgets::tick(ui, &mut peer.ticked, "", input.lang.peers_tip());
            let ticked = peer.ticked;
            tick.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, ticked, full));
            tick.changed()
        });
        if is_set {
            aim_at_ticked(input.protocol, to);
        }
        cell(ui, row, columns.lamp, false, |ui| {
            widgets::lamp(ui, if is_silent { palette.care } else { palette.good }, !is_silent, 3.0);
        });
        let name = if named.is_empty() { "—" } else { named };
        let silent = if is_silent { palette.care } else { palette.text };
        let values = [
            (format!("{}{address}", peer.fins()), palette.text),
            (name.to_owned(), if named.is_empty() { palette.weak } else { palette.text }),
            (bytes(peer.received), palette.text),
            (bytes(peer.sent), palette.text),
            (silence_text(silence), silent),
        ];
        for (n, ((text, ink), x)) in values.into_iter().zip(columns.cells).enumerate() {
            cell(ui, row, x, n > 1, |ui| {
                let text = RichText::new(text).color(ink);
                let text = if n == 1 { text.small() } else { text.font(FontId::monospace(12.0)) };
                ui.add(Label::new(text).truncate());
            });
        }
        cell(ui, row, columns.ends, true, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ends_ui(ui, input, (peer, full), to, row.width() >= WIDE)
        })
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_by_the_second_then_by_the_minute() {
        for (silence, text, next) in [
            (0, "0 s", SECOND),
            (SECOND + 1, "1 s", SECOND - 1),
            (60 * SECOND, "1 min", SECOND),
            (61 * SECOND, "1 min", 59 * SECOND),
            (150 * SECOND, "2 min", 30 * SECOND),
        ] {
            assert_eq!((&silence_text(silence)[..], until_next(silence)), (text, next));
        }
    }
}
