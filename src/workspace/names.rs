//! The names of choices in files. An unknown name is an error that lists the known ones.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

use crate::codec::compose::Mode;
use crate::codec::matcher::{MatchKind, Validity};
use crate::codec::query::{CaseRule, QueryKind};
use crate::codec::{Charset, Checksum, LineBreak};
use crate::model::{AndThen, Body, Otherwise, Protocol, Recipients};

/// A choice whose alternatives have names.
pub(super) trait Named: Copy + 'static {
    const ALL: &'static [Self];

    fn name(self) -> &'static str;

    /// The alternative of this name, ignoring case.
    fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Writes choices as their names. With `parse`, other spellings that the type knows are read, too.
macro_rules! named {
    ($type:ident $(, $parse:ident)?) => {
        impl crate::workspace::names::Named for $type {
            const ALL: &'static [Self] = &Self::ALL;

            fn name(self) -> &'static str {
                self.name()
            }

            $(fn find(name: &str) -> Option<Self> {
                name.$parse().ok()
            })?
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                crate::workspace::names::read(from)
            }
        }

        #[cfg(test)]
        impl crate::workspace::any::Any for $type {
            fn any() -> proptest::strategy::BoxedStrategy<Self> {
                crate::workspace::any::choice()
            }
        }
    };
}

pub(super) use named;

named!(Mode);
named!(LineBreak);
named!(MatchKind);
named!(Protocol);
named!(Body);
named!(Recipients);
named!(Charset, parse);
named!(Checksum, parse);
named!(Validity);
named!(AndThen);
named!(Otherwise);
named!(QueryKind);
named!(CaseRule);

pub(super) fn read<'de, T: Named, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_str(OneOf(PhantomData))
}

struct OneOf<T>(PhantomData<T>);

impl<T: Named> Visitor<'_> for OneOf<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, choice) in T::ALL.iter().enumerate() {
            let before = match n {
                0 => "",
                n if n + 1 == T::ALL.len() => " or ",
                _ => ", ",
            };
            write!(f, "{before}{}", choice.name())?;
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        T::find(name).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
    }
}
