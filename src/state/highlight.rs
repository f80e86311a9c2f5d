//! What the user makes stand out in the log: a note with the mark, beside what is noted already. Knows no colour.

use super::{Effect, State};
use crate::model::{Message, highlight, is_highlight, notes_on, without_highlight};

impl State {
    /// Makes an item stand out; or no more, if it does, whoever has made it so. What is noted besides stays.
    pub(super) fn switch_highlight(&mut self, item: &Message) -> Vec<Effect> {
        let tab = self.tab();
        let mut noted: Vec<(u64, String)> = notes_on(&tab.notes, &tab.log, item)
            .filter(|(_, note)| is_highlight(note))
            .map(|(record, note)| (record, without_highlight(note)))
            .collect();
        if noted.is_empty() {
            let note = tab.notes.get(&item.first()).map_or("", String::as_str);
            noted.push((item.first(), highlight(note)));
        }
        noted.into_iter().flat_map(|(record, note)| self.set_note(record, note)).collect()
    }
}
