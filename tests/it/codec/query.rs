//! Tests of `codec::query`.

use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::query::*;

fn query(kind: QueryKind, text: &str, charset: Charset, case: CaseRule) -> Query {
    Query::parse(kind, text, charset, case).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn hits(kind: QueryKind, text: &str, charset: Charset, case: CaseRule, hay: &[u8]) -> Vec<Vec<u8>> {
    let query = query(kind, text, charset, case);
    let found: Vec<_> = query.iter(hay).map(|range| hay[range].to_vec()).collect();
    let longest = found.iter().map(Vec::len).max().unwrap_or_default();
    assert!(query.max_len().is_none_or(|max| longest <= max));
    found
}

fn places(kind: QueryKind, text: &str, hay: &[u8]) -> Vec<usize> {
    query(kind, text, Charset::Utf8, CaseRule::Exact).iter(hay).map(|range| range.start).collect()
}

#[test]
fn text_is_found_in_its_charset() {
    for charset in Charset::ALL {
        for (text, hay) in [("Ab.*", "xAb.*yAb"), ("£", "a£b"), ("Я", "ЮЯ"), ("測", "中測")] {
            let (Ok(needle), Ok(hay)) = (charset.encode(text), charset.encode(hay)) else { continue };
            let found = hits(QueryKind::Text, text, charset, CaseRule::Exact, &hay);
            assert_eq!(found, [needle], "{text} in {charset}");
        }
    }
    assert_eq!(places(QueryKind::Text, "aa", b"aaaaa"), [0, 2]);
    assert_eq!(places(QueryKind::Text, r"\n", b"a\\n\n"), [1], "escapes are not interpreted");
}

#[test]
fn case_may_be_ignored() {
    let ignore = |text, charset: Charset, hay: &str| {
        let hay = charset.encode(hay).unwrap();
        hits(QueryKind::Text, text, charset, CaseRule::Ignore, &hay).len()
    };
    assert_eq!(ignore("get /ä", Charset::Utf8, "GET /Ä Get /ä gat /ä"), 2);
    assert_eq!(ignore("k.", Charset::Utf8, "\u{212A}. K. k. kx"), 3);
    assert_eq!(ignore("get /ä", Charset::Latin1, "GET /Ä Get /ä gat /ä"), 1, "A to Z only");
    assert_eq!(ignore("测A", Charset::Gbk, "测a 测A"), 2);
    assert_eq!(ignore("ok测", Charset::Utf16Le, "OK测oK测"), 2);
    assert_eq!(ignore("ok测", Charset::Utf16Be, "OK测oK测"), 2);
    // 渁 is 9C 61 in GBK, 淎 is 9C 41: they do not differ in case, though 61 and 41 are a and A.
    let (small, large) = ([0x9C, 0x61], [0x9C, 0x41]);
    let text = encoding_rs::GBK.decode(&small).0.into_owned();
    let hay = [small, large].concat();
    assert_eq!(hits(QueryKind::Text, &text, Charset::Gbk, CaseRule::Ignore, &hay), [small]);
    let pattern = format!("{text}|z");
    assert_eq!(hits(QueryKind::Regex, &pattern, Charset::Gbk, CaseRule::Ignore, &hay), [small]);
}

#[test]
fn hex_has_wildcards() {
    assert_eq!(places(QueryKind::Hex, "41 42", b"ABxAB"), [0, 3]);
    assert_eq!(places(QueryKind::Hex, "0x41,0x42", b"xAB"), [1]);
    assert_eq!(places(QueryKind::Hex, "41??43", b"ABC\nA\nCABBC"), [0, 4]);
    assert_eq!(places(QueryKind::Hex, "?A", b"\x0A\x1B\xFA\xAF"), [0, 2]);
    assert_eq!(places(QueryKind::Hex, "A?", b"\x0A\xA0\xAF"), [1, 2]);
    assert_eq!(places(QueryKind::Hex, r"\x4? 5?", b"ABQR"), [1]);
    assert_eq!(places(QueryKind::Hex, "??", b"\n\xFFa"), [0, 1, 2]);
}

#[test]
fn regular_expressions_match_bytes() {
    let exact = |text, hay: &[u8]| hits(QueryKind::Regex, text, Charset::Utf8, CaseRule::Exact, hay);
    assert_eq!(exact(r"a.c", b"a\xFFc a\nc"), [b"a\xFFc"]);
    assert_eq!(exact(r"\xFF\d+", b"\xFF12 \xC3\xBF12"), [b"\xFF12"]);
    assert_eq!(exact(r"[^,]+", b"\xE6\xB5,\x8B"), [&b"\xE6\xB5"[..], b"\x8B"]);
    assert_eq!(exact(r"\w+", "a测b".as_bytes()), [b"a", b"b"]);
    assert_eq!(exact(r"a*", b"baab"), [b"aa"], "an empty match is not a hit");
    assert_eq!(exact(r"^a|b$", b"aab"), [b"a", b"b"]);
    assert_eq!(exact(r"(?x) a b # 测", b"ab"), [b"ab"]);
}

#[test]
fn characters_in_regular_expressions_are_in_the_charset() {
    let find = |text, charset: Charset, hay: &str, case| {
        let hay = charset.encode(hay).unwrap();
        let found = hits(QueryKind::Regex, text, charset, case, &hay);
        found
            .iter()
            .map(|hit| netassist::codec::decode_all(charset, &[], hit, true).text.clone())
            .collect::<Vec<_>>()
    };
    for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb18030, Charset::Utf16Le, Charset::Utf16Be] {
        let exact = |text, hay| find(text, charset, hay, CaseRule::Exact);
        assert_eq!(exact("测+", "a测测试"), ["测测"], "{charset}");
        assert_eq!(exact("a(测|试)b", "a试b atb"), ["a试b"], "{charset}");
        assert_eq!(exact("[测试x]+", "试测x中"), ["试测x"], "{charset}");
        assert_eq!(exact("[一-龥]{2}", "中文"), ["中文"], "{charset}");
        assert_eq!(exact(r"[^测\n]+", "试测"), ["试"], "{charset}");
        assert_eq!(exact(r"\x{6D4B}\u8BD5", "测试"), ["测试"], "{charset}");
        assert_eq!(exact(r"\p{Han}+", "中文"), ["中文"], "{charset}");
        assert_eq!(exact(r"id=[0-9]+;", "id=12;"), ["id=12;"], "{charset}");
        assert_eq!(find("ID测[A-C]", charset, "id测b", CaseRule::Ignore), ["id测b"], "{charset}");
    }
    for charset in [Charset::Utf8, Charset::Utf16Le, Charset::Utf16Be, Charset::Gb18030] {
        assert_eq!(find("[😀a]+", charset, "x😀a", CaseRule::Exact), ["😀a"], "{charset}");
    }
    for charset in [Charset::Utf16Le, Charset::Utf16Be] {
        assert_eq!(find(r"\d+\.\W", charset, "x12.!", CaseRule::Exact), ["12.!"], "{charset}");
        assert_eq!(find("a.c", charset, "abc a\nc a测c", CaseRule::Exact), ["abc", "a测c"], "{charset}");
    }
    assert_eq!(find("[^é]+", Charset::Latin1, "aéb", CaseRule::Exact), ["a", "b"]);
    assert_eq!(find("[а-я]+", Charset::Koi8R, "xдаy", CaseRule::Exact), ["да"]);
    assert_eq!(find("é", Charset::Utf8, "É", CaseRule::Ignore), ["É"]);
}

