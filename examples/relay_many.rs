//! How a relay carries many connections at once, each of which says something now and then.
//!
//! ```text
//! cargo run --release --example relay_many -- --connections 1000 --rate 10 --seconds 60
//! ```
//!
//! A child process has the clients and an echo. Each client sends 64 bytes at its rate and takes the time until they are back,
//! first without the relay and then through it, which records both sides. *Added*: the difference of the quantiles.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod memory;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
}

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use netassist::model::{Event, Link};

use support::child::{self, Child};
use support::memory::Memory;
use support::numbers::{grouped, quantile};
use support::recording::Recording;

type Failure = Box<dyn Error>;

/// The length of a message: the number of the connection and of the message, four times.
const LEN: usize = 64;

/// The most added at the 99th percentile, in milliseconds, and the most memory, in MB.
const WANTED: (f64, u64) = (5.0, 150);

/// How long a client waits for what is not back.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Parser)]
struct Settings {
    /// Connections at once.
    #[arg(long, default_value_t = 1000)]
    connections: u32,
    /// Messages a second of each.
    #[arg(long, default_value_t = 10)]
    rate: u32,
    /// How long they talk, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Folder for the capture.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    child::run(talk, || measure(&Settings::parse()))
}

fn measure(settings: &Settings) -> Result<bool, Failure> {
    let folder = tempfile::Builder::new().prefix("netassist-many-").tempdir_in(&settings.folder)?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let Settings { connections, rate, seconds, .. } = settings;
    println!("{connections} connections, {rate} messages a second each, {seconds} s; load {}", load.trim());
    // Free a moment ago, and again.
    let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    let link = Link::TcpRelay { local, remote: Some(echo.into()) };
    let session = Recording::of_link(link, &folder.path().join("relay.pcapng"))?;
    let (address, _granted) = session.opened()?;
    let arguments = [
        echo.to_string(),
        address.to_string(),
        connections.to_string(),
        rate.to_string(),
        seconds.to_string(),
    ];
    let mut child = Child::start(&arguments)?;
    child.go();
    let mut left = 0;
    let mut peak = 0;
    while left < 2 * connections {
        let event = session.next(Duration::from_secs(u64::from(seconds * 3) + 60))?;
        left += u32::from(matches!(event.ok_or("nothing comes")?, Event::Left(_)));
        peak = peak.max(Memory::now().map_or(0, |memory| memory.resident));
    }
    let said = child.line()?;
    child.finish()?;
    session.close()?;
    let numbers: Vec<f64> = said.split(' ').filter_map(|word| word.parse().ok()).collect();
    let &[sent, right, direct_50, direct_99, relay_50, relay_99] = numbers.as_slice() else {
        return Err(format!("the clients said {said:?}").into());
    };
    let added = relay_99 - direct_99;
    println!("          p50 ms   p99 ms");
    println!("direct  {direct_50:>8.2} {direct_99:>8.2}");
    println!("relay   {relay_50:>8.2} {relay_99:>8.2}");
    println!("added   {:>8.2} {added:>8.2}   wanted {:.0}", relay_50 - direct_50, WANTED.0);
    println!(
        "{sent} messages sent, {right} back and right; {} KiB of memory, wanted {} MB",
        grouped(peak),
        WANTED.1
    );
    Ok(right.total_cmp(&sent).is_eq() && added < WANTED.0 && peak < WANTED.1 * 1_000_000 / 1024)
}

