//! The quick sends of a tab: their list, and the sequence that runs.

mod act;
mod convert;

use std::path::PathBuf;

use crate::model::{Missed, Problem, Reason, SequenceEnd, SequenceId, SequencePlace, SequenceRow};
use crate::workspace::{Charsets, Imported, Key, QuickSend, Remark, Source};

use super::{FileFor, Notice, Row, RowAction, RowId, RowList, Way};
use crate::codec::number;

/// Identifies a quick send as long as the window is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuickId(pub u32);

impl RowId for QuickId {
    const MOST: usize = 5000;

    fn new(n: u32) -> Self {
        Self(n)
    }
}

/// What the user wants with the quick sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuickAction {
    /// Send this one now.
    Send(QuickId),
    /// Something with the rows of the list.
    Row(RowAction<QuickId>),
    /// A new one at the end of the page, with its fields.
    New,
    /// What is in the send box becomes one.
    AddDraft,
    /// Put it into the send box.
    Load(QuickId),
    /// Show another page.
    Page(String),
    /// Send the ticked rows of the page, in order.
    Run,
    /// Stop that.
    Stop,
    /// Choose a list to take over, or where to save this one, with the system's dialog.
    Browse(FileFor),
    /// Take over the list at the path that is typed.
    Import,
    /// Save the list at the path that is typed.
    Export,
    /// What was told of the list that was taken over is read.
    DismissRemarks,
}

/// Something the user should read of the quick sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuickNotice {
    /// A quick send of this name is wrong.
    Wrong(String, Problem),
    /// How often a sequence is sent is no number of times.
    WrongLoops,
    /// No quick send is ticked for the sequence.
    NothingTicked,
    /// A sequence has ended: how often it was sent, and how many answers were missing.
    Done(u64, u64),
    /// The row of this name was not answered in time; what came instead.
    NoAnswer(String, Missed),
    /// So many quick sends were taken over from there, and so many things of theirs were not.
    Imported(Source, usize, usize),
    /// A list of quick sends cannot be taken over.
    NotImported(Reason),
    /// The quick sends are saved there.
    Exported(PathBuf),
    /// The quick sends cannot be saved.
    NotExported(Reason),
    /// The send box cannot hold this one.
    NotForBox(String),
    /// There is no room for one more quick send.
    Full,
}

/// A sequence that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickRun {
    pub(crate) id: SequenceId,
    pub(crate) rows: Vec<QuickId>,
    /// How far it has come; `None` before its first row was sent.
    pub(crate) place: Option<SequencePlace>,
}

/// The quick sends of a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickBox {
    /// The rows of all pages.
    pub list: RowList<QuickId, QuickSend>,
    /// The page that is shown; the first one has no name.
    pub page: String,
    /// What is typed to search in all pages.
    pub search: String,
    /// How often a sequence is sent, as typed; empty for without end.
    pub loops: String,
    /// Where the list is read from or saved to, as typed.
    pub path: String,
    /// What is typed to find a checksum to append.
    pub checksum_search: String,
    /// What was told of the list that was taken over last.
    pub remarks: Vec<Remark>,
    /// The sequence that runs.
    pub run: Option<QuickRun>,
    next_run: u32,
}

impl Default for QuickBox {
    fn default() -> Self {
        Self::of([])
    }
}

impl QuickBox {
    /// A list of these.
    pub fn of(forms: impl IntoIterator<Item = QuickSend>) -> Self {
        let list = RowList::of(forms);
        Self {
            page: list.rows().first().map(|row| row.form.page.clone()).unwrap_or_default(),
            list,
            search: String::new(),
            loops: "1".into(),
            path: String::new(),
            checksum_search: String::new(),
            remarks: Vec::new(),
            run: None,
            next_run: 0,
        }
    }

