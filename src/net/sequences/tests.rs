//! Sequences with a simulated clock.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::codec::Charset;
use crate::codec::compose::{Manner, Mode};
use crate::codec::matcher::{MatchKind, Matcher};
use crate::model::{Cause, Doing, ExpectedAnswer};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn part(name: u8) -> SendPart {
    SendPart::Bytes(Arc::from([name]))
}

fn row(name: u8, pause: Duration) -> SequenceRow {
    SequenceRow { what: part(name), answer: None, pause }
}

/// A row whose answer must begin with its own name in lower case.
fn asks(name: u8, within: Duration, otherwise: Otherwise) -> SequenceRow {
    let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
    let pattern = char::from(name.to_ascii_lowercase()).to_string();
    let like = Matcher::parse(MatchKind::Starts, &pattern, manner).unwrap();
    SequenceRow { what: part(name), answer: Some(ExpectedAnswer { like, within, otherwise }), pause: ms(0) }
}

fn sequence(id: u32, rows: impl Into<Arc<[SequenceRow]>>, loops: Option<u64>) -> Sequence {
    Sequence { id: SequenceId(id), to: Target::All, rows: rows.into(), loops }
}

/// Sequences, what they sent when, and their events.
struct Stage {
    sequences: Sequences,
    start: Instant,
    sent: Vec<(u64, char)>,
    told: Vec<Event>,
}

impl Stage {
    fn new(all: impl IntoIterator<Item = Sequence>) -> Self {
        let (sequences, start) = (Sequences::default(), Instant::now());
        let mut stage = Self { sequences, start, sent: Vec::new(), told: Vec::new() };
        for sequence in all {
            assert!(stage.start(sequence, 0));
        }
        stage
    }

    fn start(&mut self, sequence: Sequence, at: u64) -> bool {
        self.sequences.start(sequence, self.start + ms(at), &mut |event| self.told.push(event))
    }

    fn turn_with(&mut self, at: u64, mut beat: impl FnMut() -> Beat) -> Option<NetError> {
        let send = |_to: &Target, what: &[SendPart]| {
            let [SendPart::Bytes(name)] = what else { panic!("{what:?}") };
            let beat = beat();
            if matches!(beat, Beat::Sent) {
                self.sent.push((at, char::from(name[0])));
            }
            beat
        };
        self.sequences.turn(self.start + ms(at), send, &mut |event| self.told.push(event))
    }

    fn turn(&mut self, at: u64) {
        assert_eq!(self.turn_with(at, || Beat::Sent), None);
    }

    fn hear(&mut self, at: u64, flow: u32, message: &[u8]) {
        let now = self.start + ms(at);
        self.sequences.received(FlowId(flow), message, now, &mut |event| self.told.push(event));
    }

    fn due(&self) -> Option<u64> {
        self.sequences.due().map(|due| u64::try_from((due - self.start).as_millis()).unwrap())
    }

    fn ended(&self) -> Vec<(u32, SequencePlace, SequenceEnd)> {
        let ended = |event: &Event| match event {
            Event::SequenceEnded(id, place, how) => Some((id.0, *place, how.clone())),
            _ => None,
        };
        self.told.iter().filter_map(ended).collect()
    }

    /// How the only one ended.
    fn end(&self) -> SequenceEnd {
        let ended = self.ended();
        assert_eq!(ended.len(), 1, "{ended:?}");
        ended[0].2.clone()
    }
}

#[test]
fn rows_go_in_order_after_their_pauses_and_nothing_drifts() {
    let rows = [row(b'A', ms(100)), row(b'B', ms(50)), row(b'C', ms(0))];
    let mut stage = Stage::new([sequence(1, rows, Some(2))]);
    // Each is a little late.
    for (at, due) in [(7, 100), (104, 150), (151, 250), (259, 300)] {
        stage.turn(at);
        assert!(stage.sequences.due().is_some_and(|next| next <= stage.start + ms(due)), "at {at}");
    }
    stage.turn(305);
    assert_eq!(stage.sent, [(7, 'A'), (104, 'B'), (151, 'C'), (151, 'A'), (259, 'B'), (305, 'C')]);
    assert_eq!(stage.ended(), [(1, SequencePlace { row: 2, round: 1, unanswered: 0 }, SequenceEnd::Done)]);
    assert_eq!(stage.due(), None, "the pause behind the last row leads nowhere");
}

#[test]
fn after_a_long_sleep_the_rows_keep_their_distance() {
    let mut stage = Stage::new([sequence(1, [row(b'A', ms(20))], None)]);
    stage.turn(0);
    stage.turn(1000);
    stage.turn(1019);
    stage.turn(1020);
    assert_eq!(stage.sent, [(0, 'A'), (1000, 'A'), (1020, 'A')]);
}

