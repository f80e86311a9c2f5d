//! The search.

use std::collections::BTreeMap;

use super::*;
use crate::model::{Hit, Which};

/// Runs the search to the end and returns the hits.
fn searched(search: &mut Search, items: &Items<'_>, step: (u64, u64)) -> Vec<Hit> {
    while search.step(items, step).unwrap() == Progress::More {
        let (done, total) = search.reached(items);
        assert!(done <= total);
    }
    let found = search.found();
    assert!(!found.more);
    found.hits.slices(0).flatten().copied().collect()
}

/// The bytes of a stream, and where in it each item begins.
type Stream = (Vec<u8>, Vec<(u64, usize)>);

/// The hits of the reference.
fn expected(query: &Query, borders: Borders, first: u64, items: &Items<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut streams: BTreeMap<_, Stream> = BTreeMap::new();
    let closed = (0..items.n_items()).filter(|n| {
        items.passed.is_none_or(|passed| passed.slices(0).flatten().any(|passed| u64::from(*passed) == *n))
    });
    let closed = closed.filter(|n| *n >= first).map(|n| (n, items.item(n).unwrap()));
    for (n, item) in closed.chain(items.open()) {
        let (kind, flow, bytes) = read(items, &item);
        // Items that are not joined are streams of their own.
        let alone = if borders == Borders::Joined && kind.direction().is_some() { None } else { Some(n) };
        let (stream, starts) = streams.entry((flow, kind.direction(), alone)).or_default();
        starts.push((n, stream.len()));
        stream.extend(bytes);
    }
    for (bytes, starts) in streams.values() {
        for range in query.iter(bytes) {
            let (item, start) = *starts.iter().rfind(|(_, start)| *start <= range.start).unwrap();
            let number = |n: usize| u32::try_from(n).unwrap();
            hits.push(Hit { item, start: number(range.start - start), len: number(range.len()) });
        }
    }
    hits.sort_by_key(|hit| (hit.item, hit.start));
    hits
}

/// Queries of a fixed length, so that it does not matter how much of a stream is kept.
fn of_one_length() -> impl Strategy<Value = Query> {
    let regex = prop::sample::select(vec!["a[ab]b", "(?:ab|ba)a", "[^a]{3}", "b\\n"]);
    prop_oneof![
        "[ab]{1,4}".prop_map(|text| query(QueryKind::Text, &text)),
        Just(query(QueryKind::Hex, "61 ?? 6?")),
        regex.prop_map(|text| query(QueryKind::Regex, text)),
    ]
}

fn of_any_length() -> impl Strategy<Value = Query> {
    let regex = prop::sample::select(vec!["ab*", "a.*b", "b+a?", "(?m)^a+", "a*", "(?s)a.*a", "\\bb+"]);
    regex.prop_map(|text| query(QueryKind::Regex, text))
}

