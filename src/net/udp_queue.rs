//! The bounded send queue of a UDP session; some payloads wait for a host lookup.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::disk::Disk;
use super::file_sending::{FileSending, FileState};
use super::file_source::PieceSize;
use super::files::Share;
use super::outgoing::{BACK_PRESSURE, ENTRY, MAX_QUEUED};
use super::placeholders::Filled;
use super::queue_size::{QueueSize, subtract};
use super::resolve::{Resolved, Resolver};
use super::udp_deferred::Deferred;
use super::udp_item::{Item, Payload};
use crate::model::{Cause, Doing, Endpoint, FileCut, FileToSend, FlowId, MAX_UDP_V4, MAX_UDP_V6, NetError};

/// How long the result of a lookup is used.
const CACHE_TIME: Duration = Duration::from_mins(1);

/// A host name that is being looked up, or is known.
#[derive(Debug)]
enum Lookup {
    Pending(Vec<Payload>),
    Known { address: SocketAddr, since: Instant },
}

#[derive(Debug)]
pub(super) struct Queue {
    /// The IP version, if it has only one.
    ipv4: Option<bool>,
    disk: Disk,
    items: VecDeque<Item>,
    /// Why what is queued next is sent.
    pub(super) why: Option<Arc<str>>,
    waiting: Deferred,
    lookups: HashMap<Endpoint, Lookup>,
    weight: u64,
    pub(super) size: QueueSize,
}

impl Queue {
    /// For sockets of that IP version, or of both.
    pub(super) fn new(ipv4: Option<bool>, disk: Disk) -> Self {
        Self {
            why: None,
            ipv4,
            disk,
            items: VecDeque::new(),
            waiting: Deferred::default(),
            lookups: HashMap::new(),
            weight: 0,
            size: QueueSize::default(),
        }
    }

    fn max_payload(&self) -> usize {
        usize::from(if self.ipv4 == Some(false) { MAX_UDP_V6 } else { MAX_UDP_V4 })
    }

    /// Converts `what` to a payload for `to`, unless it is too long for a datagram.
    pub(super) fn payload(
        &self,
        to: impl ToString,
        what: &Filled<'_>,
        share: Option<Share>,
    ) -> Result<Payload, NetError> {
        match what {
            Filled::Bytes(data) => {
                self.check_len(to, data.len())?;
                Ok(Payload::Datagram(Arc::clone(data)))
            }
            Filled::File(file) => {
                if let FileCut::Raw { chunk: Some(chunk) } = &file.cut {
                    self.check_len(to, chunk.get() as usize)?;
                }
                let pieces = PieceSize { usual: FileToSend::DATAGRAM as usize, max: self.max_payload() };
                FileSending::open(&self.disk, file, pieces, share).map(Box::new).map(Payload::File)
            }
            Filled::StartTls => Err(NetError::new(Doing::StartingTls, to, Cause::NotForThisProtocol)),
        }
    }

    fn check_len(&self, to: impl ToString, len: usize) -> Result<(), NetError> {
        let most = self.max_payload();
        if len > most {
            return Err(NetError::new(Doing::Sending, to, Cause::TooLong(len as u64, most as u64)));
        }
        Ok(())
    }

    /// Queues `payload` for an address, if there is room.
    pub(super) fn push(
        &mut self,
        to: SocketAddr,
        (flow, from): (Option<FlowId>, Option<IpAddr>),
        payload: Payload,
    ) -> Result<(), NetError> {
        if !self.suits(to) {
            return Err(Self::wrong_family(to));
        }
        self.count(to, &payload)?;
        self.items.push_back(Item { to, flow, from, why: self.why.clone(), payload });
        Ok(())
    }

