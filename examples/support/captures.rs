//! Captures of any length, made once and kept in a folder. Each data record of short length is a line with
//! its number.

use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use netassist::journal::{Writer, scan};
use netassist::model::{Cast, Direction, Index, Origin, Recorder as _, Stamp, Transport};

/// Bytes of a line with a number.
pub(crate) const LINE: usize = 20;

/// Records between two commits.
const COMMIT_EVERY: u64 = 1000;

/// The content of a capture: number and length of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) n_records: u64,
    pub(crate) len: usize,
}

impl Shape {
    /// Enough records of `len` bytes for `n_bytes`.
    pub(crate) fn of_bytes(n_bytes: u64, len: usize) -> Self {
        Self { n_records: n_bytes / len as u64, len }
    }

    /// The path in `folder`; makes the capture if it is missing.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn file(self, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
        let path = folder.join(format!("{}x{}.pcapng", self.n_records, self.len));
        if !path.exists() {
            std::fs::create_dir_all(folder)?;
            let unfinished = path.with_extension("part");
            if unfinished.exists() {
                std::fs::remove_file(&unfinished)?;
            }
            self.write(&unfinished)?;
            std::fs::rename(&unfinished, &path)?;
        }
        Ok(path)
    }

    fn write(self, path: &Path) -> Result<(), Box<dyn Error>> {
        let mut writer = Writer::create(path)?;
        let (local, peer) = ("127.0.0.1:8080".parse()?, "127.0.0.1:40000".parse()?);
        let begun = 1_700_000_000_000_000_000;
        writer.begin("long", "tcp-server 127.0.0.1:8080", Stamp(begun));
        let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, Stamp(begun)).id;
        writer.connected(flow, Stamp(begun));
        let mut bytes: Vec<u8> = (b'!'..=b'~').cycle().take(self.len).collect();
        let mut told = Vec::new();
        for n in 0..self.n_records {
            let line = line(n);
            if let Some(head) = bytes.get_mut(..LINE) {
                head.copy_from_slice(line.as_bytes());
            }
            writer.data(flow, Direction::Received, Cast::Unicast, true, &bytes, Stamp(begun + n * 1000));
            if n % COMMIT_EVERY == 0 {
                writer.commit()?;
                told.clear();
                writer.take_records(&mut told);
            }
        }
        writer.finish(Some(0), Stamp(begun + self.n_records * 1000));
        Ok(writer.commit()?)
    }
}

/// The line for number `n`, without a line break.
pub(crate) fn line(n: u64) -> String {
    format!("record {n:013}")
}

/// The number of a line.
pub(crate) fn number(line: &str) -> Option<u64> {
    line.strip_prefix("record ")?.get(..LINE - 7)?.parse().ok()
}

/// The index of a capture.
pub(crate) fn index(capture: &Path) -> Result<Index, Box<dyn Error>> {
    let mut index = Index::default();
    scan(capture, 0, u64::MAX, &mut |batch| {
        batch.flows.into_iter().for_each(|flow| index.add_flow(&flow));
        index.extend(&batch.records);
        ControlFlow::Continue(())
    })?;
    Ok(index)
}
