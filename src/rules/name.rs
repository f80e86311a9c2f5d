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
