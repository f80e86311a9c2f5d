//! One binary for all integration tests.

mod memory_recorder;
mod net;
