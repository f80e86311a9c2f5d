//! Tests of the rooms from outside, in one binary.

mod app;
mod cli;
mod export;
mod journal;
mod memory_recorder;
mod net;
mod panels;
mod tidy;
