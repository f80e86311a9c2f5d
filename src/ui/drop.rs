//! Files dragged over the window: shows what dropping them will do, and where. A file is judged by its name
//! only.

use std::path::Path;

use egui::{Align2, FontId, Id, LayerId, Order, Rect, Stroke, StrokeKind, Ui};

use super::lang::Lang;
use super::theme::Palette;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dragged {
    /// A capture or a workspace: it can be opened, or sent as any file.
    Openable,
    File,
}

impl Dragged {
    pub(crate) fn of(path: &Path) -> Self {
        const OPENABLE: [&str; 5] = ["pcapng", "pcap", "cap", "ntar", "toml"];
        // A compressed capture.
        let inner = path.file_stem().map(Path::new).filter(|stem| stem.extension().is_some());
        let is_packed = path
            .extension()
            .is_some_and(|name| ["gz", "zst"].iter().any(|known| name.eq_ignore_ascii_case(known)));
        let path = inner.filter(|_| is_packed).unwrap_or(path);
        let extension = path.extension().and_then(|name| name.to_str()).unwrap_or_default();
        let is_openable = OPENABLE.iter().any(|known| known.eq_ignore_ascii_case(extension));
        if is_openable { Self::Openable } else { Self::File }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    pub(crate) log: Rect,
    pub(crate) send: Option<Rect>,
}

/// Covers the window with what dropping will do, as far as the dragged file is known.
pub(crate) fn drop_ui(ui: &Ui, lang: Lang, dragged: Option<Dragged>, places: Places) {
    match (dragged, places.send) {
        (Some(Dragged::File), Some(send)) => zone(ui, places.log.union(send), lang.drop_anywhere()),
        (_, send) => {
            zone(ui, places.log, lang.drop_opens());
            if let Some(send) = send {
                zone(ui, send, lang.drop_sends());
            }
        }
    }
}

fn zone(ui: &Ui, rect: Rect, words: &str) {
    let palette = Palette::of(ui);
    let rect = rect.shrink(4.0);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    painter.rect_filled(rect, 6.0, palette.panel.gamma_multiply(0.9));
    painter.rect_stroke(rect, 6.0, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    painter.text(rect.center(), Align2::CENTER_CENTER, words, FontId::proportional(18.0), palette.text);
    // Painted text is invisible to screen readers; this exposes it.
    let id = Id::unique(("drop", words, rect.min.x.to_bits(), rect.min.y.to_bits()));
    let response = ui.interact(rect, id, egui::Sense::empty());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_judged_by_its_name() {
        for (name, dragged) in [
            ("a.pcapng", Dragged::Openable),
            ("/x/A.PCAP", Dragged::Openable),
            ("a.cap", Dragged::Openable),
            ("lab.toml", Dragged::Openable),
            ("a.bin", Dragged::File),
            ("pcap", Dragged::File),
            ("a.pcapng.gz", Dragged::Openable),
            ("a.PCAP.ZST", Dragged::Openable),
            ("a.gz", Dragged::File),
            ("a.tar.gz", Dragged::File),
            ("", Dragged::File),
        ] {
            assert_eq!(Dragged::of(Path::new(name)), dragged, "{name}");
        }
    }
}
