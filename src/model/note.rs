//! What a session notes in its capture by itself: a code, which programs read back, and the same in words.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A comment that a session writes by itself. [`Display`](fmt::Display) gives its words.
///
/// In the capture it is `[code argument…] words`, e.g. `[listening 127.0.0.1:80] listening on 127.0.0.1:80`.
/// Only the code is read back, so that the words may change; the codes may not. Any
/// other text that could be taken for such a comment is written behind `[note]`. Captures made before
/// there were codes have the words alone.
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
    /// Bytes that were queued for a peer when its connection ended.
    Unsent(u64, SocketAddr),
    /// Short connections that still had messages to send when the session ended.
    NotMade(u64),
    /// A file was stopped: bytes sent, and bytes in all.
    FileStopped(u64, u64),
    /// The capture can be written again after this many milliseconds. Nothing is missing.
    RecordingResumed(u64),
    /// A rule has stopped the recording of data.
    RecordingStopped,
    /// Bytes received and sent since recording stopped. They are not in the capture; what follows is.
    NotRecorded(u64, u64),
    /// The opening ended.
    Closed,
    /// Bytes from one address to the other that the imported capture lacks.
    Missing(u64, SocketAddr, SocketAddr),
    /// Packets of the imported capture that are neither TCP nor UDP, or could not be decoded.
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
                write!(f, "sending a file stopped after {done} of {total} bytes")
            }
            Self::RecordingResumed(ms) => write!(f, "recording resumed after {ms} ms; no data was lost"),
            Self::RecordingStopped => f.write_str("recording stopped"),
            Self::NotRecorded(received, sent) => {
                write!(f, "not recorded: {received} bytes received, {sent} bytes sent")
            }
            Self::Closed => f.write_str("closed"),
            Self::Missing(bytes, from, to) => write!(f, "{bytes} bytes from {from} to {to} are missing"),
            Self::LeftOut(packets) => {
                write!(f, "{packets} packets without readable TCP or UDP were left out")
            }
        }
    }
}

/// The code of a text that is not a session's own.
const FREE: &str = "note";

/// The words of captures without codes, with `{}` in the place of each argument, and their codes.
const WORDS: [(&str, &str); 14] = [
    ("listening on {}", "listening"),
    ("bound to {}", "bound"),
    ("stopped listening", "stopped-listening"),
    ("joined group {}", "joined"),
    ("left group {}", "left"),
    ("{} bytes were not sent to {}", "unsent"),
    ("{} short connections were not made", "not-made"),
    ("sending a file was stopped after {} of {} bytes", "file-stopped"),
    ("the capture is written again after {} ms, nothing is missing", "recording-resumed"),
    ("recording stopped", "recording-stopped"),
    ("not recorded until now: {} bytes received, {} bytes sent", "not-recorded"),
    ("closed", "closed"),
    ("{} bytes from {} to {} are missing", "missing"),
    ("{} packets were left out, as they hold no TCP or UDP that can be read", "left-out"),
];

impl SessionNote {
    /// The comment as it is written to the capture.
    pub fn comment(self) -> String {
        let code = match self {
            Self::Listening(address) => format!("listening {address}"),
            Self::Bound(address) => format!("bound {address}"),
            Self::StoppedListening => "stopped-listening".to_owned(),
            Self::JoinedGroup(group) => format!("joined {group}"),
            Self::LeftGroup(group) => format!("left {group}"),
            Self::Unsent(bytes, peer) => format!("unsent {bytes} {peer}"),
            Self::NotMade(n) => format!("not-made {n}"),
            Self::FileStopped(done, total) => format!("file-stopped {done} {total}"),
            Self::RecordingResumed(ms) => format!("recording-resumed {ms}"),
            Self::RecordingStopped => "recording-stopped".to_owned(),
            Self::NotRecorded(received, sent) => format!("not-recorded {received} {sent}"),
            Self::Closed => "closed".to_owned(),
            Self::Missing(bytes, from, to) => format!("missing {bytes} {from} {to}"),
            Self::LeftOut(packets) => format!("left-out {packets}"),
        };
        format!("[{code}] {self}")
    }

    /// The comment for a text that is not a session's own, so that [`read`](Self::read) does not take it for one.
    pub fn free_comment(text: &str) -> Cow<'_, str> {
        match Self::read(text) {
            (None, words) if words.len() == text.len() => Cow::Borrowed(text),
            _ => Cow::Owned(format!("[{FREE}] {text}")),
        }
    }

    /// Reads a comment: what the session noted, if it is the session's own, and the words for people.
    pub fn read(comment: &str) -> (Option<Self>, &str) {
        if let Some((code, words)) = comment.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            let note = Self::from_code(code);
            if note.is_some() || code == FREE {
                return (note, words);
            }
        }
        let from_words = |(words, code): &(&str, &str)| {
            let args = arguments(words, comment)?;
            Self::from_code(&[&[*code], &*args].concat().join(" "))
        };
        (WORDS.iter().find_map(from_words), comment)
    }

    fn from_code(code: &str) -> Option<Self> {
        fn arg<'a, T: FromStr>(args: &mut impl Iterator<Item = &'a str>) -> Option<T> {
            args.next()?.parse().ok()
        }
        let mut words = code.split(' ');
        let name = words.next()?;
        let args = &mut words;
        let note = match name {
            "listening" => Self::Listening(arg(args)?),
            "bound" => Self::Bound(arg(args)?),
            "stopped-listening" => Self::StoppedListening,
            "joined" => Self::JoinedGroup(arg(args)?),
            "left" => Self::LeftGroup(arg(args)?),
            "unsent" => Self::Unsent(arg(args)?, arg(args)?),
            "not-made" => Self::NotMade(arg(args)?),
            "file-stopped" => Self::FileStopped(arg(args)?, arg(args)?),
            "recording-resumed" => Self::RecordingResumed(arg(args)?),
            "recording-stopped" => Self::RecordingStopped,
            "not-recorded" => Self::NotRecorded(arg(args)?, arg(args)?),
            "closed" => Self::Closed,
            "missing" => Self::Missing(arg(args)?, arg(args)?, arg(args)?),
            "left-out" => Self::LeftOut(arg(args)?),
            _ => return None,
        };
        words.next().is_none().then_some(note)
    }
}

