//! Work that would block the window: each job is a named thread that reports over one bounded channel, and
//! ends at the latest when the window is gone.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::dialogs::Dialogs;
use crate::export::{self, Destination, ExportError, Scope, Selection, Style};
use crate::journal::{self, Decryption, Kept, Limits, Opened, Part, Reading, ScanBatch, Store, Tunnels};
use crate::model::{CaptureFault, Cause, Reason, Stamp};
use crate::net;
use crate::state::{
    ExportOrder, FileDialog, FileFor, Folders, Loaded, LoadedWorkspace, LocalAddress, Notice, OpenHow,
    Origin, Recent, Report, SaveScope, Saved, TabId, Task,
};
use crate::store::approvals::{self, Approval};
use crate::store::{self, Trouble};
use crate::workspace::{
    self, FileProblem, IfExists, QuickSend, RuleForm, RulesOf, Session, Workspace, WorkspaceFile,
};

#[derive(Debug)]
pub(super) enum Done {
    Report(Report),
    Clipboard(TabId, String),
    /// The records of the tab's capture are in this file; those read before are invalid.
    Opened(TabId, Opened),
}

pub(super) struct Jobs {
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    wake: net::Wake,
    dialogs: Arc<dyn Dialogs>,
}

const CHANNEL: usize = 64;

/// A dialog that ends faster than this was never shown.
const UNSEEN: Duration = Duration::from_millis(250);

