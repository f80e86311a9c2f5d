//! Messages from streams and datagrams, however they are split.

use proptest::prelude::*;

use super::*;
use crate::codec::frame::{ByteOrder, LengthField};

fn cutter(text: &str) -> Cutter {
    Cutter::new(text.parse().unwrap())
}

fn all(message_buffer: &mut MessageBuffer) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| {
        message_buffer.next().map(|(message, _record, _place, _is_message)| message.to_vec())
    })
    .collect()
}

fn messages_of(cutter: &Cutter, reads: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut message_buffer = MessageBuffer::new(cutter);
    let now = Instant::now();
    let mut messages = Vec::new();
    for read in reads {
        message_buffer.push(read, Stamp(0), now, (Some(0), None));
        messages.extend(all(&mut message_buffer));
    }
    message_buffer.finish();
    messages.extend(all(&mut message_buffer));
    messages
}

#[test]
fn only_whole_messages_are_returned() {
    for (framing, reads, messages) in [
        ("none", &[&b"ab"[..], b"c"][..], &[&b"ab"[..], b"c"][..]),
        ("line", &[b"a\r\nb", b"c\nd"], &[b"a\r\n", b"bc\n"]),
        ("line", &[b"a\r"], &[b"a\r"]),
        ("delimiter:3B", &[b"a;", b";b"], &[b"a;", b";"]),
        ("fixed:3", &[b"abcd", b"efgh"], &[b"abc", b"def"]),
        ("length:0:1:be", &[b"\x02a", b"b\x00\x09x"], &[b"\x02ab", b"\x00"]),
        ("idle:5ms", &[b"ab", b"c"], &[b"abc"]),
    ] {
        assert_eq!(messages_of(&cutter(framing), reads), messages, "{framing}");
    }
    // A length that cannot be valid is skipped.
    let most_nine = cutter("length:0:2:be:max=9");
    assert_eq!(messages_of(&most_nine, &[b"\xFF\xFF\x00\x01a"]), [b"\x00\x01a"]);
}

#[test]
fn a_datagram_is_split_alone_and_its_end_ends_a_line() {
    for (framing, datagram, messages) in [
        ("none", &b"ab"[..], &[&b"ab"[..]][..]),
        ("none", b"", &[b""]),
        ("idle:1s", b"ab", &[b"ab"]),
        ("line", b"a\nb", &[b"a\n", b"b"]),
        ("fixed:2", b"abc", &[b"ab"]),
    ] {
        let whole = cutter(framing).datagram(datagram);
        let seen: Vec<&[u8]> = whole.into_iter().map(|whole| &datagram[whole]).collect();
        assert_eq!(seen, messages, "{framing}");
    }
}

#[test]
fn a_pause_ends_a_message() {
    let now = Instant::now();
    let ms = Duration::from_millis;
    let mut message_buffer = MessageBuffer::new(&cutter("idle:50ms"));
    assert_eq!(message_buffer.deadline(), None);
    message_buffer.push(b"ab", Stamp(0), now, (Some(3), None));
    assert_eq!(message_buffer.deadline(), Some(now + ms(50)));
    message_buffer.push(b"c", Stamp(40_000_000), now + ms(40), (Some(4), None));
    message_buffer.time(now + ms(50));
    assert!(!message_buffer.has_next());
    message_buffer.time(now + ms(90));
    assert_eq!(message_buffer.next(), Some((&b"abc"[..], (Some(4), None), None, true)));
    assert_eq!(message_buffer.deadline(), None);
    // The pause was not noticed in time, but the next bytes reveal it.
    message_buffer.push(b"d", Stamp(100_000_000), now + ms(100), (Some(5), None));
    assert!(!message_buffer.has_next());
    message_buffer.push(b"e", Stamp(200_000_000), now + ms(200), (Some(6), None));
    assert_eq!(all(&mut message_buffer), [b"d"]);
    assert_eq!(message_buffer.deadline(), Some(now + ms(250)));
}

