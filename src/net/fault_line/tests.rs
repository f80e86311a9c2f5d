//! What faults do to bytes, by their numbers.

use super::*;

const MS: Duration = Duration::from_millis(1);
const N: u64 = 20_000;

fn faults(text: &str) -> RelayFaults {
    RelayFaults::parse(text, 7).unwrap()
}

fn line() -> FaultLine {
    FaultLine::new(1, Leg::Client)
}

/// What becomes of `n` messages of 8 bytes.
fn passed(text: &str, n: u64, is_datagram: bool) -> Vec<Passed> {
    let (faults, mut line, now) = (faults(text), line(), Instant::now());
    (0..n).map(|n| line.pass(&faults, (&n.to_be_bytes(), true), is_datagram, now)).collect()
}

/// The share, in percent, of what meets a condition.
fn share(passed: &[Passed], meets: impl Fn(&Passed) -> bool) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let percent = passed.iter().filter(|passed| meets(passed)).count() as f64 * 100.0 / passed.len() as f64;
    percent
}

#[track_caller]
fn about(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= wanted * 0.1, "{found} is not about {wanted}");
}

#[test]
fn as_many_are_lost_corrupted_sent_twice_overtaken_and_cut_as_wanted() {
    let lost = |passed: &Passed| passed.lost == Some("loss");
    about(share(&passed("loss=5%", N, true), lost), 5.0);
    let bursts = passed("loss=5%,burst=3", N, true);
    about(share(&bursts, lost), 5.0);
    let runs: Vec<&[Passed]> =
        bursts.chunk_by(|a, b| lost(a) == lost(b)).filter(|run| lost(&run[0])).collect();
    // The last may be cut off by the end.
    assert!(runs.len() > 100 && runs[..runs.len() - 1].iter().all(|run| run.len() % 3 == 0));
    let all = passed("corrupt=10%,bits=2,duplicate=20%,reorder=5%", N, true);
    let changed = |n: usize, passed: &Passed| {
        let sent = (n as u64).to_be_bytes();
        let bits = passed.pieces[0].data.iter().zip(sent).map(|(a, b)| (a ^ b).count_ones());
        bits.sum::<u32>()
    };
    let corrupted = all.iter().enumerate().filter(|(n, passed)| changed(*n, passed) > 0).count();
    about(f64::from(u32::try_from(corrupted).unwrap()) * 100.0 / 20_000.0, 10.0);
    about(share(&all, |passed| passed.pieces.len() == 2), 20.0);
    about(share(&all, |passed| passed.pieces[0].is_overtaken), 5.0);
    let cut = passed("cut=10%,join=10%", N, false);
    about(share(&cut, |passed| passed.pieces.len() == 2), 10.0);
    assert!(cut.iter().all(|passed| {
        passed.pieces.iter().map(|piece| piece.data.len()).sum::<usize>() == 8
            && passed.pieces.windows(2).all(|two| two[1].due - two[0].due == CUT_GAP)
    }));
}

#[test]
fn delays_are_spread_evenly_and_told() {
    let (faults, mut line, now) = (faults("delay=100ms~20ms"), line(), Instant::now());
    let mut delays: Vec<Duration> = (0..N)
        .map(|_| {
            let passed = line.pass(&faults, (b"x", true), true, now);
            let [Piece { due, why: Some(why), .. }] = passed.pieces.as_slice() else { panic!("{passed:?}") };
            assert_eq!(**why, *format!("[fault] delay={}ms", (*due - now).as_millis()));
            *due - now
        })
        .collect();
    delays.sort_unstable();
    assert!(delays[0] >= 80 * MS && delays[delays.len() - 1] <= 120 * MS);
    for (part, wanted) in [(4, 90), (2, 100)] {
        about(delays[delays.len() / part].as_secs_f64() * 1e3, f64::from(wanted));
    }
}

