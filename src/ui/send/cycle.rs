//! Cycles: the fields that start one, and a row for each that runs.

use egui::{Button, Label, Margin, RichText, TextEdit, Ui, vec2};

use super::{SendInput, target_words, tip_of};
use crate::codec::duration;
use crate::model::{Problem, Progress, RepeatId, SendPart};
use crate::state::{Action, Cycle, CycleEnd, SendBox, StripAction};
use crate::ui::lang::Lang;
use crate::ui::messages::{self, grouped};
use crate::ui::theme::{CONTROL, Palette};
use crate::ui::{controls, icons, signs, widgets};
use crate::workspace::Session;

/// Small, because the rows must not take space from the log.
pub(super) const SIZE: f32 = 12.0;

const PREVIEW: usize = 16;

/// Width of the button, which has room for the count of what runs.
const BUTTON: f32 = 104.0;

/// The button that starts or stops, and the period and the count beside it. Enter in one of these starts another one.
pub(super) fn start_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    (send, session): (&mut SendBox, &mut Session),
    actions: &mut Vec<Action>,
) -> Result<(), Problem> {
    let lang = input.lang;
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 4.0;
    let (period, count) = (session.cycle.period(), session.cycle.count());
    let right = period.is_ok() && count.is_ok() && send.compute(&session.send, input.charset, false).is_ok();
    let ready = input.cannot.is_none() && right;
    let size = vec2(BUTTON, CONTROL);
    let running: Vec<&Cycle> = Cycle::running(input.cycles).map(|(_, cycle)| cycle).collect();
    let runs = !running.is_empty();
    let action = if runs { Action::StopCycles } else { Action::StartCycle };
    let (word, tip, label) = match running[..] {
        [] => (lang.start_cycle(), lang.start_cycle_tip(), None),
        [one] => (lang.stop_cycle(), lang.stop_cycle_tip(), Some(format!(" · {}", brief(one.progress.sent)))),
        [..] => (lang.stop_cycles(), lang.stop_cycles_tip(), Some(format!(" ({})", running.len()))),
    };
    let words = label.map_or_else(|| RichText::new(word), |label| small(&format!("{word}{label}")));
    let colour = if runs { palette.care } else { palette.text };
    let words = (controls::icon(signs::of(&action), controls::ICON).color(colour), words.color(colour));
    let button = if runs { Button::new(words).fill(palette.care_ground) } else { Button::new(words) };
    ui.spacing_mut().button_padding.x = 4.0;
    let button = ui.add_enabled_ui(ready || runs, |ui| ui.add_sized(size, button)).inner;
    let button = widgets::named(button, word).on_hover_text(tip).on_disabled_hover_text(tip_of(input, tip));
    let words = (lang.cycle(), lang.cycle_tip());
    let mut entered = field(ui, &mut session.cycle.period, period.is_ok(), 68.0, words, ("", "ms"));
    let (words, units) =
        ((lang.cycle_count(), lang.cycle_count_tip()), (lang.cycle_endless(), lang.cycle_times()));
    entered |= field(ui, &mut session.cycle.count, count.is_ok(), 60.0, words, units);
    if runs && button.clicked() {
        actions.push(action);
    } else if ready && (button.clicked() || entered) {
        actions.push(Action::StartCycle);
    }
    period.map(drop).and(count.map(drop))
}

/// A count that has room on the button; the row of the cycle has all of it.
fn brief(n: u64) -> String {
    match n {
        ..10_000 => grouped(n),
        10_000..1_000_000 => format!("{}k", n / 1000),
        _ => format!("{}M", grouped(n / 1_000_000)),
    }
}

pub(super) fn problem_ui(ui: &mut Ui, lang: Lang, problem: &Problem) {
    let text = format!("✕ {}", messages::fault(lang, &problem.fault));
    ui.add(Label::new(small(&text).color(Palette::of(ui).failure)).truncate());
}

fn small(text: &str) -> RichText {
    RichText::new(text).size(SIZE)
}

/// A field with its unit after what is typed, if that is a number.
fn field(
    ui: &mut Ui,
    text: &mut String,
    right: bool,
    width: f32,
    (label, tip): (&str, &str),
    (hint, unit): (&str, &str),
) -> bool {
    let has_number = text.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let unit = has_number.then(|| RichText::new(unit).color(Palette::of(ui).weak));
    let response = widgets::marked_if(ui, !right, |ui| {
        let edit = TextEdit::singleline(text).hint_text(hint).margin(Margin::symmetric(6, 4));
        let edit = unit.into_iter().fold(edit, TextEdit::suffix);
        ui.add_sized(vec2(width, CONTROL), edit.desired_width(width).align(egui::Align2::LEFT_CENTER))
    });
    let response = widgets::named_field(response, text, hint, label);
    let response = response.on_hover_text(format!("{label}\n{tip}"));
    widgets::is_entered(ui, &response)
}

