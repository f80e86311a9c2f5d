//! Orders to a worker.

use std::sync::Arc;

use super::{
    Endpoint, FileId, FileOrder, FileToSend, FlowId, Group, Repeat, RepeatId, Rules, Sequence, SequenceId,
};
use crate::codec::frame::Framing;
use crate::codec::template::Template;

/// To whom an order applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every peer of a TCP session; the default remote of a UDP session.
    All,
    /// These peers. Those that have left in the meantime are passed over with a trouble.
    Flows(Vec<FlowId>),
    /// This address (UDP only).
    Endpoint(Endpoint),
}

/// A piece of what is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendPart {
    /// These bytes. On UDP: one datagram.
    Bytes(Arc<[u8]>),
    /// What this makes of the moment at which it is sent, for each peer anew. On UDP: one datagram.
    Template(Arc<Template>),
    /// A file, read as it is needed.
    File(Arc<FileToSend>),
}

/// An order to a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send, after whatever is already waiting for the same peer.
    Send {
        /// To whom.
        to: Target,
        /// What.
        what: SendPart,
    },
    /// Send the same again and again, until its count is reached or it is stopped, at the latest when the
    /// session closes.
    Repeat(Repeat),
    /// Stop a repeat. What it has handed over to be sent still goes.
    StopRepeat(RepeatId),
    /// Send a file, after whatever is already waiting for the same peer, and tell how far it has come.
    SendFile(FileOrder),
    /// Let a file wait between two of its pieces.
    PauseFile(FileId),
    /// Let a file that was paused go on.
    ResumeFile(FileId),
    /// Send no more of a file. A line that has begun is sent to its end.
    StopFile(FileId),
    /// Send rows one after the other, until all are sent, an answer lacks or it is stopped, at the latest when
    /// the session closes.
    Sequence(Sequence),
    /// Stop a sequence. What it has handed over to be sent still goes.
    StopSequence(SequenceId),
    /// Close the sending side once all that waits is sent; receiving goes on (TCP).
    HalfClose(Target),
    /// Close the connection once all that waits is sent (TCP); forget the peer (UDP).
    Disconnect(Target),
    /// Break the connection off with RST; what waits is dropped (TCP).
    Reset(Target),
    /// Accept no more; connections stay (TCP server).
    StopListening,
    /// Join a multicast group (UDP).
    Join(Group),
    /// Leave a multicast group (UDP).
    Leave(Group),
    /// Answer by these rules from now on. What earlier ones have put off is still done.
    SetRules(Arc<Rules>),
    /// Cut what comes into messages by this from now on, for rules and whoever else waits for a message.
    /// A message of which a part was there already is none.
    SetFraming(Framing),
    /// Record data again after a rule has stopped that.
    ResumeRecording,
    /// Write a comment into the capture.
    Note(String),
    /// Write a note on a record into the capture, by the record's number from 0; an empty one takes the
    /// record's note away.
    Annotate(u64, String),
    /// Stop connecting, or send what waits for at most the given time, then close everything in order.
    Close {
        /// How long to go on sending what waits.
        linger: std::time::Duration,
    },
}
