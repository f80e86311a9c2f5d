//! An item as one line, for the table.

use std::io;

use super::body::{self, Data};
use super::{Layout, Layouter, RowKind, beside_peer, seconds};
use crate::analysis::Piece;
use crate::codec::websocket::Opcode;
use crate::model::{Body, Direction, HIGHLIGHT, Leg, SessionNote};
use crate::ui::messages;
use crate::ui::table::{RowKind as TableKind, RowText};
use crate::workspace::TimeMode;

const BYTES: usize = 240;

impl Layouter<'_> {
    pub(crate) fn preview(&self, at: u64, piece: &mut Piece) -> RowText {
        self.try_preview(at, piece).unwrap_or_else(|error| RowText {
            kind: TableKind::Failed,
            number: messages::grouped(at + 1),
            preview: messages::reason(self.config.lang, &error.into()),
            ..RowText::default()
        })
    }

    fn try_preview(&self, at: u64, piece: &mut Piece) -> io::Result<RowText> {
        let Some(item) = self.items.get(at) else { return Ok(RowText::default()) };
        let Some((kind, flow)) = self.source.head(&item) else { return Ok(RowText::default()) };
        let before = self.time_before(at, piece)?;
        let time = self.source.time(&item, piece)?;
        let is_one = item.first() == item.last();
        let last = if is_one { time } else { self.source.time_of_last_byte(&item, piece)? };
        let shown = |time| match self.config.time {
            TimeMode::Absolute | TimeMode::Delta => super::local_clock(time, &self.config.zone),
            TimeMode::SinceStart => seconds(time, Some(self.config.start)),
        };
        let mut row = RowText {
            number: messages::grouped(item.first() + 1),
            time: shown(time),
            last: if last == time { String::new() } else { shown(last) },
            delta: seconds(time, before),
            ..RowText::default()
        };
        let lang = self.config.lang;
        row.opcode = self.source.remark(&item, kind, piece)?.0.map(|mark| mark.words()).unwrap_or_default();
        if let Some(flow) = self.source.index.flow(flow) {
            row.peer = self.peer(Some(&flow)).unwrap_or_default().0;
        }
        row.is_highlighted = self.is_highlighted(&item);
        let text = |note: std::borrow::Cow<str>| match super::note_text(lang, &note) {
            text if text.starts_with(HIGHLIGHT) => format!("✎ {text}  "),
            text => format!("{text}  "),
        };
        let note = self.notes(&item).map(text);
        let note = note.collect::<String>().replace('\n', "  ");
        let Some(direction) = kind.direction() else {
            self.source.read(&item, usize::MAX, piece)?;
            row.kind = TableKind::Event;
            if let Some(SessionNote::Ws(note)) = &piece.note {
                note.opcode().map_or("", Opcode::name).clone_into(&mut row.opcode);
            }
            let text = self.event_text(kind, flow, piece).0;
            row.preview = note + &beside_peer(&text, &row.peer).unwrap_or(text);
            return Ok(row);
        };
        (row.kind, row.direction) = match direction {
            Direction::Received => (TableKind::Received, lang.received_short().into()),
            Direction::Sent => (TableKind::Sent, lang.sent_short().into()),
        };
        if let Some((from, client)) = self.way(flow, direction) {
            row.direction = if from == Leg::Client { lang.leg_up() } else { lang.leg_down() }.into();
            row.peer = client.0;
        }
        row.length = messages::grouped(u64::from(item.len()));
        let text = self.config.body == Body::Text;
        let carry = if text && !self.framed() { self.carry(&item, piece)? } else { Vec::new() };
        self.source.read(&item, BYTES, piece)?;
        let kind = RowKind::Body(direction);
        let hits = self.hits(&piece.bytes);
        let (flow, charset) = (piece.flow, self.charset(item.first()));
        let data = Data { flow, kind, charset, carry: &carry, bytes: &piece.bytes, hits: &hits, skipped: 0 };
        let mut layout = Layout::default();
        match self.config.body {
            // A line break at the end is not shown.
            Body::Text => {
                let columns = (self.config.columns, self.config.columns);
                let is_added = self.text(&mut layout, &data, false, columns, usize::MAX);
                layout.text.pop();
                if !is_added && layout.text.ends_with('\r') {
                    layout.text.pop();
                }
            }
            Body::Hex | Body::Dump => {
                body::hex(&mut layout, &data, (usize::MAX, usize::MAX), usize::MAX);
                layout.text.pop();
            }
        }
        if let Some(what) = messages::wholeness(lang, self.wholeness(&item)) {
            row.preview = format!("⚠ {what}  ");
        }
        row.preview.push_str(&note);
        let shift = row.preview.len();
        row.preview.push_str(&layout.text);
        let len = row.preview.len();
        let ranges = layout.marks.iter().map(|m| m.text.start as usize + shift..m.text.end as usize + shift);
        row.hits = ranges.filter(|range| range.end <= len).collect();
        Ok(row)
    }
}
