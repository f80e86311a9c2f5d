//! Messages that a rule of a relay holds until somebody decides what becomes of them.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{FlowId, PassedFrom, Stamp};

/// Identifies a held message while the session is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId(pub u64);

/// A message that is held. Later ones of its direction wait behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its ID.
    pub id: HoldId,
    /// The name of the rule that holds it.
    pub rule: String,
    /// The flow it came on.
    pub flow: FlowId,
    /// Its sender.
    pub peer: SocketAddr,
    /// The record in which it ends, if it was recorded.
    pub record: Option<u64>,
    /// Where it begins, if it was recorded, and if it is not a whole datagram, its length.
    pub from: Option<PassedFrom>,
    /// Its bytes, as earlier rules have left them.
    pub data: Arc<[u8]>,
    /// Since when.
    pub since: Stamp,
    /// When it is passed on unchanged; `None` for never.
    pub until: Option<Stamp>,
}

/// What becomes of a held message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is passed on.
    Pass,
    /// This is passed on instead.
    Edited(Arc<[u8]>),
    /// It is not passed on.
    Drop,
    /// It is not passed on, and its sender gets this.
    Answer(Arc<[u8]>),
}

/// Why a message is no longer held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldEnd {
    /// Somebody has decided.
    Decided,
    /// It was passed on: nobody has decided in time.
    Expired,
    /// It was passed on: the rule does not hold messages any more, or messages end elsewhere.
    RulesChanged,
    /// It was not passed on: the connection is gone.
    Gone,
}
