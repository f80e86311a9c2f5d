//! Whether a flood of small datagrams is recorded completely.
//!
//! ```text
//! cargo run --release --example datagram_rate -- --rate 50000 --seconds 10 --length 64
//! ```
//!
//! A child process sends numbered datagrams over loopback at a steady rate: every millisecond those that are
//! due, by absolute deadlines. A session records them as under the window and the command line. Then the
//! capture is read back: every number must occur once, in order. A missing datagram was either dropped by the
//! kernel because the receive buffer was full (which the kernel counts), or lost by us.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
}

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use netassist::journal::{Frame, Reader, scan};
use netassist::model::{Event, Link, Options, RecordKind, Totals};
use netassist::net::Setup;

use support::child::{self, Child, wait_for_go};
use support::numbers::grouped;

use support::recording::{Recording, usual};

/// How often the sender sends the datagrams that are due.
const TICKS_PER_SECOND: u64 = 1000;

/// After this long without a datagram, the session is complete.
const QUIET: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Settings {
    /// Datagrams per second.
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Duration in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Bytes of a datagram: its number, and more.
    #[arg(long = "length", default_value_t = 64, value_parser = clap::value_parser!(u16).range(8..))]
    len: u16,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Size of the receive buffer in bytes.
    #[arg(long)]
    buffer: Option<u32>,
}

fn main() -> ExitCode {
    child::run(send, || measure(&Settings::parse()))
}

/// The child: `ADDRESS RATE SECONDS LENGTH`. Prints how many datagrams it sent, and how late it was at worst.
fn send(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [address, rate, seconds, len] = arguments else { return Err("ADDRESS RATE SECONDS LENGTH".into()) };
    let (rate, seconds): (u64, u64) = (rate.parse()?, seconds.parse()?);
    let mut datagram = vec![b'.'; len.parse()?];
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(address)?;
    wait_for_go()?;
    let begun = Instant::now();
    let mut number = 0_u64;
    let mut latest = Duration::ZERO;
    for tick in 1..=seconds * TICKS_PER_SECOND {
        let deadline =
            begun + Duration::from_secs(1) * u32::try_from(tick)? / u32::try_from(TICKS_PER_SECOND)?;
        sleep_until(deadline);
        latest = latest.max(deadline.elapsed());
        let due = rate * tick / TICKS_PER_SECOND;
        while number < due {
            if let Some(head) = datagram.first_chunk_mut() {
                *head = number.to_be_bytes();
            }
            // Never blocks over loopback: a full receive buffer drops the datagram.
            socket.send(&datagram)?;
            number += 1;
        }
    }
    println!("{number} {} {}", begun.elapsed().as_micros(), latest.as_micros());
    Ok(())
}

fn sleep_until(deadline: Instant) {
    let wait = deadline.saturating_duration_since(Instant::now());
    if !wait.is_zero() {
        #[expect(clippy::disallowed_methods, reason = "a sender waits for a time, not a condition")]
        std::thread::sleep(wait);
    }
}

/// Prints the table. False if anything was lost.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-rate-").tempdir_in(&settings.folder)?;
    let path = folder.path().join("recorded.pcapng");
    let link = Link::Udp {
        local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into(),
        remote: None,
        groups: Vec::new(),
    };
    let setup =
        Setup { options: Options { receive_buffer: settings.buffer, ..Options::default() }, ..usual(link) };
    let session = Recording::open(setup, &path)?;
    let (address, granted) = session.opened()?;
    let arguments = [settings.rate, settings.seconds, u64::from(settings.len)].map(|n| n.to_string());
    let mut child = Child::start(&[&[address.to_string()][..], &arguments].concat())?;
    child.go();
    // The events of the session are read at the end.
    let printed = child.finish()?;
    let totals = until_quiet(&session)?;
    session.close()?;

    let printed: Vec<u64> = printed.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [sent, took_us, late_us] = *printed else { return Err("the sender did not report".into()) };
    let found = read_back(&path, settings.len.into())?;
    let lost = sent.saturating_sub(found.recorded);
    println!("{} bytes per datagram, {} datagrams per second", settings.len, grouped(settings.rate));
    println!();
    let row = |name: &str, n: u64| println!("{name:<30} {:>14}", grouped(n));
    row("sent", sent);
    row("… in ms", took_us / 1000);
    row("… at most late, µs", late_us);
    row("receive buffer, bytes", granted.receive_buffer as u64);
    row("received by the session", totals.received_messages);
    row("dropped by the kernel", totals.kernel_dropped.unwrap_or_default());
    row("recorded", found.recorded);
    row("… out of order or duplicated", found.misplaced);
    row("… with wrong content", found.wrong);
    row("capture, bytes", std::fs::metadata(&path)?.len());
    row("lost", lost);
    Ok(lost == 0 && found.misplaced == 0 && found.wrong == 0 && found.recorded == sent)
}

/// The totals of the session, once nothing more arrives.
fn until_quiet(session: &Recording) -> Result<Totals, Box<dyn Error>> {
    let mut totals = Totals::default();
    while let Some(event) = session.next(QUIET)? {
        if let Event::Recorded(batch) = event {
            totals = batch.totals;
        }
    }
    Ok(totals)
}

/// The content of a capture.
#[derive(Debug, Default)]
struct Found {
    recorded: u64,
    misplaced: u64,
    wrong: u64,
}

/// Checks the numbers in all records of the capture.
fn read_back(path: &Path, len: usize) -> Result<Found, Box<dyn Error>> {
    let reader = Reader::open(path)?;
    let mut frame = Frame::default();
    let mut found = Found::default();
    let mut last = None;
    let mut failed = None;
    let end = scan(path, 0, u64::MAX, &mut |batch| {
        for record in batch.records.iter().filter(|record| record.kind == RecordKind::Received) {
            if let Err(error) = reader.read(record, usize::MAX, &mut frame) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            found.recorded += 1;
            match frame.payload.split_first_chunk() {
                Some((number, rest))
                    if frame.payload.len() == len && rest.iter().all(|byte| *byte == b'.') =>
                {
                    let number = u64::from_be_bytes(*number);
                    found.misplaced += u64::from(last.is_some_and(|last| last >= number));
                    last = last.max(Some(number));
                }
                Some(_) | None => found.wrong += 1,
            }
        }
        ControlFlow::Continue(())
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if end.torn {
        return Err("the capture is torn".into());
    }
    Ok(found)
}
