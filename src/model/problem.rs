//! What is wrong with a value typed in a file, a field or a flag, and what is accepted.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Protocol, Proxy};
use crate::codec::append::{AppendFault, StepError};
use crate::codec::compose::ComposeError;
use crate::codec::duration::{self, to_text};
use crate::codec::frame::{FramingError, FramingFault};
use crate::codec::hex::HexError;
use crate::codec::matcher::MatcherError;
use crate::codec::number::NumberFault;
use crate::codec::template::TemplateError;
use crate::codec::worded_enum;

/// A fault and the place where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The keys that lead to the value, with dots between: `options.connect-timeout`, `rule.2.pattern`. Tables in
    /// lists are counted from 0 here, and from 1 for people. Relative to the form that was checked.
    pub path: Cow<'static, str>,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    /// A problem of the field at `path`.
    pub fn new(path: impl Into<Cow<'static, str>>, fault: impl Into<Fault>) -> Self {
        Self { path: path.into(), fault: fault.into() }
    }

    /// The path for people, with what is in a list by its place from 1: `rule 3, pattern`.
    pub fn place(&self) -> String {
        let mut place = String::new();
        let (mut list, mut dot) = ("", "");
        for part in self.path.split('.') {
            match part.parse::<u64>() {
                Ok(n) if ["session", "rule", "quick"].contains(&list) => {
                    place.extend([" ", &n.saturating_add(1).to_string()]);
                    dot = ", ";
                }
                Ok(_) | Err(_) => {
                    place.push_str(dot);
                    place.push_str(part);
                    dot = ".";
                }
            }
            list = part;
        }
        place
    }

    /// The same problem, seen from the table that holds the form under `prefix`.
    #[must_use]
    pub fn within(self, prefix: impl fmt::Display) -> Self {
        let path = if self.path.is_empty() { prefix.to_string() } else { format!("{prefix}.{}", self.path) };
        Self { path: path.into(), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { self.fault.fmt(f) } else { write!(f, "{}: {}", self.place(), self.fault) }
    }
}

impl std::error::Error for Problem {}

/// Makes a closure that turns a fault into a problem of the field at `path`.
pub fn at<F: Into<Fault>>(path: impl Into<Cow<'static, str>>) -> impl FnOnce(F) -> Problem {
    |fault| Problem::new(path, fault)
}

