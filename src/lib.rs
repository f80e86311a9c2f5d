//! netassist: a network debugging assistant.
pub mod codec;
pub mod export;
pub mod journal;
pub mod model;
pub mod reply;
pub mod state;
