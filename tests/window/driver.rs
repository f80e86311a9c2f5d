//! Drives the real window by label, as `egui_kittest` drives the panels without one: start the
//! program, look at the tree that a screen reader would see, click and type, take a picture.
//!
//! It knows the program only from outside: its arguments, its environment and its window.
//! A test that fails leaves the tree, the picture and the program's own output under
//! `target/window-tests/`.

mod hands;
mod process;
mod text;
mod wire;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use egui::Event;
use egui_inspection::{EncodedPng, Request, Response};
use egui_kittest::kittest::{self, By, Queryable};
use egui_kittest::{EventQueue, Node};

use process::Process;
use wire::Wire;

/// How long anything may take. A test waits this long only when it is about to fail.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The pause between two looks at the window.
const BETWEEN_LOOKS: Duration = Duration::from_millis(15);

/// How to start the program.
#[derive(Debug, Clone)]
pub(crate) struct Launch<'a> {
    /// The command line, without the program.
    pub(crate) args: &'a [&'a str],
    /// Variables on top of the clean environment that every start gets.
    pub(crate) envs: &'a [(&'a str, &'a str)],
    /// `LANG`, and so the language of the window.
    pub(crate) lang: &'a str,
    /// The inner size of the window, in points.
    pub(crate) size: [u32; 2],
}

impl Default for Launch<'_> {
    fn default() -> Self {
        Self { args: &[], envs: &[], lang: "en_US.UTF-8", size: [1100, 720] }
    }
}

/// A running window. Queries such as `get_by_label` come from [`Queryable`] and look at the tree
/// as it was at the last step; the methods here do something, and then look again.
pub(crate) struct Driver {
    process: Process,
    wire: Wire,
    seen: Look,
    events: EventQueue,
    name: String,
}

/// What one look at the window has shown.
struct Look {
    tree: kittest::State,
    pixels_per_point: f32,
    frames: u64,
}

impl Driver {
    /// Starts the program in a home of its own and waits until its window answers.
    pub(crate) fn launch(launch: &Launch<'_>) -> Self {
        let deadline = Instant::now() + PATIENCE;
        let mut process = Process::start(launch);
        let mut wire = loop {
            match Wire::connect(process.inspection()) {
                Ok(wire) => break wire,
                Err(error) => {
                    if let Some(status) = process.exit_status() {
                        panic!("the program ended ({status}) before its window opened\n{}", process.output());
                    }
                    assert!(
                        Instant::now() < deadline,
                        "no window within {PATIENCE:?}: {error}\n{}",
                        process.output()
                    );
                    thread::park_timeout(BETWEEN_LOOKS);
                }
            }
        };
        let seen = look(&mut wire).unwrap_or_else(|error| panic!("{error}\n{}", process.output()));
        let name = thread::current().name().unwrap_or("window").replace("::", "-");
        let mut driver = Self { process, wire, seen, events: EventQueue::default(), name };
        let [width, height] = launch.size;
        driver.resize(width, height);
        driver
    }