/// What `text` has in the places of `{}` in `words`; `None` if it differs elsewhere.
fn arguments<'a>(words: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut literals = words.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let mut literals = literals.peekable();
    let mut args = Vec::new();
    while let Some(literal) = literals.next() {
        let at =
            if literals.peek().is_some() { rest.find(literal)? } else { rest.strip_suffix(literal)?.len() };
        let (arg, after) = rest.split_at(at);
        args.push(arg);
        rest = after.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(args)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every kind of note with its code and words.
    fn all() -> [(SessionNote, &'static str, &'static str); 14] {
        let [v4, v6] = ["127.0.0.1:80", "[fe80::1%3]:9"].map(|address| address.parse().unwrap());
        let [group, other] = ["239.1.2.3", "ff02::1"].map(|address| address.parse().unwrap());
        [
            (SessionNote::Listening(v4), "listening 127.0.0.1:80", "listening on 127.0.0.1:80"),
            (SessionNote::Bound(v6), "bound [fe80::1%3]:9", "bound to [fe80::1%3]:9"),
            (SessionNote::StoppedListening, "stopped-listening", "stopped listening"),
            (SessionNote::JoinedGroup(group), "joined 239.1.2.3", "joined group 239.1.2.3"),
            (SessionNote::LeftGroup(other), "left ff02::1", "left group ff02::1"),
            (SessionNote::Unsent(5, v6), "unsent 5 [fe80::1%3]:9", "5 bytes were not sent to [fe80::1%3]:9"),
            (
                SessionNote::NotMade(u64::MAX),
                "not-made 18446744073709551615",
                "18446744073709551615 short connections were not made",
            ),
            (SessionNote::FileStopped(5, 9), "file-stopped 5 9", "sending a file stopped after 5 of 9 bytes"),
            (
                SessionNote::RecordingResumed(1500),
                "recording-resumed 1500",
                "recording resumed after 1500 ms; no data was lost",
            ),
            (SessionNote::RecordingStopped, "recording-stopped", "recording stopped"),
            (
                SessionNote::NotRecorded(7, 8),
                "not-recorded 7 8",
                "not recorded: 7 bytes received, 8 bytes sent",
            ),
            (SessionNote::Closed, "closed", "closed"),
            (
                SessionNote::Missing(7, v4, v6),
                "missing 7 127.0.0.1:80 [fe80::1%3]:9",
                "7 bytes from 127.0.0.1:80 to [fe80::1%3]:9 are missing",
            ),
            (SessionNote::LeftOut(2), "left-out 2", "2 packets without readable TCP or UDP were left out"),
        ]
    }

    /// The words of captures without codes.
    fn old_words((note, _, words): (SessionNote, &'static str, &'static str)) -> &'static str {
        match note {
            SessionNote::FileStopped(..) => "sending a file was stopped after 5 of 9 bytes",
            SessionNote::RecordingResumed(_) => {
                "the capture is written again after 1500 ms, nothing is missing"
            }
            SessionNote::NotRecorded(..) => "not recorded until now: 7 bytes received, 8 bytes sent",
            SessionNote::LeftOut(_) => "2 packets were left out, as they hold no TCP or UDP that can be read",
            _same => words,
        }
    }

    #[test]
    fn every_note_is_read_back_by_its_code_whatever_its_words() {
        for (note, code, words) in all() {
            assert_eq!((note.to_string().as_str(), note.comment()), (words, format!("[{code}] {words}")));
            for words in [words, "", "something else", "[closed] closed", "listening on 127.0.0.1:9"] {
                assert_eq!(SessionNote::read(&format!("[{code}] {words}")), (Some(note), words), "{code}");
            }
        }
    }

    #[test]
    fn the_words_of_captures_without_codes_are_read() {
        for row in all() {
            assert_eq!(SessionNote::read(old_words(row)), (Some(row.0), old_words(row)));
        }
    }

    #[test]
    fn other_comments_are_not_session_notes() {
        for text in [
            "",
            "Closed",
            "listening on nothing",
            "5 bytes were not sent to",
            "[closed]",
            "[closed 1] x",
            "[unsent 5] x",
            "[listening nothing] x",
            "[CLOSED] closed",
            " [closed] closed",
            "[recorded 5] an unknown code",
        ] {
            assert_eq!(SessionNote::read(text), (None, text));
            assert_eq!(SessionNote::free_comment(text), text);
        }
    }

    #[test]
    fn a_text_that_looks_like_a_session_note_stays_a_text() {
        for row in all() {
            for text in [&row.0.comment(), old_words(row)] {
                assert_eq!(SessionNote::read(&SessionNote::free_comment(text)), (None, text));
            }
        }
        let nested = "[note] [note] x";
        assert_eq!(SessionNote::read(&SessionNote::free_comment(nested)), (None, nested));
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_is(text in r"(\[(note|closed|left-out 1)\] ?)?.{0,9}") {
            let comment = SessionNote::free_comment(&text);
            prop_assert_eq!(SessionNote::read(&comment), (None, text.as_str()));
        }
    }
}
