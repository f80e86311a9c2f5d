//! Errors in queries.

use std::fmt;

use super::super::charset::Unencodable;
use super::super::hex::HexProblem;
use super::super::text_error::TextError;

/// Where and why a text is not a query.
pub type QueryError = TextError<QueryProblem>;

/// Why a text is not a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueryProblem {
    /// It is empty.
    Empty,
    /// It is longer than 64 KiB.
    TooLong,
    /// It is not hex.
    Hex(HexProblem),
    /// A character that the charset lacks.
    Unencodable(Unencodable),
    /// It is not a regular expression.
    Regex(RegexProblem),
    /// The regular expression would need too much memory.
    TooLarge,
}

/// Why a text is not a regular expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegexProblem {
    /// `(` without `)`.
    GroupUnclosed,
    /// `)` without `(`.
    GroupUnopened,
    /// `[` without `]`.
    ClassUnclosed,
    /// A range that ends before it begins, like `[z-a]`, or at something that is not a character.
    Range,
    /// A backslash and a character that is not an escape.
    Escape,
    /// `*`, `+`, `?` or `{` with nothing before it.
    NothingToRepeat,
    /// A wrong number in braces, like `{3,2}`.
    Count,
    /// An unknown Unicode class.
    UnknownClass,
    /// Look-around, like `(?=…)`, which is not supported.
    LookAround,
    /// A backreference, like `\1`, which is not supported.
    Backreference,
    /// A wrong flag or name after `(?`.
    Flag,
    /// Groups that are nested too deeply.
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
