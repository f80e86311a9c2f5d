//! Any framing on any bytes. The input is the length of the pieces of the stream, the text of a framing up to
//! a line break, and the stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::frame::Framing;

fuzz_target!(|bytes: &[u8]| {
    let Some((piece, bytes)) = bytes.split_first() else { return };
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (text, stream) = bytes.split_at(line);
    let text = String::from_utf8_lossy(text);
    match text.parse::<Framing>() {
        Ok(framing) => {
            netassist_fuzz::check_framing(&framing, stream.get(1..).unwrap_or_default(), usize::from(*piece))
        }
        Err(error) => {
            assert!(text.get(error.at..error.at + error.len).is_some(), "{error:?}");
            assert!(!error.to_string().is_empty());
        }
    }
});
