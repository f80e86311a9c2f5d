//! Parts of a capture: picked records, and messages that a framing cut records into.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use netassist::analysis::{Piece, Source};
use netassist::codec::{Charset, dump};
use netassist::export::{Body, ExportError, Format, Picked, Scope, Selection, preview};
use netassist::journal::{Reader, Writer, scan};
use netassist::model::{
    Cast, Chunked, Direction, Index, Message, Origin, Recorder as _, Transport, Wholeness,
};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{at, capture, saved, style};

fn index(capture: &Path) -> Index {
    let mut index = Index::default();
    scan(capture, 0, u64::MAX, &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        index.extend(&batch.records);
        ControlFlow::Continue(())
    })
    .unwrap();
    index
}

pub(super) fn picked(capture: &Path, numbers: &[u32]) -> Scope {
    let picked = Picked::Numbers(numbers.iter().copied().collect());
    Scope::Part(Selection { index: index(capture), picked, ..Selection::default() })
}

fn framed(capture: &Path, messages: &[Message]) -> Scope {
    let messages = Some(messages.iter().copied().collect());
    Scope::Part(Selection { index: index(capture), messages, ..Selection::default() })
}

fn text(capture: &Path, scope: &Scope, format: Format, charset: Charset) -> String {
    String::from_utf8(saved(capture, scope, format, &style(charset, Body::Text))).unwrap()
}

#[test]
fn all_records_picked_are_the_whole() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let n = u32::try_from(index(&capture).len()).unwrap();
    let all = Scope::Part(Selection { index: index(&capture), ..Selection::default() });
    let each = picked(&capture, &(0..n).collect::<Vec<_>>());
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Pcapng) {
        for body in Body::ALL {
            let style = style(Charset::Gbk, body);
            let whole = saved(&capture, &Scope::ALL, format, &style);
            assert_eq!(saved(&capture, &all, format, &style), whole, "{format} {body:?}");
            assert_eq!(saved(&capture, &each, format, &style), whole, "{format} {body:?}");
        }
    }
}

#[test]
fn a_character_is_whole_only_if_both_its_records_are_there() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    // Records 3 and 4 are the two pieces of GBK, 5 goes the other way, 6 is another flow.
    let both = text(&capture, &picked(&capture, &[3, 4]), Format::Csv, Charset::Gbk);
    assert!(both.contains(",测,,0,\r\n5,") && both.contains(",\"试␛[2J\tx\n\nlast\",,0,\r\n"), "{both}");
    let first = text(&capture, &picked(&capture, &[3, 5]), Format::Text, Charset::Gbk);
    let rows: Vec<&str> = first.lines().map(|line| line.get(33..).unwrap_or(line)).collect();
    assert_eq!(rows, ["← 192.168.56.1:13474 3 B", "  测", "→ 192.168.56.1:13474 3 B", "  U␀",]);
}

#[test]
fn numbers_are_those_of_the_records() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let some = picked(&capture, &[2, 4, 99]);
    for format in [Format::Csv, Format::Jsonl] {
        let whole = text(&capture, &Scope::ALL, format, Charset::Latin1);
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        let header = usize::from(format == Format::Csv);
        let part = text(&capture, &some, format, Charset::Latin1);
        assert!(part.contains(lines[header + 2]), "{part}");
        assert_eq!(part.matches("2019-07-11T").count(), 2, "{part}");
    }
    let jsonl = text(&capture, &some, Format::Jsonl, Charset::Utf8);
    let numbers: Vec<&str> = jsonl.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers, ["{\"seq\":3", "{\"seq\":5"]);
}

