//! What a flood does to the window: it must keep drawing, stay small, and lose nothing.
//!
//! ```text
//! Xvfb :9 -screen 0 1920x1080x24 &
//! DISPLAY=:9 LIBGL_ALWAYS_SOFTWARE=1 cargo run --release --example flood_window -- --bytes 1000000000
//! ```
//!
//! The real window opens a TCP server, as by its button, with its own settings, captures and dialogs in a
//! temporary folder. A child process sends to it over loopback as fast as possible (or as `--rate` allows)
//! while the log follows the last record. Two things are measured for each frame: the time inside the
//! window's code (`logic` and `ui`), and the time from frame to frame, which includes the toolkit's drawing.
//! When the window has counted all bytes, it closes. Then what was received is saved from the capture, and
//! its SHA-256 compared with that of what was sent.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod content;
    pub(crate) mod exit;
    pub(crate) mod memory;
    pub(crate) mod no_dialogs;
    pub(crate) mod numbers;
    pub(crate) mod window;
}

use std::error::Error;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use clap::Parser;
use eframe::egui;
use jiff::tz::TimeZone;
use netassist::app::App;
use netassist::codec::Charset;
use netassist::export::{self, Body, Destination, Format, Scope, Style};
use netassist::model::{Protocol, SentCharsets};
use netassist::state::{Action, Phase};
use netassist::workspace::Session;
use sha2::{Digest, Sha256};

use support::child::{self, Child};
use support::content::{self, Content, Stream};
use support::memory::Memory;
use support::numbers::{grouped, quantile, rate};
use support::window;

/// The most that the window may grow, in KiB.
const MOST_GROWTH: u64 = 100 * 1024;

/// The longest acceptable interval between two frames.
const LONGEST: Duration = Duration::from_millis(250);

/// Gives up after this long without progress.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the window idles before and after the flood.
const REST: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Settings {
    /// Bytes to send.
    #[arg(long = "bytes", default_value_t = 1_000_000_000)]
    n_bytes: u64,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Kind of bytes: binary or text.
    #[arg(long, default_value_t = Content::Binary)]
    content: Content,
    /// How the log shows them: text, hex or dump.
    #[arg(long, default_value = Body::Text.name())]
    show: String,
    /// Bytes per second; 0 for as fast as possible.
    #[arg(long, default_value_t = 0)]
    rate: u64,
}

fn main() -> ExitCode {
    child::run(send, || measure(&Settings::parse()))
}

fn send(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    Ok(content::Sender::from_arguments(arguments)?.run()?)
}

/// Opens the window and prints the table. False if a limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-flood-").tempdir_in(&settings.folder)?;
    let (sender, receiver) = channel();
    let setup = window::setup([session(settings)?], folder.path())?;
    let viewport = egui::ViewportBuilder::default().with_title("netassist").with_inner_size([1000.0, 700.0]);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let (n_bytes, content, rate) = (settings.n_bytes, settings.content, settings.rate);
    eframe::run_native(
        "netassist",
        options,
        Box::new(move |context| {
            let app = App::new(&context.egui_ctx, setup);
            let now = Instant::now();
            Ok(Box::new(Flood {
                app,
                n_bytes,
                content,
                rate,
                stage: Stage::Fresh,
                since: now,
                counted: 0,
                logic: Duration::ZERO,
                drawn: None,
                work: Vec::new(),
                intervals: Vec::new(),
                result: sender,
            }))
        }),
    )?;
    let result = last(&receiver)?;
    let kept = print(settings, &result);
    let equal = compare(settings, &result.capture, folder.path())?;
    Ok(kept && equal)
}

/// The last report of the window.
fn last(receiver: &Receiver<Result<Outcome, String>>) -> Result<Outcome, String> {
    receiver.recv().map_err(|_closed| "the window was closed during the flood".to_owned())?
}

/// The session of the window.
fn session(settings: &Settings) -> Result<Session, Box<dyn Error>> {
    let mut session = Session { protocol: Protocol::TcpServer, ..Session::for_tab() };
    "0".clone_into(&mut session.local.port);
    session.view.body =
        Body::ALL.into_iter().find(|body| body.name() == settings.show).ok_or("text, hex or dump")?;
    Ok(session)
}

