//! Datagrams that rules hold, and those that wait behind them.

use std::collections::VecDeque;
use std::time::Instant;

use super::super::context::Context;
use super::super::hold::Hold;
use super::super::rule_engine::joined;
use super::super::time::later;
use super::{Datagram, PassingDatagram, UdpRelay};
use crate::model::{Decision, FlowId, HoldEnd, HoldId, Leg};

#[derive(Debug)]
pub(super) struct HeldItem {
    hold: Hold,
    item: PassingDatagram,
    /// What came after it, undecided.
    behind: VecDeque<Datagram>,
}

impl HeldItem {
    pub(super) fn until(&self) -> Option<Instant> {
        self.hold.until.map(|(until, _)| until)
    }
}

impl UdpRelay {
    /// Takes in a datagram of one side: behind one that is held, or as the rules decide.
    pub(super) fn take(&mut self, ctx: &mut Context, (client, from): (FlowId, Leg), datagram: Datagram) {
        let held = self.clients.get(&client).and_then(|client| client.held[from as usize]);
        match held.and_then(|held| self.held.get_mut(&held)) {
            Some(held) => {
                self.bytes[from as usize] += datagram.data.len() as u64;
                held.behind.push_back(datagram);
            }
            None => self.decide(ctx, (client, from), datagram),
        }
    }

    pub(super) fn hold(&mut self, hold: Hold, item: PassingDatagram) {
        if let Some(client) = self.clients.get_mut(&item.client) {
            client.held[item.from as usize] = Some(hold.id);
            self.bytes[item.from as usize] += item.data.len() as u64;
            self.held.insert(hold.id, HeldItem { hold, item, behind: VecDeque::new() });
        }
    }

    /// Holds a datagram no longer, as was decided. What waits behind it follows, up to the next one that is held.
    pub(super) fn end_hold(&mut self, ctx: &mut Context, id: HoldId, decision: Decision, how: HoldEnd) {
        let Some(HeldItem { hold, item, behind }) = self.held.remove(&id) else { return };
        let (client, from) = (item.client, item.from);
        self.bytes[from as usize] -= item.data.len() as u64;
        if let Some(client) = self.clients.get_mut(&client) {
            client.held[from as usize] = None;
        }
        ctx.hold_ended(&hold, item.data.len(), how);
        match decision {
            Decision::Pass => {}
            Decision::Drop | Decision::Answer(_) => {
                ctx.note_dropped(hold.record, item.input, &hold.by_hand());
            }
            // What came is not what goes on.
            Decision::Edited(_) => {
                let why = hold.why(how, true);
                ctx.note_dropped(hold.record, item.input, why.as_deref().unwrap_or_default());
            }
        }
        let due = later(Instant::now(), hold.after);
        match decision {
            Decision::Drop => {}
            Decision::Edited(data) => {
                let item = PassingDatagram { why: joined(item.why, hold.why(how, true)), data, ..item };
                self.forward(ctx, due, item, hold.record);
            }
            Decision::Pass => {
                let item = PassingDatagram { why: joined(item.why, hold.why(how, false)), ..item };
                self.forward(ctx, due, item, hold.record);
            }
            Decision::Answer(data) => {
                // What one side gets comes from the other, as far as it can tell.
                let other = if from == Leg::Client { Leg::Upstream } else { Leg::Client };
                let answer = PassingDatagram {
                    why: Some(hold.by_hand()),
                    ..PassingDatagram::new(client, other, data)
                };
                self.send_at(ctx, due, answer);
            }
        }
        for datagram in behind {
            self.bytes[from as usize] -= datagram.data.len() as u64;
            self.take(ctx, (client, from), datagram);
        }
    }

    /// Holds those no longer whose time is over, or all that the rules or the framing hold no more.
    pub(super) fn follow_held(&mut self, ctx: &mut Context, is_recut: bool) {
        let now = Instant::now();
        let over = |held: &HeldItem| held.hold.is_over(now) || is_recut || !ctx.still_holds(&held.hold);
        let over: Vec<HoldId> = self.held.iter().filter(|(_, held)| over(held)).map(|(id, _)| *id).collect();
        for id in over {
            let is_over = self.held.get(&id).is_some_and(|held| held.hold.is_over(now));
            let how = if is_over { HoldEnd::Expired } else { HoldEnd::RulesChanged };
            self.end_hold(ctx, id, Decision::Pass, how);
        }
    }

    /// The client of a held datagram is forgotten. Returns how many bytes are lost.
    pub(super) fn drop_held(&mut self, ctx: &mut Context, id: HoldId) -> u64 {
        let Some(HeldItem { hold, item, behind }) = self.held.remove(&id) else { return 0 };
        let all = behind.iter().map(|datagram| &datagram.data).chain([&item.data]);
        let bytes = all.map(|data| data.len() as u64).sum::<u64>();
        self.bytes[item.from as usize] -= bytes;
        ctx.hold_ended(&hold, item.data.len(), HoldEnd::Gone);
        bytes
    }
}
