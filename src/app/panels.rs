//! The layout of the window, and what of the state each panel shows.

use std::ops::RangeInclusive;

use eframe::egui;
use egui::text_edit::TextEditState;
use egui::{Align, Color32, Frame, Id, Layout, Margin, Rangef, Rect, Role, ScrollArea, Ui, vec2};

use super::panes::{Fit, Gap, LEAST_HEIGHT, Laid, Place, next_region, read_on, shares};
use super::{App, MOST_PASTED, commands};
use crate::net::wall_now;
use crate::state::{
    Action, Example, Focus, Level, PaneId, Report, RulesAction, Side, Split, State, Tab, TabId,
};
use crate::ui::controls::first_in;
use crate::ui::lang::Lang;
use crate::ui::peers::{PeersInput, peers_ui};
use crate::ui::send::{self, SendInput, send_ui};
use crate::ui::settings::{self, ReceiveInput, SettingsInput, network_ui, receive_ui};
use crate::ui::tabs::StripInput;
use crate::ui::theme::Palette;
use crate::ui::toolbar::Menu;
use crate::ui::{controls, drop, side, status, tabs, theme, widgets};
use crate::workspace::SendTo;

/// The least height, in points, of a toolbar and the log below it, above the dock; and beside other panes.
const LOG_HEIGHT: [f32; 2] = [180.0, 132.0];

/// Where the parts of the window are.
struct Places {
    left: Rect,
    panes: Vec<PanePlaces>,
    gaps: Vec<Gap>,
    dock: Option<(Rect, Side)>,
    /// The dock is at the right of the panes, not below.
    dock_beside: bool,
    rail: Rect,
    status: Rect,
}

/// Where the parts of a pane are.
struct PanePlaces {
    id: PaneId,
    whole: Rect,
    tabs: Rect,
    /// The toolbar, the bars below it, and the log; `None` if there is room for the tabs only.
    log: Option<Rect>,
    send: Option<Rect>,
}

/// A part of the window.
struct Region {
    /// Its name, and the pane that it belongs to, if any.
    name: (&'static str, PaneId),
    place: Rect,
    fill: Color32,
    margin: Margin,
    /// What a screen reader calls it.
    label: String,
}

impl Region {
    fn new(name: &'static str, place: Rect) -> Self {
        Self::of(PaneId::default(), name, place)
    }

    fn of(pane: PaneId, name: &'static str, place: Rect) -> Self {
        let (fill, margin) = (Color32::TRANSPARENT, Margin::same(8));
        Self { name: (name, pane), place, fill, margin, label: String::new() }
    }

    fn show<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
        ui.painter().rect_filled(self.place, 0, self.fill);
        // Its ids do not depend on what else is shown.
        let builder = egui::UiBuilder::new().scope_id(ui.scope_id().with(self.name));
        let builder = builder.max_rect(self.place - self.margin);
        let shown = ui.scope_builder(builder.accessibility_role(egui::accesskit::Role::Pane), |ui| {
            ui.shrink_clip_rect(self.place);
            content(ui)
        });
        if !self.label.is_empty() {
            ui.accesskit_node_builder(shown.response.id, |node| node.set_label(self.label));
        }
        shown.inner
    }
}

/// Where a line between two parts is dragged to.
fn dragged(
    ui: &mut Ui,
    (id, name): (impl egui::AsIdSalt, &str),
    at: f32,
    along: Rangef,
    vertical: bool,
) -> Option<f32> {
    let across = Rangef::new(at - 3.0, at + 3.0);
    let (rect, icon) = if vertical {
        (Rect::from_x_y_ranges(across, along), egui::CursorIcon::ResizeHorizontal)
    } else {
        (Rect::from_x_y_ranges(along, across), egui::CursorIcon::ResizeVertical)
    };
    let response = ui.interact(rect, ui.scope_id().with(id), egui::Sense::DRAG).on_hover_cursor(icon);
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Splitter, true, name));
    let pointer = response.interact_pointer_pos().filter(|_| response.dragged())?;
    Some(if vertical { pointer.x } else { pointer.y })
}

/// A length that is kept, within its bounds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred points")]
fn points(points: f32, range: &RangeInclusive<f32>) -> u16 {
    points.clamp(*range.start(), *range.end()).round() as u16
}

