//! Tests of `model`.

mod link;
mod rule;
mod which;
