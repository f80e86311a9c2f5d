//! How fast a capture is saved, compared with a plain copy of the same bytes on the same disk.
//!
//! ```text
//! cargo run --release --example export_rate -- --bytes 1073741824 --folder /var/tmp
//! ```
//!
//! Makes one capture of long records and one of short ones with the same amount of data, saves what was
//! received, and copies the result with the system's own function. The two alternate; the medians are
//! compared. Everything is in the page cache, memory permitting.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod captures;
    pub(crate) mod exit;
    pub(crate) mod numbers;
}

use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use jiff::tz::TimeZone;
use netassist::codec::Charset;
use netassist::export::{self, Body, Destination, Format, Scope, Selection, Style};
use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Origin, Recorder as _, SentCharsets, Stamp, Transport};

use support::captures::index;
use support::exit::exit_code;
use support::numbers::{grouped, quantile, rate};

/// Bytes per record, and the required speed of saving a whole capture, relative to a copy.
const KINDS: [(usize, f64); 2] = [(65_495, 0.7), (100, 0.3)];

#[derive(Parser)]
struct Settings {
    /// Bytes of data.
    #[arg(long = "bytes", default_value_t = 1 << 30)]
    n_bytes: u64,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// How often each is measured.
    #[arg(long = "rounds", default_value_t = 5)]
    n_rounds: u32,
}

fn main() -> ExitCode {
    exit_code(measure(&Settings::parse()))
}

/// Prints the table; false if a limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-export-").tempdir_in(&settings.folder)?;
    println!(
        "{} bytes of data, medians of {} rounds, in {}",
        grouped(settings.n_bytes),
        settings.n_rounds,
        settings.folder.display()
    );
    println!();
    println!("record  what                      seconds     GB/s   of a copy    limit");
    let mut kept = true;
    for (len, limit) in KINDS {
        let capture = folder.path().join(format!("{len}.pcapng"));
        write(&capture, settings.n_bytes, len)?;
        kept &= rounds(settings, &capture, len, limit)?;
        std::fs::remove_file(&capture)?;
    }
    Ok(kept)
}

/// Writes a capture with `n_bytes` received bytes in records of `len` bytes.
fn write(path: &Path, n_bytes: u64, len: usize) -> Result<(), Box<dyn Error>> {
    let mut writer = Writer::create(path)?;
    let (local, peer) = ("127.0.0.1:1".parse()?, "127.0.0.1:2".parse()?);
    let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(1)).id;
    let pattern: Vec<u8> = (0..251).cycle().take(len + 251).collect();
    let mut told = Vec::new();
    let mut left = n_bytes;
    for n in 0_u64.. {
        let skip = usize::try_from(n % 251)?;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(len);
        let bytes = pattern.get(skip..skip + most).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        writer.data(flow, Direction::Received, Cast::Unicast, true, bytes, Stamp(n));
        left -= bytes.len() as u64;
        if n % 1000 == 0 {
            writer.commit()?;
            told.clear();
            writer.take_records(&mut told);
        }
    }
    writer.finish(Some(0), Stamp(u64::MAX));
    Ok(writer.commit()?)
}

fn rounds(settings: &Settings, capture: &Path, len: usize, limit: f64) -> Result<bool, Box<dyn Error>> {
    let folder = capture.parent().unwrap_or(Path::new("."));
    let [saved, copied, source] = ["saved.bin", "copied.bin", "source.bin"].map(|name| folder.join(name));
    // The source must be on disk already, or copying would wait for that.
    save(capture, &Scope::ALL, &source)?;
    let n_saved = std::fs::metadata(&source)?.len();
    if n_saved != settings.n_bytes {
        return Err(format!("{} bytes were saved", grouped(n_saved)).into());
    }
    for path in [capture, &source] {
        std::fs::File::open(path)?.sync_all()?;
    }
    let part = Scope::Part(Selection { index: index(capture)?, ..Selection::default() });
    let (mut plain, mut wholes, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    // One more round to warm up.
    for round in 0..=settings.n_rounds {
        let whole = timed(|| save(capture, &Scope::ALL, &saved))?;
        std::fs::remove_file(&saved)?;
        let copy = timed(|| copy(&source, &copied))?;
        std::fs::remove_file(&copied)?;
        let all = timed(|| save(capture, &part, &saved))?;
        std::fs::remove_file(&saved)?;
        if round > 0 {
            plain.push(copy);
            wholes.push(whole);
            parts.push(all);
        }
    }
    std::fs::remove_file(&source)?;
    let copy = quantile(&plain, 0.5);
    let mut kept = true;
    for (name, times, limit) in [
        ("copy", &plain, None),
        ("whole capture", &wholes, Some(limit)),
        ("all records selected", &parts, None),
    ] {
        let seconds = quantile(times, 0.5);
        let rate = rate(settings.n_bytes, seconds) / 1e3;
        let ratio = copy / seconds;
        let verdict = match limit {
            None => String::new(),
            Some(limit) if ratio >= limit => format!("{limit:.2}"),
            Some(limit) => format!("{limit:.2} MISSED"),
        };
        kept &= limit.is_none_or(|limit| ratio >= limit);
        println!("{len:>6}  {name:<22} {seconds:>10.3} {rate:>8.2} {ratio:>11.2} {verdict:>8}");
    }
    Ok(kept)
}

fn timed(work: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64())
}

fn save(capture: &Path, scope: &Scope, path: &Path) -> Result<(), Box<dyn Error>> {
    let style = Style {
        charset: Charset::Utf8,
        charsets: Arc::default(),
        sent_charsets: SentCharsets::default(),
        body: Body::Hex,
        zone: TimeZone::UTC,
        notes: None,
        words: None,
        marked: false,
    };
    let to = Destination { path: path.to_owned(), overwrite: true };
    let mut go_on = |_done, _total| ControlFlow::Continue(());
    Ok(export::to_file(capture, scope, Format::RawReceived, &style, &to, &mut go_on)?)
}

fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::copy(from, to)?;
    Ok(())
}