#[test]
fn errors_have_their_place() {
    use netassist::codec::charset::Unencodable;
    use netassist::codec::hex::HexProblem;
    let problem = |kind, text: &str, charset| {
        let error = Query::parse(kind, text, charset, CaseRule::Exact).unwrap_err();
        assert!(!error.to_string().is_empty());
        (error.at, error.len, error.why)
    };
    let regex = |text: &str| problem(QueryKind::Regex, text, Charset::Gbk);
    let wrong = QueryProblem::Regex;
    for kind in [QueryKind::Text, QueryKind::Hex, QueryKind::Regex] {
        assert_eq!(problem(kind, "", Charset::Utf8), (0, 0, QueryProblem::Empty));
        let long = "41".repeat(40_000);
        assert_eq!(problem(kind, &long, Charset::Utf8), (0, 80_000, QueryProblem::TooLong));
    }
    assert_eq!(problem(QueryKind::Hex, " -", Charset::Utf8), (0, 2, QueryProblem::Empty));
    let not_hex = QueryProblem::Hex(HexProblem::NotHex('x'));
    assert_eq!(problem(QueryKind::Hex, "41 ?x", Charset::Utf8), (4, 1, not_hex));
    assert_eq!(problem(QueryKind::Hex, "41 ?", Charset::Utf8), (3, 1, QueryProblem::Hex(HexProblem::OddRun)));
    let smile = QueryProblem::Unencodable(Unencodable { ch: '😀', charset: Charset::Gbk });
    assert_eq!(problem(QueryKind::Text, "a😀", Charset::Gbk), (1, 4, smile));
    assert_eq!(regex("测😀"), (3, 4, smile));
    assert_eq!(regex("测[a😀]"), (5, 4, smile));
    assert_eq!(regex("测(a"), (3, 1, wrong(RegexProblem::GroupUnclosed)));
    assert_eq!(regex("a)"), (1, 1, wrong(RegexProblem::GroupUnopened)));
    assert_eq!(regex("[a"), (0, 1, wrong(RegexProblem::ClassUnclosed)));
    assert_eq!(regex("[z-a]"), (1, 3, wrong(RegexProblem::Range)));
    assert_eq!(regex(r"\y"), (0, 2, wrong(RegexProblem::Escape)));
    assert_eq!(regex("测\\"), (3, 1, wrong(RegexProblem::Escape)));
    assert_eq!(regex("*"), (0, 1, wrong(RegexProblem::NothingToRepeat)));
    assert_eq!(regex("a{3,2}"), (1, 5, wrong(RegexProblem::Count)));
    assert_eq!(regex(r"测\p{Klingon}"), (3, 11, wrong(RegexProblem::UnknownClass)));
    assert_eq!(regex("a(?=b)").2, wrong(RegexProblem::LookAround));
    assert_eq!(regex(r"(a)\1").2, wrong(RegexProblem::Backreference));
    assert_eq!(regex("(?k)").2, wrong(RegexProblem::Flag));
    assert_eq!(regex(&["(".repeat(500), ")".repeat(500)].concat()).2, wrong(RegexProblem::TooDeep));
    assert_eq!(regex(r"(\w{500}){500}"), (0, 14, QueryProblem::TooLarge));
    assert_eq!(problem(QueryKind::Regex, r"\p{L}{1000}", Charset::Utf8).2, QueryProblem::TooLarge);
}

