//! Conditions on one message: its bytes, its length, and whether a checksum in it is valid.

use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use memchr::memmem;
use regex::bytes::Regex;

use super::append::Check;
use super::compose::{ComposeProblem, Manner, Mode};
use super::hex::HexProblem;
use super::masked::Masked;
use super::query::{self, CaseRule, QueryError, QueryProblem};
use super::text_error::TextError;
use super::{named_enum, worded_enum};

/// The longest pattern, in bytes of its text.
pub const MAX_PATTERN: usize = 64 * 1024;

named_enum! {
    /// How a pattern is compared with a message.
    #[derive(Default)]
    pub enum MatchKind {
        /// Any message matches. There is no pattern.
        #[default]
        Anything = "anything",
        /// The message equals the pattern.
        Equals = "equals",
        /// The message begins with the pattern.
        Starts = "starts",
        /// The message ends with the pattern.
        Ends = "ends",
        /// The message contains the pattern.
        Contains = "contains",
        /// A regular expression over bytes matches in the message, as in
        /// [`QueryKind::Regex`](query::QueryKind::Regex). Its groups are captured.
        Regex = "regex",
    }
}

/// A condition on a checksum in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CheckRule {
    /// The checksum: which one, of which bytes, and how it is written. It is where it would have been
    /// appended.
    pub check: Check,
    /// How many bytes follow it, a line end for example.
    pub behind: u32,
    /// Whether it must be valid.
    pub must_be: Validity,
}

named_enum! {
    /// Whether a checksum is valid.
    #[derive(Default)]
    pub enum Validity {
        /// It is valid.
        #[default]
        Valid = "valid",
        /// It is invalid, or the message is too short to contain it.
        Invalid = "invalid",
    }
}

impl CheckRule {
    fn holds(self, message: &[u8], checked: &mut Checked) -> bool {
        checked.is_right(self.check, self.behind, message) == (self.must_be == Validity::Valid)
    }
}

/// Known results for the checksums of one message, so that each is computed once for any number of matchers.
#[derive(Debug, Clone, Default)]
pub struct Checked(Vec<(Check, u32, bool)>);

impl Checked {
    /// The most results remembered: searching more costs more than computing again.
    const MOST: usize = 32;

    /// Forgets all results, for the next message.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn is_right(&mut self, check: Check, behind: u32, message: &[u8]) -> bool {
        let known = self.0.iter().find(|(known, n, _)| *known == check && *n == behind);
        if let Some((_, _, is_right)) = known {
            return *is_right;
        }
        let end = usize::try_from(behind).ok().and_then(|behind| message.len().checked_sub(behind));
        let is_right = end.and_then(|end| message.get(..end)).is_some_and(|part| check.holds(part));
        if self.0.len() < Self::MOST {
            self.0.push((check, behind, is_right));
        }
        is_right
    }
}

/// Conditions on one message. Cheap to clone; two are equal if they were made from the same input.
#[derive(Clone)]
pub struct Matcher {
    made_of: Arc<MadeOf>,
    test: Test,
    /// The length in bytes.
    len: RangeInclusive<u64>,
    check: Option<CheckRule>,
}

#[derive(Debug, PartialEq, Eq)]
struct MadeOf {
    kind: MatchKind,
    pattern: String,
    manner: Manner,
}

#[derive(Clone)]
enum Test {
    Anything,
    Equals(Arc<Masked>),
    Starts(Arc<Masked>),
    Ends(Arc<Masked>),
    Contains(Arc<memmem::Finder<'static>>),
    ContainsMasked(Regex),
    Regex(Regex),
}

/// The groups of a regular expression in a message. Other patterns capture only the whole message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures(Vec<Option<Range<usize>>>);

impl Captures {
    /// The bytes of a group of `message`, the message that was matched: 0 is the whole message, 1 the first
    /// group. `None` if there is no such group, or it did not take part in the match.
    pub fn get<'a>(&self, message: &'a [u8], n: usize) -> Option<&'a [u8]> {
        match n.checked_sub(1) {
            None => Some(message),
            Some(n) => message.get(self.0.get(n)?.clone()?),
        }
    }
}

impl Default for Matcher {
    /// Matches any message.
    fn default() -> Self {
        let manner = Manner { mode: Mode::Text, escapes: false, charset: super::Charset::Utf8 };
        let made_of = MadeOf { kind: MatchKind::Anything, pattern: String::new(), manner };
        Self { made_of: Arc::new(made_of), test: Test::Anything, len: 0..=u64::MAX, check: None }
    }
}

