//! Frames of WebSocket, however they are cut, and heads of HTTP.

use netassist::codec::websocket::head::{Head, MAX_HEAD};
use netassist::codec::websocket::{
    Decoder, FrameFault, Opcode, close, code_name, is_code, mask, push_head, read_close,
};
use proptest::prelude::*;

type Decoded = (Vec<(Opcode, Vec<u8>, Vec<u64>)>, Result<(), FrameFault>);

fn decode(wire: &[u8], cut: usize, is_masked: bool) -> Decoded {
    let (mut decoder, mut all) = (Decoder::new(is_masked), Vec::new());
    for piece in wire.chunks(cut) {
        let done = decoder.push(piece, &mut |received| {
            all.push((received.opcode, received.payload.to_vec(), received.fragments.to_vec()));
        });
        if done.is_err() {
            return (all, done);
        }
    }
    (all, Ok(()))
}

/// A frame with this first byte, masked one byte at a time.
fn frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mut frame = Vec::new();
    push_head(&mut frame, Opcode::Binary, payload.len() as u64, key);
    frame[0] = first;
    let of_key = key.unwrap_or_default();
    frame.extend(payload.iter().zip(of_key.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

proptest! {
    #[test]
    fn messages_come_out_whole_however_they_are_fragmented_and_cut(
        messages in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..5), 1..6),
        (cut, key) in (1usize..300, any::<Option<[u8; 4]>>()),
    ) {
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        for fragments in &messages {
            for (n, part) in fragments.iter().enumerate() {
                let last = if n + 1 == fragments.len() { 0x80 } else { 0 };
                wire.extend(frame(last | if n == 0 { 2 } else { 0 }, part, key));
                // A ping may stand between any two.
                wire.extend(frame(0x89, &[7], key));
            }
            let lens: Vec<u64> = fragments.iter().map(|part| part.len() as u64).collect();
            let lens = if lens.len() == 1 { Vec::new() } else { lens };
            expected.extend(std::iter::repeat_n((Opcode::Ping, vec![7], Vec::new()), fragments.len() - 1));
            expected.push((Opcode::Binary, fragments.concat(), lens));
            expected.push((Opcode::Ping, vec![7], Vec::new()));
        }
        prop_assert_eq!(decode(&wire, cut, key.is_some()), (expected, Ok(())));
    }

    #[test]
    fn any_bytes_give_the_same_whole_as_in_pieces(
        wire in prop::collection::vec(any::<u8>(), 0..400), cut in 1usize..50, is_masked: bool,
    ) {
        prop_assert_eq!(decode(&wire, wire.len().max(1), is_masked), decode(&wire, cut, is_masked));
    }

    #[test]
    fn masking_in_parts_is_masking_the_whole(
        bytes in prop::collection::vec(any::<u8>(), 0..100), key: [u8; 4], at in 0usize..100,
    ) {
        let whole: Vec<u8> = bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        let mut parts = bytes.clone();
        let (head, tail) = parts.split_at_mut(at.min(bytes.len()));
        mask(head, key, 0);
        mask(tail, key, head.len() as u64);
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn heads_are_read_back(fields in prop::collection::vec(("[A-Za-z-]{1,9}", "[!-~]{0,9}"), 0..5)) {
        let head = Head { line: "GET / HTTP/1.1".to_owned(), fields };
        let mut wire = Vec::new();
        head.write(&mut wire);
        let len = wire.len();
        prop_assert_eq!(Head::read(&wire[..len - 1]), Ok(None));
        wire.extend(b"rest\n\n");
        prop_assert_eq!(Head::read(&wire), Ok(Some((head, len))));
    }
}

#[test]
fn closes_are_read_back_and_only_some_codes_may_be_sent() {
    assert_eq!(read_close(&close(1001, "bye")), Ok(Some((1001, "bye"))));
    assert_eq!(read_close(b""), Ok(None));
    let long = "é".repeat(100);
    // A reason is cut to what fits, and not within a character.
    assert_eq!(read_close(&close(1000, &long)), Ok(Some((1000, &long[..122]))));
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
        assert!(!is_code(code), "{code}");
        assert_eq!(read_close(&close(code, "")), Err(FrameFault::CloseCode(code)));
    }
    for code in [1000, 1003, 1007, 1014, 3000, 4999] {
        assert!(is_code(code), "{code}");
    }
    assert_eq!((code_name(1009), code_name(4000)), ("message too big", ""));
}

#[test]
fn heads_are_bounded_and_lists_are_split() {
    assert!(Head::read(&vec![b'a'; MAX_HEAD + 1]).is_err());
    assert!(Head::read(b"\n\r\n").is_err() && Head::read(b"a\r\nb\rc: d\r\n\r\n").is_err());
    assert!(
        Head::read(b"\x16\x03\x01").is_err() && Head::read(b"GET / HTTP/1.1\r\nno field\r\n\r\n").is_err()
    );
    let text = b"HTTP/1.1 101 Switching Protocols\r\nconnection: keep-alive, UPGRADE\nX: 1\r\nx: 2\r\n\r\n";
    let (head, _) = Head::read(text).unwrap().unwrap();
    assert_eq!(head.response(), Some((101, "Switching Protocols")));
    assert!(head.has("Connection", "upgrade") && head.only("X").is_none());
    assert_eq!(head.all("X").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(head.request(), None);
}
