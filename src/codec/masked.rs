//! Byte patterns with wildcards: `0D ?? A?`, `81&F0`.

use super::hex::{self, HexError, HexProblem};

/// Bytes of which any half or bit may be a wildcard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Masked {
    bytes: Vec<MaskedByte>,
}

/// A byte of which only the bits of a mask count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaskedByte {
    value: u8,
    mask: u8,
}

impl MaskedByte {
    /// Matches bytes with the bits of `value` where `mask` has ones.
    pub fn new(value: u8, mask: u8) -> Self {
        Self { value: value & mask, mask }
    }

    /// The bits that count; all others are zero.
    pub fn value(self) -> u8 {
        self.value
    }

    /// Which bits count.
    pub fn mask(self) -> u8 {
        self.mask
    }

    /// Whether `byte` matches.
    pub fn fits(self, byte: u8) -> bool {
        byte & self.mask == self.value
    }
}

impl Masked {
    /// A pattern without wildcards.
    pub fn exact(bytes: &[u8]) -> Self {
        Self { bytes: bytes.iter().map(|byte| MaskedByte::new(*byte, 0xFF)).collect() }
    }

    /// Reads bytes in any form that [`hex::parse`] takes, with `??` for any byte, `?A` and `A?` for any byte
    /// with this half, and `81&F0` for any byte with these bits where the mask has ones. Value and mask are
    /// two digits each, without blanks around the `&`.
    ///
    /// # Errors
    /// As [`hex::parse`].
    ///
    /// # Example
    /// ```
    /// use netassist::codec::masked::Masked;
    /// let masked = Masked::parse("01 ?3 80&80").unwrap();
    /// assert!(masked.fits(&[0x01, 0xF3, 0x91]));
    /// assert!(!masked.fits(&[0x01, 0xF3, 0x71]));
    /// ```
    pub fn parse(text: &str) -> Result<Self, HexError> {
        // Read with wildcards as zeros and as ones; the bits that count are those that do not differ.
        let [low, high] = both_ways(text)?;
        // Ones first, because a zero before an x would be a prefix.
        let high = hex::parse(&high)?;
        let low = hex::parse(&low)?;
        let pairs = low.into_iter().zip(high);
        Ok(Self { bytes: pairs.map(|(low, high)| MaskedByte::new(low, !(low ^ high))).collect() })
    }

    /// The bytes in order.
    pub fn bytes(&self) -> &[MaskedByte] {
        &self.bytes
    }

    /// The bytes, if there are no wildcards.
    pub fn as_exact(&self) -> Option<Vec<u8>> {
        self.bytes.iter().map(|byte| (byte.mask == 0xFF).then_some(byte.value)).collect()
    }

    /// Whether `bytes` match: the same number, and each of them.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        self.bytes.len() == bytes.len()
            && self.bytes.iter().zip(bytes).all(|(masked, byte)| masked.fits(*byte))
    }

    /// A regular expression over bytes for this pattern.
    pub(super) fn pattern(&self) -> String {
        let escaped = |byte: u8| {
            let [high, low] = hex::digits(byte);
            ['\\', 'x', high, low]
        };
        let mut pattern = String::from("(?-i:");
        for byte in &self.bytes {
            match byte.mask {
                0xFF => pattern.extend(escaped(byte.value)),
                0x00 => pattern.push_str(r"[\x00-\xFF]"),
                _ => {
                    pattern.push('[');
                    pattern.extend((0..=0xFF).filter(|other| byte.fits(*other)).flat_map(escaped));
                    pattern.push(']');
                }
            }
        }
        pattern.push(')');
        pattern
    }
}

/// The text with all wildcard bits as zeros, and as ones. Everything keeps its offset, so that errors point
/// at the right place in `text`.
fn both_ways(text: &str) -> Result<[String; 2], HexError> {
    let mut ways = [text.replace('?', "0"), text.replace('?', "F")];
    let mut done = 0;
    for (at, _) in text.match_indices('&') {
        let wrong = HexError { at, len: 1, why: HexProblem::NotHex('&') };
        let start = at.checked_sub(2).filter(|start| *start >= done).ok_or(wrong)?;
        let value = text.get(start..at).and_then(byte).ok_or(wrong)?;
        let behind = text.get(at + 1..).unwrap_or_default();
        let prefix = if behind.starts_with("0x") || behind.starts_with("\\x") { 2 } else { 0 };
        let mask = behind.get(prefix..prefix + 2).and_then(byte).ok_or(wrong)?;
        let blanks = " ".repeat(1 + prefix + 2);
        done = at + blanks.len();
        for (way, byte) in ways.iter_mut().zip([value & mask, value | !mask]) {
            let [high, low] = hex::digits(byte);
            way.replace_range(start..done, &format!("{high}{low}{blanks}"));
        }
    }
    Ok(ways)
}

/// Reads two digits.
fn byte(text: &str) -> Option<u8> {
    let is_hex = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(text, 16).ok()).flatten()
}
