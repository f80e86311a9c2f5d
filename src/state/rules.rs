//! The rules of a tab: their list, and the message they are tried with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use jiff::tz::TimeZone;

use super::{Commands, Folders, Row, RowAction, RowId, RowList};
use crate::codec::compose::{ComposeError, Manner, Mode};
use crate::codec::hex;
use crate::codec::matcher::MatchKind;
use crate::model::{
    Expected, FlowId, Leg, Options, Problem, Protocol, RelayFaults, Rule, RuleId, Rules, Sender, Stamp,
};
use crate::rules::{Answer, Incoming, Responder};
use crate::workspace::{Charsets, FaultsForm, RuleForm, Session};

impl RowId for RuleId {
    const MOST: usize = 1000;

    fn new(n: u32) -> Self {
        Self(n)
    }
}

/// What the user wants with the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesAction {
    /// Something with the rows of the list.
    Row(RowAction<RuleId>),
    /// A new one at the end, with its fields.
    New,
    /// This rule is there and on, or off.
    Switch(Box<RuleForm>, bool),
    /// Try the rules with what is selected in the log.
    TestSelected,
    /// Switch the faults of a relay off.
    FaultsOff,
    /// What is typed is used from now on.
    Apply,
}

/// The rules that were built, and their source.
#[derive(Debug, Clone)]
struct Made {
    rows: Vec<Row<RuleId, RuleForm>>,
    faults: FaultsForm,
    charset: Charsets,
    protocol: Option<Protocol>,
    approved: Folders,
    commands: Arc<Commands>,
    rules: Arc<Rules>,
}

/// The message that the rules are tried with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestBox {
    pub(crate) open: bool,
    pub(crate) text: String,
    pub(crate) mode: Mode,
}

/// The rules of a tab.
#[derive(Debug, Clone, Default)]
pub struct RulesBox {
    /// The rows.
    pub list: RowList<RuleId, RuleForm>,
    /// Faults in answers, as typed.
    pub faults: FaultsForm,
    /// The fields of the faults are shown.
    pub faults_open: bool,
    /// The faults of a relay: those in force, and the texts that they were read from.
    relay: (RelayFaults, [String; 2]),
    /// The faults of a relay are switched off.
    pub relay_off: bool,
    /// The direction whose faults are shown.
    pub relay_shown: Option<Leg>,
    /// What the rules are tried with.
    pub test: TestBox,
    /// The commands that the user has defined.
    pub commands: Arc<Commands>,
    /// The approved folders.
    approved: Folders,
    /// Folders that came with the rules, not from the user's hand, and are not approved.
    strange: BTreeSet<String>,
    made: Option<Made>,
    /// That of the session, once it is known.
    protocol: Option<Protocol>,
    /// The rules that the worker has.
    given: Option<Arc<Rules>>,
    /// How often each rule was used since the session was opened, also those that the worker has no more: they may come back.
    uses: BTreeMap<RuleId, u64>,
}

impl RulesBox {
    /// These rules and faults. Their folders are not approved.
    pub fn of(forms: impl IntoIterator<Item = RuleForm>, faults: FaultsForm) -> Self {
        let mut made = Self { list: RowList::of(forms), faults, ..Self::default() };
        made.strange = made.folders(|_form| true);
        made
    }

    fn folders(&self, of: impl Fn(&RuleForm) -> bool) -> BTreeSet<String> {
        let forms = self.list.rows().iter().map(|row| &row.form).filter(|form| of(form));
        forms.filter_map(|form| form.file_folder().map(str::to_owned)).collect()
    }

    /// The folders of active rules that are not approved.
    pub fn unapproved(&self) -> BTreeSet<String> {
        let mut folders = self.folders(|form| form.on);
        folders.retain(|folder| !self.approved.contains_key(folder));
        folders
    }

    /// Whether an active rule runs a command.
    pub(super) fn runs_commands(&self) -> bool {
        self.list.rows().iter().any(|row| row.form.on && row.form.command_name().is_some())
    }

    /// Whether an active rule has a folder that is not approved and that the user has not typed.
    pub(super) fn has_strange_folder(&self) -> bool {
        let on = self.list.rows().iter().map(|row| &row.form).filter(|form| form.on);
        on.filter_map(RuleForm::file_folder).any(|folder| self.strange.contains(folder))
    }

    /// The folders that the user has typed and whose canonical names are still to be found.
    pub(super) fn typed(&self) -> BTreeSet<String> {
        self.unapproved().difference(&self.strange).cloned().collect()
    }

