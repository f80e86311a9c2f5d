//! Hours of everything at once: at the end every byte is accounted for, and nothing has grown or is left over.
//!
//! ```text
//! Xvfb :9 -screen 0 1920x1080x24 &
//! DISPLAY=:9 LIBGL_ALWAYS_SOFTWARE=1 cargo run --release --example soak -- --minutes 60
//! ```
//!
//! The real window opens a server that echoes lines, one whose echo has faults, a UDP socket that echoes, and a client
//! that sends in a cycle. In a child process, TCP clients come and go, some of them with RST, and UDP peers send
//! datagrams. Every few seconds the window shows another tab, view or filter, or is cleared. With `--full-every` and a
//! `--folder` on a small file system (a `tmpfs`, say) the disk becomes full for some seconds again and again.
//!
//! In the end, for each connection, SHA-256 and length of what the capture has are compared with what the peer sent and
//! received; for UDP, the numbers of datagrams, with those that the kernel dropped. Memory, apart from the index, must not
//! have grown since the first tenth, and no thread and no descriptor may be left when all is closed.
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
    pub(crate) mod talkers;
    pub(crate) mod tallies;
    pub(crate) mod window;
}

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use eframe::egui;
use netassist::app::App;
use netassist::model::{Protocol, RepeatId};
use netassist::state::{Action, Phase, Side, Tab};
use netassist::workspace::{
    Address, CycleForm, Draft, FaultsForm, RuleForm, Session, ThenKind, View, ViewMode,
};

use support::child;
use support::memory::Memory;
use support::numbers::grouped;
use support::talkers::Talkers;
use support::tallies::{self, Tally};
use support::window;

/// How often the window shows something else.
const CHANGE: Duration = Duration::from_secs(3);

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// How long the disk stays full.
const FULL: Duration = Duration::from_secs(5);

/// How long the last answers may take once the peers have ended.
const SETTLE: Duration = Duration::from_mins(1);

/// Bytes of an entry of the index, and of a list of messages.
const ENTRY: u64 = 16;

/// Bytes of an entry of the list of what is shown while something is hidden.
const SHOWN: u64 = 4;

/// The most KiB by which memory may grow, apart from the index.
const MOST_GROWTH: u64 = 16 * 1024;

/// The most bytes of a file system that is filled.
const SMALL: u64 = 4 << 30;

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
    let setup = window::setup(sessions(sink.address), folder.path())?;
    if settings.full_every > 0 {
        fill_again_and_again(folder.path(), Duration::from_secs(settings.full_every))?;
    }
    let (sender, receiver) = channel();
    let viewport = egui::ViewportBuilder::default().with_title("netassist").with_inner_size([1000.0, 700.0]);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let talkers = Talkers {
        servers: Vec::new(),
        udp: SocketAddr::from(([127, 0, 0, 1], 0)),
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
                talkers,
                stage: Stage::Fresh,
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
    let told = sink.told()?;
    Ok(report(&outcome, &told))
}

/// The last report of the window.
fn last(receiver: &Receiver<Result<Outcome, String>>) -> Result<Outcome, String> {
    receiver.recv().map_err(|_closed| "the window was closed".to_owned())?
}

/// The sessions: an echo, an echo with faults, UDP, and a client of the sink.
fn sessions(sink: SocketAddr) -> [Session; 4] {
    let here = Address::new("127.0.0.1", "0");
    let echo = RuleForm { then: ThenKind::Echo, ..RuleForm::default() };
    let server = Session {
        name: "echo".to_owned(),
        protocol: Protocol::TcpServer,
        local: here.clone(),
        framing: "line".to_owned(),
        rules: vec![echo.clone()],
        ..Session::for_tab()
    };
    let text = |value: &str| value.to_owned();
    let faults = FaultsForm {
        drop_every: text("7"),
        cut_every: text("5"),
        cut_pause: text("2ms"),
        join: text("3"),
        delay_every: text("11"),
        delay: text("1ms..20ms"),
        seed: text("9"),
        ..FaultsForm::default()
    };
    let with_faults = Session { name: text("faults"), faults, ..server.clone() };
    let udp = Session {
        name: text("udp"),
        protocol: Protocol::Udp,
        local: here,
        rules: vec![echo],
        ..Session::for_tab()
    };
    let client = Session {
        name: text("cycle"),
        protocol: Protocol::TcpClient,
        remote: Address::new(sink.ip().to_string(), sink.port().to_string()),
        send: Draft {
            content: text("{n:08} a message of the cycle\n"),
            placeholders: true,
            ..Draft::default()
        },
        cycle: CycleForm { period: text("5"), ..CycleForm::default() },
        ..Session::for_tab()
    };
    [server, with_faults, udp, client]
}

/// A server that takes one connection and reads it to its end.
struct Sink {
    address: SocketAddr,
    told: Receiver<std::io::Result<Tally>>,
}

impl Sink {
    fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, told) = channel();
        thread::spawn(move || {
            let read = || {
                let (mut stream, _) = listener.accept()?;
                let mut tally = Tally::default();
                let mut buffer = vec![0; 65536];
                loop {
                    match stream.read(&mut buffer)? {
                        0 => return Ok(tally),
                        n => tally.add(buffer.get(..n).unwrap_or_default()),
                    }
                }
            };
            // Fails only if nobody waits any more.
            drop(sender.send(read()));
        });
        Ok(Self { address, told })
    }

    fn told(self) -> Result<Tally, Box<dyn Error>> {
        Ok(self.told.recv_timeout(SETTLE)??)
    }
}

