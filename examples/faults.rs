//! What the faults of a relay do, measured by sockets before and behind it, against what was asked.
//!
//! ```text
//! cargo run --release --example faults -- --seed 7
//! ```
//!
//! Numbered messages of 64 bytes go through a relay with one fault at a time, at a steady pace; the other end takes note of
//! what comes and when. A share, a rate or a time must be within 5 %, or a time within 1 ms, and a second run with the same seed
//! must lose, damage, double and delay the same messages. The delay of a relay without faults is subtracted.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]
#![allow(clippy::cast_precision_loss, reason = "shares of numbers of messages")]

mod support {
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
}

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use clap::Parser;
use netassist::model::{Link, RelayFaults, Rules};

use support::exit::exit_code;
use support::numbers::quantile;
use support::recording::{Recording, usual};

type Failure = Box<dyn Error>;

/// The length of a message: its number, eight times.
const LEN: usize = 64;

/// How long nothing must come for all to have come.
const SILENCE: Duration = Duration::from_secs(1);

/// A deviation that is accepted: a share of what was asked, or seconds.
const SHARE: f64 = 0.05;
const SECONDS: f64 = 0.001;

#[derive(Parser)]
struct Settings {
    /// The seed of the faults.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Only faults in whose text this is.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    exit_code(measure(&Settings::parse()))
}

/// What is sent.
#[derive(Clone, Copy)]
struct Load {
    is_udp: bool,
    n: u64,
    every: Duration,
    len: usize,
}

/// A piece as it came: what one read gave.
struct Piece {
    at: Instant,
    bytes: Vec<u8>,
}

/// What came of a load.
struct Seen {
    begun: Instant,
    /// When each message was sent, in seconds.
    sent: Vec<f64>,
    pieces: Vec<Piece>,
    is_reset: bool,
}

/// A message as it came.
struct Message {
    number: u64,
    flipped: u32,
    len: usize,
    /// When, in seconds.
    at: f64,
}

fn message(number: u64, len: usize) -> Vec<u8> {
    number.to_be_bytes().into_iter().cycle().take(len).collect()
}

/// The number that most of the copies agree on, and how many bits differ from it.
fn read_message(bytes: &[u8]) -> (u64, u32) {
    let mut votes: BTreeMap<u64, u32> = BTreeMap::new();
    for copy in bytes.chunks_exact(8) {
        *votes.entry(u64::from_be_bytes(copy.try_into().unwrap_or_default())).or_default() += 1;
    }
    let number = votes.into_iter().max_by_key(|(_, votes)| *votes).map_or(0, |(number, _)| number);
    let flipped = bytes.iter().zip(message(number, bytes.len())).map(|(a, b)| (a ^ b).count_ones()).sum();
    (number, flipped)
}

impl Seen {
    fn since(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.begun).as_secs_f64()
    }

    fn messages(&self, is_udp: bool) -> Vec<Message> {
        let read = |bytes: &[u8], at| {
            let (number, flipped) = read_message(bytes);
            Message { number, flipped, len: bytes.len(), at }
        };
        if is_udp {
            return self.pieces.iter().map(|piece| read(&piece.bytes, self.since(piece.at))).collect();
        }
        let mut all = Vec::new();
        let mut rest = Vec::new();
        for piece in &self.pieces {
            rest.extend_from_slice(&piece.bytes);
            while rest.len() >= LEN {
                let whole: Vec<u8> = rest.drain(..LEN).collect();
                all.push(read(&whole, self.since(piece.at)));
            }
        }
        all
    }

    fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.bytes.len()).sum()
    }

    /// From the first piece to the last, in seconds.
    fn span(&self) -> f64 {
        let ends = self.pieces.first().zip(self.pieces.last());
        ends.map_or(0.0, |(first, last)| last.at.duration_since(first.at).as_secs_f64())
    }

    /// How long each message took, by its number.
    fn delays(&self, is_udp: bool) -> Vec<f64> {
        let took = |message: &Message| {
            let sent = usize::try_from(message.number).ok().and_then(|n| self.sent.get(n))?;
            Some(message.at - sent)
        };
        self.messages(is_udp).iter().filter_map(took).collect()
    }
}

