//! Fills in the placeholders of sent messages.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::codec::template::{Filling, MAX_FILLED, Random, Template};
use crate::model::{Cause, Doing, FileToSend, NetError, SendPart, Stamp};

/// Data to send, without placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filled<'a> {
    Bytes(Arc<[u8]>),
    File(&'a FileToSend),
    StartTls,
}

/// The most messages whose counters are remembered. Beyond this limit all counters reset.
const COUNTED: usize = 4096;

/// The state that placeholders keep from one message to the next.
#[derive(Debug)]
pub(super) struct Placeholders {
    pub(super) zone: TimeZone,
    random: Random,
    /// How often each template was sent. Equal templates share a counter.
    counts: HashMap<Arc<Template>, u64>,
}

impl Placeholders {
    pub(super) fn new() -> Self {
        // The standard library's hasher has random keys.
        let random = Random::new(RandomState::new().hash_one(0));
        Self { zone: TimeZone::system(), random, counts: HashMap::new() }
    }

    /// Counts one sending of `what`, to any number of peers. Returns how often it was sent before.
    pub(super) fn begin(&mut self, what: &SendPart) -> u64 {
        let SendPart::Template(template) = what else { return 0 };
        if self.counts.len() >= COUNTED && !self.counts.contains_key(template) {
            self.counts.clear();
        }
        let counts = self.counts.entry(Arc::clone(template)).or_default();
        let n_before = *counts;
        *counts += 1;
        n_before
    }

    /// Fills in `what` for `to`; `n_before` comes from [`begin`](Self::begin).
    pub(super) fn fill<'a>(
        &mut self,
        now: Stamp,
        to: &impl ToString,
        what: &'a SendPart,
        n_before: u64,
    ) -> Result<Filled<'a>, NetError> {
        let template = match what {
            SendPart::Bytes(bytes) | SendPart::Hex(bytes) => return Ok(Filled::Bytes(Arc::clone(bytes))),
            SendPart::File(file) => return Ok(Filled::File(file)),
            SendPart::StartTls => return Ok(Filled::StartTls),
            SendPart::Template(template) => template,
        };
        let peer = &to.to_string();
        let Self { zone, random, counts: _ } = self;
        let filled =
            template.fill(&mut Filling { now_ns: now.0, zone, peer, n_before, random, limit: MAX_FILLED });
        let bytes =
            filled.map_err(|fault| NetError::new(Doing::Sending, peer, Cause::CannotAppend(fault)))?;
        Ok(Filled::Bytes(Arc::from(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Charset;
    use crate::codec::compose::{Manner, Mode};
    use crate::codec::template::Template;

    fn template(text: &str, step: Option<&str>) -> SendPart {
        let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
        let steps = step.map(|step| step.parse().unwrap()).into_iter().collect();
        SendPart::Template(Arc::new(Template::parse(text, manner, steps).unwrap()))
    }

    #[test]
    fn counters_advance_and_each_peer_gets_its_own_message() {
        let mut placeholders = Placeholders::new();
        let plain = SendPart::Bytes(Arc::from(*b"{n}"));
        let other = template("{n:9}", None);
        for n in ["1", "2"] {
            let n_plain = placeholders.begin(&plain);
            assert_eq!(
                placeholders.fill(Stamp(0), &"a", &plain, n_plain),
                Ok(Filled::Bytes(Arc::from(*b"{n}")))
            );
            // The same text parsed again continues the counter; another text has its own.
            let what = template("{n} {peer} {unix}", None);
            let n_before = placeholders.begin(&what);
            assert_eq!(placeholders.begin(&other), n_before);
            for peer in ["a", "b"] {
                let made = placeholders.fill(Stamp(7_000_000_000), &peer, &what, n_before);
                assert_eq!(made, Ok(Filled::Bytes(format!("{n} {peer} 7").into_bytes().into())));
            }
        }
    }

    #[test]
    fn an_error_names_the_peer() {
        let what = template("{n}", Some("LRC:from=2"));
        let error = Placeholders::new().fill(Stamp(0), &"[::1]:80", &what, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot send to [::1]:80: the checksum skips 2 + 0 bytes, but the message has only 1"
        );
    }
}
