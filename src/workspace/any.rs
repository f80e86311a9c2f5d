//! Generators of arbitrary forms for tests.

use proptest::collection::vec;
use proptest::prelude::*;

use super::names::Named;
use super::{Address, TypedOptions};
use crate::model::{OPTIONS, Proxy};

/// A type with arbitrary values.
pub(crate) trait Any: Sized + std::fmt::Debug + 'static {
    fn any() -> BoxedStrategy<Self>;
}

impl Any for String {
    fn any() -> BoxedStrategy<Self> {
        let regex = "(?s)(|F2|20ms|2s|5ms\\.\\.2s|crlf|hex:0D|CRC-16/MODBUS|line|127\\.0\\.0\\.1:80|5|true|\\.\\.9|\
                     0: 1 [01]|[0-9.:; -]{0,9}|[ -~测\n]{0,9}|.{0,12})";
        proptest::string::string_regex(regex).unwrap().boxed()
    }
}

impl Any for bool {
    fn any() -> BoxedStrategy<Self> {
        any::<Self>().boxed()
    }
}

impl Any for u16 {
    fn any() -> BoxedStrategy<Self> {
        any::<Self>().boxed()
    }
}

impl<T: Any + Clone> Any for Option<T> {
    fn any() -> BoxedStrategy<Self> {
        proptest::option::of(T::any()).boxed()
    }
}

impl<T: Any> Any for Vec<T> {
    fn any() -> BoxedStrategy<Self> {
        vec(T::any(), 0..3).boxed()
    }
}

impl Any for Address {
    fn any() -> BoxedStrategy<Self> {
        let part = || vec("(127.0.0.1|::1|\\[|8080|:|line|.{0,6})", 0..3).prop_map(|parts| parts.concat());
        (part(), part()).prop_map(|(host, port)| Self { host, port }).boxed()
    }
}

impl Any for TypedOptions {
    fn any() -> BoxedStrategy<Self> {
        let typed = vec((0..OPTIONS.len(), String::any()), 0..5);
        typed
            .prop_map(|typed| {
                let mut options = Self::default();
                for (n, text) in typed {
                    // No password is saved.
                    let is_proxy = OPTIONS[n].name == "proxy";
                    let text = if is_proxy { Proxy::without_password(&text).into() } else { text };
                    options.set(OPTIONS[n].name, text);
                }
                options
            })
            .boxed()
    }
}

/// Any alternative of a choice.
pub(super) fn choice<T: Named + std::fmt::Debug>() -> BoxedStrategy<T> {
    proptest::sample::select(T::ALL).boxed()
}
