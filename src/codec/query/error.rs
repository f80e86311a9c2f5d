//! Why a text is no query. Knows no query.

use std::fmt;

use super::super::charset::Unencodable;
use super::super::hex::HexProblem;
use super::super::text_error::TextError;

/// Where and why a text is not a query.
pub type QueryError = TextError<QueryProblem>;

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

impl fmt::Display for QueryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing to search for"),
            Self::TooLong => f.write_str("longer than 64 KiB"),
            Self::Hex(why) => why.fmt(f),
            Self::Unencodable(error) => error.fmt(f),
            Self::Regex(why) => why.fmt(f),
            Self::TooLarge => f.write_str("the regular expression needs too much memory"),
        }
    }
}

impl fmt::Display for RegexProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GroupUnclosed => "unclosed group; write \\( for a parenthesis",
            Self::GroupUnopened => "unmatched parenthesis; write \\) for a parenthesis",
            Self::ClassUnclosed => "unclosed character class; write \\[ for a bracket",
            Self::Range => "invalid range in a character class",
            Self::Escape => "unknown escape; write \\\\ for a backslash",
            Self::NothingToRepeat => "nothing to repeat",
            Self::Count => "invalid number of repetitions; expected e.g. {3}, {3,} or {3,5}",
            Self::UnknownClass => "unknown character class",
            Self::LookAround => "look-around is not supported",
            Self::Backreference => "backreferences are not supported",
            Self::Flag => "unknown flag or group",
            Self::TooDeep => "groups are nested too deeply",
            Self::Other => "invalid regular expression",
        })
    }
}