#[test]
fn a_lone_cr_ends_a_line_and_a_late_lf_still_belongs_to_it() {
    let now = Instant::now();
    let mut message_buffer = MessageBuffer::new(&cutter("line"));
    message_buffer.push(b"a", Stamp(0), now, (Some(0), None));
    assert_eq!(message_buffer.deadline(), None, "only a line break ends a line");
    message_buffer.push(b"b\r", Stamp(0), now, (Some(0), None));
    assert_eq!(message_buffer.deadline(), Some(now + AFTER_CR));
    message_buffer.time(now + AFTER_CR);
    assert_eq!(all(&mut message_buffer), [b"ab\r"]);
    message_buffer.push(b"\nc\n", Stamp(0), now, (Some(0), None));
    message_buffer.push(b"\n", Stamp(0), now, (Some(0), None));
    assert_eq!(all(&mut message_buffer), [&b"c\n"[..], b"\n"]);
}

#[test]
fn memory_is_freed() {
    let mut message_buffer = MessageBuffer::new(&cutter("line"));
    let now = Instant::now();
    message_buffer.push(&vec![b'x'; 4 * KEEP_CAPACITY], Stamp(0), now, (Some(0), None));
    message_buffer.push(b"\n", Stamp(0), now, (Some(0), None));
    assert_eq!(
        message_buffer.next().map(|(message, _record, _place, _is_message)| message.len()),
        Some(4 * KEEP_CAPACITY + 1)
    );
    message_buffer.push(b"y", Stamp(0), now, (Some(0), None));
    assert!(message_buffer.bytes.capacity() <= KEEP_CAPACITY);
}

proptest! {
    #[test]
    fn only_the_message_that_is_given_up_is_missing(
        reads in prop::collection::vec((any::<bool>(), prop::collection::vec(0_u8..4, 0..9)), 0..20),
        framing in prop::sample::select(&["none", "line", "delimiter:00 01", "fixed:3", "length:0:1:be:max=3"][..]),
    ) {
        let framing = cutter(framing);
        let (mut plain, mut tried) = (MessageBuffer::new(&framing), MessageBuffer::new(&framing));
        let now = Instant::now();
        let mut lost = false;
        for (give_up, read) in reads {
            let start = plain.framer.position();
            plain.push(&read, Stamp(0), now, (None, None));
            tried.push(&read, Stamp(0), now, (None, None));
            // What begins before this read may be missing.
            let begun = plain.whole.iter().take_while(|part| part.begin < start).count();
            let (expected, seen) = (all(&mut plain), all(&mut tried));
            let missing = expected.len() - seen.len();
            let most = if lost { begun } else { 0 };
            prop_assert!(missing <= most);
            prop_assert_eq!(&expected[missing..], &seen[..]);
            lost &= plain.end < start;
            if give_up {
                let open = plain.framer.position() - plain.end;
                prop_assert!([0, open].contains(&tried.give_up()));
                prop_assert_eq!(tried.held(), 0);
                lost = true;
            }
        }
    }


    /// The messages are the same however reads split the stream and whenever they are taken.
    #[test]
    fn reads_do_not_affect_messages(
        stream in prop::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), 0..5_u8], 0..60),
        places in prop::collection::vec(0..60_usize, 0..6),
        at_once in any::<bool>(),
        kind in 0..4_usize,
    ) {
        let field = LengthField { width: 1, order: ByteOrder::Big, max: 4, ..LengthField::default() };
        let framing = match kind {
            0 => Framing::Line,
            1 => Framing::Delimiter(b"\r\n".to_vec()),
            2 => Framing::Fixed(7),
            _ => Framing::Length(field),
        };
        let cutter = Cutter::new(framing);
        let whole = messages_of(&cutter, &[&stream]);
        let mut places: Vec<usize> = places.into_iter().map(|place| place.min(stream.len())).collect();
        places.sort_unstable();
        let now = Instant::now();
        let mut message_buffer = MessageBuffer::new(&cutter);
        let mut messages = Vec::new();
        let mut begin = 0;
        for end in places.into_iter().chain([stream.len()]) {
            message_buffer.push(&stream[begin..end], Stamp(0), now, (Some(0), None));
            begin = end;
            if at_once {
                messages.extend(all(&mut message_buffer));
            }
        }
        message_buffer.finish();
        messages.extend(all(&mut message_buffer));
        prop_assert_eq!(messages, whole);
    }
}

