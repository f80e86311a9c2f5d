//! What a window keeps for its next start: one folder a window, one file a tab. The folder is held by a lock file
//! beside it. A window that starts takes over all folders that no other holds.
//!
//! ```text
//! windows/<id>.lock           held as long as the window is open
//! windows/<id>/window.toml    the order of the tabs, and what belongs to the window
//! windows/<id>/<tab>.toml     a tab
//! windows/<id>/<tab>.send.txt a text of it that is too long for that
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::LockFile;
use super::file::{self, Trouble};

const WINDOW: &str = "window.toml";
const TAB: &str = ".toml";
const LONG: &str = ".send.txt";
/// The prefix of files that are being written; leftovers are useless.
const TEMPORARY: &str = ".tmp";

/// A tab as it stands in its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredTab {
    /// Its name, which no other tab has; see [`fresh_name`].
    pub name: String,
    /// What is kept of it.
    pub text: String,
    /// A text of it that is too long for that.
    pub long: Option<String>,
}

/// All that a window keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The tabs, in their order.
    pub tabs: Vec<StoredTab>,
    /// What belongs to the window: TOML without a key `tabs`.
    pub window: String,
}

/// What a window finds when it starts.
#[derive(Debug)]
pub struct Claimed {
    /// Where it keeps its own from now on.
    pub folder: WindowFolder,
    /// What windows before it have kept, the one that was used last first.
    pub kept: Snapshot,
    /// No other window is open.
    pub is_alone: bool,
    /// Files that could not be understood or read.
    pub troubles: Vec<Trouble>,
}

/// The folder of one window, held until this is dropped. There may be none yet, or it may have been lost: it is
/// created when there is something to write.
#[derive(Debug)]
pub struct WindowFolder {
    base: PathBuf,
    own: Option<Held>,
    /// Folders of closed windows whose tabs are still to be written to our own.
    taken: Vec<Held>,
    /// The content of the files in our own folder, by their names.
    written: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Held {
    folder: PathBuf,
    lock: LockFile,
    tabs: BTreeSet<String>,
}

/// A name for a tab that no other tab has, also of another window.
pub fn fresh_name() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

impl WindowFolder {
    /// Takes all folders in `base` that no window holds. The one that was used last becomes our own; the others are
    /// removed as soon as their tabs were written to it.
    pub fn claim(base: &Path) -> Claimed {
        let (mut found, is_alone) = unheld(base);
        found.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.folder.cmp(&other.folder)));
        let mut held = found.into_iter().map(|(_, held)| held);
        let folder =
            Self { base: base.to_owned(), own: held.next(), taken: held.collect(), written: BTreeMap::new() };
        let mut claimed = Claimed { folder, kept: Snapshot::default(), is_alone, troubles: Vec::new() };
        claimed.read();
        claimed
    }

    /// Writes what has changed. The tabs that are not there any more are removed.
    ///
    /// # Errors
    /// Those of the system. What could be written is written all the same; the next call goes on with the rest.
    pub fn write(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        let folder = self.own()?;
        let mut files = Vec::new();
        for StoredTab { name, text, long } in &snapshot.tabs {
            // A long text is written before the tab that refers to it.
            files.extend(long.as_ref().map(|long| (format!("{name}{LONG}"), long.clone())));
            files.push((format!("{name}{TAB}"), text.clone()));
        }
        files.push((WINDOW.to_owned(), window_text(snapshot)?));
        // A closed tab goes first, so that it does not come back if the writer dies in between.
        let tabs: BTreeSet<&str> = snapshot.tabs.iter().map(|tab| tab.name.as_str()).collect();
        let is_closed = |file: &String| file != WINDOW && !tabs.contains(tab_of(file));
        let closed: Vec<String> = self.written.keys().filter(|file| is_closed(file)).cloned().collect();
        let mut done = Ok(());
        for file in closed.iter().rev() {
            done = done.and(self.remove(&folder, file));
        }
        let mut n_changed = closed.len();
        for (file, text) in &files {
            if self.written.get(file) != Some(text) {
                n_changed += 1;
                let written = file::write(&folder.join(file), text);
                if written.is_ok() {
                    self.written.insert(file.clone(), text.clone());
                }
                done = done.and(written);
            }
        }
        let is_over = |file: &String| files.iter().all(|(wanted, _)| wanted != file);
        let over: Vec<String> = self.written.keys().filter(|file| is_over(file)).cloned().collect();
        for file in over {
            done = done.and(self.remove(&folder, &file));
        }
        if n_changed > 0 {
            done = done.and(self.touch());
        }
        done?;
        while let Some(held) = self.taken.last() {
            held.empty_into(&folder)?;
            self.taken.pop();
        }
        Ok(())
    }

    /// Renames the file of a tab that cannot be understood; it is kept in our own folder.
    pub fn set_aside(&mut self, tab: &str, why: &dyn ToString) -> Trouble {
        let file = format!("{tab}{TAB}");
        self.written.remove(&file);
        let Some(own) = &self.own else { return Trouble::Unreadable(PathBuf::from(file), why.to_string()) };
        let path =
            self.taken.iter().chain([own]).map(|held| held.folder.join(&file)).find(|path| path.exists());
        let path = path.unwrap_or_else(|| own.folder.join(&file));
        file::set_aside_in(&own.folder, &path, why)
    }

    /// The folder in which the folders of all windows are.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Our own folder, or a new one if it is lost.
    fn own(&mut self) -> io::Result<PathBuf> {
        if let Some(own) = &self.own
            && own.lock.is_current()
            && own.folder.is_dir()
        {
            return Ok(own.folder.clone());
        }
        self.written.clear();
        file::create_folder(&self.base)?;
        let lost = self.own.take().map(|own| own.folder);
        let again = lost.and_then(|folder| hold(&folder).ok().flatten());
        let held = match again {
            Some(held) => Some(held),
            None => hold(&self.base.join(fresh_name()))?,
        };
        let folder = self.own.insert(held.ok_or(io::ErrorKind::ResourceBusy)?).folder.clone();
        file::create_folder(&folder)?;
        Ok(folder)
    }

    fn remove(&mut self, folder: &Path, file: &str) -> io::Result<()> {
        match fs::remove_file(folder.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => {
                self.written.remove(file);
                Ok(())
            }
        }
    }

    fn touch(&self) -> io::Result<()> {
        self.own.as_ref().map_or(Ok(()), |own| own.lock.touch())
    }
}