    /// Queues `payload` for a host, which is looked up if needed. The order for each host is kept.
    pub(super) fn push_endpoint(
        &mut self,
        resolver: &Resolver,
        to: &Endpoint,
        payload: Payload,
    ) -> Result<(), NetError> {
        if let Some(address) = to.address() {
            return self.push(address, (None, None), payload);
        }
        if let Some(Lookup::Known { address, since }) = self.lookups.get(to)
            && since.elapsed() < CACHE_TIME
        {
            return self.push(*address, (None, None), payload);
        }
        self.count(to, &payload)?;
        if let Some(Lookup::Pending(payloads)) = self.lookups.get_mut(to) {
            payloads.push(payload);
        } else if let Err(error) = resolver.look_up(to.clone()) {
            self.uncount(&payload);
            return Err(error);
        } else {
            self.lookups.insert(to.clone(), Lookup::Pending(vec![payload]));
        }
        Ok(())
    }

    /// Starts to look up a host before anything is sent to it.
    pub(super) fn look_up(&mut self, resolver: &Resolver, host: &Endpoint) -> Result<(), NetError> {
        if host.address().is_none() {
            resolver.look_up(host.clone())?;
            self.lookups.insert(host.clone(), Lookup::Pending(Vec::new()));
        }
        Ok(())
    }

    /// Takes the result of a lookup: payloads for the host are queued for its address, or dropped.
    pub(super) fn resolved(&mut self, resolved: Resolved) -> Result<(), NetError> {
        let Resolved { endpoint, addresses } = resolved;
        let payloads = match self.lookups.remove(&endpoint) {
            Some(Lookup::Pending(payloads)) => payloads,
            Some(Lookup::Known { .. }) | None => Vec::new(),
        };
        let found = addresses.and_then(|addresses| {
            let suits = |address: &&SocketAddr| self.suits(**address);
            match (addresses.iter().find(suits), addresses.first()) {
                (Some(address), _) => Ok(*address),
                (None, Some(other)) => Err(Self::wrong_family(*other)),
                (None, None) => Err(NetError::new(Doing::Resolving, &endpoint.host, Cause::NoAddress)),
            }
        });
        if let Ok(to) = found {
            self.lookups.insert(endpoint, Lookup::Known { address: to, since: Instant::now() });
            self.items.extend(payloads.into_iter().map(|payload| Item {
                to,
                flow: None,
                from: None,
                why: None,
                payload,
            }));
        } else {
            for payload in &payloads {
                self.uncount(payload);
            }
        }
        found.map(drop)
    }

    fn suits(&self, to: SocketAddr) -> bool {
        self.ipv4.is_none_or(|ipv4| ipv4 == to.is_ipv4())
    }

    fn wrong_family(to: SocketAddr) -> NetError {
        NetError::new(Doing::Sending, to, Cause::OtherFamily(!to.is_ipv4()))
    }

    fn count(&mut self, to: impl ToString, payload: &Payload) -> Result<(), NetError> {
        let weight = payload.weight();
        if self.weight > 0 && self.weight + weight > MAX_QUEUED {
            return Err(NetError::new(Doing::Sending, to, Cause::QueueFull(self.size.bytes, MAX_QUEUED)));
        }
        self.weight += weight;
        self.size += payload.size();
        Ok(())
    }

    fn uncount(&mut self, payload: &Payload) {
        subtract(&mut self.weight, payload.weight());
        self.size -= payload.size();
    }

    /// The next item to send, with a datagram of its file ready. Files that have ended are removed, those not
    /// due parked. An error concerns one file; if that cannot be read any further, it is removed.
    pub(super) fn next(&mut self, now: Instant) -> Result<Option<&Item>, NetError> {
        self.waiting.resume_due(now, &mut self.items);
        while let Some(item) = self.items.pop_front() {
            let Some(mut item) = self.waiting.hold_back(item) else { continue };
            let Payload::File(file) = &mut item.payload else {
                self.items.push_front(item);
                break;
            };
            let before = file.source.buffered() as u64;
            let state = file.poll(now, usize::MAX);
            self.size.bytes += file.source.buffered() as u64;
            subtract(&mut self.size.bytes, before);
            match state {
                Ok(FileState::Ready) => {
                    self.items.push_front(item);
                    break;
                }
                Ok(FileState::Warning(error)) => {
                    self.items.push_front(item);
                    return Err(error);
                }
                Ok(FileState::Waiting(at)) => self.waiting.park(item, Some(at)),
                Ok(FileState::Paused) => self.waiting.park(item, None),
                Ok(FileState::Done) => self.ended(&item),
                Err(error) => {
                    self.ended(&item);
                    return Err(error);
                }
            }
        }
        Ok(self.items.front())
    }

