//! The interface between a worker and its capture, so that `net` does not depend on a file format.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::{
    Cast, Direction, Ending, FileTurn, Flow, FlowId, Origin, Record, Rotation, SessionNote, Stamp, Transport,
};

/// Records what happens on the sockets, in order.
///
/// The calls that describe something never fail: what cannot be written is kept, and [`commit`](Self::commit)
/// reports it. Data must not be shown before they are committed.
pub trait Recorder: Send + Debug {
    /// The session is opened; all that follows belongs to this opening. `title` is the session's name,
    /// `endpoint` what it opens, e.g. `tcp-server 127.0.0.1:8080`.
    fn begin(&mut self, title: &str, endpoint: &str, at: Stamp);

    /// The host name that the user typed resolved to `address`.
    fn host(&mut self, name: &str, address: IpAddr);

    /// Starts a flow and assigns its ID, without writing anything yet.
    fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Stamp,
    ) -> Flow;

    /// The next datagrams of `flow` have this local address: a group that the peer has sent to, or one of ours. Does
    /// nothing for TCP.
    fn local(&mut self, _flow: FlowId, _local: SocketAddr) {}

    /// The TCP connection `flow` was established.
    fn connected(&mut self, flow: FlowId, at: Stamp);

    /// The TCP connection `flow` could not be established.
    fn refused(&mut self, flow: FlowId, why: &str, at: Stamp);

    /// Data of one read or one accepted write. `whole` is false if more of the same message follows. Data
    /// longer than one packet become several records.
    fn data(&mut self, flow: FlowId, direction: Direction, cast: Cast, whole: bool, bytes: &[u8], at: Stamp);

    /// Why the next data are sent, as a [`Why`](super::Why) in words.
    fn why(&mut self, _why: &str) {}

    /// From here on, the data and the end of the TCP connection `flow` are those of a layer, e.g. TLS. Below it are
    /// [`wire`](Self::wire) and [`wire_ended`](Self::wire_ended).
    fn layered(&mut self, _flow: FlowId, _at: Stamp) {}

    /// Bytes as they are on the wire, below the layer of `flow`. They are no records.
    fn wire(&mut self, _flow: FlowId, _direction: Direction, _bytes: &[u8], _at: Stamp) {}

    /// The connection below the layer of `flow`, or one direction of it, ended.
    fn wire_ended(&mut self, _flow: FlowId, _how: Ending, _at: Stamp) {}

    /// Lines of the NSS key log format, which decrypt bytes of the wire that follow.
    fn secrets(&mut self, _lines: &str, _at: Stamp) {}

    /// The TCP connection `flow`, or one direction of it, ended.
    fn ended(&mut self, flow: FlowId, how: Ending, at: Stamp);

    /// Nothing more will be recorded of `flow`, which has ended or was forgotten.
    fn forget(&mut self, _flow: FlowId) {}

    /// An event without a packet, in words.
    fn note(&mut self, text: &str, at: Stamp);

    /// An event that programs can read back, too.
    fn session_note(&mut self, note: SessionNote, at: Stamp) {
        self.note(&note.to_string(), at);
    }

    /// An event of a flow that programs can read back, too.
    fn flow_note(&mut self, _flow: FlowId, note: &SessionNote, at: Stamp) {
        self.session_note(note.clone(), at);
    }

    /// The user's note on a record, given by its number from 0. It replaces an earlier note; an empty text
    /// removes it. It is not a record itself.
    fn annotate(&mut self, record: u64, text: &str, at: Stamp);

    /// The latest time given; a session that continues the capture must not be before it.
    fn latest(&self) -> Stamp {
        Stamp(0)
    }

    /// The number of records, which is the number of the next one.
    fn recorded(&self) -> u64;

    /// The session is closed. `dropped` counts datagrams that the kernel dropped because the receive buffer
    /// was full, if that is known.
    fn finish(&mut self, dropped: Option<u64>, at: Stamp);

    /// The bytes that are not written yet.
    fn pending(&self) -> u64 {
        0
    }

    /// Writes everything so far to the operating system, so that it survives a crash of this process.
    ///
    /// # Errors
    /// If the file cannot be written, for example because the disk is full. Unwritten data are kept, the file
    /// still ends with a whole block, and the call may be repeated.
    fn commit(&mut self) -> io::Result<()>;

    /// The payload size for the next record of `flow` that is cheapest to write. Any other size is recorded
    /// as well.
    fn suitable(&self, _flow: FlowId) -> usize {
        usize::MAX
    }

    /// Appends the index entries of what was committed since the last call to `into`.
    fn take_records(&mut self, into: &mut Vec<Record>);

    /// From now on, the capture goes on in another file whenever this is due; `None` for never.
    fn rotate(&mut self, _rotation: Option<Rotation>) {}

    /// What has happened to its files since the last call. Records of removed files were taken before.
    fn take_turns(&mut self) -> Vec<FileTurn> {
        Vec::new()
    }
}
