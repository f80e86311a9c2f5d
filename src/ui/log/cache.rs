//! Layouts of the records that were on screen lately.

use std::collections::HashMap;
use std::sync::Arc;

use super::layout::{Config, Layout, Layouter, RowKind};
use crate::journal::Frame;
use crate::state::Shown;

/// Layouts by record number. Records never change, so neither do their layouts.
#[derive(Debug, Default)]
pub(super) struct Cache {
    config: Option<Config>,
    layouts: HashMap<u64, Arc<Layout>>,
    /// Bytes of text in `layouts`, about.
    weight: usize,
    frame: Frame,
}

/// Some screens full of large records, or many of small ones.
const MOST_BYTES: usize = 16 << 20;
const MOST_LAYOUTS: usize = 4096;

impl Cache {
    /// Begins a frame: another way to lay out makes all layouts new.
    pub(super) fn prepare(&mut self, config: &Config) {
        if self.config.as_ref() != Some(config) {
            self.clear();
            self.config = Some(config.clone());
        }
        if self.weight > MOST_BYTES || self.layouts.len() > MOST_LAYOUTS {
            self.layouts.clear();
            self.weight = 0;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.config = None;
        self.layouts.clear();
        self.weight = 0;
    }

    /// The layout of the record at position `at` among the shown ones.
    pub(super) fn get(&mut self, layouter: &Layouter<'_>, shown: &Shown, at: u64) -> Arc<Layout> {
        let Some(n) = shown.record(at) else { return Arc::new(Layout::default()) };
        if let Some(layout) = self.layouts.get(&n) {
            return Arc::clone(layout);
        }
        let layout = Arc::new(layouter.layout(n, &mut self.frame));
        // What failed to be read is tried again: the disk may come back.
        let failed = layout.rows.iter().any(|row| row.kind == RowKind::Failed);
        if !failed {
            self.weight += layout.text.len() + size_of_val(layout.rows.as_slice());
            self.layouts.insert(n, Arc::clone(&layout));
        }
        layout
    }
}
