//! How long a frame of the window takes, without a display: two panes of long logs, and a session with very many peers.
//!
//! ```text
//! cargo run --release --example window_rate
//! ```
//!
//! Draws the whole window at 1920×1080 in each of these states, again and again while something moves in it (the log
//! scrolls, datagrams arrive), and prints quantiles of the times for layout and for tessellation. What a graphics card
//! does is not measured.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "prints a table")]

mod support {
    pub(crate) mod exit;
    pub(crate) mod no_dialogs;
    #[allow(dead_code, reason = "shared, not all used here")]
    pub(crate) mod numbers;
    pub(crate) mod window;
}

use std::error::Error;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use egui::{Event, MouseWheelUnit, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use netassist::app::{App, Setup};
use netassist::journal::Writer;
use netassist::model::{Cast, Direction, Origin, Protocol, Recorder as _, Stamp, Transport};
use netassist::state::{Action, Phase, Side, Tab};
use netassist::workspace::{Address, Session};

use support::exit::exit_code;
use support::numbers::{grouped, quantile};
use support::window::setup;

type Done<T> = Result<T, Box<dyn Error>>;

/// The longest wait for something to happen.
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Parser)]
struct Settings {
    /// Records of each of the two logs.
    #[arg(long, default_value_t = 100_000)]
    records: u32,
    /// Peers of the session.
    #[arg(long, default_value_t = 10_000)]
    peers: u32,
    /// Frames that are measured.
    #[arg(long, default_value_t = 500)]
    frames: usize,
    /// Folder for captures and other files.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

fn main() -> ExitCode {
    exit_code(measure(&Settings::parse()))
}

fn measure(settings: &Settings) -> Done<bool> {
    let folder = tempfile::Builder::new().prefix("netassist-window-").tempdir_in(&settings.folder)?;
    println!("{:<28} {:>10} {:>10} {:>10} {:>14}", "ms", "p50", "p99", "max", "tessellate p50");
    two_panes(settings, folder.path())?;
    many_peers(settings, folder.path())?;
    Ok(true)
}

fn window(setup: Setup) -> Harness<'static, App> {
    Harness::builder()
        .with_size([1920.0, 1080.0])
        .build_eframe(move |context| App::new(&context.egui_ctx, setup))
}

fn wait(window: &mut Harness<'static, App>, what: &str, holds: impl Fn(&Tab) -> bool) -> Done<()> {
    let begun = Instant::now();
    while !holds(window.state().state().tab()) {
        if begun.elapsed() > PATIENCE {
            return Err(format!("not within {PATIENCE:?}: {what}").into());
        }
        std::thread::park_timeout(Duration::from_millis(2));
        window.step();
    }
    Ok(())
}

fn act(window: &mut Harness<'static, App>, action: Action) {
    let ctx = window.ctx.clone();
    window.state_mut().act(action, &ctx);
    window.step();
}

fn two_panes(settings: &Settings, folder: &Path) -> Done<()> {
    let mut files = Vec::new();
    for name in ["one.pcapng", "two.pcapng"] {
        let path = folder.join(name);
        let mut writer = Writer::create(&path)?;
        let at = |n: u32| Stamp(1_700_000_000_000_000_000 + u64::from(n) * 1_000_000);
        writer.begin("talk", "tcp-server 127.0.0.1:1000", at(0));
        let [local, peer] = [1000, 2000].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let flow = writer.flow(Transport::Tcp, local, peer, Origin::Accepted, at(0)).id;
        writer.connected(flow, at(0));
        for n in 0..settings.records {
            let text = format!("{{\"n\":{n},\"站\":\"配电房\",\"volts\":[229.8,230.4,231.1]}}\r\n");
            let direction = if n % 2 == 0 { Direction::Received } else { Direction::Sent };
            writer.data(flow, direction, Cast::Unicast, true, text.as_bytes(), at(n));
        }
        writer.finish(Some(0), at(settings.records));
        writer.commit()?;
        files.push(path);
    }
    let mut window = window(Setup { files, ..setup([], folder)? });
    let n = u64::from(settings.records);
    wait(&mut window, "the capture", |tab| {
        tab.phase == Phase::Viewing { loading: None } && tab.log.len() >= n
    })?;
    act(&mut window, Action::Split);
    window.run_steps(20);
    frames(&mut window, &format!("two panes, {} records", grouped(n)), settings.frames, |window, n| {
        window.event(Event::PointerMoved(pos2(if n % 2 == 0 { 700.0 } else { 1500.0 }, 400.0)));
        window.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, if n < 50 { 40.0 } else { -7.0 }),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        });
        Ok(())
    })
}

fn many_peers(settings: &Settings, folder: &Path) -> Done<()> {
    let mut session = Session { protocol: Protocol::Udp, ..Session::for_tab() };
    session.local = Address::new("127.0.0.1", "0");
    let mut window = window(setup([session], &folder.join("peers"))?);
    act(&mut window, Action::Open);
    wait(&mut window, "an open session", Tab::is_open)?;
    let Phase::Open { local, .. } = window.state().state().tab().phase else { return Err("closed".into()) };
    let send = |n: u32, text: &str| -> Done<()> {
        let [_, high, middle, low] = (n + 2).to_be_bytes();
        let socket = UdpSocket::bind(SocketAddr::from(([127, high, middle, low], 0)))?;
        socket.send_to(text.as_bytes(), local.address())?;
        Ok(())
    };
    for n in 0..settings.peers {
        send(n, "hello")?;
        if n % 100 == 99 {
            let n = n as usize + 1;
            wait(&mut window, "its peers", |tab| tab.peers.len() >= n)?;
        }
    }
    act(&mut window, Action::ShowSide(Some(Side::Peers)));
    window.run_steps(100);
    let n = window.state().state().tab().peers.len() as u64;
    frames(&mut window, &format!("{} peers", grouped(n)), settings.frames, |_, _| send(1, "again"))
}

/// Measures frames, before each of which something moves.
fn frames(
    window: &mut Harness<'static, App>,
    what: &str,
    n: usize,
    mut moves: impl FnMut(&mut Harness<'static, App>, usize) -> Done<()>,
) -> Done<()> {
    let (mut layout, mut paint) = (Vec::new(), Vec::new());
    let ms = |begun: Instant| begun.elapsed().as_secs_f64() * 1000.0;
    for n in 0..n {
        moves(window, n)?;
        let begun = Instant::now();
        window.step();
        layout.push(ms(begun));
        let shapes = window.output().shapes.clone();
        let begun = Instant::now();
        drop(window.ctx.tessellate(shapes, 1.0));
        paint.push(ms(begun));
    }
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| quantile(&layout, share));
    println!("{what:<28} {p50:>10.2} {p99:>10.2} {max:>10.2} {:>14.2}", quantile(&paint, 0.5));
    Ok(())
}
