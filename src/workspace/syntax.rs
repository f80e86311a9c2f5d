//! Parses TOML files of forms, and finds where in a file a key or an error is.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::model::{Expected, Fault, Problem, Reason};

/// An error in a file, and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct FileProblem {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The key, and what is wrong.
    pub problem: Problem,
}

impl From<FileProblem> for Reason {
    fn from(FileProblem { line, column, problem }: FileProblem) -> Self {
        Self::InText(line, column, problem.into())
    }
}

/// Parses a `T`. An error is that of the first invalid key or value.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, FileProblem> {
    toml::from_str(text).map_err(|error| problem_of(text, &error).0)
}

/// Unknown keys, by their paths.
pub(super) type Unknown = Vec<(Vec<String>, toml::Value)>;

/// Parses a `T` and the keys unknown to it. An error is that of the first invalid value.
pub(super) fn read_keeping<T: DeserializeOwned>(text: &str) -> Result<(T, Unknown), FileProblem> {
    let (mut text, mut unknown) = (text.to_owned(), Vec::new());
    loop {
        let error = match toml::from_str(&text) {
            Ok(read) => {
                // In whatever order they are written again, they are the same.
                unknown.sort_by(|(a, _), (b, _): &(Vec<String>, toml::Value)| a.cmp(b));
                return Ok((read, unknown));
            }
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

/// Restores unknown keys, unless the table has another value there.
pub(super) fn put_back(table: &mut toml::Table, unknown: &Unknown) {
    for (path, value) in unknown {
        if let Some((last, way)) = path.split_last()
            && let Some(table) = table_at(table, way, Missing::IsMade)
        {
            table.entry(last).or_insert_with(|| value.clone());
        }
    }
}

fn take(table: &mut toml::Table, path: &[String]) -> Option<toml::Value> {
    let (last, way) = path.split_last()?;
    table_at(table, way, Missing::IsNone)?.remove(last)
}

/// What happens if a table is not there, since all in it has the default value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    IsNone,
    /// Unless it is in a list, whose entries are gone then.
    IsMade,
}

fn table_at<'a>(
    mut table: &'a mut toml::Table,
    path: &[String],
    missing: Missing,
) -> Option<&'a mut toml::Table> {
    let mut steps = path.iter();
    while let Some(step) = steps.next() {
        let is_list = steps.clone().next().is_some_and(|next| next.parse::<usize>().is_ok());
        if missing == Missing::IsMade && !is_list {
            table.entry(step).or_insert_with(|| toml::Table::new().into());
        }
        let mut value = table.get_mut(step)?;
        while let toml::Value::Array(array) = value {
            value = array.get_mut(steps.next()?.parse::<usize>().ok()?)?;
        }
        table = value.as_table_mut()?;
    }
    Some(table)
}

/// An error of the parser, and the path of its key.
fn problem_of(text: &str, error: &toml::de::Error) -> (FileProblem, Vec<String>) {
    let at = error.span().map_or(0, |span| span.start);
    let path = DeTable::parse(text).ok().and_then(|root| path_to(root.get_ref(), at));
    let message = error.message();
    let is_twice = message.starts_with("duplicate key");
    let path = path.unwrap_or_else(|| if is_twice { path_of_duplicate(text, at) } else { Vec::new() });
    // serde quotes the key and the known ones in backticks.
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let fault = if message.starts_with("unknown field ") {
        let key = quoted.next().unwrap_or_default();
        Fault::unknown_key(&key, quoted.collect())
    } else {
        fault(message)
    };
    let (line, column) = place_of(text, at);
    (FileProblem { line, column, problem: Problem::new(path.join("."), fault) }, path)
}

/// What our own readers of values tell.
const TOLD: [Expected; 3] = [Expected::PeerName, Expected::PeerAddress, Expected::SendTo];

/// A fault of the parser's or serde's other than an unknown key.
fn fault(message: &str) -> Fault {
    if let Some(told) = TOLD.into_iter().find(|told| message.starts_with(&told.to_string())) {
        return told.into();
    }
    let expected = message.split_once("expected ");
    let expected = expected.filter(|(before, _)| before.is_empty() || before.starts_with("invalid "));
    match expected.map(|(_, expected)| expected) {
        Some("a boolean") => Expected::Boolean.into(),
        Some("a sequence") => Expected::List.into(),
        Some("a map") => Expected::Table.into(),
        Some("u16") => Fault::Number(0, u16::MAX.into()),
        Some("a string, an integer or a boolean") => Expected::Value.into(),
        Some(text) if text.starts_with("a string") => Expected::Text.into(),
        Some(names) if names.contains(" or ") => {
            let names = names.replace(" or ", ", ").split(", ").map(str::to_owned).collect();
            Fault::not_one_of(message.split('"').nth(1).unwrap_or_default(), names)
        }
        Some(what) if what.starts_with("struct ") => Expected::Table.into(),
        _ if message.starts_with("duplicate key") => Fault::Duplicate,
        _ => Fault::Syntax(message.replace('\n', "; ")),
    }
}

/// The path of the key that is there twice, at the byte `at`, as its table is called: such a file cannot be parsed.
fn path_of_duplicate(text: &str, at: usize) -> Vec<String> {
    let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let (above, line) = before.rsplit_once('\n').unwrap_or(("", before));
    let line = format!("{line}{}", rest.lines().next().unwrap_or_default());
    let head =
        |line: &str| Some(line.trim().strip_prefix('[')?.split(']').next()?.trim_matches('[').to_owned());
    let path = head(&line).unwrap_or_else(|| {
        let key = line.split('=').next().unwrap_or_default().trim();
        let table = above.lines().rev().find_map(head);
        table.map_or_else(|| key.to_owned(), |table| format!("{table}.{key}"))
    });
    path.split('.').map(|part| part.trim().to_owned()).collect()
}

/// The path of the innermost key or value that contains the byte `at`.
fn path_to(table: &DeTable<'_>, at: usize) -> Option<Vec<String>> {
    table.iter().find_map(|(key, value)| {
        let path = if key.span().contains(&at) { Some(Vec::new()) } else { path_within(value, at) };
        path.map(|path| [vec![key.get_ref().to_string()], path].concat())
    })
}

/// Searches all tables, since the span of a TOML table does not include its contents.
fn path_within(value: &Spanned<DeValue<'_>>, at: usize) -> Option<Vec<String>> {
    let inner = match value.get_ref() {
        DeValue::Table(table) => path_to(table, at),
        DeValue::Array(array) => array
            .iter()
            .enumerate()
            .find_map(|(n, item)| path_within(item, at).map(|path| [vec![n.to_string()], path].concat())),
        _ => None,
    };
    inner.or_else(|| value.span().contains(&at).then(Vec::new))
}

/// The line and column of the key at `path`, or of the last table or array on the way to it that exists.
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
