//! The framer against a simple reference that sees the whole stream at once.

mod syntax;

use std::time::Duration;

use proptest::prelude::*;

use netassist::codec::frame::*;

/// The cuts of the framer for reads, each with its time, and the end of the stream.
fn machine(framing: &Framing, limit: u32, reads: &[(u64, Vec<u8>)]) -> Vec<(u64, Verdict)> {
    let mut found = Vec::new();
    let mut framer = Framer::within(framing, limit);
    let mut given = 0;
    for (at_ns, bytes) in reads {
        let lookback = framer.lookback();
        framer.push(bytes, *at_ns, &mut |cut| {
            assert!(cut.end + lookback >= given, "{cut:?} lies further back than {lookback} of {given}");
            found.push((cut.end, cut.verdict));
        });
        given += bytes.len() as u64;
        assert_eq!(framer.position(), given);
        assert_eq!(framer.open_since(), found.last().map_or(0, |(end, _)| *end));
    }
    framer.finish(&mut |cut| found.push((cut.end, cut.verdict)));
    assert_eq!(framer.open_since(), given);
    found
}

/// The whole stream, with the time at which each byte came.
struct Plain {
    bytes: Vec<u8>,
    times: Vec<u64>,
    limit: usize,
}

impl Plain {
    /// The end of the message that begins at `start`, and its condition.
    fn end(&self, framing: &Framing, start: usize) -> (usize, Verdict) {
        let all = self.bytes.len();
        let last = all.min(start + self.limit);
        let too_long = if last == start + self.limit { Verdict::TooLong } else { Verdict::CutOff };
        match framing {
            Framing::AsReceived => (all, Verdict::Whole),
            Framing::Line => (start..last).find(|at| matches!(self.bytes[*at], b'\r' | b'\n')).map_or(
                (last, too_long),
                |at| {
                    let two = self.bytes[at] == b'\r' && self.bytes.get(at + 1) == Some(&b'\n');
                    (at + 1 + usize::from(two), Verdict::Whole)
                },
            ),
            Framing::Delimiter(delimiter) => (start + delimiter.len()..=last)
                .find(|end| self.bytes[start..*end].ends_with(delimiter))
                .map_or((last, too_long), |end| (end, Verdict::Whole)),
            Framing::Fixed(size) => {
                let end = start + *size as usize;
                if end <= all { (end, Verdict::Whole) } else { (all, Verdict::CutOff) }
            }
            Framing::Length(field) => self.length(field, start),
            Framing::Idle(pause) => {
                let pause = u64::try_from(pause.as_nanos()).unwrap();
                // The latest time, unless the clock was set back.
                let mut latest = self.times.clone();
                for at in 1..latest.len() {
                    if latest[at] + 60_000_000_000 > latest[at - 1] {
                        latest[at] = latest[at].max(latest[at - 1]);
                    }
                }
                let paused = |at: &usize| latest[*at].saturating_sub(latest[at - 1]) >= pause;
                match (start + 1..last).find(paused) {
                    Some(end) => (end, Verdict::Whole),
                    None if too_long == Verdict::TooLong => (last, Verdict::TooLong),
                    None => (last, Verdict::Whole),
                }
            }
        }
    }

    fn length(&self, field: &LengthField, start: usize) -> (usize, Verdict) {
        let header = (field.offset + u32::from(field.width)) as usize;
        let total = |at: usize| {
            let bytes = self.bytes.get(at + field.offset as usize..at + header)?;
            let number = |value: i128, byte: &u8| value * 256 + i128::from(*byte);
            let value = match field.order {
                ByteOrder::Big => bytes.iter().fold(0, number),
                ByteOrder::Little => bytes.iter().rev().fold(0, number),
            };
            let before = if field.includes_header { 0 } else { i128::try_from(header).unwrap() };
            Some(value + before + i128::from(field.adjust))
        };
        let sensible =
            |total: &i128| usize::try_from(*total).is_ok_and(|n| n >= header && n <= field.max as usize);
        let mut at = start;
        // A header that is cut off by the end of the stream may be valid.
        while total(at).is_some_and(|total| !sensible(&total)) && at - start < self.limit {
            at += 1;
        }
        if at > start {
            return (at, Verdict::Nonsense);
        }
        let end = total(at).map(|total| at + usize::try_from(total).unwrap());
        match end.filter(|end| *end <= self.bytes.len()) {
            Some(end) => (end, Verdict::Whole),
            None => (self.bytes.len(), Verdict::CutOff),
        }
    }

