//! What went over each connection, by the peers and by the captures.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use netassist::journal::{Frame, Reader, scan};
use netassist::model::{Direction, FlowId, Index, Transport};
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

/// The connections of a capture or of the peers, by transport and addresses, in order.
type Connections = BTreeMap<(bool, Pair), Vec<Both>>;

/// Compares the captures with what the peers have printed, and describes what was equal.
///
/// # Errors
/// The first difference.
pub(crate) fn compare(
    captures: &[(String, PathBuf)],
    peers: &str,
    sink: &Tally,
    kernel_dropped: u64,
) -> Result<String, Box<dyn Error>> {
    let mut recorded = Connections::new();
    let mut cycle = None;
    for (name, path) in captures {
        let connections = connections(path)?;
        if name == "cycle" {
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
        let all = recorded.get_mut(&key).filter(|all| !all.is_empty());
        let of_capture = all.map(|all| all.remove(0)).ok_or_else(|| format!("{line}: not in a capture"))?;
        if key.0 {
            for (is, was) in [(&of_capture.0, &of_peer.0), (&of_capture.1, &of_peer.1)] {
                if !is.is_same_stream(was) {
                    return Err(
                        format!("{line}: the capture has {} and {}", of_capture.0, of_capture.1).into()
                    );
                }
                n_bytes += is.n_bytes;
            }
            n_tcp += 1;
        } else {
            let counts = [&of_peer.0, &of_capture.0, &of_capture.1, &of_peer.1].map(|one| one.n_pieces);
            datagrams.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    let left: usize = recorded.iter().filter(|((is_tcp, _), _)| *is_tcp).map(|(_, all)| all.len()).sum();
    if left > 0 {
        return Err(format!("{left} connections of the captures that no peer had").into());
    }
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
        "{} TCP connections, {} bytes: all equal; the cycle: {} bytes equal\n\
         {} datagrams sent, {} recorded, {} dropped by the kernel; {} answers recorded, {} came back",
        grouped(n_tcp),
        grouped(n_bytes),
        grouped(sink.n_bytes()),
        grouped(sent),
        grouped(received),
        grouped(kernel_dropped),
        grouped(answered),
        grouped(came_back)
    ))
}

/// A line of the peers: `tcp PEER SESSION`, and what was sent and received.
fn parse(line: &str) -> Result<((bool, Pair), Both), Box<dyn Error>> {
    let mut parts = line.splitn(4, ' ');
    let mut part = || parts.next().ok_or_else(|| format!("{line}: too short"));
    let (kind, peer, session, rest) = (part()?, part()?, part()?, part()?);
    let (sent, received) = rest.split_once(" / ").ok_or("no separator")?;
    Ok(((kind == "tcp", (peer.to_owned(), session.to_owned())), (sent.parse()?, received.parse()?)))
}

/// The connections of a capture.
fn connections(path: &Path) -> Result<Connections, Box<dyn Error>> {
    let mut index = Index::default();
    scan(path, 0, u64::MAX, &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        index.extend(&batch.records);
        ControlFlow::Continue(())
    })?;
    let reader = Reader::open(path)?;
    let mut tallies: BTreeMap<FlowId, [Tally; 2]> = BTreeMap::new();
    let mut frame = Frame::default();
    for record in index.records().slices(0).flatten() {
        let Some(direction) = record.kind.direction() else { continue };
        reader.read(record, usize::MAX, &mut frame)?;
        let [received, sent] = tallies.entry(record.flow).or_default();
        let tally = if direction == Direction::Received { received } else { sent };
        tally.add(&frame.payload);
    }
    let mut connections = Connections::new();
    for (id, [received, sent]) in tallies {
        let flow = index.flow(id).ok_or("a flow is missing")?;
        let key = (flow.transport == Transport::Tcp, (flow.peer.to_string(), flow.local.to_string()));
        connections.entry(key).or_default().push((received.summary(), sent.summary()));
    }
    Ok(connections)
}

/// The size of the file system of a folder.
#[cfg(unix)]
pub(crate) fn file_system_bytes(folder: &Path) -> std::io::Result<u64> {
    let output = std::process::Command::new("df").args(["--output=size", "-B1"]).arg(folder).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .nth(1)
        .and_then(|line| line.trim().parse().ok())
        .ok_or(std::io::ErrorKind::InvalidData.into())
}

#[cfg(not(unix))]
pub(crate) fn file_system_bytes(_folder: &Path) -> std::io::Result<u64> {
    Err(std::io::ErrorKind::Unsupported.into())
}
