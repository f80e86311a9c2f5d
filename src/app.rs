//! The window's shell: `logic` drains what workers and jobs report and applies it, `ui` lays the
//! panels out and acts on what they answer. The one place that holds sessions, files and the clock.

mod analysis;
mod central_panel;
mod commands;
pub mod dialogs;
mod drop;
mod jobs;
mod panels;
mod run;
mod side_panel;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui;
use egui::Ui;
use jiff::tz::TimeZone;

use self::central_panel::Views;
use self::dialogs::Dialogs;
use self::jobs::{Dialog, Done, Jobs};
use self::run::Run;
use crate::journal::Store;
use crate::net::{self, Clock};
use crate::state::{
    Action, Effect, Notice, Phase, Report, Settings, State, TabId, Task, Theme, settings_file,
};
use crate::ui::lang::Lang;
use crate::ui::toolbar::Toggled;
use crate::ui::{fonts, theme};

/// Where things are, and who answers for the system. Tests give their own.
pub struct Setup {
    /// The settings file; `None` keeps nothing.
    pub settings_path: Option<PathBuf>,
    /// The folder of captures.
    pub store: std::io::Result<Store>,
    /// File dialogs.
    pub dialogs: Arc<dyn Dialogs>,
    /// The system's locale, e.g. `zh-CN`.
    pub locale: Option<String>,
    /// The local time zone.
    pub zone: TimeZone,
    /// Captures to open at once.
    pub files: Vec<PathBuf>,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("settings_path", &self.settings_path).finish_non_exhaustive()
    }
}

impl Setup {
    /// As this system has it.
    pub fn system(files: Vec<PathBuf>) -> Self {
        Self {
            settings_path: settings_file::default_path(),
            store: Store::open_default(),
            dialogs: Arc::new(dialogs::SystemDialogs),
            locale: sys_locale::get_locale(),
            zone: TimeZone::system(),
            files,
        }
    }
}

/// The window.
pub struct App {
    state: State,
    runs: HashMap<TabId, Run>,
    views: HashMap<TabId, Views>,
    jobs: Jobs,
    wake: net::Wake,
    clock: Clock,
    store: Option<Store>,
    settings_path: Option<PathBuf>,
    settings_written: Settings,
    settings_looked: Instant,
    settings_due: bool,
    /// The serials of the histories as they stand in their files, by the names of these.
    histories_written: HashMap<String, u64>,
    limit_known: bool,
    size: egui::Vec2,
    /// Where the log was drawn in this frame.
    log_rect: egui::Rect,
    dropping: drop::Dropping,
    /// Menus that a key opens or closes in this frame.
    toggled: Toggled,
    locale: Option<String>,
    zone: TimeZone,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("active", &self.state.active).finish_non_exhaustive()
    }
}

/// A burst of traffic makes one frame in this time, not one a packet.
const FRAME: Duration = Duration::from_millis(16);
/// What one frame may take for applying events.
const DRAIN: Duration = Duration::from_millis(6);
/// How often the settings are compared with what is on disk.
const SETTINGS_EVERY: Duration = Duration::from_secs(2);

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When the system shows no window: no display, or libraries are missing. The text says what to do.
pub fn run(setup: Setup) -> Result<(), String> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon.png")).unwrap_or_default();
    let viewport = egui::ViewportBuilder::default()
        .with_title("netassist")
        .with_app_id("netassist")
        .with_inner_size([1000.0, 700.0])
        .with_min_inner_size([760.0, 520.0])
        .with_icon(icon);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    eframe::run_native(
        "netassist",
        options,
        Box::new(|context| Ok(Box::new(App::new(&context.egui_ctx, setup)))),
    )
    .map_err(|error| format!("opening the window: {error}"))
}

