//! Hex with gaps: `0D ?? A?`. Knows no search.

use super::super::hex::{self, HexError};
use super::pattern::escaped;
use super::{QueryError, QueryProblem, Sought};

/// What a text of hex digits and question marks means.
pub(super) fn of_hex(text: &str) -> Result<Sought, QueryError> {
    let wrong = |HexError { at, len, why }| QueryError { at, len, why: QueryProblem::Hex(why) };
    // Read with either digit in each gap, the halves that are not known are those that differ.
    let high = hex::parse(&text.replace('?', "F")).map_err(wrong)?;
    if high.is_empty() {
        return Err(QueryError { at: 0, len: text.len(), why: QueryProblem::Empty });
    }
    if !text.contains('?') {
        return Ok(Sought::Bytes(high));
    }
    let low = hex::parse(&text.replace('?', "0")).map_err(wrong)?;
    let mut pattern = String::new();
    for (low, high) in low.into_iter().zip(high) {
        match low ^ high {
            0x00 => pattern.push_str(&escaped(&[low])),
            0xFF => pattern.push_str(r"[\x00-\xFF]"),
            gap => {
                let bytes: Vec<u8> = (0..=0xFF).filter(|byte| byte & !gap == low).collect();
                pattern.extend(["[", &escaped(&bytes), "]"]);
            }
        }
    }
    Ok(Sought::Pattern(format!("(?-i:{pattern})")))
}