    /// Approves these folders.
    pub(super) fn approve(&mut self, folders: &Folders) {
        self.strange.retain(|folder| !folders.contains_key(folder));
        self.approve_typed(folders);
    }

    /// Approves those of these folders that the user has typed.
    pub(super) fn approve_typed(&mut self, folders: &Folders) {
        let typed = folders.iter().filter(|(folder, _)| !self.strange.contains(*folder));
        self.approved.extend(typed.map(|(folder, name)| (folder.clone(), name.clone())));
    }

    /// The approved folders that are in use, to be kept.
    pub(super) fn folders_to_save(&self) -> BTreeMap<String, String> {
        let folders = self.folders(|_form| true).into_iter();
        let known = |folder: String| {
            let name = self.approved.get(&folder)?.to_str()?.to_owned();
            Some((folder, name))
        };
        folders.filter_map(known).collect()
    }

    /// Whether this rule is there and on, whatever it is called.
    pub fn has(&self, form: &RuleForm) -> bool {
        self.list.rows().iter().any(|row| row.form.on && is_like(&row.form, form))
    }

    /// How often a rule was used since the worker has it; `None` if it does not.
    pub fn hits(&self, id: RuleId) -> Option<u64> {
        let is_given = self.given.as_ref()?.rules.iter().any(|rule| rule.id == id);
        is_given.then(|| self.uses.get(&id).copied().unwrap_or(0))
    }

    /// The rules that are on, right and of use here, and the faults as far as they are right, in a session of these charsets.
    pub fn rules(&mut self, charset: Charsets) -> Arc<Rules> {
        if let Some(made) = &self.made
            && made.rules.relay == *self.relay()
            && (made.charset, made.protocol) == (charset, self.protocol)
            && (&*made.rows, &made.faults, &made.approved, &made.commands)
                == (self.list.rows(), &self.faults, &self.approved, &self.commands)
        {
            return Arc::clone(&made.rules);
        }
        let on = self.list.rows().iter().filter(|row| row.form.on && self.unused(&row.form).is_none());
        let rules = on.filter_map(|row| row.form.build(row.id, charset).ok()).collect();
        let (faults, seed) = self.faults.build_valid();
        let mut rules = Rules { rules, faults, seed, relay: self.relay().clone() };
        rules.approve(|folder| self.approved.get(folder.to_str()?).cloned());
        rules.define_commands(|name| self.commands.get(name).cloned());
        let mut rules = Arc::new(rules);
        // What is typed may mean the same as before.
        if let Some(made) = self.made.take().filter(|made| made.rules == rules) {
            rules = made.rules;
        }
        let (rows, faults, approved) =
            (self.list.rows().to_vec(), self.faults.clone(), self.approved.clone());
        let (commands, protocol) = (Arc::clone(&self.commands), self.protocol);
        let made = Made { rows, faults, charset, protocol, approved, commands, rules: Arc::clone(&rules) };
        self.made = Some(made);
        rules
    }

    /// The faults of a relay that are in force.
    fn relay(&self) -> &RelayFaults {
        static NONE: LazyLock<RelayFaults> = LazyLock::new(RelayFaults::default);
        if self.relay_off { &NONE } else { &self.relay.0 }
    }

    /// The faults of a relay that are in force, as typed.
    pub fn faults_in_force(&self) -> Option<&str> {
        (!self.relay().is_none()).then_some(self.relay.1[0].as_str())
    }

    /// Takes the protocol, and the faults of a relay, unless they are invalid.
    pub(super) fn follow(&mut self, session: &Session) {
        self.protocol = Some(session.protocol);
        let typed = ["fault", "seed"].map(|name| session.options.text(name));
        if self.relay.1 != typed
            && let Ok(faults) = session.relay_faults()
        {
            self.relay = (faults, typed.map(str::to_owned));
        }
    }

    /// What is wrong with a rule, in a session of these charsets.
    pub fn problems(&self, id: RuleId, charset: Charsets) -> Vec<Problem> {
        let Some(form) = self.list.get(id) else { return Vec::new() };
        let unknown = self.unknown_command(form).map(|_name| Problem::new("command", Expected::Command));
        form.problems(charset).into_iter().chain(unknown).chain(self.unused(form)).collect()
    }

    /// The field by which a rule does nothing in this session.
    pub(crate) fn unused(&self, form: &RuleForm) -> Option<Problem> {
        form.unused_in(self.protocol?)
    }

