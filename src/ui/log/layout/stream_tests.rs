//! Properties of the stream view over random records: every byte is shown and copied once, in order, at any
//! width.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Config, Form, Layout, Layouter};
use crate::analysis::{Piece, Source};
use crate::codec::{Charset, Decoder, hex};
use crate::journal::{Reader, Writer, scan};
use crate::model::{
    Body, Cast, CharsetChange, Direction, FlowId, Index, Origin, RecordKind, Recorder as _, SentCharsets,
    Stamp, Transport, Which,
};
use crate::state::{Base, Order, Shown, ShownItems};
use crate::ui::lang::Lang;
use crate::workspace::TimeMode;

type Said = (usize, Direction, Vec<u8>);

fn record(path: &Path, said: &[Said]) -> Index {
    let mut writer = Writer::create(path).unwrap();
    writer.begin("stream", "tcp-server 127.0.0.1:1000", Stamp(1));
    let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let flows: Vec<FlowId> = (0..2)
        .map(|n| writer.flow(Transport::Tcp, address(1), address(2 + n), Origin::Accepted, Stamp(1)).id)
        .collect();
    for (who, direction, bytes) in said {
        writer.data(flows[*who], *direction, Cast::Unicast, true, bytes, Stamp(2));
    }
    writer.finish(Some(0), Stamp(3));
    writer.commit().unwrap();
    let mut index = Index::default();
    scan(path, 0, u64::MAX, &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        index.extend(&batch.records);
        ControlFlow::Continue(())
    })
    .unwrap();
    index
}

fn config(body: Body, charset: Charset, columns: usize) -> Config {
    Config {
        names_peers: false,
        ends_by_pause: false,
        form: Form::Stream,
        body,
        charset,
        charsets: Arc::default(),
        names: crate::workspace::PeerNames::default(),
        time: TimeMode::Absolute,
        start: Stamp(0),
        columns,
        whole: columns,
        fold: None,
        query: None,
        notes: Arc::new(BTreeMap::new()),
        holds: Vec::new(),
        lost_by: None,
        once: false,
        lang: Lang::En,
        zone: jiff::tz::TimeZone::UTC,
        serial: 0,
    }
}

