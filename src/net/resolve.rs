//! Looks up host names on threads of their own, since the system's resolver blocks and cannot be interrupted.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use mio::Waker;

use crate::model::{Cause, Doing, Endpoint, NetError, OsFault, zone};

/// The most results that may wait for the worker; further lookups block on their own threads.
const MAX_RESULTS: usize = 64;

/// The most lookups at once, each of which has a thread: clients of a proxy choose the names.
const MAX_LOOKUPS: usize = 256;

#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) endpoint: Endpoint,
    /// Its addresses in the system's order of preference, at least one.
    pub(super) addresses: Result<Vec<SocketAddr>, NetError>,
}

/// Starts lookups and collects the results.
#[derive(Debug)]
pub(super) struct Resolver {
    waker: Arc<Waker>,
    sender: Sender<Resolved>,
    results: Receiver<Resolved>,
    /// What is being looked up.
    pending: RefCell<HashSet<Endpoint>>,
}

impl Resolver {
    pub(super) fn new(waker: Arc<Waker>) -> Self {
        let (sender, results) = crossbeam_channel::bounded(MAX_RESULTS);
        Self { waker, sender, results, pending: RefCell::default() }
    }

    /// Starts to look up `endpoint`, unless that is under way; the result wakes the worker.
    pub(super) fn look_up(&self, endpoint: Endpoint) -> Result<(), NetError> {
        let host = endpoint.host.clone();
        let failed = |error: io::Error| NetError::new(Doing::Resolving, &host, error);
        let mut pending = self.pending.borrow_mut();
        if pending.contains(&endpoint) {
            return Ok(());
        }
        if pending.len() >= MAX_LOOKUPS {
            return Err(failed(io::ErrorKind::WouldBlock.into()));
        }
        let waker = Arc::clone(&self.waker);
        let sender = self.sender.clone();
        let looked_up = endpoint.clone();
        let task = move || {
            let addresses = look_up(&endpoint);
            // Fails if the session has ended, and then nobody needs the result.
            if sender.send(Resolved { endpoint, addresses }).is_ok() {
                drop(waker.wake());
            }
        };
        std::thread::Builder::new().name("netassist-resolve".to_owned()).spawn(task).map_err(failed)?;
        pending.insert(looked_up);
        Ok(())
    }

    pub(super) fn next(&self) -> Option<Resolved> {
        let resolved = self.results.try_recv().ok()?;
        self.pending.borrow_mut().remove(&resolved.endpoint);
        Some(resolved)
    }
}

fn look_up(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, NetError> {
    let error = |cause| NetError::new(Doing::Resolving, &endpoint.host, cause);
    if let Some(Err(_no_such_zone)) = zone::address(&endpoint.host, endpoint.port) {
        return Err(error(Cause::Os { fault: OsFault::NoSuchDevice, number: None }));
    }
    let found = (ascii(&endpoint.host).as_ref(), endpoint.port).to_socket_addrs();
    let mut seen = HashSet::new();
    let addresses: Vec<SocketAddr> =
        found.map_err(|why| error(why.into()))?.filter(|address| seen.insert(*address)).collect();
    if addresses.is_empty() { Err(error(Cause::NoAddress)) } else { Ok(addresses) }
}

/// The name as the DNS has it: `münchen.example` is `xn--mnchen-3ya.example` (RFC 5890). One that cannot be converted is
/// left to the system.
pub(super) fn ascii(host: &str) -> Cow<'_, str> {
    if host.is_ascii() || host.contains('%') {
        return host.into();
    }
    idna::domain_to_ascii(host).map_or(host.into(), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn international_names_are_converted() {
        for (host, name) in [
            ("münchen.example", "xn--mnchen-3ya.example"),
            ("例子.测试", "xn--fsqu00a.xn--0zwm56d"),
            ("Example_1.org", "Example_1.org"),
            ("fe80::1%以太网", "fe80::1%以太网"),
        ] {
            assert_eq!(ascii(host), name);
        }
    }
}
