//! Every word of the window, in English and in Chinese, side by side so that neither is forgotten. They
//! stand in one file for each part of the window. Messages with something put into them are in `messages`.

/// Makes each word a method of [`Lang`] that gives it in that language.
macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        impl Lang {
            $(
                #[doc = concat!("“", $en, "”.")]
                pub fn $name(self) -> &'static str {
                    self.pick($en, $zh)
                }
            )*
        }

        /// All of these words in both languages.
        pub(super) const WORDS: &[(&str, &str)] = &[$(($en, $zh)),*];
    };
}

mod bytes;
mod captures;
mod log;
mod peers;
mod quick;
mod rules;
mod send;
mod settings;
mod side;
mod tabs;
mod toolbar;

/// The language in which the window speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// The language of the user's choice, where `system` is the system's locale, e.g. `zh-CN`.
    pub fn choose(choice: crate::state::Language, system: Option<&str>) -> Self {
        match choice {
            crate::state::Language::English => Self::En,
            crate::state::Language::Chinese => Self::Zh,
            crate::state::Language::System => match system {
                Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Self::Zh,
                Some(_) | None => Self::En,
            },
        }
    }

    /// The one of the two that fits.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

/// Every word in both languages, for those who check that the fonts have all of it.
pub fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    let parts = [
        bytes::WORDS,
        captures::WORDS,
        log::WORDS,
        peers::WORDS,
        quick::WORDS,
        rules::WORDS,
        send::WORDS,
        settings::WORDS,
        side::WORDS,
        tabs::WORDS,
        toolbar::WORDS,
    ];
    parts.into_iter().flatten().copied()
}