    /// Notes that the current datagram is sent or has failed.
    pub(super) fn done(&mut self, now: Instant) {
        let Some(Item { payload: Payload::File(file), .. }) = self.items.front_mut() else {
            return self.pop();
        };
        let n = file.source.ready().len();
        subtract(&mut self.size.bytes, n as u64);
        if file.take(n, now) {
            self.pop();
        }
    }

    /// An item has left the queue.
    fn ended(&mut self, item: &Item) {
        self.uncount(&item.payload);
        if matches!(item.payload, Payload::File(_)) {
            self.waiting.release(item.to, &mut self.items);
        }
    }

    pub(super) fn files_changed(&mut self) {
        self.waiting.take_all(&mut self.items);
        self.remove(|item| matches!(&item.payload, Payload::File(file) if file.is_stopped()));
    }

    pub(super) fn file_due(&self) -> Option<Instant> {
        self.waiting.due()
    }

    fn remove(&mut self, which: impl Fn(&Item) -> bool) {
        let (gone, kept): (VecDeque<Item>, _) = std::mem::take(&mut self.items).into_iter().partition(which);
        self.items = kept;
        for item in &gone {
            self.uncount(&item.payload);
        }
    }

    fn pop(&mut self) {
        if let Some(item) = self.items.pop_front() {
            self.ended(&item);
        }
    }

    /// Drops what is queued for a flow.
    pub(super) fn forget(&mut self, id: FlowId) {
        self.waiting.take_all(&mut self.items);
        self.remove(|item| item.flow == Some(id));
    }

    /// Drops what waits for a lookup; returns an error for each host.
    pub(super) fn clear_lookups(&mut self) -> Vec<NetError> {
        let error = |(host, lookup): (Endpoint, Lookup)| {
            let Lookup::Pending(payloads) = lookup else { return None };
            let cause = Cause::StillResolving(payloads.len() as u64);
            (!payloads.is_empty()).then(|| NetError::new(Doing::Resolving, host.host, cause))
        };
        self.lookups.drain().filter_map(error).collect()
    }

    /// Drops everything; returns how many bytes were queued for each address.
    pub(super) fn clear(&mut self) -> Vec<(SocketAddr, u64)> {
        let mut unsent: Vec<(SocketAddr, u64)> = Vec::new();
        self.waiting.take_all(&mut self.items);
        for item in self.items.drain(..) {
            match unsent.iter_mut().find(|(to, _bytes)| *to == item.to) {
                Some((_to, bytes)) => *bytes += item.payload.unsent(),
                None => unsent.push((item.to, item.payload.unsent())),
            }
        }
        (self.weight, self.size) = (0, QueueSize::default());
        unsent
    }

    /// Whether so much is queued that receiving should stop, and repeats should skip beats.
    pub(super) fn is_behind(&self) -> bool {
        self.weight > BACK_PRESSURE
    }

    /// Whether a datagram of maximum length may find no room.
    pub(super) fn is_full(&self) -> bool {
        self.weight + u64::from(MAX_UDP_V6) + ENTRY > MAX_QUEUED
    }

    pub(super) fn has_next(&self) -> bool {
        !self.items.is_empty()
    }

    /// Whether nothing is queued, not even for a host that is being looked up.
    pub(super) fn is_empty(&self) -> bool {
        self.size.messages == 0
    }
}
