//! Hours of everything at once: at the end every byte is accounted for, and nothing has grown or is left over.
//!
//! ```text
//! Xvfb :9 -screen 0 1920x1080x24 &
//! DISPLAY=:9 LIBGL_ALWAYS_SOFTWARE=1 cargo run --release --example soak -- --minutes 60
//! ```
//!
//! The real window opens servers that echo lines and messages: plain, by TLS, by WebSocket and by both, some with faults in
//! their answers or with rules that answer besides; UDP; relays with and without faults, before servers in the child and
//! before a server of its own; and a client that sends in a cycle. In a child process, clients come and go, some of them with
//! RST, and UDP peers send datagrams. Every few seconds the window shows another tab, view or filter, or is cleared. With
//! `--full-every` and a `--folder` on a small file system (a `tmpfs`, say) the disk becomes full for some seconds again and
//! again. With `--clock` the wall clock is set an hour back and forth again and again, by Debian's package `faketime`:
//!
//! ```text
//! echo +0 >/tmp/clock; export FAKETIME_TIMESTAMP_FILE=/tmp/clock FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1
//! LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1 target/release/examples/soak --clock /tmp/clock
//! ```
//!
//! In the end, for each connection, each leg of a relay and what layers carry, SHA-256 and length of what the capture has are
//! compared with what the peer sent and received, or with the capture of the session at the other end; what came on one leg of
//! a relay with what went out on the other; what the window has counted with its captures, whose times must not go back; for
//! UDP, the numbers of datagrams, with those that the kernel dropped. Memory, apart from the index, must not have grown since
//! the first tenth (in a release build), and no thread and no descriptor may be left when all is closed.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "prints a table; its peers pause as people do"
)]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod memory;
    pub(crate) mod no_dialogs;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    pub(crate) mod soak_sessions;
    pub(crate) mod soak_world;
    pub(crate) mod talkers;
    pub(crate) mod tallies;
    pub(crate) mod usage;
    pub(crate) mod window;
    pub(crate) mod wires;
}

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use clap::Parser;
use eframe::egui;
use eframe::egui::epaint::FontsView;
use netassist::app::App;
use netassist::model::{Protocol, RepeatId};
use netassist::state::{Action, Phase, Side, Tab};
use netassist::workspace::{View, ViewMode};

use support::child;
use support::numbers::grouped;
use support::soak_sessions::{sessions, upstream};
use support::soak_world::{Sink, fill_again_and_again, step_again_and_again};
use support::talkers::Talkers;
use support::tallies::{self, Ended, Tally};
use support::usage::Use;
use support::window;
use support::wires::Server;

/// How often the window shows something else.
const CHANGE: Duration = Duration::from_secs(3);

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// How long the last answers may take once the peers have ended.
const SETTLE: Duration = Duration::from_mins(1);

/// The most KiB by which memory may grow, apart from the index.
const MOST_GROWTH: u64 = 16 * 1024;

#[derive(Parser)]
struct Settings {
    /// How long peers talk.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// TCP clients at a time.
    #[arg(long, default_value_t = 50)]
    clients: usize,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Fills the disk of the folder that often, in seconds; 0 for never.
    #[arg(long, default_value_t = 0)]
    full_every: u64,
    /// Sets the wall clock again and again, by this file of libfaketime.
    #[arg(long)]
    clock: Option<PathBuf>,
    /// The seed of what the peers say.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    child::run(|arguments| Talkers::from_arguments(arguments)?.run(), || measure(&Settings::parse()))
}