/// The field of text here that has the focus.
fn typed_in(ctx: &egui::Context, place: Rect) -> Option<Id> {
    let focused = ctx.memory(egui::Memory::focused).filter(|_| ctx.text_edit_focused());
    focused.filter(|id| ctx.read_response(*id).is_some_and(|field| place.contains(field.rect.center())))
}

impl App {
    /// Shows all windows. What the user wants is asked of a tab each, the one in front where it was asked.
    pub(super) fn panels(&mut self, ui: &mut Ui) -> Vec<(TabId, Action)> {
        let mut asked = self.window(ui, None, true);
        asked.extend(self.windows(ui));
        asked
    }

    /// Shows the main window, or that of a pane, with the session that is worked in there.
    pub(super) fn window(
        &mut self,
        ui: &mut Ui,
        own: Option<PaneId>,
        is_native: bool,
    ) -> Vec<(TabId, Action)> {
        let lang = self.lang();
        let in_use = self.enter(ui, own, is_native);
        let split = own.map_or_else(|| self.state.panes.clone(), Split::Pane);
        let places = self.places(ui.max_rect(), &split);
        let panes: Vec<_> = places.panes.iter().map(|pane| (pane.id, pane.whole)).collect();
        let went = self.go_to_pane(ui, &panes);
        let active = self.state.active;
        let in_use = if went { active } else { in_use };
        let is_in_use = in_use == active;
        let mode = self.state.tab().session.view.mode;
        let position = self.views.get(&active).map_or(0, |views| views.position(mode));
        let (mut actions, toggled) =
            if is_native { self.pressed(ui, lang, position) } else { (Vec::new(), None) };
        // A menu that was chosen is opened where one works.
        let chosen = self.toggled.take();
        let (chosen, later) = if is_in_use { (chosen, None) } else { (None, chosen) };
        let toggled = toggled.or(chosen);
        let palette = Palette::of(ui);
        ui.painter().rect_filled(ui.max_rect(), 0, palette.ground);
        let side = Region { fill: palette.panel, margin: Margin::ZERO, ..Region::new("side", places.left) };
        actions.extend(side.show(ui, |ui| self.left(ui, lang, places.left)));
        let mut in_panes = Vec::new();
        let dropping = std::mem::take(&mut self.dropping.panes);
        self.regions.clear();
        for pane in &places.panes {
            let front = self.state.front(pane.id);
            self.toggled = toggled.filter(|_| front == active);
            self.state.active = front;
            let asked = self.pane(ui, lang, pane, front == active);
            self.state.active = active;
            in_panes.extend(asked.into_iter().map(|action| (front, action)));
        }
        self.toggled = later;
        // Half a word is no rule: it takes effect when one leaves the field.
        let field = places.dock.and_then(|(place, _)| typed_in(ui.ctx(), place)).filter(|_| is_in_use);
        let is_new = self.state.tab_mut().new_rules().is_some();
        if is_new && (field.is_none() || self.typing_in.is_some_and(|typed| Some(typed) != field)) {
            actions.push(Action::Rules(RulesAction::Apply));
        }
        if is_in_use {
            self.typing_in = field.filter(|_| is_new);
        }
        if let Some((place, side)) = places.dock {
            let dock = Region { fill: palette.panel, ..Region::new("dock", place) };
            dock.show(ui, |ui| actions.extend(self.dock(ui, lang, side)));
        }
        let rail = Region { margin: Margin { top: 40, ..Margin::ZERO }, ..Region::new("rail", places.rail) };
        rail.show(ui, |ui| {
            let tab = self.state.tab();
            let (open, is_viewer) = (self.state.layout.side, tab.is_viewer());
            let relays = tab.session.protocol.relays();
            ui.spacing_mut().item_spacing.y = 0.0;
            side::rail_ui(ui, lang, (open, is_viewer, relays), &mut actions);
        });
        let foot = Region { margin: Margin::symmetric(8, 0), ..Region::new("status", places.status) };
        foot.show(ui, |ui| actions.extend(status::status_ui(ui, lang, self.state.tab())));
        self.lines(ui, &places);
        actions.extend(self.over(ui, lang, position, is_in_use));
        self.over_dragged(ui, lang);
        if own.is_some() {
            // The pane of another window is not divided, and drops there are taken there.
            self.dropping.panes = dropping;
            actions.extend(self.drop_tab_ui(ui, &[]));
            actions.extend(self.in_native(ui).into_iter().filter(|_| is_native));
        } else {
            actions.extend(self.drop_tab_ui(ui, &panes));
            self.tab_in_main = active;
        }
        if is_in_use {
            self.steer(ui, &places);
        }
        controls::focus_ring(ui);
        self.state.active = in_use;
        actions.into_iter().map(|action| (active, action)).chain(in_panes).collect()
    }

