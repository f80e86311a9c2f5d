//! The texts of the window. A language is one file, and a missing or unknown text in it does not compile.
//! English defines the keys. To add a language, write its file and add a line to the list below.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

// What the other languages word.
use crate::codec::append::{AppendFault, MAX_BYTES, StepProblem};
use crate::codec::compose::ComposeProblem;
use crate::codec::duration;
use crate::codec::escape::EscapeProblem;
use crate::codec::frame::{FramingFault, MAX_ADJUST, MAX_DELIMITER, MAX_MESSAGE, MAX_OFFSET};
use crate::codec::hex::HexProblem;
use crate::codec::matcher::MatcherProblem;
use crate::codec::query::{QueryProblem, RegexProblem};
use crate::codec::rate;
use crate::codec::socks::MAX_HEAD;
use crate::codec::template::{MAX_DIGITS, MAX_RANDOM, TemplateProblem};
use crate::codec::websocket::FrameFault;
use crate::model::{
    CaptureFault, Cause, CertFault, ClientFault, Doing, Expected, Fault, FileChange, Hint, NameFault,
    OsFault, PemFault, ProxyFault, ProxyHint, ProxyWords, RuleFault, SessionNote, TlsFault, TlsHint, TlsNote,
    WsFault, named_code, reply,
};
use crate::workspace::{Consequence, ImportIssue, MAX_IMPORTED};

/// Defines the texts: a struct with a field per key, its English values, and a method of [`Lang`] per text.
/// A line is one of
///
/// ```text
/// key: "Text";
/// key(path, why): "Cannot read {path}: {why}";    a method with arguments that returns a `String`
/// label, label_tip: "Label", "Its tooltip";       two methods
/// ```
macro_rules! texts {
    ($($key:ident $(, $tip:ident)? $(($($arg:ident),+))?: $text:literal $(, $tip_text:literal)?;)*) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub(super) struct Texts {
            $(pub(super) $key: texts!(@type $($tip)?),)*
        }

        pub(super) static TEXTS: Texts = Texts { $($key: ($text $(, $tip_text)?),)* };

        impl Texts {
            /// The label and the tooltip of this key, if it has both.
            pub(super) fn pair(&self, key: &str) -> Option<(&'static str, &'static str)> {
                use super::Pair as _;
                match key {
                    $(stringify!($key) => self.$key.pair(),)*
                    _ => None,
                }
            }
        }

        impl Lang {
            $(texts! { @method $key $(, $tip)? $(($($arg),+))?: $text $(, $tip_text)? })*
        }

        #[cfg(test)]
        impl Texts {
            /// All texts with their keys and arguments.
            pub(super) fn all(&self) -> Vec<super::tests::Text> {
                use super::tests::Words as _;
                let mut all = Vec::new();
                $(all.extend(self.$key.words(stringify!($key), &[$($(stringify!($arg)),+)?]));)*
                all
            }
        }
    };
    (@type) => { &'static str };
    (@type $tip:ident) => { (&'static str, &'static str) };
    (@method $key:ident: $text:literal) => {
        #[doc = concat!("`` ", $text, " ``")]
        pub fn $key(self) -> &'static str {
            super::key_names(self.texts().$key)
        }
    };
    (@method $key:ident, $tip:ident: $text:literal, $tip_text:literal) => {
        #[doc = concat!("`` ", $text, " ``")]
        pub fn $key(self) -> &'static str {
            super::key_names(self.texts().$key.0)
        }

        #[doc = concat!("`` ", $tip_text, " ``")]
        pub fn $tip(self) -> &'static str {
            super::key_names(self.texts().$key.1)
        }
    };
    (@method $key:ident($($arg:ident),+): $text:literal) => {
        #[doc = concat!("`` ", $text, " ``")]
        pub fn $key(self, $($arg: impl Display),+) -> String {
            fill(super::key_names(self.texts().$key), &[$((stringify!($arg), &$arg)),+])
        }
    };
}

