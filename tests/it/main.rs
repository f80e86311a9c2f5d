//! Tests of the rooms from outside, in one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "modules of a binary")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "patterns of test bytes are cut on purpose"
)]

mod app;
mod cli;
mod codec;
mod export;
mod index;
mod journal;
mod memory_recorder;
mod model;
mod net;
mod options;
mod packaging;
mod panels;
mod reference;
mod rules;
mod state;
mod store;
mod tidy;
mod workspace;
