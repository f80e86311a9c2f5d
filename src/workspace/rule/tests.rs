//! Rules as typed, and what becomes of them.

use proptest::prelude::*;

use super::*;
use crate::codec::template::TemplateProblem;

/// Any form, also one in which nothing is right.
pub(crate) fn form() -> impl Strategy<Value = RuleForm> {
    let text = || prop_oneof![Just(String::new()), "[ -~测\n]{0,12}"];
    let time = || prop_oneof![Just(String::new()), "[0-9]{1,3}(ms|s)?(\\.\\.[0-9]{1,3}s)?"];
    let choices = (
        prop::sample::select(MatchKind::ALL.to_vec()),
        prop::sample::select(ThenKind::ALL.to_vec()),
        prop::sample::select(Recipients::ALL.to_vec()),
        prop::sample::select(Mode::ALL.to_vec()),
        prop::sample::select(Mode::ALL.to_vec()),
        prop::option::of(prop::sample::select(Charset::ALL.to_vec())),
    );
    let ticks = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let matching =
        (text(), text(), text(), "(\\.\\.)?[0-9]{0,3}(\\.\\.)?", "[0-9]{0,3}", "[0-9.:\\[\\]]{0,9}");
    let acting = (text(), text(), text(), text(), prop::collection::vec(text(), 0..3));
    let limits = (time(), time(), "[0-9]{0,3}", "[0-9:; -]{0,9}");
    (choices, ticks, matching, acting, limits).prop_map(|(choices, ticks, matching, acting, limits)| {
        RuleForm {
            name: matching.0,
            on: ticks.0,
            when: choices.0,
            pattern: matching.1,
            pattern_mode: choices.3,
            pattern_escapes: ticks.1,
            length: matching.3,
            checksum: matching.2,
            checksum_behind: matching.4,
            checksum_is: if ticks.2 { Validity::Valid } else { Validity::Invalid },
            from: matching.5,
            then: choices.1,
            content: acting.0,
            mode: choices.4,
            escapes: ticks.3,
            placeholders: ticks.4,
            charset: choices.5,
            append: acting.4,
            folder: acting.1,
            file: acting.2,
            page: acting.3,
            to: choices.2,
            after: limits.0,
            cool_down: limits.1,
            at_most: limits.2,
            and_then: if ticks.5 { AndThen::Stop } else { AndThen::GoOn },
            modbus: ModbusForm {
                coils: limits.3.clone(),
                input_registers: limits.3,
                ..ModbusForm::default()
            },
        }
    })
}

#[test]
fn what_is_typed_becomes_a_rule() {
    let form = RuleForm {
        name: "one".to_owned(),
        when: MatchKind::Regex,
        pattern: "^get (?P<what>\\w+)".to_owned(),
        length: "4..20".to_owned(),
        checksum: "XOR-8:from=1".to_owned(),
        checksum_behind: "2".to_owned(),
        from: "[::1]:80".to_owned(),
        content: "{what}={1}".to_owned(),
        append: vec!["crlf".to_owned()],
        to: Recipients::All,
        after: "5..10ms".to_owned(),
        cool_down: "1s".to_owned(),
        at_most: "3".to_owned(),
        and_then: AndThen::GoOn,
        ..RuleForm::default()
    };
    let rule = form.build(RuleId(4), Charset::Gbk).unwrap();
    assert_eq!((rule.id, &rule.name[..], rule.to), (RuleId(4), "one", Recipients::All));
    assert_eq!(rule.from, Sender::Endpoint("[::1]:80".parse().unwrap()));
    assert_eq!(rule.after, Duration::from_millis(5)..=Duration::from_millis(10));
    let limits = Limits { cool_down: Duration::from_secs(1), at_most: Some(3), and_then: AndThen::GoOn };
    assert_eq!(rule.limits, limits);
    assert!(rule.when.is_match(b"get x\x49\r\n") && !rule.when.is_match(b"get x\x48\r\n"));
    assert!(matches!(rule.then, Then::Reply(_)));
    assert!(RuleForm::echo().build(RuleId(0), Charset::Utf8).unwrap().when.is_anything());
    let forms = [RuleForm { on: false, ..RuleForm::default() }, RuleForm::echo()];
    let rules = build_rules(&forms, &FaultsForm::default(), Charset::Utf8).unwrap();
    assert!(rules.is_plain_echo());
    assert_eq!(rules.rules[0].id, RuleId(1), "its place in the list");
    let relay = build_rules(&[RuleForm::relay()], &FaultsForm::default(), Charset::Utf8).unwrap();
    assert_eq!(relay.rules, Rules::relay().rules);
}

