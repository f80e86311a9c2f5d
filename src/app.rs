//! The window's shell: `logic` drains what workers and jobs report and applies it, `ui` lays the
//! panels out and acts on what they answer. The one place that holds sessions, files and the clock.

mod analysis;
mod central_panel;
mod commands;
mod copy;
mod diagnostics;
pub mod dialogs;
mod drop;
mod geometry;
mod inspect;
mod jobs;
mod keeper;
#[cfg(target_os = "linux")]
mod lost_display;
mod over;
mod palette;
mod panels;
mod panes;
mod run;
mod side_panel;
mod start;
mod windows;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use eframe::egui;
use egui::Ui;
use jiff::tz::TimeZone;

use self::central_panel::Views;
use self::geometry::Geometry;
use self::jobs::{Done, Jobs};
use self::keeper::{Due, Keeper, Saved};
use self::run::Run;
pub use self::start::Setup;
use self::start::{Start, WindowText};
use crate::journal::{Limits, Store};
use crate::net::{self, Clock, OpenSession};
use crate::state::{Action, Effect, Notice, Phase, Report, SavedWindow, Settings, State, TabId, Task, Theme};
use crate::store;
use crate::ui::lang::Lang;
use crate::ui::toolbar::Menu;
use crate::ui::{fonts, theme};

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
    state_folder: Option<PathBuf>,
    keeper: Keeper,
    /// The names of the files of the tabs.
    names: HashMap<TabId, String>,
    geometry: Geometry,
    kept: Arc<Saved>,
    settings_kept: Settings,
    /// The serials of the histories that the keeper has got, by the names of their files.
    histories_written: HashMap<String, u64>,
    looked: Instant,
    /// Something may have changed since `looked`.
    is_touched: bool,
    is_due: bool,
    /// The system wants the process to end.
    is_told_to_end: Arc<AtomicBool>,
    limit_known: bool,
    logged: Vec<Notice>,
    size: egui::Vec2,
    /// Where the log and the strips above it are in the pane that was drawn last.
    log_rect: egui::Rect,
    strips_rect: egui::Rect,
    /// The parts of the panes, in the order in which the keyboard goes through them.
    regions: Vec<Option<egui::Rect>>,
    dropping: drop::Dropping,
    toggled: Option<Menu>,
    composing: Option<egui::ViewportId>,
    /// The tab that is worked in in the main window.
    tab_in_main: TabId,
    /// The field of a rule or fault that is being typed in.
    typing_in: Option<egui::Id>,
    /// What had the keyboard in the frame before.
    focused: Option<egui::Id>,
    locale: Option<String>,
    /// The language that the fonts are for.
    lang_of_fonts: Lang,
    zone: TimeZone,
    /// Where files are saved unless the user chooses another folder.
    documents: PathBuf,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("active", &self.state.active).finish_non_exhaustive()
    }
}

/// A burst of traffic causes one frame per this time, not one per packet.
const FRAME: Duration = Duration::from_millis(16);
/// What one frame may take for applying events.
const DRAIN: Duration = Duration::from_millis(6);
/// The most bytes pasted into a field, with what the send box has.
const MOST_PASTED: usize = 1 << 20;
/// How often changes are looked for, to be written.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When the system shows no window: no display, or libraries are missing. The text says what to do.
pub fn run(setup: Setup) -> Result<(), String> {
    diagnostics::log_to_file(&setup);
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon.png")).unwrap_or_default();
    let start = Start::read(setup);
    let lang = Lang::choose(&start.settings.language, start.setup.locale.as_deref());
    let geometry = start.window.geometry;
    let viewport = geometry.builder().with_title("netassist").with_app_id("netassist").with_icon(icon);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let create: eframe::AppCreator<'_> = Box::new(move |context| {
        let screens = context.winit_window().into_iter().flat_map(|window| window.available_monitors());
        geometry.place(
            &context.egui_ctx,
            screens.map(|screen| geometry::rect(screen.position().into(), screen.size().into())),
        );
        start.setup.dialogs.belong_to(context);
        let app = App::begin(&context.egui_ctx, start);
        app.close_on_signals(&context.egui_ctx);
        #[cfg(target_os = "linux")]
        lost_display::watch();
        Ok(Box::new(app))
    });
    // The toolkit's window system panics when a library of the system is missing.
    let show = AssertUnwindSafe(|| eframe::run_native("netassist", options, create));
    let shown = std::panic::catch_unwind(show);
    #[cfg(target_os = "linux")]
    lost_display::unwatch();
    let why = match shown {
        Ok(Ok(())) => return Ok(()),
        // Without the long list of what was asked for.
        Ok(Err(eframe::Error::NoGlutinConfigs(_, error))) => format!("no usable OpenGL: {error}"),
        Ok(Err(error)) => error.to_string(),
        Err(_panic) => "the window system has failed".to_owned(),
    };
    dialogs::tell_without_console(lang, &why);
    Err(format!("cannot open the window: {why}"))
}

