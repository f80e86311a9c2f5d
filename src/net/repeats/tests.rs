//! Repeats with a simulated clock.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::{Cause, Doing};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn repeat(id: u32, every: Duration, count: Option<u64>) -> Repeat {
    let what = Arc::from([SendPart::Bytes(Arc::from([7]))]);
    Repeat { id: RepeatId(id), to: Target::All, what, every, count }
}

/// Repeats, what they sent when, and their events.
struct Stage {
    repeats: Repeats,
    start: Instant,
    sent: Vec<Duration>,
    told: Vec<Event>,
}

impl Stage {
    fn new(all: impl IntoIterator<Item = Repeat>) -> Self {
        let mut stage =
            Self { repeats: Repeats::default(), start: Instant::now(), sent: Vec::new(), told: Vec::new() };
        for repeat in all {
            stage.start(repeat, ms(0));
        }
        stage
    }

    fn start(&mut self, repeat: Repeat, at: Duration) -> bool {
        self.repeats.start(repeat, self.start + at, &mut |event| self.told.push(event))
    }

    fn turn(&mut self, at: Duration, mut beat: impl FnMut() -> Beat) -> Option<NetError> {
        let send = |_to: &Target, _what: &[SendPart]| {
            self.sent.push(at);
            beat()
        };
        self.repeats.turn(self.start + at, send, &mut |event| self.told.push(event))
    }

    fn due(&self) -> Option<Duration> {
        self.repeats.due().map(|due| due - self.start)
    }

    fn ended(&self) -> Vec<(u32, u64, u64)> {
        let ended = |event: &Event| match event {
            Event::RepeatEnded(id, progress) => Some((id.0, progress.sent, progress.skipped)),
            _ => None,
        };
        self.told.iter().filter_map(ended).collect()
    }
}

#[test]
fn the_first_beat_is_at_once_and_the_others_do_not_drift() {
    let mut stage = Stage::new([repeat(1, ms(100), Some(3))]);
    assert_eq!(stage.due(), Some(ms(0)));
    for (at, due) in [(ms(7), Some(ms(100))), (ms(104), Some(ms(200))), (ms(209), None)] {
        assert!(stage.turn(at, || Beat::Sent).is_none());
        assert_eq!(stage.due(), due);
    }
    assert_eq!(stage.sent, [ms(7), ms(104), ms(209)]);
    assert_eq!(stage.ended(), [(1, 3, 0)]);
}

#[test]
fn a_turn_too_early_sends_nothing() {
    let mut stage = Stage::new([repeat(1, ms(10), None)]);
    stage.turn(ms(0), || Beat::Sent);
    stage.turn(ms(9), || Beat::Sent);
    assert_eq!(stage.sent, [ms(0)]);
}

#[test]
fn what_is_a_little_late_is_caught_up_and_what_is_too_late_is_skipped() {
    let mut stage = Stage::new([repeat(1, ms(1), None)]);
    stage.turn(ms(0), || Beat::Sent);
    stage.turn(ms(10), || Beat::Sent);
    assert_eq!(stage.sent.len(), 11, "all ten of them");
    stage.turn(ms(1010), || Beat::Sent);
    assert_eq!(stage.sent.len(), 12, "one for all that were missed");
    stage.repeats.stop(RepeatId(1), &mut |event| stage.told.push(event));
    assert_eq!(stage.ended(), [(1, 12, 999)]);
}

#[test]
fn a_slow_one_is_sent_however_late() {
    let mut stage = Stage::new([repeat(1, ms(1000), None)]);
    stage.turn(ms(0), || Beat::Sent);
    stage.turn(ms(1900), || Beat::Sent);
    assert_eq!((stage.sent.len(), stage.due()), (2, Some(ms(2000))));
}

#[test]
fn what_is_missed_counts_as_skipped_and_not_towards_the_count() {
    let mut stage = Stage::new([repeat(1, ms(1), Some(2))]);
    stage.turn(ms(0), || Beat::Missed);
    stage.turn(ms(1), || Beat::Partial);
    stage.turn(ms(2), || Beat::Sent);
    assert_eq!(stage.ended(), [(1, 2, 2)]);
}

