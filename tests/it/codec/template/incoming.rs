//! Parts of messages in answers.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::matcher::{MatchKind, Matcher};
use netassist::codec::template::{Answered, Filling, Random, Template, TemplateError, TemplateProblem};

const TEXT: Manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };

fn regex(pattern: &str, manner: Manner) -> Matcher {
    Matcher::parse(MatchKind::Regex, pattern, manner).unwrap()
}

fn answer(matcher: &Matcher, text: &str, manner: Manner, message: &[u8]) -> Result<Vec<u8>, TemplateError> {
    let template = Template::parse_answer(text, manner, Vec::new(), matcher)?;
    let captures = &matcher.matches(message).unwrap_or_default();
    let mut random = Random::new(1);
    let zone = &TimeZone::UTC;
    let mut filling =
        Filling { now_ns: 0, zone, peer: "p", n_before: 0, random: &mut random, limit: usize::MAX };
    Ok(template.fill_answer(&mut filling, Answered { message, captures }).unwrap())
}

#[track_caller]
fn check(text: &str, message: &[u8], expected: &[u8]) {
    let matcher = regex(r"(?s)^(\w+)(?:,(?P<second>\w*))?", TEXT);
    let answer = answer(&matcher, text, TEXT, message).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(answer, expected, "{text}");
}

#[test]
fn parts_of_the_message_are_filled_in() {
    check("<{0}>{peer}", b"ab,cd\xFF", b"<ab,cd\xFF>p");
    check("{1}-{2}-{second}{n}", b"ab,cd", b"ab-cd-cd1");
    check("[{2}]", b"ab", b"[]");
    check("{byte:1}{byte:-1}{byte:9}{byte:-9}", b"abc", b"bc");
    check("{byte:0+1}{byte:-1-1}{byte:1+255}", b"ab\x00", b"b\xFFa");
    check("{bytes:1..3}|{bytes:-2..}|{bytes:..-1}|{bytes:..}", b"abcd", b"bcd|cd|abcd|abcd");
    check("{bytes:2..9}|{bytes:3..1}|{bytes:-9..1}|{bytes:..-9}", b"abcd", b"cd||ab|");
    check("{upper:0}{lower:second}", b"ab,CD", b"AB,CDcd");
}

#[test]
fn case_is_changed_in_the_charset() {
    let upper = |charset: Charset, message: &[u8]| {
        let manner = Manner { charset, ..TEXT };
        answer(&Matcher::default(), "{upper:0}", manner, message).unwrap()
    };
    assert_eq!(upper(Charset::Utf8, "straße é\u{FF}".as_bytes()), "STRASSE É\u{178}".as_bytes());
    assert_eq!(upper(Charset::Utf8, b"a\xFFb\xC3"), b"A\xFFB\xC3");
    // The second byte of 渁 in GBK is the letter a.
    assert_eq!(upper(Charset::Gbk, b"a\x9C\x61b"), b"A\x9C\x61B");
    assert_eq!(upper(Charset::Utf16Be, b"\0a\0\xE9\0"), b"\0A\0\xC9\0");
    assert_eq!(upper(Charset::Koi8R, b"\xC1a"), b"\xE1A");
    assert_eq!(upper(Charset::Latin1, b"\xFF\xE4"), b"\xFF\xC4", "Latin-1 has no capital of the first");
}

#[test]
fn members_of_json_are_found() {
    let message = br#"{"name": "a\u00e9\"b", "list": [1.50, {"x": null}], "data": "AP8="}"#;
    check("{json:name}", message, "aé\"b".as_bytes());
    check("{json:list.1}{json:list.1.x}{json:list.0}", message, br#"{"x":null}null1.5"#);
    check("{json64:data}", message, b"\0\xFF");
    check("[{json:none}{json:name.x}{json:list.9}{json64:list}{json64:name}]", message, b"[]");
    // The byte 123, a length, is a brace.
    check("{json:a}", b"\0\0\0{[{\"a\":2}", b"2");
    check("[{json:a}]", b"no json", b"[]");
    let latin = Manner { charset: Charset::Latin1, ..TEXT };
    assert_eq!(
        answer(&Matcher::default(), "{json:a}", latin, "{\"a\":\"é测\"}".as_bytes()).unwrap(),
        b"\xE9?"
    );
}

#[test]
fn errors_are_reported() {
    let matcher = regex("(a)(?P<time>b)", TEXT);
    for (text, why) in [
        ("{3}", TemplateProblem::Group),
        ("{upper:3}", TemplateProblem::Group),
        ("{lower:}", TemplateProblem::Group),
        ("{99999999999999999999}", TemplateProblem::Group),
        ("{byte:}", TemplateProblem::Byte),
        ("{byte:-0}", TemplateProblem::Byte),
        ("{byte:1+}", TemplateProblem::Byte),
        ("{byte:1+256}", TemplateProblem::Byte),
        ("{byte:é+1}", TemplateProblem::Byte),
        ("{bytes:1}", TemplateProblem::Bytes),
        ("{bytes:a..}", TemplateProblem::Bytes),
        ("{json:}", TemplateProblem::Json),
        ("{json:a..b}", TemplateProblem::Json),
        ("{nothing}", TemplateProblem::Unknown),
    ] {
        let error = Template::parse_answer(text, TEXT, Vec::new(), &matcher).unwrap_err();
        assert_eq!((error.at, error.len, error.why), (0, text.len(), why), "{text}");
        assert!(!error.to_string().is_empty());
    }
    let plain = Template::parse("{0}", TEXT, Vec::new()).unwrap_err();
    assert_eq!(plain.why, TemplateProblem::Unknown, "there is no message to answer");
    assert_eq!(answer(&matcher, "{time}", TEXT, b"ab").unwrap(), b"b", "a group of that name comes first");
}

proptest! {
    #[test]
    fn any_part_of_any_message_is_filled(
        text in "([{](0|1|who|byte:-?[0-9]{1,2}([+-][0-9]{1,3})?|bytes:-?[0-9]?\\.\\.-?[0-9]?|upper:0|lower:1|json:[ab0](\\.[ab0])?|json64:a)[}]){1,3}",
        message in prop_oneof![any::<Vec<u8>>(), "[\\[{}\\]\":,ab0]{0,20}".prop_map(String::into_bytes)],
        charset in prop::sample::select(&Charset::ALL[..]),
    ) {
        let manner = Manner { charset, ..TEXT };
        let matcher = regex("(?P<who>(?-u:.)*)", TEXT);
        match answer(&matcher, &text, manner, &message) {
            Ok(_) => {}
            Err(error) => prop_assert!(text.get(error.at..error.at + error.len).is_some()),
        }
    }

    #[test]
    fn bytes_are_those_of_a_slice(message: Vec<u8>, from in 0..20_usize, until in 0..20_usize) {
        let expected = message.get(from..(until + 1).min(message.len())).unwrap_or_default();
        let text = format!("{{bytes:{from}..{until}}}");
        prop_assert_eq!(answer(&Matcher::default(), &text, TEXT, &message).unwrap(), expected);
    }
}
