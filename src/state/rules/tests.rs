//! The list of rules, and what it comes to.

use super::*;
use crate::codec::Charset;
use crate::codec::matcher::MatchKind;
use crate::rules::RuleAction;
use crate::state::Way;
use crate::workspace::ThenKind;

fn named(name: &str) -> RuleForm {
    RuleForm { name: name.to_owned(), content: format!("{name} {{0}}"), ..RuleForm::default() }
}

fn list(names: &[&str]) -> RulesBox {
    RulesBox::of(names.iter().map(|name| named(name)), FaultsForm::default())
}

fn names(list: &RulesBox) -> String {
    list.list.rows().iter().map(|row| row.form.name.as_str()).collect()
}

#[test]
fn the_fields_of_a_row_open_and_close() {
    let mut rules = list(&["a"]);
    rules.act(RulesAction::New);
    let new = rules.list.editing.unwrap();
    assert_eq!(rules.list.rows().last().unwrap().id, new);
    rules.act(RulesAction::Row(RowAction::Edit(None)));
    assert_eq!((rules.list.editing, rules.list.focus), (None, Some(new)));
}

#[test]
fn echo_and_relay_are_one_tick() {
    let mut list = list(&["a"]);
    let echo = || RuleForm { name: "Echo".to_owned(), ..RuleForm::echo() };
    assert!(!list.has(&RuleForm::echo()));
    list.act(RulesAction::Switch(Box::new(echo()), false));
    assert_eq!(names(&list), "a", "what is not there is off");
    list.act(RulesAction::Switch(Box::new(echo()), true));
    assert_eq!(
        (names(&list).as_str(), list.has(&RuleForm::echo()), list.has(&RuleForm::relay())),
        ("aEcho", true, false)
    );
    list.act(RulesAction::Switch(Box::new(RuleForm::echo()), false));
    assert!(!list.has(&RuleForm::echo()));
    list.act(RulesAction::Switch(Box::new(RuleForm::echo()), true));
    assert_eq!(names(&list), "aEcho", "the same one again");
    assert!(list.has(&RuleForm::echo()));
}

#[test]
fn rules_that_are_wrong_or_off_are_passed_over() {
    let mut list = list(&["a", "b", "c"]);
    list.list.get_mut(RuleId(0)).unwrap().content = "{".to_owned();
    list.list.get_mut(RuleId(1)).unwrap().on = false;
    list.faults = FaultsForm { drop_every: "x".to_owned(), join: "2".to_owned(), ..FaultsForm::default() };
    let rules = list.rules(Charset::Utf8.into());
    assert_eq!(rules.rules.iter().map(|rule| rule.id).collect::<Vec<_>>(), [RuleId(2)]);
    assert_eq!((rules.faults.drop_every, rules.faults.join), (0, 2));
    let wrong: Vec<bool> = list.list.rows().iter().map(|row| list.is_wrong(row)).collect();
    assert_eq!(wrong, [true, false, false]);
    assert_eq!(list.problems(RuleId(0), Charset::Utf8.into()).len(), 1);
    assert!(Arc::ptr_eq(&rules, &list.rules(Charset::Utf8.into())), "made once");
}

#[test]
fn hits_stay_with_their_rule() {
    let mut list = list(&["a", "b"]);
    assert_eq!(list.hits(RuleId(0)), None);
    let rules = list.rules(Charset::Utf8.into());
    assert!(list.is_new(&rules));
    list.give(Arc::clone(&rules));
    assert!(!list.is_new(&rules));
    list.count(&[3, 4]);
    list.count(&[9]);
    list.act(RulesAction::Row(RowAction::Shift(RuleId(0), Way::Down)));
    assert_eq!([0, 1].map(|id| list.hits(RuleId(id))), [Some(3), Some(4)]);
    assert!(list.is_new(&list.clone().rules(Charset::Utf8.into())), "in another order they are others");
}

#[test]
fn hits_survive_that_a_rule_is_wrong_off_or_deleted_for_a_while() {
    let mut list = list(&["a", "b"]);
    let give = |list: &mut RulesBox| {
        let rules = list.rules(Charset::Utf8.into());
        list.give_anew(rules);
    };
    give(&mut list);
    list.count(&[3, 4]);
    list.list.get_mut(RuleId(0)).unwrap().content.clear();
    list.act(RulesAction::Row(RowAction::Delete(RuleId(1))));
    give(&mut list);
    assert_eq!([0, 1].map(|id| list.hits(RuleId(id))), [None, None]);
    list.list.get_mut(RuleId(0)).unwrap().content = "again".to_owned();
    list.act(RulesAction::Row(RowAction::Undo));
    give(&mut list);
    assert_eq!([0, 1].map(|id| list.hits(RuleId(id))), [Some(3), Some(4)]);
    assert_eq!(list.count(&[3, 5]), 1, "only the last one is news");
    let rules = list.rules(Charset::Utf8.into());
    list.give(rules);
    assert_eq!(list.hits(RuleId(0)), Some(0), "another opening");
}

#[test]
fn rules_that_do_nothing_in_a_session_are_left_out() {
    let mut list = list(&["a"]);
    let hold = RuleForm { then: ThenKind::Hold, ..RuleForm::default() };
    let of_leg = RuleForm { from: "upstream".to_owned(), ..RuleForm::echo() };
    list.list.extend([hold, of_leg]);
    for (protocol, works) in
        [(Protocol::TcpRelay, [true, true, true]), (Protocol::TcpServer, [true, false, false])]
    {
        list.follow(&Session { protocol, ..Session::default() });
        let rules = list.rules(Charset::Utf8.into());
        assert_eq!(rules.rules.len(), works.iter().filter(|works| **works).count());
        let found: Vec<bool> = list.list.rows().iter().map(|row| !list.is_wrong(row)).collect();
        assert_eq!(found, works, "{protocol:?}");
        let problems = list.problems(RuleId(1), Charset::Utf8.into());
        assert_eq!(problems.iter().any(|problem| problem.path == "then"), !works[1]);
    }
}

#[test]
fn a_message_is_tried() {
    let mut list = list(&["a"]);
    *list.list.get_mut(RuleId(0)).unwrap() = RuleForm {
        when: MatchKind::Starts,
        pattern: "x".to_owned(),
        from: "192.0.2.7".to_owned(),
        ..named("a")
    };
    list.act(RulesAction::Switch(Box::new(RuleForm { then: ThenKind::Close, ..RuleForm::default() }), true));
    list.faults = FaultsForm { join: "2".to_owned(), ..FaultsForm::default() };
    let mut tried = |text: &str, mode| {
        list.test = TestBox { open: true, text: text.to_owned(), mode };
        list.tried(Charset::Utf8.into(), Stamp(0), &TimeZone::UTC)
    };
    let first = tried("78 79", Mode::Hex).unwrap();
    assert_eq!(
        (first.used, &first.answers[0].what),
        (vec![RuleId(0)], &RuleAction::Send(b"a xy"[..].into()))
    );
    let second = tried("y", Mode::Text).unwrap();
    assert_eq!((second.used, &second.answers[0].what), (vec![RuleId(1)], &RuleAction::Close));
    assert!(tried("7", Mode::Hex).is_err());
    list.test_with(b"\x01\x02");
    assert_eq!((list.test.text.as_str(), list.test.mode), ("01 02", Mode::Hex));
}
