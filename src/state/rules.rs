//! The rules of a tab: their list, what is edited in it, and the message they are tried with. Knows no socket
//! and no clock.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::codec::compose::{ComposeError, Manner, Mode};
use crate::codec::{Charset, hex};
use crate::model::{FlowId, Problem, Rule, RuleId, Rules, Sender, Stamp};
use crate::rules::{Answer, Incoming, Responder};
use crate::workspace::{FaultsForm, RuleForm};

/// The most rules of a tab.
pub const MAX_RULES: usize = 1000;
/// So many deleted rules can be brought back.
const MOST_UNDONE: usize = 50;

/// A rule in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// Its name as long as the window is open.
    pub id: RuleId,
    /// What is typed in it.
    pub form: RuleForm,
}

/// What the user wants with the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesAction {
    /// Show the fields of this one, or the list again.
    Edit(Option<RuleId>),
    /// A new one at the end, with its fields.
    New,
    /// This rule is there and on, or off.
    Switch(Box<RuleForm>, bool),
    /// Put it where that one stands.
    Move(RuleId, RuleId),
    /// One place up.
    Up(RuleId),
    /// One place down.
    Down(RuleId),
    /// The same once more, below it.
    Duplicate(RuleId),
    /// Take it away.
    Delete(RuleId),
    /// Bring back what was taken away last.
    Undo,
    /// Try the rules with what is selected in the log.
    TestSelected,
    /// What is typed is used from now on.
    Apply,
}

/// What the rules were made of, and what came of it.
#[derive(Debug, Clone)]
struct Made {
    rows: Vec<RuleRow>,
    faults: FaultsForm,
    charset: Charset,
    rules: Arc<Rules>,
}

/// The message that the rules are tried with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestBox {
    /// It is shown.
    pub open: bool,
    /// What is typed.
    pub text: String,
    /// How it is read.
    pub mode: Mode,
}

/// The rules of a tab.
#[derive(Debug, Clone, Default)]
pub struct RulesBox {
    rows: Vec<RuleRow>,
    /// Faults in answers, as typed.
    pub faults: FaultsForm,
    /// The fields of the faults are shown.
    pub faults_open: bool,
    /// What the rules are tried with.
    pub test: TestBox,
    /// The rule whose fields are shown.
    pub editing: Option<RuleId>,
    /// The row that shall have the keyboard.
    pub focus: Option<RuleId>,
    made: Option<Made>,
    /// The rules that the worker has, and how often each of them was used.
    given: Option<(Arc<Rules>, Vec<u64>)>,
    deleted: Vec<(usize, RuleRow)>,
    next: u32,
}

impl RulesBox {
    /// These rules and faults.
    pub fn of(forms: impl IntoIterator<Item = RuleForm>, faults: FaultsForm) -> Self {
        let mut list = Self { faults, ..Self::default() };
        for form in forms.into_iter().take(MAX_RULES) {
            list.push(form);
        }
        list
    }

    /// All rows.
    pub fn rows(&self) -> &[RuleRow] {
        &self.rows
    }

    /// What is typed in all rows, to be saved.
    pub fn forms(&self) -> Vec<RuleForm> {
        self.rows.iter().map(|row| row.form.clone()).collect()
    }

    /// The row of that name, to be typed into.
    pub fn get_mut(&mut self, id: RuleId) -> Option<&mut RuleForm> {
        self.rows.iter_mut().find(|row| row.id == id).map(|row| &mut row.form)
    }

    /// Whether something that was taken away can come back.
    pub fn can_undo(&self) -> bool {
        !self.deleted.is_empty()
    }

    /// Whether this rule is there and on, whatever it is called.
    pub fn has(&self, form: &RuleForm) -> bool {
        self.rows.iter().any(|row| row.form.on && is_like(&row.form, form))
    }

    /// How often a rule was used since the worker has it; `None` if it does not.
    pub fn hits(&self, id: RuleId) -> Option<u64> {
        let (rules, hits) = self.given.as_ref()?;
        let at = rules.rules.iter().position(|rule| rule.id == id)?;
        Some(hits.get(at).copied().unwrap_or(0))
    }

    /// The rules that are on and right, and the faults as far as they are right, in a session of this charset.
    pub fn rules(&mut self, charset: Charset) -> Arc<Rules> {
        if let Some(made) = &self.made
            && (&made.rows, &made.faults, made.charset) == (&self.rows, &self.faults, charset)
        {
            return Arc::clone(&made.rules);
        }
        let on = self.rows.iter().filter(|row| row.form.on);
        let rules = on.filter_map(|row| row.form.build(row.id, charset).ok()).collect();
        let (faults, seed) = self.faults.build_right();
        let mut rules = Arc::new(Rules { rules, faults, seed });
        // What is typed may mean the same as before.
        if let Some(made) = self.made.take().filter(|made| made.rules == rules) {
            rules = made.rules;
        }
        let (rows, faults) = (self.rows.clone(), self.faults.clone());
        self.made = Some(Made { rows, faults, charset, rules: Arc::clone(&rules) });
        rules
    }

    /// What is wrong with a rule, in a session of this charset.
    pub fn problems(&self, id: RuleId, charset: Charset) -> Vec<Problem> {
        let row = self.rows.iter().find(|row| row.id == id);
        row.map(|row| row.form.problems(charset)).unwrap_or_default()
    }

    /// Whether a rule that is on is wrong, and so not followed.
    pub fn is_wrong(&self, row: &RuleRow) -> bool {
        let made = self.made.as_ref();
        row.form.on && made.is_some_and(|made| made.rules.rules.iter().all(|rule| rule.id != row.id))
    }

