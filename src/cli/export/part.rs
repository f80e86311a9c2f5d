//! The part of a capture that `netassist export` saves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::failure;
use crate::analysis::{CaptureFilter, CaptureFramer, Items, Progress, Source};
use crate::cli::args::{self, Only};
use crate::cli::{Failure, values};
use crate::codec::Charset;
use crate::codec::frame::Framing;
use crate::codec::query::{CaseRule, Query, QueryKind};
use crate::export::{ExportError, Picked, Scope, Selection};
use crate::journal::{Reader, Scanner};
use crate::model::zone::Named;
use crate::model::{Chunked, FlowId, Index, Layers, Message, Stamp, Which};

/// The most peers that are named if `--peer` matches none.
const MOST_NAMED: usize = 10;

/// What the arguments select. Only a part requires reading the capture, and one layer of TLS connections.
pub(super) fn scope(
    capture: &Path,
    part: &args::Part,
    (layers, charset): (Layers, Charset),
) -> Result<Scope, Failure> {
    let query = query(part, charset)?;
    let framing = part.frame.as_ref().filter(|framing| **framing != Framing::AsReceived);
    let time = part.from.unwrap_or(Stamp(0))..=part.to.unwrap_or(Stamp(u64::MAX));
    if time.is_empty() {
        return Err(Failure::Usage("--from is later than --to".to_owned()));
    }
    let which = Which { time, ..of_direction(part.only) };
    let is_any_flow = part.peer.is_empty() && part.flow.is_empty();
    let is_whole = which.is_everything() && query.is_none() && is_any_flow && part.records.is_none();
    if is_whole && framing.is_none() && layers == Layers::Both {
        return Ok(Scope::ALL);
    }
    let reading = |error| failure(ExportError::Reading(capture.to_owned(), error));
    let (index, notes) = index(capture, layers).map_err(reading)?;
    let which = Which { flows: flows(&index, part)?, ..which };
    let reader = Reader::open(capture).map_err(reading)?;
    let messages = framing.map(|framing| messages(framing, &index, &reader)).transpose().map_err(reading)?;
    let source = Source { index: &index, reader: &reader };
    let items = Items { messages: messages.as_ref(), ..Items::records(source) };
    let picked = if is_whole {
        Picked::All
    } else {
        let mut filter = CaptureFilter::new(which, query);
        let (mut passed, mut numbers) = (Vec::new(), Chunked::default());
        loop {
            let progress = filter.advance(&items, &notes, &mut passed).map_err(reading)?;
            passed.retain(|n| {
                let first = items.item(u64::from(*n)).map_or(0, |item| item.first());
                part.records.as_ref().is_none_or(|range| range.contains(&(first + 1)))
            });
            numbers.extend_from_slice(&passed);
            passed.clear();
            if progress == Progress::CaughtUp {
                break Picked::Numbers(numbers);
            }
        }
    };
    Ok(Scope::Part(Selection { index, messages, picked, reader: None }))
}

fn index(capture: &Path, layers: Layers) -> io::Result<(Index, BTreeMap<u64, String>)> {
    let (mut index, mut notes) = (Index::default(), BTreeMap::new());
    let mut scanner = if layers == Layers::Wire { Scanner::of_wire() } else { Scanner::default() };
    let ended = scanner.advance(&File::open(capture)?, (0, u64::MAX), &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        batch.pairs.into_iter().for_each(|(client, upstream)| index.pair(client, upstream));
        index.extend(&batch.records);
        notes.extend(batch.notes);
        index.unordered = Stamp::earliest(index.unordered, batch.unordered);
        ControlFlow::Continue(())
    });
    match ended {
        // What is before the damage is exported.
        Err(error) if error.kind() != io::ErrorKind::InvalidData => Err(error),
        Ok(_) | Err(_) => Ok((index, notes)),
    }
}

fn query(part: &args::Part, charset: Charset) -> Result<Option<Query>, Failure> {
    let case = if part.ignore_case { CaseRule::Ignore } else { CaseRule::Exact };
    let given = [
        ("--find", &part.find, QueryKind::Text),
        ("--find-hex", &part.find_hex, QueryKind::Hex),
        ("--find-regex", &part.find_regex, QueryKind::Regex),
    ];
    // No two of them are given.
    let Some((option, text, kind)) =
        given.into_iter().find_map(|(option, text, kind)| Some((option, text.as_ref()?, kind)))
    else {
        return Ok(None);
    };
    Query::parse(kind, text, charset, case).map(Some).map_err(|error| {
        let place = values::place(text, error.at);
        Failure::Usage(format!("{option} ‘{text}’: {error} ({place})"))
    })
}

/// Only data in this direction; everything without one.
fn of_direction(only: Option<Only>) -> Which {
    let Some(only) = only else { return Which::default() };
    let (received, sent) = (only == Only::Received, only == Only::Sent);
    Which { received, sent, events: false, ..Which::default() }
}

/// The flows with these numbers and peers; `None` if none is given.
fn flows(index: &Index, part: &args::Part) -> Result<Option<BTreeSet<FlowId>>, Failure> {
    let numbers: BTreeSet<_> = part.flow.iter().copied().map(FlowId).collect();
    if let Some(unknown) = numbers.iter().find(|id| index.flow(**id).is_none()) {
        let last = index.flows().last().map_or(0, |flow| flow.id.0);
        return Err(Failure::Usage(format!("--flow {}: no such flow; the last is {last}", unknown.0)));
    }
    if part.peer.is_empty() {
        return Ok((!numbers.is_empty()).then_some(numbers));
    }
    let mut flows = BTreeSet::new();
    for peer in &part.peer {
        let before = flows.len();
        flows.extend(index.flows().filter(|flow| peer.is(flow.peer)).map(|flow| flow.id));
        if flows.len() == before && !index.flows().any(|flow| peer.is(flow.peer)) {
            let there: BTreeSet<_> = index.flows().map(|flow| Named(flow.peer).to_string()).collect();
            let more = if there.len() > MOST_NAMED { ", …" } else { "" };
            let names: Vec<_> = there.into_iter().take(MOST_NAMED).collect();
            let names = names.join(", ");
            return Err(Failure::Usage(format!(
                "--peer {peer}: no such peer; expected one of {names}{more}"
            )));
        }
    }
    flows.retain(|id| numbers.is_empty() || numbers.contains(id));
    Ok(Some(flows))
}

fn messages(framing: &Framing, index: &Index, reader: &Reader) -> io::Result<Chunked<Message>> {
    let mut framer = CaptureFramer::new(framing);
    let (mut ended, mut messages) = (Vec::new(), Chunked::default());
    loop {
        let progress = framer.advance(index, reader, &mut ended)?;
        messages.extend_from_slice(&ended);
        ended.clear();
        if progress == Progress::CaughtUp {
            messages.extend_from_slice(&framer.tails());
            return Ok(messages);
        }
    }
}
