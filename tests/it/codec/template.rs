//! Placeholders of every kind, filled in.

mod incoming;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use netassist::codec::append::{AppendFault, Step};
use netassist::codec::compose::{ComposeProblem, Mode};
use netassist::codec::escape::EscapeProblem;
use netassist::codec::template::*;
use netassist::codec::{Charset, compose::Manner, hex};

const TEXT: Manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
const PLAIN: Manner = Manner { escapes: false, ..TEXT };
const HEX: Manner = Manner { mode: Mode::Hex, ..TEXT };
const MIXED: Manner = Manner { mode: Mode::Mixed, ..TEXT };

/// As the message after `n_before` others, in 2001.
fn filled(template: &Template, n_before: u64) -> Result<Vec<u8>, AppendFault> {
    let mut random = Random::new(7);
    let zone = &TimeZone::fixed(jiff::tz::offset(8));
    let (now_ns, peer) = (1_000_000_000_123_456_789, "127.0.0.1:80");
    template.fill(&mut Filling { now_ns, zone, peer, n_before, random: &mut random, limit: usize::MAX })
}

#[track_caller]
fn check(manner: Manner, text: &str, n_before: u64, expected: &[u8]) {
    let template =
        Template::parse(text, manner, Vec::new()).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(filled(&template, n_before).as_deref(), Ok(expected), "{text}");
}

#[test]
fn placeholders_are_filled() {
    check(TEXT, "", 0, b"");
    check(TEXT, "{time}", 0, b"2001-09-09 09:46:40");
    check(TEXT, "{time:%H:%M:%S%.3f}", 0, b"09:46:40.123");
    check(TEXT, "{time:%Y年}", 0, "2001年".as_bytes());
    check(TEXT, "{unix} {unix_ms}", 0, b"1000000000 1000000000123");
    check(TEXT, "to {peer}.", 0, b"to 127.0.0.1:80.");
    check(TEXT, "{n},{n:0},{n:10:5:4}", 2, b"3,2,0020");
    check(HEX, "01 {n:254:1:2:be} {n:1:1:1:le} FF", 1, &[1, 0, 255, 2, 255]);
    check(MIXED, "[02]{n}[[x[03]", 8, b"\x029[x\x03");
    check(TEXT, "{n:18446744073709551615:2:3}", 1, b"001");
    check(TEXT, "{number:7-7}", 0, b"7");
    let utf16 = Manner { charset: Charset::Utf16Be, ..TEXT };
    check(utf16, "a{n}{{", 0, b"\0a\x001\0{");
}

#[test]
fn lengths_count_themselves_and_what_is_appended() {
    check(TEXT, "{length}", 0, b"1");
    check(TEXT, "123456789{length}", 0, b"12345678911");
    check(TEXT, "{length-3}abc{length-4}", 0, b"2abc1");
    check(TEXT, "{length:4}:{length-5}", 0, b"0006:1");
    check(HEX, "{length:2:be} 01 02 {length+1:1:le} {rest:1:be} FF", 0, &[0, 7, 1, 2, 8, 1, 0xFF]);
    check(MIXED, "{rest}[0D 0A]{rest-2:3}ab{rest:1:be}", 0, b"8\r\n001ab\0");
    check(TEXT, "{length:1}{rest:1}ab", 0, b"\x04\x02ab");
    check(TEXT, "Content-Length: {rest-4}\r\n\r\n{{\"n\": {n}}", 9, b"Content-Length: 9\r\n\r\n{\"n\": 10}");
    // One more digit makes the message longer.
    for n in [8, 9, 97, 98, 99, 100, 996, 997] {
        let text = format!("{}{{length}}", "x".repeat(n));
        let template = Template::parse(&text, TEXT, Vec::new()).unwrap();
        let bytes = filled(&template, 0).unwrap();
        assert!(bytes.ends_with(bytes.len().to_string().as_bytes()), "{n}");
    }
    let utf16 = Manner { charset: Charset::Utf16Le, ..TEXT };
    check(utf16, "{length}", 0, b"2\0");
    let steps = |steps: &[&str]| steps.iter().map(|step| step.parse().unwrap()).collect::<Vec<Step>>();
    let template = |text, of| Template::parse(text, HEX, steps(of)).unwrap();
    let with = template("{length:1:be} {rest:1:be} AA", &["length:1:1:be:0:whole", "LRC", "crlf"]);
    assert_eq!(filled(&with, 0).unwrap(), [7, 7, 4, 0xAA, 0x44, 13, 10], "the field comes before the rest");
    let with = template("{rest:1:be} AA {rest:1:be}", &["length:2:2:le", "hex:00"]);
    assert_eq!(filled(&with, 0).unwrap(), [5, 0xAA, 2, 0, 1, 0]);
    let with = Template::parse("{length:1:be}", TEXT, steps(&["hex:00"])).unwrap();
    assert_eq!(filled(&with, 0).unwrap(), [2, 0]);
}

