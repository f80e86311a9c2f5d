//! Delayed answers by their absolute deadlines, bounded per peer and per session.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use super::outgoing::{BACK_PRESSURE, ENTRY};
use super::queue_size::subtract;
use super::time::later;
use crate::model::{FlowId, MAX_WAIT, Options};

/// The most answers that may wait for one peer. Beyond this limit the peer's data are not read.
const MAX_PER_PEER: u64 = 4096;

/// The most answers that may wait in one session.
const MAX_ANSWERS: usize = 65_536;

#[derive(Debug)]
pub(super) struct Delayed<T> {
    /// By deadline and sequence number: answers due at the same time keep their order.
    waiting: BTreeMap<(Instant, u64), Entry<T>>,
    peers: HashMap<FlowId, PeerLoad>,
    /// Bytes that wait, plus [`ENTRY`] per answer.
    pub(super) weight: u64,
    /// The most of them. UDP has no back-pressure, so a peer can always ask for more.
    pub(super) limit: u64,
    /// The next sequence number.
    n: u64,
}

/// What waits for one peer.
#[derive(Debug, Default)]
struct PeerLoad {
    n: u64,
    weight: u64,
    last: Option<Instant>,
}

#[derive(Debug)]
struct Entry<T> {
    from: FlowId,
    weight: u64,
    what: T,
}

/// How an answer is ordered relative to earlier ones for the same peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precedence {
    /// It waits for them, so that sent data keep their order whatever the delays.
    InOrder,
    /// It waits for them, and its delay starts then.
    AfterPrevious,
    /// It does not wait for them.
    Independent,
}

/// The result of [`Delayed::schedule`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scheduled<T> {
    Now(T),
    Later,
    /// The answer was dropped, because too many are waiting.
    Full,
}

impl<T> Default for Delayed<T> {
    fn default() -> Self {
        Self {
            waiting: BTreeMap::new(),
            peers: HashMap::new(),
            weight: 0,
            limit: Options::default().rule_memory,
            n: 0,
        }
    }
}

impl<T> Delayed<T> {
    /// Schedules `what`, an answer to a message that came from `from` at `now`.
    pub(super) fn schedule(
        &mut self,
        (from, now): (FlowId, Instant),
        (after, precedence): (Duration, Precedence),
        bytes: u64,
        what: T,
    ) -> Scheduled<T> {
        let is_ordered = precedence != Precedence::Independent;
        let before = self.peers.get(&from).and_then(|of| of.last).filter(|_| is_ordered);
        if after.is_zero() && before.is_none() {
            return Scheduled::Now(what);
        }
        let weight = bytes + ENTRY;
        if !self.has_room(weight) {
            return Scheduled::Full;
        }
        let previous = before.filter(|_| precedence == Precedence::AfterPrevious);
        let due = later(previous.map_or(now, |previous| previous.max(now)), after.min(MAX_WAIT));
        let due = before.map_or(due, |before| due.max(before));
        let of = self.peers.entry(from).or_default();
        of.n += 1;
        of.weight += weight;
        if is_ordered {
            of.last = Some(due);
        }
        self.waiting.insert((due, self.n), Entry { from, weight, what });
        self.weight += weight;
        self.n = self.n.wrapping_add(1);
        Scheduled::Later
    }

