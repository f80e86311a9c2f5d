//! Errors in typed text, and what would be valid.

use super::{in_words, library};
use crate::codec::append::{AppendFault, MAX_BYTES, StepError, StepProblem};
use crate::codec::charset::Unencodable;
use crate::codec::compose::ComposeProblem;
use crate::codec::duration;
use crate::codec::escape::EscapeProblem;
use crate::codec::frame::{FramingFault, MAX_ADJUST, MAX_DELIMITER, MAX_MESSAGE, MAX_OFFSET};
use crate::codec::hex::HexProblem;
use crate::codec::matcher::{MatcherError, MatcherProblem};
use crate::codec::query::{QueryError, QueryProblem, RegexProblem};
use crate::codec::template::{MAX_DIGITS, MAX_RANDOM, TemplateError, TemplateProblem};
use crate::model::{Expected, Fault, Problem, Proxy};
use crate::state::SendProblem;
use crate::ui::lang::{Core, Lang};

/// What is wrong with a value, and what would be accepted.
pub fn fault(lang: Lang, fault: &Fault) -> String {
    if let Fault::Template(error) = fault {
        return template_error(lang, error);
    }
    in_words(lang, fault, |core| match fault {
        Fault::Missing => core.fault_missing(),
        Fault::Number(least, most) => core.fault_number(least, most),
        Fault::Duration(least, most) => {
            core.fault_duration(duration::to_text(*least), duration::to_text(*most))
        }
        Fault::Expected(expected) => match expected {
            Expected::LocalHost => core.expected_local_host(),
            Expected::Host => core.expected_host(),
            Expected::NoUser => core.expected_no_user(),
            Expected::Proxy => core.expected_proxy(),
            Expected::Group => core.expected_group(),
            Expected::Interface => core.expected_interface(),
            Expected::KeepAlive => core.expected_keep_alive(),
            Expected::Peer => core.expected_peer(),
            Expected::Lengths => core.expected_lengths(),
            Expected::Delay => core.expected_delay(),
            Expected::Rotation => core.expected_rotation(),
            Expected::Percentage => core.expected_percentage(),
            Expected::PauseAfter => core.expected_pause_after(),
            Expected::CloseCode => core.expected_close_code(),
            Expected::Path => core.expected_path(),
            Expected::Origin => core.expected_origin(),
            Expected::Token => core.expected_token(),
            Expected::Header => core.expected_header(),
            Expected::Rate => core.expected_rate(),
            Expected::Checksum => core.expected_checksum(),
            Expected::Key => core.expected_key(),
            Expected::Boolean => core.expected_boolean(),
            Expected::List => core.expected_list(),
            Expected::Table => core.expected_table(),
            Expected::Text => core.expected_text(),
            Expected::MessageOfRule => core.expected_message_of_rule(),
            Expected::Command => core.expected_command(),
            Expected::Bits => core.expected_bits(),
            Expected::Registers => core.expected_registers(),
        },
        Fault::Zone(names) => core.fault_zone(names.join(", ")),
        Fault::OneOf(words) => core.fault_one_of(words),
        Fault::Hex(error) => hex(core, error.why, error.len),
        Fault::Typed(error) => compose(core, error.why, error.len),
        Fault::Template(error) => template_error(lang, error),
        Fault::Pattern(error) => matcher(core, error),
        Fault::Framing(_) => core.fault_framing(),
        Fault::Limit(fault) => match fault {
            FramingFault::Delimiter(_) => core.framing_delimiter(MAX_DELIMITER),
            FramingFault::Size(_) => core.framing_range(1, MAX_MESSAGE),
            FramingFault::Offset(_) => core.framing_range(0, MAX_OFFSET),
            FramingFault::Width(_) => core.framing_range(1, 8),
            FramingFault::Adjust(_) => core.framing_adjust(MAX_ADJUST),
            FramingFault::Max { header, .. } => core.framing_range(header, MAX_MESSAGE),
            FramingFault::Pause(_) => core.framing_pause(),
        },
        Fault::Step(error) => step(core, error),
        Fault::Append(fault) => append(core, *fault),
        Fault::TooLong(most) => core.fault_too_long(most),
        Fault::PasswordTyped => core.fault_password_typed(Proxy::PASSWORD),
        Fault::Unused(protocol) => core.fault_unused(protocol.name()),
        Fault::Needs(names) => core.fault_needs(names.join(" / ")),
        Fault::GivesWay(name) => core.fault_gives_way(name),
        Fault::NeededFor(name) => core.fault_needed_for(name),
        Fault::UnusedFault(key, protocol) => core.fault_unused_fault(key, protocol.name()),
        Fault::Unframed(key) => core.fault_unframed(key),
        Fault::UnknownKey(Some(nearest), _) => core.fault_unknown_key(nearest),
        Fault::UnknownKey(None, known) => core.fault_unknown_keys(known.join(", ")),
        Fault::Of(what, why) => format!("{what}: {}", self::fault(lang, why)),
        Fault::NotUtf8 => core.fault_not_utf8(),
        Fault::NotAList => core.fault_not_a_list(),
        Fault::Duplicate => core.fault_duplicate(),
        Fault::Syntax(why) => core.fault_syntax(library::said(core, why)),
        Fault::Other(why) => library::said(core, why),
    })
}

