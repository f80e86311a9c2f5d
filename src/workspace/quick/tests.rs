//! What quick sends send, and their errors.

use proptest::prelude::*;

use super::super::any::Any as _;
use super::*;
use crate::model::Fault;

fn text(content: &str) -> QuickSend {
    QuickSend { content: content.to_owned(), ..QuickSend::default() }
}

fn bytes(quick: &QuickSend, session: Charset) -> Vec<u8> {
    match quick.build(session).unwrap() {
        SendPart::Bytes(bytes) | SendPart::Hex(bytes) => bytes.to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn forms_are_encoded() {
    assert_eq!(bytes(&text("中\\r\\n"), Charset::Gbk), b"\xD6\xD0\r\n");
    let own = QuickSend { charset: Some(Charset::Utf8), escapes: false, ..text("中\\n") };
    assert_eq!(bytes(&own, Charset::Gbk), "中\\n".as_bytes());
    let hex = QuickSend {
        mode: Mode::Hex,
        append: vec!["CRC-16/MODBUS".into(), " crlf".into()],
        ..text("01 03 00 00 00 02")
    };
    assert_eq!(bytes(&hex, Charset::Utf8), b"\x01\x03\0\0\0\x02\xC4\x0B\r\n");
    let filled = QuickSend { placeholders: true, ..text("{n}") };
    assert!(
        matches!(filled.build(Charset::Utf8), Ok(SendPart::Template(template)) if template.text() == "{n}")
    );
}

#[test]
fn every_invalid_field_is_reported() {
    let wrong = QuickSend {
        append: vec!["cr".into(), "crc".into()],
        key: "Q".into(),
        delay: "soon".into(),
        expect: Some(MatchKind::Regex),
        pattern: "(".into(),
        within: "ever".into(),
        ..text("ok")
    };
    let problems = wrong.problems(Charset::Utf8);
    let fields: Vec<&str> = problems.iter().map(|problem| &problem.path[..]).collect();
    assert_eq!(fields, ["append.1", "key", "delay", "pattern", "within"]);
    let problem = QuickSend { mode: Mode::Hex, ..text("0x") }.build(Charset::Utf8).unwrap_err();
    assert_eq!(problem.path, "content");
    assert!(problem.to_string().starts_with("content: "), "{problem}");
    let problem = QuickSend { append: vec!["CRC-32:from=9".into()], ..text("ok") }.build(Charset::Utf8);
    assert!(matches!(problem.unwrap_err().fault, Fault::Append(_)));
    let problem = QuickSend { placeholders: true, ..text("{oops}") }.build(Charset::Utf8);
    assert!(matches!(problem.unwrap_err().fault, Fault::Template(_)));
}

#[test]
fn an_answer_is_expected_if_there_is_a_kind_of_match() {
    assert_eq!(
        QuickSend { pattern: "(".into(), within: "x".into(), ..text("") }.answer(Charset::Utf8),
        Ok(None)
    );
    let quick = QuickSend {
        expect: Some(MatchKind::Starts),
        pattern: "01 ?3".into(),
        pattern_mode: Mode::Hex,
        on_timeout: Otherwise::GoOn,
        ..text("")
    };
    let answer = quick.answer(Charset::Utf8).unwrap().unwrap();
    assert_eq!((answer.within, answer.otherwise), (Duration::from_secs(1), Otherwise::GoOn));
    assert!(answer.like.is_match(b"\x01\x83") && !answer.like.is_match(b"\x01\x84"));
    let text = QuickSend { expect: Some(MatchKind::Equals), pattern: "好\\n".into(), ..text("") };
    let answer = text.answer(Charset::Gbk).unwrap().unwrap();
    assert!(answer.like.is_match(b"\xBA\xC3\n"));
}

#[test]
fn times_without_a_unit_are_in_milliseconds() {
    for (delay, ms) in [("", 0), (" 250 ", 250), ("1.5s", 1500), ("0", 0), ("24h", 86_400_000)] {
        let pause = QuickSend { delay: delay.into(), ..text("") }.pause();
        assert_eq!(pause, Ok(Duration::from_millis(ms)), "{delay}");
    }
    assert_eq!(toml::from_str::<QuickSend>("delay = 20").unwrap().delay, "20");
    for delay in ["-1", "1x", "25h", "1 day"] {
        assert!(QuickSend { delay: delay.into(), ..text("") }.pause().is_err(), "{delay}");
    }
}

#[test]
fn shortcuts_are_keys_that_type_nothing() {
    for (text, name) in [
        ("F1", "F1"),
        ("f12", "F12"),
        ("ctrl + F5", "Ctrl+F5"),
        ("shift+alt+ctrl+F2", "Ctrl+Alt+Shift+F2"),
        ("Alt+1", "Alt+1"),
        ("alt+0", "Alt+0"),
        ("cmd+alt+9", "Ctrl+Alt+9"),
    ] {
        assert_eq!(text.parse::<Key>().map(|key| key.to_string()), Ok(name.to_owned()), "{text}");
    }
    for text in [
        "",
        "F",
        "F0",
        "F13",
        "F01",
        "1",
        "shift+1",
        "ctrl+1",
        "A",
        "alt+10",
        "alt+alt+1",
        "+F1",
        "F1+",
        "F+1",
    ] {
        assert_eq!(text.parse::<Key>(), Err(key::NotAKey), "{text:?}");
    }
}

#[test]
fn an_empty_table_is_the_default_and_unknown_keys_are_errors() {
    assert_eq!(toml::from_str::<QuickSend>("").unwrap(), QuickSend::default());
    assert_eq!(toml::to_string(&QuickSend::default()).unwrap(), "content = \"\"\n");
    let error = toml::from_str::<QuickSend>("contents = 'x'").unwrap_err();
    assert!(error.message().starts_with("unknown field `contents`, expected one of `name`"), "{error}");
    let error = toml::from_str::<QuickSend>("mode = 'hexx'").unwrap_err();
    assert_eq!(error.message(), "invalid value: string \"hexx\", expected text, hex or mixed");
    assert_eq!(toml::from_str::<QuickSend>("charset = 'GB2312'").unwrap().charset, Some(Charset::Gbk));
}

proptest! {
    #[test]
    fn forms_survive_writing_and_reading(quick in QuickSend::any()) {
        let text = toml::to_string(&quick).unwrap();
        prop_assert_eq!(toml::from_str::<QuickSend>(&text).unwrap(), quick, "{}", text);
    }

    #[test]
    fn problems_and_build_agree(quick in QuickSend::any()) {
        let problems = quick.problems(Charset::Gbk);
        prop_assert_eq!(quick.build(Charset::Gbk).is_err(), problems.iter().any(|problem| {
            problem.path == "content" || problem.path.starts_with("append.")
        }));
    }
}
