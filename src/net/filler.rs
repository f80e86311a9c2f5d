//! Fills the placeholders of what is sent, each time anew. Knows no socket.

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::codec::template::{Filling, Random};
use crate::model::{Cause, Doing, NetError, SendPart, Stamp};

/// What is sent, with nothing left to be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filled<'a> {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// The bytes of a file.
    File { path: &'a Path, chunk: u32 },
}

/// What goes on from one message to the next.
#[derive(Debug)]
pub(super) struct Filler {
    zone: TimeZone,
    random: Random,
    n_before: u64,
    n_orders: u64,
}

impl Filler {
    /// For a session that begins now.
    pub(super) fn new() -> Self {
        // The standard library's hasher has random keys.
        let random = Random::new(RandomState::new().hash_one(0));
        Self { zone: TimeZone::system(), random, n_before: 0, n_orders: 0 }
    }

    /// An order to send begins: its counters are the same for all whom it goes to.
    pub(super) fn begin(&mut self, what: &SendPart) {
        match what {
            SendPart::Template(_) => {
                self.n_before = self.n_orders;
                self.n_orders += 1;
            }
            SendPart::Bytes(_) | SendPart::File { .. } => {}
        }
    }

    /// `what` as it goes to `to` now.
    pub(super) fn fill<'a>(
        &mut self,
        now: Stamp,
        to: &impl ToString,
        what: &'a SendPart,
    ) -> Result<Filled<'a>, NetError> {
        let template = match what {
            SendPart::Bytes(bytes) => return Ok(Filled::Bytes(Arc::clone(bytes))),
            SendPart::File { path, chunk } => return Ok(Filled::File { path, chunk: *chunk }),
            SendPart::Template(template) => template,
        };
        let peer = &to.to_string();
        let Self { zone, random, n_before, .. } = self;
        let filled = template.fill(&mut Filling { now_ns: now.0, zone, peer, n_before: *n_before, random });
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
        let mut filler = Filler::new();
        let what = template("{n} {peer} {unix}", None);
        let plain = SendPart::Bytes(Arc::from(*b"{n}"));
        for n in ["1", "2"] {
            filler.begin(&plain);
            assert_eq!(filler.fill(Stamp(0), &"a", &plain), Ok(Filled::Bytes(Arc::from(*b"{n}"))));
            filler.begin(&what);
            for peer in ["a", "b"] {
                let made = filler.fill(Stamp(7_000_000_000), &peer, &what);
                assert_eq!(made, Ok(Filled::Bytes(format!("{n} {peer} 7").into_bytes().into())));
            }
        }
    }

    #[test]
    fn what_cannot_be_appended_is_told_with_the_peer() {
        let what = template("{n}", Some("LRC:from=2"));
        let error = Filler::new().fill(Stamp(0), &"[::1]:80", &what).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sending to [::1]:80: the checksum leaves out 2 + 0 bytes of a message of length 1"
        );
    }
}
