//! The bytes of one item alone: what is drawn where, selected by hand and by key, copied.

use std::ops::Range;

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Role, Vec2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::codec::{Charset, CopyAs};
use netassist::ui::bytes::{BytesAnswer, BytesInput, BytesView, bytes_ui};
use netassist::ui::lang::Lang;

use super::hands::{Hands as _, harness};

struct State {
    bytes: Vec<u8>,
    total: u64,
    item: u64,
    lang: Lang,
    charset: Charset,
    hits: Vec<Range<usize>>,
    view: BytesView,
    answers: Vec<BytesAnswer>,
}

struct Pane {
    harness: Harness<'static, State>,
}

impl Pane {
    fn new(bytes: &[u8]) -> Self {
        Self::of_width(bytes, 700.0)
    }

    fn of_width(bytes: &[u8], width: f32) -> Self {
        let state = State {
            bytes: bytes.to_vec(),
            total: bytes.len() as u64,
            item: 1,
            lang: Lang::En,
            charset: Charset::Utf8,
            hits: Vec::new(),
            view: BytesView::default(),
            answers: Vec::new(),
        };
        let show = |ui: &mut egui::Ui, state: &mut State| {
            let input = BytesInput {
                lang: state.lang,
                item: state.item,
                bytes: &state.bytes,
                total: state.total,
                charset: state.charset,
                hits: &state.hits,
            };
            state.answers.extend(bytes_ui(ui, &input, &mut state.view));
        };
        Self { harness: harness(Vec2::new(width, 300.0), show, state) }
    }

    fn state(&mut self) -> &mut State {
        self.harness.state_mut()
    }

    /// The rows in sight: where, and what they say.
    fn rows(&self) -> Vec<(Rect, String)> {
        let labels = self.harness.root().query_all_by_role(Role::Label);
        labels.map(|node| (node.rect(), node.value().unwrap_or_default())).collect()
    }

    fn texts(&self) -> Vec<String> {
        self.rows().into_iter().map(|(_, text)| text).collect()
    }

    /// The offsets of the rows in sight.
    fn offsets(&self) -> Vec<usize> {
        self.texts().iter().map(|text| usize::from_str_radix(&text[..8], 16).unwrap()).collect()
    }

    /// Where byte `n` of the row that begins at `offset` is drawn, in rows of 16.
    fn place(&self, offset: usize, n: usize, text: bool) -> Pos2 {
        let at = self.offsets().iter().position(|row| *row == offset).unwrap();
        let row = self.rows()[at].0;
        let font = egui::TextStyle::Monospace.resolve(&self.harness.ctx.global_style());
        let cell = self.harness.ctx.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
        let cells = if text { 61 + n } else { 10 + n * 3 + n / 8 };
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let x = row.left() + (cells as f32 + 0.5) * cell;
        pos2(x, row.center().y)
    }

    fn click(&mut self, offset: usize, n: usize, text: bool, modifiers: Modifiers) {
        let at = self.place(offset, n, text);
        self.harness.click_at(at, PointerButton::Primary, modifiers);
    }

    fn selected(&self) -> Option<Range<usize>> {
        self.harness.state().view.selected()
    }

    fn answers(&mut self) -> Vec<BytesAnswer> {
        std::mem::take(&mut self.state().answers)
    }
}

#[test]
fn rows_show_offset_hex_and_text_in_the_charset() {
    let bytes = b"GET / HTTP/1.1\r\n\xE6\xB5\x8B\x00\x01\xFF";
    let mut pane = Pane::new(bytes);
    assert_eq!(
        pane.texts(),
        [
            "00000000  47 45 54 20 2F 20 48 54 54 50 2F 31 2E 31 0D 0A  GET / HTTP/1.1··",
            "00000010  E6 B5 8B 00 01 FF  测···",
        ]
    );
    pane.state().charset = Charset::Latin1;
    pane.harness.run_ok();
    assert!(pane.texts()[1].ends_with("æµ···ÿ"), "{:?}", pane.texts());
    assert_eq!(Pane::of_width(bytes, 480.0).offsets(), [0, 8, 16], "fewer bytes where there is less room");
    assert_eq!(Pane::of_width(bytes, 300.0).offsets().len(), 6);
    assert_eq!(Pane::new(b"").offsets(), [0; 0]);
}

