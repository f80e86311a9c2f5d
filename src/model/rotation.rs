//! When a capture goes on in another file, and how many of its files are kept.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::problem::duration_in;
use super::{Expected, Fault, FlowId, NetError, Stamp};

/// When a capture goes on in another file: at the first of these. An idle session makes no empty files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    /// At this size of the file in bytes.
    pub size: Option<u64>,
    /// This time after the file was begun.
    pub every: Option<Duration>,
    /// At this local time of day.
    pub daily: Option<Time>,
    /// How many files are kept; `None` for all.
    pub keep: Option<NonZeroU32>,
}

impl Rotation {
    /// Parses `100M`, `1h` or `00:00`, or several of them with spaces or commas between.
    ///
    /// # Errors
    /// When one is not a size, a duration or a time of day.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut rotation = Self::default();
        for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
            if part.contains(':') {
                let time = part.parse::<Time>().map_err(|_why| Expected::Rotation)?;
                rotation.daily = Some(time);
            } else if let Some(size) = size(part) {
                rotation.size = Some(size);
            } else {
                let every = duration_in(part, Duration::from_secs(1)..=Duration::from_hours(24 * 366));
                rotation.every = Some(every.map_err(|_why| Expected::Rotation)?);
            }
        }
        if rotation == Self::default() { Err(Expected::Rotation.into()) } else { Ok(rotation) }
    }

    /// The time at which a file that was begun at `since` ends.
    pub fn due(&self, since: Stamp, zone: &TimeZone) -> Stamp {
        let every = self
            .every
            .map(|every| since.0.saturating_add(u64::try_from(every.as_nanos()).unwrap_or(u64::MAX)));
        let next = |time: Time| {
            let now = since.timestamp().to_zoned(zone.clone());
            let on = |date: jiff::civil::Date| date.to_datetime(time).to_zoned(zone.clone()).ok();
            let today = on(now.date()).filter(|today| *today > now);
            let next = today.or_else(|| on(now.date().tomorrow().ok()?))?;
            u64::try_from(next.timestamp().as_nanosecond()).ok()
        };
        let daily = self.daily.and_then(next);
        Stamp([every, daily].into_iter().flatten().min().unwrap_or(u64::MAX))
    }
}

/// The largest size of a file, in bytes: what ext4 allows.
const MOST: u64 = 1 << 44;

/// A size like `64k`, `100M` or `2G`, in units of 1024.
fn size(text: &str) -> Option<u64> {
    let shift = match text.as_bytes().last()?.to_ascii_lowercase() {
        b'k' => 10,
        b'm' if text.ends_with('M') => 20,
        b'g' => 30,
        _ => return None,
    };
    let n = text.get(..text.len() - 1)?.parse::<u32>().ok().filter(|n| *n > 0)?;
    Some(u64::from(n) << shift).filter(|size| *size <= MOST)
}

/// What has happened to the files of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileTurn {
    /// The capture goes on in this file.
    Into(PathBuf),
    /// Its first files were removed.
    Removed(Gone),
    /// It could not go on in another file, or one could not be removed. It goes on all the same.
    Failed(NetError),
}

/// What was in files that were removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// All records before this number.
    pub records: u64,
    /// All flows before this ID, except those that go on.
    pub flows: FlowId,
    /// The flows that go on, ascending.
    pub except: Vec<FlowId>,
}

impl Gone {
    /// Whether no record of this flow is left.
    pub fn includes(&self, flow: FlowId) -> bool {
        flow < self.flows && self.except.binary_search(&flow).is_err()
    }
}
