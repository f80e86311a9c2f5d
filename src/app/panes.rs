//! The panes side by side: where they are, which one is worked in, and tabs that are dragged between them.

use eframe::egui;
use egui::{DragAndDrop, Id, Key, LayerId, Order, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::App;
use crate::state::{Action, PaneId, Parts, Split, TabId, TabPlace};
use crate::ui::controls::first_in;
use crate::ui::{tabs, theme};

/// Between two panes.
const GAP: f32 = 4.0;
/// The least height of a pane, and of one with the dock in it. Where there is less, the panes that are not worked in
/// have less of their parts.
pub(super) const LEAST_HEIGHT: [f32; 2] = [300.0, 480.0];
/// The least height of a pane that shows its log, but cannot send.
const LEAST_LOG: f32 = 160.0;

/// The parts of a pane that have room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Whole,
    /// Its strip and its log.
    Log,
    Strip,
}

/// A line between two parts, which can be dragged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    pub(super) rect: Rect,
    /// Both parts and it.
    pub(super) room: Rect,
    /// The parts are above each other: as wanted, or because they are too narrow side by side.
    pub(super) below: bool,
    /// One part has only as much as it needs.
    pub(super) is_fixed: bool,
}

/// A pane and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) pane: PaneId,
    pub(super) rect: Rect,
    pub(super) fit: Fit,
}

/// Where panes are, and the gaps between them, each before those of its parts.
#[derive(Debug)]
pub(super) struct Laid {
    pub(super) active: PaneId,
    pub(super) least_height: f32,
    pub(super) panes: Vec<Place>,
    pub(super) gaps: Vec<Gap>,
}

impl Laid {
    pub(super) fn lay(&mut self, split: &Split<PaneId>, room: Rect, fit: Fit) {
        let parts = match split {
            Split::Pane(pane) => return self.panes.push(Place { pane: *pane, rect: room, fit }),
            Split::Parts(parts) => &**parts,
        };
        let [first, second] = &parts.parts;
        let below = is_below(parts, room.width());
        let (whole, least) =
            if below { (room.height(), self.least_height) } else { (room.width(), theme::LOG_LEAST) };
        let is_low = below && whole < 2.0 * least + GAP;
        let height = |part, pane| height_of(part, room.width(), pane);
        let fits = [first, second].map(|part| match fit {
            Fit::Whole if !is_low || has(part, self.active) => Fit::Whole,
            Fit::Whole if whole - GAP - least < height(part, LEAST_LOG) => Fit::Strip,
            Fit::Whole => Fit::Log,
            Fit::Log | Fit::Strip => fit,
        });
        let size = match fits {
            [Fit::Strip, _] if below => height(first, theme::BAR),
            [_, Fit::Strip] if below => whole - GAP - height(second, theme::BAR),
            [Fit::Log, Fit::Whole] => whole - GAP - least,
            [Fit::Whole, Fit::Log] => least,
            _ => {
                let least = if below && fit == Fit::Log { LEAST_LOG } else { least };
                let least = least.min((whole - GAP) / 2.0);
                let share = if parts.share.is_finite() { parts.share } else { 0.5 };
                ((whole - GAP) * share).clamp(least, whole - GAP - least).round()
            }
        };
        let (one, rest, gap, other);
        if below {
            (one, rest) = room.split_top_bottom_at_y(room.top() + size);
            (gap, other) = rest.split_top_bottom_at_y(rest.top() + GAP);
        } else {
            (one, rest) = room.split_left_right_at_x(room.left() + size);
            (gap, other) = rest.split_left_right_at_x(rest.left() + GAP);
        }
        self.gaps.push(Gap {
            rect: gap,
            room,
            below,
            is_fixed: below && (fits[0] != fits[1] || fits[0] == Fit::Strip),
        });
        self.lay(first, one, fits[0]);
        self.lay(second, other, fits[1]);
    }
}

