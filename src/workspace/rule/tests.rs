//! Rules built from forms, and their errors.

use proptest::prelude::*;

use super::super::any::Any as _;
use super::*;
use crate::codec::template::TemplateProblem;

#[test]
fn forms_become_rules() {
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
    assert_eq!(rules.rules[0].id, RuleId(1), "its index");
    let relay = build_rules(&[RuleForm::relay()], &FaultsForm::default(), Charset::Utf8).unwrap();
    assert_eq!(relay.rules, Rules::relay().rules);
}

#[test]
fn content_without_placeholders_may_contain_braces() {
    let form = RuleForm { content: "{\"a\": {1}}".to_owned(), placeholders: false, ..RuleForm::default() };
    assert!(form.build(RuleId(0), Charset::Utf8).is_ok());
    let form = RuleForm { placeholders: true, ..form };
    let problem = form.build(RuleId(0), Charset::Utf8).unwrap_err();
    assert_eq!(problem.path, "content");
}

#[test]
fn every_invalid_field_is_reported() {
    let (file, echo) = ("then = 'send-file'\nfolder = '/srv'", "then = 'echo'\n");
    let echo = |text: &str| format!("{echo}{text}");
    for (text, fields) in [
        ("when = 'equals'".to_owned(), &["pattern"][..]),
        (echo("length = '?'"), &["length"]),
        (echo("length = '5..4'"), &["length"]),
        (echo("checksum = 'crlf'"), &["checksum"]),
        (echo("checksum = '?'"), &["checksum"]),
        (echo("checksum = 'LRC'\nchecksum-behind = '?'"), &["checksum-behind"]),
        (echo("from = 'host:80'"), &["from"]),
        ("content = '{'".to_owned(), &["content"]),
        ("append = ['lf', '?']".to_owned(), &["append.1"]),
        ("then = 'send-file'\nfolder = ' '\nfile = '{0}'".to_owned(), &["folder"]),
        (file.to_owned(), &["file"]),
        (format!("{file}\nfile = '{{1}}'"), &["file"]),
        (echo("after = '2s..1s'"), &["after"]),
        (echo("cool-down = '25h'"), &["cool-down"]),
        (echo("at-most = 0"), &["at-most"]),
        ("then = 'modbus'\nmodbus.unit = 300".to_owned(), &["modbus.unit"]),
        // Nothing would be sent, or noted.
        (String::new(), &["content"]),
        ("then = 'note'".to_owned(), &["content"]),
        // The group of an invalid pattern is unknown.
        ("when = 'regex'\npattern = '('\nat-most = '?'\ncontent = '{1}'".to_owned(), &["pattern", "at-most"]),
        // One hides no other.
        (echo("cool-down = '?'\nat-most = '?'"), &["cool-down", "at-most"]),
        (
            echo("length = '?'\nchecksum = '?'\nchecksum-behind = '?'"),
            &["length", "checksum", "checksum-behind"],
        ),
        ("append = ['?', '!']\ncontent = '{'".to_owned(), &["append.0", "append.1", "content"]),
        ("then = 'send-file'".to_owned(), &["folder", "file"]),
        (
            "then = 'modbus'\nmodbus.unit = 300\nmodbus.coils = '2'".to_owned(),
            &["modbus.unit", "modbus.coils"],
        ),
    ] {
        let form: RuleForm = toml::from_str(&text).unwrap();
        let problems = form.problems(Charset::Utf8);
        let paths: Vec<_> = problems.iter().map(|problem| &problem.path[..]).collect();
        assert_eq!(paths, fields, "{text}");
        let problem = form.build(RuleId(0), Charset::Utf8).unwrap_err().to_string();
        assert!(problem.starts_with(fields[0]) && problem.len() > fields[0].len() + 2, "{problem}");
    }
}

#[test]
fn a_wrong_checksum_is_told_as_one() {
    for text in ["?", "crlf", "CRC"] {
        let form = RuleForm { checksum: text.to_owned(), ..RuleForm::echo() };
        assert_eq!(form.problems(Charset::Utf8), [Problem::new("checksum", Expected::Checksum)]);
    }
    let form = RuleForm { checksum: "LRC:from=x".to_owned(), ..RuleForm::echo() };
    assert!(matches!(form.problems(Charset::Utf8)[0].fault, Fault::Step(_)), "its option is wrong");
}

#[test]
fn unused_fields_are_not_checked() {
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
    fn forms_survive_a_file_and_problems_and_build_agree(form in RuleForm::any()) {
        let text = toml::to_string(&form).unwrap();
        prop_assert_eq!(toml::from_str::<RuleForm>(&text).unwrap(), form.clone(), "{}", text);
        let problems = form.problems(Charset::Utf8);
        prop_assert_eq!(form.build(RuleId(0), Charset::Utf8).is_err(), !problems.is_empty(), "{:?}", problems);
    }
}
