//! Datagrams that wait to be sent, in order and bounded, some of them for a host name to be looked
//! up. Knows no socket.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::file_sending::{FileSending, Stand};
use super::file_source::Pieces;
use super::files::Share;
use super::outgoing::{BACK_PRESSURE, ENTRY, MOST};
use super::placeholders::Filled;
use super::resolve::Resolver;
use super::udp_deferred::Deferred;
use crate::model::{Cause, Doing, Endpoint, FileCut, FileToSend, FlowId, NetError};

/// How long an address that was looked up is used before it is looked up again.
const FRESH: Duration = Duration::from_mins(1);

/// What a file counts besides its bytes.
const FILE: u64 = 64 * 1024;

/// The most a datagram over IPv4 carries: 65,535 less 20 for IP and 8 for UDP.
const MOST_V4: usize = 65_507;

/// The most a datagram over IPv6 carries: 65,535 less 8 for UDP (no jumbograms).
const MOST_V6: usize = 65_527;

/// What is to be sent to one address.
#[derive(Debug)]
pub(super) enum Part {
    /// One datagram.
    Datagram(Arc<[u8]>),
    /// Datagrams with the bytes of a file.
    File(Box<FileSending>),
}

impl Part {
    fn weight(&self) -> u64 {
        match self {
            Self::Datagram(data) => data.len() as u64 + ENTRY,
            Self::File(_) => FILE + ENTRY,
        }
    }

    fn unsent(&self) -> u64 {
        match self {
            Self::Datagram(data) => data.len() as u64,
            Self::File(file) => file.left(),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Datagram(data) => data.len() as u64,
            Self::File(file) => file.waiting() as u64,
        }
    }
}

/// What goes next.
#[derive(Debug)]
pub(super) struct Item {
    /// To which address.
    pub(super) to: SocketAddr,
    /// The flow that was named, if one was.
    pub(super) flow: Option<FlowId>,
    /// What.
    pub(super) part: Part,
}

/// What is known of a host name.
#[derive(Debug)]
enum Name {
    Asked(Vec<Part>),
    Known { address: SocketAddr, since: Instant },
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    ipv4: bool,
    items: VecDeque<Item>,
    waiting: Deferred,
    names: HashMap<Endpoint, Name>,
    weight: u64,
    bytes: u64,
    messages: u64,
}

impl Queue {
    /// For a socket of that family.
    pub(super) fn new(ipv4: bool) -> Self {
        Self {
            ipv4,
            items: VecDeque::new(),
            waiting: Deferred::default(),
            names: HashMap::new(),
            weight: 0,
            bytes: 0,
            messages: 0,
        }
    }

    fn most(&self) -> usize {
        if self.ipv4 { MOST_V4 } else { MOST_V6 }
    }

    /// What is to be sent to `to`, if datagrams of that length are possible.
    pub(super) fn part(&self, to: impl ToString, what: &Filled<'_>) -> Result<Part, NetError> {
        match what {
            Filled::Bytes(data) => {
                self.fits(to, data.len())?;
                Ok(Part::Datagram(Arc::clone(data)))
            }
            Filled::File(file) => self.file(to, file, None),
        }
    }

    /// A file to be sent to `to`.
    pub(super) fn file(
        &self,
        to: impl ToString,
        file: &FileToSend,
        share: Option<Share>,
    ) -> Result<Part, NetError> {
        if let FileCut::Raw { chunk: Some(chunk) } = &file.cut {
            self.fits(to, usize::try_from(chunk.get()).unwrap_or(usize::MAX))?;
        }
        let usual = usize::try_from(FileToSend::DATAGRAM).unwrap_or(usize::MAX);
        let pieces = Pieces { usual, most: self.most() };
        FileSending::open(file, pieces, share).map(Box::new).map(Part::File)
    }

    fn fits(&self, to: impl ToString, len: usize) -> Result<(), NetError> {
        let most = self.most();
        if len > most {
            return Err(NetError::new(Doing::Sending, to, Cause::TooLong(len as u64, most as u64)));
        }
        Ok(())
    }

