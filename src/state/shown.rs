//! Which items of a session are shown: its records, or the messages that a framing makes of them; all
//! after a watermark, or those that pass a filter too. Positions in it are what the views scroll over.

use crate::model::{Chunked, Index, Message, Record, RecordKind};

/// What an item must be to be shown, as far as the index tells it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one tick box of the panel")]
pub struct Hidden {
    /// What was received is hidden.
    pub received: bool,
    /// What was sent is hidden.
    pub sent: bool,
    /// Events are hidden.
    pub events: bool,
}

impl Hidden {
    /// Whether a record of this kind is shown.
    pub fn shows(self, kind: RecordKind) -> bool {
        match kind {
            RecordKind::Received => !self.received,
            RecordKind::Sent => !self.sent,
            RecordKind::Connected | RecordKind::Refused | RecordKind::Ended(_) | RecordKind::Note => !self.events,
        }
    }
}

/// What the list of shown items is made from.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// The index.
    pub index: &'a Index,
    /// The messages of a framing; `None` shows records as they are.
    pub messages: Option<&'a Chunked<Message>>,
    /// Messages whose end has not come yet.
    pub open: &'a [Message],
    /// The numbers of the items that a filter passes, as far as it has come; `None` without one.
    pub sieved: Option<&'a Chunked<u32>>,
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

    /// How many items end before record `record`.
    fn before(&self, record: u64) -> u64 {
        self.messages.map_or(record, |messages| messages.partition_point(|message| message.last() < record))
    }
}

/// Which items are shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The number of the first item after the watermark.
    start: u64,
    /// The number behind the last item that is displayed.
    end: u64,
    hidden: Hidden,
    /// What made the list below; another one makes it new.
    serial: u64,
    /// If anything is hidden or filtered: the numbers of the items that pass. Else `None`.
    passed: Option<Chunked<u32>>,
    /// How far what is hidden has been looked for: in items, or in what the filter passes.
    seen: u64,
    /// The entries of `passed` from the first after the watermark to the last that is displayed.
    window: (u64, u64),
    /// The positions behind all others show what is open.
    n_open: u64,
}

/// How many items are looked at in one go, so that no frame waits for all of them.
const STEP: u64 = 4_000_000;

/// How to bring the list up to date.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Records before this number are hidden by Clear.
    pub cleared: u64,
    /// The display stands still at this many records.
    pub until: u64,
    /// What is hidden by its kind.
    pub hidden: Hidden,
    /// Changes whenever the base is another one: another framing, another filter.
    pub serial: u64,
}

impl Shown {
    /// Brings it up to date. True if there is more to look at.
    pub fn update(&mut self, base: &Base<'_>, order: Order) -> bool {
        let n_items = base.messages.map_or(order.until, Chunked::len);
        (self.start, self.end) = (base.before(order.cleared), base.before(order.until).min(n_items));
        if (order.hidden, order.serial) != (self.hidden, self.serial) {
            (self.hidden, self.serial, self.passed, self.seen) = (order.hidden, order.serial, None, 0);
        }
        let hides = order.hidden != Hidden::default();
        let more = match (base.sieved, hides) {
            (None, false) => false,
            (None, true) => self.hide(base, n_items, |n| Some(n)),
            (Some(sieved), false) => {
                self.passed = Some(sieved.clone());
                false
            }
            (Some(sieved), true) => self.hide(base, sieved.len(), |at| sieved.get(at).map(u64::from)),
        };
        self.window = self.passed.as_ref().map_or((0, 0), |passed| {
            let until = |end: u64| passed.partition_point(|&n| u64::from(n) < end);
            (until(self.start), until(self.end))
        });
        // What is open is at the end of all that has come: a display that stands still has it not.
        let live = order.until == base.index.len();
        let open = base.open.iter().filter(|open| open.last() >= order.cleared);
        self.n_open = if live && base.sieved.is_none() { open.count() as u64 } else { 0 };
        more
    }

    /// Goes on with leaving out what is hidden.
    fn hide(&mut self, base: &Base<'_>, len: u64, number: impl Fn(u64) -> Option<u64>) -> bool {
        let passed = self.passed.get_or_insert_default();
        let end = len.min(self.seen.saturating_add(STEP));
        for n in (self.seen..end).filter_map(number) {
            if let (Some(record), Ok(n)) = (base.head(n), u32::try_from(n))
                && self.hidden.shows(record.kind)
            {
                passed.push(n);
            }
        }
        self.seen = self.seen.max(end);
        end < len
    }

    /// How many items are shown.
    pub fn len(&self) -> u64 {
        self.n_closed() + self.n_open
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
            let skipped = base.open.len() as u64 - self.n_open.min(base.open.len() as u64);
            let open = at - n_closed;
            return (open < self.n_open).then(|| base.messages.map_or(0, Chunked::len) + skipped + open);
        }
        match &self.passed {
            Some(passed) => passed.get(self.window.0 + at).map(u64::from),
            None => Some(self.start + at),
        }
    }

    /// The position of item number `n`, or of the next one that is shown.
    pub fn position(&self, n: u64) -> u64 {
        let at = match &self.passed {
            Some(passed) => passed.partition_point(|&passed| u64::from(passed) < n).saturating_sub(self.window.0),
            None => n.saturating_sub(self.start),
        };
        at.min(self.n_closed())
    }
}

/// The shown items, as the views read them.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// What they are made from.
    pub base: Base<'a>,
    /// Which of it.
    pub shown: &'a Shown,
}

impl Items<'_> {
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