/// Fills the file system of a folder for some seconds, again and again.
fn fill_again_and_again(folder: &Path, every: Duration) -> Result<(), Box<dyn Error>> {
    let size = tallies::file_system_bytes(folder)?;
    if size > SMALL {
        return Err(format!("{} is no small file system: {} bytes", folder.display(), grouped(size)).into());
    }
    let path = folder.join("filler");
    thread::spawn(move || {
        loop {
            thread::sleep(every);
            let Ok(mut file) = File::create(&path) else { return };
            let block = vec![0; 1 << 20];
            while file.write_all(&block).is_ok() {}
            for byte in block.chunks(1).take(1 << 20) {
                if file.write_all(byte).is_err() {
                    break;
                }
            }
            println!("disk full");
            thread::sleep(FULL);
            drop(fs::remove_file(&path));
            println!("disk freed");
        }
    });
    Ok(())
}

/// What the process uses.
#[derive(Debug, Clone, Copy)]
struct Use {
    at: Duration,
    n_records: u64,
    /// KiB, apart from the index, the messages and what is shown of them.
    rest: u64,
    resident: u64,
    n_threads: usize,
    n_descriptors: usize,
}

impl Use {
    fn holds_no_more_than(&self, before: &Self) -> bool {
        self.n_threads <= before.n_threads && self.n_descriptors <= before.n_descriptors
    }
}

struct Outcome {
    captures: Vec<(String, PathBuf)>,
    peers: String,
    kernel_dropped: u64,
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
    talkers: Talkers,
    stage: Stage,
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
        self.look();
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
                let servers = self.app.state().tabs.iter().take(2);
                let is_settled = servers.map(|tab| tab.peers.len()).sum::<usize>() == 0;
                if !is_settled && since.elapsed() < SETTLE {
                    Stage::Settling(peers, since)
                } else {
                    self.close(peers, ctx)?
                }
            }
            Stage::Closing(mut outcome, since) => {
                // A tab that shows its log holds files.
                let tabs = &self.app.state().tabs;
                let closed = tabs.iter().find(|tab| tab.phase == Phase::Idle && tab.capture.is_some());
                if let Some(id) = closed.map(|tab| tab.id) {
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
        match nth {
            0 | 1 => self.talkers.servers.push(local),
            2 => self.talkers.udp = local,
            _client => {
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
    fn close(&mut self, peers: String, ctx: &egui::Context) -> Result<Stage, String> {
        let tabs = &self.app.state().tabs;
        let capture = |tab: &Tab| {
            let path = tab.capture.clone().ok_or_else(|| format!("{} has no capture", tab.session.name))?;
            Ok((tab.session.name.clone(), path))
        };
        let captures = tabs.iter().map(capture).collect::<Result<_, String>>()?;
        let kernel_dropped = tabs.iter().filter_map(|tab| tab.totals.kernel_dropped).sum();
        let (n_tabs, now) = (tabs.len(), self.used());
        println!("{}", row(&now));
        let before = self.before.unwrap_or(now);
        for nth in 0..n_tabs {
            self.select(nth, ctx);
            self.app.act(Action::Pause(false), ctx);
            self.app.act(Action::Close, ctx);
        }
        let looks = std::mem::take(&mut self.looks);
        let outcome = Outcome { captures, peers, kernel_dropped, looks, before, after: now };
        Ok(Stage::Closing(Box::new(outcome), Instant::now()))
    }

    fn look(&mut self) {
        if self.looked.elapsed() >= LOOK && matches!(self.stage, Stage::Talking(_)) {
            self.looked = Instant::now();
            let used = self.used();
            if self.looks.len().is_multiple_of(30) {
                println!("{}", row(&used));
            }
            self.looks.push(used);
        }
    }

    fn used(&self) -> Use {
        let tabs = &self.app.state().tabs;
        let n_records = tabs.iter().map(|tab| tab.log.len()).sum::<u64>();
        let n_messages = tabs.iter().map(|tab| tab.framed.messages.len()).sum::<u64>();
        let resident = Memory::now().map_or(0, |memory| memory.anonymous);
        let entries = |path| fs::read_dir(path).map_or(0, Iterator::count);
        Use {
            at: self.begun.elapsed(),
            n_records,
            rest: resident.saturating_sub((n_records + n_messages) * (ENTRY + SHOWN) / 1024),
            resident,
            n_threads: entries("/proc/self/task"),
            n_descriptors: entries("/proc/self/fd"),
        }
    }

    fn tell(&self, result: Result<Outcome, String>) {
        // Fails only if the window is being destroyed.
        drop(self.result.send(result));
    }
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

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        self.app.on_exit(gl);
    }
}

fn row(used: &Use) -> String {
    format!(
        "{:>6} s  {:>13} records  {:>9} KiB of memory, {:>9} without the index  {:>3} threads  {:>4} descriptors",
        used.at.as_secs(),
        grouped(used.n_records),
        grouped(used.resident),
        grouped(used.rest),
        used.n_threads,
        used.n_descriptors
    )
}

/// Prints the result; false if something was lost or has grown.
fn report(outcome: &Outcome, sink: &Tally) -> bool {
    let mut good = true;
    match tallies::compare(&outcome.captures, &outcome.peers, sink, outcome.kernel_dropped) {
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
    if last > tenth + MOST_GROWTH {
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
