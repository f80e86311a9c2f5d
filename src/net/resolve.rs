//! Host names become addresses on a thread of their own, because the system's resolver blocks and
//! cannot be interrupted. Such a thread is never waited for. Knows no socket of the session.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use mio::Waker;

use crate::model::{Cause, Doing, Endpoint, NetError};

/// Answers that may wait for the worker; a helper thread waits for room.
const ANSWERS: usize = 64;

/// What became of a name.
#[derive(Debug)]
pub(super) struct Resolved {
    /// The host and port asked for.
    pub(super) endpoint: Endpoint,
    /// Its addresses in the system's order of preference, at least one.
    pub(super) addresses: Result<Vec<SocketAddr>, NetError>,
}

/// Asks, and collects the answers.
#[derive(Debug)]
pub(super) struct Resolver {
    waker: Arc<Waker>,
    sender: Sender<Resolved>,
    answers: Receiver<Resolved>,
}

impl Resolver {
    pub(super) fn new(waker: Arc<Waker>) -> Self {
        let (sender, answers) = crossbeam_channel::bounded(ANSWERS);
        Self { waker, sender, answers }
    }

    /// Looks `endpoint` up; the answer wakes the worker.
    pub(super) fn ask(&self, endpoint: Endpoint) -> Result<(), NetError> {
        let waker = Arc::clone(&self.waker);
        let sender = self.sender.clone();
        let host = endpoint.host.clone();
        let look_up = move || {
            let addresses = look_up(&endpoint);
            // Without a receiver the session has ended, and nobody wants the answer.
            if sender.send(Resolved { endpoint, addresses }).is_ok() {
                drop(waker.wake());
            }
        };
        std::thread::Builder::new()
            .name("netassist-resolve".to_owned())
            .spawn(look_up)
            .map(drop)
            .map_err(|error| NetError::new(Doing::Resolving, host, error))
    }

    /// An answer, if one has come.
    pub(super) fn answer(&self) -> Option<Resolved> {
        self.answers.try_recv().ok()
    }
}

fn look_up(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, NetError> {
    let found: io::Result<Vec<SocketAddr>> =
        (endpoint.host.as_str(), endpoint.port).to_socket_addrs().map(Iterator::collect);
    match found {
        Ok(mut addresses) => {
            let mut seen = std::collections::HashSet::new();
            addresses.retain(|address| seen.insert(*address));
            if addresses.is_empty() {
                Err(NetError::new(Doing::Resolving, &endpoint.host, Cause::NoAddress))
            } else {
                Ok(addresses)
            }
        }
        Err(error) => Err(NetError::new(Doing::Resolving, &endpoint.host, error)),
    }
}
