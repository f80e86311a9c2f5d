//! Facts from a worker.
//!
//! They come in the order `(Recorded | Trouble)* (Opened (Joined | Recorded | Trouble | Left |
//! StoppedListening)*)? Closed`: [`Event::Closed`] comes exactly once and last. What is told
//! of repeats, sequences, files and rules may stand anywhere before it. After a `CallingAgain` it all begins anew. What precedes `Opened` are a TCP client's attempts,
//! one after the other. A session that makes short connections tells `Ready` in the place of `Opened`. A flow's `Joined` precedes its records and its `Left` follows them.

use std::net::SocketAddr;
use std::time::Duration;

use super::{
    FileEnd, FileId, FileProgress, Flow, FlowId, NetError, Progress, Record, RepeatId, SequenceEnd,
    SequenceId, SequencePlace, ShortTally,
};

/// What the kernel made of the options.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Granted {
    /// Size in bytes of the send buffer.
    pub send_buffer: usize,
    /// Size in bytes of the receive buffer.
    pub receive_buffer: usize,
}

/// Sums over one opening of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Bytes received.
    pub received_bytes: u64,
    /// Bytes sent, that is accepted by the kernel.
    pub sent_bytes: u64,
    /// Reads (TCP) or datagrams (UDP) received.
    pub received_messages: u64,
    /// Messages handed to the kernel whole.
    pub sent_messages: u64,
    /// Connections made so far (TCP), or peers seen (UDP).
    pub connections: u64,
    /// Bytes that wait to be sent, over all peers. Files count as what was read of them.
    pub queued_bytes: u64,
    /// Messages and files that wait to be sent or are being sent, over all peers.
    pub queued_messages: u64,
    /// Datagrams that the kernel dropped for want of room.
    pub kernel_dropped: u64,
}

/// New entries of the index, in order, and the sums after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Entries of the index, in the file's order.
    pub records: Vec<Record>,
    /// The sums after them.
    pub totals: Totals,
}

/// A fact from a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The socket listens (TCP server), is bound (UDP) or connected (TCP client).
    Opened {
        /// Our address, with the port that the system picked.
        local: SocketAddr,
        /// What the kernel made of the options.
        granted: Granted,
    },
    /// There is no connection, and one is made for each message (TCP client with short connections).
    Ready,
    /// A peer is there: connected, accepted, or a first datagram from or to it.
    Joined(Flow),
    /// Records were written to the capture, or sums changed.
    Recorded(Batch),
    /// Something failed; the session goes on.
    Trouble(NetError),
    /// A peer is gone: closed by both sides, reset, or forgotten (UDP).
    Left(FlowId),
    /// No more clients are accepted; connections stay.
    StoppedListening,
    /// There is no connection (TCP client): it is called again after this time. If one is made, `Opened`
    /// comes again.
    CallingAgain(Duration),
    /// A repeat goes on. It is told at most four times a second.
    Repeating(RepeatId, Progress),
    /// A repeat has ended: its count is reached, it was stopped, or it could not go on, of which a
    /// trouble tells. It comes once for each that was ordered, before the session closes.
    RepeatEnded(RepeatId, Progress),
    /// A file goes on. It is told at most four times a second, and when it is paused or goes on.
    FileProgress(FileId, FileProgress),
    /// A file is sent, was stopped or could not go on. It comes once for each that was ordered, before the
    /// session closes.
    FileEnded(FileId, FileEnd, FileProgress),
    /// A sequence goes on: this row was sent last. It is told at most twenty times a second.
    SequenceAt(SequenceId, SequencePlace),
    /// A sequence has ended, how, and how far it had come. It comes once for each that was ordered, before
    /// the session closes.
    SequenceEnded(SequenceId, SequencePlace, SequenceEnd),
    /// How often each rule has matched since the rules were set, in their order. It is told at most four
    /// times a second.
    RuleHits(Vec<u64>),
    /// Rules have put notes on records, which are named by their numbers from 0. It comes before records that are
    /// told together with it, so that who looks at those has their notes.
    Annotated(Vec<(u64, String)>),
    /// A rule asks for the quick sends of this page as a sequence, because of what this peer has sent.
    SequenceWanted(String, FlowId),
    /// A rule has stopped the recording of data: what comes and goes is counted, but not kept.
    RecordingStopped,
    /// Data are recorded again, because that was ordered.
    RecordingResumed,
    /// Short connections have been made, or could not be. It is told at most twenty times a second, and when
    /// none is left to be made.
    Short(ShortTally),
    /// The session is over: on demand, or because it could not open or go on.
    Closed(Option<NetError>),
}
