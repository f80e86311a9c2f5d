//! Copying a part of the log, as a job.

use std::collections::HashSet;
use std::sync::Arc;

use super::App;
use super::central_panel::Views;
use super::jobs::Done;
use super::run::Run;
use crate::analysis::{Piece, Source};
use crate::codec::frame::Framing;
use crate::codec::{Charset, CopyAs};
use crate::journal::Reader;
use crate::model::{Chunked, Ending, Index, Message};
use crate::state::{Base, CopyOrder, Report, Shown, ShownItems, Tab, TabId};
use crate::ui::log::layout::{Config, Form, Layouter};
use crate::workspace::{PeerNames, ViewMode};

/// The most text that is copied, in bytes: an X server takes no larger request.
const MOST_COPIED: usize = (16 << 20) - (64 << 10);
/// The most items that are copied.
const MOST_ITEMS: u64 = 2_000_000;

/// How the copied part is written.
enum Way {
    /// As the log shows it.
    Shown(Box<Config>),
    /// The data alone, as one value.
    Value(CopyAs, Charset),
}

/// A part of the log, with snapshots of what it is made from.
struct CopyJob {
    index: Index,
    /// The messages of a framing; `None` for records as they are.
    messages: Option<Chunked<Message>>,
    /// Messages that have not ended.
    open: Vec<Message>,
    shown: Shown,
    reader: Reader,
    order: CopyOrder,
    way: Way,
    unfolded: HashSet<Message>,
}

impl App {
    pub(super) fn copy(&mut self, id: TabId, order: CopyOrder, way: Option<CopyAs>) {
        let Some(tab) = self.state.find(id) else { return };
        let Some(reader) = self.runs.get(&id).and_then(Run::reader).map(Reader::pinned) else { return };
        if order.to.0 - order.from.0 > MOST_ITEMS {
            self.state.report(Report::TooMuchToCopy(id));
            return;
        }
        let way = match way {
            Some(way) => Way::Value(way, first_charset(tab, &reader, order.from.0)),
            None => Way::Shown(Box::new(self.copy_config(tab))),
        };
        let base = tab.base();
        let job = CopyJob {
            index: base.index.clone(),
            messages: base.messages.cloned(),
            open: base.open.to_vec(),
            shown: tab.shown.clone(),
            reader,
            order,
            way,
            unfolded: self.views.get(&id).map(Views::unfolded).unwrap_or_default(),
        };
        self.jobs.start("copy", move |reporter| match job.text() {
            Some(text) => reporter.send(Done::Clipboard(id, text)),
            None => reporter.report(Report::TooMuchToCopy(id)),
        });
    }

    /// The log's configuration, but with complete rows and nothing folded: copies do not depend on the
    /// window's width.
    fn copy_config(&self, tab: &Tab) -> Config {
        let stream = tab.session.view.mode == ViewMode::Stream;
        // In a stream the width says in which group a byte stands, and so what is selected; the text of all
        // groups is the same.
        let seen = self.views.get(&tab.id).and_then(Views::config);
        let columns = seen.map(|config| config.columns).filter(|_| stream);
        Config {
            form: if stream { Form::Stream } else { Form::Classic },
            body: tab.session.view.body,
            charset: tab.session.charset,
            charsets: Arc::clone(&tab.charsets),
            names: PeerNames::default(),
            time: tab.session.view.time,
            start: self.start_of(tab.id),
            columns: columns.unwrap_or(usize::MAX / 4),
            // The rows of bytes are copied as they are seen.
            whole: seen.map_or(usize::MAX / 4, |config| config.whole),
            fold: None,
            names_peers: false,
            ends_by_pause: matches!(tab.framed.framing, Framing::Idle(_)),
            query: None,
            notes: Arc::clone(&tab.notes),
            holds: Vec::new(),
            lost_by: tab.keeps_connection().then_some(Ending::PeerFin),
            once: tab.filtered.once,
            lang: self.lang(),
            zone: self.zone.clone(),
            serial: 0,
        }
    }
}

impl CopyJob {
    fn items(&self) -> ShownItems<'_> {
        let Self { index, messages, open, shown, .. } = self;
        let base = Base { index, messages: messages.as_ref(), open, filtered: None, once: false };
        ShownItems { base, shown }
    }

    /// The text; `None` if it is too much.
    fn text(&self) -> Option<String> {
        let source = Source { index: &self.index, reader: &self.reader };
        match &self.way {
            Way::Shown(config) => self.as_shown(source, config),
            Way::Value(way, charset) => self.as_value(source, *way, *charset),
        }
    }

    fn as_shown(&self, source: Source<'_>, config: &Config) -> Option<String> {
        let layouter = Layouter { config, items: self.items(), source, unfolded: &self.unfolded };
        let mut piece = Piece::default();
        let mut text = String::new();
        let ((from, first_byte), (to, last_byte)) = (self.order.from, self.order.to);
        for at in from..=to {
            let layout = layouter.layout(at, &mut piece);
            let whole = layout.text.as_str();
            // All of an item is its data; of what is below, only what is selected there.
            let data_end = layout.data_end.unwrap_or(whole.len());
            let start = if at == from { boundary(whole, first_byte) } else { 0 };
            let ends_here = at == to && last_byte < u32::MAX;
            let end = if ends_here { boundary(whole, last_byte) } else { data_end };
            text.push_str(whole.get(start..end).unwrap_or(""));
            if text.len() > MOST_COPIED {
                return None;
            }
        }
        Some(text)
    }

    fn as_value(&self, source: Source<'_>, way: CopyAs, charset: Charset) -> Option<String> {
        let items = self.items();
        let mut piece = Piece::default();
        let mut bytes = Vec::new();
        for item in (self.order.from.0..=self.order.to.0).filter_map(|at| items.get(at)) {
            if source.head(&item).is_none_or(|(kind, _)| kind.direction().is_none()) {
                continue;
            }
            if let Err(error) = source.read(&item, usize::MAX, &mut piece) {
                return Some(error.to_string());
            }
            bytes.extend_from_slice(&piece.bytes);
            // Every way to write a byte takes a few characters.
            if bytes.len() > MOST_COPIED / 6 {
                return None;
            }
        }
        Some(way.text_of(&bytes, charset))
    }
}

/// The charset of the item at a position, used for all that is copied with it.
fn first_charset(tab: &Tab, reader: &Reader, at: u64) -> Charset {
    let first = tab.items().get(at).map_or(0, |item| item.first());
    Source { index: &tab.log, reader }.charset(first, tab.session.charset, &tab.charsets)
}

fn boundary(text: &str, byte: u32) -> usize {
    let byte = (byte as usize).min(text.len());
    (0..=byte).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
