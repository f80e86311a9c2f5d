//! Repeats with a simulated clock.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::{Cause, Doing, SendPart, Target};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn repeat(id: u32, every: Duration, count: Option<u64>) -> Repeat {
    let what = Arc::from([SendPart::Bytes(Arc::from([7]))]);
    Repeat { id: RepeatId(id), to: Target::All, what, every, count }
}

/// Repeats, what they sent when, and their events.
struct Harness {
    repeats: Repeats,
    start: Instant,
    sent: Vec<Duration>,
    events: Vec<Event>,
}

impl Harness {
    fn new(all: impl IntoIterator<Item = Repeat>) -> Self {
        let mut harness =
            Self { repeats: Repeats::default(), start: Instant::now(), sent: Vec::new(), events: Vec::new() };
        for repeat in all {
            harness.start(repeat, ms(0));
        }
        harness
    }

    fn start(&mut self, repeat: Repeat, at: Duration) -> bool {
        self.repeats.start(repeat, self.start + at, &mut self.events)
    }

    fn turn(&mut self, at: Duration, mut beat: impl FnMut() -> Beat) -> Option<NetError> {
        let send = |_repeat: &Repeat| {
            self.sent.push(at);
            beat()
        };
        self.repeats.turn(self.start + at, send, &mut self.events)
    }

    fn due(&self) -> Option<Duration> {
        self.repeats.due().map(|due| due - self.start)
    }

    fn ended(&self) -> Vec<(u32, u64, u64)> {
        let ended = |event: &Event| match event {
            Event::RepeatEnded(id, progress) => Some((id.0, progress.sent, progress.skipped)),
            _ => None,
        };
        self.events.iter().filter_map(ended).collect()
    }
}

#[test]
fn beats_are_sent_when_due_and_skipped_when_too_late_or_missed() {
    use Beat::{Missed, Partial, Sent};
    let at = |times: &[u64]| times.iter().map(|at| (*at, Sent)).collect::<Vec<_>>();
    for (what, every, count, turns, n_sent, due, ended) in [
        ("delays do not add up", 100, Some(3), at(&[7, 104]), 2, Some(200), None),
        ("the last", 100, Some(3), at(&[7, 104, 209]), 3, None, Some((3, 0))),
        ("too early", 10, None, at(&[0, 9]), 1, Some(10), None),
        ("a little late: all are sent", 1, None, at(&[0, 10]), 11, Some(11), None),
        ("later: one instead of all", 1, Some(12), at(&[0, 10, 1010]), 12, None, Some((12, 999))),
        ("a slow one however late", 1000, None, at(&[0, 1900]), 2, Some(2000), None),
        ("missed", 1, Some(2), vec![(0, Missed), (1, Partial), (2, Sent)], 3, None, Some((2, 2))),
    ] {
        let mut harness = Harness::new([repeat(1, ms(every), count)]);
        assert_eq!(harness.due(), Some(ms(0)), "the first is immediate");
        for (at, beat) in turns {
            let beat = || match beat {
                Missed => Missed,
                Partial => Partial,
                _ => Sent,
            };
            assert!(harness.turn(ms(at), beat).is_none());
        }
        assert_eq!((harness.sent.len(), harness.due()), (n_sent, due.map(ms)), "{what}");
        let ended: Vec<_> = ended.into_iter().map(|(sent, skipped)| (1, sent, skipped)).collect();
        assert_eq!(harness.ended(), ended, "{what}");
    }
}

#[test]
fn a_repeat_that_cannot_go_on_ends_with_the_error() {
    let error = NetError::new(Doing::Sending, "", Cause::NoPeer);
    let mut harness = Harness::new([repeat(1, ms(1), None)]);
    assert_eq!(harness.turn(ms(0), || Beat::Failed(error.clone())), Some(error));
    let mut left = Harness::new([repeat(2, ms(1), None)]);
    assert_eq!(left.turn(ms(0), || Beat::NoPeers), None);
    assert_eq!((harness.ended(), left.ended()), (vec![(1, 0, 0)], vec![(2, 0, 0)]));
    assert_eq!((harness.due(), left.due()), (None, None));
}

