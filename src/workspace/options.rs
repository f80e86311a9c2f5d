//! The options of a session as typed, by the names that the table of options gives them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::model::{OPTIONS, OptionSpec, Options, Problem, Protocol, Typed, at};

/// Options as typed. One that was not touched has its usual value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedOptions(BTreeMap<&'static str, String>);

impl TypedOptions {
    /// What is typed for the option of this name, or its usual value.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or_else(|| OptionSpec::find(name).map_or("", OptionSpec::usual), String::as_str)
    }

    /// Whether the flag of this name is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// Types something for the option of this name.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        let Some(spec) = OptionSpec::find(name) else { return debug_assert!(false, "no option {name}") };
        let text = text.into();
        if text == spec.usual() {
            self.0.remove(spec.name);
        } else {
            self.0.insert(spec.name, text);
        }
    }

    /// The options of a session of this protocol.
    ///
    /// # Errors
    /// The first option that is wrong, of those that the protocol uses.
    pub fn build(&self, protocol: Protocol) -> Result<Options, Problem> {
        let mut options = Options::default();
        for spec in self.used(protocol) {
            spec.set(&mut options, self.text(spec.name)).map_err(at(spec.name))?;
        }
        Ok(options)
    }

    /// Every option that is wrong, of those that the protocol uses.
    pub fn problems(&self, protocol: Protocol) -> impl Iterator<Item = Problem> {
        self.used(protocol).filter_map(|spec| spec.check(self.text(spec.name)).map_err(at(spec.name)).err())
    }

    /// The options that are set although sessions of this protocol do not use them.
    pub fn unused(&self, protocol: Protocol) -> impl Iterator<Item = &'static str> {
        let set = OPTIONS.iter().filter(|spec| self.0.contains_key(spec.name));
        set.filter(move |spec| !spec.is_for(protocol)).map(|spec| spec.name)
    }

    /// Only those that the protocol uses.
    #[must_use]
    pub fn only_used(mut self, protocol: Protocol) -> Self {
        self.0.retain(|name, _| OptionSpec::find(name).is_some_and(|spec| spec.is_for(protocol)));
        self
    }

    fn used(&self, protocol: Protocol) -> impl Iterator<Item = &'static OptionSpec> {
        let has_short = !self.text("short").trim().is_empty();
        OPTIONS.iter().filter(move |spec| spec.is_for(protocol) && (spec.name != "short-wait" || has_short))
    }
}

impl Serialize for TypedOptions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for spec in OPTIONS {
            match (self.0.get(spec.name).map(String::as_str), spec.typed) {
                (None, _) => {}
                (Some("true"), Typed::Flag { .. }) => map.serialize_entry(spec.name, &true)?,
                (Some("false"), Typed::Flag { .. }) => map.serialize_entry(spec.name, &false)?,
                (Some(text), _) => map.serialize_entry(spec.name, text)?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for TypedOptions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = TypedOptions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of options")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TypedOptions, A::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged, expecting = "expected a text, a whole number, true or false")]
        enum Value {
            Flag(bool),
            Number(i64),
            Text(String),
        }
        let mut options = TypedOptions::default();
        while let Some(name) = map.next_key()? {
            let name = Name::name(name);
            let text = match map.next_value()? {
                Value::Flag(on) => on.to_string(),
                Value::Number(number) => number.to_string(),
                Value::Text(text) => text,
            };
            options.set(name, text);
        }
        Ok(options)
    }
}

/// The name of an option, refused at its own place in the file if there is none of it.
struct Name(&'static OptionSpec);

impl Name {
    fn name(self) -> &'static str {
        self.0.name
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        static NAMES: std::sync::LazyLock<Vec<&'static str>> =
            std::sync::LazyLock::new(|| OPTIONS.iter().map(|spec| spec.name).collect());
        let name = String::deserialize(from)?;
        OptionSpec::find(&name).map(Self).ok_or_else(|| D::Error::unknown_field(&name, &NAMES))
    }
}
