//! Files that wait between two of their datagrams, and what waits behind them for the same address. Knows no
//! socket; the time is handed in.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use super::udp_item::{Item, Payload};

/// Items behind each other.
type Items = VecDeque<Item>;

/// What does not go now.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    /// Files, by the moment at which they go on and a number that tells them apart.
    timed: BTreeMap<(Instant, u64), Item>,
    n_timed: u64,
    /// Files that go on when they are told to.
    paused: Items,
    /// To which addresses a file waits, and whether messages may pass it.
    passable: HashMap<SocketAddr, bool>,
    /// What waits behind the files.
    held: HashMap<SocketAddr, Items>,
}

impl Deferred {
    /// Takes in a file until `at`, or until all are brought back.
    pub(super) fn park(&mut self, item: Item, at: Option<Instant>) {
        let passable = matches!(&item.payload, Payload::File(file) if file.lets_pass());
        self.passable.insert(item.to, passable);
        match at {
            Some(at) => {
                self.n_timed += 1;
                self.timed.insert((at, self.n_timed), item);
            }
            None => self.paused.push_back(item),
        }
    }

    /// Takes `item` in if it must wait behind a file, else gives it back.
    pub(super) fn hold(&mut self, item: Item) -> Option<Item> {
        let goes = match (self.passable.get(&item.to), &item.payload) {
            (None, _) => true,
            (Some(passable), Payload::Datagram(_)) => *passable,
            (Some(_), Payload::File(_)) => false,
        };
        if goes {
            return Some(item);
        }
        self.held.entry(item.to).or_default().push_back(item);
        None
    }

    /// Puts the files in front of `items` whose time has come.
    pub(super) fn bring_due(&mut self, now: Instant, items: &mut Items) {
        while let Some(entry) = self.timed.first_entry()
            && entry.key().0 <= now
        {
            let item = entry.remove();
            self.passable.remove(&item.to);
            items.push_front(item);
        }
    }

    /// Puts all files in front of `items`: something has become of some.
    pub(super) fn bring_all(&mut self, items: &mut Items) {
        self.passable.clear();
        let timed = std::mem::take(&mut self.timed).into_values();
        timed.chain(self.paused.drain(..)).for_each(|item| items.push_front(item));
    }

    /// No file is before what waits for that address any more: puts it in front of `items`.
    pub(super) fn release(&mut self, to: SocketAddr, items: &mut Items) {
        let held = self.held.remove(&to).unwrap_or_default();
        held.into_iter().rev().for_each(|item| items.push_front(item));
    }

    /// When a file goes on.
    pub(super) fn due(&self) -> Option<Instant> {
        self.timed.first_key_value().map(|((at, _n), _item)| *at)
    }

    /// Puts all that waits in front of `items`, in an order that keeps that of each address.
    pub(super) fn empty(&mut self, items: &mut Items) {
        let addresses: Vec<SocketAddr> = self.held.keys().copied().collect();
        for to in addresses {
            self.release(to, items);
        }
        self.bring_all(items);
    }
}
