//! Which part of a capture is saved.

use std::fs::File;
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::Path;

use crate::journal::{Reader, Scanner};
use crate::model::{Chunked, Index, Message, Stamp};

/// What is saved of a capture.
#[expect(clippy::large_enum_variant, reason = "there is one for each file that is saved")]
#[derive(Debug, Clone)]
pub enum Scope {
    /// All records before this offset in the capture file; `u64::MAX` for up to its end when saving.
    Whole(u64),
    /// Selected items.
    Part(Selection),
}

impl Scope {
    /// The whole capture.
    pub const ALL: Self = Self::Whole(u64::MAX);
}

/// Selected items of a capture: snapshots, so that it may grow meanwhile.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The index of the capture.
    pub index: Index,
    /// The messages of a framing, in the order of their ends. `None`: records are items.
    pub messages: Option<Chunked<Message>>,
    /// Which items are selected.
    pub picked: Picked,
    /// What reads the capture; `None` for the file alone.
    pub reader: Option<Reader>,
}

/// A selection of items, by number from 0.
#[derive(Debug, Clone, Default)]
pub enum Picked {
    /// All of them.
    #[default]
    All,
    /// A range of numbers.
    Range(Range<u64>),
    /// These numbers, which ascend.
    Numbers(Chunked<u32>),
}

impl Selection {
    /// All that is on the wire in a capture of ours up to this offset, also of connections that are decrypted.
    ///
    /// # Errors
    /// Those of the system, and if the capture is damaged at once.
    pub fn of_wire(capture: &Path, until: u64) -> io::Result<Self> {
        let mut index = Index::default();
        Scanner::of_wire().advance(&File::open(capture)?, (0, until), &mut |batch| {
            batch.flows.iter().for_each(|flow| index.add_flow(flow));
            index.extend(&batch.records);
            index.unordered = Stamp::earliest(index.unordered, batch.unordered);
            ControlFlow::Continue(())
        })?;
        Ok(Self { index, ..Self::default() })
    }

    /// How many items there are to select from.
    fn n_items(&self) -> u64 {
        self.messages.as_ref().map_or_else(|| self.index.len(), Chunked::len)
    }

    /// The first item that is not removed.
    fn first(&self) -> u64 {
        self.messages.as_ref().map_or(self.index.first(), Chunked::first)
    }

    /// Item `n`.
    fn item(&self, n: u64) -> Option<Message> {
        match &self.messages {
            Some(messages) => messages.get(n),
            None => self.index.get(n).map(|record| Message::record(n, record.len)),
        }
    }

    /// The selected items in order. Numbers without an item are skipped.
    pub(super) fn items(&self) -> impl Iterator<Item = Message> {
        let (range, numbers) = match &self.picked {
            Picked::All => (self.first()..self.n_items(), None),
            Picked::Range(range) => (range.start.max(self.first())..range.end.min(self.n_items()), None),
            Picked::Numbers(numbers) => (0..0, Some(numbers)),
        };
        let numbers = numbers.into_iter().flat_map(|numbers| numbers.slices(0)).flatten();
        range.chain(numbers.map(|n| u64::from(*n))).filter_map(|n| self.item(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FlowId, Record, RecordKind, Wholeness};

    #[test]
    fn selected_items_are_in_order() {
        let record = |len| Record { offset: 0, flow: FlowId(0), len, kind: RecordKind::Received };
        let mut index = Index::default();
        index.extend(&[record(5), record(6), record(7)]);
        let message = Message::new(0, 1, 2, 9, Wholeness::Whole);
        let framer = |messages: &Option<Chunked<Message>>, picked: Picked| {
            let (index, messages) = (index.clone(), messages.clone());
            let selection = Selection { index, messages, picked, reader: None };
            selection.items().map(|item| item.len()).collect::<Vec<_>>()
        };
        let messages = Some([message, Message::record(2, 3)].into_iter().collect());
        for (messages, picked, expected) in [
            (&None, Picked::All, &[5, 6, 7][..]),
            (&None, Picked::Range(1..99), &[6, 7]),
            (&None, Picked::Range(3..3), &[]),
            (&None, Picked::Numbers([0, 2, 99].into_iter().collect()), &[5, 7]),
            (&messages, Picked::All, &[9, 3]),
            (&messages, Picked::Range(1..2), &[3]),
            (&messages, Picked::Numbers([0].into_iter().collect()), &[9]),
        ] {
            assert_eq!(framer(messages, picked.clone()), expected, "{picked:?}");
        }
    }
}
