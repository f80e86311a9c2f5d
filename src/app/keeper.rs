//! Writes what outlives the window on a separate thread: always the newest, with retries.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use super::jobs::{Jobs, Reporter, failed};
use super::start::{WindowText, settings_trouble};
use crate::state::{MOST_REMOTES, Past, Report, Settings, Task};
use crate::store::{self, RecentList, Snapshot, StoredTab, WindowFolder};
use crate::workspace::SavedTab;

const AGAIN: Duration = Duration::from_secs(5);
/// The longest time that a closing window waits for the writer.
const PATIENCE: Duration = Duration::from_secs(5);

const LISTS: [RecentList; 1] = [RecentList { key: "recent_remotes", most: MOST_REMOTES }];

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Saved {
    pub(super) tabs: Vec<(String, SavedTab)>,
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

#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) window: Option<Arc<Saved>>,
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

#[derive(Debug)]
pub(super) struct Keeper {
    sender: Option<Sender<Due>>,
    /// Takes back what is superseded.
    receiver: Receiver<Due>,
    /// Never holds anything: it is disconnected when the thread ends.
    alive: Receiver<()>,
}

impl Keeper {
    /// Starts the thread. `settings` is the settings file and its known content.
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

    pub(super) fn keep(&self, mut due: Due) {
        let Some(sender) = &self.sender else { return };
        while let Err(TrySendError::Full(newer)) = sender.try_send(due) {
            due = match self.receiver.try_recv() {
                Ok(older) => newer.over(older),
                Err(_taken_meanwhile) => newer,
            };
        }
    }

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
            self.work(reporter);
        }
    }

    /// Writes all that is due. Failures are reported once, until everything is written again.
    fn work(&mut self, reporter: &Reporter) {
        match self.write(reporter) {
            Ok(()) => self.is_told = false,
            Err((task, path, error)) => {
                if !std::mem::replace(&mut self.is_told, true) {
                    // The window may be waiting for this thread, and takes no reports then.
                    reporter.try_report(failed(task, &path.display(), error));
                }
            }
        }
    }

    /// What could not be written stays due; returns the first failure.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::dialogs::SystemDialogs;
    use crate::app::jobs::Done;
    use crate::state::Notice;

    fn saved(text: &str) -> Arc<Saved> {
        let mut tab = SavedTab::default();
        text.clone_into(&mut tab.session.send.content);
        Arc::new(Saved { tabs: vec![("a".to_owned(), tab)], window: WindowText::default() })
    }

    fn jobs() -> Jobs {
        Jobs::new(Arc::new(|| {}), Arc::new(SystemDialogs::default()))
    }

    #[test]
    fn what_cannot_be_written_is_told_once_and_written_as_soon_as_it_can() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        std::fs::write(&state, "a file where a folder should be").unwrap();
        let jobs = jobs();
        let settings = Some((state.join("settings.toml"), Settings::default()));
        let folder = Some(WindowFolder::claim(&state.join("windows")).folder);
        let mut writer = Writer { folder, settings, due: Due::default(), is_told: false };
        let now = Settings { keep_captures_mib: 7, ..Settings::default() };
        let entry = Arc::new(Past::default());
        for n_writes in 1..4 {
            let histories =
                BTreeMap::from([(state.join(format!("{n_writes}.toml")), vec![Arc::clone(&entry)])]);
            let due = Due { window: Some(saved("first")), settings: Some(now.clone()), histories };
            writer.due = due.over(std::mem::take(&mut writer.due));
            writer.work(&jobs.reporter());
            assert_eq!(writer.due.histories.len(), n_writes, "none is forgotten");
            let told = jobs.next();
            let is_told = matches!(
                told,
                Some(Done::Report(Report::Trouble(None, Notice::Failed(Task::WritingTabs, ..))))
            );
            assert_eq!((is_told, jobs.next().is_none()), (n_writes == 1, true), "{told:?}");
        }
        std::fs::remove_file(&state).unwrap();
        writer.due.window = Some(saved("second"));
        writer.work(&jobs.reporter());
        assert!(writer.due.is_empty() && jobs.next().is_none());
        assert_eq!(store::settings::load(&state.join("settings.toml")), (now, None));
        assert_eq!(store::history::load(&state.join("3.toml")), (vec![Past::default()], None));
        drop(writer);
        let kept = WindowFolder::claim(&state.join("windows")).kept;
        assert!(kept.tabs[0].text.contains("second"), "{kept:?}");
    }

    #[test]
    fn only_the_newest_is_written_and_the_end_waits_for_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = WindowFolder::claim(home.path()).folder;
        let mut keeper = Keeper::start(&jobs(), Some(folder), None);
        for n in 0..100 {
            keeper.keep(Due { window: Some(saved(&n.to_string())), ..Due::default() });
        }
        keeper.finish();
        let next = WindowFolder::claim(home.path());
        let tab = SavedTab::from_text(&next.kept.tabs[0].text, None).unwrap();
        assert_eq!((tab.session.send.content.as_str(), next.is_alone), ("99", true));
    }
}
