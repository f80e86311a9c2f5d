//! The entry of the index: where one record stands in the capture file, and what it is.

use super::FlowId;

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the peer to us.
    Received,
    /// From us to the peer.
    Sent,
}

/// How many a datagram was addressed to (pcapng `epb_flags`, bits 2 to 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Cast {
    /// One host.
    #[default]
    Unicast,
    /// A group.
    Multicast,
    /// Every host of a network.
    Broadcast,
}

/// How one direction of a TCP connection, or all of it, came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The peer will send no more (its FIN).
    PeerFin,
    /// We will send no more (our FIN): a half-close or an orderly close.
    OwnFin,
    /// The peer broke the connection off (its RST).
    PeerReset,
    /// We broke the connection off (our RST).
    OwnReset,
}

impl Ending {
    /// The directions in which no more bytes follow.
    pub fn directions(self) -> &'static [Direction] {
        match self {
            Self::PeerFin => &[Direction::Received],
            Self::OwnFin => &[Direction::Sent],
            Self::PeerReset | Self::OwnReset => &[Direction::Received, Direction::Sent],
        }
    }
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RecordKind {
    /// Bytes from the peer, as one read returned them.
    Received,
    /// Bytes to the peer, as the kernel accepted them.
    Sent,
    /// A connection was made, by us or by the peer ([`super::Origin`]).
    Connected,
    /// A connection that we tried was not made; the comment says why.
    Refused,
    /// A connection, or one direction of it, ended.
    Ended(Ending),
    /// Something that is no packet; the comment says what.
    Note,
}

impl RecordKind {
    /// The direction of a record that holds bytes; `None` for events.
    pub fn direction(self) -> Option<Direction> {
        match self {
            Self::Received => Some(Direction::Received),
            Self::Sent => Some(Direction::Sent),
            Self::Connected | Self::Refused | Self::Ended(_) | Self::Note => None,
        }
    }
}

/// One entry of the index, 16 bytes. The payload, the time and the comment are in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Record {
    /// Where the record's first block begins in the file, in bytes.
    pub offset: u64,
    /// The conversation it belongs to. Of no meaning for [`RecordKind::Note`] (then 0).
    pub flow: FlowId,
    /// Length in bytes of the payload (data), or of the comment (note), cut at 65,535.
    pub len: u16,
    /// What it is.
    pub kind: RecordKind,
}

const _: () = assert!(size_of::<Record>() == 16, "the index must stay at 16 bytes a record");