#[test]
fn a_message_is_one_entry_and_says_if_it_is_not_whole() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    // "hello\r\n", the two pieces of GBK up to "last", what is left of them, and two of one record.
    let messages = [
        Message::record(2, 7),
        Message::new(3, 0, 4, 16, Wholeness::Whole),
        Message::new(5, 0, 5, 1, Wholeness::Nonsense),
        Message::new(5, 1, 5, 2, Wholeness::TooLong),
        Message::record(6, 0),
        Message::new(4, 13, 4, 1, Wholeness::CutOff),
    ];
    let scope = framed(&capture, &messages);
    let log = text(&capture, &scope, Format::Text, Charset::Gbk);
    let rows: Vec<&str> = log.lines().map(|line| line.get(33..).unwrap_or(line)).collect();
    assert_eq!(
        rows,
        [
            "← 192.168.56.1:13474 7 B",
            "  hello",
            "← 192.168.56.1:13474 16 B",
            "  测试␛[2J\tx",
            "  ",
            "  last",
            "→ 192.168.56.1:13474 1 B [invalid]",
            "  U",
            "→ 192.168.56.1:13474 2 B [too long, truncated]",
            "  ␀",
            "· [::1]:40000 connected",
            "← 192.168.56.1:13474 1 B [cut off]",
            "  \u{FFFD}",
        ]
    );
    assert!(log.contains(":48.462345+08:00 ← 192.168.56.1:13474 16 B"), "when its first bytes came: {log}");
    let jsonl = text(&capture, &scope, Format::Jsonl, Charset::Gbk);
    let span = r#""ts":"2019-07-11T13:59:48.462345678Z","last_ts":"2019-07-11T13:59:48.463345678Z","#;
    assert!(jsonl.contains(span) && jsonl.matches("last_ts").count() == 1, "{jsonl}");
    let table = text(&capture, &scope, Format::Csv, Charset::Gbk);
    let rows: Vec<_> =
        csv::Reader::from_reader(table.as_bytes()).into_records().map(Result::unwrap).collect();
    let times = |row: &csv::StringRecord| (row[1].to_owned(), row[9].to_owned());
    let of_long = rows.iter().map(times).find(|(_, last)| !last.is_empty());
    let [first, last] = ["462", "463"].map(|ms| format!("2019-07-11T13:59:48.{ms}345678Z"));
    assert_eq!(of_long, Some((first, last)), "{table}");
    let whole: Vec<bool> = jsonl.lines().map(|line| !line.contains("\"whole\":false")).collect();
    assert_eq!(whole, [true, true, false, false, true, false]);
    let dump = text(&capture, &scope, Format::Hexdump, Charset::Gbk);
    assert!(dump.contains(" 1 B [cut off]\n"), "{dump}");
    let classic = text(&capture, &scope, Format::NetAssist5, Charset::Gbk);
    assert!(classic.contains("SEND ASCII/2 >>>\r\n") && !classic.contains("[too"), "{classic}");
    assert_eq!(text(&capture, &scope, Format::RawSent, Charset::Gbk), "U\0\n");
}

/// Two clients that send bytes by turns: which of them, which way, how many.
fn turns() -> impl Strategy<Value = Vec<(usize, bool, usize)>> {
    prop::collection::vec((0..2_usize, any::<bool>(), 1..40_usize), 1..40)
}

fn recorded(folder: &Path, turns: &[(usize, bool, usize)]) -> PathBuf {
    let path = folder.join("turns.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let flows = [1, 2].map(|port| {
        let (local, peer) = ("127.0.0.1:9".parse().unwrap(), ([127, 0, 0, 1], port).into());
        writer.flow(Transport::Tcp, local, peer, Origin::Accepted, at(1)).id
    });
    let mut next = 0_u8;
    for (ms, (flow, sent, len)) in (2..).zip(turns) {
        let direction = if *sent { Direction::Sent } else { Direction::Received };
        let bytes: Vec<u8> = (0..).take(*len).map(|n: u8| next.wrapping_add(n)).collect();
        next = bytes.last().map_or(0, |last| last.wrapping_add(1));
        writer.data(flows[*flow], direction, Cast::Unicast, true, &bytes, at(ms));
    }
    writer.commit().unwrap();
    path
}

/// Cuts every flow and direction into messages of `size` bytes, in the order in which they end.
fn cut(index: &Index, size: u32) -> Vec<Message> {
    let mut open: Vec<((u32, Direction), u64, u16, u32)> = Vec::new();
    let mut messages = Vec::new();
    for (n, record) in (0..).zip(index.records().slices(0).flatten()) {
        let Some(direction) = record.kind.direction() else {
            messages.push(Message::record(n, record.len));
            continue;
        };
        let key = (record.flow.0, direction);
        let (mut first, mut skip, mut len) = match open.iter().position(|(other, ..)| *other == key) {
            Some(place) => {
                let (_, first, skip, len) = open.swap_remove(place);
                (first, skip, len)
            }
            None => (n, 0, 0),
        };
        let mut used = 0;
        while len + u32::from(record.len) - used >= size {
            used += size - len;
            messages.push(Message::new(first, skip, n, size, Wholeness::Whole));
            (first, skip, len) = (n, u16::try_from(used).unwrap(), 0);
        }
        if used < u32::from(record.len) {
            open.push((key, first, skip, len + u32::from(record.len) - used));
        }
    }
    let last = index.len() - 1;
    messages.extend(
        open.iter().map(|(_, first, skip, len)| Message::new(*first, *skip, last, *len, Wholeness::Open)),
    );
    messages
}

