//! The cost of a long log: opening it, keeping it in memory, and showing it.
//!
//! ```text
//! cargo run --release --example large_log -- --folder /var/tmp/netassist-captures
//! ```
//!
//! Makes captures of up to 100 million records, which are kept in the folder for the next time, and opens
//! each in the complete window, without a display. Each view is drawn idle, scrolled by the wheel, dragged to
//! random places by the scroll bar, and moved to its ends by Home and End. Frames are measured in processor
//! time of the window's thread: `logic`, `ui` and the toolkit without tessellation (`pass`), and tessellation
//! (`tess`). No pixels are drawn. Files are read once before, so that they are in the page cache, memory
//! permitting. Each capture is measured by its own process, so that none inherits memory.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod captures;
    pub(crate) mod exit;
    pub(crate) mod headless;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod memory;
    pub(crate) mod no_dialogs;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
}

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use eframe::egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect};
use eframe::egui::{TouchPhase, pos2, vec2};
use netassist::model::Body;
use netassist::state::{Action, Phase};
use netassist::ui::lang::Lang;
use netassist::workspace::{View, ViewMode};

use support::captures::{LINE, Shape, number};
use support::exit::exit_code;
use support::headless::{Cost, Headless, Seen};
use support::memory::Memory;
use support::numbers::{grouped, quantile};

/// Frames per motion.
const N_FRAMES: usize = 300;
/// Frames before that, which are not counted.
const WARM_UP: usize = 20;

/// The highest acceptable median of a frame, in milliseconds of `pass`.
const MOST_MEDIAN: f64 = 2.0;
/// The highest acceptable ratio between frames of a long log and of one with 1,000 records.
const MOST_RATIO: f64 = 1.3;
/// The first records must be visible after this many seconds.
const MOST_TO_FIRST: f64 = 0.3;
/// Bytes of memory per record of the longest log: 16 for the index, and a little for everything else.
const MOST_PER_RECORD: f64 = 16.5;
/// Growth in MiB by opening the largest file.
const MOST_GROWTH: f64 = 200.0;

/// Gives up after this long.
const PATIENCE: Duration = Duration::from_mins(10);

#[derive(Parser)]
struct Settings {
    /// Folder for captures, which stay there.
    #[arg(long, default_value_os_t = std::env::temp_dir().join("netassist-captures"))]
    folder: PathBuf,
    /// Records of the longest log.
    #[arg(long = "records", default_value_t = 100_000_000)]
    n_records: u64,
    /// Bytes of the largest file.
    #[arg(long = "bytes", default_value_t = 10_000_000_000)]
    n_bytes: u64,
    /// Which capture this process measures; none for the process that starts the others.
    #[arg(long, hide = true)]
    case: Option<usize>,
    /// The medians of the shortest log.
    #[arg(long, hide = true)]
    shortest: Option<PathBuf>,
}

impl Settings {
    /// The captures to measure.
    fn shapes(&self) -> Vec<Shape> {
        let lines = [1000, self.n_records / 10, self.n_records];
        let of_bytes = [(self.n_bytes / 10, 65_495), (self.n_bytes / 10, 100), (self.n_bytes, 65_495)];
        let lines = lines.into_iter().map(|n_records| Shape { n_records, len: LINE });
        lines.chain(of_bytes.into_iter().map(|(n_bytes, len)| Shape::of_bytes(n_bytes, len))).collect()
    }
}

/// A view.
struct Look {
    name: &'static str,
    view: fn(View) -> View,
}

const LOOKS: [Look; 4] = [
    Look { name: "log", view: |view| View { mode: ViewMode::Log, body: Body::Text, ..view } },
    Look { name: "log, dump", view: |view| View { mode: ViewMode::Log, body: Body::Dump, ..view } },
    Look { name: "table", view: |view| View { mode: ViewMode::Table, body: Body::Text, ..view } },
    Look { name: "stream", view: |view| View { mode: ViewMode::Stream, body: Body::Text, ..view } },
];

