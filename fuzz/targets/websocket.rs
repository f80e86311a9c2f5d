//! Any bytes as frames of WebSocket and heads of its handshake. The input is the length of the pieces, which side has sent
//! them, and the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::websocket::head::{Head, MAX_HEAD};
use netassist_fuzz::codec::websocket::{
    Decoder, FrameFault, MAX_CONTROL, MAX_MESSAGE, Opcode, code_name, push_head, read_close,
};

type Decoded = (Vec<(Opcode, Vec<u8>)>, Result<(), FrameFault>);

fuzz_target!(|bytes: &[u8]| {
    let &[piece, side, ref bytes @ ..] = bytes else { return };
    let is_masked = side % 2 == 1;
    // However it is cut, the same comes out.
    let whole = decode(bytes.chunks(bytes.len().max(1)), is_masked);
    let cut = decode(bytes.chunks(usize::from(piece).max(1)), is_masked);
    assert_eq!(whole, cut);
    // What came is written so that it is read again.
    let key = is_masked.then_some([piece, 1, side, 3]);
    let (messages, done) = whole;
    let mut wire = Vec::new();
    for (opcode, payload) in &messages {
        push_head(&mut wire, *opcode, payload.len() as u64, key);
        let begin = wire.len();
        wire.extend_from_slice(payload);
        if let Some(key) = key {
            netassist_fuzz::codec::websocket::mask(&mut wire[begin..], key, 0);
        }
    }
    assert_eq!(decode(wire.chunks(7), is_masked), (messages, Ok(())));
    if let Err(fault) = done {
        assert!(!fault.to_string().is_empty() && !code_name(fault.code()).is_empty());
    }
    if let Ok(Some((head, len))) = Head::read(bytes) {
        assert!(len <= bytes.len());
        let mut out = Vec::new();
        head.write(&mut out);
        // What is not UTF-8 is longer then.
        if out.len() <= MAX_HEAD {
            assert_eq!(Head::read(&out).map(|read| read.map(|(head, _)| head)), Ok(Some(head)));
        }
    }
});

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>, is_masked: bool) -> Decoded {
    let (mut decoder, mut all, mut done) = (Decoder::new(is_masked), Vec::new(), Ok(()));
    for piece in pieces {
        done = decoder.push(piece, &mut |received| {
            let payload = received.payload.to_vec();
            assert!(payload.len() as u64 <= MAX_MESSAGE);
            assert!(!received.opcode.is_control() || payload.len() <= MAX_CONTROL);
            match received.opcode {
                Opcode::Text => assert!(std::str::from_utf8(&payload).is_ok()),
                Opcode::Close => assert!(read_close(&payload).is_ok()),
                Opcode::Binary | Opcode::Ping | Opcode::Pong => {}
            }
            all.push((received.opcode, payload));
        });
        if done.is_err() {
            break;
        }
    }
    (all, done)
}
