//! Hex digits: reading what is pasted, and writing. Hex dumps with an offset column are written by `dump`.

mod paste;

use super::text_error::TextError;
use super::worded_enum;

pub use paste::parse_pasted;

worded_enum! {
    /// Why a text is not hex.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum HexProblem {
        NotHex(char) = "‘{}’ is not a hex digit, 0-9 or A-F" (.0.escape_debug());
        OddRun = "odd number of hex digits; each byte takes two, e.g. 0A for A";
        /// `0x` or `\x` without a digit after it.
        NoDigits = "expected two hex digits after this prefix, e.g. 0x0A";
        /// An item of a list that is not a number from 0 to 255.
        NotAByte = "expected a number from 0x00 to 0xFF, or from 0 to 255";
    }
}

/// Where and why a text is not hex.
pub type HexError = TextError<HexProblem>;

/// Reads hex digits.
///
/// Each byte is two digits of either case. Blanks, line breaks, tabs, commas, colons, semicolons and
/// dashes may stand between bytes, and `0x` or `\x` before them; digits may also run on (`0A0B0c`).
///
/// # Errors
/// At the first unexpected character, and at an odd number of digits in a row: a lone digit could be either half
/// of a byte, so it is not guessed.
///
/// # Example
/// ```
/// use netassist::codec::hex;
/// assert_eq!(hex::parse("0x48, 65-6c:6C\\x6f").unwrap(), b"Hello");
/// assert_eq!(hex::parse("48 6").unwrap_err().at, 3);
/// ```
pub fn parse(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(c) = rest.chars().next() else { break };
        if is_separator(c) {
            at += c.len_utf8();
            continue;
        }
        let prefix = prefix_len(rest);
        let digits = rest.get(prefix..).unwrap_or_default();
        let run = run_len(digits);
        if run == 0 {
            let why = if prefix > 0 { HexProblem::NoDigits } else { HexProblem::NotHex(c) };
            return Err(HexError { at, len: prefix.max(c.len_utf8()), why });
        }
        let end = at + prefix + run;
        let odd = match text.get(end..).and_then(|rest| rest.chars().next()) {
            // In `0G` the second character is wrong, not the first.
            Some(c) if !is_separator(c) && prefix_len(text.get(end..).unwrap_or_default()) == 0 => {
                HexError { at: end, len: c.len_utf8(), why: HexProblem::NotHex(c) }
            }
            Some(_) | None => HexError { at: at + prefix, len: run, why: HexProblem::OddRun },
        };
        let run_text = digits.get(..run).unwrap_or_default();
        bytes.append(&mut ::hex::decode(run_text).map_err(|_odd_or_bad: ::hex::FromHexError| odd)?);
        at += prefix + run;
    }
    Ok(bytes)
}

/// Whether a character may separate bytes.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ':' | ';' | '-')
}

/// Length of the `0x` or `\x` at the start of `text`, or 0.
fn prefix_len(text: &str) -> usize {
    let marked = ["0x", "0X", "\\x", "\\X"].iter().any(|prefix| text.starts_with(prefix));
    if marked { 2 } else { 0 }
}

/// Number of hex digits at the start of `text`, up to the next prefix in a run like `0x410x42`.
fn run_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let prefix_follows =
        digits > 1 && bytes.get(digits - 1) == Some(&b'0') && matches!(bytes.get(digits), Some(b'x' | b'X'));
    if prefix_follows { digits - 1 } else { digits }
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// The two upper-case digits of a byte, high half first.
pub fn digits(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 0x0F].map(|half| char::from(DIGITS[usize::from(half)]))
}

/// Upper-case hex separated by blanks: `48 65 6C`.
pub fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(3));
    push_hex(&mut text, bytes);
    text
}

/// Appends what [`to_text`] returns, without a blank before it.
pub fn push_hex(text: &mut String, bytes: &[u8]) {
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 {
            text.push(' ');
        }
        text.extend(digits(*byte));
    }
}
