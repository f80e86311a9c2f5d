//! Tests of `model`.

mod link;
mod proxy;
mod rotation;
mod rule;
mod which;
