//! Files to send: how they are split and paced, and their progress.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use crate::codec::append::Step;

/// Identifies a file that is being sent, while the session is open. The caller picks the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A file and how it is sent to each peer. It is opened when its turn comes, and bytes added later are not
/// sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileToSend {
    /// The path. Only a regular file can be sent: others have no end, or block while they are read.
    pub path: PathBuf,
    /// The file of a rule, which a peer has named; `None` for one that the user has chosen.
    pub of_rule: Option<Box<FileName>>,
    /// How the file is split into pieces.
    pub cut: FileCut,
    /// How fast the pieces are sent.
    pub pace: FilePace,
    /// Whether other messages to the same peer may overtake the file.
    pub others: Others,
}

impl FileToSend {
    /// The longest piece of a raw file, in bytes.
    pub const MOST_CHUNK: u32 = 1024 * 1024;
    /// The default length of a datagram in bytes. It fits in one packet on any usual path (1,500 for
    /// Ethernet, less in tunnels).
    pub const DATAGRAM: u32 = 1400;
    /// The longest line in bytes, including its end. A file with a longer one cannot be sent by lines.
    pub const MOST_LINE: u32 = crate::codec::frame::MAX_MESSAGE;

    /// A file sent as it is, as fast as possible, with other messages waiting.
    pub fn raw(path: impl Into<PathBuf>) -> Self {
        let cut = FileCut::Raw { chunk: None };
        Self { path: path.into(), of_rule: None, cut, pace: FilePace::Unlimited, others: Others::Wait }
    }
}

/// A file below a folder. The name has been checked for `..`, a root and a drive; whoever opens the file must
/// check that the folder is approved, and follow no link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName {
    /// The folder.
    pub folder: PathBuf,
    /// The approved folder that it belongs to, if any.
    pub approved: Option<PathBuf>,
    /// The name below it, with `/` between components.
    pub name: String,
}

/// How a file is split into pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileCut {
    /// The file is sent as it is: as one message on a stream, as one datagram per piece on UDP.
    Raw {
        /// The length of a piece in bytes, at most [`FileToSend::MOST_CHUNK`]. `None` for
        /// [`FileToSend::DATAGRAM`] on UDP; on a stream, for as much as can be sent at once, or less at a
        /// slow rate.
        chunk: Option<NonZeroU32>,
    },
    /// Each line is a message. A line ends with LF, CR LF, or a CR without LF; the last one may have no end.
    Lines {
        /// Whether line ends are sent.
        ends: LineEnds,
        /// Whether blank lines are sent.
        blank: BlankLines,
        /// Steps that append to each line.
        append: Vec<Step>,
    },
}

/// Whether the ends of lines are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// They are sent as they are.
    #[default]
    Keep,
    /// They are removed.
    Drop,
}

/// Whether blank lines are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BlankLines {
    /// They are sent as other lines.
    #[default]
    Send,
    /// They are skipped.
    Skip,
}

/// How fast the pieces of a file follow each other. Due times are absolute, so that delays do not add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FilePace {
    /// As fast as the peer accepts them.
    #[default]
    Unlimited,
    /// This long from the start of one piece to the start of the next, or after its end if it took longer.
    Pause(Duration),
    /// This many bytes per second to each peer.
    Rate(NonZeroU64),
}

/// Whether messages queued behind a file may overtake it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Others {
    /// They wait until the file is sent.
    #[default]
    Wait,
    /// They are sent while the file pauses between two pieces. Other files still wait.
    Pass,
}

/// A command to send a file and report its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOrder {
    /// Its ID. A file with the same ID that is still being sent is stopped.
    pub id: FileId,
    /// The receivers.
    pub to: super::Target,
    /// The file.
    pub file: FileToSend,
}

/// The progress of a file, over all its peers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileProgress {
    /// Bytes of the file that are sent or skipped, summed over its peers.
    pub done: u64,
    /// The length of the file times the number of its peers.
    pub total: u64,
    /// Bytes sent, including what was appended to lines.
    pub sent: u64,
    /// Bytes of the file finished per second, over the last seconds.
    pub rate: u64,
    /// The number of peers.
    pub peers: u32,
    /// The number of peers that have received all of it.
    pub served: u32,
}

/// How the sending of a file has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEnd {
    /// All peers have received all of it.
    Sent,
    /// It was stopped.
    Stopped,
    /// Some peer has not received all of it, because the peer left or the file could not be read. A `Trouble`
    /// or the end of the peer's flow says why.
    Failed,
}
