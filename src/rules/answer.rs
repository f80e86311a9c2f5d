//! What is heard, and what shall be done about it. Plain data.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::model::{FlowId, Recipients, RuleFault, Stamp};

/// A message that came in.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Its bytes.
    pub message: &'a [u8],
    /// With whom.
    pub flow: FlowId,
    /// From whom.
    pub peer: SocketAddr,
    /// When it was complete.
    pub now: Stamp,
    /// The zone of `{time}` in answers.
    pub zone: &'a TimeZone,
}

/// Something that shall be done because of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The rule that says so, by its place among the rules.
    pub rule: usize,
    /// The flow on which the message came.
    pub flow: FlowId,
    /// How long after the message.
    pub after: Duration,
    /// To whom it goes, if it is something that is sent.
    pub to: Recipients,
    /// What.
    pub what: Deed,
}

/// What shall be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Send these bytes; on UDP, as one datagram.
    Send(Arc<[u8]>),
    /// Send the head, and the tail after a pause, with nothing between them to the same peer; on UDP, as two
    /// datagrams.
    SendCut {
        /// What goes first. It may be empty, and then only the tail goes.
        head: Arc<[u8]>,
        /// How long after it the tail goes.
        pause: Duration,
        /// What goes then.
        tail: Arc<[u8]>,
    },
    /// Send the file, if it is there and does not lead out of the folder.
    SendFile(FileName),
    /// Write the bytes to a new file, if it does not lead out of the folder. One that is there is left alone.
    SaveFile(FileName, Arc<[u8]>),
    /// Close the connection to the sender once all that waits is sent.
    Close,
    /// Break the connection to the sender off.
    Reset,
    /// Write no more payload into the capture.
    StopRecording,
    /// Mark the message in the log.
    Highlight,
    /// Write a note on the message.
    Note(String),
    /// Run the quick sends of this page as a sequence.
    Sequence(String),
    /// Tell that the rule could not be followed.
    Fail(RuleFault),
}

/// A file below a folder. The text of the name has been checked: it has no step up, root or drive. Whether a
/// link leads out of the folder is for whoever opens it to look.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName {
    /// The folder.
    pub folder: PathBuf,
    /// The name below it; `/` stands between folders.
    pub name: String,
}
