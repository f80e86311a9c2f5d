//! How fast a session sends received data back while recording it, compared with a server that only does
//! that.
//!
//! ```text
//! cargo run --release --example react_rate -- --trips 20000 --bytes 500000000 --pairs 5 --folder /tmp
//! ```
//!
//! There is one client over loopback. First it sends 1 KiB and waits until all of it is back, repeatedly; the
//! median of these times is reported. Then it writes 64 KiB at a time while another thread reads; the time
//! until everything is back is reported. In each pair of runs the answers come once from a minimal server
//! using only `std` (it reads up to 64 KiB and writes what it has read), and once from a session with an echo
//! rule, which records both directions as under the window and the command line. Another row is a session
//! whose rule is tried on each message of 1 KiB, like any rule except the plain echo; and one is the minimal server
//! that writes to a file what it has read, and again once it is sent: what recording alone costs at least. The
//! result is the median of the ratios within the pairs. Finally each capture is read, and must contain every
//! byte in both directions.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    pub(crate) mod exit;
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
}

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use netassist::codec::frame::Framing;
use netassist::codec::matcher::Matcher;
use netassist::journal;
use netassist::model::{Command, Link, RecordKind, Rule, RuleId, Rules, Then};
use netassist::net::Setup;

use support::exit::exit_code;
use support::numbers::{grouped, quantile, rate};
use support::recording::{PATIENCE, Recording, usual};

/// The highest acceptable ratio of round trips to those of the minimal server.
const WANTED_TRIP: f64 = 1.5;

/// The lowest acceptable ratio of bytes per second to those of the minimal server.
const WANTED_RATE: f64 = 0.8;

/// Bytes per round trip.
const TRIP: usize = 1024;

/// Bytes per write.
const WRITE: usize = 64 * 1024;

#[derive(Parser)]
struct Settings {
    /// Round trips.
    #[arg(long = "trips", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    n_trips: u32,
    /// Bytes to send.
    #[arg(long = "bytes", default_value_t = 500_000_000)]
    n_bytes: u64,
    /// Pairs of runs.
    #[arg(long = "pairs", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    n_pairs: u32,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

/// The measurements of a client.
#[derive(Clone, Copy)]
struct Seen {
    /// Median round trip in microseconds.
    trip: f64,
    /// 99th percentile of round trips in microseconds.
    p99: f64,
    /// Megabytes per second in each direction.
    rate: f64,
}

fn main() -> ExitCode {
    let mut settings = Settings::parse();
    settings.n_bytes -= settings.n_bytes % WRITE as u64;
    exit_code(measure(&settings))
}

/// Prints the table. False if a limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let (trips, bytes) = (grouped(u64::from(settings.n_trips)), grouped(settings.n_bytes));
    println!(
        "{trips} round trips of {TRIP} bytes, then {bytes} bytes in writes of {WRITE}; one client on 127.0.0.1"
    );
    println!("pair   server     median µs    99 % µs   MB/s each way");
    let (mut trips, mut rates, mut of_writing) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 1..=settings.n_pairs {
        let written = settings.folder.join(format!("react-rate-{}.minimal", std::process::id()));
        let minimal_writing = minimal(settings, Some(File::create(&written)?))?;
        std::fs::remove_file(written)?;
        let minimal = minimal(settings, None)?;
        let echo = session(settings, Rules::echo(), Framing::AsReceived)?;
        let size = u32::try_from(TRIP)?;
        let rule = session(settings, by_message(), Framing::Fixed(size))?;
        for (name, Seen { trip, p99, rate }) in
            [("minimal", minimal), ("writing", minimal_writing), ("echo", echo), ("messages", rule)]
        {
            println!("{pair:4}   {name:8} {trip:11.1} {p99:10.1} {rate:15.0}");
        }
        trips.push(echo.trip / minimal.trip);
        rates.push(echo.rate / minimal.rate);
        of_writing.push(echo.rate / minimal_writing.rate);
    }
    let [trip, rate, of_writing] = [trips, rates, of_writing].map(|ratios| quantile(&ratios, 0.5));
    println!(
        "echo: a round trip takes {trip:.2} times the minimal server's, at most {WANTED_TRIP} is wanted;"
    );
    println!("      {rate:.2} of its rate, at least {WANTED_RATE} is wanted; all recorded;");
    println!("      {of_writing:.2} of the rate of the minimal server that writes both directions to a file");
    Ok(trip <= WANTED_TRIP && rate >= WANTED_RATE)
}