    /// The worker has been given these.
    pub(super) fn give(&mut self, rules: Arc<Rules>) {
        let n = rules.rules.len();
        self.given = Some((rules, vec![0; n]));
    }

    /// Whether the worker has not these, but others.
    pub(super) fn is_new(&self, rules: &Rules) -> bool {
        self.given.as_ref().is_none_or(|(given, _)| **given != *rules)
    }

    /// How often the worker has used its rules. What tells of others came too late.
    pub(super) fn count(&mut self, counts: &[u64]) {
        if let Some((_, hits)) = self.given.as_mut().filter(|(_, hits)| hits.len() == counts.len()) {
            hits.copy_from_slice(counts);
        }
    }

    fn push(&mut self, form: RuleForm) -> RuleId {
        let id = self.name();
        self.rows.push(RuleRow { id, form });
        id
    }

    fn name(&mut self) -> RuleId {
        let id = RuleId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    fn place(&self, id: RuleId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// Does what the user wants with the list.
    pub(super) fn act(&mut self, action: RulesAction) {
        match action {
            RulesAction::Edit(id) => {
                self.focus = if id.is_none() { self.editing } else { None };
                self.editing = id;
            }
            RulesAction::New => {
                if self.rows.len() < MAX_RULES {
                    self.editing = Some(self.push(RuleForm::default()));
                }
            }
            RulesAction::Switch(form, on) => self.switch(*form, on),
            RulesAction::Move(id, there) => self.put(id, there),
            RulesAction::Up(id) => self.shift(id, |at| at.checked_sub(1)),
            RulesAction::Down(id) => self.shift(id, |at| at.checked_add(1)),
            RulesAction::Duplicate(id) => self.duplicate(id),
            RulesAction::Delete(id) => self.delete(id),
            RulesAction::Undo => {
                if let Some((at, row)) = self.deleted.pop() {
                    self.rows.insert(at.min(self.rows.len()), row);
                }
            }
            // These are the tab's.
            RulesAction::TestSelected | RulesAction::Apply => {}
        }
    }

    fn switch(&mut self, form: RuleForm, on: bool) {
        let is_there = self.rows.iter().any(|row| is_like(&row.form, &form));
        if !is_there && on && self.rows.len() < MAX_RULES {
            self.push(RuleForm { on, ..form });
            return;
        }
        // To be on it is enough that one of them is.
        let n = if on { 1 } else { usize::MAX };
        let alike = self.rows.iter_mut().filter(|row| is_like(&row.form, &form));
        alike.take(n).for_each(|row| row.form.on = on);
    }

    fn put(&mut self, id: RuleId, there: RuleId) {
        let (Some(from), Some(to)) = (self.place(id), self.place(there)) else { return };
        let row = self.rows.remove(from);
        self.rows.insert(to.min(self.rows.len()), row);
    }

    fn shift(&mut self, id: RuleId, next: impl Fn(usize) -> Option<usize>) {
        let there = self.place(id).and_then(next).and_then(|at| self.rows.get(at)).map(|row| row.id);
        if let Some(there) = there {
            self.put(id, there);
        }
        self.focus = Some(id);
    }

    fn duplicate(&mut self, id: RuleId) {
        let Some(at) = self.place(id).filter(|_| self.rows.len() < MAX_RULES) else { return };
        let Some(form) = self.rows.get(at).map(|row| row.form.clone()) else { return };
        let id = self.name();
        self.rows.insert(at + 1, RuleRow { id, form });
    }

    fn delete(&mut self, id: RuleId) {
        let Some(at) = self.place(id) else { return };
        self.deleted.push((at, self.rows.remove(at)));
        if self.deleted.len() > MOST_UNDONE {
            self.deleted.remove(0);
        }
        self.focus = self.rows.get(at).or(self.rows.last()).map(|row| row.id);
        self.editing = self.editing.filter(|editing| *editing != id);
    }

    /// What the rules are tried with becomes these bytes.
    pub(super) fn test_with(&mut self, bytes: &[u8]) {
        self.test = TestBox { open: true, text: hex::to_text(bytes), mode: Mode::Hex };
    }

    /// What would come of the message that is typed, from whomever it came. Counts and devices are as at the
    /// beginning.
    ///
    /// # Errors
    /// When what is typed stands for no bytes.
    pub fn tried(&mut self, charset: Charset, now: Stamp, zone: &TimeZone) -> Result<Tried, ComposeError> {
        let manner = Manner { mode: self.test.mode, escapes: true, charset };
        let message = manner.parse(&self.test.text)?;
        let rules = self.rules(charset);
        let anyone = |rule: &Rule| Rule { from: Sender::Anyone, ..rule.clone() };
        let all = Rules { rules: rules.rules.iter().map(anyone).collect(), ..(*rules).clone() };
        let mut responder = Responder::new(Arc::new(all));
        let mut answers = Vec::new();
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
        responder.respond(&Incoming { message: &message, flow: FlowId(0), peer, now, zone }, &mut answers);
        // What waits to be joined would go some time.
        responder.release(Stamp(u64::MAX), &mut answers);
        let used = rules.rules.iter().zip(responder.hits()).filter(|(_, hits)| **hits > 0);
        Ok(Tried { used: used.map(|(rule, _)| rule.id).collect(), answers })
    }
}

/// What comes of a message that is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The rules that match it and are followed.
    pub used: Vec<RuleId>,
    /// What they do.
    pub answers: Vec<Answer>,
}

/// Whether two rules are the same but for their name, and whether they are on.
fn is_like(one: &RuleForm, other: &RuleForm) -> bool {
    let bare = |form: &RuleForm| RuleForm { name: String::new(), on: true, ..form.clone() };
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests;
