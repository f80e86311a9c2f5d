//! The index, what of it is shown, Clear and Pause.

use proptest::prelude::*;

use super::*;
use netassist::model::Index;
use netassist::workspace::View;

/// Records whose offsets are their numbers.
fn numbered(n: u64) -> Vec<Record> {
    (0..n).map(|n| data(1, if n % 3 == 0 { Direction::Sent } else { Direction::Received }, 1, n)).collect()
}

#[test]
fn the_index_goes_on_across_its_chunks() {
    let records = numbered(3 * (1 << 16) + 5);
    let mut log = Index::default();
    assert!(log.is_empty());
    // Steps that end before, at and behind a chunk's border.
    let mut rest = &records[..];
    for step in [1, 65_534, 1, 1, 65_535, 65_537].into_iter().cycle() {
        let n = rest.len().min(step);
        log.extend(&rest[..n]);
        rest = &rest[n..];
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(log.len(), records.len() as u64);
    for (n, record) in records.iter().enumerate() {
        assert_eq!(log.get(n as u64), Some(*record));
    }
    for beyond in [log.len(), log.len() + 1, u64::MAX] {
        assert_eq!(log.get(beyond), None);
    }
}

#[test]
fn clear_is_a_watermark_that_can_be_taken_back() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    happen(&mut state, [recorded(&numbered(10))]);
    let shown = |state: &mut State| {
        assert!(!state.tab_mut().update_shown());
        let items = state.tab().items();
        (0..items.len()).map(|at| items.get(at).unwrap().first()).collect::<Vec<_>>()
    };
    assert_eq!(shown(&mut state), (0..10).collect::<Vec<_>>());
    state.act(Action::Clear);
    assert!(shown(&mut state).is_empty());
    happen(&mut state, [recorded(&numbered(3))]);
    assert_eq!(shown(&mut state), [10, 11, 12]);
    // A second Clear hides those, too; a third has nothing to hide. Each is undone separately.
    state.act(Action::Clear);
    state.act(Action::Clear);
    assert!(shown(&mut state).is_empty());
    state.act(Action::UndoClear);
    assert_eq!(shown(&mut state), [10, 11, 12]);
    state.act(Action::UndoClear);
    assert_eq!(shown(&mut state).len(), 13);
    assert_eq!(state.tab().log.len(), 13, "nothing was deleted at any time");
    assert_eq!(state.tab().counters.n_received + state.tab().counters.n_sent, 13);
}

#[test]
fn pause_holds_the_display_but_not_the_record() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    happen(&mut state, [recorded(&numbered(5))]);
    state.act(Action::Pause(true));
    happen(&mut state, [recorded(&numbered(7))]);
    state.tab_mut().update_shown();
    assert_eq!((state.tab().shown.len(), state.tab().log.len()), (5, 12));
    state.act(Action::Clear);
    state.tab_mut().update_shown();
    assert_eq!(state.tab().shown.len(), 0);
    state.act(Action::Pause(false));
    state.tab_mut().update_shown();
    assert_eq!(state.tab().shown.len(), 7, "what came during the pause was never seen, so never cleared");
    assert_eq!(state.tab().items().get(0).map(|item| item.first()), Some(5));
}

#[test]
fn hiding_keeps_what_was_sent_and_what_happened() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    happen(
        &mut state,
        [recorded(&[
            event(1, RecordKind::Connected, 0),
            data(1, Direction::Received, 1, 1),
            data(1, Direction::Sent, 1, 2),
            event(0, RecordKind::Note, 3),
        ])],
    );
    let view = View { hide_received: true, ..state.tab().session.view };
    state.act(Action::SetView(view));
    state.tab_mut().update_shown();
    let items = state.tab().items();
    let shown = (0..items.len()).filter_map(|at| items.get(at)).map(|item| item.first());
    assert_eq!(shown.collect::<Vec<_>>(), [0, 2, 3]);
    assert_eq!(state.tab().log.len(), 4);
}

/// An action on the shown items.
#[derive(Debug, Clone)]
enum Step {
    Arrive(Vec<bool>),
    Clear,
    Undo,
    Pause(bool),
    Hide(bool),
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(any::<bool>(), 0..20).prop_map(Step::Arrive),
        1 => Just(Step::Clear),
        1 => Just(Step::Undo),
        1 => any::<bool>().prop_map(Step::Pause),
        2 => any::<bool>().prop_map(Step::Hide),
        3 => Just(Step::Look),
    ]
}

