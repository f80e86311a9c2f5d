//! The Internet checksum (RFC 1071). Every received byte passes through it.

/// A partial sum. All pieces except the last must have an even length.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Adds bytes in packet order.
    pub(super) fn bytes(self, bytes: &[u8]) -> Self {
        // The sum does not depend on the byte order of the words (RFC 1071, 2.B) nor, modulo 0xffff, on
        // whether they have 16 or 32 bits. So 32-bit little-endian words are added in independent 64-bit
        // lanes, which the compiler vectorizes. A lane cannot overflow below 128 GiB; a packet has at most 64
        // KiB.
        let mut lanes = [0_u64; 8];
        let (blocks, rest) = bytes.as_chunks::<32>();
        for block in blocks {
            for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<4>().0) {
                *lane += u64::from(u32::from_le_bytes(*word));
            }
        }
        let mut sum = self.0;
        for lane in lanes {
            sum += fold32(lane);
        }
        let (words, rest) = rest.as_chunks::<2>();
        for word in words {
            sum += u64::from(u16::from_le_bytes(*word));
        }
        if let [odd] = *rest {
            sum += u64::from(odd);
        }
        Self(fold32(sum))
    }

    /// Adds a number in network byte order.
    pub(super) fn word(self, word: u16) -> Self {
        Self(self.0 + u64::from(word.swap_bytes()))
    }

    /// The complement of the sum, to be written in network byte order.
    pub(super) fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        let [low, high, ..] = sum.to_le_bytes();
        !u16::from_be_bytes([low, high])
    }
}

/// Reduces a sum below 2³³ without changing it modulo 0xffff.
fn fold32(sum: u64) -> u64 {
    (sum & 0xffff_ffff) + (sum >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 1071 word by word.
    fn naive(bytes: &[u8]) -> u16 {
        let mut sum = 0_u32;
        for pair in bytes.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !u16::try_from(sum).unwrap()
    }

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 1071, 3: the sum of these words is ddf2.
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::default().bytes(&bytes).finish(), !0xddf2);
        assert_eq!(Sum::default().word(0x0001).word(0xf203).bytes(&bytes[4..]).finish(), !0xddf2);
    }

    #[test]
    fn carries_are_not_lost() {
        for len in [1, 2, 31, 32, 33, 65_535] {
            let bytes = vec![0xff; len];
            assert_eq!(Sum::default().bytes(&bytes).finish(), naive(&bytes), "{len}");
        }
    }

    proptest! {
        #[test]
        fn equal_to_the_naive_sum(mut head in prop::collection::vec(any::<u8>(), 0..80),
                                  tail in prop::collection::vec(any::<u8>(), 0..4000)) {
            head.truncate(head.len() / 2 * 2);
            let whole = [head.as_slice(), tail.as_slice()].concat();
            prop_assert_eq!(Sum::default().bytes(&head).bytes(&tail).finish(), naive(&whole));
        }
    }
}
