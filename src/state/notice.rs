//! What the user should read. The words are the window's.

use std::path::PathBuf;

use super::SendProblem;
use crate::model::NetError;

/// Something the user should read. The words are the window's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A session reported a failure.
    Net(NetError),
    /// The session ended by a failure.
    Ended(NetError),
    /// Words from outside.
    Said(String),
    /// The settings file was broken and is set aside under this name.
    SettingsSetAside(PathBuf, String),
    /// The system shows no file dialog: the path field works.
    NoDialog,
    /// So many bytes are on the clipboard.
    Copied(usize),
    /// What is selected is too much for a clipboard.
    TooMuchToCopy,
    /// Saved: where, and how many bytes.
    Saved(PathBuf, u64),
    /// Saving failed.
    SaveFailed(String),
    /// Nothing is recorded yet.
    NothingToSave,
    /// Saving was stopped.
    SaveCancelled,
    /// The session is not open.
    NotOpen,
    /// Nobody is connected.
    NoPeers,
    /// The peer that the send box addresses has left.
    PeerLeft,
    /// The remote address is missing or wrong.
    NoRemote,
    /// There is nothing in the send box (TCP).
    NothingToSend,
    /// What is in the send box cannot be sent.
    CannotSend(SendProblem),
    /// The capture cannot be read.
    CannotRead(String),
    /// The end of the capture is torn off.
    Torn,
}

impl Notice {
    /// Whether it only says that what was asked for was done: such a one goes by itself.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Copied(_) | Self::Saved(..) | Self::SaveCancelled)
    }

    /// Whether it tells of a failure.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Copied(_) | Self::Saved(..) | Self::SaveCancelled | Self::Torn => false,
            Self::Net(_)
            | Self::Ended(_)
            | Self::Said(_)
            | Self::SettingsSetAside(..)
            | Self::NoDialog
            | Self::NothingToSave
            | Self::TooMuchToCopy
            | Self::SaveFailed(_)
            | Self::NotOpen
            | Self::NoPeers
            | Self::PeerLeft
            | Self::NoRemote
            | Self::NothingToSend
            | Self::CannotSend(_)
            | Self::CannotRead(_) => true,
        }
    }
}
