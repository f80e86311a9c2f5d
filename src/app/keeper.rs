//! Writes what outlives the window on a thread of its own: always the newest, and again what could not be written.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use super::jobs::{Jobs, Reporter, failed};
use super::start::{WindowText, settings_trouble};
use crate::state::{MOST_REMOTES, Past, Report, SavedTab, Settings, Task};
use crate::store::{self, RecentList, Snapshot, StoredTab, WindowFolder};

/// What could not be written is tried again after this time.
const AGAIN: Duration = Duration::from_secs(5);
/// A window that is closed waits no longer than this for what is being written.
const PATIENCE: Duration = Duration::from_secs(5);

const LISTS: [RecentList; 1] = [RecentList { key: "recent_remotes", most: MOST_REMOTES }];

/// The window and its tabs, these with the names of their files.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Saved {
    /// The tabs in their order.
    pub(super) tabs: Vec<(String, SavedTab)>,
    /// The window.
    pub(super) window: WindowText,
}

impl Saved {
    fn snapshot(&self) -> io::Result<Snapshot> {
        let stored = |(name, tab): &(String, SavedTab)| {
            let (text, long) = tab.to_text().map_err(io::Error::other)?;
            Ok(StoredTab { name: name.clone(), text, long })
        };
        let tabs = self.tabs.iter().map(stored).collect::<io::Result<_>>()?;
        Ok(Snapshot { tabs, window: toml::to_string(&self.window).map_err(io::Error::other)? })
    }
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// The window, if it has changed.
    pub(super) window: Option<Arc<Saved>>,
    /// The preferences, if they have changed.
    pub(super) settings: Option<Settings>,
    /// Histories that have changed, by their files.
    pub(super) histories: BTreeMap<PathBuf, Vec<Arc<Past>>>,
}

impl Due {
    pub(super) fn is_empty(&self) -> bool {
        self.window.is_none() && self.settings.is_none() && self.histories.is_empty()
    }

    fn over(mut self, mut older: Self) -> Self {
        older.histories.append(&mut self.histories);
        Self {
            window: self.window.or(older.window),
            settings: self.settings.or(older.settings),
            histories: older.histories,
        }
    }
}

/// A handle of the thread that writes.
#[derive(Debug)]
pub(super) struct Keeper {
    sender: Option<Sender<Due>>,
    /// To take back what gives way to something newer.
    receiver: Receiver<Due>,
    /// Never holds anything: it is disconnected when the thread ends.
    alive: Receiver<()>,
}

impl Keeper {
    /// Starts the thread. `settings` is the settings file, and what this window knows to stand in it.
    pub(super) fn start(
        jobs: &Jobs,
        folder: Option<WindowFolder>,
        settings: Option<(PathBuf, Settings)>,
    ) -> Self {
        let (sender, receiver) = bounded(1);
        let (living, alive) = bounded::<()>(0);
        let due = receiver.clone();
        jobs.start("keeper", move |reporter| {
            Writer { folder, settings, due: Due::default(), is_told: false }.run(&due, reporter);
            drop(living);
        });
        Self { sender: Some(sender), receiver, alive }
    }

    /// Hands over what is to be written, without waiting.
    pub(super) fn keep(&self, mut due: Due) {
        let Some(sender) = &self.sender else { return };
        while let Err(TrySendError::Full(newer)) = sender.try_send(due) {
            due = match self.receiver.try_recv() {
                Ok(older) => newer.over(older),
                Err(_taken_meanwhile) => newer,
            };
        }
    }

    /// Waits until all is written, or long enough.
    pub(super) fn finish(&mut self) {
        self.sender = None;
        if let Err(RecvTimeoutError::Timeout) = self.alive.recv_timeout(PATIENCE) {
            log::error!("not all was written within {PATIENCE:?}");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The next window finds the folder free.
        self.finish();
    }
}

struct Writer {
    folder: Option<WindowFolder>,
    settings: Option<(PathBuf, Settings)>,
    due: Due,
    /// The user knows that something cannot be written.
    is_told: bool,
}

impl Writer {
    fn run(mut self, due: &Receiver<Due>, reporter: &Reporter) {
        loop {
            let patience = if self.due.is_empty() { Duration::MAX } else { AGAIN };
            match due.recv_timeout(patience) {
                Ok(newer) => self.due = newer.over(std::mem::take(&mut self.due)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            match self.write(reporter) {
                Ok(()) => self.is_told = false,
                Err((task, path, error)) => {
                    if !std::mem::replace(&mut self.is_told, true) {
                        // The window may be waiting for this very thread, and then nobody takes reports.
                        reporter.try_report(failed(task, &path.display(), &error));
                    }
                }
            }
        }
    }

    /// Writes all that is due. What could not be written stays due; the first failure is told.
    fn write(&mut self, reporter: &Reporter) -> Result<(), (Task, PathBuf, io::Error)> {
        let mut result = Ok(());
        if let (Some(saved), Some(folder)) = (self.due.window.take(), &mut self.folder)
            && let Err(error) = saved.snapshot().and_then(|snapshot| folder.write(&snapshot))
        {
            self.due.window = Some(saved);
            result = result.and(Err((Task::WritingTabs, folder.base().to_owned(), error)));
        }
        if let (Some(now), Some((path, base))) = (self.due.settings.take(), &mut self.settings) {
            match store::settings::save(path, base, &now, &LISTS) {
                Ok(trouble) => {
                    if let Some(trouble) = trouble {
                        reporter.try_report(Report::Trouble(None, settings_trouble(trouble)));
                    }
                    *base = now;
                }
                Err(error) => {
                    self.due.settings = Some(now);
                    result = result.and(Err((Task::WritingSettings, path.clone(), error)));
                }
            }
        }
        for (path, entries) in std::mem::take(&mut self.due.histories) {
            if let Err(error) = store::history::save(&path, &entries) {
                result = result.and(Err((Task::WritingHistory, path.clone(), error)));
                self.due.histories.insert(path, entries);
            }
        }
        result
    }
}
