//! Applies the rules of one session: finds those that match a message, and counts how often each was used.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::faults::{FaultInput, FaultState};
use super::modbus;
use super::name::{check_name, check_new_name};
use super::{Answer, Incoming, PeerAt, RuleAction};
use crate::codec::append::AppendFault;
use crate::codec::matcher::{Captures, Checked, Matcher};
use crate::codec::template::{self, Answered, Filling, Random, Template};
use crate::codec::{Charset, decode_all};
use crate::model::zone::Named;
use crate::model::{
    AndThen, FileName, FlowId, FolderFile, ModbusTable, NameFault, Recipients, Rule, RuleFault, RuleId,
    Rules, Stamp, Then, UserCommand,
};

/// The longest name that is filled in; names of files are shorter.
const MAX_NAME: usize = 64 * 1024;

/// The rules of one session and their state.
#[derive(Debug)]
pub struct Responder {
    rules: Arc<Rules>,
    hits: Vec<u64>,
    states: Vec<State>,
    /// The hits of rules that were there before and may come back.
    gone: BTreeMap<RuleId, u64>,
    random: Random,
    faults: FaultState,
    /// Results of matching the current message, shared by rules.
    checked: Checked,
}

/// The state of a rule, besides its hits.
#[derive(Debug, Clone, Default)]
struct State {
    last: Option<Stamp>,
    /// The values of its Modbus device; `None` before the first request.
    device: Option<ModbusTable>,
}

/// A message that a rule has matched.
struct Match<'a> {
    incoming: &'a Incoming<'a>,
    captures: &'a Captures,
    /// How often the rule was used before.
    n_before: u64,
}

impl Responder {
    /// A responder whose rules have not been used yet.
    pub fn new(rules: Arc<Rules>) -> Self {
        let n = rules.rules.len();
        let random = Random::new(rules.seed);
        Self {
            rules,
            hits: vec![0; n],
            states: vec![State::default(); n],
            gone: BTreeMap::new(),
            random,
            faults: FaultState::default(),
            checked: Checked::default(),
        }
    }

    /// The rules.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// How often each rule was used, in order.
    pub fn hits(&self) -> &[u64] {
        &self.hits
    }

    /// Replaces the rules. Rules with an [`id`](Rule::id) that existed before keep their counts, also if they come back
    /// later, and a device with an unchanged table keeps its values. Answers held back to be joined are released into `answers`.
    pub fn set_rules(&mut self, rules: Arc<Rules>, answers: &mut Vec<Answer>) {
        self.faults.release_all(answers);
        self.gone.extend(self.rules.rules.iter().zip(&self.hits).map(|(rule, hits)| (rule.id, *hits)));
        let mut hits = Vec::with_capacity(rules.rules.len());
        let mut states = Vec::with_capacity(rules.rules.len());
        for rule in &rules.rules {
            let before = self.rules.rules.iter().enumerate().find(|(_, before)| before.id == rule.id);
            hits.push(self.gone.remove(&rule.id).unwrap_or(0));
            let mut state = before.and_then(|(at, _)| self.states.get(at).cloned()).unwrap_or_default();
            if before.is_none_or(|(_, before)| before.then != rule.then) {
                state.device = None;
            }
            states.push(state);
        }
        if self.rules.seed != rules.seed {
            self.random = Random::new(rules.seed);
        }
        (self.hits, self.states, self.rules) = (hits, states, rules);
    }

    /// Tries the rules on a message in order, and appends their answers to `answers`.
    ///
    /// # Example
    /// ```
    /// use std::sync::Arc;
    /// use netassist::model::{FlowId, Rules, Stamp};
    /// use netassist::rules::{RuleAction, Incoming, Responder};
    /// let mut responder = Responder::new(Arc::new(Rules::echo()));
    /// let mut answers = Vec::new();
    /// let peer = "127.0.0.1:80".parse().unwrap();
    /// let zone = &jiff::tz::TimeZone::UTC;
    /// let at = Stamp(0);
    /// let incoming =
    ///     Incoming { message: b"hello", flow: FlowId(3), peer, leg: None, now: at, wall: at, zone, limit: 99, room: 99 };
    /// responder.respond(&incoming, &mut answers);
    /// assert_eq!(answers[0].what, RuleAction::Send(b"hello"[..].into()));
    /// assert_eq!(responder.hits(), [1]);
    /// ```
    pub fn respond(&mut self, incoming: &Incoming<'_>, answers: &mut Vec<Answer>) {
        let rules = Arc::clone(&self.rules);
        let mut room = incoming.room;
        self.checked.clear();
        // What a relay passes on so far.
        let mut changed: Option<Arc<[u8]>> = None;
        let mut closing = None;
        for (nth, rule) in rules.rules.iter().enumerate() {
            let (Some(hits), Some(state)) = (self.hits.get_mut(nth), self.states.get_mut(nth)) else { break };
            if rule.silence.is_some()
                || !may_be_used(rule, *hits, state.last, incoming.now)
                || !rule.from.admits(incoming.peer, incoming.leg)
            {
                continue;
            }
            let message = changed.as_deref().unwrap_or(incoming.message);
            let Some(captures) = rule.when.matches_knowing(message, &mut self.checked) else {
                continue;
            };
            let n_before = *hits;
            *hits += 1;
            state.last = Some(incoming.now);
            let found = Match { incoming: &Incoming { message, ..*incoming }, captures: &captures, n_before };
            // The other answers to this message come first.
            if rule.then == Then::Close {
                closing.get_or_insert((nth, rule, n_before));
            } else {
                self.follow(nth, rule, &found, &mut room, answers);
            }
            if rule.then.decides()
                && let Some(Answer { what: RuleAction::Replace(bytes), .. }) = answers.last()
            {
                changed = Some(Arc::clone(bytes));
                self.checked.clear();
            }
            match rule.limits.and_then {
                AndThen::Stop => break,
                AndThen::GoOn => {}
            }
        }
        if let Some((nth, rule, n_before)) = closing {
            let found = Match { incoming, captures: &Captures::default(), n_before };
            self.follow(nth, rule, &found, &mut room, answers);
        }
    }

