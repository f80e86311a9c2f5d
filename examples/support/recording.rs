//! A session that records as under the window and the command line.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use netassist::codec::frame::Framing;
use netassist::journal::Writer;
use netassist::model::{Command, Event, Granted, Link, Options};
use netassist::net::{OpenSession, Setup};

/// The longest wait for a session without events.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A session that records. Stopped when dropped.
pub(crate) struct Recording(pub(crate) OpenSession);

impl Recording {
    /// Opens a link with default options.
    pub(crate) fn of_link(link: Link, capture: &Path) -> Result<Self, Box<dyn Error>> {
        Self::open(usual(link), capture)
    }

    /// Opens a session that records to a new file.
    pub(crate) fn open(setup: Setup, capture: &Path) -> Result<Self, Box<dyn Error>> {
        let writer = Writer::create(capture)?;
        // There is no window to wake: measurements wait on the channel.
        Ok(Self(OpenSession::open(setup, Box::new(writer), Arc::new(|| ()))?))
    }

    /// The next event; `None` after `patience`.
    ///
    /// # Errors
    /// Any trouble of the session is an error.
    pub(crate) fn next(&self, patience: Duration) -> Result<Option<Event>, Box<dyn Error>> {
        match self.0.events().recv_timeout(patience) {
            Ok(Event::Trouble(error) | Event::Closed(Some(error))) => Err(error.into()),
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(error @ RecvTimeoutError::Disconnected) => Err(error.into()),
        }
    }

    /// Waits for an event in which `wanted` finds something.
    ///
    /// # Errors
    /// Those of [`next`](Self::next); also if the session closes first, or has no events for so long.
    pub(crate) fn until<T>(
        &self,
        patience: Duration,
        mut wanted: impl FnMut(&Event) -> Option<T>,
    ) -> Result<T, Box<dyn Error>> {
        loop {
            let event = self.next(patience)?.ok_or("the session has no more events")?;
            if let Some(found) = wanted(&event) {
                return Ok(found);
            }
            if event == Event::Closed(None) {
                return Err("the session has closed".into());
            }
        }
    }

    /// Waits until it is open; returns its address, and the granted options.
    pub(crate) fn opened(&self) -> Result<(SocketAddr, Granted), Box<dyn Error>> {
        self.until(PATIENCE, |event| match event {
            Event::Opened { local, granted } => Some((local.address(), *granted)),
            _other => None,
        })
    }

    /// Waits until a peer is there.
    pub(crate) fn joined(&self) -> Result<(), Box<dyn Error>> {
        self.until(PATIENCE, |event| matches!(event, Event::Joined(_)).then_some(()))
    }

    /// Waits until it is closed.
    pub(crate) fn closed(&self) -> Result<(), Box<dyn Error>> {
        self.until(PATIENCE, |event| (*event == Event::Closed(None)).then_some(()))
    }

    pub(crate) fn order(&self, command: impl Into<Command>) -> Result<(), Box<dyn Error>> {
        Ok(self.0.send(command.into()).map_err(|_order| "the session accepts no commands")?)
    }

    /// Closes it, and waits until everything is recorded.
    pub(crate) fn close(self) -> Result<(), Box<dyn Error>> {
        self.order(Command::Close { linger: Duration::ZERO })?;
        self.closed()
    }
}

/// A session with this link and without options, framing or rules.
pub(crate) fn usual(link: Link) -> Setup {
    Setup {
        link,
        options: Options::default(),
        title: "measurement".to_owned(),
        framing: Framing::AsReceived,
        rules: Arc::default(),
        keeps_early: false,
    }
}
