//! Why data were sent, if not by hand.

use std::fmt;
use std::time::Duration;

use super::{PassedFrom, WsMark};
use crate::codec::duration;

/// What has sent data by itself, or changed what a relay passes on. In the capture it is the comment on their packet, e.g.
/// `[rule] greet`, with the name of the rule, and one line for each if there are several; [`Display`](fmt::Display) gives
/// a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The rule of this name.
    Rule(String),
    /// The cycle with this number.
    Cycle(u32),
    /// Faults of a relay: what was done, e.g. `delay=812ms duplicate`.
    Fault(String),
    /// Nothing that came from the other side of a relay.
    Added,
    /// Somebody, while the rule of this name held a message, as it was.
    Hand(String),
    /// Somebody has changed the message that the rule of this name held.
    Edited(String),
    /// The rule of this name held it for this time; nobody decided.
    Held(String, Duration),
}

impl Why {
    /// How the comment of a fault begins.
    pub const FAULT: &str = "[fault]";

    /// The comment on data that a relay sends by itself.
    pub const ADDED: &str = "[added]";

    /// Reads the comment on a packet; empty if it says something else.
    ///
    /// # Example
    /// ```
    /// use netassist::model::Why;
    /// let both = [Why::Rule("a".to_owned()), Why::Fault("delay=5ms".to_owned())];
    /// assert_eq!(Why::read_all("[rule] a\n[fault] delay=5ms"), both);
    /// assert!(Why::read_all("label=3").is_empty());
    /// ```
    pub fn read_all(comment: &str) -> Vec<Self> {
        PassedFrom::read(comment).1.lines().map_while(Self::read).collect()
    }

    /// Whether the writer of a capture has made this comment on data sent.
    pub fn is_own(comment: &[u8]) -> bool {
        let Ok(comment) = std::str::from_utf8(comment) else { return false };
        let (from, rest) = PassedFrom::read(comment);
        rest.is_empty() && (from.is_some() || WsMark::read(comment).0.is_some())
            || !Self::read_all(rest).is_empty()
    }

    /// Whether nothing but a delay was put in: the data are those that came.
    pub fn is_delay(&self) -> bool {
        matches!(self, Self::Fault(done) if done.split(' ').all(|what| what.starts_with("delay=")))
    }

    /// Whether the data are those that came, whoever has let them pass.
    pub fn keeps(&self) -> bool {
        matches!(self, Self::Hand(_) | Self::Held(..)) || self.is_delay()
    }

    /// Reads a line.
    pub fn read(comment: &str) -> Option<Self> {
        if let Some(name) = comment.strip_prefix("[rule] ") {
            return Some(Self::Rule(name.to_owned()));
        }
        if let Some(what) = comment.strip_prefix(Self::FAULT) {
            return Some(Self::Fault(what.trim_start().to_owned()));
        }
        if let Some(name) = comment.strip_prefix("[hand] ") {
            return Some(Self::Hand(name.to_owned()));
        }
        if let Some(name) = comment.strip_prefix("[edited] ") {
            return Some(Self::Edited(name.to_owned()));
        }
        if let Some((time, name)) = comment.strip_prefix("[held] ").and_then(|rest| rest.split_once(' ')) {
            return Some(Self::Held(name.to_owned(), duration::parse(time).ok()?));
        }
        if comment == Self::ADDED {
            return Some(Self::Added);
        }
        comment.strip_prefix("[cycle] ")?.parse().ok().map(Self::Cycle)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(name) => write!(f, "[rule] {name}"),
            Self::Hand(name) => write!(f, "[hand] {name}"),
            Self::Edited(name) => write!(f, "[edited] {name}"),
            Self::Held(name, time) => write!(f, "[held] {} {name}", duration::to_text(*time)),
            Self::Added => f.write_str(Self::ADDED),
            Self::Fault(what) => write!(f, "{} {what}", Self::FAULT),
            Self::Cycle(number) => write!(f, "[cycle] {number}"),
        }
    }
}