    /// What is asked for by keys, and the menu that they open.
    fn pressed(&mut self, ui: &mut Ui, lang: Lang, position: u64) -> (Vec<Action>, Option<Menu>) {
        // A field takes some hundred bytes of memory for each byte of its text.
        let tab = self.state.tab();
        let (id, taken) = (tab.id, tab.session.send.content.len());
        ui.input_mut(|i| {
            i.events.retain(|event| match event {
                egui::Event::Paste(text) if text.len() > MOST_PASTED.saturating_sub(taken) => {
                    self.state.report(Report::TooMuchToPaste(id, text.len()));
                    false
                }
                _ => true,
            });
        });
        let window = ui.ctx().viewport_id();
        let composed = self.composing == Some(window);
        if commands::composes(ui, composed) {
            self.composing = Some(window);
        } else if composed {
            self.composing = None;
        }
        read_on(ui);
        let (mut actions, toggled) = commands::pressed(ui, lang, &self.state, position);
        // At once, so that the box gets what is typed in this frame, too.
        actions.retain(|action| {
            let is_focus = *action == Action::FocusSendBox;
            if is_focus {
                self.state.tab_mut().send.focus_now();
            }
            !is_focus
        });
        (actions, toggled)
    }

    /// A pane: the strip of its tabs, and its session that is in front.
    fn pane(&mut self, ui: &mut Ui, lang: Lang, places: &PanePlaces, focused: bool) -> Vec<Action> {
        let PanePlaces { id, tabs: strip, log, send, .. } = *places;
        let mut actions = Vec::new();
        let palette = Palette::of(ui);
        let strip = Region { margin: Margin { left: 8, ..Margin::ZERO }, ..Region::of(id, "tabs", strip) };
        strip.show(ui, |ui| {
            let detached = self.state.is_detached(id);
            let State { tabs, active, renaming, .. } = &mut self.state;
            let tabs: Vec<&Tab> = tabs.iter().filter(|tab| tab.pane == id).collect();
            let input = StripInput { lang, pane: id, tabs: &tabs, front: *active, focused, detached };
            actions.extend(tabs::tabs_ui(ui, &input, renaming));
        });
        self.regions.push(Some(places.tabs));
        let Some(log) = log else { return actions };
        // Panes have controls of the same names.
        let label = tabs::title(self.state.tab());
        let of_pane =
            |name, place| Region { fill: palette.panel, label: label.clone(), ..Region::of(id, name, place) };
        let middle = Region { margin: Margin::ZERO, ..of_pane("middle", log) };
        actions.extend(middle.show(ui, |ui| self.central_panel(ui, lang)));
        if let Some(place) = send {
            of_pane("send", place).show(ui, |ui| actions.extend(self.send(ui, lang, focused)));
        }
        self.dropping.panes.push((self.state.active, drop::Places { log: self.log_rect, send }));
        let bars = log.with_max_y(self.strips_rect.top());
        self.regions.extend([bars, self.strips_rect, self.log_rect].map(Some).into_iter().chain([send]));
        actions
    }

    /// Gives the keyboard to where it is wanted, once that is drawn.
    fn steer(&mut self, ui: &Ui, places: &Places) {
        let Some(wanted) = self.state.focus else { return };
        let is_field = |id| TextEditState::load(ui.ctx(), id).is_some();
        let dock = places.dock.map(|(dock, _)| dock);
        let widget = if wanted == Focus::Address {
            first_in(ui, places.left, is_field)
        } else if wanted == Focus::Dock {
            dock.and_then(|dock| first_in(ui, dock, is_field))
        } else {
            let regions = std::iter::once(Some(places.left)).chain(self.regions.drain(..));
            let regions = regions.chain([dock, Some(places.rail), Some(places.status)]);
            next_region(ui, &regions.flatten().collect::<Vec<_>>(), wanted == Focus::Next)
        };
        if let Some(widget) = widget {
            self.state.focus = None;
            ui.memory_mut(|memory| memory.request_focus(widget));
        }
    }

