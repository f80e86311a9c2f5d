//! The settings file. Several windows write it: each changes only the keys that it has changed itself. Keys that
//! are not known, and comments, stay as they are.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::LockFile;
use super::file::{self, Trouble};

pub use super::file::load;

/// A list of what was used recently, the newest first: those of all windows are kept together.
#[derive(Debug, Clone, Copy)]
pub struct RecentList {
    /// Its key.
    pub key: &'static str,
    /// The most entries.
    pub most: usize,
}

/// Reads a single key, whatever else is in the file, which is only read; `None` if it is not there.
///
/// # Errors
/// When the file cannot be read or is no TOML, or the key has another type; the text names the file.
pub fn value<T: DeserializeOwned>(path: &Path, key: &str) -> io::Result<Option<T>> {
    let wrong = |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", path.display()));
    let text = match file::read(path) {
        Ok(text) => text,
        Err(error) if file::is_missing(&error) => return Ok(None),
        Err(error) => return Err(wrong(&error)),
    };
    let mut all: toml::Table = toml::from_str(&text).map_err(|error| wrong(&error.message()))?;
    all.remove(key).map(|value| T::deserialize(value).map_err(|error| wrong(&error.message()))).transpose()
}

/// Writes what is in `now` but was not in `base`. If the file cannot be understood any more, it is renamed first.
///
/// # Errors
/// Those of the system.
pub fn save<T: Serialize>(
    path: &Path,
    base: &T,
    now: &T,
    lists: &[RecentList],
) -> io::Result<Option<Trouble>> {
    let (base, now) = (document(base)?, document(now)?);
    let keys: HashSet<&str> = base.iter().chain(now.iter()).map(|(key, _)| key).collect();
    let mut changed: Vec<&str> =
        keys.into_iter().filter(|key| text_of(&base, key) != text_of(&now, key)).collect();
    if changed.is_empty() {
        return Ok(None);
    }
    changed.sort_unstable();
    // The file that a link leads to is written, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned());
    file::create_folder(path.parent().unwrap_or(Path::new(".")))?;
    let _lock = LockFile::wait(&lock_path(&path))?;
    let (mut file, trouble) = match file::read(&path).map(|text| text.parse::<DocumentMut>()) {
        Ok(Ok(file)) => (file, None),
        Ok(Err(error)) => (DocumentMut::new(), Some(file::set_aside(&path, &error))),
        Err(error) if file::is_missing(&error) => (DocumentMut::new(), None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            (DocumentMut::new(), Some(file::set_aside(&path, &error)))
        }
        Err(error) => return Err(error),
    };
    for key in changed {
        match (now.get(key), lists.iter().find(|list| list.key == key)) {
            (None, _) => drop(file.remove(key)),
            (Some(item), None) => put(&mut file, key, item.clone()),
            (Some(item), Some(list)) => {
                let [base, now] = [base.get(key), Some(item)].map(strings);
                let merged = merged(&base, &now, &strings(file.get(key)), list.most);
                put(&mut file, key, Item::Value(Value::Array(Array::from_iter(merged))));
            }
        }
    }
    file::write(&path, &file.to_string())?;
    Ok(trouble)
}

fn document<T: Serialize>(settings: &T) -> io::Result<DocumentMut> {
    let text = toml::to_string(settings).map_err(io::Error::other)?;
    text.parse().map_err(io::Error::other)
}

fn text_of(table: &Table, key: &str) -> Option<String> {
    table.get(key).map(ToString::to_string)
}

/// Replaces a value and keeps the comments around it.
fn put(file: &mut DocumentMut, key: &str, mut item: Item) {
    let before = file.get(key).and_then(Item::as_value).map(|value| value.decor().clone());
    if let (Some(before), Some(value)) = (before, item.as_value_mut()) {
        *value.decor_mut() = before;
    }
    file[key] = item;
}

fn strings(item: Option<&Item>) -> Vec<String> {
    let entries = item.and_then(Item::as_array).into_iter().flatten();
    entries.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What this window has used since `base`, before what the file has now.
fn merged(base: &[String], now: &[String], file: &[String], most: usize) -> Vec<String> {
    let is_rest = |n: &usize| {
        let (used, rest) = now.split_at(*n);
        let mut known = base.iter().filter(|entry| !used.contains(entry));
        rest.iter().all(|entry| known.next() == Some(entry))
    };
    let n_used = (0..=now.len()).find(is_rest).unwrap_or(now.len());
    let used = &now[..n_used];
    let others = file.iter().filter(|entry| !used.contains(entry));
    used.iter().chain(others).take(most).cloned().collect()
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}
