//! The filter.

use std::collections::BTreeMap;

use super::*;
use crate::model::Which;

fn filtered(
    filter: &mut CaptureFilter,
    items: &Items<'_>,
    notes: &BTreeMap<u64, String>,
    out: &mut Vec<u32>,
) {
    while filter.advance(items, notes, out).unwrap() == Progress::More {}
    assert_eq!(filter.reached(), items.n_items());
}

fn which() -> impl Strategy<Value = Which> {
    let shown = || prop::bool::weighted(0.75);
    let flows = prop::option::of(prop::collection::btree_set((0_u32..4).prop_map(FlowId), 0..3));
    let len = prop_oneof![2 => Just(0..=u64::MAX), 1 => (0_u64..4, 0_u64..5).prop_map(|(a, b)| a..=a + b)];
    let time = prop_oneof![
        1 => Just(Which::default().time),
        2 => (0_u64..90, 0_u64..90).prop_map(|(a, b)| Stamp(a)..=Stamp(b)),
    ];
    (shown(), shown(), shown(), flows, len, time).prop_map(|(received, sent, events, flows, len, time)| {
        Which { received, sent, events, flows, len, time }
    })
}

proptest! {
    #[test]
    fn the_filter_equals_the_reference(
        steps in steps(),
        cuts in prop::collection::vec(any::<usize>(), 0..4),
        which in which(),
        text in prop::option::of("[ab]{1,3}"),
        notes in prop::collection::btree_map(0_u64..40, "[ab]{0,3}", 0..4),
        framed: bool,
    ) {
        let capture = written(&steps);
        let query = text.map(|text| query(QueryKind::Text, &text));
        let mut filter = CaptureFilter::new(which.clone(), query.clone());
        let mut out = Vec::new();
        let framing = framed.then_some(Framing::Line);
        for moment in moments(&capture, &cuts, framing.as_ref()) {
            let items = moment.items(&capture.reader, None);
            filtered(&mut filter, &items, &notes, &mut out);
            let mut expected = Vec::new();
            for n in 0..items.n_items() {
                let item = items.item(n).unwrap();
                let (kind, flow, bytes) = read(&items, &item);
                let at = items.source.time(&item, &mut Piece::default()).unwrap();
                let noted = |text: &Query| items.source.records(&item).any(|(record, _)| {
                    notes.get(&record).is_some_and(|note| text.find_at(note.as_bytes(), 0).is_some())
                });
                let holds = |text: &Query| text.find_at(&bytes, 0).is_some() || noted(text);
                if which.admits(kind, flow, u64::from(item.len()))
                    && which.time.contains(&at)
                    && query.as_ref().is_none_or(holds)
                {
                    expected.push(u32::try_from(n).unwrap());
                }
            }
            prop_assert_eq!(&out, &expected);
        }
    }
}

#[test]
fn notes_are_found_in_any_charset() {
    let capture = written(&[
        Step::Note("测试".into()),
        Step::Data(0, Direction::Sent, b"\xB2\xE2".to_vec()),
        Step::Refused("拒绝测".into()),
        Step::Data(0, Direction::Sent, "测".into()),
    ]);
    let source = Source { index: &capture.index, reader: &capture.reader };
    let items = Items::records(source);
    let sought = Query::parse(QueryKind::Text, "测", Charset::Gbk, CaseRule::Exact).unwrap();
    let notes = BTreeMap::from([(4, "见测".to_owned())]);
    let mut out = Vec::new();
    filtered(&mut CaptureFilter::new(Which::default(), Some(sought)), &items, &notes, &mut out);
    // The second record is the connection that the data opened.
    assert_eq!(out, [0, 2, 3, 4]);
}

#[test]
fn conditions_without_content_read_nothing() {
    let data = |n: u8| Step::Data(0, Direction::Sent, vec![n; 9]);
    let capture = written(&(0..200).map(data).collect::<Vec<_>>());
    // The file is empty, so that reading anything fails.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    std::fs::write(&path, "").unwrap();
    let nothing = Reader::open(&path).unwrap();
    let items = Items::records(Source { index: &capture.index, reader: &nothing });
    let mut out = Vec::new();
    let which = Which { len: 9..=9, ..Which::default() };
    filtered(&mut CaptureFilter::new(which.clone(), None), &items, &BTreeMap::new(), &mut out);
    assert_eq!(out.len(), 201, "and the connection");
    let mut asks = CaptureFilter::new(which, Some(query(QueryKind::Text, "x")));
    assert!(asks.advance(&items, &BTreeMap::new(), &mut out).is_err());
    assert_eq!((asks.reached(), out.len()), (1, 201), "the connection has no text");
}
