//! How a tab is looked at: what of its log is shown, how it is cut, what is found, and what is noted.

use std::sync::Arc;

use super::Tab;
use crate::codec::compose::Mode;
use crate::codec::frame::Framing;
use crate::codec::{Charset, Query};
use crate::model::{CharsetChange, FlowId, Message, Stamp, Transport};
use crate::state::{Base, Filter, FilterPart, FindBox, NoteBox, Order, ShownItems};
use crate::workspace::{View, ViewMode};

/// The least time between restarts of a filter because of notes of rules, in nanoseconds.
const NOTES_EVERY_NS: u64 = 1_000_000_000;

impl Tab {
    /// How many records are there to be shown, as long as the display stands still.
    pub fn n_displayed(&self) -> u64 {
        self.paused.unwrap_or_else(|| self.log.len())
    }

    /// Brings the list of what is shown up to date. True if there is more to look at.
    pub fn update_shown(&mut self) -> bool {
        let once = self.has_legs() && !self.session.view.both_legs;
        if std::mem::replace(&mut self.filtered.once, once) != once {
            self.filter_again();
        }
        let order = Order {
            cleared: self.cleared,
            until: self.n_displayed(),
            which: self.filtered.filter.which(self.session.view),
            serial: self.framed.serial.wrapping_add(self.filtered.serial << 32),
        };
        // The list is taken out, since it is updated from the rest of the tab.
        let mut shown = std::mem::take(&mut self.shown);
        let origin = shown.origin();
        let more = shown.update(&self.base(), order);
        let removed = shown.origin().saturating_sub(origin);
        self.held = self.held.map(|seen| seen.saturating_sub(removed));
        self.shown = shown;
        more
    }

    /// How many shown items have arrived since the views no longer follow.
    pub fn n_new(&self) -> u64 {
        self.held.map_or(0, |seen| self.shown.len().saturating_sub(seen))
    }

    /// Whether it is of a relay.
    pub fn has_legs(&self) -> bool {
        self.log.has_legs || self.session.protocol.relays() && !self.is_viewer()
    }

    /// Whether an item is data on one leg of a relay, which may have a twin on the other.
    pub fn has_twin(&self, item: &Message) -> bool {
        let record = self.log.get(item.first()).filter(|record| record.kind.direction().is_some());
        record.is_some_and(|record| self.log.twin(record.flow).is_some())
    }

