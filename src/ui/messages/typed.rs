//! Errors in typed text, and what would be valid.

use super::in_words;
use crate::codec::append::{AppendFault, MAX_BYTES};
use crate::codec::charset::Unencodable;
use crate::codec::compose::ComposeProblem;
use crate::codec::escape::EscapeProblem;
use crate::codec::frame::{FramingFault, MAX_ADJUST, MAX_DELIMITER, MAX_MESSAGE, MAX_OFFSET};
use crate::codec::hex::HexProblem;
use crate::codec::matcher::{MatcherError, MatcherProblem};
use crate::codec::query::{QueryError, QueryProblem, RegexProblem};
use crate::codec::template::{MAX_DIGITS, MAX_RANDOM, TemplateError, TemplateProblem};
use crate::state::{AppendTrouble, CycleProblem, FileProblem, FramingTrouble, Problem, SendProblem};
use crate::ui::lang::{Core, Lang};

/// What is wrong with the options of a file, and what would be valid.
pub fn file_problem(lang: Lang, problem: FileProblem) -> String {
    match problem {
        FileProblem::Chunk(most) => lang.field_chunk(most),
        FileProblem::Pause => lang.field_pause().into(),
        FileProblem::Rate => lang.field_rate().into(),
        FileProblem::Append => lang.field_append().into(),
    }
}

/// What is wrong with a cycle, and what would be valid.
pub fn cycle_problem(lang: Lang, problem: CycleProblem) -> &'static str {
    match problem {
        CycleProblem::Period => lang.field_cycle(),
        CycleProblem::Count => lang.field_count(),
    }
}

/// What is wrong with a field, and what would be valid.
pub fn problem(lang: Lang, problem: Problem) -> String {
    match problem {
        Problem::Missing => lang.field_missing().into(),
        Problem::NotInRange(least, most) => lang.field_range(least, most),
        Problem::NotAnAddress => lang.field_address().into(),
        Problem::NotAHost => lang.field_host().into(),
        Problem::NotAGroup => lang.field_group().into(),
    }
}

/// What is wrong with a field of the framing, and what would be valid.
pub fn framing_trouble(lang: Lang, trouble: &FramingTrouble) -> String {
    match trouble {
        FramingTrouble::NotANumber => lang.field_number().into(),
        FramingTrouble::Hex(error) => in_words(lang, error, |core| hex(core, error.why, error.len)),
        FramingTrouble::Fault(fault) => in_words(lang, fault, |core| match fault {
            FramingFault::Delimiter(_) => core.framing_delimiter(MAX_DELIMITER),
            FramingFault::Size(_) => core.framing_range(1, MAX_MESSAGE),
            FramingFault::Offset(_) => core.framing_range(0, MAX_OFFSET),
            FramingFault::Width(_) => core.framing_range(1, 8),
            FramingFault::Adjust(_) => core.framing_adjust(MAX_ADJUST),
            FramingFault::Max { header, .. } => core.framing_range(header, MAX_MESSAGE),
            FramingFault::Pause(_) => core.framing_pause(),
        }),
    }
}

/// What is wrong with a query.
pub fn query_error(lang: Lang, error: &QueryError) -> String {
    in_words(lang, error, |core| query(core, error.why, error.len))
}

fn query(core: &Core, why: QueryProblem, len: usize) -> String {
    match why {
        QueryProblem::Empty => core.query_empty(),
        QueryProblem::TooLong => core.query_too_long(),
        QueryProblem::Hex(why) => hex(core, why, len),
        QueryProblem::Unencodable(error) => unencodable(core, &error),
        QueryProblem::TooLarge => core.query_too_large(),
        QueryProblem::Regex(RegexProblem::GroupUnclosed) => core.regex_group_unclosed(),
        QueryProblem::Regex(RegexProblem::GroupUnopened) => core.regex_group_unopened(),
        QueryProblem::Regex(RegexProblem::ClassUnclosed) => core.regex_class_unclosed(),
        QueryProblem::Regex(RegexProblem::Range) => core.regex_range(),
        QueryProblem::Regex(RegexProblem::Escape) => core.regex_escape(),
        QueryProblem::Regex(RegexProblem::NothingToRepeat) => core.regex_nothing_to_repeat(),
        QueryProblem::Regex(RegexProblem::Count) => core.regex_count(),
        QueryProblem::Regex(RegexProblem::UnknownClass) => core.regex_unknown_class(),
        QueryProblem::Regex(RegexProblem::LookAround) => core.regex_look_around(),
        QueryProblem::Regex(RegexProblem::Backreference) => core.regex_backreference(),
        QueryProblem::Regex(RegexProblem::Flag) => core.regex_flag(),
        QueryProblem::Regex(RegexProblem::TooDeep) => core.regex_too_deep(),
        QueryProblem::Regex(RegexProblem::Other) => core.regex_other(),
    }
}