    fn cuts(&self, framing: &Framing) -> Vec<(u64, Verdict)> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < self.bytes.len() {
            let (end, verdict) = self.end(framing, start);
            found.push((end as u64, verdict));
            start = end;
        }
        found
    }
}

/// Framings without faults.
pub fn framings() -> impl Strategy<Value = Framing> {
    prop_oneof![
        Just(Framing::AsReceived),
        Just(Framing::Line),
        prop::collection::vec(prop_oneof![0_u8..3, any::<u8>()], 1..=64).prop_map(Framing::Delimiter),
        (1..=MAX_MESSAGE).prop_map(Framing::Fixed),
        (
            0..=MAX_OFFSET,
            1_u8..=8,
            any::<bool>(),
            -MAX_ADJUST..=MAX_ADJUST,
            any::<bool>(),
            1032..=MAX_MESSAGE
        )
            .prop_map(|(offset, width, big, adjust, includes_header, max)| {
                let order = if big { ByteOrder::Big } else { ByteOrder::Little };
                Framing::Length(LengthField { offset, width, order, adjust, includes_header, max })
            }),
        (1_000_u64..=3_600_000_000_000).prop_map(|nanos| Framing::Idle(Duration::from_nanos(nanos))),
    ]
}

/// Framings that find messages in short streams of the bytes 0 to 4, CR and LF.
fn small() -> impl Strategy<Value = Framing> {
    let delimiter = prop::collection::vec(0_u8..2, 1..6);
    let length = (0_u32..5, 1_u8..=8, any::<bool>(), -9_i64..9, any::<bool>(), 13_u32..30);
    prop_oneof![
        Just(Framing::Line),
        delimiter.prop_map(Framing::Delimiter),
        (1_u32..9).prop_map(Framing::Fixed),
        length.prop_map(|(offset, width, big, adjust, includes_header, max)| {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            Framing::Length(LengthField { offset, width, order, adjust, includes_header, max })
        }),
        (1_u64..4).prop_map(|pause| Framing::Idle(Duration::from_micros(pause))),
    ]
}

/// Reads of those bytes, with times that mostly grow.
fn reads() -> impl Strategy<Value = Vec<(u64, Vec<u8>)>> {
    let byte = prop_oneof![6 => 0_u8..5, 2 => Just(b'\r'), 2 => Just(b'\n'), 1 => any::<u8>()];
    prop::collection::vec((0_u64..5_000, prop::collection::vec(byte, 0..12)), 0..12).prop_map(|mut reads| {
        let mut at = 0;
        for (time, _) in &mut reads {
            at += *time;
            *time = at.saturating_sub(if *time % 7 == 0 { 3_000 } else { 0 });
        }
        reads
    })
}

