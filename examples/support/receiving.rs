//! Measurements of what a session receives from a child and records.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use netassist::model::{Event, Totals};
use netassist::net::Setup;

use super::child::Child;
use super::recording::{PATIENCE, Recording};
use super::stopwatch::{Stopwatch, Took};

type Failure = Box<dyn Error>;

/// How long it took, and what is wrong with the recording, if anything.
pub(crate) type Recorded = (Took, Option<String>);

/// Records what the child sends that `start` starts, of which `count` must be `wanted` in the end; `compare` reads it.
pub(crate) fn record(
    setup: Setup,
    folder: &Path,
    start: impl FnOnce(SocketAddr) -> io::Result<Child>,
    (count, wanted): (impl Fn(&Totals) -> u64, u64),
    compare: impl FnOnce(&Path) -> Result<Option<String>, Failure>,
) -> Result<Recorded, Failure> {
    let path = folder.join("recorded.pcapng");
    let session = Recording::open(setup, &path)?;
    let (address, _granted) = session.opened()?;
    let mut child = start(address)?;
    session.joined()?;

    let watch = Stopwatch::start();
    child.go();
    let mut received = 0;
    session.until(PATIENCE, |event| {
        if let Event::Recorded(batch) = event {
            received = count(&batch.totals);
        }
        matches!(event, Event::Left(_)).then_some(())
    })?;
    let took = watch.stop();

    child.finish()?;
    session.close()?;
    let difference = if received == wanted { compare(&path)? } else { Some(format!("received {received}")) };
    std::fs::remove_file(path)?;
    Ok((took, difference))
}
