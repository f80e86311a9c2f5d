//! Datagrams that wait to be sent, in order and bounded, some of them for a host name to be looked
//! up. Knows no socket.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::file_sending::{FileSending, Stand};
use super::file_source::Pieces;
use super::files::Share;
use super::outgoing::{BACK_PRESSURE, ENTRY, MAX_QUEUED};
use super::placeholders::Filled;
use super::resolve::{Resolved, Resolver};
use super::udp_deferred::Deferred;
use super::udp_item::{Item, Payload};
use crate::model::{Cause, Doing, Endpoint, FileCut, FileToSend, FlowId, MAX_UDP_V4, MAX_UDP_V6, NetError};

/// How long an address that was looked up is used before it is looked up again.
const FRESH: Duration = Duration::from_mins(1);

/// What is known of a host name.
#[derive(Debug)]
enum Name {
    Asked(Vec<Payload>),
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
        usize::from(if self.ipv4 { MAX_UDP_V4 } else { MAX_UDP_V6 })
    }

    /// What is to be sent to `to`, if datagrams of that length are possible.
    pub(super) fn payload(&self, to: impl ToString, what: &Filled<'_>) -> Result<Payload, NetError> {
        match what {
            Filled::Bytes(data) => {
                self.fits(to, data.len())?;
                Ok(Payload::Datagram(Arc::clone(data)))
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
    ) -> Result<Payload, NetError> {
        if let FileCut::Raw { chunk: Some(chunk) } = &file.cut {
            self.fits(to, usize::try_from(chunk.get()).unwrap_or(usize::MAX))?;
        }
        let usual = usize::try_from(FileToSend::DATAGRAM).unwrap_or(usize::MAX);
        let pieces = Pieces { usual, most: self.most() };
        FileSending::open(file, pieces, share).map(Box::new).map(Payload::File)
    }

    fn fits(&self, to: impl ToString, len: usize) -> Result<(), NetError> {
        let most = self.most();
        if len > most {
            return Err(NetError::new(Doing::Sending, to, Cause::TooLong(len as u64, most as u64)));
        }
        Ok(())
    }

    /// Queues `payload` for an address, if there is room.
    pub(super) fn push(
        &mut self,
        to: SocketAddr,
        flow: Option<FlowId>,
        payload: Payload,
    ) -> Result<(), NetError> {
        if to.is_ipv4() != self.ipv4 {
            return Err(self.wrong_family(to));
        }
        self.count(to, &payload)?;
        self.items.push_back(Item { to, flow, payload });
        Ok(())
    }

    /// Queues `payload` for a host, which is looked up if need be. What is sent to the same host
    /// keeps its order.
    pub(super) fn push_endpoint(
        &mut self,
        resolver: &Resolver,
        to: &Endpoint,
        payload: Payload,
    ) -> Result<(), NetError> {
        if let Some(address) = to.address() {
            return self.push(address, None, payload);
        }
        match self.names.get_mut(to) {
            Some(Name::Known { address, since }) if since.elapsed() < FRESH => {
                let address = *address;
                self.push(address, None, payload)
            }
            Some(Name::Asked(_)) => {
                self.count(to, &payload)?;
                if let Some(Name::Asked(payloads)) = self.names.get_mut(to) {
                    payloads.push(payload);
                }
                Ok(())
            }
            Some(Name::Known { .. }) | None => {
                self.count(to, &payload)?;
                if let Err(error) = resolver.ask(to.clone()) {
                    self.uncount(&payload);
                    return Err(error);
                }
                self.names.insert(to.clone(), Name::Asked(vec![payload]));
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
    pub(super) fn resolved(&mut self, resolved: Resolved) -> Result<SocketAddr, NetError> {
        let Resolved { endpoint, addresses } = resolved;
        let payloads = match self.names.remove(&endpoint) {
            Some(Name::Asked(payloads)) => payloads,
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
                self.items.extend(payloads.into_iter().map(|payload| Item {
                    to: address,
                    flow: None,
                    payload,
                }));
            }
            Err(_) => {
                for payload in &payloads {
                    self.uncount(payload);
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

    fn count(&mut self, to: impl ToString, payload: &Payload) -> Result<(), NetError> {
        let weight = payload.weight();
        if self.weight > 0 && self.weight + weight > MAX_QUEUED {
            return Err(NetError::new(Doing::Sending, to, Cause::QueueFull(self.bytes, MAX_QUEUED)));
        }
        self.weight += weight;
        self.bytes += payload.bytes();
        self.messages += 1;
        Ok(())
    }

    fn uncount(&mut self, payload: &Payload) {
        self.weight = self.weight.saturating_sub(payload.weight());
        self.bytes = self.bytes.saturating_sub(payload.bytes());
        self.messages = self.messages.saturating_sub(1);
    }

    /// What goes next, with the next datagram of a file read. A file that has ended is passed over, as is one
    /// whose time has not come; one that cannot be read on is given up with the error. Other errors are of a
    /// file that goes on.
    pub(super) fn next(&mut self, now: Instant) -> Result<Option<&Item>, NetError> {
        self.waiting.bring_due(now, &mut self.items);
        while let Some(item) = self.items.pop_front() {
            let Some(mut item) = self.waiting.hold(item) else { continue };
            let Payload::File(file) = &mut item.payload else {
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
        let Some(Item { payload: Payload::File(file), .. }) = self.items.front_mut() else {
            return self.pop();
        };
        let n = file.ready().len();
        self.bytes = self.bytes.saturating_sub(n as u64);
        if file.take(n, now) {
            self.pop();
        }
    }

    /// Nothing more of that item goes.
    fn ended(&mut self, item: &Item) {
        self.uncount(&item.payload);
        if matches!(item.payload, Payload::File(_)) {
            self.waiting.release(item.to, &mut self.items);
        }
    }

    /// Some file was stopped, paused, or goes on.
    pub(super) fn files_changed(&mut self) {
        self.waiting.empty(&mut self.items);
        self.remove(|item| matches!(&item.payload, Payload::File(file) if file.is_stopped()));
    }

    /// When a file goes on, if nothing happens before.
    pub(super) fn file_due(&self) -> Option<Instant> {
        self.waiting.due()
    }

    fn remove(&mut self, which: impl Fn(&Item) -> bool) {
        let (gone, kept) = std::mem::take(&mut self.items).into_iter().partition(which);
        self.items = kept;
        let gone: VecDeque<Item> = gone;
        for item in &gone {
            self.uncount(&item.payload);
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
                Some((_to, bytes)) => *bytes += item.payload.unsent(),
                None => unsent.push((item.to, item.payload.unsent())),
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
        self.weight.saturating_add(u64::from(MAX_UDP_V6) + ENTRY) > MAX_QUEUED
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
