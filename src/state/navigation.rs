//! What is done with what a tab has recorded: going to a place, finding, noting, saving.

use std::path::{Path, PathBuf};

use super::action::Saved;
use super::{
    Effect, FileDialog, FileFor, Notice, PaletteBox, PaletteMode, SavePlace, SaveScope, SaveState, State,
    TabId,
};
use crate::codec::When;
use crate::codec::frame::Framing;
use crate::model::{
    Command, Format, Message, Reason, Twin, highlight, is_highlight, notes_on, without_highlight,
};
use crate::workspace::{IfExists, View, ViewMode};

impl State {
    pub(super) fn next_hit(&mut self, forward: bool, position: u64) {
        self.tab_mut().next_hit(forward, position);
        let hit = self.tab().current_hit();
        let reveal = |(at, byte)| Effect::Reveal { tab: self.active, at, byte: Some(byte) };
        self.effects.extend(hit.map(reveal));
    }

    /// Shows a list of the palette. Captures are read from the folder meanwhile.
    pub(super) fn show_palette(&mut self, mode: Option<PaletteMode>) {
        self.palette = mode.map(|mode| PaletteBox { mode, ..PaletteBox::default() });
        self.effects.extend((mode == Some(PaletteMode::Captures)).then_some(Effect::ListRecent));
    }

    pub(super) fn go_to(&mut self, when: When) {
        let tab = self.tab();
        let effect = match when {
            When::Number(number) if (1..=tab.log.len()).contains(&number) => {
                let at = tab.items().position_of_record(number - 1);
                Effect::Reveal { tab: tab.id, at, byte: None }
            }
            When::Number(_) => return,
            when => Effect::GoToTime(tab.id, when),
        };
        self.effects.push(effect);
    }

    /// Tells what the twin of an item is, and goes there if it is shown.
    pub(super) fn found_twin(&mut self, id: TabId, twin: Twin) {
        let Some(tab) = self.find_mut(id) else { return };
        tab.tell(Notice::Twin(twin));
        if let Twin::Record { record, .. } = twin {
            let at = tab.items().position_of_record(record);
            let is_shown =
                tab.items().get(at).is_some_and(|item| (item.first()..=item.last()).contains(&record));
            self.effects.extend(is_shown.then_some(Effect::Reveal { tab: id, at, byte: None }));
        }
    }

    pub(super) fn set_note(&mut self, record: u64, text: String) {
        let tab = self.tab_mut();
        tab.set_note(record, text.clone());
        // A viewed capture is not changed: its notes are in what is saved.
        if !tab.is_viewer() {
            self.command(Command::Annotate(record, text));
        }
    }

    pub(super) fn show_item(&mut self, item: &Message, mode: ViewMode) {
        let tab = self.tab_mut();
        tab.set_view(View { mode, ..tab.session.view });
        let at = tab.items().position_of(item);
        self.effects.push(Effect::Reveal { tab: self.active, at, byte: None });
    }

    pub(super) fn show_save(&mut self, open: bool) {
        let format = Format::named(&self.settings.save_format);
        let tab = self.tab_mut();
        tab.show_save(open);
        if tab.save.open && !matches!(tab.save.scope, SaveScope::Plain | SaveScope::Wire) {
            tab.save.scope = if tab.hides() { SaveScope::Shown } else { SaveScope::Whole };
        }
        if tab.save.open && tab.save.is_suggested() {
            let is_first = tab.save.place.name.is_empty();
            tab.save.format = format.filter(|_| is_first).unwrap_or(tab.save.format);
            self.effects.push(Effect::SuggestSavePath(self.active));
        }
    }

    pub(super) fn show_save_of(&mut self, scope: SaveScope) {
        self.show_save(true);
        self.tab_mut().save.scope = scope;
    }

    pub(super) fn set_framing(&mut self, framing: Framing) {
        self.tab_mut().set_framing(framing.clone());
        self.worker(Command::SetFraming(framing));
    }

    pub(super) fn browse(&mut self, what: FileFor) {
        let tab = self.tab();
        let save =
            |place: &SavePlace, extension| FileDialog::Save(place.path().unwrap_or_default(), extension);
        let dialog = match what {
            FileFor::Save => save(&tab.save.place, tab.save.format.extension()),
            FileFor::Workspace => save(&tab.workspace.place, "toml"),
            FileFor::QuickExport => FileDialog::Save("quick.toml".into(), "toml"),
            FileFor::QuickImport | FileFor::Send | FileFor::Open => FileDialog::Open,
        };
        self.effects.push(Effect::Browse(self.active, what, dialog));
    }

    /// The system shows no dialog: the field for a path is shown.
    pub(super) fn no_dialog(&mut self, tab: TabId, what: FileFor) {
        match what {
            FileFor::Send => self.with_tab(tab, |tab| tab.send.file_open = true),
            FileFor::Open if !self.recent_open => self.show_recent(true),
            FileFor::Save
            | FileFor::Workspace
            | FileFor::Open
            | FileFor::QuickImport
            | FileFor::QuickExport => {}
        }
        self.tell(Some(tab), Notice::NoDialog);
    }

    pub(super) fn chosen(&mut self, tab: TabId, what: FileFor, path: PathBuf) {
        match what {
            FileFor::Save => self.with_tab(tab, |tab| {
                (tab.save.place, tab.save.state) = (path.as_path().into(), SaveState::Idle);
            }),
            FileFor::Workspace => self.with_tab(tab, |tab| {
                (tab.workspace.place, tab.workspace.state) = (path.as_path().into(), SaveState::Idle);
            }),
            FileFor::Send => self.with_tab(tab, |tab| tab.take_file(&path)),
            FileFor::Open => self.open_capture(path),
            FileFor::QuickImport => self.import_quick(tab, path),
            // The dialog has asked about a file that exists.
            FileFor::QuickExport => self.export_quick(tab, path, IfExists::Replace),
        }
    }

    pub(super) fn save(&mut self, if_exists: IfExists) {
        let order = self.tab_mut().export_order(if_exists);
        self.effects.extend(order.map(|order| Effect::Export(self.active, order)));
    }

    pub(super) fn save_ended(&mut self, id: TabId, result: Result<Saved, Reason>) {
        let Some(tab) = self.find_mut(id) else { return };
        if let Ok(Saved::Done(path, _)) = &result
            && let Ok(path) = std::path::absolute(path)
            && let Some(folder) = path.parent().and_then(Path::to_str)
        {
            let format = tab.save.format.name();
            (self.settings.save_folder, self.settings.save_format) = (folder.to_owned(), format.to_owned());
        }
        self.with_tab(id, |tab| tab.save_ended(result));
    }

    /// Highlights an item; or no more, if it is highlighted by anyone. Other notes on it stay.
    pub(super) fn switch_highlight(&mut self, item: &Message) {
        let tab = self.tab();
        let mut noted: Vec<(u64, String)> = notes_on(&tab.notes, &tab.log, item)
            .filter(|(_, note)| is_highlight(note))
            .map(|(record, note)| (record, without_highlight(note)))
            .collect();
        if noted.is_empty() {
            let note = tab.notes.get(&item.first()).map_or("", String::as_str);
            noted.push((item.first(), highlight(note)));
        }
        for (record, note) in noted {
            self.set_note(record, note);
        }
    }
}
