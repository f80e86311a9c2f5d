//! Removes the oldest captures of the user's folder, beside the session. Knows nothing of sessions.

use std::io;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::cli::say;
use crate::journal::Store;
use crate::state::Settings;
use crate::store::{folders, settings};

/// A session that has ended waits no longer than this for it; the next one goes on with it.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Sweep {
    /// Never holds anything: it is disconnected when the thread ends.
    alive: Receiver<()>,
}

impl Sweep {
    /// Begins to remove what is over the limit of the settings file. If that file is there and cannot
    /// be understood, nothing is removed: it may ask for more than the default.
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

    /// Waits until it is done, or long enough.
    pub(super) fn finish(self) {
        // Nothing is ever sent.
        self.alive.recv_timeout(PATIENCE).unwrap_or_default();
    }
}

/// How many bytes the captures in the user's folder may take together.
fn keep_captures() -> io::Result<u64> {
    let path = folders::settings_file();
    let mib = path.map_or(Ok(None), |path| settings::value(&path, "keep_captures_mib"))?;
    Ok(mib.unwrap_or(Settings::default().keep_captures_mib).saturating_mul(1 << 20))
}
