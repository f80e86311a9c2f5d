//! Where in a TOML text something is, and what is wrong there: every file of forms is read here.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::model::{Fault, Problem};

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The key, and what is wrong with its value.
    pub problem: Problem,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for FileProblem {}

/// Reads a text that holds a `T` and nothing else.
///
/// # Errors
/// The first key or value that does not belong there.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, FileProblem> {
    toml::from_str(text).map_err(|error| problem_of(text, &error).0)
}

/// Unknown keys of a text, each by its path.
pub(super) type Unknown = Vec<(Vec<String>, toml::Value)>;

/// Reads a text that holds a `T`, and keeps the keys that `T` does not know.
///
/// # Errors
/// The first value that does not belong there.
pub(super) fn read_keeping<T: DeserializeOwned>(text: &str) -> Result<(T, Unknown), FileProblem> {
    let (mut text, mut unknown) = (text.to_owned(), Vec::new());
    loop {
        let error = match toml::from_str(&text) {
            Ok(read) => return Ok((read, unknown)),
            Err(error) => error,
        };
        let (problem, path) = problem_of(&text, &error);
        let taken = matches!(problem.problem.fault, Fault::UnknownKey(..)).then(|| {
            let mut table: toml::Table = toml::from_str(&text).ok()?;
            let value = take(&mut table, &path)?;
            Some((value, toml::to_string(&table).ok()?))
        });
        let Some((value, rest)) = taken.flatten() else { return Err(problem) };
        unknown.push((path, value));
        text = rest;
    }
}

/// Puts unknown keys back to where they were, unless something else is there now.
pub(super) fn put_back(table: &mut toml::Table, unknown: &Unknown) {
    for (path, value) in unknown {
        if let Some((last, way)) = path.split_last()
            && let Some(table) = table_at(table, way)
        {
            table.entry(last).or_insert_with(|| value.clone());
        }
    }
}

fn take(table: &mut toml::Table, path: &[String]) -> Option<toml::Value> {
    let (last, way) = path.split_last()?;
    table_at(table, way)?.remove(last)
}

fn table_at<'a>(mut table: &'a mut toml::Table, path: &[String]) -> Option<&'a mut toml::Table> {
    let mut steps = path.iter();
    while let Some(step) = steps.next() {
        let mut value = table.get_mut(step)?;
        while let toml::Value::Array(array) = value {
            value = array.get_mut(steps.next()?.parse::<usize>().ok()?)?;
        }
        table = value.as_table_mut()?;
    }
    Some(table)
}

/// What the parser says, and the path of the key where it says it.
fn problem_of(text: &str, error: &toml::de::Error) -> (FileProblem, Vec<String>) {
    let at = error.span().map_or(0, |span: Range<usize>| span.start);
    let path = DeTable::parse(text).map(|root| path_to(root.get_ref(), at)).unwrap_or_default();
    let message = error.message();
    // serde's own words, which name the key and those that it knows in quotes of this kind.
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let fault = if message.starts_with("unknown field ") {
        let key = quoted.next().unwrap_or_default();
        let known: Vec<String> = quoted.collect();
        let near = known.iter().max_by(|a, b| likeness(&key, a).total_cmp(&likeness(&key, b)));
        Fault::UnknownKey(near.filter(|near| likeness(&key, near) > 0.8).cloned(), known)
    } else {
        Fault::Other(message.replace('\n', "; "))
    };
    let (line, column) = place_of(text, at);
    (FileProblem { line, column, problem: Problem::new(path.join("."), fault) }, path)
}

fn likeness(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

/// The path of the innermost key or value that includes the byte `at`.
fn path_to(root: &DeTable<'_>, at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut table = root;
    'tables: loop {
        for (key, value) in table {
            if key.span().contains(&at) {
                path.push(key.get_ref().to_string());
                return path;
            }
            if let Some(inner) = within(value, at, &mut path, key.get_ref()) {
                table = inner;
                continue 'tables;
            }
        }
        return path;
    }
}

/// The table within `value` that includes the byte `at`, or something of which does. Tables of TOML have no end of
/// their own, so they are searched.
fn within<'a>(
    value: &'a Spanned<DeValue<'a>>,
    at: usize,
    path: &mut Vec<String>,
    step: &str,
) -> Option<&'a DeTable<'a>> {
    match value.get_ref() {
        DeValue::Table(table) if holds(table, at) => {
            path.push(step.to_owned());
            Some(table)
        }
        DeValue::Array(array) => {
            let len = path.len();
            path.push(step.to_owned());
            let found = array.iter().enumerate().find_map(|(n, item)| within(item, at, path, &n.to_string()));
            if found.is_none() && !value.span().contains(&at) {
                path.truncate(len);
            }
            found
        }
        _ => {
            if value.span().contains(&at) {
                path.push(step.to_owned());
            }
            None
        }
    }
}

fn holds(table: &DeTable<'_>, at: usize) -> bool {
    table.iter().any(|(key, value)| {
        key.span().contains(&at)
            || value.span().contains(&at)
            || match value.get_ref() {
                DeValue::Table(table) => holds(table, at),
                DeValue::Array(array) => array
                    .iter()
                    .any(|item| matches!(item.get_ref(), DeValue::Table(table) if holds(table, at))),
                _ => false,
            }
    })
}

/// The line and the character of the key to which `path` leads; of the last table or list on the way that is there.
pub(super) fn place(text: &str, path: &str) -> (usize, usize) {
    let Ok(root) = DeTable::parse(text) else { return (1, 1) };
    let mut table = Some(root.get_ref());
    let mut array: Option<&DeArray<'_>> = None;
    let mut at = None;
    for step in path.split('.') {
        let value = match (table, array) {
            (Some(inner), _) => {
                let Some((key, value)) = inner.get_key_value(step) else { break };
                at = Some(key.span().start);
                value
            }
            (None, Some(inner)) => {
                let Some(value) = step.parse::<usize>().ok().and_then(|n| inner.get(n)) else { break };
                at = Some(value.span().start);
                value
            }
            (None, None) => break,
        };
        (table, array) = match value.get_ref() {
            DeValue::Table(table) => (Some(table), None),
            DeValue::Array(array) => (None, Some(array)),
            _ => (None, None),
        };
    }
    at.map_or((1, 1), |at| place_of(text, at))
}

fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or(before);
    (1 + before.matches('\n').count(), 1 + line.chars().count())
}