/// Whether parts are above each other in a place of this width.
fn is_below(parts: &Parts<PaneId>, width: f32) -> bool {
    parts.below || width < 2.0 * theme::LOG_LEAST + GAP
}

fn has(split: &Split<PaneId>, wanted: PaneId) -> bool {
    match split {
        Split::Pane(pane) => *pane == wanted,
        Split::Parts(parts) => parts.parts.iter().any(|part| has(part, wanted)),
    }
}

/// Height of panes that are this high each.
fn height_of(split: &Split<PaneId>, width: f32, pane: f32) -> f32 {
    let Split::Parts(parts) = split else { return pane };
    let [first, second] = parts.parts.each_ref().map(|part| height_of(part, width, pane));
    if is_below(parts, width) { first + GAP + second } else { first.max(second) }
}

/// The shares of the gaps, in their order.
pub(super) fn shares(split: &mut Split<PaneId>) -> Vec<&mut f32> {
    match split {
        Split::Pane(_) => Vec::new(),
        Split::Parts(parts) => {
            let Parts { share, parts: [first, second], .. } = &mut **parts;
            let mut all = vec![share];
            all.extend(shares(first));
            all.extend(shares(second));
            all
        }
    }
}

impl App {
    /// Goes to the pane that is pressed, or to which the keyboard has moved, if there is one.
    pub(super) fn go_to_pane(&mut self, ui: &Ui, panes: &[(PaneId, Rect)]) -> bool {
        let focused = ui.memory(egui::Memory::focused);
        // Each window has a focus of its own.
        let has_keys = ui.input(|i| i.focused);
        let has_moved = has_keys && std::mem::replace(&mut self.focused, focused) != focused;
        let pressed = ui.input(|i| i.pointer.any_pressed().then(|| i.pointer.interact_pos()).flatten());
        let pressed = pressed.map(|at| (at, ui.ctx().layer_id_at(at)));
        let moved = focused.filter(|_| has_moved).and_then(|id| ui.ctx().read_response(id));
        let moved = moved.map(|response| (response.rect.center(), Some(response.layer_id)));
        let Some((at, layer)) = pressed.or(moved) else { return false };
        // What stands over the panes belongs to none of them.
        if layer.is_some_and(|layer| layer.order != Order::Background) {
            return false;
        }
        let pane = panes.iter().find(|(_, rect)| rect.contains(at));
        if let Some((pane, _)) = pane {
            self.state.act(Action::SelectTab(self.state.front(*pane)));
        }
        pane.is_some()
    }

    /// Shows where a dragged tab would go but into the strips, which do it themselves, and moves it there.
    pub(super) fn drop_tab_ui(&self, ui: &Ui, panes: &[(PaneId, Rect)]) -> Option<Action> {
        let dragged = DragAndDrop::payload::<TabId>(ui.ctx())?;
        let tab = self.state.find(*dragged)?;
        let at = ui.input(|i| i.pointer.interact_pos())?;
        let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("dragged tab")));
        let palette = theme::Palette::of(ui);
        let font = egui::FontId::proportional(13.0);
        let text = painter.layout_no_wrap(tabs::title(tab), font, palette.text);
        let label = Rect::from_min_size(at + vec2(12.0, 8.0), text.size() + vec2(16.0, 8.0));
        let edge = Stroke::new(1.0, palette.edge);
        painter.rect(label, theme::CORNER, palette.panel, edge, StrokeKind::Inside);
        painter.galley(label.min + vec2(8.0, 4.0), text, palette.text);
        let (pane, rect) = panes.iter().find(|(_, rect)| rect.contains(at))?;
        let body = rect.with_min_y(rect.top() + theme::BAR);
        if !body.contains(at) {
            return None;
        }
        let (x, y) = ((at.x - body.left()) / body.width(), (at.y - body.top()) / body.height());
        let edges = [(x, false, true), (1.0 - x, false, false), (y, true, true), (1.0 - y, true, false)];
        let near = edges.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).filter(|edge| edge.0 < NEAR);
        let (place, half) = match near {
            Some((_, below, first)) => {
                let middle = body.center();
                let (min, max) = match (below, first) {
                    (false, true) => (body.min, pos2(middle.x, body.max.y)),
                    (false, false) => (pos2(middle.x, body.min.y), body.max),
                    (true, true) => (body.min, pos2(body.max.x, middle.y)),
                    (true, false) => (pos2(body.min.x, middle.y), body.max),
                };
                (TabPlace::Edge { pane: *pane, below, first }, Rect::from_min_max(min, max))
            }
            None => (TabPlace::Last(*pane), body),
        };
        // Alone in its pane, it has nothing to be parted from.
        let alone = tab.pane == *pane && (near.is_none() || self.state.tabs_of(*pane).count() == 1);
        if alone {
            return None;
        }
        painter.rect_filled(half, theme::CORNER, palette.accent.gamma_multiply(0.2));
        painter.rect_stroke(half, theme::CORNER, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
        let dropped = ui.input(|i| i.pointer.any_released());
        dropped.then_some(Action::MoveTab(tab.id, place))
    }
}