/// What a view shows of the items, and which way.
fn shown(capture: &Path, index: &Index, messages: &[Message], direction: Direction) -> Vec<u8> {
    let reader = Reader::open(capture).unwrap();
    let source = Source { index, reader: &reader };
    let (mut all, mut piece) = (Vec::new(), Piece::default());
    for message in messages {
        source.read(message, usize::MAX, &mut piece).unwrap();
        if piece.direction() == Some(direction) {
            all.extend_from_slice(&piece.bytes);
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_saved_is_what_is_shown(turns in turns(), size in 1_u32..60, keep in prop::collection::vec(any::<bool>(), 500)) {
        let folder = TempDir::new().unwrap();
        let capture = recorded(folder.path(), &turns);
        let index = index(&capture);
        let messages = cut(&index, size);
        let kept: Vec<u32> = (0..).zip(&messages).filter(|(n, _)| keep[*n as usize % 500]).map(|(n, _)| n).collect();
        let some: Vec<Message> = kept.iter().map(|n| messages[*n as usize]).collect();
        let listed: Option<Chunked<Message>> = Some(messages.iter().copied().collect());
        let picked = Picked::Numbers(kept.iter().copied().collect());
        let scope = Scope::Part(Selection {
            index: index.clone(),
            messages: listed,
            picked,
            reader: None,
        });
        let style = style(Charset::Latin1, Body::Hex);
        let again = folder.path().join("again.pcapng");
        std::fs::write(&again, saved(&capture, &scope, Format::Pcapng, &style)).unwrap();
        for (format, direction) in [(Format::RawReceived, Direction::Received), (Format::RawSent, Direction::Sent)] {
            let expected = shown(&capture, &index, &some, direction);
            prop_assert_eq!(&saved(&capture, &scope, format, &style), &expected);
            prop_assert_eq!(&saved(&again, &Scope::ALL, format, &style), &expected);
        }
        // The logs hold the same bytes.
        let table = saved(&capture, &scope, Format::Csv, &style);
        let rows = csv::Reader::from_reader(&table[..]).into_records().map(Result::unwrap);
        let received: Vec<u8> = rows
            .filter(|row| &row[3] == "in")
            .flat_map(|row| hex::decode(row[7].replace(' ', "")).unwrap())
            .collect();
        prop_assert_eq!(received, shown(&capture, &index, &some, Direction::Received));
    }
}

#[test]
fn a_part_is_a_capture_of_its_own() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let style = style(Charset::Gbk, Body::Text);
    let all = Scope::Part(Selection { index: index(&capture), ..Selection::default() });
    let again = folder.path().join("again.pcapng");
    std::fs::write(&again, saved(&capture, &all, Format::Pcapng, &style)).unwrap();
    for format in [Format::Text, Format::Csv, Format::RawReceived, Format::RawSent] {
        assert_eq!(
            saved(&again, &Scope::ALL, format, &style),
            saved(&capture, &Scope::ALL, format, &style),
            "{format}"
        );
    }
    // One record of a connection: it is connected, and nothing else is there.
    std::fs::write(&again, saved(&capture, &picked(&capture, &[3]), Format::Pcapng, &style)).unwrap();
    let log = text(&again, &Scope::ALL, Format::Jsonl, Charset::Gbk);
    let events: Vec<bool> = log.lines().map(|line| line.contains("\"event\":\"accepted\"")).collect();
    assert_eq!(events, [true, false], "{log}");
    assert!(log.contains("\"data\":\"suLK\""), "{log}");
}

#[test]
fn a_message_longer_than_a_packet_is_dumped_in_several() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("long.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let (local, peer) = ("127.0.0.1:9".parse().unwrap(), "127.0.0.1:8".parse().unwrap());
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, at(1)).id;
    writer.data(flow, Direction::Received, Cast::Unicast, true, &vec![7; 300_000], at(2));
    writer.commit().unwrap();
    let index = index(&path);
    let scope = framed(&path, &[Message::new(1, 0, index.len() - 1, 300_000, Wholeness::Whole)]);
    let style = style(Charset::Utf8, Body::Hex);
    let dump = saved(&path, &scope, Format::Hexdump, &style);
    let packets = super::read_back::packets(folder.path(), &dump);
    let framer: Vec<usize> = packets.iter().map(|packet| packet[2].len() / 2).collect();
    assert_eq!(framer, [65_536, 65_536, 65_536, 65_536, 37_856]);
    assert_eq!(saved(&path, &scope, Format::RawReceived, &style), vec![7; 300_000]);
}

