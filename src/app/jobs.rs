//! Work that would hold the window up: each job is a named thread that reports back over one bounded
//! channel. A job whose window is gone ends by itself, at the latest when it reports.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use jiff::tz::TimeZone;

use super::dialogs::Dialogs;
use crate::export::{self, Destination, ExportError, Scope, Style};
use crate::journal::{self, Frame, Kept, Reader, Store};
use crate::model::{Format, Index, Stamp};
use crate::net;
use crate::state::{
    Disposal, ExportOrder, Loaded, LocalAddress, Notice, Recent, Report, Saved, Settings, TabId, Task,
    settings_file,
};
use crate::ui::log::layout::{Config, Layouter};

/// What a job gives back.
#[derive(Debug)]
pub(super) enum Done {
    /// News for the state.
    Report(Report),
    /// Text for the clipboard.
    Clipboard(TabId, String),
}

/// Starts jobs and collects what they report.
pub(super) struct Jobs {
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    wake: net::Wake,
    dialogs: Arc<dyn Dialogs>,
    /// The last write of the settings: the next one waits for it.
    settings: Option<JoinHandle<()>>,
}

/// Reports that may wait for the window.
const CHANNEL: usize = 64;

/// A dialog that is answered faster than a person can see it was never shown.
const UNSEEN: Duration = Duration::from_millis(250);

/// The most that goes on the clipboard, in bytes.
pub(super) const MOST_COPIED: usize = 64 << 20;

impl Jobs {
    /// `wake` is called after each report.
    pub(super) fn new(wake: net::Wake, dialogs: Arc<dyn Dialogs>) -> Self {
        let (sender, receiver) = crossbeam_channel::bounded(CHANNEL);
        Self { sender, receiver, wake, dialogs, settings: None }
    }

    /// The next report, if one is there.
    pub(super) fn next(&self) -> Option<Done> {
        self.receiver.try_recv().ok()
    }

    fn start(&self, name: &str, work: impl FnOnce(&Desk) + Send + 'static) {
        // Nobody waits for it: it reports.
        drop(self.spawn(name, work));
    }

    fn spawn(&self, name: &str, work: impl FnOnce(&Desk) + Send + 'static) -> Option<JoinHandle<()>> {
        let desk = Desk { sender: self.sender.clone(), wake: Arc::clone(&self.wake) };
        let thread = std::thread::Builder::new().name(name.to_owned());
        match thread.spawn(move || work(&desk)) {
            Ok(thread) => Some(thread),
            Err(error) => {
                let failed = failed(Task::Starting, &name, &error);
                // The channel may be full: then there is plenty to read already.
                drop(self.sender.try_send(Done::Report(failed)));
                None
            }
        }
    }

    /// Lists this machine's addresses.
    pub(super) fn list_addresses(&self) {
        self.start("addresses", |desk| match net::local_addresses() {
            Ok(found) => {
                let address = |one: net::Interface| LocalAddress {
                    interface: one.name,
                    address: one.address,
                    index: one.index,
                };
                desk.report(Report::Addresses(found.into_iter().map(address).collect()));
            }
            Err(error) => desk.report(failed(Task::ListingAddresses, &"", &error)),
        });
    }

    /// Lists the captures in the user's data folder.
    pub(super) fn list_recent(&self, store: Store) {
        self.start("captures", move |desk| desk.report_recent(&store));
    }

    /// Removes the oldest captures over the limit.
    pub(super) fn sweep(&self, store: Store, limit: u64) {
        self.start("sweep", move |desk| {
            if let Err(error) = store.sweep(limit) {
                desk.report(failed(Task::RemovingOldCaptures, &"", &error));
            }
        });
    }

    /// Removes one capture.
    pub(super) fn remove_capture(&self, store: Store, path: PathBuf) {
        self.start("remove", move |desk| {
            if let Err(error) = store.remove(&path) {
                desk.report(failed(Task::DeletingCapture, &path.display(), &error));
            }
            desk.report_recent(&store);
        });
    }

    /// Asks where to save.
    pub(super) fn pick_save_path(&self, tab: TabId, suggested: PathBuf, format: Format) {
        let dialogs = Arc::clone(&self.dialogs);
        self.start("save dialog", move |desk| {
            let asked = Instant::now();
            match dialogs.save(&suggested, format.extension()) {
                Some(path) => desk.report(Report::SavePath(tab, path)),
                None => desk.report_unanswered(tab, asked),
            }
        });
    }

    /// Asks which file to send.
    pub(super) fn pick_send_file(&self, tab: TabId) {
        let dialogs = Arc::clone(&self.dialogs);
        self.start("file dialog", move |desk| {
            let asked = Instant::now();
            match dialogs.open() {
                Some(path) => desk.report(Report::SendFilePath(tab, path)),
                None => desk.report_unanswered(tab, asked),
            }
        });
    }

