//! Why data were sent, if not by hand.

use std::fmt;

/// What has sent data by itself. In the capture it is the comment on their packet, e.g. `[rule] greet`, with the name
/// of the rule; [`Display`](fmt::Display) gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The rule of this name.
    Rule(String),
    /// The cycle with this number.
    Cycle(u32),
    /// Faults of a relay: what was done, e.g. `delay=812ms duplicate`.
    Fault(String),
}

impl Why {
    /// How the comment of a fault begins.
    pub const FAULT: &str = "[fault]";

    /// Reads the comment on a packet.
    pub fn read(comment: &str) -> Option<Self> {
        if let Some(name) = comment.strip_prefix("[rule] ") {
            return Some(Self::Rule(name.to_owned()));
        }
        if let Some(what) = comment.strip_prefix(Self::FAULT) {
            return Some(Self::Fault(what.trim_start().to_owned()));
        }
        comment.strip_prefix("[cycle] ")?.parse().ok().map(Self::Cycle)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(name) => write!(f, "[rule] {name}"),
            Self::Fault(what) => write!(f, "{} {what}", Self::FAULT),
            Self::Cycle(number) => write!(f, "[cycle] {number}"),
        }
    }
}