/// Like an echo, but not the plain one: empty messages do not occur.
fn by_message() -> Rules {
    let when = Matcher::default().with_len(1..=u64::MAX);
    Rules { rules: vec![Rule { when, ..Rule::new(RuleId(0), Then::Echo) }], ..Rules::default() }
}

/// A server that only reads and writes, each also to a file if there is one.
fn minimal(settings: &Settings, mut file: Option<File>) -> Result<Seen, Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let serve = move || -> std::io::Result<()> {
        let (mut stream, _peer) = listener.accept()?;
        stream.set_nodelay(true)?;
        let mut buffer = vec![0; WRITE];
        loop {
            let n = stream.read(&mut buffer)?;
            let read = buffer.get(..n).unwrap_or_default();
            if read.is_empty() {
                return Ok(());
            }
            file.as_mut().map_or(Ok(()), |file| file.write_all(read))?;
            stream.write_all(read)?;
            file.as_mut().map_or(Ok(()), |file| file.write_all(read))?;
        }
    };
    let server = std::thread::Builder::new().name("minimal".to_owned()).spawn(serve)?;
    let seen = client(settings, address)?;
    server.join().map_err(|_panic| "the server panicked")??;
    Ok(seen)
}

/// A session that answers by these rules.
fn session(settings: &Settings, rules: Rules, framing: Framing) -> Result<Seen, Box<dyn Error>> {
    let path = settings.folder.join(format!("react-rate-{}.pcapng", std::process::id()));
    let link = Link::TcpServer { local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into() };
    let setup = Setup { framing, rules: Arc::new(rules), ..usual(link) };
    let session = Recording::open(setup, &path)?;
    let (address, _granted) = session.opened()?;
    // Events must be received, or they accumulate in the worker's memory.
    let events = session.0.events().clone();
    let drain = std::thread::Builder::new().name("events".to_owned()).spawn(move || events.iter().count())?;
    let seen = client(settings, address)?;
    session.order(Command::Close { linger: PATIENCE })?;
    drain.join().map_err(|_panic| "taking the events panicked")?;
    drop(session);
    let expected = settings.n_bytes + u64::from(settings.n_trips) * TRIP as u64;
    let recorded = recorded(&path)?;
    std::fs::remove_file(path)?;
    if recorded != [expected; 2] {
        return Err(format!("{recorded:?} bytes were recorded, {expected} received and sent").into());
    }
    Ok(seen)
}

/// Received and sent bytes in a capture.
fn recorded(path: &Path) -> Result<[u64; 2], Box<dyn Error>> {
    let mut sums = [0; 2];
    let [received, sent] = &mut sums;
    journal::scan(path, 0, u64::MAX, &mut |batch| {
        for record in &batch.records {
            match record.kind {
                RecordKind::Received => *received += u64::from(record.len),
                RecordKind::Sent => *sent += u64::from(record.len),
                RecordKind::Connected
                | RecordKind::Refused
                | RecordKind::Ended(_)
                | RecordKind::Note
                | RecordKind::Charset(_)
                | RecordKind::WebSocket => {}
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(sums)
}

/// The measurements of a client of the server at this address.
fn client(settings: &Settings, address: SocketAddr) -> Result<Seen, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (message, mut answer) = (vec![0x5A; TRIP], vec![0; TRIP]);
    let mut trips = Vec::with_capacity(settings.n_trips as usize);
    for _trip in 0..settings.n_trips {
        let begun = Instant::now();
        stream.write_all(&message)?;
        stream.read_exact(&mut answer)?;
        trips.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let begun = Instant::now();
    let (mut sender, n_bytes) = (stream.try_clone()?, settings.n_bytes);
    let send = move || -> std::io::Result<()> {
        let block = vec![0xA5; WRITE];
        for _block in 0..n_bytes / WRITE as u64 {
            sender.write_all(&block)?;
        }
        Ok(())
    };
    let sending = std::thread::Builder::new().name("sender".to_owned()).spawn(send)?;
    let mut buffer = vec![0; WRITE];
    let mut left = n_bytes;
    while left > 0 {
        match stream.read(&mut buffer)? {
            0 => return Err("the server closed the connection".into()),
            n => left = left.saturating_sub(n as u64),
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    sending.join().map_err(|_panic| "sending panicked")??;
    Ok(Seen { trip: quantile(&trips, 0.5), p99: quantile(&trips, 0.99), rate: rate(n_bytes, seconds) })
}
