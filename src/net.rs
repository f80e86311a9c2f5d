//! Sockets, in one worker thread per session. Everything that happens is written to a [`Recorder`] first and
//! sent as an [`Event`] afterwards.
//!
//! An [`OpenSession`] is a handle. Its worker owns every socket, checks its inbox on every turn, limits what one
//! peer may use of a turn, and never waits for the receiver of the events.

mod alerts;
mod below;
mod bind;
mod clock;
mod connection;
mod connections;
mod context;
mod delayed;
mod descriptors;
mod dialer;
mod disk;
mod exchange;
mod fault_line;
mod file_pace;
mod file_sending;
mod file_source;
mod files;
mod flight;
mod folder;
mod hold;
mod inbox;
mod interfaces;
mod listeners;
mod log;
mod message_buffer;
mod options;
mod outbox;
mod outgoing;
#[cfg(test)]
mod pacer;
#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
mod pacer_portable;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "net/pacer_linux.rs"]
mod pacer_system;
mod pipe;
mod placeholders;
mod proxy;
mod proxy_server;
mod rule_engine;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use pacer_portable as pacer_system;
#[cfg(test)]
mod null_recorder;
mod queue_size;
mod relay;
mod repeats;
mod resolve;
mod saver;
mod sequences;
mod session_kind;
mod silence;
mod tcp_client;
mod tcp_server;
mod tcp_short;
mod time;
mod tls;
mod trace;
mod troubles;
mod udp;
mod udp_deferred;
mod udp_item;
mod udp_peers;
mod udp_port;
mod udp_queue;
mod udp_relay;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "net/udp_linux.rs"]
mod udp_system;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "net/udp_portable.rs"]
mod udp_system;
mod websocket;
mod worker;

pub use clock::{Clock, wall_now};
pub use interfaces::{Interface, local_addresses};
pub use outbox::{MAX_EVENTS, Wake};

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

/// The most commands that may wait for the worker.
const INBOX: usize = 1024;

/// How long finishing a session waits for its thread.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// What to open and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Protocol and addresses.
    pub link: Link,
    /// Socket options.
    pub options: Options,
    /// The session's name, for the capture.
    pub title: String,
    /// The framing that splits received data into messages, for rules and sequences.
    pub framing: Framing,
    /// The rules that answer received messages.
    pub rules: Arc<Rules>,
    /// Keeps what a peer sends before the first sequence for it starts, so that it can expect that.
    pub keeps_early: bool,
}

/// An open session. Dropping it closes all sockets and stops its thread, without waiting for that; to send queued data
/// first, use [`Command::Close`].
pub struct OpenSession {
    inbox: Sender<Command>,
    events: Receiver<Event>,
    waker: Arc<Waker>,
    stop: Arc<AtomicBool>,
    /// Carries no messages: it disconnects when the thread ends.
    alive: Receiver<()>,
    thread: Option<JoinHandle<Box<dyn Recorder>>>,
}

impl fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSession").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

impl OpenSession {
    /// Starts a worker that opens `setup.link`. The result arrives as [`Event::Opened`], or as
    /// [`Event::Closed`] with the error.
    ///
    /// # Errors
    /// If the system cannot provide a poll or a thread. The capture is closed then.
    pub fn open(setup: Setup, recorder: Box<dyn Recorder>, wake: Wake) -> Result<Self, NetError> {
        let starting = |error| NetError::new(Doing::Starting, "", error);
        descriptors::raise();
        let Setup { link, options, title, framing, rules, keeps_early } = setup;
        let poll = Poll::new().map_err(starting)?;
        let waker = Arc::new(Waker::new(poll.registry(), context::WAKER).map_err(starting)?);
        let registry = poll.registry().try_clone().map_err(starting)?;
        let (inbox, orders) = crossbeam_channel::bounded(INBOX);
        let (sender, events) = crossbeam_channel::bounded(MAX_EVENTS);
        let (living, alive) = crossbeam_channel::bounded::<()>(0);
        let stop = Arc::new(AtomicBool::new(false));
        let mut log = log::Log::new(recorder, Outbox::new(sender, wake));
        log.layers = options.layers;
        let rule_engine = rule_engine::RuleEngine::new(rules, framing, options.answer_rate.is_some());
        let mut ctx = context::Context::new(registry, log, options, rule_engine, &waker);
        ctx.alerts.title.clone_from(&title);
        if keeps_early {
            ctx.sequences.keep_early();
        }
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

    /// Sends a command to the worker, without waiting.
    ///
    /// # Errors
    /// Returns the command if 1024 commands are waiting or the session has ended.
    pub fn send(&self, command: Command) -> Result<(), Command> {
        self.inbox.try_send(command).map_err(crossbeam_channel::TrySendError::into_inner)?;
        // Fails only if the poll is gone, and then the worker has ended.
        drop(self.waker.wake());
        Ok(())
    }

    /// The events of the worker, in the order described in the module of [`Event`]; `Closed` comes once and
    /// last.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Closes all sockets at once and returns the capture, so that the session can be opened again with it.
    /// Unread events are lost, their records are not. `None` if the thread does not end within half a second,
    /// for example because the disk hangs.
    pub fn finish(self) -> Option<Box<dyn Recorder>> {
        Self::finish_all([self]).pop()
    }

    /// Closes all sockets of several sessions at once and returns the captures of those whose threads end within half
    /// a second.
    pub fn finish_all(sessions: impl IntoIterator<Item = Self>) -> Vec<Box<dyn Recorder>> {
        let mut sessions: Vec<Self> = sessions.into_iter().collect();
        sessions.iter().for_each(Self::order_stop);
        let deadline = time::after(STOP_TIMEOUT);
        sessions.iter_mut().filter_map(|session| session.join(deadline)).collect()
    }

    fn order_stop(&self) {
        self.stop.store(true, Ordering::Release);
        drop(self.waker.wake());
    }

    fn join(&mut self, deadline: std::time::Instant) -> Option<Box<dyn Recorder>> {
        let thread = self.thread.take()?;
        match self.alive.recv_deadline(deadline) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => thread.join().ok(),
            // The thread ends as soon as the call it is stuck in returns.
            Err(RecvTimeoutError::Timeout) => None,
        }
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.order_stop();
    }
}
