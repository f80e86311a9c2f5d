//! Errors in queries.

use super::super::charset::Unencodable;
use super::super::hex::HexProblem;
use super::super::text_error::TextError;
use super::super::worded_enum;

/// Where and why a text is not a query.
pub type QueryError = TextError<QueryProblem>;

worded_enum! {
    /// Why a text is not a query.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum QueryProblem {
        Empty = "nothing to search for";
        TooLong = "longer than 64 KiB";
        /// It is not hex.
        Hex(HexProblem) = "{0}";
        /// A character that the charset lacks.
        Unencodable(Unencodable) = "{0}";
        /// It is not a regular expression.
        Regex(RegexProblem) = "{0}";
        TooLarge = "the regular expression needs too much memory";
    }
}

worded_enum! {
    /// Why a text is not a regular expression.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum RegexProblem {
        /// `(` without `)`.
        GroupUnclosed = "unclosed group; write \\( for a parenthesis";
        /// `)` without `(`.
        GroupUnopened = "unmatched parenthesis; write \\) for a parenthesis";
        /// `[` without `]`.
        ClassUnclosed = "unclosed character class; write \\[ for a bracket";
        /// A range that ends before it begins, like `[z-a]`, or at something that is not a character.
        Range = "invalid range in a character class";
        /// A backslash and a character that is not an escape.
        Escape = "unknown escape; write \\\\ for a backslash";
        /// `*`, `+`, `?` or `{` with nothing before it.
        NothingToRepeat = "nothing to repeat";
        /// A wrong number in braces, like `{3,2}`.
        Count = "invalid number of repetitions; expected e.g. {{3}}, {{3,}} or {{3,5}}";
        UnknownClass = "unknown character class";
        /// Look-around, like `(?=…)`, which is not supported.
        LookAround = "look-around is not supported";
        /// A backreference, like `\1`, which is not supported.
        Backreference = "backreferences are not supported";
        /// A wrong flag or name after `(?`.
        Flag = "unknown flag or group";
        TooDeep = "groups are nested too deeply";
        Other = "invalid regular expression";
    }
}
