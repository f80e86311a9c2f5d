//! What comes into a relay from outside. The input is what it is, the length of the pieces in which it is read, and the bytes:
//! of a client that asks a proxy, of a proxy that answers, or, after a workspace up to a zero byte, of a client of a relay with
//! its framing, rules and faults.
#![no_main]

use std::sync::Arc;
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::frame::Framing;
use netassist_fuzz::codec::socks::{MAX_HEAD, Step, connect, is_whole, status, target};
use netassist_fuzz::model::Endpoint;
use netassist_fuzz::net::relay::{Passed, pass};
use netassist_fuzz::workspace::{RulesOf, WorkspaceFile};

fuzz_target!(|bytes: &[u8]| match bytes {
    [0, _, bytes @ ..] => asks(bytes),
    [1, _, bytes @ ..] => answers(bytes),
    [_, piece, bytes @ ..] => relays(bytes, usize::from(*piece).max(1)),
    [] | [_] => {}
});

/// The next message, read byte by byte as from a socket.
fn next<'a>(step: Step, bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = (1..=bytes.len()).find(|n| is_whole(step, &bytes[..*n]))?;
    assert!(end <= MAX_HEAD, "{step:?}: {end} bytes");
    let (message, rest) = bytes.split_at(end);
    *bytes = rest;
    Some(message)
}

fn asks(mut bytes: &[u8]) {
    let mut asked = None;
    match next(Step::First, &mut bytes) {
        Some([5, ..]) => asked = next(Step::Request, &mut bytes).and_then(target),
        Some(head) => {
            let (line, of_head) = connect(head);
            assert!(!line.contains('\n'));
            asked = of_head;
        }
        None => {}
    }
    let endpoint: Option<Endpoint> = asked.and_then(|asked| asked.parse().ok());
    if let Some(endpoint) = endpoint {
        assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
    }
}

fn answers(bytes: &[u8]) {
    let mut left = bytes;
    for step in [Step::Method, Step::LoggedIn, Step::Request] {
        let Some(message) = next(step, &mut left) else { break };
        if let Some(bound) = target(message).filter(|_| step == Step::Request) {
            assert!(bound.contains(':'));
        }
    }
    let mut left = bytes;
    while let Some(head) = next(Step::Status, &mut left) {
        if let Some((code, reason)) = status(head) {
            assert!((100..=599).contains(&code) && !reason.contains(char::is_control));
        }
    }
}

fn relays(bytes: &[u8], piece: usize) {
    let (text, stream) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    let stream = stream.get(1..).unwrap_or_default();
    let Ok(file) = WorkspaceFile::parse(String::from_utf8_lossy(text).into_owned()) else { return };
    let (Ok(opening), Ok(rules)) = (file.opening(0), file.rules(RulesOf::Session(0))) else { return };
    let (framing, rules, now) = (opening.framing, Arc::new(rules), Instant::now());
    let whole = pass(&framing, &rules, std::iter::once(stream).filter(|all| !all.is_empty()), (now, false));
    let cut = pass(&framing, &rules, stream.chunks(piece), (now, false));
    // These take reads for messages.
    if !matches!(framing, Framing::AsReceived | Framing::Idle(_)) {
        assert_eq!(whole, cut, "{framing}, in pieces of {piece}");
    }
    let faults = &rules.relay.up;
    let keeps_all = [faults.loss, faults.corrupt, faults.duplicate].iter().all(|chance| chance.0 == 0)
        && faults.close.is_none()
        && faults.reset.is_none();
    if rules.is_empty() && keeps_all {
        let slow = pass(&framing, &rules, stream.chunks(piece), (now, true));
        for all in [whole, cut, slow] {
            let passed: Vec<u8> = all.into_iter().flat_map(|(_, bytes, _): Passed| bytes).collect();
            assert_eq!(passed, stream, "{framing}");
        }
    }
}
