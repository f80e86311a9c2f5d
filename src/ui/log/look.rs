//! Appearance of the log: its grid, the layout configuration, and what is shown besides rows.

use std::sync::Arc;

use egui::{Rect, Ui, vec2};
use jiff::tz::TimeZone;

use super::LogInput;
use super::layout::Config;
use crate::model::Stamp;
use crate::ui::lang::Lang;
use crate::ui::messages;
use crate::ui::rows::Grid;
use crate::workspace::{LastCapture, ViewMode};

pub(super) const MARGIN: f32 = 8.0;

/// Maximum cells of a row without wrapping, so that no layout has a million cells.
pub(super) const MOST_COLUMNS: usize = 4096;

/// Minimum cells of a wrapped row, however narrow the view is.
const LEAST_COLUMNS: usize = 16;

pub(crate) fn config(input: &LogInput<'_>, columns: usize) -> Config {
    Config {
        stream: input.view.mode == ViewMode::Stream,
        body: input.view.body,
        charset: input.charset,
        charsets: Arc::clone(input.charsets),
        time: input.view.time,
        start: input.start,
        columns,
        fold: (input.view.fold > 0).then_some(usize::from(input.view.fold)),
        ends_by_pause: input.ends_by_pause,
        query: input.found.query.cloned(),
        notes: Arc::clone(input.notes),
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
    let Config { stream, body, charset, charsets, time, start, fold, query, lang, serial, .. } = config;
    (stream, charset, charsets, time, start.0, fold, notes, lang, serial).hash(&mut hasher);
    body.hash(&mut hasher);
    let query = query.as_ref().map(|query| (query.kind(), query.text(), query.charset(), query.case()));
    query.hash(&mut hasher);
    hasher.finish()
}

pub(super) fn columns(input: &LogInput<'_>, grid: &Grid, width: f32) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let fit = (width / grid.cell).floor().clamp(0.0, 4096.0) as usize;
    if input.view.wrap { fit.max(LEAST_COLUMNS) } else { MOST_COLUMNS }
}

pub(crate) fn empty_words<'a>(input: &LogInput<'_>) -> (&'a str, &'a str) {
    let lang = input.lang;
    if input.cleared {
        (lang.log_cleared(), lang.undo_clear_tip())
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

/// A time as `Today 14:05`, or with its date.
pub(crate) fn day_and_time(lang: Lang, at: Stamp, now: Stamp, zone: &TimeZone) -> String {
    let zoned = |at: Stamp| {
        let time = jiff::Timestamp::from_nanosecond(at.0.into()).unwrap_or_default();
        time.to_zoned(zone.clone()).datetime()
    };
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
