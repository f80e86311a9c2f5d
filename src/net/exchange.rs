//! A connection on which something is agreed on before it is used, with a proxy or a client of one. It is read byte by byte,
//! so that what follows the agreement stays in the socket, and it is not recorded as data but noted.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use super::context::Context;
use super::dialer::NewConnection;
use crate::model::{ProxyMessage, ProxyNote, ProxyWords, SessionNote};

/// How much of what is not understood is shown, in bytes.
const SHOWN: usize = 40;

#[derive(Debug)]
pub(super) struct Exchange {
    made: NewConnection,
    pub(super) deadline: Instant,
    /// The socket may have something to read, or room to write.
    is_ready: bool,
    to_send: Vec<u8>,
    heard: Vec<u8>,
}

impl Exchange {
    pub(super) fn new(made: NewConnection, deadline: Instant) -> Self {
        Self { made, deadline, is_ready: true, to_send: Vec::new(), heard: Vec::new() }
    }

    /// The local address, and that of the peer.
    pub(super) fn ends(&self) -> (SocketAddr, SocketAddr) {
        (self.made.local, self.made.peer)
    }

    pub(super) fn ready(&mut self) {
        self.is_ready = true;
    }

    pub(super) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Sends a message, and notes it with these bytes in its place.
    pub(super) fn say(&mut self, ctx: &mut Context, what: ProxyWords, message: &[u8], noted: &[u8]) {
        self.note(ctx, true, what, noted);
        self.to_send.extend_from_slice(message);
        self.is_ready = true;
    }

    /// Notes a message that was heard.
    pub(super) fn heard(&self, ctx: &mut Context, what: ProxyWords, message: &[u8]) {
        self.note(ctx, false, what, message);
    }

    fn note(&self, ctx: &mut Context, sent: bool, what: ProxyWords, bytes: &[u8]) {
        let message = ProxyMessage { peer: self.made.peer, sent, what, bytes: hex::encode(bytes) };
        ctx.log.note(SessionNote::Proxy(ProxyNote::Said(message)));
    }

    /// The next message once it is whole, which its bytes so far tell.
    pub(super) fn hear(&mut self, is_whole: impl Fn(&[u8]) -> bool) -> io::Result<Option<Vec<u8>>> {
        self.flush()?;
        let mut byte = [0];
        while self.is_ready && self.to_send.is_empty() {
            match self.made.stream.read(&mut byte) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_one) => {
                    self.heard.extend_from_slice(&byte);
                    if is_whole(&self.heard) {
                        return Ok(Some(std::mem::take(&mut self.heard)));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_ready = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Writes what is to be sent, as far as the system takes it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while self.is_ready && !self.to_send.is_empty() {
            match self.made.stream.write(&self.to_send) {
                Ok(n) => drop(self.to_send.drain(..n)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_ready = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether the peer has closed the connection, while nothing is expected of it.
    pub(super) fn is_gone(&mut self) -> bool {
        let found = if self.is_ready { self.made.stream.peek(&mut [0]) } else { return false };
        self.is_ready = false;
        match found {
            Ok(n) => n == 0,
            Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        }
    }

    /// How a message begins that is not understood, with what has come behind it.
    pub(super) fn beginning(&mut self, message: &[u8]) -> String {
        let mut rest = [0; SHOWN];
        let n = self.made.stream.peek(&mut rest).unwrap_or_default();
        shown(&[message, rest.get(..n).unwrap_or_default()].concat())
    }

    /// The connection, from the byte after the last message on.
    pub(super) fn into_connection(self) -> NewConnection {
        self.made
    }
}

/// How bytes begin, for people.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(bytes)).escape_debug().to_string()
}
