//! Windows that open, write, close and are killed in every order: nothing that one has written is lost.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

fn tab(name: &str, text: &str) -> StoredTab {
    StoredTab { name: name.to_owned(), text: text.to_owned(), long: None }
}

fn snapshot(window: &str, tabs: &[StoredTab]) -> Snapshot {
    Snapshot { tabs: tabs.to_vec(), window: window.to_owned() }
}

fn names(kept: &Snapshot) -> Vec<&str> {
    kept.tabs.iter().map(|tab| tab.name.as_str()).collect()
}

fn age(base: &Path, seconds: u64) {
    for entry in fs::read_dir(base).unwrap() {
        let path = entry.unwrap().path();
        let modified = fs::metadata(&path).unwrap().modified().unwrap() - Duration::from_secs(seconds);
        let mut options = File::options();
        #[cfg(unix)]
        options.read(true);
        // The right to set the times (FILE_WRITE_ATTRIBUTES), of folders, too (FILE_FLAG_BACKUP_SEMANTICS).
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt as _;
            options.access_mode(0x100).custom_flags(0x0200_0000);
        }
        options.open(path).unwrap().set_modified(modified).unwrap();
    }
}

fn count(base: &Path) -> (usize, usize) {
    let files = files(base).unwrap();
    let locks = files.iter().filter(|file| file.strip_suffix(".lock").is_some()).count();
    (files.len() - locks, locks)
}

#[test]
fn what_is_written_comes_back_in_its_order() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path().join("windows");
    let mut first = WindowFolder::claim(&base);
    assert_eq!((first.kept, first.is_alone), (Snapshot::default(), true));
    let long = StoredTab { long: Some("much".into()), ..tab("b", "x = 1") };
    let kept = snapshot("active = \"a\"\n", &[tab("c", "unknown = 'to us'"), tab("a", "半句"), long]);
    first.folder.write(&kept).unwrap();
    drop(first.folder);
    let mut again = WindowFolder::claim(&base);
    assert_eq!((&again.kept, again.troubles), (&kept, Vec::new()));
    // A tab is closed, and another one's text is short again.
    let kept = snapshot("", &[tab("b", "x = 2"), tab("a", "半句")]);
    again.folder.write(&kept).unwrap();
    let folder = again.folder.own().unwrap();
    let mut left = files(&folder).unwrap();
    left.sort();
    assert_eq!(left, ["a.toml", "b.toml", "window.toml"]);
    drop(again.folder);
    assert_eq!(WindowFolder::claim(&base).kept, kept);
    assert_eq!(count(&base), (1, 1));
}

#[test]
fn only_what_has_changed_is_written() {
    let base = tempfile::tempdir().unwrap();
    let mut window = WindowFolder::claim(base.path()).folder;
    window.write(&snapshot("", &[tab("a", "1"), tab("b", "1")])).unwrap();
    let folder = window.own().unwrap();
    // Writing one of these fails now.
    for name in ["a.toml", "window.toml"] {
        fs::remove_file(folder.join(name)).unwrap();
        fs::create_dir(folder.join(name)).unwrap();
    }
    window.write(&snapshot("", &[tab("a", "1"), tab("b", "2")])).unwrap();
    assert_eq!(fs::read_to_string(folder.join("b.toml")).unwrap(), "2");
    assert!(window.write(&snapshot("", &[tab("a", "2"), tab("b", "3")])).is_err());
    assert_eq!(fs::read_to_string(folder.join("b.toml")).unwrap(), "3", "one failure stops no other file");
    fs::remove_dir(folder.join("a.toml")).unwrap();
    window.write(&snapshot("", &[tab("a", "2"), tab("b", "3")])).unwrap();
    assert_eq!(fs::read_to_string(folder.join("a.toml")).unwrap(), "2", "what failed is tried again");
}

