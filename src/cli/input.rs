//! Standard input, read by a thread of its own, because a read of it cannot be broken off.

use std::io::{self, IsTerminal as _, Read as _};
use std::thread;

use crossbeam_channel::{Receiver, bounded};

/// The most pieces that are read ahead.
const AHEAD: usize = 2;

/// Begins to read standard input in pieces of at most `piece` bytes; `None` if it is a terminal. The
/// channel closes at the end of the input; an error comes before that.
///
/// The thread ends with the input, or when the receiver is gone and a next read returns.
pub(super) fn start(piece: usize) -> io::Result<Option<Receiver<io::Result<Vec<u8>>>>> {
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    let (sender, receiver) = bounded(AHEAD);
    thread::Builder::new().name("standard input".to_owned()).spawn(move || {
        // Reads from the lock need no buffer of their own.
        let mut input = io::stdin().lock();
        loop {
            let mut bytes = vec![0; piece];
            let read = match input.read(&mut bytes) {
                Ok(0) => return,
                Ok(n) => {
                    bytes.truncate(n);
                    Ok(bytes)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = read.is_err();
            if sender.send(read).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(Some(receiver))
}
