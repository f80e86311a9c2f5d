//! Each option of the table can be set in the window, to the same opening as in a file.

use netassist::model::{OPTIONS, Place, Protocol, Typed};
use netassist::ui::lang::Lang;
use netassist::workspace::Session;

use super::home::Home;

#[test]
fn each_option_is_set_in_the_window_as_in_a_file() {
    for protocol in Protocol::ALL {
        let lang = Lang::En;
        let home = Home::new();
        let mut window = home.window(lang);
        window.choose_protocol(protocol);
        window.click(lang.more_options());
        let (local, remote) = {
            let session = &window.tab().session;
            (session.local.to_string(), session.remote.to_string())
        };
        for spec in OPTIONS.iter().filter(|spec| spec.is_for(protocol)) {
            let (label, tip) = lang.option(spec.name).unwrap_or_default();
            assert!(spec.place == Place::Send && spec.name == "short" || !tip.is_empty(), "{}", spec.name);
            // The others of TLS show while it is on.
            let (tls, _) = lang.option("tls").unwrap();
            let shows_with_tls = spec.place == Place::Tls && spec.name != "tls";
            if shows_with_tls {
                window.click(tls);
            }
            match (spec.place, spec.typed) {
                // These are a tick and a menu of their own.
                (Place::Send | Place::Faults, _) => continue,
                // A choice.
                (Place::Upstream, _) => window.choose(lang.upstream(), label),
                (Place::Options | Place::Multicast | Place::Tls, Typed::Flag { .. }) => window.click(label),
                (Place::Options | Place::Multicast | Place::Tls, _) => window.set_text(label, spec.example()),
            }
            let value = match spec.typed {
                Typed::Flag { .. } => spec.example().to_owned(),
                Typed::Choice(_) | Typed::Text { .. } => format!("'{}'", spec.example()),
            };
            let text = format!(
                "protocol = '{}'\nlocal = '{local}'\nremote = '{remote}'\nbind = false\n[options]\n{}{} = {value}",
                protocol.name(),
                if shows_with_tls { "tls = true\n" } else { "" },
                spec.name
            );
            let read: Session = toml::from_str(&text).unwrap();
            let (typed, opened) = (window.tab().session.link().unwrap(), read.link().unwrap());
            assert_eq!(typed, opened, "{}", spec.name);
            // Back, for the next one.
            match spec.typed {
                Typed::Flag { .. } if spec.place == Place::Upstream => {
                    window.choose(lang.upstream(), lang.one_server());
                }
                Typed::Flag { .. } => window.click(label),
                Typed::Choice(_) | Typed::Text { .. } => window.set_text(label, spec.usual()),
            }
            if shows_with_tls {
                window.click(tls);
            }
        }
    }
}