#[test]
fn content_without_placeholders_may_have_braces() {
    let form = RuleForm { content: "{\"a\": {1}}".to_owned(), placeholders: false, ..RuleForm::default() };
    assert!(form.build(RuleId(0), Charset::Utf8).is_ok());
    let form = RuleForm { placeholders: true, ..form };
    let problem = form.build(RuleId(0), Charset::Utf8).unwrap_err();
    assert_eq!(problem.path, "content");
}

#[test]
fn every_field_that_is_wrong_is_named() {
    let right = RuleForm { folder: "/srv".to_owned(), file: "{0}".to_owned(), ..RuleForm::default() };
    let file = RuleForm { then: ThenKind::SendFile, ..right.clone() };
    let modbus = RuleForm { then: ThenKind::Modbus, ..right.clone() };
    let wrong = || "?".to_owned();
    let device = |unit: &str| RuleForm {
        modbus: ModbusForm { unit: unit.to_owned(), ..ModbusForm::default() },
        ..modbus.clone()
    };
    for (form, field) in [
        (RuleForm { when: MatchKind::Equals, ..right.clone() }, "pattern"),
        (RuleForm { length: wrong(), ..right.clone() }, "length"),
        (RuleForm { length: "5..4".to_owned(), ..right.clone() }, "length"),
        (RuleForm { checksum: "crlf".to_owned(), ..right.clone() }, "checksum"),
        (RuleForm { checksum: wrong(), ..right.clone() }, "checksum"),
        (
            RuleForm { checksum: "LRC".to_owned(), checksum_behind: wrong(), ..right.clone() },
            "checksum-behind",
        ),
        (RuleForm { from: "host:80".to_owned(), ..right.clone() }, "from"),
        (RuleForm { content: "{".to_owned(), ..right.clone() }, "content"),
        (RuleForm { append: vec!["lf".to_owned(), wrong()], ..right.clone() }, "append.1"),
        (RuleForm { folder: " ".to_owned(), ..file.clone() }, "folder"),
        (RuleForm { file: String::new(), ..file.clone() }, "file"),
        (RuleForm { file: "{1}".to_owned(), ..file }, "file"),
        (RuleForm { after: "2s..1s".to_owned(), ..right.clone() }, "after"),
        (RuleForm { cool_down: "25h".to_owned(), ..right.clone() }, "cool-down"),
        (RuleForm { at_most: "0".to_owned(), ..right.clone() }, "at-most"),
        (device("300"), "modbus.unit"),
    ] {
        let problems = form.problems(Charset::Utf8);
        let fields: Vec<_> = problems.iter().map(|problem| &problem.path[..]).collect();
        assert_eq!(fields, [field], "{form:?}");
        let problem = form.build(RuleId(0), Charset::Utf8).unwrap_err();
        assert!(problem.to_string().starts_with(field) && problem.to_string().len() > field.len() + 2);
    }
    let two = RuleForm {
        pattern: "(".to_owned(),
        when: MatchKind::Regex,
        at_most: wrong(),
        content: "{1}".to_owned(),
        ..right
    };
    let problems = two.problems(Charset::Utf8);
    let fields: Vec<_> = problems.iter().map(|problem| &problem.path[..]).collect();
    assert_eq!(fields, ["pattern", "at-most"], "of the group nobody can tell");
}

#[test]
fn fields_that_do_not_matter_are_not_read() {
    let form = RuleForm {
        then: ThenKind::Close,
        content: "{".to_owned(),
        pattern: "(".to_owned(),
        append: vec!["?".to_owned()],
        ..RuleForm::default()
    };
    assert_eq!(form.build(RuleId(0), Charset::Utf8).unwrap().then, Then::Close);
    let form = RuleForm { content: "{1}".to_owned(), ..RuleForm::default() };
    let error = form.build(RuleId(0), Charset::Utf8).unwrap_err();
    assert!(matches!(error.fault, Fault::Template(error) if error.why == TemplateProblem::Group));
}

proptest! {
    #[test]
    fn any_form_survives_a_file_and_is_built_or_refused(form in form()) {
        let text = toml::to_string(&form).unwrap();
        prop_assert_eq!(toml::from_str::<RuleForm>(&text).unwrap(), form.clone(), "{}", text);
        let problems = form.problems(Charset::Utf8);
        prop_assert_eq!(form.build(RuleId(0), Charset::Utf8).is_err(), !problems.is_empty(), "{:?}", problems);
    }
}
