//! What one tab has running outside the state: its session, its capture, its jobs.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use crossbeam_channel::{Receiver, TryRecvError};

use super::App;
use super::analysis::Analysis;
use crate::analysis::{Piece, Source};
use crate::codec::When;
use crate::export::{self, ExportError, LogFile, Picked, Scope, Selection, Style, Words};
use crate::journal::{Capture, Disk, Frame, Hold, Opened, Reader, Store};
use crate::model::{
    Command, Doing, Event, Flow, Format, Message, NetError, Options, Reason, RecordKind, Recorder, Rotation,
    SessionNote, Stamp, Twin, Wholeness,
};
use crate::net::{OpenSession, Setup, wall_now};
use crate::state::{
    Effect, ExportOrder, Notice, OpenHow, PREVIEW_ROWS, Report, SaveAsked, SaveFacts, SaveScope, Tab, TabId,
    Task, name_in_file,
};
use crate::ui::lang::Lang;
use crate::ui::messages;

/// What one tab has running. Dropping it stops all of it.
#[derive(Debug, Default)]
pub(super) struct Run {
    session: Option<OpenSession>,
    /// The capture between two openings.
    recorder: Option<Box<dyn Recorder>>,
    reader: Option<Reader>,
    pub(super) start: Option<Stamp>,
    pub(super) analysis: Analysis,
    hold: Option<Hold>,
    /// The viewed capture. An imported one is deleted with it.
    opened: Option<Opened>,
    stop_load: Arc<AtomicBool>,
    stop_export: Arc<AtomicBool>,
    /// The log that is written beside the capture.
    log: Option<PathBuf>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop_load.store(true, Ordering::Relaxed);
        self.stop_export.store(true, Ordering::Relaxed);
    }
}

impl Run {
    pub(super) fn next_event(&self) -> Option<Event> {
        match self.session.as_ref()?.events().try_recv() {
            Ok(event) => Some(event),
            Err(TryRecvError::Empty) => None,
            // Its last word is `Closed`, and then this session is taken away. If not, its thread died.
            Err(TryRecvError::Disconnected) => {
                let died = std::io::Error::other("the session's thread ended unexpectedly");
                Some(Event::Closed(Some(NetError::new(Doing::Receiving, "", died))))
            }
        }
    }

    /// The events of its session, which can be read to the end when it is gone.
    pub(super) fn events(&self) -> Option<Receiver<Event>> {
        self.session.as_ref().map(|session| session.events().clone())
    }

    pub(super) fn reader(&self) -> Option<&Reader> {
        self.reader.as_ref()
    }

    pub(super) fn take_session(&mut self) -> Option<OpenSession> {
        self.session.take()
    }

    /// The session has sent its last event.
    pub(super) fn closed(&mut self) {
        self.recorder = self.session.take().and_then(OpenSession::finish);
    }
}

/// The most bytes of a message to try rules with.
const MOST_TESTED: usize = 64 * 1024;

/// The most items of which a preview is made, and the most bytes that are read for one of what is on the wire.
pub(super) const MOST_PREVIEWED: u64 = 1000;
const WIRE_PREVIEWED: u64 = 1 << 20;

impl App {
    /// Opens a session. The first opening of a tab begins its capture, later ones continue it.
    pub(super) fn open(&mut self, id: TabId, mut setup: Setup) {
        setup.options.tls.authority.clone_from(&self.state_folder);
        if let Some((keylog, store)) = setup.options.tls.keylog.as_mut().zip(self.store.as_ref()) {
            // Elsewhere than in a folder of its own, it is beside the captures, as the log.
            *keylog = store.folder().join(&*keylog);
        }
        let (endpoint, rotation) = (setup.link.short(), setup.options.rotate);
        let run = self.runs.entry(id).or_default();
        let recorder = match run.recorder.take() {
            Some(mut recorder) => {
                recorder.rotate(rotation);
                Ok(recorder)
            }
            None => {
                begin_capture(self.store.as_ref(), &endpoint, rotation).map(|Capture { writer, hold }| {
                    run.log = None;
                    (run.reader, run.start) = (Some(writer.reader()), None);
                    if let Some(tab) = self.state.tabs.iter_mut().find(|tab| tab.id == id) {
                        tab.begin_capture(writer.path().to_owned());
                    }
                    self.views.remove(&id);
                    log::info!("recording to {}", writer.path().display());
                    run.hold = Some(hold);
                    Box::new(writer) as Box<dyn Recorder>
                })
            }
        };
        let options = setup.options.clone();
        let logged = recorder.and_then(|recorder| self.start_log(id, &options).map(|()| recorder));
        let run = self.runs.entry(id).or_default();
        let opened = logged.and_then(|recorder| OpenSession::open(setup, recorder, Arc::clone(&self.wake)));
        match opened {
            Ok(session) => run.session = Some(session),
            Err(error) => {
                let now = self.clock.now();
                // Nothing runs that could report it.
                self.state.apply(id, Event::Closed(Some(error)), now);
            }
        }
    }

