//! What every kind of session needs at hand: the poll's registry, the log, the options, the
//! resolver, the files that are told of and a buffer to read into.

use std::time::Instant;

use mio::{Registry, Token};

use super::files::Files;
use super::filler::Filler;
use super::log::Log;
use super::resolve::Resolver;
use super::sequences::Sequences;
use crate::model::{FlowId, Options};
use crate::reply::Reply;

/// The worker wakes by this.
pub(super) const WAKER: Token = Token(0);

/// The listener, the UDP socket, or the attempt to connect.
pub(super) const MAIN: Token = Token(1);

/// The timer of repeats and sequences.
pub(super) const PACER: Token = Token(2);

/// Connections have the tokens from here on, by the number of their flow.
pub(super) const FIRST_FLOW: usize = 3;

/// One packet of the capture over IPv4 holds as much.
const BUFFER: usize = 65_495;

/// What the poll has told of a socket and was not used up yet: the poll tells each change once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Readiness {
    /// Reading may give something.
    pub(super) readable: bool,
    /// Writing may be accepted.
    pub(super) writable: bool,
    /// An error waits to be fetched.
    pub(super) failed: bool,
}

impl Readiness {
    pub(super) fn add(&mut self, event: &mio::event::Event) {
        self.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
        self.failed |= event.is_error();
    }
}

/// The things at hand.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) registry: Registry,
    pub(super) log: Log,
    pub(super) options: Options,
    pub(super) reply: Reply,
    pub(super) resolver: Resolver,
    pub(super) filler: Filler,
    pub(super) files: Files,
    pub(super) buffer: Box<[u8]>,
    /// They are told of every message that comes.
    pub(super) sequences: Sequences,
}

impl Desk {
    pub(super) fn new(
        registry: Registry,
        log: Log,
        options: Options,
        reply: Reply,
        resolver: Resolver,
    ) -> Self {
        let (filler, buffer) = (Filler::new(), vec![0; BUFFER].into_boxed_slice());
        let (files, sequences) = (Files::default(), Sequences::default());
        Self { registry, log, options, reply, resolver, filler, files, buffer, sequences }
    }

    /// These bytes came over a TCP connection: the first `n` of the buffer.
    pub(super) fn heard(&mut self, flow: FlowId, n: usize) {
        let Self { log, buffer, sequences, .. } = self;
        tell(sequences, log, flow, buffer.get(..n).unwrap_or_default());
    }

    /// A datagram came.
    pub(super) fn heard_datagram(&mut self, flow: FlowId, datagram: &[u8]) {
        tell(&mut self.sequences, &mut self.log, flow, datagram);
    }
}

/// A message came.
fn tell(sequences: &mut Sequences, log: &mut Log, flow: FlowId, message: &[u8]) {
    if sequences.listens() {
        sequences.heard(flow, message, Instant::now(), &mut |event| log.progress(event));
    }
}