impl Jobs {
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
        // It is not joined: it reports.
        if let Err(error) = thread.spawn(move || work(&reporter)) {
            let failed = failed(Task::Starting, &name, error);
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
                    broadcast: one.broadcast.filter(|_| !one.loopback),
                };
                reporter.report(Report::Addresses(found.into_iter().map(address).collect()));
            }
            Err(error) => reporter.report(failed(Task::ListingAddresses, &"", error)),
        });
    }

    pub(super) fn list_recent(&self, store: Store) {
        self.start("captures", move |reporter| reporter.report_recent(&store));
    }

    pub(super) fn sweep(&self, store: Store, limits: Limits) {
        self.start("sweep", move |reporter| match store.sweep(limits, SystemTime::now()) {
            Ok(swept) => {
                let excess = swept.excess.map(|excess| (excess.total, excess.limit));
                reporter.report(Report::Swept(swept.count(), excess));
                if let Some((path, error)) = swept.failed {
                    reporter.report(failed(Task::RemovingOldCaptures, &path.display(), error));
                }
            }
            Err(error) => reporter.report(failed(Task::RemovingOldCaptures, &"", error)),
        });
    }

    pub(super) fn change_capture(
        &self,
        store: Store,
        (task, path): (Task, PathBuf),
        change: impl FnOnce(&Store, &Path) -> io::Result<()> + Send + 'static,
    ) {
        self.start("capture", move |reporter| {
            if let Err(error) = change(&store, &path) {
                reporter.report(failed(task, &path.display(), error));
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
                None if asked.elapsed() < UNSEEN => reporter.report(Report::DialogUnavailable(tab, what)),
                None => {}
            }
        });
    }

    pub(super) fn show_folder(&self, tab: TabId, file: PathBuf) {
        let dialogs = Arc::clone(&self.dialogs);
        self.start("folder", move |reporter| {
            let folder = file.parent().unwrap_or(&file);
            if let Err(error) = dialogs.show_folder(folder) {
                let what = folder.display().to_string();
                let notice = Notice::Failed(Task::OpeningFolder, what, error.into());
                reporter.report(Report::Trouble(Some(tab), notice));
            }
        });
    }

    /// Reads a workspace. It fails if any session in it is invalid. `approvals` is the file of approvals.
    pub(super) fn load_workspace(&self, path: PathBuf, approvals: Option<PathBuf>) {
        self.start("workspace", move |reporter| {
            let loaded = read_workspace(&path, approvals.as_deref());
            reporter.report(Report::Workspace(loaded.map(Box::new)));
        });
    }

    pub(super) fn find_folders(&self, tab: TabId, folders: BTreeSet<String>, opens: bool) {
        self.start("folders", move |reporter| {
            let folders = canonical(folders.iter().map(String::as_str));
            reporter.report(Report::Folders { tab, folders, opens });
        });
    }

    /// Remembers that a workspace is approved in the file of approvals.
    pub(super) fn approve(&self, approvals: PathBuf, origin: Origin, folders: Vec<PathBuf>) {
        self.start("approve", move |reporter| {
            let folders = folders.iter().filter_map(|folder| folder.to_str().map(str::to_owned)).collect();
            reporter.approve(&approvals, origin, folders);
        });
    }

    /// Saves a workspace. What the program writes itself is approved with these folders, in this file of approvals.
    pub(super) fn save_workspace(
        &self,
        tab: TabId,
        path: PathBuf,
        workspace: Box<Workspace>,
        if_exists: IfExists,
        approval: Option<(PathBuf, Vec<String>)>,
    ) {
        self.start("workspace", move |reporter| {
            let result = match workspace.save(&path, if_exists) {
                Ok(text) => {
                    if let (Some((approvals, folders)), Some(origin)) = (approval, origin(&path, &text)) {
                        reporter.approve(&approvals, origin, folders);
                    }
                    saved(path)
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Saved::Exists(path)),
                Err(error) => Err(error.into()),
            };
            reporter.report(Report::WorkspaceSaved(tab, result));
        });
    }

    pub(super) fn find_file(&self, path: PathBuf) {
        self.start("find", move |reporter| {
            let found = std::fs::File::open(&path).map(drop).map_err(Reason::from);
            reporter.report(Report::FileFound(path, found));
        });
    }

    pub(super) fn import_quick(&self, tab: TabId, path: PathBuf) {
        self.start("import", move |reporter| {
            let imported = workspace::import_file(&path).map_err(Reason::from);
            reporter.report(Report::QuickImported(tab, imported));
        });
    }

    pub(super) fn export_quick(&self, tab: TabId, path: PathBuf, quick: Vec<QuickSend>, if_exists: IfExists) {
        self.start("export", move |reporter| {
            let list = Workspace { quick, ..Workspace::default() };
            let saved = list.save(&path, if_exists).map(|_text| full(path)).map_err(Reason::from);
            reporter.report(Report::QuickExported(tab, saved));
        });
    }

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
            let scope = if order.scope == SaveScope::Wire {
                match Selection::of_wire(&capture, u64::MAX) {
                    Ok(selection) => Scope::Part(selection),
                    Err(error) => {
                        let why = Reason::of(capture.display(), error);
                        return reporter.report(Report::SaveEnded(tab, Err(why)));
                    }
                }
            } else {
                scope
            };
            let to =
                Destination { path: order.path.clone(), overwrite: order.if_exists == IfExists::Replace };
            let mut told = Instant::now();
            let mut progress = |done, total| {
                if told.elapsed() > PROGRESS {
                    told = Instant::now();
                    reporter.try_report(Report::SaveProgress(tab, done, total));
                }
                go_on(&stop)
            };
            let result = match export::to_file(&capture, &scope, order.format, &style, &to, &mut progress) {
                Ok(()) => saved(order.path),
                Err(ExportError::Exists(path)) => Ok(Saved::Exists(path)),
                Err(ExportError::Cancelled) => Ok(Saved::Cancelled),
                Err(ExportError::Reading(path, error) | ExportError::Writing(path, error)) => {
                    Err(Reason::of(path.display(), error))
                }
                Err(ExportError::NotAFile(path)) => Err(Reason::of(path.display(), Cause::NotAFile)),
                Err(error @ ExportError::IsTheCapture(_)) => Err(Reason::Text(error.to_string())),
            };
            reporter.report(Report::SaveEnded(tab, result));
        });
    }

    pub(super) fn load(&self, tab: TabId, path: PathBuf, how: OpenHow, stop: Arc<AtomicBool>) {
        self.start("load", move |reporter| {
            let total = std::fs::metadata(&path).map_or(0, |file| file.len());
            let tunnels = if how.inner { Tunnels::Inner } else { Tunnels::Outer };
            let unpacked = how.any_size.then_some(u64::MAX);
            let how = Reading { tunnels, unpacked, wire: false, decryption: Decryption::OwnSecrets };
            let mut told = false;
            let end = journal::open(&path, how, &mut |part| {
                match part {
                    Part::Begins(opened) => reporter.send(Done::Opened(tab, opened)),
                    Part::More(ScanBatch {
                        flows,
                        pairs,
                        records,
                        notes,
                        unordered,
                        layered,
                        at,
                        openings: _,
                    }) => {
                        if layered && !std::mem::replace(&mut told, true) {
                            reporter.report(Report::Loaded(tab, Loaded::Layered));
                        }
                        let more =
                            Loaded::More { flows, pairs, records, notes, unordered, done: (at, total) };
                        reporter.report(Report::Loaded(tab, more));
                    }
                }
                go_on(&stop)
            });
            reporter.report(Report::Loaded(
                tab,
                match end {
                    Ok(torn) => Loaded::End(torn),
                    // What is wrong in the file says where in it.
                    Err(error) if error.kind() == ErrorKind::InvalidData => match error.into() {
                        Reason::Damage(_, CaptureFault::TooLarge(most)) => Loaded::TooLarge(total, most),
                        why => Loaded::Failed(why),
                    },
                    Err(error) => Loaded::Failed(Reason::of(path.display(), error)),
                },
            ));
        });
    }

    /// Reads these histories. If no other window is open, those without a tab are removed.
    pub(super) fn load_histories(&self, folder: PathBuf, names: Vec<String>, is_alone: bool) {
        self.start("histories", move |reporter| {
            for name in &names {
                let (entries, trouble) = store::history::load(&store::history::path(&folder, name));
                if let Some(trouble) = trouble {
                    let (path, why) = match trouble {
                        Trouble::SetAside(aside, why) => (aside, why),
                        Trouble::Unreadable(path, why) => (path, why),
                    };
                    let why = Reason::from(&*why);
                    let failure = Notice::Failed(Task::ReadingHistory, path.display().to_string(), why);
                    reporter.report(Report::Trouble(None, failure));
                }
                reporter.report(Report::History(name.clone(), entries));
            }
            if is_alone && let Err(error) = store::history::remove_stale(&folder, &names, SystemTime::now()) {
                reporter.report(failed(Task::ReadingHistory, &folder.display(), error));
            }
        });
    }
}

