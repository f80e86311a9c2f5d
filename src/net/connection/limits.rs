//! What a connection does when the session takes too much memory, or its peer reads too slowly.

use super::super::context::Context;
use super::super::websocket::Ws;
use super::Connection;
use crate::model::{Cause, Doing, NetError, SessionNote};

impl Connection {
    /// Memory that received data take which rules have not processed, in bytes.
    pub(super) fn unprocessed(&self) -> u64 {
        let of_ws = self.layer.ws().map_or(0, Ws::held);
        of_ws + self.message_buffer.as_ref().map_or(0, |message_buffer| message_buffer.held())
    }

    /// The most memory that [`give_up`](Self::give_up) may free, in bytes.
    pub(in crate::net) fn freeable(&self, ctx: &Context) -> u64 {
        let is_slow = !self.ready.writable && !ctx.options.keep_slow;
        self.unprocessed().max(if is_slow { self.outgoing.answers } else { 0 })
    }

    /// Frees memory for other peers: an unfinished message is not passed to rules. False if the peer reads too slowly,
    /// so that the connection must be reset instead.
    pub(in crate::net) fn give_up(&mut self, ctx: &mut Context) -> bool {
        let is_slow = self.freeable(ctx) > self.unprocessed();
        let of_ws = self.layer.ws().map_or(0, Ws::held);
        if !is_slow && of_ws > self.unprocessed() - of_ws {
            self.give_up_websocket(ctx);
            return true;
        }
        let released = if is_slow { 0 } else { self.release() };
        if let Some(message_buffer) = self.message_buffer.as_mut().filter(|_| !is_slow) {
            let lost = message_buffer.give_up().max(released);
            if lost > 0 {
                ctx.log.given_up(lost, self.flow.peer);
            }
        }
        !is_slow
    }

    /// The peer reads too slowly for an answer of this many bytes, which is dropped.
    pub(in crate::net) fn dropped(&mut self, bytes: u64) {
        self.dropped.0 += 1;
        self.dropped.1 += bytes;
    }

    /// Notes how many answers were dropped since the last note.
    pub(super) fn note_dropped(&mut self, ctx: &mut Context) {
        let (answers, bytes) = std::mem::take(&mut self.dropped);
        if answers > 0 {
            ctx.log.note(SessionNote::AnswersDropped(answers, bytes, self.flow.peer));
        }
    }

    /// The error of a peer that reads too slowly.
    pub(in crate::net) fn too_slow(&self) -> NetError {
        self.error(Doing::Answering, Cause::TooSlow(self.outgoing.bytes()))
    }
}
