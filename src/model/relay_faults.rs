//! Faults that a relay puts into what it passes on, by direction, and how they are typed:
//! `down:delay=100ms~20ms,loss=5%`.

use std::num::{NonZeroU32, NonZeroU64};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::problem::duration_in;
use super::{Expected, Fault, Leg};
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{MatchKind, Matcher};
use crate::codec::{Charset, number, rate};

/// The faults of a relay. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelayFaults {
    /// On what comes from clients.
    pub up: LegFaults,
    /// On what comes from the upstream server.
    pub down: LegFaults,
    /// The seed of random numbers. Each is drawn from it, the number of the client, the direction and the number of the
    /// message, so that two runs agree.
    pub seed: u64,
}

/// A probability in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(pub u32);

impl Chance {
    /// Always.
    pub const ALWAYS: u32 = 1_000_000;
}

/// When a direction ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndAfter {
    /// After this many bytes.
    Bytes(u64),
    /// After this time since the client was connected on.
    Time(Duration),
}

/// The faults of one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegFaults {
    /// How long everything is delayed, and by how much this varies either way.
    pub delay: Duration,
    /// By how much the delay varies either way, evenly.
    pub jitter: Duration,
    /// The most bytes per second.
    pub rate: Option<NonZeroU64>,
    /// How many messages are lost.
    pub loss: Chance,
    /// How many in a row, when one is; 0 as 1.
    pub burst: u32,
    /// How many messages are corrupted.
    pub corrupt: Chance,
    /// How many of their bits are flipped; 0 as 1.
    pub bits: u32,
    /// How many messages are sent twice.
    pub duplicate: Chance,
    /// How many datagrams are overtaken by those after them.
    pub reorder: Chance,
    /// How many messages are sent in two parts.
    pub cut: Chance,
    /// How many messages are sent together with the next one.
    pub join: Chance,
    /// The most bytes sent at once; the next follow a millisecond later.
    pub slice: Option<NonZeroU32>,
    /// How long nothing is passed on, once, after this many bytes.
    pub pause: Option<(u64, Duration)>,
    /// Nothing is passed on after this many bytes.
    pub stall: Option<u64>,
    /// When the direction is closed (FIN).
    pub close: Option<EndAfter>,
    /// When both connections are reset.
    pub reset: Option<EndAfter>,
    /// The longest datagram that is passed on.
    pub size: Option<NonZeroU32>,
    /// Only messages that match are lost, corrupted, sent twice, overtaken, cut or joined.
    pub only: Option<Matcher>,
}

/// The keys, in the order in which the window shows them, and whether each is for connections and for datagrams.
pub const FAULT_KEYS: [(&str, bool, bool); 17] = [
    ("delay", true, true),
    ("rate", true, true),
    ("loss", true, true),
    ("burst", true, true),
    ("corrupt", true, true),
    ("bits", true, true),
    ("duplicate", true, true),
    ("reorder", false, true),
    ("size", false, true),
    ("cut", true, false),
    ("join", true, false),
    ("slice", true, false),
    ("pause", true, false),
    ("stall", true, false),
    ("close", true, false),
    ("reset", true, false),
    ("match", true, true),
];

const TIMES: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_hours(1);

/// Splits a text into its parts: direction, or `None` for both, key and value. Each line has one direction; `match` takes
/// the rest of its line.
pub fn split_faults(text: &str) -> Vec<(Option<Leg>, &str, &str)> {
    let mut parts = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let (leg, mut rest) = match line.split_once(':') {
            Some(("up", rest)) => (Some(Leg::Client), rest),
            Some(("down", rest)) => (Some(Leg::Upstream), rest),
            _ => (None, line),
        };
        while !rest.is_empty() {
            let is_match = rest.trim_start().starts_with("match=");
            let (part, others) =
                if is_match { (rest, "") } else { rest.split_once(',').unwrap_or((rest, "")) };
            let (key, value) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
            parts.push((leg, key.trim(), value.trim()));
            rest = others;
        }
    }
    parts
}

impl RelayFaults {
    /// Reads faults as typed.
    ///
    /// # Errors
    /// When a key is unknown, or a value is invalid.
    ///
    /// # Example
    /// ```
    /// use netassist::model::RelayFaults;
    /// let faults = RelayFaults::parse("down:delay=100ms~20ms,loss=5%", 7).unwrap();
    /// assert_eq!((faults.down.delay.as_millis(), faults.down.loss.0), (100, 50_000));
    /// assert!(faults.up.is_none());
    /// ```
    pub fn parse(text: &str, seed: u64) -> Result<Self, Fault> {
        let mut faults = Self { seed, ..Self::default() };
        for (leg, key, value) in split_faults(text) {
            let wrong = |fault| match fault {
                Fault::UnknownKey(..) => fault,
                fault => Fault::Of(key.to_owned(), fault.into()),
            };
            if leg != Some(Leg::Upstream) {
                faults.up.set(key, value).map_err(wrong)?;
            }
            if leg != Some(Leg::Client) {
                faults.down.set(key, value).map_err(wrong)?;
            }
        }
        Ok(faults)
    }

    /// The faults on what comes from this side.
    pub fn of(&self, leg: Leg) -> &LegFaults {
        match leg {
            Leg::Client => &self.up,
            Leg::Upstream => &self.down,
        }
    }

    /// Whether everything is passed on as it is.
    pub fn is_none(&self) -> bool {
        self.up.is_none() && self.down.is_none()
    }

    /// Whether some act on messages, which must be whole then.
    pub fn act_on_messages(&self) -> bool {
        self.up.acts_on_messages() || self.down.acts_on_messages()
    }
}