impl Drop for WindowFolder {
    fn drop(&mut self) {
        // The window that is closed last comes first at the next start. Only that order depends on it.
        drop(self.touch());
    }
}

impl Claimed {
    fn read(&mut self) {
        let Self { folder: WindowFolder { own, taken, written, .. }, kept, troubles, .. } = self;
        let mut seen = BTreeSet::new();
        for (n, held) in own.iter_mut().chain(taken).enumerate() {
            let (text, tabs) = held.read(troubles);
            if n == 0 {
                kept.window = without_order(&text).unwrap_or_default();
                written.insert(WINDOW.to_owned(), text);
                for StoredTab { name, text, long } in &tabs {
                    written.insert(format!("{name}{TAB}"), text.clone());
                    written.extend(long.as_ref().map(|long| (format!("{name}{LONG}"), long.clone())));
                }
            }
            // A writer that died may have written a tab to its own folder but not removed it from another.
            kept.tabs.extend(tabs.into_iter().filter(|tab| seen.insert(tab.name.clone())));
        }
    }
}

impl Held {
    /// The text of the window and the tabs in their order.
    fn read(&mut self, troubles: &mut Vec<Trouble>) -> (String, Vec<StoredTab>) {
        let mut names = Vec::new();
        for file in files(&self.folder).unwrap_or_default() {
            if file.starts_with(TEMPORARY) {
                // If it stays, it does no harm.
                drop(fs::remove_file(self.folder.join(&file)));
            } else if file != WINDOW && file.strip_suffix(TAB).is_some_and(is_name) {
                names.push(tab_of(&file).to_owned());
            }
        }
        let path = self.folder.join(WINDOW);
        let mut window = file::read(&path).unwrap_or_default();
        let order = order(&window).unwrap_or_else(|error| {
            troubles.push(file::set_aside(&path, &error));
            window.clear();
            Vec::new()
        });
        let place = |name: &String| order.iter().position(|listed| listed == name).unwrap_or(usize::MAX);
        names.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
        let mut tabs = Vec::new();
        for name in names {
            let path = self.folder.join(format!("{name}{TAB}"));
            match file::read(&path) {
                Ok(text) => {
                    let long = file::read(&self.folder.join(format!("{name}{LONG}"))).ok();
                    self.tabs.insert(name.clone());
                    tabs.push(StoredTab { name, text, long });
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    troubles.push(file::set_aside(&path, &error));
                }
                Err(error) => troubles.push(Trouble::Unreadable(path, error.to_string())),
            }
        }
        (window, tabs)
    }

