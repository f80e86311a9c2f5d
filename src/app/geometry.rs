//! Where the window stands, how large it and what is in it are, from one start to the next.

use eframe::egui;
use egui::{Context, Rect, ViewportBuilder, ViewportCommand, pos2, vec2};
use serde::{Deserialize, Serialize};

const SIZE: [f32; 2] = [1000.0, 700.0];
/// The smallest window in which everything has its place, in points.
pub(super) const LEAST: [f32; 2] = [760.0, 520.0];
/// The largest width and height of a window, in points.
const MOST: f32 = 16_000.0;
/// The least part of the upper edge that must be visible, in pixels.
const GRIP: [f32; 2] = [100.0, 16.0];

/// Place and size of a window. What the system does not report stays unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Geometry {
    /// Width and height without the frame, in points that are not zoomed.
    size: [f32; 2],
    /// The upper left corner with the frame, in pixels; `None` where the system keeps that to itself (Wayland).
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<[f32; 2]>,
    zoom: f32,
    /// It fills the screen; place and size are those to which it will return.
    maximised: bool,
}

impl Default for Geometry {
    fn default() -> Self {
        Self { size: SIZE, position: None, zoom: 1.0, maximised: false }
    }
}

pub(super) fn rect(position: [f32; 2], size: [f32; 2]) -> Rect {
    Rect::from_min_size(position.into(), size.into())
}

impl Geometry {
    pub(super) fn builder(self) -> ViewportBuilder {
        let [width, height] = if self.size.iter().all(|n| n.is_finite()) { self.size } else { SIZE };
        let size = [width.clamp(LEAST[0], MOST), height.clamp(LEAST[1], MOST)];
        ViewportBuilder::default().with_inner_size(size).with_min_inner_size(LEAST)
    }

    pub(super) fn zoom(self, ctx: &Context) {
        ctx.set_zoom_factor(self.zoom_factor());
    }

    fn zoom_factor(self) -> f32 {
        if self.zoom.is_finite() { self.zoom.clamp(0.25, 4.0) } else { 1.0 }
    }

    /// Puts the window where it was, if that is in sight on these screens, given in pixels. Else the system finds a
    /// place.
    pub(super) fn place(self, ctx: &Context, mut screens: impl Iterator<Item = Rect>) {
        let Self { size, position, maximised, .. } = self;
        if let Some([x, y]) = position.filter(|position| position.iter().all(|n| n.is_finite())) {
            let upper_edge = Rect::from_min_size(pos2(x, y), vec2(size[0], GRIP[1]));
            let is_in_sight = |screen: Rect| {
                let seen = screen.intersect(upper_edge).size();
                seen.x >= GRIP[0] && seen.y >= GRIP[1]
            };
            if screens.any(is_in_sight) {
                // The window is moved when it is zoomed already.
                let pixels = ctx.native_pixels_per_point().unwrap_or(1.0) * self.zoom_factor();
                let at = pos2(x, y) / pixels;
                ctx.send_viewport_cmd(ViewportCommand::OuterPosition(at));
            }
        }
        if maximised {
            ctx.send_viewport_cmd(ViewportCommand::Maximized(true));
        }
    }

    pub(super) fn update(&mut self, ctx: &Context) {
        self.zoom = ctx.zoom_factor();
        ctx.input(|i| {
            let (viewport, size) = (i.viewport(), i.content_rect().size());
            self.maximised = viewport.maximized.unwrap_or(self.maximised);
            let is_special = viewport.fullscreen == Some(true) || viewport.minimized == Some(true);
            if !self.maximised && !is_special && size.min_elem() > 0.0 {
                self.size = (size * self.zoom).round().into();
                let corner = viewport.outer_rect.map(|outer| (outer.min * i.pixels_per_point).round());
                self.position = corner.map(Into::into).or(self.position);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(geometry: Geometry, screens: &[Rect]) -> Vec<ViewportCommand> {
        let ctx = Context::default();
        let output = ctx.run_ui(egui::RawInput::default(), |_| geometry.place(&ctx, screens.iter().copied()));
        let mut commands = output.viewport_output[&egui::ViewportId::ROOT].commands.clone();
        output.drop_without_applying_deltas();
        commands.retain(|command| !matches!(command, ViewportCommand::SetTheme(_)));
        commands
    }

    #[test]
    fn a_window_comes_back_only_where_it_can_be_seen() {
        let screen = |x: f32, y: f32| Rect::from_min_size(pos2(x, y), vec2(1920.0, 1080.0));
        let screens = [screen(0.0, 0.0), screen(-1920.0, 200.0)];
        let at = |x, y| Geometry { position: Some([x, y]), ..Geometry::default() };
        for (x, y, is_seen) in [
            (10.0, 20.0, true),
            (1800.0, 0.0, true),
            (1850.0, 0.0, false),
            (-1000.0, 190.0, false),
            (-1000.0, 200.0, true),
            (-2900.0, 300.0, false),
            (0.0, 1079.0, false),
            (f32::NAN, 0.0, false),
            (f32::INFINITY, 0.0, false),
        ] {
            let wanted = is_seen.then(|| ViewportCommand::OuterPosition(pos2(x, y)));
            assert_eq!(commands(at(x, y), &screens), Vec::from_iter(wanted), "{x} {y}");
        }
        assert_eq!(commands(at(10.0, 20.0), &[]), [], "the screen is gone");
        let zoomed = Geometry { zoom: 2.0, ..at(10.0, 20.0) };
        assert_eq!(commands(zoomed, &screens), [ViewportCommand::OuterPosition(pos2(5.0, 10.0))]);
        let maximised = Geometry { maximised: true, ..at(10.0, 20.0) };
        let both = [ViewportCommand::OuterPosition(pos2(10.0, 20.0)), ViewportCommand::Maximized(true)];
        assert_eq!(commands(maximised, &screens), both);
    }

    #[test]
    fn no_file_makes_a_window_that_cannot_be_used() {
        for (text, size) in [
            ("", SIZE),
            ("size = [800, 600]", [800.0, 600.0]),
            ("size = [nan, 600]", SIZE),
            ("size = [1e30, -5.0]", [MOST, LEAST[1]]),
        ] {
            let geometry: Geometry = toml::from_str(text).unwrap();
            assert_eq!(geometry.builder().inner_size, Some(size.into()), "{text}");
        }
        let ctx = Context::default();
        for (zoom, expected) in [(1.5, 1.5), (f32::NAN, 1.0), (100.0, 4.0)] {
            Geometry { zoom, ..Geometry::default() }.zoom(&ctx);
            // It is in force from the next frame on.
            ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
            assert!((ctx.zoom_factor() - expected).abs() < 1e-6, "{zoom}");
        }
    }
}
