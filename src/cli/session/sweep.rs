//! Removes old captures of the user's folder during a session.

use std::io;
use std::thread;
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, bounded};

use super::outcome::counted;
use crate::cli::say;
use crate::journal::{Excess, Limits, Store, Swept};
use crate::state::Settings;
use crate::store::{folders, settings};
use crate::ui::messages;

/// The longest wait for it at the end of a session; the next session continues it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Removes old captures over the limit in the settings file. If that file exists but cannot be read, nothing is
/// removed: its limit may be higher than the default. The channel is disconnected when this is done.
pub(super) fn start(store: Store) -> Receiver<()> {
    let (living, alive) = bounded::<()>(0);
    let sweep = move || {
        match limits().and_then(|limits| store.sweep(limits, SystemTime::now())) {
            Ok(swept) => tell(&store, swept),
            Err(error) => warn(&error),
        }
        drop(living);
    };
    thread::Builder::new().name("sweep".to_owned()).spawn(sweep).map_or_else(|error| warn(&error), drop);
    alive
}

/// Waits until it is done, or long enough.
pub(super) fn finish(alive: &Receiver<()>) {
    // Nothing is ever sent.
    alive.recv_timeout(PATIENCE).unwrap_or_default();
}

fn warn(error: &io::Error) {
    say(format_args!("warning: deleting old captures: {error}"));
}

fn tell(store: &Store, swept: Swept) {
    let ((n, size), folder) = (swept.count(), store.folder().display());
    if n > 0 {
        let captures = counted(n as u64, "old capture");
        say(format_args!("deleted {captures} ({}) in {folder} to save space", messages::bytes(size)));
    }
    if let Some((path, error)) = swept.failed {
        say(format_args!("warning: deleting {}: {error}", path.display()));
    }
    if let Some(Excess { total, limit }) = swept.excess {
        let why = limit.map_or("the disk is nearly full".to_owned(), |limit| {
            format!("more than {} (warn_captures_mib)", messages::bytes(limit))
        });
        let total = messages::bytes(total);
        say(format_args!("warning: captures in {folder} take up {total}: {why}; delete some"));
    }
}

fn limits() -> io::Result<Limits> {
    let path = folders::settings_file();
    let read = |key| path.as_deref().map_or(Ok(None), |path| settings::value(path, key));
    let usual = Settings::default();
    let keep = read("keep_captures_mib")?.unwrap_or(usual.keep_captures_mib);
    Ok(Limits::mib(keep, read("warn_captures_mib")?.unwrap_or(usual.warn_captures_mib)))
}