fn borders() -> impl Strategy<Value = Borders> {
    prop_oneof![Just(Borders::Apart), Just(Borders::Joined)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn hits_equal_the_reference_at_any_time_and_in_any_steps(
        steps in steps(),
        cuts in prop::collection::vec(any::<usize>(), 0..4),
        query in of_one_length(),
        borders in borders(),
        framed: bool,
        first in prop_oneof![Just(0_u64), 0_u64..20],
        step in (1_u64..20, 1_u64..60),
        filtered: bool,
    ) {
        let capture = written(&steps);
        let mut search = Search::new(query.clone(), borders, first);
        let mut passed = Chunked::default();
        let framing = framed.then_some(Framing::Line);
        for moment in moments(&capture, &cuts, framing.as_ref()) {
            // Two of three pass.
            let all = moment.items(&capture.reader, None);
            let new = (0..u32::try_from(all.n_items()).unwrap()).filter(|n| n % 3 > 0);
            let new: Vec<u32> = new.filter(|n| passed.last().is_none_or(|last| last < *n)).collect();
            passed.extend_from_slice(&new);
            let items = Items { passed: filtered.then_some(&passed), ..all };
            prop_assert_eq!(searched(&mut search, &items, step), expected(&query, borders, first, &items));
        }
    }

    #[test]
    fn hits_of_any_length_are_found_over_all_borders_of_a_step(
        steps in steps(),
        query in prop_oneof![of_any_length(), of_one_length()],
        borders in borders(),
        cuts in prop::collection::vec(any::<usize>(), 0..3),
        framed: bool,
    ) {
        let capture = written(&steps);
        let mut search = Search::new(query.clone(), borders, 0);
        let framing = framed.then_some(Framing::Line);
        for moment in moments(&capture, &cuts, framing.as_ref()) {
            let items = moment.items(&capture.reader, None);
            let found = searched(&mut search, &items, (1000, 100_000));
            prop_assert_eq!(found, expected(&query, borders, 0, &items));
        }
    }
}

#[test]
fn many_records_are_skipped_but_none_with_a_hit() {
    let data = |n: usize| {
        let mut bytes = vec![b'.'; 40 + n % 30];
        if n.is_multiple_of(997) {
            bytes.splice(n % 40.., *b"needle");
        }
        Step::Data(n % 3, if n.is_multiple_of(5) { Direction::Sent } else { Direction::Received }, bytes)
    };
    let mut steps: Vec<Step> = (0..8000).map(data).collect();
    steps.insert(4000, Step::Note("a needle, too".into()));
    let capture = written(&steps);
    let items = Items::records(Source { index: &capture.index, reader: &capture.reader });
    // Rare, in every record, and also in the bytes between payloads.
    for (text, n_hits) in [("needle", 10), ("needle$", 9), ("[^n]{40}", 7900), ("[^.]+\\.", 0)] {
        let query = query(QueryKind::Regex, text);
        let found = searched(&mut Search::new(query.clone(), Borders::Apart, 0), &items, (1 << 17, 1 << 24));
        assert_eq!(found, expected(&query, Borders::Apart, 0, &items), "{text}");
        assert!(found.len() >= n_hits, "{text}: {}", found.len());
        let mut passed = Vec::new();
        let mut filter = CaptureFilter::new(Which::default(), Some(query));
        while filter.advance(&items, &BTreeMap::new(), &mut passed).unwrap() == Progress::More {}
        let mut holding: Vec<u32> = found.iter().map(|hit| u32::try_from(hit.item).unwrap()).collect();
        holding.dedup();
        assert_eq!(passed, holding, "{text}");
    }
}

#[test]
fn a_long_text_is_found_although_each_byte_came_alone() {
    let text: String = ('a'..='y').cycle().take(300).collect();
    let bytes = format!("xx{text}y{text}").into_bytes();
    let capture =
        written(&bytes.iter().map(|b| Step::Data(0, Direction::Sent, vec![*b])).collect::<Vec<_>>());
    let items = Items::records(Source { index: &capture.index, reader: &capture.reader });
    // The first record is the connection.
    let hit = |at: u64| Hit { item: 1 + at, start: 0, len: 300 };
    for step in [(1, 1), (7, 1000), (1000, 100_000)] {
        let mut search = Search::new(query(QueryKind::Text, &text), Borders::Joined, 0);
        assert_eq!(searched(&mut search, &items, step), [hit(2), hit(303)]);
        let mut search = Search::new(query(QueryKind::Text, &text), Borders::Apart, 0);
        assert_eq!(searched(&mut search, &items, step), []);
        // Its length is not limited, but less than 4 KiB.
        let mut search = Search::new(query(QueryKind::Regex, "abcd[a-y]*xy?y"), Borders::Joined, 0);
        assert_eq!(searched(&mut search, &items, (1000, 100_000)).len(), 1);
    }
}

#[test]
fn no_more_than_a_million_hits_are_kept() {
    let capture = written(&[Step::Data(0, Direction::Sent, vec![b'a'; 1_100_000])]);
    let items = Items::records(Source { index: &capture.index, reader: &capture.reader });
    for borders in [Borders::Apart, Borders::Joined] {
        let mut search = Search::new(query(QueryKind::Text, "a"), borders, 0);
        while search.advance(&items).unwrap() == Progress::More {}
        let found = search.found();
        assert!(found.more);
        assert_eq!(found.hits.len(), MAX_HITS);
        let last = found.hits.last().unwrap();
        let capacity = u64::from(capture.index.get(1).unwrap().len);
        assert_eq!((last.item - 1) * capacity + u64::from(last.start), MAX_HITS - 1);
    }
}
