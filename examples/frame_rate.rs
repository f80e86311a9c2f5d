//! How fast a capture is split into messages, from a file in the page cache.
//!
//! ```text
//! cargo run --release --example frame_rate -- --bytes 1000000000
//! ```
//!
//! Writes captures of the same bytes in records of 64 KiB and of 100 bytes, over one connection and over a
//! thousand that alternate, and splits each by several framings, as the window does. Every byte must be in a
//! message. Rates are per second of processor time, because the machine may be busy; one thread does all the
//! work.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    pub(crate) mod stopwatch;
}

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use netassist::analysis::{CaptureFramer, Progress};
use netassist::codec::frame::Framing;
use netassist::journal::{Reader, Writer};
use netassist::model::{
    Cast, Chunked, Direction, Index, Message, Origin, Recorder as _, Stamp, Transport, Wholeness,
};

use support::exit::exit_code;
use support::numbers::{grouped, quantile};
use support::stopwatch::Stopwatch;

/// Bytes per line, including its end.
const LINE: usize = 65;

/// Bytes per record, and number of connections.
const SHAPES: [(usize, usize); 4] = [(65_536, 1), (100, 1), (100, 1000), (1_000, 1)];

/// The framings.
const FRAMINGS: [&str; 7] =
    ["none", "line", "delimiter:0A", "delimiter:0D0A", "fixed:65536", "length:0:2:be", "idle:20ms"];

#[derive(Parser)]
struct Settings {
    /// Bytes of data.
    #[arg(long, default_value_t = 1_000_000_000)]
    bytes: usize,
    /// How often each is measured.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    exit_code(measure(&Settings::parse()))
}

fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(&settings.folder)?;
    println!(
        "{:>7} {:>6}  {:<15} {:>12} {:>9} {:>12} {:>14}",
        "record", "flows", "framing", "messages", "MB/s", "records/s", "messages/s"
    );
    let mut all_there = true;
    for (len, n_flows) in SHAPES {
        let path = folder.path().join("capture.pcapng");
        let index = write(&path, settings.bytes, len, n_flows)?;
        let reader = Reader::open(&path)?;
        for framing in FRAMINGS {
            let run = || cut(&index, &reader, &framing.parse()?);
            let mut seconds = Vec::new();
            let mut messages = run()?;
            for _ in 0..settings.runs {
                let watch = Stopwatch::start();
                messages = run()?;
                let took = watch.stop();
                // Where processor time is unknown, use wall-clock time.
                seconds.push(if took.processor > 0.0 { took.processor } else { took.wall });
            }
            all_there &= whole(&index, &messages);
            let seconds = quantile(&seconds, 0.5);
            println!(
                "{len:>7} {n_flows:>6}  {framing:<15} {:>12} {:>9} {:>12} {:>14}",
                grouped(messages.len()),
                rate(settings.bytes / 1_000_000, seconds),
                rate(usize::try_from(index.len())?, seconds),
                rate(usize::try_from(messages.len())?, seconds),
            );
        }
        std::fs::remove_file(&path)?;
    }
    println!("{}", if all_there { "every byte is in a message" } else { "BYTES ARE MISSING" });
    Ok(all_there)
}

/// Writes lines of 64 letters, split into records at arbitrary places.
fn write(path: &Path, bytes: usize, len: usize, n_flows: usize) -> Result<Index, Box<dyn Error>> {
    let mut writer = Writer::create(path)?;
    let mut index = Index::default();
    let mut flows = Vec::new();
    for n in 0..n_flows {
        let peer = ([127, 0, 0, 1], u16::try_from(n + 1)?).into();
        let flow = writer.flow(Transport::Tcp, "127.0.0.1:9".parse()?, peer, Origin::Accepted, Stamp(1));
        flows.push(flow.id);
        index.add_flow(&flow);
    }
    let line: Vec<u8> = (b'!'..).take(LINE - 1).chain([b'\n']).collect();
    let stream = line.repeat(len / LINE + 2);
    let mut records = Vec::new();
    for (n, flow) in (0..bytes.div_ceil(len)).zip(flows.iter().cycle()) {
        let skip = n / n_flows * len % LINE;
        let read = stream.get(skip..skip + len).unwrap_or_default();
        // Shortly after the previous record; every hundredth one after a pause.
        let at = Stamp(1_000 * n as u64 + 50_000_000 * (n as u64 / 100));
        writer.data(*flow, Direction::Received, Cast::Unicast, true, read, at);
        if n % 1024 == 0 {
            writer.commit()?;
            writer.take_records(&mut records);
            index.extend(&records);
            records.clear();
        }
    }
    writer.commit()?;
    writer.take_records(&mut records);
    index.extend(&records);
    Ok(index)
}

/// All messages, including open ones.
fn cut(index: &Index, reader: &Reader, framing: &Framing) -> Result<Chunked<Message>, Box<dyn Error>> {
    let mut framer = CaptureFramer::new(framing);
    let mut messages = Chunked::default();
    let mut found = Vec::new();
    loop {
        let progress = framer.advance(index, reader, &mut found)?;
        messages.extend_from_slice(&found);
        found.clear();
        if progress == Progress::CaughtUp {
            break;
        }
    }
    messages.extend_from_slice(&framer.tails());
    Ok(messages)
}

/// Whether messages and records have the same number of bytes.
fn whole(index: &Index, messages: &Chunked<Message>) -> bool {
    let records: u64 = index.records().slices(0).flatten().map(|record| u64::from(record.len)).sum();
    let all = || messages.slices(0).flatten();
    let open = all().filter(|message| message.wholeness() == Wholeness::Open).count();
    all().map(|message| u64::from(message.len())).sum::<u64>() == records && open <= 1000
}

/// The rate per second.
fn rate(n: usize, seconds: f64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is approximate"
    )]
    let rate = (n as f64 / seconds) as u64;
    grouped(rate)
}
