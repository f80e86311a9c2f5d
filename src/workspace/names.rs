//! Choices by their names in files. A name that is not known is an error that tells the right ones. Knows
//! no form.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

use crate::codec::compose::Mode;
use crate::codec::matcher::MatchKind;
use crate::codec::{Charset, Checksum};
use crate::model::{Body, Protocol};

/// A closed choice that has names.
pub trait Named: Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The name in files.
    fn name(self) -> &'static str;

    /// The one of this name, in either case.
    fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.name().eq_ignore_ascii_case(name.trim()))
    }
}

impl Named for Mode {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for MatchKind {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for Protocol {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for Body {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for Charset {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }

    /// People write charsets in many ways.
    fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Named for Checksum {
    const ALL: &'static [Self] = Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }

    /// The catalogue knows many under several names.
    fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

pub(super) fn serialize<T: Named, S: Serializer>(choice: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(choice.name())
}

pub(super) fn deserialize<'de, T: Named, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_str(Seek(std::marker::PhantomData))
}

struct Seek<T>(std::marker::PhantomData<T>);

impl<T: Named> Visitor<'_> for Seek<T> {
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
        T::find(name).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(name), &self))
    }
}

/// The same for what need not be there.
pub(super) mod or_none {
    use serde::de::Deserializer;
    use serde::ser::Serializer;

    use super::Named;

    #[expect(clippy::ref_option, reason = "serde gives a reference")]
    pub(in super::super) fn serialize<T: Named, S: Serializer>(
        choice: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(choice.map_or("", Named::name))
    }

    pub(in super::super) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        super::deserialize(from).map(Some)
    }
}
