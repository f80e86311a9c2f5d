//! Each option of the table can be set in the window, to the same opening as in a file.

use netassist::model::{Fault, OPTIONS, OptionSpec, Place, Protocol, Typed};
use netassist::ui::lang::Lang;
use netassist::ui::options::choices;
use netassist::workspace::Session;

use super::home::Home;
use super::window::Window;

/// Types a value, or takes it from the list of an option that has one.
fn set(window: &mut Window, spec: &OptionSpec, value: &str) {
    let (lang, label) = (window.lang, window.lang.option(spec.name).unwrap().0);
    match choices(lang, spec.name).into_iter().find(|(one, _)| *one == value) {
        Some((_, words)) => window.choose(label, words),
        None => window.set_text(label, value),
    }
}

#[test]
fn every_choice_has_words_in_every_language() {
    for spec in OPTIONS.iter().filter(|spec| matches!(spec.typed, Typed::Text { .. })) {
        let known = match spec.check("?") {
            Err(Fault::OneOf(_, words)) => words,
            _ => Vec::new(),
        };
        for &lang in Lang::ALL {
            let all = choices(lang, spec.name);
            assert_eq!(all.iter().map(|(value, _)| *value).collect::<Vec<_>>(), known, "{}", spec.name);
            let words: std::collections::HashSet<_> = all.iter().map(|(_, words)| words).collect();
            assert_eq!(words.len(), all.len(), "{}: {all:?}", spec.name);
            let is_read = |words: &str| !lang.is_chinese() || !words.chars().all(|c| c.is_ascii_alphabetic());
            assert!(all.iter().all(|(_, words)| is_read(words)), "{}: {all:?}", spec.name);
        }
    }
}

#[test]
fn each_option_is_set_in_the_window_as_in_a_file() {
    for protocol in Protocol::ALL {
        let lang = Lang::En;
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(protocol);
        if protocol.relays() {
            window.set_text(lang.upstream_host(), "127.0.0.1");
            window.set_text(lang.upstream_port(), "7");
        }
        window.click(lang.more_options());
        let (local, remote) = {
            let session = &window.tab().session;
            (session.local.to_string(), session.remote.to_string())
        };
        for spec in OPTIONS.iter().filter(|spec| spec.is_for(protocol)) {
            let (label, tip) = lang.option(spec.name).unwrap_or_default();
            assert!(spec.place() == Place::Send && spec.name == "short" || !tip.is_empty(), "{}", spec.name);
            // The others of TLS and WebSocket show while it is on.
            let layer = match spec.place() {
                Place::Tls => Some("tls"),
                Place::WebSocket => Some("ws"),
                _ => None,
            };
            let layer = layer.filter(|name| *name != spec.name);
            let tick = layer.map(|name| lang.option(name).unwrap().0);
            if let Some(tick) = tick {
                window.click(tick);
            }
            match (spec.place(), spec.typed) {
                // These are a tick and a menu of their own.
                (Place::Send | Place::Faults, _) => continue,
                // A choice.
                (Place::Upstream, _) => window.choose(lang.upstream(), label),
                (_, Typed::Flag { .. }) => window.click(label),
                _ => set(&mut window, spec, spec.example()),
            }
            let value = match spec.typed {
                Typed::Flag { .. } => spec.example().to_owned(),
                Typed::Choice(_) | Typed::Text { .. } => format!("'{}'", spec.example()),
            };
            let text = format!(
                "protocol = '{}'\nlocal = '{local}'\nremote = '{remote}'\nbind = false\n[options]\n{}{} = {value}",
                protocol.name(),
                layer.map(|name| format!("{name} = true\n")).unwrap_or_default(),
                spec.name
            );
            let read: Session = toml::from_str(&text).unwrap();
            let (typed, opened) = (window.tab().session.link().unwrap(), read.link().unwrap());
            assert_eq!(typed, opened, "{}", spec.name);
            // Back, for the next one.
            match spec.typed {
                Typed::Flag { .. } if spec.place() == Place::Upstream => {
                    window.choose(lang.upstream(), lang.one_server());
                }
                Typed::Flag { .. } => window.click(label),
                Typed::Choice(_) | Typed::Text { .. } => set(&mut window, spec, spec.usual()),
            }
            if let Some(tick) = tick {
                window.click(tick);
            }
        }
    }
}
