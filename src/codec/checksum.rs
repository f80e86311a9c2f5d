//! Checksums used by protocols: sums, XOR, Fletcher, Adler, and all CRCs of the catalogue.

mod catalogue;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::frame::ByteOrder;
use super::text_error::UnknownName;

/// A checksum algorithm.
#[derive(Clone, Copy)]
pub struct Checksum(&'static Entry);

struct Entry {
    name: &'static str,
    aliases: &'static [&'static str],
    kind: Kind,
}

enum Kind {
    /// The sum of all bytes, modulo two to the power of this many bits.
    Sum(u8),
    /// The two's complement of that sum, so that bytes and checksum add up to zero.
    NegatedSum(u8),
    /// The exclusive or of all bytes.
    Xor,
    /// Over bytes, modulo 255.
    Fletcher16,
    /// Over little-endian 16-bit words, modulo 65535; an odd byte at the end is padded with zero.
    Fletcher32,
    /// RFC 1950.
    Adler32,
    Crc(CrcKind),
}

/// A CRC of any width.
struct CrcKind {
    bits: u8,
    /// It is reflected, which makes its usual order little-endian.
    low_first: bool,
    /// Its value for the text `123456789`.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it"))]
    check: u128,
    compute: fn(&[u8]) -> u128,
}

impl Checksum {
    /// All algorithms, in the order of the menus.
    pub const ALL: &'static [Self] = catalogue::ALL;

    /// The name in the catalogue, e.g. `CRC-16/MODBUS`; also used in files and on the command line.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Other names, the best known first. [`FromStr`] reads these, too.
    pub fn aliases(self) -> &'static [&'static str] {
        self.0.aliases
    }

    /// Width in bits.
    pub fn bits(self) -> u8 {
        match &self.0.kind {
            Kind::Sum(bits) | Kind::NegatedSum(bits) => *bits,
            Kind::Xor => 8,
            Kind::Fletcher16 => 16,
            Kind::Fletcher32 | Kind::Adler32 => 32,
            Kind::Crc(crc) => crc.bits,
        }
    }

    /// The usual byte order in a message: little-endian for a reflected CRC, as in Modbus, HDLC and Ethernet,
    /// else big-endian.
    pub fn usual_order(self) -> ByteOrder {
        let low_first = matches!(self.0.kind, Kind::Crc(CrcKind { low_first: true, .. }));
        if low_first { ByteOrder::Little } else { ByteOrder::Big }
    }

    /// Computes the checksum of `bytes`.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Checksum;
    /// use netassist::codec::frame::ByteOrder;
    /// let modbus: Checksum = "CRC-16/MODBUS".parse().unwrap();
    /// let value = modbus.compute(&[0x01, 0x03, 0x00, 0x00, 0x00, 0x02]);
    /// assert_eq!(value.to_bytes(ByteOrder::Little), [0xC4, 0x0B]);
    /// ```
    pub fn compute(self, bytes: &[u8]) -> Value {
        let number = match &self.0.kind {
            Kind::Sum(bits) => low(sum(bytes), *bits),
            Kind::NegatedSum(bits) => low(sum(bytes).wrapping_neg(), *bits),
            Kind::Xor => u128::from(bytes.iter().fold(0, |all, byte| all ^ byte)),
            Kind::Fletcher16 => fletcher(0, bytes.iter().map(|byte| u32::from(*byte)), 255, 8),
            Kind::Fletcher32 => fletcher(0, words(bytes), 65_535, 16),
            Kind::Adler32 => fletcher(1, bytes.iter().map(|byte| u32::from(*byte)), 65_521, 16),
            Kind::Crc(crc) => (crc.compute)(bytes),
        };
        Value { bits: self.bits(), number }
    }
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).fold(0, u64::wrapping_add)
}

fn low(number: u64, bits: u8) -> u128 {
    u128::from(number & !(u64::MAX << bits))
}

/// Two sums, the second over the running values of the first, which begins at `start`; the second is the high
/// half.
fn fletcher(start: u32, parts: impl Iterator<Item = u32>, modulus: u32, shift: u8) -> u128 {
    let (first, second) = parts.fold((start, 0), |(first, second), part| {
        let first = (first + part) % modulus;
        (first, (second + first) % modulus)
    });
    u128::from(second) << shift | u128::from(first)
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks(2).map(|pair| match *pair {
        [low, high] => u32::from(u16::from_le_bytes([low, high])),
        [low] => u32::from(low),
        // Chunks of two have one or two bytes.
        _ => 0,
    })
}

impl Default for Checksum {
    /// CRC-16/MODBUS.
    fn default() -> Self {
        const FIRST: Checksum = Checksum::ALL[0];
        FIRST
    }
}

impl PartialEq for Checksum {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Checksum {}

impl Hash for Checksum {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({})", self.name())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Checksum {
    type Err = UnknownName;

    /// Reads a [`name`](Checksum::name) or one of the [`aliases`](Checksum::aliases), in either case.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let wanted = text.trim();
        let is = |name: &&str| name.eq_ignore_ascii_case(wanted);
        let by_name = Self::ALL.iter().find(|checksum| is(&checksum.name()));
        let found = by_name.or_else(|| Self::ALL.iter().find(|checksum| checksum.aliases().iter().any(is)));
        found
            .copied()
            .ok_or_else(|| UnknownName::new("checksum", text, "e.g. CRC-16/MODBUS, CRC-32, SUM-8 or LRC"))
    }
}

/// A computed checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value {
    bits: u8,
    number: u128,
}

impl Value {
    /// Width in bits.
    pub fn bits(self) -> u8 {
        self.bits
    }

    /// The value.
    pub fn number(self) -> u128 {
        self.number
    }

    /// Width in bytes.
    pub fn n_bytes(self) -> usize {
        usize::from(self.bits.div_ceil(8))
    }

    /// The bytes of the value.
    pub fn to_bytes(self, order: ByteOrder) -> Vec<u8> {
        order.bytes(self.number, self.n_bytes())
    }
}

impl fmt::Display for Value {
    /// In hex, with the digits of its width: `0x4B37`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.bits.div_ceil(4));
        write!(f, "0x{:0digits$X}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crc_gives_the_check_value_of_the_catalogue() {
        let mut n_crcs = 0;
        for checksum in Checksum::ALL {
            let Kind::Crc(CrcKind { check, .. }) = checksum.0.kind else { continue };
            n_crcs += 1;
            let value = checksum.compute(b"123456789");
            assert_eq!(value.number(), check, "{checksum}");
            assert!(checksum.name().starts_with(&format!("CRC-{}/", value.bits())), "{checksum}");
        }
        assert_eq!(n_crcs, 113);
    }
}
