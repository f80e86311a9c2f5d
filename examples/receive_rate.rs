//! How fast one TCP connection is received and recorded, compared with a receiver that only writes a file.
//!
//! ```text
//! cargo run --release --example receive_rate -- --bytes 1500000000 --pairs 3 --folder /tmp
//! ```
//!
//! A child process sends over loopback as fast as possible. In each pair of runs a minimal receiver writes
//! the bytes to a file (64 KiB at a time, using only `std`), and a session records them as under the window
//! and the command line. Both write to the same folder, and one file is deleted before the next begins. Times
//! are from the start signal until the last byte is written and the end of the connection seen. As machines
//! are never idle, the result is the median of the ratios within the pairs; processor times show the cost of
//! each independently of other load.
//!
//! Finally each recording is exported and compared with what was sent, byte by byte.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod content;
    pub(crate) mod exit;
    pub(crate) mod numbers;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
    pub(crate) mod stopwatch;
}

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use netassist::model::{Event, Link};

use support::child;
use support::content::{Content, Sender, compare};
use support::numbers::{grouped, quantile, rate};

use support::recording::{PATIENCE, Recording};
use support::stopwatch::{Stopwatch, Took};

/// The lowest acceptable ratio to the rate of the minimal receiver.
const WANTED: f64 = 0.8;

#[derive(Parser)]
struct Settings {
    /// Bytes to send.
    #[arg(long = "bytes", default_value_t = 1_500_000_000)]
    n_bytes: u64,
    /// Pairs of runs.
    #[arg(long = "pairs", default_value_t = 3)]
    n_pairs: u32,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Kind of bytes: binary or text.
    #[arg(long, default_value_t = Content::Binary)]
    content: Content,
}

fn main() -> ExitCode {
    child::run(send, || measure(&Settings::parse()))
}

fn send(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    Ok(Sender::from_arguments(arguments)?.run()?)
}

/// Prints the table. False if the limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-rate-").tempdir_in(&settings.folder)?;
    println!(
        "one connection on 127.0.0.1, {} bytes per run, {}",
        grouped(settings.n_bytes),
        settings.content
    );
    println!("files in {} ({})", settings.folder.display(), file_system(&settings.folder));
    println!();
    println!("pair   minimal MB/s (CPU s)   recorded MB/s (CPU s)   ratio   recording");
    let mut ratios = Vec::new();
    let mut equal = true;
    for pair in 1..=settings.n_pairs {
        // Alternating the order cancels drift.
        let (plain, (recorded, difference)) = if pair % 2 == 1 {
            (minimal(settings, folder.path())?, record(settings, folder.path())?)
        } else {
            let recorded = record(settings, folder.path())?;
            (minimal(settings, folder.path())?, recorded)
        };
        let ratio = plain.wall / recorded.wall;
        ratios.push(ratio);
        equal &= difference.is_none();
        println!(
            "{pair:>4}   {:>12.0} ({:>5.2})   {:>13.0} ({:>5.2})   {ratio:>5.2}   {}",
            rate(settings.n_bytes, plain.wall),
            plain.processor,
            rate(settings.n_bytes, recorded.wall),
            recorded.processor,
            difference.unwrap_or_else(|| "equal to what was sent".to_owned()),
        );
    }
    let median = quantile(&ratios, 0.5);
    let reached = median >= WANTED;
    println!();
    println!(
        "median ratio {median:.2}, wanted {WANTED:.2} {}",
        if reached { "– reached" } else { "– MISSED" }
    );
    Ok(reached && equal)
}

/// The minimal receiver.
fn minimal(settings: &Settings, folder: &Path) -> Result<Took, Box<dyn Error>> {
    let path = folder.join("minimal");
    let mut file = File::create_new(&path)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let sender = Sender {
        address: listener.local_addr()?,
        n_bytes: settings.n_bytes,
        content: settings.content,
        rate: 0,
    };
    let mut child = sender.start()?;
    let (mut stream, _peer) = listener.accept()?;
    let mut buffer = vec![0; 64 * 1024];
    let mut received = 0;

    let watch = Stopwatch::start();
    child.go();
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        file.write_all(buffer.get(..n).unwrap_or_default())?;
        received += n as u64;
    }
    let took = watch.stop();

    child.finish()?;
    if received != settings.n_bytes {
        return Err(format!("the minimal receiver got {received} bytes").into());
    }
    drop(file);
    std::fs::remove_file(path)?;
    Ok(took)
}

/// A session that records; also returns what is wrong with the recording, if anything.
fn record(settings: &Settings, folder: &Path) -> Result<(Took, Option<String>), Box<dyn Error>> {
    let path = folder.join("recorded.pcapng");
    let link = Link::TcpServer { local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into() };
    let session = Recording::of_link(link, &path)?;
    let (address, _granted) = session.opened()?;
    let sender = Sender { address, n_bytes: settings.n_bytes, content: settings.content, rate: 0 };
    let mut child = sender.start()?;
    session.joined()?;

    let watch = Stopwatch::start();
    child.go();
    let mut received = 0;
    session.until(PATIENCE, |event| {
        if let Event::Recorded(batch) = event {
            received = batch.totals.received_bytes;
        }
        matches!(event, Event::Left(_)).then_some(())
    })?;
    let took = watch.stop();

    child.finish()?;
    session.close()?;
    let difference = if received == settings.n_bytes {
        compare(&path, settings.content, settings.n_bytes)?
    } else {
        Some(format!("received {received} bytes"))
    };
    std::fs::remove_file(path)?;
    Ok((took, difference))
}

/// The type of the file system, which makes a difference.
fn file_system(folder: &Path) -> String {
    // Linux: the mount with the longest path that contains the folder.
    let Ok(folder) = folder.canonicalize() else { return "unknown".to_owned() };
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let holding = mounts.filter(|(path, _kind)| folder.starts_with(path));
    match holding.max_by_key(|(path, _kind)| path.len()) {
        Some((_path, kind @ ("tmpfs" | "ramfs"))) => format!("{kind}: in memory"),
        Some((_path, kind)) => format!("{kind}, a disk"),
        None => "unknown file system".to_owned(),
    }
}
