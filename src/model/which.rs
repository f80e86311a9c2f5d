//! Selects items of a capture by what the index and the headers contain.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::{FlowId, RecordKind, Stamp};

/// Whether items of a kind are selected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Shown {
    /// They are selected.
    #[default]
    Yes,
    /// They are not.
    No,
}

/// A selection: items that meet all of these conditions. The default selects everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// Received data.
    pub received: Shown,
    /// Sent data.
    pub sent: Shown,
    /// Events: connections established and ended, notes.
    pub events: Shown,
    /// Only these flows; `None` for all. Notes without a flow are excluded if this is set.
    pub flows: Option<BTreeSet<FlowId>>,
    /// The length in bytes; ignored for events.
    pub len: RangeInclusive<u64>,
    /// The time; of a message, the time of its last bytes.
    pub time: RangeInclusive<Stamp>,
}

impl Default for Which {
    fn default() -> Self {
        Self {
            received: Shown::Yes,
            sent: Shown::Yes,
            events: Shown::Yes,
            flows: None,
            len: 0..=u64::MAX,
            time: Stamp(0)..=Stamp(u64::MAX),
        }
    }
}

impl Which {
    /// Whether everything is selected.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all times are selected.
    pub fn is_at_any_time(&self) -> bool {
        self.time == Self::default().time
    }

    /// Whether an item of this kind, flow and length is selected, at any time.
    pub fn admits(&self, kind: RecordKind, flow: FlowId, len: u64) -> bool {
        let shown = match kind {
            RecordKind::Received => self.received,
            RecordKind::Sent => self.sent,
            RecordKind::Connected | RecordKind::Refused | RecordKind::Ended(_) | RecordKind::Note => {
                self.events
            }
        };
        shown == Shown::Yes
            && self.flows.as_ref().is_none_or(|flows| flows.contains(&flow))
            && (kind.direction().is_none() || self.len.contains(&len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ending;

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
            (Which { received: Shown::No, ..which() }, [false, true, true, true, true]),
            (Which { sent: Shown::No, ..which() }, [true, false, true, true, true]),
            (Which { events: Shown::No, ..which() }, [true, true, false, false, false]),
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
}
