//! Appearance of the log: its grid, the layout configuration, and what is shown besides rows.

use std::path::Path;
use std::sync::Arc;

use egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, vec2};
use jiff::tz::TimeZone;

use super::LogInput;
use super::layout::{Config, Form, LEAST_COLUMNS, RowKind};
use crate::model::{Body, Ending, Reason, Stamp};
use crate::ui::lang::Lang;
use crate::ui::theme::Palette;
use crate::ui::{messages, widgets};
use crate::workspace::{LastCapture, TimeMode, ViewMode};

pub(super) const MARGIN: f32 = 4.0;
/// Width of the column of the fold marks.
pub(super) const FOLD: f32 = 20.0;
/// In a narrower log a peer has less room.
const NARROW: f32 = 680.0;
/// Cells of a row of a hex dump.
const DUMP: usize = 78;

/// Maximum cells of a row without wrapping, so that no layout has a million cells.
pub(super) const MOST_COLUMNS: usize = 4096;

/// Where the columns of a row begin, in points from its left edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spots {
    pub(super) time: f32,
    pub(super) way: f32,
    pub(super) peer: f32,
    /// Cells of the peer; 0 if it is not shown, since there is only one ever.
    pub(super) peer_cells: usize,
    /// Where the length ends.
    pub(super) length: f32,
    pub(super) data: f32,
}

impl Spots {
    pub(super) fn of(input: &LogInput<'_>, cell: f32, width: f32) -> Self {
        let time = FOLD;
        let time_cells = if input.view.time == TimeMode::Absolute { 12.0 } else { 13.0 };
        let way = time + time_cells * cell + 8.0;
        let peer = way + 4.0 * cell + if input.once { 24.0 } else { 16.0 };
        let (peer_cells, peer_width) = match input.many_peers || input.items.base.index.has_several_peers() {
            false => (0, 0.0),
            true if width < NARROW => (16, 16.0 * cell + 8.0),
            true => (20, 20.0 * cell + 8.0),
        };
        let length = peer + peer_width + 5.0 * cell + 1.0;
        Self { time, way, peer, peer_cells, length, data: length + 12.0 }
    }

    /// Where the text of a row begins.
    pub(super) fn text(&self, form: Form, kind: RowKind) -> f32 {
        match (form, kind) {
            (Form::Stream, _) => MARGIN,
            (_, RowKind::Event(_)) | (Form::Line | Form::Single, RowKind::Body(_) | RowKind::Folded(_)) => {
                self.data
            }
            _ => FOLD,
        }
    }
}

/// How the log is laid out in this width.
pub(super) fn log_config(input: &LogInput<'_>, spots: &Spots, cell: f32, width: f32) -> Config {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "clamped"
    )]
    let fit = |left: f32| {
        let cells = ((width - left) / cell).floor().clamp(0.0, MOST_COLUMNS as f32) as usize;
        cells.max(LEAST_COLUMNS)
    };
    let (view, beside) = (input.view, fit(spots.data));
    let is_dump = view.body == Body::Dump;
    let form = match view.mode {
        ViewMode::Stream => Form::Stream,
        _ if view.classic || is_dump && beside < DUMP => Form::Classic,
        _ if view.wrap || is_dump => Form::Line,
        _ => Form::Single,
    };
    let columns = match form {
        Form::Line | Form::Single => beside,
        Form::Stream | Form::Classic if view.wrap => fit(FOLD),
        Form::Stream | Form::Classic => MOST_COLUMNS,
    };
    Config { names_peers: spots.peer_cells > 0, ..config(input, form, columns, fit(FOLD)) }
}

/// How items are laid out as one line of the table.
pub(crate) fn table_config(input: &LogInput<'_>) -> Config {
    config(input, Form::Classic, usize::MAX / 4, usize::MAX / 4)
}

fn config(input: &LogInput<'_>, form: Form, columns: usize, whole: usize) -> Config {
    Config {
        form,
        body: input.view.body,
        charset: input.charset,
        charsets: Arc::clone(input.charsets),
        names: input.names.clone(),
        time: input.view.time,
        start: input.start,
        columns,
        whole,
        fold: (input.view.fold > 0).then_some(usize::from(input.view.fold)),
        names_peers: false,
        ends_by_pause: input.ends_by_pause,
        query: input.found.query.cloned(),
        notes: Arc::clone(input.notes),
        holds: input.holds.values().filter_map(|held| Some((held.from?, held.rule.clone()))).collect(),
        lost_by: input.calls.then_some(Ending::PeerFin),
        once: input.once,
        lang: input.lang,
        zone: input.zone.clone(),
        serial: input.serial,
    }
}