#[test]
fn two_windows_lose_nothing_in_any_order() {
    // Of two windows each opens, writes and closes: all twenty ways in which their steps can alternate.
    for order in (0..64_u32).filter(|bits| bits.count_ones() == 3) {
        let base = tempfile::tempdir().unwrap();
        let mut windows = [const { None::<Claimed> }; 2];
        let mut steps = [0; 2];
        for n in 0..6 {
            let which = usize::from(order >> n & 1 == 1);
            let window = &mut windows[which];
            match (steps[which], window.as_mut()) {
                (0, _) => *window = Some(WindowFolder::claim(base.path())),
                (1, Some(window)) => {
                    let mut tabs = window.kept.tabs.clone();
                    tabs.push(tab(["a", "b"][which], "mine"));
                    window.folder.write(&snapshot("", &tabs)).unwrap();
                }
                _ => *window = None,
            }
            steps[which] += 1;
        }
        let all = WindowFolder::claim(base.path());
        let mut found = names(&all.kept);
        found.sort_unstable();
        assert_eq!(found, ["a", "b"], "{order:06b}");
        assert_eq!(all.troubles, []);
    }
}

#[test]
fn a_window_takes_all_folders_that_no_other_holds() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    let mut windows: Vec<_> = (0..4).map(|_| WindowFolder::claim(base)).collect();
    for (n, window) in windows.iter_mut().enumerate() {
        assert_eq!((names(&window.kept).len(), window.is_alone), (0, true), "nothing is written yet");
        let tabs = [tab(&format!("{n}b"), "1"), tab(&format!("{n}a"), "2")];
        window.folder.write(&snapshot(&format!("n = {n}\n"), &tabs)).unwrap();
    }
    assert_eq!(count(base), (4, 4));
    let held = windows.remove(3);
    for window in [windows.remove(1), windows.remove(1), windows.remove(0)] {
        age(base, 60);
        drop(window);
    }
    let mut next = WindowFolder::claim(base);
    assert_eq!(names(&next.kept), ["0b", "0a", "2b", "2a", "1b", "1a"], "the one closed last is first");
    assert_eq!((next.kept.window.as_str(), next.is_alone), ("n = 0\n", false));
    let other = WindowFolder::claim(base);
    assert_eq!((other.kept, other.is_alone), (Snapshot::default(), false));
    assert_eq!(count(base), (4, 4), "nothing goes before its tabs stand elsewhere");
    next.folder.write(&next.kept).unwrap();
    assert_eq!(count(base), (2, 2));
    drop(next);
    age(base, 60);
    drop(held);
    assert_eq!(names(&WindowFolder::claim(base).kept), ["3b", "3a", "0b", "0a", "2b", "2a", "1b", "1a"]);
}

#[test]
fn a_merge_that_was_interrupted_makes_no_tab_twice() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    let [mut one, mut two] = [(); 2].map(|()| WindowFolder::claim(base).folder);
    two.write(&snapshot("", &[tab("b", "1"), tab("c", "1")])).unwrap();
    age(base, 60);
    one.write(&snapshot("", &[tab("a", "1")])).unwrap();
    let own = one.own().unwrap();
    drop((one, two));
    // The writer died after it had written one of them.
    fs::write(own.join("b.toml"), "1").unwrap();
    let mut next = WindowFolder::claim(base);
    let mut found = names(&next.kept);
    found.sort_unstable();
    assert_eq!(found, ["a", "b", "c"]);
    next.folder.write(&next.kept).unwrap();
    assert_eq!(count(base), (1, 1));
}

