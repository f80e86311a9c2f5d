//! Conversations that were recorded before: a capture with given records, and a window that looks at it.

use std::net::SocketAddr;
use std::path::Path;

use netassist::journal::Writer;
use netassist::model::{Cast, Direction, FlowId, Origin, Recorder as _, Stamp, Transport};
use netassist::state::Phase;
use netassist::ui::lang::Lang;

use super::home::Home;
use super::window::Window;

/// What a capture is made of: who (0 or 1), which way, and what. There is a tenth of a second between two.
pub(crate) type Said<'a> = (u16, Direction, &'a [u8]);

/// What the peer of flow 0 said.
pub(crate) fn received(bytes: &[u8]) -> Said<'_> {
    (0, Direction::Received, bytes)
}

/// When record `n` of the data was.
pub(crate) fn stamp(n: usize) -> Stamp {
    Stamp(1_700_000_000_000_000_000 + n as u64 * 100_000_000)
}

/// The peer of a flow.
pub(crate) fn peer(n: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 2000 + n))
}

/// Writes a capture of two TCP connections; the data begins with record 2, behind two that tell of the
/// connections.
pub(crate) fn write(path: &Path, said: &[Said<'_>]) {
    let mut writer = Writer::create(path).unwrap();
    writer.begin("talk", "tcp-server 127.0.0.1:1000", stamp(0));
    let local = SocketAddr::from(([127, 0, 0, 1], 1000));
    let flows: Vec<FlowId> = (0..2)
        .map(|n| {
            let flow = writer.flow(Transport::Tcp, local, peer(n), Origin::Accepted, stamp(0)).id;
            writer.connected(flow, stamp(0));
            flow
        })
        .collect();
    for (n, (who, direction, bytes)) in said.iter().enumerate() {
        writer.data(flows[usize::from(*who)], *direction, Cast::Unicast, true, bytes, stamp(n));
    }
    writer.finish(Some(0), stamp(said.len()));
    writer.commit().unwrap();
}

/// A window that shows such a capture.
pub(crate) fn window(home: &mut Home, lang: Lang, said: &[Said<'_>]) -> Window {
    let path = home.path("talk.pcapng");
    write(&path, said);
    home.files = vec![path];
    let mut window = home.window(lang);
    window.wait_until("the whole capture", |window| {
        window.tab().phase == Phase::Viewing { loading: None }
            && window.tab().log.len() as usize >= said.len()
    });
    window.settle();
    window
}