impl Matcher {
    /// Makes a matcher from a typed pattern. `manner` tells how the pattern is read: as text, as hex with
    /// wildcards as in [`Masked::parse`], or mixed. For a regular expression only the charset matters.
    /// [`MatchKind::Anything`] ignores the pattern.
    ///
    /// # Errors
    /// When the pattern is empty or invalid.
    ///
    /// # Example
    /// ```
    /// use netassist::codec::Charset;
    /// use netassist::codec::compose::{Manner, Mode};
    /// use netassist::codec::matcher::{MatchKind, Matcher};
    /// let hex = Manner { mode: Mode::Hex, escapes: false, charset: Charset::Utf8 };
    /// let matcher = Matcher::parse(MatchKind::Starts, "01 ?3", hex).unwrap();
    /// assert!(matcher.is_match(b"\x01\x03\x00"));
    /// assert!(!matcher.is_match(b"\x01\x04\x00"));
    /// ```
    pub fn parse(kind: MatchKind, pattern: &str, manner: Manner) -> Result<Self, MatcherError> {
        let masked = || masked(pattern, manner);
        let test = match kind {
            MatchKind::Anything => return Ok(Self::default()),
            MatchKind::Equals => Test::Equals(Arc::new(masked()?)),
            MatchKind::Starts => Test::Starts(Arc::new(masked()?)),
            MatchKind::Ends => Test::Ends(Arc::new(masked()?)),
            MatchKind::Contains => {
                let masked = masked()?;
                match masked.as_exact() {
                    Some(bytes) => Test::Contains(Arc::new(memmem::Finder::new(&bytes).into_owned())),
                    None => Test::ContainsMasked(query::of_masked(&masked, pattern).map_err(of_query)?),
                }
            }
            MatchKind::Regex => {
                Test::Regex(query::regex(pattern, manner.charset, CaseRule::Exact).map_err(of_query)?)
            }
        };
        let made_of = Arc::new(MadeOf { kind, pattern: pattern.to_owned(), manner });
        Ok(Self { made_of, test, len: 0..=u64::MAX, check: None })
    }

    /// Adds a condition on the length in bytes.
    #[must_use]
    pub fn with_len(self, len: RangeInclusive<u64>) -> Self {
        Self { len, ..self }
    }

    /// Adds a condition on a checksum.
    #[must_use]
    pub fn with_check(self, check: CheckRule) -> Self {
        Self { check: Some(check), ..self }
    }

    /// How the pattern is compared.
    pub fn kind(&self) -> MatchKind {
        self.made_of.kind
    }

    /// The typed pattern.
    pub fn pattern(&self) -> &str {
        &self.made_of.pattern
    }

    /// Whether every message matches.
    pub fn is_anything(&self) -> bool {
        matches!(self.test, Test::Anything) && self.len == (0..=u64::MAX) && self.check.is_none()
    }

    /// Whether `message` matches.
    pub fn is_match(&self, message: &[u8]) -> bool {
        self.is_match_of(message, &mut Checked::default())
    }

    fn is_match_of(&self, message: &[u8], checked: &mut Checked) -> bool {
        let is_found = match &self.test {
            Test::Anything => true,
            Test::Equals(masked) => masked.fits(message),
            Test::Starts(masked) => message.get(..masked.bytes().len()).is_some_and(|part| masked.fits(part)),
            Test::Ends(masked) => {
                let from = message.len().checked_sub(masked.bytes().len());
                from.and_then(|from| message.get(from..)).is_some_and(|part| masked.fits(part))
            }
            Test::Contains(finder) => finder.find(message).is_some(),
            Test::ContainsMasked(regex) | Test::Regex(regex) => regex.is_match(message),
        };
        // The most expensive test comes last.
        self.len.contains(&(message.len() as u64))
            && is_found
            && self.check.is_none_or(|check| check.holds(message, checked))
    }

    /// Where the first match in `stream` that begins at `from` or later ends. `None` for a condition on a whole
    /// message, such as its beginning or its length.
    pub fn find_end(&self, stream: &[u8], from: usize) -> Option<usize> {
        if self.len != (0..=u64::MAX) || self.check.is_some() {
            return None;
        }
        match &self.test {
            Test::Contains(finder) => Some(from + finder.find(stream.get(from..)?)? + finder.needle().len()),
            Test::ContainsMasked(regex) | Test::Regex(regex) => {
                Some(regex.find_at(stream, from.min(stream.len()))?.end())
            }
            Test::Anything | Test::Equals(_) | Test::Starts(_) | Test::Ends(_) => None,
        }
    }

    /// The offset at which `message` differs from the pattern, or ends too early. For a pattern that may be anywhere,
    /// that of the place that fits best. `None` if no offset can be named.
    pub fn differs_at(&self, message: &[u8]) -> Option<usize> {
        let n_fitting = |masked: &Masked| {
            masked.bytes().iter().zip(message).take_while(|(masked, byte)| masked.fits(**byte)).count()
        };
        match &self.test {
            Test::Equals(masked) => Some(n_fitting(masked)).filter(|_| !masked.fits(message)),
            Test::Starts(masked) => Some(n_fitting(masked)).filter(|n| *n < masked.bytes().len()),
            Test::Ends(masked) => {
                let pairs = masked.bytes().iter().rev().zip(message.iter().rev());
                let n = pairs.take_while(|(masked, byte)| masked.fits(**byte)).count();
                (n < masked.bytes().len()).then(|| message.len().saturating_sub(n + 1))
            }
            Test::Contains(finder) => {
                // Each place is tried.
                let message = message.get(..1024).unwrap_or(message);
                let fitting = |at: usize| {
                    let part = message.get(at..).unwrap_or_default();
                    let n = finder.needle().iter().zip(part).take_while(|(one, other)| one == other).count();
                    (n, at + n)
                };
                // The first of the best.
                let best = (0..message.len()).map(fitting).rev().max_by_key(|(n, _end)| *n);
                best.filter(|(n, _end)| *n > 0 && *n < finder.needle().len()).map(|(_n, end)| end)
            }
            Test::Anything | Test::ContainsMasked(_) | Test::Regex(_) => None,
        }
    }

