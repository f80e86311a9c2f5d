//! The inspector alone: what is read of the bytes, copied by a click; the checksum, chosen from a list.

use std::ops::Range;

use egui::{Key, Modifiers, Rect, Role, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use netassist::codec::{Charset, Checksum};
use netassist::ui::inspector::{InspectorAnswer, InspectorInput, InspectorView, inspector_ui};
use netassist::ui::lang::Lang;

use super::hands::{Hands as _, harness};

/// Read holding registers, with its checksum.
const MODBUS: &[u8] = &[0x01, 0x03, 0x00, 0x00, 0x00, 0x02, 0xC4, 0x0B];

struct State {
    bytes: Vec<u8>,
    selected: Option<Range<usize>>,
    lang: Lang,
    view: InspectorView,
    answers: Vec<InspectorAnswer>,
}

fn panel(lang: Lang, bytes: &[u8], selected: Option<Range<usize>>) -> Harness<'static, State> {
    panel_of_width(420.0, lang, bytes, selected)
}

fn panel_of_width(
    width: f32,
    lang: Lang,
    bytes: &[u8],
    selected: Option<Range<usize>>,
) -> Harness<'static, State> {
    let view = InspectorView::default();
    let state = State { bytes: bytes.to_vec(), selected, lang, view, answers: Vec::new() };
    let zone = jiff::tz::TimeZone::UTC;
    let show = move |ui: &mut egui::Ui, state: &mut State| {
        let input = InspectorInput {
            lang: state.lang,
            item: 1,
            bytes: &state.bytes,
            selected: state.selected.clone(),
            charset: Charset::Utf8,
            zone: &zone,
        };
        state.answers.extend(inspector_ui(ui, &input, &mut state.view));
    };
    harness(Vec2::new(width, HEIGHT), show, state)
}

/// Enough for all rows, also where each value has several.
const HEIGHT: f32 = 1800.0;

fn has(panel: &Harness<'_, State>, label: &str) -> bool {
    panel.root().query_all_by_label(label).next().is_some()
}

fn answers(panel: &mut Harness<'_, State>) -> Vec<InspectorAnswer> {
    std::mem::take(&mut panel.state_mut().answers)
}

fn copied(text: &str) -> InspectorAnswer {
    InspectorAnswer::Copy(text.to_owned())
}

#[test]
fn values_are_read_in_both_orders_and_copied_by_a_click() {
    for &lang in Lang::ALL {
        let mut panel = panel(lang, MODBUS, Some(4..6));
        let (big, little) = (lang.order_big(), lang.order_little());
        for (label, text) in [
            (format!("u16 {big} 2"), "2"),
            (format!("u16 {little} 512"), "512"),
            (format!("{} 00000000 00000010", lang.inspect_binary()), "00000000 00000010"),
            (format!("{} 2", lang.inspect_length()), "2"),
        ] {
            panel.choose(&label);
            assert_eq!(answers(&mut panel), [copied(text)], "{label}");
        }
        assert!(panel.root().query_all_by_label_contains("u32").next().is_none(), "there are only two");
        assert!(panel.root().query_all_by_label_contains("(0x4)").next().is_some());
        // A single byte is where numbers begin.
        panel.state_mut().selected = Some(0..1);
        panel.run_ok();
        assert!(has(&panel, &format!("u32 {big} 16973824")));
        assert!(has(&panel, &format!("{} 1", lang.inspect_length())));
    }
}

#[test]
fn controls_in_text_are_pictures_but_copied_as_they_are() {
    let mut panel = panel(Lang::En, b"a\r\nb", Some(0..4));
    panel.choose("Text a␍␊b");
    assert_eq!(answers(&mut panel), [copied("a\r\nb")]);
}

#[test]
fn the_checksum_is_of_what_is_selected_and_of_all_without_a_selection() {
    let lang = Lang::En;
    let mut panel = panel(lang, MODBUS, Some(0..6));
    panel.choose("Result 0x0BC4");
    panel.choose("As bytes Big-endian 0B C4");
    panel.choose("As bytes Little-endian C4 0B");
    assert_eq!(answers(&mut panel), [copied("0x0BC4"), copied("0B C4"), copied("C4 0B")]);
    panel.state_mut().selected = None;
    panel.run_ok();
    assert!(has(&panel, "Result 0x0000"), "with its checksum it checks to nothing");
    assert!(panel.root().query_all_by_label_contains(lang.whole_item()).next().is_some());
    // Other bytes, of the same item that grew.
    panel.state_mut().bytes.push(1);
    panel.run_ok();
    assert!(!has(&panel, "Result 0x0000"));
}

