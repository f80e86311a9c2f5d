//! Why a text is no query. Knows no query.

use std::fmt;

use super::super::charset::Unencodable;
use super::super::hex::{HexError, HexProblem};

/// Where and why a text is no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueryError {
    /// Where the fault begins: an offset in bytes into the text, on a character boundary.
    pub at: usize,
    /// How many bytes of the text are at fault.
    pub len: usize,
    /// What is wrong.
    pub why: QueryProblem,
}

/// Why a text is no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueryProblem {
    /// There is nothing to search for.
    Empty,
    /// It is longer than 64 KiB.
    TooLong,
    /// It is no hex.
    Hex(HexProblem),
    /// A character that the charset does not have.
    Unencodable(Unencodable),
    /// It is no regular expression.
    Regex(RegexProblem),
    /// The regular expression would need too much memory.
    TooLarge,
}

/// Why a text is no regular expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegexProblem {
    /// `(` without `)`.
    GroupUnclosed,
    /// `)` without `(`.
    GroupUnopened,
    /// `[` without `]`.
    ClassUnclosed,
    /// A range that ends before it begins, as `[z-a]`, or at something that is no character.
    Range,
    /// A backslash and what means nothing after it.
    Escape,
    /// `*`, `+`, `?` or `{` with nothing before it.
    NothingToRepeat,
    /// A wrong number in braces, as `{3,2}`.
    Count,
    /// No class of Unicode has this name.
    UnknownClass,
    /// Look-around, as `(?=…)`, is not supported.
    LookAround,
    /// A back-reference, as `\1`, is not supported.
    Backreference,
    /// A wrong flag or name after `(?`.
    Flag,
    /// Groups in groups, too many of them.
    TooDeep,
    /// Anything else.
    Other,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            QueryProblem::Empty => f.write_str("there is nothing to search for"),
            QueryProblem::TooLong => f.write_str("longer than 64 KiB"),
            QueryProblem::Hex(why) => HexError { at: self.at, len: self.len, why }.fmt(f),
            QueryProblem::Unencodable(error) => error.fmt(f),
            QueryProblem::Regex(why) => why.fmt(f),
            QueryProblem::TooLarge => f.write_str("the regular expression needs too much memory"),
        }
    }
}

impl fmt::Display for RegexProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GroupUnclosed => "this group is not closed; write \\( for a parenthesis",
            Self::GroupUnopened => "no group is open here; write \\) for a parenthesis",
            Self::ClassUnclosed => "this class is not closed; write \\[ for a bracket",
            Self::Range => "this range of a class ends before it begins",
            Self::Escape => "this is no escape; write \\\\ for a backslash",
            Self::NothingToRepeat => "there is nothing to repeat here",
            Self::Count => "this is no number of repetitions; right are {3}, {3,} and {3,5}",
            Self::UnknownClass => "no class of characters has this name",
            Self::LookAround => "look-around is not supported",
            Self::Backreference => "back-references are not supported",
            Self::Flag => "no such flag or group",
            Self::TooDeep => "too many groups in groups",
            Self::Other => "this is no regular expression",
        })
    }
}

impl std::error::Error for QueryError {}