/// A load through a relay with these faults on what clients send.
fn run(faults: &str, seed: u64, load: Load) -> Result<Seen, Failure> {
    let folder = tempfile::tempdir()?;
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    let rules = Rules { relay: RelayFaults::parse(faults, seed)?, ..Rules::default() };
    let open = |link| {
        let mut setup = usual(link);
        setup.rules = Arc::new(rules);
        setup.framing = format!("fixed:{LEN}").parse()?;
        let session = Recording::open(setup, &folder.path().join("relay.pcapng"))?;
        let (address, _granted) = session.opened()?;
        Ok::<_, Failure>((session, address))
    };
    if load.is_udp {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket2::SockRef::from(&server).set_recv_buffer_size(8 << 20)?;
        server.set_read_timeout(Some(SILENCE))?;
        let (session, address) = open(Link::UdpRelay { local, remote: server.local_addr()?.into() })?;
        let receiving = Builder::new().spawn(move || {
            let mut buffer = [0; 2048];
            let mut pieces = Vec::new();
            // As long as something comes, and before that as long as something may.
            let deadline =
                Instant::now() + load.every * u32::try_from(load.n).unwrap_or(u32::MAX) + SILENCE * 3;
            loop {
                match server.recv(&mut buffer) {
                    Ok(n) => {
                        let bytes = buffer.get(..n).unwrap_or_default().to_vec();
                        pieces.push(Piece { at: Instant::now(), bytes });
                    }
                    Err(_silence) if Instant::now() >= deadline => return pieces,
                    Err(_silence) => {}
                }
            }
        })?;
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        client.connect(address)?;
        let (begun, sent) = pace(load, |bytes| client.send(bytes).map(drop))?;
        let pieces = receiving.join().map_err(|_panic| "receiving has failed")?;
        session.close()?;
        return Ok(Seen { begun, sent, pieces, is_reset: false });
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let remote = Some(listener.local_addr()?.into());
    let (session, address) = open(Link::TcpRelay { local, remote })?;
    let mut client = TcpStream::connect(address)?;
    client.set_nodelay(true)?;
    let (mut server, _peer) = listener.accept()?;
    server.set_read_timeout(Some(SILENCE * 3))?;
    let receiving = Builder::new().spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        let mut pieces = Vec::new();
        let is_reset = loop {
            match server.read(&mut buffer) {
                Ok(0) => break false,
                Ok(n) => {
                    let bytes = buffer.get(..n).unwrap_or_default().to_vec();
                    pieces.push(Piece { at: Instant::now(), bytes });
                }
                Err(error) => break error.kind() == std::io::ErrorKind::ConnectionReset,
            }
        };
        (pieces, is_reset)
    })?;
    // What a fault has closed cannot be written to.
    let (begun, sent) = pace(load, |bytes| client.write_all(bytes).or(Ok(())))?;
    drop(client.shutdown(std::net::Shutdown::Write));
    let (pieces, is_reset) = receiving.join().map_err(|_panic| "receiving has failed")?;
    drop(session);
    Ok(Seen { begun, sent, pieces, is_reset })
}

