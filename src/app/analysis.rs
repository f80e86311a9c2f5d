//! The jobs on what is shown: framing, filter and search. Each gets a snapshot, and continues with a newer one.

mod jobs;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Sender, TrySendError};

use self::jobs::{Snapshot, Work};
use super::App;
use super::jobs::{Jobs, Reporter};
use crate::analysis::Borders;
use crate::journal::Reader;
use crate::model::Chunked;
use crate::state::Tab;
use crate::workspace::ViewMode;

#[derive(Debug)]
struct Running {
    /// What the job works on; a job with another recipe replaces it.
    recipe: Recipe,
    feed: Sender<Snapshot>,
    /// The sizes of the last snapshot.
    fed: [u64; 5],
    stop: Arc<AtomicBool>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

type Task = Box<dyn FnOnce(&Work, &Reporter) + Send>;

/// The serial numbers of what a job works on.
type Recipe = [u64; 4];

#[derive(Debug, Default)]
pub(super) struct Analysis {
    framer: Option<Running>,
    filter: Option<Running>,
    search: Option<Running>,
}

impl App {
    /// Starts and ends jobs as needed, and feeds them new records.
    pub(super) fn analyse(&mut self) {
        for tab in &mut self.state.tabs {
            // A search goes through what is shown: that must be of the filter in force.
            if tab.find.query.is_some() {
                tab.update_shown();
            }
            if let Some(run) = self.runs.get_mut(&tab.id) {
                let reader = run.reader().cloned();
                run.analysis.keep(tab, reader, &self.jobs);
            }
        }
    }
}

impl Analysis {
    fn keep(&mut self, tab: &Tab, reader: Option<Reader>, jobs: &Jobs) {
        let Some((capture, reader)) = tab.capture.as_ref().zip(reader) else { return };
        let [framer, filtered, find] = [tab.framed.serial, tab.filtered.serial, tab.find.serial];
        let [n_records, n_messages, gone] = [tab.log.len(), tab.framed.messages.len(), tab.log.first()];
        let start = |name: &str, run: Task| {
            let (sender, feed) = crossbeam_channel::bounded(1);
            let stop = Arc::new(AtomicBool::new(false));
            let (capture, reader) = (capture.clone(), reader.clone());
            let work = Work { tab: tab.id, capture, reader, feed, stop: Arc::clone(&stop) };
            jobs.start(name, move |reporter| run(&work, reporter));
            (sender, stop)
        };

        let wanted = (!tab.framed.is_clear()).then_some([framer, 0, 0, 0]);
        keep(&mut self.framer, wanted, || {
            let framing = tab.framed.framing.clone();
            start("framing", Box::new(move |work, reporter| jobs::frame(work, reporter, framer, &framing)))
        });
        give(&mut self.framer, [n_records, gone, 0, 0, 0], || Snapshot {
            messages: None,
            passed: None,
            ..snapshot(tab)
        });

        let wanted = tab.needs_filter().then_some([framer, filtered, 0, 0]);
        keep(&mut self.filter, wanted, || {
            let filter = &tab.filtered.filter;
            let all = (filter.which(tab.session.view), filter.query.clone(), tab.filtered.once);
            start("filter", Box::new(move |work, reporter| jobs::filter(work, reporter, filtered, all)))
        });
        give(&mut self.filter, [n_records, gone, n_messages, 0, 0], || Snapshot {
            passed: None,
            ..snapshot(tab)
        });

        let stream = tab.session.view.mode == ViewMode::Stream && tab.framed.is_clear();
        let query = tab.find.query.as_ref().filter(|_| !tab.find.stopped);
        let wanted = query.map(|_| [framer, filtered, find, u64::from(stream)]);
        keep(&mut self.search, wanted, || {
            let borders = if stream { Borders::Joined } else { Borders::Apart };
            let (query, first) = (query.cloned(), tab.shown.first());
            start(
                "search",
                Box::new(move |work, reporter| {
                    if let Some(query) = query {
                        jobs::search(work, reporter, find, query, borders, first);
                    }
                }),
            )
        });
        let n_passed = tab.shown.passed().map_or(0, Chunked::len);
        give(&mut self.search, [n_records, gone, n_messages, n_passed, tab.notes_serial], || snapshot(tab));
    }
}

fn snapshot(tab: &Tab) -> Snapshot {
    Snapshot {
        index: tab.log.clone(),
        messages: (!tab.framed.is_clear()).then(|| tab.framed.messages.clone()),
        passed: tab.shown.passed().cloned(),
        notes: Arc::clone(&tab.notes),
    }
}

/// Replaces a job whose recipe has changed.
fn keep(
    running: &mut Option<Running>,
    wanted: Option<Recipe>,
    start: impl FnOnce() -> (Sender<Snapshot>, Arc<AtomicBool>),
) {
    if running.as_ref().map(|running| running.recipe) != wanted {
        *running = wanted.map(|recipe| {
            let (feed, stop) = start();
            Running { recipe, feed, fed: [u64::MAX; 5], stop }
        });
    }
}

/// Gives a job a new snapshot if something has changed.
fn give(running: &mut Option<Running>, there: [u64; 5], snapshot: impl FnOnce() -> Snapshot) {
    let Some(running) = running else { return };
    // It has one already: it reports when it is done with that, and then there is room.
    if running.fed == there || running.feed.is_full() {
        return;
    }
    match running.feed.try_send(snapshot()) {
        // If it is gone, it has reported why.
        Ok(()) | Err(TrySendError::Disconnected(_)) => running.fed = there,
        Err(TrySendError::Full(_)) => {}
    }
}
