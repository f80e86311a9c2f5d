//! What the program is: version, licences, folders.

use std::path::PathBuf;

use egui::{RichText, Ui};

use super::lang::Lang;
use super::theme::Palette;
use super::{icons, widgets};
use crate::state::Action;

/// Of folders: what is in them, and a file there, which need not be.
pub(crate) fn about_ui(ui: &Ui, lang: Lang, folders: &[(&str, Option<PathBuf>)]) -> Vec<Action> {
    let title = format!("netassist {}", env!("CARGO_PKG_VERSION"));
    widgets::dialog(ui, ("about", &title), Action::ShowAbout(false), |ui, actions| {
        let weak = Palette::of(ui).weak;
        ui.label(lang.about_text());
        ui.add_space(6.0);
        for line in [lang.about_licences(), lang.about_fonts()] {
            ui.label(RichText::new(line).color(weak));
        }
        ui.add_space(6.0);
        for (name, file) in folders {
            let Some((file, folder)) = file.as_ref().and_then(|file| Some((file, file.parent()?))) else {
                continue;
            };
            widgets::from_the_right(ui, |ui| {
                let (open, tip) = (lang.open_folder(), lang.open_folder_tip());
                let sign = super::controls::tool(ui, (icons::FOLDER_OPEN, None), (true, false), (open, tip));
                if widgets::named(sign, &format!("{open}: {name}")).clicked() {
                    actions.push(Action::ShowFolder(file.clone()));
                }
                let text = format!("{name}  {}", folder.display());
                let (width, ink) = (ui.available_width(), Palette::of(ui).text);
                widgets::from_the_left(ui, |ui| {
                    widgets::elided(ui, &text, ink, width);
                });
            });
        }
        ui.add_space(6.0);
        if widgets::button(ui, lang.copy_diagnostics(), lang.copy_diagnostics_tip()) {
            actions.push(Action::CopyDiagnostics);
        }
        let words = (lang.close_list(), lang.close_list_tip());
        widgets::ends(ui, widgets::ENTER, None, (words, Action::ShowAbout(false)), actions);
    })
}