/// Each read in pieces that came at the same time.
fn in_pieces(reads: &[(u64, Vec<u8>)], piece: usize) -> Vec<(u64, Vec<u8>)> {
    let pieces =
        |(at, bytes): &(u64, Vec<u8>)| bytes.chunks(piece).map(|b| (*at, b.to_vec())).collect::<Vec<_>>();
    reads.iter().flat_map(pieces).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn cuts_are_those_of_the_plain_machine_however_the_bytes_came(
        framing in small(), reads in reads(), limit in 1_u32..40,
    ) {
        prop_assume!(framing.faults().is_empty());
        let plain = Plain {
            bytes: reads.iter().flat_map(|(_, bytes)| bytes.clone()).collect(),
            times: reads.iter().flat_map(|(at, bytes)| vec![*at; bytes.len()]).collect(),
            limit: limit as usize,
        };
        let wanted = plain.cuts(&framing);
        prop_assert_eq!(&machine(&framing, limit, &reads), &wanted);
        for piece in 1..4 {
            prop_assert_eq!(&machine(&framing, limit, &in_pieces(&reads, piece)), &wanted, "{}", piece);
        }
    }

    #[test]
    fn any_framing_cuts_any_bytes_into_all_of_them(
        framing in framings(), a: Vec<u8>, b: Vec<u8>, piece in 1_usize..9,
    ) {
        let all = (a.len() + b.len()) as u64;
        let reads = [(7, a), (5_000, b)];
        let cuts = machine(&framing, MAX_MESSAGE, &reads);
        prop_assert!(cuts.is_sorted_by(|(a, _), (b, _)| a < b), "no message is empty: {:?}", cuts);
        prop_assert_eq!(cuts.last().map_or(0, |(end, _)| *end), all);
        if framing != Framing::AsReceived {
            prop_assert_eq!(cuts, machine(&framing, MAX_MESSAGE, &in_pieces(&reads, piece)));
        }
    }

    #[test]
    fn after_its_end_a_stream_begins_anew(framing in small(), first in reads(), second in reads()) {
        prop_assume!(framing.faults().is_empty());
        let mut framer = Framer::new(&framing);
        let mut found = Vec::new();
        for (at, bytes) in &first {
            framer.push(bytes, *at, &mut |_| {});
        }
        framer.finish(&mut |_| {});
        let before = framer.position();
        for (at, bytes) in &second {
            framer.push(bytes, *at, &mut |cut| found.push((cut.end - before, cut.verdict)));
        }
        framer.finish(&mut |cut| found.push((cut.end - before, cut.verdict)));
        prop_assert_eq!(found, machine(&framing, MAX_MESSAGE, &second));
    }
}

/// The messages of a stream that came in these reads: whole ones separated by `|`, others preceded by their
/// condition.
#[track_caller]
fn check(framing: &str, reads: &[&str], messages: &str) {
    let framing: Framing = framing.parse().unwrap();
    let all = reads.concat();
    let reads: Vec<_> = reads.iter().map(|read| (0, read.as_bytes().to_vec())).collect();
    let mut shown = String::new();
    let mut start = 0;
    for (end, verdict) in machine(&framing, MAX_MESSAGE, &reads) {
        let end = usize::try_from(end).unwrap();
        shown += match verdict {
            Verdict::Whole => "|",
            Verdict::CutOff => "|CUT OFF ",
            Verdict::TooLong => "|TOO LONG ",
            Verdict::Nonsense => "|NONSENSE ",
        };
        shown += &all[start..end];
        start = end;
    }
    assert_eq!(shown.escape_debug().to_string(), messages, "{framing}");
}

#[test]
fn lines_end_in_three_ways() {
    check("line", &["a\nb\r\nc\rd"], r"|a\n|b\r\n|c\r|CUT OFF d");
    check("line", &["a\r", "\nb\r", "c\r"], r"|a\r\n|b\r|c\r");
    check("line", &["\n\r\n\r\r\n"], r"|\n|\r\n|\r|\r\n");
}

#[test]
fn a_delimiter_may_span_several_reads() {
    check("delimiter:414142", &["xAA", "AB", "yA", "A", "Bz"], "|xAAAB|yAAB|CUT OFF z");
    // A delimiter that ended one message is not part of another.
    check("delimiter:4141", &["A", "A", "A", "xAAA"], "|AA|AxAA|CUT OFF A");
}

