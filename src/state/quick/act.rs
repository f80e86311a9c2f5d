//! What the user does with the quick sends, and what is left to do outside for it.

use std::path::PathBuf;
use std::sync::Arc;

use super::{QuickAction, QuickId, QuickNotice};
use crate::model::{Command, FlowId, Reason, SendPart, Sequence, SocketCommand, Target};
use crate::state::{Effect, Notice, State, Tab, TabId};
use crate::workspace::{Draft, IfExists, Imported, QuickSend};

impl Tab {
    /// What a quick send sends, and to whom.
    fn quick_message(&self, quick: &QuickSend) -> Result<(Target, SendPart), Notice> {
        let wrong = |problem| Notice::Quick(QuickNotice::Wrong(quick.title(), problem));
        let part = quick.build(self.session.charsets().sent).map_err(wrong)?;
        let is_empty = matches!(&part, SendPart::Bytes(bytes) | SendPart::Hex(bytes) if bytes.is_empty());
        if is_empty && self.session.protocol.is_stream() {
            return Err(Notice::NothingToSend);
        }
        Ok((self.target()?, part))
    }

    fn sequence(&mut self) -> Result<Sequence, Notice> {
        let to = self.target()?;
        let (id, rows, loops) = self.quick.start(self.session.charsets())?;
        Ok(Sequence { id, to, rows: Arc::from(rows), loops })
    }

    /// A rule asks for the ticked rows of a page to be sent once, to the peer whose message it met.
    pub(in crate::state) fn sequence_wanted(&mut self, page: &str, flow: FlowId) -> Vec<Effect> {
        match self.quick.start_page(page, self.session.charsets()) {
            Ok((id, rows)) => {
                let to = Target::Flows(vec![flow]);
                let sequence = Sequence { id, to, rows: Arc::from(rows), loops: Some(1) };
                vec![Effect::Command(self.id, Command::Sequence(sequence))]
            }
            Err(notice) => {
                self.tell(notice);
                Vec::new()
            }
        }
    }
}

impl State {
    pub(in crate::state) fn quick(&mut self, action: QuickAction) {
        let id = self.active;
        let tab = self.tab_mut();
        let quick = &mut tab.quick;
        match action {
            QuickAction::Send(row) => self.send_quick(row),
            QuickAction::Run => self.order_to_send(|tab| tab.sequence().map(Command::Sequence)),
            QuickAction::Stop => {
                // Its end is of no interest any more.
                if let Some(run) = quick.run.take() {
                    self.command(Command::StopSequence(run.id));
                }
            }
            QuickAction::Row(action) => quick.act(action),
            QuickAction::New => match quick.add(QuickSend::default()) {
                Some(row) => quick.list.editing = Some(row),
                None => tab.tell(Notice::Quick(QuickNotice::Full)),
            },
            QuickAction::AddDraft => {
                if quick.add(tab.session.send.to_quick()).is_none() {
                    tab.tell(Notice::Quick(QuickNotice::Full));
                }
            }
            QuickAction::Load(row) => self.load_quick(row),
            QuickAction::Page(page) => {
                quick.page = page;
                quick.search.clear();
            }
            QuickAction::Browse(what) => self.browse(what),
            QuickAction::Import => {
                let path = quick.path.trim().into();
                self.import_quick(id, path);
            }
            QuickAction::Export => {
                let path = quick.path.trim().into();
                self.export_quick(id, path, IfExists::Refuse);
            }
            QuickAction::DismissRemarks => quick.remarks.clear(),
        }
    }

    fn send_quick(&mut self, row: QuickId) {
        let Some(form) = self.tab().quick.list.get(row).cloned() else { return };
        self.order_to_send(|tab| {
            let (to, what) = tab.quick_message(&form)?;
            tab.types(form.mode, form.charset, tab.session.charsets().sent);
            Ok(SocketCommand::Send { to, what }.into())
        });
    }

    fn load_quick(&mut self, row: QuickId) {
        let tab = self.tab_mut();
        let Some(form) = tab.quick.list.get(row) else { return };
        match Draft::of_quick(form, tab.session.charsets().sent) {
            Ok(mut draft) => {
                if !draft.content.contains('\n') {
                    draft.line_break = tab.session.send.line_break;
                }
                tab.fill_send_box(draft);
            }
            Err(notice) => tab.tell(Notice::Quick(notice)),
        }
    }

    pub(in crate::state) fn import_quick(&mut self, tab: TabId, path: PathBuf) {
        if !path.as_os_str().is_empty() && self.find(tab).is_some() {
            self.effects.push(Effect::ImportQuick(tab, path));
        }
    }

    pub(in crate::state) fn export_quick(&mut self, tab: TabId, path: PathBuf, if_exists: IfExists) {
        let quick = self.find(tab).map(|tab| tab.quick.list.forms());
        if let Some(quick) = quick.filter(|_| !path.as_os_str().is_empty()) {
            self.effects.push(Effect::ExportQuick { tab, path, quick, if_exists });
        }
    }

    pub(in crate::state) fn quick_imported(&mut self, tab: TabId, result: Result<Imported, Reason>) {
        let Some(found) = self.find_mut(tab) else { return };
        let notice = match result {
            Ok(imported) => {
                let (source, n_remarks) = (imported.source, imported.remarks.len());
                Notice::Quick(QuickNotice::Imported(source, found.quick.take(imported), n_remarks))
            }
            Err(why) => Notice::Quick(QuickNotice::NotImported(why)),
        };
        found.tell(notice);
    }
}
