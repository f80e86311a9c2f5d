//! How fast a relay forwards and records, compared with `socat`, which must be installed.
//!
//! ```text
//! cargo run --release --example relay_rate -- --bytes 1000000000 --pairs 3 --folder /tmp
//! ```
//!
//! *Throughput*: a child process sends over loopback through the relay to a reader in this one, until the end is seen there.
//! `socat -b65536 -r FILE` records one of its connections, the relay both. *Round trip*: 64 bytes to an echo and back,
//! through `socat` and the relay, which records both connections; medians. Both are processes of their own. The two alternate within a pair, and the result
//! is the median of the ratios. *Datagrams*: 64 bytes at a rate, counted behind the relay and in its capture.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod content;
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
}

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use netassist::journal::scan;
use netassist::model::{Link, RecordKind};

use support::child;
use support::content::{Content, Sender};
use support::numbers::{grouped, quantile, rate};
use support::recording::Recording;

type Failure = Box<dyn Error>;

/// The lowest acceptable ratio to the rate of `socat`, and the highest to its round trip.
const WANTED: (f64, f64) = (0.9, 1.1);

/// The length of a message of the round trip, and of a datagram.
const LEN: usize = 64;

#[derive(Parser)]
struct Settings {
    /// Bytes to send.
    #[arg(long = "bytes", default_value_t = 1_000_000_000)]
    n_bytes: u64,
    /// Round trips of one run.
    #[arg(long, default_value_t = 20_000)]
    rounds: u32,
    /// Datagrams a second.
    #[arg(long, default_value_t = 50_000)]
    datagrams: u32,
    /// How long datagrams are sent, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Pairs of runs.
    #[arg(long = "pairs", default_value_t = 3)]
    n_pairs: u32,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let child = |arguments: &[String]| match arguments {
        [to, path] => stand_between(to.parse()?, Path::new(path)),
        _ => Ok(Sender::from_arguments(arguments)?.run()?),
    };
    child::run(child, || measure(&Settings::parse()))
}

/// In a child, as `socat` is one: relays until it is told to end.
fn stand_between(to: SocketAddr, path: &Path) -> Result<(), Failure> {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    let session = Recording::of_link(Link::TcpRelay { local, remote: Some(to.into()) }, path)?;
    println!("{}", session.opened()?.0);
    child::wait_for_go()?;
    session.close()
}

/// Something that stands between.
enum Between {
    Relay(child::Child, PathBuf),
    Socat(Child, Option<PathBuf>),
}

impl Between {
    fn relay(to: SocketAddr, folder: &Path) -> Result<(Self, SocketAddr), Failure> {
        let path = folder.join("relay.pcapng");
        let mut relay = child::Child::start(&[to.to_string(), path.display().to_string()])?;
        let address = relay.line()?.parse()?;
        Ok((Self::Relay(relay, path), address))
    }

    fn socat(to: SocketAddr, record: Option<PathBuf>) -> Result<(Self, SocketAddr), Failure> {
        let mut command = Command::new("socat");
        command.args(["-d", "-d"]);
        if let Some(path) = &record {
            command.args(["-b65536", "-r"]).arg(path);
        }
        command.arg("TCP-LISTEN:0,bind=127.0.0.1,nodelay").arg(format!("TCP:{to},nodelay"));
        let mut socat = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = socat.stderr.take().ok_or("socat has no standard error")?;
        let mut lines = BufReader::new(stderr).lines();
        let address = loop {
            let line = lines.next().ok_or("socat does not listen")??;
            if let Some((_, address)) = line.split_once("listening on ") {
                break address.rsplit(' ').next().ok_or("socat has no address")?.parse()?;
            }
        };
        // It must not wait for somebody to read what it says.
        std::thread::Builder::new().spawn(move || lines.for_each(drop))?;
        Ok((Self::Socat(socat, record), address))
    }

    fn end(self) -> Result<(), Failure> {
        match self {
            Self::Relay(relay, path) => {
                relay.finish()?;
                std::fs::remove_file(path)?;
            }
            Self::Socat(mut socat, record) => {
                // It has ended, or does by this.
                drop(socat.kill());
                socat.wait()?;
                record.map_or(Ok(()), std::fs::remove_file)?;
            }
        }
        Ok(())
    }
}

