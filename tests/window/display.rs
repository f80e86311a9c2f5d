//! A display that goes away.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::driver::{Driver, Launch, PATIENCE};

/// A program that is killed in the end.
struct Killed(Child);

impl Killed {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")))
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            drop(self.0.wait());
        }
    }
}

/// With an input method, Xlib would wait for ever for the display.
#[test]
fn a_display_that_goes_away_ends_the_program() {
    let home = tempfile::tempdir().expect("a folder");
    let mut server = Command::new("Xvfb");
    server.args(["-displayfd", "1", "-screen", "0", "1200x800x24", "-nolisten", "tcp"]);
    let mut server = Killed::start(server.stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut number = String::new();
    let told = server.0.stdout.take().expect("its output");
    BufReader::new(told).read_line(&mut number).expect("the number of the display");
    let display = format!(":{}", number.trim());

    let log = home.path().join("log");
    let mut method = Command::new("fcitx5");
    method
        .arg("--disable=dbus,dbusfrontend,ibusfrontend,fcitx4frontend,wayland,waylandim,kimpanel,notifications")
        .env("DISPLAY", &display)
        .env("HOME", home.path())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env_remove("XAUTHORITY")
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).expect("a file"));
    let _method = Killed::start(&mut method);
    let deadline = Instant::now() + PATIENCE;
    while !fs::read_to_string(&log).unwrap_or_default().contains("Loaded addon xim") {
        assert!(Instant::now() < deadline, "no input method: {:?}", fs::read_to_string(&log));
        std::thread::yield_now();
    }

    let envs = [("DISPLAY", display.as_str()), ("XAUTHORITY", ""), ("XMODIFIERS", "@im=fcitx")];
    let mut window = Driver::launch(&Launch { lang: "C.UTF-8", envs: &envs, ..Launch::default() });
    drop(server);
    assert!(window.ends(), "it goes on without a display");
}