worded_enum! {
    /// What is wrong with a value.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum Fault {
        Missing = "required";
        /// The value is not a whole number in this range, both ends included.
        Number(i64, i64) = "{}" (NumberFault::NotInRange(.0, .1));
        /// The value is not a duration in this range, both ends included.
        Duration(Duration, Duration) = "expected a duration from {} to {}, e.g. 20ms or 1.5s" (to_text(*.0), to_text(*.1));
        /// The value is not of this kind.
        Expected(#[from] Expected) = "{0}";
        /// The value is not one of these words: the most similar one, if there is one, and all.
        OneOf(Option<String>, Vec<String>) = "{}" (one_of(.0.as_deref(), .1));
        Zone(Vec<String>) = "no such interface; expected one of {}" (.0.join(", "));
        /// The value is not hex.
        Hex(#[from] HexError) = "{0}";
        /// The text cannot be encoded.
        Typed(#[from] ComposeError) = "{0}";
        /// The text with placeholders is invalid.
        Template(#[from] TemplateError) = "{0}";
        /// The value is not a pattern.
        Pattern(#[from] MatcherError) = "{0}";
        /// The value is not a framing.
        Framing(#[from] FramingError) = "{0}";
        /// A value of a framing is out of range.
        Limit(#[from] FramingFault) = "{0}";
        /// The value is not a step to append.
        Step(#[from] StepError) = "{0}";
        /// The step cannot be appended to the message.
        Append(#[from] AppendFault) = "{0}";
        TooLong(u64) = "too long: expected at most {0} bytes";
        PasswordTyped = "a password is not kept here; set it in the environment variable {}" (Proxy::PASSWORD);
        Unused(Protocol) = "not used by a {} session" (.0.name());
        Needs(&'static [&'static str]) = "has no effect without {}" (.0.join(" or "));
        GivesWay(&'static str) = "has no effect with {0}";
        NeededFor(&'static str) = "required with {0}";
        /// A session of this protocol has no such faults.
        UnusedFault(String, Protocol) = "{} is not used by a {} session" (.0, .1.name());
        Unframed(String) = "{0} acts on messages; without a framing, whatever a read returns is one";
        /// What is wrong with this one of several values.
        Of(String, Box<Self>) = "{0}: {1}";
        NotUtf8 = "not valid UTF-8";
        /// The file is not a list of quick sends.
        NotAList = "unknown format; expected a workspace of netassist (.toml), packets of Packet Sender (.ini, .json) or \
             settings of SSCOM (sscom.ini, sscom51.ini)";
        Duplicate = "duplicate key";
        Syntax(String) = "not valid TOML: {0}";
        /// No such key: the most similar known one, if there is one, and all known ones.
        UnknownKey(Option<String>, Vec<String>) = "{}" (unknown_key(.0.as_deref(), .1));
        /// Anything else, in English, such as the message of a parser.
        Other(String) = "{0}";
    }
}

worded_enum! {
    /// Kinds of values with a description.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
    pub enum Expected {
        LocalHost = "expected an address of this machine, e.g. 127.0.0.1 or *";
        Host = "expected an address or a host name, e.g. example.org";
        PeerName = "expected a name of up to 64 characters, all of them visible, without arrows, that is no address";
        PeerAddress = "expected an address in quotes, with or without a port, e.g. \"192.0.2.1\" or \"[::1]:80\"";
        SendTo = "expected all, last, ticked or the address of a peer with its port, e.g. 192.0.2.1:80";
        NoUser = "expected a host without user and password; for WebSocket, --ws-header 'Authorization: Basic …' logs in";
        Proxy = "expected socks5h://HOST:PORT, socks5://HOST:PORT or http://HOST:PORT, with USER@ before HOST if needed";
        Group = "expected a multicast address, e.g. 239.1.2.3 or ff02::1";
        Interface = "expected the name, the index or the IPv4 address of an interface";
        KeepAlive = "expected off, system, or idle time, interval and number of probes, e.g. 60s 10s 5";
        Peer = "expected an address, with or without a port, e.g. 192.0.2.1, 192.0.2.1:80 or [::1]:80, or in a relay client or upstream";
        Lengths = "expected a number of bytes or a range, e.g. 8, 2..20, 2.. or ..20";
        Delay = "expected a duration of up to a day, or a range, e.g. 20ms, 1.5s or 5ms..20ms";
        Rotation = "expected a size, a duration or a time of day, e.g. 100M, 1h or 00:00";
        Percentage = "expected a percentage from 0% to 100%, e.g. 5% or 0.25%";
        PauseAfter = "expected a number of bytes and a time, e.g. 1000:2s";
        CloseCode = "expected a code from 1000 to 4999 that may be sent, and a reason if wanted, e.g. 1001 going away";
        Path = "expected a path that begins with /, e.g. /chat?room=1";
        Origin = "expected an origin, e.g. https://example.org";
        Token = "expected names of letters, digits and -._~, separated by spaces";
        Header = "expected NAME: VALUE on one line";
        Rate = "expected bytes per second, e.g. 9600, 100k or 1.5M";
        Checksum = "expected a checksum, e.g. CRC-16/MODBUS or XOR-8:from=1";
        Key = "expected F1 to F12, with Ctrl+ or Shift+ if wanted, or Alt+1";
        KeyNotOfWindow = "the window uses this key; expected another one, e.g. F7";
        KeyNotOfSystem = "the system uses this key; expected another one, e.g. F7";
        Boolean = "expected true or false";
        List = "expected a list, e.g. [1, 2]";
        Table = "expected a table, e.g. {{ key = \"value\" }}";
        Text = "expected text in quotes";
        Value = "expected text in quotes, a whole number, true or false";
        PatternLast = "the pattern takes the rest of its line, commas, too: write it last; [,] is a comma at its end";
        MessageOfRule = "this action needs a message; a rule for silence has none";
        Command = "no such command in the settings";
        Bits = "expected an address and bits, e.g. 0: 1 0 1; 100-199: 0";
        Registers = "expected an address and numbers from -32768 to 65535 or 0xFFFF, e.g. 0: 100 0x1F; 40-49: 0";
    }
}

/// The most similar one of the known words, if it is similar.
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |word: &str| {
        let is_slip = text.len() > 2 && strsim::osa_distance(text, word) == 1;
        strsim::jaro_winkler(text, word) + if is_slip { 1.0 } else { 0.0 }
    };
    let known = known.into_iter().filter(|word| *word != text);
    let near = known.map(|word| (likeness(word), word)).max_by(|(a, _), (b, _)| a.total_cmp(b));
    near.filter(|(likeness, _)| *likeness > 0.8).map(|(_, word)| word)
}

impl Fault {
    /// No such key.
    pub fn unknown_key(key: &str, known: Vec<String>) -> Self {
        Self::UnknownKey(nearest(key, known.iter().map(String::as_str)).map(str::to_owned), known)
    }

    /// None of these words.
    pub fn one_of(known: &[&str]) -> Self {
        Self::OneOf(None, known.iter().map(|word| (*word).to_owned()).collect())
    }

    /// Not one of these words.
    pub fn not_one_of(text: &str, known: Vec<String>) -> Self {
        let near = nearest(text, known.iter().map(String::as_str)).map(str::to_owned);
        Self::OneOf(near, known)
    }

    /// The same of this text, with the word that was probably meant.
    #[must_use]
    pub fn of_text(self, text: &str) -> Self {
        match self {
            Self::OneOf(None, words) => Self::not_one_of(text, words),
            other => other,
        }
    }
}

fn one_of(near: Option<&str>, known: &[String]) -> String {
    let near = near.map_or_else(String::new, |near| format!("; did you mean ‘{near}’?"));
    format!("expected one of {}{near}", known.join(", "))
}

fn unknown_key(near: Option<&str>, known: &[String]) -> String {
    match near {
        Some(near) => format!("unknown key; did you mean ‘{near}’?"),
        None => format!("unknown key; expected one of {}", known.join(", ")),
    }
}

impl<T: Into<i64>> From<NumberFault<T>> for Fault {
    fn from(fault: NumberFault<T>) -> Self {
        match fault {
            NumberFault::Missing => Self::Missing,
            NumberFault::NotInRange(least, most) => Self::Number(least.into(), most.into()),
        }
    }
}

/// Reads a duration as typed; a number without a unit is in milliseconds.
///
/// # Errors
/// When it is not a duration, or outside `range`.
pub fn duration_in(text: &str, range: RangeInclusive<Duration>) -> Result<Duration, Fault> {
    let span = duration::parse_or(text, "ms").ok().filter(|span| range.contains(span));
    span.ok_or_else(|| Fault::Duration(*range.start(), *range.end()))
}