#[test]
fn an_index_that_does_not_fit_its_capture_is_an_error() {
    let folder = TempDir::new().unwrap();
    let capture = capture(folder.path());
    let mut wrong = index(&capture);
    let mut record = wrong.get(2).unwrap();
    record.offset += 4;
    wrong.extend(&[record]);
    let scope = Scope::Part(Selection { index: wrong, ..Selection::default() });
    for format in Format::ALL {
        let style = style(Charset::Utf8, Body::Text);
        let mut go_on = |_, _| ControlFlow::Continue(());
        let error = netassist::export::write(&capture, &scope, format, &style, &mut Vec::new(), &mut go_on);
        let wanted = format != Format::RawSent;
        assert_eq!(error.is_err(), wanted, "{format}: of records that are not wanted only the index is read");
    }
}

#[test]
fn a_part_tells_its_progress_and_can_be_cancelled() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("long.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    let (local, peer) = ("127.0.0.1:9".parse().unwrap(), "127.0.0.1:8".parse().unwrap());
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, at(1)).id;
    writer.data(flow, Direction::Received, Cast::Unicast, true, &vec![7; 5_000_000], at(2));
    writer.commit().unwrap();
    let scope = Scope::Part(Selection { index: index(&path), ..Selection::default() });
    let style = style(Charset::Utf8, Body::Hex);
    for format in [Format::RawReceived, Format::Jsonl, Format::Pcapng] {
        let mut told = Vec::new();
        let mut out = Vec::new();
        let mut note = |done, total| {
            told.push((done, total));
            ControlFlow::Continue(())
        };
        netassist::export::write(&path, &scope, format, &style, &mut out, &mut note).unwrap();
        assert!(told.len() >= 5 && told.is_sorted() && told.iter().all(|(done, total)| done <= total));
        assert!(told.last().is_some_and(|(done, total)| done == total), "{format}: {told:?}");
        let mut left = 3;
        let mut cancel = |_, _| {
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let cancelled = netassist::export::write(&path, &scope, format, &style, &mut Vec::new(), &mut cancel);
        assert!(matches!(cancelled, Err(ExportError::Cancelled)), "{format}: {cancelled:?}");
    }
}

#[test]
fn a_preview_is_the_beginning_and_says_the_size_of_what_is_small() {
    let folder = TempDir::new().unwrap();
    let small = capture(folder.path());
    let large = folder.path().join("large.pcapng");
    let mut writer = Writer::create(&large).unwrap();
    writer.begin("udp", "udp", at(0));
    let (local, peer) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
    let flow = writer.flow(Transport::Udp, local, peer, Origin::Datagram, at(0)).id;
    for n in 0..90 {
        for direction in [Direction::Sent, Direction::Received] {
            writer.data(flow, direction, Cast::Unicast, true, &[b'x'; 1000], at(n));
        }
    }
    writer.commit().unwrap();
    let style = style(Charset::Gbk, Body::Text);
    let mut go_on = |_, _| ControlFlow::Continue(());
    for (capture, is_small) in [(&small, true), (&large, false)] {
        for scope in [Scope::ALL, picked(capture, &(0..10).collect::<Vec<_>>())] {
            for format in Format::ALL {
                let all = saved(capture, &scope, format, &style);
                let (rows, len) = preview(capture, &scope, format, &style, 3, &mut go_on).unwrap();
                assert_eq!(len, (all.len() < 65536).then_some(all.len() as u64), "{format} {is_small}");
                let is_part = matches!(scope, Scope::Part(_));
                assert_eq!(len.is_some(), is_small || is_part, "{format}");
                let expected: Vec<String> = match format {
                    Format::Pcapng | Format::RawReceived | Format::RawSent => {
                        (0..dump::row_count(all.len())).map(|row| dump::row_text(&all, 0, row)).collect()
                    }
                    _ => String::from_utf8(all)
                        .unwrap()
                        .trim_start_matches('\u{FEFF}')
                        .lines()
                        .map(Into::into)
                        .collect(),
                };
                assert_eq!(rows.len(), expected.len().min(3), "{format}");
                for (row, expected) in rows.iter().zip(&expected) {
                    assert!(
                        expected.starts_with(row) && (row == expected || row.len() >= 300),
                        "{format}: {row}"
                    );
                }
            }
        }
    }
    let mut stop = |_, _| ControlFlow::Break(());
    let stopped = preview(&large, &picked(&large, &[0]), Format::Text, &style, 3, &mut stop);
    assert!(matches!(stopped, Err(ExportError::Cancelled)), "{stopped:?}");
}
