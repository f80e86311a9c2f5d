//! Standard input on its way to the peers.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, never};

use crate::model::FlowId;

/// Standard input is not read while this many bytes are queued.
const QUEUE: u64 = 4 * 1024 * 1024;

/// A peer that has closed its sending side is dropped after this time without standard
/// input. (`socat` waits as long: input that nobody ends must not keep the connection.)
const PAUSE: Duration = Duration::from_millis(500);

/// Pieces of standard input, or an error; closed at its end.
pub(super) type Pieces = Receiver<io::Result<Vec<u8>>>;

#[derive(Debug)]
pub(super) struct StdinFeed {
    /// `None` once it has ended, or if it is a terminal.
    pieces: Option<Pieces>,
    held: Option<Instant>,
    /// Bytes sent since the last event of the session.
    unconfirmed: u64,
    /// Peers that have closed their sending side but still get input, and since when.
    finished: VecDeque<(Instant, FlowId)>,
}

impl StdinFeed {
    pub(super) fn new(pieces: Option<Pieces>) -> Self {
        Self { pieces, held: None, unconfirmed: 0, finished: VecDeque::new() }
    }

    /// The next pieces, if they are `wanted` while `queued` bytes wait to be sent.
    pub(super) fn pieces(&self, wanted: bool, queued: u64) -> Pieces {
        let wanted = wanted && queued.saturating_add(self.unconfirmed) < QUEUE;
        self.pieces.clone().filter(|_| wanted).unwrap_or_else(never)
    }

    pub(super) fn took(&mut self, len: usize) {
        self.held = Some(Instant::now());
        self.unconfirmed = self.unconfirmed.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
    }

    /// The session has reported its queue since.
    pub(super) fn confirmed(&mut self) {
        self.unconfirmed = 0;
    }

    pub(super) fn held_something(&self) -> bool {
        self.held.is_some()
    }

    /// Standard input has ended. Returns the peers that got it although they had closed their sending side.
    pub(super) fn end(&mut self) -> Vec<FlowId> {
        self.pieces = None;
        self.finished.drain(..).map(|(_since, flow)| flow).collect()
    }

    /// A peer has closed its sending side. Returns whether it still gets input.
    pub(super) fn feed_on(&mut self, flow: FlowId) -> bool {
        let open = self.pieces.is_some();
        if open {
            self.finished.push_back((Instant::now(), flow));
        }
        open
    }

    /// When to drop the next of these peers, unless something is queued.
    pub(super) fn patience(&self, queued: u64) -> Option<Instant> {
        let (since, _flow) = *self.finished.front()?;
        if queued > 0 || self.unconfirmed > 0 {
            return None;
        }
        self.held.map_or(since, |held| held.max(since)).checked_add(PAUSE)
    }

    /// The peer to drop now.
    pub(super) fn give_up(&mut self, queued: u64) -> Option<FlowId> {
        self.patience(queued).filter(|deadline| *deadline <= Instant::now())?;
        self.finished.pop_front().map(|(_since, flow)| flow)
    }
}