impl App {
    /// The window's contents for `ctx`.
    pub fn new(ctx: &egui::Context, setup: Setup) -> Self {
        Self::begin(ctx, Start::read(setup))
    }

    fn begin(ctx: &egui::Context, start: Start) -> Self {
        theme::apply(ctx);
        let Start { setup, settings, tabs, window, folder, is_alone, settings_notice, tabs_notice } = start;
        let WindowText { active, layout, geometry, rooms } = window;
        let lang = Lang::choose(&settings.language, setup.locale.as_deref());
        fonts::install(ctx, lang);
        geometry.zoom(ctx);
        let (files, tabs): (Vec<String>, Vec<_>) = tabs.into_iter().unzip();
        let active = files.iter().position(|file| *file == active).unwrap_or_default();
        let mut state = State::restore(settings, layout, tabs, active);
        let known = |name| Some(state.tabs[files.iter().position(|file| *file == name)?].id);
        let rooms = rooms.map(known);
        state.arrange(rooms);
        let names: HashMap<TabId, String> = state.tabs.iter().map(|tab| tab.id).zip(files).collect();
        let limit_known = settings_notice.is_none();
        let (store, trouble) = match setup.store {
            Ok(store) => (Some(store), None),
            Err(error) => (None, Some(Notice::Failed(Task::ListingCaptures, String::new(), error.into()))),
        };
        state.notices = [settings_notice, tabs_notice, trouble].into_iter().flatten().collect();
        let repaint = ctx.clone();
        let wake: net::Wake = Arc::new(move || repaint.request_repaint_after(FRAME));
        let jobs = Jobs::new(Arc::clone(&wake), setup.dialogs);
        let known = setup.settings_path.clone().map(|path| (path, state.settings.clone()));
        let mut app = Self {
            keeper: Keeper::start(&jobs, folder, known),
            names,
            geometry,
            // Nothing: what was taken over from other windows is written to the folder of this one.
            kept: Arc::default(),
            settings_kept: state.settings.clone(),
            state,
            runs: HashMap::new(),
            views: HashMap::new(),
            jobs,
            wake,
            clock: Clock::start(),
            store,
            settings_path: setup.settings_path,
            state_folder: setup.state_folder,
            histories_written: HashMap::new(),
            looked: Instant::now(),
            is_touched: false,
            is_due: true,
            is_told_to_end: Arc::default(),
            limit_known,
            logged: Vec::new(),
            size: egui::Vec2::ZERO,
            log_rect: egui::Rect::NOTHING,
            strips_rect: egui::Rect::NOTHING,
            regions: Vec::new(),
            dropping: drop::Dropping::default(),
            toggled: None,
            composing: None,
            tab_in_main: TabId::default(),
            typing_in: None,
            focused: None,
            locale: setup.locale,
            lang_of_fonts: lang,
            zone: setup.zone,
            documents: setup.documents,
        };
        app.jobs.list_addresses();
        app.load_histories(is_alone);
        app.sweep();
        for path in setup.files {
            app.act(Action::OpenCapture(std::path::absolute(&path).unwrap_or(path)), ctx);
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
                    let setup = net::Setup { link, options, title, framing, rules, keeps_early: false };
                    self.open(tab, setup);
                }
                Effect::Command(tab, command) => self.command(tab, command),
                Effect::DropTab(tab) => self.drop_tab(tab),
                Effect::FindFile(path) => self.jobs.find_file(path),
                Effect::LoadCapture(tab, path, how) => self.load(tab, path, how),
                Effect::Export(tab, order) => self.export(tab, order),
                Effect::CancelExport(tab) => self.cancel_export(tab),
                Effect::Browse(tab, what, dialog) => self.jobs.browse(tab, what, dialog),
                Effect::ShowFolder(tab, file) => self.jobs.show_folder(tab, file),
                Effect::LoadWorkspace(path) => self.jobs.load_workspace(path, self.approvals()),
                Effect::FindFolders { tab, folders, opens } => self.jobs.find_folders(tab, folders, opens),
                Effect::Approve(origin, folders) => {
                    if let Some(approvals) = self.approvals() {
                        self.jobs.approve(approvals, origin, folders);
                    }
                }
                Effect::SuggestWorkspacePath(tab) => self.suggest_workspace_path(tab),
                Effect::SaveWorkspace { tab, path, workspace, if_exists } => {
                    let folders = self.state.find(tab).and_then(crate::state::Tab::folders_to_approve);
                    self.jobs.save_workspace(tab, path, workspace, if_exists, self.approvals().zip(folders));
                }
                Effect::ImportQuick(tab, path) => self.jobs.import_quick(tab, path),
                Effect::ExportQuick { tab, path, quick, if_exists } => {
                    self.jobs.export_quick(tab, path, quick, if_exists);
                }
                Effect::SuggestSavePath(tab) => self.suggest_save_path(tab),
                Effect::TestSelected(tab) => self.test_selected(tab),
                Effect::Copy(tab, order, form) => self.copy(tab, order, form),
                Effect::CopyText(tab, text) => {
                    let n_bytes = text.len();
                    ctx.copy_text(text);
                    self.report(Report::Copied(tab, n_bytes), ctx);
                }
                Effect::CopyDiagnostics(tab) => self.copy_diagnostics(tab),
                Effect::Reveal { tab, at, byte } => self.reveal(tab, at, byte),
                Effect::FocusLog(id, at) => {
                    if let (Some(views), Some(tab)) = (self.views.get_mut(&id), self.state.find(id)) {
                        views.focus(tab, at);
                    }
                }
                Effect::FindTwin(tab, item) => self.find_twin(tab, item),
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
                        self.jobs.change_capture(store, (Task::DeletingCapture, path), Store::remove);
                    }
                }
                Effect::MarkCapture(path, keep) => {
                    if let Some(store) = self.store.clone() {
                        let mark = move |store: &Store, path: &Path| store.mark(path, keep);
                        self.jobs.change_capture(store, (Task::MarkingCapture, path), mark);
                    }
                }
                Effect::RenameCapture(path, name) => {
                    let store = self.store.clone().filter(|store| path.parent() == Some(store.folder()));
                    if let Some(store) = store {
                        let rename = move |store: &Store, path: &Path| store.rename(path, &name);
                        self.jobs.change_capture(store, (Task::WritingSettings, path), rename);
                    }
                }
                Effect::WriteSettings => self.is_due = true,
                Effect::KeepOnTop(on) => {
                    let level = if on { egui::WindowLevel::AlwaysOnTop } else { egui::WindowLevel::Normal };
                    ctx.send_viewport_cmd(egui::ViewportCommand::WindowLevel(level));
                }
                Effect::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            }
        }
    }

    fn approvals(&self) -> Option<PathBuf> {
        self.settings_path.as_deref().map(store::approvals::path)
    }

    fn report(&mut self, report: Report, ctx: &egui::Context) {
        let effects = self.state.report(report);
        self.perform(effects, ctx);
    }

    /// Removes old captures over the limit; if the settings could not be read, nobody knows the
    /// limit, and nothing is removed.
    fn sweep(&self) {
        if !self.limit_known {
            return;
        }
        if let Some(store) = self.store.clone() {
            let Settings { keep_captures_mib, warn_captures_mib, .. } = self.state.settings;
            self.jobs.sweep(store, Limits::mib(keep_captures_mib, warn_captures_mib));
        }
    }

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
                    // The rest waits for the next frame, without blocking the workers.
                    ctx.request_repaint();
                    return;
                }
            }
        }
        while let Some(done) = self.jobs.next() {
            match done {
                Done::Report(report) => {
                    self.report(report, ctx);
                    self.touch(ctx);
                }
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

    /// Schedules frames while rates, passing notices or countdowns change.
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

    /// Schedules a look for changes that are to be written.
    fn touch(&mut self, ctx: &egui::Context) {
        self.is_touched = true;
        ctx.request_repaint_after(LOOK_EVERY.saturating_sub(self.looked.elapsed()));
    }

    fn keep(&mut self) {
        if self.is_due || self.is_touched && self.looked.elapsed() >= LOOK_EVERY {
            (self.is_due, self.is_touched, self.looked) = (false, false, Instant::now());
            self.keep_all();
        }
    }

    fn keep_all(&mut self) {
        // First: a history that gets a file has its name in the tab.
        let histories = self.changed_histories();
        let mut due = Due { histories, ..Due::default() };
        let saved = self.saved();
        if saved != *self.kept {
            self.kept = Arc::new(saved);
            due.window = Some(Arc::clone(&self.kept));
        }
        if self.state.settings != self.settings_kept {
            self.settings_kept.clone_from(&self.state.settings);
            due.settings = Some(self.state.settings.clone());
        }
        if !due.is_empty() {
            self.keeper.keep(due);
        }
    }

    fn saved(&mut self) -> Saved {
        let SavedWindow { tabs, active, rooms, layout } = self.state.to_save();
        self.names.retain(|id, _| self.state.find(*id).is_some());
        let mut name = |id| self.names.entry(id).or_insert_with(store::fresh_name).clone();
        let tabs = tabs.into_iter().map(|(id, tab)| (name(id), tab)).collect();
        let rooms = rooms.map(|id| Some(name(id)));
        Saved { tabs, window: WindowText { active: name(active), layout, geometry: self.geometry, rooms } }
    }

    fn lang(&self) -> Lang {
        Lang::choose(&self.state.settings.language, self.locale.as_deref())
    }

    /// Closes the window on SIGTERM, SIGINT and SIGHUP, or as Windows ends a session, as quitting does. Nobody may be
    /// there to answer a question. A second signal ends the process.
    fn close_on_signals(&self, ctx: &egui::Context) {
        let (told, ctx) = (Arc::clone(&self.is_told_to_end), ctx.clone());
        let handler = move || {
            if told.swap(true, Ordering::Relaxed) {
                std::process::exit(1);
            }
            ctx.request_repaint();
        };
        if let Err(error) = ctrlc::set_handler(handler) {
            log::warn!("a signal ends the window at once: {error}");
        }
    }

    fn close_requested(&mut self, ctx: &egui::Context) {
        if self.is_told_to_end.load(Ordering::Relaxed) && !self.state.quitting {
            log::info!("closing on a signal");
            self.state.quitting = true;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
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
        self.log_notices();
        self.keep();
        self.close_requested(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        ui.ctx().set_theme(match self.state.settings.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        });
        let lang = self.lang();
        if std::mem::replace(&mut self.lang_of_fonts, lang) != lang {
            fonts::install(ui.ctx(), lang);
        }
        // Panels at the bottom take their place from the frame before.
        let size = ui.ctx().content_rect().size();
        if std::mem::replace(&mut self.size, size) != size {
            ui.ctx().request_repaint();
        }
        let actions = self.panels(ui);
        let ctx = ui.ctx().clone();
        self.geometry.update(&ctx);
        if !actions.is_empty() || ctx.input(|i| !i.raw.events.is_empty()) {
            self.touch(&ctx);
        }
        let before = self.window_in_use();
        for (tab, action) in actions {
            let effects = self.state.act_in(tab, action);
            self.perform(effects, &ctx);
        }
        let window = self.window_in_use();
        if window != before {
            ctx.send_viewport_cmd_to(window, egui::ViewportCommand::Focus);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let last: Vec<_> = self.runs.iter().filter_map(|(tab, run)| Some((*tab, run.events()?))).collect();
        drop(OpenSession::finish_all(self.runs.values_mut().filter_map(Run::take_session)));
        let now = self.clock.now();
        // What was recorded at the end counts, too.
        for (tab, events) in last {
            events.try_iter().for_each(|event| drop(self.state.apply(tab, event, now)));
        }
        self.runs.clear();
        self.finish_loading_histories();
        self.keep_all();
        self.keeper.finish();
        log::info!("closed");
    }
}
