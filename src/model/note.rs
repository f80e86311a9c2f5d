//! The texts of the comments that a session writes into its capture, in one place: the window
//! reads them back in order to say them in the user's language. Knows nothing of sockets.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A comment that a session writes by itself. Troubles are written as [`crate::model::NetError`]
/// displays them, and what the user notes as it is; neither is one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionNote {
    /// A TCP server listens.
    Listening(SocketAddr),
    /// A UDP socket is bound.
    Bound(SocketAddr),
    /// No more clients are accepted.
    StoppedListening,
    /// A multicast group was joined.
    JoinedGroup(IpAddr),
    /// A multicast group was left.
    LeftGroup(IpAddr),
    /// So many bytes that waited for a peer were not sent before the connection ended.
    Unsent(u64, SocketAddr),
    /// So many short connections, for which messages waited, were not made before the session ended.
    NotMade(u64),
    /// A file was stopped after so many of so many bytes.
    FileStopped(u64, u64),
    /// The capture could not be written for so many milliseconds, and can again. Nothing is missing.
    RecordingResumed(u64),
    /// A rule has stopped the recording of data.
    RecordingStopped,
    /// So many bytes were received, and so many sent, since recording stopped. They are not in the
    /// capture; what follows is.
    NotRecorded(u64, u64),
    /// The opening ended.
    Closed,
    /// So many bytes that went from one address to the other are not in the capture that this one was
    /// made from.
    Missing(u64, SocketAddr, SocketAddr),
    /// So many packets of the capture that this one was made from are neither TCP nor UDP, or could
    /// not be understood.
    LeftOut(u64),
}

impl fmt::Display for SessionNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening(address) => write!(f, "listening on {address}"),
            Self::Bound(address) => write!(f, "bound to {address}"),
            Self::StoppedListening => f.write_str("stopped listening"),
            Self::JoinedGroup(group) => write!(f, "joined group {group}"),
            Self::LeftGroup(group) => write!(f, "left group {group}"),
            Self::Unsent(bytes, peer) => write!(f, "{bytes} bytes were not sent to {peer}"),
            Self::NotMade(n) => write!(f, "{n} short connections were not made"),
            Self::FileStopped(done, total) => {
                write!(f, "sending a file was stopped after {done} of {total} bytes")
            }
            Self::RecordingResumed(ms) => {
                write!(f, "the capture is written again after {ms} ms, nothing is missing")
            }
            Self::RecordingStopped => f.write_str("recording stopped"),
            Self::NotRecorded(received, sent) => {
                write!(f, "not recorded until now: {received} bytes received, {sent} bytes sent")
            }
            Self::Closed => f.write_str("closed"),
            Self::Missing(bytes, from, to) => write!(f, "{bytes} bytes from {from} to {to} are missing"),
            Self::LeftOut(packets) => {
                write!(f, "{packets} packets were left out, as they hold no TCP or UDP that can be read")
            }
        }
    }
}

/// The text is none of a session's own comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotASessionNote;

impl fmt::Display for NotASessionNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a comment that a session writes by itself")
    }
}

impl std::error::Error for NotASessionNote {}

/// What stands between `before` and `after` in `text`, if it reads as a `T`.
fn between<T: FromStr>(text: &str, before: &str, after: &str) -> Option<T> {
    text.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
}

impl FromStr for SessionNote {
    type Err = NotASessionNote;

    fn from_str(text: &str) -> Result<Self, NotASessionNote> {
        let unsent = || {
            let (bytes, peer) = text.split_once(" bytes were not sent to ")?;
            Some(Self::Unsent(bytes.parse().ok()?, peer.parse().ok()?))
        };
        let missing = || {
            let (bytes, ends) = text.strip_suffix(" are missing")?.split_once(" bytes from ")?;
            let (from, to) = ends.split_once(" to ")?;
            Some(Self::Missing(bytes.parse().ok()?, from.parse().ok()?, to.parse().ok()?))
        };
        let not_recorded = || {
            let sums = between::<String>(text, "not recorded until now: ", " bytes sent")?;
            let (received, sent) = sums.split_once(" bytes received, ")?;
            Some(Self::NotRecorded(received.parse().ok()?, sent.parse().ok()?))
        };
        let stopped = || {
            let rest = text.strip_prefix("sending a file was stopped after ")?.strip_suffix(" bytes")?;
            let (done, total) = rest.split_once(" of ")?;
            Some(Self::FileStopped(done.parse().ok()?, total.parse().ok()?))
        };
        match text {
            "recording stopped" => Some(Self::RecordingStopped),
            "stopped listening" => Some(Self::StoppedListening),
            "closed" => Some(Self::Closed),
            _ => between(text, "listening on ", "")
                .map(Self::Listening)
                .or_else(|| between(text, "bound to ", "").map(Self::Bound))
                .or_else(|| between(text, "joined group ", "").map(Self::JoinedGroup))
                .or_else(|| between(text, "left group ", "").map(Self::LeftGroup))
                .or_else(|| between(text, "", " short connections were not made").map(Self::NotMade))
                .or_else(|| {
                    between(text, "the capture is written again after ", " ms, nothing is missing")
                        .map(Self::RecordingResumed)
                })
                .or_else(|| {
                    between(text, "", " packets were left out, as they hold no TCP or UDP that can be read")
                        .map(Self::LeftOut)
                })
                .or_else(not_recorded)
                .or_else(missing)
                .or_else(stopped)
                .or_else(unsent),
        }
        .ok_or(NotASessionNote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_reads_back() {
        let v4 = "127.0.0.1:80".parse().unwrap();
        let v6 = "[fe80::1%3]:65535".parse().unwrap();
        for note in [
            SessionNote::Listening(v4),
            SessionNote::Bound(v6),
            SessionNote::StoppedListening,
            SessionNote::JoinedGroup("239.1.2.3".parse().unwrap()),
            SessionNote::LeftGroup("ff02::1".parse().unwrap()),
            SessionNote::Unsent(u64::MAX, v6),
            SessionNote::NotMade(3),
            SessionNote::FileStopped(5, u64::MAX),
            SessionNote::RecordingResumed(1500),
            SessionNote::RecordingStopped,
            SessionNote::NotRecorded(7, u64::MAX),
            SessionNote::Closed,
            SessionNote::Missing(7, v4, v6),
            SessionNote::LeftOut(u64::MAX),
        ] {
            assert_eq!(note.to_string().parse(), Ok(note));
        }
        for text in ["", "Closed", "listening on nothing", "5 bytes were not sent to"] {
            assert_eq!(text.parse::<SessionNote>(), Err(NotASessionNote), "{text}");
        }
    }
}
