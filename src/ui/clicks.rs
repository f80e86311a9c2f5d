//! When a press is a click.

use egui::{Context, Event, InputOptions, RawInput, TouchPhase};

/// A press of the mouse is a click however long it lasts: a slow hand, or a frame that came late, must
/// not lose it. A finger that rests opens the menu of what it rests on, as on any touch screen.
#[derive(Debug, Default)]
pub(crate) struct Clicks;

impl egui::Plugin for Clicks {
    fn debug_name(&self) -> &'static str {
        "clicks"
    }

    fn setup(&mut self, ctx: &Context) {
        set_longest(ctx, f64::INFINITY);
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let has = |what: fn(&Event) -> bool| input.events.iter().any(what);
        if has(|event| matches!(event, Event::Touch { phase: TouchPhase::Start, .. })) {
            set_longest(ctx, InputOptions::default().max_click_duration);
        } else if has(|event| matches!(event, Event::PointerButton { pressed: true, .. })) {
            set_longest(ctx, f64::INFINITY);
        }
    }
}

/// Sets the longest press that is a click, in seconds.
fn set_longest(ctx: &Context, seconds: f64) {
    ctx.options_mut(|options| options.input_options.max_click_duration = seconds);
}
