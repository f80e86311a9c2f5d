//! Hands on a single panel: keys, clicks, drags and the wheel.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use netassist::ui::lang::Lang;
use netassist::ui::{fonts, theme};

/// A panel of this size, with the window's fonts and theme.
pub(super) fn harness<S: 'static>(
    size: Vec2,
    show: impl FnMut(&mut egui::Ui, &mut S) + 'static,
    state: S,
) -> Harness<'static, S> {
    let setup = |ctx: &egui::Context| {
        fonts::install(ctx, Lang::En);
        theme::apply(ctx);
    };
    let mut harness =
        Harness::builder().with_size(size).with_context_setup(setup).build_ui_state(show, state);
    harness.run_ok();
    harness
}

pub(super) trait Hands {
    fn key(&mut self, modifiers: Modifiers, key: Key);
    fn button(&mut self, pos: Pos2, button: PointerButton, pressed: bool, modifiers: Modifiers);
    fn click_at(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers);
    fn double_click_at(&mut self, pos: Pos2);
    fn drag(&mut self, from: Pos2, to: Pos2);
    fn wheel(&mut self, at: Pos2, delta: Vec2);
    fn choose(&mut self, label: &str);
}

impl<S> Hands for Harness<'_, S> {
    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.key_press_modifiers(modifiers, key);
        self.run_ok();
    }

    /// Each event is a frame.
    fn button(&mut self, pos: Pos2, button: PointerButton, pressed: bool, modifiers: Modifiers) {
        self.event(Event::PointerMoved(pos));
        if modifiers != Modifiers::NONE {
            self.event(Event::ModifiersChanged(modifiers));
        }
        self.event(Event::PointerButton { pos, button, pressed, modifiers });
        if modifiers != Modifiers::NONE {
            self.event(Event::ModifiersChanged(Modifiers::NONE));
        }
    }

    fn click_at(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.button(pos, button, true, modifiers);
        self.button(pos, button, false, modifiers);
        self.run_ok();
    }

    /// Within one frame, so that no time passes between the clicks.
    fn double_click_at(&mut self, pos: Pos2) {
        self.event(Event::PointerMoved(pos));
        self.step();
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        let events = &mut self.input_mut().events;
        for pressed in [true, false, true, false] {
            events.push(Event::PointerButton { pos, button, pressed, modifiers });
        }
        self.run_ok();
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.button(from, PointerButton::Primary, true, Modifiers::NONE);
        self.run_ok();
        self.event(Event::PointerMoved(to));
        self.run_steps(3);
        self.button(to, PointerButton::Primary, false, Modifiers::NONE);
        self.run_ok();
    }

    /// A positive number shows what is further up. The toolkit spreads one notch over several frames.
    fn wheel(&mut self, at: Pos2, delta: Vec2) {
        self.event(Event::PointerMoved(at));
        self.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        self.run_steps(20);
    }

    /// Clicks what has this name; of several what is drawn last, over the others.
    #[track_caller]
    fn choose(&mut self, label: &str) {
        self.root().get_all_by_label(label).last().unwrap().click();
        self.run_ok();
    }
}
