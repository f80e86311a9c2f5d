//! Words and times of the formats for programs.

use std::fmt;

use super::entry::Entry;
use crate::model::{Direction, Ending, Origin, RecordKind, Stamp};

/// A time in UTC to the nanosecond, in the format of ISO 8601 and RFC 3339.
#[derive(Debug, Clone, Copy)]
pub(super) struct IsoTime(pub(super) Stamp);

impl fmt::Display for IsoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9}", self.0.timestamp())
    }
}

/// The word for a direction.
pub(super) fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Received => "in",
        Direction::Sent => "out",
    }
}

/// The word for the kind of an entry; over WebSocket that of its opcode.
pub(super) fn event(entry: &Entry<'_>) -> &'static str {
    if let Some(opcode) = entry.opcode {
        return opcode.name();
    }
    match entry.kind {
        RecordKind::Received | RecordKind::Sent => "data",
        RecordKind::Connected => match entry.flow.map(|flow| flow.origin) {
            Some(Origin::Accepted) => "accepted",
            Some(Origin::Connected | Origin::Datagram) | None => "connected",
        },
        RecordKind::Refused => "refused",
        RecordKind::Ended(Ending::PeerFin) => "peer-fin",
        RecordKind::Ended(Ending::OwnFin) => "own-fin",
        RecordKind::Ended(Ending::PeerReset) => "peer-reset",
        RecordKind::Ended(Ending::OwnReset) => "own-reset",
        RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_nine_digits_and_a_z() {
        for (stamp, text) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_562_853_585_162_345_678, "2019-07-11T13:59:45.162345678Z"),
            (u64::MAX, "2554-07-21T23:34:33.709551615Z"),
        ] {
            assert_eq!(IsoTime(Stamp(stamp)).to_string(), text);
        }
    }
}
