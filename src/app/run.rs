//! What one tab has running outside the state: its session, its capture, its jobs.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::TryRecvError;

use super::App;
use super::jobs::CopyJob;
use crate::export::{Picked, Scope, Selection};
use crate::journal::{Hold, Reader};
use crate::model::{Command, Doing, Event, NetError, Recorder};
use crate::net::{Session, Setup};
use crate::state::{CopyOrder, ExportOrder, Notice, Report, SaveScope, Tab, TabId};
use crate::ui::log::layout::Config;

/// What one tab has running. Dropping it stops all of it.
#[derive(Debug, Default)]
pub(super) struct Run {
    session: Option<Session>,
    /// Between two openings the capture waits here.
    recorder: Option<Box<dyn Recorder>>,
    reader: Option<Reader>,
    hold: Option<Hold>,
    stop_load: Arc<AtomicBool>,
    stop_export: Arc<AtomicBool>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop_load.store(true, Ordering::Relaxed);
        self.stop_export.store(true, Ordering::Relaxed);
    }
}

impl Run {
    /// The next event of the session, if one is there.
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

    /// The capture, for reading.
    pub(super) fn reader(&self) -> Option<&Reader> {
        self.reader.as_ref()
    }

    /// The session told that it is over: its capture waits for the next opening.
    pub(super) fn closed(&mut self) {
        self.recorder = self.session.take().and_then(Session::finish);
    }
}

/// How many records may be copied.
const MOST_RECORDS: u64 = 2_000_000;

impl App {
    /// Opens a session. The first opening of a tab begins its capture, later ones go on with it.
    pub(super) fn open(&mut self, id: TabId, setup: Setup) {
        let endpoint = setup.link.short();
        let run = self.runs.entry(id).or_default();
        let recorder = match run.recorder.take() {
            Some(recorder) => Ok(recorder),
            None => begin_capture(self.store.as_ref(), &endpoint, self.clock.now()).map(
                |(recorder, hold, reader)| {
                    run.reader = Some(reader);
                    if let Some(tab) = self.state.tabs.iter_mut().find(|tab| tab.id == id) {
                        tab.begin_capture(hold.path().to_owned());
                    }
                    self.views.remove(&id);
                    run.hold = Some(hold);
                    recorder
                },
            ),
        };
        let opened = recorder.and_then(|recorder| Session::open(setup, recorder, Arc::clone(&self.wake)));
        match opened {
            Ok(session) => run.session = Some(session),
            Err(error) => {
                let now = self.clock.now();
                // Nothing runs that could report it.
                self.state.apply(id, Event::Closed(Some(error)), now);
            }
        }
    }

