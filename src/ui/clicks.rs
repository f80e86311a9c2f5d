//! When a press is a click, and which field keys go to.

use egui::{Context, Event, InputOptions, Key, RawInput, TouchPhase, ViewportIdMap};

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

/// Tab moves the keyboard before anything of its frame is typed: what came before it has a frame of its own, or letters typed
/// during a slow frame would go to the next field.
#[derive(Debug, Default)]
pub(crate) struct Tabs {
    later: ViewportIdMap<Vec<Event>>,
}

impl egui::Plugin for Tabs {
    fn debug_name(&self) -> &'static str {
        "tabs"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let later = self.later.entry(input.viewport_id).or_default();
        later.append(&mut input.events);
        let is_tab = |event: &Event| matches!(event, Event::Key { key: Key::Tab, pressed: true, .. });
        let types = |event: &Event| {
            matches!(
                event,
                Event::Text(_) | Event::Paste(_) | Event::Ime(_) | Event::Key { pressed: true, .. }
            )
        };
        let first = later.iter().position(|event| types(event) && !is_tab(event));
        let tab = first.and_then(|first| Some(first + later[first..].iter().position(is_tab)?));
        let rest = later.split_off(tab.unwrap_or(later.len()));
        input.events = std::mem::replace(later, rest);
        if tab.is_some() {
            ctx.request_repaint_of(input.viewport_id);
        }
    }
}

/// Sets the longest press that is a click, in seconds.
fn set_longest(ctx: &Context, seconds: f64) {
    ctx.options_mut(|options| options.input_options.max_click_duration = seconds);
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, Plugin as _};

    use super::*;

    #[test]
    fn tab_waits_for_what_was_typed_before_it() {
        let key = |key| Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        let text = |text: &str| Event::Text(text.to_owned());
        let (ctx, mut tabs) = (Context::default(), Tabs::default());
        let mut frame = |events: &[Event]| {
            let mut input = RawInput { events: events.to_vec(), ..RawInput::default() };
            tabs.input_hook(&ctx, &mut input);
            input.events
        };
        let all = [text("a"), key(Key::B), key(Key::Tab), text("c"), key(Key::Tab), key(Key::Tab)];
        assert_eq!(frame(&all), all[..2]);
        // What comes meanwhile is later.
        assert_eq!(frame(&[text("d")]), all[2..4]);
        assert_eq!(frame(&[]), [key(Key::Tab), key(Key::Tab), text("d")]);
        assert_eq!(frame(&[]), []);
        assert_eq!(frame(&[key(Key::Tab), text("e")]), [key(Key::Tab), text("e")]);
    }
}