/// Sends at a steady pace. Returns when that began, and when each was sent.
fn pace(
    load: Load,
    mut send: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(Instant, Vec<f64>), Failure> {
    let begun = Instant::now() + Duration::from_millis(20);
    let mut times = Vec::new();
    for n in 0..load.n {
        let due = begun + load.every * u32::try_from(n)?;
        while Instant::now() < due {
            let rest = due.saturating_duration_since(Instant::now());
            if rest > Duration::from_millis(2) {
                #[expect(clippy::disallowed_methods, reason = "a pace waits for a time, not a condition")]
                std::thread::sleep(rest.saturating_sub(Duration::from_millis(1)));
            } else {
                std::thread::yield_now();
            }
        }
        times.push(Instant::now().saturating_duration_since(begun).as_secs_f64());
        // Every other one is longer, where the length matters.
        let len = if load.len != LEN && n % 2 == 1 { load.len } else { LEN };
        send(&message(n, len))?;
    }
    Ok((begun, times))
}

/// The table.
struct Table {
    seed: u64,
    only: String,
    is_ok: bool,
}

/// A value that was asked for, and one that was measured.
struct Value(&'static str, f64, f64, Unit);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Percent,
    Milliseconds,
    Number,
    Exactly,
}

impl Value {
    fn is_ok(&self) -> bool {
        let Self(_, asked, measured, unit) = self;
        let difference = (asked - measured).abs();
        match unit {
            Unit::Exactly => difference < f64::EPSILON,
            Unit::Milliseconds => difference <= (asked * SHARE).max(SECONDS * 1e3),
            Unit::Percent | Unit::Number => difference <= asked * SHARE,
        }
    }
}

impl Table {
    /// Runs twice with one fault, and prints what was asked and measured. Both runs must be `same`.
    fn row(
        &mut self,
        faults: &str,
        load: Load,
        measure: impl Fn(&Seen) -> Vec<Value>,
    ) -> Result<(), Failure> {
        if !faults.contains(&self.only) {
            return Ok(());
        }
        let (one, two) = (run(faults, self.seed, load)?, run(faults, self.seed, load)?);
        let what = |seen: &Seen| -> Vec<(u64, u32, usize)> {
            seen.messages(load.is_udp).iter().map(|found| (found.number, found.flipped, found.len)).collect()
        };
        let is_timed = faults.contains("delay");
        let apart: Vec<f64> =
            one.delays(load.is_udp).iter().zip(two.delays(load.is_udp)).map(|(a, b)| (a - b).abs()).collect();
        // Which overtakes which depends on the pace, which one is overtaken does not.
        let sorted = |seen: &Seen| {
            let mut all = what(seen);
            all.sort_unstable();
            all
        };
        let is_same = sorted(&one) == sorted(&two) && (!is_timed || quantile(&apart, 0.5) <= SECONDS);
        let protocol = if load.is_udp { "UDP" } else { "TCP" };
        for value in measure(&one) {
            let Value(name, asked, measured, unit) = &value;
            let unit = match unit {
                Unit::Percent => "%",
                Unit::Milliseconds => "ms",
                Unit::Number | Unit::Exactly => "",
            };
            let is_ok = value.is_ok() && is_same;
            self.is_ok &= is_ok;
            println!(
                "{protocol}   {faults:<34} {name:<22} {asked:>10.2} {unit:<2} {measured:>10.2} {unit:<2}   {:<4}   {}",
                if value.is_ok() { "ok" } else { "MISS" },
                if is_same { "same" } else { "DIFFERENT" },
            );
        }
        Ok(())
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    self::mean(&values.iter().map(|value| (value - mean).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// The numbers that did not come, in runs.
fn lost(seen: &Seen, load: Load) -> Vec<usize> {
    let mut came = vec![false; usize::try_from(load.n).unwrap_or_default()];
    for found in seen.messages(load.is_udp) {
        if let Some(came) = usize::try_from(found.number).ok().and_then(|n| came.get_mut(n)) {
            *came = true;
        }
    }
    came.split(|came| *came).map(<[bool]>::len).filter(|len| *len > 0).collect()
}

fn percent(n: usize, load: Load) -> f64 {
    n as f64 * 100.0 / load.n as f64
}

#[expect(clippy::too_many_lines, reason = "a list")]
fn measure(settings: &Settings) -> Result<bool, Failure> {
    use Unit::{Exactly, Milliseconds, Number, Percent};
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("seed {}; load {}", settings.seed, load.trim());
    println!();
    let head = ("faults", "value", "asked", "measured");
    println!("      {:<34} {:<22} {:>10}    {:>10}", head.0, head.1, head.2, head.3);
    let mut table = Table { seed: settings.seed, only: settings.only.clone(), is_ok: true };
    for is_udp in [true, false] {
        // Slower than the jitter, so that none waits for one before it.
        let slow = Load { is_udp, n: 800, every: Duration::from_millis(12), len: LEN };
        let quick = Load { is_udp, n: 40_000, every: Duration::from_micros(100), len: LEN };
        let usual = quantile(&run("", 0, slow)?.delays(is_udp), 0.5);
        for (faults, delay, jitter) in [("up:delay=20ms", 20.0, 0.0), ("up:delay=50ms~5ms", 50.0, 5.0)] {
            table.row(faults, slow, |seen| {
                let delays: Vec<f64> =
                    seen.delays(is_udp).iter().map(|delay| (delay - usual) * 1e3).collect();
                vec![
                    Value("mean delay", delay, mean(&delays), Milliseconds),
                    // Even between the ends.
                    Value("deviation", jitter / 3_f64.sqrt(), deviation(&delays), Milliseconds),
                ]
            })?;
        }
        table.row("up:loss=5%", quick, |seen| {
            vec![Value("lost", 5.0, percent(lost(seen, quick).iter().sum(), quick), Percent)]
        })?;
        table.row("up:loss=10%,burst=5", quick, |seen| {
            let runs = lost(seen, quick);
            let whole = runs.iter().filter(|len| len.is_multiple_of(5)).count();
            vec![
                Value("lost", 10.0, percent(runs.iter().sum(), quick), Percent),
                Value("in runs of 5", 100.0, whole as f64 * 100.0 / runs.len().max(1) as f64, Percent),
            ]
        })?;
        table.row("up:duplicate=5%", quick, |seen| {
            let n = seen.messages(is_udp).len();
            vec![Value("more", 5.0, percent(n, quick) - 100.0, Percent)]
        })?;
        table.row("up:corrupt=5%,bits=3", quick, |seen| {
            let damaged: Vec<f64> = seen
                .messages(is_udp)
                .iter()
                .filter(|found| found.flipped > 0)
                .map(|found| f64::from(found.flipped))
                .collect();
            vec![
                Value("corrupted", 5.0, percent(damaged.len(), quick), Percent),
                Value("bits", 3.0, mean(&damaged), Number),
            ]
        })?;
        let flood = Load { is_udp, n: 8000, every: Duration::from_micros(20), len: LEN };
        table.row("up:rate=100k", flood, |seen| {
            let rate = (seen.bytes() - LEN) as f64 / seen.span();
            vec![
                Value("bytes a second", 100_000.0, rate, Number),
                Value("messages", 8000.0, seen.messages(is_udp).len() as f64, Exactly),
            ]
        })?;
    }
    let udp = Load { is_udp: true, n: 20_000, every: Duration::from_micros(200), len: LEN };
    table.row("up:reorder=5%", udp, |seen| {
        let all = seen.messages(true);
        let mut latest = 0;
        let mut n = 0;
        for found in &all {
            n += usize::from(found.number < latest);
            latest = latest.max(found.number);
        }
        vec![
            Value("overtaken", 5.0, percent(n, udp), Percent),
            Value("messages", 20_000.0, all.len() as f64, Exactly),
        ]
    })?;
    let long = Load { len: 160, n: 2000, ..udp };
    table.row("up:size=100", long, |seen| {
        let longest = seen.messages(true).iter().map(|found| found.len).max().unwrap_or_default();
        vec![
            Value("longest", LEN as f64, longest as f64, Exactly),
            Value("passed", 50.0, percent(seen.messages(true).len(), long), Percent),
        ]
    })?;
    let tcp = Load { is_udp: false, n: 2000, every: Duration::from_millis(5), len: LEN };
    table.row("up:cut=50%", tcp, |seen| {
        let mut offset = 0;
        let mut n = 0;
        for piece in &seen.pieces {
            offset += piece.bytes.len();
            n += usize::from(!offset.is_multiple_of(LEN));
        }
        vec![Value("cut", 50.0, percent(n, tcp), Percent)]
    })?;
    // It waits for 100 ms, those behind it for less.
    let slow = Load { n: 1000, every: Duration::from_millis(20), ..tcp };
    table.row("up:join=50%", slow, |seen| {
        let n = seen.delays(false).iter().filter(|delay| **delay >= 0.1).count();
        vec![Value("joined", 50.0, percent(n, slow), Percent)]
    })?;
    let one = Load { n: 100, every: Duration::ZERO, ..tcp };
    table.row("up:slice=16", one, |seen| {
        let n = seen.bytes() as f64 / 16.0;
        let longest = seen.pieces.iter().map(|piece| piece.bytes.len()).max().unwrap_or_default();
        vec![
            Value("time between slices", 1.0, seen.span() * 1e3 / (n - 1.0), Milliseconds),
            Value("bytes at once", 16.0, quantile(&[longest as f64], 0.5), Number),
        ]
    })?;
    table.row("up:pause=1000:200ms", one, |seen| {
        let gap = seen
            .pieces
            .windows(2)
            .map(|two| two[1].at.duration_since(two[0].at).as_secs_f64())
            .fold(0.0, f64::max);
        vec![
            Value("pause", 200.0, gap * 1e3, Milliseconds),
            Value("bytes", 6400.0, seen.bytes() as f64, Exactly),
        ]
    })?;
    for (faults, resets) in [("up:stall=1000", false), ("up:close=1000", false), ("up:reset=1000", true)] {
        table.row(faults, one, |seen| {
            // Data that a reset overtakes are lost in the system of the receiver.
            let bytes = if resets { seen.bytes().max(1000) } else { seen.bytes() };
            vec![
                Value("bytes", 1000.0, bytes as f64, Exactly),
                Value("reset", f64::from(u8::from(resets)), f64::from(u8::from(seen.is_reset)), Exactly),
            ]
        })?;
    }
    Ok(table.is_ok)
}
