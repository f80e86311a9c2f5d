//! An entry of the index: the position and kind of one record in the capture file.

use super::{CharsetChange, FlowId};

/// The direction of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the peer.
    Received,
    /// To the peer.
    Sent,
}

impl Direction {
    /// The other direction.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Received => Self::Sent,
            Self::Sent => Self::Received,
        }
    }

    /// What is of the sender and of the receiver, given what is of this side and of the peer; and the other way round.
    pub fn ends<T>(self, own: T, peer: T) -> (T, T) {
        match self {
            Self::Received => (peer, own),
            Self::Sent => (own, peer),
        }
    }
}

/// The kind of address a datagram was sent to (pcapng `epb_flags`, bits 2 to 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Cast {
    /// One host.
    #[default]
    Unicast,
    /// A multicast group.
    Multicast,
    /// All hosts of a network.
    Broadcast,
}

/// How a TCP connection, or one direction of it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The peer closed its sending side (FIN).
    PeerFin,
    /// This side closed its sending side (FIN): a half-close or an orderly close.
    OwnFin,
    /// The peer reset the connection (RST).
    PeerReset,
    /// This side reset the connection (RST).
    OwnReset,
}

impl Ending {
    /// The FIN of whoever sends in this direction.
    pub fn fin(direction: Direction) -> Self {
        match direction {
            Direction::Received => Self::PeerFin,
            Direction::Sent => Self::OwnFin,
        }
    }

    /// The RST of whoever sends in this direction.
    pub fn reset(direction: Direction) -> Self {
        match direction {
            Direction::Received => Self::PeerReset,
            Direction::Sent => Self::OwnReset,
        }
    }

    /// The directions in which no more data follow.
    pub fn directions(self) -> &'static [Direction] {
        match self {
            Self::PeerFin => &[Direction::Received],
            Self::OwnFin => &[Direction::Sent],
            Self::PeerReset | Self::OwnReset => &[Direction::Received, Direction::Sent],
        }
    }
}

/// The kind of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RecordKind {
    /// Received data, as one read returned them.
    Received,
    /// Sent data, as the kernel accepted them.
    Sent,
    /// A connection was established, by either side ([`super::Origin`]).
    Connected,
    /// A connection attempt failed; the comment says why.
    Refused,
    /// A connection, or one direction of it, ended.
    Ended(Ending),
    /// An event without a packet; the comment describes it.
    Note,
    /// A note that the charset of text sent is another from here on.
    Charset(CharsetChange),
    /// A note about WebSocket: the handshake, or a frame without data of the connection.
    WebSocket,
}

impl RecordKind {
    /// The direction of a record with data; `None` for events.
    pub fn direction(self) -> Option<Direction> {
        match self {
            Self::Received => Some(Direction::Received),
            Self::Sent => Some(Direction::Sent),
            Self::Connected
            | Self::Refused
            | Self::Ended(_)
            | Self::Note
            | Self::Charset(_)
            | Self::WebSocket => None,
        }
    }

    /// Whether it is a note, whose text is its data.
    pub fn is_note(self) -> bool {
        matches!(self, Self::Note | Self::Charset(_) | Self::WebSocket)
    }
}

impl From<Direction> for RecordKind {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Received => Self::Received,
            Direction::Sent => Self::Sent,
        }
    }
}

/// One entry of the index, 16 bytes. The payload, the time and the comment are in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Record {
    /// The offset of the record's first block in the file, in bytes.
    pub offset: u64,
    /// The flow of the record; [`FlowId::NONE`] for a note about the session.
    pub flow: FlowId,
    /// The length of the payload (data) or of the comment (note) in bytes, at most 65,535.
    pub len: u16,
    /// The kind of the record.
    pub kind: RecordKind,
}

const _: () = assert!(size_of::<Record>() == 16, "the index must stay at 16 bytes a record");
