//! netassist: a network debugging assistant.
pub mod model;
pub mod reply;