    /// Cuts the window into its parts, before any of them is drawn: what one holds moves no other.
    fn places(&self, window: Rect, split: &Split<PaneId>) -> Places {
        let layout = &self.state.layout;
        let viewer = self.state.tab().is_viewer();
        let (above, status) = window.split_top_bottom_at_y(window.bottom() - theme::STATUS);
        let most = (window.width() - theme::RAIL - theme::LOG_LEAST).max(*theme::LEFT.start());
        let wanted = f32::from(layout.left_width).clamp(*theme::LEFT.start(), *theme::LEFT.end());
        let left = if layout.left_folded { theme::RAIL } else { wanted.min(most) };
        let (left, rest) = above.split_left_right_at_x(above.left() + left);
        let (middle, rail) = rest.split_left_right_at_x(rest.right() - theme::RAIL);
        let room = middle.width() - theme::LOG_LEAST;
        // Beside other panes it stays: they do not move when a capture is worked in.
        let is_split = matches!(split, Split::Parts(_));
        let stays = |side: &Side| !viewer || side.is_of_captures() || is_split;
        let side = layout.side.filter(stays);
        let is_untouched = layout.side_width == crate::state::Layout::default().side_width;
        // The table of peers has its columns, unless the user has chosen a width.
        let wanted = if side == Some(Side::Peers) && is_untouched {
            *theme::DOCK.end()
        } else {
            f32::from(layout.side_width).clamp(*theme::DOCK.start(), *theme::DOCK.end())
        };
        let dock_beside = side.is_some() && room >= *theme::DOCK.start();
        let (room, beside) =
            middle.split_left_right_at_x(middle.right() - if dock_beside { wanted.min(room) } else { 0.0 });
        // Without room beside it, the dock is below the log that is worked in.
        let is_below = side.is_some() && !dock_beside;
        let active = self.state.tab().pane;
        let least_height = LEAST_HEIGHT[usize::from(is_below)];
        let mut laid = Laid { active, least_height, panes: Vec::new(), gaps: Vec::new() };
        laid.lay(split, room, Fit::Whole);
        let mut below = Rect::NOTHING;
        let mut cut = |place: Place| {
            let mut pane = self.cut(place);
            if let Some(log) = pane.log.filter(|_| is_below && pane.id == active) {
                let most = (log.height() - LOG_HEIGHT[usize::from(is_split)]).max(log.height() * 0.4).round();
                let height = f32::from(layout.side_height).min(most);
                let (above, under) = log.split_top_bottom_at_y(log.bottom() - height);
                (pane.log, below) = (Some(above), under);
            }
            pane
        };
        let panes = laid.panes.into_iter().map(&mut cut).collect();
        let dock = side.map(|side| (if dock_beside { beside } else { below }, side));
        Places { left, panes, gaps: laid.gaps, dock, dock_beside, rail, status }
    }

    /// Cuts a pane into its parts.
    fn cut(&self, Place { pane: id, rect: whole, fit }: Place) -> PanePlaces {
        let tab = self.state.find(self.state.front(id)).unwrap_or(self.state.tab());
        let (tabs, rest) = whole.split_top_bottom_at_y(whole.top() + theme::BAR);
        let height = send::height(tab, f32::from(self.state.layout.box_height), rest.height());
        let sends = !tab.is_viewer() && fit == Fit::Whole;
        let height = if sends { height } else { 0.0 };
        let (log, send) = rest.split_top_bottom_at_y(rest.bottom() - height);
        let log = Some(log).filter(|_| fit != Fit::Strip);
        PanePlaces { id, whole, tabs, log, send: Some(send).filter(|_| sends) }
    }

