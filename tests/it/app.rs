//! The whole window, worked by label as by a person, with real sockets behind it and no display.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod alerts;
mod charsets;
mod client;
mod compose;
mod copying;
mod cycle;
mod dialogs;
mod files;
mod find;
mod foreign;
mod framing;
mod history;
mod home;
mod keys;
mod layout;
mod long_log;
mod notes;
mod options;
mod palette;
mod panes;
mod peers;
mod pictures;
mod placeholders;
mod quick;
mod recent;
mod reconnect;
mod relay;
mod rotation;
mod rows;
mod rules;
mod save;
mod server;
mod settings;
mod short;
mod sight;
mod spoken;
mod still;
mod strips;
mod talk;
mod trust;
mod udp;
mod view;
mod views;
mod window;
mod windows;
mod workspace;
