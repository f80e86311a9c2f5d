//! What a relay passes on of a stream that it reads in pieces: framing, rules and faults in the order of its connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::fault_line::FaultLine;
use super::message_buffer::{Cutter, MessageBuffer};
use crate::codec::frame::Framing;
use crate::model::{FlowId, Leg, Rules, Stamp};
use crate::rules::{Incoming, Responder, Verdict};

/// How long it withholds what is no message yet.
const PASS_AFTER: Duration = Duration::from_secs(1);

/// One piece that is passed on: when, its bytes, and what was done to it; or why nothing of a message is.
pub type Passed = (Instant, Vec<u8>, Option<String>);

/// What is passed on of what a client sends. If the client is `slow`, what is no message yet is passed on after each piece.
pub fn pass<'a>(
    framing: &Framing,
    rules: &Arc<Rules>,
    pieces: impl Iterator<Item = &'a [u8]>,
    (now, slow): (Instant, bool),
) -> Vec<Passed> {
    let mut buffer = MessageBuffer::withholding(&Cutter::new(framing.clone()), PASS_AFTER);
    let mut responder = Responder::new(Arc::clone(rules));
    let mut line = FaultLine::new(1, Leg::Client);
    let mut out = Vec::new();
    for piece in pieces {
        buffer.push(piece, Stamp(0), now, (None, None));
        if slow {
            buffer.time(now + PASS_AFTER);
        }
        decide(&mut buffer, &mut responder, &mut line, now, &mut out);
    }
    buffer.finish();
    decide(&mut buffer, &mut responder, &mut line, now, &mut out);
    out
}

fn decide(
    buffer: &mut MessageBuffer,
    responder: &mut Responder,
    line: &mut FaultLine,
    now: Instant,
    out: &mut Vec<Passed>,
) {
    let rules = Arc::clone(responder.rules());
    while let Some((message, _from, _place, is_message)) = buffer.next() {
        assert!(!message.is_empty());
        let mut verdict = Verdict::default();
        if is_message {
            let mut answers = Vec::new();
            let zone = &jiff::tz::TimeZone::UTC;
            let peer = SocketAddr::from(([127, 0, 0, 1], 80));
            let incoming = Incoming {
                message,
                flow: FlowId(1),
                peer,
                leg: Some(Leg::Client),
                now: Stamp(0),
                wall: Stamp(0),
                zone,
                limit: 4096,
                room: 10_000,
            };
            responder.respond(&incoming, &mut answers);
            answers.retain(|answer| !verdict.takes(answer));
        }
        if verdict.dropped.is_some() {
            out.push((now, Vec::new(), Some("dropped".to_owned())));
            continue;
        }
        let data = verdict.data.as_deref().unwrap_or(message);
        let passed = line.pass(&rules.relay, (data, is_message), false, now + verdict.after);
        out.extend(passed.lost.map(|why| (now, Vec::new(), Some(why.to_owned()))));
        out.extend(passed.pieces.into_iter().map(|piece| {
            let why = piece.why.map(|why| why.to_string());
            (piece.due, piece.data.to_vec(), why)
        }));
    }
}
