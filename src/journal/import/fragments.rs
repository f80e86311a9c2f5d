//! Reassembles fragments of IP packets (RFC 791, RFC 8200) in bounded memory.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::headers::{Fragment, Ip};
use crate::model::Stamp;

/// The most bytes of fragments that may be waiting.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The overhead of a fragment in bytes.
const EACH: usize = 128;
/// The longest IP packet, in bytes.
const LONGEST: usize = 65_535;

/// Addresses, protocol and identification.
pub(super) type Key = (IpAddr, IpAddr, u8, u32);

#[derive(Debug, Default)]
struct Parts {
    /// The sequence number of the fragment that arrived first.
    since: u64,
    at: Stamp,
    pieces: BTreeMap<usize, Vec<u8>>,
    /// How many others were not added, because they are invalid.
    invalid: u64,
    /// The length of the packet, once its last fragment has arrived.
    len: Option<usize>,
}

/// Fragments that make no packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Incomplete {
    pub(super) n: u64,
    /// The time of the first.
    pub(super) at: Stamp,
    pub(super) key: Key,
    /// The begin of the packet, if it was captured.
    pub(super) head: Option<Vec<u8>>,
}

/// Incomplete packets.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: HashMap<Key, Parts>,
    /// The same packets, oldest first.
    order: BTreeMap<u64, Key>,
    next: u64,
    cost: usize,
    /// What was given up, until it is taken.
    pub(super) lost: Vec<Incomplete>,
}

impl Fragments {
    /// Adds a fragment; returns the payload of the packet if it is complete now. Where fragments overlap, the
    /// earlier one wins. `None` also for an invalid fragment.
    pub(super) fn add(&mut self, ip: &Ip<'_>, fragment: Fragment, at: Stamp) -> Option<Vec<u8>> {
        let end = fragment.offset + ip.len;
        let key = (ip.from, ip.to, ip.protocol, fragment.id);
        if ip.payload.len() != ip.len || end > LONGEST || (fragment.more && !ip.len.is_multiple_of(8)) {
            match self.waiting.get_mut(&key) {
                Some(parts) => parts.invalid += 1,
                None => self.lost.push(Incomplete { n: 1, at, key, head: None }),
            }
            return None;
        }
        let next = &mut self.next;
        let order = &mut self.order;
        let parts = self.waiting.entry(key).or_insert_with(|| {
            *next += 1;
            order.insert(*next, key);
            Parts { since: *next, at, ..Parts::default() }
        });
        if !fragment.more {
            parts.len = parts.len.or(Some(end));
        }
        match parts.pieces.entry(fragment.offset) {
            Entry::Vacant(free) => {
                free.insert(ip.payload.to_vec());
                self.cost += ip.payload.len() + EACH;
            }
            Entry::Occupied(mut piece) => {
                let more = ip.payload.get(piece.get().len()..).unwrap_or_default();
                piece.get_mut().extend_from_slice(more);
                self.cost += more.len();
            }
        }
        if let Some(whole) = parts.whole() {
            if let Some(Parts { invalid: n @ 1.., at, .. }) = self.forget(&key) {
                self.lost.push(Incomplete { n, at, key, head: Some(whole.clone()) });
            }
            return Some(whole);
        }
        while self.cost > MOST_BYTES && self.give_up() {}
        None
    }

    /// Gives up the oldest packet; false if there is none.
    pub(super) fn give_up(&mut self) -> bool {
        let Some((_, key)) = self.order.pop_first() else { return false };
        if let Some(mut parts) = self.forget(&key) {
            let n = parts.pieces.len() as u64 + parts.invalid;
            self.lost.push(Incomplete { n, at: parts.at, key, head: parts.pieces.remove(&0) });
        }
        true
    }

    /// Removes a packet.
    fn forget(&mut self, key: &Key) -> Option<Parts> {
        let parts = self.waiting.remove(key)?;
        self.order.remove(&parts.since);
        self.cost -= parts.pieces.values().map(|part| part.len() + EACH).sum::<usize>();
        Some(parts)
    }
}

impl Parts {
    fn whole(&self) -> Option<Vec<u8>> {
        let len = self.len?;
        let mut covered = 0;
        for (&offset, part) in self.pieces.range(..len) {
            if offset > covered {
                return None;
            }
            covered = covered.max(offset + part.len());
        }
        if covered < len {
            return None;
        }
        let mut whole = Vec::with_capacity(len);
        for (&offset, part) in self.pieces.range(..len) {
            // Overlaps what is there.
            let skip = whole.len().saturating_sub(offset);
            whole.extend_from_slice(part.get(skip..).unwrap_or_default());
        }
        whole.truncate(len);
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(
        fragments: &mut Fragments,
        id: u32,
        whole: &[u8],
        range: std::ops::Range<usize>,
    ) -> Option<Vec<u8>> {
        let payload = &whole[range.clone()];
        let address = IpAddr::from([10, 0, 0, 1]);
        let fragment = Fragment { id, offset: range.start, more: range.end < whole.len() };
        let ip = Ip { from: address, to: address, protocol: 17, payload, len: payload.len(), fragment: None };
        fragments.add(&ip, fragment, Stamp(1))
    }

    #[test]
    fn incomplete_packets_are_bounded() {
        let mut fragments = Fragments::default();
        let whole = vec![0; 1480];
        for id in 0..100_000 {
            assert_eq!(add(&mut fragments, id, &whole, 0..1400), None);
        }
        assert!(fragments.cost <= MOST_BYTES && fragments.waiting.len() == fragments.order.len());
        let waiting = fragments.waiting.len();
        assert_eq!(add(&mut fragments, 99_999, &whole, 1400..1480).map(|whole| whole.len()), Some(1480));
        assert_eq!(fragments.lost.len(), 100_000 - waiting);
        while fragments.give_up() {}
        assert_eq!((fragments.lost.len(), fragments.cost), (99_999, 0));
        assert!(fragments.lost.iter().all(|lost| lost.n == 1 && lost.head.as_deref() == whole.get(..1400)));
    }
}