    /// An empty queue accepts any size, since the data are in memory already.
    fn has_room(&self, weight: u64) -> bool {
        let fits = self.waiting.len() < MAX_ANSWERS && self.weight + weight <= self.limit;
        fits || self.waiting.is_empty()
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|((due, _n), _entry)| *due)
    }

    /// The first answer that is due at `now`.
    pub(super) fn next(&mut self, now: Instant) -> Option<T> {
        let first = self.waiting.first_entry().filter(|first| first.key().0 <= now)?;
        let Entry { from, weight, what } = first.remove();
        subtract(&mut self.weight, weight);
        if let Some(of) = self.peers.get_mut(&from) {
            subtract(&mut of.n, 1);
            subtract(&mut of.weight, weight);
            if of.n == 0 {
                self.peers.remove(&from);
            }
        }
        Some(what)
    }

    /// Whether answers for that peer are waiting.
    pub(super) fn waits(&self, from: FlowId) -> bool {
        self.peers.contains_key(&from)
    }

    /// Whether too much waits for that peer to process more of its messages.
    pub(super) fn is_behind(&self, from: FlowId) -> bool {
        self.peers.get(&from).is_some_and(|of| of.n >= MAX_PER_PEER || of.weight > BACK_PRESSURE)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.peers.clear();
        self.weight = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Precedence::{AfterPrevious, InOrder, Independent};
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
    fn answers_to_one_peer_keep_their_order() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        for (from, after, precedence, what, expected) in [
            (A, 0, InOrder, 'a', Scheduled::Now('a')),
            (A, 30, InOrder, 'b', Scheduled::Later),
            (A, 10, InOrder, 'c', Scheduled::Later),
            (A, 0, InOrder, 'd', Scheduled::Later),
            (A, 0, Independent, 'n', Scheduled::Now('n')),
            (A, 5, Independent, 'm', Scheduled::Later),
            (B, 0, InOrder, 'x', Scheduled::Now('x')),
            (B, 20, InOrder, 'y', Scheduled::Later),
        ] {
            let scheduled = delayed.schedule((from, now), (ms(after), precedence), 1, what);
            assert_eq!(scheduled, expected, "{what}");
        }
        assert_eq!(delayed.due(), Some(now + ms(5)));
        assert_eq!(given(&mut delayed, now + ms(4)), "");
        assert_eq!(given(&mut delayed, now + ms(5)), "m");
        assert_eq!(given(&mut delayed, now + ms(29)), "y");
        assert!(delayed.waits(A) && !delayed.waits(B));
        assert_eq!(given(&mut delayed, now + ms(30)), "bcd");
        assert!(!delayed.waits(A) && delayed.due().is_none() && delayed.peers.is_empty());
        assert_eq!(delayed.schedule((A, now), (ms(0), InOrder), 1, 'e'), Scheduled::Now('e'));
    }

    #[test]
    fn a_peer_with_too_many_waiting_answers_is_behind() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        for _answer in 0..MAX_PER_PEER {
            assert!(!delayed.is_behind(A));
            delayed.schedule((A, now), (ms(9), InOrder), 0, ());
        }
        assert!(delayed.is_behind(A) && !delayed.is_behind(B));
        delayed.schedule((B, now), (ms(9), InOrder), BACK_PRESSURE, ());
        assert!(delayed.is_behind(B));
        assert_eq!(delayed.next(now + ms(9)), Some(()));
        assert!(!delayed.is_behind(A), "there is room for one more");
        delayed.clear();
        assert!(!delayed.is_behind(A) && !delayed.waits(B));
    }

    #[test]
    fn waiting_answers_are_bounded_in_number_and_bytes() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        while delayed.schedule((A, now), (ms(9), Independent), 0, ()) == Scheduled::Later {}
        assert_eq!(delayed.len(), MAX_ANSWERS);
        assert_eq!(delayed.schedule((B, now), (ms(0), InOrder), 9, ()), Scheduled::Now(()));
        assert_eq!(delayed.next(now + ms(9)), Some(()));
        assert_eq!(delayed.schedule((B, now), (ms(9), InOrder), 9, ()), Scheduled::Later);
        delayed.clear();
        let most = delayed.limit;
        // Datagrams of full size, each from another peer.
        let len = u64::from(MAX_UDP_V4);
        let mut n = 0;
        while delayed.schedule((FlowId(n), now), (ms(9), InOrder), len, ()) == Scheduled::Later {
            n += 1;
        }
        let bytes = u64::from(n) * (len + ENTRY);
        assert!((most - len - ENTRY..=most).contains(&bytes), "{bytes}");
        while delayed.next(now + ms(9)).is_some() {}
        // An empty queue accepts any size.
        assert_eq!(delayed.schedule((A, now), (ms(9), InOrder), most + 1, ()), Scheduled::Later);
    }

    #[test]
    fn a_delay_after_the_previous_answer_starts_with_it() {
        let mut delayed = Delayed::default();
        let now = Instant::now();
        delayed.schedule((A, now), (ms(30), InOrder), 1, 'a');
        delayed.schedule((A, now), (ms(20), AfterPrevious), 1, 'b');
        delayed.schedule((A, now), (ms(30), InOrder), 1, 'c');
        delayed.schedule((A, now), (ms(20), AfterPrevious), 1, 'd');
        delayed.schedule((B, now), (ms(5), AfterPrevious), 1, 'x');
        for (at, given_then) in [(5, "x"), (30, "a"), (49, ""), (50, "bc"), (69, ""), (70, "d")] {
            assert_eq!(given(&mut delayed, now + ms(at)), given_then, "{at}");
        }
        delayed.schedule((A, now), (Duration::MAX, InOrder), 0, 'z');
        assert_eq!(delayed.due(), Some(now + MAX_WAIT), "the longest delay is a day");
    }
}
