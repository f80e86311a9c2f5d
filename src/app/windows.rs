//! Panes in windows of their own: native ones, drawn together with the main one.

use eframe::egui;
use egui::{Sense, Ui, Vec2, ViewportBuilder, ViewportClass, ViewportId, vec2};

use super::App;
use super::panes::{Fit, Place};
use crate::state::{Action, PaneId, TabId};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::{controls, tabs, theme};

/// The size of a new window, and its least.
const SIZE: Vec2 = vec2(800.0, 600.0);
const LEAST: Vec2 = vec2(theme::LOG_LEAST, 360.0);

impl App {
    /// The panes that have a window of their own.
    pub(super) fn windows(&mut self, ui: &Ui, lang: Lang, position: u64) -> Vec<(TabId, Action)> {
        let mut actions = Vec::new();
        for pane in self.state.detached.clone() {
            let front = self.state.front(pane);
            let Some(title) = self.state.find(front).map(tabs::title) else { continue };
            let builder = ViewportBuilder::default().with_title(format!("{title} – netassist"));
            let builder = builder.with_app_id("netassist").with_inner_size(SIZE).with_min_inner_size(LEAST);
            let id = ViewportId::from_hash_of(("pane", pane));
            ui.ctx().show_viewport_immediate(id, builder, |ui, class| {
                actions.extend(self.window(ui, lang, (pane, front), position, class));
            });
        }
        actions
    }

    /// A pane in its window, with what its session shows over it.
    fn window(
        &mut self,
        ui: &mut Ui,
        lang: Lang,
        (pane, front): (PaneId, TabId),
        position: u64,
        class: ViewportClass,
    ) -> Vec<(TabId, Action)> {
        // Where there are no native windows, it is drawn over the main one, which has the keyboard.
        let is_native = class != ViewportClass::EmbeddedWindow;
        let whole = if is_native { ui.max_rect() } else { ui.allocate_exact_size(SIZE, Sense::empty()).0 };
        let mut asked = Vec::new();
        let (is_closed, is_here) = ui.input(|i| {
            let pressed = i.pointer.interact_pos().filter(|_| i.pointer.any_pressed());
            let has_keys = is_native && i.viewport().focused == Some(true);
            (i.viewport().close_requested(), has_keys || pressed.is_some_and(|at| whole.contains(at)))
        });
        if is_native && is_closed {
            asked.push(Action::Attach(pane));
        }
        if is_here && self.state.active != front {
            self.state.act(Action::SelectTab(front));
        }
        let active = std::mem::replace(&mut self.state.active, front);
        let is_active = active == front;
        if is_active && is_native {
            let (pressed, toggled) = self.pressed(ui, lang, position);
            asked.extend(pressed);
            self.toggled = toggled.or(self.toggled.take());
        }
        ui.painter().rect_filled(whole, 0, Palette::of(ui).ground);
        let places = self.cut(Place { pane, rect: whole, fit: Fit::Whole });
        let (n_panes, n_regions) = (self.dropping.panes.len(), self.regions.len());
        asked.extend(self.pane(ui, lang, &places, is_active));
        if is_active {
            self.toggled = None;
        }
        // Those are places of the main window.
        self.dropping.panes.truncate(n_panes);
        self.regions.truncate(n_regions);
        self.send_line(ui, &places);
        if is_active {
            asked.extend(self.over(ui, lang, position));
        }
        controls::focus_ring(ui);
        self.state.active = active;
        asked.into_iter().map(|action| (front, action)).collect()
    }
}