/// The same for errors, notes of sessions and examples. Other modules word these in English, so only the other
/// languages have texts for them: those of `loose` by their keys, as above, and those of an enum by its alternatives,
/// with what they hold. An alternative that only passes on what it holds is before the brace.
///
/// ```text
/// field: Enum passes (Other, …) {
///     Plain(n) => "{n}";
///     Nested(n, why), why => "{n}: {why}";             `why` in the words of this language
///     List(names), names = names.join(", ") => "{names}";
/// }
/// ```
macro_rules! core_texts {
    (
        loose { $($key:ident $(($($arg:ident),+))?: $text:literal;)* }
        $($field:ident: $type:ident $(passes ($($passed:ident),+))? {
            $($pattern:pat $(if $guard:expr)? $(, $told:ident $(= $how:expr)?)* => $words:literal;)*
        })*
    ) => {
        /// Translations of what other modules word in English.
        #[derive(Debug)]
        pub(in crate::ui) struct Core {
            $(pub(super) $key: &'static str,)*
            $(pub(super) $field: fn(&$type, &Core) -> String,)*
            /// All texts of enums.
            #[cfg(test)]
            pub(super) words: &'static [super::tests::Text],
        }

        translation! { core;
            loose { $($key: $text;)* }
            $($field: $type $(passes ($($passed),+))? {
                $($pattern $(if $guard)? $(, $told $(= $how)?)* => $words;)*
            })*
        }

        impl Core {
            $(
                pub(in crate::ui) fn $key(&self $($(, $arg: impl Display)+)?) -> String {
                    fill(self.$key, &[$($((stringify!($arg), &$arg)),+)?])
                }
            )*

            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<super::tests::Text> {
                use super::tests::Words as _;
                let loose = [$(self.$key.words(stringify!($key), &[$($(stringify!($arg)),+)?])),*].concat();
                loose.into_iter().chain(self.words.iter().copied()).collect()
            }
        }

        $(impl InWords for $type {
            fn in_words(&self, core: &Core) -> String {
                (core.$field)(self, core)
            }
        })*
    };
}

/// The texts of another language, `key: "text";` or `key: "label", "tooltip";`: those of the window (`texts;`),
/// or those that other modules word in English (`core;`).
macro_rules! translation {
    (texts; $($key:ident: $text:literal $(, $tip:literal)?;)*) => {
        pub(super) static TEXTS: super::en::Texts = super::en::Texts { $($key: ($text $(, $tip)?),)* };
    };
    (core;
        loose { $($key:ident: $text:literal;)* }
        $($field:ident: $type:ident $(passes ($($passed:ident),+))? {
            $($pattern:pat $(if $guard:expr)? $(, $told:ident $(= $how:expr)?)* => $words:literal;)*
        })*
    ) => {
        pub(super) static CORE: Option<super::Core> = Some(super::Core {
            $($key: $text,)*
            $($field: |it, core| {
                use $type::*;
                let _ = core;
                match it {
                    $($($passed(it) => it.in_words(core),)+)?
                    $($pattern $(if $guard)? => {
                        $(let $told = translation!(@told core, $told $(, $how)?);)*
                        std::fmt::format(format_args!($words))
                    })*
                }
            },)*
            #[cfg(test)]
            words: &[$($((stringify!($pattern), &[], $words),)*)*],
        });
    };
    (@told $core:ident, $told:ident) => { $told.in_words($core) };
    (@told $core:ident, $told:ident, $how:expr) => { $how };
}

/// Defines the languages: variant, file, and prefixes of the locales that select it.
macro_rules! languages {
    ($($lang:ident, $file:ident, $locales:expr;)*) => {
        $(mod $file;)*

        /// A language of the window.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub enum Lang {
            #[default]
            $(#[doc = concat!("See `", stringify!($file), ".rs`.")] $lang,)*
        }

        impl Lang {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$lang),*];

            /// Its name in the settings file.
            pub fn tag(self) -> &'static str {
                match self { $(Self::$lang => stringify!($file),)* }
            }

            fn locales(self) -> &'static [&'static str] {
                match self { $(Self::$lang => &$locales,)* }
            }

            fn texts(self) -> &'static en::Texts {
                match self { $(Self::$lang => &$file::TEXTS,)* }
            }

            /// Translations of what other modules say; `None` for English, which they speak.
            pub(in crate::ui) fn core(self) -> Option<&'static Core> {
                match self { $(Self::$lang => $file::CORE.as_ref(),)* }
            }
        }
    };
}

languages! {
    En, en, ["en"];
    ZhCn, zh_cn, ["zh"];
    ZhTw, zh_tw, ["zh-hant", "zh-tw", "zh-hk", "zh-mo"];
}

/// What may be a label with its tooltip.
trait Pair {
    fn pair(&self) -> Option<(&'static str, &'static str)>;
}

