//! netassist: a network debugging assistant.
pub mod app;
pub mod cli;
pub mod codec;
pub mod export;
pub mod journal;
pub mod model;
pub mod net;
pub mod reply;
pub mod state;
pub mod ui;
