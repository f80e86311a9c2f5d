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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(charset: Charset, bytes: &[u8]) -> String {
        decode_all(charset, &[], bytes, true).text
    }

    #[test]
    fn every_charset_decodes_what_it_encodes() {
        for (charset, bytes, text) in [
            (Charset::Utf8, &b"\xE6\xB5\x8B\xF0\x9F\x98\x80"[..], "测😀"),
            (Charset::Gbk, b"\xB2\xE2\x80", "测€"),
            (Charset::Gb18030, b"\xB2\xE2\x94\x39\xFC\x36", "测😀"),
            (Charset::Big5, b"\xB4\xFA\x88\x62", "測Ê\u{304}"),
            (Charset::ShiftJis, b"\x91\xAA\xB1", "測ｱ"),
            (Charset::EucJp, b"\xC2\xAC\x8E\xB1\x8F\xB0\xA1", "測ｱ丂"),
            (Charset::EucKr, b"\xB0\xA1", "가"),
            (Charset::Latin1, b"\x80\xFF", "\u{80}ÿ"),
            (Charset::Windows1252, b"\x80\xFF", "€ÿ"),
            (Charset::Windows1251, b"\xC4\xE0", "Да"),
            (Charset::Koi8R, b"\xE4\xC1", "Да"),
            (Charset::Utf16Le, b"\xFF\xFEA\0\x3D\xD8\x00\xDE", "\u{FEFF}A😀"),
            (Charset::Utf16Be, b"\xFE\xFF\0A\xD8\x3D\xDE\x00", "\u{FEFF}A😀"),
        ] {
            assert_eq!(whole(charset, bytes), text, "{charset}");
        }
        assert_eq!(whole(Charset::Utf8, b"\xEF\xBB\xBFa\xFF"), "\u{FEFF}a\u{FFFD}");
    }

    #[test]
    fn an_incomplete_character_is_kept_and_shown_at_the_end() {
        let decoded = decode_all(Charset::Utf8, b"\xE6", b"\xB5\x8B\xF0\x9F\x98", false);
        assert_eq!(decoded, Decoded { text: "测".to_owned(), pending: 3 });
        let decoded = decode_all(Charset::Utf8, b"\xE6", b"\xB5", true);
        assert_eq!(decoded, Decoded { text: "\u{FFFD}".to_owned(), pending: 0 });
        assert_eq!(incomplete_tail(Charset::Gb18030, b"a\x81\x30\x81"), 3);
        assert_eq!(incomplete_tail(Charset::Utf16Be, b"\xD8\x3D\xDE"), 3);
        assert_eq!(incomplete_tail(Charset::Utf16Le, b"\x3D\xD8"), 2);
        assert_eq!(incomplete_tail(Charset::Utf8, b"\xF0\x80"), 0);
    }

    #[test]
    fn a_decoder_starts_over_after_the_last_bytes() {
        let mut decoder = Decoder::new(Charset::Gbk);
        let mut text = String::new();
        decoder.decode(b"\xB2", true, &mut text);
        decoder.decode(b"\xE2", false, &mut text);
        decoder.decode(b"\xB2", true, &mut text);
        assert_eq!(text, "\u{FFFD}獠");
    }

    /// Bytes that reach the edges of all state machines far more often than random ones would.
    fn nasty() -> impl Strategy<Value = Vec<u8>> {
        let border = prop::sample::select(vec![
            0x00, 0x20, 0x30, 0x35, 0x39, 0x3A, 0x40, 0x41, 0x7E, 0x7F, 0x80, 0x81, 0x84, 0x8E, 0x8F, 0x90,
            0x9F, 0xA0, 0xA1, 0xB2, 0xD8, 0xDB, 0xDC, 0xDF, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xFC, 0xFD,
            0xFE, 0xFFu8,
        ]);
        prop::collection::vec(prop_oneof![3 => border, 1 => any::<u8>()], 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn records_decoded_one_by_one_are_the_whole(
            bytes in nasty(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            for charset in Charset::ALL {
                let expected = whole(charset, &bytes);
                let (mut by_tail, mut by_decoder) = (String::new(), String::new());
                let mut decoder = Decoder::new(charset);
                let mut pending = 0;
                for pair in places.windows(2) {
                    let (before, record) = (&bytes[..pair[0]], &bytes[pair[0]..pair[1]]);
                    let last = pair[1] == bytes.len();
                    let len = incomplete_tail(charset, before);
                    prop_assert_eq!(len, pending, "{} {:02X?}", charset, before);
                    let carry = &before[before.len() - len..];
                    let decoded = decode_all(charset, carry, record, false);
                    pending = decoded.pending;
                    by_tail += &decoded.text;
                    decoder.decode(record, false, &mut by_decoder);
                    if last {
                        let carry = &bytes[bytes.len() - pending..];
                        by_tail += &decode_all(charset, carry, &[], true).text;
                        decoder.decode(&[], true, &mut by_decoder);
                        break;
                    }
                }
                prop_assert_eq!(&by_tail, &expected, "{}", charset);
                prop_assert_eq!(&by_decoder, &expected, "{}", charset);
            }
        }

        #[test]
        fn valid_text_survives_any_split(text in "\\PC{0,20}", n in 0..Charset::ALL.len(), cut: prop::sample::Index) {
            let charset = Charset::ALL[n];
            let text: String = text.chars().filter(|c| {
                charset.encode(&c.to_string()).is_ok_and(|bytes| whole(charset, &bytes) == c.to_string())
            }).collect();
            let bytes = charset.encode(&text).unwrap();
            let (before, after) = bytes.split_at(cut.index(bytes.len() + 1));
            let first = decode_all(charset, &[], before, false);
            let carry = &before[before.len() - first.pending..];
            prop_assert_eq!(first.text + &decode_all(charset, carry, after, true).text, text);
        }
    }
}