fn shared<T: Send + Sync>(_: &T) {}

#[test]
fn queries_are_equal_if_made_from_the_same_input() {
    let a = query(QueryKind::Text, "41", Charset::Utf8, CaseRule::Exact);
    assert_eq!(a, a.clone());
    for (kind, text, charset, case) in [
        (QueryKind::Hex, "41", Charset::Utf8, CaseRule::Exact),
        (QueryKind::Text, "42", Charset::Utf8, CaseRule::Exact),
        (QueryKind::Text, "41", Charset::Gbk, CaseRule::Exact),
        (QueryKind::Text, "41", Charset::Utf8, CaseRule::Ignore),
    ] {
        assert_ne!(a, query(kind, text, charset, case));
    }
    shared(&a);
}

#[test]
fn queries_that_look_around_are_not_local() {
    let is_local = |text| query(QueryKind::Regex, text, Charset::Utf8, CaseRule::Exact).is_local();
    assert!(is_local("a.*b") && is_local("[^a]") && is_local("测"));
    assert!(!is_local("^a") && !is_local("a$") && !is_local(r"\bb") && !is_local("(?m)a|b$"));
    assert!(query(QueryKind::Text, "^", Charset::Utf8, CaseRule::Ignore).is_local());
}

proptest! {
    #[test]
    fn plain_bytes_are_found_as_by_a_naive_search(needle in "[ab]{1,3}", hay in "[ab]{0,40}") {
        let mut expected = Vec::new();
        let mut from = 0;
        while let Some(at) = hay[from..].find(&needle) {
            expected.push(from + at);
            from += at + needle.len();
        }
        prop_assert_eq!(places(QueryKind::Text, &needle, hay.as_bytes()), expected);
    }

    #[test]
    fn wildcards_match_as_in_the_reference(
        pattern in prop::collection::vec((any::<u8>(), prop::sample::select(vec![0x00_u8, 0x0F, 0xF0, 0xFF])), 1..4),
        hay in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let half = |known: bool, digit: u8| {
            if known { netassist::codec::hex::digits(digit)[1] } else { '?' }
        };
        let mut text = String::new();
        for (byte, mask) in &pattern {
            text.extend([half(mask & 0xF0 != 0, byte >> 4), half(mask & 0x0F != 0, *byte), ' ']);
        }
        let mut expected = Vec::new();
        let mut at = 0;
        while at + pattern.len() <= hay.len() {
            let here = pattern.iter().zip(&hay[at..]).all(|((byte, mask), b)| byte & mask == b & mask);
            if here {
                expected.push(at);
            }
            at += if here { pattern.len() } else { 1 };
        }
        prop_assert_eq!(places(QueryKind::Hex, &text, &hay), expected);
    }

    #[test]
    fn any_text_is_a_query_or_an_error_within_it(
        text in prop_oneof![any::<String>(), "[a测é😀\\[\\]()^*+?{}0-9|.\\\\pdxLn-]{0,12}"],
        charset in prop::sample::select(&Charset::ALL[..]),
        hay: Vec<u8>,
        ignore: bool,
    ) {
        let case = if ignore { CaseRule::Ignore } else { CaseRule::Exact };
        for kind in [QueryKind::Text, QueryKind::Hex, QueryKind::Regex] {
            match Query::parse(kind, &text, charset, case) {
                Ok(query) => {
                    let mut end = 0;
                    for hit in query.iter(&hay) {
                        prop_assert!(hit.start >= end && hit.end > hit.start && hit.end <= hay.len());
                        end = hit.end;
                    }
                    prop_assert_eq!(query.find_at(&hay, hay.len() + 1), None);
                    if kind == QueryKind::Text {
                        let encoded = charset.encode(&text).unwrap();
                        prop_assert_eq!(query.find_at(&encoded, 0), Some(0..encoded.len()));
                    }
                }
                Err(error) => prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error),
            }
        }
    }
}
