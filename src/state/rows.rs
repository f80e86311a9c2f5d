//! A list of rows that the user edits: the quick sends of a tab, or its rules.

const MOST_UNDONE: usize = 50;

/// Identifies a row of a list as long as the window is open.
pub trait RowId: Copy + Eq {
    /// The most rows in a list.
    const MOST: usize;

    /// The id of the row that was made after `n` others.
    fn new(n: u32) -> Self;
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<Id, F> {
    /// Identifies the row, wherever it moves.
    pub id: Id,
    /// The fields of the row, as typed.
    pub form: F,
}

/// A direction in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the beginning.
    Up,
    /// To the end.
    Down,
}

/// What the user does with the rows of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowAction<Id> {
    /// Show the fields of this row, or the list again.
    Edit(Option<Id>),
    /// Move the first row to where the second one is.
    Move(Id, Id),
    /// Move a row by one place.
    Shift(Id, Way),
    /// Insert a copy below.
    Duplicate(Id),
    /// Delete a row.
    Delete(Id),
    /// Bring back the row that was deleted last.
    Undo,
}

/// A list of rows, and what is edited in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowList<Id, F> {
    rows: Vec<Row<Id, F>>,
    /// The row whose fields are shown.
    pub(crate) editing: Option<Id>,
    /// The row that gets the keyboard focus in the next frame.
    pub(crate) focus: Option<Id>,
    deleted: Vec<(usize, Row<Id, F>)>,
    n_made: u32,
}

impl<Id, F> Default for RowList<Id, F> {
    fn default() -> Self {
        Self { rows: Vec::new(), editing: None, focus: None, deleted: Vec::new(), n_made: 0 }
    }
}

impl<Id: RowId, F: Clone> RowList<Id, F> {
    /// A list of these, up to the most that fit.
    pub fn of(forms: impl IntoIterator<Item = F>) -> Self {
        let mut list = Self::default();
        list.extend(forms);
        list
    }

    /// All rows.
    pub fn rows(&self) -> &[Row<Id, F>] {
        &self.rows
    }

    /// The fields of all rows, to be saved.
    pub fn forms(&self) -> Vec<F> {
        self.rows.iter().map(|row| row.form.clone()).collect()
    }

    /// The fields of a row.
    pub fn get(&self, id: Id) -> Option<&F> {
        self.rows.iter().find(|row| row.id == id).map(|row| &row.form)
    }

    /// The fields of a row, to be typed into.
    pub fn get_mut(&mut self, id: Id) -> Option<&mut F> {
        self.forms_mut().find(|(row, _)| *row == id).map(|(_, form)| form)
    }

    /// Whether a deleted row can be brought back.
    pub fn can_undo(&self) -> bool {
        !self.deleted.is_empty()
    }

    pub(super) fn forms_mut(&mut self) -> impl Iterator<Item = (Id, &mut F)> {
        self.rows.iter_mut().map(|row| (row.id, &mut row.form))
    }

    /// The nearest row before this one, or after it, that `is_shown`.
    pub(super) fn beside(&self, id: Id, way: Way, is_shown: impl Fn(&F) -> bool) -> Option<Id> {
        let at = self.place(id)?;
        let shown = |row: &&Row<Id, F>| is_shown(&row.form);
        let row = match way {
            Way::Up => self.rows.get(..at)?.iter().rfind(shown),
            Way::Down => self.rows.get(at + 1..)?.iter().find(shown),
        };
        row.map(|row| row.id)
    }

    /// Adds a row at the end, if there is room.
    pub(super) fn add(&mut self, form: F) -> Option<Id> {
        self.insert(self.rows.len(), form)
    }

    /// Adds rows at the end, as many as there is room for, and returns their number.
    pub(super) fn extend(&mut self, forms: impl IntoIterator<Item = F>) -> usize {
        forms.into_iter().map_while(|form| self.add(form)).count()
    }

    /// Does what the user wants. Rows move among those that are shown. Returns the row that was changed, copied or
    /// brought back.
    pub(super) fn act(&mut self, action: RowAction<Id>, is_shown: impl Fn(&F) -> bool) -> Option<Id> {
        match action {
            RowAction::Edit(id) => {
                self.editing = id.filter(|id| self.get(*id).is_some());
                self.editing
            }
            RowAction::Move(id, there) => self.put(id, there),
            RowAction::Shift(id, way) => {
                self.focus = Some(id);
                self.put(id, self.beside(id, way, is_shown)?)
            }
            RowAction::Duplicate(id) => {
                let copy = self.insert(self.place(id)? + 1, self.get(id)?.clone())?;
                // Editing goes on with the copy.
                self.editing = self.editing.map(|editing| if editing == id { copy } else { editing });
                Some(copy)
            }
            RowAction::Delete(id) => {
                let at = self.place(id)?;
                let next = self.beside(id, Way::Down, &is_shown);
                self.focus = next.or_else(|| self.beside(id, Way::Up, &is_shown));
                self.deleted.push((at, self.rows.remove(at)));
                if self.deleted.len() > MOST_UNDONE {
                    self.deleted.remove(0);
                }
                self.editing = self.editing.filter(|editing| *editing != id);
                None
            }
            RowAction::Undo => {
                let (at, row) = self.deleted.pop()?;
                let id = row.id;
                self.rows.insert(at.min(self.rows.len()), row);
                Some(id)
            }
        }
    }

