//! Files that are sent: how one is cut and paced, and how far it has come. Knows no file system and no clock.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use crate::codec::append::Step;

/// Names a file that is being sent, for the time of one opening. Whoever orders it picks the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A file, and how its bytes go to each peer. What it holds when it begins to go is what is sent: it is opened
/// then, and bytes that it grows by later stay away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToSend {
    /// Which file. Only a regular one can be sent, as no other has an end and is read without waiting.
    pub path: PathBuf,
    /// What its pieces are.
    pub cut: FileCut,
    /// How fast they follow each other.
    pub pace: FilePace,
    /// What becomes of what is ordered for the same peer while the file goes.
    pub others: Others,
}

impl FileToSend {
    /// The longest piece of a raw file, in bytes.
    pub const MOST_CHUNK: u32 = 1024 * 1024;
    /// The bytes of a datagram (UDP) if nothing else is said: less than what any usual path takes in one
    /// piece (1,500 for Ethernet, less for tunnels).
    pub const DATAGRAM: u32 = 1400;
    /// The longest line, in bytes, its end included. A file with a longer one is none of lines.
    pub const MOST_LINE: u32 = crate::codec::frame::MAX_MESSAGE;

    /// The bytes of a file as they are, as fast as they are taken, in turn with all else.
    pub fn raw(path: impl Into<PathBuf>) -> Self {
        let cut = FileCut::Raw { chunk: None };
        Self { path: path.into(), cut, pace: FilePace::Unlimited, others: Others::Wait }
    }
}

/// What the pieces of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileCut {
    /// Its bytes as they are: to a stream all of it is one message, on UDP each piece is a datagram.
    Raw {
        /// Bytes of a piece, [`FileToSend::MOST_CHUNK`] at most. `None` for what suits: on UDP
        /// [`FileToSend::DATAGRAM`], on a stream as many as go at once, or fewer for a slow rate.
        chunk: Option<NonZeroU32>,
    },
    /// Each line is a message. A line ends with LF, CR LF, or a CR that no LF follows; the last one may have
    /// no end.
    Lines {
        /// What becomes of the ends.
        ends: LineEnds,
        /// What becomes of lines with nothing in them.
        blank: BlankLines,
        /// What is added to each line.
        append: Vec<Step>,
    },
}

/// What becomes of the ends of lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// They are sent as they are.
    #[default]
    Keep,
    /// They are not sent.
    Drop,
}

/// What becomes of lines that hold nothing but their end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BlankLines {
    /// They are messages as all others.
    #[default]
    Send,
    /// They are passed over.
    Skip,
}

/// How fast the pieces of a file follow each other. Their moments are absolute: what one came late, the next
/// does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FilePace {
    /// As fast as the peer takes them.
    #[default]
    Unlimited,
    /// So long from the beginning of a piece to that of the next; at least so long after one that took longer.
    Pause(Duration),
    /// So many bytes a second, to each peer.
    Rate(NonZeroU64),
}

/// What becomes of what is ordered for the same peer behind a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Others {
    /// It waits until all of the file is sent.
    #[default]
    Wait,
    /// Messages go while the file pauses, between two of its pieces. Another file waits in any case.
    Pass,
}

/// An order to send a file, of which is told how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOrder {
    /// Its name. One of the same name that still goes is stopped by this order.
    pub id: FileId,
    /// To whom.
    pub to: super::Target,
    /// What.
    pub file: FileToSend,
}

/// How far a file has come, over all its peers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileProgress {
    /// Bytes of the file that are dealt with, added up over its peers.
    pub done: u64,
    /// Bytes of the file times the number of its peers.
    pub total: u64,
    /// Bytes that were sent, with all that was appended to lines.
    pub sent: u64,
    /// Bytes of the file dealt with in a second, over the last seconds.
    pub rate: u64,
    /// To how many peers it was to go.
    pub peers: u32,
    /// How many of them got all of it.
    pub served: u32,
}

/// How the sending of a file has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEnd {
    /// All of it was sent to everybody.
    Sent,
    /// It was stopped.
    Stopped,
    /// Somebody got not all of it: the peer left, or the file could not be read on. A trouble, or the end of
    /// the peer, tells why.
    Failed,
}
