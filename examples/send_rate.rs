//! How fast a file is sent over one TCP connection and recorded, compared with a loop that only does that.
//!
//! ```text
//! cargo run --release --example send_rate -- --bytes 1500000000 --pairs 3 --folder /tmp
//! ```
//!
//! A child process receives over loopback as fast as possible, and compares the bytes with the file. In each
//! pair of runs a minimal loop reads the file, sends it and writes what it sent to another file (64 KiB at a
//! time, using only `std`), and a session sends the file and records it as under the window and the command
//! line. Times are from the command to send until the child has seen the end of the connection. The result is
//! the median of the ratios within the pairs; processor times show the cost of each independently of other
//! load.
//!
//! There is no limit. The minimal loop writes pieces of 64 KiB to its file, which ext4 handles with a third
//! less work than pieces of other lengths or offsets, or sometimes with several times the work. A session
//! sends as many bytes at once as fill such a piece of the capture. In memory (tmpfs) there is no such
//! difference.
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
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use netassist::model::{Event, FileToSend, Link, SendPart, SocketCommand, Target};

use support::child::{self, Child};
use support::content::{Comparison, Content, Stream};
use support::numbers::{grouped, quantile, rate};

use support::recording::{PATIENCE, Recording};
use support::stopwatch::{Stopwatch, Took};

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
}

fn main() -> ExitCode {
    child::run(receive, || measure(&Settings::parse()).map(|()| true))
}

/// The child: `BYTES`. Prints its address, accepts one connection, and fails if the bytes differ from the
/// file.
fn receive(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [n_bytes] = arguments else { return Err("BYTES".into()) };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?);
    let (mut stream, _peer) = listener.accept()?;
    let mut buffer = vec![0; 256 * 1024];
    let mut comparison = Comparison::new(Content::Binary);
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        comparison.write_all(buffer.get(..n).unwrap_or_default())?;
    }
    match comparison.verdict(n_bytes.parse()?) {
        None => Ok(()),
        Some(difference) => Err(difference.into()),
    }
}

/// Prints the table.
fn measure(settings: &Settings) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-rate-").tempdir_in(&settings.folder)?;
    println!(
        "a file of {} bytes to 127.0.0.1, files in {}",
        grouped(settings.n_bytes),
        settings.folder.display()
    );
    println!();
    println!("pair   minimal MB/s (CPU s)   recorded MB/s (CPU s)   ratio");
    let file = folder.path().join("to-send");
    let mut to = io::BufWriter::new(File::create_new(&file)?);
    Stream::new(Content::Binary).write(settings.n_bytes, &mut to)?;
    to.flush()?;
    // Otherwise the disk would still be busy with it during the first runs.
    to.get_ref().sync_all()?;
    drop(to);
    let mut ratios = Vec::new();
    for pair in 1..=settings.n_pairs {
        // Alternating the order cancels drift.
        let (plain, recorded) = if pair % 2 == 1 {
            (minimal(settings, &file, folder.path())?, record(settings, &file, folder.path())?)
        } else {
            let recorded = record(settings, &file, folder.path())?;
            (minimal(settings, &file, folder.path())?, recorded)
        };
        let ratio = plain.wall / recorded.wall;
        ratios.push(ratio);
        let [a, b] = [plain, recorded].map(|took| rate(settings.n_bytes, took.wall));
        let (c, d) = (plain.processor, recorded.processor);
        println!("{pair:>4}   {a:>12.0} ({c:>5.2})   {b:>13.0} ({d:>5.2})   {ratio:>5.2}");
    }
    println!();
    println!("median ratio {:.2}", quantile(&ratios, 0.5));
    println!("all bytes received equal those of the file");
    Ok(())
}

fn receiver(settings: &Settings) -> Result<(Child, SocketAddr), Box<dyn Error>> {
    let mut child = Child::start(&[settings.n_bytes.to_string()])?;
    let address = child.line()?.trim().parse()?;
    Ok((child, address))
}

/// The minimal loop.
fn minimal(settings: &Settings, file: &Path, folder: &Path) -> Result<Took, Box<dyn Error>> {
    let (child, address) = receiver(settings)?;
    let path = folder.join("minimal");
    let mut copy = File::create_new(&path)?;
    let mut stream = TcpStream::connect(address)?;
    let mut buffer = vec![0; 64 * 1024];

    let watch = Stopwatch::start();
    let mut file = File::open(file)?;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        let bytes = buffer.get(..n).unwrap_or_default();
        stream.write_all(bytes)?;
        copy.write_all(bytes)?;
    }
    stream.shutdown(Shutdown::Write)?;
    child.finish()?;
    let took = watch.stop();

    drop(copy);
    std::fs::remove_file(path)?;
    Ok(took)
}

/// A session that records.
fn record(settings: &Settings, file: &Path, folder: &Path) -> Result<Took, Box<dyn Error>> {
    let (child, address) = receiver(settings)?;
    let path = folder.join("recorded.pcapng");
    let session = Recording::of_link(Link::TcpClient { remote: address.into(), local: None }, &path)?;
    session.joined()?;

    let watch = Stopwatch::start();
    session
        .order(SocketCommand::Send { to: Target::All, what: SendPart::File(FileToSend::raw(file).into()) })?;
    session.order(SocketCommand::HalfClose(Target::All))?;
    let mut sent = 0;
    session.until(PATIENCE, |event| {
        if let Event::Recorded(batch) = event {
            sent = batch.totals.sent_bytes;
        }
        (*event == Event::Closed(None)).then_some(())
    })?;
    child.finish()?;
    let took = watch.stop();

    if sent != settings.n_bytes {
        return Err(format!("the session sent {sent} bytes").into());
    }
    drop(session);
    std::fs::remove_file(path)?;
    Ok(took)
}