    /// Starts the log of a session, unless it is written already.
    fn start_log(&mut self, id: TabId, options: &Options) -> Result<(), NetError> {
        let Some((tab, run)) = self.state.find(id).zip(self.runs.get_mut(&id)) else { return Ok(()) };
        // Elsewhere than in a folder of its own, it is beside the captures.
        let captures = self.store.as_ref().map_or(Path::new(""), Store::folder);
        let path = tab.session.log_file().map(|path| captures.join(path));
        if path == run.log {
            return Ok(());
        }
        let Some(reader) = &run.reader else { return Ok(()) };
        reader.end_watches();
        run.log = None;
        let Some(path) = path else { return Ok(()) };
        let style = Style {
            charset: tab.session.charset,
            charsets: Arc::clone(&tab.charsets),
            sent_charsets: tab.log.sent_charsets.clone(),
            body: tab.session.view.body,
            zone: self.zone.clone(),
            notes: None,
            // As on the command line, which goes on with the same file.
            words: None,
            marked: false,
        };
        let Options { log_format: format, rotate: rotation, .. } = *options;
        let reporter = self.jobs.reporter();
        let tell = Box::new(move |path: &Path, error: &std::io::Error| {
            let notice = Notice::Failed(
                Task::WritingLog,
                path.display().to_string(),
                Reason::from(&*error.to_string()),
            );
            reporter.report(Report::Trouble(Some(id), notice));
        });
        match export::follow(reader, LogFile { path: path.clone(), format, rotation, style }, tell) {
            Ok(_end) => run.log = Some(path),
            Err(error) => {
                let error = std::io::Error::other(error.to_string());
                return Err(NetError::new(Doing::SavingFile, path.display(), error));
            }
        }
        Ok(())
    }

