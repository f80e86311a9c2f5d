//! Events from a worker.
//!
//! They arrive in the order `(Recorded | Trouble)* (Opened (Joined | Recorded | Trouble | Left |
//! StoppedListening)*)? Closed`; [`Event::Closed`] comes exactly once and last. Events of repeats, sequences,
//! files, rules and a paused capture may come at any point before it. After `CallingAgain` the order starts over. Before
//! `Opened` come the failed attempts of a TCP client. A session with short connections sends `Ready` instead
//! of `Opened`. A flow's `Joined` precedes its records, and its `Left` follows them.

use std::time::Duration;

use super::{
    Endpoint, FileEnd, FileId, FileProgress, FileTurn, Flow, FlowId, Held, HoldEnd, HoldId, Local, NetError,
    Progress, Record, RepeatId, SequenceEnd, SequenceId, SequencePlace, ShortTally,
};

/// The buffer sizes that the kernel has set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Granted {
    /// The size of the send buffer in bytes.
    pub send_buffer: usize,
    /// The size of the receive buffer in bytes.
    pub receive_buffer: usize,
}

/// Totals since the session was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes received.
    pub received_bytes: u64,
    /// Bytes sent, that is, accepted by the kernel.
    pub sent_bytes: u64,
    /// Reads (TCP) or datagrams (UDP) received.
    pub received_messages: u64,
    /// Messages sent completely.
    pub sent_messages: u64,
    /// Connections established (TCP), or peers seen (UDP).
    pub connections: u64,
    /// Bytes queued to be sent, over all peers; of files only what is in memory.
    pub queued_bytes: u64,
    /// Messages and files queued or being sent, over all peers.
    pub queued_messages: u64,
    /// Datagrams that the kernel dropped because the receive buffer was full, if it counts them.
    pub kernel_dropped: Option<u64>,
    /// Unfinished messages that were not passed to rules, since the session took too much memory.
    pub given_up: u64,
}

/// New entries of the index and the totals after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The entries, in the order of the file.
    pub records: Vec<Record>,
    /// The totals after them.
    pub totals: Totals,
}

/// An event from a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The socket is listening (TCP server), bound (UDP) or connected (TCP client).
    Opened {
        /// The local address, with the port that the system picked.
        local: Local,
        /// The buffer sizes that the kernel has set.
        granted: Granted,
    },
    /// The session is ready to connect for each message (TCP client with short connections).
    Ready,
    /// A peer has appeared: connected, accepted, or seen first in a datagram sent or received.
    Joined(Flow),
    /// These two flows are the legs of a relay: that of a client, and the one to the upstream server made for it. Comes
    /// after `Joined` of both. With the target that the client has named, if the relay is a proxy.
    Paired(FlowId, FlowId, Option<Endpoint>),
    /// Records were written to the capture, or totals have changed.
    Recorded(Batch),
    /// An error after which the session goes on.
    Trouble(NetError),
    /// The capture cannot be written, because of this error; the number of bytes that wait. Until
    /// `CaptureResumed` nothing is sent or received. Comes again when more bytes wait.
    CapturePaused(NetError, u64),
    /// The capture can be written again after this many milliseconds, and the session goes on.
    CaptureResumed(u64),
    /// The files of the capture have changed. What was removed was reported before.
    Turned(FileTurn),
    /// A peer has left: closed by both sides, reset, or forgotten (UDP).
    Left(FlowId),
    /// No more clients are accepted; connections stay open.
    StoppedListening,
    /// There is no connection (TCP client), and the next attempt follows after this time. If it succeeds,
    /// `Opened` comes again.
    CallingAgain(Duration),
    /// The progress of a repeat, at most four times a second.
    Repeating(RepeatId, Progress),
    /// A repeat has ended: its count is reached, it was stopped, or it failed with a `Trouble`. Comes once
    /// per command, before the session closes.
    RepeatEnded(RepeatId, Progress),
    /// The progress of a file, at most four times a second, and when it is paused or resumed.
    FileProgress(FileId, FileProgress),
    /// A file was sent, was stopped, or failed. Comes once per command, before the session closes.
    FileEnded(FileId, FileEnd, FileProgress),
    /// The row of a sequence that was sent last, at most twenty times a second.
    SequenceAt(SequenceId, SequencePlace),
    /// A sequence has ended. Comes once per command, before the session closes.
    SequenceEnded(SequenceId, SequencePlace, SequenceEnd),
    /// How often each rule has matched since the rules were set, in order; at most four times a second.
    RuleHits(Vec<u64>),
    /// Notes that rules have attached to records, by record number from 0. Comes before the records reported
    /// in the same turn, so that these can be shown with their notes.
    Annotated(Vec<(u64, String)>),
    /// A relay holds this message.
    Held(Held),
    /// A message is no longer held. Comes once for each, unless the session closes.
    HoldEnded(HoldId, HoldEnd),
    /// A rule requests the quick sends of this page as a sequence, because of a message from this peer.
    SequenceWanted(String, FlowId),
    /// A rule has notified the user, or alerts were left out: what the session notes, in words.
    Alerted(String),
    /// A rule has stopped recording: data are counted but not kept.
    RecordingStopped,
    /// Recording has resumed on demand.
    RecordingResumed,
    /// The tally of short connections, at most twenty times a second, and when none is left.
    Short(ShortTally),
    /// The session is closed: on demand, or with the error that ended it.
    Closed(Option<NetError>),
}
