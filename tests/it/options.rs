//! The table of session options.

use std::net::Ipv4Addr;

use netassist::model::{Expected, Fault, OPTIONS, OptionSpec, Options, Typed, groups, zone};

#[test]
fn what_is_usual_is_the_default() {
    for spec in OPTIONS {
        let mut options = Options::default();
        assert_eq!(spec.set(&mut options, spec.usual()), Ok(()), "{}", spec.name);
        assert_eq!(options, Options::default(), "{}", spec.name);
    }
}

#[test]
fn names_are_keys_and_flags() {
    for (n, spec) in OPTIONS.iter().enumerate() {
        assert!(spec.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", spec.name);
        assert!(OPTIONS[..n].iter().all(|other| other.name != spec.name), "{} twice", spec.name);
        assert!(!spec.protocols.is_empty() && !spec.help.ends_with('.'), "{}", spec.name);
        assert!(std::ptr::eq(OptionSpec::find(spec.name).unwrap(), spec));
    }
}

#[test]
fn rubbish_is_refused_by_all() {
    // Any text is a path, or the name of a protocol.
    let takes_any =
        |spec: &&OptionSpec| matches!(spec.typed, Typed::Text { value: "FILE" | "PROTOCOLS", .. });
    for spec in OPTIONS.iter().filter(|spec| !takes_any(spec)) {
        for text in ["???", "-1", "99999999999999999999", "1 2 x"] {
            assert!(spec.check(text).is_err(), "{} = {text}", spec.name);
        }
    }
}

#[test]
fn groups_have_interfaces() {
    let group = |text: &str, usual| groups(text, usual).map(|groups| groups[0]);
    let v4 = group("239.1.2.3", (Some(Ipv4Addr::LOCALHOST), 0)).unwrap();
    assert_eq!(v4.interface, Some(Ipv4Addr::LOCALHOST));
    assert_eq!(group("ff02::1@7", (None, 2)).unwrap().scope, 7);
    assert_eq!(groups("239.1.2.3, 239.1.2.4 ff02::1", (None, 0)).unwrap().len(), 3);
    assert_eq!(groups(" ", (None, 0)), Ok(vec![]));
    assert_eq!(groups("192.0.2.1", (None, 0)), Err(Fault::Expected(Expected::Group)));
    assert!(matches!(groups("239.1.2.3@no-such", (None, 0)), Err(Fault::Zone(_))));
    let name = zone::names().pop().unwrap();
    for text in [format!("ff02::1%{name}"), format!("ff02::1@{name}")] {
        assert!(group(&text, (None, 0)).unwrap().scope > 0, "{text}");
    }
}
