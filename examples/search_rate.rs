//! How fast a capture is searched, compared with a search for plain bytes in memory.
//!
//! ```text
//! cargo run --release --example search_rate -- --bytes 1000000000 --runs 5 --folder /tmp
//! ```
//!
//! Writes captures of lines of text over one TCP connection, with a few occurrences of the needle: one in
//! records of maximum length, one in records of 100 bytes. Each is searched as the window does, by record and
//! across records, and filtered by content; for plain bytes, for text in any case, and for a regular
//! expression without a literal. The file is in the page cache. Rates are in bytes of the file, and medians
//! of all runs; the ratio is to `memchr::memmem` on the same file in memory. The limits are rates per second
//! of processor time where that is known, because the machine may be busy.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod captures;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod content;
    pub(crate) mod exit;
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod stopwatch;
}

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use memchr::memmem;
use netassist::analysis::{Borders, CaptureFilter, Items, Progress, Search, Source};
use netassist::codec::Charset;
use netassist::codec::query::{CaseRule, Query, QueryKind};
use netassist::journal::{Reader, Writer};
use netassist::model::{Cast, Direction, Index, Origin, Recorder as _, Stamp, Transport, Which};

use support::captures::index;
use support::content::{Content, Stream};
use support::exit::exit_code;
use support::numbers::{grouped, quantile, rate};
use support::stopwatch::Stopwatch;

/// The lowest acceptable rates in bytes of the file per second: for plain bytes, and for a regular
/// expression.
const WANTED: [f64; 2] = [1.5e9, 3e8];

/// The needle. The rest of the text has no capitals and no digits.
const NEEDLE: &str = "Needle 2026-11-21";

/// The distance of needles in bytes.
const EVERY: u64 = 10_000_000;

#[derive(Parser)]
struct Settings {
    /// Bytes of data.
    #[arg(long = "bytes", default_value_t = 1_000_000_000)]
    n_bytes: u64,
    /// How often each is measured.
    #[arg(long = "runs", default_value_t = 5)]
    n_runs: u32,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    exit_code(measure(&Settings::parse()))
}

/// Prints the table. False if a limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-search-").tempdir_in(&settings.folder)?;
    let path = folder.path().join("searched.pcapng");
    println!("{} bytes of payload, {} runs each", grouped(settings.n_bytes), settings.n_runs);
    let query = |kind, text, case| Query::parse(kind, text, Charset::Utf8, case);
    let queries = [
        ("plain", query(QueryKind::Text, NEEDLE, CaseRule::Exact)?, WANTED[0]),
        ("any case", query(QueryKind::Text, "nEEDLE 2026-11-21", CaseRule::Ignore)?, WANTED[1]),
        ("regex", query(QueryKind::Regex, r"[A-Z][a-z]+ [0-9]{4}", CaseRule::Exact)?, WANTED[1]),
    ];
    let mut reached = true;
    for record in [65_495, 100] {
        let n_needles = write(&path, settings.n_bytes, record)?;
        let file_bytes = std::fs::metadata(&path)?.len();
        let capture = Capture { index: index(&path)?, reader: Reader::open(&path)? };
        println!();
        println!(
            "records of {record} bytes: {} in {} bytes",
            grouped(capture.index.len()),
            grouped(file_bytes)
        );
        println!("searched for   how                   MB/s   ratio   CPU s   MB/CPU s");
        let in_memory = in_memory(&path, settings.n_runs)?;
        println!("plain          in memory         {:>8.0}    1.00", rate(file_bytes, in_memory));
        for (name, query, wanted) in &queries {
            for how in [How::Apart, How::Joined, How::CaptureFilter] {
                let (mut times, mut processor) = (Vec::new(), Vec::new());
                for _ in 0..settings.n_runs {
                    let watch = Stopwatch::start();
                    let found = capture.find(query, how)?;
                    let took = watch.stop();
                    times.push(took.wall);
                    processor.push(took.processor);
                    // When searching by record, a needle may span two records.
                    let expected = found == n_needles || how != How::Joined && found < n_needles && found > 0;
                    if !expected {
                        return Err(format!("found {found} of {n_needles}").into());
                    }
                }
                let time = quantile(&times, 0.5);
                let (ratio, processor) = (in_memory / time, quantile(&processor, 0.5));
                let cost = rate(file_bytes, if processor > 0.0 { processor } else { time });
                let missed = if cost * 1e6 < *wanted { " MISSED" } else { "" };
                reached &= missed.is_empty();
                let (rate, how) = (rate(file_bytes, time), how.name());
                println!(
                    "{name:<12}   {how:<17} {rate:>8.0}   {ratio:>5.2}   {processor:>5.2}   {cost:>8.0}{missed}"
                );
            }
        }
        std::fs::remove_file(&path)?;
    }
    println!();
    println!("limits: {:.0} MB/s for plain bytes, {:.0} for the others", WANTED[0] / 1e6, WANTED[1] / 1e6);
    Ok(reached)
}