#[test]
fn what_cannot_go_on_ends_and_says_why() {
    let error = NetError::new(Doing::Sending, "", Cause::NoPeer);
    let mut stage = Stage::new([repeat(1, ms(1), None)]);
    assert_eq!(stage.turn(ms(0), || Beat::Failed(error.clone())), Some(error));
    let mut left = Stage::new([repeat(2, ms(1), None)]);
    assert_eq!(left.turn(ms(0), || Beat::NoPeers), None);
    assert_eq!((stage.ended(), left.ended()), (vec![(1, 0, 0)], vec![(2, 0, 0)]));
    assert_eq!((stage.due(), left.due()), (None, None));
}

#[test]
fn several_run_at_once_and_each_stops_alone() {
    let mut stage = Stage::new([repeat(1, ms(2), None), repeat(2, ms(3), None)]);
    for at in 0..6 {
        stage.turn(ms(at), || Beat::Sent);
    }
    assert_eq!(stage.sent, [0, 0, 2, 3, 4].map(ms));
    stage.repeats.stop(RepeatId(1), &mut |event| stage.told.push(event));
    stage.repeats.stop(RepeatId(9), &mut |event| stage.told.push(event));
    assert_eq!((stage.ended(), stage.due()), (vec![(1, 3, 0)], Some(ms(6))));
    stage.repeats.stop_all(&mut |event| stage.told.push(event));
    assert_eq!((stage.ended().len(), stage.due()), (2, None));
}

#[test]
fn one_of_the_same_name_takes_the_place_of_the_other() {
    let mut stage = Stage::new([repeat(1, ms(1), None)]);
    stage.turn(ms(0), || Beat::Sent);
    stage.start(repeat(1, ms(50), None), ms(1));
    stage.turn(ms(1), || Beat::Sent);
    assert_eq!((stage.ended(), stage.due()), (vec![(1, 1, 0)], Some(ms(51))));
}

#[test]
fn they_are_bounded_in_number_and_in_rate() {
    let most = u32::try_from(MAX_REPEATS).unwrap();
    let mut stage = Stage::new((0..most).map(|id| repeat(id, Duration::ZERO, None)));
    assert!(!stage.start(repeat(most, ms(1), None), ms(0)));
    assert!(stage.start(repeat(0, ms(1), None), ms(0)), "in the place of another there is room");
    assert_eq!(stage.ended(), [(most, 0, 0), (0, 0, 0)]);
    let mut stage = Stage::new([repeat(1, Duration::ZERO, None)]);
    stage.turn(ms(0), || Beat::Sent);
    assert_eq!(stage.due(), Some(Repeat::LEAST));
    assert!(stage.start(repeat(2, ms(1), Some(0)), ms(0)));
    assert_eq!(stage.ended(), [(2, 0, 0)], "no time at all is an end at once");
}

#[test]
fn it_tells_four_times_a_second() {
    let mut stage = Stage::new([repeat(1, ms(1), None)]);
    (0..=1000).for_each(|at| drop(stage.turn(ms(at), || Beat::Sent)));
    let told: Vec<u64> = stage
        .told
        .iter()
        .map(|event| match event {
            Event::Repeating(RepeatId(1), progress) => progress.sent,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [1, 251, 501, 751, 1001]);
    let Some(Event::Repeating(_, Progress { pace: Some(pace), .. })) = stage.told.last() else { panic!() };
    assert_eq!((pace.periods, pace.mean, pace.worst), (1000, ms(1), ms(0)));
}

proptest! {
    /// However late the worker is, each beat is either sent or skipped.
    #[test]
    fn no_beat_is_lost(every_us in 0_u64..50_000, waits_us in prop::collection::vec(0_u64..100_000, 1..60)) {
        let every = Duration::from_micros(every_us).max(Repeat::LEAST);
        let mut stage = Stage::new([repeat(1, Duration::from_micros(every_us), None)]);
        let mut at = Duration::ZERO;
        for wait in waits_us {
            at += Duration::from_micros(wait);
            stage.turn(at, || Beat::Sent);
            prop_assert!(stage.due().unwrap() > at);
        }
        stage.repeats.stop_all(&mut |event| stage.told.push(event));
        let (_, sent, skipped) = stage.ended()[0];
        prop_assert_eq!(sent, stage.sent.len() as u64);
        prop_assert_eq!(u128::from(sent + skipped), at.as_nanos() / every.as_nanos() + 1);
    }
}
