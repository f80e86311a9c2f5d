//! Tests of `model::which`.

use std::collections::BTreeSet;

use netassist::model::*;

const KINDS: [RecordKind; 5] = [
    RecordKind::Received,
    RecordKind::Sent,
    RecordKind::Connected,
    RecordKind::Ended(Ending::PeerFin),
    RecordKind::Note,
];

/// For each kind, whether an item of flow 3 with 10 bytes is selected, and for a note without a flow.
fn admitted(which: &Which) -> [bool; 5] {
    KINDS.map(|kind| {
        let flow = if kind == RecordKind::Note { FlowId::NONE } else { FlowId(3) };
        which.admits(kind, flow, 10)
    })
}

#[test]
fn the_default_is_everything() {
    assert!(Which::default().is_everything() && Which::default().is_at_any_time());
    assert_eq!(admitted(&Which::default()), [true; 5]);
}

#[test]
fn each_condition_applies_to_its_kinds() {
    let which = Which::default;
    for (which, expected) in [
        (Which { received: false, ..which() }, [false, true, true, true, true]),
        (Which { sent: false, ..which() }, [true, false, true, true, true]),
        (Which { events: false, ..which() }, [true, true, false, false, false]),
        (Which { flows: Some([FlowId(3)].into()), ..which() }, [true, true, true, true, false]),
        (Which { flows: Some([FlowId(2)].into()), ..which() }, [false; 5]),
        (Which { flows: Some(BTreeSet::new()), ..which() }, [false; 5]),
        (Which { len: 10..=10, ..which() }, [true; 5]),
        (Which { len: 11..=20, ..which() }, [false, false, true, true, true]),
    ] {
        assert!(!which.is_everything());
        assert_eq!(admitted(&which), expected, "{which:?}");
    }
    let flow_3 = Which { flows: Some([FlowId(3)].into()), ..which() };
    assert!(flow_3.admits(RecordKind::Note, FlowId(3), 10), "a note about the flow");
    assert!(!Which { time: Stamp(1)..=Stamp(2), ..which() }.is_at_any_time());
}