/// Changes whenever items may read differently. `notes` is the revision of the notes, which may be too many
/// to hash.
pub(crate) fn revision(config: &Config, notes: u64) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    let Config {
        form,
        body,
        charset,
        charsets,
        names,
        time,
        start,
        fold,
        query,
        lang,
        serial,
        lost_by,
        once,
        holds,
        ..
    } = config;
    names.hash(&mut hasher);
    (form, charset, charsets, time, start.0, fold, notes, lang, serial, lost_by, once, holds)
        .hash(&mut hasher);
    body.hash(&mut hasher);
    let query = query.as_ref().map(|query| (query.kind(), query.text(), query.charset(), query.case()));
    query.hash(&mut hasher);
    hasher.finish()
}

pub(crate) fn empty_words<'a>(input: &LogInput<'_>) -> (&'a str, &'a str) {
    let lang = input.lang;
    if input.welcomes {
        ("", "")
    } else if input.cleared {
        (lang.log_cleared(), lang.undo_clear_tip())
    } else if input.items.base.index.is_empty() && input.views {
        (lang.capture_empty(), lang.capture_empty_hint())
    } else if input.items.base.index.is_empty() {
        (lang.log_empty(), lang.log_empty_hint())
    } else {
        (lang.log_hidden(), lang.log_hidden_hint())
    }
}

/// Offers the capture of the last session in an empty log. True if it is to be opened.
pub(crate) fn last_capture_ui(
    ui: &mut Ui,
    input: &LogInput<'_>,
    last: &LastCapture,
    now: Stamp,
    rect: Rect,
) -> bool {
    let lang = input.lang;
    let when =
        Stamp::parse(&last.at).map_or_else(|| last.at.clone(), |at| day_and_time(lang, at, now, input.zone));
    let text = match last.records {
        1 => lang.last_capture_one(when),
        n => lang.last_capture(when, messages::grouped(n)),
    };
    let place = Rect::from_center_size(rect.center() + vec2(0.0, 48.0), vec2(280.0, 28.0));
    ui.put(place, egui::Button::new(text)).on_hover_text(lang.last_capture_tip()).clicked()
}

/// Tells why nothing of a capture can be shown. True if another one is wanted.
pub(crate) fn unread_ui(ui: &mut Ui, lang: Lang, (path, why): (Option<&Path>, &Reason), rect: Rect) -> bool {
    let place = Rect::from_center_size(rect.center(), vec2(rect.width() - 32.0, 132.0));
    let place = UiBuilder::new().id_salt("unread").max_rect(place).layout(Layout::top_down(Align::Center));
    let Palette { text, weak, failure, .. } = Palette::of(ui);
    let (path, why) =
        (path.map_or_else(String::new, |path| path.display().to_string()), messages::reason(lang, why));
    ui.scope_builder(place, |ui| {
        ui.label(RichText::new(lang.unread()).size(16.0));
        // Most reasons begin with it.
        let path = Some(path).filter(|path| !why.contains(path.as_str()));
        let path = path.map(|path| RichText::new(path).monospace().color(text));
        let why = RichText::new(format!("✕ {why}")).color(failure);
        for line in path.into_iter().chain([why, RichText::new(lang.unread_hint()).color(weak)]) {
            ui.add(egui::Label::new(line).wrap());
        }
        widgets::button(ui, lang.recent_captures(), lang.recent_captures_tip())
    })
    .inner
}

/// A time as `Today 14:05`, or with its date.
pub(crate) fn day_and_time(lang: Lang, at: Stamp, now: Stamp, zone: &TimeZone) -> String {
    let zoned = |at: Stamp| at.timestamp().to_zoned(zone.clone()).datetime();
    let (at, today) = (zoned(at), zoned(now).date());
    let time = at.strftime("%H:%M");
    if at.date() == today {
        lang.day_today(time)
    } else if today.yesterday().is_ok_and(|yesterday| at.date() == yesterday) {
        lang.day_yesterday(time)
    } else {
        at.strftime("%Y-%m-%d %H:%M").to_string()
    }
}
