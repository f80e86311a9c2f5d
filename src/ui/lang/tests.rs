//! Properties of the texts of every language.

use super::*;

/// A key, its arguments, and a text.
pub(super) type Text = (&'static str, &'static [&'static str], &'static str);

/// The value of a key: a text, or a label with its tooltip.
pub(super) trait Words {
    fn words(self, key: &'static str, arguments: &'static [&'static str]) -> Vec<Text>;
}

impl Words for &'static str {
    fn words(self, key: &'static str, arguments: &'static [&'static str]) -> Vec<Text> {
        vec![(key, arguments, self)]
    }
}

impl Words for (&'static str, &'static str) {
    fn words(self, key: &'static str, arguments: &'static [&'static str]) -> Vec<Text> {
        vec![(key, arguments, self.0), (key, arguments, self.1)]
    }
}

impl Lang {
    /// All texts of this language.
    pub(in crate::ui) fn all(self) -> Vec<Text> {
        [self.texts().all(), self.core().map_or_else(Vec::new, Core::all)].concat()
    }
}

#[test]
fn keys_have_the_names_of_the_system() {
    for (text, on_mac) in [
        ("Quit (Ctrl+Q)", "Quit (Cmd+Q)"),
        ("Ctrl+Shift+T reopens it (Ctrl+W)", "Shift+Cmd+T reopens it (Cmd+W)"),
        ("Ctrl+Tab, Ctrl+Shift+M, Ctrl+H, Alt+↑", "Ctrl+Tab, Ctrl+Shift+M, Ctrl+H, Option+↑"),
        ("Ctrl", "Ctrl"),
    ] {
        assert_eq!(names_of_mac(text), on_mac);
        assert_eq!(key_names(text), if cfg!(target_os = "macos") { on_mac } else { text });
    }
}

/// The names in braces, sorted.
fn in_braces(text: &str) -> Vec<&str> {
    let name = |part: &'_ str| part.split_once('}').map(|(name, _)| name.len());
    let mut names: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|part| part.get(..name(part)?))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn no_text_is_empty_or_misses_an_argument() {
    for lang in Lang::ALL {
        let english = Lang::En.all();
        for (n, (key, arguments, text)) in lang.all().into_iter().enumerate() {
            assert!(!text.trim().is_empty() && text == text.trim(), "{lang:?} {key}: {text:?}");
            let found = in_braces(text);
            assert!(arguments.iter().all(|name| found.contains(name)), "{lang:?} {key}: {text}");
            // Other names in braces are examples, equal in all languages.
            if let Some((also, _, english)) = english.get(n) {
                assert_eq!((key, found), (*also, in_braces(english)), "{lang:?}: {text}");
            }
        }
    }
}

#[test]
fn arguments_are_put_in_and_other_braces_stand() {
    let arguments: &[(&str, &dyn Display)] = &[("n", &3), ("name", &"{n}")];
    assert_eq!(fill("{n} of {name}, {{n:1}} {x} {", arguments), "3 of {n}, {{n:1}} {x} {");
    assert_eq!(fill("", arguments), "");
}

#[test]
fn the_settings_choose_the_language_else_the_system_does() {
    for (tag, system, lang) in [
        ("", None, Lang::En),
        ("", Some("de-DE"), Lang::En),
        ("", Some("en_US.UTF-8"), Lang::En),
        ("", Some("zh-CN"), Lang::ZhCn),
        ("", Some("zh"), Lang::ZhCn),
        ("", Some("zho"), Lang::En),
        ("", Some("zh-Hans-TW"), Lang::ZhCn),
        ("", Some("zh_TW.UTF-8"), Lang::ZhTw),
        ("", Some("zh-Hant-HK"), Lang::ZhTw),
        ("", Some("zh-HK"), Lang::ZhTw),
        ("zh_tw", None, Lang::ZhTw),
        ("zh_cn", Some("en-US"), Lang::ZhCn),
        ("en", Some("zh-CN"), Lang::En),
        ("klingon", Some("zh-CN"), Lang::ZhCn),
    ] {
        assert_eq!(Lang::choose(tag, system), lang, "{tag:?} {system:?}");
    }
}

#[test]
fn faults_are_told_with_units() {
    for (key, value, words) in [
        ("delay", "500", "delay 500 ms"),
        ("delay", "500ms~400ms", "delay 500 ms ± 400 ms"),
        ("delay", "0.5~0.1", "delay 500 µs ± 100 µs"),
        ("rate", "100k", "rate 100 kB/s"),
        ("loss", "5%", "loss 5%"),
        ("cut", "10%", "cut 10%"),
        ("cut", "3", "cut 3 B"),
        ("pause", "1000:2s", "pause 1000 B: 2 s"),
        ("pause", "1000:500", "pause 1000 B: 500 ms"),
        ("stall", "0", "stall 0 B"),
        ("stall", "", "stall"),
        ("close", "5s", "half-close 5 s"),
        ("size", "1400", "largest size 1400 B"),
        ("match", "a b", "only matching a b"),
    ] {
        assert_eq!(Lang::En.fault_word(key, value), words);
    }
    assert_eq!(Lang::En.fault_words("delay=812ms duplicate"), "delay 812 ms, duplicate");
}

#[test]
fn english_is_without_chinese_and_chinese_without_english() {
    let is_chinese = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    for (key, _, text) in Lang::En.all() {
        assert!(!text.chars().any(is_chinese), "{key}: {text}");
    }
    for lang in [Lang::ZhCn, Lang::ZhTw] {
        let english = Lang::En.all();
        for (n, (key, _, text)) in lang.all().into_iter().enumerate() {
            // Some texts are names that are not translated: UDP, HEX …
            let same = english.get(n).is_some_and(|(_, _, english)| {
                let longest = english.split(|c: char| !c.is_ascii_alphabetic()).map(str::len).max();
                *english == text || longest.unwrap_or(0) < 3
            });
            // Some only pass on other texts.
            let passes = !text.split(['{', '}']).step_by(2).any(|part| part.contains(char::is_alphabetic));
            assert!(same || passes || text.chars().any(is_chinese), "{key}: {text}");
        }
    }
}
