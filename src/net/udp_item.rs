//! One entry of a UDP session's send queue.

use std::net::SocketAddr;
use std::sync::Arc;

use super::file_sending::FileSending;
use super::outgoing::{ENTRY, FILE};
use crate::model::FlowId;

/// What to send to one address.
#[derive(Debug)]
pub(super) enum Payload {
    /// One datagram.
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

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Datagram(data) => data.len() as u64,
            Self::File(file) => file.buffered() as u64,
        }
    }
}

/// A queued payload and its destination.
#[derive(Debug)]
pub(super) struct Item {
    /// The destination.
    pub(super) to: SocketAddr,
    /// The flow to send on, if the command named one.
    pub(super) flow: Option<FlowId>,
    /// The data.
    pub(super) payload: Payload,
}