impl App {
    /// The window's contents for `ctx`.
    pub fn new(ctx: &egui::Context, setup: Setup) -> Self {
        fonts::install(ctx);
        theme::apply(ctx);
        let (settings, notice) =
            setup.settings_path.as_deref().map_or_else(Default::default, settings_file::load);
        let mut state = State::new(settings);
        let limit_known = notice.is_none();
        state.notice = notice;
        let store = match setup.store {
            Ok(store) => Some(store),
            Err(error) => {
                state.notice = Some(Notice::Failed(Task::ListingCaptures, String::new(), error.to_string()));
                None
            }
        };
        let repaint = ctx.clone();
        let wake: net::Wake = Arc::new(move || repaint.request_repaint_after(FRAME));
        let mut app = Self {
            settings_written: state.to_save(),
            state,
            runs: HashMap::new(),
            views: HashMap::new(),
            jobs: Jobs::new(Arc::clone(&wake), setup.dialogs),
            wake,
            clock: Clock::start(),
            store,
            settings_path: setup.settings_path,
            settings_looked: Instant::now(),
            settings_due: false,
            histories_written: HashMap::new(),
            limit_known,
            size: egui::Vec2::ZERO,
            log_rect: egui::Rect::NOTHING,
            dropping: drop::Dropping::default(),
            toggled: Toggled::default(),
            locale: setup.locale,
            zone: setup.zone,
        };
        app.jobs.list_addresses();
        app.load_histories();
        app.sweep();
        for path in setup.files {
            app.act(Action::OpenCapture(path), ctx);
        }
        app
    }

    /// What the window knows, for tests and measurements.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Does what the user wants.
    pub fn act(&mut self, action: Action, ctx: &egui::Context) {
        let effects = self.state.act(action);
        self.perform(effects, ctx);
    }

    fn perform(&mut self, effects: Vec<Effect>, ctx: &egui::Context) {
        for effect in effects {
            match effect {
                Effect::Open { tab, title, link, options, framing, rules } => {
                    let setup = net::Setup { link, options, title, framing, rules };
                    self.open(tab, setup);
                }
                Effect::Command(tab, command) => self.command(tab, command),
                Effect::DropTab(tab) => self.drop_tab(tab),
                Effect::LoadCapture(tab, path) => self.load(tab, path),
                Effect::Export(tab, order) => self.export(tab, order),
                Effect::CancelExport(tab) => self.cancel_export(tab),
                Effect::PickSavePath(tab, path, format) => {
                    let dialog = Dialog::Save(path.trim().into(), format.extension());
                    self.jobs.pick(tab, dialog, Report::SavePath);
                }
                Effect::PickSendFile(tab) => self.jobs.pick(tab, Dialog::Open, Report::SendFilePath),
                Effect::LoadWorkspace(path) => self.jobs.load_workspace(path),
                Effect::SuggestWorkspacePath(tab) => self.suggest_workspace_path(tab),
                Effect::PickWorkspacePath(tab, path) => {
                    let dialog = Dialog::Save(path.trim().into(), "toml");
                    self.jobs.pick(tab, dialog, Report::WorkspacePath);
                }
                Effect::SaveWorkspace { tab, path, workspace, if_there } => {
                    self.jobs.save_workspace(tab, path, workspace, if_there);
                }
                Effect::PickQuickList(tab) => self.jobs.pick(tab, Dialog::Open, Report::QuickPath),
                Effect::PickQuickExport(tab) => {
                    self.jobs.pick(tab, Dialog::Save("quick.toml".into(), "toml"), Report::QuickExportPath);
                }
                Effect::ImportQuick(tab, path) => self.jobs.import_quick(tab, path),
                Effect::ExportQuick { tab, path, quick, if_there } => {
                    self.jobs.export_quick(tab, path, quick, if_there);
                }
                Effect::PickCapture(tab) => {
                    self.jobs.pick(tab, Dialog::Open, |_, path| Report::CapturePath(path));
                }
                Effect::SuggestSavePath(tab) => self.suggest_save_path(tab),
                Effect::TestSelected(tab) => self.test_selected(tab),
                Effect::Copy(tab, order) => self.copy(tab, order, None),
                Effect::CopyAs(tab, order, way) => self.copy(tab, order, Some(way)),
                Effect::CopyText(tab, text) => {
                    let n_bytes = text.len();
                    ctx.copy_text(text);
                    self.report(Report::Copied(tab, n_bytes), ctx);
                }
                Effect::Reveal { tab, at, byte } => self.reveal(tab, at, byte),
                Effect::GoToTime(tab, when) => {
                    let effects = self.go_to_time(tab, when);
                    self.perform(effects, ctx);
                }
                Effect::ListAddresses => self.jobs.list_addresses(),
                Effect::ListRecent => {
                    if let Some(store) = self.store.clone() {
                        self.jobs.list_recent(store);
                    }
                }
                Effect::RemoveCapture(path) => {
                    if let Some(store) = self.store.clone() {
                        self.jobs.remove_capture(store, path);
                    }
                }
                Effect::WriteSettings => self.settings_due = true,
                Effect::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            }
        }
    }

