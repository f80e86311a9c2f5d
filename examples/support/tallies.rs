//! What went over each connection, by the peers and by the captures.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::str::FromStr;

use netassist::journal::{Frame, Reader, scan};
use netassist::model::{Direction, FlowId, Index, Protocol, Stamp, Totals, Transport};
use sha2::{Digest as _, Sha256};

use super::numbers::grouped;

/// Bytes of one direction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    hash: Sha256,
    n_bytes: u64,
    n_pieces: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.n_bytes += bytes.len() as u64;
        self.n_pieces += 1;
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub(crate) fn n_pieces(&self) -> u64 {
        self.n_pieces
    }

    pub(crate) fn summary(&self) -> Summary {
        Summary {
            n_bytes: self.n_bytes,
            n_pieces: self.n_pieces,
            hash: hex::encode(self.hash.clone().finalize()),
        }
    }
}

/// Length, number of reads or datagrams, and SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    n_bytes: u64,
    n_pieces: u64,
    hash: String,
}

impl Summary {
    fn is_same_stream(&self, other: &Self) -> bool {
        (self.n_bytes, &self.hash) == (other.n_bytes, &other.hash)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.n_bytes, self.n_pieces, self.hash)
    }
}

impl FromStr for Summary {
    type Err = Box<dyn Error>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(' ');
        let mut part = || parts.next().ok_or("too few parts");
        Ok(Self { n_bytes: part()?.parse()?, n_pieces: part()?.parse()?, hash: part()?.to_owned() })
    }
}

/// A connection as one side saw it: what the peer sent, and what it received.
type Both = (Summary, Summary);

/// The addresses of the peer and of the session.
type Pair = (String, String);

/// The connections of captures, by transport and addresses.
type Connections = BTreeMap<(bool, Pair), Vec<Both>>;

/// A session as the window has it in the end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    /// What is sent through it comes back as it was.
    pub(crate) echoes: bool,
    pub(crate) capture: PathBuf,
    pub(crate) totals: Totals,
    pub(crate) n_records: u64,
}

