//! Tests of `model`.

mod link;
mod rotation;
mod rule;
mod which;
