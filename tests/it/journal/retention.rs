//! Which captures are removed to save space, and when the user is told instead.

use std::time::{Duration, SystemTime};

use netassist::journal::{Disk, Excess, Kept, Limits, plan};
use proptest::prelude::*;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
const LIMITS: Limits = Limits { keep: 20, warn: 100 };

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
}

/// The `n`th capture, of so many bytes and seconds old.
fn capture(n: usize, len: u64, age: u64) -> Kept {
    let modified = now() - Duration::from_secs(age);
    Kept { path: n.to_string().into(), len, modified, open: false, marked: false }
}

/// So many of the same kind, the newest first, an hour between them.
fn captures(count: usize, len: u64, youngest: u64) -> Vec<Kept> {
    (0..count).map(|n| capture(n, len, youngest + n as u64 * HOUR)).collect()
}

fn removed(list: &[Kept], limits: Limits, disk: Option<Disk>) -> (Vec<String>, Option<Excess>) {
    let plan = plan(list, limits, disk, now());
    (plan.remove.into_iter().map(|kept| kept.path.display().to_string()).collect(), plan.excess)
}

/// Its name, the captures, the disk, what is removed, and the excess.
type Case<'a> = (&'a str, Vec<Kept>, Option<Disk>, &'a [&'a str], Option<Excess>);

#[test]
fn the_oldest_go_but_not_what_is_new_open_or_marked() {
    let with = |mut list: Vec<Kept>, change: &dyn Fn(&mut [Kept])| {
        change(&mut list);
        list
    };
    let over = |total, limit| Some(Excess { total, limit });
    let huge = Some(Disk { size: 1_000_000, free: 500_000 });
    let full = Some(Disk { size: 1_000, free: 30 });
    let cases: [Case<'_>; 14] = [
        ("none", Vec::new(), huge, &[], None),
        ("within the limit", captures(20, 1, DAY), huge, &[], None),
        ("over it", captures(12, 2, DAY), huge, &["11", "10"], None),
        ("only as many as need be", captures(14, 2, DAY), huge, &["13", "12", "11", "10"], None),
        ("just two", captures(11, 2, DAY), huge, &["10"], None),
        ("the one just recorded", vec![capture(0, 50, 1)], huge, &[], None),
        ("of the last day", captures(24, 4, 0), huge, &[], None),
        (
            "a day old to the second",
            captures(15, 4, DAY - 10 * HOUR),
            huge,
            &["14", "13", "12", "11", "10"],
            None,
        ),
        (
            "open and marked ones",
            with(captures(14, 2, DAY), &|list| (list[13].open, list[12].marked) = (true, true)),
            huge,
            &["11", "10"],
            None,
        ),
        (
            "marked ones do not count",
            with(captures(30, 3, DAY), &|list| list[6..].iter_mut().for_each(|one| one.marked = true)),
            huge,
            &[],
            None,
        ),
        ("too much of the last day", captures(24, 5, 0), huge, &[], over(120, Some(100))),
        ("too much after removal", captures(12, 11, DAY), huge, &["11", "10"], over(110, Some(100))),
        ("a full disk", captures(5, 9, 0), full, &[], over(45, None)),
        ("a full disk, but not of captures", captures(5, 4, 0), full, &[], None),
    ];
    for (what, list, disk, gone, excess) in cases {
        assert_eq!(
            removed(&list, LIMITS, disk),
            (gone.iter().map(|&name| name.to_owned()).collect(), excess),
            "{what}"
        );
    }
}

#[test]
fn empty_files_go_whatever_their_age_and_protect_nothing() {
    let mut list = captures(22, 2, 2 * DAY);
    list.splice(0..0, (0..10).map(|n| capture(100 + n, 0, 1)));
    (list[0].open, list[1].marked) = (true, true);
    let (gone, excess) = removed(&list, LIMITS, None);
    let empty = (102..110).map(|n| n.to_string());
    let old = (10..22).rev().map(|n| n.to_string());
    assert_eq!((gone, excess), (empty.chain(old).collect(), None));
}

#[test]
fn a_capture_of_the_future_is_new_and_a_low_limit_for_telling_removes_nothing() {
    let mut list = captures(12, 2, DAY);
    for one in &mut list {
        one.modified = now() + Duration::from_secs(1);
    }
    assert_eq!(removed(&list, LIMITS, None), (Vec::new(), None));
    let low = Limits { keep: 1000, warn: 21 };
    assert_eq!(
        removed(&captures(12, 2, DAY), low, None),
        (Vec::new(), Some(Excess { total: 24, limit: Some(21) }))
    );
}

fn any_captures() -> impl Strategy<Value = Vec<Kept>> {
    let one = (prop_oneof![Just(0), 1..50_u64], 0..3 * DAY, any::<bool>(), any::<bool>());
    proptest::collection::vec(one, 0..40).prop_map(|all| {
        let mut list: Vec<Kept> = all
            .into_iter()
            .enumerate()
            .map(|(n, (len, age, open, marked))| Kept { open, marked, ..capture(n, len, age) })
            .collect();
        list.sort_by_key(|kept| std::cmp::Reverse(kept.modified));
        list
    })
}

proptest! {
    #[test]
    fn nothing_protected_is_removed_and_what_is_left_is_within_the_limit_or_told(
        list in any_captures(),
        keep in 0..400_u64,
        warn in 0..800_u64,
        disk in proptest::option::of((0..2000_u64, 0..2000_u64)),
    ) {
        let disk = disk.map(|(size, free)| Disk { size, free: free.min(size) });
        let plan = plan(&list, Limits { keep, warn }, disk, now());
        let full: Vec<&Kept> = list.iter().filter(|kept| kept.len > 0).collect();
        for kept in &plan.remove {
            prop_assert!(!kept.open && !kept.marked, "{kept:?}");
            let is_old = now().duration_since(kept.modified).unwrap() >= Duration::from_secs(DAY);
            let is_further = full.iter().position(|one| *one == kept).is_none_or(|nth| nth >= 10);
            prop_assert!(kept.len == 0 || is_old && is_further, "{kept:?}");
        }
        let left: Vec<&Kept> = list.iter().filter(|kept| !plan.remove.contains(kept)).collect();
        let sum = |list: &[&Kept]| list.iter().map(|kept| kept.len).fold(0, u64::saturating_add);
        let total = sum(&left);
        prop_assert_eq!(plan.excess.is_some(), total > warn || disk.is_some_and(|disk| {
            total > keep && total > sum(&list.iter().collect::<Vec<_>>()).saturating_add(disk.free).saturating_sub(disk.size / 20)
        }));
        prop_assert!(plan.excess.is_none_or(|excess| excess.total == total));
        // Nothing removable is left unless what counts is within the limit.
        let counted: Vec<&Kept> = left.iter().copied().filter(|kept| !kept.marked).collect();
        let more = full.iter().skip(10).any(|kept| {
            left.contains(kept) && !kept.open && !kept.marked && kept.modified <= now() - Duration::from_secs(DAY)
        });
        prop_assert!(!more || sum(&counted) <= keep);
        // The oldest go first, and none without need.
        if let Some(last) = plan.remove.iter().rfind(|kept| kept.len > 0) {
            let unmarked: Vec<&Kept> = left.into_iter().filter(|kept| !kept.marked).chain([last]).collect();
            prop_assert!(sum(&unmarked) > keep);
        }
    }
}