    /// The line above the send box of a pane, which can be dragged.
    fn send_line(&mut self, ui: &mut Ui, PanePlaces { id, whole, send, .. }: &PanePlaces) {
        let Some(send) = send else { return };
        let palette = Palette::of(ui);
        ui.painter().hline(send.x_range(), send.top() + 0.5, (1.0, palette.line));
        let words = (("send line", id), self.lang().resize_send());
        if let Some(y) = dragged(ui, words, send.top(), send.x_range(), false) {
            let height = f32::from(self.state.layout.box_height) + send.top() - y;
            self.state.layout.box_height = points(height, &(60.0..=(send.top() - whole.top()).max(60.0)));
        }
        let grip = Rect::from_center_size(send.center_top() + vec2(0.0, 3.0), vec2(32.0, 3.0));
        ui.painter().rect_filled(grip, 1, palette.edge);
    }

    /// The lines between the parts, of which some can be dragged.
    fn lines(&mut self, ui: &mut Ui, places: &Places) {
        let Places { left, panes, gaps, dock, dock_beside, rail, status } = places;
        let line = egui::Stroke::new(1.0, Palette::of(ui).line);
        ui.painter().vline(left.right() - 0.5, left.y_range(), line);
        ui.painter().vline(rail.left() + 0.5, rail.y_range(), line);
        ui.painter().hline(status.x_range(), status.top() + 0.5, line);
        ui.painter().hline(left.x_range(), left.top() + theme::BAR - 0.5, line);
        let lang = self.lang();
        let layout = &mut self.state.layout;
        if !layout.left_folded
            && let Some(x) =
                dragged(ui, ("left line", lang.resize_left()), left.right(), left.y_range(), true)
        {
            layout.left_width = points(x - left.left(), &theme::LEFT);
        }
        if let Some((dock, _)) = dock {
            let line_y = dock.top() + 0.5;
            if *dock_beside {
                ui.painter().vline(dock.left() + 0.5, dock.y_range(), line);
                if let Some(x) =
                    dragged(ui, ("dock line", lang.resize_dock()), dock.left(), dock.y_range(), true)
                {
                    layout.side_width = points(dock.right() - x, &theme::DOCK);
                }
            } else {
                ui.painter().hline(dock.x_range(), line_y, line);
                let words = ("dock line", lang.resize_dock_height());
                if let Some(y) = dragged(ui, words, dock.top(), dock.x_range(), false) {
                    layout.side_height = points(dock.bottom() - y, &(120.0..=2000.0));
                }
            }
        }
        for pane in panes {
            self.send_line(ui, pane);
        }
        for (n, (gap, share)) in gaps.iter().zip(shares(&mut self.state.panes)).enumerate() {
            let (rect, room) = (gap.rect, gap.room);
            let (at, along) =
                if gap.below { (rect.center().y, rect.x_range()) } else { (rect.center().x, rect.y_range()) };
            if gap.is_fixed {
                continue;
            }
            if let Some(at) = dragged(ui, (("gap", n), lang.resize_pane()), at, along, !gap.below) {
                *share = if gap.below {
                    (at - room.top()) / room.height()
                } else {
                    (at - room.left()) / room.width()
                };
            }
        }
    }

