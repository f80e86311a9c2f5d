//! Skips records that cannot contain a hit, by searching large ranges of the raw file, including what is
//! between the payloads.

use std::io;
use std::ops::Range;

use super::Source;
use crate::codec::query::Query;
use crate::journal::Walk;

/// How many bytes of the file are searched at once.
const CHUNK: u64 = 128 * 1024;
/// A bulk scan costs about as much as this many single reads.
const LOOK: i64 = 256;
/// Give up after this much loss.
const LOSS: i64 = 8 * LOOK;

/// Tells which records cannot contain a hit. Fast for ascending records; for others it may not know.
pub(super) struct Clean<'a> {
    /// `None` if bulk scans do not pay off, or are not valid for the query.
    query: Option<&'a Query>,
    source: Source<'a>,
    walk: Walk<'a>,
    /// Records without a hit.
    found: Range<u64>,
    /// Nothing is known of records from here on.
    known: u64,
    /// Single reads saved, minus the cost of bulk scans.
    gain: i64,
}

impl<'a> Clean<'a> {
    /// A query that depends on the bytes around a hit cannot be searched in the raw file.
    pub(super) fn new(query: &'a Query, source: Source<'a>) -> Self {
        let query = Some(query).filter(|query| query.is_local());
        Self { query, source, walk: source.reader.walk(), found: 0..0, known: 0, gain: 0 }
    }

    /// Whether record `n` contains no hit by itself. False if unknown.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn is_clean(&mut self, n: u64) -> io::Result<bool> {
        let Some(query) = self.query else { return Ok(false) };
        if n >= self.known {
            self.look(query, n)?;
        }
        let is_clean = self.found.contains(&n);
        self.gain += i64::from(is_clean);
        Ok(is_clean)
    }

    /// Scans record `n` and some after it.
    fn look(&mut self, query: &Query, n: u64) -> io::Result<()> {
        (self.found, self.known) = (n..n, n + 1);
        let records = self.source.index.records();
        let Some(record) = records.get(n) else { return Ok(()) };
        let begin = record.offset;
        // Where the last record ends is not known, as no other follows.
        let end = records.partition_point(|record| record.offset <= begin.saturating_add(CHUNK));
        let end = end.min(records.len()).saturating_sub(1);
        let Some(until) = records.get(end).filter(|_| end > n) else { return Ok(()) };
        self.gain -= LOOK;
        if self.gain < -LOSS {
            self.query = None;
            return Ok(());
        }
        let bytes = self.walk.bytes(begin..until.offset)?;
        if (bytes.len() as u64) < until.offset.saturating_sub(begin) {
            // The file is shorter than its index. Reading the record will report that.
            return Ok(());
        }
        (self.found, self.known) = match query.find_at(bytes, 0) {
            None => (n..end, end),
            Some(hit) => {
                let at = begin + hit.start as u64;
                let holds = records.partition_point(|record| record.offset <= at).saturating_sub(1);
                (n..holds, holds + 1)
            }
        };
        Ok(())
    }
}