impl LegFaults {
    /// The keys of those that act on messages.
    pub const ON_MESSAGES: [&'static str; 5] = ["loss", "corrupt", "duplicate", "cut", "join"];

    /// Whether everything is passed on as it is.
    pub fn is_none(&self) -> bool {
        let Self { only, burst, bits, .. } = self;
        *self == Self { only: only.clone(), burst: *burst, bits: *bits, ..Self::default() }
    }

    fn acts_on_messages(&self) -> bool {
        let Self { loss, corrupt, duplicate, cut, join, .. } = self;
        [loss, corrupt, duplicate, cut, join].into_iter().any(|chance| chance.0 > 0)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Fault> {
        match key {
            "delay" => {
                let (delay, jitter) = value.split_once('~').unwrap_or((value, "0"));
                self.delay = duration_in(delay, TIMES)?;
                self.jitter = duration_in(jitter, Duration::ZERO..=self.delay)?;
            }
            "rate" => self.rate = Some(rate::parse(value).map_err(|_no_rate| Expected::Rate)?),
            "loss" => self.loss = chance(value)?,
            "burst" => self.burst = number::parse_in(value, 1..=1000_u32)?,
            "corrupt" => self.corrupt = chance(value)?,
            "bits" => self.bits = number::parse_in(value, 1..=1000_u32)?,
            "duplicate" => self.duplicate = chance(value)?,
            "reorder" => self.reorder = chance(value)?,
            "cut" => self.cut = chance(value)?,
            "join" => self.join = chance(value)?,
            "slice" => self.slice = NonZeroU32::new(number::parse_in(value, 1..=1_000_000_u32)?),
            "size" => self.size = NonZeroU32::new(number::parse_in(value, 1..=65_535_u32)?),
            "pause" => {
                let (after, time) = value.split_once(':').ok_or(Expected::PauseAfter)?;
                self.pause = Some((bytes(after)?, duration_in(time, TIMES)?));
            }
            "stall" => self.stall = Some(bytes(value)?),
            "close" => self.close = Some(end_after(value)?),
            "reset" => self.reset = Some(end_after(value)?),
            "match" => {
                let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
                self.only = Some(Matcher::parse(MatchKind::Regex, value, manner)?);
            }
            unknown => {
                if let Some((direction, _)) = unknown.split_once(':') {
                    let expected = Fault::OneOf("up:, down:".to_owned());
                    return Err(Fault::Of(direction.to_owned(), expected.into()));
                }
                let known = FAULT_KEYS.iter().map(|(key, ..)| (*key).to_owned());
                return Err(Fault::UnknownKey(None, known.collect()));
            }
        }
        Ok(())
    }
}

fn bytes(text: &str) -> Result<u64, Fault> {
    Ok(number::parse_in(text, 0..=i64::MAX)?.unsigned_abs())
}

/// A number of bytes, or a time with its unit.
fn end_after(text: &str) -> Result<EndAfter, Fault> {
    if text.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return duration_in(text, TIMES).map(EndAfter::Time);
    }
    bytes(text).map(EndAfter::Bytes)
}

/// `5%`, `0.25%`.
fn chance(text: &str) -> Result<Chance, Fault> {
    let read = || {
        let (whole, fraction) =
            text.strip_suffix('%')?.trim().split_once('.').unwrap_or((text.strip_suffix('%')?.trim(), "0"));
        let whole: u32 = number::parse(whole).filter(|whole| *whole <= 100)?;
        let fraction: u32 = number::parse(fraction.get(..fraction.len().min(4))?)
            .map(|digits: u32| digits * 10_u32.pow(4 - u32::try_from(fraction.len().min(4)).unwrap_or(4)))?;
        Some(Chance(whole * 10_000 + fraction)).filter(|chance| chance.0 <= Chance::ALWAYS)
    };
    read().ok_or(Fault::Expected(Expected::Percentage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_by_direction() {
        let ms = Duration::from_millis;
        let text = "up:rate=64k,reset=1000\ndown:delay=100ms~20ms,loss=0.25%,burst=3,match=a,b=c\nclose=2s";
        let faults = RelayFaults::parse(text, 7).unwrap();
        let only = faults.down.only.clone().unwrap();
        assert_eq!((only.pattern(), faults.seed), ("a,b=c", 7));
        let close = Some(EndAfter::Time(ms(2000)));
        let (rate, reset) = (NonZeroU64::new(64_000), Some(EndAfter::Bytes(1000)));
        assert_eq!(faults.up, LegFaults { rate, close, reset, ..LegFaults::default() });
        let (delay, jitter, loss) = (ms(100), ms(20), Chance(2500));
        let only = Some(only);
        assert_eq!(
            faults.down,
            LegFaults { delay, jitter, loss, burst: 3, only, close, ..LegFaults::default() }
        );
        assert!(faults.act_on_messages() && !faults.is_none());
        assert!(RelayFaults::parse("bits=9,match=x", 0).unwrap().is_none());
        assert_eq!(chance("100%"), Ok(Chance(Chance::ALWAYS)));
    }

    #[test]
    fn invalid_faults_are_told() {
        for text in [
            "loss=5",
            "loss=101%",
            "loss=100.1%",
            "delay=x",
            "delay=1s~2s",
            "pause=5",
            "pause=5:x",
            "match=(",
        ] {
            assert!(RelayFaults::parse(text, 0).is_err(), "{text}");
        }
        let unknown = RelayFaults::parse("down:los=5%", 0).unwrap_err().to_string();
        assert!(unknown.starts_with("unknown key; expected one of delay, rate, loss"), "{unknown}");
    }
}
