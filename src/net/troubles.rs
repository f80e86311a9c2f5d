//! Equal errors in quick succession, such as those of a repeat to a dead address: told once, then only counted.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::time::{Duration, Instant};

use crate::model::{Cause, Doing, NetError, OsFault};

/// After this long without an equal error, a series has ended, and its length is told.
const QUIET: Duration = Duration::from_secs(1);

/// The most series remembered.
const MAX_SERIES: usize = 1024;

type Key = (Doing, String, Discriminant<Cause>, Option<OsFault>);

#[derive(Debug)]
struct Series {
    last: Instant,
    error: NetError,
}

/// The series of equal errors that have not ended.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    running: HashMap<Key, Series>,
    /// When one may have ended whose length must be told.
    due: Option<Instant>,
}

impl Troubles {
    /// Whether this error begins a series and must be told. Otherwise it is counted.
    pub(super) fn is_new(&mut self, error: &NetError, now: Instant) -> bool {
        let fault = if let Cause::Os { fault, .. } = error.cause { Some(fault) } else { None };
        let key = (error.doing, error.what.clone(), discriminant(&error.cause), fault);
        if let Some(series) = self.running.get_mut(&key) {
            // Its end is told by `ended` only, so that none is told twice.
            if now.saturating_duration_since(series.last) < QUIET || series.error.times > 1 {
                series.last = now;
                series.error.times += 1;
                self.due = self.due.or(now.checked_add(QUIET));
                return false;
            }
        } else if self.running.len() >= MAX_SERIES {
            // Those whose length must be told stay until it is.
            self.running.retain(|_, series| series.error.times > 1);
            if self.running.len() >= MAX_SERIES {
                return true;
            }
        }
        self.running.insert(key, Series { last: now, error: error.clone() });
        true
    }

    /// The errors of series that have ended, each with its length; with `None`, all end.
    pub(super) fn ended(&mut self, now: Option<Instant>) -> Vec<NetError> {
        let mut ended = Vec::new();
        if now.is_some_and(|now| self.due.is_none_or(|due| now < due)) {
            return ended;
        }
        self.due = None;
        self.running.retain(|_key, Series { last, error }| {
            let until = *last + QUIET;
            let is_over = now.is_none_or(|now| until <= now);
            if error.times > 1 && is_over {
                ended.push(error.clone());
            } else if error.times > 1 {
                self.due = Some(self.due.map_or(until, |due| due.min(until)));
            }
            !is_over
        });
        ended
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_told_once_and_its_length_when_it_has_ended() {
        const MS: Duration = Duration::from_millis(1);
        let (mut troubles, start) = (Troubles::default(), Instant::now());
        let error = |at: &str| NetError::new(Doing::Sending, at, Cause::NoPeer);
        for n in 0..7000 {
            // Two addresses of one host fail in turn.
            assert_eq!(troubles.is_new(&error("a"), start + n * MS), n == 0);
            assert_eq!(troubles.is_new(&error("b"), start + n * MS), n == 0);
            assert_eq!(troubles.ended(Some(start + n * MS)), []);
        }
        assert!(troubles.is_new(&error("c"), start));
        let end = start + 6999 * MS + QUIET;
        assert!(troubles.due().unwrap() <= end);
        let mut ended = troubles.ended(Some(end));
        ended.sort_by_key(|error| error.what.clone());
        assert_eq!(ended, ["a", "b"].map(|at| NetError { times: 7000, ..error(at) }));
        assert_eq!(ended[0].to_string(), "cannot send to a: there is no peer to send to (7000 times in all)");
        assert!((troubles.due(), troubles.running.len()) == (None, 0));
        assert!(troubles.is_new(&error("a"), end) && !troubles.is_new(&error("a"), end));
        assert_eq!(troubles.ended(None).len(), 1);
    }

    #[test]
    fn the_number_of_series_is_bounded() {
        let (mut troubles, now) = (Troubles::default(), Instant::now());
        for n in 0..3 * MAX_SERIES {
            assert!(troubles.is_new(&NetError::new(Doing::Sending, n, Cause::NoPeer), now));
            assert!(troubles.running.len() <= MAX_SERIES);
        }
    }
}
