//! Selects items of a capture by what the index and the headers contain.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::{Direction, FlowId, RecordKind, Stamp};

/// A selection: items that meet all of these conditions. The default selects everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// Received data.
    pub received: bool,
    /// Sent data.
    pub sent: bool,
    /// Events: connections established and ended, notes.
    pub events: bool,
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
            received: true,
            sent: true,
            events: true,
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
        let is_kind = match kind.direction() {
            Some(Direction::Received) => self.received,
            Some(Direction::Sent) => self.sent,
            None => self.events,
        };
        is_kind
            && self.flows.as_ref().is_none_or(|flows| flows.contains(&flow))
            && (kind.direction().is_none() || self.len.contains(&len))
    }
}
