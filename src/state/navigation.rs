//! What is done with what a tab has recorded: going to a place, finding, noting, saving. Knows no
//! file: what must read one is an effect.

use super::{Disposal, Effect, FoundMore, State, TabId};
use crate::codec::When;
use crate::model::{Command, Message};
use crate::workspace::{View, ViewMode};

impl State {
    pub(super) fn next_hit(&mut self, forward: bool, position: u64) -> Vec<Effect> {
        self.tab_mut().next_hit(forward, position);
        self.reveal_hit()
    }

    pub(super) fn found(&mut self, id: TabId, found: FoundMore) -> Vec<Effect> {
        self.with_tab(id, |tab| tab.find.found(found));
        Vec::new()
    }

    pub(super) fn go_to(&mut self) -> Vec<Effect> {
        let id = self.active;
        let tab = self.tab_mut();
        let Some(go_to) = &mut tab.go_to else { return Vec::new() };
        match go_to.text.parse::<When>() {
            Ok(When::Number(number)) if number > tab.log.len() => {
                go_to.wrong = true;
                Vec::new()
            }
            Ok(When::Number(number)) => {
                tab.go_to = None;
                let at = tab.items().position_of_record(number.saturating_sub(1));
                vec![Effect::Reveal { tab: id, at, byte: None }]
            }
            Ok(when) => {
                tab.go_to = None;
                vec![Effect::GoToTime(id, when)]
            }
            Err(_not_a_place) => {
                go_to.wrong = true;
                Vec::new()
            }
        }
    }

    pub(super) fn set_note(&mut self, record: u64, text: String) -> Vec<Effect> {
        let tab = self.tab_mut();
        tab.set_note(record, text.clone());
        // What is only looked at is left as it is: the notes stand in what is saved.
        if tab.is_viewer() {
            Vec::new()
        } else {
            vec![Effect::Command(tab.id, Command::Annotate(record, text))]
        }
    }

    /// Shows an item in one of the views.
    pub(super) fn show_item(&mut self, item: &Message, mode: ViewMode) -> Vec<Effect> {
        let tab = self.tab_mut();
        tab.set_view(View { mode, ..tab.session.view });
        let at = tab.items().position_of(item);
        vec![Effect::Reveal { tab: self.active, at, byte: None }]
    }

    pub(super) fn show_save(&mut self, open: bool) -> Vec<Effect> {
        let tab = self.tab_mut();
        tab.show_save(open);
        if tab.save.open && tab.save.path.is_empty() {
            vec![Effect::SuggestSavePath(tab.id)]
        } else {
            Vec::new()
        }
    }

    pub(super) fn browse_save_path(&mut self) -> Vec<Effect> {
        let tab = self.tab();
        vec![Effect::PickSavePath(tab.id, tab.save.path.clone(), tab.save.format)]
    }

    pub(super) fn save(&mut self, disposal: Disposal) -> Vec<Effect> {
        let tab = self.tab_mut();
        match tab.export_order(disposal) {
            Some(order) => vec![Effect::Export(tab.id, order)],
            None => Vec::new(),
        }
    }

    /// The hit that the user went to, to be brought into sight.
    fn reveal_hit(&self) -> Vec<Effect> {
        let hit = self.tab().current_hit();
        hit.map(|(at, byte)| Effect::Reveal { tab: self.active, at, byte: Some(byte) }).into_iter().collect()
    }
}
