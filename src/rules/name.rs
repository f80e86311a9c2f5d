//! Checks that a file name stays in its folder, by its text alone. A link may still lead out of the folder.

use crate::model::NameFault;

/// The longest name, in bytes.
pub const MAX_NAME: usize = 1024;
/// The longest component, in bytes, on most file systems.
const MAX_PART: usize = 255;
/// Device names on Windows, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Checks that a name stays below its folder on every system.
///
/// # Errors
/// Why the name is not allowed.
///
/// # Example
/// ```
/// use netassist::model::NameFault;
/// use netassist::rules::check_name;
/// assert_eq!(check_name("logs/2026.txt"), Ok(()));
/// assert_eq!(check_name("../secret"), Err(NameFault::LeavesFolder));
/// ```
pub fn check_name(name: &str) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if name.len() > MAX_NAME || name.split('/').any(|part| part.len() > MAX_PART) {
        return Err(NameFault::TooLong);
    }
    let has_drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let leaves = |part: &str| matches!(part, "" | "." | "..");
    if has_drive || name.split(['/', '\\']).any(leaves) {
        return Err(NameFault::LeavesFolder);
    }
    if name.contains(|c: char| c.is_control() || r#"\:*?"<>|"#.contains(c)) {
        return Err(NameFault::Character);
    }
    if name.split('/').any(is_device) {
        return Err(NameFault::Device);
    }
    Ok(())
}

/// Checks the name of a file to create: it must not be hidden either, nor in a hidden folder, since programs take
/// orders from such files.
///
/// # Errors
/// Why the name is not allowed.
pub fn check_new_name(name: &str) -> Result<(), NameFault> {
    check_name(name)?;
    if name.split('/').any(|part| part.starts_with('.')) { Err(NameFault::Hidden) } else { Ok(()) }
}

/// Whether Windows treats this component as a device or changes it.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_port = |port: &str| {
        let number = stem.strip_prefix(port);
        number.is_some_and(|number| {
            matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    part.ends_with(['.', ' ']) || DEVICES.contains(&stem.as_str()) || is_port("com") || is_port("lpt")
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unsafe_names_are_rejected() {
        for name in ["a", "a.txt", "a/b/c", "测试.bin", ".hidden", "a..b", "…", "console", "com10", "nul_"]
        {
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
}
