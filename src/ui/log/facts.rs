//! The buttons of an unfolded record.

use egui::{Align, Button, FontId, Layout, RichText, Ui, UiBuilder};

use super::Frame;
use super::layout::RowKind;
use super::look::FOLD;
use super::paint::Painted;
use crate::state::{Action, CopyOrder};
use crate::ui::{controls, icons, widgets};

/// The size of an icon.
const SIGN: f32 = 14.0;
/// Width of the buttons without their words.
pub(super) const BUTTONS: f32 = 100.0;

/// Buttons at the end of the line of facts; without their words where there is no room for these.
pub(super) fn facts_ui(ui: &mut Ui, frame: &Frame<'_>, painted: &[Painted]) -> Vec<Action> {
    let mut actions = Vec::new();
    let (lang, index) = (frame.input.lang, frame.input.items.base.index);
    for row in painted.iter().filter(|row| row.layout.kind(row.row) == Some(RowKind::Facts)) {
        let Some(item) = frame.input.items.get(row.at) else { continue };
        let data = index.get(item.first()).filter(|record| record.kind.direction().is_some());
        let order = CopyOrder { from: (row.at, 0), to: (row.at, u32::MAX) };
        let send_to = data.map(|record| {
            (icons::REPLY, (lang.send_only_to(), lang.send_only_to_tip()), Action::SendTo(record.flow))
        });
        let note = Action::EditNote(Some(item.first()));
        let buttons = [
            Some((icons::PENCIL, (lang.note_edit(), lang.note_edit_tip()), note)),
            send_to,
            Some((icons::COPY, (lang.copy(), lang.copy_tip()), Action::Copy(order, None))),
        ];
        let font = FontId::proportional(frame.grid.font.size);
        let facts = ui.painter().layout_no_wrap(row.layout.facts.clone(), font, frame.palette.weak).size().x;
        let around = SIGN + 2.0 * ui.spacing().button_padding.x + 2.0 * ui.spacing().item_spacing.x;
        let words =
            buttons.iter().flatten().map(|(_, (label, _), _)| around + widgets::text_width(ui, label));
        let has_room = FOLD + facts + words.sum::<f32>() < row.rect.intersect(frame.rect).width();
        let place = UiBuilder::new()
            .id_salt(("facts", item.first()))
            .max_rect(row.rect)
            .layout(Layout::right_to_left(Align::Center));
        // Where the row is partly out of sight, so are they.
        let mut ui = ui.new_child(place);
        ui.set_clip_rect(frame.rect);
        ui.spacing_mut().interact_size.y = frame.grid.row_height - 2.0;
        ui.spacing_mut().button_padding.y = 0.0;
        for (sign, (label, tip), action) in buttons.into_iter().flatten() {
            let sign = controls::icon(sign, SIGN);
            let (button, tip) = if has_room {
                (Button::new((sign, RichText::new(label))).frame_when_inactive(false), tip.to_owned())
            } else {
                // The facts may be longer than the room.
                (Button::new(sign).fill(frame.palette.paper), format!("{label}\n{tip}"))
            };
            let button = widgets::named(ui.add(button.small()), label);
            actions.extend(button.on_hover_text(tip).clicked().then_some(action));
        }
    }
    actions
}
