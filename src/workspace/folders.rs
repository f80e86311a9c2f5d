//! The folders of rules. In a workspace file, a relative folder is relative to the folder of the file, so that the file
//! can be moved together with it; elsewhere it is relative to the working folder.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf, absolute};

use super::file::{Workspace, invalid};
use super::nonblank;
use crate::model::{Fault, Reason};

impl Workspace {
    /// Makes folders absolute that are relative to the folder of the file at `path`.
    ///
    /// # Errors
    /// When the path of a folder is unknown or not UTF-8.
    pub(super) fn after_reading(&mut self, path: &Path) -> io::Result<()> {
        self.each_folder(|folder| text(&absolute(folder_of(path)?.join(folder))?))
    }

    /// A copy to write to the file at `path`: folders below the folder of the file are relative, others absolute.
    ///
    /// # Errors
    /// As [`after_reading`](Self::after_reading).
    pub(super) fn before_writing(&self, path: &Path) -> io::Result<Self> {
        let mut written = self.clone();
        written.each_folder(|folder| {
            let folder = absolute(folder)?;
            match folder.strip_prefix(folder_of(path)?) {
                Ok(below) => relative(below),
                Err(_elsewhere) => text(&folder),
            }
        })?;
        Ok(written)
    }

    fn each_folder(&mut self, change: impl Fn(&str) -> io::Result<String>) -> io::Result<()> {
        let of_sessions = self.sessions.iter_mut().flat_map(|session| &mut session.rules);
        for rule in self.rules.iter_mut().chain(of_sessions) {
            if let Some(folder) = nonblank(&rule.folder) {
                rule.folder = change(folder)?;
            }
        }
        for session in &mut self.sessions {
            let written: Vec<_> = session.written().map(|(name, _folder)| name).collect();
            for name in ["tls-ca", "tls-cert", "tls-key"].into_iter().chain(written) {
                if let Some(path) = nonblank(session.options.text(name)) {
                    let path = change(path)?;
                    session.options.set(name, path);
                }
            }
        }
        Ok(())
    }
}

/// The canonical name of a folder, under which it is approved. Of one that does not exist yet, the part that exists
/// decides. `None` if that cannot be read. Accesses the disk.
pub fn canonical(folder: &Path) -> Option<PathBuf> {
    match folder.canonicalize() {
        Ok(folder) => Some(folder),
        // A link to nowhere has no name of its own.
        Err(error) if error.kind() == ErrorKind::NotFound && folder.symlink_metadata().is_err() => {
            let folder = absolute(folder).ok()?;
            Some(canonical(folder.parent()?)?.join(folder.file_name()?))
        }
        Err(_unreadable) => None,
    }
}

/// The absolute path of the folder that contains a file.
fn folder_of(file: &Path) -> io::Result<PathBuf> {
    let file = absolute(file)?;
    Ok(file.parent().unwrap_or(&file).to_owned())
}

/// A relative path with `/`, which every system accepts.
fn relative(folder: &Path) -> io::Result<String> {
    let parts: Vec<String> = folder.components().map(|part| text(part.as_ref())).collect::<Result<_, _>>()?;
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

fn text(path: &Path) -> io::Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| invalid(Reason::of(path.display(), Fault::NotUtf8)))
}

#[cfg(test)]
mod tests {
    use super::super::{IfExists, RuleForm, Session, WorkspaceFile};
    use super::*;

    /// A workspace with rules of this folder, one in a session and one outside.
    fn workspace(folder: &str) -> Workspace {
        let rule = RuleForm { folder: folder.to_owned(), ..RuleForm::default() };
        let session = Session { rules: vec![rule.clone()], ..Session::default() };
        Workspace { sessions: vec![session], rules: vec![rule], ..Workspace::default() }
    }

    /// The folder of both rules.
    fn folder(workspace: &Workspace) -> &str {
        let folder = &workspace.rules[0].folder;
        assert_eq!(&workspace.sessions[0].rules[0].folder, folder);
        folder
    }

    #[test]
    fn folders_are_relative_to_the_file() {
        let around = tempfile::tempdir().unwrap();
        let at = |name: &str| around.path().join(name).to_str().unwrap().to_owned();
        let file = around.path().join("lab.toml");
        for (typed, read) in [
            ("shared", at("shared")),
            (" ./a/b ", at("a/b")),
            (".", at("")),
            ("../x", at("../x")),
            (&at("y"), at("y")),
            ("", String::new()),
        ] {
            std::fs::write(&file, workspace(typed).print().unwrap()).unwrap();
            let found = WorkspaceFile::read(&file).unwrap().workspace;
            // On Windows, making it absolute also takes `..` away.
            let read = if read.is_empty() { read.into() } else { absolute(read).unwrap() };
            assert_eq!(Path::new(folder(&found)), read, "{typed:?}");
        }
    }

    #[test]
    fn folders_survive_writing_and_reading() {
        let around = tempfile::tempdir().unwrap();
        let file = around.path().join("lab.toml");
        let here = std::env::current_dir().unwrap();
        let at = |name: &str| around.path().join(name).to_str().unwrap().to_owned();
        for (typed, written, read) in [
            ("typed", here.join("typed"), here.join("typed")),
            (&at("a/b"), "a/b".into(), around.path().join("a/b")),
            (&at(""), ".".into(), around.path().to_owned()),
        ] {
            workspace(typed).save(&file, IfExists::Replace).unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            let parsed = WorkspaceFile::parse(text).unwrap().workspace;
            assert_eq!(folder(&parsed), written.to_str().unwrap());
            let found = WorkspaceFile::read(&file).unwrap().workspace;
            assert_eq!(Path::new(folder(&found)), read);
        }
    }

    #[cfg(unix)]
    #[test]
    fn folders_that_are_not_utf8_are_errors() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let around = tempfile::tempdir().unwrap();
        let odd = around.path().join(OsStr::from_bytes(b"\xFF"));
        std::fs::create_dir(&odd).unwrap();
        let file = odd.join("lab.toml");
        std::fs::write(&file, workspace("a").print().unwrap()).unwrap();
        let why = WorkspaceFile::read(&file).unwrap_err().to_string();
        assert!(why.contains("lab.toml: ") && why.ends_with(": not valid UTF-8"), "{why}");
        std::fs::write(&file, workspace("").print().unwrap()).unwrap();
        assert!(WorkspaceFile::read(&file).is_ok(), "the path is not needed");
    }
}
