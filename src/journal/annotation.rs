//! Notes on records, made while the capture was being written: statistics blocks after the records, with two
//! comments, the first of which names the record. Events have one comment, so that no text can be mistaken
//! for a note on a record. The text is part of the file format.

/// The comment that names the record, from 0: `note on record 7`.
pub(super) fn text(record: u64) -> String {
    format!("note on record {record}")
}

/// Reads what [`text`] writes; `None` for any other comment.
pub(super) fn parse(comment: &[u8]) -> Option<u64> {
    std::str::from_utf8(comment).ok()?.strip_prefix("note on record ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_named_and_read_back() {
        for record in [0, 7, u64::MAX] {
            assert_eq!(parse(text(record).as_bytes()), Some(record));
        }
        for other in [&b""[..], b"note on record ", b"note on record x", b"a note on record 7", &[0xff]] {
            assert_eq!(parse(other), None);
        }
    }
}
