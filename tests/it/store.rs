//! Tests of `store`.

mod settings;