/// A kind of motion.
#[derive(Debug, Clone, Copy)]
enum Motion {
    /// None.
    Still,
    /// Three rows per frame, down and up in turns.
    Wheel,
    /// The scroll bar is held and dragged to another random place in each frame.
    Jump,
    /// Home and End in turns.
    Ends,
}

impl Motion {
    const ALL: [Self; 4] = [Self::Still, Self::Wheel, Self::Jump, Self::Ends];

    fn name(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Wheel => "wheel",
            Self::Jump => "jump",
            Self::Ends => "home/end",
        }
    }
}

fn main() -> ExitCode {
    let settings = Settings::parse();
    exit_code(match (settings.case, &settings.shortest) {
        (Some(case), Some(medians_at)) => measure_one(case, medians_at, &settings),
        (Some(_), None) | (None, _) => measure(&settings),
    })
}

/// The table.
struct Report {
    missed: bool,
    /// Medians of the shortest log, by name of the measurement.
    shortest: Vec<(String, f64)>,
}

impl Report {
    /// Prints a row. `limit` is the highest acceptable value.
    fn row(&mut self, what: &str, value: f64, unit: &str, limit: Option<f64>) {
        let verdict = match limit {
            None => String::new(),
            Some(limit) if value <= limit => format!("≤ {limit}"),
            Some(limit) => {
                self.missed = true;
                format!("≤ {limit} MISSED")
            }
        };
        println!("  {what:<34} {value:>10.3} {unit:<9} {verdict}");
    }

    /// Prints a row of frames.
    fn frames(&mut self, what: String, costs: &[Cost], is_long: bool) {
        let [pass, tess]: [Vec<f64>; 2] = [|cost: &Cost| cost.pass, |cost: &Cost| cost.tessellation]
            .map(|part| costs.iter().map(part).collect());
        let [median, p99] = [0.5, 0.99].map(|share| quantile(&pass, share));
        let before = self.shortest.iter().find(|(name, _)| *name == what).map(|(_, median)| *median);
        let ratio = before.map_or(1.0, |before| median / before.max(1e-6));
        let slow = median > MOST_MEDIAN || (is_long && ratio > MOST_RATIO);
        self.missed |= slow;
        let verdict = if slow { "MISSED" } else { "" };
        println!(
            "  {what:<34} {median:>10.3} {p99:>9.3} {:>9.3} {:>9.3} {ratio:>7.2} {verdict}",
            quantile(&tess, 0.5),
            quantile(&tess, 0.99),
        );
        if before.is_none() {
            self.shortest.push((what, median));
        }
    }
}

/// Prints the table; false if a limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    println!("{N_FRAMES} frames per motion; the median of `pass` is at most {MOST_MEDIAN} ms, and in a long");
    println!("log at most {MOST_RATIO} times that in one of 1,000 records");
    let shortest = tempfile::NamedTempFile::new()?;
    let mut kept = true;
    for (case, shape) in settings.shapes().into_iter().enumerate() {
        shape.file(&settings.folder)?;
        let status = Command::new(std::env::current_exe()?)
            .arg("--folder")
            .arg(&settings.folder)
            .arg("--shortest")
            .arg(shortest.path())
            .args(["--records", &settings.n_records.to_string(), "--bytes", &settings.n_bytes.to_string()])
            .args(["--case", &case.to_string()])
            .status()?;
        kept &= match status.code() {
            Some(0) => true,
            Some(1) => false,
            code => return Err(format!("a measurement ended with {code:?}").into()),
        };
    }
    Ok(kept)
}

/// Measures one capture; false if a limit was missed.
fn measure_one(case: usize, medians_at: &Path, settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let shape = settings.shapes().into_iter().nth(case).ok_or("no such capture")?;
    let path = shape.file(&settings.folder)?;
    read_through(&path)?;
    let mut report = Report { missed: false, shortest: medians(medians_at)? };
    look_at(shape, &path, settings, &mut report)?;
    let medians: Vec<String> = report.shortest.iter().map(|(what, ms)| format!("{ms}\t{what}\n")).collect();
    std::fs::write(medians_at, medians.concat())?;
    Ok(!report.missed)
}