/// The measurements.
struct Outcome {
    took: Duration,
    capture: PathBuf,
    /// Milliseconds inside `logic` and `ui` per frame.
    work: Vec<f64>,
    /// Milliseconds from frame to frame.
    intervals: Vec<f64>,
    before: Option<Memory>,
    after: Option<Memory>,
}

enum Stage {
    /// Nothing has happened.
    Fresh,
    /// The server is opening.
    Opening,
    /// The child is connecting.
    Calling(Child),
    /// The child is connected; memory settles.
    Resting(Child),
    /// The child is sending.
    Flooded { child: Child, begun: Instant, before: Option<Memory> },
    /// All bytes are counted.
    Closing,
    /// Done.
    Over,
}

/// The window and its driver.
struct Flood {
    app: App,
    n_bytes: u64,
    content: Content,
    rate: u64,
    stage: Stage,
    /// When there was progress last.
    since: Instant,
    counted: u64,
    /// Time inside `logic` since the last frame.
    logic: Duration,
    drawn: Option<Instant>,
    work: Vec<f64>,
    intervals: Vec<f64>,
    result: Sender<Result<Outcome, String>>,
}

impl Flood {
    /// Advances to the next stage if it is time.
    fn step(&mut self, ctx: &egui::Context) -> Result<(), String> {
        let now = Instant::now();
        let tab = self.app.state().tab();
        let n_peers = tab.peers.len();
        let counted = tab.counters.received;
        if counted != self.counted {
            (self.counted, self.since) = (counted, now);
        } else if now.duration_since(self.since) > PATIENCE {
            return Err(format!("no progress for {PATIENCE:?} at {counted} bytes"));
        }
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Fresh => {
                self.app.act(Action::Open, ctx);
                Stage::Opening
            }
            Stage::Opening => match tab.phase {
                Phase::Open { local, .. } => Stage::Calling(self.call(local.address())?),
                Phase::Opening => Stage::Opening,
                Phase::Idle
                | Phase::Ready
                | Phase::Waiting { .. }
                | Phase::Closing
                | Phase::Viewing { .. } => {
                    return Err(format!("the server did not open: {:?}", tab.notice));
                }
            },
            Stage::Calling(child) if n_peers == 1 => {
                self.since = now;
                Stage::Resting(child)
            }
            Stage::Calling(child) => Stage::Calling(child),
            Stage::Resting(mut child) if now.duration_since(self.since) >= REST => {
                let before = Memory::now();
                (self.work, self.intervals, self.drawn) = (Vec::new(), Vec::new(), None);
                self.since = now;
                child.go();
                Stage::Flooded { child, begun: Instant::now(), before }
            }
            Stage::Resting(child) => Stage::Resting(child),
            Stage::Flooded { child, begun, before } if counted >= self.n_bytes && n_peers == 0 => {
                let outcome = Outcome {
                    took: begun.elapsed(),
                    capture: tab.capture.clone().ok_or("there is no capture")?,
                    work: std::mem::take(&mut self.work),
                    intervals: std::mem::take(&mut self.intervals),
                    before,
                    after: Memory::now(),
                };
                child.finish().map_err(|error| error.to_string())?;
                self.tell(Ok(outcome));
                self.app.act(Action::Close, ctx);
                Stage::Closing
            }
            Stage::Flooded { child, begun, before } => Stage::Flooded { child, begun, before },
            Stage::Closing if tab.phase == Phase::Idle => {
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                Stage::Over
            }
            Stage::Closing => Stage::Closing,
            Stage::Over => Stage::Over,
        };
        Ok(())
    }

    fn call(&self, address: SocketAddr) -> Result<Child, String> {
        let sender =
            content::Sender { address, n_bytes: self.n_bytes, content: self.content, rate: self.rate };
        sender.start().map_err(|error| error.to_string())
    }

    fn tell(&self, result: Result<Outcome, String>) {
        // Fails only if the window is being destroyed.
        drop(self.result.send(result));
    }
}

