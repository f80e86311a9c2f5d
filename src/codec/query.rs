//! Searching in bytes: for text in a charset, for hex with wildcards, or for a regular expression.

mod error;
mod pattern;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;
use regex::bytes::Regex;

use super::Charset;
use super::masked::Masked;
use super::named_enum;

pub use error::{QueryError, QueryProblem, RegexProblem};

/// The longest text of a query, in bytes.
const MAX_TEXT: usize = 64 * 1024;

named_enum! {
    /// How the text of a query is interpreted. The search is always for bytes at any offset: a hit may begin in
    /// the middle of a character of several bytes.
    #[derive(Default)]
    pub enum QueryKind {
        /// Literal text without escapes.
        #[default]
        Text = "text",
        /// Bytes in any form that [`hex`](super::hex) reads; `??` matches any byte, `?A` and `A?` any byte with
        /// this half, `81&F0` any byte with these bits under this mask.
        Hex = "hex",
        /// A regular expression over bytes, in the syntax of the crate `regex` (no look-around, no
        /// backreferences).
        ///
        /// `.`, `\d`, `\w`, `\b` and classes like `[a-z]` and `[^,]` match bytes; `\xHH` is this byte. A
        /// character beyond ASCII stands for its bytes in the charset, and is repeated as a whole: `测+`. A class
        /// with such characters, `[一-龥]`, and a Unicode class, `\p{Han}`, match characters of the charset; those
        /// beyond U+FFFF only in UTF-8, or if they are listed one by one. In UTF-16 all characters and classes
        /// are matched that way, and `.` is two bytes.
        Regex = "regex",
    }
}

named_enum! {
    /// Whether case matters.
    #[derive(Default)]
    pub enum CaseRule {
        /// Upper and lower case differ.
        #[default]
        Exact = "exact",
        /// Case is ignored: by simple case folding of Unicode in UTF-8, for A to Z in other charsets. No effect
        /// on hex.
        Ignore = "ignore",
    }
}

/// A compiled query. Cheap to clone; two are equal if they were made from the same input.
#[derive(Clone)]
pub struct Query {
    inner: Arc<Inner>,
}

struct Inner {
    kind: QueryKind,
    text: String,
    charset: Charset,
    case: CaseRule,
    matcher: Matcher,
    max_len: Option<usize>,
    is_local: bool,
}

/// How it is searched for.
enum Matcher {
    Plain(Box<memmem::Finder<'static>>),
    Pattern(Regex),
}

impl Query {
    /// Compiles a query.
    ///
    /// # Errors
    /// When the text is empty or invalid.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Charset;
    /// use netassist::codec::query::{CaseRule, Query, QueryKind};
    /// let query = Query::parse(QueryKind::Hex, "0D ?A", Charset::Utf8, CaseRule::Exact).unwrap();
    /// assert_eq!(query.find_at(b"one\r\ntwo", 0), Some(3..5));
    /// ```
    pub fn parse(kind: QueryKind, text: &str, charset: Charset, case: CaseRule) -> Result<Self, QueryError> {
        check_len(text)?;
        let sought = match kind {
            QueryKind::Text => pattern::of_text(text, charset, case)?,
            QueryKind::Hex => of_hex(text)?,
            QueryKind::Regex => Sought::Pattern(pattern::of_regex(text, charset, case)?),
        };
        let (matcher, max_len, is_local) = match sought {
            Sought::Bytes(bytes) => {
                let finder = memmem::Finder::new(&bytes).into_owned();
                (Matcher::Plain(Box::new(finder)), Some(bytes.len()), true)
            }
            Sought::Pattern(pattern) => {
                let compiled = pattern::compile(&pattern, case, text.len())?;
                (Matcher::Pattern(compiled.regex), compiled.max_len, compiled.is_local)
            }
        };
        let inner = Inner { kind, text: text.to_owned(), charset, case, matcher, max_len, is_local };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// How the text is interpreted.
    pub fn kind(&self) -> QueryKind {
        self.inner.kind
    }

    /// The typed text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The charset of the text.
    pub fn charset(&self) -> Charset {
        self.inner.charset
    }

    /// Whether case matters.
    pub fn case(&self) -> CaseRule {
        self.inner.case
    }

    /// The longest possible hit in bytes; `None` if unlimited or unknown.
    pub fn max_len(&self) -> Option<usize> {
        self.inner.max_len
    }

    /// Whether a hit does not depend on the bytes around it, as it does with `^`, `$` and `\b`.
    pub fn is_local(&self) -> bool {
        self.inner.is_local
    }

    /// The first hit in `hay` at or after `from`. The bytes before `from` serve as context only (`^`, `\b`).
    /// A hit is never empty.
    pub fn find_at(&self, hay: &[u8], from: usize) -> Option<Range<usize>> {
        match &self.inner.matcher {
            Matcher::Plain(finder) => {
                let at = from + finder.find(hay.get(from..)?)?;
                Some(at..at + finder.needle().len())
            }
            Matcher::Pattern(regex) => {
                let mut from = from;
                while from <= hay.len() {
                    let found = regex.find_at(hay, from)?;
                    if !found.is_empty() {
                        return Some(found.range());
                    }
                    from = found.end() + 1;
                }
                None
            }
        }
    }

    /// All hits in `hay` from the left, without overlaps.
    pub fn iter<'a>(&'a self, hay: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.find_at(hay, from)?;
            from = found.end;
            Some(found)
        })
    }
}

/// Compiles a regular expression as [`QueryKind::Regex`] does. Unlike a query it may match nothing, and has
/// groups.
///
/// # Errors
/// When the text is empty or invalid.
pub(super) fn regex(text: &str, charset: Charset, case: CaseRule) -> Result<Regex, QueryError> {
    check_len(text)?;
    let pattern = pattern::of_regex(text, charset, case)?;
    Ok(pattern::compile(&pattern, case, text.len())?.regex)
}

/// Compiles a pattern with wildcards; `text` is what was typed for it.
///
/// # Errors
/// When it would need too much memory.
pub(super) fn of_masked(masked: &Masked, text: &str) -> Result<Regex, QueryError> {
    Ok(pattern::compile(&masked.pattern(), CaseRule::Exact, text.len())?.regex)
}

fn check_len(text: &str) -> Result<(), QueryError> {
    if text.is_empty() {
        return Err(QueryError { at: 0, len: 0, why: QueryProblem::Empty });
    }
    if text.len() > MAX_TEXT {
        return Err(QueryError { at: 0, len: text.len(), why: QueryProblem::TooLong });
    }
    Ok(())
}

/// Reads hex with wildcards.
fn of_hex(text: &str) -> Result<Sought, QueryError> {
    let masked = Masked::parse(text).map_err(|error| error.within(0, QueryProblem::Hex))?;
    if masked.bytes().is_empty() {
        return Err(QueryError { at: 0, len: text.len(), why: QueryProblem::Empty });
    }
    Ok(masked.as_exact().map_or_else(|| Sought::Pattern(masked.pattern()), Sought::Bytes))
}

/// What to search for.
enum Sought {
    /// Literal bytes.
    Bytes(Vec<u8>),
    /// A regular expression over bytes.
    Pattern(String),
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, text, charset, case, .. } = &*self.inner;
        write!(f, "Query({kind:?} {text:?} {charset} {case:?})")
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        let of = |query: &Self| (query.kind(), query.charset(), query.case());
        of(self) == of(other) && self.text() == other.text()
    }
}

impl Eq for Query {}
