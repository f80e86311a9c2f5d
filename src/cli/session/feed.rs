//! Standard input on its way to the peers: when it is wanted, and for whom it is waited for. Knows no
//! session.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, never};

use crate::model::FlowId;

/// Standard input is not taken while so many bytes wait to be sent.
const QUEUE: u64 = 4 * 1024 * 1024;

/// When a peer has closed its sending side, it is given up after so long without a byte of standard
/// input. (`socat` waits as long: input that nobody ends must not keep the connection.)
const PAUSE: Duration = Duration::from_millis(500);

/// What the thread that reads standard input gives: pieces, perhaps an error, then it is closed.
pub(super) type Pieces = Receiver<io::Result<Vec<u8>>>;

/// Standard input, as far as the session is concerned.
#[derive(Debug)]
pub(super) struct StdinFeed {
    /// `None` once it has ended, or if it is a terminal.
    pieces: Option<Pieces>,
    held: Option<Instant>,
    /// Bytes of it handed over since the last word of the session.
    unconfirmed: u64,
    /// Who has closed its sending side and is fed on, and since when; the first one first.
    finished: VecDeque<(Instant, FlowId)>,
}

impl StdinFeed {
    pub(super) fn new(pieces: Option<Pieces>) -> Self {
        Self { pieces, held: None, unconfirmed: 0, finished: VecDeque::new() }
    }

    /// Where the next piece comes from, if it is `wanted` while `queued` bytes wait to be sent.
    pub(super) fn pieces(&self, wanted: bool, queued: u64) -> Pieces {
        let wanted = wanted && queued.saturating_add(self.unconfirmed) < QUEUE;
        self.pieces.clone().filter(|_| wanted).unwrap_or_else(never)
    }

    pub(super) fn took(&mut self, len: usize) {
        self.held = Some(Instant::now());
        self.unconfirmed = self.unconfirmed.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
    }

    /// The session has spoken since: what it says is queued counts.
    pub(super) fn confirmed(&mut self) {
        self.unconfirmed = 0;
    }

    pub(super) fn held_something(&self) -> bool {
        self.held.is_some()
    }

    /// It has ended. Tells who was only fed on.
    pub(super) fn end(&mut self) -> Vec<FlowId> {
        self.pieces = None;
        self.finished.drain(..).map(|(_since, flow)| flow).collect()
    }

    /// A peer has closed its sending side. True if it is fed on.
    pub(super) fn feed_on(&mut self, flow: FlowId) -> bool {
        let open = self.pieces.is_some();
        if open {
            self.finished.push_back((Instant::now(), flow));
        }
        open
    }

    /// When the next one is to be given up, as long as nothing waits to be sent.
    pub(super) fn patience(&self, queued: u64) -> Option<Instant> {
        let (since, _flow) = *self.finished.front()?;
        if queued > 0 || self.unconfirmed > 0 {
            return None;
        }
        self.held.map_or(since, |held| held.max(since)).checked_add(PAUSE)
    }

    /// Who is to be given up now.
    pub(super) fn give_up(&mut self, queued: u64) -> Option<FlowId> {
        self.patience(queued).filter(|deadline| *deadline <= Instant::now())?;
        self.finished.pop_front().map(|(_since, flow)| flow)
    }
}
