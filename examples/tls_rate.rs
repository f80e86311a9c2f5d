//! How fast TLS 1.3 is received and recorded, both on the wire and decrypted, compared with a receiver that only writes
//! the decrypted bytes to a file.
//!
//! ```text
//! cargo run --release --example tls_rate -- --bytes 1500000000 --pairs 3 --folder /tmp
//! ```
//!
//! A child process sends over loopback as fast as possible. In each pair of runs a minimal receiver (rustls's buffered API,
//! 64 KiB at a time) writes the decrypted bytes to a file, and a session records. Both have the same certificate. The
//! result is the median of the ratios within the pairs; a second table is against a minimal receiver that writes the bytes
//! of the wire to another file. Finally what each recording has decrypted is compared with what was sent, byte by byte.
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
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod wires;
}

use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use netassist::model::{Link, Options, Tls};
use netassist::net::Setup;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::TLS13;
use rustls::{ClientConnection, ServerConfig, ServerConnection, StreamOwned};

use support::child::{self, Child};
use support::content::{Content, Stream, compare};
use support::numbers::grouped;
use support::pairs;
use support::receiving::{self, Recorded};
use support::recording::usual;
use support::stopwatch::{Stopwatch, Took};
use support::wires::trusting;

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
}

fn main() -> ExitCode {
    child::run(send, || measure(&Settings::parse()))
}

/// The child: the address, the certificate to trust, and how many bytes.
fn send(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [address, trusted, n_bytes] = arguments else { return Err("three arguments".into()) };
    let name = ServerName::try_from("127.0.0.1")?;
    let connection = ClientConnection::new(trusting(Path::new(trusted), &[&TLS13])?, name)?;
    let stream = TcpStream::connect(address)?;
    child::wait_for_go()?;
    let mut tls = StreamOwned::new(connection, stream);
    Stream::new(Content::Binary).write(n_bytes.parse()?, &mut tls)?;
    tls.conn.send_close_notify();
    tls.flush()?;
    // The end of the other side.
    tls.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Prints the table. False if the limit was missed.
fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::Builder::new().prefix("netassist-tls-rate-").tempdir_in(&settings.folder)?;
    let key = rcgen::KeyPair::generate()?;
    let made = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    std::fs::write(folder.path().join("both.pem"), made.pem() + &key.serialize_pem())?;
    println!(
        "TLS 1.3 on 127.0.0.1, {} bytes per run, files in {}",
        grouped(settings.n_bytes),
        settings.folder.display()
    );
    let pairs = |of_wire, wanted| {
        pairs::table(
            (settings.n_pairs, settings.n_bytes, wanted),
            || minimal(settings, folder.path(), of_wire),
            || record(settings, folder.path()),
        )
    };
    let reached = pairs(false, WANTED)?;
    println!();
    println!("The same, against a minimal receiver that writes what is on the wire as well:");
    Ok(pairs(true, WANTED)? && reached)
}

fn sender(address: SocketAddr, settings: &Settings, folder: &Path) -> std::io::Result<Child> {
    let trusted = folder.join("both.pem").display().to_string();
    Child::start(&[address.to_string(), trusted, settings.n_bytes.to_string()])
}

/// The minimal receiver, which may write what is on the wire as well.
fn minimal(settings: &Settings, folder: &Path, of_wire: bool) -> Result<Took, Box<dyn Error>> {
    let both = folder.join("both.pem");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(&both)?],
            PrivateKeyDer::from_pem_file(&both)?,
        )?;
    let mut tls = ServerConnection::new(Arc::new(config))?;
    let [path, wire_path] = ["minimal", "wire"].map(|name| folder.join(name));
    let mut file = File::create_new(&path)?;
    let mut wire = of_wire.then(|| File::create_new(&wire_path)).transpose()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut child = sender(listener.local_addr()?, settings, folder)?;
    let (mut stream, _peer) = listener.accept()?;
    let mut buffer = vec![0; 64 * 1024];
    let mut received = 0;

    let watch = Stopwatch::start();
    child.go();
    let mut is_open = true;
    while is_open {
        let n = stream.read(&mut buffer)?;
        let mut bytes = buffer.get(..n).unwrap_or_default();
        wire.as_mut().map_or(Ok(()), |wire| wire.write_all(bytes))?;
        while !bytes.is_empty() && is_open {
            tls.read_tls(&mut bytes)?;
            let state = tls.process_new_packets()?;
            is_open = !state.peer_has_closed();
            let mut reader = tls.reader();
            while let Ok(plain) = reader.fill_buf() {
                let n = plain.len();
                if n == 0 {
                    break;
                }
                file.write_all(plain)?;
                received += n as u64;
                reader.consume(n);
            }
        }
        while tls.wants_write() {
            tls.write_tls(&mut stream)?;
        }
    }
    let took = watch.stop();

    tls.send_close_notify();
    while tls.wants_write() {
        tls.write_tls(&mut stream)?;
    }
    drop(stream);
    child.finish()?;
    if received != settings.n_bytes {
        return Err(format!("the minimal receiver got {received} bytes").into());
    }
    drop(file);
    std::fs::remove_file(path)?;
    if wire.take().is_some() {
        std::fs::remove_file(wire_path)?;
    }
    Ok(took)
}

fn record(settings: &Settings, folder: &Path) -> Result<Recorded, Box<dyn Error>> {
    let link = Link::TcpServer { local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into() };
    let tls = Tls { on: true, only_1_3: true, cert: Some(folder.join("both.pem")), ..Tls::default() };
    receiving::record(
        Setup { options: Options { tls, ..Options::default() }, ..usual(link) },
        folder,
        |address| sender(address, settings, folder),
        (|totals| totals.received_bytes, settings.n_bytes),
        |path| compare(path, Content::Binary, settings.n_bytes),
    )
}