pub(super) fn row_ui(
    ui: &mut Ui,
    input: &SendInput<'_>,
    id: RepeatId,
    cycle: &Cycle,
    actions: &mut Vec<Action>,
) {
    let lang = input.lang;
    widgets::from_the_right(ui, |ui| {
        // The number tells the buttons apart for screen readers.
        let name = |word| format!("{word} #{}", id.0);
        let Some(end) = cycle.end else {
            let words = (name(lang.stop_cycle()), lang.stop_cycle_tip());
            widgets::offer(ui, words, Action::StopCycle(id), actions);
            return widgets::from_the_left(ui, |ui| {
                ui.add(Label::new(small(&line(input, cycle))).truncate());
            });
        };
        if widgets::close_button(ui, &name(lang.put_away()), lang.put_away_tip()) {
            actions.push(Action::StopCycle(id));
        }
        if end != CycleEnd::Done {
            let resume = Action::Strip(StripAction::Resume(Some(id)));
            let words = (&*name(lang.resume_cycle()), lang.resume_cycle_tip());
            let tool = controls::tool(ui, (signs::of(&resume), None), (cycle.can_resume(), false), words);
            actions.extend(tool.clicked().then_some(resume));
        }
        let (head, is_fault) = match end {
            CycleEnd::Done => (lang.cycle_is_done(id.0), false),
            CycleEnd::Stopping | CycleEnd::Stopped => (lang.cycle_is_stopped(id.0), false),
            CycleEnd::PeerLeft => (lang.cycle_is_alone(id.0), true),
            CycleEnd::Failed => (lang.cycle_is_failed(id.0), true),
        };
        widgets::from_the_left(ui, |ui| {
            ended_ui(ui, (&head, is_fault), &line(input, cycle));
        });
    });
}

/// What is left to be seen of a job that has ended, and of its tally.
pub(super) fn ended_ui(ui: &mut Ui, (head, is_fault): (&str, bool), line: &str) {
    let palette = Palette::of(ui);
    let colour = if is_fault { palette.failure } else { palette.weak };
    controls::sign(ui, icons::CIRCLE_STOP, 14.0, colour);
    ui.label(controls::medium(head).size(SIZE).color(if is_fault { colour } else { palette.text }));
    ui.add(Label::new(small(line).color(palette.weak)).truncate());
}

fn line(input: &SendInput<'_>, cycle: &Cycle) -> String {
    let lang = input.lang;
    let repeat = &cycle.repeat;
    let to = target_words(input, &repeat.to);
    let every = duration::words(repeat.every);
    let of = repeat.count.map_or_else(String::new, |count| format!("/{}", grouped(count)));
    let what = preview(repeat.what.first());
    format!("{every}{to} · {} · {what}", progress_words(lang, cycle, &of))
}

fn progress_words(lang: Lang, cycle: &Cycle, of: &str) -> String {
    let Progress { sent, skipped, pace } = &cycle.progress;
    let mut words = vec![lang.cycle_sent(grouped(*sent) + of)];
    if *skipped > 0 {
        words.push(lang.cycle_skipped(grouped(*skipped)));
    }
    if let Some(pace) = pace {
        let ms = |span: std::time::Duration| format!("{:.3}", span.as_secs_f64() * 1e3);
        let pace = lang.cycle_pace(ms(pace.mean), ms(pace.p99), ms(pace.worst));
        words.push(if cycle.is_resumed() { lang.cycle_pace_resumed(pace) } else { pace });
    }
    words.join(" · ")
}

fn preview(what: Option<&SendPart>) -> String {
    match what {
        Some(SendPart::Bytes(bytes) | SendPart::Hex(bytes)) => {
            format!("{} B  {}", grouped(bytes.len() as u64), messages::hex_head(bytes, PREVIEW))
        }
        Some(SendPart::Template(template)) => template.text().to_owned(),
        Some(SendPart::File(file)) => file.path.display().to_string(),
        Some(SendPart::StartTls) | None => String::new(),
    }
}
