//! Pictures of the window in its main states, in both themes and all languages, compared with those in
//! `tests/data/pictures`. `PICTURES=write` replaces them; look at what has changed.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "a few thousand pixels, whose edges are exact"
)]

pub(crate) mod canvas;
mod file;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use egui::{Key, Modifiers, vec2};
use netassist::state::{Action, PaletteMode, Side, Theme};
use netassist::ui::lang::Lang;
use netassist::ui::toolbar::mode_name;
use netassist::ui::widgets::choice_name;
use netassist::workspace::{EXAMPLES, ViewMode};

use self::canvas::Canvas;
use self::file::{MOST, Picture, differences, read, write};
use super::home::Home;
use super::talk::{self, Said};
use super::window::{CTRL, SIZE, Window};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/pictures").join(name).with_extension("png")
}

fn taken(window: &Window, canvas: &Canvas) -> Picture {
    let (ctx, output) = (&window.harness.ctx, window.harness.output());
    assert!((output.pixels_per_point - 1.0).abs() < 1e-6);
    let size = ctx.content_rect().size();
    canvas.paint(ctx.tessellate(output.shapes.clone(), 1.0), [size.x as usize, size.y as usize])
}

/// Compares what is shown with the picture of that name.
#[track_caller]
fn compare(window: &mut Window, canvas: &Canvas, name: &str) {
    window.harness.remove_cursor();
    window.settle();
    let now = taken(window, canvas);
    if std::env::var_os("PICTURES").is_some_and(|value| value == "write") {
        return write(&path(name), &now);
    }
    let kept = read(&path(name)).unwrap_or_else(|| panic!("no picture {name}"));
    let (n, first) = differences(&now, &kept);
    if n > MOST {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("png");
        write(&target, &now);
        panic!("{name}: {n} pixels differ, first at {first:?}; what is shown now: {}", target.display());
    }
}

fn act(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().act(action, &ctx);
    window.settle();
}

fn themed(window: &mut Window, theme: Theme) {
    act(window, Action::SetTheme(theme));
    // The theme is in force in the next frame.
    window.harness.run_steps(2);
}

const TALK: [Said<'static>; 7] = {
    use netassist::model::Direction::{Received, Sent};
    [
        (0, Received, b"REG store-1 v2.4\r\n"),
        (0, Sent, b"OK store-1\r\n"),
        (1, Received, b"\x01\x03\x00\x00\x00\x02\xC4\x0B"),
        (1, Sent, b"\x01\x03\x04\x00\xF7\x02\xD0\x4B\x3D"),
        (0, Received, "温度 23.5 ℃\r\n".as_bytes()),
        (0, Received, b"{\"station\":\"north\",\"volts\":[229.8,230.4,231.1],\"alarm\":null}\r\n"),
        (0, Sent, b"pong 1\r\n"),
    ]
};

/// A window that shows a conversation.
fn talking(lang: Lang, theme: Theme) -> (Home, Window, Canvas) {
    let (mut home, canvas) = (Home::new(), Canvas::default());
    home.canvas = Some(canvas.clone());
    let mut window = talk::window(&mut home, lang, &TALK);
    themed(&mut window, theme);
    (home, window, canvas)
}

/// A window at its first start, with a capture of an earlier run if `recent`.
fn welcoming(lang: Lang, theme: Theme, recent: bool) -> (Home, Window, Canvas) {
    let (mut home, canvas) = (Home::new(), Canvas::default());
    home.canvas = Some(canvas.clone());
    if recent {
        std::fs::create_dir(home.path("captures")).unwrap();
        let capture = home.path("captures").join("earlier.pcapng");
        talk::write(&capture, &TALK);
        let at = SystemTime::UNIX_EPOCH + Duration::from_nanos(talk::stamp(0).0);
        std::fs::File::options().append(true).open(capture).unwrap().set_modified(at).unwrap();
    }
    let mut window = home.window(lang);
    window.wait_until("captures", |window| !recent || !window.state().recent.is_empty());
    themed(&mut window, theme);
    (home, window, canvas)
}

