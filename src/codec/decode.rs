//! Decoding of bytes to text, also when a character is split between two reads.
//!
//! A view starts in the middle of a stream: it has the bytes before a record, but no decoder state.
//! [`incomplete_tail`] tells how many of those bytes begin a character that the record continues. A fresh
//! decoder that is fed these first continues as if it had read the whole stream, because in all these
//! charsets a decoder has no state between two characters.

use encoding_rs::CoderResult;

use super::Charset;

/// A decoder for one stream.
pub struct Decoder {
    charset: Charset,
    /// `None` for Latin-1, which needs no table.
    table: Option<encoding_rs::Decoder>,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("charset", &self.charset).finish_non_exhaustive()
    }
}

impl Decoder {
    /// A decoder at the start of a stream. A byte order mark is decoded like any other character.
    pub fn new(charset: Charset) -> Self {
        Self {
            charset,
            table: charset.encoding().map(encoding_rs::Encoding::new_decoder_without_bom_handling),
        }
    }

    /// The charset that it decodes.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Decodes the next bytes of the stream and appends their text to `out`, with U+FFFD for invalid bytes.
    /// An incomplete character at the end is kept for the next call, unless `last` says that the stream ends;
    /// after that the decoder is at the start of a new stream.
    pub fn decode(&mut self, bytes: &[u8], last: bool, out: &mut String) {
        let Some(table) = &mut self.table else {
            out.extend(bytes.iter().copied().map(char::from));
            return;
        };
        let mut rest = bytes;
        loop {
            // The worst case is three times the input, but most text needs no more than its length.
            out.reserve(rest.len().saturating_add(16));
            let (result, n_read, _had_errors) = table.decode_to_string(rest, out, last);
            rest = rest.get(n_read..).unwrap_or_default();
            match result {
                CoderResult::InputEmpty => break,
                CoderResult::OutputFull => {}
            }
        }
        if last {
            *self = Self::new(self.charset);
        }
    }
}

/// The result of [`decode_all`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The characters, with U+FFFD for invalid bytes.
    pub text: String,
    /// How many bytes at the end, over `carry` and record together, begin an incomplete character. They are
    /// not in `text`; they are the `carry` of the next record of the stream.
    pub pending: usize,
}

/// Decodes one record of a stream. `carry` is the [`incomplete_tail`] of the bytes before. `last` says that
/// the stream ends here, so that an incomplete character is invalid.
pub fn decode_all(charset: Charset, carry: &[u8], bytes: &[u8], last: bool) -> Decoded {
    let mut decoder = Decoder::new(charset);
    let mut text = String::new();
    decoder.decode(carry, false, &mut text);
    decoder.decode(bytes, last, &mut text);
    let pending = if last { 0 } else { tail(charset, carry, bytes) };
    Decoded { text, pending }
}

/// How many of the last bytes of `before` begin an incomplete character: 0 to 3.
///
/// `before` holds bytes that precede a record in the same stream. It must begin at the start of the stream or
/// of a character, or far enough back to contain a byte that can only end a character; in text with any ASCII
/// letters, blanks or line breaks that is near. Three bytes are always enough for UTF-8; for UTF-16 `before`
/// must begin at an even offset.
pub fn incomplete_tail(charset: Charset, before: &[u8]) -> usize {
    tail(charset, &[], before)
}

/// How many bytes at the end of a record, over `carry` and record together, begin an incomplete character:
/// [`Decoded::pending`] without decoding.
pub fn pending(charset: Charset, carry: &[u8], bytes: &[u8]) -> usize {
    tail(charset, carry, bytes)
}

/// [`incomplete_tail`] of two consecutive slices.
fn tail(charset: Charset, first: &[u8], second: &[u8]) -> usize {
    match charset {
        Charset::Utf8 => utf8_tail(first, second),
        Charset::Utf16Le => utf16_tail(first, second, u16::from_le_bytes),
        Charset::Utf16Be => utf16_tail(first, second, u16::from_be_bytes),
        Charset::Latin1 | Charset::Windows1252 | Charset::Windows1251 | Charset::Koi8R => 0,
        Charset::Gbk | Charset::Gb18030 => synced_tail(first, second, gb18030_step),
        Charset::Big5 | Charset::EucKr => {
            synced_tail(first, second, |state, byte| pair_step(state, matches!(byte, 0x81..=0xFE)))
        }
        Charset::ShiftJis => synced_tail(first, second, |state, byte| {
            pair_step(state, matches!(byte, 0x81..=0x9F | 0xE0..=0xFC))
        }),
        Charset::EucJp => synced_tail(first, second, euc_jp_step),
    }
}