    /// The command that a rule runs, if the user has not defined it.
    pub(super) fn unknown_command<'a>(&self, form: &'a RuleForm) -> Option<&'a str> {
        form.command_name().filter(|name| !self.commands.contains_key(*name))
    }

    /// Whether a rule that is on is wrong, and so not followed.
    pub fn is_wrong(&self, row: &Row<RuleId, RuleForm>) -> bool {
        let made = self.made.as_ref();
        let is_left_out = |made: &Made| made.rules.rules.iter().all(|rule| rule.id != row.id);
        row.form.on && (self.unknown_command(&row.form).is_some() || made.is_some_and(is_left_out))
    }

    /// A worker begins with these rules.
    pub(super) fn give(&mut self, rules: Arc<Rules>) {
        self.uses.clear();
        self.given = Some(rules);
    }

    /// The worker gets other rules. It goes on counting their uses.
    pub(super) fn give_anew(&mut self, rules: Arc<Rules>) {
        self.given = Some(rules);
    }

    /// Whether the worker has other rules.
    pub(super) fn is_new(&self, rules: &Rules) -> bool {
        self.given.as_ref().is_none_or(|given| **given != *rules)
    }

    /// Updates how often the worker has used its rules, and returns how often since the last time. Counts of earlier
    /// rules are ignored.
    pub(super) fn count(&mut self, counts: &[u64]) -> u64 {
        let Some(given) = self.given.as_ref().filter(|given| given.rules.len() == counts.len()) else {
            return 0;
        };
        let uses = &mut self.uses;
        let news = given.rules.iter().zip(counts);
        news.map(|(rule, count)| count.saturating_sub(uses.insert(rule.id, *count).unwrap_or(0))).sum()
    }

    pub(super) fn act(&mut self, action: RulesAction) {
        match action {
            RulesAction::Row(action) => {
                if action == RowAction::Edit(None) {
                    self.list.focus = self.list.editing;
                }
                self.list.act(action, |_| true);
            }
            RulesAction::New => {
                // It does nothing until one has typed what it is for.
                let form = RuleForm { when: MatchKind::Contains, ..RuleForm::default() };
                self.list.editing = self.list.add(form);
                self.list.focus = self.list.editing;
            }
            RulesAction::Switch(form, on) => self.switch(*form, on),
            RulesAction::FaultsOff => self.relay_off = true,
            // These are the tab's.
            RulesAction::TestSelected | RulesAction::Apply => {}
        }
    }

    fn switch(&mut self, form: RuleForm, on: bool) {
        // To be on it is enough that one of them is.
        let n = if on { 1 } else { usize::MAX };
        let alike = self.list.forms_mut().filter(|(_, known)| is_like(known, &form));
        let n_alike = alike.take(n).map(|(_, known)| known.on = on).count();
        if on && n_alike == 0 {
            self.list.add(RuleForm { on, ..form });
        }
    }

    pub(super) fn test_with(&mut self, bytes: &[u8]) {
        self.test = TestBox { open: true, text: hex::to_text(bytes), mode: Mode::Hex };
    }

    /// What would come of the message that is typed, from whomever it came. Counts and devices are as at the
    /// beginning.
    ///
    /// # Errors
    /// When what is typed stands for no bytes.
    pub fn tried(&mut self, charset: Charsets, now: Stamp, zone: &TimeZone) -> Result<Tried, ComposeError> {
        let manner = Manner { mode: self.test.mode, escapes: true, charset: charset.received };
        let message = manner.parse(&self.test.text)?;
        let rules = self.rules(charset);
        let anyone = |rule: &Rule| Rule { from: Sender::Anyone, ..rule.clone() };
        let all = Rules { rules: rules.rules.iter().map(anyone).collect(), ..(*rules).clone() };
        let mut responder = Responder::new(Arc::new(all));
        let mut answers = Vec::new();
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 8080));
        let Options { max_answer: limit, rule_memory: room, .. } = Options::default();
        let incoming = Incoming {
            message: &message,
            flow: FlowId(0),
            peer,
            leg: None,
            now,
            wall: now,
            zone,
            limit,
            room,
        };
        responder.respond(&incoming, &mut answers);
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
    pub(crate) used: Vec<RuleId>,
    pub(crate) answers: Vec<Answer>,
}

/// Whether two rules are the same but for their name, and whether they are on.
fn is_like(one: &RuleForm, other: &RuleForm) -> bool {
    let bare = |form: &RuleForm| RuleForm { name: String::new(), on: true, ..form.clone() };
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests;