    /// The left column: what to open, how to show it, and who is connected; or its rail.
    fn left(&mut self, ui: &mut Ui, lang: Lang, place: Rect) -> Vec<Action> {
        let has_session = !self.state.tab().is_viewer();
        let folded = self.state.layout.left_folded;
        if folded {
            ui.spacing_mut().item_spacing.y = 4.0;
        }
        let size = if folded { place.size() } else { vec2(place.width(), theme::BAR) };
        let layout =
            if folded { Layout::top_down(Align::Center) } else { Layout::left_to_right(Align::Center) };
        let head = Rect::from_min_size(place.min, size).shrink2(if folded {
            vec2(0.0, 6.0)
        } else {
            vec2(8.0, 0.0)
        });
        let builder =
            egui::UiBuilder::new().scope_id(ui.scope_id().with("head")).max_rect(head).layout(layout);
        let mut actions = ui.scope_builder(builder, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let mut actions = tabs::head_ui(
                ui,
                lang,
                (has_session, folded, self.state.level == Level::OnTop),
                &self.state.settings,
            );
            if folded {
                let tab = self.state.tab();
                actions.extend(settings::rail_ui(ui, lang, tab));
            }
            actions
        });
        if folded {
            return actions.inner;
        }
        let body = place.with_min_y(place.top() + theme::BAR).with_max_x(place.right() - 1.0);
        let builder = egui::UiBuilder::new().scope_id(ui.scope_id().with("body")).max_rect(body);
        ui.scope_builder(builder, |ui| {
            ScrollArea::vertical().id_salt("side scroll").auto_shrink([false, false]).show(ui, |ui| {
                let margin = Margin { left: 12, right: 11, top: 6, bottom: 0 };
                Frame::new().inner_margin(margin).show(ui, |ui| {
                    ui.set_width(body.width() - 23.0);
                    let id = self.state.active;
                    let bottom = body.bottom();
                    actions.inner.extend(ui.push_id(id, |ui| self.side(ui, lang, bottom)).inner);
                });
            });
        });
        actions.inner
    }

    fn side(&mut self, ui: &mut Ui, lang: Lang, bottom: f32) -> Vec<Action> {
        let mut actions = Vec::new();
        let (addresses, recent) = (self.state.addresses.clone(), self.state.settings.recent_remotes.clone());
        let zone = self.zone.clone();
        let is_in_dock = self.state.layout.side == Some(Side::Peers);
        let tab = self.state.tab_mut();
        let protocol = tab.session.protocol;
        if !tab.is_viewer() {
            let input = SettingsInput {
                lang,
                phase: &tab.phase,
                stalled: tab.stalled.is_some(),
                is_lost: tab.is_lost(),
                addresses: &addresses,
                recent: &recent,
                n_peers: tab.peers.len(),
                connection: tab.peers.keys().next().copied().filter(|_| protocol.connects()),
                show_problems: tab.show_problems,
            };
            let remote = tab.session.remote.clone();
            let network = |ui: &mut Ui| network_ui(ui, &input, &mut tab.session, &mut tab.proxy_password);
            actions.extend(widgets::anchored(ui, "network", network));
            if tab.session.remote != remote {
                // Who edits the remote wants to send there.
                tab.session.send_to = SendTo::All;
            }
            widgets::part_line(ui, 12.0);
        }
        let input = ReceiveInput {
            lang,
            view: tab.session.view,
            follows: tab.held.is_none(),
            n_shown: tab.shown.len(),
            charset: tab.session.charset,
            cleared: tab.cleared > 0,
            has_capture: tab.capture.is_some(),
        };
        actions.extend(widgets::anchored(ui, "receive", |ui| receive_ui(ui, input)));
        // The panel of all peers is the same list.
        let lost = tab.lost.as_ref().filter(|_| tab.keeps_connection()).map(|(flow, at)| (flow.peer, *at));
        let has_peers = protocol.accepts() || !tab.peers.is_empty() || lost.is_some();
        if !tab.is_viewer() && !is_in_dock && has_peers {
            widgets::part_line(ui, 12.0);
            let input =
                PeersInput { lang, protocol, names: &tab.session.names, zone: &zone, wide: false, lost };
            let before = tab.peers_serial;
            let peers = (&mut tab.peers, &mut tab.peers_serial, bottom);
            let peers = |ui: &mut Ui| peers_ui(ui, input, peers, &mut tab.session.send_to);
            actions.extend(widgets::anchored(ui, "peers", peers));
            tab.ticked_by_hand(before);
        }
        actions
    }

    fn send(&mut self, ui: &mut Ui, lang: Lang, focused: bool) -> Vec<Action> {
        let key = self.state.settings.send_key;
        let (now_ns, zone) = (wall_now().0, self.zone.clone());
        let tab = self.state.tab_mut();
        tab.send.example = Example { now_ns, zone, peer: tab.example_peer() };
        let input = SendInput {
            lang,
            focused,
            toggled: self.toggled,
            protocol: tab.session.protocol,
            charset: tab.typing_charset(),
            key,
            open: tab.can_send(),
            stalled: tab.stalled.is_some(),
            cannot: tab.target().err(),
            idle: !tab.is_locked(),
            remote: tab.session.remote.remote().ok().flatten(),
            peers: &tab.peers,
            names: tab.session.names.clone(),
            index: &tab.log,
            cycles: &tab.cycles,
            files: &tab.files,
            last: tab.last_sender,
            to: tab.send_to(),
        };
        // The toolkit keeps cursor and undo of a field by its id: each tab has its own.
        ui.push_id(tab.id, |ui| send_ui(ui, &input, &mut tab.send, &mut tab.session)).inner
    }
}
