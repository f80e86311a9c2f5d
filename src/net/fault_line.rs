//! Puts the faults of a relay into one direction of one client. Pure: bytes in, and what is to be sent of them, and when.

use std::fmt::Write as _;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::time::{later, millis};
use crate::codec::template::Random;
use crate::model::{Chance, EndAfter, Leg, LegFaults, RelayFaults, Why};

/// The distance between two slices of a message.
const SLICE_GAP: Duration = Duration::from_millis(1);

/// How much later the second part of a message follows.
const CUT_GAP: Duration = Duration::from_millis(20);

/// How long a message waits for the next one to be joined with, or a datagram to be overtaken.
const JOIN_TIME: Duration = Duration::from_millis(100);

/// At a limited rate, how much time the bytes of one piece take.
const RATE_STEP: Duration = Duration::from_millis(10);

/// Bytes to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) data: Arc<[u8]>,
    pub(super) due: Instant,
    /// Others need not wait for it.
    pub(super) is_overtaken: bool,
    /// What was done to it.
    pub(super) why: Option<Arc<str>>,
}

/// How a direction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultEnd {
    Close,
    Reset,
}

impl FaultEnd {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Reset => "reset",
        }
    }
}

/// What becomes of some bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) pieces: Vec<Piece>,
    /// Why nothing of a message is sent.
    pub(super) lost: Option<&'static str>,
    /// What has begun with these bytes: to stall, to pause.
    pub(super) began: Option<&'static str>,
    /// The direction ends after the pieces.
    pub(super) end: Option<FaultEnd>,
}

#[derive(Debug)]
pub(super) struct FaultLine {
    /// The number of the client, from 0.
    client: u64,
    leg: Leg,
    since: Instant,
    /// Messages so far, or reads if there are none.
    n: u64,
    /// Bytes passed so far.
    offset: u64,
    /// How many messages more are lost.
    burst: u32,
    /// When the last piece has passed at the limited rate, and the next slice may follow.
    free: Option<Instant>,
    /// Nothing is sent before this.
    paused: Option<Instant>,
    pub(super) is_over: bool,
}

impl FaultLine {
    pub(super) fn new(client: u64, leg: Leg) -> Self {
        let since = Instant::now();
        let (n, offset, burst, free, paused, is_over) = (0, 0, 0, None, None, false);
        Self { client, leg, since, n, offset, burst, free, paused, is_over }
    }

    /// The faults are others.
    pub(super) fn restart(&mut self) {
        (self.free, self.paused, self.burst) = (None, None, 0);
    }

    /// The random numbers of the next message.
    fn random(&mut self, seed: u64) -> Random {
        // Each is mixed into the one before, so that neighbours do not resemble each other.
        let mixed = [self.client, self.leg as u64, self.n]
            .into_iter()
            .fold(seed, |mixed, part| Random::new(mixed.wrapping_add(part)).within(0, u64::MAX));
        self.n += 1;
        Random::new(mixed)
    }

    /// When the direction ends by itself, and how.
    pub(super) fn ends_at(&self, faults: &LegFaults) -> Option<(Instant, FaultEnd)> {
        let at = |after, end| match after {
            Some(EndAfter::Time(time)) => Some((later(self.since, time), end)),
            Some(EndAfter::Bytes(_)) | None => None,
        };
        let ends = [at(faults.close, FaultEnd::Close), at(faults.reset, FaultEnd::Reset)];
        ends.into_iter().flatten().filter(|_| !self.is_over).min_by_key(|(at, _)| *at)
    }