    fn report(&mut self, report: Report, ctx: &egui::Context) {
        let effects = self.state.report(report);
        self.perform(effects, ctx);
    }

    /// Removes the oldest captures over the limit; if the settings could not be read, nobody knows the
    /// limit, and nothing is removed.
    fn sweep(&self) {
        if !self.limit_known {
            return;
        }
        if let Some(store) = self.store.clone() {
            self.jobs.sweep(store, self.state.settings.keep_captures_mib.saturating_mul(1 << 20));
        }
    }

    /// Takes in what workers and jobs report, for as long as a frame may take.
    fn drain(&mut self, ctx: &egui::Context) {
        let begun = Instant::now();
        let now = self.clock.now();
        let tabs: Vec<TabId> = self.runs.keys().copied().collect();
        for tab in tabs {
            while let Some(event) = self.runs.get(&tab).and_then(Run::next_event) {
                let closed = matches!(event, crate::model::Event::Closed(_));
                let effects = self.state.apply(tab, event, now);
                self.perform(effects, ctx);
                if closed && let Some(run) = self.runs.get_mut(&tab) {
                    run.closed();
                    self.sweep();
                }
                if begun.elapsed() > DRAIN {
                    // What is left waits for the next frame; the workers wait for nobody.
                    ctx.request_repaint();
                    return;
                }
            }
        }
        while let Some(done) = self.jobs.next() {
            match done {
                Done::Report(report) => self.report(report, ctx),
                Done::Opened(tab, opened) => self.opened(tab, opened),
                Done::Clipboard(tab, text) => {
                    let n_bytes = text.len();
                    ctx.copy_text(text);
                    self.report(Report::Copied(tab, n_bytes), ctx);
                }
            }
            if begun.elapsed() > DRAIN {
                ctx.request_repaint();
                return;
            }
        }
    }

    /// Rates go on being told until they are zero, good news until it goes, seconds until they are over.
    fn tick(&mut self, ctx: &egui::Context) {
        self.state.tick(self.clock.now());
        let moving = |tab: &crate::state::Tab| {
            let passing = tab.notice.as_ref().is_some_and(Notice::is_passing);
            let waiting = matches!(tab.phase, Phase::Waiting { left_s: 1.., .. });
            tab.rates.received > 0.0 || tab.rates.sent > 0.0 || passing || waiting || tab.has_notes_due()
        };
        if self.state.tabs.iter().any(moving) {
            ctx.request_repaint_after(Duration::from_millis(500));
        }
    }

    fn keep_settings(&mut self, ctx: &egui::Context) {
        if !std::mem::take(&mut self.settings_due) && self.settings_looked.elapsed() < SETTINGS_EVERY {
            return;
        }
        self.settings_looked = Instant::now();
        // One that has a file by now has its name in the settings.
        self.keep_histories();
        let settings = self.state.to_save();
        if settings == self.settings_written {
            return;
        }
        self.settings_written = settings.clone();
        if let Some(path) = self.settings_path.clone() {
            self.jobs.save_settings(path, settings);
        }
        // What is typed from now on is looked at even if nothing else happens.
        ctx.request_repaint_after(SETTINGS_EVERY);
    }

    fn lang(&self) -> Lang {
        Lang::choose(self.state.settings.language, self.locale.as_deref())
    }

    fn close_requested(&mut self, ctx: &egui::Context) {
        if ctx.input(|i| i.viewport().close_requested()) && !self.state.quitting {
            self.act(Action::Quit, ctx);
            if !self.state.quitting {
                ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            }
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_dropped(ctx);
        self.drain(ctx);
        self.find_starts();
        self.analyse();
        self.tick(ctx);
        self.keep_settings(ctx);
        self.close_requested(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        ui.ctx().set_theme(match self.state.settings.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        });
        // Panels at the bottom take their place from the frame before.
        let size = ui.ctx().content_rect().size();
        if std::mem::replace(&mut self.size, size) != size {
            ui.ctx().request_repaint();
        }
        let actions = self.panels(ui);
        let ctx = ui.ctx().clone();
        for action in actions {
            self.act(action, &ctx);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.runs.clear();
        self.finish_loading_histories();
        self.keep_histories();
        // A write under way must not land after the last one.
        self.jobs.finish_writing();
        if let Some(path) = &self.settings_path {
            // Nobody is left to be told if the disk is full now.
            drop(settings_file::save(path, &self.state.to_save()));
        }
    }
}