#[test]
fn an_answer_is_waited_for_and_others_are_passed_over() {
    let rows = [asks(b'A', ms(100), Otherwise::Stop), row(b'B', ms(0))];
    let mut stage = Stage::new([sequence(1, rows, Some(1))]);
    stage.hear(0, 1, b"a too early");
    stage.turn(0);
    stage.hear(10, 1, b"B?");
    stage.turn(20);
    assert_eq!(stage.sent, [(0, 'A')]);
    stage.hear(30, 1, b"a!");
    stage.turn(30);
    assert_eq!(stage.sent, [(0, 'A'), (30, 'B')]);
    assert_eq!(stage.end(), SequenceEnd::Done);
}

#[test]
fn the_last_answer_ends_it() {
    let mut stage = Stage::new([sequence(1, [asks(b'A', ms(100), Otherwise::Stop)], Some(1))]);
    stage.turn(0);
    assert!(stage.ended().is_empty() && stage.sequences.wants_messages());
    stage.hear(5, 1, b"a");
    assert_eq!((stage.end(), stage.sequences.wants_messages()), (SequenceEnd::Done, false));
}

#[test]
fn a_pause_follows_the_answer() {
    let asking = SequenceRow { pause: ms(40), ..asks(b'A', ms(100), Otherwise::Stop) };
    let mut stage = Stage::new([sequence(1, [asking, row(b'B', ms(0))], Some(1))]);
    stage.turn(0);
    stage.hear(30, 1, b"a");
    assert_eq!(stage.due(), Some(70));
}

#[test]
fn without_an_answer_it_stops_and_tells_what_came_instead() {
    let mut stage = Stage::new([sequence(1, [asks(b'A', ms(100), Otherwise::Stop)], None)]);
    stage.turn(0);
    stage.turn(99);
    assert!(stage.ended().is_empty());
    stage.hear(99, 1, b"what?");
    stage.hear(99, 1, &[b'E'; 300]);
    stage.turn(100);
    let kept = Some(Arc::from([b'E'; Missed::KEPT].as_slice()));
    let missed = Missed { messages: 2, last: kept, last_len: 300 };
    let place = SequencePlace { row: 0, round: 0, unanswered: 1 };
    assert_eq!(stage.ended(), [(1, place, SequenceEnd::TimedOut(missed))]);
}

#[test]
fn without_an_answer_it_can_go_on() {
    let rows = [asks(b'A', ms(100), Otherwise::GoOn), row(b'B', ms(0))];
    let mut stage = Stage::new([sequence(1, rows, Some(2))]);
    stage.turn(0);
    stage.turn(103);
    stage.hear(110, 1, b"a");
    assert_eq!(stage.sent, [(0, 'A'), (103, 'B'), (103, 'A')]);
    let place = SequencePlace { row: 0, round: 1, unanswered: 1 };
    assert!(stage.told.contains(&Event::SequenceAt(SequenceId(1), place)));
    stage.turn(153);
    assert_eq!(stage.end(), SequenceEnd::Done);
}

#[test]
fn an_answer_that_comes_late_but_before_it_was_given_up_counts() {
    let mut stage = Stage::new([sequence(1, [asks(b'A', ms(100), Otherwise::Stop)], Some(1))]);
    stage.turn(0);
    stage.hear(101, 1, b"a");
    stage.turn(102);
    assert_eq!(stage.end(), SequenceEnd::Done);
}

#[test]
fn only_those_who_were_asked_can_answer() {
    let to = Target::Flows(vec![FlowId(3), FlowId(4)]);
    let asking = sequence(1, [asks(b'A', ms(100), Otherwise::Stop)], Some(1));
    let mut stage = Stage::new([Sequence { to, ..asking }]);
    stage.turn(0);
    stage.hear(1, 5, b"a");
    assert!(stage.ended().is_empty());
    stage.hear(2, 4, b"a");
    assert_eq!(stage.end(), SequenceEnd::Done);
}

#[test]
fn whoever_has_left_is_not_waited_for() {
    let to = Target::Flows(vec![FlowId(3), FlowId(4)]);
    let asking = |id| sequence(id, [asks(b'A', ms(100), Otherwise::Stop)], Some(1));
    let mut stage = Stage::new([Sequence { to, ..asking(1) }, asking(2)]);
    stage.turn(0);
    for there in [4, 5] {
        assert!(stage.ended().is_empty());
        stage.sequences.left(|flow| flow.0 == there, &mut |event| stage.told.push(event));
    }
    assert_eq!(stage.end(), SequenceEnd::PeerLeft, "to all others may come");
}

#[test]
fn a_row_that_nobody_takes_waits_and_those_behind_it_keep_their_distance() {
    let mut stage = Stage::new([sequence(1, [row(b'A', ms(50)), row(b'B', ms(0))], Some(1))]);
    for at in [0, 400] {
        stage.turn_with(at, || Beat::Missed);
        assert!(stage.sequences.is_blocked());
        assert_eq!(stage.due(), None, "no clock wakes it");
    }
    stage.turn(500);
    assert!(!stage.sequences.is_blocked());
    stage.turn(549);
    stage.turn(550);
    assert_eq!(stage.sent, [(500, 'A'), (550, 'B')]);
}