    /// Queues `part` for an address, if there is room.
    pub(super) fn push(&mut self, to: SocketAddr, flow: Option<FlowId>, part: Part) -> Result<(), NetError> {
        if to.is_ipv4() != self.ipv4 {
            return Err(self.wrong_family(to));
        }
        self.count(to, &part)?;
        self.items.push_back(Item { to, flow, part });
        Ok(())
    }

    /// Queues `part` for a host, which is looked up if need be. What is sent to the same host
    /// keeps its order.
    pub(super) fn push_endpoint(
        &mut self,
        resolver: &Resolver,
        to: &Endpoint,
        part: Part,
    ) -> Result<(), NetError> {
        if let Some(address) = to.address() {
            return self.push(address, None, part);
        }
        match self.names.get_mut(to) {
            Some(Name::Known { address, since }) if since.elapsed() < FRESH => {
                let address = *address;
                self.push(address, None, part)
            }
            Some(Name::Asked(_)) => {
                self.count(to, &part)?;
                if let Some(Name::Asked(parts)) = self.names.get_mut(to) {
                    parts.push(part);
                }
                Ok(())
            }
            Some(Name::Known { .. }) | None => {
                self.count(to, &part)?;
                if let Err(error) = resolver.ask(to.clone()) {
                    self.uncount(&part);
                    return Err(error);
                }
                self.names.insert(to.clone(), Name::Asked(vec![part]));
                Ok(())
            }
        }
    }

    /// Looks a host up before anything is sent to it.
    pub(super) fn look_up(&mut self, resolver: &Resolver, host: &Endpoint) -> Result<(), NetError> {
        if host.address().is_none() {
            resolver.ask(host.clone())?;
            self.names.insert(host.clone(), Name::Asked(Vec::new()));
        }
        Ok(())
    }

    /// A host was looked up: what waited for it can go, or never will.
    pub(super) fn answer(
        &mut self,
        endpoint: Endpoint,
        addresses: Result<Vec<SocketAddr>, NetError>,
    ) -> Result<SocketAddr, NetError> {
        let parts = match self.names.remove(&endpoint) {
            Some(Name::Asked(parts)) => parts,
            Some(Name::Known { .. }) | None => Vec::new(),
        };
        let found = addresses.and_then(|addresses| {
            addresses.iter().copied().find(|address| address.is_ipv4() == self.ipv4).ok_or_else(|| {
                addresses.first().map_or_else(
                    || NetError::new(Doing::Resolving, &endpoint.host, Cause::NoAddress),
                    |address| self.wrong_family(*address),
                )
            })
        });
        match found {
            Ok(address) => {
                self.names.insert(endpoint, Name::Known { address, since: Instant::now() });
                self.items.extend(parts.into_iter().map(|part| Item { to: address, flow: None, part }));
            }
            Err(_) => {
                for part in &parts {
                    self.uncount(part);
                }
            }
        }
        found
    }