#[test]
fn several_run_independently() {
    let mut harness = Harness::new([repeat(1, ms(2), None), repeat(2, ms(3), None)]);
    for at in 0..6 {
        harness.turn(ms(at), || Beat::Sent);
    }
    assert_eq!(harness.sent, [0, 0, 2, 3, 4].map(ms));
    harness.repeats.stop(RepeatId(1), &mut harness.events);
    harness.repeats.stop(RepeatId(9), &mut harness.events);
    assert_eq!((harness.ended(), harness.due()), (vec![(1, 3, 0)], Some(ms(6))));
    harness.repeats.stop_all(&mut harness.events);
    assert_eq!((harness.ended().len(), harness.due()), (2, None));
}

#[test]
fn a_repeated_id_replaces_the_repeat() {
    let mut harness = Harness::new([repeat(1, ms(1), None)]);
    harness.turn(ms(0), || Beat::Sent);
    harness.start(repeat(1, ms(50), None), ms(1));
    harness.turn(ms(1), || Beat::Sent);
    assert_eq!((harness.ended(), harness.due()), (vec![(1, 1, 0)], Some(ms(51))));
}

#[test]
fn number_and_rate_are_bounded() {
    let most = u32::try_from(MAX_REPEATS).unwrap();
    let mut harness = Harness::new((0..most).map(|id| repeat(id, Duration::ZERO, None)));
    assert!(!harness.start(repeat(most, ms(1), None), ms(0)));
    assert!(harness.start(repeat(0, ms(1), None), ms(0)), "a replacement needs no room");
    assert_eq!(harness.ended(), [(most, 0, 0), (0, 0, 0)]);
    let mut harness = Harness::new([repeat(1, Duration::ZERO, None)]);
    harness.turn(ms(0), || Beat::Sent);
    assert_eq!(harness.due(), Some(Repeat::LEAST));
    assert!(harness.start(repeat(2, ms(1), Some(0)), ms(0)));
    assert_eq!(harness.ended(), [(2, 0, 0)], "a count of 0 ends at once");
}

#[test]
fn progress_is_reported_four_times_a_second() {
    let mut harness = Harness::new([repeat(1, ms(1), None)]);
    (0..=1000).for_each(|at| drop(harness.turn(ms(at), || Beat::Sent)));
    let events: Vec<u64> = harness
        .events
        .iter()
        .map(|event| match event {
            Event::Repeating(RepeatId(1), progress) => progress.sent,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(events, [1, 251, 501, 751, 1001]);
    let Some(Event::Repeating(_, Progress { pace: Some(pace), .. })) = harness.events.last() else {
        panic!()
    };
    assert_eq!((pace.periods, pace.mean, pace.worst), (1000, ms(1), ms(0)));
}

proptest! {
    /// However late the worker is, each beat is either sent or skipped.
    #[test]
    fn no_beat_is_lost(every_us in 0_u64..50_000, waits_us in prop::collection::vec(0_u64..100_000, 1..60)) {
        let every = Duration::from_micros(every_us).max(Repeat::LEAST);
        let mut harness = Harness::new([repeat(1, Duration::from_micros(every_us), None)]);
        let mut at = Duration::ZERO;
        for wait in waits_us {
            at += Duration::from_micros(wait);
            harness.turn(at, || Beat::Sent);
            prop_assert!(harness.due().unwrap() > at);
        }
        harness.repeats.stop_all(&mut harness.events);
        let (_, sent, skipped) = harness.ended()[0];
        prop_assert_eq!(sent, harness.sent.len() as u64);
        prop_assert_eq!(u128::from(sent + skipped), at.as_nanos() / every.as_nanos() + 1);
    }
}
