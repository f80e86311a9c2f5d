//! Pages of quick sends in a workspace file, as sequences.

use std::collections::BTreeMap;

use super::args::{RowWords, Steps};
use crate::model::{Rules, SequenceRow, Then, nearest};
use crate::workspace::{FileProblem, QuickSend, WorkspaceFile};

/// Sequences, by the pages of quick sends that they are.
pub(super) type Pages = BTreeMap<String, Steps>;

/// The sequences that rules of the nth session ask for: the ticked rows of their pages.
pub(super) fn pages(file: &WorkspaceFile, n: usize, rules: &Rules) -> Result<Pages, FileProblem> {
    let mut pages = Pages::new();
    for rule in &rules.rules {
        let Then::Sequence(page) = &rule.then else { continue };
        let rows = ticked(file, n, page).map_err(|problem| {
            let why = problem.problem.fault.to_string();
            file.at(&format!("session.{n}.rule.{}.page", rule.id.0), why)
        })?;
        let (rows, words): (Vec<SequenceRow>, _) = rows.into_iter().unzip();
        pages.insert(page.clone(), Steps { rows: rows.into(), words, loops: 1 });
    }
    Ok(pages)
}

/// The ticked quick sends on a page of the nth session, each with its words.
pub(super) fn ticked(
    file: &WorkspaceFile,
    n: usize,
    page: &str,
) -> Result<Vec<(SequenceRow, RowWords)>, FileProblem> {
    let wrong = |why: String| file.at(&format!("session.{n}.quick"), why);
    let session = file.workspace.sessions.get(n).ok_or_else(|| wrong("there is none".to_owned()))?;
    let row = |quick: &QuickSend| {
        let title = quick.title();
        let wrong = |problem| wrong(format!("the quick send ‘{title}’: {problem}"));
        let row = quick.sequence_row(session.charsets()).map_err(wrong)?;
        let expected = quick.expect.map(|kind| format!("{} {}", kind.name(), quick.pattern));
        let expected = expected.map(|expected| expected.trim_end().to_owned());
        Ok((row, RowWords { name: format!("‘{title}’"), expected }))
    };
    let ticked = session.quick.iter().filter(|quick| quick.page == page && quick.ticked);
    let rows = ticked.map(row).collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() {
        let pages = || session.quick.iter().filter(|quick| quick.ticked).map(|quick| quick.page.as_str());
        let near =
            nearest(page, pages()).map_or_else(String::new, |near| format!("; did you mean ‘{near}’?"));
        return Err(wrong(format!("no quick send is ticked on the page ‘{page}’{near}")));
    }
    Ok(rows)
}
