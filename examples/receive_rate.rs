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
    pub(crate) mod pairs;
    pub(crate) mod receiving;
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
use netassist::model::Link;

use support::child;
use support::content::{Content, Sender, compare};
use support::numbers::grouped;
use support::pairs;
use support::receiving::{self, Recorded};
use support::recording::usual;
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
    pairs::table(
        (settings.n_pairs, settings.n_bytes, WANTED),
        || minimal(settings, folder.path()),
        || record(settings, folder.path()),
    )
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

fn record(settings: &Settings, folder: &Path) -> Result<Recorded, Box<dyn Error>> {
    let link = Link::TcpServer { local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into() };
    let Settings { n_bytes, content, .. } = *settings;
    receiving::record(
        usual(link),
        folder,
        |address| Sender { address, n_bytes, content, rate: 0 }.start(),
        (|totals| totals.received_bytes, n_bytes),
        |path| compare(path, content, n_bytes),
    )
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
