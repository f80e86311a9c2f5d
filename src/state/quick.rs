//! The quick sends of a tab: their list, what is edited in it, and the sequence that runs. Knows no file.

mod act;
mod convert;
mod notice;

use crate::model::{Problem, SequenceEnd, SequenceId, SequencePlace, SequenceRow};
use crate::workspace::{Imported, Key, QuickSend, Remark};

pub use notice::QuickNotice;

use super::Notice;
use crate::codec::{Charset, number};

/// The most quick sends of a tab.
pub const MAX_QUICK: usize = 5000;
/// So many deleted rows can be brought back.
const MOST_UNDONE: usize = 50;

/// Names a row as long as the window is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuickId(pub u32);

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickRow {
    /// Its name.
    pub id: QuickId,
    /// What is typed in it.
    pub form: QuickSend,
}

/// What the user wants with the quick sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuickAction {
    /// Send this one now.
    Send(QuickId),
    /// Show the fields of this one, or the list again.
    Edit(Option<QuickId>),
    /// A new one at the end of the page, with its fields.
    New,
    /// What is in the send box becomes one.
    AddDraft,
    /// Put it into the send box.
    Load(QuickId),
    /// Put it where that one stands.
    Move(QuickId, QuickId),
    /// One place up on its page, or down.
    Shift(QuickId, Way),
    /// The same once more, below it.
    Duplicate(QuickId),
    /// Take it away.
    Delete(QuickId),
    /// Bring back what was taken away last.
    Undo,
    /// Show another page.
    Page(String),
    /// Send the ticked rows of the page, in order.
    Run,
    /// Stop that.
    Stop,
    /// Choose a list to take over with the system's dialog.
    BrowseImport,
    /// Take over the list at the path that is typed.
    Import,
    /// Choose where to save the list with the system's dialog.
    BrowseExport,
    /// Save the list at the path that is typed.
    Export,
    /// What was told of the list that was taken over is read.
    DismissRemarks,
}

/// A direction in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the beginning.
    Up,
    /// To the end.
    Down,
}

/// A sequence that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickRun {
    /// Its name.
    pub id: SequenceId,
    /// Its rows.
    pub rows: Vec<QuickId>,
    /// How far it has come; `None` before its first row was sent.
    pub place: Option<SequencePlace>,
}

/// The quick sends of a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickBox {
    rows: Vec<QuickRow>,
    /// The page that is shown; the first one has no name.
    pub page: String,
    /// What is typed to search in all pages.
    pub search: String,
    /// How often a sequence is sent, as typed; empty for without end.
    pub loops: String,
    /// Where the list is read from or saved to, as typed.
    pub path: String,
    /// The row whose fields are shown.
    pub editing: Option<QuickId>,
    /// The row that shall have the keyboard.
    pub focus: Option<QuickId>,
    /// What is typed to find a checksum to append.
    pub checksum_search: String,
    /// What was told of the list that was taken over last.
    pub remarks: Vec<Remark>,
    /// The sequence that runs.
    pub run: Option<QuickRun>,
    deleted: Vec<(usize, QuickRow)>,
    next_row: u32,
    next_run: u32,
}

impl Default for QuickBox {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            page: String::new(),
            search: String::new(),
            loops: "1".into(),
            path: String::new(),
            editing: None,
            focus: None,
            checksum_search: String::new(),
            remarks: Vec::new(),
            run: None,
            deleted: Vec::new(),
            next_row: 0,
            next_run: 0,
        }
    }
}

impl QuickBox {
    /// A list of these.
    pub fn of(forms: impl IntoIterator<Item = QuickSend>) -> Self {
        let mut list = Self::default();
        for form in forms.into_iter().take(MAX_QUICK) {
            let row = list.row(form);
            list.rows.push(row);
        }
        list.page = list.rows.first().map(|row| row.form.page.clone()).unwrap_or_default();
        list
    }

    /// All rows, of all pages.
    pub fn rows(&self) -> &[QuickRow] {
        &self.rows
    }

