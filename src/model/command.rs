//! Commands to a worker.

use std::sync::Arc;
use std::time::Duration;

use super::{
    CharsetChange, Control, Decision, Endpoint, FileId, FileOrder, FileToSend, FlowId, Group, HoldId, Repeat,
    RepeatId, Rules, Sequence, SequenceId,
};
use crate::codec::frame::Framing;
use crate::codec::template::Template;

/// The peers to which a command applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every peer of a TCP session; the default remote of a UDP session.
    All,
    /// These peers. A peer that has left is skipped and reported as [`Event::Trouble`](super::Event::Trouble).
    Flows(Vec<FlowId>),
    /// This address (UDP only).
    Endpoint(Endpoint),
}

/// One part of the data to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendPart {
    /// These bytes; on UDP, one datagram.
    Bytes(Arc<[u8]>),
    /// The same, typed in hex: over WebSocket they are binary, even if they are UTF-8.
    Hex(Arc<[u8]>),
    /// A template, filled in for each peer at the moment of sending; on UDP, one datagram.
    Template(Arc<Template>),
    /// A file, read as it is sent.
    File(Arc<FileToSend>),
    /// Nothing: TLS starts on a plain connection, and what follows is sent by it.
    StartTls,
}

/// A command to a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A command to the sockets of the session.
    Socket(SocketCommand),
    /// Send the same parts again and again until the count is reached, the repeat is stopped or the session
    /// closes.
    Repeat(Repeat),
    /// Stop a repeat. Parts that are already queued are still sent.
    StopRepeat(RepeatId),
    /// Pause a file between two of its pieces.
    PauseFile(FileId),
    /// Resume a paused file.
    ResumeFile(FileId),
    /// Stop sending a file. A line that has been sent in part is completed.
    StopFile(FileId),
    /// Send rows one after the other until all are sent, an answer is missing, the sequence is stopped or the
    /// session closes.
    Sequence(Sequence),
    /// Stop a sequence. Rows that are already queued are still sent.
    StopSequence(SequenceId),
    /// Replace the rules. Answers that earlier rules have delayed are still sent.
    SetRules(Arc<Rules>),
    /// Change the framing that rules and sequences see. A message that has been received in part is dropped.
    SetFraming(Framing),
    /// Resume recording after a rule has stopped it.
    ResumeRecording,
    /// Note in the capture that text sent is in another charset from here on.
    SentCharset(CharsetChange),
    /// Write a comment into the capture.
    Note(String),
    /// Attach a note to a record, given by its number from 0; an empty text removes the note.
    Annotate(u64, String),
    /// Stop connecting, send queued data for at most `linger`, then close all connections.
    Close {
        /// How long queued data may still be sent.
        linger: Duration,
    },
}

/// A command to the sockets of a session. A kind of session that does not support one reports it as
/// [`Event::Trouble`](super::Event::Trouble).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketCommand {
    /// Send after the data already queued for the same peer.
    Send {
        /// The receivers.
        to: Target,
        /// The data.
        what: SendPart,
    },
    /// Send a file after the data already queued for the same peer, and report its progress.
    SendFile(Box<FileOrder>),
    /// Close the sending side once queued data are sent, and keep receiving (TCP).
    HalfClose(Target),
    /// Start TLS on connections that are used without (TCP).
    StartTls(Target),
    /// Send a control frame after the data already queued (WebSocket).
    Control(Target, Control),
    /// Close the connection once queued data are sent (TCP); forget the peer (UDP).
    Disconnect(Target),
    /// Abort the connection with RST and drop queued data (TCP).
    Reset(Target),
    /// Decide on a held message (relay). Nothing happens if it is no longer held.
    Decide(HoldId, Decision),
    /// Stop accepting clients; connections stay open (TCP server).
    StopListening,
    /// Join a multicast group (UDP).
    Join(Group),
    /// Leave a multicast group (UDP).
    Leave(Group),
}

impl From<SocketCommand> for Command {
    fn from(command: SocketCommand) -> Self {
        Self::Socket(command)
    }
}