    /// Saves what `scope` names of a capture as something else; `stop` cancels.
    pub(super) fn export(
        &self,
        tab: TabId,
        capture: PathBuf,
        scope: Scope,
        order: ExportOrder,
        zone: TimeZone,
        stop: Arc<AtomicBool>,
    ) {
        self.start("save", move |desk| {
            let style = Style { charset: order.charset, body: order.body, zone };
            let to =
                Destination { path: order.path.clone(), overwrite: order.disposal == Disposal::Overwrite };
            let mut told = Instant::now();
            let mut progress = |done, total| {
                if told.elapsed() > PROGRESS {
                    told = Instant::now();
                    desk.try_report(Report::SaveProgress(tab, done, total));
                }
                if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let result = match export::to_file(&capture, &scope, order.format, &style, &to, &mut progress) {
                Ok(()) => std::fs::metadata(&order.path)
                    .map(|file| Saved::Done(order.path.clone(), file.len()))
                    .map_err(|error| error.to_string()),
                Err(ExportError::Exists(path)) => Ok(Saved::Exists(path)),
                Err(ExportError::Cancelled) => Ok(Saved::Cancelled),
                Err(
                    error @ (ExportError::Reading(..)
                    | ExportError::Writing(..)
                    | ExportError::IsTheCapture(_)
                    | ExportError::NotAFile(_)),
                ) => Err(error.to_string()),
            };
            desk.report(Report::SaveEnded(tab, result));
        });
    }

    /// Reads the index of a capture; `stop` ends it.
    pub(super) fn load(&self, tab: TabId, path: PathBuf, stop: Arc<AtomicBool>) {
        self.start("load", move |desk| {
            let total = std::fs::metadata(&path).map_or(0, |file| file.len());
            let end = journal::scan(&path, 0, u64::MAX, &mut |batch| {
                let (flows, records) = (batch.flows, batch.records);
                desk.report(Report::Loaded(tab, Loaded::More { flows, records, done: (batch.at, total) }));
                if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            desk.report(Report::Loaded(
                tab,
                match end {
                    Ok(end) => Loaded::End(end.torn),
                    Err(error) => Loaded::Failed(error.to_string()),
                },
            ));
        });
    }

    /// Writes the settings file, after all writes before.
    pub(super) fn save_settings(&mut self, path: PathBuf, settings: Settings) {
        let before = self.settings.take();
        self.settings = self.spawn("settings", move |desk| {
            wait_for(before);
            if let Err(error) = settings_file::save(&path, &settings) {
                // The window may be waiting for this very job, and then nobody takes reports.
                desk.try_report(failed(Task::WritingSettings, &path.display(), &error));
            }
        });
    }

    /// Waits until the settings are written.
    pub(super) fn finish_settings(&mut self) {
        wait_for(self.settings.take());
    }

    /// Puts a part of the log on the clipboard.
    pub(super) fn copy(&self, tab: TabId, order: CopyJob) {
        self.start("copy", move |desk| match order.text() {
            Some(text) => desk.send(Done::Clipboard(tab, text)),
            None => desk.report(Report::TooMuchToCopy(tab)),
        });
    }
}

fn failed(task: Task, what: &dyn ToString, why: &std::io::Error) -> Report {
    Report::Trouble(None, Notice::Failed(task, what.to_string(), why.to_string()))
}

/// A job that panicked has said so on standard error; whoever waits for it goes on.
fn wait_for(job: Option<JoinHandle<()>>) {
    drop(job.map(JoinHandle::join));
}

/// How often progress is told.
const PROGRESS: Duration = Duration::from_millis(50);

/// Where a job reports.
struct Desk {
    sender: Sender<Done>,
    wake: net::Wake,
}

impl Desk {
    /// Waits for room. A window that is gone needs no report.
    fn send(&self, done: Done) {
        if self.sender.send(done).is_ok() {
            (self.wake)();
        }
    }

    fn report(&self, report: Report) {
        self.send(Done::Report(report));
    }

    /// Only if there is room: another one follows.
    fn try_report(&self, report: Report) {
        match self.sender.try_send(Done::Report(report)) {
            Ok(()) => (self.wake)(),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    fn report_unanswered(&self, tab: TabId, asked: Instant) {
        if asked.elapsed() < UNSEEN {
            self.report(Report::DialogUnavailable(tab));
        }
    }

    fn report_recent(&self, store: &Store) {
        match store.list() {
            Ok(kept) => self.report(Report::Recent(kept.into_iter().map(recent).collect())),
            Err(error) => {
                self.report(failed(Task::ListingCaptures, &store.folder().display(), &error));
            }
        }
    }
}

fn recent(kept: Kept) -> Recent {
    let since = kept.modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let modified = Stamp(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
    Recent { path: kept.path, len: kept.len, modified, open: kept.open }
}

/// A part of the log to be copied.
#[derive(Debug)]
pub(super) struct CopyJob {
    /// The index.
    pub(super) log: Index,
    /// The records to copy, by their numbers.
    pub(super) numbers: Vec<u64>,
    /// Byte of the first record's text to begin at.
    pub(super) first_byte: u32,
    /// Byte of the last record's text to end before.
    pub(super) last_byte: u32,
    /// The capture.
    pub(super) capture: PathBuf,
    /// How the log is laid out.
    pub(super) config: Config,
}

impl CopyJob {
    /// The text; `None` if it is too much.
    fn text(&self) -> Option<String> {
        let reader = match Reader::open(Path::new(&self.capture)) {
            Ok(reader) => reader,
            Err(error) => return Some(error.to_string()),
        };
        let layouter = Layouter { config: &self.config, log: &self.log, reader: &reader };
        let mut frame = Frame::default();
        let mut text = String::new();
        for (i, &n) in self.numbers.iter().enumerate() {
            let layout = layouter.layout(n, &mut frame);
            let whole = layout.text.as_str();
            let last = i + 1 == self.numbers.len();
            let start = if i == 0 { boundary(whole, self.first_byte) } else { 0 };
            let end = if last { boundary(whole, self.last_byte) } else { whole.len() };
            text.push_str(whole.get(start..end).unwrap_or(""));
            if text.len() > MOST_COPIED {
                return None;
            }
        }
        Some(text)
    }
}

fn boundary(text: &str, byte: u32) -> usize {
    let byte = (byte as usize).min(text.len());
    (0..=byte).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
