//! The workspaces that the user has approved: one file of all windows. An approval is for one content at one place; a
//! new one for the same place replaces it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::settings;

/// What was approved of a workspace file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Approval {
    /// The [`hash`] of its content.
    pub sha256: String,
    /// The canonical names of the folders that its rules may use.
    pub folders: Vec<String>,
}

/// The file of approvals, beside the settings file.
pub fn path(settings: &Path) -> PathBuf {
    settings.with_file_name("approved.toml")
}

/// The SHA-256 of a text, in hex.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// The approved folders of the workspace file at `place`, a canonical path, if this content was approved.
pub fn find(path: &Path, place: &str, sha256: &str) -> Option<Vec<String>> {
    // A broken file is set aside, which is logged; the user is asked again.
    let (mut all, _trouble) = settings::load::<BTreeMap<String, Approval>>(path);
    all.remove(place).filter(|approval| approval.sha256 == sha256).map(|approval| approval.folders)
}

/// Remembers an approval for the workspace file at `place`, a canonical path.
///
/// # Errors
/// Those of the system.
pub fn approve(path: &Path, place: String, approval: Approval) -> io::Result<()> {
    // A broken file is set aside, which is logged.
    settings::save(path, &BTreeMap::new(), &BTreeMap::from([(place, approval)]), &[]).map(drop)
}
