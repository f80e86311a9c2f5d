//! The interface between the worker and the sockets of a session, one implementation per kind of session.

use std::fmt::Debug;
use std::time::Instant;

use super::connections::Connections;
use super::context::{Context, MAIN};
use super::queue_size::QueueSize;
use super::repeats::Beat;
use super::resolve::Resolved;
use super::rule_engine::DueAnswer;
use crate::model::{NetError, SendPart, SocketCommand, Target};
use crate::rules::PeerAt;

/// The sockets of a session. The defaults suit a kind whose TCP connections are all in [`Connections`].
pub(super) trait SessionKind: Debug {
    /// The TCP connections of the session; `None` for UDP.
    fn connections(&mut self) -> Option<&mut Connections> {
        None
    }

    /// Notes what the poll reports about the socket that is [`MAIN`].
    fn main_ready(&mut self, event: &mio::event::Event);

    /// Notes what the poll reports about a socket.
    fn ready(&mut self, event: &mio::event::Event) {
        match self.connections() {
            Some(connections) if event.token() != MAIN => connections.ready(event),
            Some(_) | None => self.main_ready(event),
        }
    }

    /// Carries out a command, or reports that this kind of session does not support it.
    fn command(&mut self, ctx: &mut Context, command: SocketCommand);

    /// Closes all sockets once queued data are sent, at `by` at the latest.
    fn close(&mut self, ctx: &mut Context, by: Instant);

    /// Runs one turn, until about `until`; true when the session has ended.
    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool;

    /// Whether the next turn has work to do at once.
    fn busy(&self) -> bool;

    /// When the next turn is due if no socket becomes ready before.
    fn deadline(&self) -> Option<Instant>;

    /// Ends all sockets at once, without sending queued data.
    fn abandon(&mut self, ctx: &mut Context);

    /// Takes the result of a host lookup.
    fn resolved(&mut self, _ctx: &mut Context, _resolved: Resolved) {}

    /// The error that ended the session, if it did not end on demand.
    fn take_error(&mut self) -> Option<NetError> {
        None
    }

    /// Sends one beat of a repeat, or one row of a sequence.
    fn beat(&mut self, ctx: &mut Context, to: &Target, what: &[SendPart]) -> Beat {
        self.connections().map_or(Beat::Missed, |connections| connections.beat(ctx, to, what))
    }

    /// Those that are there.
    fn peers(&mut self) -> Vec<PeerAt> {
        self.connections().map(|connections| connections.peers()).unwrap_or_default()
    }

    /// Carries out what a rule answers.
    fn answer(&mut self, ctx: &mut Context, answer: DueAnswer) {
        if let Some(connections) = self.connections() {
            connections.answer(ctx, answer);
        }
    }

    /// Discards received bytes that rules and sequences have not seen yet.
    fn discard_received(&mut self) {
        if let Some(connections) = self.connections() {
            connections.discard_received();
        }
    }

    /// The rules are others, so that held messages may be passed on; all are if messages end elsewhere (`is_recut`).
    fn follow_holds(&mut self, ctx: &mut Context, is_recut: bool) {
        if let Some(connections) = self.connections() {
            connections.follow_holds(ctx, is_recut);
        }
    }

    /// Some file was paused, resumed or stopped.
    fn files_changed(&mut self) {
        if let Some(connections) = self.connections() {
            connections.files_changed();
        }
    }

    /// The faults of a relay are others.
    fn faults_changed(&mut self) {
        if let Some(connections) = self.connections() {
            connections.faults_changed();
        }
    }

    /// When the next piece of a file is due.
    fn file_due(&mut self) -> Option<Instant> {
        self.connections()?.file_due()
    }

    /// The deadline for closing all sockets, while the session is closing.
    fn closing(&mut self) -> Option<Instant> {
        self.connections()?.closing
    }

    /// What is queued to be sent.
    fn queued(&mut self) -> QueueSize {
        self.connections().map(|connections| connections.queued).unwrap_or_default()
    }
}
