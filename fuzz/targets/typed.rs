//! Any typed text in every mode: bytes that were read are written so that they are read again as the same, a fault is in
//! the text, and what is filled in is no longer than allowed. The input is the manner and the text.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::Charset;
use netassist_fuzz::codec::append::Step;
use netassist_fuzz::codec::compose::{Manner, Mode};
use netassist_fuzz::codec::matcher::{MatchKind, Matcher};
use netassist_fuzz::codec::query::{CaseRule, Query, QueryKind};
use netassist_fuzz::codec::template::{Answered, Filling, Random, Template};
use netassist_fuzz::codec::text_error::TextError;

const LIMIT: usize = 4096;

fuzz_target!(|input: (u8, u8, &str)| {
    let (mode, charset, text) = input;
    let manner = Manner {
        mode: Mode::ALL[usize::from(mode) % Mode::ALL.len()],
        escapes: mode >= 0x80,
        charset: Charset::ALL[usize::from(charset) % Charset::ALL.len()],
    };
    match manner.parse(text) {
        Ok(bytes) => check_printing(manner, &bytes),
        Err(error) => check_place(text, &error),
    }
    check_printing(manner, text.as_bytes());
    check_templates(manner, text);
    check_steps(text, manner);
    check_queries(text, manner.charset);
});

/// What is printed is read as the same bytes.
fn check_printing(manner: Manner, bytes: &[u8]) {
    if let Some(printed) = manner.print(bytes) {
        assert_eq!(manner.parse(&printed).as_deref(), Ok(bytes), "{manner:?}: {printed}");
    }
}

fn check_place<P: Debug>(text: &str, TextError { at, len, why }: &TextError<P>) {
    assert!(text.get(*at..at + len).is_some(), "{at}, {len}: {why:?}");
}

fn check_templates(manner: Manner, text: &str) {
    let message = b"{\"a\": [1, \"b\"]} \xff";
    for kind in MatchKind::ALL {
        let matcher = match Matcher::parse(kind, text, manner) {
            Ok(matcher) => matcher,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                Matcher::default()
            }
        };
        let captures = &matcher.matches(message).unwrap_or_default();
        for template in
            [Template::parse(text, manner, vec![]), Template::parse_answer(text, manner, vec![], &matcher)]
        {
            match template {
                Ok(template) => {
                    let (zone, random) = (&jiff::tz::TimeZone::UTC, &mut Random::new(1));
                    let mut filling =
                        Filling { now_ns: 1, zone, peer: "[::1]:80", n_before: 4, random, limit: LIMIT };
                    match template.fill_answer(&mut filling, Answered { message, captures }) {
                        Ok(bytes) => assert!(bytes.len() <= LIMIT),
                        Err(fault) => assert!(!fault.to_string().is_empty()),
                    }
                }
                Err(error) => check_place(text, &error),
            }
        }
    }
}

fn check_steps(text: &str, manner: Manner) {
    match text.parse::<Step>() {
        Ok(step) => {
            assert_eq!(step.to_string().parse().as_ref(), Ok(&step));
            let step = [step];
            if let Ok(bytes) = netassist_fuzz::codec::append::apply(&step, b"message".to_vec()) {
                assert!(bytes.starts_with(b"message") || bytes.len() >= 7, "{step:?} {manner:?}");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn check_queries(text: &str, charset: Charset) {
    for kind in QueryKind::ALL {
        match Query::parse(kind, text, charset, CaseRule::ALL[0]) {
            Ok(query) => {
                let hay = text.as_bytes();
                let mut last = 0;
                for found in query.iter(hay).take(100) {
                    assert!(found.start >= last && found.end >= found.start && found.end <= hay.len());
                    last = found.end;
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
