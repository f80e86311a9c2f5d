//! What the user should read of a tab: told, cured, dismissed.

use super::{Halted, Phase, Tab};
use crate::model::{Doing, Reason, Repeat, Stamp, Target};
use crate::state::Notice;
use crate::workspace::{SendTo, SendToPeer};

/// How long a passing notice is shown, in nanoseconds.
const PASSING_NS: u64 = 5_000_000_000;
/// The most notices that wait below another.
const MOST: usize = 20;

/// A notice that stays until it is cured or dismissed.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Names it, to be dismissed.
    pub n: usize,
    /// What is told.
    pub notice: &'a Notice,
    /// Since when.
    pub since: Option<Stamp>,
}

impl Tab {
    /// Another of its kind gives way to it, any other one stays below it.
    pub(in crate::state) fn tell(&mut self, notice: Notice) {
        self.unseen |= notice.is_fault();
        let is_same = |known: &Notice| known.kind() == notice.kind();
        // It begins where one of its kind did.
        let at = self.below.iter().position(|(known, _)| is_same(known));
        let mut since = at.and_then(|at| self.below.remove(at).1);
        if self.notice.as_ref().is_some_and(is_same) {
            since = self.noticed.filter(|_| !notice.is_passing());
        } else {
            self.push_below();
        }
        (self.notice, self.noticed) = (Some(notice), since);
    }

    fn push_below(&mut self) {
        let since = self.noticed.take();
        if let Some(notice) = self.notice.take().filter(|notice| !notice.is_passing()) {
            self.below.push((notice, since));
            let n = self.below.len().saturating_sub(MOST);
            self.below.drain(..n);
        }
    }

    /// Takes notices away whose cause is gone.
    pub(in crate::state) fn cure(&mut self, is_cured: impl Fn(&Notice) -> bool) {
        self.below.retain(|(notice, _)| !is_cured(notice));
        if self.notice.as_ref().is_some_and(is_cured) {
            self.next_notice();
        }
    }

    fn next_notice(&mut self) {
        (self.notice, self.noticed) =
            self.below.pop().map_or((None, None), |(notice, since)| (Some(notice), since));
    }

