//! The charsets that text sent was typed in.

use std::sync::Arc;

use super::{Record, RecordKind};
use crate::codec::Charset;

/// The charsets of text sent before and after a record. They are the same where text sent is in another charset than
/// text received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CharsetChange(u8);

/// More than there are.
const CHARSETS: u8 = 15;

const _: () = assert!(Charset::ALL.len() <= CHARSETS as usize, "a pair must fit a byte");

impl CharsetChange {
    /// From one charset to another.
    pub fn new(from: Charset, to: Charset) -> Self {
        Self(from as u8 * CHARSETS + to as u8)
    }

    /// The charset before.
    pub fn from(self) -> Charset {
        Self::charset(self.0 / CHARSETS)
    }

    /// The charset after.
    pub fn to(self) -> Charset {
        Self::charset(self.0 % CHARSETS)
    }

    fn charset(n: u8) -> Charset {
        Charset::ALL.get(usize::from(n)).copied().unwrap_or_default()
    }
}

/// The records at which the charset of text sent changes, in order. A clone shares memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentCharsets(Arc<Vec<(u64, CharsetChange)>>);

impl SentCharsets {
    /// Takes in the changes among records, of which the first has number `n`.
    pub fn extend(&mut self, n: u64, records: &[Record]) {
        for (n, record) in (n..).zip(records) {
            if let RecordKind::Charset(change) = record.kind {
                self.change(n, change);
            }
        }
    }

    /// Text sent is in another charset from record `n` on, which comes after all other changes.
    pub fn change(&mut self, n: u64, change: CharsetChange) {
        Arc::make_mut(&mut self.0).push((n, change));
    }

    /// The charset of text in record `n`, if it is sent; `None` if it is that of text received.
    pub fn of(&self, n: u64) -> Option<Charset> {
        let at = self.0.partition_point(|(from, _)| *from <= n);
        match at.checked_sub(1) {
            Some(last) => self.0.get(last).map(|(_, change)| change.to()),
            None => self.0.first().map(|(_, change)| change.from()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_charsets_is_kept() {
        for from in Charset::ALL {
            for to in Charset::ALL {
                let change = CharsetChange::new(from, to);
                assert_eq!((change.from(), change.to()), (from, to));
            }
        }
    }

    #[test]
    fn a_record_has_the_charset_of_the_change_before_it() {
        let mut typed = SentCharsets::default();
        assert_eq!(typed.of(0), None);
        typed.change(5, CharsetChange::new(Charset::Utf8, Charset::Gbk));
        typed.change(9, CharsetChange::new(Charset::Gbk, Charset::Big5));
        let of = [0, 4, 5, 8, 9, u64::MAX].map(|n| typed.of(n).unwrap());
        let [utf8, gbk, big5] = [Charset::Utf8, Charset::Gbk, Charset::Big5];
        assert_eq!(of, [utf8, utf8, gbk, gbk, big5, big5]);
    }
}
