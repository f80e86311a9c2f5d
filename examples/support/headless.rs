//! The complete window without a display: the real application in the toolkit's context, which does layout
//! and tessellation, but draws no pixels.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::App as _;
use eframe::egui::{self, Context, Event, Pos2, Rect, pos2, vec2};
use jiff::tz::TimeZone;
use netassist::app::{App, Setup};
use netassist::journal::Store;

use super::no_dialogs::NoDialogs;

/// The size of the window, in points.
const SIZE: [f32; 2] = [1280.0, 800.0];

/// The cost of one frame in milliseconds of processor time of the window's thread, including kernel time; on
/// other systems than Linux, wall-clock time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// `logic`, `ui`, and the toolkit before and after them.
    pub(crate) pass: f64,
    /// Tessellation.
    pub(crate) tessellation: f64,
}

/// Something visible, as reported to a screen reader.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) label: String,
    pub(crate) rect: Rect,
}

/// The window.
pub(crate) struct Headless {
    ctx: Context,
    pub(crate) app: App,
    frame: eframe::Frame,
    time: f64,
}

impl Headless {
    /// A window that opens `files`, with its own settings and captures in `folder`.
    pub(crate) fn open(folder: &Path, files: Vec<PathBuf>) -> Self {
        let ctx = Context::default();
        let setup = Setup {
            settings_path: Some(folder.join("settings.toml")),
            state_folder: Some(folder.join("state")),
            store: Store::at(folder.join("captures")),
            documents: folder.to_owned(),
            dialogs: Arc::new(NoDialogs),
            locale: Some("en_US.UTF-8".to_owned()),
            zone: TimeZone::UTC,
            files,
        };
        let app = App::new(&ctx, setup);
        Self { ctx, app, frame: eframe::Frame::_new_kittest(), time: 0.0 }
    }

    /// Draws one frame, a sixtieth of a second after the previous one.
    pub(crate) fn step(&mut self, events: Vec<Event>) -> Cost {
        self.draw(events).0
    }

    /// Draws until `done`; false if that takes longer than `most`.
    pub(crate) fn step_until(&mut self, most: Duration, done: impl Fn(&App) -> bool) -> bool {
        let begun = Instant::now();
        while !done(&self.app) {
            if begun.elapsed() > most {
                return false;
            }
            self.step(Vec::new());
            std::thread::park_timeout(Duration::from_micros(200));
        }
        true
    }

    /// Performs an action.
    pub(crate) fn act(&mut self, action: netassist::state::Action) {
        self.app.act(action, &self.ctx);
    }

    /// Draws one frame and returns what is visible.
    pub(crate) fn look(&mut self) -> Vec<Seen> {
        self.ctx.enable_accesskit();
        let (_, update) = self.draw(Vec::new());
        self.ctx.disable_accesskit();
        let nodes = update.map(|update| update.nodes).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "the toolkit has 32-bit coordinates")]
        let at = |x: f64, y: f64| -> Pos2 { pos2(x as f32, y as f32) };
        nodes
            .iter()
            .filter_map(|(_, node)| {
                let bounds = node.bounds()?;
                let rect = Rect::from_min_max(at(bounds.x0, bounds.y0), at(bounds.x1, bounds.y1));
                // A row of the log says column by column what it is, besides a sentence.
                let columns = node.value().filter(|_| node.role() == egui::Role::ListItem);
                let label = columns.or_else(|| node.label()).unwrap_or_default().to_owned();
                Some(Seen { label, rect })
            })
            .collect()
    }

    fn draw(&mut self, events: Vec<Event>) -> (Cost, Option<egui::accesskit::TreeUpdate>) {
        self.time += 1.0 / 60.0;
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, vec2(SIZE[0], SIZE[1]))),
            time: Some(self.time),
            events,
            focused: true,
            ..egui::RawInput::default()
        };
        let Self { ctx, app, frame, .. } = self;
        let begun = spent();
        let mut output = ctx.run_ui(input, |ui| {
            app.logic(ui, frame);
            app.ui(ui, frame);
        });
        let drawn = spent();
        let shapes = std::mem::take(&mut output.shapes);
        let triangles = ctx.tessellate(shapes, output.pixels_per_point);
        let [pass, tessellation] = [drawn - begun, spent() - drawn];
        drop(triangles);
        let update = output.platform_output.accesskit_update.take();
        output.drop_without_applying_deltas();
        (Cost { pass, tessellation }, update)
    }
}

/// Processor time of this thread so far, in milliseconds.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn spent() -> f64 {
    let time = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(0.0, |time| Duration::from(time).as_secs_f64() * 1e3)
}

/// Wall-clock time in milliseconds since the first call.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn spent() -> f64 {
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}
