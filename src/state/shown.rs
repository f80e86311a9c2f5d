//! Which items of a session are shown: its records, or the messages that a framing makes of them; all
//! after a watermark, or those that pass a filter too. Positions in it are what the views scroll over.

use crate::model::{Chunked, Index, Message, Record, RecordKind, Which};

/// What the list of shown items is made from.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    pub(crate) index: &'a Index,
    /// The messages of a framing; `None` shows records as they are.
    pub(crate) messages: Option<&'a Chunked<Message>>,
    /// Messages whose end has not come yet.
    pub(crate) open: &'a [Message],
    /// The numbers of the items that a filter passes, as far as it has come; `None` without one.
    pub(crate) filtered: Option<&'a Chunked<u32>>,
    /// The filter only leaves out what a relay has passed on as it came.
    pub(crate) once: bool,
}

impl Base<'_> {
    /// Item number `n`, from 0: a record, or a message, or behind those one that is open.
    pub fn item(&self, n: u64) -> Option<Message> {
        let Some(messages) = self.messages else {
            return self.index.get(n).map(|record| Message::record(n, record.len));
        };
        messages.get(n).or_else(|| {
            let open = usize::try_from(n.checked_sub(messages.len())?).ok()?;
            self.open.get(open).copied()
        })
    }

    /// The record with which item number `n` begins.
    pub fn head(&self, n: u64) -> Option<Record> {
        self.index.get(self.item(n)?.first())
    }

    /// The first item that is not removed.
    pub(crate) fn first(&self) -> u64 {
        self.before(self.index.first())
    }

    /// How many items end before record `record`.
    fn before(&self, record: u64) -> u64 {
        self.messages.map_or(record, |messages| messages.partition_point(|message| message.last() < record))
    }
}

/// Which items are shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The first item that Clear does not hide and that is not removed.
    start: u64,
    /// The end of the displayed items.
    end: u64,
    which: Which,
    /// Changes with framing and filter, and invalidates `passed`.
    serial: u64,
    /// The numbers of the items that are shown; `None` for all.
    passed: Option<Chunked<u32>>,
    /// The number of items that were checked for it.
    seen: u64,
    /// The range of `passed` that is displayed.
    window: (u64, u64),
    /// Which of the open messages are shown, behind all others.
    open: Vec<u64>,
}

/// The most items to check per frame.
const STEP: u64 = 4_000_000;

/// How to bring the list up to date.
#[derive(Debug, Clone)]
pub struct Order {
    /// Records before this number are hidden by Clear.
    pub(crate) cleared: u64,
    /// The display stands still at this many records.
    pub(crate) until: u64,
    /// What is wanted, as far as the index tells it. Of no meaning if a filter says what passes.
    pub(crate) which: Which,
    /// Changes whenever the base is another one: another framing, another filter.
    pub(crate) serial: u64,
}

impl Shown {
    /// Brings it up to date. True if there is more to look at.
    pub fn update(&mut self, base: &Base<'_>, order: Order) -> bool {
        let n_items = base.messages.map_or(order.until, Chunked::len);
        self.start = base.before(order.cleared).max(base.first());
        self.end = base.before(order.until).min(n_items);
        if (&order.which, order.serial) != (&self.which, self.serial) {
            (self.which, self.serial) = (order.which, order.serial);
            (self.passed, self.seen) = (None, 0);
        }
        let more = match base.filtered {
            Some(filtered) => {
                // It only grows, or loses its front; a new one has another serial.
                let extent = |list: &Chunked<u32>| (list.first(), list.len());
                if self.passed.as_ref().map(extent) != Some(extent(filtered)) {
                    self.passed = Some(filtered.clone());
                }
                false
            }
            None if self.which.is_everything() => false,
            None => self.choose(base, n_items),
        };
        self.window = self.passed.as_ref().map_or((0, 0), |passed| {
            let until = |end: u64| passed.partition_point(|&n| u64::from(n) < end);
            (until(self.start), until(self.end))
        });
        // Open messages are at the end of the records: a paused display does not show them.
        let live = order.until == base.index.len();
        let wanted = |open: &&(u64, &Message)| {
            let record = base.index.get(open.1.first());
            let is_copy = |record: &Record| {
                base.once && record.kind == RecordKind::Sent && base.index.twin(record.flow).is_some()
            };
            open.1.last() >= order.cleared
                && record.as_ref().is_none_or(|record| !is_copy(record))
                && record.is_some_and(|r| self.which.admits(r.kind, r.flow, u64::from(open.1.len())))
        };
        let live = live && (base.filtered.is_none() || base.once);
        let open = (0..).zip(base.open).filter(|open| live && wanted(&open));
        self.open = open.map(|(n, _)| n).collect();
        more
    }

