//! Placeholders for the length of the message that contains them.

use super::{Counted, Digits};
use crate::codec::Charset;
use crate::codec::append::{Added, AppendFault};

/// A length in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Length {
    /// Which bytes it counts.
    pub(super) counted: Counted,
    /// What is added to the count.
    pub(super) add: i64,
    pub(super) written: Digits,
}

impl Length {
    fn value(self, n_bytes: usize) -> i64 {
        i64::try_from(n_bytes).unwrap_or(i64::MAX).saturating_add(self.add)
    }

    /// Empty for a negative length.
    fn text(self, value: i64, charset: Charset) -> Vec<u8> {
        self.written.of(u64::try_from(value).unwrap_or(0), charset)
    }

    fn check(self, value: i64) -> Result<(), AppendFault> {
        let (width, bits) = match self.written {
            Digits::Decimal(width) => (width, u64::BITS),
            Digits::Binary(width, _) => (width, u32::from(width) * 8),
        };
        let fits = u64::try_from(value).is_ok_and(|value| value.checked_shr(bits).unwrap_or(0) == 0);
        if fits { Ok(()) } else { Err(AppendFault::LengthDoesNotFit { value, width }) }
    }
}

/// Inserts lengths into `message` at their offsets, which are in order. `added` is what grows it afterwards.
///
/// # Errors
/// If a length is negative, or does not fit.
pub(super) fn put(
    message: &[u8],
    lengths: &[(usize, Length)],
    charset: Charset,
    added: Added,
) -> Result<Vec<u8>, AppendFault> {
    let mut texts: Vec<Vec<u8>> = vec![Vec::new(); lengths.len()];
    // Longer text never makes a number smaller, so that this converges after a few rounds.
    loop {
        let values = values(message.len(), lengths, &texts, added);
        let all = || lengths.iter().zip(&values);
        let next: Vec<Vec<u8>> = all().map(|((_, length), value)| length.text(*value, charset)).collect();
        if next == texts {
            all().try_for_each(|((_, length), value)| length.check(*value))?;
            break;
        }
        texts = next;
    }
    let mut whole = Vec::with_capacity(message.len() + texts.iter().map(Vec::len).sum::<usize>());
    let mut done = 0;
    for ((place, _), text) in lengths.iter().zip(&texts) {
        whole.extend(message.get(done..*place).unwrap_or_default());
        whole.extend(text);
        done = *place;
    }
    whole.extend(message.get(done..).unwrap_or_default());
    Ok(whole)
}

/// The numbers, given these texts in a message of `len` bytes.
fn values(len: usize, lengths: &[(usize, Length)], texts: &[Vec<u8>], added: Added) -> Vec<i64> {
    let own: usize = texts.iter().map(Vec::len).sum();
    let total = len + own + added.behind + added.front.map_or(0, |(_, width)| width);
    let mut before = 0;
    let value = |((place, length), text): (&(usize, Length), &Vec<u8>)| {
        let start = place + before;
        before += text.len();
        // The length field in front may be inserted after the placeholder, if its offset is larger.
        let front = added.front.filter(|(offset, _)| *offset <= start).map_or(0, |(_, width)| width);
        length.value(match length.counted {
            Counted::Whole => total,
            Counted::Rest => total - front - place - before,
        })
    };
    lengths.iter().zip(texts).map(value).collect()
}

impl Digits {
    /// The number as it is written; text is in `charset`.
    pub(super) fn of(self, number: u64, charset: Charset) -> Vec<u8> {
        match self {
            Self::Decimal(digits) => {
                let width = usize::from(digits);
                charset.encode(&format!("{number:0width$}")).unwrap_or_default()
            }
            Self::Binary(n, order) => order.bytes(number.into(), usize::from(n)),
        }
    }
}
