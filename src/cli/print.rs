//! Standard output. A separate thread writes to it, so that a slow reader does not block the session or Ctrl-C.
//! It gets index entries and reads their bytes from the capture.

mod console;
mod framed;

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, at, bounded, never, select};

use self::console::Console;
use super::args::Print;
use crate::codec::Charset;
use crate::codec::frame::Framing;
use crate::export::Body;
use crate::journal::Reader;
use crate::model::{Flow, FlowId, Record};

/// After Ctrl-C, the longest wait for a blocked reader of standard output.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Looks {
    pub(super) what: Print,
    pub(super) charset: Charset,
    /// How logs show data.
    pub(super) body: Body,
    /// The framing of hex and logs.
    pub(super) framing: Framing,
}

#[derive(Debug)]
pub(super) enum Told {
    /// A new conversation.
    Joined(Flow),
    Records(Vec<Record>),
    /// Notes of rules on records, by their number from 0. They come before their records or after them.
    Notes(Vec<(u64, String)>),
    Left(FlowId),
}

#[derive(Debug)]
pub(super) enum Said {
    Room,
    ReaderGone,
    /// Printing failed.
    Failed(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    All,
    /// The reader has gone.
    Unread,
    /// It failed, and the reason was reported.
    Failed,
}

/// The main thread's end.
#[derive(Debug)]
pub(super) struct Printer {
    sender: Sender<Told>,
    said: Receiver<Said>,
    waiting: VecDeque<Told>,
}

pub(super) fn suitable() -> Print {
    if io::stdout().is_terminal() { Print::Text } else { Print::Raw }
}

impl Printer {
    /// Starts a thread that prints records of the capture.
    pub(super) fn start(reader: Reader, looks: &Looks) -> io::Result<Self> {
        let mut console = Console::new(reader, looks, io::stdout().is_terminal());
        let (sender, told) = bounded::<Told>(16);
        // One message of room is as good as many.
        let (say, said) = bounded(1);
        thread::Builder::new().name("standard output".to_owned()).spawn(move || {
            let mut out = io::stdout().lock();
            loop {
                let next = match console.deadline() {
                    Some(deadline) => told.recv_deadline(deadline),
                    None => told.recv().map_err(|_no_more| RecvTimeoutError::Disconnected),
                };
                let printed = match next {
                    Ok(told) => console.told(told, &mut out),
                    Err(RecvTimeoutError::Timeout) => console.time(&mut out),
                    Err(RecvTimeoutError::Disconnected) => break,
                };
                if let Err(error) = printed.and_then(|()| out.flush()) {
                    let gone = error.kind() == io::ErrorKind::BrokenPipe;
                    // The receiver is gone only when the result does not matter.
                    say.send(if gone { Said::ReaderGone } else { Said::Failed(error.to_string()) }).ok();
                    return;
                }
                say.try_send(Said::Room).ok();
            }
            if let Err(error) = console.end(&mut out).and_then(|()| out.flush())
                && error.kind() != io::ErrorKind::BrokenPipe
            {
                say.send(Said::Failed(error.to_string())).ok();
            }
        })?;
        Ok(Self { sender, said, waiting: VecDeque::new() })
    }

    /// Sends it something, now or when there is room.
    pub(super) fn tell(&mut self, told: Told) {
        self.waiting.push_back(told);
        self.pump();
    }

    /// Sends what is waiting, as far as there is room. To be called on [`Said::Room`].
    pub(super) fn pump(&mut self) {
        pump(&self.sender, &mut self.waiting);
    }

    pub(super) fn said(&self) -> &Receiver<Said> {
        &self.said
    }

    /// Waits until everything is printed; after an interrupt, or with `hurry`, only briefly, and tells if that was too short.
    pub(super) fn finish(self, interrupts: &Receiver<()>, hurry: bool) -> Printed {
        let Self { sender, said, mut waiting } = self;
        let soon = || at(Instant::now() + PATIENCE);
        let mut deadline = if hurry { soon() } else { never() };
        let mut sender = Some(sender);
        loop {
            if let Some(open) = &sender {
                pump(open, &mut waiting);
            }
            if waiting.is_empty() {
                // The thread ends when it has printed what is in the channel.
                sender = None;
            }
            select! {
                recv(said) -> said => match said {
                    Ok(Said::Room) => {}
                    Ok(Said::ReaderGone) => return Printed::Unread,
                    Ok(Said::Failed(why)) => {
                        super::say(format_args!("error: printing: {why}"));
                        return Printed::Failed;
                    }
                    Err(_ended) => return Printed::All,
                },
                recv(interrupts) -> _ => deadline = soon(),
                recv(deadline) -> _ => {
                    super::say("warning: not all was printed; the capture has it");
                    return Printed::All;
                }
            }
        }
    }
}

fn pump(sender: &Sender<Told>, waiting: &mut VecDeque<Told>) {
    while let Some(told) = waiting.pop_front() {
        match sender.try_send(told) {
            Ok(()) => {}
            Err(TrySendError::Full(told)) => return waiting.push_front(told),
            // It has ended and reported why.
            Err(TrySendError::Disconnected(_)) => return waiting.clear(),
        }
    }
}