    /// Uses a rule for silence: towards each of `peers` that it admits if it does something to a sender, and else once.
    /// `incoming` has no message and no sender.
    pub fn respond_to_silence(
        &mut self,
        nth: usize,
        incoming: &Incoming<'_>,
        peers: &[PeerAt],
        answers: &mut Vec<Answer>,
    ) {
        let rules = Arc::clone(&self.rules);
        let Some(rule) = rules.rules.get(nth) else { return };
        let (Some(hits), Some(state)) = (self.hits.get_mut(nth), self.states.get_mut(nth)) else { return };
        if !may_be_used(rule, *hits, state.last, incoming.now) {
            return;
        }
        let n_before = *hits;
        *hits += 1;
        state.last = Some(incoming.now);
        let (mut room, captures) = (incoming.room, Captures::default());
        let nobody = [(incoming.flow, incoming.peer, None)];
        let is_for_each = rule.then.needs_peer() && rule.to == Recipients::Sender;
        for (flow, peer, leg) in if is_for_each { peers } else { &nobody } {
            if !is_for_each || rule.from.admits(*peer, *leg) {
                let incoming = &Incoming { flow: *flow, peer: *peer, leg: *leg, ..*incoming };
                let found = Match { incoming, captures: &captures, n_before };
                self.follow(nth, rule, &found, &mut room, answers);
            }
        }
    }

    /// Counts an echo that bypassed the rules, because they are a [plain echo](Rules::is_plain_echo).
    pub fn echoed(&mut self) {
        if let Some(hits) = self.hits.first_mut() {
            *hits += 1;
        }
    }

    /// Whether answers to messages on this flow are held back to be joined.
    pub fn holds(&self, flow: FlowId) -> bool {
        self.faults.holds(flow)
    }

    /// When held-back answers are released even if they are too few; `None` if there are none.
    pub fn held_until(&self) -> Option<Stamp> {
        self.faults.held_until()
    }

    /// Releases answers that have been held back long enough.
    pub fn release(&mut self, now: Stamp, answers: &mut Vec<Answer>) {
        self.faults.release(now, answers);
    }

    /// Forgets the answers held back for a peer that has left.
    pub fn forget(&mut self, flow: FlowId) {
        self.faults.forget(flow);
    }

    fn follow(
        &mut self,
        nth: usize,
        rule: &Rule,
        found: &Match<'_>,
        room: &mut u64,
        answers: &mut Vec<Answer>,
    ) {
        let action =
            self.action(nth, &rule.then, found).unwrap_or_else(|fault| Some(RuleAction::Fail(fault)));
        let Some(mut what) = action else { return };
        let len = what.bytes();
        match room.checked_sub(len) {
            Some(left) => *room = left,
            None => what = RuleAction::Fail(RuleFault::NoRoom(len, found.incoming.room)),
        }
        let after = self.random.span(&rule.after);
        let answer = Answer { rule: nth, flow: found.incoming.flow, after, to: rule.to, what };
        let rules = Arc::clone(&self.rules);
        // The place of the checksum: its length, and the number of bytes after it.
        let checksum = if let Then::Reply(template) = &rule.then { template.checksum_place() } else { None };
        let input =
            FaultInput { faults: &rules.faults, checksum, now: found.incoming.now, random: &mut self.random };
        self.faults.pass(answer, input, answers);
    }

