//! Cache of the layouts of recently visible items.

use std::collections::HashMap;
use std::sync::Arc;

use super::layout::{Config, Layout, Layouter, RowKind};
use crate::analysis::Piece;
use crate::model::Message;

/// Inputs of a layout other than the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    at: u64,
    item: Message,
    unfolded: bool,
    /// Items of a stream group, and how many have arrived after it.
    group: (u64, u64),
}

/// Layouts that this frame or the one before asked for. Nothing older is kept, so that a jump costs the same
/// in a short log as in a long one.
#[derive(Debug, Default)]
pub(super) struct Cache {
    config: Option<Config>,
    layouts: HashMap<Key, Arc<Layout>>,
    before: HashMap<Key, Arc<Layout>>,
    piece: Piece,
    empty: Arc<Layout>,
}

impl Cache {
    /// Starts a frame. A changed configuration discards all layouts.
    pub(super) fn prepare(&mut self, config: &Config) {
        if self.config.as_ref() != Some(config) {
            self.clear();
            self.config = Some(config.clone());
        }
        std::mem::swap(&mut self.layouts, &mut self.before);
        self.layouts.clear();
    }

    pub(super) fn config(&self) -> Option<&Config> {
        self.config.as_ref()
    }

    pub(super) fn clear(&mut self) {
        self.config = None;
        self.layouts.clear();
        self.before.clear();
    }

    pub(super) fn get(&mut self, layouter: &Layouter<'_>, at: u64) -> Arc<Layout> {
        let Some(item) = layouter.items.get(at) else { return Arc::clone(&self.empty) };
        // What was passed on later may be in the row of what was received.
        let mut group = (1, layouter.n_later(&item));
        if layouter.is_stream() {
            if !layouter.begins(at) {
                return Arc::clone(&self.empty);
            }
            let end = layouter.group_end(at);
            group = (end - at, layouter.group_end(end.min(layouter.items.len())) - end);
        }
        let key = Key { at, item, unfolded: layouter.unfolded.contains(&item), group };
        if let Some(layout) = self.layouts.get(&key) {
            return Arc::clone(layout);
        }
        if let Some(layout) = self.before.remove(&key) {
            self.layouts.insert(key, Arc::clone(&layout));
            return layout;
        }
        let layout = Arc::new(layouter.layout(at, &mut self.piece));
        // A failed read is retried: the disk may come back.
        let failed = layout.rows.iter().any(|row| row.kind == RowKind::Failed);
        if !failed {
            self.layouts.insert(key, Arc::clone(&layout));
        }
        layout
    }
}
