//! What a worker needs of a capture, so that `net` knows no file format.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::{Cast, Direction, Ending, Flow, FlowId, Origin, Record, SessionNote, Stamp, Transport};

/// Takes down what happens on the sockets, in order.
///
/// The calls that describe something never fail: what cannot be written at once is kept, and
/// [`commit`](Self::commit) reports it. Nobody may be told of a byte before it was committed.
pub trait Recorder: Send + Debug {
    /// One opening of the session begins; all that follows belongs to it. `title` is the session's
    /// name, `endpoint` what it opens, e.g. `tcp-server 127.0.0.1:8080`.
    fn begin(&mut self, title: &str, endpoint: &str, at: Stamp);

    /// The host name that the user typed stands for `address`.
    fn host(&mut self, name: &str, address: IpAddr);

    /// Gives a conversation its name. Writes nothing yet.
    fn flow(
        &mut self,
        transport: Transport,
        local: SocketAddr,
        peer: SocketAddr,
        origin: Origin,
        at: Stamp,
    ) -> Flow;

    /// The TCP connection `flow` was made.
    fn connected(&mut self, flow: FlowId, at: Stamp);

    /// The TCP connection `flow` was tried in vain.
    fn refused(&mut self, flow: FlowId, why: &str, at: Stamp);

    /// One read's or one accepted write's bytes. `whole` is false if more of the same message
    /// follows. Longer than one packet is kept as several records.
    fn data(&mut self, flow: FlowId, direction: Direction, cast: Cast, whole: bool, bytes: &[u8], at: Stamp);

    /// The TCP connection `flow`, or one direction of it, ended.
    fn ended(&mut self, flow: FlowId, how: Ending, at: Stamp);

    /// An event that is not a packet, in words.
    fn note(&mut self, text: &str, at: Stamp);

    /// An event that programs can read back, too.
    fn session_note(&mut self, note: SessionNote, at: Stamp) {
        self.note(&note.to_string(), at);
    }

    /// The user's note on a record, by its number in the capture, from 0. A later one takes the place
    /// of an earlier one, an empty one takes it away. It is no record itself.
    fn annotate(&mut self, record: u64, text: &str, at: Stamp);

    /// How many records there are, that is the number of the next one.
    fn recorded(&self) -> u64;

    /// The opening ends. `dropped` counts datagrams that the kernel dropped for want of room.
    fn finish(&mut self, dropped: u64, at: Stamp);

    /// Hands all that was described so far to the operating system, so that it survives the end of
    /// this process, however sudden.
    ///
    /// # Errors
    /// When the file cannot take it (disk full, say). What was not written is kept, the file still
    /// ends with a whole block, and the call may be repeated.
    fn commit(&mut self) -> io::Result<()>;

    /// How many bytes of `flow` the next record should have, if whoever sends them may choose, so that writing
    /// the capture costs least. It is a wish: any other number is taken down as well.
    fn suitable(&self, _flow: FlowId) -> usize {
        usize::MAX
    }

    /// Appends to `into` the index of what was committed since the last call.
    fn take_records(&mut self, into: &mut Vec<Record>);
}
