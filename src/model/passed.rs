//! Where data come from that a relay has passed on.

use std::fmt;

use super::WsMark;

/// What data sent stand for: bytes, or datagrams, that were received on the other leg. In the capture it begins the comment on
/// their packet, e.g. `[from 12+5]`, from byte 5 of record 12 on, or `[from 12+5:64]` for 64 bytes that were changed. Data
/// without it, and without another comment, follow those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PassedFrom {
    /// The record in which they begin, from 0; in comments from 1, as the window counts.
    pub record: u64,
    /// Their place in it.
    pub offset: u64,
    /// How many were received, if they were changed.
    pub len: Option<u64>,
}

impl PassedFrom {
    /// Reads the comment on data, which may begin with a [`WsMark`]. Returns the rest, too.
    ///
    /// # Example
    /// ```
    /// use netassist::model::PassedFrom;
    /// let from = PassedFrom { record: 11, offset: 5, len: Some(64) };
    /// assert_eq!(PassedFrom::read("[from 12+5:64] [rule] r"), (Some(from), "[rule] r"));
    /// assert_eq!(PassedFrom::read("[from x] y"), (None, "[from x] y"));
    /// ```
    pub fn read(comment: &str) -> (Option<Self>, &str) {
        let (_mark, comment) = WsMark::read(comment);
        let read = || {
            let (from, rest) = comment.strip_prefix("[from ")?.split_once(']')?;
            let (place, len) = from.split_once(':').map_or((from, None), |(place, len)| (place, Some(len)));
            let (record, offset) = place.split_once('+')?;
            let len = len.map(str::parse).transpose().ok()?;
            let record = record.parse::<u64>().ok()?.checked_sub(1)?;
            Some((Self { record, offset: offset.parse().ok()?, len }, rest.trim_start()))
        };
        read().map_or((None, comment), |(from, rest)| (Some(from), rest))
    }
}

impl fmt::Display for PassedFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record, offset, len } = self;
        write!(f, "[from {}+{offset}", record + 1)?;
        len.iter().try_for_each(|len| write!(f, ":{len}"))?;
        f.write_str("]")
    }
}

/// What is known of a twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// The twin begins in this record. If `is_marked`, it is not as it came, and its comment tells why.
    Record {
        /// The number of the record, from 0.
        record: u64,
        /// It is not as it came.
        is_marked: bool,
    },
    /// There is none: it was not passed on, or did not come from the other side.
    None,
    /// It is in a part of the capture that is not there.
    Unknown,
}