#[test]
fn a_length_that_does_not_fit_is_an_error() {
    let fault = |text: &str| filled(&Template::parse(text, TEXT, Vec::new()).unwrap(), 0).unwrap_err();
    let does_not_fit = |value, width| AppendFault::LengthDoesNotFit { value, width };
    assert_eq!(fault("{length-2}"), does_not_fit(-1, 0));
    assert_eq!(fault("{length+255:1:le}"), does_not_fit(256, 1));
    assert_eq!(fault(&format!("{}{{length:1:be}}", "x".repeat(255))), does_not_fit(256, 1));
}

#[test]
fn double_braces_are_literal() {
    check(TEXT, r#"{{"a": {{}}\u{6D4B}\\{n}"#, 0, "{\"a\": {}}测\\1".as_bytes());
    check(PLAIN, r"\u{n}\", 0, b"\\u1\\");
    check(TEXT, "}", 0, b"}");
}

#[test]
fn random_bytes_have_their_length_and_differ() {
    let template = Template::parse("{random:16}{random:16}", TEXT, Vec::new()).unwrap();
    let bytes = filled(&template, 0).unwrap();
    assert_eq!(bytes.len(), 32);
    assert_ne!(bytes[..16], bytes[16..]);
    assert_eq!(filled(&template, 0).unwrap(), bytes, "the same seed gives the same");
}

/// The first numbers of the reference implementation for this seed.
#[test]
fn random_numbers_match_the_reference() {
    let mut random = Random::new(1_234_567);
    assert_eq!(
        [random.within(0, u64::MAX), random.within(0, u64::MAX)],
        [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
    );
    assert_eq!(random.within(5, 5), 5);
    assert!((0..100).all(|_| (10..=12).contains(&random.within(10, 12))));
}

#[test]
fn steps_are_applied_to_the_filled_message() {
    let steps = vec!["LRC".parse().unwrap(), "cr".parse().unwrap()];
    let template = Template::parse("{n:65:1:1:be}", TEXT, steps).unwrap();
    assert_eq!(filled(&template, 0).unwrap(), b"A\xBF\r");
    assert_eq!(filled(&template, 1).unwrap(), b"B\xBE\r");
    let template = Template::parse("{n}", TEXT, vec!["LRC:from=2".parse().unwrap()]).unwrap();
    assert_eq!(filled(&template, 0), Err(AppendFault::NothingToCheck { len: 1, from: 2, until: 0 }));
    assert!(filled(&template, 10).is_ok());
}

#[test]
fn errors_have_their_place() {
    let escape = TemplateProblem::Typed(ComposeProblem::Escape(EscapeProblem::Unknown('q')));
    for (text, at, len, why) in [
        ("a{time", 1, 1, TemplateProblem::OpenBrace),
        ("é{}", 2, 2, TemplateProblem::Unknown),
        ("{Time}", 0, 6, TemplateProblem::Unknown),
        ("{unix:1}", 0, 8, TemplateProblem::Unknown),
        ("{time:%!}", 0, 9, TemplateProblem::Time),
        ("{n:}", 0, 4, TemplateProblem::Counter),
        ("{n:-1}", 0, 6, TemplateProblem::Counter),
        ("{n:0:1:9:be}", 0, 12, TemplateProblem::Counter),
        ("{n:0:1:2:me}", 0, 12, TemplateProblem::Counter),
        ("{n:0:1:2:be:}", 0, 13, TemplateProblem::Counter),
        ("{n:0:1:21}", 0, 10, TemplateProblem::Counter),
        ("{random}", 0, 8, TemplateProblem::Random),
        ("{random:0}", 0, 10, TemplateProblem::Random),
        ("{random:1025}", 0, 13, TemplateProblem::Random),
        ("{number:5-4}", 0, 12, TemplateProblem::Number),
        ("{number:5}", 0, 10, TemplateProblem::Number),
        ("{length:}", 0, 9, TemplateProblem::Length),
        ("{length:9:be}", 0, 13, TemplateProblem::Length),
        ("{length:2:be:1}", 0, 15, TemplateProblem::Length),
        ("{length*2}", 0, 10, TemplateProblem::Length),
        ("{length+é}", 0, 11, TemplateProblem::Length),
        ("{rest+}", 0, 7, TemplateProblem::Length),
        (r"{n}é\q", 5, 2, escape),
    ] {
        let error = Template::parse(text, TEXT, Vec::new()).unwrap_err();
        assert_eq!((error.at, error.len, error.why), (at, len, why), "{text}");
        assert!(!error.to_string().is_empty());
    }
    let latin = Manner { charset: Charset::Latin1, ..TEXT };
    assert_eq!(Template::parse("{time:%Y年}", latin, Vec::new()).unwrap_err().why, TemplateProblem::Time);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_within_it_and_filled(
        text in "([{}\\[\\]\\\\é]|[{](time:%[A-Za-z]|n:[0-9:]{0,6}(be)?|random:[0-9]{1,2}|number:[0-9]-[0-9]|peer|unix|(length|rest)([+-][0-9]{1,2})?(:[0-9](:be)?)?)[}]|[0-9A-F]{2}){0,6}",
        mode in 0..Mode::ALL.len(), escapes: bool, n_before: u64,
    ) {
        let manner = Manner { mode: Mode::ALL[mode], escapes, charset: Charset::Gbk };
        match Template::parse(&text, manner, Vec::new()) {
            Ok(template) => match filled(&template, n_before) {
                Ok(_) | Err(AppendFault::LengthDoesNotFit { .. }) => {}
                Err(fault) => prop_assert!(false, "{}: {}", text, fault),
            },
            Err(error) => {
                prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn text_without_braces_is_what_it_is_without_placeholders(text in "[^{}]{0,20}", escapes: bool) {
        let manner = Manner { escapes, ..MIXED };
        match (manner.parse(&text), Template::parse(&text, manner, Vec::new())) {
            (Ok(bytes), Ok(template)) => prop_assert_eq!(filled(&template, 0).unwrap(), bytes),
            (Err(typed), Err(error)) => {
                prop_assert_eq!((error.at, error.len, error.why), (typed.at, typed.len, TemplateProblem::Typed(typed.why)));
            }
            (typed, template) => prop_assert!(false, "{:?} {:?}", typed, template),
        }
    }
}

proptest! {
    /// Each length is looked up in the finished message.
    #[test]
    fn lengths_are_those_of_the_message(
        words in prop::collection::vec((0_usize..4, 0_usize..120), 1..6), n_behind in 0_usize..3,
    ) {
        let mut text = String::new();
        for (kind, n) in &words {
            text.push_str(["<{length}>", "({rest})", "<{length:3}>", ""][*kind]);
            text.push_str(&"x".repeat(*n));
        }
        let steps = vec![Step::Bytes(vec![b'y'; n_behind + 1])];
        let bytes = filled(&Template::parse(&text, TEXT, steps).unwrap(), 0).unwrap();
        let whole = String::from_utf8(bytes).unwrap();
        for (at, _) in whole.match_indices('<') {
            let number = whole[at + 1..].split('>').next().unwrap();
            prop_assert_eq!(number.parse::<usize>().unwrap(), whole.len(), "{}", whole);
        }
        for (at, _) in whole.match_indices('(') {
            let number = whole[at + 1..].split(')').next().unwrap();
            prop_assert_eq!(number.parse::<usize>().unwrap(), whole.len() - at - 1 - number.len(), "{}", whole);
        }
    }
}

#[test]
fn conversion_keeps_placeholders() {
    for (from, text, to, expected) in [
        (TEXT, r"a\r{n}", MIXED, Some("a[0D]{n}")),
        (MIXED, "[02]{time:%H:%M}{{[03]", HEX, Some("02 {time:%H:%M} 7B 03")),
        (HEX, "02{length:2:be}7B 5C", TEXT, Some(r"\x02{length:2:be}{{\\")),
        (HEX, "02 {peer}", PLAIN, None),
        (HEX, "41 {peer}", PLAIN, Some("A{peer}")),
        (TEXT, r"\u{200B}{n}{{}", HEX, Some("E2 80 8B {n} 7B 7D")),
        (HEX, "C2 85 7B {n}", TEXT, Some(r"\u{85}{{{n}")),
        (TEXT, "{nobody}", HEX, None),
        (TEXT, "{n", HEX, None),
        (TEXT, r"\q{n}", HEX, None),
        (PLAIN, r"\{n}", MIXED, Some(r"\\{n}")),
        (TEXT, "", HEX, Some("")),
    ] {
        assert_eq!(convert(text, from, to).as_deref(), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn conversion_keeps_the_bytes(
        pieces in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>().prop_map(Ok),
                Just(Ok(b"{{}\\[".to_vec())),
                prop_oneof![Just("n"), Just("n:0:1:2:be"), Just("peer"), Just("rest"), Just("unix")].prop_map(Err),
            ],
            0..6,
        ),
        from in 0..Mode::ALL.len(), to in 0..Mode::ALL.len(), escapes: bool, charset in 0..Charset::ALL.len(),
    ) {
        let charset = Charset::ALL[charset];
        let from = Manner { mode: Mode::ALL[from], escapes: true, charset };
        let text = pieces.iter().fold(String::new(), |text, piece: &Result<Vec<u8>, &str>| match piece {
            Ok(bytes) => text + &convert(&hex::to_text(bytes), Manner { mode: Mode::Hex, ..from }, from).unwrap(),
            Err(name) => format!("{text}{{{name}}}"),
        });
        let made = |text: &str, manner| filled(&Template::parse(text, manner, Vec::new()).unwrap(), 3).unwrap();
        let to = Manner { mode: Mode::ALL[to], escapes, charset };
        match convert(&text, from, to) {
            Some(converted) => prop_assert_eq!(made(&converted, to), made(&text, from), "{} → {}", text, converted),
            None => prop_assert!(!escapes && to.mode == Mode::Text, "{}", text),
        }
    }
}