impl eframe::App for Flood {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        let begun = Instant::now();
        self.app.logic(ctx, frame);
        self.logic += begun.elapsed();
        if let Err(error) = self.step(ctx) {
            self.tell(Err(error));
            self.stage = Stage::Over;
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        // Rarely, so that it does not matter, but often enough to notice a lack of progress.
        ctx.request_repaint_after(REST);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        let begun = Instant::now();
        if let Some(drawn) = self.drawn.replace(begun) {
            self.intervals.push(begun.duration_since(drawn).as_secs_f64() * 1e3);
        }
        self.app.ui(ui, frame);
        let work = begun.elapsed() + std::mem::take(&mut self.logic);
        self.work.push(work.as_secs_f64() * 1e3);
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, input: &mut egui::RawInput) {
        self.app.raw_input_hook(ctx, input);
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        self.app.on_exit(gl);
    }
}

/// Prints the table; false if a limit was missed.
fn print(settings: &Settings, result: &Outcome) -> bool {
    let seconds = result.took.as_secs_f64();
    let rate = rate(settings.n_bytes, seconds);
    println!(
        "{} bytes, {}, shown as {}, captures in {}",
        grouped(settings.n_bytes),
        settings.content,
        settings.show,
        settings.folder.display()
    );
    println!();
    println!("seconds                        {seconds:>10.2}");
    println!("MB/s                           {rate:>10.0}");
    println!("frames                         {:>10}", result.work.len());
    println!();
    println!("ms per frame                       median        p99      worst");
    for (name, values) in [("in logic and ui", &result.work), ("from frame to frame", &result.intervals)] {
        let [median, p99, worst] = [0.5, 0.99, 1.0].map(|share| quantile(values, share));
        println!("{name:<30} {median:>10.1} {p99:>10.1} {worst:>10.1}");
    }
    let longest = quantile(&result.intervals, 1.0) / 1e3;
    let drew = !result.intervals.is_empty() && longest <= LONGEST.as_secs_f64();
    if !drew {
        println!("MISSED: frames must not take longer than {LONGEST:?}");
    }
    println!();
    let (Some(before), Some(after)) = (result.before, result.after) else {
        println!("memory: unknown on this system");
        return drew;
    };
    println!("KiB of memory                      before      after       peak");
    println!("{:<30} {:>10} {:>10} {:>10}", "resident", before.resident, after.resident, after.peak);
    println!("{:<30} {:>10} {:>10}", "… not backed by files", before.anonymous, after.anonymous);
    let small = after.peak.saturating_sub(before.resident) <= MOST_GROWTH;
    if !small {
        println!("MISSED: the window must not grow by more than {} KiB", grouped(MOST_GROWTH));
    }
    drew && small
}

/// Saves what was received and compares it with what was sent.
fn compare(settings: &Settings, capture: &Path, folder: &Path) -> Result<bool, Box<dyn Error>> {
    let to = Destination { path: folder.join("received.bin"), overwrite: false };
    let style = Style {
        charset: Charset::Utf8,
        charsets: Arc::default(),
        sent_charsets: SentCharsets::default(),
        body: Body::Hex,
        zone: TimeZone::UTC,
        notes: None,
        words: None,
        marked: false,
    };
    let mut go_on = |_done, _total| ControlFlow::Continue(());
    export::to_file(capture, &Scope::ALL, Format::RawReceived, &style, &to, &mut go_on)?;
    let mut sent = Hash::default();
    Stream::new(settings.content).write(settings.n_bytes, &mut sent)?;
    let mut saved = Hash::default();
    io::copy(&mut File::open(&to.path)?, &mut saved)?;
    let (sent, saved) = (sent.finish(), saved.finish());
    println!();
    println!("SHA-256 sent     {sent}");
    println!("SHA-256 received {saved}  {}", if sent == saved { "equal" } else { "NOT EQUAL" });
    Ok(sent == saved)
}

/// Computes the SHA-256 of what is written.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
