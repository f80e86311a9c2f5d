//! Removes the oldest captures of the user's folder during a session.

use std::io;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::cli::say;
use crate::journal::Store;
use crate::state::Settings;
use crate::store::{folders, settings};

/// The longest wait for it at the end of a session; the next session continues it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Removes captures over the limit in the settings file. If that file exists but cannot be read, nothing is
/// removed: its limit may be higher than the default. The channel is disconnected when this is done.
pub(super) fn start(store: Store) -> Receiver<()> {
    let (living, alive) = bounded::<()>(0);
    let warn = |error: io::Error| say(format_args!("warning: removing old captures: {error}"));
    let sweep = move || {
        keep_captures().and_then(|limit| store.sweep(limit)).map_or_else(warn, drop);
        drop(living);
    };
    thread::Builder::new().name("sweep".to_owned()).spawn(sweep).map_or_else(warn, drop);
    alive
}

/// Waits until it is done, or long enough.
pub(super) fn finish(alive: &Receiver<()>) {
    // Nothing is ever sent.
    alive.recv_timeout(PATIENCE).unwrap_or_default();
}

fn keep_captures() -> io::Result<u64> {
    let path = folders::settings_file();
    let mib = path.map_or(Ok(None), |path| settings::value(&path, "keep_captures_mib"))?;
    Ok(mib.unwrap_or(Settings::default().keep_captures_mib).saturating_mul(1 << 20))
}
