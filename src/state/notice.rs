//! What the user should read. The words are the window's.

use std::path::{Path, PathBuf};

use super::{Halted, QuickNotice, SendProblem, Unwritable};
use crate::model::{HoldEnd, NetError, Problem, Reason, Twin};
use crate::workspace::SendTo;

/// What was being done outside a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Starting a thread for a job.
    Starting,
    /// Listing this machine's addresses.
    ListingAddresses,
    /// Opening the folder of captures, or listing what is in it.
    ListingCaptures,
    /// Deleting one capture.
    DeletingCapture,
    /// Marking one capture to be kept, or no longer.
    MarkingCapture,
    /// Removing the oldest captures over the limit.
    RemovingOldCaptures,
    /// Reading a capture for a framing, a filter or a search.
    Reading,
    /// Writing the settings file.
    WritingSettings,
    /// Reading the settings file, or setting a broken one aside.
    ReadingSettings,
    /// Writing the tabs and the window.
    WritingTabs,
    /// Reading the tabs of the last time.
    ReadingTabs,
    /// Writing a history.
    WritingHistory,
    /// Writing the log of a session.
    WritingLog,
    /// Reading a history; a broken one is set aside.
    ReadingHistory,
    /// Showing a folder in the system's file manager.
    OpeningFolder,
}

/// How much a notice matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something failed, or cannot be done.
    Failure,
    /// Something is not as it usually is.
    Care,
    /// Good to know.
    News,
}

/// Something the user should read. The words are the window's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A session reported a failure.
    Net(NetError),
    /// The capture in this folder cannot be written now; the number of bytes that wait.
    RecordingPaused(NetError, PathBuf, u64),
    /// The session ended by a failure.
    Ended(NetError),
    /// The peer has closed the connection of a client; the cycles that this stopped.
    PeerClosed(Option<Halted>),
    /// The connection was lost, or not made; the number of the attempt that follows.
    CallingAgain(u64),
    /// The message that is looked at is no longer held.
    HoldOver(HoldEnd),
    /// A server accepts no more clients.
    StoppedListening,
    /// Cycles have stopped by themselves.
    CycleStopped(Halted),
    /// Something outside a session failed: with which file, if with one, and why.
    Failed(Task, String, Reason),
    /// A session's worker has too many orders waiting; this one was not given.
    TooBusy,
    /// The settings file was broken and is set aside under this name.
    SettingsSetAside(PathBuf, Reason),
    /// The files of tabs were broken and are set aside under these names; why the first one is.
    TabsSetAside(Vec<PathBuf>, Reason),
    /// Old captures were deleted: how many, and their bytes. The rest is too much: its bytes, and the limit, or none if
    /// the disk is nearly full.
    Captures((usize, u64), Option<(u64, Option<u64>)>),
    /// A command is not possible now; not in a tab that looks at a capture, if it is one.
    Impossible(String, bool),
    /// The system shows no file dialog: the path field works.
    NoDialog,
    /// So many bytes are on the clipboard.
    Copied(usize),
    /// What is known of the other side of a relayed message.
    Twin(Twin),
    /// What is selected is too much for a clipboard.
    TooMuchToCopy,
    /// The clipboard has this many bytes, more than is pasted.
    TooMuchToPaste(usize),
    /// Saved: where, and how many bytes.
    Saved(PathBuf, u64),
    /// Saving failed.
    SaveFailed(Reason),
    /// Nothing is recorded yet.
    NothingToSave,
    /// Saving was stopped.
    SaveCancelled,
    /// The session is not open.
    NotOpen,
    /// There is nobody whom the send box addresses so.
    NoPeers(SendTo),
    /// The peer that the send box addresses has left.
    PeerLeft(Option<String>),
    /// We have closed our sending side to all whom the send box addresses.
    SendingClosed,
    /// The remote address is missing or wrong.
    NoRemote,
    /// There is nothing in the send box (TCP).
    NothingToSend,
    /// What is in the send box cannot be sent.
    CannotSend(SendProblem),
    /// The period or the count of a cycle is wrong.
    WrongCycle(Problem),
    /// A cycle sent its message this many times and ended.
    CycleDone(u64),
    /// A rule asks for a sequence of this name, and there is none.
    NoSequence(String),
    /// Something with the quick sends.
    Quick(QuickNotice),
    /// What is chosen for a file to be sent is wrong.
    WrongFile(Problem),
    /// A file of this size in bytes was sent.
    FileSent(PathBuf, u64),
    /// Sending a file was stopped; bytes sent, and its size.
    FileStopped(PathBuf, u64, u64),
    /// Sending a file failed; bytes sent, and its size.
    FileFailed(PathBuf, u64, u64),
    /// A workspace, or a session of one, cannot be opened.
    CannotOpen(Reason),
    /// The session cannot be saved as a workspace, because something of it is wrong.
    CannotWrite(Unwritable),
    /// The capture cannot be read.
    CannotRead(Reason),
    /// The end of the capture is torn off.
    Torn,
}

impl Notice {
    /// Whether it only confirms what was asked for, and goes by itself after a while.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Quick(QuickNotice::Done(_, unanswered)) => *unanswered == 0,
            Self::Quick(QuickNotice::Imported(_, _, n_remarks)) => *n_remarks == 0,
            other => matches!(
                other,
                Self::Copied(_)
                    | Self::Impossible(..)
                    | Self::Twin(_)
                    | Self::Saved(..)
                    | Self::SaveCancelled
                    | Self::CycleDone(_)
                    | Self::FileSent(..)
                    | Self::FileStopped(..)
                    | Self::Quick(QuickNotice::Exported(_))
            ),
        }
    }

    /// The file that it tells was written.
    pub fn written(&self) -> Option<&Path> {
        match self {
            Self::Saved(path, _) | Self::Quick(QuickNotice::Exported(path)) => Some(path),
            _ => None,
        }
    }

    /// The system's number of the error that it tells, if it has one.
    pub fn number(&self) -> Option<i32> {
        match self.clone() {
            Self::Net(error) | Self::Ended(error) | Self::RecordingPaused(error, ..) => {
                Reason::Cause(error.cause).take_number()
            }
            Self::Failed(_, _, mut why)
            | Self::SettingsSetAside(_, mut why)
            | Self::TabsSetAside(_, mut why)
            | Self::SaveFailed(mut why)
            | Self::CannotOpen(mut why)
            | Self::CannotRead(mut why)
            | Self::Quick(QuickNotice::NotImported(mut why) | QuickNotice::NotExported(mut why)) => {
                why.take_number()
            }
            _ => None,
        }
    }

    /// Whether it says why nothing was sent, which no longer matters once something is.
    pub(super) fn is_about_sending(&self) -> bool {
        matches!(
            self,
            Self::NotOpen
                | Self::NoPeers(_)
                | Self::PeerLeft(_)
                | Self::NoRemote
                | Self::NothingToSend
                | Self::CannotSend(_)
                | Self::WrongCycle(_)
                | Self::WrongFile(_)
        )
    }

    /// How much it matters.
    pub fn weight(&self) -> Weight {
        match self {
            Self::CallingAgain(_) | Self::StoppedListening | Self::CycleStopped(_) | Self::HoldOver(_) => {
                Weight::Care
            }
            Self::Torn
            | Self::Captures(_, None)
            | Self::Quick(QuickNotice::Done(..) | QuickNotice::Imported(..)) => Weight::News,
            other if other.is_passing() => Weight::News,
            _ => Weight::Failure,
        }
    }
}