fn with_stream<R>(said: &[Said], config: &Config, check: impl FnOnce(&Layouter<'_>, &[Layout]) -> R) -> R {
    with_charsets(said, SentCharsets::default(), config, check)
}

fn with_charsets<R>(
    said: &[Said],
    sent_charsets: SentCharsets,
    config: &Config,
    check: impl FnOnce(&Layouter<'_>, &[Layout]) -> R,
) -> R {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.pcapng");
    let mut index = record(&path, said);
    index.sent_charsets = sent_charsets;
    let reader = Reader::open(&path).unwrap();
    let base = Base { index: &index, messages: None, open: &[], filtered: None, once: false };
    let mut shown = Shown::default();
    shown.update(&base, Order { cleared: 0, until: index.len(), which: Which::default(), serial: 0 });
    let unfolded = HashSet::new();
    let source = Source { index: &index, reader: &reader };
    let layouter =
        Layouter { config, items: ShownItems { base, shown: &shown }, source, unfolded: &unfolded };
    let mut piece = Piece::default();
    let layouts: Vec<Layout> = (0..index.len()).map(|at| layouter.layout(at, &mut piece)).collect();
    check(&layouter, &layouts)
}

/// The bytes of each turn: consecutive data of one flow and direction.
fn turns(said: &[Said]) -> Vec<Said> {
    let mut turns: Vec<Said> = Vec::new();
    for (who, direction, bytes) in said {
        match turns.last_mut().filter(|turn| (turn.0, turn.1) == (*who, *direction)) {
            Some(turn) => turn.2.extend(bytes),
            None => turns.push((*who, *direction, bytes.clone())),
        }
    }
    turns
}

/// The text of all turns, each ended by a line break: the start of a character is a line that is still empty.
/// Another flow's turn may split a character.
fn expected_text(said: &[Said], charset: Charset) -> String {
    let mut decoders: BTreeMap<(usize, bool), (Decoder, Vec<u8>)> = BTreeMap::new();
    let mut all = String::new();
    for (who, direction, bytes) in turns(said) {
        let of_peer = decoders.entry((who, direction == Direction::Sent));
        let (decoder, before) = of_peer.or_insert_with(|| (Decoder::new(charset), Vec::new()));
        let mut text = String::new();
        decoder.decode(&bytes, false, &mut text);
        before.extend(bytes);
        all.push_str(&text);
        if !text.ends_with('\n') || ends_inside_a_character(before, charset) {
            all.push('\n');
        }
    }
    all
}

/// At the end, an incomplete character would be shown as a mark.
fn ends_inside_a_character(bytes: &[u8], charset: Charset) -> bool {
    let text = |last: bool| {
        let mut text = String::new();
        Decoder::new(charset).decode(bytes, last, &mut text);
        text
    };
    text(true) != text(false)
}

fn copied(layouts: &[Layout]) -> String {
    layouts.iter().map(|layout| layout.text.as_str()).collect()
}

/// Pieces of text in which lines, characters and reads end in all ways.
fn text_bytes() -> impl Strategy<Value = Vec<u8>> {
    let parts = prop_oneof![
        4 => Just(b"a".to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        2 => Just("中文".as_bytes().to_vec()),
        1 => Just(vec![0xE4]),
        1 => Just(vec![0xB8, 0xAD]),
        1 => Just(b"some words ".to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    (proptest::collection::vec(parts, 1..6), prop_oneof![30 => Just(1_usize), 1 => Just(300), 1 => Just(900)])
        .prop_map(|(parts, times)| parts.concat().repeat(times))
        .prop_filter("a read has bytes", |bytes| !bytes.is_empty())
}

/// Turns of a few up to many reads, so that all kinds of groups meet.
fn chat() -> impl Strategy<Value = Vec<Said>> {
    let direction = prop_oneof![Just(Direction::Received), Just(Direction::Sent)];
    let long = prop_oneof![5 => 1_usize..4, 1 => 60_usize..140];
    let turn = (0_usize..2, direction, long, proptest::collection::vec(text_bytes(), 3));
    let turn = turn.prop_map(|(who, direction, n, kinds)| {
        (0..n).map(|n| (who, direction, kinds[n % kinds.len()].clone())).collect::<Vec<Said>>()
    });
    proptest::collection::vec(turn, 1..5).prop_map(|turns| turns.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_text_of_all_groups_is_the_text_of_the_data(
        mut said in chat(),
        columns in prop_oneof![Just(16_usize), 17_usize..200, Just(usize::MAX / 4)],
        charset in prop_oneof![Just(Charset::Utf8), Just(Charset::Gbk), Just(Charset::Utf16Le), Just(Charset::Utf16Be)],
    ) {
        if matches!(charset, Charset::Utf16Le | Charset::Utf16Be) {
            // Whether a read ends inside a unit depends on the reads before it.
            said.iter_mut().filter(|said| said.2.len() % 2 == 1).for_each(|said| said.2.push(b' '));
        }
        let config = config(Body::Text, charset, columns);
        let text = with_stream(&said, &config, |_layouter, layouts| copied(layouts));
        prop_assert_eq!(text, expected_text(&said, charset));
    }

    #[test]
    fn the_hex_of_all_groups_is_the_hex_of_the_data(
        said in chat(), columns in prop_oneof![16_usize..200, Just(usize::MAX / 4)],
    ) {
        let config = config(Body::Hex, Charset::Utf8, columns);
        let text = with_stream(&said, &config, |_layouter, layouts| copied(layouts));
        let lines: String = turns(&said).iter().map(|(.., bytes)| hex::to_text(bytes) + "\n").collect();
        prop_assert_eq!(text, lines);
    }

    #[test]
    fn every_byte_stands_once_in_the_dump(said in chat()) {
        let config = config(Body::Dump, Charset::Utf8, 80);
        let text = with_stream(&said, &config, |_layouter, layouts| copied(layouts));
        let digits = |line: &str| -> String {
            let (_, rest) = line.split_once("  ").unwrap();
            rest.chars().take(49).filter(|c| !c.is_whitespace()).collect()
        };
        let shown: String = text.lines().map(digits).collect();
        let all: Vec<u8> = said.iter().flat_map(|(.., bytes)| bytes.iter().copied()).collect();
        let all = hex::to_text(&all).replace(' ', "");
        prop_assert_eq!(shown, all);
    }

    #[test]
    fn rows_that_show_what_is_highlighted_stand_out_and_no_others(
        mut said in chat(), columns in 16_usize..100, every in 1_u64..9,
    ) {
        // More short records than fit into one group, so that lines span two groups.
        said.truncate(80);
        for said in &mut said {
            said.2.truncate(40);
        }
        for body in Body::ALL {
            // With an event or two among the data.
            let note = |n: u64| if n.is_multiple_of(every) { "★" } else { "plain" }.to_owned();
            let notes = (0..said.len() as u64 + 9).map(|n| (n, note(n))).collect();
            let config = Config { notes: Arc::new(notes), ..config(body, Charset::Utf8, columns) };
            with_stream(&said, &config, |layouter, layouts| {
                for (at, layout) in (0_u64..).zip(layouts).filter(|(at, _)| layouter.begins(*at)) {
                    let mut expected = vec![false; layout.rows.len()];
                    let mut end = 0;
                    for n in at..layouter.group_end(at) {
                        // The bytes before belong to a line of the group before.
                        let start = layout.skipped.max(end);
                        end += layouter.items.get(n).unwrap().len() as usize;
                        if n.is_multiple_of(every) && start < end && !layout.rows.is_empty() {
                            let [first, last] =
                                [start, end - 1].map(|byte| layouter.row_at_byte(at, byte, layout));
                            expected[first..=last].fill(true);
                        }
                    }
                    let found: Vec<bool> =
                        (0..layout.n_rows()).map(|row| layout.is_highlighted(row)).collect();
                    // Its last row may continue with bytes of the next group.
                    let own = if end > layout.skipped { layouter.row_at_byte(at, end - 1, layout) } else { 0 };
                    assert_eq!(found[..own], expected[..own], "{body:?} at {at}");
                }
            });
        }
    }

    #[test]
    fn every_item_is_found_in_its_row_and_every_row_in_its_item(said in chat(), columns in 16_usize..100) {
        for body in Body::ALL {
            let config = config(body, Charset::Utf8, columns);
            with_stream(&said, &config, |layouter, layouts| {
                for (at, layout) in (0_u64..).zip(layouts).filter(|(at, _)| layouter.begins(*at)) {
                    let mut start = 0;
                    for next in at..layouter.group_end(at) {
                        let row = layouter.row_at_byte(at, start, layout);
                        prop_assert!(layout.rows.is_empty() || row < layout.rows.len());
                        if start > layout.skipped {
                            let back = layouter.item_at_row(at, u32::try_from(row).unwrap());
                            prop_assert!(back >= next || row == 0, "row {row} of {next} is that of {back}");
                        }
                        start += layouter.items.get(next).unwrap().len() as usize;
                    }
                }
                Ok(())
            })?;
        }
    }
}

#[test]
fn lines_and_rows_of_hex_are_not_cut_where_reads_of_one_byte_are() {
    let line = "a line of some fifty characters, each read alone\n";
    let said: Vec<Said> = line.repeat(20).bytes().map(|byte| (0, Direction::Received, vec![byte])).collect();
    let rows = |body: Body| {
        with_stream(&said, &config(body, Charset::Utf8, 95), |_layouter, layouts| {
            let rows =
                |layout: &Layout| (0..layout.n_rows()).map(|n| layout.row(n).to_owned()).collect::<Vec<_>>();
            layouts.iter().flat_map(rows).collect::<Vec<String>>()
        })
    };
    assert_eq!(rows(Body::Text), vec![line.trim_end(); 20]);
    let hex = rows(Body::Hex);
    assert!(hex[..hex.len() - 1].iter().all(|row| row.len() == 32 * 3 - 1), "{hex:#?}");
}

#[test]
fn the_beginning_of_a_character_is_a_line_whatever_group_it_stands_in() {
    let config = config(Body::Text, Charset::Utf8, 80);
    let text = |said: &[Said]| with_stream(said, &config, |_layouter, layouts| copied(layouts));
    let turns = [(0, Direction::Received, b"a".to_vec()), (0, Direction::Sent, vec![0xE4])];
    assert_eq!(text(&turns), "a\n\n", "a turn of its own");
    // More reads than fit into one group.
    for n in [1, 2, 63, 64, 65, 127, 128, 129, 200] {
        let mut said = vec![(0, Direction::Received, b"a\n".to_vec()); n];
        said.push((0, Direction::Received, vec![0xE4]));
        assert_eq!(text(&said), "a\n".repeat(n) + "\n", "{n} reads before");
        said[n].2 = b"\n\xE4".to_vec();
        assert_eq!(text(&said), "a\n".repeat(n) + "\n\n", "{n} reads before");
        said[n].2 = b"b\xE4".to_vec();
        assert_eq!(text(&said), "a\n".repeat(n) + "b\n", "{n} reads before");
    }
}

#[test]
fn text_sent_in_another_charset_splits_no_character_of_this_one() {
    // Nine bytes: an odd number for a charset of two.
    let typed = "大家好";
    let in_gbk = encoding_rs::GBK.encode(typed).0.into_owned();
    let said: Vec<Said> =
        [typed.into(), in_gbk.clone(), in_gbk].map(|bytes| (0, Direction::Sent, bytes)).into();
    for form in [Form::Line, Form::Single, Form::Stream] {
        let config = Config { form, ..config(Body::Text, Charset::Gbk, 80) };
        let second = with_stream(&said, &config, |layouter, _layouts| {
            let index = layouter.source.index;
            (0..index.len()).filter(|n| index.get(*n).unwrap().kind == RecordKind::Sent).nth(1).unwrap()
        });
        let mut sent_charsets = SentCharsets::default();
        sent_charsets.change(second, CharsetChange::new(Charset::Utf8, Charset::Gbk));
        let text = with_charsets(&said, sent_charsets, &config, |_layouter, layouts| copied(layouts));
        assert_eq!(text.matches(typed).count(), 3, "{form:?}: {text}");
    }
}

#[test]
fn a_group_is_no_larger_than_a_few_screens() {
    let said: Vec<Said> = (0..3000).map(|n| (0, Direction::Received, vec![b'x'; 1 + n % 1400])).collect();
    with_stream(&said, &config(Body::Text, Charset::Utf8, 80), |layouter, layouts| {
        for (at, layout) in (0_u64..).zip(layouts) {
            assert!(layouter.group_end(at) - at <= 64);
            assert!(layout.text.len() <= 64 * 512 + 4096, "{} bytes at {at}", layout.text.len());
        }
    });
}

#[test]
fn rows_of_any_length_hold_all_of_long_records() {
    let said: Vec<Said> = (0..3_u8).map(|n| (0, Direction::Received, vec![n; 10_000])).collect();
    let all: Vec<u8> = said.iter().flat_map(|(.., bytes)| bytes.iter().copied()).collect();
    for columns in [16, 4096, usize::MAX / 4] {
        let config = config(Body::Hex, Charset::Utf8, columns);
        let text = with_stream(&said, &config, |_layouter, layouts| copied(layouts));
        assert_eq!(text, hex::to_text(&all) + "\n", "{columns} columns");
    }
}
