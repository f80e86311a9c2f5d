//! A TCP server: listens, and hands each accepted connection to [`Connections`].

use std::time::Instant;

use super::connections::{Connections, Gone};
use super::context::Context;
use super::listeners::Listeners;
use super::session_kind::SessionKind;
use super::time::earliest;
use crate::model::{Local, NetError, Origin, SocketCommand};

#[derive(Debug)]
pub(super) struct TcpServer {
    listeners: Listeners,
    connections: Connections,
}

impl TcpServer {
    pub(super) fn open(ctx: &mut Context, local: Local) -> Result<Self, NetError> {
        Ok(Self { listeners: Listeners::open(ctx, local)?, connections: Connections::default() })
    }
}

impl SessionKind for TcpServer {
    fn connections(&mut self) -> Option<&mut Connections> {
        Some(&mut self.connections)
    }

    fn main_ready(&mut self, _event: &mio::event::Event) {
        self.listeners.ready();
    }

    fn command(&mut self, ctx: &mut Context, command: SocketCommand) {
        if command != SocketCommand::StopListening {
            self.connections.command(ctx, command);
        } else if self.listeners.stop(ctx) {
            ctx.log.stopped_listening();
        }
    }

    fn close(&mut self, ctx: &mut Context, by: Instant) {
        self.listeners.stop(ctx);
        self.connections.close_all(by);
    }

    fn turn(&mut self, ctx: &mut Context, until: Instant) -> bool {
        let connections = &mut self.connections;
        self.listeners
            .accept(ctx, |ctx, accepted| connections.insert(ctx, accepted, Origin::Accepted).map(|_flow| ()));
        for Gone { error, reset_by_peer, .. } in self.connections.turn(ctx, until) {
            if let (Some(error), false) = (error, reset_by_peer) {
                ctx.log.trouble(error);
            }
            // A file descriptor is free again.
            self.listeners.retry = None;
        }
        self.closing().is_some_and(|by| self.connections.is_empty() || by <= Instant::now())
    }

    fn busy(&self) -> bool {
        self.listeners.busy() || self.connections.busy()
    }

    fn deadline(&self) -> Option<Instant> {
        earliest([self.listeners.retry, self.connections.deadline()])
    }

    fn abandon(&mut self, ctx: &mut Context) {
        self.listeners.stop(ctx);
        self.connections.abandon_all(ctx);
    }
}