    fn choose(&mut self, base: &Base<'_>, n_items: u64) -> bool {
        let passed = self.passed.get_or_insert_default();
        let first = base.first();
        if passed.get(passed.first()).is_some_and(|item| u64::from(item) < first) {
            passed.remove_before(passed.partition_point(|item| u64::from(*item) < first));
        }
        self.seen = self.seen.max(first.min(n_items));
        let end = n_items.min(self.seen.saturating_add(STEP));
        for n in self.seen..end {
            if let (Some(item), Ok(number)) = (base.item(n), u32::try_from(n))
                && let Some(record) = base.index.get(item.first())
                && self.which.admits(record.kind, record.flow, u64::from(item.len()))
            {
                passed.push(number);
            }
        }
        self.seen = self.seen.max(end);
        end < n_items
    }

    /// Grows by as many as positions become smaller when the first items are removed.
    pub fn origin(&self) -> u64 {
        if self.passed.is_some() { self.window.0 } else { self.start }
    }

    /// The first item that Clear does not hide.
    pub fn first(&self) -> u64 {
        self.start
    }

    /// The numbers of the items that are shown, those before the watermark included; `None` for all.
    pub fn passed(&self) -> Option<&Chunked<u32>> {
        self.passed.as_ref()
    }

    /// How many items are shown.
    pub fn len(&self) -> u64 {
        self.n_closed() + self.open.len() as u64
    }

    fn n_closed(&self) -> u64 {
        let (first, end) = if self.passed.is_some() { self.window } else { (self.start, self.end) };
        end.saturating_sub(first)
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the item at position `at`, for [`Base::item`].
    pub fn number(&self, base: &Base<'_>, at: u64) -> Option<u64> {
        let n_closed = self.n_closed();
        if at >= n_closed {
            let open = usize::try_from(at - n_closed).ok().and_then(|at| self.open.get(at))?;
            return Some(base.messages.map_or(0, Chunked::len) + open);
        }
        match &self.passed {
            Some(passed) => passed.get(self.window.0 + at).map(u64::from),
            None => Some(self.start + at),
        }
    }

    /// The position of item number `n`, or of the next one that is shown.
    pub fn position(&self, n: u64) -> u64 {
        let at = match &self.passed {
            Some(passed) => {
                passed.partition_point(|&passed| u64::from(passed) < n).saturating_sub(self.window.0)
            }
            None => n.saturating_sub(self.start),
        };
        at.min(self.n_closed())
    }
}

/// The shown items, as the views read them.
#[derive(Debug, Clone, Copy)]
pub struct ShownItems<'a> {
    pub(crate) base: Base<'a>,
    pub(crate) shown: &'a Shown,
}

impl ShownItems<'_> {
    /// How many there are.
    pub fn len(&self) -> u64 {
        self.shown.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at position `at`.
    pub fn get(&self, at: u64) -> Option<Message> {
        self.base.item(self.shown.number(&self.base, at)?)
    }

    /// The index entry of the record in which the item at position `at` begins.
    pub fn head(&self, at: u64) -> Option<Record> {
        self.base.index.get(self.get(at)?.first())
    }

    /// The position of this item, or of the next one that is shown. Many items may lie in one record.
    pub fn position_of(&self, item: &Message) -> u64 {
        let Base { messages, open, .. } = self.base;
        let Some(messages) = messages else { return self.position_of_record(item.first()) };
        if let Some(n) = open.iter().position(|one| one == item) {
            let n_closed = messages.len() + n as u64;
            return (self.shown.n_closed()..self.len())
                .find(|at| self.shown.number(&self.base, *at) == Some(n_closed))
                .unwrap_or_else(|| self.len().saturating_sub(1));
        }
        let mut n = self.base.before(item.last());
        while messages.get(n).is_some_and(|one| one.last() == item.last() && one != *item) {
            n += 1;
        }
        self.shown.position(n)
    }

    /// The position of the item that holds record `record`, or of the next one that is shown.
    pub fn position_of_record(&self, record: u64) -> u64 {
        self.shown.position(self.base.before(record))
    }
}

/// Which part of what is shown to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyOrder {
    /// The first position: a place among the shown items, and a byte in that item's text.
    pub from: (u64, u32),
    /// The position behind the last; `u32::MAX` for the end of the item's text.
    pub to: (u64, u32),
}
