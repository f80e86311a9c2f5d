//! What a window needs around it: a home, answers to dialogs, peers.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui_kittest::Harness;
use netassist::app::dialogs::Dialogs;
use netassist::app::{App, Setup};
use netassist::journal::Store;
use netassist::model::Protocol;
use netassist::ui::lang::Lang;
use tempfile::TempDir;

use super::pictures::canvas::Canvas;
use super::window::{PATIENCE, SIZE, Window};

/// What a person would answer to the system's dialogs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    pub(crate) save: Option<PathBuf>,
    pub(crate) open: Option<PathBuf>,
    /// Takes the folders that are shown.
    pub(crate) shown: Option<crossbeam_channel::Sender<PathBuf>>,
    /// Why none can be shown.
    pub(crate) no_folder: Option<&'static str>,
}

impl Dialogs for Answers {
    fn save(&self, _suggested: &Path, _extension: &str) -> Option<PathBuf> {
        self.save.clone()
    }

    fn open(&self) -> Option<PathBuf> {
        self.open.clone()
    }

    fn show_folder(&self, folder: &Path) -> std::io::Result<()> {
        self.shown.iter().for_each(|shown| shown.send(folder.to_owned()).unwrap());
        self.no_folder.map_or(Ok(()), |why| Err(std::io::Error::other(why)))
    }
}

/// What outlives a window: its settings and captures.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) answers: Answers,
    pub(crate) files: Vec<PathBuf>,
    /// What takes pictures of its windows.
    pub(crate) canvas: Option<Canvas>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), answers: Answers::default(), files: Vec::new(), canvas: None }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn window(&self, lang: Lang) -> Window {
        let setup = Setup {
            settings_path: Some(self.path("settings.toml")),
            state_folder: Some(self.path("state")),
            store: Store::at(self.path("captures")),
            documents: self.folder.path().to_owned(),
            dialogs: Arc::new(self.answers.clone()),
            locale: Some(lang.tag().to_owned()),
            zone: jiff::tz::TimeZone::UTC,
            files: self.files.clone(),
        };
        let mut builder = Harness::builder().with_size(SIZE);
        if let Some(canvas) = &self.canvas {
            builder = builder.renderer(canvas.clone());
        }
        let harness = builder.build_eframe(move |context| App::new(&context.egui_ctx, setup));
        Window { harness, lang }
    }
}

/// A plain client of that server.
pub(crate) fn call(server: SocketAddr) -> TcpStream {
    let client = TcpStream::connect_timeout(&server, PATIENCE).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client
}

/// Reads exactly so many bytes.
pub(crate) fn read(mut stream: impl std::io::Read, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Reads until the other side has closed.
pub(crate) fn read_to_end(mut stream: impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

/// A server with one client that has just been accepted.
#[track_caller]
pub(crate) fn server_with_client(home: &Home, lang: Lang) -> (Window, TcpStream) {
    let mut window = home.window(lang);
    let server = window.open(Protocol::TcpServer);
    let client = call(server);
    window.wait_peers(1);
    (window, client)
}

/// What another room says, in the language of the window.
pub(crate) fn pick<'a>(lang: Lang, en: &'a str, zh_cn: &'a str) -> &'a str {
    match lang {
        Lang::En => en,
        Lang::ZhCn | Lang::ZhTw => zh_cn,
    }
}
