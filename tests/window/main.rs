//! The real window, driven by label: what only a window system shows. Panels and state have their
//! tests in `tests/it`, without a window and a hundred times as fast.
//!
//! It needs a display and the feature `inspection`; `.ci/test` brings both.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what is wrong by panicking, and leaves its evidence on standard error"
)]

mod conversation;
#[cfg(target_os = "linux")]
mod display;
#[allow(dead_code, reason = "a box of tools: not every tool is in use")]
mod driver;
mod opens;
#[allow(dead_code, reason = "shared with the pictures of the tests")]
#[path = "../it/app/pictures/file.rs"]
mod pictures;
mod readme;
mod restart;
mod tour;
mod views;

/// The one of the two that is in this language.
fn pick<'a>(lang: netassist::ui::lang::Lang, en: &'a str, zh_cn: &'a str) -> &'a str {
    match lang {
        netassist::ui::lang::Lang::En => en,
        netassist::ui::lang::Lang::ZhCn | netassist::ui::lang::Lang::ZhTw => zh_cn,
    }
}