    /// Sends SIGTERM to the program. Returns its exit status and its output.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) -> (Option<i32>, String) {
        let status = self.process.terminate(PATIENCE);
        (status.and_then(|status| status.code()), self.process.output())
    }

    /// Waits for the program to end by itself; whether it does.
    #[cfg(unix)]
    pub(crate) fn ends(&mut self) -> bool {
        self.process.end(PATIENCE).is_some()
    }

    /// The folder that is `HOME` to the program; it goes away with the driver.
    pub(crate) fn home(&self) -> &Path {
        self.process.home()
    }

    /// The root of the tree as it was at the last step.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::new(self.seen.tree.root(), &self.events, self.seen.pixels_per_point)
    }

    /// The tree as text: a line a node, indented.
    pub(crate) fn tree(&self) -> String {
        text::tree(&self.root())
    }

    /// Sends what was queued (by [`Node::click`], [`Self::event`] …), a frame for each event as
    /// from a person's hand, then looks at the window. A press and its release are one frame: between them
    /// the pointer of the display, over which other windows come and go, would look like a drag.
    pub(crate) fn step(&mut self) {
        let events = std::mem::take(&mut *self.events.lock());
        let of_one_click = |a: &Event, b: &Event| match (a, b) {
            (
                Event::PointerButton { pos: from, pressed: true, .. },
                Event::PointerButton { pos: to, pressed: false, .. },
            ) => from == to,
            _ => false,
        };
        for frame in events.chunk_by(of_one_click) {
            self.request_done(&Request::ApplyEvents { events: frame.to_vec() });
        }
        match look(&mut self.wire) {
            Ok(seen) => self.seen = seen,
            Err(error) => panic!("{error}\n{}", self.process.output()),
        }
    }

    /// How many frames the window draws of its own accord in this time: a caret that blinks, data
    /// that arrives. Up to two of them may be an echo of the last look.
    pub(crate) fn frames_in(&mut self, time: Duration) -> u64 {
        self.step();
        let before = self.seen.frames;
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            thread::park_timeout(left);
        }
        self.step();
        // The look itself draws one.
        self.seen.frames - before - 1
    }

    /// Queues an event for the next step.
    pub(crate) fn event(&self, event: Event) {
        self.events.lock().push(event);
    }

    /// Looks again and again until `condition` holds; `what` names it for the one who reads the
    /// failure. Each look draws a frame: what a window shows only because it was asked does not
    /// prove that it would have repainted by itself.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
            thread::park_timeout(BETWEEN_LOOKS);
            self.step();
        }
    }

    /// Waits until something has this label, and returns it.
    #[track_caller]
    pub(crate) fn wait_for<'a>(&'a mut self, label: &'a str) -> Node<'a> {
        self.wait_until(label, |it| it.query_all_by_label(label).next().is_some());
        self.get_by_label(label)
    }

    /// Waits until nothing has this label any more.
    #[track_caller]
    pub(crate) fn wait_gone(&mut self, label: &str) {
        self.wait_until(&format!("{label} gone"), |it| it.query_all_by_label(label).next().is_none());
    }

    /// Waits until `part` is to be read somewhere, be it a label or a value: a log line, a status.
    #[track_caller]
    pub(crate) fn wait_for_text(&mut self, part: &str) {
        self.wait_until(part, |it| it.shows(part));
    }

    /// Whether `part` was to be read somewhere at the last step.
    pub(crate) fn shows(&self, part: &str) -> bool {
        let contains = |text: Option<String>| text.is_some_and(|text| text.contains(part));
        let by = By::new().predicate(|node| contains(node.label()) || contains(node.value()));
        self.query_all(by).next().is_some()
    }

    /// Gives the window an inner size, in points, and waits until it is drawn at that size.
    #[track_caller]
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        self.request_done(&Request::Resize { width, height });
        let deadline = Instant::now() + PATIENCE;
        loop {
            let size = picture(&mut self.wire, Some(1.0)).unwrap_or_else(|error| panic!("{error}")).size;
            if size == [width, height] {
                break;
            }
            assert!(Instant::now() < deadline, "the window is {size:?}, not {width}×{height}");
            thread::park_timeout(BETWEEN_LOOKS);
        }
        self.step();
    }

    /// Saves a picture of the window as PNG; its folder is made if need be.
    pub(crate) fn screenshot(&mut self, path: &Path) {
        save_picture(&mut self.wire, path).unwrap_or_else(|error| panic!("no picture: {error}"));
    }

    /// A path among the artefacts, for a picture worth keeping.
    pub(crate) fn artefact(&self, suffix: &str) -> PathBuf {
        process::artefacts().join(format!("{}{suffix}", self.name))
    }

    /// Waits until the program has ended by itself, and returns its exit status.
    #[track_caller]
    pub(crate) fn wait_for_exit(&mut self) -> std::process::ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.exit_status() {
                return status;
            }
            assert!(Instant::now() < deadline, "the program still runs after {PATIENCE:?}");
            thread::park_timeout(BETWEEN_LOOKS);
        }
    }

    /// Sends what was queued in one go and waits until the program has ended by itself: the answer to
    /// what makes it end may never come.
    #[track_caller]
    pub(crate) fn step_and_exit(&mut self) -> std::process::ExitStatus {
        let events = std::mem::take(&mut *self.events.lock());
        if let Err(error) = self.wire.ask(&Request::ApplyEvents { events }) {
            eprintln!("the window went while it was asked: {error}");
        }
        self.wait_for_exit()
    }

    fn request_done(&mut self, request: &Request) {
        match self.wire.ask(request) {
            Ok(Response::Done) => {}
            Ok(other) => panic!("{request:?} was answered with {other:?}"),
            Err(error) => panic!("the window does not answer: {error}\n{}", self.process.output()),
        }
    }
}

impl<'tree, 'node> Queryable<'tree, 'node, Node<'tree>> for Driver
where
    'node: 'tree,
{
    fn queryable_node(&'node self) -> Node<'tree> {
        self.root()
    }
}

impl Drop for Driver {
    /// Leaves the evidence if the test has failed. Nothing here may panic.
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let mut report = format!("--- the window of {}\n{}", self.name, self.tree());
        let path = self.artefact(".png");
        let written = match save_picture(&mut self.wire, &path) {
            Ok(()) => writeln!(report, "--- its picture: {}", path.display()),
            Err(error) => writeln!(report, "--- no picture: {error}"),
        };
        debug_assert!(written.is_ok(), "a String takes everything");
        report += &self.process.output();
        eprintln!("{report}");
        if let Err(error) = process::save(&self.artefact(".txt"), report.as_bytes()) {
            eprintln!("--- not saved: {error}");
        }
    }
}

fn look(wire: &mut Wire) -> Result<Look, String> {
    match wire.ask(&Request::GetTree).map_err(|error| format!("the window does not answer: {error}"))? {
        Response::Tree { accesskit: Some(update), pixels_per_point, step: frames } => {
            Ok(Look { tree: kittest::State::new(update), pixels_per_point, frames })
        }
        other => Err(format!("no tree but {other:?}")),
    }
}

/// Takes a picture, at the window's own resolution if `pixels_per_point` does not say another.
fn picture(wire: &mut Wire, pixels_per_point: Option<f32>) -> Result<EncodedPng, String> {
    match wire.ask(&Request::GetScreenshot { pixels_per_point }).map_err(|error| error.to_string())? {
        Response::Screenshot(png) => Ok(png),
        other => Err(format!("no picture but {other:?}")),
    }
}

fn save_picture(wire: &mut Wire, path: &Path) -> Result<(), String> {
    let png = picture(wire, None)?;
    process::save(path, &png.bytes).map_err(|error| error.to_string())
}