#[test]
fn the_welcome_page() {
    for (lang, theme, name) in [
        (Lang::En, Theme::Light, "welcome-en-light"),
        (Lang::ZhCn, Theme::Dark, "welcome-zh-cn-dark"),
        (Lang::ZhTw, Theme::Light, "welcome-zh-tw-light"),
    ] {
        let (_home, mut window, canvas) = welcoming(lang, theme, lang != Lang::ZhTw);
        compare(&mut window, &canvas, name);
    }
}

#[test]
fn a_log() {
    let (_home, mut window, canvas) = talking(Lang::En, Theme::Dark);
    compare(&mut window, &canvas, "log-en-dark");
    let (_home, mut window, canvas) = talking(Lang::ZhCn, Theme::Light);
    window.focus_log();
    window.key(Modifiers::NONE, Key::ArrowUp);
    window.key(Modifiers::NONE, Key::Enter);
    compare(&mut window, &canvas, "unfolded-zh-cn-light");
}

#[test]
fn a_table_and_a_stream() {
    let (_home, mut window, canvas) = talking(Lang::En, Theme::Light);
    window.show(ViewMode::Table);
    window.focus_table();
    compare(&mut window, &canvas, "table-en-light");
    let (_home, mut window, canvas) = talking(Lang::ZhTw, Theme::Dark);
    window.click(&choice_name(window.lang.view(), mode_name(window.lang, ViewMode::Stream).0));
    compare(&mut window, &canvas, "stream-zh-tw-dark");
}

#[test]
fn rules_and_what_is_wrong() {
    let (_home, mut window, canvas) = welcoming(Lang::ZhCn, Theme::Light, false);
    act(&mut window, Action::TakeExample(EXAMPLES[0]));
    assert_eq!(window.state().layout.side, Some(Side::Rules));
    compare(&mut window, &canvas, "rules-zh-cn-light");
    window.harness.set_size(egui::vec2(1366.0, 768.0));
    window.settle();
    window.click("#1 upper case");
    window.settle();
    compare(&mut window, &canvas, "unfolded-rule-zh-cn-light");
    let (_home, mut window, canvas) = welcoming(Lang::En, Theme::Dark, false);
    for field in [window.lang.local_host(), window.lang.local_port(), window.lang.remote_port()] {
        window.set_text(field, "? ?");
    }
    window.set_text(window.lang.send_box(), r"\q");
    window.click(window.lang.open());
    compare(&mut window, &canvas, "wrong-en-dark");
}

#[test]
fn what_stands_over_the_window() {
    let (_home, mut window, canvas) = talking(Lang::En, Theme::Light);
    act(&mut window, Action::ShowPalette(Some(PaletteMode::Commands)));
    compare(&mut window, &canvas, "palette-en-light");
    let (_home, mut window, canvas) = talking(Lang::ZhCn, Theme::Dark);
    window.click(window.lang.menu());
    compare(&mut window, &canvas, "menu-zh-cn-dark");
}

#[test]
fn panes_side_by_side_and_the_smallest_window() {
    let (_home, mut window, canvas) = talking(Lang::ZhCn, Theme::Light);
    window.harness.set_size(vec2(1400.0, 700.0));
    window.key(CTRL, Key::Backslash);
    compare(&mut window, &canvas, "panes-zh-cn-light");
    let (_home, mut window, canvas) = talking(Lang::ZhTw, Theme::Dark);
    window.harness.set_size(vec2(760.0, 520.0));
    window.key(CTRL, Key::H);
    compare(&mut window, &canvas, "small-zh-tw-dark");
}

/// The comparison would see a small button that has moved by one pixel.
#[test]
fn a_control_that_moves_is_seen() {
    let kept = read(&path("log-en-dark")).unwrap();
    assert_eq!(differences(&kept, &kept), (0, None));
    let window = SIZE[0] as usize;
    assert_eq!(kept.width, window);
    // The button of a new tab, of 28 by 28.
    let mut moved = kept.clone();
    for y in 6..34 {
        let row = y * window + 440;
        moved.pixels.copy_within(row..row + 28, row + 1);
    }
    let (n, _) = differences(&moved, &kept);
    assert!(n > MOST, "only {n} pixels");
    let mut shaded = kept.clone();
    shaded.pixels.iter_mut().for_each(|pixel| pixel[0] = pixel[0].saturating_add(2));
    assert_eq!(differences(&shaded, &kept).0, 0, "what rounds otherwise is the same");
}
