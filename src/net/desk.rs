//! What every kind of session needs at hand: the poll's registry, the log, the options, the
//! resolver and a buffer to read into.

use mio::{Registry, Token};

use super::log::Log;
use super::resolve::Resolver;
use crate::model::Options;
use crate::reply::Reply;

/// The worker wakes by this.
pub(super) const WAKER: Token = Token(0);

/// The listener, the UDP socket, or the attempt to connect.
pub(super) const MAIN: Token = Token(1);

/// Connections have the tokens from here on, by the number of their flow.
pub(super) const FIRST_FLOW: usize = 2;

/// One packet of the capture over IPv4 holds as much.
const BUFFER: usize = 65_495;

/// The things at hand.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) registry: Registry,
    pub(super) log: Log,
    pub(super) options: Options,
    pub(super) reply: Reply,
    pub(super) resolver: Resolver,
    pub(super) buffer: Box<[u8]>,
}

impl Desk {
    pub(super) fn new(
        registry: Registry,
        log: Log,
        options: Options,
        reply: Reply,
        resolver: Resolver,
    ) -> Self {
        Self { registry, log, options, reply, resolver, buffer: vec![0; BUFFER].into_boxed_slice() }
    }
}
