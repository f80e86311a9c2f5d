//! Standard input, read by a thread of its own, because a read of it cannot be broken off.

use std::io::{self, IsTerminal as _, Read as _};
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::args::Stdin;
use crate::codec::line_break::{LineBreak, LineBreaks};

/// The most pieces that are read ahead.
const AHEAD: usize = 2;

/// What is done with standard input by default.
pub(super) fn usual() -> Stdin {
    // `</dev/null` is how scripts and cron say that there is no input.
    if io::stdin().is_terminal() || is_null() { Stdin::None } else { Stdin::Close }
}

#[cfg(unix)]
fn is_null() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let input = io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let (input, null) = (input.and_then(|input| input.metadata()), std::fs::metadata("/dev/null"));
    let both = input.ok().zip(null.ok());
    both.is_some_and(|(input, null)| input.file_type().is_char_device() && input.rdev() == null.rdev())
}

#[cfg(windows)]
fn is_null() -> bool {
    use winapi_util::{HandleRef, file};
    // The other device is the console.
    file::typ(HandleRef::stdin()).is_ok_and(|input| input.is_char())
}

/// Begins to read standard input in pieces of at most `piece` bytes, whose line breaks then become this one. The
/// channel closes at the end of the input; an error comes before that.
///
/// The thread ends with the input, or when the receiver is gone and a next read returns.
pub(super) fn start(
    piece: usize,
    line_break: Option<LineBreak>,
) -> io::Result<Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = bounded(AHEAD);
    thread::Builder::new().name("standard input".to_owned()).spawn(move || {
        // Reads from the lock need no buffer of their own.
        let mut input = io::stdin().lock();
        let mut breaks = line_break.map(LineBreaks::new);
        loop {
            let mut bytes = vec![0; piece];
            let read = match input.read(&mut bytes) {
                Ok(0) => return,
                Ok(n) => {
                    bytes.truncate(n);
                    let bytes = match &mut breaks {
                        Some(breaks) => breaks.convert(&bytes),
                        None => bytes,
                    };
                    if bytes.is_empty() {
                        continue;
                    }
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
    Ok(receiver)
}