    /// What a rule does; `None` if its device does not answer.
    fn action(
        &mut self,
        nth: usize,
        then: &Then,
        found: &Match<'_>,
    ) -> Result<Option<RuleAction>, RuleFault> {
        let random = &mut self.random;
        Ok(Some(match then {
            Then::Echo => {
                let Incoming { message, limit, .. } = *found.incoming;
                template::within(limit, message.len()).map_err(RuleFault::Append)?;
                RuleAction::Send(Arc::from(message))
            }
            Then::Reply(template) => RuleAction::Send(Arc::from(fill(template, found, random)?)),
            Then::SendFile(file) => RuleAction::SendFile(name_of(file, check_name, found, random)?),
            Then::SaveFile { file, content } => {
                let name = name_of(file, check_new_name, found, random)?;
                RuleAction::SaveFile(name, Arc::from(fill(content, found, random)?))
            }
            Then::Modbus(table) => {
                let Some(state) = self.states.get_mut(nth) else { return Ok(None) };
                let device = state.device.get_or_insert_with(|| (**table).clone());
                let answer = modbus::answer(device, found.incoming.message);
                return Ok(answer.map(|bytes| RuleAction::Send(Arc::from(bytes))));
            }
            Then::Replace(template) => {
                let rules = Arc::clone(&self.rules);
                let Some(rule) = rules.rules.get(nth) else { return Ok(None) };
                RuleAction::Replace(Arc::from(replaced(&rule.when, template, found, random)?))
            }
            Then::Drop => RuleAction::Drop,
            Then::Hold(time) => RuleAction::Hold(*time),
            Then::Close => RuleAction::Close,
            Then::Reset => RuleAction::Reset,
            Then::StopRecording => RuleAction::StopRecording,
            Then::Highlight => RuleAction::Highlight,
            Then::Note(template, charset) => {
                RuleAction::Note(decode_all(*charset, &[], &fill(template, found, random)?, true).text)
            }
            Then::Sequence(page) => RuleAction::Sequence(page.clone()),
            Then::Notify(template, charset) => {
                RuleAction::Notify(decode_all(*charset, &[], &fill(template, found, random)?, true).text)
            }
            Then::Run(UserCommand { name, line: None }) => return Err(RuleFault::Command(name.clone())),
            Then::Run(command) => RuleAction::Run(command.clone(), Arc::from(found.incoming.message)),
        }))
    }
}

/// Whether the limits of a rule allow its use.
fn may_be_used(rule: &Rule, hits: u64, last: Option<Stamp>, now: Stamp) -> bool {
    let is_cool = last.is_none_or(|last| {
        // If the clock was set back, the remaining time is unknown, so the cool-down ends.
        now < last || u128::from(now.since(last)) >= rule.limits.cool_down.as_nanos()
    });
    is_cool && rule.limits.at_most.is_none_or(|most| hits < most)
}

fn fill(template: &Template, found: &Match<'_>, random: &mut Random) -> Result<Vec<u8>, RuleFault> {
    let Incoming { message, flow: _, peer, leg: _, now: _, wall, zone, limit, room: _ } = *found.incoming;
    let peer = if peer.ip().is_unspecified() { String::new() } else { Named(peer).to_string() };
    let mut filling = Filling { now_ns: wall.0, zone, peer: &peer, n_before: found.n_before, random, limit };
    template
        .fill_answer(&mut filling, Answered { message, captures: found.captures })
        .map_err(RuleFault::Append)
}

/// The message with each match replaced by what is filled in for it.
fn replaced(
    when: &Matcher,
    template: &Template,
    found: &Match<'_>,
    random: &mut Random,
) -> Result<Vec<u8>, RuleFault> {
    let Incoming { message, limit, .. } = *found.incoming;
    let (mut new, mut rest) = (Vec::with_capacity(message.len()), 0);
    for (range, captures) in when.find_all(message, &mut Checked::default()) {
        new.extend_from_slice(message.get(rest..range.start).unwrap_or_default());
        rest = range.end;
        let part = Incoming { message: message.get(range).unwrap_or_default(), ..*found.incoming };
        new.extend(fill(template, &Match { incoming: &part, captures: &captures, ..*found }, random)?);
        template::within(limit, new.len()).map_err(RuleFault::Append)?;
    }
    new.extend_from_slice(message.get(rest..).unwrap_or_default());
    Ok(new)
}

fn name_of(
    file: &FolderFile,
    check: fn(&str) -> Result<(), NameFault>,
    found: &Match<'_>,
    random: &mut Random,
) -> Result<FileName, RuleFault> {
    let FolderFile { folder, approved, name, charset } = file;
    let incoming = &Incoming { limit: MAX_NAME, ..*found.incoming };
    let bytes = match fill(name, &Match { incoming, ..*found }, random) {
        Err(RuleFault::Append(AppendFault::OverLimit { .. })) => {
            return Err(RuleFault::Name(String::new(), NameFault::TooLong));
        }
        bytes => bytes?,
    };
    let name = text_of(*charset, &bytes)?;
    match check(&name) {
        Ok(()) => Ok(FileName { folder: folder.clone(), approved: approved.clone(), name }),
        Err(fault) => Err(RuleFault::Name(name, fault)),
    }
}

/// Decodes the bytes, if encoding the text yields the same bytes.
fn text_of(charset: Charset, bytes: &[u8]) -> Result<String, RuleFault> {
    let text = decode_all(charset, &[], bytes, true).text;
    let survives = charset.encode(&text).is_ok_and(|back| *back == *bytes);
    if survives { Ok(text) } else { Err(RuleFault::Name(text, NameFault::NoText)) }
}