/// What an earlier process wrote about the shortest log.
fn medians(path: &Path) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(ms, what)| Ok((what.to_owned(), ms.parse()?))).collect()
}

/// Reads a file into the page cache.
fn read_through(path: &Path) -> io::Result<()> {
    io::copy(&mut std::fs::File::open(path)?, &mut io::sink()).map(drop)
}

fn look_at(
    shape: Shape,
    path: &Path,
    settings: &Settings,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let file_len = std::fs::metadata(path)?.len();
    println!();
    println!(
        "{} records of {} bytes, a file of {} bytes",
        grouped(shape.n_records),
        shape.len,
        grouped(file_len)
    );
    let folder = tempfile::tempdir()?;
    // Do not count what any window needs, and what the allocator keeps.
    Headless::open(folder.path(), Vec::new()).step(Vec::new());
    let before = Memory::now();
    let begun = Instant::now();
    let mut window = Headless::open(folder.path(), vec![path.to_owned()]);
    if !window.step_until(PATIENCE, |app| !app.state().tab().log.is_empty()) {
        return Err("the capture cannot be opened".into());
    }
    window.step(Vec::new());
    report.row("first records visible after", begun.elapsed().as_secs_f64(), "s", Some(MOST_TO_FIRST));
    // One more for the connection.
    let n_records = shape.n_records + 1;
    let all = |app: &netassist::app::App| {
        let tab = app.state().tab();
        tab.phase == Phase::Viewing { loading: None } && tab.log.len() >= n_records
    };
    if !window.step_until(PATIENCE, all) {
        return Err("the capture cannot be opened completely".into());
    }
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "rates and sizes need no more than 52 bits")]
    let [records, bytes] = [n_records as f64, file_len as f64];
    report.row("all of it after", seconds, "s", None);
    report.row("records", records / seconds / 1e6, "million/s", None);
    report.row("of the file", bytes / seconds / 1e9, "GB/s", None);
    if let (Some(before), Some(after)) = (before, Memory::now()) {
        #[expect(clippy::cast_precision_loss, reason = "rates and sizes need no more than 52 bits")]
        let grown = after.anonymous.saturating_sub(before.anonymous) as f64 * 1024.0;
        let is_largest = file_len >= settings.n_bytes && shape.len > 1000;
        report.row(
            "memory has grown by",
            grown / f64::from(1 << 20),
            "MiB",
            is_largest.then_some(MOST_GROWTH),
        );
        if shape.n_records >= 1_000_000 {
            report.row("per record", grown / records, "bytes", Some(MOST_PER_RECORD));
        }
    }
    let is_long = shape.len == LINE && shape.n_records > 1000;
    println!("  {:<34} {:>10} {:>9} {:>9} {:>9} {:>7}", "frame, ms", "pass", "p99", "tess", "p99", "ratio");
    for look in LOOKS {
        let tab = window.app.state().tab();
        let view = (look.view)(View { auto_scroll: false, ..tab.session.view });
        window.act(Action::SetView(view));
        for motion in Motion::ALL {
            let costs = frames(&mut window, motion)?;
            report.frames(format!("{}, {}", look.name, motion.name()), &costs, is_long);
        }
    }
    if shape.len == LINE {
        let view = (LOOKS[0].view)(window.app.state().tab().session.view);
        window.act(Action::SetView(view));
        exact(&mut window, shape.n_records, report)?;
    }
    Ok(())
}

/// Where the scroll bar is.
fn bar(window: &mut Headless) -> Result<Rect, String> {
    // What the last frame requested appears in the second one.
    window.step(Vec::new());
    let seen = window.look();
    let names = [Lang::En.log_position(), Lang::En.table_position()];
    let bar = seen.iter().find(|seen| names.contains(&seen.label.as_str()));
    bar.map(|seen| seen.rect).ok_or_else(|| "no scroll bar".to_owned())
}