/// The clients and the echo.
fn talk(arguments: &[String]) -> Result<(), Failure> {
    let [echo, relay, connections, rate, seconds] = arguments else { return Err("arguments".into()) };
    let (echo, relay): (SocketAddr, SocketAddr) = (echo.parse()?, relay.parse()?);
    let (connections, rate, seconds) = (connections.parse()?, rate.parse()?, seconds.parse()?);
    #[cfg(unix)]
    {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let (_soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    let listener = mio::net::TcpListener::bind(echo)?;
    std::thread::Builder::new().spawn(move || echo_all(listener))?;
    let direct = clients(echo, connections, rate, 5)?;
    let through = clients(relay, connections, rate, seconds)?;
    let ms = |found: &Found, share| quantile(&found.trips, share) * 1e3;
    println!(
        "{} {} {} {} {} {}",
        through.sent,
        through.trips.len(),
        ms(&direct, 0.5),
        ms(&direct, 0.99),
        ms(&through, 0.5),
        ms(&through, 0.99)
    );
    Ok(())
}

fn echo_all(mut listener: mio::net::TcpListener) -> std::io::Result<()> {
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut all: HashMap<Token, TcpStream> = HashMap::new();
    let mut next = 1;
    let mut buffer = [0; 4096];
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == Token(0) {
                while let Ok((mut stream, _peer)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    poll.registry().register(&mut stream, Token(next), Interest::READABLE)?;
                    all.insert(Token(next), stream);
                    next += 1;
                }
                continue;
            }
            let Some(stream) = all.get_mut(&event.token()) else { continue };
            let is_over = loop {
                match stream.read(&mut buffer) {
                    Ok(0) => break true,
                    // A few messages always fit.
                    Ok(n) => stream.write_all(buffer.get(..n).unwrap_or_default())?,
                    Err(error) => break error.kind() != ErrorKind::WouldBlock,
                }
            };
            if is_over {
                all.remove(&event.token());
            }
        }
    }
}

/// What the clients found.
struct Found {
    sent: u64,
    /// How long each took that came back right, in seconds.
    trips: Vec<f64>,
}

struct Client {
    stream: TcpStream,
    n_sent: u32,
    n_back: u32,
    /// When the messages were sent that are not back.
    waiting: VecDeque<Instant>,
    heard: Vec<u8>,
}

fn message(client: usize, n: u32) -> Vec<u8> {
    let number = (client as u64) << 32 | u64::from(n);
    number.to_be_bytes().into_iter().cycle().take(LEN).collect()
}

fn clients(to: SocketAddr, connections: u32, rate: u32, seconds: u32) -> Result<Found, Failure> {
    let mut poll = Poll::new()?;
    let mut all = Vec::new();
    for n in 0..connections as usize {
        let stream = std::net::TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry().register(&mut stream, Token(n), Interest::READABLE)?;
        all.push(Client { stream, n_sent: 0, n_back: 0, waiting: VecDeque::new(), heard: Vec::new() });
    }
    let mut found = Found { sent: 0, trips: Vec::new() };
    let mut events = Events::with_capacity(1024);
    let mut buffer = [0; 4096];
    let n_all = u64::from(connections) * u64::from(rate) * u64::from(seconds);
    let step = Duration::from_secs(1) / (connections * rate);
    let begun = Instant::now() + Duration::from_millis(100);
    let mut n_waiting = 0;
    let mut last = begun;
    while found.sent < n_all || n_waiting > 0 && last.elapsed() < PATIENCE {
        let due = begun + step * u32::try_from(found.sent)?;
        let rest = if found.sent < n_all { due.saturating_duration_since(Instant::now()) } else { PATIENCE };
        poll.poll(&mut events, Some(rest))?;
        for event in &events {
            let Some(client) = all.get_mut(event.token().0) else { continue };
            while let Ok(n @ 1..) = client.stream.read(&mut buffer) {
                client.heard.extend_from_slice(buffer.get(..n).unwrap_or_default());
            }
            while client.heard.len() >= LEN {
                client.n_back += 1;
                let is_right = client.heard.drain(..LEN).eq(message(event.token().0, client.n_back));
                if let Some(sent_at) = client.waiting.pop_front() {
                    found.trips.extend(is_right.then(|| sent_at.elapsed().as_secs_f64()));
                    n_waiting -= 1;
                }
                last = Instant::now();
            }
        }
        while found.sent < n_all && begun + step * u32::try_from(found.sent)? <= Instant::now() {
            let n = usize::try_from(found.sent % u64::from(connections))?;
            let Some(client) = all.get_mut(n) else { break };
            client.n_sent += 1;
            client.waiting.push_back(Instant::now());
            n_waiting += 1;
            client.stream.write_all(&message(n, client.n_sent))?;
            found.sent += 1;
        }
    }
    Ok(found)
}
