//! Answers whose time has not come: a heap of absolute deadlines, bounded for each peer. Knows neither
//! sockets nor the clock, nor what an answer is.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use super::outgoing::{BACK_PRESSURE, ENTRY};
use crate::model::FlowId;

/// Answers to one peer's messages that may wait. With more, the peer is read no further until the first of
/// them are given.
const MOST_OF_ONE: u32 = 4096;

/// Answers that may wait in one session.
pub(super) const MOST: usize = 65_536;

/// The longest that an answer can be put off.
const LONGEST: Duration = Duration::from_hours(24);

/// What waits.
#[derive(Debug)]
pub(super) struct Owed<T> {
    waiting: BinaryHeap<Waiting<T>>,
    of: HashMap<FlowId, Of>,
    /// How many there ever were: what is due at the same time goes in the order in which it came.
    n: u64,
}

/// What waits in answer to one peer.
#[derive(Debug, Default)]
struct Of {
    n: u32,
    weight: u64,
    last: Option<Instant>,
}

#[derive(Debug)]
struct Waiting<T> {
    due: Instant,
    n: u64,
    from: FlowId,
    weight: u64,
    what: T,
}

/// Whether an answer may be given before an earlier one to the same peer's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waits until they are given: what is sent keeps its order, however long each is put off.
    After,
    /// It has nothing to do with them.
    Any,
}

impl<T> Default for Owed<T> {
    fn default() -> Self {
        Self { waiting: BinaryHeap::new(), of: HashMap::new(), n: 0 }
    }
}

impl<T> Owed<T> {
    /// In answer to a message of `from`, which came at `now`, `what` is to be done after a while. Gives it
    /// back if that is at once.
    pub(super) fn owe(
        &mut self,
        (from, now): (FlowId, Instant),
        (after, turn): (Duration, Turn),
        bytes: usize,
        what: T,
    ) -> Option<T> {
        let waiting = self.of.get(&from).filter(|of| of.n > 0);
        let before = match turn {
            Turn::After => waiting.and_then(|of| of.last),
            Turn::Any => None,
        };
        if after.is_zero() && before.is_none() {
            return Some(what);
        }
        let due = now.checked_add(after.min(LONGEST)).unwrap_or(now);
        let due = before.map_or(due, |before| due.max(before));
        let weight = bytes as u64 + ENTRY;
        let of = self.of.entry(from).or_default();
        of.n = of.n.saturating_add(1);
        of.weight = of.weight.saturating_add(weight);
        if turn == Turn::After {
            of.last = Some(due);
        }
        self.waiting.push(Waiting { due, n: self.n, from, weight, what });
        self.n = self.n.wrapping_add(1);
        None
    }

    /// When the first is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.peek().map(|first| first.due)
    }

    /// The first of those that are due at `now`.
    pub(super) fn next(&mut self, now: Instant) -> Option<T> {
        self.due().filter(|due| *due <= now)?;
        let Waiting { from, weight, what, .. } = self.waiting.pop()?;
        if let Some(of) = self.of.get_mut(&from) {
            of.n = of.n.saturating_sub(1);
            of.weight = of.weight.saturating_sub(weight);
            if of.n == 0 {
                self.of.remove(&from);
            }
        }
        Some(what)
    }

    /// Something waits in answer to that peer.
    pub(super) fn waits(&self, from: FlowId) -> bool {
        self.of.contains_key(&from)
    }

    /// So much waits in answer to that peer that it shall not be heard before some of it is given.
    pub(super) fn is_behind(&self, from: FlowId) -> bool {
        self.of.get(&from).is_some_and(|of| of.n >= MOST_OF_ONE || of.weight > BACK_PRESSURE)
    }

    /// No more can wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.of.clear();
    }
}

impl<T> Ord for Waiting<T> {
    /// The heap gives the greatest first, which is what is due first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.n).cmp(&(self.due, self.n))
    }
}

impl<T> PartialOrd for Waiting<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Waiting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Waiting<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    const A: FlowId = FlowId(1);
    const B: FlowId = FlowId(2);

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn given(owed: &mut Owed<char>, now: Instant) -> String {
        std::iter::from_fn(|| owed.next(now)).collect()
    }

    #[test]
    fn what_is_sent_to_a_peer_keeps_its_order() {
        let mut owed = Owed::default();
        let now = Instant::now();
        assert_eq!(owed.owe((A, now), (ms(0), Turn::After), 1, 'a'), Some('a'), "at once");
        assert_eq!(owed.owe((A, now), (ms(30), Turn::After), 1, 'b'), None);
        assert_eq!(owed.owe((A, now), (ms(10), Turn::After), 1, 'c'), None);
        assert_eq!(owed.owe((A, now), (ms(0), Turn::After), 1, 'd'), None);
        assert_eq!(owed.owe((A, now), (ms(0), Turn::Any), 1, 'n'), Some('n'));
        assert_eq!(owed.owe((A, now), (ms(5), Turn::Any), 1, 'm'), None);
        assert_eq!(owed.owe((B, now), (ms(0), Turn::After), 1, 'x'), Some('x'), "another peer");
        assert_eq!(owed.owe((B, now), (ms(20), Turn::After), 1, 'y'), None);
        assert_eq!(owed.due(), Some(now + ms(5)));
        assert_eq!(given(&mut owed, now + ms(4)), "");
        assert_eq!(given(&mut owed, now + ms(5)), "m");
        assert_eq!(given(&mut owed, now + ms(29)), "y");
        assert!(owed.waits(A) && !owed.waits(B));
        assert_eq!(given(&mut owed, now + ms(30)), "bcd");
        assert!(!owed.waits(A) && owed.due().is_none() && owed.of.is_empty());
        assert_eq!(owed.owe((A, now), (ms(0), Turn::After), 1, 'e'), Some('e'));
    }

    #[test]
    fn a_peer_that_asks_too_much_is_behind() {
        let mut owed = Owed::default();
        let now = Instant::now();
        for _answer in 0..MOST_OF_ONE {
            assert!(!owed.is_behind(A));
            owed.owe((A, now), (ms(9), Turn::After), 0, ());
        }
        assert!(owed.is_behind(A) && !owed.is_behind(B) && !owed.is_full());
        let much = usize::try_from(BACK_PRESSURE).unwrap();
        owed.owe((B, now), (ms(9), Turn::After), much, ());
        assert!(owed.is_behind(B));
        assert_eq!(owed.next(now + ms(9)), Some(()));
        assert!(!owed.is_behind(A), "one may be heard");
        for _answer in 0..MOST {
            owed.owe((B, now), (ms(9), Turn::Any), 0, ());
        }
        assert!(owed.is_full());
        owed.clear();
        assert!(!owed.is_full() && !owed.is_behind(A) && !owed.waits(B));
    }

    #[test]
    fn the_longest_delay_is_a_day() {
        let mut owed = Owed::default();
        let now = Instant::now();
        owed.owe((A, now), (Duration::MAX, Turn::After), 0, ());
        assert_eq!(owed.due(), Some(now + LONGEST));
    }
}