    pub(super) fn command(&mut self, id: TabId, command: Command) {
        let Some(session) = self.runs.get(&id).and_then(|run| run.session.as_ref()) else { return };
        match session.send(command) {
            Ok(()) => {}
            // The order to close must not be lost: without it, ending the session closes it.
            Err(Command::Close { .. }) => {
                if let Some(run) = self.runs.get_mut(&id) {
                    run.closed();
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

    pub(super) fn load(&mut self, id: TabId, path: PathBuf) {
        let run = self.runs.entry(id).or_default();
        // One of our own is held so that nobody sweeps it away while it is looked at; if another instance
        // holds it, that does.
        let ours = self.store.as_ref().is_some_and(|store| path.parent() == Some(store.folder()));
        run.hold = if ours { Hold::take(&path).ok().flatten() } else { None };
        match Reader::open(&path) {
            Ok(reader) => {
                run.reader = Some(reader);
                self.jobs.load(id, path, Arc::clone(&run.stop_load));
            }
            Err(error) => {
                let why = format!("{}: {error}", path.display());
                self.state.report(Report::Loaded(id, crate::state::Loaded::Failed(why)));
            }
        }
    }

    pub(super) fn export(&mut self, id: TabId, order: ExportOrder) {
        let Some(tab) = self.state.find(id) else { return };
        let Some(capture) = tab.capture.clone() else { return };
        let n_shown = tab.shown.len();
        let scope = match order.scope {
            // Up to what is whole by now: a session that runs on is not chased after.
            SaveScope::Whole => Scope::Whole(std::fs::metadata(&capture).map_or(u64::MAX, |file| file.len())),
            SaveScope::Shown => part(tab, 0..n_shown),
            SaveScope::Selected => {
                let order = self.views.get(&id).and_then(|view| view.copy_order(n_shown));
                part(tab, order.map_or(0..0, |order| order.from.0..order.to.0 + 1))
            }
        };
        let run = self.runs.entry(id).or_default();
        run.stop_export = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&run.stop_export);
        self.jobs.export(id, capture, scope, order, self.zone.clone(), stop);
    }

    /// The user's home, and the name of the capture.
    pub(super) fn suggest_save_path(&mut self, id: TabId) {
        let Some(tab) = self.state.find(id) else { return };
        let Some(stem) = tab.capture.as_deref().and_then(std::path::Path::file_stem) else { return };
        let name = format!("{}.{}", stem.to_string_lossy(), tab.save.format.extension());
        let path = std::env::home_dir().unwrap_or_default().join(name);
        self.state.report(Report::SavePath(id, path));
    }

    pub(super) fn cancel_export(&mut self, id: TabId) {
        if let Some(run) = self.runs.get(&id) {
            run.stop_export.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn copy(&mut self, id: TabId, order: CopyOrder) {
        let Some(tab) = self.state.find(id) else { return };
        let Some(capture) = tab.capture.clone() else { return };
        let (Some(first), Some(last)) = (tab.shown.record(order.from.0), tab.shown.record(order.to.0)) else {
            return;
        };
        if last - first > MOST_RECORDS {
            self.state.report(Report::TooMuchToCopy(id));
            return;
        }
        let log = tab.log.clone();
        let shown = (order.from.0..=order.to.0).filter_map(|at| tab.shown.record(at));
        let job = CopyJob {
            log,
            numbers: shown.collect(),
            first_byte: order.from.1,
            last_byte: order.to.1,
            capture,
            config: copy_config(tab, self.lang(), self.zone.clone()),
        };
        self.jobs.copy(id, job);
    }
}

/// What is shown at these positions.
fn part(tab: &Tab, positions: std::ops::Range<u64>) -> Scope {
    let picked = if tab.view.hide_received {
        let numbers = positions.filter_map(|at| u32::try_from(tab.shown.record(at)?).ok());
        Picked::Numbers(numbers.collect())
    } else {
        let first = tab.shown.record(0).unwrap_or_default();
        Picked::Range(first + positions.start..first + positions.end)
    };
    Scope::Part(Selection { index: tab.log.clone(), messages: None, picked })
}

/// As the log is shown, but with no row cut: what is copied does not depend on the window's width.
fn copy_config(tab: &Tab, lang: crate::ui::lang::Lang, zone: jiff::tz::TimeZone) -> Config {
    Config {
        body: tab.view.body,
        charset: tab.view.charset,
        log_mode: tab.view.log_mode,
        columns: usize::MAX / 4,
        lang,
        zone,
    }
}

type Begun = (Box<dyn Recorder>, Hold, Reader);

fn begin_capture(
    store: Option<&crate::journal::Store>,
    endpoint: &str,
    now: crate::model::Stamp,
) -> Result<Begun, NetError> {
    let failed = |error| NetError::new(Doing::Recording, "", error);
    let Some(store) = store else {
        return Err(failed(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "there is no folder for captures",
        )));
    };
    let capture = store.create(endpoint, now).map_err(failed)?;
    let reader = Reader::open(capture.hold.path()).map_err(failed)?;
    Ok((Box::new(capture.writer), capture.hold, reader))
}