    /// What is shown, for the views to read.
    pub fn items(&self) -> ShownItems<'_> {
        ShownItems { base: self.base(), shown: &self.shown }
    }

    /// The position of the first shown item that begins in a record or later, else of the last.
    pub(in crate::state) fn position_from(&self, record: u64) -> Option<u64> {
        let items = self.items();
        // Items are in the order of their ends.
        let (mut from, mut to) = (0, items.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if items.get(middle).is_some_and(|item| item.last() < record) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        // One item of each flow and direction at most has begun before and ends after.
        let begins = |at: &u64| items.get(*at).is_some_and(|item| item.first() >= record);
        (from..items.len()).find(begins).or_else(|| items.len().checked_sub(1))
    }

    /// What the list of shown items is made from.
    pub fn base(&self) -> Base<'_> {
        let clear = self.framed.is_clear();
        Base {
            index: &self.log,
            messages: (!clear).then_some(&self.framed.messages),
            open: if clear { &[] } else { &self.framed.open },
            filtered: self.needs_filter().then_some(&self.filtered.passed),
            once: self.filtered.once && !self.filters_by_reading(),
        }
    }

    /// Whether what passes the filter can be told only by reading the capture.
    pub fn needs_filter(&self) -> bool {
        self.filtered.once || self.filters_by_reading()
    }

    fn filters_by_reading(&self) -> bool {
        let filter = &self.filtered.filter;
        filter.query.is_some() || filter.since.is_some() || filter.until.is_some()
    }

    /// A number that changes whenever positions in what is shown mean other items than before.
    pub fn shown_serial(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        let View { hide_received, hide_sent, hide_events, .. } = self.session.view;
        (self.framed.serial, self.filtered.serial, self.cleared).hash(&mut hasher);
        (hide_received, hide_sent, hide_events).hash(&mut hasher);
        hasher.finish()
    }

    /// Whether the filter, or what is not to be shown, hides something of what there is.
    pub(in crate::state) fn hides(&self) -> bool {
        !self.filtered.filter.is_empty() || !self.filtered.filter.which(self.session.view).is_everything()
    }

    /// Whether its peers are connections; of a capture, its first flow tells.
    pub fn has_connections(&self) -> bool {
        let first = self.log.flow(FlowId(0));
        first.map_or(self.session.protocol.is_stream(), |flow| flow.transport == Transport::Tcp)
    }

    /// Whether there are notes, or were.
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty() || self.notes_changed
    }

    pub(in crate::state) fn set_view(&mut self, view: View) {
        let before = std::mem::replace(&mut self.session.view, view);
        if before.auto_scroll != view.auto_scroll {
            self.held = (!view.auto_scroll).then(|| self.shown.len());
        }
        let hides = |view: View| (view.hide_received, view.hide_sent, view.hide_events);
        if hides(before) != hides(view) {
            self.filter_again();
        }
    }

    /// Reads text received in another charset. Text sent before stays as it was typed: what the capture is to say.
    pub(in crate::state) fn set_charset(&mut self, charset: Charset) -> Option<CharsetChange> {
        if std::mem::replace(&mut self.session.charset, charset) != charset {
            self.search();
        }
        self.keep_typed()
    }

    /// Text that was sent while it had the charset of text received is to stay as it is.
    fn keep_typed(&mut self) -> Option<CharsetChange> {
        let typed = self.typed.filter(|_| self.typed_noted.is_none())?;
        let next = self.session.charsets().sent;
        self.typed_noted = Some(next);
        Some(CharsetChange::new(typed, next))
    }

    /// Text typed in this way and charset is sent, or in the `usual` one.
    pub(in crate::state) fn types(&mut self, mode: Mode, charset: Option<Charset>, usual: Charset) {
        // The messages of a WebSocket say themselves what is text.
        if mode == Mode::Hex || charset.is_none() && self.session.sends_ws_text() {
            return;
        }
        let charset = charset.unwrap_or(usual);
        let before = self.typed.replace(charset).unwrap_or(charset);
        let is_told = match self.typed_noted {
            Some(noted) => noted == charset,
            // It is read as what is received, which may have several.
            None => self.session.charset == charset && self.charsets.is_empty(),
        };
        if !is_told {
            self.typed_noted = Some(charset);
            self.typed_now = Some(CharsetChange::new(before, charset));
        }
    }

    /// Restarts filter and search because notes have changed.
    pub(super) fn notes_count(&mut self) {
        if self.filtered.filter.query.is_some() {
            self.filtered.restart();
        }
        if self.find.query.is_some() {
            self.find.restart();
        }
    }

    /// Restarts filter and search because other items are shown.
    pub(super) fn filter_again(&mut self) {
        self.filtered.restart();
        self.find.restart();
    }

    /// Restarts the search if the query or the charset has changed.
    pub(in crate::state) fn search(&mut self) {
        let FindBox { kind, ref text, case, .. } = self.find;
        let query = Query::parse(kind, text, self.session.charsets().received, case);
        self.find.error = query.as_ref().err().filter(|_| !text.is_empty()).copied();
        let query = query.ok();
        if self.find.query != query {
            self.find.query = query;
            self.find.restart();
        }
    }

    pub(in crate::state) fn set_framing(&mut self, framing: Framing) {
        if self.framed.set(framing) {
            self.filter_again();
        }
    }

    pub(in crate::state) fn set_filter(&mut self, filter: Filter) {
        if filter != self.filtered.filter {
            self.filtered.filter = filter;
            self.remember_filter();
            self.filter_again();
        }
    }

    pub(in crate::state) fn set_peer_charset(
        &mut self,
        flow: FlowId,
        charset: Option<Charset>,
    ) -> Option<CharsetChange> {
        let charsets = Arc::make_mut(&mut self.charsets);
        match charset {
            Some(charset) => drop(charsets.insert(flow, charset)),
            None => drop(charsets.remove(&flow)),
        }
        self.keep_typed()
    }

    pub(in crate::state) fn remove_filter(&mut self, part: FilterPart) {
        let filter = self.filtered.filter.clone().without(part);
        self.set_filter(filter);
    }

    pub(in crate::state) fn filter_peers(&mut self, flows: Vec<FlowId>) {
        self.set_filter(Filter { flows: Some(flows.into_iter().collect()), ..self.filtered.filter.clone() });
    }

    pub(in crate::state) fn follow_peer(&mut self, flow: FlowId) {
        self.filter_peers(vec![flow]);
        self.set_view(View { mode: ViewMode::Stream, ..self.session.view });
    }

    pub(in crate::state) fn filter_found(&mut self) {
        if let Some(query) = self.find.query.clone() {
            self.set_filter(Filter { query: Some(query), ..self.filtered.filter.clone() });
        }
    }

    pub(in crate::state) fn show_find(&mut self, open: bool) {
        (self.find.open, self.find.focus) = (open, open);
        if open {
            self.search();
        } else if self.find.query.take().is_some() {
            // Removes the marks; the text stays for the next time.
            self.find.restart();
        }
    }

    pub(in crate::state) fn edit_note(&mut self, record: Option<u64>) {
        self.note = record
            .map(|record| NoteBox { record, text: self.notes.get(&record).cloned().unwrap_or_default() });
    }

    /// Rules have put notes on records, which the capture has already. Most are on records that are still to come,
    /// and that are looked at with them; for the others a filter begins anew, now and then.
    pub(super) fn annotated(&mut self, notes: Vec<(u64, String)>) {
        let is_late = notes.iter().any(|(record, _)| *record < self.log.len());
        Arc::make_mut(&mut self.notes).extend(notes);
        self.notes_serial += 1;
        if is_late && self.filtered.filter.query.is_some() {
            let n_items = if self.framed.is_clear() { self.log.len() } else { self.framed.messages.len() };
            self.notes_due.get_or_insert((self.filtered.serial, n_items));
        }
    }

    /// Whether a filter is to begin anew because of notes.
    pub fn has_notes_due(&self) -> bool {
        self.notes_due.is_some()
    }

    /// Restarts the filter if that is due, but not before it has caught up, and not too often.
    pub(super) fn look_at_notes(&mut self, now: Stamp) {
        let Some((serial, n_items)) = self.notes_due else { return };
        let is_time = now.since(self.notes_looked) >= NOTES_EVERY_NS;
        if serial != self.filtered.serial {
            // It was restarted or replaced since.
            self.notes_due = None;
        } else if is_time && self.filtered.reached >= n_items {
            (self.notes_due, self.notes_looked) = (None, now);
            self.filtered.restart();
        }
    }

    pub(in crate::state) fn set_note(&mut self, record: u64, text: String) {
        self.note = None;
        let notes = Arc::make_mut(&mut self.notes);
        if text.is_empty() {
            notes.remove(&record);
        } else {
            notes.insert(record, text);
        }
        // A capture that is only looked at is left as it is.
        (self.notes_unsaved, self.notes_changed) = (self.is_viewer(), self.is_viewer());
        self.notes_serial += 1;
        self.notes_count();
    }

    /// Goes to the next or previous hit, wrapping around.
    pub(in crate::state) fn next_hit(&mut self, forward: bool, position: u64) {
        let len = self.find.hits.len();
        if len == 0 {
            self.find.current = None;
            return;
        }
        let n = match (self.find.current, forward) {
            (Some(n), true) => (n + 1) % len,
            (Some(n), false) => (n + len - 1) % len,
            (None, _) => {
                // The first one from where the user looks.
                let number = self.shown.number(&self.base(), position).unwrap_or(0);
                self.find.hits.partition_point(|hit| hit.item < number) % len
            }
        };
        self.find.current = Some(n);
    }

    /// Where the hit is that the user went to: a position in what is shown, and a byte in the item there.
    pub fn current_hit(&self) -> Option<(u64, u32)> {
        let hit = self.find.hits.get(self.find.current?)?;
        let at = self.shown.position(hit.item);
        (self.shown.number(&self.base(), at) == Some(hit.item)).then_some((at, hit.start))
    }

    pub(in crate::state) fn pause(&mut self, pause: bool) {
        self.paused = pause.then(|| self.log.len());
    }

    pub(in crate::state) fn clear(&mut self) {
        let n = self.n_displayed();
        if n > self.cleared {
            self.cleared_before.push(self.cleared);
            self.cleared = n;
            self.find.restart();
        }
    }

    pub(in crate::state) fn undo_clear(&mut self) {
        self.cleared = self.cleared_before.pop().unwrap_or(0);
        self.find.restart();
    }
}