#[test]
fn bytes_are_selected_in_either_pane() {
    let bytes: Vec<u8> = (0..=255).collect();
    for text in [false, true] {
        let mut pane = Pane::new(&bytes);
        pane.click(16, 3, text, Modifiers::NONE);
        assert_eq!(pane.selected(), Some(19..20));
        pane.click(32, 15, text, Modifiers::SHIFT);
        assert_eq!(pane.selected(), Some(19..48));
        let (from, to) = (pane.place(64, 8, text), pane.place(48, 2, text));
        pane.harness.drag(from, to);
        assert_eq!(pane.selected(), Some(50..73));
        // A drag stays in the pane where it began.
        let (from, to) = (pane.place(64, 8, text), pane.place(64, 4, !text));
        pane.harness.drag(from, to);
        assert_eq!(pane.selected(), Some(if text { 64..73 } else { 72..80 }));
        pane.harness.event(Event::Copy);
        pane.harness.run_ok();
        let kind = if text { CopyAs::Text } else { CopyAs::Hex };
        let selected = pane.selected().unwrap();
        assert_eq!(pane.answers(), [BytesAnswer::Copy(kind, selected)]);
    }
}

#[test]
fn the_keyboard_goes_everywhere_and_selects() {
    let bytes = vec![b'x'; 1000];
    let mut pane = Pane::new(&bytes);
    pane.click(0, 5, false, Modifiers::NONE);
    for (modifiers, key, range) in [
        (Modifiers::NONE, Key::ArrowRight, 6..7),
        (Modifiers::NONE, Key::ArrowDown, 22..23),
        (Modifiers::SHIFT, Key::ArrowRight, 22..24),
        (Modifiers::SHIFT, Key::ArrowUp, 7..23),
        (Modifiers::SHIFT, Key::ArrowLeft, 6..23),
        (Modifiers::NONE, Key::ArrowLeft, 5..6),
        (Modifiers::NONE, Key::End, 15..16),
        (Modifiers::NONE, Key::Home, 0..1),
        (Modifiers::SHIFT, Key::End, 0..16),
        (Modifiers::COMMAND, Key::End, 999..1000),
        (Modifiers::NONE, Key::ArrowDown, 999..1000),
        (Modifiers::COMMAND | Modifiers::SHIFT, Key::Home, 0..1000),
        (Modifiers::NONE, Key::ArrowUp, 0..1),
        (Modifiers::COMMAND, Key::A, 0..1000),
    ] {
        pane.harness.key(modifiers, key);
        assert_eq!(pane.selected(), Some(range), "{modifiers:?} {key:?}");
    }
    pane.harness.key(Modifiers::COMMAND, Key::Home);
    let n_rows = pane.offsets().len();
    pane.harness.key(Modifiers::NONE, Key::PageDown);
    let cursor = pane.selected().unwrap().start;
    assert!(cursor.is_multiple_of(16) && (cursor / 16).abs_diff(n_rows) <= 1, "{cursor} after {n_rows} rows");
    assert!(pane.offsets().contains(&cursor), "it is in sight");
    pane.harness.key(Modifiers::NONE, Key::PageUp);
    assert_eq!(pane.selected(), Some(0..1));
}

#[test]
fn sixteen_mib_cost_those_in_sight() {
    const LEN: usize = 16 << 20;
    let mut pane = Pane::new(&vec![0xA5; LEN]);
    assert!((10..25).contains(&pane.offsets().len()), "{}", pane.offsets().len());
    pane.state().view.select(1, 15_000_000..15_000_010);
    pane.harness.run_ok();
    assert_eq!(pane.selected(), Some(15_000_000..15_000_010));
    let offsets = pane.offsets();
    assert!(offsets[3] < 15_000_000 && *offsets.last().unwrap() > 15_000_000, "in the middle: {offsets:?}");
    // One row is one row far down, too.
    let height = pane.rows()[1].0.height();
    pane.harness.wheel(pos2(200.0, 150.0), Vec2::new(0.0, -3.0 * height));
    assert_eq!(pane.offsets()[0], offsets[0] + 3 * 16);
    let bar = pane.harness.root().get_by_label(Lang::En.bytes_position()).rect();
    let end = pos2(bar.center().x, bar.bottom() - 2.0);
    pane.harness.click_at(end, PointerButton::Primary, Modifiers::NONE);
    assert_eq!(pane.offsets().last(), Some(&(LEN - 16)));
    let bytes = std::mem::take(&mut pane.state().bytes);
    // A shorter item that took its place.
    pane.state().bytes = bytes[..20].to_vec();
    pane.harness.run_ok();
    assert_eq!((pane.offsets(), pane.selected()), (vec![0, 16], None));
}

