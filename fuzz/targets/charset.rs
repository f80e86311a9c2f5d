//! Any stream in every charset: its text does not depend on how reads divide it, neither for a decoder nor for a view that
//! begins at a record. The input is the charset, the length of the pieces, and the stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::{Charset, Decoder, decode_all, incomplete_tail, pending};

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (charset, piece, stream) = input;
    let charset = Charset::ALL[usize::from(charset) % Charset::ALL.len()];
    let whole = decode_all(charset, &[], stream, true).text;
    let pieces: Vec<&[u8]> = stream.chunks(usize::from(piece).max(1)).collect();
    check_decoder(charset, &pieces, &whole);
    check_views(charset, stream, &pieces, &whole);
    // Encoding what was decoded, and decoding that, gives the same text.
    if let Ok(bytes) = charset.encode(&whole) {
        let again = decode_all(charset, &[], &bytes, true).text;
        assert_eq!(charset.encode(&again).as_deref(), Ok(&bytes[..]), "{charset}");
    }
});

fn check_decoder(charset: Charset, pieces: &[&[u8]], whole: &str) {
    let (mut decoder, mut text) = (Decoder::new(charset), String::new());
    pieces.iter().for_each(|piece| decoder.decode(piece, false, &mut text));
    decoder.decode(&[], true, &mut text);
    assert_eq!(text, whole, "{charset}");
}

/// Each record decoded by itself, with the bytes before it that begin an unfinished character.
fn check_views(charset: Charset, stream: &[u8], pieces: &[&[u8]], whole: &str) {
    let (mut text, mut end) = (String::new(), 0);
    for (nth, piece) in pieces.iter().enumerate() {
        let (before, last) = (&stream[..end], nth + 1 == pieces.len());
        end += piece.len();
        let carry = &before[before.len() - incomplete_tail(charset, before)..];
        let decoded = decode_all(charset, carry, piece, last);
        if !last {
            assert_eq!(decoded.pending, pending(charset, carry, piece), "{charset}");
            assert_eq!(decoded.pending, incomplete_tail(charset, &stream[..end]), "{charset}");
        }
        text.push_str(&decoded.text);
    }
    assert_eq!(text, whole, "{charset}");
}
