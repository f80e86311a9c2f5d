//! Where the folders of rules are. A relative one counts from the folder of the workspace file that it stands in,
//! so that the file goes with what it needs; one that is typed elsewhere counts from the working folder.

use std::io;
use std::path::{Path, PathBuf, absolute};

use super::file::Workspace;

impl Workspace {
    /// Makes the relative folders absolute, as they count in the file at `path`.
    ///
    /// # Errors
    /// Those of the system, and that the way to the file is no UTF-8, as a text must be.
    pub(super) fn after_reading(&mut self, path: &Path) -> io::Result<()> {
        self.each_folder(|folder| {
            let around = folder_of(path)?;
            text(&absolute(around.join(folder))?)
        })
    }

    /// The same with each folder as it is to stand in the file at `path`: relative if it is below the folder of
    /// the file, absolute if it is not.
    ///
    /// # Errors
    /// Those of the system, and that the way to a folder is no UTF-8, as a text must be.
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
            let folder = rule.folder.trim();
            if !folder.is_empty() {
                rule.folder = change(folder)?;
            }
        }
        Ok(())
    }
}

/// The folder that a file is in, from the root on.
fn folder_of(file: &Path) -> io::Result<PathBuf> {
    let file = absolute(file)?;
    Ok(file.parent().unwrap_or(&file).to_owned())
}

/// A relative folder as it is read on every system.
fn relative(folder: &Path) -> io::Result<String> {
    let parts: Vec<String> = folder.components().map(|part| text(part.as_ref())).collect::<Result<_, _>>()?;
    Ok(if parts.is_empty() { ".".to_owned() } else { parts.join("/") })
}

fn text(path: &Path) -> io::Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let why =
            format!("a folder in a workspace must be text in UTF-8, which this is not: {}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, why)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{IfExists, RuleForm, Session, WorkspaceFile};
    use super::*;

    /// A workspace with a rule of this folder in a session, and one of no session.
    fn workspace(folder: &str) -> Workspace {
        let rule = RuleForm { folder: folder.to_owned(), ..RuleForm::default() };
        let session = Session { rules: vec![rule.clone()], ..Session::default() };
        Workspace { sessions: vec![session], rules: vec![rule], ..Workspace::default() }
    }

    /// The folder, if both rules have the same.
    fn folder(workspace: &Workspace) -> &str {
        let folder = &workspace.rules[0].folder;
        assert_eq!(&workspace.sessions[0].rules[0].folder, folder);
        folder
    }

    #[test]
    fn a_relative_folder_counts_from_the_file_that_it_stands_in() {
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
            assert_eq!(Path::new(folder(&found)), Path::new(&read), "{typed:?}");
        }
    }

    #[test]
    fn a_folder_is_the_same_after_it_was_written_and_read() {
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
            let stands = WorkspaceFile::parse(text).unwrap().workspace;
            assert_eq!(folder(&stands), written.to_str().unwrap());
            let found = WorkspaceFile::read(&file).unwrap().workspace;
            assert_eq!(Path::new(folder(&found)), read);
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_told_and_not_guessed() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let around = tempfile::tempdir().unwrap();
        let odd = around.path().join(OsStr::from_bytes(b"\xFF"));
        std::fs::create_dir(&odd).unwrap();
        let file = odd.join("lab.toml");
        std::fs::write(&file, workspace("a").print().unwrap()).unwrap();
        let why = WorkspaceFile::read(&file).unwrap_err().to_string();
        assert!(why.contains("lab.toml: a folder in a workspace must be text in UTF-8"), "{why}");
        std::fs::write(&file, workspace("").print().unwrap()).unwrap();
        assert!(WorkspaceFile::read(&file).is_ok(), "nothing need be said of it");
    }
}
