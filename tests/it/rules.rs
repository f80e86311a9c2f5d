//! Tests of `rules`.

mod name;
mod responder;
