//! Notes that users and rules attach to records, and highlights. A highlight is text in the capture, so that
//! it outlives the session and shows in other programs, too.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Index, Message, PassedFrom};

/// A note with a line that begins with this highlights its record.
pub const HIGHLIGHT: char = '★';

/// A note that begins with this says why a relay has not passed on the message.
const DROPPED: &str = "[dropped] ";

/// Whether a note highlights its record. One note may combine those of several rules, with one or more lines
/// each.
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

/// A note with this text that highlights its record.
pub fn highlight(text: &str) -> String {
    if text.is_empty() { HIGHLIGHT.to_string() } else { format!("{HIGHLIGHT} {text}") }
}

/// The note on a message that a relay has not passed on, because of a rule or a fault; where it begins, if that is known.
pub fn dropped(from: Option<PassedFrom>, why: &str) -> String {
    let from = from.map_or_else(String::new, |from| format!("{from} "));
    format!("{DROPPED}{from}{why}")
}

/// Why a relay has not passed on a message, if a line of the note says so, and where the message begins.
pub fn dropped_by(line: &str) -> Option<(Option<PassedFrom>, &str)> {
    line.strip_prefix(DROPPED).map(PassedFrom::read)
}

/// Whether what is held begins in this item, or is the datagram that it is of.
pub fn is_held(from: &PassedFrom, item: &Message) -> bool {
    let skip = u64::from(item.skip());
    let is_there = (skip..skip + u64::from(item.len())).contains(&from.offset);
    from.record == item.first() && (from.len.is_none() || is_there)
}

/// Whether a line of a note on a record of this item is of the item: a record may hold several messages, and the note on one
/// that was dropped tells which.
pub fn is_of(line: &str, item: &Message) -> bool {
    let Some((Some(PassedFrom { record, offset, .. }), _)) = dropped_by(line) else { return true };
    let skip = u64::from(item.skip());
    match record.cmp(&item.first()) {
        // It goes on in this record, with which an item begins that is no message.
        Ordering::Less => skip == 0,
        Ordering::Equal => (skip..skip + u64::from(item.len())).contains(&offset),
        Ordering::Greater => false,
    }
}

/// The note without highlight marks.
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

/// The notes on the records of a message, with the numbers of the records. Records of other messages may lie
/// in between.
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