/// Compares the captures with what the window has counted and the peers have printed, and describes what was equal.
///
/// # Errors
/// The first difference.
pub(crate) fn compare(sessions: &[Ended], peers: &str, sink: &Tally) -> Result<String, Box<dyn Error>> {
    let mut recorded = Connections::new();
    let mut cycle = None;
    let mut kernel_dropped = 0;
    for session in sessions {
        let connections = connections(session).map_err(|error| format!("{}: {error}", session.name))?;
        kernel_dropped += session.totals.kernel_dropped.unwrap_or(0);
        if session.name == "cycle" {
            cycle = connections.into_values().flatten().next();
        } else {
            for (key, all) in connections {
                recorded.entry(key).or_default().extend(all);
            }
        }
    }
    let (_, sent) = cycle.ok_or("the cycle has no connection")?;
    if !sent.is_same_stream(&sink.summary()) {
        return Err(format!("the cycle: recorded {sent}, the sink has {}", sink.summary()).into());
    }
    let (mut n_tcp, mut n_bytes, mut datagrams) = (0_u64, 0_u64, [0_u64; 4]);
    for line in peers.lines() {
        let (key, of_peer) = parse(line)?;
        // Ports are used again, also by another session, and datagrams may be dropped on the way.
        let agrees = |(a, b): (&Summary, &Summary)| a.is_same_stream(b) || !key.0 && a.n_pieces != b.n_pieces;
        let is_it = |of: &Both| agrees((&of.0, &of_peer.0)) && agrees((&of.1, &of_peer.1));
        let all = recorded.get_mut(&key).ok_or_else(|| format!("{line}: not in a capture"))?;
        let nth = all.iter().position(is_it).ok_or_else(|| format!("{line}: the captures have {all:?}"))?;
        let of_capture = all.swap_remove(nth);
        if key.0 {
            n_bytes += of_capture.0.n_bytes + of_capture.1.n_bytes;
            n_tcp += 1;
        } else {
            let counts = [&of_peer.0, &of_capture.0, &of_capture.1, &of_peer.1].map(|one| one.n_pieces);
            datagrams.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    let n_between = between(&mut recorded)?;
    let [sent, received, answered, came_back] = datagrams;
    if received + kernel_dropped < sent {
        return Err(format!(
            "datagrams: {sent} sent, {received} recorded, {kernel_dropped} dropped by the kernel"
        )
        .into());
    }
    if came_back > answered {
        return Err(format!("datagrams: {answered} answers recorded, {came_back} came back").into());
    }
    Ok(format!(
        "{} TCP connections, {} bytes: all equal; {} between sessions: both captures equal; the cycle: {} bytes equal\n\
         {} datagrams sent, {} recorded, {} dropped by the kernel; {} answers recorded, {} came back",
        grouped(n_tcp),
        grouped(n_bytes),
        grouped(n_between),
        grouped(sink.n_bytes()),
        grouped(sent),
        grouped(received),
        grouped(kernel_dropped),
        grouped(answered),
        grouped(came_back)
    ))
}

/// Compares the connections of the captures that no peer had: each must be between two sessions. Returns how many are.
fn between(recorded: &mut Connections) -> Result<u64, Box<dyn Error>> {
    recorded.retain(|(is_tcp, _), all| *is_tcp && !all.is_empty());
    let mut n = 0;
    while let Some(((_, (one, other)), all)) = recorded.pop_first() {
        let mut others = recorded.remove(&(true, (other.clone(), one.clone()))).unwrap_or_default();
        for both in &all {
            let same = |of: &Both| both.0.is_same_stream(&of.1) && both.1.is_same_stream(&of.0);
            let nth = others.iter().position(same);
            let nth = nth.ok_or_else(|| format!("{one} {other} {both:?}: no peer had it, but {others:?}"))?;
            others.swap_remove(nth);
        }
        if !others.is_empty() {
            return Err(format!("{one} {other}: no peer had {others:?}").into());
        }
        n += all.len() as u64;
    }
    Ok(n)
}

/// A line of the peers: `tcp PEER SESSION`, and what was sent and received.
fn parse(line: &str) -> Result<((bool, Pair), Both), Box<dyn Error>> {
    let mut parts = line.splitn(4, ' ');
    let mut part = || parts.next().ok_or_else(|| format!("{line}: too short"));
    let (kind, peer, session, rest) = (part()?, part()?, part()?, part()?);
    let (sent, received) = rest.split_once(" / ").ok_or(line)?;
    Ok(((kind == "tcp", (peer.to_owned(), session.to_owned())), (sent.parse()?, received.parse()?)))
}

/// The connections of a capture, which must agree with what the window has counted.
fn connections(session: &Ended) -> Result<Connections, Box<dyn Error>> {
    let mut index = Index::default();
    let mut pairs = Vec::new();
    scan(&session.capture, 0, u64::MAX, &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        index.extend(&batch.records);
        index.unordered = Stamp::earliest(index.unordered, batch.unordered);
        pairs.extend(batch.pairs);
        ControlFlow::Continue(())
    })?;
    if let Some(stamp) = index.unordered {
        return Err(format!("times go back to {stamp:?}").into());
    }
    let reader = Reader::open(&session.capture)?;
    let mut tallies: BTreeMap<FlowId, [Tally; 2]> =
        index.flows().map(|flow| (flow.id, Default::default())).collect();
    let mut frame = Frame::default();
    for record in index.records().slices(0).flatten() {
        let Some(direction) = record.kind.direction() else { continue };
        reader.read(record, usize::MAX, &mut frame)?;
        let [received, sent] = tallies.get_mut(&record.flow).ok_or("a flow is missing")?;
        let tally = if direction == Direction::Received { received } else { sent };
        tally.add(&frame.payload);
    }
    let bytes = |way: usize| tallies.values().map(|both| both[way].n_bytes).sum::<u64>();
    let Totals { received_bytes, sent_bytes, connections, .. } = session.totals;
    let counted = (received_bytes, sent_bytes, connections, session.n_records);
    let found = (bytes(0), bytes(1), tallies.len() as u64, index.len());
    if counted != found {
        return Err(format!("the window has counted {counted:?}, the capture has {found:?}").into());
    }
    let is_relay = session.protocol == Protocol::TcpRelay;
    let n_changed = if is_relay { passed_on(session, &tallies, &pairs)? } else { 0 };
    println!(
        "{:<17} {:>9} flows  {:>14} bytes received  {:>14} sent  {n_changed:>7} changed by faults",
        session.name,
        grouped(connections),
        grouped(received_bytes),
        grouped(sent_bytes)
    );
    let mut connections = Connections::new();
    for (id, [received, sent]) in tallies {
        let flow = index.flow(id).ok_or("a flow is missing")?;
        let key = (flow.transport == Transport::Tcp, (flow.peer.to_string(), flow.local.to_string()));
        connections.entry(key).or_default().push((received.summary(), sent.summary()));
    }
    Ok(connections)
}

/// What came on one leg of a relay has gone out on the other, unless it has faults that lose and double. Returns how often it
/// has not.
fn passed_on(
    session: &Ended,
    tallies: &BTreeMap<FlowId, [Tally; 2]>,
    pairs: &[(FlowId, FlowId)],
) -> Result<u64, Box<dyn Error>> {
    let mut n_changed = 0;
    for (client, upstream) in pairs {
        let legs = tallies.get(client).zip(tallies.get(upstream)).ok_or("a leg is missing")?;
        for (from, to) in [legs, (legs.1, legs.0)] {
            let (from, to) = (from[0].summary(), to[1].summary());
            if session.echoes && !from.is_same_stream(&to) {
                return Err(format!("{client:?}: {from} came, {to} was passed on").into());
            }
            n_changed += u64::from(!from.is_same_stream(&to));
        }
    }
    if pairs.len() * 2 != tallies.len() || session.echoes != (n_changed == 0) {
        return Err(format!("{} pairs of {} legs, {n_changed} changed", pairs.len(), tallies.len()).into());
    }
    Ok(n_changed)
}