    /// What becomes of `data`. Only a message can be lost, corrupted and so on; a datagram always is one, and is never
    /// divided.
    pub(super) fn pass(
        &mut self,
        faults: &RelayFaults,
        (data, is_message): (&[u8], bool),
        is_datagram: bool,
        now: Instant,
    ) -> Passed {
        let mut random = self.random(faults.seed);
        let faults = faults.of(self.leg);
        let mut passed = Passed::default();
        if self.is_over {
            passed.lost = Some("closed");
            return passed;
        }
        let mut why = String::from(Why::FAULT);
        let may = is_message && faults.only.as_ref().is_none_or(|only| only.is_match(data));
        // Drawn whatever is lost, so that one fault does not change another.
        let [lost, corrupt, duplicate, reorder, cut, join] =
            [loss(faults), faults.corrupt, faults.duplicate, faults.reorder, faults.cut, faults.join]
                .map(|chance| random.within(1, Chance::ALWAYS.into()) <= u64::from(chance.0) && may);
        let delay = {
            let (least, most) = (faults.delay.saturating_sub(faults.jitter), faults.delay + faults.jitter);
            random.span(&(least..=most))
        };
        if may && self.burst > 0 {
            self.burst -= 1;
            passed.lost = Some("loss");
        } else if lost {
            self.burst = faults.burst.saturating_sub(1);
            passed.lost = Some("loss");
        } else if faults.size.is_some_and(|size| is_datagram && data.len() > size.get() as usize) {
            passed.lost = Some("size");
        }
        if passed.lost.is_some() {
            return passed;
        }
        let mut data = std::borrow::Cow::Borrowed(data);
        let mut did = |what: std::fmt::Arguments<'_>| {
            // A string takes all that is written to it.
            write!(why, " {what}").unwrap_or_default();
        };
        if corrupt && !data.is_empty() {
            let n_bits = data.len() as u64 * 8;
            for _bit in 0..faults.bits.max(1) {
                let at = random.within(0, n_bits - 1);
                did(format_args!("corrupt={}.{}", at / 8, at % 8));
                if let Some(byte) = usize::try_from(at / 8).ok().and_then(|at| data.to_mut().get_mut(at)) {
                    *byte ^= 1 << (at % 8);
                }
            }
        }
        let mut due = later(now, delay);
        if !delay.is_zero() {
            did(format_args!("delay={}ms", millis(delay)));
        }
        if join || reorder && is_datagram {
            did(format_args!("{}", if join { "join" } else { "reorder" }));
            due = later(due, JOIN_TIME);
        }
        if duplicate {
            did(format_args!("duplicate"));
        }
        let is_overtaken = reorder && is_datagram;
        let at = usize::try_from(random.within(1, (data.len() as u64).saturating_sub(1).max(1))).unwrap_or(1);
        let parts =
            if cut && !is_datagram && data.len() > 1 { vec![..at, ..data.len()] } else { vec![..data.len()] };
        if parts.len() > 1 {
            did(format_args!("cut={at}"));
        }
        let why: Option<Arc<str>> = (why.len() > Why::FAULT.len()).then(|| why.into());
        for _copy in 0..=usize::from(duplicate) {
            let mut from = 0;
            for (n, part) in parts.iter().enumerate() {
                let bytes = data.get(*part).and_then(|part| part.get(from..)).unwrap_or_default();
                from = part.end;
                let due = if n > 0 { later(due, CUT_GAP) } else { due };
                self.divide(faults, (bytes, is_datagram), (due, is_overtaken, &why), &mut passed);
            }
        }
        passed
    }

    /// Divides bytes as rate, slices and limits need.
    fn divide(
        &mut self,
        faults: &LegFaults,
        (bytes, is_datagram): (&[u8], bool),
        (mut due, is_overtaken, why): (Instant, bool, &Option<Arc<str>>),
        passed: &mut Passed,
    ) {
        let mut rest = bytes;
        let mut is_first = true;
        while (is_first || !rest.is_empty()) && passed.end.is_none() {
            let limit = |after: u64| usize::try_from(after.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            let mut most = rest.len();
            if !is_datagram {
                let step = faults.rate.map(|rate| rate.get().saturating_mul(millis(RATE_STEP)) / 1000);
                let slices = [faults.slice.map(|slice| slice.get().into()), step];
                let slice = slices
                    .into_iter()
                    .flatten()
                    .min()
                    .map_or(most, |n| usize::try_from(n.max(1)).unwrap_or(most));
                most = most.min(slice);
                for (after, end) in [(faults.close, FaultEnd::Close), (faults.reset, FaultEnd::Reset)] {
                    if let Some(EndAfter::Bytes(after)) = after
                        && limit(after) <= most
                    {
                        most = limit(after);
                        passed.end = Some(end);
                        self.is_over = true;
                    }
                }
                let stops = [
                    faults.stall.map(|after| (after, None)),
                    faults.pause.map(|(after, time)| (after, Some(time))),
                ];
                for (after, time) in stops.into_iter().flatten() {
                    if limit(after) > 0 && limit(after) < most {
                        most = limit(after);
                        passed.end = None;
                        self.is_over = false;
                    } else if self.offset == after && !rest.is_empty() {
                        let until = later(due, time.unwrap_or(Duration::MAX));
                        self.paused = Some(self.paused.map_or(until, |paused| paused.max(until)));
                        passed.began = Some(if time.is_some() { "pause" } else { "stall" });
                    }
                }
            }
            let (piece, others) = rest.split_at(most);
            rest = others;
            self.offset += piece.len() as u64;
            due = self.paused.map_or(due, |paused| due.max(paused));
            let slices = faults.slice.is_some() && !is_datagram;
            if faults.rate.is_some() || slices {
                let nanos = |rate: NonZeroU64| piece.len() as u128 * 1_000_000_000 / u128::from(rate.get());
                let nanos = faults.rate.map_or(0, nanos);
                let time = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
                let gap = if slices { SLICE_GAP } else { Duration::ZERO };
                let start = self.free.map_or(due, |free| free.max(due));
                self.free = Some(later(start, time.max(gap)));
                due = later(start, time);
            }
            if is_datagram || !piece.is_empty() {
                passed.pieces.push(Piece { data: Arc::from(piece), due, is_overtaken, why: why.clone() });
            }
            is_first = false;
        }
    }
}

/// The chance that a message is lost after one that was not, so that with bursts the wanted share is lost.
fn loss(faults: &LegFaults) -> Chance {
    let (share, burst) = (u64::from(faults.loss.0), u64::from(faults.burst.max(1)));
    let (all, kept) = (u64::from(Chance::ALWAYS), u64::from(Chance::ALWAYS - faults.loss.0));
    // share / (burst * kept + share), in millionths.
    let chance = if share == all { all } else { share * all / (burst * kept + share) };
    Chance(u32::try_from(chance).unwrap_or(Chance::ALWAYS))
}

#[cfg(test)]
mod tests;
