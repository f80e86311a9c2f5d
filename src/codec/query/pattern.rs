//! Translates regular expressions over characters into ones over bytes.

mod class;

use std::convert::Infallible;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ast::{self, Ast, ClassSetItem, Literal, Span};
use regex_syntax::{ParserBuilder, ast::ErrorKind};

use super::super::Charset;
use super::super::charset::Unencodable;
use super::super::hex;
use super::super::text_error::TextError;
use super::{CaseRule, QueryError, QueryProblem, RegexProblem, Sought};

/// The most memory in bytes for the compiled expression, and for its cache while searching.
const MAX_SIZE: usize = 4 * 1024 * 1024;
/// The deepest nesting of groups.
const MAX_DEPTH: u32 = 100;

/// What to search for to find literal text.
pub(super) fn of_text(text: &str, charset: Charset, case: CaseRule) -> Result<Sought, QueryError> {
    let bytes = charset.encode(text).map_err(unencodable)?;
    let is_utf8 = charset == Charset::Utf8;
    let has_case = |c: char| {
        if is_utf8 {
            !(c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]))
        } else {
            c.is_ascii_alphabetic()
        }
    };
    if case == CaseRule::Exact || !text.contains(has_case) {
        return Ok(Sought::Bytes(bytes));
    }
    if is_utf8 {
        return Ok(Sought::Pattern(format!("(?u:{})", regex::escape(text))));
    }
    let mut pattern = String::new();
    for c in text.chars() {
        let bytes = charset.encode(c.encode_utf8(&mut [0; 4])).map_err(unencodable)?;
        pattern.push_str(&bytes_of(c, &bytes));
    }
    Ok(Sought::Pattern(pattern))
}

/// The regular expression over bytes for one over characters; see
/// [`QueryKind::Regex`](super::QueryKind::Regex).
pub(super) fn of_regex(text: &str, charset: Charset, case: CaseRule) -> Result<String, QueryError> {
    let ast =
        ast::parse::ParserBuilder::new().nest_limit(MAX_DEPTH).build().parse(text).map_err(|error| {
            let why = QueryProblem::Regex(problem(error.kind()));
            at(text, error.span(), why)
        })?;
    let translator = Translator { text, charset, case, class: None, changes: Vec::new(), error: None };
    let (changes, error) = match ast::visit(&ast, translator) {
        Ok(done) => done,
        Err(never) => match never {},
    };
    if let Some(error) = error {
        return Err(error);
    }
    let mut pattern = String::with_capacity(text.len());
    let mut done = 0;
    for (range, replacement) in changes {
        pattern.push_str(text.get(done..range.start).unwrap_or_default());
        pattern.push_str(&replacement);
        done = range.end;
    }
    pattern.push_str(text.get(done..).unwrap_or_default());
    Ok(pattern)
}

/// A compiled expression.
pub(super) struct Compiled {
    pub(super) regex: Regex,
    /// The longest possible match in bytes; `None` if unlimited or unknown.
    pub(super) max_len: Option<usize>,
    /// Whether no part of it looks at the bytes around a match.
    pub(super) is_local: bool,
}

/// Compiles an expression. `text_len` is the length of the typed text.
pub(super) fn compile(pattern: &str, case: CaseRule, text_len: usize) -> Result<Compiled, QueryError> {
    let whole = |why| QueryError { at: 0, len: text_len, why };
    let ignore = case == CaseRule::Ignore;
    let regex = RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(ignore)
        .nest_limit(MAX_DEPTH + 2)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => whole(QueryProblem::TooLarge),
            _ => whole(QueryProblem::Regex(RegexProblem::Other)),
        })?;
    let parsed = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .case_insensitive(ignore)
        .nest_limit(MAX_DEPTH + 2)
        .build()
        .parse(pattern);
    Ok(match &parsed {
        Ok(hir) => {
            let (max_len, looks) = (hir.properties().maximum_len(), hir.properties().look_set());
            Compiled { regex, max_len, is_local: looks.is_empty() }
        }
        Err(_) => Compiled { regex, max_len: None, is_local: false },
    })
}

/// Collects the parts of an expression that must be replaced.
struct Translator<'a> {
    text: &'a str,
    charset: Charset,
    case: CaseRule,
    /// Inside a bracketed class: whether it names characters beyond ASCII.
    class: Option<bool>,
    changes: Vec<(Range<usize>, String)>,
    error: Option<QueryError>,
}

