//! Notes that a user makes on records: while the capture grows, in what is saved, and for Wireshark.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use netassist::journal::{SaveError, Writer, save};
use netassist::model::{RecordKind, Recorder as _, Stamp};
use proptest::prelude::*;

use super::scan_all;
use super::sequences::{Call, call, perform};

/// Saves with these notes, to be opened again.
fn save_as(capture: &Path, notes: &BTreeMap<u64, String>, to: &Path) {
    let mut out = Vec::new();
    let mut done = 0;
    save(capture, u64::MAX, Some(notes), &mut out, &mut |at, total| {
        assert!(done <= at && at <= total, "progress goes on to its end");
        done = at;
        ControlFlow::Continue(())
    })
    .unwrap();
    fs::write(to, out).unwrap();
}

/// A capture with a connection, a refusal, a datagram and an event, and what its records are.
fn sample(path: &Path) -> Vec<RecordKind> {
    use netassist::model::{Cast, Ending, Origin};
    let data = |flow, sent| Call::Data { flow, sent, cast: Cast::Unicast, whole: true, len: 1000 };
    let flow = |tcp, peer, origin| Call::Flow { tcp, local: 0, peer, origin };
    let calls = [
        Call::Begin("sample".to_owned()),
        Call::Note("listening".to_owned()),
        flow(true, 0, Origin::Accepted),
        Call::Connected(0),
        // Calls that began earlier, with a label each.
        flow(true, 1, Origin::Connected),
        flow(true, 1, Origin::Connected),
        Call::Time(1000),
        Call::Refused(2, "connection refused".to_owned()),
        data(0, true),
        flow(false, 3, Origin::Datagram),
        data(3, false),
        Call::Ended(0, Ending::PeerFin),
        Call::Finish,
    ];
    perform(&calls, path).records.iter().map(|record| record.kind).collect()
}

fn note(n: u64) -> String {
    // As mean as can be: it reads like what the writer says by itself.
    match n % 3 {
        0 => format!("flow {n}"),
        1 => format!("note on record {n}"),
        _ => format!("第 {n} 条备注\nsecond line"),
    }
}

#[test]
fn notes_on_every_kind_of_record_are_kept_replaced_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let kinds = sample(&path);
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    let (plain, _) = scan_all(&path).unwrap();
    let notes: BTreeMap<u64, String> = (0..6).map(|n| (n, note(n))).collect();
    let saved = folder.path().join("saved.pcapng");
    save_as(&path, &notes, &saved);
    let (index, end) = scan_all(&saved).unwrap();
    assert_eq!((&index.notes, end.torn), (&notes, false));
    let what =
        |index: &super::Index| index.records.iter().map(|r| (r.flow, r.kind, r.len)).collect::<Vec<_>>();
    assert_eq!(what(&index), what(&plain));
    assert_eq!(index.flows, plain.flows);

    // The same again; then others; then none, which is the capture without notes.
    let again = folder.path().join("again.pcapng");
    save_as(&saved, &notes, &again);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&saved).unwrap());
    let others: BTreeMap<u64, String> = [(1, "other".to_owned()), (4, String::new())].into();
    save_as(&saved, &others, &again);
    assert_eq!(scan_all(&again).unwrap().0.notes, [(1, "other".to_owned())].into());
    save_as(&saved, &BTreeMap::new(), &again);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&path).unwrap());

    // What an analyser shows.
    let output = Command::new("tshark")
        .args([
            "-n",
            "-r",
            saved.to_str().unwrap(),
            "-Y",
            "frame.comment",
            "-T",
            "fields",
            "-e",
            "frame.comment",
        ])
        .output()
        .unwrap_or_else(|error| {
            panic!("tshark: {error}. This test needs Wireshark's tools: apt-get install tshark")
        });
    let shown = String::from_utf8(output.stdout).unwrap();
    for n in 1..6 {
        let first_line = note(n).lines().next().unwrap().to_owned();
        assert!(shown.contains(&first_line), "{n}: {shown}");
    }
}

