//! What rules decide on a message that a relay passes on.

use std::sync::Arc;
use std::time::Duration;

use super::{Answer, RuleAction};

/// What becomes of a message in a relay.
#[derive(Debug, Default)]
pub struct Verdict {
    /// It is passed on as this instead.
    pub data: Option<Arc<[u8]>>,
    /// The rule that drops it.
    pub dropped: Option<usize>,
    /// The rules that have changed it.
    pub changed: Vec<usize>,
    /// The rule that holds it, and for how long.
    pub hold: Option<(usize, Option<Duration>)>,
    /// How long it is withheld.
    pub after: Duration,
}

impl Verdict {
    /// Takes in the answer of a rule if it decides on the message; false if it does not.
    pub fn takes(&mut self, answer: &Answer) -> bool {
        let Answer { rule, after, what, .. } = answer;
        match what {
            RuleAction::Replace(bytes) => {
                self.data = Some(Arc::clone(bytes));
                self.changed.push(*rule);
            }
            RuleAction::Drop => self.dropped = Some(*rule),
            RuleAction::Hold(time) => self.hold = Some((*rule, *time)),
            _other => return false,
        }
        self.after = self.after.max(*after);
        true
    }
}