#[test]
fn what_is_broken_or_torn_stops_nothing_and_is_kept() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    let mut one = WindowFolder::claim(base).folder;
    let mut two = WindowFolder::claim(base).folder;
    one.write(&snapshot("", &[tab("a", "1"), tab("b", "2")])).unwrap();
    two.write(&snapshot("", &[tab("c", "[[["), tab("d", "4"), tab("e", "5")])).unwrap();
    let [first, second] = [&mut one, &mut two].map(|window| window.own().unwrap());
    fs::write(first.join("window.toml"), "tabs = 7").unwrap();
    fs::write(first.join(".tmpX1y2Z3"), "torn").unwrap();
    fs::write(first.join("b.toml"), b"\xFF").unwrap();
    fs::write(second.join("e.toml"), b"\xFF").unwrap();
    fs::write(second.join("mine.txt"), "no file of ours").unwrap();
    fs::write(base.join("stray.lock"), "").unwrap();
    drop(two);
    age(base, 60);
    drop(one);
    let mut next = WindowFolder::claim(base);
    assert_eq!(names(&next.kept), ["a", "c", "d"]);
    let aside = |trouble: &Trouble| match trouble {
        Trouble::SetAside(aside, why) if !why.is_empty() => aside.clone(),
        other => panic!("{other:?}"),
    };
    let asides: Vec<_> = next.troubles.iter().map(aside).collect();
    assert_eq!(
        asides,
        [first.join("window.broken-1.toml"), first.join("b.broken-1.toml"), second.join("e.broken-1.toml")]
    );
    let aside = first.join("c.broken-1.toml");
    assert_eq!(next.folder.set_aside("c", &"no TOML"), Trouble::SetAside(aside.clone(), "no TOML".into()));
    next.folder.write(&snapshot("", &[tab("a", "1"), tab("d", "4")])).unwrap();
    let mut left = files(&first).unwrap();
    left.sort();
    let all = [
        "a.toml",
        "b.broken-1.toml",
        "c.broken-1.toml",
        "d.toml",
        "e.broken-1.toml",
        "mine.txt",
        "window.broken-1.toml",
        "window.toml",
    ];
    assert_eq!(left, all);
    assert_eq!(fs::read_to_string(aside).unwrap(), "[[[");
    assert_eq!(count(base), (1, 1));
}

#[test]
fn a_folder_that_cannot_be_written_is_used_as_soon_as_it_can() {
    let home = tempfile::tempdir().unwrap();
    let base = home.path().join("state/windows");
    fs::write(home.path().join("state"), "a file where a folder should be").unwrap();
    let mut window = WindowFolder::claim(&base);
    assert_eq!((window.kept, window.troubles), (Snapshot::default(), Vec::new()));
    let kept = snapshot("", &[tab("a", "1")]);
    assert!(window.folder.write(&kept).is_err());
    fs::remove_file(home.path().join("state")).unwrap();
    window.folder.write(&kept).unwrap();
    // Somebody clears all away while the window is open.
    fs::remove_dir_all(home.path().join("state")).unwrap();
    window.folder.write(&kept).unwrap();
    drop(window.folder);
    assert_eq!(WindowFolder::claim(&base).kept, kept);
}

#[test]
fn a_window_whose_lock_was_removed_leaves_the_folder_to_the_next_one() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    let mut one = WindowFolder::claim(base).folder;
    one.write(&snapshot("", &[tab("a", "1")])).unwrap();
    let folder = one.own().unwrap();
    fs::remove_file(lock_path(&folder)).unwrap();
    let mut two = WindowFolder::claim(base);
    assert_eq!(names(&two.kept), ["a"]);
    one.write(&snapshot("", &[tab("a", "of one")])).unwrap();
    two.folder.write(&snapshot("", &[tab("a", "of two")])).unwrap();
    assert_ne!(one.own().unwrap(), folder);
    assert_eq!(fs::read_to_string(folder.join("a.toml")).unwrap(), "of two");
    assert_eq!(count(base), (2, 2));
}

/// This test is its own child: started again with this variable, it opens a window and waits to be killed.
const CHILD: &str = "NETASSIST_TEST_WINDOW";

#[test]
fn a_window_that_is_killed_leaves_its_tabs_to_the_next_one() {
    if let Some(base) = std::env::var_os(CHILD) {
        let mut window = WindowFolder::claim(Path::new(&base)).folder;
        window.write(&snapshot("", &[tab("a", "1")])).unwrap();
        println!("\nopen");
        let mut nothing = [0];
        assert_eq!(std::io::stdin().read(&mut nothing).unwrap(), 0, "the parent is gone");
        return;
    }
    let base = tempfile::tempdir().unwrap();
    let name = std::thread::current().name().unwrap().to_owned();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(CHILD, base.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "open"));
    let meanwhile = WindowFolder::claim(base.path());
    assert_eq!((names(&meanwhile.kept).len(), meanwhile.is_alone), (0, false));
    child.kill().unwrap();
    child.wait().unwrap();
    let next = WindowFolder::claim(base.path());
    assert_eq!((names(&next.kept), next.is_alone), (vec!["a"], true));
}