    /// What stays until it is cured or dismissed, what matters most first, then the newest.
    pub fn told(&self) -> Vec<Told<'_>> {
        let below = self.below.iter().rev().map(|(notice, since)| (notice, *since));
        let all = self.notice.iter().map(|notice| (notice, self.noticed)).chain(below);
        // The number counts from the newest, also where that one is passing.
        let told = all.enumerate().map(|(n, (notice, since))| Told { n, notice, since });
        let mut told: Vec<Told<'_>> = told.filter(|told| !told.notice.is_passing()).collect();
        told.sort_by_key(|told| told.notice.weight());
        told
    }

    /// Whether one of this kind is told.
    pub(super) fn tells(&self, notice: &Notice) -> bool {
        self.told().iter().any(|told| told.notice.kind() == notice.kind())
    }

    /// The user has read this one, or, without a number, the one that matters most.
    pub(in crate::state) fn dismiss(&mut self, n: Option<usize>) {
        let unread = self.unread().cloned().map(Notice::CannotRead);
        let stays = |told: &&Told<'_>| unread.as_ref() == Some(told.notice);
        let first = || self.told().iter().find(|told| !stays(told)).map(|told| told.n);
        let Some(n) = n.or_else(first).or_else(|| unread.is_none().then_some(0)) else { return };
        if n == 0 {
            self.next_notice();
        } else if let Some(at) = self.below.len().checked_sub(n) {
            self.below.remove(at);
        }
    }

    /// Why nothing of a capture could be read, which its page tells.
    pub fn unread(&self) -> Option<&Reason> {
        let all = self.notice.iter().chain(self.below.iter().map(|(notice, _)| notice));
        let mut whys =
            all.filter_map(|notice| if let Notice::CannotRead(why) = notice { Some(why) } else { None });
        whys.next().filter(|_| self.log.is_empty())
    }

    /// What keeps the session from working, if anything does.
    pub fn fault(&self) -> Option<&Notice> {
        let is_fault = |told: &&Told<'_>| told.notice.is_fault();
        let told = self.told();
        let fault = told.iter().find(is_fault).map(|told| told.notice);
        fault.filter(|notice| self.phase == Phase::Idle || !notice.is_end())
    }

    /// Whether opening the session again is what follows.
    pub fn can_open_again(&self, notice: &Notice) -> bool {
        let began =
            |doing| matches!(doing, Doing::Resolving | Doing::Binding | Doing::Listening | Doing::Connecting);
        let never_began = matches!(notice, Notice::Net(error) if began(error.doing));
        self.phase == Phase::Idle && (notice.is_end() || never_began)
    }

    /// Takes a passing notice away after a while.
    pub(super) fn pass(&mut self, now: Stamp) {
        for (_, since) in &mut self.below {
            since.get_or_insert(now);
        }
        let Some(notice) = &self.notice else { return };
        let since = *self.noticed.get_or_insert(now);
        // There is something to be done with a file.
        let most = if notice.written().is_some() { 4 * PASSING_NS } else { PASSING_NS };
        if notice.is_passing() && now.since(since) > most {
            self.next_notice();
        }
    }

    /// A cycle has stopped, but not on demand: it may be resumed.
    pub(super) fn cycle_stopped(&mut self) {
        self.tell(Notice::CycleStopped(self.halted()));
    }

    /// The cycles that are told to have stopped.
    pub(super) fn told_halted(&self) -> Option<Halted> {
        let of = |told: Told<'_>| if let Notice::CycleStopped(n) = told.notice { Some(*n) } else { None };
        self.told().into_iter().find_map(of)
    }

    /// The cycles that have stopped and may be resumed.
    pub fn halted(&self) -> Halted {
        let halted = self.cycles.values().filter(|cycle| cycle.is_cut_short());
        let none = Halted { cycles: 0, sent: 0 };
        halted.fold(none, |Halted { cycles, sent }, cycle| Halted {
            cycles: cycles + 1,
            sent: sent.saturating_add(cycle.progress.sent),
        })
    }

    /// Resumes the cycles that are to be, and returns their orders.
    pub(in crate::state) fn resume_cycles(&mut self) -> Vec<Repeat> {
        let mut resumed = Vec::new();
        for id in std::mem::take(&mut self.resumes) {
            let Some(cycle) = self.cycles.get(&id).filter(|cycle| cycle.can_resume()) else { continue };
            let to = self.there_again(cycle.repeat.to.clone());
            resumed.extend(self.cycles.get_mut(&id).map(|cycle| cycle.resume(to)));
        }
        self.cycles_gone();
        resumed
    }

    /// Nothing is told any more of cycles that run again or whose rows are gone.
    pub(in crate::state) fn cycles_gone(&mut self) {
        let halted = self.halted();
        if halted.cycles == 0 {
            return self.cure(|notice| matches!(notice, Notice::CycleStopped(_)));
        }
        let below = self.below.iter_mut().map(|(notice, _)| notice);
        for notice in self.notice.iter_mut().chain(below) {
            if let Notice::CycleStopped(told) = notice {
                *told = halted;
            }
        }
    }

    /// The same target, on the connection that its peer has now.
    fn there_again(&self, to: Target) -> Target {
        let Target::Flows(flows) = &to else { return to };
        let [flow] = flows[..] else { return to };
        let Some(before) = self.log.flow(flow).filter(|_| !self.peers.contains_key(&flow)) else { return to };
        let mut now = SendTo::Peer(SendToPeer { client: before.peer, upstream: false, flow: None });
        self.find(&mut now);
        now.flow().map_or(to, |flow| Target::Flows(vec![flow]))
    }
}

impl Notice {
    /// Of one kind, only the last one is told.
    fn kind(&self) -> (std::mem::Discriminant<Self>, Option<Doing>) {
        let doing = if let Self::Net(error) = self { Some(error.doing) } else { None };
        (std::mem::discriminant(self), doing)
    }

    /// Whether the session has ended by itself.
    fn is_end(&self) -> bool {
        matches!(self, Self::Ended(_) | Self::PeerClosed(_))
    }

    /// Whether the session does not work any more, or not now.
    fn is_fault(&self) -> bool {
        self.is_about_accepting() || self.is_end() || matches!(self, Self::RecordingPaused(..))
    }

    /// Whether clients cannot be accepted.
    pub(super) fn is_about_accepting(&self) -> bool {
        matches!(self, Self::Net(error) if error.doing == Doing::Accepting)
    }
}
