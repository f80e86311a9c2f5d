//! A session under measurement, which records as it does under the window and the command line. Knows no
//! protocol.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use netassist::codec::frame::Framing;
use netassist::journal::Writer;
use netassist::model::{Command, Event, Granted, Link, Options};
use netassist::net::{Session, Setup};

/// The longest that a session is waited for while nothing happens.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A session that records. It is stopped when dropped.
pub(crate) struct Recording(pub(crate) Session);

impl Recording {
    /// Opens this link in the usual way.
    pub(crate) fn of_link(link: Link, capture: &Path) -> Result<Self, Box<dyn Error>> {
        Self::open(usual(link), capture)
    }

    /// Opens a session that records into a new file.
    pub(crate) fn open(setup: Setup, capture: &Path) -> Result<Self, Box<dyn Error>> {
        let writer = Writer::create(capture)?;
        // There is no window to wake: whoever measures waits at the channel.
        Ok(Self(Session::open(setup, Box::new(writer), Arc::new(|| ()))?))
    }

    /// What the session tells next; nothing if it tells nothing for so long.
    ///
    /// # Errors
    /// A measurement has no use for trouble: each is an error.
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
    /// Those of [`next`](Self::next); also when the session closes before, or tells nothing for so long.
    pub(crate) fn until<T>(
        &self,
        patience: Duration,
        mut wanted: impl FnMut(&Event) -> Option<T>,
    ) -> Result<T, Box<dyn Error>> {
        loop {
            let event = self.next(patience)?.ok_or("the session tells nothing any more")?;
            if let Some(found) = wanted(&event) {
                return Ok(found);
            }
            if event == Event::Closed(None) {
                return Err("the session has closed".into());
            }
        }
    }

    /// Waits until it is open: its address, and what the kernel made of the options.
    pub(crate) fn opened(&self) -> Result<(SocketAddr, Granted), Box<dyn Error>> {
        self.until(PATIENCE, |event| match event {
            Event::Opened { local, granted } => Some((*local, *granted)),
            _other => None,
        })
    }

    /// Waits until a peer is there.
    pub(crate) fn joined(&self) -> Result<(), Box<dyn Error>> {
        self.until(PATIENCE, |event| matches!(event, Event::Joined(_)).then_some(()))
    }

    /// Waits until it is over.
    pub(crate) fn closed(&self) -> Result<(), Box<dyn Error>> {
        self.until(PATIENCE, |event| (*event == Event::Closed(None)).then_some(()))
    }

    pub(crate) fn order(&self, command: impl Into<Command>) -> Result<(), Box<dyn Error>> {
        Ok(self.0.send(command.into()).map_err(|_order| "the session takes no order")?)
    }

    /// Closes it, and waits until all is recorded.
    pub(crate) fn close(self) -> Result<(), Box<dyn Error>> {
        self.order(Command::Close { linger: Duration::ZERO })?;
        self.closed()
    }
}

/// A session with this link, without options, framing or rules.
pub(crate) fn usual(link: Link) -> Setup {
    Setup {
        link,
        options: Options::default(),
        title: "measurement".to_owned(),
        framing: Framing::AsReceived,
        rules: Arc::default(),
    }
}
