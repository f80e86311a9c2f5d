//! The whole window, worked by label as by a person, with real sockets behind it and no display.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod client;
mod cycle;
mod foreign;
mod home;
mod keys;
mod layout;
mod long_log;
mod reconnect;
mod save;
mod server;
mod settings;
mod udp;
mod view;
mod window;
