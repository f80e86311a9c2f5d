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
    SequenceRow { what: Some(part(name)), answer: None, pause }
}

/// A row whose answer must begin with its own name in lower case.
fn asks(name: u8, within: Duration, otherwise: Otherwise) -> SequenceRow {
    let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
    let pattern = char::from(name.to_ascii_lowercase()).to_string();
    let like = Matcher::parse(MatchKind::Starts, &pattern, manner).unwrap();
    SequenceRow {
        what: Some(part(name)),
        answer: Some(ExpectedAnswer { like, within, otherwise }),
        pause: ms(0),
    }
}

fn sequence(id: u32, rows: impl Into<Arc<[SequenceRow]>>, loops: Option<u64>) -> Sequence {
    Sequence { id: SequenceId(id), to: Target::All, rows: rows.into(), loops }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Turn(u64),
    /// A message at this time on this flow.
    Receive(u64, u32, &'static [u8]),
}

/// Sequences, what they sent when, and their events.
struct Harness {
    sequences: Sequences,
    start: Instant,
    sent: Vec<(u64, char)>,
    events: Vec<Event>,
    /// How many bytes may wait.
    room: u64,
}

impl Harness {
    fn new(all: impl IntoIterator<Item = Sequence>) -> Self {
        let (sequences, start) = (Sequences::default(), Instant::now());
        let mut harness = Self { sequences, start, sent: Vec::new(), events: Vec::new(), room: 1 << 28 };
        for sequence in all {
            assert!(harness.start(sequence, 0));
        }
        harness
    }

    fn start(&mut self, sequence: Sequence, at: u64) -> bool {
        self.sequences.start(sequence, self.start + ms(at), &mut self.events)
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
        self.sequences.turn(self.start + ms(at), send, &mut self.events)
    }

    fn turn(&mut self, at: u64) {
        assert_eq!(self.turn_with(at, || Beat::Sent), None);
    }

    fn receive(&mut self, at: u64, flow: u32, message: &[u8]) {
        let now = self.start + ms(at);
        self.sequences.received(
            (FlowId(flow), message),
            Arrival::Messages,
            (now, self.room),
            &mut self.events,
        );
    }

    fn due(&self) -> Option<u64> {
        self.sequences.due().map(|due| u64::try_from((due - self.start).as_millis()).unwrap())
    }

    fn ended(&self) -> Vec<(u32, SequencePlace, SequenceEnd)> {
        let ended = |event: &Event| match event {
            Event::SequenceEnded(id, place, how) => Some((id.0, *place, how.clone())),
            _ => None,
        };
        self.events.iter().filter_map(ended).collect()
    }

    /// How the only one ended.
    fn end(&self) -> SequenceEnd {
        let ended = self.ended();
        assert_eq!(ended.len(), 1, "{ended:?}");
        ended[0].2.clone()
    }
}

#[test]
fn rows_keep_their_order_and_delays_do_not_add_up() {
    let rows = [row(b'A', ms(100)), row(b'B', ms(50)), row(b'C', ms(0))];
    let mut harness = Harness::new([sequence(1, rows, Some(2))]);
    // Each is a little late.
    for (at, due) in [(7, 100), (104, 150), (151, 250), (259, 300)] {
        harness.turn(at);
        assert!(harness.sequences.due().is_some_and(|next| next <= harness.start + ms(due)), "at {at}");
    }
    harness.turn(305);
    assert_eq!(harness.sent, [(7, 'A'), (104, 'B'), (151, 'C'), (151, 'A'), (259, 'B'), (305, 'C')]);
    assert_eq!(harness.ended(), [(1, SequencePlace { row: 2, round: 1, unanswered: 0 }, SequenceEnd::Done)]);
    assert_eq!(harness.due(), None, "the pause after the last row is skipped");
}

#[test]
fn rows_follow_answers_and_pauses() {
    use Step::{Receive, Turn};
    let asking = || asks(b'A', ms(100), Otherwise::Stop);
    let alone = || sequence(1, [asking()], Some(1));
    let two = |first| sequence(1, [first, row(b'B', ms(0))], Some(1));
    let endless = sequence(1, [row(b'A', ms(20))], None);
    let chosen = || Sequence { to: Target::Flows(vec![FlowId(3), FlowId(4)]), ..alone() };
    let answer = [Turn(0), Receive(10, 1, b"B?"), Turn(20), Receive(30, 1, b"a!"), Turn(30)];
    for (what, sequence, steps, sent, due, is_done) in [
        // After standby the rows keep their distance.
        ("standby", endless, &[0, 1000, 1019, 1020].map(Turn)[..], "0A 1000A 1020A", Some(1040), false),
        ("other answer", two(asking()), &answer[..3], "0A", Some(100), false),
        ("expected answer", two(asking()), &answer, "0A 30B", None, true),
        ("before its row", alone(), &[Receive(0, 1, b"a"), Turn(0)], "0A", None, true),
        ("pause", two(SequenceRow { pause: ms(40), ..asking() }), &answer, "0A", Some(70), false),
        ("overdue", alone(), &[Turn(0), Receive(101, 1, b"a"), Turn(102)], "0A", None, true),
        ("no receiver", chosen(), &[Turn(0), Receive(1, 5, b"a")], "0A", Some(100), false),
        ("a receiver", chosen(), &[Turn(0), Receive(1, 4, b"a")], "0A", None, true),
    ] {
        let mut harness = Harness::new([sequence]);
        for step in steps {
            match *step {
                Turn(at) => harness.turn(at),
                Receive(at, flow, message) => harness.receive(at, flow, message),
            }
        }
        let seen: Vec<String> = harness.sent.iter().map(|(at, name)| format!("{at}{name}")).collect();
        assert_eq!((seen.join(" ").as_str(), harness.due()), (sent, due), "{what}");
        assert!(
            harness.ended().iter().map(|(_, _, how)| how).eq(is_done.then_some(&SequenceEnd::Done)),
            "{what}"
        );
    }
}

#[test]
fn the_last_answer_ends_the_sequence() {
    let mut harness = Harness::new([sequence(1, [asks(b'A', ms(100), Otherwise::Stop)], Some(1))]);
    harness.turn(0);
    assert!(harness.ended().is_empty() && harness.sequences.wants_messages());
    harness.receive(5, 1, b"a");
    assert_eq!((harness.end(), harness.sequences.wants_messages()), (SequenceEnd::Done, false));
}

#[test]
fn a_missing_answer_stops_the_sequence_with_what_came_instead() {
    let mut harness = Harness::new([sequence(1, [asks(b'A', ms(100), Otherwise::Stop)], None)]);
    harness.turn(0);
    harness.turn(99);
    assert!(harness.ended().is_empty());
    harness.receive(99, 1, b"what?");
    harness.receive(99, 1, &[b'E'; 300]);
    harness.turn(100);
    let kept = Some(Arc::from([b'E'; Missed::KEPT].as_slice()));
    let missed = Missed { messages: 2, last: kept, last_len: 300, differs_at: Some(0), is_incomplete: false };
    let place = SequencePlace { row: 0, round: 0, unanswered: 1 };
    assert_eq!(harness.ended(), [(1, place, SequenceEnd::TimedOut(missed))]);
}

#[test]
fn a_sequence_can_ignore_a_missing_answer() {
    let rows = [asks(b'A', ms(100), Otherwise::GoOn), row(b'B', ms(0))];
    let mut harness = Harness::new([sequence(1, rows, Some(2))]);
    harness.turn(0);
    harness.turn(103);
    harness.receive(110, 1, b"a");
    assert_eq!(harness.sent, [(0, 'A'), (103, 'B'), (103, 'A')]);
    let place = SequencePlace { row: 0, round: 1, unanswered: 1 };
    assert!(harness.events.contains(&Event::SequenceAt(SequenceId(1), place)));
    harness.turn(153);
    assert_eq!(harness.end(), SequenceEnd::Done);
}

#[test]
fn peers_that_have_left_are_not_waited_for() {
    let to = Target::Flows(vec![FlowId(3), FlowId(4)]);
    let asking = |id| sequence(id, [asks(b'A', ms(100), Otherwise::Stop)], Some(1));
    let mut harness = Harness::new([Sequence { to, ..asking(1) }, asking(2)]);
    harness.turn(0);
    for flow in [3, 4] {
        assert!(harness.ended().is_empty());
        harness.sequences.peer_ended(FlowId(flow), &mut harness.events);
    }
    let left = SequenceEnd::PeerLeft(Some(Missed::default()));
    assert_eq!(harness.end(), left, "with Target::All, others may still come");
}

#[test]
fn a_blocked_row_waits_and_later_rows_keep_their_distance() {
    let mut harness = Harness::new([sequence(1, [row(b'A', ms(50)), row(b'B', ms(0))], Some(1))]);
    for at in [0, 400] {
        harness.turn_with(at, || Beat::Missed);
        assert!(harness.sequences.is_blocked());
        assert_eq!(harness.due(), None, "it has no deadline");
    }
    harness.turn(500);
    assert!(!harness.sequences.is_blocked());
    harness.turn(549);
    harness.turn(550);
    assert_eq!(harness.sent, [(500, 'A'), (550, 'B')]);
}

#[test]
fn a_sequence_that_cannot_go_on_ends_with_the_error() {
    let error = NetError::new(Doing::Sending, "", Cause::NoPeer);
    let mut harness = Harness::new([sequence(1, [row(b'A', ms(1))], None)]);
    assert_eq!(harness.turn_with(0, || Beat::Failed(error.clone())), Some(error));
    assert_eq!((harness.end(), harness.due()), (SequenceEnd::Failed, None));
    let mut left = Harness::new([sequence(1, [row(b'A', ms(1))], None)]);
    assert_eq!(left.turn_with(0, || Beat::NoPeers), None);
    assert_eq!(left.end(), SequenceEnd::PeerLeft(None));
}

#[test]
fn several_run_independently() {
    let mut harness = Harness::new([
        sequence(1, [row(b'A', ms(20))], None),
        sequence(2, [row(b'B', ms(30))], None),
        sequence(3, [asks(b'C', ms(35), Otherwise::Stop)], None),
    ]);
    for at in (0..50).step_by(10) {
        harness.turn(at);
    }
    assert_eq!(harness.sent, [(0, 'A'), (0, 'B'), (0, 'C'), (20, 'A'), (30, 'B'), (40, 'A')]);
    harness.sequences.stop(SequenceId(1), &mut harness.events);
    harness.sequences.stop(SequenceId(9), &mut harness.events);
    let ended: Vec<_> = harness.ended().into_iter().map(|(id, place, _)| (id, place.round)).collect();
    assert_eq!(ended, [(3, 0), (1, 2)]);
    harness.sequences.end_all(&SequenceEnd::PeerLeft(None), &mut harness.events);
    assert_eq!(harness.ended().last().unwrap().2, SequenceEnd::PeerLeft(None));
    assert_eq!(harness.due(), None);
}

#[test]
fn a_repeated_id_replaces_the_sequence() {
    let mut harness = Harness::new([sequence(1, [row(b'A', ms(10))], None)]);
    harness.turn(0);
    assert!(harness.start(sequence(1, [row(b'B', ms(10))], None), 1));
    harness.turn(1);
    assert_eq!((harness.end(), harness.sent), (SequenceEnd::Stopped, vec![(0, 'A'), (1, 'B')]));
}

#[test]
fn an_empty_sequence_is_done_at_once() {
    let none: [SequenceRow; 0] = [];
    let nothing = [sequence(1, none, None), sequence(2, [row(b'A', ms(0))], Some(0))];
    let harness = Harness::new(nothing);
    assert_eq!((harness.ended().len(), harness.due()), (2, None));
    assert!(harness.ended().iter().all(|(_, _, how)| *how == SequenceEnd::Done));
}

#[test]
fn number_and_rows_per_turn_are_bounded() {
    let most = u32::try_from(MAX_SEQUENCES).unwrap();
    let mut harness = Harness::new((0..most).map(|id| sequence(id, [row(b'A', ms(0))], None)));
    assert!(!harness.start(sequence(most, [row(b'A', ms(0))], None), 0));
    assert_eq!(harness.end(), SequenceEnd::Failed);
    harness.turn(0);
    assert_eq!(harness.sent.len(), MAX_SEQUENCES * 64);
    assert_eq!(harness.due(), Some(0), "the rest is due at once");
}

#[test]
fn the_place_is_reported_twenty_times_a_second() {
    let rows = [row(b'A', ms(1)), row(b'B', ms(1)), row(b'C', ms(1000))];
    let mut harness = Harness::new([sequence(1, rows, Some(2))]);
    let mut at = 0;
    while let Some(due) = harness.due() {
        at = due;
        harness.turn(at);
    }
    let events: Vec<_> = harness
        .events
        .iter()
        .filter_map(|event| match event {
            Event::SequenceAt(_, place) => Some((place.round, place.row)),
            _ => None,
        })
        .collect();
    assert_eq!(events, [(0, 0), (0, 2), (1, 0)], "the end is reported separately");
    assert_eq!((at, harness.end()), (1004, SequenceEnd::Done));
}

proptest! {
    /// Compared with a simple model: without answers, rows are sent at the sums of the pauses.
    #[test]
    fn rows_are_sent_at_the_sums_of_the_pauses(
        pauses in prop::collection::vec(0_u64..40, 1..6),
        loops in 1_u64..5,
    ) {
        let rows: Vec<SequenceRow> = pauses.iter().map(|pause| row(b'A', ms(*pause))).collect();
        let mut harness = Harness::new([sequence(1, rows, Some(loops))]);
        while let Some(due) = harness.due() {
            harness.turn(due);
        }
        let mut at = 0;
        let mut expected = Vec::new();
        for pause in pauses.iter().cycle().take(pauses.len() * usize::try_from(loops).unwrap()) {
            expected.push((at, 'A'));
            at += pause;
        }
        prop_assert_eq!(&harness.sent, &expected);
        prop_assert_eq!(harness.end(), SequenceEnd::Done);
    }
}

#[test]
fn messages_that_wait_take_no_more_memory_than_there_is() {
    for keeps_early in [true, false] {
        let asks = [asks(b'A', ms(100), Otherwise::Stop), asks(b'B', ms(100), Otherwise::Stop)];
        let mut harness = Harness::new([]);
        harness.room = 300_000;
        if keeps_early {
            harness.sequences.keep_early();
        } else {
            assert!(harness.start(sequence(1, asks.clone(), Some(1)), 0));
            harness.turn(0);
        }
        let long = vec![b'x'; 40_000];
        for n in 0..2_000 {
            harness.receive(1, n, &long);
            harness.receive(1, n % 7, &long);
            assert!(harness.sequences.held <= 300_000, "{n}: {}", harness.sequences.held);
        }
        assert!(harness.sequences.held > 100_000, "what there is room for waits");
        if keeps_early {
            assert!(harness.start(sequence(1, asks, Some(1)), 2));
            harness.turn(2);
        }
        // What is expected is found all the same, and frees what waited.
        harness.receive(3, 5, b"a");
        harness.turn(3);
        harness.receive(4, 6, b"b");
        assert_eq!(harness.ended().len(), 1);
        assert!(matches!(harness.ended()[0].2, SequenceEnd::Done), "{:?}", harness.ended());
        assert_eq!(harness.sequences.held, 0);
    }
}