pub(crate) fn fault_of(lang: Lang, problems: &[Problem], name: &str) -> Option<String> {
    problems.iter().find(|problem| problem.path == name).map(|problem| fault(lang, &problem.fault))
}

fn step(core: &Core, error: &StepError) -> String {
    match error.why {
        StepProblem::Unknown => core.step_unknown(),
        StepProblem::Hex(why) => hex(core, why, error.len),
        StepProblem::Count(_) => core.step_count(MAX_BYTES),
        StepProblem::Option => core.step_option(),
        StepProblem::Twice => core.step_twice(),
        StepProblem::Number => core.step_number(),
        StepProblem::Length(_) => core.step_length(),
    }
}

pub(crate) fn query_error(lang: Lang, error: &QueryError) -> String {
    in_words(lang, error, |core| query(core, error.why, error.len))
}

fn query(core: &Core, why: QueryProblem, len: usize) -> String {
    match why {
        QueryProblem::Empty => core.query_empty(),
        QueryProblem::TooLong => core.query_too_long(),
        QueryProblem::Hex(why) => hex(core, why, len),
        QueryProblem::Unencodable(error) => unencodable(core, error),
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

fn matcher(core: &Core, error: &MatcherError) -> String {
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
        SendProblem::AppendList(error) => in_words(lang, error, |core| step(core, error)),
    }
}

fn compose(core: &Core, why: ComposeProblem, len: usize) -> String {
    match why {
        ComposeProblem::Hex(why) => hex(core, why, len),
        ComposeProblem::Escape(why) => escape(core, why),
        ComposeProblem::Unencodable(error) => unencodable(core, error),
        ComposeProblem::OpenBracket => core.open_bracket(),
        ComposeProblem::EmptyBrackets => core.empty_brackets(),
    }
}

fn template_error(lang: Lang, error: &TemplateError) -> String {
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
        EscapeProblem::Unencodable(error) => unencodable(core, error),
    }
}

pub(super) fn append(core: &Core, fault: AppendFault) -> String {
    match fault {
        AppendFault::NothingToCheck { len, from, until } => core.append_nothing_to_check(len, from, until),
        AppendFault::NoPlaceForLength { len, offset } => core.append_no_place(len, offset),
        AppendFault::LengthDoesNotFit { value, width } => core.append_does_not_fit(value, width),
        AppendFault::TooLong { len, max } => core.append_too_long(len, max),
        AppendFault::OverLimit { len, limit } => core.append_over_limit(len, limit),
        AppendFault::TwoLengths => core.append_two_lengths(),
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

fn unencodable(core: &Core, error: Unencodable) -> String {
    core.not_in_charset(error.ch.escape_debug())
}
