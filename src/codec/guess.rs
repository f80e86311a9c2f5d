//! Detects text that is shown in the wrong charset. It is conservative, so that binary data never causes a
//! suggestion.
//!
//! General detectors do worse here: chardetng takes two characters of GBK for Korean or Japanese, and text
//! that begins or ends inside a character, as records do, for Big5 or Windows-1252.

use super::{Charset, decode_all};

/// The charset that fits these bytes better if `chosen` does not fit: UTF-8 for valid UTF-8, GBK for common
/// Chinese in GBK. The bytes may begin and end inside a character.
pub fn better_charset(chosen: Charset, bytes: &[u8]) -> Option<Charset> {
    let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    if bytes.is_ascii() || has_controls(bytes) {
        return None;
    }
    let invalid = || decode_all(chosen, &[], bytes, false).text.contains(char::REPLACEMENT_CHARACTER);
    if chosen == Charset::Utf8 {
        let is_gbk = common_gbk_pairs(bytes) >= FEW && std::str::from_utf8(trimmed(bytes)).is_err();
        return is_gbk.then_some(Charset::Gbk);
    }
    if chosen.unit() > 1 {
        return None;
    }
    let text = std::str::from_utf8(trimmed(bytes)).ok()?;
    let n_wide = text.chars().filter(|c| c.len_utf8() >= 3).count();
    let n_all = text.chars().filter(|c| !c.is_ascii()).count();
    // Two bytes of GBK may be one valid character of UTF-8, but hardly three in a row.
    (n_wide >= 3 || n_all >= FEW && invalid()).then_some(Charset::Utf8)
}

/// How many bytes are examined.
const MOST_BYTES: usize = 4096;
/// Fewer characters than this are no evidence.
const FEW: usize = 2;

/// Without the rest of a character at the start and the beginning of one at the end.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().take(3).take_while(|byte| (0x80..0xC0).contains(*byte)).count();
    let bytes = bytes.get(start..).unwrap_or_default();
    let end = bytes.len() - super::incomplete_tail(Charset::Utf8, bytes);
    bytes.get(..end).unwrap_or_default()
}

/// Whether there are control characters that do not occur in text.
fn has_controls(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| matches!(byte, 0..=8 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F))
}

/// How many characters of GB 2312 there are; 0 if there is anything else but ASCII.
fn common_gbk_pairs(bytes: &[u8]) -> usize {
    // The first byte may be the second half of a character.
    count_pairs(bytes).or_else(|| count_pairs(bytes.get(1..)?)).unwrap_or(0)
}

fn count_pairs(bytes: &[u8]) -> Option<usize> {
    let mut n = 0;
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            0..=0x7F => {}
            0xA1..=0xA9 | 0xB0..=0xF7 => match rest.next() {
                Some(0xA1..=0xFE) => n += 1,
                Some(_) => return None,
                None => break,
            },
            _ => return None,
        }
    }
    Some(n)
}
