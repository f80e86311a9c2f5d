//! The dialog that decides on a message that a relay holds.

use egui::{Align, Button, Layout, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::bytes::{BytesInput, BytesView, bytes_ui};
use super::lang::Lang;
use super::peers::time_of_day;
use super::theme::{CONTROL, Palette};
use super::{controls, messages, widgets};
use crate::codec::Charset;
use crate::model::zone::Named;
use crate::model::{Decision, Held, Leg};
use crate::state::{Action, Example, HoldAction, HoldBox, MOST_EDITED};

/// The message that is shown, and what is told of it.
pub(crate) struct HoldInput<'a> {
    pub(crate) lang: Lang,
    pub(crate) held: &'a Held,
    /// The side of the relay that it comes from.
    pub(crate) leg: Leg,
    pub(crate) is_stream: bool,
    pub(crate) charset: Charset,
    pub(crate) zone: &'a jiff::tz::TimeZone,
    /// Its number among those that are held, and how many these are.
    pub(crate) nth: (usize, usize),
    /// The one after it, if there are several.
    pub(crate) next: Option<HoldAction>,
}

/// Heights of the box and of the bytes.
const HEIGHTS: [f32; 2] = [104.0, 128.0];

pub(crate) fn hold_ui(
    ui: &Ui,
    input: HoldInput<'_>,
    hold: &mut HoldBox,
    view: &mut BytesView,
) -> Vec<Action> {
    let HoldInput { lang, held, charset, .. } = input;
    let decide = |decision| Action::Held(HoldAction::Decide(held.id, decision));
    let leaves = Action::Held(HoldAction::Show(None));
    widgets::dialog(ui, ("hold", lang.hold_title()), leaves.clone(), |ui, actions| {
        ui.label(RichText::new(facts(&input)).color(Palette::of(ui).weak));
        ui.horizontal(|ui| {
            let modes = widgets::modes(lang);
            let mut mode = hold.draft.mode;
            controls::segments(ui, lang.hold_text(), &mut mode, &modes, None);
            if hold.draft.convert(mode, charset) {
                hold.edited = None;
            }
            if let Some(next) = input.next {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    widgets::offer(ui, (lang.hold_next(), lang.hold_next_tip()), Action::Held(next), actions);
                    ui.label(lang.hold_nth(input.nth.0, input.nth.1));
                });
            }
        });
        let is_long = held.data.len() > MOST_EDITED;
        let problem = match &hold.edited {
            Some(Err(problem)) => Some(messages::send_problem(lang, problem)),
            _ => None,
        };
        let label = widgets::labelled(ui, lang.hold_text(), problem.as_deref());
        let hint = if is_long { lang.hold_too_long() } else { "" };
        ScrollArea::vertical().id_salt("hold text").max_height(HEIGHTS[0]).show(ui, |ui| {
            let edit = TextEdit::multiline(&mut hold.draft.content).font(egui::TextStyle::Monospace);
            let edit = edit.desired_width(f32::INFINITY).min_size(vec2(0.0, HEIGHTS[0])).hint_text(hint);
            if ui.add(edit).labelled_by(label).changed() {
                hold.edited = None;
            }
        });
        let computed = || hold.draft.bytes(charset, &Example::default());
        let edited = hold.edited.get_or_insert_with(computed).clone().ok();
        let is_typed = !is_long || !hold.draft.content.is_empty();
        let edited = edited.filter(|bytes| is_typed && *bytes != held.data);
        let bytes = edited.as_ref().unwrap_or(&held.data);
        let shown =
            BytesInput { lang, item: held.id.0, bytes, total: bytes.len() as u64, charset, hits: &[] };
        ui.allocate_ui(vec2(ui.available_width(), HEIGHTS[1]), |ui| {
            ui.set_min_height(HEIGHTS[1]);
            // The clipboard has the text of the box above.
            drop(bytes_ui(ui, &shown, view));
        });
        ui.horizontal(|ui| {
            ui.set_min_height(CONTROL);
            let sendable = edited.clone().filter(|bytes| !input.is_stream || !bytes.is_empty());
            widgets::offer(ui, (lang.hold_drop(), lang.hold_drop_tip()), decide(Decision::Drop), actions);
            let answer = sendable.clone().map(Decision::Answer);
            let button = ui.add_enabled(answer.is_some(), Button::new(lang.hold_answer()));
            let tip = lang.hold_answer_tip();
            if button.on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
                actions.extend(answer.map(decide));
            }
            if edited.is_some() {
                widgets::offer(ui, (lang.hold_pass(), lang.hold_pass_tip()), decide(Decision::Pass), actions);
            }
            let is_right = !matches!(hold.edited, Some(Err(_)));
            let does = match sendable {
                Some(data) => {
                    ((lang.hold_edited(), lang.hold_edited_tip()), true, decide(Decision::Edited(data)))
                }
                None => ((lang.hold_pass(), lang.hold_pass_tip()), is_right, decide(Decision::Pass)),
            };
            let close = ((lang.hold_close(), lang.hold_close_tip()), leaves);
            widgets::ends(ui, widgets::CTRL_ENTER, Some(does), close, actions);
        });
    })
}

fn facts(input: &HoldInput<'_>) -> String {
    let HoldInput { lang, held, leg, zone, .. } = input;
    let mut facts = vec![
        messages::way(*lang, *leg).to_owned(),
        Named(held.peer).to_string(),
        messages::bytes(held.data.len() as u64),
        lang.by_rule(&held.rule),
        time_of_day(held.since, zone),
    ];
    facts.extend(held.until.map(|until| lang.hold_until(time_of_day(until, zone))));
    facts.join(" · ")
}