    /// Whether `id` takes the place of `there` from above, so that it lands below it.
    pub fn lands_below(&self, id: Id, there: Id) -> bool {
        self.place(id) < self.place(there)
    }

    fn place(&self, id: Id) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    fn put(&mut self, id: Id, there: Id) -> Option<Id> {
        let (from, to) = (self.place(id)?, self.place(there)?);
        let row = self.rows.remove(from);
        self.rows.insert(to, row);
        Some(id)
    }

    fn insert(&mut self, at: usize, form: F) -> Option<Id> {
        if self.rows.len() >= Id::MOST {
            return None;
        }
        let id = Id::new(self.n_made);
        self.n_made = self.n_made.wrapping_add(1);
        self.rows.insert(at, Row { id, form });
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl RowId for u32 {
        const MOST: usize = 6;

        fn new(n: u32) -> Self {
            n
        }
    }

    fn list(names: &str) -> RowList<u32, char> {
        RowList::of(names.chars())
    }

    fn names(list: &RowList<u32, char>) -> String {
        list.forms().into_iter().collect()
    }

    #[test]
    fn rows_are_moved_copied_deleted_and_come_back() {
        let mut list = list("abcd");
        for (action, expected, focus) in [
            (RowAction::Move(0, 3), "bcda", None),
            (RowAction::Move(0, 1), "abcd", None),
            (RowAction::Shift(1, Way::Up), "bacd", Some(1)),
            (RowAction::Shift(1, Way::Up), "bacd", Some(1)),
            (RowAction::Shift(3, Way::Down), "bacd", Some(3)),
            (RowAction::Shift(3, Way::Up), "badc", Some(3)),
            (RowAction::Duplicate(0), "baadc", Some(3)),
            (RowAction::Delete(1), "aadc", Some(0)),
            (RowAction::Delete(2), "aad", Some(3)),
            (RowAction::Undo, "aadc", Some(3)),
            (RowAction::Undo, "baadc", Some(3)),
            (RowAction::Undo, "baadc", Some(3)),
            (RowAction::Move(9, 0), "baadc", Some(3)),
            (RowAction::Move(0, 9), "baadc", Some(3)),
        ] {
            list.act(action, |_| true);
            assert_eq!((names(&list).as_str(), list.focus), (expected, focus), "{action:?}");
        }
        assert!(!list.can_undo());
        list.act(RowAction::Shift(2, Way::Up), |form| *form == 'a' || *form == 'c');
        assert_eq!(names(&list), "bacad", "rows that are not shown are passed over");
        list.act(RowAction::Edit(Some(2)), |_| true);
        assert_eq!(list.editing, Some(2));
        let copy = list.act(RowAction::Duplicate(2), |_| true);
        assert_eq!(list.editing, copy, "one goes on with the copy");
        list.act(RowAction::Delete(copy.unwrap()), |_| true);
        assert_eq!(list.editing, None);
        assert!(list.lands_below(1, 0) && !list.lands_below(0, 1) && !list.lands_below(0, 0));
    }

    #[test]
    fn a_list_is_bounded() {
        let mut list = list("abcdefgh");
        assert_eq!(names(&list), "abcdef");
        assert_eq!((list.add('x'), list.extend("xy".chars())), (None, 0));
        assert_eq!(list.act(RowAction::Duplicate(0), |_| true), None);
        list.act(RowAction::Delete(0), |_| true);
        assert_eq!((list.extend("xy".chars()), names(&list).as_str()), (1, "bcdefx"));
    }

    proptest! {
        /// No row is lost but those that are deleted, and ids stay different.
        #[test]
        fn rows_are_never_lost(steps in proptest::collection::vec((0..6_u8, 0..12_u32, 0..12_u32), 0..40)) {
            let mut list = list("abc");
            for (what, one, other) in steps {
                let before = list.rows().len();
                let there = list.get(one).is_some();
                let action = match what {
                    0 => RowAction::Move(one, other),
                    1 => RowAction::Shift(one, Way::Up),
                    2 => RowAction::Shift(one, Way::Down),
                    3 => RowAction::Duplicate(one),
                    4 => RowAction::Delete(one),
                    _ => RowAction::Undo,
                };
                list.act(action, |_| true);
                let expected = match action {
                    RowAction::Duplicate(_) if there && before < u32::MOST => before + 1,
                    RowAction::Delete(_) if there => before - 1,
                    _ => before,
                };
                prop_assert!(list.rows().len() == expected || action == RowAction::Undo);
                let mut ids: Vec<u32> = list.rows().iter().map(|row| row.id).collect();
                ids.sort_unstable();
                ids.dedup();
                prop_assert_eq!(ids.len(), list.rows().len());
            }
        }
    }
}
