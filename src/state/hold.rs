//! Messages that a relay holds, and the dialog that decides on them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Notice, SendProblem, State, Tab};
use crate::codec::compose::{Manner, Mode};
use crate::model::{Body, Decision, Held, HoldEnd, HoldId, SocketCommand};
use crate::workspace::Draft;

/// A message longer than this is not edited as text.
pub const MOST_EDITED: usize = 64 * 1024;

/// What the user wants with held messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldAction {
    /// Look at one; `None` closes the dialog.
    Show(Option<HoldId>),
    /// Decide on one.
    Decide(HoldId, Decision),
}

/// The dialog that decides on a held message.
#[derive(Debug, Clone, Default)]
pub struct HoldBox {
    /// Which one.
    pub(crate) open: Option<HoldId>,
    /// What is passed on instead, as typed.
    pub(crate) draft: Draft,
    /// What was typed for others that are still held.
    drafts: BTreeMap<HoldId, Draft>,
    /// The bytes of it.
    pub(crate) edited: Option<Result<Arc<[u8]>, SendProblem>>,
}

impl Tab {
    /// The held message that the dialog shows.
    pub fn shown_hold(&self) -> Option<&Held> {
        self.holds.get(&self.hold.open?)
    }

    /// A message is no longer held. Somebody who was about to decide is told.
    pub(super) fn hold_ended(&mut self, id: HoldId, how: HoldEnd) {
        self.holds.remove(&id);
        self.hold.drafts.remove(&id);
        if self.hold.open == Some(id) {
            self.hold.open = None;
            self.tell(Notice::HoldOver(how));
        }
    }

    pub(super) fn show_hold(&mut self, id: Option<HoldId>) {
        let HoldBox { open, draft, mut drafts, .. } = std::mem::take(&mut self.hold);
        drafts.extend(open.filter(|id| self.holds.contains_key(id)).map(|id| (id, draft)));
        self.hold.drafts = drafts;
        let Some(held) = id.and_then(|id| self.holds.get(&id)) else { return };
        self.hold.open = id;
        if let Some(typed) = self.hold.drafts.remove(&held.id) {
            self.hold.draft = typed;
            return;
        }
        let mode = if self.session.view.body == Body::Text { Mode::Text } else { Mode::Hex };
        let charset = self.session.charsets().received;
        let content = if held.data.len() > MOST_EDITED {
            None
        } else {
            Manner { mode, escapes: true, charset }.print(&held.data)
        };
        self.hold.draft = Draft { mode, content: content.unwrap_or_default(), ..Draft::default() };
    }

    /// The message is held no longer; the next one that is held is shown if the dialog is open.
    fn decide(&mut self, id: HoldId, decision: Decision) -> Option<SocketCommand> {
        self.holds.remove(&id)?;
        self.hold.drafts.remove(&id);
        if self.hold.open.is_some() {
            let next = self.holds.keys().next().copied();
            self.show_hold(next);
        }
        Some(SocketCommand::Decide(id, decision))
    }
}

impl State {
    pub(super) fn hold(&mut self, action: HoldAction) {
        match action {
            HoldAction::Show(id) => self.tab_mut().show_hold(id),
            HoldAction::Decide(id, decision) => {
                if let Some(command) = self.tab_mut().decide(id, decision) {
                    self.command(command);
                }
            }
        }
    }
}
