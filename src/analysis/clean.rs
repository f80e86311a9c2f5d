//! Which records surely do not hold what is searched for: found out for many at once, in the bytes of the
//! file as they lie there, with all that stands between the payloads. Knows no item.

use std::io;
use std::ops::Range;

use super::Source;
use crate::codec::query::Query;
use crate::journal::Walk;

/// So many bytes of the file are looked at in one go.
const CHUNK: u64 = 128 * 1024;
/// One look costs about as much as reading so many records one by one.
const LOOK: i64 = 256;
/// When so much was lost, it is given up.
const LOSS: i64 = 8 * LOOK;

/// Answers for records: fast for those in ascending order, of others it may not know.
pub(super) struct Clean<'a> {
    /// `None` if looking does not pay, or cannot tell.
    query: Option<&'a Query>,
    source: Source<'a>,
    walk: Walk<'a>,
    /// These records are clean.
    found: Range<u64>,
    /// Of records from here on nothing is known.
    known: u64,
    /// Records that need not be read one by one, less what it cost to know.
    gain: i64,
}

impl<'a> Clean<'a> {
    /// A hit that depends on what stands around it may not be one in the file as it lies there.
    pub(super) fn new(query: &'a Query, source: Source<'a>) -> Self {
        let query = Some(query).filter(|query| query.is_local());
        Self { query, source, walk: source.reader.walk(), found: 0..0, known: 0, gain: 0 }
    }

    /// Whether no hit lies in record number `n` alone. False if it is not known.
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

    /// Looks at record number `n` and some behind it.
    fn look(&mut self, query: &Query, n: u64) -> io::Result<()> {
        (self.found, self.known) = (n..n, n + 1);
        let records = self.source.index.records();
        let Some(record) = records.get(n) else { return Ok(()) };
        let begin = record.offset;
        // The last record of all has no other behind it that tells where it ends.
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
            // The file is shorter than its index: who reads the record will say so.
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