#[test]
fn two_runs_agree_whatever_the_time_and_other_clients_and_directions_differ() {
    let text = "loss=10%,duplicate=10%,corrupt=10%";
    let acts = |mut line: FaultLine, seed| {
        let faults = RelayFaults::parse(text, seed).unwrap();
        let now = Instant::now();
        let what = |passed: Passed| {
            (passed.lost, passed.pieces.into_iter().map(|piece| (piece.data, piece.why)).collect::<Vec<_>>())
        };
        (0..500_u32)
            .map(|n| what(line.pass(&faults, (&n.to_be_bytes(), true), false, now)))
            .collect::<Vec<_>>()
    };
    assert_eq!(acts(line(), 7), acts(line(), 7));
    assert_ne!(acts(line(), 7), acts(line(), 8));
    assert_ne!(acts(line(), 7), acts(FaultLine::new(2, Leg::Client), 7));
    assert_ne!(acts(line(), 7), acts(FaultLine::new(1, Leg::Upstream), 7));
}

#[test]
fn only_messages_that_match_are_touched_and_bytes_that_are_no_message_are_not() {
    let (faults, mut line, now) = (faults("loss=100%,match=^x"), line(), Instant::now());
    for (data, is_message, lost) in [(b"xa", true, true), (b"ax", true, false), (b"xa", false, false)] {
        assert_eq!(line.pass(&faults, (data, is_message), false, now).lost.is_some(), lost);
    }
    let large = RelayFaults::parse("size=4", 0).unwrap();
    let lost = |data: &[u8]| FaultLine::new(1, Leg::Client).pass(&large, (data, true), true, now).lost;
    assert_eq!((lost(b"1234"), lost(b"12345")), (None, Some("size")));
}

#[test]
fn bytes_are_sliced_paced_paused_and_stalled_where_wanted() {
    let now = Instant::now();
    let pieces = |text: &str, data: &[u8]| {
        let pieces = line().pass(&faults(text), (data, false), false, now).pieces;
        pieces.into_iter().map(|piece| (piece.data.len(), piece.due - now)).collect::<Vec<_>>()
    };
    assert_eq!(pieces("slice=4", &[0; 10]), [(4, Duration::ZERO), (4, MS), (2, 2 * MS)]);
    let paced = pieces("rate=1000", &[0; 1000]);
    assert_eq!((paced.len(), paced[0], paced[99]), (100, (10, 10 * MS), (10, 1000 * MS)));
    assert_eq!(pieces("pause=3:2s", &[0; 5]), [(3, Duration::ZERO), (2, 2000 * MS)]);
    let stalled = pieces("stall=3", &[0; 5]);
    assert!(stalled[0] == (3, Duration::ZERO) && stalled[1].1 > Duration::from_hours(24), "{stalled:?}");
}

#[test]
fn a_direction_ends_after_bytes_or_time() {
    let now = Instant::now();
    for (text, end) in [("close=5", FaultEnd::Close), ("reset=5", FaultEnd::Reset)] {
        let (faults, mut line) = (faults(text), line());
        assert_eq!(line.pass(&faults, (b"123", false), false, now).end, None);
        let last = line.pass(&faults, (b"4567", false), false, now);
        assert_eq!((last.end, &*last.pieces[0].data, last.pieces.len()), (Some(end), &b"45"[..], 1));
        assert_eq!(line.pass(&faults, (b"8", false), false, now).lost, Some("closed"));
    }
    let (line, faults) = (line(), faults("up:reset=5s,close=2s"));
    assert_eq!(line.ends_at(&faults.up), Some((line.since + 2000 * MS, FaultEnd::Close)));
    assert_eq!(line.ends_at(&faults.down), None);
}

#[test]
fn slices_of_all_reads_keep_their_distance() {
    for (text, gap) in [("slice=3", MS), ("slice=3,rate=1000", 3 * MS), ("slice=3,rate=1M", MS)] {
        let dues: Vec<Instant> = passed(text, 5, false)
            .into_iter()
            .flat_map(|passed| passed.pieces)
            .map(|piece| piece.due)
            .collect();
        // The last of each is shorter.
        assert!(dues.len() == 15 && dues.windows(2).all(|two| two[1] - two[0] + MS >= gap), "{text}");
        let all = dues[14] - dues[0];
        assert!(all >= 12 * gap && all <= 14 * gap, "{text}: {all:?}");
    }
}