impl Translator<'_> {
    fn fail(&mut self, span: &Span, why: QueryProblem) {
        if self.error.is_none() {
            self.error = Some(at(self.text, span, why));
        }
    }

    fn change(&mut self, span: &Span, to: String) {
        self.changes.push((span.start.offset..span.end.offset, to));
    }

    fn is_utf16(&self) -> bool {
        self.charset.unit() == 2
    }

    /// The bytes of a named character; `None` after a failure, and for `\xHH`.
    fn encoded(&mut self, literal: &Literal) -> Option<Vec<u8>> {
        if literal.byte().is_some() {
            return None;
        }
        match self.charset.encode(literal.c.encode_utf8(&mut [0; 4])) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.fail(&literal.span, QueryProblem::Unencodable(error.why));
                None
            }
        }
    }

    fn literal(&mut self, literal: &Literal) {
        let Some(bytes) = self.encoded(literal) else { return };
        let c = literal.c;
        if c.is_ascii() && !self.is_utf16() {
            return;
        }
        let to = if self.charset == Charset::Utf8 {
            format!(r"(?u:\x{{{:X}}})", u32::from(c))
        } else {
            bytes_of(c, &bytes)
        };
        self.change(&literal.span, to);
    }

    /// Translates a class of characters.
    fn class(&mut self, span: &Span) {
        let source = self.text.get(span.start.offset..span.end.offset).unwrap_or_default();
        let Some(ranges) = class::ranges(source, self.case) else {
            self.fail(span, QueryProblem::Regex(RegexProblem::UnknownClass));
            return;
        };
        let to = if self.charset == Charset::Utf8 {
            format!("(?u:{source})")
        } else {
            class::in_charset(&ranges, self.charset)
        };
        self.change(span, to);
    }
}

impl ast::Visitor for Translator<'_> {
    type Output = (Vec<(Range<usize>, String)>, Option<QueryError>);
    type Err = Infallible;

    fn finish(self) -> Result<Self::Output, Infallible> {
        Ok((self.changes, self.error))
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        match ast {
            Ast::Literal(literal) => self.literal(literal),
            Ast::ClassUnicode(class) => self.class(&class.span),
            Ast::ClassPerl(class) if self.is_utf16() => self.class(&class.span),
            Ast::Dot(span) if self.is_utf16() => self.change(span, class::unit(self.charset)),
            Ast::ClassBracketed(_) => self.class = Some(self.is_utf16()),
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        let mut named = |literal: &Literal| self.encoded(literal).is_some() && !literal.c.is_ascii();
        let beyond_ascii = match item {
            ClassSetItem::Literal(literal) => named(literal),
            ClassSetItem::Range(range) => named(&range.start) | named(&range.end),
            ClassSetItem::Unicode(_) => true,
            _ => false,
        };
        if let Some(class) = &mut self.class {
            *class |= beyond_ascii;
        }
        Ok(())
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), Infallible> {
        if let Ast::ClassBracketed(class) = ast
            && self.class.take() == Some(true)
        {
            self.class(&class.span);
        }
        Ok(())
    }
}

/// The bytes of one character, whose case matters unless it is one of A to Z.
fn bytes_of(c: char, bytes: &[u8]) -> String {
    let flags = if c.is_ascii_alphabetic() { "-u" } else { "-iu" };
    format!("(?{flags}:{})", escaped(bytes))
}

/// Bytes as a regular expression.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let digits = |byte: &u8| hex::digits(*byte);
    bytes.iter().map(digits).flat_map(|[high, low]| ['\\', 'x', high, low]).collect()
}

fn unencodable(error: TextError<Unencodable>) -> QueryError {
    error.within(0, QueryProblem::Unencodable)
}

fn at(text: &str, span: &Span, why: QueryProblem) -> QueryError {
    let start = text.floor_char_boundary(span.start.offset);
    // An empty range is extended to the next character.
    let next = text.get(start..).and_then(|rest| rest.chars().next());
    let least = start + if span.end.offset <= start { next.map_or(0, char::len_utf8) } else { 0 };
    let end = text.floor_char_boundary(span.end.offset).max(least);
    QueryError { at: start, len: end - start, why }
}

fn problem(kind: &ErrorKind) -> RegexProblem {
    match kind {
        ErrorKind::GroupUnclosed => RegexProblem::GroupUnclosed,
        ErrorKind::GroupUnopened => RegexProblem::GroupUnopened,
        ErrorKind::ClassUnclosed => RegexProblem::ClassUnclosed,
        ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral => RegexProblem::Range,
        ErrorKind::ClassEscapeInvalid
        | ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::EscapeUnexpectedEof
        | ErrorKind::EscapeUnrecognized
        | ErrorKind::SpecialWordBoundaryUnclosed
        | ErrorKind::SpecialWordBoundaryUnrecognized
        | ErrorKind::SpecialWordOrRepetitionUnexpectedEof => RegexProblem::Escape,
        ErrorKind::RepetitionMissing => RegexProblem::NothingToRepeat,
        ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => RegexProblem::Count,
        ErrorKind::UnicodeClassInvalid => RegexProblem::UnknownClass,
        ErrorKind::UnsupportedLookAround => RegexProblem::LookAround,
        ErrorKind::UnsupportedBackreference => RegexProblem::Backreference,
        ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagDuplicate { .. }
        | ErrorKind::FlagRepeatedNegation { .. }
        | ErrorKind::FlagUnexpectedEof
        | ErrorKind::FlagUnrecognized
        | ErrorKind::GroupNameDuplicate { .. }
        | ErrorKind::GroupNameEmpty
        | ErrorKind::GroupNameInvalid
        | ErrorKind::GroupNameUnexpectedEof => RegexProblem::Flag,
        ErrorKind::NestLimitExceeded(_) => RegexProblem::TooDeep,
        // The crate may add more.
        _ => RegexProblem::Other,
    }
}