proptest! {
    /// The shown items are always those that a scan of all records finds.
    #[test]
    fn shown_is_what_a_slow_look_gives(steps in prop::collection::vec(step(), 0..60)) {
        let mut state = open_state(Protocol::TcpServer, &[1]);
        let mut all: Vec<bool> = Vec::new();
        for step in steps {
            match step {
                Step::Arrive(received) => {
                    let records: Vec<Record> = received
                        .iter()
                        .map(|&r| data(1, if r { Direction::Received } else { Direction::Sent }, 1, 0))
                        .collect();
                    happen(&mut state, [recorded(&records)]);
                    all.extend(received);
                }
                Step::Clear => drop(state.act(Action::Clear)),
                Step::Undo => drop(state.act(Action::UndoClear)),
                Step::Pause(pause) => drop(state.act(Action::Pause(pause))),
                Step::Hide(hide_received) => {
                    let view = View { hide_received, ..state.tab().session.view };
                    state.act(Action::SetView(view));
                }
                Step::Look => {
                    while state.tab_mut().update_shown() {}
                    let tab = state.tab();
                    let slow: Vec<u64> = (tab.cleared..tab.n_displayed())
                        .filter(|&n| !(tab.session.view.hide_received && all[usize::try_from(n).unwrap()]))
                        .collect();
                    let shown = &tab.shown;
                    let quick: Vec<u64> = (0..shown.len()).map(|at| shown.number(&tab.base(), at).unwrap()).collect();
                    prop_assert_eq!(&quick, &slow);
                    prop_assert_eq!(shown.is_empty(), slow.is_empty());
                    prop_assert_eq!(shown.number(&tab.base(), shown.len()), None);
                    for n in 0..=tab.log.len() {
                        let next = slow.iter().position(|&s| s >= n).unwrap_or(slow.len());
                        prop_assert_eq!(shown.position(n), next as u64, "of {}", n);
                    }
                }
            }
        }
    }
}

/// The first `records` records are gone.
fn removed(records: u64) -> Event {
    Event::Turned(FileTurn::Removed(Gone { records, flows: FlowId(0), except: Vec::new() }))
}

#[test]
fn removed_records_are_not_shown_and_the_others_keep_their_numbers() {
    let mut state = open_state(Protocol::TcpServer, &[1]);
    happen(&mut state, [recorded(&numbered(40_000)), removed(30_000)]);
    let shown = |state: &mut State| {
        assert!(!state.tab_mut().update_shown());
        let items = state.tab().items();
        let all = (0..items.len()).map(|at| items.get(at).unwrap().first()).collect::<Vec<_>>();
        for (at, n) in (0..).zip(&all) {
            let head = items.head(at).unwrap();
            assert_eq!((items.position_of_record(*n), head.offset), (at, *n % 40_000));
        }
        all
    };
    assert_eq!(shown(&mut state), (30_000..40_000).collect::<Vec<_>>());
    assert_eq!((state.tab().log.get(29_999), state.tab().log.len()), (None, 40_000));
    let origin = state.tab().shown.origin();
    // Sent data are hidden: every third record.
    let view = View { hide_sent: true, ..state.tab().session.view };
    state.act(Action::SetView(view));
    let received = |from: u64, to: u64| (from..to).filter(|n| n % 3 != 0).collect::<Vec<_>>();
    assert_eq!(shown(&mut state), received(30_000, 40_000));
    let before = state.tab().shown.origin();
    happen(&mut state, [removed(33_000)]);
    assert_eq!(shown(&mut state), received(33_000, 40_000));
    assert_eq!(state.tab().shown.origin() - before, 2000, "positions are smaller by those that were shown");
    assert_eq!(origin, 30_000);
    // Clear hides more, and less than is removed does nothing.
    state.act(Action::Clear);
    happen(&mut state, [recorded(&numbered(10))]);
    assert_eq!(shown(&mut state).len(), 6);
    state.act(Action::UndoClear);
    happen(&mut state, [removed(1000)]);
    assert_eq!(shown(&mut state).len(), received(33_000, 40_000).len() + 6);
}

#[test]
fn flows_and_notes_of_removed_records_are_forgotten() {
    let mut state = open_state(Protocol::TcpServer, &[1, 2, 5000]);
    happen(&mut state, [recorded(&numbered(10))]);
    happen(&mut state, [Event::Annotated(vec![(3, "old".to_owned()), (7, "new".to_owned())])]);
    let gone = Gone { records: 5, flows: FlowId(6000), except: vec![FlowId(2)] };
    happen(&mut state, [Event::Turned(FileTurn::Removed(gone))]);
    let flows: Vec<FlowId> = state.tab().log.flows().map(|flow| flow.id).collect();
    assert_eq!(flows, [FlowId(2)]);
    assert_eq!(state.tab().notes.keys().collect::<Vec<_>>(), [&7]);
    let into = std::path::PathBuf::from("next.pcapng");
    happen(&mut state, [Event::Turned(FileTurn::Into(into.clone()))]);
    assert_eq!(state.tab().capture, Some(into));
}
