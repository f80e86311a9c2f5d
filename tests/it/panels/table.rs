//! The table alone, over rows that are made up as they are asked for: a hundred million of them.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Role, Vec2, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use netassist::codec::CopyAs;
use netassist::ui::lang::Lang;
use netassist::ui::table::{
    Column, Extra, RowKind, RowText, Rows, Span, TableAnswer, TableInput, TableView, Widths, table_ui,
};

use super::hands::{Hands as _, harness};

const MANY: u64 = 100_000_000;
const SIZE: Vec2 = Vec2::new(1000.0, 500.0);

/// Rows that say their position, and how often they were asked for.
struct MadeUp {
    len: u64,
    revision: u64,
    asked: u64,
    asked_of: Vec<u64>,
}

impl Rows for MadeUp {
    fn len(&self) -> u64 {
        self.len
    }

    fn revision(&self) -> u64 {
        self.revision
    }

    fn menu_ui(&mut self, ui: &mut egui::Ui, at: u64) {
        if ui.button(format!("row {at}")).clicked() {
            self.asked_of.push(at);
            ui.close();
        }
    }

    fn row(&mut self, at: u64) -> RowText {
        assert!(at < self.len, "there is no row {at}");
        self.asked += 1;
        let kind = [RowKind::Received, RowKind::Sent, RowKind::Event, RowKind::Failed][(at % 4) as usize];
        RowText {
            kind,
            is_highlighted: false,
            number: (at + 1).to_string(),
            time: "12:34:56.789012".into(),
            last: "12:34:57.789012".into(),
            delta: "+0.000001".into(),
            peer: if kind == RowKind::Event { String::new() } else { "192.168.100.200:65535".into() },
            direction: "→".into(),
            opcode: String::new(),
            length: "1448".into(),
            preview: format!("row {at}\r\nmore"),
            hits: vec![0..2, 2..3],
            hit_now: Some(1),
        }
    }
}

struct Table {
    harness: Harness<'static, State>,
}

struct State {
    rows: MadeUp,
    view: TableView,
    answers: Vec<TableAnswer>,
    lang: Lang,
    auto_scroll: bool,
    serial: u64,
}

impl Table {
    fn new(lang: Lang, len: u64) -> Self {
        let rows = MadeUp { len, revision: 0, asked: 0, asked_of: Vec::new() };
        let state = State {
            rows,
            view: TableView::default(),
            answers: Vec::new(),
            lang,
            auto_scroll: false,
            serial: 0,
        };
        let show = |ui: &mut egui::Ui, state: &mut State| {
            let input = TableInput {
                lang: state.lang,
                serial: state.serial,
                found: &[0.5],
                extra: Extra { opcodes: true, ends: true },
                auto_scroll: state.auto_scroll,
                empty: ("nothing", "do something"),
            };
            state.answers.extend(table_ui(ui, &input, &mut state.rows, &mut state.view));
        };
        Self { harness: harness(SIZE, show, state) }
    }

    fn settle(&mut self) {
        self.harness.run_ok();
    }

    fn nodes(&self, role: Role) -> Vec<Node<'_>> {
        self.harness.root().query_all_by_role(role).collect()
    }

    /// The rows in sight: where, what they say, whether they are selected.
    fn rows(&self) -> Vec<(Rect, String, bool)> {
        let row = |node: Node<'_>| {
            let kit = node.accesskit_node();
            let selected = kit.toggled() == Some(egui::accesskit::Toggled::True);
            (node.rect(), kit.label().unwrap(), selected)
        };
        self.nodes(Role::Row).into_iter().map(row).collect()
    }

    /// The positions of the rows in sight.
    fn positions(&self) -> Vec<u64> {
        self.rows().iter().map(|(_, text, _)| number(text) - 1).collect()
    }

    fn selected(&self) -> Vec<u64> {
        self.rows().iter().filter(|row| row.2).map(|(_, text, _)| number(text) - 1).collect()
    }

    fn row_height(&self) -> f32 {
        self.rows()[1].0.height()
    }

    fn row_at(&self, position: u64) -> Pos2 {
        let of = |(_, text, _): &&(Rect, String, bool)| number(text) - 1 == position;
        self.rows().iter().find(of).unwrap_or_else(|| panic!("row {position} is not in sight")).0.center()
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key(modifiers, key);
    }

    fn click(&mut self, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.harness.click_at(pos, button, modifiers);
    }

    fn click_row(&mut self, position: u64, modifiers: Modifiers) {
        self.click(self.row_at(position), PointerButton::Primary, modifiers);
    }

    fn wheel(&mut self, delta: Vec2) {
        self.harness.wheel(pos2(500.0, 250.0), delta);
    }

    fn answers(&mut self) -> Vec<TableAnswer> {
        std::mem::take(&mut self.harness.state_mut().answers)
    }

    fn width(&self, column: Column) -> f32 {
        self.harness.state().view.widths.get(column)
    }
}