/// The part of a pane, from its edge, in which a dropped tab divides it.
const NEAR: f32 = 0.25;

/// Tab goes on as one reads: a row that was laid out from the right is gone through from the left, too.
pub(super) fn read_on(ui: &Ui) {
    let forward = ui.input(|i| {
        let is_tab = i.key_pressed(Key::Tab) && (i.modifiers.is_none() || i.modifiers.shift_only());
        is_tab.then_some(i.modifiers.is_none())
    });
    let Some(forward) = forward else { return };
    let focused = ui.memory(egui::Memory::focused);
    let here = focused.and_then(|id| ui.ctx().read_response(id)).map(|response| response.layer_id);
    let Some(layer) = here.or(ui.memory(egui::Memory::top_modal_layer)) else { return };
    let mut able: Vec<(Id, Rect)> = ui.ctx().viewport(|viewport| {
        let widgets = viewport.prev_pass.widgets.get_layer(layer);
        let able = widgets.filter(|widget| widget.enabled && widget.sense.is_focusable());
        able.map(|widget| (widget.id, widget.rect)).collect()
    });
    let is_before = |(_, a): &(Id, Rect), (_, b): &(Id, Rect)| {
        let both = a.y_range().intersection(b.y_range()).span();
        a.right() <= b.left() + 1.0 && both > 0.5 * a.height().min(b.height())
    };
    for end in 1..able.len() {
        let mut at = end;
        while at > 0 && is_before(&able[at], &able[at - 1]) {
            able.swap(at, at - 1);
            at -= 1;
        }
    }
    let at = focused.and_then(|id| able.iter().position(|(other, _)| *other == id));
    let next = match (at, forward) {
        (Some(at), true) => able.get(at + 1),
        (Some(at), false) => at.checked_sub(1).and_then(|at| able.get(at)),
        (None, _) => None,
    };
    let next = next.or(if forward { able.first() } else { able.last() });
    if let Some((next, _)) = next {
        ui.memory_mut(|memory| {
            memory.move_focus(egui::FocusDirection::None);
            memory.request_focus(*next);
        });
    }
}

/// The first widget of the region after the one that has the keyboard, or of the one before it.
pub(super) fn next_region(ui: &Ui, regions: &[Rect], forward: bool) -> Option<Id> {
    let focused = ui.memory(egui::Memory::focused).and_then(|id| ui.ctx().read_response(id));
    let at = focused.map(|response| response.interact_rect.center());
    let here = at.and_then(|at| regions.iter().position(|region| region.contains(at)));
    let n = regions.len();
    let (start, step) = if forward { (here.unwrap_or(n - 1), 1) } else { (here.unwrap_or(0), n - 1) };
    (1..=n).find_map(|k| first_in(ui, regions[(start + k * step) % n], |_| true))
}
