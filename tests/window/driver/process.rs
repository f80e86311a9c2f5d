//! The program under test: started in an empty home, its output kept, killed when dropped. It
//! knows nothing of windows but the address of the inspection port.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempDir;

use super::Launch;

/// A running program. The home goes away after the process, for fields drop in this order.
pub(super) struct Process {
    child: Child,
    inspection: SocketAddr,
    home: TempDir,
}

impl Process {
    /// Starts the program. Its environment is the caller's without what could make it behave
    /// otherwise on another machine, and with a home and configuration of its own.
    pub(super) fn start(launch: &Launch<'_>) -> Self {
        let given = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        assert!(
            cfg!(any(windows, target_os = "macos")) || given("DISPLAY") || given("WAYLAND_DISPLAY"),
            "no DISPLAY: these tests open a real window; `.ci/test` brings a virtual display"
        );
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| home.path().join(name);
        let output = File::create(path("output")).expect("a file for the program's output");
        let inspection = free_address();

        let mut command = Command::new(env!("CARGO_BIN_EXE_netassist"));
        command
            .args(launch.args)
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("the same file again"))
            .stderr(output)
            .env("EGUI_INSPECTION", inspection.to_string())
            .env("RUST_BACKTRACE", "1")
            .env("LANG", launch.lang)
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env_remove("LANGUAGE")
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", path("config"))
            .env("XDG_DATA_HOME", path("data"))
            .env("XDG_STATE_HOME", path("state"))
            .env("XDG_CACHE_HOME", path("cache"))
            .env("NETASSIST_CONFIG_DIR", path("netassist-config"))
            .env("NETASSIST_DATA_DIR", path("netassist-data"))
            .env("NETASSIST_STATE_DIR", path("netassist-state"))
            // No portal dialog and no screen reader of whoever runs the tests.
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path("no-bus").display()))
            .envs(launch.envs.iter().copied());
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self { child, inspection, home }
    }

    /// Where the window answers, once it is open.
    pub(super) fn inspection(&self) -> SocketAddr {
        self.inspection
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The exit status, if the program has ended.
    pub(super) fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends SIGTERM, and waits for the end. Returns the exit status.
    #[cfg(unix)]
    pub(super) fn terminate(&mut self, patience: std::time::Duration) -> Option<ExitStatus> {
        let done = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
        assert!(done.is_ok_and(|status| status.success()), "kill");
        self.end(patience)
    }

    /// Waits for the end. Returns the exit status, `None` if there is no end.
    #[cfg(unix)]
    pub(super) fn end(&mut self, patience: std::time::Duration) -> Option<ExitStatus> {
        let deadline = std::time::Instant::now() + patience;
        while self.exit_status().is_none() && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        self.exit_status()
    }

    /// What the program has printed so far, under a heading.
    pub(super) fn output(&self) -> String {
        match fs::read(self.home.path().join("output")) {
            Ok(bytes) if bytes.is_empty() => "--- it printed nothing\n".to_owned(),
            Ok(bytes) => format!("--- it printed:\n{}", String::from_utf8_lossy(&bytes)),
            Err(error) => format!("--- its output cannot be read: {error}\n"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended already, and then wait() tells so.
        if self.child.kill().is_ok() || self.exit_status().is_none() {
            drop(self.child.wait());
        }
    }
}

/// The folder for pictures and reports, beside Cargo's other output.
pub(super) fn artefacts() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    scratch.parent().unwrap_or(scratch).join("window-tests")
}

/// Writes a file, and its folder if need be.
pub(super) fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

/// A free address for the inspection port. On Linux the whole of 127/8 is ours: tests that run
/// side by side each take another address, so that none can answer for another.
fn free_address() -> SocketAddr {
    static LAUNCHES: AtomicU8 = AtomicU8::new(0);
    let host = match LAUNCHES.fetch_add(1, Ordering::Relaxed) {
        nth if cfg!(target_os = "linux") => Ipv4Addr::new(127, 0, 57, nth.max(1)),
        _ => Ipv4Addr::LOCALHOST,
    };
    let listener = TcpListener::bind((host, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}
