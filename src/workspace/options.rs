//! The options of a session as typed, by the names in the table of options.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use crate::model::{Fault, OPTIONS, OptionSpec, Options, Problem, Protocol, Proxy, Rules, Typed, at};

/// Options as typed. An option that is not included has its default value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedOptions(BTreeMap<&'static str, String>);

impl TypedOptions {
    /// The text typed for the option of this name, or its default.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or_else(|| OptionSpec::find(name).map_or("", OptionSpec::usual), String::as_str)
    }

    /// Whether the flag of this name is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// Whether sessions of this protocol use the option of this name.
    pub fn is_for(&self, name: &str, protocol: Protocol) -> bool {
        self.0.contains_key(name) && OptionSpec::find(name).is_some_and(|spec| spec.is_for(protocol))
    }

    /// Whether the option of this name has another text than the usual one.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Sets the text of the option of this name.
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
    /// The first invalid option of those that the protocol uses.
    pub fn build(&self, protocol: Protocol) -> Result<Options, Problem> {
        let mut options = Options::default();
        for spec in self.used(protocol) {
            spec.set(&mut options, self.text(spec.name)).map_err(at(spec.name))?;
        }
        self.missing(protocol).map_or(Ok(options), Err)
    }

    /// Every invalid option of those that the protocol uses.
    pub fn problems(&self, protocol: Protocol) -> impl Iterator<Item = Problem> {
        let wrong = |spec: &OptionSpec| spec.check(self.text(spec.name)).map_err(at(spec.name)).err();
        self.used(protocol).filter_map(wrong).chain(self.missing(protocol))
    }

    /// Without authorities, no client could have a certificate that is trusted.
    fn missing(&self, protocol: Protocol) -> Option<Problem> {
        let requires = self.is_for("tls-clients", protocol) && self.text("tls-clients").trim() == "require";
        let is_missing = requires && self.is_set("tls") && !self.is_set("tls-ca");
        is_missing.then(|| Problem::new("tls-ca", Fault::NeededFor("tls-clients require")))
    }

    fn is_set(&self, name: &str) -> bool {
        let text = self.0.get(name).map_or("", |text| text.trim());
        !text.is_empty() && text != "false"
    }

    /// Whether what the option needs is set, and nothing to which it gives way. Why not, if not.
    pub fn without_effect(&self, spec: &OptionSpec, protocol: Protocol) -> Option<Fault> {
        // The leg to clients is a server's.
        let is_server = spec.name == "tls-ca" && self.text("tls-legs") == "clients";
        let needs = spec.needs(if is_server { Protocol::TcpServer } else { protocol });
        if !spec.is_for(protocol) {
            Some(Fault::Unused(protocol))
        } else if !needs.is_empty() && !needs.iter().any(|name| self.is_set(name)) {
            Some(Fault::Needs(needs))
        } else {
            let is_so = |other: &&str| match other.split_once(' ') {
                Some((name, value)) => self.0.get(name).is_some_and(|text| text.trim() == value),
                None => self.is_set(other),
            };
            spec.gives_way_to().filter(is_so).map(Fault::GivesWay)
        }
    }

    /// The options that are set without effect under these rules, and why. What sequences keep takes memory, too.
    pub fn unused_under(
        &self,
        rules: &Rules,
        protocol: Protocol,
        has_sequences: bool,
    ) -> impl Iterator<Item = (&'static str, Fault)> {
        let decides = rules.relay.act_on_messages() || rules.rules.iter().any(|rule| rule.then.decides());
        let keeps = has_sequences || self.text("short") == "answer";
        let set = OPTIONS.iter().filter(move |spec| self.is_for(spec.name, protocol));
        set.filter_map(move |spec| {
            let needs = spec.needs_rules(protocol)?;
            let has = match spec.name {
                "pass-after" => decides,
                "rule-memory" => keeps || !rules.is_empty(),
                _ => !rules.is_empty(),
            };
            (!has).then_some((spec.name, Fault::Needs(needs)))
        })
    }

    /// The options that are set without effect, and why.
    pub fn unused(&self, protocol: Protocol) -> impl Iterator<Item = (&'static str, Fault)> {
        let set = OPTIONS.iter().filter(|spec| self.0.contains_key(spec.name));
        set.filter_map(move |spec| Some((spec.name, self.without_effect(spec, protocol)?)))
    }

    /// The options that the protocol uses.
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

/// A value as it is in a file.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged, expecting = "expected a string, an integer or a boolean")]
enum Value {
    Flag(bool),
    Number(i64),
    Text(String),
}

impl Serialize for TypedOptions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(OPTIONS.iter().filter_map(|spec| {
            let value = match (self.0.get(spec.name)?.as_str(), spec.typed) {
                ("true", Typed::Flag { .. }) => Value::Flag(true),
                ("false", Typed::Flag { .. }) => Value::Flag(false),
                (text, _) if spec.name == "proxy" => Value::Text(Proxy::without_password(text).into_owned()),
                (text, _) => Value::Text(text.to_owned()),
            };
            Some((spec.name, value))
        }))
    }
}

impl<'de> Deserialize<'de> for TypedOptions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut options = Self::default();
        for (Name(name), value) in BTreeMap::deserialize(from)? {
            match value {
                Value::Flag(on) => options.set(name, on.to_string()),
                Value::Number(number) => options.set(name, number.to_string()),
                Value::Text(text) => options.set(name, text),
            }
        }
        Ok(options)
    }
}

/// The name of an option. An unknown one is an error at its place in the file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(&'static str);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        static NAMES: std::sync::LazyLock<Vec<&'static str>> =
            std::sync::LazyLock::new(|| OPTIONS.iter().map(|spec| spec.name).collect());
        let name = String::deserialize(from)?;
        let spec = OptionSpec::find(&name).ok_or_else(|| D::Error::unknown_field(&name, &NAMES))?;
        Ok(Self(spec.name))
    }
}
