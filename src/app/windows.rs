//! Panes in windows of their own: native ones, drawn together with the main one.

use eframe::egui;
use egui::{Event, Sense, Ui, Vec2, ViewportBuilder, ViewportClass, ViewportId, vec2};

use super::App;
use super::panes::{Fit, Place, next_region};
use crate::state::{Action, Focus, PaneId, TabId};
use crate::ui::drop::Dragged;
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::toolbar::Menu;
use crate::ui::{controls, tabs, theme};

/// The size of a new window, and its least.
const SIZE: Vec2 = vec2(800.0, 600.0);
const LEAST: Vec2 = vec2(theme::LOG_LEAST, 360.0);

fn window_of(pane: PaneId) -> ViewportId {
    ViewportId::from_hash_of(("pane", pane))
}

impl App {
    /// The window of the session that is worked in.
    pub(super) fn window_in_use(&self) -> ViewportId {
        let pane = self.state.tab().pane;
        if self.state.is_detached(pane) { window_of(pane) } else { ViewportId::ROOT }
    }

    /// The panes that have a window of their own. `chosen` is a menu to open in the one that is worked in.
    pub(super) fn windows(
        &mut self,
        ui: &Ui,
        lang: Lang,
        position: u64,
        chosen: Option<Menu>,
    ) -> Vec<(TabId, Action)> {
        let mut actions = Vec::new();
        for pane in self.state.detached.clone() {
            let front = self.state.front(pane);
            let Some(title) = self.state.find(front).map(tabs::title) else { continue };
            let builder = ViewportBuilder::default().with_title(format!("{title} – netassist"));
            let builder = builder.with_app_id("netassist").with_inner_size(SIZE).with_min_inner_size(LEAST);
            let main_has_keys = ui.input(|i| i.focused);
            ui.ctx().show_viewport_immediate(window_of(pane), builder, |ui, class| {
                let chosen = chosen.filter(|_| self.state.active == front);
                let asked = self.window(ui, lang, (pane, class), (position, chosen), main_has_keys);
                actions.extend(asked.into_iter().map(|action| (front, action)));
            });
        }
        actions
    }

    /// A pane in its window, with what its session shows over it.
    fn window(
        &mut self,
        ui: &mut Ui,
        lang: Lang,
        (pane, class): (PaneId, ViewportClass),
        (position, chosen): (u64, Option<Menu>),
        main_has_keys: bool,
    ) -> Vec<Action> {
        // Where there are no native windows, it is drawn over the main one, which has the keyboard.
        let is_native = class != ViewportClass::EmbeddedWindow;
        let whole = if is_native { ui.max_rect() } else { ui.allocate_exact_size(SIZE, Sense::empty()).0 };
        let front = self.state.front(pane);
        if self.is_worked_in(ui, whole, is_native) && self.state.active != front {
            self.state.act(Action::SelectTab(front));
        }
        let active = std::mem::replace(&mut self.state.active, front);
        let is_active = active == front;
        let mut asked = Vec::new();
        let (mut toggled, later) = (chosen, self.toggled.take());
        if is_native {
            asked.extend(self.in_native(ui));
            if is_active {
                let (pressed, menu) = self.pressed(ui, lang, position);
                asked.extend(pressed);
                toggled = menu.or(toggled);
            }
        }
        ui.painter().rect_filled(whole, 0, Palette::of(ui).ground);
        let places = self.cut(Place { pane, rect: whole, fit: Fit::Whole });
        let (n_panes, n_regions) = (self.dropping.panes.len(), self.regions.len());
        self.toggled = toggled;
        asked.extend(self.pane(ui, lang, &places, is_active));
        self.toggled = later;
        // Those are places of the main window.
        self.dropping.panes.truncate(n_panes);
        let regions: Vec<_> = self.regions.drain(n_regions..).flatten().collect();
        self.send_line(ui, &places);
        if is_active && !main_has_keys {
            asked.extend(self.over(ui, lang, position));
            if let Some(wanted @ (Focus::Next | Focus::Previous)) = self.state.focus
                && let Some(widget) = next_region(ui, &regions, wanted == Focus::Next)
            {
                self.state.focus = None;
                ui.memory_mut(|memory| memory.request_focus(widget));
            }
        }
        controls::focus_ring(ui);
        self.state.active = active;
        asked
    }

    /// Whether the user does something in this window.
    fn is_worked_in(&self, ui: &Ui, whole: egui::Rect, is_native: bool) -> bool {
        let is_work = |event: &Event| !matches!(event, Event::PointerMoved(_) | Event::PointerGone);
        ui.input(|i| {
            let pressed = i.pointer.interact_pos().filter(|_| i.pointer.any_pressed());
            pressed.is_some_and(|at| whole.contains(at))
                || is_native && i.focused && i.raw.events.iter().any(is_work)
        })
    }

    /// What a native window is told by the system: to close, and of files that are dropped onto it.
    fn in_native(&mut self, ui: &Ui) -> Vec<Action> {
        let (is_closed, has_keys, has_events, dropped) = ui.input(|i| {
            (i.viewport().close_requested(), i.focused, !i.raw.events.is_empty(), i.raw.dropped_files.clone())
        });
        if has_events {
            self.touch(ui.ctx());
        }
        let tab = self.state.tab_mut();
        if has_keys {
            tab.looked_at();
        }
        let (pane, sends) = (tab.pane, !tab.is_viewer());
        let take = dropped.iter().map(|file| match Dragged::of(file.path()) {
            Dragged::File if sends => Action::TakeFile(file.path().to_owned()),
            Dragged::File | Dragged::Openable => Action::OpenCapture(file.path().to_owned()),
        });
        is_closed.then_some(Action::Attach(pane)).into_iter().chain(take).collect()
    }
}
