//! Errors in messages with placeholders.

use super::{MAX_DIGITS, MAX_RANDOM};
use crate::codec::compose::ComposeProblem;
use crate::codec::text_error::TextError;
use crate::codec::worded_enum;

worded_enum! {
    /// Why a message with placeholders cannot be read.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum TemplateProblem {
        /// The text between the placeholders is invalid.
        Typed(ComposeProblem) = "{0}";
        OpenBrace = "unclosed brace; write {{{{ for a literal brace";
        Unknown = "unknown placeholder; expected one of {{time[:FORMAT]}}, {{unix}}, {{unix_ms}}, \
             {{n[:START[:STEP[:WIDTH[:be|le]]]]}}, {{random:N}}, {{number:A-B}}, {{peer}}, \
             {{length[+K|-K][:WIDTH[:be|le]]}}, {{rest[+K|-K][:WIDTH[:be|le]]}}; write {{{{ for a literal brace";
        /// An invalid time format, or one with characters that the charset lacks.
        Time = "expected a strftime format, e.g. {{time:%H:%M:%S%.3f}}";
        Counter = "expected a start, a step and at most {MAX_DIGITS} digits, e.g. {{n:1:1:4}}, or up to eight bytes \
             and their order, e.g. {{n:0:1:2:be}}";
        Random = "expected a number of bytes from 1 to {MAX_RANDOM}, e.g. {{random:8}}";
        Number = "expected the least and the greatest number, e.g. {{number:1-100}}";
        Length = "expected a number to add and at most {MAX_DIGITS} digits, e.g. {{length-2:4}}, or up to eight \
             bytes and their order, e.g. {{length:2:be}}";
        Group = "the pattern has no such group; {{0}} is the whole message, {{1}} the first group of a regular expression";
        Byte = "expected a position from the start or the end, and a number to add, e.g. {{byte:3}}, {{byte:-1}}, \
             {{byte:3+1}}";
        Bytes = "expected the first and the last byte, e.g. {{bytes:2..6}}, {{bytes:-2..}}";
        Json = "expected names or numbers separated by dots, e.g. {{json:user.name}}";
    }
}

/// Where and why a message with placeholders cannot be read.
pub type TemplateError = TextError<TemplateProblem>;