#[test]
fn another_item_begins_at_its_beginning() {
    let mut pane = Pane::new(&[1; 5000]);
    pane.click(0, 1, false, Modifiers::NONE);
    pane.harness.key(Modifiers::COMMAND, Key::End);
    assert!(pane.offsets()[0] > 0);
    pane.state().item = 2;
    pane.harness.run_ok();
    assert_eq!((pane.offsets()[0], pane.selected()), (0, None));
    // A hit in the next item is selected before that item is shown.
    pane.state().view.select(3, 4000..4003);
    pane.state().item = 3;
    pane.harness.run_ok();
    assert_eq!(pane.selected(), Some(4000..4003));
    assert!(pane.offsets().contains(&4000));
    // A click beside all rows selects nothing.
    let mut pane = Pane::new(&[1; 16]);
    pane.click(0, 1, false, Modifiers::NONE);
    pane.harness.click_at(pos2(300.0, 250.0), PointerButton::Primary, Modifiers::NONE);
    assert_eq!(pane.selected(), None);
}

#[test]
fn the_menu_copies_in_every_form() {
    for &lang in Lang::ALL {
        let mut pane = Pane::new(b"0123456789");
        pane.state().lang = lang;
        pane.click(0, 2, true, Modifiers::NONE);
        pane.harness.key(Modifiers::SHIFT, Key::ArrowRight);
        for kind in CopyAs::ALL {
            let at = pane.place(0, 3, false);
            pane.harness.click_at(at, PointerButton::Secondary, Modifiers::NONE);
            pane.harness.choose(lang.copy_as());
            pane.harness.choose(netassist::ui::copy_as::copy_as_name(lang, kind));
            assert_eq!(pane.answers(), [BytesAnswer::Copy(kind, 2..4)], "{kind:?}");
        }
        pane.harness.key(Modifiers::SHIFT, Key::F10);
        pane.harness.choose(&format!("{} Ctrl+A", lang.select_all()));
        assert_eq!(pane.selected(), Some(0..10));
        let name = pane.harness.root().get_by_role_and_label(Role::Document, lang.bytes());
        let said = name.accesskit_node().value().unwrap();
        assert!(said.contains("0x0") && said.contains("10"), "{said}");
    }
}

#[test]
fn what_is_not_loaded_is_said() {
    let mut pane = Pane::new(&[7; 64]);
    let painted = |pane: &Pane| {
        let shapes = &pane.harness.output().shapes;
        let texts = shapes.iter().filter_map(|shape| match &shape.shape {
            egui::Shape::Text(text) => Some(text.galley.text().to_owned()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let words = "The first 64 B of 1.00 KiB".to_owned();
    assert!(!painted(&pane).contains(&words));
    pane.state().total = 1024;
    pane.harness.run_ok();
    assert!(painted(&pane).contains(&words), "{:?}", painted(&pane));
}

#[test]
fn hits_are_marked_in_both_panes() {
    let mut pane = Pane::new(&[b'a'; 64]);
    let n_rects = |pane: &Pane| {
        let shapes = &pane.harness.output().shapes;
        shapes.iter().filter(|shape| matches!(shape.shape, egui::Shape::Rect(_))).count()
    };
    let before = n_rects(&pane);
    // One in a row, one over the end of a row.
    pane.state().hits = vec![1..3, 30..34];
    pane.harness.run_ok();
    assert_eq!(n_rects(&pane) - before, 2 * 3);
}