fn measure(settings: &Settings) -> Result<bool, Failure> {
    let folder = tempfile::Builder::new().prefix("netassist-rate-").tempdir_in(&settings.folder)?;
    let folder = folder.path();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{} bytes, {} round trips; load {}", grouped(settings.n_bytes), settings.rounds, load.trim());
    println!();
    println!("pair   socat -b65536 -r MB/s   relay MB/s   ratio   socat p50 µs   relay p50 µs   ratio");
    let (mut rates, mut trips) = (Vec::new(), Vec::new());
    for pair in 1..=settings.n_pairs {
        let relay = |to| Between::relay(to, folder);
        let recording = |to| Between::socat(to, Some(folder.join("socat")));
        let plain = |to| Between::socat(to, None);
        // Alternating the order cancels drift.
        let ([theirs, ours], [their_trip, our_trip]) = if pair % 2 == 1 {
            let speeds = [throughput(settings, recording)?, throughput(settings, relay)?];
            (speeds, [round_trip(settings, plain)?, round_trip(settings, relay)?])
        } else {
            let (ours, our_trip) = (throughput(settings, relay)?, round_trip(settings, relay)?);
            ([throughput(settings, recording)?, ours], [round_trip(settings, plain)?, our_trip])
        };
        let (speed, trip) = (ours / theirs, our_trip / their_trip);
        println!(
            "{pair:>4}   {theirs:>21.0}   {ours:>10.0}   {speed:>5.2}   {their_trip:>12.1}   {our_trip:>12.1}   {trip:>5.2}"
        );
        rates.push(speed);
        trips.push(trip);
    }
    let (speed, trip) = (quantile(&rates, 0.5), quantile(&trips, 0.5));
    println!();
    println!(
        "median ratios: rate {speed:.2}, wanted {:.2}; round trip {trip:.2}, wanted {:.2}",
        WANTED.0, WANTED.1
    );
    let all = datagrams(settings, folder)?;
    Ok(all && speed >= WANTED.0 && trip <= WANTED.1)
}

/// How many MB a second pass.
fn throughput(
    settings: &Settings,
    start: impl Fn(SocketAddr) -> Result<(Between, SocketAddr), Failure>,
) -> Result<f64, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let (between, address) = start(listener.local_addr()?)?;
    let sender = Sender { address, n_bytes: settings.n_bytes, content: Content::Binary, rate: 0 };
    let mut child = sender.start()?;
    let (mut stream, _peer) = listener.accept()?;
    let mut buffer = vec![0; 256 * 1024];
    let mut received = 0;
    let begun = Instant::now();
    child.go();
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        received += n as u64;
    }
    let took = begun.elapsed();
    drop(stream);
    child.finish()?;
    between.end()?;
    if received == settings.n_bytes {
        Ok(rate(settings.n_bytes, took.as_secs_f64()))
    } else {
        Err(format!("{received} bytes have passed").into())
    }
}

/// The median of the round trips, in microseconds.
fn round_trip(
    settings: &Settings,
    start: impl Fn(SocketAddr) -> Result<(Between, SocketAddr), Failure>,
) -> Result<f64, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let (between, address) = start(listener.local_addr()?)?;
    let mut client = TcpStream::connect(address)?;
    client.set_nodelay(true)?;
    let (mut echo, _peer) = listener.accept()?;
    echo.set_nodelay(true)?;
    let echoing = std::thread::Builder::new().spawn(move || {
        let mut buffer = [0; LEN];
        while echo.read_exact(&mut buffer).is_ok() && echo.write_all(&buffer).is_ok() {}
    })?;
    let mut buffer = [0; LEN];
    let mut trips = Vec::new();
    for _round in 0..settings.rounds {
        let begun = Instant::now();
        client.write_all(&buffer)?;
        client.read_exact(&mut buffer)?;
        trips.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    drop(client);
    echoing.join().map_err(|_panic| "the echo has failed")?;
    between.end()?;
    Ok(quantile(&trips, 0.5))
}

/// Sends datagrams at a rate; whether all have passed and are recorded on both sides.
fn datagrams(settings: &Settings, folder: &Path) -> Result<bool, Failure> {
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    // As much as a session asks for.
    socket2::SockRef::from(&server).set_recv_buffer_size(8 << 20)?;
    server.set_read_timeout(Some(Duration::from_secs(2)))?;
    let path = folder.join("datagrams.pcapng");
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    let link = Link::UdpRelay { local, remote: server.local_addr()?.into() };
    let session = Recording::of_link(link, &path)?;
    let (address, _granted) = session.opened()?;
    let n_wanted = u64::from(settings.datagrams) * u64::from(settings.seconds);
    let counting = std::thread::Builder::new().spawn(move || {
        let mut buffer = [0; LEN];
        std::iter::from_fn(|| server.recv(&mut buffer).ok()).count() as u64
    })?;
    let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let begun = Instant::now();
    for n in 0..n_wanted {
        let due = begun + Duration::from_secs(1) * u32::try_from(n)? / settings.datagrams;
        while Instant::now() < due {
            std::thread::yield_now();
        }
        client.send_to(&[0; LEN], address)?;
    }
    let took = begun.elapsed().as_secs_f64();
    let n_passed = counting.join().map_err(|_panic| "the counting has failed")?;
    session.close()?;
    let mut n_recorded = [0_u64; 2];
    scan(&path, 0, u64::MAX, &mut |batch| {
        let count = |kind| batch.records.iter().filter(|record| record.kind == kind).count() as u64;
        n_recorded[0] += count(RecordKind::Received);
        n_recorded[1] += count(RecordKind::Sent);
        ControlFlow::Continue(())
    })?;
    std::fs::remove_file(path)?;
    println!(
        "{} datagrams of {LEN} bytes in {took:.2} s: {} lost, {} and {} recorded",
        grouped(n_wanted),
        grouped(n_wanted - n_passed.min(n_wanted)),
        grouped(n_recorded[0]),
        grouped(n_recorded[1]),
    );
    Ok(n_passed == n_wanted && n_recorded == [n_wanted; 2])
}
