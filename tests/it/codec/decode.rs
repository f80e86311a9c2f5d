//! Tests of `codec::decode`.

use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::decode::*;

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
        0x00, 0x20, 0x30, 0x35, 0x39, 0x3A, 0x40, 0x41, 0x7E, 0x7F, 0x80, 0x81, 0x84, 0x8E, 0x8F, 0x90, 0x9F,
        0xA0, 0xA1, 0xB2, 0xD8, 0xDB, 0xDC, 0xDF, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xFC, 0xFD, 0xFE,
        0xFFu8,
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