fn number(text: &str) -> u64 {
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn width_name(lang: Lang, column: Column) -> String {
    let title = column.title(lang);
    lang.column_width(title)
}

#[test]
fn every_column_has_a_head_that_fits_and_an_edge_in_both_languages() {
    for &lang in Lang::ALL {
        let table = Table::new(lang, 10);
        let heads = table.nodes(Role::ColumnHeader);
        let titles: Vec<String> = heads.iter().map(|head| head.accesskit_node().label().unwrap()).collect();
        assert_eq!(titles, Column::ALL.map(|column| column.title(lang)));
        for (head, column) in heads.iter().zip(Column::ALL) {
            let title = column.title(lang).to_owned();
            let text = table.harness.ctx.fonts_mut(|fonts| {
                let font = egui::FontId::proportional(12.0);
                fonts.layout_no_wrap(title, font, egui::Color32::WHITE).size()
            });
            assert!(head.rect().width() >= text.x + 12.0, "{column:?}: {text:?} in {:?}", head.rect());
            assert!(head.rect().height() >= text.y, "{column:?}: {text:?} in {:?}", head.rect());
            let edges = table.harness.root().query_all_by_label(&width_name(lang, column)).count();
            assert_eq!(edges, usize::from(column != Column::Preview), "{column:?}");
        }
        for pair in heads.windows(2) {
            assert!((pair[0].rect().right() - pair[1].rect().left()).abs() < 0.1, "heads side by side");
        }
    }
}

#[test]
fn what_a_row_holds_fits_its_columns() {
    let table = Table::new(Lang::En, MANY);
    let cell = table.harness.ctx.fonts_mut(|fonts| fonts.glyph_width(&egui::FontId::monospace(13.0), '0'));
    for (column, text) in [
        (Column::Number, "999999"),
        (Column::Time, "12:34:56.789012"),
        (Column::Last, "12:34:57.789012"),
        (Column::Delta, "+99.000001"),
        (Column::Peer, "192.168.1.20:65535"),
        (Column::Length, "999999"),
    ] {
        let room = table.width(column) - 12.0;
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let needed = cell * text.len() as f32;
        assert!(needed <= room + 0.1, "{column:?}: {needed} in {room}");
    }
}

#[test]
fn a_hundred_million_rows_cost_those_in_sight() {
    let mut table = Table::new(Lang::En, MANY);
    let first = table.positions();
    assert_eq!(first, (0..first.len() as u64).collect::<Vec<_>>());
    assert!((20..40).contains(&first.len()), "{}", first.len());
    table.harness.state_mut().view.select(90_000_000);
    table.settle();
    assert_eq!(table.selected(), [90_000_000]);
    let seen = table.positions();
    assert!(seen[5] < 90_000_000 && seen[seen.len() - 5] > 90_000_000, "in the middle: {seen:?}");
    // One in four cannot be read and is asked for in every frame; the others are kept.
    let before = table.harness.state().rows.asked;
    table.harness.run_steps(10);
    let asked = table.harness.state().rows.asked - before;
    assert!(asked <= 10 * (seen.len() as u64 / 4 + 1), "{asked} for {} rows", seen.len());
    table.harness.state_mut().rows.revision = 1;
    let before = table.harness.state().rows.asked;
    table.harness.run_steps(1);
    assert_eq!(table.harness.state().rows.asked - before, seen.len() as u64);
}

#[test]
fn the_wheel_moves_by_exactly_what_it_is_turned_far_down() {
    let mut table = Table::new(Lang::En, MANY);
    table.harness.state_mut().view.select(90_000_000);
    table.settle();
    let height = table.row_height();
    let start = table.positions()[0];
    for (turns, rows) in [(1, 3), (10, 7), (10, -7), (1, -3), (1, 1000), (1, -1000)] {
        let before = table.positions()[0];
        for _ in 0..turns {
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            table.wheel(Vec2::new(0.0, -height * rows as f32));
        }
        assert_eq!(table.positions()[0], before.saturating_add_signed(turns * rows), "{turns} × {rows}");
    }
    assert_eq!(table.positions()[0], start);
}

#[test]
fn rows_are_selected_by_pointer_far_down() {
    let mut table = Table::new(Lang::En, MANY);
    table.harness.state_mut().view.select(90_000_000);
    table.settle();
    table.click_row(90_000_003, Modifiers::NONE);
    assert_eq!(table.answers(), [TableAnswer::Selected(Span::one(90_000_003)),]);
    table.click_row(89_999_999, Modifiers::SHIFT);
    assert_eq!(table.answers(), [TableAnswer::Selected(Span { first: 89_999_999, last: 90_000_003 })]);
    assert_eq!(table.selected(), (89_999_999..=90_000_003).collect::<Vec<_>>());
    assert_eq!(table.harness.state().view.cursor(), Some(89_999_999));
    let (from, to) = (table.row_at(90_000_001), table.row_at(90_000_004));
    table.harness.drag(from, to);
    assert_eq!(table.selected(), (90_000_001..=90_000_004).collect::<Vec<_>>());
    table.answers();
    // Twice on one row.
    let at = table.row_at(90_000_006);
    table.harness.double_click_at(at);
    assert!(table.answers().contains(&TableAnswer::Opened(90_000_006)));
}

#[test]
fn the_keyboard_goes_everywhere_and_selects() {
    let mut table = Table::new(Lang::En, MANY);
    table.click_row(2, Modifiers::NONE);
    let page = table.positions().len() as u64 - 1;
    let one = |at| Span::one(at);
    for (modifiers, key, span) in [
        (Modifiers::NONE, Key::ArrowDown, one(3)),
        (Modifiers::SHIFT, Key::ArrowDown, Span { first: 3, last: 4 }),
        (Modifiers::SHIFT, Key::ArrowUp, one(3)),
        (Modifiers::SHIFT, Key::ArrowUp, Span { first: 2, last: 3 }),
        (Modifiers::NONE, Key::ArrowUp, one(1)),
        (Modifiers::NONE, Key::End, one(MANY - 1)),
        (Modifiers::NONE, Key::ArrowDown, one(MANY - 1)),
        (Modifiers::NONE, Key::Home, one(0)),
        (Modifiers::SHIFT, Key::End, Span { first: 0, last: MANY - 1 }),
        (Modifiers::NONE, Key::Home, one(0)),
        (Modifiers::COMMAND, Key::A, Span { first: 0, last: MANY - 1 }),
    ] {
        table.key(modifiers, key);
        assert_eq!(table.harness.state().view.selected(), Some(span), "{modifiers:?} {key:?}");
        let cursor = table.harness.state().view.cursor().unwrap();
        let all = key == Key::A;
        assert!(all || table.positions().contains(&cursor), "{cursor} is not in sight after {key:?}");
    }
    table.key(Modifiers::NONE, Key::Home);
    table.key(Modifiers::NONE, Key::PageDown);
    let cursor = table.harness.state().view.cursor().unwrap();
    assert!(cursor.abs_diff(page) <= 1, "{cursor} after a page of {page}");
    table.key(Modifiers::NONE, Key::PageUp);
    assert_eq!(table.harness.state().view.cursor(), Some(0));
    table.answers();
    table.key(Modifiers::NONE, Key::Enter);
    table.harness.event(Event::Copy);
    table.settle();
    assert_eq!(table.answers(), [TableAnswer::Opened(0), TableAnswer::Copy(Span::one(0))]);
}

#[test]
fn columns_are_resized_by_pointer_and_keyboard() {
    for &lang in Lang::ALL {
        let mut table = Table::new(lang, 10);
        let name = width_name(lang, Column::Time);
        let default = Widths::default().get(Column::Time);
        let edge = |table: &Table| table.harness.root().get_by_label(&name).rect().center();
        let from = edge(&table);
        table.harness.drag(from, from + Vec2::new(50.0, 0.0));
        assert!((table.width(Column::Time) - default - 50.0).abs() < 0.5, "{}", table.width(Column::Time));
        let heads = table.nodes(Role::ColumnHeader);
        assert!((heads[1].rect().width() - default - 50.0).abs() < 0.5, "{:?}", heads[1].rect());
        // Far beyond its least width, and back to where the pointer is.
        let from = edge(&table);
        table.harness.drag(from, from - Vec2::new(900.0, 0.0));
        assert!((table.width(Column::Time) - 30.0).abs() < 0.5, "{}", table.width(Column::Time));
        let at = edge(&table);
        table.harness.double_click_at(at);
        assert!((table.width(Column::Time) - default).abs() < 0.01, "{}", table.width(Column::Time));
        table.harness.root().get_by_label(&name).focus();
        table.settle();
        table.key(Modifiers::NONE, Key::ArrowRight);
        table.key(Modifiers::NONE, Key::ArrowRight);
        assert!((table.width(Column::Time) - default - 16.0).abs() < 0.01);
        table.key(Modifiers::NONE, Key::Enter);
        assert!((table.width(Column::Time) - default).abs() < 0.01);
    }
}

#[test]
fn a_table_wider_than_its_room_moves_sideways() {
    let mut table = Table::new(Lang::En, 10);
    table.harness.state_mut().view.widths.set(Column::Peer, 900.0);
    table.settle();
    let left = |table: &Table| {
        let preview = table.harness.root().query_all_by_label(Column::Preview.title(Lang::En)).next();
        preview.map(|head| head.rect())
    };
    assert_eq!(left(&table), None, "it is out of sight");
    table.wheel(Vec2::new(-5000.0, 0.0));
    let rect = left(&table).expect("the preview is in sight");
    assert!(rect.width() > 150.0 && rect.right() <= SIZE.x, "{rect:?}");
    assert_eq!(table.harness.root().query_all_by_label("Number").count(), 0);
}

#[test]
fn the_menu_answers_by_pointer_and_by_key() {
    for &lang in Lang::ALL {
        let mut table = Table::new(lang, MANY);
        table.click_row(4, Modifiers::NONE);
        table.answers();
        let span = Span::one(5);
        let copy = format!("{} Ctrl+C", lang.copy());
        for (label, answer) in
            [(copy.as_str(), TableAnswer::Copy(span)), (lang.save_rows(), TableAnswer::Save(span))]
        {
            // The right button selects the row under it, if it is not selected.
            let at = table.row_at(5);
            table.click(at, PointerButton::Secondary, Modifiers::NONE);
            table.harness.choose(label);
            assert_eq!(table.answers().last(), Some(&answer), "{label}");
        }
        table.key(Modifiers::SHIFT, Key::F10);
        table.harness.choose(lang.copy_as());
        table.harness.choose(lang.copy_json());
        assert_eq!(table.answers(), [TableAnswer::CopyAs(CopyAs::Json, span)]);
        table.key(Modifiers::NONE, Key::Menu);
        table.harness.choose(&format!("{} Ctrl+A", lang.select_all()));
        let all = Span { first: 0, last: MANY - 1 };
        assert_eq!(table.answers(), [TableAnswer::Selected(all)]);
        // The right button within what is selected leaves it so.
        let at = table.row_at(6);
        table.click(at, PointerButton::Secondary, Modifiers::NONE);
        table.harness.choose(&copy);
        assert_eq!(table.answers(), [TableAnswer::Copy(all)]);
        // What the rows have of their own is for the one with the cursor.
        let at = table.row_at(2);
        table.click(at, PointerButton::Primary, Modifiers::NONE);
        table.click(at, PointerButton::Secondary, Modifiers::NONE);
        table.harness.choose("row 2");
        assert_eq!(table.harness.state().rows.asked_of, [2]);
        // Other items at the same positions.
        table.harness.state_mut().serial = 1;
        table.settle();
        assert_eq!(table.selected(), [0; 0]);
        table.key(Modifiers::SHIFT, Key::F10);
        let copy = table.harness.root().get_by_label(&copy);
        assert!(copy.accesskit_node().is_disabled(), "there is nothing to copy");
    }
}

#[test]
fn the_end_is_followed_until_the_user_looks_elsewhere() {
    let lang = Lang::En;
    let mut table = Table::new(lang, 0);
    table.harness.state_mut().auto_scroll = true;
    let grow = |table: &mut Table, len: u64| {
        table.harness.state_mut().rows.len = len;
        table.settle();
    };
    let last = |table: &Table| *table.positions().last().unwrap();
    grow(&mut table, 1000);
    assert_eq!(last(&table), 999);
    grow(&mut table, 2000);
    assert_eq!(last(&table), 1999);
    // What is selected holds still, whatever comes.
    table.click_row(1990, Modifiers::NONE);
    let seen = table.positions();
    grow(&mut table, 3000);
    assert_eq!(table.positions(), seen);
    table.wheel(Vec2::new(0.0, -100_000.0));
    grow(&mut table, 4000);
    assert_eq!(last(&table), 3999);
    table.wheel(Vec2::new(0.0, 100.0));
    let seen = table.positions();
    grow(&mut table, 5000);
    assert_eq!(table.positions(), seen);
    table.wheel(Vec2::new(0.0, -100_000.0));
    grow(&mut table, 6000);
    assert_eq!(last(&table), 5999);
    // Fewer rows, as after another filter.
    grow(&mut table, 3);
    assert_eq!(table.positions(), [0, 1, 2]);
    assert_eq!(table.harness.state().view.selected(), None);
    grow(&mut table, 0);
    assert!(table.positions().is_empty());
}

#[test]
fn the_bar_jumps_over_all_rows() {
    let mut table = Table::new(Lang::ZhCn, MANY);
    let bar = table.harness.root().get_by_label(Lang::ZhCn.table_position()).rect();
    for (part, expected) in [(0.5, MANY / 2), (0.25, MANY / 4), (0.9, MANY / 10 * 9)] {
        let at = pos2(bar.center().x, bar.top() + bar.height() * part);
        table.click(at, PointerButton::Primary, Modifiers::NONE);
        let first = table.positions()[0];
        assert!(first.abs_diff(expected) < MANY / 20, "{first} is not near {expected}");
    }
    let at = pos2(bar.center().x, bar.bottom() - 2.0);
    table.click(at, PointerButton::Primary, Modifiers::NONE);
    assert_eq!(table.positions().last(), Some(&(MANY - 1)));
}

/// A picture would tell it all; what is painted in the colour of a hit tells enough.
#[test]
fn hits_are_marked() {
    let table = Table::new(Lang::En, 3);
    let mut marked = Vec::new();
    for shape in &table.harness.output().shapes {
        if let egui::Shape::Text(text) = &shape.shape {
            let job = &text.galley.job;
            let hits = job.sections.iter().filter(|section| section.format.background.a() > 0);
            for section in hits {
                marked.push(&job.text[section.byte_range.start.0..section.byte_range.end.0]);
            }
        }
    }
    assert_eq!(marked, ["ro", "w", "ro", "w", "ro", "w"]);
}
