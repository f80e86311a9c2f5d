//! How many WebSocket messages are received and recorded in a second, both as they are on the wire and unmasked.
//!
//! ```text
//! cargo run --release --example ws_rate -- --messages 2000000 --runs 3 --folder /tmp
//! ```
//!
//! A child process sends masked binary messages of 1 KiB over loopback as fast as possible, and a session records. The
//! result is the median of the runs. Finally the messages of each recording are compared with what was sent, byte by byte.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod child;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod content;
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    pub(crate) mod receiving;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod recording;
    pub(crate) mod stopwatch;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod wires;
}

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use netassist::codec::websocket::{Opcode, close, mask, push_head};
use netassist::model::{Link, Options, WebSocket};
use netassist::net::Setup;

use support::child::{self, Child};
use support::content::{Content, Stream, compare};
use support::numbers::{grouped, quantile};
use support::receiving::{self, Recorded};
use support::recording::usual;
use support::wires::upgrade;

/// The length of a message.
const LEN: usize = 1024;

/// How many messages are written at once: a block of the content.
const AT_ONCE: usize = 64;

/// The lowest acceptable rate, in messages per second.
const WANTED: f64 = 200_000.0;

#[derive(Parser)]
struct Settings {
    /// Messages to send, a multiple of 64.
    #[arg(long = "messages", default_value_t = 2_000_000)]
    n_messages: u64,
    /// Runs.
    #[arg(long = "runs", default_value_t = 3)]
    n_runs: u32,
    /// Folder for captures.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    child::run(send, || measure(&Settings::parse()))
}

/// The child: the address, and how many messages.
fn send(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [address, n_messages] = arguments else { return Err("two arguments".into()) };
    let mut stream = TcpStream::connect(address)?;
    upgrade(&mut stream)?;
    child::wait_for_go()?;
    let (mut content, mut wire) = (Stream::new(Content::Binary), Vec::new());
    for block in 0..n_messages.parse::<u64>()? / AT_ONCE as u64 {
        wire.clear();
        for (n, message) in (0..).zip(content.block(block).chunks(LEN)) {
            let key = [n, 1, 2, 3];
            push_head(&mut wire, Opcode::Binary, message.len() as u64, Some(key));
            let begin = wire.len();
            wire.extend_from_slice(message);
            mask(wire.get_mut(begin..).unwrap_or_default(), key, 0);
        }
        stream.write_all(&wire)?;
    }
    let mut last = Vec::new();
    push_head(&mut last, Opcode::Close, 2, Some([0; 4]));
    last.extend(close(1000, ""));
    stream.write_all(&last)?;
    // The end of the other side.
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Prints the table. False if the limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-ws-rate-").tempdir_in(&settings.folder)?;
    println!(
        "WebSocket on 127.0.0.1, {} messages of {LEN} bytes per run, files in {}",
        grouped(settings.n_messages),
        settings.folder.display()
    );
    println!();
    println!("run   messages/s   CPU s   recording");
    let (mut rates, mut equal) = (Vec::new(), true);
    for run in 1..=settings.n_runs {
        let (took, difference) = record(settings, folder.path())?;
        #[expect(clippy::cast_precision_loss, reason = "some millions")]
        let rate = settings.n_messages as f64 / took.wall;
        rates.push(rate);
        equal &= difference.is_none();
        println!(
            "{run:>3}   {rate:>10.0}   {:>5.2}   {}",
            took.processor,
            difference.unwrap_or_else(|| "equal to what was sent".to_owned()),
        );
    }
    let median = quantile(&rates, 0.5);
    let reached = median >= WANTED;
    println!();
    println!("median {median:.0}/s, wanted {WANTED:.0}/s {}", if reached { "– reached" } else { "– MISSED" });
    Ok(reached && equal)
}

fn record(settings: &Settings, folder: &Path) -> Result<Recorded, Box<dyn Error>> {
    let link = Link::TcpServer { local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into() };
    let ws = WebSocket { on: true, ..WebSocket::default() };
    let n = settings.n_messages;
    receiving::record(
        Setup { options: Options { ws, ..Options::default() }, ..usual(link) },
        folder,
        |address| Child::start(&[address.to_string(), n.to_string()]),
        (|totals| totals.received_messages, n),
        |path| compare(path, Content::Binary, n * LEN as u64),
    )
}
