//! Which records of a session are shown.

use crate::model::{Index, RecordKind};

/// Which records of the index are shown: all after a watermark, or those that pass a filter too.
/// Positions in it are what the log scrolls over.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    hide_received: bool,
    start: u64,
    /// With a filter: the numbers of the records that pass. Without: empty.
    passed: Vec<u32>,
    /// How far the filter has looked.
    seen: u64,
}

/// How many records the filter looks at in one go, so that no frame waits for all of them.
const FILTER_STEP: u64 = 4_000_000;

impl Shown {
    /// Brings it up to date with the first `len` records of `log`. True if there is more to look at.
    pub fn update(&mut self, log: &Index, len: u64, start: u64, hide_received: bool) -> bool {
        if hide_received != self.hide_received || start != self.start {
            *self = Self { hide_received, start, passed: Vec::new(), seen: start };
        }
        if !hide_received {
            self.seen = len;
            return false;
        }
        let end = len.min(self.seen + FILTER_STEP);
        for n in self.seen..end {
            if let (Some(record), Ok(n)) = (log.get(n), u32::try_from(n))
                && record.kind != RecordKind::Received
            {
                self.passed.push(n);
            }
        }
        self.seen = self.seen.max(end);
        end < len
    }

    /// How many records are shown.
    pub fn len(&self) -> u64 {
        if self.hide_received { self.passed.len() as u64 } else { self.seen.saturating_sub(self.start) }
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the record at position `at`.
    pub fn record(&self, at: u64) -> Option<u64> {
        if self.hide_received {
            self.passed.get(usize::try_from(at).ok()?).map(|&n| u64::from(n))
        } else {
            (at < self.len()).then(|| self.start + at)
        }
    }

    /// The position of record number `n`, or of the next one that is shown.
    pub fn position(&self, n: u64) -> u64 {
        if self.hide_received {
            self.passed.partition_point(|&passed| u64::from(passed) < n) as u64
        } else {
            n.saturating_sub(self.start).min(self.len())
        }
    }
}

/// Which part of the log to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyOrder {
    /// The first position: a place among the shown records, and a byte in that record's text.
    pub from: (u64, u32),
    /// The position behind the last; `u32::MAX` for the end of the record's text.
    pub to: (u64, u32),
}
