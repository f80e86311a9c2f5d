//! The capture file as others see it: our own scan, an independent parser, tshark and capinfos.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod blocks;
mod damage;
pub(crate) mod import;
mod layers;
mod notes;
mod open;
mod packed;
mod retention;
mod rotation;
mod sequences;
mod store;
pub(crate) mod tshark;
mod writer;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::Path;

use netassist::journal::{Opening, ScanEnd, scan};
use netassist::model::{Flow, Record, Stamp};

/// The whole index of a file.
#[derive(Debug, Default, PartialEq)]
struct Index {
    openings: Vec<Opening>,
    flows: Vec<Flow>,
    records: Vec<Record>,
    /// The notes that stand on records at the end.
    notes: BTreeMap<u64, String>,
    /// Whether times go back.
    unordered: Option<Stamp>,
}

fn scan_all(path: &Path) -> std::io::Result<(Index, ScanEnd)> {
    let mut index = Index::default();
    let end = scan(path, 0, u64::MAX, &mut |batch| {
        index.openings.extend(batch.openings);
        index.flows.extend(batch.flows);
        index.records.extend(batch.records);
        index.notes.extend(batch.notes);
        index.unordered = Stamp::earliest(index.unordered, batch.unordered);
        ControlFlow::Continue(())
    })?;
    index.notes.retain(|_, text| !text.is_empty());
    Ok((index, end))
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}