fn press(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

fn key(key: Key) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    })
}

fn wheel(points: f32) -> Event {
    Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }
}

/// A place inside the log, next to the scroll bar.
fn within(bar: Rect) -> Pos2 {
    pos2(bar.left() - 40.0, bar.bottom() - 12.0)
}

fn frames(window: &mut Headless, motion: Motion) -> Result<Vec<Cost>, String> {
    let bar = bar(window)?;
    let log = within(bar);
    // Starts in the middle, with keyboard focus in the log.
    for pos in [bar.center(), log] {
        for pressed in [true, false] {
            window.step(vec![Event::PointerMoved(pos), press(pos, pressed)]);
        }
    }
    let mut random = 1_u64;
    let mut costs = Vec::new();
    for n in 0..WARM_UP + N_FRAMES {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let events = match motion {
            Motion::Still => Vec::new(),
            Motion::Wheel => vec![wheel(if n / 50 % 2 == 0 { -51.0 } else { 51.0 })],
            Motion::Jump => {
                #[expect(clippy::cast_precision_loss, reason = "a place among some hundred points")]
                let part = (random >> 40) as f32 / (1_u64 << 24) as f32;
                let place = pos2(bar.center().x, bar.top() + bar.height() * part);
                let mut events = vec![Event::PointerMoved(place)];
                if n == 0 {
                    events.push(press(place, true));
                }
                events
            }
            Motion::Ends => key(if n % 2 == 0 { Key::End } else { Key::Home }).to_vec(),
        };
        let cost = window.step(events);
        if n >= WARM_UP {
            costs.push(cost);
        }
    }
    window.step(vec![press(bar.center(), false)]);
    Ok(costs)
}

/// Turns the wheel near record number nine tenths of all, and checks that the log moves by the same number of
/// rows.
fn exact(window: &mut Headless, n_records: u64, report: &mut Report) -> Result<(), String> {
    let bar = bar(window)?;
    let place = pos2(bar.center().x, bar.top() + bar.height() * 0.9);
    for pressed in [true, false] {
        window.step(vec![Event::PointerMoved(place), press(place, pressed)]);
    }
    window.step(vec![Event::PointerMoved(within(bar))]);
    let (from, height) = tenth(&window.look(), bar).ok_or("no record is visible")?;
    let n_turned = 50;
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let points = height * n_turned as f32;
    window.step(vec![wheel(-points)]);
    rest(window);
    let (down, _) = tenth(&window.look(), bar).ok_or("no record is visible")?;
    window.step(vec![wheel(points)]);
    rest(window);
    let (up, _) = tenth(&window.look(), bar).ok_or("no record is visible")?;
    let wrong = down.abs_diff(from + n_turned) + up.abs_diff(from);
    println!("  the wheel, turned by {n_turned} records at {} of {}", grouped(from), grouped(n_records));
    #[expect(clippy::cast_precision_loss, reason = "a few records")]
    report.row("off by", wrong as f64, "records", Some(0.0));
    Ok(())
}

/// Draws until the wheel has stopped: the toolkit spreads one turn over several frames.
fn rest(window: &mut Headless) {
    for _ in 0..60 {
        window.step(Vec::new());
    }
}

/// The number of the record ten and a half rows below the top, and the height of a row.
fn tenth(seen: &[Seen], bar: Rect) -> Option<(u64, f32)> {
    let rows =
        || seen.iter().filter_map(|seen| Some((number(seen.label.rsplit("  ").next()?.trim())?, seen.rect)));
    let height = rows().map(|(_, rect)| rect.height()).reduce(f32::max)?;
    let y = bar.top() + height * 10.5;
    let at = |y: f32| rows().find(move |(_, rect)| rect.y_range().contains(y));
    at(y).or_else(|| at(y + height)).map(|(n, _)| (n, height))
}
