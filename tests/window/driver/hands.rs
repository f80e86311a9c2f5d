//! What a person does to the window: click, type, turn the wheel, drag. It adds no waiting of its
//! own but for the thing to be there.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::Driver;

impl Driver {
    /// Waits until the label can be clicked, then clicks it with the primary button.
    #[track_caller]
    pub(crate) fn click(&mut self, label: &str) {
        self.wait_clickable(label);
        self.get_by_label(label).click();
        self.step();
    }

    /// Waits until something has this label, is enabled and has kept its place for one look: a click
    /// goes to where it was last seen, and what opens or grows meanwhile moves its neighbours.
    #[track_caller]
    fn wait_clickable(&mut self, label: &str) {
        let mut last = None;
        self.wait_until(&format!("{label} can be clicked"), |it| {
            let place = it
                .query_all_by_label(label)
                .find(|node| !node.accesskit_node().is_disabled())
                .map(|node| node.rect());
            let rests = place.is_some() && place == last;
            last = place;
            rests
        });
    }

    /// Clicks a point with the primary button.
    pub(crate) fn click_at(&mut self, at: Pos2) {
        self.event(Event::PointerMoved(at));
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
            self.event(Event::PointerButton { pos: at, button, pressed, modifiers });
        }
        self.step();
    }

    /// Waits for the label, then clicks it with the secondary button.
    #[track_caller]
    pub(crate) fn click_secondary(&mut self, label: &str) {
        self.wait_clickable(label);
        self.get_by_label(label).click_secondary();
        self.step();
    }

    /// Clicks into a field and types at the caret.
    #[track_caller]
    pub(crate) fn type_text(&mut self, label: &str, text: &str) {
        self.click(label);
        self.event(Event::Text(text.to_owned()));
        self.step();
    }

    /// Clicks into a field and replaces all of its text.
    #[track_caller]
    pub(crate) fn set_text(&mut self, label: &str, text: &str) {
        self.click(label);
        self.keys(Modifiers::COMMAND, Key::A);
        if text.is_empty() {
            self.key(Key::Delete);
        } else {
            self.event(Event::Text(text.to_owned()));
            self.step();
        }
    }

    /// Sets a number field or slider, as a screen reader does.
    #[track_caller]
    pub(crate) fn set_value(&mut self, label: &str, value: f64) {
        self.wait_for(label).set_value_accesskit(value);
        self.step();
    }

    /// The text in a field, or the number as it is shown.
    #[track_caller]
    pub(crate) fn value(&mut self, label: &str) -> String {
        self.wait_for(label).value().unwrap_or_default()
    }

    /// Presses and releases a key.
    pub(crate) fn key(&mut self, key: Key) {
        self.keys(Modifiers::NONE, key);
    }

    /// Presses and releases a key while modifiers are held. Copy, cut and paste are events of
    /// their own (`Event::Copy`, `Event::Paste`), for the window system makes them so.
    pub(crate) fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.queue_keys(modifiers, key);
        self.step();
    }

    /// As [`Self::keys`], for the next step.
    pub(crate) fn queue_keys(&mut self, mut modifiers: Modifiers, key: Key) {
        if !cfg!(target_os = "macos") {
            // As the window system tells it: the command key of these systems is Ctrl.
            modifiers.ctrl |= modifiers.command;
            modifiers.command = modifiers.ctrl;
        }
        self.event(Event::ModifiersChanged(modifiers));
        for pressed in [true, false] {
            self.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
        }
        self.event(Event::ModifiersChanged(Modifiers::NONE));
    }

    /// Pastes text into what has the focus.
    pub(crate) fn paste(&mut self, text: &str) {
        self.event(Event::Paste(text.to_owned()));
        self.step();
    }

    /// Turns the wheel over a point, in points; a positive `y` shows what is further up.
    pub(crate) fn scroll(&mut self, at: Pos2, delta: Vec2) {
        self.event(Event::PointerMoved(at));
        self.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        self.step();
    }

    /// Drags with the primary button.
    pub(crate) fn drag(&mut self, from: Pos2, to: Pos2) {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.event(Event::PointerMoved(from));
        self.event(button(from, true));
        // Several moves: a drag is told from a click by the way it has gone.
        for part in [0.25, 0.5, 0.75, 1.0] {
            self.event(Event::PointerMoved(from + (to - from) * part));
        }
        self.event(button(to, false));
        self.step();
    }
}
