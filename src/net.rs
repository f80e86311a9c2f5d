//! Sockets, in one worker thread per session. Knows no window and no file format: what happens is
//! given to a [`Recorder`] first and told as [`Event`]s afterwards.
//!
//! A [`Session`] is a handle. Its worker owns every socket, looks at its inbox every turn, caps what
//! one peer gets in a turn, and never waits for whoever reads the events.

mod clock;
mod connection;
mod connections;
mod context;
mod delayed;
mod dialer;
mod file_pace;
mod file_sending;
mod file_source;
mod files;
mod folder;
mod interfaces;
mod log;
mod message_buffer;
mod options;
mod order;
mod outbox;
mod outgoing;
#[cfg(test)]
mod pacer;
#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
mod pacer_portable;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "net/pacer_linux.rs"]
mod pacer_system;
mod placeholders;
mod rule_engine;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use pacer_portable as pacer_system;
#[cfg(test)]
mod quiet;
mod repeats;
mod resolve;
mod saver;
mod sequences;
mod session_kind;
mod tcp_client;
mod tcp_server;
mod tcp_short;
mod udp;
mod udp_deferred;
mod udp_peers;
mod udp_queue;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "net/udp_linux.rs"]
mod udp_system;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "net/udp_portable.rs"]
mod udp_system;
mod worker;

pub use clock::Clock;
pub use interfaces::{Interface, local_addresses};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use mio::{Poll, Waker};

use crate::codec::frame::Framing;
use crate::model::{Command, Doing, Event, Link, NetError, Options, Recorder, Rules};
use outbox::Outbox;

/// Called from the worker when events are waiting and none were before. It must not block.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Orders that may wait for the worker.
const INBOX: usize = 1024;

/// How long a session that is dropped waits for its thread.
const PATIENCE: Duration = Duration::from_millis(500);

/// What to open, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Protocol and addresses.
    pub link: Link,
    /// Socket options.
    pub options: Options,
    /// The session's name, for the capture.
    pub title: String,
    /// How what comes is cut into messages, for rules and whoever else waits for a message.
    pub framing: Framing,
    /// What the session answers by itself.
    pub rules: Arc<Rules>,
}

/// An opening of one session. Dropping it closes all its sockets as they stand and stops its
/// thread within half a second; [`Command::Close`] closes in order first.
pub struct Session {
    inbox: Sender<Command>,
    events: Receiver<Event>,
    waker: Arc<Waker>,
    stop: Arc<AtomicBool>,
    /// Never holds anything: it is disconnected when the thread ends.
    alive: Receiver<()>,
    thread: Option<JoinHandle<Box<dyn Recorder>>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

impl Session {
    /// Starts a worker that opens `setup.link`. Whether that works is told by events:
    /// [`Event::Opened`], or [`Event::Closed`] with the error.
    ///
    /// # Errors
    /// When the system has no poll or no thread to give; the capture is closed then.
    pub fn open(setup: Setup, recorder: Box<dyn Recorder>, wake: Wake) -> Result<Self, NetError> {
        let starting = |error| NetError::new(Doing::Starting, "", error);
        let Setup { link, options, title, framing, rules } = setup;
        let poll = Poll::new().map_err(starting)?;
        let waker = Arc::new(Waker::new(poll.registry(), context::WAKER).map_err(starting)?);
        let registry = poll.registry().try_clone().map_err(starting)?;
        let (inbox, orders) = crossbeam_channel::bounded(INBOX);
        let (told, events) = crossbeam_channel::bounded(outbox::CHANNEL);
        let (living, alive) = crossbeam_channel::bounded::<()>(0);
        let stop = Arc::new(AtomicBool::new(false));
        let log = log::Log::new(recorder, Clock::start(), Outbox::new(told, wake));
        let rule_engine = rule_engine::RuleEngine::new(rules, framing);
        let ctx = context::Context::new(registry, log, options, rule_engine, &waker);
        let worker = worker::Worker::new(poll, ctx, Arc::clone(&waker), Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name(format!("netassist-{}", link.protocol().name()))
            .spawn(move || {
                ::log::info!("opening {link}");
                let recorder = worker.run(orders, link, &title);
                drop(living);
                recorder
            })
            .map_err(starting)?;
        Ok(Self { inbox, events, waker, stop, alive, thread: Some(thread) })
    }

    /// Gives an order to the worker, without waiting.
    ///
    /// # Errors
    /// Gives the order back when 1024 orders wait already, or when the session is over.
    pub fn send(&self, command: Command) -> Result<(), Command> {
        self.inbox.try_send(command).map_err(crossbeam_channel::TrySendError::into_inner)?;
        // Fails only if the worker's poll is gone, and then nobody takes orders any more.
        drop(self.waker.wake());
        Ok(())
    }

    /// What the worker tells, in the order described at [`Event`]'s module: `Closed` comes once and
    /// last.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Ends the session as it stands and gives the capture back, so that the next opening can go
    /// on with it. Events that nobody has read are lost, their records are not. `None` if the thread
    /// did not end within half a second, because the disk hangs, say.
    pub fn finish(mut self) -> Option<Box<dyn Recorder>> {
        self.stop()
    }

    fn stop(&mut self) -> Option<Box<dyn Recorder>> {
        let thread = self.thread.take()?;
        self.stop.store(true, Ordering::Release);
        drop(self.waker.wake());
        match self.alive.recv_timeout(PATIENCE) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => thread.join().ok(),
            // It will end as soon as what it hangs in returns; nobody waits for that.
            Err(RecvTimeoutError::Timeout) => None,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.stop());
    }
}
