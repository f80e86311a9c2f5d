//! A received message, and the answers of rules to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::model::{FileName, FlowId, Leg, Recipients, RuleFault, Stamp, UserCommand};

/// A received message.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Its bytes.
    pub message: &'a [u8],
    /// The flow it came on.
    pub flow: FlowId,
    /// The sender; unspecified if there is none.
    pub peer: SocketAddr,
    /// The side of a relay that it came from.
    pub leg: Option<Leg>,
    /// When it was complete, by a clock that never goes back.
    pub now: Stamp,
    /// The same by the wall clock, for `{time}` in answers.
    pub wall: Stamp,
    /// The time zone of `{time}` in answers.
    pub zone: &'a TimeZone,
    /// The longest answer allowed, in bytes.
    pub limit: usize,
    /// How many bytes the answers may have together.
    pub room: u64,
}

/// A peer: its flow, its address, and its side of a relay.
pub type PeerAt = (FlowId, SocketAddr, Option<Leg>);

/// An action that a rule requests because of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The index of the rule.
    pub rule: usize,
    /// The flow that the message came on.
    pub flow: FlowId,
    /// The delay after the message.
    pub after: Duration,
    /// The receivers, if something is sent.
    pub to: Recipients,
    /// The action.
    pub what: RuleAction,
}

/// An action that a rule requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleAction {
    /// Send these bytes; on UDP, as one datagram.
    Send(Arc<[u8]>),
    /// Send the head, and the tail after a pause, with nothing in between to the same peer; on UDP, as two
    /// datagrams.
    SendCut {
        /// The first part. If it is empty, only the tail is sent.
        head: Arc<[u8]>,
        /// The pause between the parts.
        pause: Duration,
        /// The second part.
        tail: Arc<[u8]>,
    },
    /// Send the file, if it exists and is not behind a symbolic link.
    SendFile(FileName),
    /// Write the bytes to a new file, unless it is behind a symbolic link. An existing file is left alone.
    SaveFile(FileName, Arc<[u8]>),
    /// Pass this on instead of the message.
    Replace(Arc<[u8]>),
    /// Do not pass the message on.
    Drop,
    /// Hold the message until somebody decides, or for this long.
    Hold(Option<Duration>),
    /// Close the connection to the sender once queued data are sent.
    Close,
    /// Abort the connection to the sender.
    Reset,
    /// Stop recording data.
    StopRecording,
    /// Highlight the message in the log.
    Highlight,
    /// Attach a note to the message.
    Note(String),
    /// Run the quick sends of this page as a sequence.
    Sequence(String),
    /// Show a notification.
    Notify(String),
    /// Run a command of the user's on this message.
    Run(UserCommand, Arc<[u8]>),
    /// Report that the rule could not be carried out.
    Fail(RuleFault),
}

impl RuleAction {
    /// Its size in memory, in bytes, besides what all have.
    pub fn bytes(&self) -> u64 {
        let len = match self {
            Self::Send(bytes) | Self::Replace(bytes) | Self::SaveFile(_, bytes) | Self::Run(_, bytes) => {
                bytes.len()
            }
            Self::SendCut { head, tail, pause: _ } => head.len() + tail.len(),
            Self::Note(text) | Self::Sequence(text) | Self::Notify(text) => text.len(),
            _short => 0,
        };
        len as u64
    }
}
