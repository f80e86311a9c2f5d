//! The peers: what is sent to each, and when that is all.

use std::io;
use std::sync::Arc;

use super::{LINGER, Next, Shell};
use crate::cli::args::Stdin;
use crate::cli::print::Told;
use crate::cli::say;
use crate::model::zone::Named;
use crate::model::{Flow, FlowId, Origin, SendPart, SocketCommand, Target};

impl Shell<'_> {
    pub(super) fn joined(&mut self, flow: Flow) {
        if self.shorts.is_some() {
            return self.print(Told::Joined(flow));
        }
        let is_upstream = self.local.is_some_and(|local| local.address().port() != flow.local.port());
        if self.protocol.relays() && is_upstream {
            if flow.origin == Origin::Connected {
                say(format_args!("connected {} -> {}", Named(flow.local), Named(flow.peer)));
            }
            return self.print(Told::Joined(flow));
        }
        let to_flow = Target::Flows(vec![flow.id]);
        if self.plan.limits.connections == Some(self.joined) {
            // It connected before listening was stopped.
            self.order(SocketCommand::Disconnect(to_flow));
            return;
        }
        self.joined += 1;
        self.present.insert(flow.id);
        let (local, peer) = (Named(flow.local), Named(flow.peer));
        match flow.origin {
            Origin::Connected => say(format_args!("connected {local} -> {peer}")),
            Origin::Accepted => say(format_args!("connected {local} <- {peer}")),
            Origin::Datagram => {}
        }
        self.print(Told::Joined(flow));
        if !self.has_remote() {
            self.send_list(&to_flow);
            let is_all = self.protocol.is_stream() || self.protocol.relays();
            let all = is_all.then_some(Target::All);
            self.target = all.or_else(|| self.target.take()).or(Some(to_flow));
        }
        if self.plan.limits.connections == Some(self.joined) {
            self.order(SocketCommand::StopListening);
        }
    }

    pub(super) fn left(&mut self, flow: FlowId) {
        self.print(Told::Left(flow));
        self.finished.remove(&flow);
        if !self.present.remove(&flow) {
            return;
        }
        if self.present.is_empty() && self.plan.limits.connections == Some(self.joined) {
            self.close(LINGER);
        }
    }

    pub(super) fn send_list(&mut self, to: &Target) {
        if let Some(timed) = self.timed.begin(to, &self.plan.send) {
            self.order(timed);
            return;
        }
        for what in self.plan.send.iter() {
            let order = self.files.order(to, what);
            self.order(order);
        }
    }

    pub(super) fn takes_input(&self) -> bool {
        let somebody = !self.protocol.is_stream() || !self.present.is_empty();
        self.closing.is_none() && self.target.is_some() && somebody && self.orders.is_empty()
    }

    /// Sends a piece of standard input; `None` at its end.
    pub(super) fn read(&mut self, read: Option<io::Result<Vec<u8>>>) -> Next {
        match read {
            Some(Ok(bytes)) => {
                self.feed.took(bytes.len());
                if let Some(to) = self.target.clone() {
                    self.order(SocketCommand::Send { to, what: SendPart::Bytes(Arc::from(bytes)) });
                }
            }
            Some(Err(error)) => {
                say(format_args!("error: reading standard input: {error}"));
                self.outcome.trouble = true;
                self.input_ended();
            }
            None => self.input_ended(),
        }
        Next::GoOn
    }

    /// The sending side is closed, unless something else may still be sent: answers, or to later
    /// clients of a server that was given nothing to say.
    pub(super) fn input_ended(&mut self) {
        let finished = self.feed.end();
        let said_all = if self.protocol.connects() {
            // A new connection is sent everything again.
            self.plan.options.reconnect.is_none()
        } else {
            self.protocol.accepts() && !self.protocol.relays() && self.feed.held_something()
        };
        let closes = self.plan.stdin != Some(Stdin::Keep);
        self.said_all = said_all && closes && self.plan.rules.is_empty();
        let mut to = if self.said_all { self.present.iter().copied().collect() } else { finished };
        to.retain(|flow| self.timed.to(*flow).is_none());
        self.half_close(to);
    }

    /// A peer has closed its sending side. It still gets what there is to send.
    pub(super) fn peer_finished(&mut self, flow: FlowId) {
        self.finished.insert(flow);
        if let Some(running) = self.timed.to(flow) {
            if let Some(stop) = self.timed.stop(running) {
                self.order(stop);
            }
        } else if self.shorts.is_none() && !self.protocol.relays() && !self.feed.feed_on(flow) {
            self.half_close(vec![flow]);
        }
    }

    pub(super) fn half_close(&mut self, to: Vec<FlowId>) {
        if !to.is_empty() {
            self.order(SocketCommand::HalfClose(Target::Flows(to)));
        }
    }
}