#[test]
fn lengths_count_what_the_field_says() {
    check("length:0:1:be", &["\x03abc\x00\x02de\x05f"], r"|\u{3}abc|\0|\u{2}de|CUT OFF \u{5}f");
    check("length:1:2:be:whole", &["x\x00\x05ab", "y\x00\x03z"], r"|x\0\u{5}ab|y\0\u{3}|CUT OFF z");
    check("length:0:2:le:+1", &["\x01", "\x00a!\x00\x00!"], r"|\u{1}\0a!|\0\0!");
    check("length:0:1:be:-1", &["\x01\x03ab"], r"|\u{1}|\u{3}ab");
}

#[test]
fn a_run_of_invalid_bytes_ends_at_a_valid_header() {
    check("length:0:2:be:max=16", &["zz", "zz\x00\x01a\x00", "\x00"], r"|NONSENSE zzzz|\0\u{1}a|\0\0");
    check("length:0:2:be:whole:max=16", &["\x00\x01\x00\x02!"], r"|NONSENSE \0\u{1}|\0\u{2}|CUT OFF !");
    check("length:0:4:be:max=16", &["abcdefg"], "|NONSENSE abcd|CUT OFF efg");
}

#[test]
fn the_end_of_a_datagram_ends_a_message() {
    for (framing, text, verdict) in [
        ("none", "a", Verdict::Whole),
        ("line", "a", Verdict::Whole),
        ("line", "a\r", Verdict::Whole),
        ("delimiter:00", "a", Verdict::Whole),
        ("idle:1s", "a", Verdict::Whole),
        ("fixed:2", "a", Verdict::CutOff),
        ("length:0:1:be", "\x05a", Verdict::CutOff),
    ] {
        let mut framer = Framer::new(&framing.parse().unwrap());
        let mut found = Vec::new();
        framer.push(text.as_bytes(), 0, &mut |cut| found.push(cut));
        framer.finish_datagram(&mut |cut| found.push(cut));
        assert_eq!(found, [Cut { end: text.len() as u64, verdict }], "{framing}");
    }
}

#[test]
fn a_framing_with_faults_splits_as_received() {
    let field = LengthField { width: 0, ..LengthField::default() };
    for framing in [
        Framing::Delimiter(Vec::new()),
        Framing::Delimiter(vec![0; 65]),
        Framing::Fixed(0),
        Framing::Length(field),
        Framing::Length(LengthField { width: 9, offset: u32::MAX, ..field }),
        Framing::Idle(Duration::ZERO),
    ] {
        assert_ne!(framing.faults(), [], "{framing:?}");
        let reads = [(0, b"ab".to_vec()), (9, b"c".to_vec())];
        assert_eq!(machine(&framing, 9, &reads), [(2, Verdict::Whole), (3, Verdict::Whole)], "{framing:?}");
    }
}

#[test]
fn times_that_go_back_make_no_pause_and_hide_none() {
    const S: u64 = 1_000_000_000;
    let framing = "idle:1s".parse().unwrap();
    let reads = |times: &[u64]| times.iter().map(|at| (*at, vec![0])).collect::<Vec<_>>();
    // What was sent again overtakes what follows it.
    assert_eq!(machine(&framing, 99, &reads(&[9 * S, 5 * S, 6 * S, 9 * S + 1])), [(4, Verdict::Whole)]);
    // The clock was set back by an hour.
    let found = machine(&framing, 99, &reads(&[3600 * S, 9 * S, 9 * S + 1, 11 * S]));
    assert_eq!(found, [(3, Verdict::Whole), (4, Verdict::Whole)]);
}

#[test]
fn a_stream_without_ends_is_cut_at_the_limit() {
    let reads: Vec<_> = (0..=MAX_MESSAGE / 65_536).map(|_| (0, vec![b'x'; 65_536])).collect();
    let limit = u64::from(MAX_MESSAGE);
    for framing in ["line", "delimiter:0D0A", "idle:1s", "length:0:8:be"] {
        let found = machine(&framing.parse().unwrap(), MAX_MESSAGE, &reads);
        let verdict = if framing.starts_with("length") { Verdict::Nonsense } else { Verdict::TooLong };
        assert_eq!(found.first(), Some(&(limit, verdict)), "{framing}");
    }
}
