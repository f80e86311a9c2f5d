//! Fills the placeholders of what is sent, each time anew. Knows no socket.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::codec::template::{Filling, Random, Template};
use crate::model::{Cause, Doing, FileToSend, NetError, SendPart, Stamp};

/// What is sent, with nothing left to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filled<'a> {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// The bytes of a file.
    File(&'a FileToSend),
}

/// Messages whose counters are remembered. With more, all begin anew: nobody types as many.
const COUNTED: usize = 4096;

/// What goes on from one message to the next.
#[derive(Debug)]
pub(super) struct Placeholders {
    zone: TimeZone,
    random: Random,
    /// How often each message was ordered. Two that read the same are one.
    orders: HashMap<Arc<Template>, u64>,
}

impl Placeholders {
    /// For a session that begins now.
    pub(super) fn new() -> Self {
        // The standard library's hasher has random keys.
        let random = Random::new(RandomState::new().hash_one(0));
        Self { zone: TimeZone::system(), random, orders: HashMap::new() }
    }

    /// The zone of the machine.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// An order to send `what` begins. How often it was ordered before: its counters are the same for all whom
    /// it goes to.
    pub(super) fn begin(&mut self, what: &SendPart) -> u64 {
        let SendPart::Template(template) = what else { return 0 };
        if self.orders.len() >= COUNTED && !self.orders.contains_key(template) {
            self.orders.clear();
        }
        let orders = self.orders.entry(Arc::clone(template)).or_default();
        let n_before = *orders;
        *orders += 1;
        n_before
    }

    /// `what`, ordered so often before, as it goes to `to` now.
    pub(super) fn fill<'a>(
        &mut self,
        now: Stamp,
        to: &impl ToString,
        what: &'a SendPart,
        n_before: u64,
    ) -> Result<Filled<'a>, NetError> {
        let template = match what {
            SendPart::Bytes(bytes) => return Ok(Filled::Bytes(Arc::clone(bytes))),
            SendPart::File(file) => return Ok(Filled::File(file)),
            SendPart::Template(template) => template,
        };
        let peer = &to.to_string();
        let Self { zone, random, orders: _ } = self;
        let filled = template.fill(&mut Filling { now_ns: now.0, zone, peer, n_before, random });
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
    fn orders_are_counted_and_each_peer_gets_its_own() {
        let mut placeholders = Placeholders::new();
        let plain = SendPart::Bytes(Arc::from(*b"{n}"));
        let other = template("{n:9}", None);
        for n in ["1", "2"] {
            let n_plain = placeholders.begin(&plain);
            assert_eq!(
                placeholders.fill(Stamp(0), &"a", &plain, n_plain),
                Ok(Filled::Bytes(Arc::from(*b"{n}")))
            );
            // The same text, read anew, goes on counting; another text counts for itself.
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
    fn what_cannot_be_appended_is_told_with_the_peer() {
        let what = template("{n}", Some("LRC:from=2"));
        let error = Placeholders::new().fill(Stamp(0), &"[::1]:80", &what, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sending to [::1]:80: the checksum skips 2 + 0 bytes, but the message has only 1"
        );
    }
}