    /// Removes a folder whose tabs have been written to `to`. Other files are moved there.
    fn empty_into(&self, to: &Path) -> io::Result<()> {
        for file in files(&self.folder)? {
            let path = self.folder.join(&file);
            let is_read = is_file_of_tab(&file) && self.tabs.contains(tab_of(&file));
            if is_read || file == WINDOW || file.starts_with(TEMPORARY) {
                fs::remove_file(&path)?;
            } else if to.join(&file).symlink_metadata().is_err() {
                fs::rename(&path, to.join(&file))?;
            } else {
                file::move_aside(to, &path)?;
            }
        }
        fs::remove_dir(&self.folder)?;
        self.lock.remove()
    }
}

/// The folders that no window holds, with their last use, and whether no other window is open.
fn unheld(base: &Path) -> (Vec<(SystemTime, Held)>, bool) {
    let mut found = Vec::new();
    let mut is_alone = true;
    let id = |file: &String| file.strip_suffix(".lock").unwrap_or(file).to_owned();
    let ids: BTreeSet<String> = files(base).unwrap_or_default().iter().map(id).collect();
    for folder in ids.iter().filter(|id| is_name(id)).map(|id| base.join(id)) {
        let modified = |path: &Path| fs::symlink_metadata(path).and_then(|file| file.modified()).ok();
        // Before the lock file is opened, which may create it.
        let used = modified(&folder).max(modified(&lock_path(&folder)));
        match hold(&folder) {
            Ok(Some(held)) if folder.symlink_metadata().is_ok_and(|file| file.is_dir()) => {
                found.extend(used.map(|used| (used, held)));
            }
            // The lock of a folder that was emptied; if it stays, it does no harm.
            Ok(Some(held)) => drop(held.lock.remove()),
            Ok(None) => is_alone = false,
            Err(error) => {
                log::warn!("cannot lock {}: {error}", folder.display());
                is_alone = false;
            }
        }
    }
    (found, is_alone)
}

fn hold(folder: &Path) -> io::Result<Option<Held>> {
    let lock = LockFile::take(&lock_path(folder))?;
    Ok(lock.map(|lock| Held { folder: folder.to_owned(), lock, tabs: BTreeSet::new() }))
}

fn lock_path(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

fn files(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let names: Vec<_> = entries.collect::<io::Result<_>>()?;
    // No file of ours has a name that is no text.
    Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_file_of_tab(file: &str) -> bool {
    [TAB, LONG].iter().any(|end| file.strip_suffix(end).is_some_and(is_name))
}

fn tab_of(file: &str) -> &str {
    file.split('.').next().unwrap_or(file)
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    tabs: Vec<String>,
}

fn window_text(snapshot: &Snapshot) -> io::Result<String> {
    let order = Order { tabs: snapshot.tabs.iter().map(|tab| tab.name.clone()).collect() };
    Ok(toml::to_string(&order).map_err(io::Error::other)? + &snapshot.window)
}

fn order(window: &str) -> Result<Vec<String>, toml::de::Error> {
    Ok(toml::from_str::<Order>(window)?.tabs)
}

fn without_order(window: &str) -> Option<String> {
    let mut table: toml::Table = toml::from_str(window).ok()?;
    table.remove("tabs");
    toml::to_string(&table).ok()
}

#[cfg(test)]
mod tests;
