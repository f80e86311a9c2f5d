//! Removes the oldest captures of the user's folder, beside the session. Knows nothing of sessions.

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

#[derive(Debug)]
pub(super) struct Sweep {
    /// Never holds anything: it is disconnected when the thread ends.
    alive: Receiver<()>,
}

impl Sweep {
    /// Removes captures over the limit in the settings file. If that file exists but cannot
    /// be read, nothing is removed: its limit may be higher than the default.
    pub(super) fn start(store: Store) -> Self {
        let (living, alive) = bounded::<()>(0);
        let sweep = move || {
            let done = keep_captures().and_then(|limit| store.sweep(limit));
            if let Err(error) = done {
                say(format_args!("warning: removing old captures: {error}"));
            }
            drop(living);
        };
        if let Err(error) = thread::Builder::new().name("sweep".to_owned()).spawn(sweep) {
            say(format_args!("warning: removing old captures: {error}"));
        }
        Self { alive }
    }

    pub(super) fn finish(self) {
        // Nothing is ever sent.
        self.alive.recv_timeout(PATIENCE).unwrap_or_default();
    }
}

fn keep_captures() -> io::Result<u64> {
    let path = folders::settings_file();
    let mib = path.map_or(Ok(None), |path| settings::value(&path, "keep_captures_mib"))?;
    Ok(mib.unwrap_or(Settings::default().keep_captures_mib).saturating_mul(1 << 20))
}
