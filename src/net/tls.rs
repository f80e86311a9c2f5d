//! TLS over a connection: what is read from the socket goes in, what is to be written to it comes out.

mod authority;
mod certificate;
mod config;
mod files;
mod hello;
mod keys;
mod verify;

use std::io::{self, BufRead as _, Write as _};
use std::net::SocketAddr;

use rustls::{Connection, HandshakeKind};

pub(super) use self::config::Configs;
pub(super) use self::hello::looks_like;
use self::keys::Secrets;
use self::verify::Findings;
use crate::model::{CertFault, NetError, Origin, TlsFault, TlsMade, TlsNote};

/// How many of the first bytes of a peer are kept, to tell what it speaks.
const FIRST: usize = 512;

/// The most certificates of a chain that are noted.
const MAX_CHAIN: usize = 8;

/// Who speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
}

impl Role {
    /// That of a connection of ours.
    pub(super) fn of(origin: Origin) -> Self {
        match origin {
            Origin::Accepted => Self::Server,
            Origin::Connected | Origin::Datagram => Self::Client,
        }
    }
}

/// TLS on one connection.
pub(super) struct Tls {
    connection: Connection,
    role: Role,
    peer: SocketAddr,
    secrets: Secrets,
    findings: Findings,
    /// What is encrypted and not yet taken to be written.
    wire: Vec<u8>,
    /// The first bytes of the peer, while the handshake lasts.
    first: Vec<u8>,
    is_made: bool,
    /// Our `close_notify` is in the wire.
    is_closing: bool,
    peer_closed: bool,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("role", &self.role)
            .field("is_made", &self.is_made)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// Begins a handshake.
    pub(super) fn start(
        configs: &mut Configs,
        role: Role,
        (local, peer): (SocketAddr, SocketAddr),
    ) -> Result<Self, NetError> {
        let (connection, secrets, findings) = configs.connection(role, (local, peer))?;
        let mut tls = Self {
            connection,
            role,
            peer,
            secrets,
            findings,
            wire: Vec::new(),
            first: Vec::new(),
            is_made: false,
            is_closing: false,
            peer_closed: false,
        };
        // What an earlier handshake has left.
        tls.findings.take();
        tls.pull();
        Ok(tls)
    }

    /// Takes in what was read from the socket, and appends what it contains to `plain`.
    pub(super) fn received(&mut self, mut bytes: &[u8], plain: &mut Vec<u8>) -> Result<(), TlsFault> {
        if !self.is_made && self.first.len() < FIRST {
            self.first.extend_from_slice(&bytes[..bytes.len().min(FIRST - self.first.len())]);
        }
        while !bytes.is_empty() && !self.peer_closed {
            let read = self.connection.read_tls(&mut bytes).map_err(|error| other(&error))?;
            let state = self.connection.process_new_packets();
            let mut reader = self.connection.reader();
            while let Ok(found) = reader.fill_buf() {
                let n = found.len();
                if n == 0 {
                    break;
                }
                plain.extend_from_slice(found);
                reader.consume(n);
            }
            let state = state.map_err(|error| self.fault(&error))?;
            self.peer_closed = state.peer_has_closed();
            if read == 0 {
                break;
            }
        }
        self.pull();
        Ok(())
    }

    /// The secrets that came up, as lines of the NSS key log format.
    pub(super) fn take_secrets(&mut self) -> Option<String> {
        self.secrets.take()
    }

    pub(super) fn is_handshaking(&self) -> bool {
        !self.is_made
    }

    /// The peer sends no more, and has said so.
    pub(super) fn peer_closed(&self) -> bool {
        self.peer_closed
    }

    /// Plain text may be encrypted.
    pub(super) fn is_open(&self) -> bool {
        self.is_made && !self.is_closing
    }

    /// Encrypts some bytes.
    pub(super) fn encrypt(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = self.connection.writer().write(bytes).unwrap_or_default();
            self.pull();
            if taken == 0 {
                break;
            }
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Moves what is encrypted to the end of `out`.
    pub(super) fn take_wire(&mut self, out: &mut Vec<u8>) {
        self.pull();
        if out.is_empty() {
            std::mem::swap(out, &mut self.wire);
        } else {
            out.append(&mut self.wire);
        }
    }

    /// After a fault, nothing more is sent.
    pub(super) fn fail(&mut self) {
        self.is_closing = true;
    }

    /// Says that nothing more is sent.
    pub(super) fn close(&mut self) {
        if !std::mem::replace(&mut self.is_closing, true) {
            self.connection.send_close_notify();
            self.pull();
        }
    }

    /// Moves what TLS has to write to the wire.
    fn pull(&mut self) {
        while self.connection.wants_write() {
            // Writing to memory cannot fail.
            if self.connection.write_tls(&mut self.wire).is_err() {
                break;
            }
        }
    }

    /// The end of the data during the handshake, or a handshake that takes too long.
    pub(super) fn cut_off(&self) -> TlsFault {
        hello::plain(&self.first, self.role).unwrap_or(TlsFault::Closed)
    }

    /// What is to be noted of the handshake, once it is over.
    pub(super) fn take_made(&mut self) -> Vec<TlsNote> {
        if self.is_made || self.connection.is_handshaking() {
            return Vec::new();
        }
        self.is_made = true;
        self.first = Vec::new();
        let resumed = self.connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let made = TlsMade {
            peer: self.peer,
            version: self.connection.protocol_version().map_or_else(String::new, hello::version),
            suite: self
                .connection
                .negotiated_cipher_suite()
                .map_or_else(String::new, |suite| format!("{:?}", suite.suite()).replace("TLS13_", "TLS_")),
            alpn: self.connection.alpn_protocol().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
            name: self.name(),
            resumed,
        };
        let chain = self.connection.peer_certificates().unwrap_or_default();
        // A session that is resumed has none of its own.
        let chain = if resumed { &[] } else { chain.get(..MAX_CHAIN).unwrap_or(chain) };
        let mut notes = vec![TlsNote::Made(made)];
        notes.extend((1..).zip(chain).map(|(place, found)| {
            TlsNote::Certificate(certificate::describe(found, self.peer, place).into())
        }));
        let faults = self.findings.of(resumed);
        if !faults.is_empty() {
            notes.push(TlsNote::Untrusted(self.peer, faults));
        }
        notes
    }

    fn name(&self) -> Option<String> {
        match &self.connection {
            Connection::Client(_) => {
                let name = self.findings.name.clone();
                // An address is not asked for.
                name.filter(|name| name.parse::<std::net::IpAddr>().is_err())
            }
            Connection::Server(server) => server.server_name().map(str::to_owned),
        }
    }

    fn fault(&mut self, error: &rustls::Error) -> TlsFault {
        // The alert.
        self.pull();
        let untrusted: Vec<CertFault> = self.findings.take();
        hello::fault(error, &self.first, self.role, untrusted)
    }
}

fn other(error: &io::Error) -> TlsFault {
    TlsFault::Other(error.to_string())
}
