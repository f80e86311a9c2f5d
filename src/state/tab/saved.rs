//! What is kept of a tab for the next run, and the tab that it becomes again. Knows not where it stands.

use super::Tab;
use crate::model::Body;
use crate::state::{History, QuickBox, RulesBox, SavedTab, SendBox, SendMode, TimeMode, View, ViewMode};

/// The one of that name, or the usual one.
fn named<T: Copy + Default, const N: usize>(
    all: [T; N],
    name: impl Fn(T) -> &'static str,
    wanted: &str,
) -> T {
    all.into_iter().find(|one| name(*one) == wanted).unwrap_or_default()
}

impl Tab {
    /// A tab as it was left in an earlier run, not open.
    pub fn restore(saved: &SavedTab) -> Self {
        let view = View::default();
        let body = named(Body::ALL, Body::name, &saved.show);
        let mut send = SendBox::default();
        send.text.clone_from(&saved.send_text);
        send.mode = named(SendMode::ALL, SendMode::name, &saved.send_mode);
        send.append.clone_from(&saved.append);
        send.file.clone_from(&saved.file);
        if let Some(period) = &saved.cycle_period {
            send.cycle.period.clone_from(period);
        }
        send.cycle.count.clone_from(&saved.cycle_count);
        send.placeholders = saved.send_placeholders;
        send.escapes = saved.escapes.unwrap_or(true);
        let mut quick = QuickBox::of(saved.quick.iter().cloned());
        if let Some(loops) = &saved.quick_loops {
            quick.loops.clone_from(loops);
        }
        Self {
            name: saved.name.clone(),
            form: saved.form.clone(),
            view: View {
                body,
                charset: saved.charset.parse().unwrap_or_default(),
                mode: named(ViewMode::ALL, ViewMode::name, &saved.view),
                time: named(TimeMode::ALL, TimeMode::name, &saved.time),
                fold: saved.fold.unwrap_or(view.fold),
                wrap: saved.wrap.unwrap_or(view.wrap),
                ..view
            },
            send,
            history: History::in_file(&saved.history),
            quick,
            rules: RulesBox::of(saved.rules.iter().cloned(), saved.faults.clone()),
            columns: saved.columns.clone(),
            checksum: saved.checksum.parse().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What is to be kept of it for the next run.
    pub fn to_save(&self) -> SavedTab {
        SavedTab {
            name: self.name.clone(),
            form: self.form.clone(),
            charset: self.view.charset.name().into(),
            show: self.view.body.name().into(),
            view: self.view.mode.name().into(),
            time: self.view.time.name().into(),
            fold: Some(self.view.fold),
            columns: self.columns.clone(),
            checksum: self.checksum.name().into(),
            wrap: Some(self.view.wrap),
            send_mode: self.send.mode.name().into(),
            escapes: Some(self.send.escapes),
            send_placeholders: self.send.placeholders,
            send_text: self.send.text.clone(),
            append: self.send.append.clone(),
            file: self.send.file.clone(),
            cycle_period: Some(self.send.cycle.period.clone()),
            cycle_count: self.send.cycle.count.clone(),
            history: self.history.file().unwrap_or_default().to_owned(),
            quick: self.quick.forms(),
            quick_loops: Some(self.quick.loops.clone()),
            rules: self.rules.forms(),
            faults: self.rules.faults.clone(),
        }
    }
}