    pub(super) fn command(&mut self, id: TabId, command: Command) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let Some(session) = &run.session else {
            // A capture takes notes between two openings, too.
            if let (Some(recorder), Command::Annotate(record, text)) = (&mut run.recorder, command) {
                recorder.annotate(record, &text, wall_now());
                if let Err(error) = recorder.commit() {
                    let error = NetError::new(Doing::Recording, "", error);
                    self.state.report(Report::Trouble(Some(id), Notice::Net(error)));
                }
            }
            return;
        };
        match session.send(command) {
            Ok(()) => {}
            // The order to close must not be lost: without it, ending the session closes it.
            Err(Command::Close { .. }) => {
                if let Some(run) = self.runs.get_mut(&id) {
                    // The window does not wait for it, so that the next opening begins a new capture.
                    run.session = None;
                }
                let now = self.clock.now();
                self.state.apply(id, Event::Closed(None), now);
            }
            Err(_refused) => {
                self.state.report(Report::Trouble(Some(id), Notice::TooBusy));
            }
        }
    }

    pub(super) fn drop_tab(&mut self, id: TabId) {
        self.runs.remove(&id);
        self.views.remove(&id);
        self.sweep();
    }

    pub(super) fn load(&mut self, id: TabId, path: PathBuf, how: OpenHow) {
        let run = self.runs.entry(id).or_default();
        // One of our own is held so that nobody sweeps it away while it is looked at; if another instance
        // holds it, that does.
        let ours = self.store.as_ref().is_some_and(|store| path.parent() == Some(store.folder()));
        run.hold = if ours { Hold::take(&path).ok().flatten() } else { None };
        self.jobs.load(id, path, how, Arc::clone(&run.stop_load));
    }

    /// Called when the load job knows which file has the records.
    pub(super) fn opened(&mut self, id: TabId, opened: Opened) {
        // The tab may have been closed in the meantime.
        let Some(tab) = self.state.tabs.iter_mut().find(|tab| tab.id == id) else { return };
        let run = self.runs.entry(id).or_default();
        match Reader::open(opened.path()) {
            Ok(reader) => {
                if opened.is_imported() {
                    tab.begin_import(opened.path().to_owned());
                    self.views.remove(&id);
                }
                (run.reader, run.start, run.opened) = (Some(reader), None, Some(opened));
            }
            Err(error) => {
                run.stop_load.store(true, Ordering::Relaxed);
                let why = Reason::of(opened.path().display(), error);
                self.state.report(Report::Loaded(id, crate::state::Loaded::Failed(why)));
            }
        }
    }

    /// The capture of a tab, and what of it is meant: not more than this number of items, if they are listed.
    fn scope(&self, tab: &Tab, scope: SaveScope, most: u64) -> Option<(PathBuf, Scope)> {
        let capture = tab.capture.clone()?;
        // They stay readable when they are removed meanwhile.
        let reader = self.runs.get(&tab.id).and_then(Run::reader).map(Reader::pinned);
        let in_parts = reader.as_ref().filter(|reader| reader.is_in_parts());
        let n_shown = tab.shown.len();
        let first =
            |range: std::ops::Range<u64>| range.start..range.end.min(range.start.saturating_add(most));
        let scope = match scope {
            SaveScope::Whole | SaveScope::Plain if scope == SaveScope::Plain || in_parts.is_some() => {
                let picked = Picked::Range(first(tab.log.first()..tab.log.len()));
                Scope::Part(Selection { index: tab.log.clone(), messages: None, picked, reader })
            }
            // Up to what is whole by now: a session that runs on is not chased after.
            // What is on the wire is found while it is saved.
            SaveScope::Whole | SaveScope::Plain | SaveScope::Wire => {
                Scope::Whole(std::fs::metadata(&capture).map_or(u64::MAX, |file| file.len()))
            }
            SaveScope::Shown => part(tab, first(0..n_shown), reader),
            SaveScope::Selected => {
                let order =
                    self.views.get(&tab.id).and_then(|views| views.selected(tab.session.view.mode, n_shown));
                part(tab, first(order.map_or(0..0, |order| order.from.0..order.to.0 + 1)), reader)
            }
        };
        Some((capture, scope))
    }

    fn style(&self, tab: &Tab) -> Style {
        Style {
            charset: tab.session.charset,
            charsets: Arc::clone(&tab.charsets),
            sent_charsets: tab.log.sent_charsets.clone(),
            body: tab.session.view.body,
            zone: self.zone.clone(),
            notes: tab.has_notes().then(|| Arc::clone(&tab.notes)),
            words: (self.lang() != Lang::En).then(|| Arc::new(self.lang()) as Arc<dyn Words>),
            marked: true,
        }
    }

    /// Finds out what is shown about a file before it is saved.
    pub(super) fn find_facts(&self, id: TabId, (asked, wanted): (SaveAsked, Weak<()>)) {
        let Some(tab) = self.state.find(id) else { return };
        let Some((capture, scope)) = self.scope(tab, asked.1, MOST_PREVIEWED) else { return };
        let style = self.style(tab);
        self.jobs.start("preview", move |reporter| {
            let (place, which, format, n) = &asked;
            let scope = if *which == SaveScope::Wire {
                Scope::Part(Selection::of_wire(&capture, WIRE_PREVIEWED).unwrap_or_default())
            } else {
                scope
            };
            let (is_whole, copied) = match scope {
                Scope::Whole(len) => (true, Some(len).filter(|_| *format == Format::Pcapng)),
                Scope::Part(_) => (n.is_some_and(|n| n <= MOST_PREVIEWED), None),
            };
            let mut go_on = |_done, _total| {
                if wanted.strong_count() > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            // What is wrong with the capture is said when it is saved.
            let preview = export::preview(&capture, &scope, *format, &style, PREVIEW_ROWS, &mut go_on);
            let (rows, len) = preview.unwrap_or_default();
            let facts = SaveFacts {
                rows,
                len: len.filter(|_| is_whole).or(copied),
                free: Disk::of(Path::new(place.folder.trim())).map(|disk| disk.free),
                exists: place.path().is_some_and(|path| path.exists()),
            };
            let facts = (wanted.strong_count() > 0).then_some(facts);
            reporter.report(Report::SaveFacts(id, asked, facts));
        });
    }

    pub(super) fn export(&mut self, id: TabId, order: ExportOrder) {
        let Some(tab) = self.state.find(id) else { return };
        let Some((capture, scope)) = self.scope(tab, order.scope, u64::MAX) else { return };
        if tab.file().is_some_and(|file| export::is_same(file, &order.path)) {
            let error = ExportError::IsTheCapture(order.path).to_string();
            self.state.report(Report::SaveEnded(id, Err(Reason::Text(error))));
            return;
        }
        let style = Style { charset: order.charset, body: order.body, ..self.style(tab) };
        let run = self.runs.entry(id).or_default();
        run.stop_export = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&run.stop_export);
        self.jobs.export(id, capture, scope, order, style, stop);
    }

    /// Where something was saved last, or the user's documents.
    fn save_folder(&self) -> &Path {
        match self.state.settings.save_folder.as_str() {
            "" => &self.documents,
            folder => Path::new(folder),
        }
    }

    pub(super) fn suggest_save_path(&mut self, id: TabId) {
        let folder = self.save_folder().to_owned();
        let Some(tab) = self.state.tabs.iter_mut().find(|tab| tab.id == id) else { return };
        // A capture that was opened has a name of its own.
        let name = if let Some(stem) = tab.file().filter(|_| tab.is_viewer()).and_then(Path::file_stem) {
            stem.to_string_lossy().into_owned()
        } else {
            let now = wall_now().timestamp().to_zoned(self.zone.clone());
            format!("{}_{}", name_of(tab), now.strftime("%Y-%m-%d_%H-%M"))
        };
        tab.save.suggest(&folder, name);
    }

    /// Suggests a workspace file named after the tab, with the ending that desktops open with netassist.
    pub(super) fn suggest_workspace_path(&mut self, id: TabId) {
        let folder = self.save_folder().to_owned();
        let Some(tab) = self.state.tabs.iter_mut().find(|tab| tab.id == id) else { return };
        tab.workspace.suggest(&folder, format!("{}.netassist.toml", name_of(tab)));
    }

    pub(super) fn cancel_export(&mut self, id: TabId) {
        if let Some(run) = self.runs.get(&id) {
            run.stop_export.store(true, Ordering::Relaxed);
        }
    }

    /// Tries the rules of a tab with the message that is selected, the first one of several, or with the last
    /// one if none is.
    pub(super) fn test_selected(&mut self, id: TabId) {
        let Some(tab) = self.state.find(id) else { return };
        let items = tab.items();
        let selected =
            self.views.get(&id).and_then(|views| views.selected(tab.session.view.mode, items.len()));
        let last = items.len().saturating_sub(1);
        let Some(item) = items.get(selected.map_or(last, |order| order.from.0)) else { return };
        let Some(reader) = self.runs.get(&id).and_then(Run::reader) else { return };
        let mut piece = Piece::default();
        if (Source { index: &tab.log, reader }).read(&item, MOST_TESTED, &mut piece).is_ok() {
            self.state.report(Report::TestMessage(id, piece.bytes));
        }
    }

    /// The earliest time in the capture of a tab, if known.
    pub(super) fn start_of(&self, id: TabId) -> Stamp {
        let start = self.runs.get(&id).and_then(|run| run.start);
        let earlier = self.state.find(id).and_then(|tab| tab.log.unordered);
        start.map(|start| earlier.unwrap_or(start).min(start)).unwrap_or_default()
    }

    pub(super) fn find_starts(&mut self) {
        for tab in &self.state.tabs {
            let Some(run) = self.runs.get_mut(&tab.id).filter(|run| run.start.is_none()) else { continue };
            if let (Some(record), Some(reader)) = (tab.log.get(tab.log.first()), &run.reader) {
                let mut frame = Frame::default();
                run.start = reader.read(&record, 0, &mut frame).is_ok().then_some(frame.at);
            }
        }
    }

    /// Finds the twin of an item in a relay.
    pub(super) fn find_twin(&self, id: TabId, item: Message) {
        let Some(tab) = self.state.find(id) else { return };
        let Some(reader) = self.runs.get(&id).and_then(Run::reader).cloned() else { return };
        let index = tab.log.clone();
        self.jobs.start("twin", move |reporter| {
            // A capture that cannot be read says so where it is shown.
            let found = Source { index: &index, reader: &reader }.twin(&item).unwrap_or(Twin::Unknown);
            reporter.report(Report::Twin(id, found));
        });
    }

    /// Shows the first item that began at a time or later.
    pub(super) fn go_to_time(&mut self, id: TabId, when: When) -> Vec<Effect> {
        let Some(tab) = self.state.find(id) else { return Vec::new() };
        let Some(moment) = when.moment(self.start_of(id).0, &self.zone) else { return Vec::new() };
        let Some(run) = self.runs.get(&id) else { return Vec::new() };
        if let (true, Some(opened)) = (tab.log.unordered.is_some(), run.opened.clone()) {
            let index = tab.log.clone();
            self.jobs.start("time", move |reporter| {
                let find = |reader| Source { index: &index, reader: &reader }.record_at(Stamp(moment));
                // A capture that cannot be read says so where it is shown.
                let found = Reader::open(opened.path()).and_then(find).unwrap_or_default();
                reporter.report(Report::RecordAt(id, found.unwrap_or(index.len())));
            });
            return Vec::new();
        }
        let Some(reader) = run.reader() else { return Vec::new() };
        let found = Source { index: &tab.log, reader }.record_at(Stamp(moment)).unwrap_or_default();
        let record = found.unwrap_or(tab.log.len());
        self.state.report(Report::RecordAt(id, record))
    }
}

