//! A received datagram, and one entry of a UDP session's send queue.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::file_sending::FileSending;
use super::outgoing::{ENTRY, FILE};
use super::queue_size::QueueSize;
use crate::model::{FlowId, Stamp};

/// A received datagram without its bytes, and where they are in the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) from: SocketAddr,
    /// The destination, if known.
    pub(super) to: Option<IpAddr>,
    pub(super) broadcast: bool,
    /// When the kernel received it, if known.
    pub(super) at: Option<Stamp>,
    pub(super) start: usize,
    pub(super) len: usize,
}

impl Arrival {
    pub(super) fn new(from: SocketAddr, to: Option<IpAddr>) -> Self {
        Self { from, to, broadcast: false, at: None, start: 0, len: 0 }
    }

    pub(super) fn bytes(self, buffer: &[u8]) -> Option<&[u8]> {
        buffer.get(self.start..self.start + self.len)
    }
}

/// What to send to one address.
#[derive(Debug)]
pub(super) enum Payload {
    Datagram(Arc<[u8]>),
    /// The contents of a file, as several datagrams.
    File(Box<FileSending>),
}

impl Payload {
    /// Its share of the queue's limit.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Datagram(data) => data.len() as u64 + ENTRY,
            Self::File(_) => FILE + ENTRY,
        }
    }

    /// Bytes left to send, including the part of a file that has not been read.
    pub(super) fn unsent(&self) -> u64 {
        match self {
            Self::Datagram(data) => data.len() as u64,
            Self::File(file) => file.unsent(),
        }
    }

    /// One message, and its bytes in memory.
    pub(super) fn size(&self) -> QueueSize {
        let bytes = match self {
            Self::Datagram(data) => data.len(),
            Self::File(file) => file.source.buffered(),
        };
        QueueSize { bytes: bytes as u64, messages: 1, held: 0 }
    }
}

/// A queued payload and its destination.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) to: SocketAddr,
    /// The peer, if the command named one.
    pub(super) flow: Option<FlowId>,
    /// The address to send from, unless the system picks it.
    pub(super) from: Option<IpAddr>,
    pub(super) why: Option<Arc<str>>,
    pub(super) payload: Payload,
}