/// Writes a capture of `n_bytes` bytes in records of `record` bytes; returns the number of needles.
fn write(path: &Path, n_bytes: u64, record: usize) -> Result<u64, Box<dyn Error>> {
    let mut writer = Writer::create(path)?;
    let (local, peer) = ("127.0.0.1:1".parse()?, "127.0.0.1:2".parse()?);
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1)).id;
    let mut stream = Stream::new(Content::Text);
    let (mut at, mut n_needles, mut next) = (0, 0, EVERY / 2);
    let mut pending = Vec::new();
    let mut n = 1;
    while at < n_bytes {
        let mut block = stream.block(0).to_vec();
        // The number at the start of the block could match.
        block.get_mut(..16).unwrap_or_default().fill(b'x');
        if at >= next {
            let offset = usize::try_from(at).unwrap_or_default() % 60_000;
            block
                .get_mut(offset..offset + NEEDLE.len())
                .unwrap_or_default()
                .copy_from_slice(NEEDLE.as_bytes());
            (n_needles, next) = (n_needles + 1, next + EVERY);
        }
        at += block.len() as u64;
        pending.extend(block);
        let whole = pending.len() - pending.len() % record;
        for bytes in pending.get(..whole).unwrap_or_default().chunks(record) {
            n += 1;
            writer.data(flow, Direction::Received, Cast::Unicast, true, bytes, Stamp(n));
        }
        pending.drain(..whole);
        writer.commit()?;
        writer.take_records(&mut Vec::new());
    }
    writer.data(flow, Direction::Received, Cast::Unicast, true, &pending, Stamp(n + 1));
    writer.commit()?;
    Ok(n_needles)
}

/// Seconds that a search for plain bytes in memory takes.
fn in_memory(path: &Path, n_runs: u32) -> Result<f64, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let mut times = Vec::new();
    for _ in 0..n_runs {
        let watch = Stopwatch::start();
        let n = memmem::find_iter(&bytes, NEEDLE).count();
        times.push(watch.stop().wall);
        if n == 0 {
            return Err("nothing found in memory".into());
        }
    }
    Ok(quantile(&times, 0.5))
}

/// How a capture is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Apart,
    Joined,
    CaptureFilter,
}

impl How {
    fn name(self) -> &'static str {
        match self {
            Self::Apart => "in records",
            Self::Joined => "over borders",
            Self::CaptureFilter => "as a filter",
        }
    }
}

struct Capture {
    index: Index,
    reader: Reader,
}

impl Capture {
    /// The number of hits.
    fn find(&self, query: &Query, how: How) -> Result<u64, Box<dyn Error>> {
        let items = Items::records(Source { index: &self.index, reader: &self.reader });
        let borders = match how {
            How::Apart => Borders::Apart,
            How::Joined => Borders::Joined,
            How::CaptureFilter => {
                let mut filter = CaptureFilter::new(Which::default(), Some(query.clone()));
                let mut passed = Vec::new();
                while filter.advance(&items, &BTreeMap::new(), &mut passed)? == Progress::More {}
                return Ok(passed.len() as u64);
            }
        };
        let mut search = Search::new(query.clone(), borders, 0);
        while search.advance(&items)? == Progress::More {}
        Ok(search.found().hits.len())
    }
}
