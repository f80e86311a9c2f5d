//! What the owner of the sockets is to do: those of the commands that are not the worker's own business. Knows no
//! socket.

use std::time::Instant;

use crate::model::{FileOrder, Group, SendPart, Target};

/// An order. Each means what the [`Command`](crate::model::Command) of its name means.
#[derive(Debug)]
pub(super) enum Order {
    Send {
        to: Target,
        what: SendPart,
    },
    SendFile(FileOrder),
    HalfClose(Target),
    Disconnect(Target),
    Reset(Target),
    StopListening,
    Join(Group),
    Leave(Group),
    /// In order, until then at the latest.
    Close(Instant),
}
