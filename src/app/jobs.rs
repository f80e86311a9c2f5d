//! Work that would hold the window up: each job is a named thread that reports back over one bounded
//! channel. A job whose window is gone ends by itself, at the latest when it reports.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::dialogs::Dialogs;
use crate::analysis::{Piece, Source};
use crate::codec::{Charset, CopyAs};
use crate::export::{self, Destination, ExportError, Scope, Style};
use crate::journal::{self, Kept, Opened, Part, Reader, ScanBatch, Store};
use crate::model::{Chunked, Index, Message, Stamp};
use crate::net;
use crate::state::{
    Base, CopyOrder, Disposal, ExportOrder, FileDialog, FileFor, Items, Loaded, LocalAddress, Notice, Recent,
    Report, Saved, Shown, TabId, Task,
};
use crate::store::{self, Trouble};
use crate::ui::log::layout::{Config, Layouter};
use crate::workspace::{self, FileProblem, IfExists, QuickSend, RulesOf, Workspace, WorkspaceFile};

#[derive(Debug)]
pub(super) enum Done {
    Report(Report),
    Clipboard(TabId, String),
    /// The capture that a tab looks at stands in this file; what was read before is void.
    Opened(TabId, Opened),
}

/// Starts jobs and collects what they report.
pub(super) struct Jobs {
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    wake: net::Wake,
    dialogs: Arc<dyn Dialogs>,
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
        Self { sender, receiver, wake, dialogs }
    }

    pub(super) fn next(&self) -> Option<Done> {
        self.receiver.try_recv().ok()
    }

    pub(super) fn reporter(&self) -> Reporter {
        Reporter { sender: self.sender.clone(), wake: Arc::clone(&self.wake) }
    }

    pub(super) fn start(&self, name: &str, work: impl FnOnce(&Reporter) + Send + 'static) {
        let reporter = self.reporter();
        let thread = std::thread::Builder::new().name(name.to_owned());
        // Nobody waits for it: it reports.
        if let Err(error) = thread.spawn(move || work(&reporter)) {
            let failed = failed(Task::Starting, &name, &error);
            // The channel may be full: then there is plenty to read already.
            drop(self.sender.try_send(Done::Report(failed)));
        }
    }

    pub(super) fn list_addresses(&self) {
        self.start("addresses", |reporter| match net::local_addresses() {
            Ok(found) => {
                let address = |one: net::Interface| LocalAddress {
                    interface: one.name,
                    address: one.address,
                    index: one.index,
                };
                reporter.report(Report::Addresses(found.into_iter().map(address).collect()));
            }
            Err(error) => reporter.report(failed(Task::ListingAddresses, &"", &error)),
        });
    }

    pub(super) fn list_recent(&self, store: Store) {
        self.start("captures", move |reporter| reporter.report_recent(&store));
    }

    /// Removes the oldest captures over the limit.
    pub(super) fn sweep(&self, store: Store, limit: u64) {
        self.start("sweep", move |reporter| {
            if let Err(error) = store.sweep(limit) {
                reporter.report(failed(Task::RemovingOldCaptures, &"", &error));
            }
        });
    }

    pub(super) fn remove_capture(&self, store: Store, path: PathBuf) {
        self.start("remove", move |reporter| {
            if let Err(error) = store.remove(&path) {
                reporter.report(failed(Task::DeletingCapture, &path.display(), &error));
            }
            reporter.report_recent(&store);
        });
    }

    pub(super) fn browse(&self, tab: TabId, what: FileFor, dialog: FileDialog) {
        let dialogs = Arc::clone(&self.dialogs);
        self.start("dialog", move |reporter| {
            let asked = Instant::now();
            let chosen = match &dialog {
                FileDialog::Open => dialogs.open(),
                FileDialog::Save(suggested, extension) => dialogs.save(suggested, extension),
            };
            match chosen {
                Some(path) => reporter.report(Report::Chosen(tab, what, path)),
                None if asked.elapsed() < UNSEEN => reporter.report(Report::DialogUnavailable(tab)),
                None => {}
            }
        });
    }

    /// Reads a workspace. One in which a session cannot be opened is refused as a whole, with the line.
    pub(super) fn load_workspace(&self, path: PathBuf) {
        self.start("workspace", move |reporter| {
            reporter.report(Report::Workspace(read_workspace(&path).map(Box::new)));
        });
    }

    pub(super) fn save_workspace(
        &self,
        tab: TabId,
        path: PathBuf,
        workspace: Box<Workspace>,
        if_exists: IfExists,
    ) {
        self.start("workspace", move |reporter| {
            let saved = workspace.save(&path, if_exists).and_then(|()| std::fs::metadata(&path));
            let result = match saved {
                Ok(file) => Ok(Saved::Done(path, file.len())),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Saved::Exists(path)),
                Err(error) => Err(error.to_string()),
            };
            reporter.report(Report::WorkspaceSaved(tab, result));
        });
    }

    pub(super) fn import_quick(&self, tab: TabId, path: PathBuf) {
        self.start("import", move |reporter| {
            let imported = workspace::import_file(&path).map_err(|error| error.to_string());
            reporter.report(Report::QuickImported(tab, imported));
        });
    }

    pub(super) fn export_quick(&self, tab: TabId, path: PathBuf, quick: Vec<QuickSend>, if_exists: IfExists) {
        self.start("export", move |reporter| {
            let list = Workspace { quick, ..Workspace::default() };
            let saved = list.save(&path, if_exists).map(|()| path).map_err(|error| error.to_string());
            reporter.report(Report::QuickExported(tab, saved));
        });
    }

    /// Saves what `scope` names of a capture as something else; `stop` cancels.
    pub(super) fn export(
        &self,
        tab: TabId,
        capture: PathBuf,
        scope: Scope,
        order: ExportOrder,
        style: Style,
        stop: Arc<AtomicBool>,
    ) {
        self.start("save", move |reporter| {
            let to =
                Destination { path: order.path.clone(), overwrite: order.disposal == Disposal::Overwrite };
            let mut told = Instant::now();
            let mut progress = |done, total| {
                if told.elapsed() > PROGRESS {
                    told = Instant::now();
                    reporter.try_report(Report::SaveProgress(tab, done, total));
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
            reporter.report(Report::SaveEnded(tab, result));
        });
    }

    /// Reads the index of a capture; `stop` ends it.
    pub(super) fn load(&self, tab: TabId, path: PathBuf, stop: Arc<AtomicBool>) {
        self.start("load", move |reporter| {
            let total = std::fs::metadata(&path).map_or(0, |file| file.len());
            let end = journal::open(&path, &mut |part| {
                match part {
                    Part::Begins(opened) => reporter.send(Done::Opened(tab, opened)),
                    Part::More(ScanBatch { flows, records, notes, at, openings: _ }) => {
                        let more = Loaded::More { flows, records, notes, done: (at, total) };
                        reporter.report(Report::Loaded(tab, more));
                    }
                }
                if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            reporter.report(Report::Loaded(
                tab,
                match end {
                    Ok(torn) => Loaded::End(torn),
                    // What is wrong in the file says where in it.
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                        Loaded::Failed(error.to_string())
                    }
                    Err(error) => Loaded::Failed(format!("{}: {error}", path.display())),
                },
            ));
        });
    }

    /// Reads the histories of these names. If there is no other window, those that no tab has any more are removed.
    pub(super) fn load_histories(&self, folder: PathBuf, names: Vec<String>, is_alone: bool) {
        self.start("histories", move |reporter| {
            for name in &names {
                let (entries, trouble) = store::history::load(&store::history::path(&folder, name));
                if let Some(trouble) = trouble {
                    let (path, why) = match trouble {
                        Trouble::SetAside(aside, why) => (aside, why),
                        Trouble::Unreadable(path, why) => (path, why),
                    };
                    let failure = Notice::Failed(Task::ReadingHistory, path.display().to_string(), why);
                    reporter.report(Report::Trouble(None, failure));
                }
                reporter.report(Report::History(name.clone(), entries));
            }
            if is_alone && let Err(error) = store::history::remove_stale(&folder, &names, SystemTime::now()) {
                reporter.report(failed(Task::ReadingHistory, &folder.display(), &error));
            }
        });
    }

    pub(super) fn copy(&self, tab: TabId, order: CopyJob) {
        self.start("copy", move |reporter| match order.text() {
            Some(text) => reporter.send(Done::Clipboard(tab, text)),
            None => reporter.report(Report::TooMuchToCopy(tab)),
        });
    }
}

fn read_workspace(path: &Path) -> Result<Workspace, String> {
    let file = WorkspaceFile::read(path).map_err(|error| error.to_string())?;
    let wrong = |problem: FileProblem| format!("{}, {problem}", path.display());
    for n in 0..file.workspace.sessions.len() {
        file.opening(n).map_err(wrong)?;
        file.rules(RulesOf::Session(n)).map_err(wrong)?;
    }
    Ok(file.workspace)
}

pub(super) fn failed(task: Task, what: &dyn ToString, why: &std::io::Error) -> Report {
    Report::Trouble(None, Notice::Failed(task, what.to_string(), why.to_string()))
}

const PROGRESS: Duration = Duration::from_millis(50);

pub(super) struct Reporter {
    sender: Sender<Done>,
    wake: net::Wake,
}

impl Reporter {
    /// Waits for room. A window that is gone needs no report.
    pub(super) fn send(&self, done: Done) {
        if self.sender.send(done).is_ok() {
            (self.wake)();
        }
    }

    /// Reports, and waits for room.
    pub(super) fn report(&self, report: Report) {
        self.send(Done::Report(report));
    }

    /// Only if there is room: another one follows.
    pub(super) fn try_report(&self, report: Report) {
        match self.sender.try_send(Done::Report(report)) {
            Ok(()) => (self.wake)(),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
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

/// What is shown of a session: snapshots.
#[derive(Debug)]
pub(super) struct ShownSnapshot {
    pub(super) index: Index,
    /// The messages of a framing; `None` for records as they are.
    pub(super) messages: Option<Chunked<Message>>,
    /// Messages whose end has not come yet.
    pub(super) open: Vec<Message>,
    pub(super) shown: Shown,
    pub(super) capture: PathBuf,
}

impl ShownSnapshot {
    fn items(&self) -> Items<'_> {
        let Self { index, messages, open, shown, .. } = self;
        let base = Base { index, messages: messages.as_ref(), open, filtered: None };
        Items { base, shown }
    }
}

#[derive(Debug)]
pub(super) enum CopyWay {
    /// As the log shows it.
    Shown(Box<Config>),
    /// The data alone, as one value.
    Value(CopyAs, Charset),
}

#[derive(Debug)]
pub(super) struct CopyJob {
    pub(super) shown: ShownSnapshot,
    pub(super) order: CopyOrder,
    pub(super) way: CopyWay,
}

impl CopyJob {
    /// The text; `None` if it is too much.
    fn text(&self) -> Option<String> {
        let reader = match Reader::open(&self.shown.capture) {
            Ok(reader) => reader,
            Err(error) => return Some(error.to_string()),
        };
        let source = Source { index: &self.shown.index, reader: &reader };
        match &self.way {
            CopyWay::Shown(config) => self.as_shown(source, config),
            CopyWay::Value(way, charset) => self.as_value(source, *way, *charset),
        }
    }

    fn as_shown(&self, source: Source<'_>, config: &Config) -> Option<String> {
        let unfolded = HashSet::new();
        let layouter = Layouter { config, items: self.shown.items(), source, unfolded: &unfolded };
        let mut piece = Piece::default();
        let mut text = String::new();
        let ((from, first_byte), (to, last_byte)) = (self.order.from, self.order.to);
        for at in from..=to {
            let layout = layouter.layout(at, &mut piece);
            let whole = layout.text.as_str();
            let start = if at == from { boundary(whole, first_byte) } else { 0 };
            let end = if at == to { boundary(whole, last_byte) } else { whole.len() };
            text.push_str(whole.get(start..end).unwrap_or(""));
            if text.len() > MOST_COPIED {
                return None;
            }
        }
        Some(text)
    }

    fn as_value(&self, source: Source<'_>, way: CopyAs, charset: Charset) -> Option<String> {
        let items = self.shown.items();
        let mut piece = Piece::default();
        let mut bytes = Vec::new();
        for item in (self.order.from.0..=self.order.to.0).filter_map(|at| items.get(at)) {
            if source.head(&item).is_none_or(|(kind, _)| kind.direction().is_none()) {
                continue;
            }
            if let Err(error) = source.read(&item, usize::MAX, &mut piece) {
                return Some(error.to_string());
            }
            bytes.extend_from_slice(&piece.bytes);
            // Every way to write a byte takes a few characters.
            if bytes.len() > MOST_COPIED / 6 {
                return None;
            }
        }
        Some(way.text_of(&bytes, charset))
    }
}

fn boundary(text: &str, byte: u32) -> usize {
    let byte = (byte as usize).min(text.len());
    (0..=byte).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