#[test]
fn notes_made_while_the_capture_grows_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    let mut writer = Writer::create(&path).unwrap();
    writer.begin("t", "udp 127.0.0.1:1", Stamp(5));
    for n in 0..3 {
        writer.note(&note(n), Stamp(6));
    }
    for (n, text) in [(0, "old"), (1, "gone"), (0, "new"), (1, ""), (2, "note on record 9")] {
        writer.annotate(n, text, Stamp(7));
    }
    writer.note("after", Stamp(8));
    writer.commit().unwrap();
    let (index, _) = scan_all(&path).unwrap();
    let notes: BTreeMap<u64, String> = [(0, "new".to_owned()), (2, "note on record 9".to_owned())].into();
    assert_eq!((&index.notes, index.records.len()), (&notes, 4));
    // Saved with what it says, they stand with their records.
    let saved = folder.path().join("saved.pcapng");
    save_as(&path, &notes, &saved);
    assert_eq!(scan_all(&saved).unwrap().0.notes, notes);
    let again = folder.path().join("again.pcapng");
    save_as(&saved, &notes, &again);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&saved).unwrap());
}

#[test]
fn saving_stops_on_demand_and_says_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcapng");
    sample(&path);
    let stopped =
        save(&path, u64::MAX, Some(&BTreeMap::new()), &mut Vec::new(), &mut |_, _| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(SaveError::Stopped)));
    let go_on = &mut |_, _| ControlFlow::Continue(());
    let full = save(&path, u64::MAX, Some(&BTreeMap::new()), &mut &mut [0; 10][..], go_on);
    assert!(matches!(full, Err(SaveError::Writing(_))));
    let missing = save(&folder.path().join("none"), u64::MAX, Some(&BTreeMap::new()), &mut Vec::new(), go_on);
    assert!(matches!(missing, Err(SaveError::Reading(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_capture_keeps_any_notes(
        calls in prop::collection::vec(call(), 0..40),
        notes in prop::collection::btree_map(0_u64..60, "\\PC{1,30}|flow [0-9]|note on record [0-9]", 0..12),
        remarks in prop::collection::vec((0_u64..60, "[ -~]{0,10}"), 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcapng");
        let mut calls = calls;
        calls.extend(remarks.iter().map(|(n, text)| Call::Annotate(*n, text.clone())));
        let live = perform(&calls, &path);
        let mut notes = notes;
        notes.retain(|n, _| *n < live.records.len() as u64);
        let saved = folder.path().join("saved.pcapng");
        save_as(&path, &notes, &saved);
        let (index, _) = scan_all(&saved).unwrap();
        prop_assert_eq!(&index.notes, &notes);
        let what = |record: &netassist::model::Record| (record.flow, record.kind, record.len);
        prop_assert!(index.records.iter().map(what).eq(live.records.iter().map(what)));
        let again = folder.path().join("again.pcapng");
        save_as(&saved, &notes, &again);
        prop_assert_eq!(fs::read(&again).unwrap(), fs::read(&saved).unwrap());
        // And back to what it was, but for what was remarked while it grew.
        save_as(&again, &BTreeMap::new(), &saved);
        if remarks.is_empty() {
            prop_assert_eq!(fs::read(&saved).unwrap(), fs::read(&path).unwrap());
        }
    }

    /// What the writer puts on the next record is what the scan finds there.
    #[test]
    fn remarks_find_their_record(calls in prop::collection::vec(call(), 1..40), text in "[ -~]{1,20}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcapng");
        let mut calls = calls;
        for n in (0..calls.len()).rev().step_by(3) {
            calls.insert(n, Call::Remark(text.clone()));
        }
        let live = perform(&calls, &path);
        let (index, _) = scan_all(&path).unwrap();
        prop_assert_eq!(&index.records, &live.records);
        // A connection that data made on their way has no part in it.
        let kind = |n: u64| index.records[usize::try_from(n).unwrap()].kind;
        let number = |(n, connects): &(u64, bool)| n + u64::from(!connects && kind(*n) == RecordKind::Connected);
        let expected: BTreeMap<u64, String> = live.remarked.iter().map(|n| (number(n), text.clone())).collect();
        prop_assert_eq!(&index.notes, &expected);
    }
}
