//! Files that wait between two datagrams, and what waits behind them for the same address.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use super::udp_item::{Item, Payload};

type Queue = VecDeque<Item>;

/// Items that must not be sent now.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    /// Files by the time they resume and a sequence number.
    timed: BTreeMap<(Instant, u64), Item>,
    n_timed: u64,
    /// Files that wait until they are resumed.
    paused: Queue,
    /// The addresses for which a file waits, and whether messages may overtake it.
    passable: HashMap<SocketAddr, bool>,
    /// What waits behind those files.
    held: HashMap<SocketAddr, Queue>,
}

impl Deferred {
    /// Parks a file until `at`, or until all files resume.
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

    /// Keeps `item` if it must wait behind a file, otherwise returns it.
    pub(super) fn hold_back(&mut self, item: Item) -> Option<Item> {
        let may_go = match (self.passable.get(&item.to), &item.payload) {
            (None, _) => true,
            (Some(passable), Payload::Datagram(_)) => *passable,
            (Some(_), Payload::File(_)) => false,
        };
        if may_go {
            return Some(item);
        }
        self.held.entry(item.to).or_default().push_back(item);
        None
    }

    /// Moves files that are due to the front of `items`.
    pub(super) fn resume_due(&mut self, now: Instant, items: &mut Queue) {
        while let Some(entry) = self.timed.first_entry()
            && entry.key().0 <= now
        {
            let item = entry.remove();
            self.passable.remove(&item.to);
            items.push_front(item);
        }
    }

    /// Moves all files to the front of `items`, since some have changed.
    pub(super) fn resume_all(&mut self, items: &mut Queue) {
        self.passable.clear();
        let timed = std::mem::take(&mut self.timed).into_values();
        timed.chain(self.paused.drain(..)).for_each(|item| items.push_front(item));
    }

    /// Moves what waits for that address to the front of `items`, after its file has ended.
    pub(super) fn release(&mut self, to: SocketAddr, items: &mut Queue) {
        let held = self.held.remove(&to).unwrap_or_default();
        held.into_iter().rev().for_each(|item| items.push_front(item));
    }

    /// When the next file resumes.
    pub(super) fn due(&self) -> Option<Instant> {
        self.timed.first_key_value().map(|((at, _n), _item)| *at)
    }

    /// Moves everything to the front of `items`, keeping the order for each address.
    pub(super) fn take_all(&mut self, items: &mut Queue) {
        let addresses: Vec<SocketAddr> = self.held.keys().copied().collect();
        for to in addresses {
            self.release(to, items);
        }
        self.resume_all(items);
    }
}