/// The last bytes of two consecutive slices, at most `N`, and how many there are.
fn last_bytes<const N: usize>(first: &[u8], second: &[u8]) -> ([u8; N], usize) {
    let mut found = [0; N];
    let mut n = 0;
    for (place, byte) in found.iter_mut().rev().zip(second.iter().rev().chain(first.iter().rev())) {
        *place = *byte;
        n += 1;
    }
    (found, n)
}

fn utf8_tail(first: &[u8], second: &[u8]) -> usize {
    let (bytes, n) = last_bytes::<3>(first, second);
    (1..=n)
        .rev()
        .find(|len| {
            // In the sense of the standard library: valid as far as it goes.
            let tail = bytes.get(3 - len..).unwrap_or_default();
            std::str::from_utf8(tail).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
        })
        .unwrap_or(0)
}

fn utf16_tail(first: &[u8], second: &[u8], unit: fn([u8; 2]) -> u16) -> usize {
    let odd = (first.len() % 2 + second.len() % 2) % 2;
    let (bytes, n) = last_bytes::<3>(first, second);
    let high = n >= 2 + odd && (0xD800..0xDC00).contains(&unit([bytes[1 - odd], bytes[2 - odd]]));
    odd + if high { 2 } else { 0 }
}

/// The state of a decoder after some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next byte begins a character.
    Neutral,
    /// A lead byte, which any one byte completes.
    Lead,
    /// EUC-JP: 8F, which begins a character of three bytes.
    Lead3,
    /// EUC-JP: 8F and a second byte. GB 18030: a lead byte and a digit.
    Two,
    /// GB 18030: a lead byte, a digit, a lead byte.
    Three,
}

impl State {
    /// How many bytes are pending.
    fn len(self) -> usize {
        match self {
            Self::Neutral => 0,
            Self::Lead | Self::Lead3 => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

/// Goes back to a byte after which a decoder of this kind is always neutral, then forward from there.
fn synced_tail(first: &[u8], second: &[u8], step: impl Fn(State, u8) -> State) -> usize {
    let forgets = |byte: &u8| {
        [State::Neutral, State::Lead, State::Lead3, State::Two, State::Three]
            .into_iter()
            .all(|state| step(state, *byte) == State::Neutral)
    };
    // A table, because five calls of `step` for each byte would be slow in long runs.
    let mut forgetting = [false; 256];
    for (byte, place) in (0..=u8::MAX).zip(&mut forgetting) {
        *place = forgets(&byte);
    }
    let n_after = second
        .iter()
        .rev()
        .chain(first.iter().rev())
        .take_while(|byte| !forgetting[usize::from(**byte)])
        .count();
    let from_first = n_after.saturating_sub(second.len());
    let from_second = n_after - from_first;
    let first = first.get(first.len().saturating_sub(from_first)..).unwrap_or_default();
    let second = second.get(second.len().saturating_sub(from_second)..).unwrap_or_default();
    first.iter().chain(second).fold(State::Neutral, |state, byte| step(state, *byte)).len()
}

/// For charsets of one or two bytes: the byte after a lead byte completes the character or is an error that
/// ends it.
fn pair_step(state: State, is_lead: bool) -> State {
    if state == State::Neutral && is_lead { State::Lead } else { State::Neutral }
}

/// WHATWG Encoding Standard, 10.2.1. Where it pushes bytes back, the first of them is an ASCII digit.
fn gb18030_step(state: State, byte: u8) -> State {
    let lead = matches!(byte, 0x81..=0xFE);
    let digit = byte.is_ascii_digit();
    match state {
        State::Neutral if lead => State::Lead,
        State::Lead if digit => State::Two,
        State::Two if lead => State::Three,
        // The third byte begins a character of its own, and this one completes or invalidates it.
        State::Three | State::Neutral | State::Lead | State::Two | State::Lead3 => State::Neutral,
    }
}

/// WHATWG Encoding Standard, 12.1.1.
fn euc_jp_step(state: State, byte: u8) -> State {
    match (state, byte) {
        (State::Neutral, 0x8F) => State::Lead3,
        (State::Neutral, 0x8E | 0xA1..=0xFE) => State::Lead,
        (State::Lead3, 0xA1..=0xFE) => State::Two,
        (State::Neutral | State::Lead | State::Lead3 | State::Two | State::Three, _) => State::Neutral,
    }
}