/// Opens the window and prints the tables. False if something was lost or has grown.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-soak-").tempdir_in(&settings.folder)?;
    let sink = Sink::start()?;
    let (upstream, authority) = (upstream()?, folder.path().join("state/authority/ca.pem"));
    let parts = sessions(sink.address, upstream, &authority)?;
    let echoes = parts.iter().filter(|part| part.1).map(|part| part.0.name.clone()).collect();
    let setup = window::setup(parts.into_iter().map(|part| part.0), folder.path())?;
    if let Some(clock) = settings.clock.clone() {
        step_again_and_again(clock);
    }
    if settings.full_every > 0 {
        fill_again_and_again(folder.path(), Duration::from_secs(settings.full_every))?;
    }
    let (sender, receiver) = channel();
    let viewport = egui::ViewportBuilder::default().with_title("netassist").with_inner_size([1000.0, 700.0]);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let talkers = Talkers {
        servers: Vec::new(),
        udp: Vec::new(),
        upstream,
        authority,
        clients: settings.clients,
        seconds: settings.minutes * 60.0,
        seed: settings.seed,
    };
    eframe::run_native(
        "netassist",
        options,
        Box::new(move |context| {
            let app = App::new(&context.egui_ctx, setup);
            Ok(Box::new(Soak {
                app,
                echoes,
                talkers,
                stage: Stage::Fresh,
                glyphs: [0; 2],
                changed: Instant::now(),
                looked: Instant::now(),
                nth: 0,
                begun: Instant::now(),
                looks: Vec::new(),
                before: None,
                result: sender,
            }))
        }),
    )?;
    let outcome = last(&receiver)?;
    let told = sink.told(SETTLE)?;
    let good = report(&outcome, &told);
    if !good {
        println!("kept for a closer look: {}", folder.keep().display());
    }
    Ok(good)
}

/// The last report of the window.
fn last(receiver: &Receiver<Result<Outcome, String>>) -> Result<Outcome, String> {
    receiver.recv().map_err(|_closed| "the window was closed".to_owned())?
}

struct Outcome {
    sessions: Vec<Ended>,
    peers: String,
    looks: Vec<Use>,
    before: Use,
    after: Use,
}

enum Stage {
    /// Nothing has happened.
    Fresh,
    /// The sessions are opened one by one.
    Opening(usize),
    /// The peers talk.
    Talking(Receiver<Result<String, String>>),
    /// The peers have ended.
    Settling(String, Instant),
    /// The sessions close.
    Closing(Box<Outcome>, Instant),
    /// Done.
    Over,
}

/// The window and its driver.
struct Soak {
    app: App,
    /// The names of the sessions through which what is sent comes back as it was.
    echoes: Vec<String>,
    talkers: Talkers,
    stage: Stage,
    /// The size of the texture of glyphs.
    glyphs: [usize; 2],
    changed: Instant,
    looked: Instant,
    nth: u64,
    begun: Instant,
    looks: Vec<Use>,
    before: Option<Use>,
    result: Sender<Result<Outcome, String>>,
}

