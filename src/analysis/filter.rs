//! Which items pass a filter.

use std::collections::BTreeMap;
use std::io;

use super::clean::Clean;
use super::items::Contents;
use super::{Items, Progress, Source};
use crate::codec::Charset;
use crate::codec::query::Query;
use crate::model::{Message, Which, notes_on};

/// A step examines at most this many items …
const STEP_ITEMS: u64 = 1 << 18;
/// … and reads at most this many bytes, which takes some hundredths of a second.
const STEP_BYTES: u64 = 16 << 20;

/// Goes through the items of a capture from the first on and tells which pass.
///
/// A message is in a time range if its first byte is. All conditions except the content are checked with the index alone; only the limits of a time range take a
/// few reads, unless times go back in the capture: then the head of each record is read. The content is read only of items that meet all other conditions. The query may also match the
/// text of an event, or a note on one of the records of an item.
#[derive(Debug, Clone)]
pub struct CaptureFilter {
    which: Which,
    query: Option<Query>,
    /// The same query in UTF-8.
    words: Option<Query>,
    next: u64,
    time: TimeRange,
    /// What a relay has passed on as it came does not pass.
    once: bool,
    /// How many items do not pass because of that alone.
    copies: u64,
}

impl CaptureFilter {
    /// A filter that has not seen any items.
    pub fn new(which: Which, query: Option<Query>) -> Self {
        let words = query.as_ref().map(in_utf8);
        Self { which, query, words, next: 0, time: TimeRange::default(), once: false, copies: 0 }
    }

    /// The same filter, but of what a relay has passed on as it came, only what was received passes.
    #[must_use]
    pub fn once(self, once: bool) -> Self {
        Self { once, ..self }
    }

    /// How many items do not pass because they are what a relay has received on the other leg.
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// How many items it has seen, which is the number of the next.
    pub fn reached(&self) -> u64 {
        self.next
    }

    /// Examines the next items and appends the numbers of those that pass. Ignores open messages and
    /// `items.passed`. `notes` are the user's, by record number. One step takes some hundredths of a second;
    /// between steps the work can be cancelled, or continue with a newer snapshot. Items beyond number
    /// 4,294,967,295 do not pass.
    ///
    /// # Errors
    /// As [`Source::read`]. Numbers before the error were appended; the next step tries the same item again.
    pub fn advance(
        &mut self,
        items: &Items<'_>,
        notes: &BTreeMap<u64, String>,
        out: &mut Vec<u32>,
    ) -> io::Result<Progress> {
        let in_order = items.source.index.unordered.is_none();
        self.next = self.next.max(items.first());
        if in_order && !self.which.is_at_any_time() {
            self.time.advance(&self.which, &items.source)?;
            // Skip everything that ends before the time range.
            self.next = self.next.max(items.first_from(self.time.begins()).min(items.n_items()));
        }
        let mut contents = Contents::new(items.source);
        let query = self.query.clone();
        let mut clean = query.as_ref().map(|query| Clean::new(query, items.source));
        let mut bytes = STEP_BYTES;
        let end = items.n_items().min(self.next.saturating_add(STEP_ITEMS));
        while self.next < end && bytes > 0 {
            let n = self.next;
            let before = contents.bytes_read();
            if let (Some(item), Ok(number)) = (items.item(n), u32::try_from(n))
                && self.admits(&item, &items.source)
                && (in_order
                    || self.which.is_at_any_time()
                    || self.which.time.contains(&contents.time(&item)?))
                && self.holds(&item, items.source, &mut contents, clean.as_mut(), notes)?
            {
                if self.once && contents.is_copy(&item)? {
                    self.copies += 1;
                } else {
                    out.push(number);
                }
            }
            bytes = bytes.saturating_sub(contents.bytes_read() - before);
            self.next = n + 1;
        }
        Ok(if self.next < items.n_items() { Progress::More } else { Progress::CaughtUp })
    }

    /// Whether an item passes as far as the index tells.
    fn admits(&self, item: &Message, source: &Source<'_>) -> bool {
        let in_time = || {
            source.index.unordered.is_some()
                || self.which.is_at_any_time()
                || self.time.contains(item.first())
        };
        source
            .head(item)
            .is_some_and(|(kind, flow)| self.which.admits(kind, flow, u64::from(item.len())) && in_time())
    }

    /// Whether the query matches an item.
    fn holds(
        &self,
        item: &Message,
        source: Source<'_>,
        contents: &mut Contents<'_>,
        clean: Option<&mut Clean<'_>>,
        notes: &BTreeMap<u64, String>,
    ) -> io::Result<bool> {
        let (Some(query), Some(words), Some(clean)) = (&self.query, &self.words, clean) else {
            return Ok(true);
        };
        let is_data = source.head(item).is_some_and(|(kind, _)| kind.direction().is_some());
        if is_data
            && item.first() == item.last()
            && !notes.contains_key(&item.first())
            && clean.is_clean(item.first())?
        {
            contents.pass_over(item);
            return Ok(false);
        }
        let content = contents.read(item)?;
        let query = if content.kind.direction().is_some() { query } else { words };
        if query.find_at(content.bytes, 0).is_some() {
            return Ok(true);
        }
        let mut own = notes_on(notes, source.index, item);
        Ok(own.any(|(_, note)| words.find_at(note.as_bytes(), 0).is_some()))
    }
}

/// The same query in UTF-8, for comments and notes.
pub(super) fn in_utf8(query: &Query) -> Query {
    // Text that one charset can encode is valid in UTF-8.
    Query::parse(query.kind(), query.text(), Charset::Utf8, query.case()).unwrap_or_else(|_| query.clone())
}

/// The records within a time range, as far as known, in a capture whose times never go back.
#[derive(Debug, Clone, Default)]
struct TimeRange {
    /// The first record in the range, once there is one.
    first: Option<u64>,
    /// The first record after the range, once there is one.
    behind: Option<u64>,
    /// Records before this number are examined.
    known: u64,
}

impl TimeRange {
    /// Examines new records.
    fn advance(&mut self, which: &Which, source: &Source<'_>) -> io::Result<()> {
        let new = self.known.max(source.index.first())..source.index.len();
        if self.first.is_none() {
            self.first = source.first_record(new.clone(), |at| at >= *which.time.start())?;
        }
        if self.behind.is_none() {
            self.behind = source.first_record(new.clone(), |at| at > *which.time.end())?;
        }
        self.known = self.known.max(new.end);
        Ok(())
    }

    /// No record before this number is in the range.
    fn begins(&self) -> u64 {
        self.first.unwrap_or(self.known)
    }

    fn contains(&self, record: u64) -> bool {
        self.first.is_some_and(|first| first <= record) && self.behind.is_none_or(|behind| record < behind)
    }
}
