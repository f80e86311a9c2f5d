//! Hex with gaps: `0D ?? A?`. Knows no search.

use std::fmt::Write as _;

use super::super::hex::{self, HexError};
use super::{QueryError, QueryProblem, Sought};

/// What a text of hex digits and question marks means.
pub(super) fn of_hex(text: &str) -> Result<Sought, QueryError> {
    let wrong = |HexError { at, len, why }| QueryError { at, len, why: QueryProblem::Hex(why) };
    // Read with either digit in each gap, the halves that are not known are those that differ.
    let low = hex::parse(&text.replace('?', "0")).map_err(wrong)?;
    if !text.contains('?') && !low.is_empty() {
        return Ok(Sought::Bytes(low));
    }
    let high = hex::parse(&text.replace('?', "F")).map_err(wrong)?;
    if low.is_empty() {
        return Err(QueryError { at: 0, len: text.len(), why: QueryProblem::Empty });
    }
    let mut pattern = String::new();
    for (low, high) in low.into_iter().zip(high) {
        let written = match low ^ high {
            0x00 => write!(pattern, r"\x{low:02X}"),
            0x0F => write!(pattern, r"[\x{low:02X}-\x{high:02X}]"),
            0xF0 => {
                pattern.push('[');
                (0..16_u8)
                    .try_for_each(|half| write!(pattern, r"\x{:02X}", half << 4 | low))
                    .and_then(|()| write!(pattern, "]"))
            }
            _ => write!(pattern, r"[\x00-\xFF]"),
        };
        // Writing to a string cannot fail.
        debug_assert!(written.is_ok());
    }
    Ok(Sought::Pattern(format!("(?-i:{pattern})")))
}