    /// What is typed in all rows, to be saved.
    pub fn forms(&self) -> Vec<QuickSend> {
        self.rows.iter().map(|row| row.form.clone()).collect()
    }

    /// The row of that name.
    pub fn get(&self, id: QuickId) -> Option<&QuickSend> {
        self.rows.iter().find(|row| row.id == id).map(|row| &row.form)
    }

    /// The row of that name, to be typed into.
    pub fn get_mut(&mut self, id: QuickId) -> Option<&mut QuickSend> {
        self.rows.iter_mut().find(|row| row.id == id).map(|row| &mut row.form)
    }

    /// The pages, in the order in which their first rows stand; the one that is shown is among them.
    pub fn pages(&self) -> Vec<&str> {
        let mut pages: Vec<&str> = Vec::new();
        for page in self.rows.iter().map(|row| row.form.page.as_str()).chain([self.page.as_str()]) {
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        pages
    }

    /// The places of the rows that are shown: those of the page, or those of all pages in which is what is
    /// searched for.
    pub fn shown(&self) -> Vec<usize> {
        let search = self.search.trim().to_lowercase();
        let is_shown = |form: &QuickSend| {
            if search.is_empty() {
                return form.page == self.page;
            }
            [&form.name, &form.content, &form.note, &form.key]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        };
        let all = self.rows.iter().enumerate();
        all.filter(|(_, row)| is_shown(&row.form)).map(|(n, _)| n).collect()
    }

    /// Whether something that was taken away can come back.
    pub fn can_undo(&self) -> bool {
        !self.deleted.is_empty()
    }

    /// The row that a key sends: the first one that has it.
    pub fn by_key(&self, key: Key) -> Option<QuickId> {
        let has = |row: &&QuickRow| row.form.key() == Ok(Some(key));
        self.rows.iter().find(has).map(|row| row.id)
    }

    /// Another row with the key of this one, which then sends nothing.
    pub fn same_key(&self, id: QuickId) -> Option<&QuickSend> {
        let key = self.get(id)?.key().ok()??;
        let first = self.by_key(key).filter(|first| *first != id)?;
        self.get(first)
    }

    /// The row that is sent now, or whose answer is waited for.
    pub fn running(&self) -> Option<QuickId> {
        let QuickRun { rows, place, .. } = self.run.as_ref()?;
        rows.get(usize::try_from((*place)?.row).ok()?).copied()
    }

    fn row(&mut self, form: QuickSend) -> QuickRow {
        let id = QuickId(self.next_row);
        self.next_row = self.next_row.wrapping_add(1);
        QuickRow { id, form }
    }

    fn place(&self, id: QuickId) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    /// The row that is shown before this one, or after it.
    pub fn beside(&self, id: QuickId, way: Way) -> Option<QuickId> {
        let shown = self.shown();
        let place = self.place(id)?;
        let n = shown.iter().position(|at| *at == place)?;
        let next = match way {
            Way::Up => n.checked_sub(1)?,
            Way::Down => n + 1,
        };
        self.rows.get(*shown.get(next)?).map(|row| row.id)
    }

    /// Adds a row to the page that is shown.
    pub(super) fn add(&mut self, form: QuickSend) -> Option<QuickId> {
        if self.rows.len() >= MAX_QUICK {
            return None;
        }
        let row = self.row(QuickSend { page: self.page.clone(), ..form });
        let id = row.id;
        self.search.clear();
        self.rows.push(row);
        Some(id)
    }

    /// Puts a row where another one stands; on that one's page, too.
    pub(super) fn put(&mut self, id: QuickId, there: QuickId) {
        let (Some(from), Some(to)) = (self.place(id), self.place(there)) else { return };
        let Some(page) = self.rows.get(to).map(|row| row.form.page.clone()) else { return };
        let mut row = self.rows.remove(from);
        row.form.page = page;
        self.rows.insert(to.min(self.rows.len()), row);
    }

    /// One place up or down among those that are shown.
    pub(super) fn shift(&mut self, id: QuickId, way: Way) {
        if let Some(there) = self.beside(id, way) {
            self.put(id, there);
        }
        self.focus = Some(id);
    }

    pub(super) fn duplicate(&mut self, id: QuickId) {
        let (Some(at), Some(form)) = (self.place(id), self.get(id).cloned()) else { return };
        if self.rows.len() < MAX_QUICK {
            // A key sends one row only.
            let row = self.row(QuickSend { key: String::new(), ..form });
            self.rows.insert(at + 1, row);
        }
    }

    pub(super) fn delete(&mut self, id: QuickId) {
        let Some(at) = self.place(id) else { return };
        self.focus = self.beside(id, Way::Down).or_else(|| self.beside(id, Way::Up));
        let row = self.rows.remove(at);
        self.deleted.push((at, row));
        if self.deleted.len() > MOST_UNDONE {
            self.deleted.remove(0);
        }
        if self.editing == Some(id) {
            self.editing = None;
        }
    }

    pub(super) fn undo(&mut self) {
        if let Some((at, row)) = self.deleted.pop() {
            self.page.clone_from(&row.form.page);
            self.rows.insert(at.min(self.rows.len()), row);
        }
    }

    /// Takes over a list, behind what is there; as many as there is room for. Rows without a page come to the
    /// one that is shown.
    pub(super) fn take(&mut self, imported: Imported) -> usize {
        let room = MAX_QUICK.saturating_sub(self.rows.len());
        let mut n = 0;
        for mut form in imported.quick.into_iter().take(room) {
            if form.page.is_empty() {
                form.page.clone_from(&self.page);
            }
            let row = self.row(form);
            self.rows.push(row);
            n += 1;
        }
        self.remarks = imported.remarks;
        self.search.clear();
        n
    }

    /// How often a sequence is sent; `None` for without end.
    ///
    /// # Errors
    /// When it is no number of times.
    pub(super) fn loops(&self) -> Result<Option<u64>, Notice> {
        number::parse_if(&self.loops, 1..=u64::MAX).map_err(|_why| Notice::Quick(QuickNotice::WrongLoops))
    }

    /// The ticked rows of the page, in order, as a sequence in a session of this charset, which counts as
    /// running from now on.
    ///
    /// # Errors
    /// What to tell the user: no row is ticked, or which one is wrong.
    pub(super) fn start(
        &mut self,
        charset: Charset,
    ) -> Result<(SequenceId, Vec<SequenceRow>, Option<u64>), Notice> {
        let loops = self.loops()?;
        let (ids, rows) = self.ticked(&self.page, charset)?;
        let id = self.next_id();
        self.run = Some(QuickRun { id, rows: ids, place: None });
        Ok((id, rows, loops))
    }

    /// The ticked rows of a page, in order, as a sequence that a rule starts. It runs beside the one that the
    /// page shows.
    ///
    /// # Errors
    /// What to tell the user: there is no such page, no row of it is ticked, or which one is wrong.
    pub(super) fn start_page(
        &mut self,
        page: &str,
        charset: Charset,
    ) -> Result<(SequenceId, Vec<SequenceRow>), Notice> {
        if !self.rows.iter().any(|row| row.form.page == page) {
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
    fn ticked(&self, page: &str, charset: Charset) -> Result<(Vec<QuickId>, Vec<SequenceRow>), Notice> {
        let (mut rows, mut ids) = (Vec::new(), Vec::new());
        for QuickRow { id, form } in self.rows.iter().filter(|row| row.form.ticked && row.form.page == page) {
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
        let name = row.and_then(|id| self.get(*id)).map(QuickSend::title).unwrap_or_default();
        match end {
            SequenceEnd::Done => Some(Notice::Quick(QuickNotice::Done(place.round + 1, place.unanswered))),
            SequenceEnd::TimedOut(missed) => Some(Notice::Quick(QuickNotice::NoAnswer(name, missed))),
            SequenceEnd::PeerLeft => Some(Notice::PeerLeft),
            // A trouble tells why it failed.
            SequenceEnd::Stopped | SequenceEnd::Failed => None,
        }
    }
}

#[cfg(test)]
mod tests;
