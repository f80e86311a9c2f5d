//! Errors in queries.

use super::super::charset::Unencodable;
use super::super::hex::HexProblem;
use super::super::text_error::TextError;

/// Where and why a text is not a query.
pub type QueryError = TextError<QueryProblem>;

/// Why a text is not a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum QueryProblem {
    /// It is empty.
    #[error("nothing to search for")]
    Empty,
    /// It is longer than 64 KiB.
    #[error("longer than 64 KiB")]
    TooLong,
    /// It is not hex.
    #[error("{0}")]
    Hex(HexProblem),
    /// A character that the charset lacks.
    #[error("{0}")]
    Unencodable(Unencodable),
    /// It is not a regular expression.
    #[error("{0}")]
    Regex(RegexProblem),
    /// The regular expression would need too much memory.
    #[error("the regular expression needs too much memory")]
    TooLarge,
}

/// Why a text is not a regular expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RegexProblem {
    /// `(` without `)`.
    #[error("unclosed group; write \\( for a parenthesis")]
    GroupUnclosed,
    /// `)` without `(`.
    #[error("unmatched parenthesis; write \\) for a parenthesis")]
    GroupUnopened,
    /// `[` without `]`.
    #[error("unclosed character class; write \\[ for a bracket")]
    ClassUnclosed,
    /// A range that ends before it begins, like `[z-a]`, or at something that is not a character.
    #[error("invalid range in a character class")]
    Range,
    /// A backslash and a character that is not an escape.
    #[error("unknown escape; write \\\\ for a backslash")]
    Escape,
    /// `*`, `+`, `?` or `{` with nothing before it.
    #[error("nothing to repeat")]
    NothingToRepeat,
    /// A wrong number in braces, like `{3,2}`.
    #[error("invalid number of repetitions; expected e.g. {{3}}, {{3,}} or {{3,5}}")]
    Count,
    /// An unknown Unicode class.
    #[error("unknown character class")]
    UnknownClass,
    /// Look-around, like `(?=…)`, which is not supported.
    #[error("look-around is not supported")]
    LookAround,
    /// A backreference, like `\1`, which is not supported.
    #[error("backreferences are not supported")]
    Backreference,
    /// A wrong flag or name after `(?`.
    #[error("unknown flag or group")]
    Flag,
    /// Groups that are nested too deeply.
    #[error("groups are nested too deeply")]
    TooDeep,
    /// Anything else.
    #[error("invalid regular expression")]
    Other,
}