impl Soak {
    /// Advances to the next stage if it is time.
    fn step(&mut self, ctx: &egui::Context) -> Result<(), String> {
        self.look(ctx);
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Fresh => {
                self.before = Some(self.used());
                self.open(0, ctx);
                Stage::Opening(0)
            }
            Stage::Opening(nth) => self.opening(nth, ctx)?,
            Stage::Talking(told) => match told.try_recv() {
                Ok(peers) => {
                    let cycles: Vec<RepeatId> = self.app.state().tabs.iter().flat_map(running).collect();
                    self.select(self.app.state().tabs.len() - 1, ctx);
                    for id in cycles {
                        self.app.act(Action::StopCycle(id), ctx);
                    }
                    Stage::Settling(peers?, Instant::now())
                }
                Err(_not_yet) => {
                    self.change(ctx);
                    Stage::Talking(told)
                }
            },
            Stage::Settling(peers, since) => {
                let servers = self.app.state().tabs.iter().filter(|tab| tab.session.protocol.accepts());
                let is_settled = servers.map(|tab| tab.peers.len() + tab.twins.len()).sum::<usize>() == 0;
                if !is_settled && since.elapsed() < SETTLE {
                    Stage::Settling(peers, since)
                } else {
                    self.close(peers, ctx)
                }
            }
            Stage::Closing(mut outcome, since) => {
                // A tab that shows its log holds files.
                let tabs = &self.app.state().tabs;
                let closed = tabs.iter().find(|tab| tab.phase == Phase::Idle && tab.capture.is_some());
                if let Some(tab) = closed {
                    let id = tab.id;
                    outcome.sessions.push(self.ended(tab)?);
                    self.app.act(Action::CloseTab(id), ctx);
                }
                let is_closed = self.app.state().tabs.iter().all(|tab| tab.capture.is_none());
                let after = self.used();
                if is_closed && after.holds_no_more_than(&outcome.before) || since.elapsed() > SETTLE {
                    outcome.after = after;
                    self.tell(Ok(*outcome));
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                    Stage::Over
                } else {
                    Stage::Closing(outcome, since)
                }
            }
            Stage::Over => Stage::Over,
        };
        Ok(())
    }

    fn select(&mut self, nth: usize, ctx: &egui::Context) {
        if let Some(id) = self.app.state().tabs.get(nth).map(|tab| tab.id) {
            self.app.act(Action::SelectTab(id), ctx);
        }
    }

    fn open(&mut self, nth: usize, ctx: &egui::Context) {
        self.select(nth, ctx);
        self.app.act(Action::Open, ctx);
    }

    /// Opens the next session once this one is open, and lets the peers begin after the last.
    fn opening(&mut self, nth: usize, ctx: &egui::Context) -> Result<Stage, String> {
        let Some(tab) = self.app.state().tabs.get(nth) else { return Err("a tab is missing".to_owned()) };
        let local = match &tab.phase {
            Phase::Open { local, .. } => local.address(),
            Phase::Opening | Phase::Waiting { .. } => return Ok(Stage::Opening(nth)),
            phase => return Err(format!("{} did not open: {phase:?}, {:?}", tab.session.name, tab.notice)),
        };
        let options = &tab.session.options;
        let speaks = |layer, legs| options.is_on(layer) && options.text(legs) != "upstream";
        match tab.session.protocol {
            Protocol::TcpServer | Protocol::TcpRelay => self.talkers.servers.push(Server {
                address: local,
                tls: speaks("tls", "tls-legs"),
                ws: speaks("ws", "ws-legs"),
                echoes: self.echoes.contains(&tab.session.name),
            }),
            Protocol::Udp | Protocol::UdpRelay => self.talkers.udp.push(local),
            Protocol::TcpClient => {
                self.app.act(Action::StartCycle, ctx);
                let told = self.talkers.start().map_err(|error| error.to_string())?;
                self.begun = Instant::now();
                return Ok(Stage::Talking(told));
            }
        }
        self.open(nth + 1, ctx);
        Ok(Stage::Opening(nth + 1))
    }

    /// Shows something else, every few seconds.
    fn change(&mut self, ctx: &egui::Context) {
        if self.changed.elapsed() < CHANGE {
            return;
        }
        self.changed = Instant::now();
        self.nth += 1;
        let (nth, n_tabs) = (self.nth, self.app.state().tabs.len());
        let view = &self.app.state().tab().session.view;
        let modes = ViewMode::ALL;
        let mode = modes.into_iter().cycle().nth(usize::try_from(nth).unwrap_or_default() % 7);
        let view = View { mode: mode.unwrap_or(view.mode), hide_events: nth.is_multiple_of(5), ..*view };
        let action = match nth % 9 {
            0 => Action::Clear,
            1 => Action::UndoClear,
            2 => Action::Pause(true),
            3 => Action::Pause(false),
            4 => Action::ShowSide(
                [Some(Side::Rules), Some(Side::History), None][usize::try_from(nth).unwrap_or_default() % 3],
            ),
            5 => Action::Hold(Some(100)),
            6 => Action::Hold(None),
            _other => Action::SetView(view),
        };
        if nth.is_multiple_of(4) {
            self.select(usize::try_from(nth / 4).unwrap_or_default() % n_tabs, ctx);
        }
        self.app.act(action, ctx);
    }

    /// Closes all sessions.
    fn close(&mut self, peers: String, ctx: &egui::Context) -> Stage {
        let (n_tabs, now) = (self.app.state().tabs.len(), self.used());
        println!("{now}");
        let before = self.before.unwrap_or(now);
        for nth in 0..n_tabs {
            self.select(nth, ctx);
            self.app.act(Action::Pause(false), ctx);
            self.app.act(Action::Close, ctx);
        }
        let looks = std::mem::take(&mut self.looks);
        let outcome = Outcome { sessions: Vec::new(), peers, looks, before, after: now };
        Stage::Closing(Box::new(outcome), Instant::now())
    }

    /// A session that has closed.
    fn ended(&self, tab: &Tab) -> Result<Ended, String> {
        let name = tab.session.name.clone();
        let capture = tab.capture.clone().ok_or_else(|| format!("{name} has no capture"))?;
        let protocol = tab.session.protocol;
        let (echoes, n_records) = (self.echoes.contains(&name), tab.log.len());
        Ok(Ended { name, protocol, echoes, capture, totals: tab.totals, n_records })
    }

    fn look(&mut self, ctx: &egui::Context) {
        if self.looked.elapsed() >= LOOK && matches!(self.stage, Stage::Talking(_)) {
            self.looked = Instant::now();
            self.glyphs = ctx.fonts(atlas);
            let used = self.used();
            let each = Duration::from_secs_f64(self.talkers.seconds / 20.0).as_secs().max(1);
            if self.looks.last().is_none_or(|last| last.at.as_secs() / each < used.at.as_secs() / each) {
                println!("{used}");
            }
            self.looks.push(used);
        }
    }

    fn used(&self) -> Use {
        Use::now(&self.app.state().tabs, self.glyphs, self.begun.elapsed())
    }

    fn tell(&self, result: Result<Outcome, String>) {
        // Fails only if the window is being destroyed.
        drop(self.result.send(result));
    }
}