/// What is given back of a stream, and which of it is a message.
fn withheld(cutter: &Cutter, reads: &[&[u8]]) -> Vec<(Vec<u8>, bool)> {
    let mut buffer = MessageBuffer::withholding(cutter, Duration::from_secs(1));
    let now = Instant::now();
    let mut parts = Vec::new();
    let mut take = |buffer: &mut MessageBuffer| {
        while let Some((part, _record, _place, is_message)) = buffer.next() {
            parts.push((part.to_vec(), is_message));
        }
    };
    for read in reads {
        buffer.push(read, Stamp(0), now, (None, None));
        take(&mut buffer);
    }
    buffer.finish();
    take(&mut buffer);
    parts
}

#[test]
fn a_relay_gets_all_bytes_back_and_knows_which_are_no_message() {
    let parts = |text: &str, reads: &[&[u8]]| {
        let parts = withheld(&cutter(text), reads);
        parts
            .into_iter()
            .map(|(part, is)| format!("{}{is}", part.escape_ascii()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(parts("line", &[b"a\r\nb", b"c\nd"]), r"a\r\ntrue bc\ntrue dfalse");
    assert_eq!(parts("fixed:3", &[b"abcd", b"e"]), "abctrue defalse");
    assert_eq!(parts("length:0:2:be:max=9", &[b"\xFF\xFF\x00\x01a"]), r"\xff\xfffalse \x00\x01atrue");
}

#[test]
fn what_is_no_message_is_passed_on_after_a_time_and_the_rest_of_it_is_none_either() {
    let mut buffer = MessageBuffer::withholding(&cutter("length:0:1:be"), Duration::from_secs(1));
    let now = Instant::now();
    buffer.push(b"\x05ab", Stamp(0), now, (None, None));
    assert_eq!(buffer.deadline(), Some(now + Duration::from_secs(1)));
    assert_eq!(buffer.next(), None);
    buffer.time(now + Duration::from_millis(999));
    assert_eq!(buffer.next(), None);
    buffer.time(now + Duration::from_secs(1));
    assert_eq!(buffer.next(), Some((&b"\x05ab"[..], (None, None), None, false)));
    assert_eq!(buffer.deadline(), None);
    buffer.push(b"cde\x01z\x02", Stamp(0), now, (None, None));
    assert_eq!(buffer.next(), Some((&b"cde"[..], (None, None), None, false)));
    assert_eq!(buffer.next(), Some((&b"\x01z"[..], (None, None), None, true)));
    assert_eq!(buffer.release(), (b"\x02".to_vec(), None));
    buffer.push(b"yx\x00", Stamp(0), now, (None, None));
    assert_eq!(buffer.next(), Some((&b"yx"[..], (None, None), None, false)));
    assert_eq!(buffer.next(), Some((&b"\x00"[..], (None, None), None, true)));
    let long = vec![b'x'; (16 << 20) + 1];
    let mut buffer = MessageBuffer::withholding(&cutter("delimiter:00"), Duration::from_secs(1));
    buffer.push(&long, Stamp(0), now, (None, None));
    assert_eq!(
        buffer.next().map(|(part, _record, _place, is_message)| (part.len(), is_message)),
        Some((16 << 20, false))
    );
}

proptest! {
    #[test]
    fn a_relay_loses_no_byte(
        framing in prop::sample::select(&["line", "delimiter:00", "fixed:3", "length:0:1:be:max=9", "none"][..]),
        reads in prop::collection::vec(prop::collection::vec(0_u8..14, 0..9), 0..9),
    ) {
        let slices: Vec<&[u8]> = reads.iter().map(Vec::as_slice).collect();
        let parts = withheld(&cutter(framing), &slices);
        prop_assert_eq!(parts.into_iter().flat_map(|(part, _)| part).collect::<Vec<_>>(), reads.concat());
    }
}
