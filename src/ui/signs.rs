//! The icon of what one can do, the same wherever one does it.

use super::icons;
use super::toolbar::Menu;
use crate::model::Protocol;
use crate::state::{Action, Beginning, FileFor, PaletteMode, Side, StripAction, TabPlace};

/// The icon of a page of the dock.
pub(crate) fn of_side(side: Side) -> &'static str {
    match side {
        Side::Inspect => icons::SCAN_SEARCH,
        Side::Rules => icons::ZAP,
        Side::Quick => icons::LIST_ORDERED,
        Side::History => icons::CLOCK,
        Side::Faults => icons::BUG,
        Side::Peers => icons::USERS,
    }
}

/// The icon of a kind of session.
pub(crate) fn of_protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::TcpClient => icons::PLUG,
        Protocol::TcpServer => icons::SERVER,
        Protocol::Udp => icons::RADIO,
        Protocol::TcpRelay | Protocol::UdpRelay => icons::ARROW_LEFT_RIGHT,
    }
}

/// The icon of a menu, empty if it has none.
pub(crate) fn of_menu(menu: Menu) -> &'static str {
    match menu {
        Menu::Framing => icons::COMBINE,
        Menu::Filter => icons::LIST_FILTER,
        Menu::SendCharset => icons::LANGUAGES,
        Menu::Append => "",
    }
}

/// The icon of an action, empty if it has none.
pub(crate) fn of(action: &Action) -> &'static str {
    match action {
        Action::NewTab => icons::PLUS,
        Action::Split => icons::COLUMNS_2,
        Action::MoveTab(_, TabPlace::Window) => icons::EXTERNAL_LINK,
        Action::Attach(_) => icons::HOUSE,
        Action::FoldLeft(true) => icons::PANEL_LEFT_CLOSE,
        Action::FoldLeft(false) => icons::PANEL_LEFT_OPEN,
        Action::ShowRecent(_) => icons::FOLDER_CLOCK,
        Action::ShowPalette(Some(PaletteMode::Commands)) => icons::SEARCH,
        Action::ShowPalette(Some(PaletteMode::Places)) => icons::CROSSHAIR,
        Action::ShowFind(_) | Action::NextHit { .. } => icons::TEXT_SEARCH,
        Action::SetFilter(_) => of_menu(Menu::Filter),
        Action::SetCharset(_) | Action::SetPeerCharset(..) => icons::LANGUAGES,
        Action::Pause(_) => icons::PAUSE,
        Action::Hold(_) => icons::ARROW_DOWN_TO_LINE,
        Action::Clear | Action::FillSendBox(_) => icons::ERASER,
        Action::ShowSave(_) => icons::SAVE,
        Action::ShowFolder(_) => icons::FOLDER_OPEN,
        Action::ResetCounters => icons::ROTATE_CCW,
        Action::Send | Action::SendEmpty | Action::SendTo(_) => icons::SEND,
        Action::Browse(FileFor::Send) => icons::PAPERCLIP,
        Action::StartCycle => icons::REPEAT,
        Action::StopCycle(_) | Action::StopCycles => icons::SQUARE,
        Action::Held(_) => icons::CIRCLE_PAUSE,
        Action::ShowSide(Some(side)) => of_side(*side),
        Action::Begin(Beginning::Session(protocol)) => of_protocol(*protocol),
        Action::Begin(Beginning::Chat) => icons::MESSAGE_SQUARE,
        Action::Begin(Beginning::Again(_)) | Action::Strip(StripAction::Resume(_)) => icons::PLAY,
        Action::TakeExample(_) => icons::ZAP,
        Action::OpenCapture(_) => icons::FILE_CLOCK,
        _ => "",
    }
}