fn go_on(stop: &AtomicBool) -> ControlFlow<()> {
    if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn saved(path: PathBuf) -> Result<Saved, Reason> {
    let file = std::fs::metadata(&path)?;
    Ok(Saved::Done(full(path), file.len()))
}

/// The whole path: where a relative one is, only the working folder says.
fn full(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn read_workspace(path: &Path, approvals: Option<&Path>) -> Result<LoadedWorkspace, Reason> {
    let file = WorkspaceFile::read(path)?;
    let wrong = |problem: FileProblem| Reason::of(path.display(), problem);
    for n in 0..file.workspace.sessions.len() {
        file.opening(n).map_err(wrong)?;
        file.rules(RulesOf::Session(n)).map_err(wrong)?;
    }
    let rules = file.workspace.sessions.iter().flat_map(|session| &session.rules);
    let written = |session| Session::written(session).map(|(_option, folder)| folder);
    let of_logs = file.workspace.sessions.iter().flat_map(written);
    let folders = canonical(rules.filter(|rule| rule.on).filter_map(RuleForm::file_folder).chain(of_logs));
    let origin = origin(path, file.text());
    let find = |(path, origin): (&Path, &Origin)| approvals::find(path, &origin.place, &origin.sha256);
    let approved = approvals.zip(origin.as_ref()).and_then(find);
    let approved = approved.map(|folders| folders.into_iter().map(PathBuf::from).collect());
    Ok(LoadedWorkspace { workspace: file.workspace, origin, folders, approved })
}

/// Where a file is, and what it contains; `None` if an approval of it cannot be remembered.
fn origin(path: &Path, text: &str) -> Option<Origin> {
    let place = path.canonicalize().ok()?.into_os_string().into_string().ok()?;
    Some(Origin { place, sha256: approvals::hash(text) })
}

fn canonical<'a>(folders: impl Iterator<Item = &'a str>) -> Folders {
    let named = |folder: &str| Some((folder.to_owned(), workspace::canonical(Path::new(folder))?));
    folders.filter_map(named).collect()
}

pub(super) fn failed(task: Task, what: &dyn ToString, why: io::Error) -> Report {
    Report::Trouble(None, Notice::Failed(task, what.to_string(), why.into()))
}

const PROGRESS: Duration = Duration::from_millis(50);

pub(super) struct Reporter {
    sender: Sender<Done>,
    wake: net::Wake,
}

impl Reporter {
    /// Waits for room in the channel.
    pub(super) fn send(&self, done: Done) {
        if self.sender.send(done).is_ok() {
            (self.wake)();
        }
    }

    /// Reports, and waits for room.
    pub(super) fn report(&self, report: Report) {
        self.send(Done::Report(report));
    }

    pub(super) fn try_report(&self, report: Report) {
        match self.sender.try_send(Done::Report(report)) {
            Ok(()) => (self.wake)(),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    fn approve(&self, approvals: &Path, origin: Origin, folders: Vec<String>) {
        let Origin { place, sha256 } = origin;
        if let Err(error) = approvals::approve(approvals, place, Approval { sha256, folders }) {
            self.report(failed(Task::WritingSettings, &approvals.display(), error));
        }
    }

    fn report_recent(&self, store: &Store) {
        match store.list() {
            Ok(kept) => self
                .report(Report::Recent(kept.into_iter().filter(|kept| kept.len > 0).map(recent).collect())),
            Err(error) => {
                self.report(failed(Task::ListingCaptures, &store.folder().display(), error));
            }
        }
    }
}

fn recent(kept: Kept) -> Recent {
    let since = kept.modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let modified = Stamp(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
    let (name, sessions) = kept.sessions();
    Recent {
        path: kept.path,
        len: kept.len,
        modified,
        open: kept.open,
        marked: kept.marked,
        name,
        sessions: sessions.join(", "),
        removed: false,
    }
}
