//! Answers whose time has not come: a heap of absolute deadlines, bounded for each peer. Knows neither
//! sockets nor the clock, nor what an answer is.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use super::deadline::later;
use super::outgoing::{BACK_PRESSURE, ENTRY};
use crate::model::{FlowId, MAX_WAIT};

/// Answers to one peer's messages that may wait. With more, the peer is read no further until the first of
/// them are given.
const MAX_PER_PEER: u32 = 4096;

/// Answers that may wait in one session.
const MAX_ANSWERS: usize = 65_536;

/// Bytes that may wait in one session. Over UDP nobody can be kept from asking for more.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What waits.
#[derive(Debug)]
pub(super) struct Delayed<T> {
    waiting: BinaryHeap<Entry<T>>,
    of: HashMap<FlowId, Of>,
    /// Bytes that wait, and what each answer counts besides them.
    weight: u64,
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
struct Entry<T> {
    due: Instant,
    n: u64,
    from: FlowId,
    weight: u64,
    what: T,
}

/// Whether an answer may be given before an earlier one to the same peer's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precedence {
    /// It waits until they are given: what is sent keeps its order, however long each is put off.
    After,
    /// It waits until they are given, and its time begins then.
    Behind,
    /// It has nothing to do with them.
    Any,
}

/// What becomes of something that is owed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owing<T> {
    /// It is to be done at once.
    AtOnce(T),
    /// It waits.
    Later,
    /// It should wait, but no more can.
    TooMuch,
}

impl<T> Default for Delayed<T> {
    fn default() -> Self {
        Self { waiting: BinaryHeap::new(), of: HashMap::new(), weight: 0, n: 0 }
    }
}

impl<T> Delayed<T> {
    /// In answer to a message of `from`, which came at `now`, `what` is to be done after a while.
    pub(super) fn owe(
        &mut self,
        (from, now): (FlowId, Instant),
        (after, turn): (Duration, Precedence),
        bytes: usize,
        what: T,
    ) -> Owing<T> {
        let waiting = self.of.get(&from).filter(|of| of.n > 0);
        let before = match turn {
            Precedence::After | Precedence::Behind => waiting.and_then(|of| of.last),
            Precedence::Any => None,
        };
        if after.is_zero() && before.is_none() {
            return Owing::AtOnce(what);
        }
        let weight = bytes as u64 + ENTRY;
        if !self.has_room(weight) {
            return Owing::TooMuch;
        }
        let begin = match turn {
            Precedence::Behind => before.map_or(now, |before| before.max(now)),
            Precedence::After | Precedence::Any => now,
        };
        let due = later(begin, after.min(MAX_WAIT));
        let due = before.map_or(due, |before| due.max(before));
        let of = self.of.entry(from).or_default();
        of.n = of.n.saturating_add(1);
        of.weight = of.weight.saturating_add(weight);
        match turn {
            Precedence::After | Precedence::Behind => of.last = Some(due),
            Precedence::Any => {}
        }
        self.waiting.push(Entry { due, n: self.n, from, weight, what });
        self.weight = self.weight.saturating_add(weight);
        self.n = self.n.wrapping_add(1);
        Owing::Later
    }

    /// When nothing waits, there is room for anything: it is in memory already.
    fn has_room(&self, weight: u64) -> bool {
        let fits = self.waiting.len() < MAX_ANSWERS && self.weight.saturating_add(weight) <= MAX_BYTES;
        fits || self.waiting.is_empty()
    }

    /// When the first is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.peek().map(|first| first.due)
    }

    /// The first of those that are due at `now`.
    pub(super) fn next(&mut self, now: Instant) -> Option<T> {
        self.due().filter(|due| *due <= now)?;
        let Entry { from, weight, what, .. } = self.waiting.pop()?;
        self.weight = self.weight.saturating_sub(weight);
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
        self.of.get(&from).is_some_and(|of| of.n >= MAX_PER_PEER || of.weight > BACK_PRESSURE)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.of.clear();
        self.weight = 0;
    }
}

impl<T> Ord for Entry<T> {
    /// The heap gives the greatest first, which is what is due first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.n).cmp(&(self.due, self.n))
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Entry<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MAX_UDP_V4;

    const A: FlowId = FlowId(1);
    const B: FlowId = FlowId(2);

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn given(delayed: &mut Delayed<char>, now: Instant) -> String {
        std::iter::from_fn(|| delayed.next(now)).collect()
    }

