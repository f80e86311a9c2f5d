//! The searchable list of checksums.

use egui::{Id, Key, PopupCloseBehavior, TextEdit, Ui};

use crate::codec::Checksum;
use crate::ui::lang::Lang;
use crate::ui::{controls, list};

pub(super) fn checksum_choice_ui(
    ui: &mut Ui,
    lang: Lang,
    (current, search): (Checksum, &mut String),
    label: Id,
) -> Option<Checksum> {
    let mut chosen = None;
    let combo = controls::combo_box("checksum")
        .selected_text(current.name())
        .width(ui.available_width().min(200.0))
        .truncate()
        .height(360.0)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let combo = list::show(ui, combo, |ui| {
        let begins = list::begins(ui);
        chosen = checksum_list_ui(ui, lang, (Some(current), begins), search);
        if chosen.is_some() {
            ui.close();
        }
    });
    combo.response.labelled_by(label).on_hover_text(lang.checksum_tip());
    chosen
}

pub(in crate::ui) fn checksum_list_ui(
    ui: &mut Ui,
    lang: Lang,
    (current, begins): (Option<Checksum>, bool),
    search: &mut String,
) -> Option<Checksum> {
    let mut chosen = None;
    let edit = TextEdit::singleline(search).hint_text(lang.checksum_search());
    let response = ui.add(edit).on_hover_text(lang.checksum_search_tip());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, lang.checksum_search()));
    if begins {
        response.request_focus();
    }
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let mut found = Checksum::ALL.iter().copied().filter(|checksum| matches(*checksum, search));
    if entered {
        chosen = found.next();
    } else {
        for checksum in found {
            if ui.selectable_label(Some(checksum) == current, title(checksum)).clicked() {
                chosen = Some(checksum);
            }
        }
    }
    if chosen.is_some() {
        search.clear();
    }
    chosen
}

fn title(checksum: Checksum) -> String {
    match checksum.aliases().first() {
        Some(alias) => format!("{} ({alias})", checksum.name()),
        None => checksum.name().to_owned(),
    }
}

/// Whether the name or an alias contains the search text. Case, dashes, slashes and blanks are ignored, so
/// that `crc16 modbus` finds CRC-16/MODBUS.
fn matches(checksum: Checksum, search: &str) -> bool {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(search);
    std::iter::once(checksum.name())
        .chain(checksum.aliases().iter().copied())
        .any(|name| plain(name).contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_any_name_finds_it() {
        let found = |search: &str| -> Vec<&str> {
            let all = Checksum::ALL.iter().filter(|checksum| matches(**checksum, search));
            all.map(|checksum| checksum.name()).collect()
        };
        assert_eq!(found("crc16 modbus"), ["CRC-16/MODBUS"]);
        assert_eq!(found("CCITT-false"), ["CRC-16/IBM-3740"]);
        assert_eq!(found("lrc"), ["SUM-8/NEGATED", "XOR-8"]);
        assert_eq!(found("").len(), Checksum::ALL.len());
        assert_eq!(found("nothing like it"), [""; 0]);
    }
}
