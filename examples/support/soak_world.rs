//! What surrounds a soak: a server for its cycle, a disk that becomes full, a clock that is set.

use std::error::Error;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::numbers::grouped;
use super::tallies::Tally;

/// How often the clock is set.
const STEP: Duration = Duration::from_secs(20);

/// How long the disk stays full.
const FULL: Duration = Duration::from_secs(5);

/// The most bytes of a file system that is filled.
const SMALL: u64 = 16 << 30;

/// A server that takes one connection and reads it to its end.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    told: Receiver<std::io::Result<Tally>>,
}

impl Sink {
    pub(crate) fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, told) = channel();
        thread::spawn(move || {
            let read = || {
                let (mut stream, _) = listener.accept()?;
                let mut tally = Tally::default();
                let mut buffer = vec![0; 65536];
                loop {
                    match stream.read(&mut buffer)? {
                        0 => return Ok(tally),
                        n => tally.add(buffer.get(..n).unwrap_or_default()),
                    }
                }
            };
            // Fails only if nobody waits any more.
            drop(sender.send(read()));
        });
        Ok(Self { address, told })
    }

    /// What came, once it has ended.
    pub(crate) fn told(self, patience: Duration) -> Result<Tally, Box<dyn Error>> {
        Ok(self.told.recv_timeout(patience)??)
    }
}

/// Fills the file system of a folder for some seconds, again and again.
pub(crate) fn fill_again_and_again(folder: &Path, every: Duration) -> Result<(), Box<dyn Error>> {
    let size = file_system_bytes(folder)?;
    if size > SMALL {
        return Err(format!("{} is no small file system: {} bytes", folder.display(), grouped(size)).into());
    }
    let path = folder.join("filler");
    thread::spawn(move || {
        loop {
            thread::sleep(every);
            let Ok(mut file) = File::create(&path) else { return };
            let block = vec![0; 1 << 20];
            while file.write_all(&block).is_ok() {}
            for byte in block.chunks(1).take(1 << 20) {
                if file.write_all(byte).is_err() {
                    break;
                }
            }
            println!("disk full");
            thread::sleep(FULL);
            drop(fs::remove_file(&path));
            println!("disk freed");
        }
    });
    Ok(())
}

/// Sets the wall clock an hour back and forth.
pub(crate) fn step_again_and_again(clock: PathBuf) {
    thread::spawn(move || {
        for offset in ["-3600", "+0", "+3600", "-7200"].into_iter().cycle() {
            thread::sleep(STEP);
            if fs::write(&clock, offset).is_err() {
                return;
            }
            println!("clock {offset}");
        }
    });
}

/// The size of the file system of a folder.
#[cfg(unix)]
fn file_system_bytes(folder: &Path) -> std::io::Result<u64> {
    let output = std::process::Command::new("df").args(["--output=size", "-B1"]).arg(folder).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .nth(1)
        .and_then(|line| line.trim().parse().ok())
        .ok_or(std::io::ErrorKind::InvalidData.into())
}

#[cfg(not(unix))]
fn file_system_bytes(_folder: &Path) -> std::io::Result<u64> {
    Err(std::io::ErrorKind::Unsupported.into())
}