pub(super) fn matcher(core: &Core, error: &MatcherError) -> String {
    match error.why {
        MatcherProblem::Empty => core.pattern_empty(),
        MatcherProblem::TooLong => core.query_too_long(),
        MatcherProblem::Hex(why) => hex(core, why, error.len),
        MatcherProblem::Typed(why) => compose(core, why, error.len),
        MatcherProblem::Query(why) => query(core, why, error.len),
    }
}

/// What is wrong in the send box, and what would be valid.
pub fn send_problem(lang: Lang, problem: &SendProblem) -> String {
    match problem {
        SendProblem::Typed(error) => in_words(lang, error, |core| compose(core, error.why, error.len)),
        SendProblem::Placeholder(error) => template_error(lang, error),
        SendProblem::Append(fault) => in_words(lang, fault, |core| append(core, *fault)),
        SendProblem::AppendForm => lang.append_menu_wrong().into(),
    }
}

pub(super) fn compose(core: &Core, why: ComposeProblem, len: usize) -> String {
    match why {
        ComposeProblem::Hex(why) => hex(core, why, len),
        ComposeProblem::Escape(why) => escape(core, why),
        ComposeProblem::Unencodable(error) => unencodable(core, &error),
        ComposeProblem::OpenBracket => core.open_bracket(),
        ComposeProblem::EmptyBrackets => core.empty_brackets(),
    }
}

/// What is wrong with a placeholder or the text around it, and what would be valid.
pub fn template_error(lang: Lang, error: &TemplateError) -> String {
    if error.why == TemplateProblem::Unknown {
        // In the window a menu lists them, so the text refers to it.
        return lang.placeholder_unknown().into();
    }
    in_words(lang, error, |core| match error.why {
        TemplateProblem::Typed(why) => compose(core, why, error.len),
        TemplateProblem::OpenBrace => core.open_brace(),
        TemplateProblem::Unknown => lang.placeholder_unknown().into(),
        TemplateProblem::Time => core.placeholder_time(),
        TemplateProblem::Counter => core.placeholder_counter(MAX_DIGITS),
        TemplateProblem::Random => core.placeholder_random(MAX_RANDOM),
        TemplateProblem::Number => core.placeholder_number(),
        TemplateProblem::Length => core.placeholder_length(MAX_DIGITS),
        TemplateProblem::Group => core.placeholder_group(),
        TemplateProblem::Byte => core.placeholder_byte(),
        TemplateProblem::Bytes => core.placeholder_bytes(),
        TemplateProblem::Json => core.placeholder_json(),
    })
}

fn escape(core: &Core, why: EscapeProblem) -> String {
    match why {
        EscapeProblem::Unknown(c) => core.escape_unknown(c.escape_debug()),
        EscapeProblem::Alone => core.escape_alone(),
        EscapeProblem::BadByte => core.escape_byte(),
        EscapeProblem::BadChar => core.escape_char(),
        EscapeProblem::Unencodable(error) => unencodable(core, &error),
    }
}

pub(super) fn append(core: &Core, fault: AppendFault) -> String {
    match fault {
        AppendFault::NothingToCheck { len, from, until } => core.append_nothing_to_check(len, from, until),
        AppendFault::NoPlaceForLength { len, offset } => core.append_no_place(len, offset),
        AppendFault::LengthDoesNotFit { value, width } => core.append_does_not_fit(value, width),
        AppendFault::TooLong { len, max } => core.append_too_long(len, max),
        AppendFault::TwoLengths => core.append_two_lengths(),
    }
}

/// What is wrong with a field of the bytes to append, and what would be valid.
pub fn append_trouble(lang: Lang, trouble: AppendTrouble) -> String {
    match trouble {
        AppendTrouble::NotANumber => framing_trouble(lang, &FramingTrouble::NotANumber),
        AppendTrouble::Hex(error) => framing_trouble(lang, &FramingTrouble::Hex(error)),
        AppendTrouble::Fault(fault) => framing_trouble(lang, &FramingTrouble::Fault(fault)),
        AppendTrouble::TooMany => lang.field_append_most(MAX_BYTES),
    }
}

pub(super) fn hex(core: &Core, why: HexProblem, len: usize) -> String {
    match why {
        HexProblem::NotHex(c) => core.hex_not_a_digit(c.escape_debug()),
        HexProblem::OddRun => core.hex_odd(len),
        HexProblem::NoDigits => core.hex_no_digits(),
        HexProblem::NotAByte => core.hex_not_a_byte(),
    }
}

fn unencodable(core: &Core, error: &Unencodable) -> String {
    core.not_in_charset(error.ch.escape_debug())
}
