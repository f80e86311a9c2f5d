//! Repeats: parts sent at regular intervals, and how well the intervals are kept.

use std::sync::Arc;
use std::time::Duration;

use super::{SendPart, Target};

/// Identifies a repeat while the session is open. The caller picks the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepeatId(pub u32);

/// A command to send the same parts again and again. The first beat is sent at once, the nth at n × `every`
/// after it, regardless of delays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Its ID. A running repeat with the same ID is ended.
    pub id: RepeatId,
    /// The receivers. Peers that have left are skipped; with [`Target::All`] on a TCP session, later peers
    /// are included.
    pub to: Target,
    /// The parts of one beat, in order.
    pub what: Arc<[SendPart]>,
    /// The interval between beats, at least [`Repeat::LEAST`].
    pub every: Duration,
    /// The number of beats to send; `None` for no limit.
    pub count: Option<u64>,
}

impl Repeat {
    /// The shortest interval between beats.
    pub const LEAST: Duration = Duration::from_micros(100);
}

/// The last periods of a repeat, measured when beats are queued. Only periods between two consecutive beats
/// without a skipped one count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The number of periods measured, at most the last 1000.
    pub periods: u32,
    /// The mean period.
    pub mean: Duration,
    /// The deviation that 99 of 100 periods do not exceed.
    pub p99: Duration,
    /// The largest deviation.
    pub worst: Duration,
}

/// The progress of a repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Beats sent to at least one peer.
    pub sent: u64,
    /// Beats not sent to all receivers: there was no peer, a peer read too slowly, or the beat was too late.
    pub skipped: u64,
    /// How well it keeps time; `None` before a period was measured.
    pub pace: Option<Pace>,
}
