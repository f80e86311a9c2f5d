//! A capture in parts: whether a session that runs for weeks stays as it is.
//!
//! ```text
//! cargo run --release --example rotation -- --folder /var/tmp/netassist-captures
//! ```
//!
//! Records a day of traffic in as little time as it takes, by a clock of its own: TCP in both directions, a connection
//! that lasts all day and many that do not, and UDP. Every hour the capture goes on in another file, of which a few are kept,
//! as with `--rotate 1h --keep 3`. The index is held as the window holds it. Each file is read by itself before it is removed:
//! its data must be those that were recorded, from the byte where the file before ends. Prints memory after each hour.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    pub(crate) mod exit;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod memory;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
}

use std::error::Error;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use netassist::journal::{Reader, Writer, scan};
use netassist::model::{
    Cast, Direction, Ending, FileTurn, FlowId, Index, Origin, Recorder as _, Rotation, Stamp, Transport,
};
use sha2::{Digest as _, Sha256};

use support::exit::exit_code;
use support::memory::Memory;
use support::numbers::grouped;

const HOURS: u64 = 24;
/// Files that are kept.
const KEEP: u32 = 3;
/// Records after which they are committed, as by a turn of a session.
const TURN: u64 = 100;
/// The highest acceptable growth in MiB from the first hour with all files to the last.
const MOST_GROWTH: f64 = 8.0;

#[derive(Parser)]
struct Settings {
    /// Folder for the files, which are removed.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
    /// Records of the day.
    #[arg(long = "records", default_value_t = 100_000_000)]
    n_records: u64,
}

/// The data of a record: no two that follow each other are alike.
fn payload(n: u64, bytes: &mut [u8; 64]) -> &[u8] {
    for (at, word) in bytes.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(at as u64).to_le_bytes());
    }
    // 16 to 64 bytes.
    &bytes[..usize::try_from(16 + n % 49).unwrap_or(16)]
}

/// The hash of all data in a file, read by itself, and how many records with data it has.
fn read(path: &Path) -> Result<(Vec<u8>, u64), Box<dyn Error>> {
    let reader = Reader::open(path)?;
    let (mut hash, mut n, mut failed) = (Sha256::new(), 0, None);
    let mut walk = reader.walk();
    let end = scan(path, 0, u64::MAX, &mut |batch| {
        for record in batch.records.iter().filter(|record| record.kind.direction().is_some()) {
            match walk.read(record) {
                Ok(view) => hash.update(view.payload),
                Err(error) => failed = Some(error),
            }
            n += 1;
        }
        ControlFlow::Continue(())
    })?;
    if end.torn {
        return Err("the end of a file is torn".into());
    }
    failed.map_or(Ok((hash.finalize().to_vec(), n)), |error| Err(error.into()))
}

fn measure(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(&settings.folder)?;
    let rotation = Rotation { keep: NonZeroU32::new(KEEP), ..Rotation::parse("1h")? };
    let start = Stamp(1_790_000_000_000_000_000);
    let step = HOURS * 3_600_000_000_000 / settings.n_records;
    let mut writer = Writer::create_in_parts(&folder.path().join("day.pcapng"), rotation, start)?;
    writer.begin("day", "tcp-server 127.0.0.1:8080", start);
    let local = "127.0.0.1:8080".parse()?;
    let mut index = Index::default();
    let join = |writer: &mut Writer, index: &mut Index, transport, port: u16, at| -> FlowId {
        let flow = writer.flow(transport, local, ([127, 0, 0, 1], port).into(), Origin::Accepted, at);
        if transport == Transport::Tcp {
            writer.connected(flow.id, at);
        }
        index.add_flow(&flow);
        flow.id
    };
    let long = join(&mut writer, &mut index, Transport::Tcp, 1, start);
    let datagrams = join(&mut writer, &mut index, Transport::Udp, 2, start);
    let mut short = join(&mut writer, &mut index, Transport::Tcp, 3, start);

    println!("hour      records   kept in index    flows  files  RSS MiB  identical");
    let (mut records, mut bytes) = (Vec::new(), [0; 64]);
    let (mut hash, mut n_hashed) = (Sha256::new(), 0);
    let (mut current, mut hour, mut is_right) = (writer.path().to_owned(), 0, true);
    let mut memory = Vec::new();
    let began = Instant::now();
    for n in 0..settings.n_records {
        let at = Stamp(start.0 + n * step);
        if n % 1000 == 999 {
            writer.ended(short, Ending::PeerReset, at);
            writer.forget(short);
            short =
                join(&mut writer, &mut index, Transport::Tcp, 1024 + u16::try_from(n / 1000 % 60_000)?, at);
        }
        let flow = [long, datagrams, short][usize::try_from(n % 3)?];
        let direction = if n % 2 == 0 { Direction::Received } else { Direction::Sent };
        let data = payload(n, &mut bytes);
        writer.data(flow, direction, Cast::Unicast, true, data, at);
        if writer.path() != current || n + 1 == settings.n_records {
            if n + 1 == settings.n_records {
                hash.update(data);
                n_hashed += 1;
                writer.finish(Some(0), at);
                writer.commit()?;
            }
            let (seen, n_seen) = read(&current)?;
            let expected = std::mem::take(&mut hash).finalize().to_vec();
            let same = seen == expected && n_seen == std::mem::take(&mut n_hashed);
            is_right &= same;
            hour += 1;
            writer.path().clone_into(&mut current);
            let now = Memory::now().unwrap_or_default().anonymous;
            memory.push(now);
            let (all, kept) = (grouped(index.len()), grouped(index.len() - index.first()));
            let (flows, files) = (index.flows().count(), std::fs::read_dir(folder.path())?.count());
            #[expect(clippy::cast_precision_loss, reason = "MiB")]
            let mib = now as f64 / 1024.0;
            println!("{hour:4} {all:>12} {kept:>15} {flows:>8} {files:>6} {mib:>8.1}  {same}");
        }
        if n + 1 < settings.n_records {
            hash.update(data);
            n_hashed += 1;
        }
        if n % TURN == 0 || n + 1 == settings.n_records {
            writer.commit()?;
            writer.take_records(&mut records);
            index.extend(&records);
            records.clear();
            for turn in writer.take_turns() {
                match turn {
                    FileTurn::Removed(gone) => index.remove(&gone),
                    FileTurn::Failed(error) => return Err(error.into()),
                    FileTurn::Into(_) => {}
                }
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate, and MiB")]
    let (rate, growth) = {
        let kept = memory.get(KEEP as usize).copied().unwrap_or_default();
        let last = memory.last().copied().unwrap_or_default();
        (settings.n_records as f64 / began.elapsed().as_secs_f64(), (last as f64 - kept as f64) / 1024.0)
    };
    println!(
        "{rate:.0} records/s, each read again; {growth:+.1} MiB since the first hour with {KEEP} files behind it"
    );
    Ok(is_right && hour == HOURS && growth <= MOST_GROWTH)
}

fn main() -> ExitCode {
    exit_code(measure(&Settings::parse()))
}