#[test]
fn what_cannot_go_on_ends_and_says_why() {
    let error = NetError::new(Doing::Sending, "", Cause::NoPeer);
    let mut stage = Stage::new([sequence(1, [row(b'A', ms(1))], None)]);
    assert_eq!(stage.turn_with(0, || Beat::Failed(error.clone())), Some(error));
    assert_eq!((stage.end(), stage.due()), (SequenceEnd::Failed, None));
    let mut left = Stage::new([sequence(1, [row(b'A', ms(1))], None)]);
    assert_eq!(left.turn_with(0, || Beat::NoPeers), None);
    assert_eq!(left.end(), SequenceEnd::PeerLeft);
}

#[test]
fn several_run_at_once_and_each_stops_alone() {
    let mut stage = Stage::new([
        sequence(1, [row(b'A', ms(20))], None),
        sequence(2, [row(b'B', ms(30))], None),
        sequence(3, [asks(b'C', ms(35), Otherwise::Stop)], None),
    ]);
    for at in (0..50).step_by(10) {
        stage.turn(at);
    }
    assert_eq!(stage.sent, [(0, 'A'), (0, 'B'), (0, 'C'), (20, 'A'), (30, 'B'), (40, 'A')]);
    stage.sequences.stop(SequenceId(1), &mut |event| stage.told.push(event));
    stage.sequences.stop(SequenceId(9), &mut |event| stage.told.push(event));
    let ended: Vec<_> = stage.ended().into_iter().map(|(id, place, _)| (id, place.round)).collect();
    assert_eq!(ended, [(3, 0), (1, 2)]);
    stage.sequences.end_all(&SequenceEnd::PeerLeft, &mut |event| stage.told.push(event));
    assert_eq!(stage.ended().last().unwrap().2, SequenceEnd::PeerLeft);
    assert_eq!(stage.due(), None);
}

#[test]
fn one_of_the_same_name_takes_the_place_of_the_other() {
    let mut stage = Stage::new([sequence(1, [row(b'A', ms(10))], None)]);
    stage.turn(0);
    assert!(stage.start(sequence(1, [row(b'B', ms(10))], None), 1));
    stage.turn(1);
    assert_eq!((stage.end(), stage.sent), (SequenceEnd::Stopped, vec![(0, 'A'), (1, 'B')]));
}

#[test]
fn what_asks_for_nothing_is_done_at_once() {
    let none: [SequenceRow; 0] = [];
    let nothing = [sequence(1, none, None), sequence(2, [row(b'A', ms(0))], Some(0))];
    let stage = Stage::new(nothing);
    assert_eq!((stage.ended().len(), stage.due()), (2, None));
    assert!(stage.ended().iter().all(|(_, _, how)| *how == SequenceEnd::Done));
}

#[test]
fn they_are_bounded_in_number_and_one_without_pauses_leaves_room_for_others() {
    let most = u32::try_from(MAX_SEQUENCES).unwrap();
    let mut stage = Stage::new((0..most).map(|id| sequence(id, [row(b'A', ms(0))], None)));
    assert!(!stage.start(sequence(most, [row(b'A', ms(0))], None), 0));
    assert_eq!(stage.end(), SequenceEnd::Failed);
    stage.turn(0);
    assert_eq!(stage.sent.len(), MAX_SEQUENCES * 64);
    assert_eq!(stage.due(), Some(0), "and the rest at once");
}

#[test]
fn where_it_is_is_told_twenty_times_a_second_and_where_it_rests_always() {
    let rows = [row(b'A', ms(1)), row(b'B', ms(1)), row(b'C', ms(1000))];
    let mut stage = Stage::new([sequence(1, rows, Some(2))]);
    let mut at = 0;
    while let Some(due) = stage.due() {
        at = due;
        stage.turn(at);
    }
    let told: Vec<_> = stage
        .told
        .iter()
        .filter_map(|event| match event {
            Event::SequenceAt(_, place) => Some((place.round, place.row)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(0, 0), (0, 2), (1, 0)], "then its end is told");
    assert_eq!((at, stage.end()), (1004, SequenceEnd::Done));
}

proptest! {
    /// Compared with a simple model: without answers, rows are sent at the sums of the pauses.
    #[test]
    fn rows_go_when_the_sums_of_their_pauses_say(
        pauses in prop::collection::vec(0_u64..40, 1..6),
        loops in 1_u64..5,
    ) {
        let rows: Vec<SequenceRow> = pauses.iter().map(|pause| row(b'A', ms(*pause))).collect();
        let mut stage = Stage::new([sequence(1, rows, Some(loops))]);
        while let Some(due) = stage.due() {
            stage.turn(due);
        }
        let mut at = 0;
        let mut expected = Vec::new();
        for pause in pauses.iter().cycle().take(pauses.len() * usize::try_from(loops).unwrap()) {
            expected.push((at, 'A'));
            at += pause;
        }
        prop_assert_eq!(&stage.sent, &expected);
        prop_assert_eq!(stage.end(), SequenceEnd::Done);
    }
}
