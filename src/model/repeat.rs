//! What is sent again and again: the order, and how well it keeps its time. Knows no clock.

use std::sync::Arc;
use std::time::Duration;

use super::{SendPart, Target};

/// Names a repeat for the time of one opening. Whoever orders it picks the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepeatId(pub u32);

/// An order to send the same again and again. The first beat is at once, the nth `every` × n after it,
/// however long the others took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Its name. One of the same name that still runs is ended by this order.
    pub id: RepeatId,
    /// To whom. Peers that have left are passed over; with [`Target::All`] on a TCP session, those
    /// that come later are sent to as well.
    pub to: Target,
    /// What is sent at each beat, in order.
    pub what: Arc<[SendPart]>,
    /// The time from beat to beat; less than [`Repeat::LEAST`] counts as that.
    pub every: Duration,
    /// It ends after so many beats were sent; `None` for no end but the session's.
    pub count: Option<u64>,
}

impl Repeat {
    /// The shortest time from beat to beat.
    pub const LEAST: Duration = Duration::from_micros(100);
}

/// The periods that a repeat achieved lately, measured when it hands a beat over to be sent. Only
/// periods between two beats that follow each other count, without a skipped one between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many periods were measured: the last 1000, or fewer if there were no more.
    pub periods: u32,
    /// Their mean.
    pub mean: Duration,
    /// Of 100 periods, 99 missed the ordered one by this or less.
    pub p99: Duration,
    /// The one that missed it most, missed it by this.
    pub worst: Duration,
}

/// How far a repeat has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Beats that went to somebody.
    pub sent: u64,
    /// Beats that did not go to everybody they were meant for: nobody was there, a peer reads too
    /// slowly, or their time had passed before they could go.
    pub skipped: u64,
    /// How well it keeps its time; `None` before a period was measured.
    pub pace: Option<Pace>,
}