    fn wrong_family(&self, to: SocketAddr) -> NetError {
        let (this, other) = if self.ipv4 { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
        let text = format!("the socket is bound to {this}, the address is {other}");
        NetError::new(Doing::Sending, to, std::io::Error::new(std::io::ErrorKind::InvalidInput, text))
    }

    fn count(&mut self, to: impl ToString, part: &Part) -> Result<(), NetError> {
        let weight = part.weight();
        if self.weight > 0 && self.weight + weight > MOST {
            return Err(NetError::new(Doing::Sending, to, Cause::QueueFull(self.bytes, MOST)));
        }
        self.weight += weight;
        self.bytes += part.bytes();
        self.messages += 1;
        Ok(())
    }

    fn uncount(&mut self, part: &Part) {
        self.weight = self.weight.saturating_sub(part.weight());
        self.bytes = self.bytes.saturating_sub(part.bytes());
        self.messages = self.messages.saturating_sub(1);
    }

    /// What goes next, with the next datagram of a file read. A file that has ended is passed over, as is one
    /// whose time has not come; one that cannot be read on is given up with the error. Other errors are of a
    /// file that goes on.
    pub(super) fn next(&mut self, now: Instant) -> Result<Option<&Item>, NetError> {
        self.waiting.bring_due(now, &mut self.items);
        while let Some(item) = self.items.pop_front() {
            let Some(mut item) = self.waiting.hold(item) else { continue };
            let Part::File(file) = &mut item.part else {
                self.items.push_front(item);
                break;
            };
            let before = file.waiting() as u64;
            let stand = file.stand(now, usize::MAX);
            self.bytes = (self.bytes + file.waiting() as u64).saturating_sub(before);
            match stand {
                Ok(Stand::Ready) => {
                    self.items.push_front(item);
                    break;
                }
                Ok(Stand::Told(error)) => {
                    self.items.push_front(item);
                    return Err(error);
                }
                Ok(Stand::At(at)) => self.waiting.park(item, Some(at)),
                Ok(Stand::Paused) => self.waiting.park(item, None),
                Ok(Stand::Over) => self.ended(&item),
                Err(error) => {
                    self.ended(&item);
                    return Err(error);
                }
            }
        }
        Ok(self.items.front())
    }

    /// The datagram that was next is dealt with.
    pub(super) fn done(&mut self, now: Instant) {
        let Some(Item { part: Part::File(file), .. }) = self.items.front_mut() else { return self.pop() };
        let n = file.ready().len();
        self.bytes = self.bytes.saturating_sub(n as u64);
        if file.take(n, now) {
            self.pop();
        }
    }

    /// Nothing more of that item goes.
    fn ended(&mut self, item: &Item) {
        self.uncount(&item.part);
        if matches!(item.part, Part::File(_)) {
            self.waiting.release(item.to, &mut self.items);
        }
    }

    /// Some file was stopped, paused, or goes on.
    pub(super) fn look_at_files(&mut self) {
        self.waiting.empty(&mut self.items);
        self.remove(|item| matches!(&item.part, Part::File(file) if file.is_stopped()));
    }

    /// When a file goes on, if nothing happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.due()
    }

    fn remove(&mut self, which: impl Fn(&Item) -> bool) {
        let (gone, kept) = std::mem::take(&mut self.items).into_iter().partition(which);
        self.items = kept;
        let gone: VecDeque<Item> = gone;
        for item in &gone {
            self.uncount(&item.part);
        }
    }

    fn pop(&mut self) {
        if let Some(item) = self.items.pop_front() {
            self.ended(&item);
        }
    }

    /// Forgets what waits for a flow that was named.
    pub(super) fn forget(&mut self, id: FlowId) {
        self.waiting.empty(&mut self.items);
        self.remove(|item| item.flow == Some(id));
    }

    /// Takes all that waits, and tells how many bytes of it are for which address.
    pub(super) fn clear(&mut self) -> Vec<(SocketAddr, u64)> {
        let mut unsent: Vec<(SocketAddr, u64)> = Vec::new();
        self.waiting.empty(&mut self.items);
        for item in self.items.drain(..) {
            match unsent.iter_mut().find(|(to, _bytes)| *to == item.to) {
                Some((_to, bytes)) => *bytes += item.part.unsent(),
                None => unsent.push((item.to, item.part.unsent())),
            }
        }
        self.names.clear();
        (self.weight, self.bytes, self.messages) = (0, 0, 0);
        unsent
    }

    /// Bytes and messages that wait.
    pub(super) fn queued(&self) -> (u64, u64) {
        (self.bytes, self.messages)
    }

    /// So much waits that no more shall be received that would be answered, and that a repeat skips its
    /// beats.
    pub(super) fn is_behind(&self) -> bool {
        self.weight > BACK_PRESSURE
    }

    /// A datagram of any length may find no room.
    pub(super) fn is_full(&self) -> bool {
        self.weight.saturating_add(MOST_V6 as u64 + ENTRY) > MOST
    }

    /// Something can be sent.
    pub(super) fn has_next(&self) -> bool {
        !self.items.is_empty()
    }

    /// Nothing waits, not even for a name.
    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
    }
}