#[test]
fn a_checksum_at_the_end_is_checked() {
    for &lang in Lang::ALL {
        let right = panel(lang, MODBUS, None);
        assert!(has(&right, &format!("{} C4 0B ✓", lang.checksum_end())));
        let swapped = panel(lang, b"\x01\x03\x00\x00\x00\x02\x0B\xC4", None);
        let said = lang.checksum_swapped("0B C4", "C4 0B");
        assert!(has(&swapped, &format!("{} {said}", lang.checksum_end())), "{said}");
        let wrong = panel(lang, b"\x01\x03\x00\x00\x00\x02\xC4\x0C", None);
        let said = lang.checksum_wanted("C4 0C", "C4 0B");
        assert!(has(&wrong, &format!("{} {said}", lang.checksum_end())), "{said}");
        // A part has no end of its own.
        let part = panel(lang, MODBUS, Some(0..6));
        let names =
            part.root().query_all_by_role(Role::Button).filter_map(|node| node.accesskit_node().label());
        assert_eq!(names.filter(|name| name.starts_with(lang.checksum_end())).count(), 0);
    }
}

#[test]
fn another_checksum_is_found_by_a_part_of_its_name() {
    for &lang in Lang::ALL {
        let mut panel = panel(lang, b"123456789", None);
        let combo = panel.root().get_by_role_and_label(Role::ComboBox, lang.checksum());
        combo.click();
        panel.run_ok();
        assert!(has(&panel, "CRC-8/AUTOSAR") && has(&panel, "SUM-8/NEGATED (LRC)"));
        panel.root().get_by_label(lang.checksum_search()).focus();
        panel.run_ok();
        panel.event(egui::Event::Text("ccitt-false".into()));
        panel.run_ok();
        assert!(!has(&panel, "CRC-8/AUTOSAR"));
        let chosen: Checksum = "CRC-16/CCITT-FALSE".parse().unwrap();
        panel.choose("CRC-16/IBM-3740 (CRC-16/CCITT-FALSE)");
        assert_eq!(answers(&mut panel), [InspectorAnswer::Checksum(chosen)]);
        assert!(has(&panel, &format!("{} 0x29B1", lang.checksum_value())));
        // The keyboard alone: Enter takes the first that is found.
        panel.root().get_by_role_and_label(Role::ComboBox, lang.checksum()).click();
        panel.run_ok();
        panel.root().get_by_label(lang.checksum_search()).focus();
        panel.run_ok();
        panel.event(egui::Event::Text("adler".into()));
        panel.key(Modifiers::NONE, Key::Enter);
        assert_eq!(panel.state().view.checksum.name(), "ADLER-32");
        assert!(has(&panel, &format!("{} 0x091E01DE", lang.checksum_value())));
        assert!(!has(&panel, lang.checksum_search()), "the list is closed");
    }
}

#[test]
fn everything_has_a_name_and_stays_within_the_room() {
    for (lang, width) in
        [(Lang::En, 420.0), (Lang::ZhCn, 420.0), (Lang::En, 230.0), (Lang::ZhCn, 230.0), (Lang::En, 150.0)]
    {
        let panel = panel_of_width(width, lang, &[0, 0, 1, 0x8B, 0xC0, 0xDE, 0, 0], None);
        let room = Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(width, HEIGHT));
        let mut names = Vec::new();
        for node in panel.root().query_all_by_role(Role::Button) {
            assert!(
                room.contains_rect(node.rect()),
                "{:?} at {:?}",
                node.accesskit_node().label(),
                node.rect()
            );
            names.push(node.accesskit_node().label().unwrap());
        }
        assert!(names.len() > 20, "{names:?}");
        let n = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), n, "two have one name: {names:?}");
        // Names keep to their column: values that are too wide for theirs have a row each.
        let values: Vec<Rect> =
            panel.root().query_all_by_role(Role::Button).map(|node| node.rect()).collect();
        for name in panel.root().query_all_by_role(Role::Label) {
            let (rect, text) = (name.rect(), name.value());
            assert!(room.contains_rect(rect), "{text:?} at {rect:?}");
            assert!(!values.iter().any(|value| value.shrink(0.5).intersects(rect.shrink(0.5))), "{text:?}");
            let is_time = text.as_ref().is_some_and(|text| text.starts_with("Unix"));
            assert!(!is_time || rect.right() < 115.0_f32.min(width / 2.0), "{text:?} at {rect:?}");
        }
    }
    let empty = panel(Lang::En, b"", None);
    assert_eq!(empty.root().query_all_by_role(Role::Button).count(), 0);
}
