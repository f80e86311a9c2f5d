//! Tests of `rules::name`.

use std::path::{Component, Path};

use proptest::prelude::*;

use netassist::model::NameFault;
use netassist::rules::*;

#[test]
fn unsafe_names_are_rejected() {
    for name in ["a", "a.txt", "a/b/c", "测试.bin", ".hidden", "a..b", "…", "console", "com10", "nul_"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    let long = "a/".repeat(600) + "a";
    for (name, fault) in [
        ("", NameFault::Empty),
        ("..", NameFault::LeavesFolder),
        ("a/../b", NameFault::LeavesFolder),
        ("./a", NameFault::LeavesFolder),
        ("/etc/passwd", NameFault::LeavesFolder),
        ("a//b", NameFault::LeavesFolder),
        ("a/", NameFault::LeavesFolder),
        ("C:a", NameFault::LeavesFolder),
        (r"..\a", NameFault::LeavesFolder),
        (r"\\server\share", NameFault::LeavesFolder),
        (r"a\b", NameFault::Character),
        ("a:stream", NameFault::LeavesFolder),
        ("ab:stream", NameFault::Character),
        ("a\0", NameFault::Character),
        ("a\n", NameFault::Character),
        ("a?", NameFault::Character),
        ("NUL", NameFault::Device),
        ("a/aux.txt", NameFault::Device),
        ("COM1 .log", NameFault::Device),
        ("lpt¹", NameFault::Device),
        ("a.", NameFault::Device),
        ("a /b", NameFault::Device),
        (&"a".repeat(256), NameFault::TooLong),
        (&long, NameFault::TooLong),
    ] {
        assert_eq!((check_name(name), check_new_name(name)), (Err(fault), Err(fault)), "{name:?}");
        assert!(!fault.to_string().is_empty());
    }
}

#[test]
fn a_new_name_is_not_hidden() {
    for name in [".profile", ".ssh/authorized_keys", "a/.b/c"] {
        assert_eq!((check_name(name), check_new_name(name)), (Ok(()), Err(NameFault::Hidden)), "{name}");
    }
    assert_eq!(check_new_name("a/b..c.txt"), Ok(()));
}

proptest! {
    #[test]
    fn an_accepted_name_has_only_plain_components(name in "([a.]{0,3}[/\\\\:]?){0,4}") {
        if check_name(&name).is_ok() {
            let parts: Vec<_> = Path::new(&name).components().collect();
            prop_assert!(parts.iter().all(|part| matches!(part, Component::Normal(_))));
            prop_assert_eq!(parts.len(), name.split('/').count());
        }
    }
}
