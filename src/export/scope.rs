//! What of a capture is saved: all of it, or items that somebody picked. Plain data that share their
//! memory with whoever picked them; knows no file.

use std::ops::Range;

use crate::model::{Chunked, Index, Message};

/// What of a capture is saved.
#[derive(Debug, Clone)]
pub enum Scope {
    /// Every record before this offset in bytes of the capture file; `u64::MAX` for the end that the file
    /// has by then.
    Whole(u64),
    /// These items.
    Part(Selection),
}

impl Scope {
    /// The whole capture.
    pub const ALL: Self = Self::Whole(u64::MAX);
}

/// Items of a capture: snapshots, so that it may grow meanwhile.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The index of the capture.
    pub index: Index,
    /// The messages that a framing cuts the records into, in the order in which they end. `None`: every
    /// record is an item.
    pub messages: Option<Chunked<Message>>,
    /// Which of the items.
    pub picked: Picked,
}

/// Which items of a list, by their numbers from 0.
#[derive(Debug, Clone, Default)]
pub enum Picked {
    /// All of them.
    #[default]
    All,
    /// Those of these numbers.
    Range(Range<u64>),
    /// Those of these numbers, which ascend.
    Numbers(Chunked<u32>),
}

impl Selection {
    /// How many items there are to pick from.
    fn n_items(&self) -> u64 {
        self.messages.as_ref().map_or_else(|| self.index.len(), Chunked::len)
    }

    /// Item number `n`.
    fn item(&self, n: u64) -> Option<Message> {
        match &self.messages {
            Some(messages) => messages.get(n),
            None => self.index.get(n).map(|record| Message::record(n, record.len)),
        }
    }

    /// The items that are picked, in order. Numbers of items that there are not are passed over.
    pub(super) fn items(&self) -> impl Iterator<Item = Message> {
        let (range, numbers) = match &self.picked {
            Picked::All => (0..self.n_items(), None),
            Picked::Range(range) => (range.start..range.end.min(self.n_items()), None),
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
    fn what_is_picked_is_listed_in_order() {
        let record = |len| Record { offset: 0, flow: FlowId(0), len, kind: RecordKind::Received };
        let mut index = Index::default();
        index.extend(&[record(5), record(6), record(7)]);
        let message = Message::new(0, 1, 2, 9, Wholeness::Whole);
        let framer = |messages: &Option<Chunked<Message>>, picked: Picked| {
            let (index, messages) = (index.clone(), messages.clone());
            let selection = Selection { index, messages, picked };
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