/// The size of the texture of glyphs.
fn atlas(fonts: &FontsView<'_>) -> [usize; 2] {
    fonts.font_image_size()
}

/// The cycles of a tab that run.
fn running(tab: &Tab) -> Vec<RepeatId> {
    tab.cycles.keys().copied().collect()
}

impl eframe::App for Soak {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.app.logic(ctx, frame);
        if let Err(error) = self.step(ctx) {
            self.tell(Err(error));
            self.stage = Stage::Over;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        ctx.request_repaint_after(Duration::from_millis(200));
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.app.ui(ui, frame);
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, input: &mut egui::RawInput) {
        self.app.raw_input_hook(ctx, input);
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        self.app.on_exit(gl);
    }
}

/// Prints the result; false if something was lost or has grown.
fn report(outcome: &Outcome, sink: &Tally) -> bool {
    let mut good = true;
    match tallies::compare(&outcome.sessions, &outcome.peers, sink) {
        Ok(summary) => println!("{summary}"),
        Err(problem) => {
            println!("WRONG: {problem}");
            good = false;
        }
    }
    let looks = &outcome.looks;
    let tenth = looks.get(looks.len() / 10).map_or(0, |used| used.rest);
    let last = looks.iter().rev().take(6).map(|used| used.rest).min().unwrap_or(0);
    println!(
        "KiB without the index: {} after a tenth of the time, {} at the end",
        grouped(tenth),
        grouped(last)
    );
    // egui keeps the origin of every ID in a debug build.
    if last > tenth + MOST_GROWTH && !cfg!(debug_assertions) {
        println!("WRONG: memory has grown");
        good = false;
    }
    let (before, after) = (&outcome.before, &outcome.after);
    println!(
        "threads {} before, {} after; descriptors {} before, {} after",
        before.n_threads, after.n_threads, before.n_descriptors, after.n_descriptors
    );
    good && after.holds_no_more_than(before)
}