    /// Matches `message` and captures its groups.
    pub fn matches(&self, message: &[u8]) -> Option<Captures> {
        self.matches_knowing(message, &mut Checked::default())
    }

    /// As [`matches`](Self::matches), with the known results for this message's checksums; adds new results.
    pub fn matches_knowing(&self, message: &[u8], checked: &mut Checked) -> Option<Captures> {
        if !self.is_match_of(message, checked) {
            return None;
        }
        let Some(regex) = self.regex().filter(|regex| regex.captures_len() > 1) else {
            return Some(Captures::default());
        };
        let groups = regex.captures(message)?;
        Some(Captures(groups.iter().skip(1).map(|group| Some(group?.range())).collect()))
    }

    /// Every part of `message` that matches, in order, and the groups captured in it, counted from its start. What is not
    /// a pattern to search for is the part that it compares. None if the message does not match.
    pub fn find_all(&self, message: &[u8], checked: &mut Checked) -> Vec<(Range<usize>, Captures)> {
        if !self.is_match_of(message, checked) {
            return Vec::new();
        }
        let plain = |range| (range, Captures::default());
        match &self.test {
            Test::Anything | Test::Equals(_) => vec![plain(0..message.len())],
            Test::Starts(masked) => vec![plain(0..masked.bytes().len())],
            Test::Ends(masked) => vec![plain(message.len() - masked.bytes().len()..message.len())],
            Test::Contains(finder) => {
                let len = finder.needle().len();
                finder.find_iter(message).map(|at| plain(at..at + len)).collect()
            }
            Test::ContainsMasked(regex) => {
                regex.find_iter(message).map(|found| plain(found.range())).collect()
            }
            Test::Regex(regex) => {
                let found = regex.captures_iter(message).filter_map(|groups| {
                    let whole = groups.get(0)?.range();
                    let within = |group: Range<usize>| {
                        // A group may lie outside of the match only if it looks around, which this syntax does not.
                        group.start.saturating_sub(whole.start)..group.end.saturating_sub(whole.start)
                    };
                    let groups = groups.iter().skip(1).map(|group| Some(within(group?.range())));
                    Some((whole.clone(), Captures(groups.collect())))
                });
                found.collect()
            }
        }
    }

    /// How many groups the regular expression has.
    pub fn n_groups(&self) -> usize {
        self.regex().map_or(0, |regex| regex.captures_len().saturating_sub(1))
    }

    /// The number of the group with this name, from 1.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.regex()?.capture_names().position(|group| group == Some(name))
    }

    fn regex(&self) -> Option<&Regex> {
        if let Test::Regex(regex) = &self.test { Some(regex) } else { None }
    }
}

/// Reads a pattern that is not a regular expression.
fn masked(pattern: &str, manner: Manner) -> Result<Masked, MatcherError> {
    let whole = |why| MatcherError { at: 0, len: pattern.len(), why };
    if pattern.len() > MAX_PATTERN {
        return Err(whole(MatcherProblem::TooLong));
    }
    let masked = match manner.mode {
        Mode::Hex => Masked::parse(pattern).map_err(|error| error.within(0, MatcherProblem::Hex))?,
        Mode::Text | Mode::Mixed => {
            let bytes = manner.parse(pattern).map_err(|error| error.within(0, MatcherProblem::Typed))?;
            Masked::exact(&bytes)
        }
    };
    if masked.bytes().is_empty() { Err(whole(MatcherProblem::Empty)) } else { Ok(masked) }
}

fn of_query(error: QueryError) -> MatcherError {
    error.within(0, |why| match why {
        QueryProblem::Empty => MatcherProblem::Empty,
        QueryProblem::TooLong => MatcherProblem::TooLong,
        why => MatcherProblem::Query(why),
    })
}

worded_enum! {
    /// Why a text is not a pattern.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum MatcherProblem {
        Empty = "the pattern is empty";
        TooLong = "the pattern is longer than 64 KiB";
        /// It is not hex.
        Hex(HexProblem) = "{0}";
        /// It is not valid text.
        Typed(ComposeProblem) = "{0}";
        /// It is not a regular expression, or one that needs too much memory.
        Query(QueryProblem) = "{0}";
    }
}

/// Where and why a text is not a pattern.
pub type MatcherError = TextError<MatcherProblem>;

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MadeOf { kind, pattern, manner } = &*self.made_of;
        write!(f, "Matcher({kind:?} {pattern:?} {manner:?} {:?} {:?})", self.len, self.check)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.made_of == other.made_of && self.len == other.len && self.check == other.check
    }
}

impl Eq for Matcher {}
