//! Notes that people and rules put on records: which of them stand on a message, and which highlight it. They
//! are text in the capture, so that a highlight outlives the session and is seen in other programs, too. Knows no
//! colour.

use std::collections::BTreeMap;

use super::{Index, Message};

/// A note of which a line begins with this highlights the record that it stands on.
pub const HIGHLIGHT: char = '★';

/// Whether a note highlights the record that it stands on. One note may hold what several rules have noted, a
/// line or more each.
///
/// # Example
/// ```
/// use netassist::model::{highlight, is_highlight, without_highlight};
/// assert!(is_highlight("★ alarm") && is_highlight("late\n★") && !is_highlight("4 ★"));
/// assert_eq!(without_highlight(&highlight("late")), "late");
/// ```
pub fn is_highlight(note: &str) -> bool {
    note.lines().any(|line| line.starts_with(HIGHLIGHT))
}

/// A note that says `text` and highlights.
pub fn highlight(text: &str) -> String {
    if text.is_empty() { HIGHLIGHT.to_string() } else { format!("{HIGHLIGHT} {text}") }
}

/// The words of a note without the marks by which it highlights.
pub fn without_highlight(note: &str) -> String {
    let plain = |line| {
        let mut line: &str = line;
        while let Some(rest) = line.strip_prefix(HIGHLIGHT) {
            line = rest.trim_start();
        }
        line
    };
    note.lines().map(plain).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

/// The notes on the records that a message lies in, with the numbers of those. Records of others may stand
/// between them.
pub fn notes_on<'a>(
    notes: &'a BTreeMap<u64, String>,
    index: &'a Index,
    message: &Message,
) -> impl Iterator<Item = (u64, &'a str)> + use<'a> {
    let head = |n: u64| index.get(n).map(|record| (record.kind, record.flow));
    let first = head(message.first());
    let between = notes.range(message.first()..=message.last());
    between.filter(move |(n, _)| head(**n) == first).map(|(n, note)| (*n, note.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn highlighting_can_be_undone_without_losing_text(note in "[★a \n]{0,9}") {
            let lit = highlight(&note);
            prop_assert!(is_highlight(&lit));
            let plain = without_highlight(&lit);
            prop_assert!(!is_highlight(&plain), "{plain:?}");
            let words = |text: &str| text.matches('a').count();
            prop_assert_eq!(words(&plain), words(&note));
            if !is_highlight(&note) && note.trim() == note {
                prop_assert_eq!(plain, note);
            }
        }
    }
}
