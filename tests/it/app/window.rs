//! The whole window without a display: found by label, clicked and typed into as by a person, with
//! real sockets behind it. Every wait has a condition and a deadline.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use eframe::App as _;
use egui::accessibility::is_input;
use egui::{Event, Key, Modifiers, OutputCommand, Pos2, Vec2, ViewportCommand, ViewportId, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use netassist::app::App;
use netassist::model::{Format, Protocol};
use netassist::state::{FramingKind, Phase, State, Tab};
use netassist::ui::framing::framing_name;
use netassist::ui::lang::Lang;
use netassist::ui::save::format_name;
use netassist::ui::theme::{Palette, SIDE_WIDTH};
use netassist::ui::toolbar::mode_name;
use netassist::ui::widgets::choice_name;
use netassist::workspace::ViewMode;

/// Nothing here takes longer on any machine that is not broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What Ctrl is to the window: the command key of every system but one.
pub(crate) const CTRL: Modifiers = Modifiers { ctrl: true, ..Modifiers::COMMAND };

/// The smallest window in which everything has its place.
pub(crate) const SIZE: [f32; 2] = [1000.0, 700.0];

/// What a node says; a row of the log, column by column.
pub(crate) fn said(node: &Node<'_>) -> String {
    let node = node.accesskit_node();
    let columns = node.value().filter(|_| node.role() == egui::Role::ListItem);
    columns.or_else(|| node.label()).or_else(|| node.value()).unwrap_or_default()
}

/// A window that speaks this language.
pub(crate) struct Window {
    pub(crate) harness: Harness<'static, App>,
    pub(crate) lang: Lang,
}

impl Window {
    pub(crate) fn state(&self) -> &State {
        self.harness.state().state()
    }

    /// The tab in front.
    pub(crate) fn tab(&self) -> &Tab {
        self.state().tab()
    }

    pub(crate) fn step(&mut self) {
        self.harness.step();
    }

    /// Draws until nothing moves; fails if a control has no name.
    pub(crate) fn settle(&mut self) {
        self.harness.run_ok();
    }

    /// Draws on until it holds.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}\n{:?}", self.texts());
            std::thread::park_timeout(Duration::from_millis(2));
            self.step();
        }
    }

    /// Draws on until this is to be read somewhere.
    #[track_caller]
    pub(crate) fn wait_for_text(&mut self, part: &str) {
        self.wait_until(part, |window| window.shows(part));
    }

    /// Everything that is to be read.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |node: &Node<'_>| {
            let node = node.accesskit_node();
            [node.label(), node.value()].into_iter().flatten()
        };
        self.harness.root().children_recursive().flat_map(|node| text(&node)).collect()
    }

    pub(crate) fn shows(&self, part: &str) -> bool {
        self.texts().iter().any(|text| text.contains(part))
    }

    /// Everything with this name that can be worked.
    pub(crate) fn controls<'a>(&'a self, label: &'a str) -> Vec<Node<'a>> {
        let all = self.harness.root().query_all_by_label(label);
        all.filter(|node| is_input(node.accesskit_node().role())).collect()
    }

    /// Whether the control with this name, the first if there are several, can be used now.
    #[track_caller]
    pub(crate) fn is_enabled(&self, label: &str) -> bool {
        let controls = self.controls(label);
        let control = controls.first().unwrap_or_else(|| panic!("no {label:?} in {:?}", self.texts()));
        !control.accesskit_node().is_disabled()
    }

    /// The `n`th control with this name, scrolled into view.
    #[track_caller]
    pub(crate) fn control<'a>(&'a mut self, label: &'a str, n: usize) -> Node<'a> {
        self.wait_until(label, |window| window.controls(label).len() > n);
        let hidden = |rect: egui::Rect| {
            rect.left() < SIDE_WIDTH && (rect.bottom() > SIZE[1] - 40.0 || rect.top() < 40.0)
        };
        if hidden(self.controls(label)[n].rect()) {
            self.controls(label)[n].scroll_to_me();
            self.settle();
        }
        if self.is_in_dock(label, n) {
            self.controls(label)[n].scroll_to_me();
            self.settle();
        }
        // A list within the panel keeps that to itself; the panel is turned by the wheel.
        let rect = self.controls(label)[n].rect();
        if hidden(rect) {
            self.wheel_at(pos2(SIDE_WIDTH / 2.0, 200.0), SIZE[1] / 2.0 - rect.bottom());
        }
        self.controls(label)[n]
    }

    /// Whether it stands in the dock, which scrolls.
    fn is_in_dock(&self, label: &str, n: usize) -> bool {
        let has = |node: &Node<'_>, label| node.query_all_by_label(label).next().is_some();
        let mut inner = self.controls(label)[n];
        while let Some(outer) = inner.parent() {
            if has(&outer, self.lang.close_side()) {
                return !has(&outer, self.lang.log());
            }
            inner = outer;
        }
        false
    }

    #[track_caller]
    pub(crate) fn click(&mut self, label: &str) {
        self.click_nth(label, 0);
    }

    /// Clicks it, if there is such a thing.
    pub(crate) fn click_if_there(&mut self, label: &str) {
        if !self.controls(label).is_empty() {
            self.click(label);
        }
    }

    /// Of several with one name: the one that many places further on.
    #[track_caller]
    pub(crate) fn click_nth(&mut self, label: &str, n: usize) {
        let node = self.control(label, n);
        assert!(!node.accesskit_node().is_disabled(), "{label} cannot be clicked");
        node.click();
        // The pointer goes away: its tip would stand over what is to be looked at.
        self.harness.remove_cursor();
        self.settle();
    }

    /// Opens a list and takes an entry.
    #[track_caller]
    pub(crate) fn choose(&mut self, list: &str, entry: &str) {
        self.click(list);
        self.choose_open(entry);
    }

    /// Takes an entry of the list that is open.
    #[track_caller]
    pub(crate) fn choose_open(&mut self, entry: &str) {
        self.wait_until(entry, |window| !window.controls(entry).is_empty());
        // A button elsewhere may have the same name; a list is drawn over all others.
        let n = self.controls(entry).len() - 1;
        self.click_nth(entry, n);
    }

    /// Clicks into a field and types over what is there.
    #[track_caller]
    pub(crate) fn set_text(&mut self, field: &str, text: &str) {
        self.click(field);
        self.key(CTRL, Key::A);
        if text.is_empty() {
            self.key(Modifiers::NONE, Key::Delete);
        } else {
            self.harness.event(Event::Text(text.to_owned()));
            self.settle();
        }
    }

    /// Takes a format in the dialog that saves: by its circle, or in the list of those without one.
    #[track_caller]
    pub(crate) fn choose_format(&mut self, format: Format) {
        let (lang, name) = (self.lang, format_name(self.lang, format));
        match format {
            Format::Text | Format::Pcapng | Format::Csv => self.click(&choice_name(lang.format(), name)),
            Format::RawReceived | Format::RawSent => self.click(&choice_name(lang.format_raw(), name)),
            _ => self.choose(lang.format(), name),
        }
        assert_eq!(self.tab().save.format, format);
    }

    /// What stands in a field or list.
    #[track_caller]
    pub(crate) fn value(&self, field: &str) -> String {
        self.controls(field).first().and_then(Node::value).unwrap_or_default()
    }

    pub(crate) fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Turns the wheel over the log; a positive number shows what is further up.
    pub(crate) fn wheel(&mut self, points: f32) {
        self.wheel_at(self.log_rect().center(), points);
    }

    pub(crate) fn wheel_at(&mut self, at: Pos2, points: f32) {
        self.harness.event(Event::PointerMoved(at));
        self.harness.event(Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: Vec2::new(0.0, points),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        // The toolkit spreads one notch over several frames.
        self.harness.run_steps(20);
    }

    pub(crate) fn click_at(&mut self, at: Pos2) {
        self.harness.event(Event::PointerMoved(at));
        for pressed in [true, false] {
            self.harness.event(Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
        self.harness.remove_cursor();
        self.settle();
    }

    pub(crate) fn log_rect(&self) -> egui::Rect {
        self.harness.root().get_by_role_and_label(egui::Role::Log, self.lang.log()).rect()
    }

    /// Gives the log the keyboard, by a click into its last corner.
    pub(crate) fn focus_log(&mut self) {
        let corner = self.log_rect().max;
        self.click_at(pos2(corner.x - 30.0, corner.y - 8.0));
    }

    /// Gives the table the keyboard, by a click on its first row.
    pub(crate) fn focus_table(&mut self) {
        let place = self.table_rows()[0].rect().center();
        self.click_at(place);
    }

    /// The rows of the log that are in sight.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.log_nodes().iter().map(said).collect()
    }

    pub(crate) fn log_nodes(&self) -> Vec<Node<'_>> {
        let log = self.log_rect();
        let is_row = |node: &Node<'_>| {
            let role = node.accesskit_node().role();
            matches!(role, egui::Role::Label | egui::Role::ListItem) && log.contains(node.rect().center())
        };
        self.harness.root().children_recursive().filter(is_row).collect()
    }

    /// The row of the log that says this.
    #[track_caller]
    pub(crate) fn row(&self, part: &str) -> Node<'_> {
        let row = self.log_nodes().into_iter().find(|node| said(node).contains(part));
        row.unwrap_or_else(|| panic!("no row {part:?} in {:?}", self.rows()))
    }

    /// What the rows of the log or the table say that stand out, as far as they are in sight.
    pub(crate) fn highlighted(&self) -> Vec<String> {
        let colour = Palette::in_theme(self.harness.ctx.theme()).care_ground;
        let grounds: Vec<egui::Rect> = self
            .harness
            .output()
            .shapes
            .iter()
            .filter_map(|clipped| match &clipped.shape {
                egui::Shape::Rect(rect) if rect.fill == colour => Some(rect.rect),
                _ => None,
            })
            .collect();
        let is_lit = |at: Pos2| grounds.iter().any(|ground| ground.contains(at));
        let root = self.harness.root();
        let nodes = [egui::Role::Label, egui::Role::ListItem, egui::Role::Row];
        let nodes = nodes.into_iter().flat_map(|role| root.query_all_by_role(role));
        nodes.filter(|node| is_lit(node.rect().center())).map(|node| said(&node)).collect()
    }

    /// The data in sight row by row, without what stands before them, and without events.
    pub(crate) fn data_rows(&self) -> Vec<String> {
        let data = |node: Node<'_>| {
            let text = said(&node);
            if node.accesskit_node().role() == egui::Role::Label {
                return Some(text);
            }
            // Time, direction, peer, length, data.
            let is_data = [self.lang.received_short(), self.lang.sent_short()];
            let is_data = text.split("  ").nth(1).is_some_and(|way| is_data.contains(&way));
            text.splitn(5, "  ").nth(4).filter(|_| is_data).map(str::to_owned)
        };
        self.log_nodes().into_iter().filter_map(data).collect()
    }

    /// The rows of the table in sight.
    pub(crate) fn table_rows(&self) -> Vec<Node<'_>> {
        self.harness.root().query_all_by_role(egui::Role::Row).collect()
    }

    /// What the rows of the table in sight say, one text each.
    pub(crate) fn table_texts(&self) -> Vec<String> {
        self.table_rows().iter().map(said).collect()
    }

    /// What the selected rows of the table say, as far as they are in sight.
    pub(crate) fn selected_rows(&self) -> Vec<String> {
        let toggled = |row: &Node<'_>| row.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True);
        let rows = self.table_rows().into_iter().zip(self.table_texts());
        rows.filter(|(row, _)| toggled(row)).map(|(_, text)| text).collect()
    }

    /// Clicks the row of the table that says this.
    #[track_caller]
    pub(crate) fn click_row(&mut self, part: &str) {
        self.settle();
        let at = self.table_texts().iter().position(|text| text.contains(part));
        let at = at.unwrap_or_else(|| panic!("no row {part:?} in {:?}", self.table_texts()));
        let place = self.table_rows()[at].rect().center();
        self.click_at(place);
    }

    /// Opens the menu of a place with the right button.
    pub(crate) fn menu_at(&mut self, at: Pos2) {
        self.harness.event(Event::PointerMoved(at));
        for pressed in [true, false] {
            let button = egui::PointerButton::Secondary;
            let modifiers = Modifiers::NONE;
            self.harness.event(Event::PointerButton { pos: at, button, pressed, modifiers });
        }
        self.settle();
    }

    /// Opens the menu of the row of the log that says this.
    #[track_caller]
    pub(crate) fn menu_of_row(&mut self, part: &str) {
        self.settle();
        let at = self.row(part).rect().left_center();
        self.menu_at(at + egui::vec2(20.0, 0.0));
    }

    /// Shows the session in this way, by the button.
    #[track_caller]
    pub(crate) fn show(&mut self, mode: ViewMode) {
        let name = choice_name(self.lang.view(), mode_name(self.lang, mode).0);
        self.click(&name);
        assert_eq!(self.tab().session.view.mode, mode);
    }

    /// Switches appending on or off, in its menu.
    #[track_caller]
    pub(crate) fn switch_append(&mut self) {
        self.click(self.lang.append_menu());
        self.click(self.lang.append_in_menu());
        self.key(Modifiers::NONE, Key::Escape);
    }

    /// Switches placeholders on or off, in their menu.
    #[track_caller]
    pub(crate) fn switch_placeholders(&mut self) {
        self.click(self.lang.placeholders_menu());
        self.click(self.lang.placeholders_in_menu());
        self.key(Modifiers::NONE, Key::Escape);
    }

    /// Puts a framing in force by its menu; the fields are filled in by `fill`.
    #[track_caller]
    pub(crate) fn frame(&mut self, kind: FramingKind, fill: impl FnOnce(&mut Self)) {
        let lang = self.lang;
        self.click(lang.framing());
        self.click(&choice_name(lang.framing(), framing_name(lang, kind).0));
        fill(self);
        self.key(Modifiers::NONE, Key::Escape);
        self.wait_framed();
    }

    /// Waits until all that is recorded is cut.
    #[track_caller]
    pub(crate) fn wait_framed(&mut self) {
        self.wait_until("all messages", |window| {
            let tab = window.tab();
            tab.framed.is_clear() || tab.framed.reached == tab.log.len()
        });
        self.settle();
    }

    /// Types into the bar that finds, opened by its key, and waits for the end of the search.
    #[track_caller]
    pub(crate) fn find(&mut self, text: &str) {
        let lang = self.lang;
        if !self.tab().find.open {
            self.key(CTRL, Key::F);
        }
        self.set_text(lang.find_text(), text);
        self.wait_searched();
    }

    /// Waits until all is searched.
    #[track_caller]
    pub(crate) fn wait_searched(&mut self) {
        self.wait_until("the end of the search", |window| window.tab().find.searching.is_none());
        self.settle();
    }

    /// Waits for something to come on the clipboard.
    #[track_caller]
    pub(crate) fn wait_copied(&mut self) -> String {
        let copied = |window: &Self| {
            window.harness.output().platform_output.commands.iter().find_map(|command| match command {
                OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            })
        };
        self.wait_until("something on the clipboard", |window| copied(window).is_some());
        copied(self).unwrap()
    }

    /// Whether the last frame asked the window to do this.
    pub(crate) fn commanded(&self, wanted: &ViewportCommand) -> bool {
        let output = self.harness.output();
        output.viewport_output.get(&ViewportId::ROOT).is_some_and(|root| root.commands.contains(wanted))
    }

    /// As if the user closed the window, and it did.
    pub(crate) fn exit(self) {
        self.harness.into_state().on_exit(None);
    }

    /// Chooses a protocol, port 0, and opens; waits until it is open.
    #[track_caller]
    pub(crate) fn open(&mut self, protocol: Protocol) -> SocketAddr {
        let lang = self.lang;
        self.choose_protocol(protocol);
        self.set_text(lang.local_port(), "0");
        if protocol == Protocol::Udp {
            // Someone to send to.
            self.set_text(lang.remote_host(), "127.0.0.1");
            self.set_text(lang.remote_port(), "8080");
        }
        self.click(lang.open());
        self.wait_open()
    }

    #[track_caller]
    pub(crate) fn choose_protocol(&mut self, protocol: Protocol) {
        let lang = self.lang;
        self.choose(lang.protocol(), protocol.title());
        assert_eq!(self.tab().session.protocol, protocol);
    }

    #[track_caller]
    pub(crate) fn wait_open(&mut self) -> SocketAddr {
        self.wait_until("an open session", |window| window.tab().is_open());
        self.settle();
        match self.tab().phase {
            Phase::Open { local, .. } => local.address(),
            _ => unreachable!("it is open"),
        }
    }

    /// Waits until so many peers are there.
    #[track_caller]
    pub(crate) fn wait_peers(&mut self, n: usize) {
        self.wait_until(&format!("{n} peers"), |window| window.tab().peers.len() == n);
        self.settle();
    }
}