    /// The pages, in the order of their first rows, with the one that is shown.
    pub fn pages(&self) -> Vec<&str> {
        let mut pages: Vec<&str> = Vec::new();
        for page in self.list.rows().iter().map(|row| row.form.page.as_str()).chain([self.page.as_str()]) {
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        pages
    }

    /// The places of the rows that are shown: those of the page, or with a search those of all pages that it finds.
    pub fn shown(&self) -> Vec<usize> {
        let is_shown = self.is_shown();
        let all = self.list.rows().iter().enumerate();
        all.filter(|(_, row)| is_shown(&row.form)).map(|(n, _)| n).collect()
    }

    fn is_shown(&self) -> impl Fn(&QuickSend) -> bool + use<> {
        let (search, page) = (self.search.trim().to_lowercase(), self.page.clone());
        move |form| {
            if search.is_empty() {
                return form.page == page;
            }
            [&form.name, &form.content, &form.note, &form.key]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        }
    }

    /// The row that a key sends: the first one that has it.
    pub fn by_key(&self, key: Key) -> Option<QuickId> {
        let has = |row: &&Row<QuickId, QuickSend>| row.form.key() == Ok(Some(key));
        self.list.rows().iter().find(has).map(|row| row.id)
    }

    /// Another row with the key of this one, which then sends nothing.
    pub fn same_key(&self, id: QuickId) -> Option<&QuickSend> {
        let key = self.list.get(id)?.key().ok()??;
        let first = self.by_key(key).filter(|first| *first != id)?;
        self.list.get(first)
    }

    /// The row that is sent now, or whose answer is waited for.
    pub fn running(&self) -> Option<QuickId> {
        let QuickRun { rows, place, .. } = self.run.as_ref()?;
        rows.get(usize::try_from((*place)?.row).ok()?).copied()
    }

    /// The row that is shown before this one, or after it.
    pub fn beside(&self, id: QuickId, way: Way) -> Option<QuickId> {
        self.list.beside(id, way, self.is_shown())
    }

    /// Adds a row to the page that is shown.
    pub(super) fn add(&mut self, form: QuickSend) -> Option<QuickId> {
        let id = self.list.add(QuickSend { page: self.page.clone(), ..form })?;
        self.search.clear();
        Some(id)
    }

    /// Does what the user wants with the rows.
    pub(super) fn act(&mut self, action: RowAction<QuickId>) {
        let page = match action {
            RowAction::Move(_, id) => self.list.get(id),
            RowAction::Shift(id, way) => self.beside(id, way).and_then(|id| self.list.get(id)),
            RowAction::Edit(_) | RowAction::Duplicate(_) | RowAction::Delete(_) | RowAction::Undo => None,
        };
        let page = page.map(|form| form.page.clone());
        let changed = self.list.act(action, self.is_shown());
        let Some(form) = changed.and_then(|id| self.list.get_mut(id)) else { return };
        match action {
            // A row comes to the page of the one whose place it takes.
            RowAction::Move(..) | RowAction::Shift(..) => form.page = page.unwrap_or_default(),
            // A key sends one row only.
            RowAction::Duplicate(_) => form.key.clear(),
            RowAction::Undo => self.page.clone_from(&form.page),
            RowAction::Edit(_) | RowAction::Delete(_) => {}
        }
    }

    /// Adds an imported list, as far as there is room. Rows without a page come to the one that is shown.
    pub(super) fn take(&mut self, imported: Imported) -> usize {
        let with_page = |mut form: QuickSend| {
            if form.page.is_empty() {
                form.page.clone_from(&self.page);
            }
            form
        };
        self.remarks = imported.remarks;
        self.search.clear();
        self.list.extend(imported.quick.into_iter().map(with_page))
    }

    /// How often a sequence is sent; `None` for without end.
    pub(super) fn loops(&self) -> Result<Option<u64>, Notice> {
        number::parse_if(&self.loops, 1..=u64::MAX).map_err(|_why| Notice::Quick(QuickNotice::WrongLoops))
    }

    /// The ticked rows of the page, in order, as a sequence in a session of this charset, which counts as
    /// running from now on.
    pub(super) fn start(
        &mut self,
        charset: Charsets,
    ) -> Result<(SequenceId, Vec<SequenceRow>, Option<u64>), Notice> {
        let loops = self.loops()?;
        let (ids, rows) = self.ticked(&self.page, charset)?;
        let id = self.next_id();
        self.run = Some(QuickRun { id, rows: ids, place: None });
        Ok((id, rows, loops))
    }

    /// The ticked rows of a page, in order, as a sequence that a rule starts. It runs beside the one that the
    /// page shows.
    pub(super) fn start_page(
        &mut self,
        page: &str,
        charset: Charsets,
    ) -> Result<(SequenceId, Vec<SequenceRow>), Notice> {
        if !self.list.rows().iter().any(|row| row.form.page == page) {
            return Err(Notice::NoSequence(page.to_owned()));
        }
        let (_, rows) = self.ticked(page, charset)?;
        Ok((self.next_id(), rows))
    }

    fn next_id(&mut self) -> SequenceId {
        let id = SequenceId(self.next_run);
        self.next_run = self.next_run.wrapping_add(1);
        id
    }

    /// The ticked rows of a page: who they are, and what is sent for each.
    fn ticked(&self, page: &str, charset: Charsets) -> Result<(Vec<QuickId>, Vec<SequenceRow>), Notice> {
        let (mut rows, mut ids) = (Vec::new(), Vec::new());
        let is_ticked = |row: &&Row<QuickId, QuickSend>| row.form.ticked && row.form.page == page;
        for Row { id, form } in self.list.rows().iter().filter(is_ticked) {
            let wrong = |problem: Problem| Notice::Quick(QuickNotice::Wrong(form.title(), problem));
            rows.push(form.sequence_row(charset).map_err(wrong)?);
            ids.push(*id);
        }
        if rows.is_empty() {
            return Err(Notice::Quick(QuickNotice::NothingTicked));
        }
        Ok((ids, rows))
    }

    pub(super) fn at(&mut self, id: SequenceId, place: SequencePlace) {
        if let Some(run) = self.run.as_mut().filter(|run| run.id == id) {
            run.place = Some(place);
        }
    }

    /// What to tell of a sequence that has ended.
    pub(super) fn ended(&mut self, id: SequenceId, place: SequencePlace, end: SequenceEnd) -> Option<Notice> {
        let run = self.run.take_if(|run| run.id == id)?;
        let row = usize::try_from(place.row).ok().and_then(|row| run.rows.get(row));
        let name = row.and_then(|id| self.list.get(*id)).map(QuickSend::title).unwrap_or_default();
        match end {
            SequenceEnd::Done => Some(Notice::Quick(QuickNotice::Done(place.round + 1, place.unanswered))),
            SequenceEnd::TimedOut(missed) => Some(Notice::Quick(QuickNotice::NoAnswer(name, missed))),
            SequenceEnd::PeerLeft(_) => Some(Notice::PeerLeft(None)),
            // The reason was reported as a trouble.
            SequenceEnd::Stopped | SequenceEnd::Failed => None,
        }
    }
}

#[cfg(test)]
mod tests;