impl Words for Lang {
    fn event(
        &self,
        kind: RecordKind,
        flow: Option<&Flow>,
        comment: &str,
        note: Option<&SessionNote>,
    ) -> String {
        messages::event(*self, kind, flow.map(|flow| (flow.origin, flow.name())), comment, note)
    }

    fn wholeness(&self, wholeness: Wholeness) -> Option<&str> {
        messages::wholeness(*self, wholeness)
    }
}

/// What a session is called in the names of its files.
fn name_of(tab: &Tab) -> String {
    match (tab.session.name.trim(), tab.session.link()) {
        ("", Ok((link, _))) => name_in_file(&link.short()),
        ("", Err(_wrong)) => tab.session.protocol.name().to_owned(),
        (name, _) => name_in_file(name),
    }
}

fn part(tab: &Tab, positions: std::ops::Range<u64>, reader: Option<Reader>) -> Scope {
    let base = tab.base();
    let number = |at: u64| tab.shown.number(&base, at);
    let n_items = positions.end.saturating_sub(positions.start);
    let first = number(positions.start);
    let last = positions.end.checked_sub(1).and_then(number);
    // Of the open messages, those from before the watermark are not shown.
    let in_a_row = first.zip(last).is_none_or(|(first, last)| last - first + 1 == n_items);
    let picked = if tab.shown.passed().is_some() || !in_a_row {
        let numbers = positions.filter_map(|at| u32::try_from(tab.shown.number(&base, at)?).ok());
        Picked::Numbers(numbers.collect())
    } else {
        let first = first.unwrap_or_default();
        Picked::Range(first..first + n_items)
    };
    let messages = base.messages.map(|messages| {
        let mut all = messages.clone();
        all.extend_from_slice(base.open);
        all
    });
    Scope::Part(Selection { index: tab.log.clone(), messages, picked, reader })
}

fn begin_capture(
    store: Option<&crate::journal::Store>,
    endpoint: &str,
    rotation: Option<Rotation>,
) -> Result<Capture, NetError> {
    let failed = |error| NetError::new(Doing::Recording, "", error);
    let Some(store) = store else {
        return Err(failed(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "there is no folder for captures",
        )));
    };
    store.create_with(endpoint, rotation, wall_now()).map_err(failed)
}