impl Pair for &'static str {
    fn pair(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

impl Pair for (&'static str, &'static str) {
    fn pair(&self) -> Option<(&'static str, &'static str)> {
        Some(*self)
    }
}

pub(in crate::ui) use zh_cn::Core;

/// What another module words in English.
pub(in crate::ui) trait InWords {
    /// The same in another language.
    fn in_words(&self, core: &Core) -> String;
}

/// A time in milliseconds that may be negative.
fn signed(ms: i64) -> String {
    format!("{}{}", if ms < 0 { "-" } else { "" }, duration::in_words(ms.unsigned_abs()))
}

impl Lang {
    /// The label and the tooltip of an option of sessions, by the name that the table of options gives it.
    pub fn option(self, name: &str) -> Option<(&'static str, &'static str)> {
        self.texts().pair(&format!("opt_{}", name.replace('-', "_")))
    }

    /// The label and the tooltip of a fault of a relay, by its key.
    pub fn fault_key(self, key: &str) -> Option<(&'static str, &'static str)> {
        self.texts().pair(&format!("lf_{key}"))
    }

    /// What faults have done, `delay=812ms duplicate`, in words.
    pub fn fault_words(self, done: &str) -> String {
        let word = |part: &str| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match value.split_once('.').filter(|_| key == "corrupt") {
                Some((byte, bit)) => self.flipped(byte, bit),
                None => self.fault_word(key, value),
            }
        };
        done.split(' ').map(word).collect::<Vec<_>>().join(", ")
    }

    /// A fault of a relay within a sentence, with its value as typed or done.
    pub(in crate::ui) fn fault_word(self, key: &str, value: &str) -> String {
        let (label, _) = self.fault_key(key).unwrap_or((key, ""));
        let time =
            |text: &str| duration::parse_or(text, "ms").map_or_else(|_| text.to_owned(), duration::words);
        let amount = |text: &str| {
            if text.parse::<u64>().is_ok() { format!("{text} B") } else { time(text) }
        };
        let value = match key {
            "delay" => value.split('~').map(time).collect::<Vec<_>>().join(" ± "),
            "rate" => rate::parse(value).map_or_else(|_| value.to_owned(), rate::words),
            "pause" => value
                .split_once(':')
                .map_or_else(String::new, |(after, span)| format!("{}: {}", amount(after), time(span))),
            "size" | "slice" | "stall" | "close" | "reset" | "cut" => amount(value),
            _ => value.to_owned(),
        };
        format!("{} {value}", label.to_lowercase()).trim_end().to_owned()
    }

    /// Whether it is written in Chinese characters.
    pub fn is_chinese(self) -> bool {
        self.tag().starts_with("zh")
    }

    /// The language that the settings name, else the one for the system's locale, e.g. `zh-CN`, else English.
    pub fn choose(tag: &str, system: Option<&str>) -> Self {
        let locale = system.unwrap_or_default().replace('_', "-").to_ascii_lowercase();
        let named = Self::ALL.iter().find(|lang| lang.tag() == tag);
        let fit = |lang: Self| {
            let begins = |start: &&&str| {
                locale
                    .strip_prefix(**start)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
            };
            lang.locales().iter().filter(begins).map(|start| start.len()).max()
        };
        named.copied().unwrap_or_else(|| {
            Self::ALL.iter().rev().copied().max_by_key(|lang| fit(*lang)).unwrap_or_default()
        })
    }
}

/// A text with the keys as this system names them.
pub(in crate::ui) fn key_names(text: &'static str) -> &'static str {
    if cfg!(target_os = "macos") { names_of_mac(text) } else { text }
}

/// The name of a key.
pub(crate) fn key_name(ctx: &egui::Context, key: egui::KeyboardShortcut) -> String {
    ctx.format_shortcut(&key).replace("Backslash", "\\")
}

thread_local! {
    /// Texts as macOS has them.
    static OF_MAC: RefCell<BTreeMap<&'static str, &'static str>> = const { RefCell::new(BTreeMap::new()) };
}

/// Ctrl is Cmd there, but for keys that the system takes with Cmd. Each text is made once.
fn names_of_mac(text: &'static str) -> &'static str {
    if !text.contains("Ctrl+") && !text.contains("Alt+") {
        return text;
    }
    let made = || {
        let made =
            text.replace("Ctrl+Shift+", "Shift+Cmd+").replace("Ctrl+", "Cmd+").replace("Alt+", "Option+");
        let plain = |made: String, key: &str| {
            let made = made.replace(&format!("Shift+Cmd+{key}"), &format!("Ctrl+Shift+{key}"));
            made.replace(&format!("Cmd+{key}"), &format!("Ctrl+{key}"))
        };
        let made = ["Tab", "F6", "M", "H"].into_iter().fold(made, plain);
        &*Box::leak(made.into_boxed_str())
    };
    OF_MAC.with_borrow_mut(|known| *known.entry(text).or_insert_with(made))
}

/// Replaces `{name}` by the argument of that name. Other braces are literal.
fn fill(text: &str, arguments: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            let argument = arguments.iter().find(|(known, _)| *known == name)?;
            Some((argument.1, after))
        });
        rest = if let Some((argument, after)) = found {
            // Writing to a string cannot fail.
            write!(filled, "{argument}").ok();
            after
        } else {
            filled.push('{');
            after
        };
    }
    filled + rest
}

#[cfg(test)]
mod tests;
