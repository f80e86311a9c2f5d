//! Icons of the window: a subset of Lucide, drawn with [`super::fonts::icons`]. assets/fonts/icons.py makes the list.

macro_rules! icons {
    ($($name:ident $text:literal;)+) => {
        $(#[doc = stringify!($name)] pub const $name: &str = $text;)+

        /// All icons with their names.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),+];
    };
}

icons! {
    ARROW_DOWN "\u{E042}"; ARROW_DOWN_TO_LINE "\u{E455}"; ARROW_LEFT "\u{E048}";
    ARROW_LEFT_RIGHT "\u{E24A}"; ARROW_RIGHT "\u{E049}"; ARROW_UP "\u{E04A}"; BAN "\u{E051}";
    BELL "\u{E059}"; BINARY "\u{E1F2}"; BRACES "\u{E36A}"; BUG "\u{E20C}"; CHART_LINE "\u{E2A5}";
    CHECK "\u{E06C}"; CHEVRON_DOWN "\u{E06D}"; CHEVRON_LEFT "\u{E06E}"; CHEVRON_RIGHT "\u{E06F}";
    CHEVRON_UP "\u{E070}"; CIRCLE_CHECK "\u{E226}"; CIRCLE_DOT "\u{E345}"; CIRCLE_PAUSE "\u{E07F}";
    CIRCLE_QUESTION_MARK "\u{E082}"; CIRCLE_STOP "\u{E083}"; CIRCLE_X "\u{E084}"; CLOCK "\u{E087}";
    COLUMNS_2 "\u{E098}"; COMBINE "\u{E44C}"; COPY "\u{E09E}"; CROSSHAIR "\u{E0AC}"; DOWNLOAD "\u{E0B2}";
    ELLIPSIS "\u{E0B6}"; ERASER "\u{E28F}"; EXTERNAL_LINK "\u{E0B9}"; EYE_OFF "\u{E0BB}";
    FILE "\u{E0C0}"; FILE_CLOCK "\u{E315}"; FILE_DOWN "\u{E318}"; FLAG "\u{E0D1}";
    FOLDER_CLOCK "\u{E32F}"; FOLDER_OPEN "\u{E247}"; GLOBE "\u{E0E8}"; GRIP_VERTICAL "\u{E0EB}";
    HARD_DRIVE "\u{E0ED}"; HISTORY "\u{E1F5}"; HOUSE "\u{E0F5}"; INFO "\u{E0F9}"; KEYBOARD "\u{E284}";
    LANGUAGES "\u{E0FE}"; LIST_FILTER "\u{E460}"; LIST_ORDERED "\u{E1D1}"; LOCK "\u{E10B}";
    LOG_OUT "\u{E10E}"; MAXIMIZE_2 "\u{E113}"; MENU "\u{E115}"; MESSAGE_SQUARE "\u{E117}";
    MINUS "\u{E11C}"; PANEL_LEFT_CLOSE "\u{E21C}"; PANEL_LEFT_OPEN "\u{E21D}"; PAPERCLIP "\u{E12D}";
    PAUSE "\u{E12E}"; PENCIL "\u{E1F9}"; PIN "\u{E259}"; PLAY "\u{E13C}"; PLUG "\u{E37F}";
    PLUS "\u{E13D}"; RADIO "\u{E142}"; REPEAT "\u{E146}"; REPLY "\u{E22A}"; ROTATE_CCW "\u{E148}";
    SAVE "\u{E14D}"; SCAN_SEARCH "\u{E537}"; SEARCH "\u{E151}"; SEND "\u{E152}"; SERVER "\u{E153}";
    SETTINGS "\u{E154}"; SHIELD_CHECK "\u{E1FF}"; SQUARE "\u{E167}"; STAR "\u{E176}";
    TEXT_SEARCH "\u{E5AD}"; TIMER "\u{E1E0}"; TRASH_2 "\u{E18E}"; TRIANGLE_ALERT "\u{E193}";
    UNDO_2 "\u{E2A1}"; UNPLUG "\u{E45D}"; UPLOAD "\u{E19E}"; USER "\u{E19F}"; USERS "\u{E1A4}";
    WIFI_OFF "\u{E1AF}"; X "\u{E1B2}"; ZAP "\u{E1B4}";
}