    #[test]
    fn what_is_sent_to_a_peer_keeps_its_order() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        assert_eq!(delayed.owe((A, now), (ms(0), Precedence::After), 1, 'a'), Owing::AtOnce('a'), "at once");
        assert_eq!(delayed.owe((A, now), (ms(30), Precedence::After), 1, 'b'), Owing::Later);
        assert_eq!(delayed.owe((A, now), (ms(10), Precedence::After), 1, 'c'), Owing::Later);
        assert_eq!(delayed.owe((A, now), (ms(0), Precedence::After), 1, 'd'), Owing::Later);
        assert_eq!(delayed.owe((A, now), (ms(0), Precedence::Any), 1, 'n'), Owing::AtOnce('n'));
        assert_eq!(delayed.owe((A, now), (ms(5), Precedence::Any), 1, 'm'), Owing::Later);
        assert_eq!(
            delayed.owe((B, now), (ms(0), Precedence::After), 1, 'x'),
            Owing::AtOnce('x'),
            "another peer"
        );
        assert_eq!(delayed.owe((B, now), (ms(20), Precedence::After), 1, 'y'), Owing::Later);
        assert_eq!(delayed.due(), Some(now + ms(5)));
        assert_eq!(given(&mut delayed, now + ms(4)), "");
        assert_eq!(given(&mut delayed, now + ms(5)), "m");
        assert_eq!(given(&mut delayed, now + ms(29)), "y");
        assert!(delayed.waits(A) && !delayed.waits(B));
        assert_eq!(given(&mut delayed, now + ms(30)), "bcd");
        assert!(!delayed.waits(A) && delayed.due().is_none() && delayed.of.is_empty());
        assert_eq!(delayed.owe((A, now), (ms(0), Precedence::After), 1, 'e'), Owing::AtOnce('e'));
    }

    #[test]
    fn a_peer_that_asks_too_much_is_behind() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        for _answer in 0..MAX_PER_PEER {
            assert!(!delayed.is_behind(A));
            delayed.owe((A, now), (ms(9), Precedence::After), 0, ());
        }
        assert!(delayed.is_behind(A) && !delayed.is_behind(B));
        let much = usize::try_from(BACK_PRESSURE).unwrap();
        delayed.owe((B, now), (ms(9), Precedence::After), much, ());
        assert!(delayed.is_behind(B));
        assert_eq!(delayed.next(now + ms(9)), Some(()));
        assert!(!delayed.is_behind(A), "one may be heard");
        delayed.clear();
        assert!(!delayed.is_behind(A) && !delayed.waits(B));
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_bytes_and_what_does_not_wait_is_not() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        while delayed.owe((A, now), (ms(9), Precedence::Any), 0, ()) == Owing::Later {}
        assert_eq!(delayed.len(), MAX_ANSWERS);
        assert_eq!(delayed.owe((B, now), (ms(0), Precedence::After), 9, ()), Owing::AtOnce(()));
        assert_eq!(delayed.next(now + ms(9)), Some(()));
        assert_eq!(delayed.owe((B, now), (ms(9), Precedence::After), 9, ()), Owing::Later);
        delayed.clear();
        // As many datagrams as it takes, from any number of peers.
        let len = usize::from(MAX_UDP_V4);
        let mut n = 0;
        while delayed.owe((FlowId(n), now), (ms(9), Precedence::After), len, ()) == Owing::Later {
            n += 1;
        }
        let bytes = u64::from(n) * (len as u64 + ENTRY);
        assert!((MAX_BYTES - len as u64 - ENTRY..=MAX_BYTES).contains(&bytes), "{bytes}");
        while delayed.next(now + ms(9)).is_some() {}
        let huge = usize::try_from(MAX_BYTES).unwrap() + 1;
        assert_eq!(delayed.owe((A, now), (ms(9), Precedence::After), huge, ()), Owing::Later, "it is alone");
    }

    #[test]
    fn what_goes_behind_another_counts_its_time_from_there() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        delayed.owe((A, now), (ms(30), Precedence::After), 1, 'a');
        delayed.owe((A, now), (ms(20), Precedence::Behind), 1, 'b');
        delayed.owe((A, now), (ms(30), Precedence::After), 1, 'c');
        delayed.owe((A, now), (ms(20), Precedence::Behind), 1, 'd');
        delayed.owe((B, now), (ms(5), Precedence::Behind), 1, 'x');
        for (at, given_then) in [(5, "x"), (30, "a"), (49, ""), (50, "bc"), (69, ""), (70, "d")] {
            assert_eq!(given(&mut delayed, now + ms(at)), given_then, "{at}");
        }
    }

    #[test]
    fn the_longest_delay_is_a_day() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        delayed.owe((A, now), (Duration::MAX, Precedence::After), 0, ());
        assert_eq!(delayed.due(), Some(now + MAX_WAIT));
    }
}
